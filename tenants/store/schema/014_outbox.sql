-- SPDX-License-Identifier: Apache-2.0
--
-- Messages of the exchange beside query and answer (enum vrx_envelope_kind, 3 to 5): those that go
-- out until they are acknowledged, and those that came in, each once by (sender, kind, id).
-- resident: whom the message is about, NULL where it is about nobody. state: 1 waiting, 2 done,
-- 3 expired. digest: SHA-256 of the signed content, which an acknowledgement names.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 3 AND 5),
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

CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_resident ON outbox (resident) WHERE resident IS NOT NULL;

CREATE TABLE arrival (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 3 AND 5),
    message_id BLOB NOT NULL CHECK (length(message_id) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    acknowledgement BLOB NOT NULL,
    arrived_at INTEGER NOT NULL,
    UNIQUE (sender, kind, message_id)
) STRICT;

CREATE INDEX arrival_time ON arrival (arrived_at);

-- SHA-256 of the signed answer, which the asker's receipt names: the answer itself is kept sealed.
ALTER TABLE transfer_in ADD COLUMN answer_digest BLOB CHECK (length(answer_digest) = 32);
-- What both ends' receipts say of it: the permit that was applied, the permit table it stands in,
-- whether it is one without consent.
ALTER TABLE transfer_in ADD COLUMN permit_id TEXT NOT NULL DEFAULT '';
ALTER TABLE transfer_in ADD COLUMN permit_table_digest BLOB CHECK (length(permit_table_digest) = 32);
ALTER TABLE transfer_in ADD COLUMN without_consent INTEGER NOT NULL DEFAULT 0 CHECK (without_consent IN (0, 1));
ALTER TABLE transfer_out ADD COLUMN without_consent INTEGER NOT NULL DEFAULT 0 CHECK (without_consent IN (0, 1));
