-- SPDX-License-Identifier: Apache-2.0
--
-- When the municipality's office works, in Japan's time (office_hours.h). Without a row it is always
-- open. days: bit 0 is Monday. until_minute 1440 is midnight.
CREATE TABLE office_hours (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    refuse INTEGER NOT NULL CHECK (refuse IN (0, 1)),
    days INTEGER NOT NULL CHECK (days BETWEEN 1 AND 127),
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    until_minute INTEGER NOT NULL CHECK (until_minute BETWEEN 1 AND 1440),
    operator TEXT NOT NULL,
    terminal TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    CHECK (from_minute < until_minute)
) STRICT;
