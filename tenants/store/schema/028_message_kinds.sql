-- SPDX-License-Identifier: Apache-2.0
--
-- Messages of the exchange have two kinds more (enum vrx_envelope_kind): a query for a certificate
-- and the reply to it. A check cannot be changed in place: both tables are written anew, with what
-- is in them.
CREATE TABLE outbox_of_7 (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 3 AND 7),
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    resident INTEGER REFERENCES resident,
    envelope BLOB NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    next_attempt_at INTEGER,
    attempts INTEGER NOT NULL,
    reason INTEGER NOT NULL,
    acknowledgement BLOB,
    changed_at INTEGER NOT NULL,
    UNIQUE (receiver, kind, message_id),
    CHECK (deadline > created_at),
    CHECK ((state = 1) = (next_attempt_at IS NOT NULL)),
    CHECK ((state = 2) = (acknowledgement IS NOT NULL))
) STRICT;
INSERT INTO outbox_of_7 SELECT id, receiver, kind, message_id, resident, envelope, digest, state,
    created_at, deadline, next_attempt_at, attempts, reason, acknowledgement, changed_at FROM outbox;
DROP TABLE outbox;
ALTER TABLE outbox_of_7 RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_resident ON outbox (resident) WHERE resident IS NOT NULL;

CREATE TABLE arrival_of_7 (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 3 AND 7),
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    acknowledgement BLOB NOT NULL,
    arrived_at INTEGER NOT NULL,
    UNIQUE (sender, kind, message_id)
) STRICT;
INSERT INTO arrival_of_7 SELECT id, sender, kind, message_id, digest, acknowledgement, arrived_at
    FROM arrival;
DROP TABLE arrival;
ALTER TABLE arrival_of_7 RENAME TO arrival;
CREATE INDEX arrival_time ON arrival (arrived_at);
