-- SPDX-License-Identifier: Apache-2.0
--
-- One municipality's records. Times are seconds since 1970-01-01T00:00:00Z, dates days since
-- 1970-01-01. Numbers of states and kinds are those of the enums in the header of the same name.
-- What is corrected is kept: residents in resident_history, doses as rows of their own.

CREATE TABLE vault (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    municipality TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE resident (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    addressee INTEGER NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    birth_date INTEGER NOT NULL,
    sex INTEGER NOT NULL,
    address TEXT NOT NULL,
    moved_out INTEGER,
    no_automatic_answer INTEGER NOT NULL CHECK (no_automatic_answer IN (0, 1)),
    no_self_disclosure INTEGER NOT NULL CHECK (no_self_disclosure IN (0, 1)),
    recorded_at INTEGER NOT NULL
) STRICT;

-- The earlier versions, column for column.
CREATE TABLE resident_history (
    id INTEGER NOT NULL REFERENCES resident,
    version INTEGER NOT NULL,
    addressee INTEGER NOT NULL,
    name TEXT NOT NULL,
    kana TEXT NOT NULL,
    birth_date INTEGER NOT NULL,
    sex INTEGER NOT NULL,
    address TEXT NOT NULL,
    moved_out INTEGER,
    no_automatic_answer INTEGER NOT NULL,
    no_self_disclosure INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

-- The only place of the individual number. Found by its blind index, HMAC-SHA256 under the index
-- key, so that no index of SQLite orders people by their numbers.
CREATE TABLE individual_number (
    resident INTEGER PRIMARY KEY REFERENCES resident,
    blind BLOB NOT NULL UNIQUE CHECK (length(blind) = 32),
    number TEXT NOT NULL
) STRICT;

-- Ties a resident to the ledger's entries about them; destroyed when the resident is erased.
CREATE TABLE audit_salt (
    resident INTEGER PRIMARY KEY REFERENCES resident,
    salt BLOB NOT NULL CHECK (length(salt) = 32)
) STRICT;

-- A row is one version of a dose and never changes but for its state, its end and its position in
-- the ledger.
CREATE TABLE dose (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL REFERENCES resident,
    version INTEGER NOT NULL,
    corrects INTEGER UNIQUE REFERENCES dose,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    dose_number INTEGER NOT NULL CHECK (dose_number BETWEEN 1 AND 99),
    administered_on INTEGER NOT NULL,
    product INTEGER NOT NULL,
    lot TEXT NOT NULL,
    venue TEXT NOT NULL,
    physician TEXT NOT NULL,
    ticket TEXT NOT NULL,
    maker TEXT NOT NULL,
    administered_by TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    source INTEGER NOT NULL CHECK (source BETWEEN 1 AND 3),
    source_municipality TEXT,
    source_digest BLOB CHECK (length(source_digest) = 32),
    recorded_at INTEGER NOT NULL,
    ended_at INTEGER,
    salt BLOB NOT NULL CHECK (length(salt) = 32),
    ledger_index INTEGER UNIQUE,
    CHECK ((state = 1) = (ended_at IS NULL))
) STRICT;

CREATE INDEX dose_of_resident ON dose (resident, administered_on);
CREATE UNIQUE INDEX dose_recorded_once ON dose (resident, administered_on, product, lot)
    WHERE state = 1;

CREATE TABLE evidence (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    resident INTEGER NOT NULL REFERENCES resident,
    subject_salt BLOB NOT NULL CHECK (length(subject_salt) = 32),
    object BLOB NOT NULL,
    recorded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE consent (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    resident INTEGER NOT NULL REFERENCES resident,
    evidence BLOB NOT NULL REFERENCES evidence,
    object BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),
    recorded_at INTEGER NOT NULL,
    revocation BLOB,
    revoked_at INTEGER,
    CHECK ((state = 2) = (revoked_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE application (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    resident INTEGER NOT NULL REFERENCES resident,
    evidence BLOB NOT NULL REFERENCES evidence,
    object BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    recorded_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    uvci TEXT PRIMARY KEY,
    application BLOB NOT NULL UNIQUE REFERENCES application,
    resident INTEGER NOT NULL REFERENCES resident,
    text TEXT NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    CHECK ((state = 2) = (revoked_at IS NOT NULL))
) STRICT;

CREATE INDEX certificate_of_resident ON certificate (resident, issued_at);

-- Both roles of the exchange keep what is sent before it is sent: a restart goes on from here.
CREATE TABLE transfer_out (
    id INTEGER PRIMARY KEY,
    query_id BLOB NOT NULL UNIQUE CHECK (length(query_id) = 16),
    origin TEXT NOT NULL,
    resident INTEGER NOT NULL REFERENCES resident,
    consent BLOB REFERENCES consent,
    evidence BLOB REFERENCES evidence,
    query BLOB NOT NULL,
    query_digest BLOB NOT NULL CHECK (length(query_digest) = 32),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),
    reason INTEGER NOT NULL,
    clause TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    next_attempt_at INTEGER,
    attempts INTEGER NOT NULL,
    answer BLOB,
    answer_digest BLOB CHECK (length(answer_digest) = 32),
    receipt BLOB,
    doses_imported INTEGER NOT NULL,
    doses_known INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX transfer_out_due ON transfer_out (next_attempt_at) WHERE next_attempt_at IS NOT NULL;

CREATE TABLE transfer_in (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    query_id BLOB NOT NULL CHECK (length(query_id) = 16),
    query_digest BLOB NOT NULL CHECK (length(query_digest) = 32),
    nonce BLOB NOT NULL UNIQUE CHECK (length(nonce) = 16),
    resident INTEGER REFERENCES resident,
    query BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),
    reason INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    due_at INTEGER,
    answer BLOB,
    receipt BLOB,
    changed_at INTEGER NOT NULL,
    UNIQUE (sender, query_id)
) STRICT;

CREATE INDEX transfer_in_state ON transfer_in (state);
CREATE INDEX transfer_in_due ON transfer_in (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE terminal (
    id INTEGER PRIMARY KEY,
    spki_sha256 BLOB NOT NULL UNIQUE CHECK (length(spki_sha256) = 32),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 5),
    label TEXT NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 2),
    registered_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
