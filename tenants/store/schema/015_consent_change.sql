-- SPDX-License-Identifier: Apache-2.0
--
-- A consent changes in one direction: fewer origins, fewer items, an earlier end, withdrawn. Here,
-- what this municipality's own consents were narrowed to, each a signed object of its own, and what
-- it was told of other municipalities' consents that it was asked under.

-- The newest has the highest number; `consent.object` is the one before the first, and
-- `consent.revocation` comes after the last.
CREATE TABLE consent_narrowing (
    consent BLOB NOT NULL REFERENCES consent ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    object BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    PRIMARY KEY (consent, number)
) STRICT, WITHOUT ROWID;

-- status: that of the object, 1 granted, 2 withdrawn. The subject in it is salted and leads to nobody
-- here; it goes when its time is over, or with the person when a query ties the two.
CREATE TABLE foreign_consent (
    sender TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    object BLOB NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 2),
    expires_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (sender, id)
) STRICT, WITHOUT ROWID;

-- Under which consent another municipality asked, so that a notice finds what it stops.
ALTER TABLE transfer_in ADD COLUMN consent BLOB CHECK (length(consent) = 16);
CREATE INDEX transfer_in_consent ON transfer_in (sender, consent) WHERE consent IS NOT NULL;

-- What was asked for, a bit each (1 << enum vrx_data_item), since the query itself is kept sealed to
-- the other municipality. 0: a query of before this was kept.
ALTER TABLE transfer_out ADD COLUMN items INTEGER NOT NULL DEFAULT 0;
CREATE INDEX transfer_out_consent ON transfer_out (consent) WHERE consent IS NOT NULL;
