-- SPDX-License-Identifier: Apache-2.0
--
-- The municipality's standing order to erase by itself what is past its time, and how far that has
-- come. Without a row there is no such order. Minutes of the day in Japan; a window may span
-- midnight. served: the beginning of the last window whose run came to its end.
CREATE TABLE schedule (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    from_minute INTEGER NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    until_minute INTEGER NOT NULL CHECK (until_minute BETWEEN 0 AND 1439),
    operator TEXT NOT NULL,
    terminal TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    served INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    CHECK (from_minute <> until_minute)
) STRICT;
