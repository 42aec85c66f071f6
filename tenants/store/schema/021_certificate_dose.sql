-- SPDX-License-Identifier: Apache-2.0
--
-- On which doses a certificate rests. dose: the version that it was issued with; head: the one that
-- stands for it now. shown: its date, product and number stand in the certificate; the others are
-- behind the number only.
CREATE TABLE certificate_dose (
    certificate TEXT NOT NULL REFERENCES certificate (uvci) ON DELETE CASCADE,
    dose INTEGER NOT NULL REFERENCES dose ON DELETE CASCADE,
    head INTEGER NOT NULL REFERENCES dose ON DELETE CASCADE,
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    PRIMARY KEY (certificate, dose)
) STRICT, WITHOUT ROWID;

CREATE INDEX certificate_dose_dose ON certificate_dose (dose);
CREATE INDEX certificate_dose_head ON certificate_dose (head);

-- What is to be done about a certificate whose doses changed: enum vrx_certificate_mark.
ALTER TABLE certificate ADD COLUMN mark INTEGER NOT NULL DEFAULT 0 CHECK (mark BETWEEN 0 AND 2);
ALTER TABLE certificate ADD COLUMN marked_at INTEGER;
