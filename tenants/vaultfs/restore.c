/* SPDX-License-Identifier: Apache-2.0
 *
 * Copies of a vault that nobody has open, and putting one back. Names are given last and the WAL's
 * first: a database without the WAL that belongs to it would open, with an older state.
 */
#include "vaultfs/backup.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "vaultfs/file.h"
#include "vaultfs/vfs.h"

/* A database and its WAL, open for reading; the WAL is NULL where there is none. */
struct pair {
    sqlite3_file *files[2];
    sqlite3_int64 sizes[2];
    char paths[2][PATH_MAX];
};

static struct vrx_result read_at(sqlite3_file *file, uint8_t *out, int len, sqlite3_int64 at) {
    return vrx_file_result(file->pMethods->xRead(file, out, len, at));
}

static void pair_close(struct pair *pair) {
    for (size_t i = 0; i < 2; i++)
        vrx_file_close(&pair->files[i]);
}

static struct vrx_result pair_name(struct pair *pair, const char *path) {
    VRX_TRY(vrx_file_name(path, "", pair->paths[0]));
    return vrx_file_name(path, "-wal", pair->paths[1]);
}

/* As a database, so that SQLite's locks hold: no one opens it meanwhile. */
static struct vrx_result open_locked(struct pair *pair, sqlite3_vfs *vfs, sqlite3_filename name) {
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    if (!file)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    pair->files[0] = file;
    int flags = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE;
    if (vfs->xOpen(vfs, name, file, flags, NULL) != SQLITE_OK)
        return vrx_fail(VRX_FILE_REFUSED);
    if (file->pMethods->xLock(file, SQLITE_LOCK_SHARED) != SQLITE_OK ||
        file->pMethods->xLock(file, SQLITE_LOCK_RESERVED) != SQLITE_OK ||
        file->pMethods->xLock(file, SQLITE_LOCK_EXCLUSIVE) != SQLITE_OK)
        return vrx_fail(VRX_FILE_REFUSED);
    return vrx_file_result(file->pMethods->xFileSize(file, &pair->sizes[0]));
}

static struct vrx_result open_wal(struct pair *pair, sqlite3_vfs *vfs) {
    if (!vrx_file_exists(pair->paths[1]))
        return vrx_ok();
    VRX_TRY(vrx_file_open(vfs, pair->paths[1], &pair->files[1]));
    sqlite3_file *wal = pair->files[1];
    return vrx_file_result(wal->pMethods->xFileSize(wal, &pair->sizes[1]));
}

/* The name must live as long as the file. */
static struct vrx_result pair_open(
    struct pair *pair, const char *path, sqlite3_filename *ret_name) {
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    VRX_TRY(pair_name(pair, path));
    if (!vrx_file_exists(path))
        return vrx_fail(VRX_NOT_FOUND);
    *ret_name = sqlite3_create_filename(path, "", "", 0, NULL);
    if (!*ret_name)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(open_locked(pair, vfs, *ret_name));
    return open_wal(pair, vfs);
}

/* A torn slot is no header; one that is tells the file id. */
static struct vrx_result inspect(const struct pair *pair) {
    uint8_t slot[VRX_HEADER_SLOT];
    uint8_t file_id[VRX_PAGE_FILE_ID];
    uint8_t clear[VRX_PAGE_CLEAR];
    unsigned slots = 0;
    if (pair->sizes[0] < VRX_HEADER + VRX_PAGE || pair->sizes[0] % VRX_PAGE != 0)
        return vrx_refuse(VRX_VAULT_DAMAGED, "the database is not whole pages");
    VRX_TRY(read_at(pair->files[0], clear, sizeof clear, VRX_HEADER));
    for (sqlite3_int64 at = 0; at < VRX_HEADER; at += VRX_HEADER_SLOT) {
        VRX_TRY(read_at(pair->files[0], slot, sizeof slot, at));
        if (!vrx_is_ok(vrx_header_file_id(slot, file_id)))
            continue;
        slots++;
        if (memcmp(file_id, clear, sizeof file_id) != 0)
            return vrx_refuse(VRX_VAULT_DAMAGED, "page 1 names another file");
    }
    if (slots == 0)
        return vrx_refuse(VRX_VAULT_DAMAGED, "no header of a vault");
    return vrx_page_header_check(clear + VRX_PAGE_FILE_ID);
}

struct work {
    const struct vrx_backup_watch *watch;
    uint64_t done;
    uint64_t total;
};

static struct vrx_result told(struct work *work, uint64_t more) {
    work->done += more;
    return !work->watch || work->watch->go_on(work->watch->context, work->done, work->total)
               ? vrx_ok()
               : vrx_fail(VRX_CANCELLED);
}

/* The last piece may be short: a WAL that a power failure cut anywhere. */
static struct vrx_result copy_file(
    sqlite3_file *from, sqlite3_int64 size, sqlite3_file *to, struct work *work) {
    uint8_t piece[VRX_PAGE * 16];
    for (sqlite3_int64 at = 0; at < size; at += (sqlite3_int64)sizeof piece) {
        sqlite3_int64 left = size - at;
        int len = left < (sqlite3_int64)sizeof piece ? (int)left : (int)sizeof piece;
        VRX_TRY(read_at(from, piece, len, at));
        VRX_TRY(vrx_file_result(to->pMethods->xWrite(to, piece, len, at)));
        VRX_TRY(told(work, (uint64_t)len));
    }
    return vrx_file_result(to->pMethods->xSync(to, SQLITE_SYNC_NORMAL));
}

static struct vrx_result copy_part(
    const struct pair *pair, size_t which, const char *path, struct work *work) {
    char part[PATH_MAX];
    VRX_TRY(vrx_file_name(path, VRX_FILE_PART, part));
    (void)unlink(part);
    VRX_TRY(vrx_file_make(part));
    sqlite3_file *to = NULL;
    VRX_TRY(vrx_file_open(sqlite3_vfs_find(NULL), part, &to));
    struct vrx_result result = copy_file(pair->files[which], pair->sizes[which], to, work);
    vrx_file_close(&to);
    return result;
}

/* Both files beside their final names. */
static struct vrx_result copy_pair(
    const struct pair *from, const struct pair *to, struct work *work) {
    work->total = (uint64_t)(from->sizes[0] + from->sizes[1]);
    VRX_TRY(copy_part(from, 0, to->paths[0], work));
    return from->files[1] ? copy_part(from, 1, to->paths[1], work) : vrx_ok();
}

static struct vrx_result name_pair(const struct pair *to, bool wal) {
    if (wal)
        VRX_TRY(vrx_file_take_name(to->paths[1]));
    VRX_TRY(vrx_file_sync_folder(to->paths[0]));
    VRX_TRY(vrx_file_take_name(to->paths[0]));
    return vrx_file_sync_folder(to->paths[0]);
}

/* Takes back what a failure left on the way; what has its name stays. */
static void clear_parts(const struct pair *to) {
    char part[PATH_MAX];
    for (size_t i = 0; i < 2; i++)
        if (vrx_is_ok(vrx_file_name(to->paths[i], VRX_FILE_PART, part)))
            (void)unlink(part);
    if (!vrx_file_exists(to->paths[0]))
        (void)unlink(to->paths[1]);
}

static struct vrx_result copy_to_parts(
    const char *from, const struct pair *to, struct work *work, bool *ret_wal) {
    struct pair source = {.sizes = {0, 0}};
    sqlite3_filename name = NULL;
    struct vrx_result result = pair_open(&source, from, &name);
    if (vrx_is_ok(result))
        result = inspect(&source);
    if (vrx_is_ok(result))
        result = copy_pair(&source, to, work);
    *ret_wal = source.files[1] != NULL;
    pair_close(&source);
    sqlite3_free_filename(name);
    return result;
}

static struct vrx_result is_free(const struct pair *to) {
    return vrx_file_exists(to->paths[0]) || vrx_file_exists(to->paths[1])
               ? vrx_fail(VRX_ALREADY_EXISTS)
               : vrx_ok();
}

struct vrx_result vrx_backup_copy(
    const char *from, const char *path, const struct vrx_backup_watch *watch) {
    struct pair to = {.sizes = {0, 0}};
    struct work work = {.watch = watch};
    bool wal = false;
    VRX_TRY(pair_name(&to, path));
    VRX_TRY(is_free(&to));
    struct vrx_result result = copy_to_parts(from, &to, &work, &wal);
    if (vrx_is_ok(result))
        result = name_pair(&to, wal);
    if (!vrx_is_ok(result))
        clear_parts(&to);
    return result;
}

struct vrx_result vrx_backup_inspect(const char *path) {
    struct pair pair = {.sizes = {0, 0}};
    sqlite3_filename name = NULL;
    struct vrx_result result = pair_open(&pair, path, &name);
    if (vrx_is_ok(result))
        result = inspect(&pair);
    pair_close(&pair);
    sqlite3_free_filename(name);
    return result;
}

/* Free pages too, which no query reads. */
static struct vrx_result authenticate(struct vrx_vault *vault, struct work *work) {
    uint8_t page[VRX_PAGE];
    uint32_t total = 0;
    VRX_TRY(vrx_vault_quiet(vault));
    VRX_TRY(vrx_vault_pages(vault, &total));
    work->total += (uint64_t)total * VRX_PAGE;
    for (uint32_t number = 1; number <= total; number++) {
        const struct vrx_page_place place = {.kind = VRX_PAGE_DATABASE, .number = number};
        if (number == VRX_LOCK_PAGE)
            continue;
        sqlite3_int64 at = VRX_HEADER + ((sqlite3_int64)number - 1) * VRX_PAGE;
        VRX_TRY(read_at(vault->epochs.file, page, VRX_PAGE, at));
        struct vrx_result result = vrx_vfs_open_page(vault, &place, page, page);
        vrx_wipe(page, sizeof page);
        VRX_TRY(result);
        VRX_TRY(told(work, VRX_PAGE));
    }
    return vrx_vault_check(vault);
}

/* Opens the copy under the name that it has on the way; its WAL has a name to match. */
static struct vrx_result verify(const struct pair *to, struct vrx_view data_key,
    const struct vrx_random *random, bool wal, struct work *work) {
    char part[PATH_MAX];
    char part_wal[PATH_MAX];
    char copied_wal[PATH_MAX];
    VRX_TRY(vrx_file_name(to->paths[0], VRX_FILE_PART, part));
    VRX_TRY(vrx_file_name(part, "-wal", part_wal));
    VRX_TRY(vrx_file_name(to->paths[1], VRX_FILE_PART, copied_wal));
    (void)unlink(part_wal);
    if (wal && rename(copied_wal, part_wal) != 0)
        return vrx_fail(VRX_DISK_FAILED);
    struct vrx_vault *vault = NULL;
    struct vrx_result result = vrx_vault_open(part, data_key, random, false, &vault);
    if (vrx_is_ok(result))
        result = authenticate(vault, work);
    vrx_vault_close(&vault);
    (void)unlink(part_wal); /* in the database by now, or refused */
    return result;
}

struct vrx_result vrx_backup_restore(const char *backup, const char *path, struct vrx_view data_key,
    const struct vrx_random *random, const struct vrx_backup_watch *watch,
    enum vrx_restored *ret_restored) {
    struct pair to = {.sizes = {0, 0}};
    struct work work = {.watch = watch};
    bool wal = false;
    VRX_TRY(pair_name(&to, path));
    VRX_TRY(is_free(&to));
    struct vrx_result result = copy_to_parts(backup, &to, &work, &wal);
    if (vrx_is_ok(result) && data_key.len > 0) {
        result = verify(&to, data_key, random, wal, &work);
        wal = false;
    }
    if (vrx_is_ok(result))
        result = name_pair(&to, wal);
    if (!vrx_is_ok(result)) {
        clear_parts(&to);
        return result;
    }
    *ret_restored = data_key.len > 0 ? VRX_RESTORED_VERIFIED : VRX_RESTORED_STRUCTURE;
    return result;
}
