-- SPDX-License-Identifier: Apache-2.0
--
-- Retention periods and erasures. An erasure outlives what it erases and so refers to none of it:
-- it holds no resident, no number and no token.

-- Periods that the municipality set; the others are those of retention.c. 0 days: kept for ever.
CREATE TABLE retention (
    class INTEGER PRIMARY KEY CHECK (class BETWEEN 1 AND 8),
    days INTEGER NOT NULL CHECK (days BETWEEN 0 AND 73000),
    changed_at INTEGER NOT NULL
) STRICT;

-- States in erasure.h. walked: the resident up to whom the walk has come.
CREATE TABLE erasure (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    what INTEGER NOT NULL CHECK (what BETWEEN 1 AND 8),
    reason INTEGER NOT NULL CHECK (reason BETWEEN 1 AND 2),
    order_text TEXT NOT NULL,
    days INTEGER NOT NULL,
    cutoff INTEGER NOT NULL,
    operator TEXT NOT NULL,
    terminal TEXT NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
    walked INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    size_before INTEGER NOT NULL,
    root_before BLOB NOT NULL CHECK (length(root_before) = 32),
    certificate BLOB,
    CHECK ((state = 4) = (ended_at IS NOT NULL)),
    CHECK ((state = 4) = (certificate IS NOT NULL))
) STRICT;

-- One walk of a class at a time, so that running it again is going on with it.
CREATE UNIQUE INDEX erasure_under_way ON erasure (what) WHERE reason = 1 AND state < 4;

CREATE TABLE erased_rows (
    erasure BLOB NOT NULL REFERENCES erasure,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 12),
    rows INTEGER NOT NULL CHECK (rows > 0),
    PRIMARY KEY (erasure, kind)
) STRICT, WITHOUT ROWID;

-- What is erased is found by its resident, and what refers to it by what it refers to.
CREATE INDEX evidence_of_resident ON evidence (resident);
CREATE INDEX consent_of_resident ON consent (resident);
CREATE INDEX consent_of_evidence ON consent (evidence);
CREATE INDEX application_of_resident ON application (resident);
CREATE INDEX application_of_evidence ON application (evidence);
CREATE INDEX transfer_out_of_resident ON transfer_out (resident);
CREATE INDEX transfer_out_of_consent ON transfer_out (consent);
CREATE INDEX transfer_out_of_evidence ON transfer_out (evidence);
CREATE INDEX transfer_in_of_resident ON transfer_in (resident);
