-- SPDX-License-Identifier: Apache-2.0
--
-- What officers must look at before an answer leaves: one row for each query that is not answered at
-- once, also where nobody was found (transfer_in.resident is NULL), so that both cost the same.
-- States in approval.h. digest: of what the first officer agreed to.
CREATE TABLE approval (
    transfer INTEGER PRIMARY KEY REFERENCES transfer_in ON DELETE CASCADE,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
    opened_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    digest BLOB CHECK (length(digest) = 32),
    first_by TEXT CHECK (first_by <> ''),
    first_terminal TEXT,
    first_at INTEGER,
    ended_by TEXT CHECK (ended_by <> ''),
    ended_terminal TEXT,
    ended_at INTEGER,
    CHECK (state <> 3 OR first_by <> ended_by),
    CHECK ((first_by IS NULL) = (digest IS NULL)),
    CHECK ((first_by IS NULL) = (first_at IS NULL)),
    CHECK (state NOT IN (2, 3) OR first_by IS NOT NULL),
    CHECK (state NOT IN (3, 4) OR ended_by IS NOT NULL),
    CHECK ((state > 2) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX approval_by_state ON approval (state, closes_at);
