/* SPDX-License-Identifier: Apache-2.0
 *
 * The VFS of one vault, over the VFS that knows the disk. Whatever SQLite stores goes through here
 * page by page; a file that is neither the database nor its WAL, and an access of a shape that is
 * not expected, is refused: what is not understood is not stored in the clear. io_methods version 1
 * keeps SQLite from mapping the file and from shared memory. Next: wal.c, page.c.
 */
#include "vaultfs/vfs.h"

#include <stdio.h>

#include "vaultfs/rekey.h"

#define HEADER_READ 100 /* bytes that SQLite reads when it opens a database */

bool vrx_vfs_damaged(const struct vrx_vault *vault) {
    return vault->failure == VRX_VAULT_DAMAGED;
}

int vrx_vfs_settle(struct vrx_vault *vault, struct vrx_result result) {
    if (vrx_is_ok(result))
        return SQLITE_OK;
    if (!vrx_vfs_damaged(vault))
        vault->failure = result.reason;
    if (result.reason == VRX_OUT_OF_MEMORY)
        return SQLITE_IOERR_NOMEM;
    return result.reason == VRX_VAULT_DAMAGED ? SQLITE_IOERR_DATA : SQLITE_IOERR;
}

int vrx_vfs_refuse(struct vrx_vault *vault) {
    return vrx_vfs_settle(vault, vrx_fail(VRX_INTERNAL_ERROR));
}

struct vrx_result vrx_vfs_open_page(struct vrx_vault *vault, const struct vrx_page_place *place,
    const uint8_t stored[VRX_PAGE], uint8_t plain[VRX_PAGE]) {
    struct vrx_page_keys *keys = NULL;
    VRX_TRY(vrx_epochs_find(&vault->epochs, vrx_page_epoch(stored), &keys));
    return vrx_page_open(keys, place, stored, plain);
}

struct vrx_result vrx_vfs_seal_page(
    struct vrx_vault *vault, const struct vrx_page_place *place, const uint8_t plain[VRX_PAGE]) {
    struct vrx_page_keys *keys = NULL;
    VRX_TRY(vrx_epochs_count(&vault->epochs, &keys));
    return vrx_page_seal(keys, &vault->nonces.random, place, plain, vault->scratch);
}

static struct vrx_vault_file *as_ours(sqlite3_file *file) {
    return (struct vrx_vault_file *)file;
}

/* The database */

/* Served from the clear bytes: page 1 may be torn by a checkpoint that the WAL repairs. All that
 * SQLite looks for in the rest (auto_vacuum) is zero in a vault. */
static int read_clear(struct vrx_vault_file *file, uint8_t *out) {
    uint8_t clear[VRX_PAGE_CLEAR];
    memset(out, 0, HEADER_READ);
    int rc = file->under->pMethods->xRead(file->under, clear, VRX_PAGE_CLEAR, VRX_HEADER);
    if (rc != SQLITE_OK)
        return rc;
    rc = vrx_vfs_settle(file->vault, vrx_page_header_check(clear + VRX_PAGE_FILE_ID));
    if (rc != SQLITE_OK)
        return rc;
    memcpy(out, "SQLite format 3", VRX_PAGE_FILE_ID);
    memcpy(out + VRX_PAGE_FILE_ID, clear + VRX_PAGE_FILE_ID, VRX_PAGE_CLEAR - VRX_PAGE_FILE_ID);
    return SQLITE_OK;
}

static bool is_page(int amount, sqlite3_int64 offset) {
    return amount == VRX_PAGE && offset >= 0 && offset % VRX_PAGE == 0 &&
           offset / VRX_PAGE < UINT32_MAX;
}

static struct vrx_page_place database_place(sqlite3_int64 offset) {
    return (struct vrx_page_place){
        .kind = VRX_PAGE_DATABASE, .number = (uint32_t)(offset / VRX_PAGE) + 1};
}

/* Pages that a failed step of a rekey left half copied are copied before anything reads or writes
 * the database: they may be torn, and what is written now must not be undone later. */
static int mend(struct vrx_vault *vault) {
    return vault->epochs.header.move.count == 0
               ? SQLITE_OK
               : vrx_vfs_settle(vault, vrx_rekey_recover(&vault->epochs));
}

static int database_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
    struct vrx_vault_file *file = as_ours(base);
    struct vrx_vault *vault = file->vault;
    if (offset == 0 && amount == HEADER_READ)
        return read_clear(file, buffer);
    if (!is_page(amount, offset))
        return vrx_vfs_refuse(vault);
    int rc = mend(vault);
    if (rc != SQLITE_OK)
        return rc;
    rc = file->under->pMethods->xRead(file->under, buffer, amount, VRX_HEADER + offset);
    if (rc == SQLITE_IOERR_SHORT_READ)
        return vrx_vfs_settle(vault, vrx_refuse(VRX_VAULT_DAMAGED, "the database was truncated"));
    if (rc != SQLITE_OK)
        return rc;
    struct vrx_page_place place = database_place(offset);
    return vrx_vfs_settle(vault, vrx_vfs_open_page(vault, &place, buffer, buffer));
}

static int store_page(struct vrx_vault_file *file, const void *page, sqlite3_int64 offset) {
    struct vrx_vault *vault = file->vault;
    struct vrx_page_place place = database_place(offset);
    struct vrx_result result = vrx_fresh_before(vault, place.number);
    if (vrx_is_ok(result))
        result = vrx_vfs_seal_page(vault, &place, page);
    int rc = vrx_vfs_settle(vault, result);
    if (rc == SQLITE_OK)
        rc = file->under->pMethods->xWrite(
            file->under, vault->scratch, VRX_PAGE, VRX_HEADER + offset);
    return rc != SQLITE_OK
               ? rc
               : vrx_vfs_settle(vault, vrx_fresh_written(vault, place.number, vault->scratch));
}

static int database_write(
    sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset) {
    struct vrx_vault_file *file = as_ours(base);
    struct vrx_vault *vault = file->vault;
    if (vrx_vfs_damaged(vault))
        return SQLITE_IOERR_DATA;
    if (vault->frozen)
        return SQLITE_BUSY;
    if (!is_page(amount, offset))
        return vrx_vfs_refuse(vault);
    int rc = mend(vault);
    return rc != SQLITE_OK ? rc : store_page(file, buffer, offset);
}

static int database_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct vrx_vault_file *file = as_ours(base);
    if (vrx_vfs_damaged(file->vault))
        return SQLITE_IOERR_DATA;
    if (file->vault->frozen)
        return SQLITE_BUSY;
    if (size < 0 || size % VRX_PAGE != 0)
        return vrx_vfs_refuse(file->vault);
    int rc = mend(file->vault);
    if (rc == SQLITE_OK)
        rc = vrx_vfs_settle(file->vault, vrx_fresh_cut(file->vault, (uint32_t)(size / VRX_PAGE)));
    return rc != SQLITE_OK ? rc : file->under->pMethods->xTruncate(file->under, VRX_HEADER + size);
}

/* The end of a checkpoint is one, and SQLite gives up the WAL after it. */
static int database_sync(sqlite3_file *base, int flags) {
    struct vrx_vault_file *file = as_ours(base);
    int rc = file->under->pMethods->xSync(file->under, flags);
    if (rc == SQLITE_OK)
        return vrx_vfs_settle(file->vault, vrx_fresh_synced(file->vault));
    vrx_fresh_unsynced(file->vault);
    return rc;
}

/* Of the pages. What lies behind the last one, as a lot of a rekey may, is not SQLite's. */
static int database_size(sqlite3_file *base, sqlite3_int64 *ret_size) {
    struct vrx_vault_file *file = as_ours(base);
    sqlite3_int64 pages = (sqlite3_int64)file->vault->epochs.header.fresh.pages * VRX_PAGE;
    sqlite3_int64 size = 0;
    int rc = file->under->pMethods->xFileSize(file->under, &size);
    if (rc == SQLITE_OK) {
        size = size < VRX_HEADER ? 0 : size - VRX_HEADER;
        *ret_size = size < pages ? size : pages;
    }
    return rc;
}

static int database_close(sqlite3_file *base) {
    struct vrx_vault_file *file = as_ours(base);
    struct vrx_vault *vault = file->vault;
    if (vault->fresh.trusted && vault->epochs.behind && !vrx_vfs_damaged(vault))
        VRX_IGNORE(vrx_epochs_even(&vault->epochs)); /* one slot is enough to open it */
    vault->database = NULL;
    vault->epochs.file = NULL;
    return file->under->pMethods->xClose(file->under);
}

/* The WAL */

static int wal_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
    return vrx_wal_read(as_ours(base), buffer, amount, offset);
}

static int wal_write(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset) {
    return vrx_wal_write(as_ours(base), buffer, amount, offset);
}

static int wal_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct vrx_vault_file *file = as_ours(base);
    if (vrx_vfs_damaged(file->vault))
        return SQLITE_IOERR_DATA;
    if (!vrx_wal_size_valid(size) || vrx_fresh_needs_wal(file->vault))
        return vrx_vfs_refuse(file->vault);
    return file->under->pMethods->xTruncate(file->under, size);
}

static int wal_sync(sqlite3_file *base, int flags) {
    struct vrx_vault_file *file = as_ours(base);
    int rc = file->under->pMethods->xSync(file->under, flags);
    if (rc != SQLITE_OK)
        vrx_wal_give_up(&file->vault->wal);
    return rc;
}

static int wal_close(sqlite3_file *base) {
    struct vrx_vault_file *file = as_ours(base);
    return file->under->pMethods->xClose(file->under);
}

/* Both: handed down as they are */

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size) {
    sqlite3_file *under = as_ours(base)->under;
    return under->pMethods->xFileSize(under, ret_size);
}

/* With the first lock the file is ours: what its header says now is what it says. */
static int database_lock(sqlite3_file *base, int level) {
    struct vrx_vault_file *file = as_ours(base);
    struct vrx_vault *vault = file->vault;
    int rc = file->under->pMethods->xLock(file->under, level);
    if (rc != SQLITE_OK || vault->locked || vault->creating)
        return rc;
    struct vrx_result result = vrx_epochs_reload(&vault->epochs);
    if (vrx_is_ok(result))
        result = vrx_rekey_recover(&vault->epochs);
    vault->locked = vrx_is_ok(result);
    return vrx_vfs_settle(vault, result);
}

static int file_lock(sqlite3_file *base, int level) {
    sqlite3_file *under = as_ours(base)->under;
    return under->pMethods->xLock(under, level);
}

static int file_unlock(sqlite3_file *base, int level) {
    sqlite3_file *under = as_ours(base)->under;
    return under->pMethods->xUnlock(under, level);
}

static int file_check_reserved(sqlite3_file *base, int *ret_reserved) {
    sqlite3_file *under = as_ours(base)->under;
    return under->pMethods->xCheckReservedLock(under, ret_reserved);
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    sqlite3_file *under = as_ours(base)->under;
    switch (operation) {
    case SQLITE_FCNTL_HAS_MOVED:
    case SQLITE_FCNTL_LAST_ERRNO:
        return under->pMethods->xFileControl(under, operation, argument);
    default:
        return SQLITE_NOTFOUND;
    }
}

/* SQLite tells here that a commit is one. */
static int database_control(sqlite3_file *base, int operation, void *argument) {
    if (operation == SQLITE_FCNTL_COMMIT_PHASETWO)
        vrx_wal_commit(&as_ours(base)->vault->wal);
    return file_control(base, operation, argument);
}

static int file_sector_size(sqlite3_file *base) {
    sqlite3_file *under = as_ours(base)->under;
    return under->pMethods->xSectorSize(under);
}

/* Powersafe overwrite: a write that power cut short harms no byte outside it. Without this claim
 * SQLite cuts a frame in two at the sector where it syncs, and half a page cannot be sealed. */
static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods database_methods = {
    .iVersion = 1,
    .xClose = database_close,
    .xRead = database_read,
    .xWrite = database_write,
    .xTruncate = database_truncate,
    .xSync = database_sync,
    .xFileSize = database_size,
    .xLock = database_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = database_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

static const sqlite3_io_methods wal_methods = {
    .iVersion = 1,
    .xClose = wal_close,
    .xRead = wal_read,
    .xWrite = wal_write,
    .xTruncate = wal_truncate,
    .xSync = wal_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

/* The VFS */

static struct vrx_vault *vault_of(const sqlite3_vfs *vfs) {
    return vfs->pAppData;
}

/* Reads or makes the header and derives the keys. */
static struct vrx_result begin(struct vrx_vault *vault, sqlite3_file *under) {
    sqlite3_int64 size = 0;
    if (under->pMethods->xFileSize(under, &size) != SQLITE_OK)
        return vrx_fail(VRX_DISK_FAILED);
    if (vault->creating)
        return size > 0 ? vrx_fail(VRX_ALREADY_EXISTS)
                        : vrx_epochs_create(
                              &vault->epochs, under, &vault->nonces.random, vault->data_key);
    if (size < VRX_HEADER + VRX_PAGE)
        return vrx_refuse(VRX_VAULT_DAMAGED, "shorter than one page");
    return vrx_epochs_open(&vault->epochs, under, &vault->nonces.random, vault->data_key);
}

static int open_database(struct vrx_vault *vault, sqlite3_filename name, sqlite3_file *under,
    int flags, int *ret_flags) {
    /* Once only: the connection that the vault was opened for. */
    if (vault->database || !vault->data_key.ptr)
        return SQLITE_CANTOPEN;
    int opened = 0;
    int rc = vault->under->xOpen(vault->under, name, under, flags, &opened);
    if (rc != SQLITE_OK)
        return rc;
    rc = opened & SQLITE_OPEN_READONLY ? SQLITE_CANTOPEN
                                       : vrx_vfs_settle(vault, begin(vault, under));
    if (rc != SQLITE_OK) {
        under->pMethods->xClose(under);
        return rc;
    }
    vault->database = name;
    if (ret_flags)
        *ret_flags = opened;
    return SQLITE_OK;
}

static bool is_wal(const struct vrx_vault *vault, const char *name) {
    return vault->database && name && strcmp(name, sqlite3_filename_wal(vault->database)) == 0;
}

static int open_wal(struct vrx_vault *vault, sqlite3_filename name, sqlite3_file *under, int flags,
    int *ret_flags) {
    if (!is_wal(vault, name))
        return SQLITE_CANTOPEN;
    vrx_wal_done(&vault->wal);
    return vault->under->xOpen(vault->under, name, under, flags, ret_flags);
}

static int vfs_open(
    sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *ret_flags) {
    struct vrx_vault *vault = vault_of(vfs);
    struct vrx_vault_file *file = as_ours(base);
    bool database = flags & SQLITE_OPEN_MAIN_DB;
    *file = (struct vrx_vault_file){.vault = vault, .under = (sqlite3_file *)(file + 1)};
    if (!name || !(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
        return SQLITE_CANTOPEN;
    int rc = database ? open_database(vault, name, file->under, flags, ret_flags)
                      : open_wal(vault, name, file->under, flags, ret_flags);
    if (rc == SQLITE_OK)
        base->pMethods = database ? &database_methods : &wal_methods;
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
    struct vrx_vault *vault = vault_of(vfs);
    if (!is_wal(vault, name) || vrx_vfs_damaged(vault) || vrx_fresh_needs_wal(vault))
        return SQLITE_IOERR_DELETE;
    return vault->under->xDelete(vault->under, name, sync_folder);
}

/* A rollback journal beside the database is nobody's: SQLite must not take it for hot. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_there) {
    struct vrx_vault *vault = vault_of(vfs);
    *ret_there = 0;
    return is_wal(vault, name) ? vault->under->xAccess(vault->under, name, flags, ret_there)
                               : SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    sqlite3_vfs *under = vault_of(vfs)->under;
    return under->xFullPathname(under, name, size, out);
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *out) {
    sqlite3_vfs *under = vault_of(vfs)->under;
    return under->xRandomness(under, size, out);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    sqlite3_vfs *under = vault_of(vfs)->under;
    return under->xSleep(under, microseconds);
}

static int vfs_current_time(sqlite3_vfs *vfs, double *ret_day) {
    sqlite3_vfs *under = vault_of(vfs)->under;
    return under->xCurrentTime(under, ret_day);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out) {
    sqlite3_vfs *under = vault_of(vfs)->under;
    return under->xGetLastError ? under->xGetLastError(under, size, out) : 0;
}

struct vrx_result vrx_vfs_register(struct vrx_vault *vault, const char *under_name) {
    vault->under = sqlite3_vfs_find(under_name);
    if (!vault->under)
        return vrx_fail(VRX_NOT_FOUND);
    /* Unique while the vault lives, and no one else needs to know it. */
    (void)snprintf(vault->name, sizeof vault->name, "vrx-vault-%p", (void *)vault);
    vault->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct vrx_vault_file) + vault->under->szOsFile,
        .mxPathname = vault->under->mxPathname,
        .zName = vault->name,
        .pAppData = vault,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_current_time,
        .xGetLastError = vfs_last_error,
    };
    return sqlite3_vfs_register(&vault->vfs, 0) == SQLITE_OK ? vrx_ok()
                                                             : vrx_fail(VRX_OUT_OF_MEMORY);
}

void vrx_vfs_unregister(struct vrx_vault *vault) {
    if (vault->vfs.zName)
        sqlite3_vfs_unregister(&vault->vfs);
}

struct vrx_vault *vrx_vfs_vault(sqlite3 *db) {
    sqlite3_vfs *vfs = NULL;
    if (!db || sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) != SQLITE_OK)
        return NULL;
    return vfs && vfs->xOpen == vfs_open ? vault_of(vfs) : NULL;
}

struct vrx_result vrx_vfs_oldest_epoch(
    struct vrx_vault *vault, uint32_t pages, uint32_t *ret_epoch) {
    sqlite3_file *file = vault->epochs.file;
    uint32_t oldest = UINT32_MAX;
    for (uint32_t page = 1; page <= pages; page++) {
        sqlite3_int64 at = VRX_HEADER + ((sqlite3_int64)page - 1) * VRX_PAGE;
        if (page == VRX_LOCK_PAGE)
            continue;
        if (file->pMethods->xRead(file, vault->scratch, VRX_PAGE, at) != SQLITE_OK)
            return vrx_fail(VRX_DISK_FAILED);
        uint32_t epoch = vrx_page_epoch(vault->scratch);
        oldest = epoch < oldest ? epoch : oldest;
    }
    *ret_epoch = oldest;
    return vrx_ok();
}
