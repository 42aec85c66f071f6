/* SPDX-License-Identifier: Apache-2.0 */
#include "support/shim_vfs.h"

#include <stddef.h>

struct shim_file {
    sqlite3_file base;
    struct shim_vfs *shim;
    const char *path;
    sqlite3_file *under;
};

static struct shim_file *as_shim(sqlite3_file *file) {
    return (struct shim_file *)file;
}

static int ask(struct shim_file *file, struct shim_call *call) {
    call->path = file->path;
    return file->shim->before(file->shim->context, call);
}

static int shim_close(sqlite3_file *base) {
    struct shim_file *file = as_shim(base);
    return file->under->pMethods->xClose(file->under);
}

static int shim_read(sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset) {
    struct shim_file *file = as_shim(base);
    struct shim_call call = {.operation = SHIM_READ, .offset = offset, .amount = amount};
    int rc = ask(file, &call);
    return rc != SQLITE_OK ? rc : file->under->pMethods->xRead(file->under, buffer, amount, offset);
}

static int shim_write(sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset) {
    struct shim_file *file = as_shim(base);
    struct shim_call call = {
        .operation = SHIM_WRITE, .offset = offset, .amount = amount, .bytes = buffer};
    int refusal = ask(file, &call);
    int rc = SQLITE_OK;
    if (call.amount > 0)
        rc = file->under->pMethods->xWrite(file->under, buffer, call.amount, offset);
    return refusal != SQLITE_OK ? refusal : rc;
}

static int shim_truncate(sqlite3_file *base, sqlite3_int64 size) {
    struct shim_file *file = as_shim(base);
    struct shim_call call = {.operation = SHIM_TRUNCATE, .offset = size};
    int rc = ask(file, &call);
    return rc != SQLITE_OK ? rc : file->under->pMethods->xTruncate(file->under, size);
}

static int shim_sync(sqlite3_file *base, int flags) {
    struct shim_file *file = as_shim(base);
    struct shim_call call = {.operation = SHIM_SYNC};
    int rc = ask(file, &call);
    return rc != SQLITE_OK ? rc : file->under->pMethods->xSync(file->under, flags);
}

static int shim_size(sqlite3_file *base, sqlite3_int64 *ret_size) {
    struct shim_file *file = as_shim(base);
    struct shim_call call = {.operation = SHIM_SIZE};
    int rc = ask(file, &call);
    return rc != SQLITE_OK ? rc : file->under->pMethods->xFileSize(file->under, ret_size);
}

static int shim_lock(sqlite3_file *base, int level) {
    sqlite3_file *under = as_shim(base)->under;
    return under->pMethods->xLock(under, level);
}

static int shim_unlock(sqlite3_file *base, int level) {
    sqlite3_file *under = as_shim(base)->under;
    return under->pMethods->xUnlock(under, level);
}

static int shim_check_reserved(sqlite3_file *base, int *ret_reserved) {
    sqlite3_file *under = as_shim(base)->under;
    return under->pMethods->xCheckReservedLock(under, ret_reserved);
}

static int shim_control(sqlite3_file *base, int operation, void *argument) {
    sqlite3_file *under = as_shim(base)->under;
    return under->pMethods->xFileControl(under, operation, argument);
}

static int shim_sector_size(sqlite3_file *base) {
    (void)base;
    return 512;
}

static int shim_characteristics(sqlite3_file *base) {
    (void)base;
    return 0;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector_size,
    .xDeviceCharacteristics = shim_characteristics,
};

static struct shim_vfs *shim_of(const sqlite3_vfs *vfs) {
    return vfs->pAppData;
}

static int shim_open(
    sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *ret_flags) {
    struct shim_vfs *shim = shim_of(vfs);
    struct shim_file *file = as_shim(base);
    *file = (struct shim_file){.shim = shim, .path = name, .under = (sqlite3_file *)(file + 1)};
    struct shim_call call = {.operation = SHIM_OPEN};
    int rc = ask(file, &call);
    if (rc == SQLITE_OK)
        rc = shim->under->xOpen(shim->under, name, file->under, flags, ret_flags);
    if (rc == SQLITE_OK)
        base->pMethods = &methods;
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
    struct shim_vfs *shim = shim_of(vfs);
    struct shim_call call = {.operation = SHIM_DELETE, .path = name};
    int rc = shim->before(shim->context, &call);
    return rc != SQLITE_OK ? rc : shim->under->xDelete(shim->under, name, sync_folder);
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_there) {
    sqlite3_vfs *under = shim_of(vfs)->under;
    return under->xAccess(under, name, flags, ret_there);
}

static int shim_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out) {
    sqlite3_vfs *under = shim_of(vfs)->under;
    return under->xFullPathname(under, name, size, out);
}

static int shim_randomness(sqlite3_vfs *vfs, int size, char *out) {
    sqlite3_vfs *under = shim_of(vfs)->under;
    return under->xRandomness(under, size, out);
}

static int shim_sleep(sqlite3_vfs *vfs, int microseconds) {
    sqlite3_vfs *under = shim_of(vfs)->under;
    return under->xSleep(under, microseconds);
}

static int shim_current_time(sqlite3_vfs *vfs, double *ret_day) {
    sqlite3_vfs *under = shim_of(vfs)->under;
    return under->xCurrentTime(under, ret_day);
}

int shim_vfs_register(struct shim_vfs *shim, const char *name) {
    shim->under = sqlite3_vfs_find(NULL);
    if (!shim->under)
        return SQLITE_ERROR;
    shim->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = (int)sizeof(struct shim_file) + shim->under->szOsFile,
        .mxPathname = shim->under->mxPathname,
        .zName = name,
        .pAppData = shim,
        .xOpen = shim_open,
        .xDelete = shim_delete,
        .xAccess = shim_access,
        .xFullPathname = shim_full_path,
        .xRandomness = shim_randomness,
        .xSleep = shim_sleep,
        .xCurrentTime = shim_current_time,
    };
    return sqlite3_vfs_register(&shim->vfs, 0);
}

void shim_vfs_unregister(struct shim_vfs *shim) {
    sqlite3_vfs_unregister(&shim->vfs);
}
