/* SPDX-License-Identifier: Apache-2.0
 *
 * Every stored page of the database file is read and opened, below SQLite and its cache. The WAL is
 * emptied first, so that what the file holds is what the vault is. That no page is an older one can
 * be told of all of them together alone, and is looked at with the first.
 */
#include "vaultfs/vault.h"

#include <stdlib.h>

#include "vaultfs/vfs.h"

struct vrx_result vrx_vault_check_pages(
    struct vrx_vault *vault, uint32_t first, uint32_t count, uint32_t *ret_total) {
    sqlite3_file *file = NULL;
    uint32_t total = 0;
    VRX_TRY(vrx_vault_quiet(vault));
    VRX_TRY(vrx_vault_pages(vault, &total));
    if (first == 1)
        VRX_TRY(vrx_fresh_check(vault));
    VRX_TRY(vrx_sqlite_result(
        vault->db, sqlite3_file_control(vault->db, "main", SQLITE_FCNTL_FILE_POINTER, &file)));
    uint8_t *page = malloc(VRX_PAGE);
    if (!page)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    int rc = SQLITE_OK;
    for (uint32_t i = first; rc == SQLITE_OK && i <= total && i - first < count; i++)
        if (i != VRX_LOCK_PAGE)
            rc = file->pMethods->xRead(file, page, VRX_PAGE, ((sqlite3_int64)i - 1) * VRX_PAGE);
    vrx_wipe(page, VRX_PAGE);
    free(page);
    VRX_TRY(vrx_sqlite_result(vault->db, rc));
    *ret_total = total;
    return vrx_ok();
}
