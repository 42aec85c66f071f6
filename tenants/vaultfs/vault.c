/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing a vault. The order of the settings is not free: the reserve must be known
 * before the first page exists, exclusive locking before the first read (or SQLite wants shared
 * memory), and page 1 is made without a rollback journal, because the VFS stores none. Next: vfs.c.
 */
#include "vaultfs/vault.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vaultfs/file.h"
#include "vaultfs/rekey.h"
#include "vaultfs/vfs.h"

static struct vrx_result run(sqlite3 *db, const char *sql) {
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* Is text all that this query answers? It runs to its end, because its writes happen there. */
static struct vrx_result answers(sqlite3 *db, const char *sql, const char *text, bool *ret_equal) {
    sqlite3_stmt *query = NULL;
    VRX_TRY(vrx_sqlite_result(db, sqlite3_prepare_v2(db, sql, -1, &query, NULL)));
    int rows = 0;
    bool equal = true;
    int rc = sqlite3_step(query);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(query)) {
        const char *answer = (const char *)sqlite3_column_text(query, 0);
        equal = equal && answer && strcmp(answer, text) == 0;
        rows++;
    }
    struct vrx_result result = vrx_sqlite_result(db, rc);
    sqlite3_finalize(query);
    if (vrx_is_ok(result))
        *ret_equal = equal && rows == 1;
    return result;
}

/* ATTACH '' is how VACUUM makes its copy, in memory here. */
static int authorize(void *context, int action, const char *first, const char *second,
    const char *database, const char *trigger) {
    static const char *const fixed[] = {
        "journal_mode", "locking_mode", "synchronous", "temp_store", "secure_delete"};
    (void)context;
    (void)database;
    (void)trigger;
    if (action == SQLITE_ATTACH)
        return first && first[0] == '\0' ? SQLITE_OK : SQLITE_DENY;
    if (action != SQLITE_PRAGMA || !second)
        return SQLITE_OK;
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        if (first && sqlite3_stricmp(first, fixed[i]) == 0)
            return SQLITE_DENY;
    return SQLITE_OK;
}

static struct vrx_result set_flags(sqlite3 *db) {
    static const struct {
        int name;
        int value;
    } flags[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        VRX_TRY(vrx_sqlite_result(db, sqlite3_db_config(db, flags[i].name, flags[i].value, NULL)));
    return vrx_sqlite_result(db, sqlite3_set_authorizer(db, authorize, NULL));
}

/* secure_delete is not for secrecy here: without it SQLite leaves a page that is freed in the
 * transaction that made it unwritten, a hole that cannot authenticate. */
static struct vrx_result configure(sqlite3 *db, bool create) {
    int reserved = VRX_PAGE_RESERVED;
    VRX_TRY(vrx_sqlite_result(
        db, sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved)));
    VRX_TRY(run(db, "PRAGMA locking_mode = EXCLUSIVE;"
                    "PRAGMA temp_store = MEMORY;"
                    "PRAGMA secure_delete = ON"));
    if (create)
        VRX_TRY(run(db, "PRAGMA page_size = 4096;"
                        "PRAGMA auto_vacuum = NONE;"
                        "PRAGMA journal_mode = OFF"));
    bool is_wal = false;
    VRX_TRY(answers(db, "PRAGMA journal_mode = WAL", "wal", &is_wal));
    if (!is_wal)
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_TRY(run(db, "PRAGMA synchronous = FULL"));
    VRX_TRY(set_flags(db));
    return run(db, "SELECT count(*) FROM sqlite_schema");
}

/* SQLite leaves the WAL alone on closing until the vault is known to be whole: with a wrong key it
 * would take the WAL for empty and remove it. */
static struct vrx_result keep_wal(sqlite3 *db, int keep) {
    return vrx_sqlite_result(
        db, sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, NULL));
}

/* The frames that a failed commit wrote are none. */
static void on_rollback(void *context) {
    struct vrx_vault *vault = context;
    vrx_wal_give_up(&vault->wal);
}

static struct vrx_result connect_to(struct vrx_vault *vault, const char *path) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
                SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(path, &vault->db, flags, vault->name);
    if (rc != SQLITE_OK && vault->failure != VRX_OK)
        return vrx_fail(vault->failure);
    VRX_TRY(vrx_sqlite_result(vault->db, rc));
    VRX_TRY(keep_wal(vault->db, 1));
    (void)sqlite3_rollback_hook(vault->db, on_rollback, vault);
    VRX_TRY(configure(vault->db, vault->creating));
    VRX_TRY(vault->creating ? vrx_fresh_made(vault) : vrx_fresh_verify(vault));
    vault->creating = false;
    vault->locked = true;
    return keep_wal(vault->db, 0);
}

/* SQLite would read "file:…" as a URI and "", ":…" as a database in memory. */
static bool is_plain(const char *path) {
    return path[0] != '\0' && path[0] != ':' && strncmp(path, "file:", 5) != 0;
}

/* An empty file; SQLite gives the WAL the same mode. */
static struct vrx_result make_file(const char *path, const char *wal) {
    return vrx_file_exists(wal) ? vrx_fail(VRX_ALREADY_EXISTS) : vrx_file_make(path);
}

static void disconnect(struct vrx_vault *vault) {
    for (sqlite3_stmt *left = sqlite3_next_stmt(vault->db, NULL); left;
         left = sqlite3_next_stmt(vault->db, NULL))
        sqlite3_finalize(left);
    sqlite3_close(vault->db);
    vault->db = NULL;
}

void vrx_vault_close(struct vrx_vault **vault) {
    struct vrx_vault *closing = *vault;
    if (!closing)
        return;
    if (closing->db)
        disconnect(closing);
    vrx_vfs_unregister(closing);
    vrx_fresh_done(&closing->fresh);
    vrx_wal_done(&closing->wal);
    vrx_epochs_done(&closing->epochs);
    vrx_wipe(closing, sizeof *closing);
    free(closing);
    *vault = NULL;
}

static struct vrx_result open_file(
    struct vrx_vault *vault, const char *path, const char *under, struct vrx_view data_key) {
    VRX_TRY(vrx_vfs_register(vault, under));
    vault->data_key = data_key;
    bool creating = vault->creating;
    struct vrx_result result = connect_to(vault, path);
    vault->data_key = vrx_view_of(NULL, 0);
    VRX_TRY(result);
    return creating ? vrx_file_sync_folder(path) : vrx_ok();
}

struct vrx_result vrx_vault_open_over(const char *path, struct vrx_view data_key,
    const struct vrx_random *random, bool create, const char *under, struct vrx_vault **ret_vault) {
    char wal[PATH_MAX];
    if (!is_plain(path) || (size_t)snprintf(wal, sizeof wal, "%s-wal", path) >= sizeof wal)
        return vrx_fail(VRX_FILE_REFUSED);
    if (data_key.len != VRX_AEAD_KEY)
        return vrx_fail(VRX_KEY_INVALID);
    if (!create && !vrx_file_exists(path) && errno == ENOENT)
        return vrx_fail(VRX_NOT_FOUND);
    struct vrx_vault *vault = calloc(1, sizeof *vault);
    if (!vault)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx_nonces_init(&vault->nonces, random);
    vault->creating = create;
    struct vrx_result result = create ? make_file(path, wal) : vrx_ok();
    bool made = create && vrx_is_ok(result);
    if (vrx_is_ok(result))
        result = open_file(vault, path, under, data_key);
    if (vrx_is_ok(result)) {
        *ret_vault = vault;
        return result;
    }
    vrx_vault_close(&vault);
    if (made) {
        (void)unlink(wal);
        (void)unlink(path);
    }
    return result;
}

struct vrx_result vrx_vault_open(const char *path, struct vrx_view data_key,
    const struct vrx_random *random, bool create, struct vrx_vault **ret_vault) {
    return vrx_vault_open_over(path, data_key, random, create, NULL, ret_vault);
}

sqlite3 *vrx_vault_db(struct vrx_vault *vault) {
    return vault->db;
}

struct vrx_result vrx_vault_set_cache(struct vrx_vault *vault, int64_t mebibytes) {
    char pragma[48];
    if (mebibytes < 0 || mebibytes > VRX_VAULT_CACHE_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    /* Negative: KiB, of SQLite's own overhead too. */
    (void)snprintf(
        pragma, sizeof pragma, "PRAGMA cache_size = -%" PRId64, (mebibytes ? mebibytes : 2) * 1024);
    return run(vault->db, pragma);
}

struct vrx_result vrx_vault_check(struct vrx_vault *vault) {
    bool is_whole = false;
    VRX_TRY(vrx_rekey_recover(&vault->epochs));
    VRX_TRY(vrx_fresh_check(vault));
    VRX_TRY(answers(vault->db, "PRAGMA integrity_check", "ok", &is_whole));
    return is_whole ? vrx_ok() : vrx_refuse(VRX_VAULT_DAMAGED, "SQLite integrity_check");
}

void vrx_vault_limit_epochs(struct vrx_vault *vault, uint64_t writes, uint64_t block) {
    vault->epochs.limit = writes;
    vault->epochs.block = block;
    vault->epochs.left = 0;
}

void vrx_vault_epochs(const struct vrx_vault *vault, struct vrx_vault_epochs *ret_epochs) {
    const struct vrx_header *header = &vault->epochs.header;
    *ret_epochs = (struct vrx_vault_epochs){
        .current = header->epoch, .oldest = header->oldest, .written = header->written};
}

struct vrx_result vrx_vault_quiet(struct vrx_vault *vault) {
    if (vrx_vfs_damaged(vault))
        return vrx_fail(VRX_VAULT_DAMAGED);
    if (vault->frozen || !sqlite3_get_autocommit(vault->db))
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_rekey_recover(&vault->epochs));
    int rc = sqlite3_wal_checkpoint_v2(vault->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if ((rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
        return vrx_fail(VRX_WRONG_STATE);
    return vrx_sqlite_result(vault->db, rc);
}

struct vrx_result vrx_vault_pages(struct vrx_vault *vault, uint32_t *ret_pages) {
    sqlite3_stmt *query = NULL;
    VRX_TRY(vrx_sqlite_result(
        vault->db, sqlite3_prepare_v2(vault->db, "PRAGMA page_count", -1, &query, NULL)));
    int rc = sqlite3_step(query);
    uint32_t pages = rc == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(query, 0) : 0;
    sqlite3_finalize(query);
    VRX_TRY(vrx_sqlite_result(vault->db, rc));
    *ret_pages = pages;
    return vrx_ok();
}

struct vrx_result vrx_vault_vacuum(struct vrx_vault *vault) {
    VRX_TRY(vrx_vault_quiet(vault));
    VRX_TRY(vrx_epochs_advance(&vault->epochs));
    uint32_t begun = vault->epochs.header.epoch;
    VRX_TRY(run(vault->db, "VACUUM"));
    VRX_TRY(vrx_vault_quiet(vault));
    uint32_t oldest = 0;
    uint32_t pages = 0;
    VRX_TRY(vrx_vault_pages(vault, &pages));
    VRX_TRY(vrx_vfs_oldest_epoch(vault, pages, &oldest));
    return vrx_epochs_retire(&vault->epochs, oldest < begun ? oldest : begun);
}
