-- SPDX-License-Identifier: Apache-2.0
--
-- The denial that is given in the place of doses, once the consent behind them is known to be over
-- (transfer_in.h): as it was sent, so that a repetition is given the same, and what receipts say of
-- it. It goes when it has become the transfer's answer.
CREATE TABLE denial (
    transfer INTEGER PRIMARY KEY REFERENCES transfer_in ON DELETE CASCADE,
    reason INTEGER NOT NULL CHECK (reason > 0),
    answer BLOB NOT NULL,
    answer_digest BLOB NOT NULL CHECK (length(answer_digest) = 32),
    permit_table_digest BLOB NOT NULL CHECK (length(permit_table_digest) = 32),
    permit_id TEXT NOT NULL,
    without_consent INTEGER NOT NULL CHECK (without_consent IN (0, 1)),
    denied_at INTEGER NOT NULL
) STRICT;

-- The same as it was signed, closed, until it is the answer.
ALTER TABLE dossier ADD COLUMN denial BLOB;
