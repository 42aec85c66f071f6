-- SPDX-License-Identifier: Apache-2.0
--
-- Residents whose record a clerk must look at before it can be certified, and why (certificate_work.h).
CREATE TABLE certificate_work (
    resident INTEGER PRIMARY KEY REFERENCES resident (id),
    reason INTEGER NOT NULL CHECK (reason > 0),
    clause TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL CHECK (times >= 1)
) STRICT;
CREATE INDEX certificate_work_by_age ON certificate_work (opened_at);
