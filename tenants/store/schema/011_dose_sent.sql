-- SPDX-License-Identifier: Apache-2.0
--
-- Which dose went to whom, in which answer, and what was said of it last. dose: the version that
-- left; head: the one that stands for it now. items: bits of enum vrx_data_item that were asked for.
-- told: digest of the dose as the other side was told last, NULL once it was withdrawn. owed: the
-- other side has not been told yet what it is now.
CREATE TABLE dose_sent (
    id INTEGER PRIMARY KEY,
    resident INTEGER NOT NULL REFERENCES resident,
    dose INTEGER NOT NULL REFERENCES dose ON DELETE CASCADE,
    head INTEGER NOT NULL REFERENCES dose ON DELETE CASCADE,
    destination TEXT NOT NULL,
    query_id BLOB NOT NULL CHECK (length(query_id) = 16),
    answer_digest BLOB NOT NULL CHECK (length(answer_digest) = 32),
    items INTEGER NOT NULL CHECK (items > 0),
    as_sent BLOB NOT NULL CHECK (length(as_sent) = 32),
    sent_at INTEGER NOT NULL,
    told BLOB CHECK (length(told) = 32),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    told_at INTEGER NOT NULL,
    owed INTEGER NOT NULL CHECK (owed IN (0, 1)),
    UNIQUE (destination, query_id, as_sent),
    FOREIGN KEY (destination, query_id) REFERENCES transfer_in (sender, query_id)
        ON DELETE CASCADE
) STRICT;

CREATE INDEX dose_sent_dose ON dose_sent (dose);
CREATE INDEX dose_sent_head ON dose_sent (head);
CREATE INDEX dose_sent_of_resident ON dose_sent (resident);
CREATE INDEX dose_sent_owed ON dose_sent (id) WHERE owed = 1;
