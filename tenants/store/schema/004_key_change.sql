-- SPDX-License-Identifier: Apache-2.0
--
-- Changes of the key that the municipality signs with. entry: where the ledger says so; what was
-- signed as a checkpoint before covers no more entries than that. Nobody goes back to a key.
CREATE TABLE key_change (
    entry INTEGER PRIMARY KEY CHECK (entry >= 0),
    old_kid BLOB NOT NULL UNIQUE CHECK (length(old_kid) = 8),
    new_kid BLOB NOT NULL UNIQUE CHECK (length(new_kid) = 8),
    changed_at INTEGER NOT NULL
) STRICT;
