-- SPDX-License-Identifier: Apache-2.0
--
-- A certificate in each format of its kind: enum vrx_certificate_kind, enum vrx_format. All have one
-- identifier, one validity and one revocation.
CREATE TABLE certificate_text (
    certificate TEXT NOT NULL REFERENCES certificate (uvci) ON DELETE CASCADE,
    format INTEGER NOT NULL CHECK (format BETWEEN 1 AND 3),
    text TEXT NOT NULL,
    PRIMARY KEY (certificate, format)
) STRICT;

INSERT INTO certificate_text (certificate, format, text) SELECT uvci, 1, text FROM certificate;
ALTER TABLE certificate DROP COLUMN text;
ALTER TABLE certificate ADD COLUMN kind INTEGER NOT NULL DEFAULT 1 CHECK (kind BETWEEN 1 AND 3);
