-- SPDX-License-Identifier: Apache-2.0
--
-- What is kept so that a transfer can be explained years later (dossier.h). sender: who asked; ''
-- where this municipality did. query and answer are closed: no text in them stands here to be read.
-- permits: SHA-256 of the signed permit table by which this side judged.
CREATE TABLE dossier (
    id INTEGER PRIMARY KEY,
    sender TEXT NOT NULL,
    query_id BLOB NOT NULL CHECK (length(query_id) = 16),
    query BLOB NOT NULL,
    answer BLOB,
    permits BLOB NOT NULL CHECK (length(permits) = 32),
    UNIQUE (sender, query_id)
) STRICT;

-- Where the ledger says who did what: of a query, a consent or an identity check of this name.
CREATE TABLE dossier_entry (
    sender TEXT NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    entry INTEGER NOT NULL CHECK (entry >= 0),
    PRIMARY KEY (sender, id, entry)
) STRICT, WITHOUT ROWID;

-- What a dossier is about takes it along, whoever erases it and why.
CREATE TRIGGER dossier_of_transfer_out AFTER DELETE ON transfer_out BEGIN
    DELETE FROM dossier WHERE sender = '' AND query_id = OLD.query_id;
    DELETE FROM dossier_entry WHERE sender = '' AND id = OLD.query_id;
END;
CREATE TRIGGER dossier_of_transfer_in AFTER DELETE ON transfer_in BEGIN
    DELETE FROM dossier WHERE sender = OLD.sender AND query_id = OLD.query_id;
    DELETE FROM dossier_entry WHERE sender = OLD.sender AND id = OLD.query_id;
END;
CREATE TRIGGER dossier_of_consent AFTER DELETE ON consent BEGIN
    DELETE FROM dossier_entry WHERE sender = '' AND id = OLD.id;
END;
CREATE TRIGGER dossier_of_evidence AFTER DELETE ON evidence BEGIN
    DELETE FROM dossier_entry WHERE sender = '' AND id = OLD.id;
END;
