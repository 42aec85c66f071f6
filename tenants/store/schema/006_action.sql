-- SPDX-License-Identifier: Apache-2.0
--
-- What one operator asked for and another must agree to. roles: who may, bits of enum vrx_role.
-- digest: SHA-256(salt, method, 0, request); salt and request go when the action ends, because a
-- request may name a person and an ended one is of no further use. expires_at: when the present
-- state ends by itself.
CREATE TABLE action (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    method TEXT NOT NULL,
    roles INTEGER NOT NULL CHECK (roles > 0),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    salt BLOB CHECK (length(salt) = 32),
    request BLOB,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 6),
    asked_by TEXT NOT NULL CHECK (asked_by <> ''),
    asked_terminal TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    answered_by TEXT,
    answered_terminal TEXT,
    answered_at INTEGER,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK (answered_by <> asked_by),
    CHECK ((answered_by IS NULL) = (answered_at IS NULL)),
    CHECK (state NOT IN (2, 3, 5) OR answered_by IS NOT NULL),
    CHECK ((state > 2) = (ended_at IS NOT NULL)),
    CHECK ((state > 2) = (request IS NULL)),
    CHECK ((state > 2) = (salt IS NULL))
) STRICT;

CREATE INDEX action_open ON action (asked_by, method) WHERE state <= 2;
