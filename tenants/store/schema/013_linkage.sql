-- SPDX-License-Identifier: Apache-2.0
--
-- Under which codes this municipality and another one know a person between each other (linkage.h).
-- A code is as near to a person as the number that it stands for: it goes with the resident.

-- Codes that were made here, each for the municipality of destination that it was given to.
CREATE TABLE linkage_given (
    destination TEXT NOT NULL,
    code BLOB NOT NULL CHECK (length(code) = 16),
    resident INTEGER NOT NULL REFERENCES resident ON DELETE CASCADE,
    given_at INTEGER NOT NULL,
    PRIMARY KEY (destination, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX linkage_given_of_resident ON linkage_given (resident);

-- Codes that municipalities of origin have given to this one, one each.
CREATE TABLE linkage_held (
    resident INTEGER NOT NULL REFERENCES resident ON DELETE CASCADE,
    origin TEXT NOT NULL,
    code BLOB NOT NULL CHECK (length(code) = 16),
    received_at INTEGER NOT NULL,
    PRIMARY KEY (resident, origin)
) STRICT, WITHOUT ROWID;
