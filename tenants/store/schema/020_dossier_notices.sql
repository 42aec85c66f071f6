-- SPDX-License-Identifier: Apache-2.0
--
-- What was told of another municipality's consent takes along where the ledger says so (dossier.h).
CREATE TRIGGER dossier_of_foreign_consent AFTER DELETE ON foreign_consent BEGIN
    DELETE FROM dossier_entry WHERE sender = OLD.sender AND id = OLD.id;
END;
