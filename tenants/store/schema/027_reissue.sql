-- SPDX-License-Identifier: Apache-2.0
--
-- Applications that name the certificate which theirs takes the place of (reissue.h). The
-- certificate may be erased before them.
CREATE TABLE application_replaces (
    application BLOB PRIMARY KEY REFERENCES application (id) ON DELETE CASCADE,
    uvci TEXT NOT NULL CHECK (uvci <> '')
) STRICT, WITHOUT ROWID;
