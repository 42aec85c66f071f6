-- SPDX-License-Identifier: Apache-2.0
--
-- The people who log in. version counts every change but a log-in: what was read of an operator
-- before their PIN was tried still holds when it is the same afterwards. used_step: of the last code
-- that opened; no code opens that is not later.
CREATE TABLE operator (
    id INTEGER PRIMARY KEY,
    operator TEXT NOT NULL UNIQUE CHECK (length(operator) BETWEEN 1 AND 64),
    name TEXT NOT NULL,
    roles INTEGER NOT NULL CHECK (roles BETWEEN 2 AND 254 AND roles & 1 = 0),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),
    pin_verifier TEXT NOT NULL,
    pin_change_due INTEGER NOT NULL CHECK (pin_change_due IN (0, 1)),
    totp_secret BLOB NOT NULL CHECK (length(totp_secret) = 20),
    used_step INTEGER NOT NULL,
    version INTEGER NOT NULL,
    log_ins INTEGER NOT NULL,
    last_log_in_at INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- Attempts to log in that count as failures until they went well, also those with the id of nobody.
-- what: digest of a terminal, or of a terminal and an id.
CREATE TABLE log_in_attempt (
    what BLOB PRIMARY KEY CHECK (length(what) = 32),
    failures INTEGER NOT NULL CHECK (failures >= 1),
    began_at INTEGER NOT NULL,
    wait_until INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX log_in_attempt_by_age ON log_in_attempt (last_at);
