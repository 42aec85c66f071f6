/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite's codes in the house's dialect. The extended code is looked up first, then the primary
 * one.
 */
#include "vaultfs/vault.h"
#include "vaultfs/vfs.h"

static const struct {
    int code;
    enum vrx_reason reason;
} reasons[] = {
    {SQLITE_OK, VRX_OK},
    {SQLITE_ROW, VRX_OK},
    {SQLITE_DONE, VRX_OK},
    {SQLITE_NOMEM, VRX_OUT_OF_MEMORY},
    {SQLITE_IOERR_NOMEM, VRX_OUT_OF_MEMORY},
    {SQLITE_FULL, VRX_DISK_FULL},
    {SQLITE_IOERR_DATA, VRX_VAULT_DAMAGED},
    {SQLITE_IOERR, VRX_DISK_FAILED},
    {SQLITE_CORRUPT, VRX_VAULT_DAMAGED},
    {SQLITE_NOTADB, VRX_VAULT_DAMAGED},
    {SQLITE_CANTOPEN, VRX_FILE_REFUSED},
    {SQLITE_PERM, VRX_FILE_REFUSED},
    {SQLITE_READONLY, VRX_FILE_REFUSED},
    {SQLITE_BUSY, VRX_FILE_REFUSED},
    {SQLITE_CONSTRAINT_UNIQUE, VRX_ALREADY_EXISTS},
    {SQLITE_CONSTRAINT_PRIMARYKEY, VRX_ALREADY_EXISTS},
    {SQLITE_CONSTRAINT_ROWID, VRX_ALREADY_EXISTS},
    {SQLITE_CONSTRAINT_FOREIGNKEY, VRX_NOT_FOUND},
    {SQLITE_INTERRUPT, VRX_CANCELLED},
    {SQLITE_TOOBIG, VRX_INPUT_TOO_LARGE},
};

static bool look_up(int code, enum vrx_reason *ret_reason) {
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].code == code) {
            *ret_reason = reasons[i].reason;
            return true;
        }
    }
    return false;
}

struct vrx_result vrx_sqlite_result(sqlite3 *db, int rc) {
    enum vrx_reason reason = VRX_INTERNAL_ERROR;
    if (!look_up(rc, &reason))
        (void)look_up(rc & 0xff, &reason);
    if (reason == VRX_OK)
        return vrx_ok();
    struct vrx_vault *vault = vrx_vfs_vault(db);
    if (vault && vrx_vfs_damaged(vault))
        return vrx_fail(VRX_VAULT_DAMAGED);
    /* The VFS itself answers with the plain code; the disk's errors are extended codes. */
    if (vault && rc == SQLITE_IOERR && vault->failure != VRX_OK) {
        reason = vault->failure;
        vault->failure = VRX_OK;
    }
    return vrx_fail(reason);
}
