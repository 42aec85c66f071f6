-- SPDX-License-Identifier: Apache-2.0
--
-- From when until when a terminal's certificate is valid, as it was registered or as the terminal
-- has last shown it (0: not known); and the terminal that took this one's place, after which it is
-- suspended for good.
ALTER TABLE terminal ADD COLUMN certificate_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE terminal ADD COLUMN certificate_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE terminal ADD COLUMN successor BLOB CHECK (successor IS NULL OR length(successor) = 32);
