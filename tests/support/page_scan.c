/* SPDX-License-Identifier: Apache-2.0
 *
 * The files are those that SQLite itself reads (SQLITE_FCNTL_FILE_POINTER), so that whatever the
 * vault does with a page is done here too. Offsets: SQLite file format §1.2 and §4.1.
 */
#include "support/page_scan.h"

#include <string.h>

#define PAGE 4096
#define WAL_HEADER 32
#define FRAME_HEADER 24

static bool scan_file(sqlite3_file *file, sqlite3_int64 first, sqlite3_int64 step,
    struct vrx_view text, uint64_t *ret_read, uint64_t *found) {
    uint8_t page[PAGE];
    sqlite3_int64 size = 0;
    *ret_read = 0;
    if (!file || !file->pMethods)
        return true;
    if (file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return false;
    for (sqlite3_int64 at = first; at + PAGE <= size; at += step) {
        if (file->pMethods->xRead(file, page, PAGE, at) != SQLITE_OK)
            return false;
        ++*ret_read;
        *found += memmem(page, sizeof page, text.ptr, text.len) != NULL;
    }
    return true;
}

bool page_scan(sqlite3 *db, struct vrx_view text, struct page_scan *ret_scan) {
    sqlite3_file *database = NULL;
    sqlite3_file *wal = NULL;
    struct page_scan scan = {0};
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &database) != SQLITE_OK ||
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) != SQLITE_OK ||
        !scan_file(database, 0, PAGE, text, &scan.pages, &scan.found) ||
        !scan_file(
            wal, WAL_HEADER + FRAME_HEADER, FRAME_HEADER + PAGE, text, &scan.frames, &scan.found))
        return false;
    *ret_scan = scan;
    return true;
}
