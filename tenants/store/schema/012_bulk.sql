-- SPDX-License-Identifier: Apache-2.0
--
-- Lists of movers whose doses are asked for in bulk (bulk.h). A list's rows never change but for
-- their state. at: the number of the last row that was looked at or asked; digest: over the rows
-- that came; checked: over those that were looked at again. What a row became is its transfer's to
-- say, which has the row's query id.
CREATE TABLE bulk_list (
    key INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 8),
    row_count INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    at INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    turned_down INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    checked BLOB NOT NULL CHECK (length(checked) = 32),
    object BLOB,
    operator TEXT NOT NULL CHECK (operator <> ''),
    terminal TEXT NOT NULL CHECK (terminal <> ''),
    begun_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    CHECK ((state = 1) = (object IS NULL)),
    CHECK ((state > 4) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX bulk_list_open ON bulk_list (state) WHERE state <= 4;
CREATE INDEX bulk_list_begun ON bulk_list (begun_at);

-- state: 1 waits, 2 refused, 3 asked. A row that was refused when it came has no query id.
CREATE TABLE bulk_row (
    list INTEGER NOT NULL REFERENCES bulk_list ON DELETE CASCADE,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    query_id BLOB UNIQUE CHECK (length(query_id) = 16),
    resident INTEGER REFERENCES resident,
    origin TEXT,
    consent BLOB,
    evidence BLOB,
    items INTEGER,
    state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
    reason INTEGER NOT NULL,
    clause TEXT NOT NULL,
    PRIMARY KEY (list, number),
    CHECK ((query_id IS NULL) = (resident IS NULL)),
    CHECK (state = 2 OR query_id IS NOT NULL),
    CHECK ((state = 2) = (reason > 0))
) STRICT, WITHOUT ROWID;

CREATE INDEX bulk_row_of_resident ON bulk_row (resident) WHERE resident IS NOT NULL;

ALTER TABLE transfer_out ADD COLUMN bulk INTEGER REFERENCES bulk_list ON DELETE SET NULL;
CREATE INDEX transfer_out_of_bulk ON transfer_out (bulk, state) WHERE bulk IS NOT NULL;
