-- SPDX-License-Identifier: Apache-2.0
--
-- The law that this municipality has decided by, by digest (law_text.h). kind: 1 directory, 2 permit
-- table. text: the signed table; NULL for a directory, which is large and the same for every
-- municipality of a daemon: that keeps them as files.
CREATE TABLE law_text (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 2),
    version INTEGER NOT NULL,
    used_from INTEGER NOT NULL,
    text BLOB,
    CHECK ((kind = 2) = (text IS NOT NULL))
) STRICT;

CREATE INDEX law_text_used ON law_text (kind, used_from);

-- The same as transfer_out_of_consent.
DROP INDEX transfer_out_consent;
