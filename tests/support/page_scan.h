/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for bytes in every page of an open database and of its WAL, as the vault decrypts them:
 * pages in use, free pages, and what no row owns any more within a page. Below SQLite, which would
 * show rows only.
 */
#ifndef VRX_SUPPORT_PAGE_SCAN_H
#define VRX_SUPPORT_PAGE_SCAN_H

#include <sqlite3.h>

#include "base/bytes.h"

struct page_scan {
    uint64_t pages;  /* of the database */
    uint64_t frames; /* of the WAL */
    uint64_t found;  /* pages and frames that hold the text */
};

/* False when a page or a frame cannot be read: then nothing is known. text: 1 byte to a page; a
 * text that is split between pages is not found. Outside of a transaction; the WAL must not have
 * started anew since it was last cut: frames of an earlier round are not SQLite's to read. */
bool page_scan(sqlite3 *db, struct vrx_view text, struct page_scan *ret_scan);

#endif
