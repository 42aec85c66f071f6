-- SPDX-License-Identifier: Apache-2.0
--
-- What administrators are to look at (alert.h). An id is never given twice, so that who has seen
-- everything up to one misses none.
CREATE TABLE alert (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 99),
    terminal TEXT NOT NULL,
    operator TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    events INTEGER NOT NULL CHECK (events > 0),
    acknowledged_at INTEGER,
    acknowledged_by TEXT NOT NULL DEFAULT '',
    CHECK (last_at >= first_at),
    CHECK (acknowledged_at IS NOT NULL OR acknowledged_by = '')
) STRICT;

CREATE INDEX alert_cause ON alert (kind, terminal, operator, first_at);
CREATE INDEX alert_acknowledged ON alert (id) WHERE acknowledged_at IS NOT NULL;
