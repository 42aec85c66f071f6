/* SPDX-License-Identifier: Apache-2.0
 *
 * The backup of an open vault. SQLite writes the database file only when it copies the WAL into it;
 * while that is refused (vault->frozen, see vfs.c), the file is one commit's state and can be
 * copied at leisure. Only the header before page 1 still changes: it is copied first. Next:
 * restore.c.
 */
#include "vaultfs/backup.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "vaultfs/file.h"
#include "vaultfs/vfs.h"

struct vrx_backup {
    struct vrx_vault *vault;
    sqlite3_file *copy;
    char path[PATH_MAX];
    char part[PATH_MAX];
    uint32_t done;
    uint32_t total;
    uint8_t page[VRX_PAGE];
};

static struct vrx_result copy_at(struct vrx_backup *backup, sqlite3_int64 at) {
    sqlite3_file *from = backup->vault->epochs.file;
    VRX_TRY(vrx_file_result(from->pMethods->xRead(from, backup->page, VRX_PAGE, at)));
    return vrx_file_result(
        backup->copy->pMethods->xWrite(backup->copy, backup->page, VRX_PAGE, at));
}

static struct vrx_result free_place(struct vrx_backup *backup, const char *path) {
    char wal[PATH_MAX];
    VRX_TRY(vrx_file_name(path, "", backup->path));
    VRX_TRY(vrx_file_name(path, "-wal", wal));
    VRX_TRY(vrx_file_name(path, VRX_FILE_PART, backup->part));
    if (vrx_file_exists(path) || vrx_file_exists(wal))
        return vrx_fail(VRX_ALREADY_EXISTS);
    (void)unlink(backup->part);
    return vrx_file_make(backup->part);
}

static struct vrx_result begin(struct vrx_backup *backup) {
    struct vrx_vault *vault = backup->vault;
    VRX_TRY(vrx_vault_quiet(vault));
    VRX_TRY(vrx_vault_pages(vault, &backup->total));
    VRX_TRY(vrx_epochs_even(&vault->epochs));
    VRX_TRY(vrx_file_open(vault->under, backup->part, &backup->copy));
    for (sqlite3_int64 at = 0; at < VRX_HEADER; at += VRX_HEADER_SLOT)
        VRX_TRY(copy_at(backup, at));
    vault->frozen = true;
    return vrx_ok();
}

/* Ends a backup, kept or not; the vault thaws. */
static void discard(struct vrx_backup **backup) {
    vrx_file_close(&(*backup)->copy);
    (void)unlink((*backup)->part);
    (*backup)->vault->frozen = false;
    free(*backup);
    *backup = NULL;
}

struct vrx_result vrx_backup_begin(
    struct vrx_vault *vault, const char *path, struct vrx_backup **ret_backup) {
    if (vault->frozen)
        return vrx_fail(VRX_WRONG_STATE);
    struct vrx_backup *backup = calloc(1, sizeof *backup);
    if (!backup)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    backup->vault = vault;
    struct vrx_result result = free_place(backup, path);
    if (!vrx_is_ok(result)) {
        free(backup);
        return result;
    }
    result = begin(backup);
    if (vrx_is_ok(result))
        *ret_backup = backup;
    else
        discard(&backup);
    return result;
}

struct vrx_result vrx_backup_step(struct vrx_backup *backup, uint32_t pages) {
    for (; pages > 0 && backup->done < backup->total; pages--) {
        VRX_TRY(copy_at(backup, VRX_HEADER + (sqlite3_int64)backup->done * VRX_PAGE));
        backup->done++;
    }
    return vrx_ok();
}

void vrx_backup_progress(const struct vrx_backup *backup, struct vrx_vault_progress *ret_progress) {
    *ret_progress =
        (struct vrx_vault_progress){.active = true, .done = backup->done, .total = backup->total};
}

static struct vrx_result keep(struct vrx_backup *backup) {
    sqlite3_file *copy = backup->copy;
    VRX_TRY(vrx_file_result(copy->pMethods->xSync(copy, SQLITE_SYNC_NORMAL)));
    VRX_TRY(vrx_file_take_name(backup->path));
    return vrx_file_sync_folder(backup->path);
}

struct vrx_result vrx_backup_finish(struct vrx_backup **backup) {
    if ((*backup)->done < (*backup)->total)
        return vrx_fail(VRX_WRONG_STATE);
    struct vrx_result result = keep(*backup);
    if (!vrx_is_ok(result))
        (void)unlink((*backup)->path);
    discard(backup);
    return result;
}

void vrx_backup_free(struct vrx_backup **backup) {
    if (*backup)
        discard(backup);
}
