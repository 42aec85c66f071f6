-- SPDX-License-Identifier: Apache-2.0
--
-- Certificates of one application by several municipalities. state: 1 waiting, 2 issued, 3 refused,
-- 4 no record, 5 expired (store/elsewhere.h).

-- Where the application was made: what another municipality was asked, and its reply as it was
-- signed, with the certificates in it.
CREATE TABLE certificate_out (
    id INTEGER PRIMARY KEY,
    query_id BLOB NOT NULL UNIQUE CHECK (length(query_id) = 16),
    application BLOB NOT NULL REFERENCES application,
    resident INTEGER NOT NULL REFERENCES resident,
    origin TEXT NOT NULL,
    consent BLOB REFERENCES consent,
    query_digest BLOB NOT NULL CHECK (length(query_digest) = 32),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    reason INTEGER NOT NULL,
    clause TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    reply BLOB,
    expires_at INTEGER, -- of the certificates
    changed_at INTEGER NOT NULL,
    UNIQUE (application, origin),
    CHECK (deadline > created_at),
    CHECK ((state = 3) = (reason > 0)),
    CHECK ((state = 2) = (expires_at IS NOT NULL)),
    CHECK (state <> 2 OR reply IS NOT NULL)
) STRICT;
CREATE INDEX certificate_out_waiting ON certificate_out (deadline) WHERE state = 1;
CREATE INDEX certificate_out_resident ON certificate_out (resident);
CREATE INDEX certificate_out_consent ON certificate_out (consent) WHERE consent IS NOT NULL;

-- Who is asked: the query as it came, sealed. may_issue: whether there was somebody whose doses may
-- be certified; due_at: when to look at what waits next; tell_at: when it is told that there is no
-- record, which follows from its arrival alone. filed: as in transfer_in.
CREATE TABLE certificate_in (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    query_id BLOB NOT NULL CHECK (length(query_id) = 16),
    nonce BLOB NOT NULL UNIQUE CHECK (length(nonce) = 16),
    application BLOB NOT NULL CHECK (length(application) = 16),
    resident INTEGER REFERENCES resident,
    may_issue INTEGER NOT NULL CHECK (may_issue IN (0, 1)),
    consent BLOB CHECK (length(consent) = 16),
    query BLOB NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    reason INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    tell_at INTEGER NOT NULL,
    due_at INTEGER,
    changed_at INTEGER NOT NULL,
    filed INTEGER AS (coalesce(resident, -1 - (id * 40503 & 1048575))) VIRTUAL,
    UNIQUE (sender, query_id),
    UNIQUE (sender, application),
    CHECK ((state = 3) = (reason > 0)),
    CHECK ((state = 1) = (due_at IS NOT NULL)),
    CHECK (may_issue = 0 OR resident IS NOT NULL)
) STRICT;
CREATE INDEX certificate_in_due ON certificate_in (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX certificate_in_filed ON certificate_in (filed);
