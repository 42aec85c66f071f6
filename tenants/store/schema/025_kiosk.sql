-- SPDX-License-Identifier: Apache-2.0
--
-- When the kiosks are open, and what a certificate costs (kiosk_settings.h). No row: always open,
-- and for nothing.
CREATE TABLE kiosk_settings (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    hours INTEGER NOT NULL CHECK (hours IN (0, 1)),
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 127),
    from_minute INTEGER NOT NULL,
    until_minute INTEGER NOT NULL,
    operator TEXT NOT NULL,
    terminal TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    CHECK (0 <= from_minute AND from_minute < until_minute AND until_minute <= 1440)
) STRICT;

CREATE TABLE certificate_fee (
    kind INTEGER PRIMARY KEY CHECK (kind >= 1),
    yen INTEGER NOT NULL CHECK (yen BETWEEN 1 AND 100000)
) STRICT;

-- What was to be paid for an application, as the applicant was told; no row: nothing.
CREATE TABLE application_fee (
    application BLOB PRIMARY KEY REFERENCES application (id) ON DELETE CASCADE,
    yen INTEGER NOT NULL CHECK (yen BETWEEN 1 AND 100000)
) STRICT, WITHOUT ROWID;
