/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening and closing a municipality's vault. A vault is made under another name and renamed when
 * it is whole: a crash while it is made leaves nothing that the next start could not clear away.
 * All setup is one transaction. Next: schema.c, sql.c.
 */
#include "store/tenant.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "store/schema.h"
#include "store/sql.h"
#include "vaultfs/backup.h"

#define PATH_MAX_BYTES 4096

struct vrx_tenant {
    struct vrx_vault *vault;
    struct vrx_tenant_keys *keys;
    struct vrx_view vault_key; /* the one of keys that the vault is under */
    struct vrx_ledger *ledger;
    struct vrx_backup *backup; /* under way; NULL when none is */
    const struct vrx_random *random;
    struct vrx_municipality_code code;
    struct vrx_sql sql;
};

struct sqlite3 *vrx_tenant_db(struct vrx_tenant *tenant) {
    return tenant->sql.db;
}

struct vrx_vault *vrx_tenant_vault(struct vrx_tenant *tenant) {
    return tenant->vault;
}

struct vrx_sql *vrx_tenant_sql(struct vrx_tenant *tenant) {
    return &tenant->sql;
}

struct vrx_ledger *vrx_tenant_ledger(struct vrx_tenant *tenant) {
    return tenant->ledger;
}

const struct vrx_tenant_keys *vrx_tenant_keys(const struct vrx_tenant *tenant) {
    return tenant->keys;
}

struct vrx_view vrx_tenant_vault_key(const struct vrx_tenant *tenant) {
    return tenant->vault_key;
}

void vrx_tenant_adopt_keys(struct vrx_tenant *tenant, struct vrx_tenant_keys **keys) {
    const struct vrx_view present = vrx_tenant_data_key(*keys);
    tenant->vault_key = vrx_equal_constant_time(present, tenant->vault_key)
                            ? present
                            : vrx_tenant_previous_data_key(*keys);
    vrx_tenant_keys_free(&tenant->keys);
    tenant->keys = *keys;
    *keys = NULL;
}

static bool is_under_present_key(const struct vrx_tenant *tenant) {
    return vrx_equal_constant_time(tenant->vault_key, vrx_tenant_data_key(tenant->keys));
}

struct vrx_result vrx_tenant_rotation(
    struct vrx_tenant *tenant, struct vrx_rotation_state *ret_state) {
    struct vrx_vault_progress progress;
    VRX_TRY(vrx_vault_rekey_progress(tenant->vault, &progress));
    const bool present = is_under_present_key(tenant);
    struct vrx_rotation_state state = {.done = progress.done, .total = progress.total};
    state.data_number = tenant->keys->data_number;
    if (progress.active) {
        state.at = progress.total - progress.done > VRX_ROTATION_REST ? VRX_ROTATION_MOVING
                                                                      : VRX_ROTATION_ENDING;
        state.data_number -= present ? 0 : 1;
    } else if (!present) {
        state.at = VRX_ROTATION_PENDING;
        state.done = 0;
    }
    *ret_state = state;
    return vrx_ok();
}

/* Whether it was begun is the vault's to say, also after a failure. */
static struct vrx_result begin_rotation(struct vrx_tenant *tenant) {
    const struct vrx_view present = vrx_tenant_data_key(tenant->keys);
    struct vrx_vault_progress progress;
    struct vrx_result result = vrx_vault_rekey_begin(tenant->vault, present);
    VRX_TRY(vrx_vault_rekey_progress(tenant->vault, &progress));
    if (progress.active)
        tenant->vault_key = present;
    return result;
}

struct vrx_result vrx_tenant_rotate(struct vrx_tenant *tenant, uint32_t pages) {
    struct vrx_rotation_state state;
    VRX_TRY(vrx_tenant_rotation(tenant, &state));
    if (state.at != VRX_ROTATION_DONE && vrx_tenant_backup_is_under_way(tenant))
        return vrx_refuse(VRX_WRONG_STATE, "data key: a backup is being taken; go on after it");
    switch (state.at) {
    case VRX_ROTATION_PENDING:
        return begin_rotation(tenant);
    case VRX_ROTATION_MOVING:
        return vrx_vault_rekey_step(tenant->vault, pages);
    case VRX_ROTATION_ENDING:
        VRX_TRY(vrx_vault_rekey_step(tenant->vault, UINT32_MAX));
        return vrx_vault_rekey_finish(tenant->vault);
    case VRX_ROTATION_DONE:
        break;
    }
    return vrx_refuse(VRX_WRONG_STATE, "the vault is under the present data key");
}

struct vrx_result vrx_tenant_vacuum(struct vrx_tenant *tenant) {
    return vrx_vault_vacuum(tenant->vault);
}

const struct vrx_municipality_code *vrx_tenant_code(const struct vrx_tenant *tenant) {
    return &tenant->code;
}

const struct vrx_random *vrx_tenant_random(const struct vrx_tenant *tenant) {
    return tenant->random;
}

static struct vrx_result execute(sqlite3 *db, const char *sql) {
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? vrx_ok() : vrx_sqlite_result(db, sqlite3_extended_errcode(db));
}

static struct vrx_result note_owner(
    sqlite3 *db, const struct vrx_municipality_code *code, int64_t now) {
    struct vrx_sql sql VRX_CLEANUP(vrx_sql_done) = {.db = db};
    struct vrx_statement insert VRX_CLEANUP(vrx_statement_end) = vrx_statement_begin(
        &sql, "INSERT INTO vault (only_row, municipality, created_at) VALUES (1, ?, ?)");
    vrx_bind_code(&insert, code);
    vrx_bind_int(&insert, now);
    return vrx_statement_run(&insert);
}

/* A migration is an act of the daemon, with its entry in the same transaction. */
static struct vrx_result record_migration(
    sqlite3 *db, int from, const struct vrx_random *random, int64_t now) {
    struct vrx_ledger *ledger VRX_CLEANUP(vrx_ledger_free) = NULL;
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    char basis[VRX_LIMIT_BASIS + 1];
    uint64_t seq = 0;
    (void)snprintf(basis, sizeof basis, "schema %d to %zu", from, vrx_schema_migration_count);
    struct vrx_audit_entry entry = {.time = now,
        .method = vrx_view_text("vault/migrate"),
        .terminal = vrx_view_text("vrxd"),
        .purpose = vrx_view_text("a later version's tables"),
        .basis = vrx_view_text(basis)};
    VRX_TRY(vrx_random_fill(random, entry.request, VRX_ID));
    VRX_TRY(vrx_audit_entry_encode(&entry, &bytes));
    VRX_TRY(vrx_ledger_open(db, &ledger));
    return vrx_ledger_append(ledger, vrx_buffer_view(&bytes), &seq);
}

static struct vrx_result set_up_inside(sqlite3 *db, const struct vrx_municipality_code *code,
    const struct vrx_random *random, int64_t now) {
    int version = 0;
    VRX_TRY(vrx_schema_version(db, &version));
    VRX_TRY(vrx_schema_migrate(db, vrx_schema_migrations, vrx_schema_migration_count));
    if (version > 0)
        return (size_t)version < vrx_schema_migration_count
                   ? record_migration(db, version, random, now)
                   : vrx_ok();
    VRX_TRY(vrx_ledger_create(db));
    return note_owner(db, code, now);
}

/* A new vault gets its tables and its owner, an old one what migrations it lacks. */
static struct vrx_result set_up(sqlite3 *db, const struct vrx_municipality_code *code,
    const struct vrx_random *random, int64_t now) {
    VRX_TRY(execute(db, "BEGIN IMMEDIATE"));
    struct vrx_result result = set_up_inside(db, code, random, now);
    if (vrx_is_ok(result))
        result = execute(db, "COMMIT");
    if (!vrx_is_ok(result))
        VRX_IGNORE(execute(db, "ROLLBACK"));
    return result;
}

/* The rename itself must survive a power failure. */
static struct vrx_result sync_folder_of(const char *path) {
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    memcpy(folder, path, len);
    folder[len] = '\0';
    int fd = open(len ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return vrx_fail(VRX_DISK_FAILED);
    int synced = fsync(fd);
    (void)close(fd);
    return synced == 0 ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
}

/* Everything is in the database afterwards and nothing in the log, which keeps its old name. */
static struct vrx_result empty_log(sqlite3 *db) {
    int rc = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == SQLITE_OK ? vrx_ok() : vrx_sqlite_result(db, sqlite3_extended_errcode(db));
}

static struct vrx_result make_vault(const char *path, struct vrx_view data_key,
    const struct vrx_municipality_code *code, const struct vrx_random *random, int64_t now) {
    char fresh[PATH_MAX_BYTES];
    char wal[PATH_MAX_BYTES];
    int len = snprintf(fresh, sizeof fresh, "%s.new", path);
    int wal_len = snprintf(wal, sizeof wal, "%s.new-wal", path);
    if (len < 0 || wal_len < 0 || (size_t)wal_len >= sizeof wal)
        return vrx_refuse(VRX_FILE_REFUSED, "path too long");
    (void)unlink(fresh);
    (void)unlink(wal);

    struct vrx_vault *vault VRX_CLEANUP(vrx_vault_close) = NULL;
    VRX_TRY(vrx_vault_open(fresh, data_key, random, true, &vault));
    VRX_TRY(set_up(vrx_vault_db(vault), code, random, now));
    VRX_TRY(empty_log(vrx_vault_db(vault)));
    vrx_vault_close(&vault);
    (void)unlink(wal); /* empty, where closing could not remove it */
    if (rename(fresh, path) != 0)
        return vrx_fail(VRX_DISK_FAILED);
    return sync_folder_of(path);
}

/* With the present data key, and where that has not come into the vault yet with the one before. */
static struct vrx_result open_or_make(
    struct vrx_tenant *tenant, const char *path, const struct vrx_tenant_keys *keys, int64_t now) {
    const struct vrx_view present = vrx_tenant_data_key(keys);
    const struct vrx_view previous = vrx_tenant_previous_data_key(keys);
    const struct vrx_random *random = tenant->random;
    struct vrx_result result = vrx_vault_open(path, present, random, false, &tenant->vault);
    tenant->vault_key = present;
    if (result.reason == VRX_VAULT_DAMAGED && previous.len) {
        if (vrx_is_ok(vrx_vault_open(path, previous, random, false, &tenant->vault))) {
            tenant->vault_key = previous;
            return vrx_ok();
        }
        return result;
    }
    if (result.reason != VRX_NOT_FOUND)
        return result;
    VRX_TRY(make_vault(path, present, &tenant->code, random, now));
    return vrx_vault_open(path, present, random, false, &tenant->vault);
}

static struct vrx_result check_owner(struct vrx_tenant *tenant) {
    VRX_STATEMENT(find, tenant, "SELECT municipality FROM vault");
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_municipality_code owner = vrx_take_code(&find);
    VRX_TRY(find.error);
    return vrx_municipality_code_equal(&owner, &tenant->code) ? vrx_ok()
                                                              : vrx_fail(VRX_TENANT_UNKNOWN);
}

struct vrx_result vrx_tenant_open(const char *path, struct vrx_tenant_keys **keys,
    const struct vrx_municipality_code *code, const struct vrx_random *random, int64_t now,
    struct vrx_tenant **ret_tenant) {
    struct vrx_tenant *tenant VRX_CLEANUP(vrx_tenant_close) = calloc(1, sizeof *tenant);
    if (!tenant)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    tenant->code = *code;
    tenant->random = random;
    VRX_TRY(open_or_make(tenant, path, *keys, now));
    tenant->sql.db = vrx_vault_db(tenant->vault);
    VRX_TRY(set_up(tenant->sql.db, code, random, now));
    VRX_TRY(check_owner(tenant));
    VRX_TRY(vrx_ledger_open(tenant->sql.db, &tenant->ledger));
    tenant->keys = *keys;
    *keys = NULL;
    *ret_tenant = tenant;
    tenant = NULL;
    return vrx_ok();
}

void vrx_tenant_close(struct vrx_tenant **tenant) {
    if (!*tenant)
        return;
    vrx_backup_free(&(*tenant)->backup);
    vrx_ledger_free(&(*tenant)->ledger);
    vrx_sql_done(&(*tenant)->sql);
    vrx_vault_close(&(*tenant)->vault);
    vrx_tenant_keys_free(&(*tenant)->keys);
    free(*tenant);
    *tenant = NULL;
}

struct vrx_result vrx_tenant_set_cache(struct vrx_tenant *tenant, int64_t mebibytes) {
    return vrx_vault_set_cache(tenant->vault, mebibytes);
}

void vrx_tenant_rest(struct vrx_tenant *tenant) {
    vrx_sql_done(&tenant->sql);
    (void)sqlite3_db_release_memory(tenant->sql.db); /* it always answers SQLITE_OK */
}

struct vrx_result vrx_tenant_check(struct vrx_tenant *tenant) {
    bool dangling = false;
    VRX_TRY(vrx_vault_check(tenant->vault));
    VRX_STATEMENT(references, tenant, "PRAGMA foreign_key_check");
    VRX_TRY(vrx_statement_row(&references, &dangling));
    if (dangling)
        return vrx_fail(VRX_VAULT_DAMAGED);
    return vrx_ledger_check(tenant->ledger);
}

struct vrx_result vrx_tenant_backup_begin(struct vrx_tenant *tenant, const char *path) {
    if (tenant->backup)
        return vrx_fail(VRX_WRONG_STATE);
    return vrx_backup_begin(tenant->vault, path, &tenant->backup);
}

struct vrx_result vrx_tenant_backup_step(
    struct vrx_tenant *tenant, uint32_t pages, struct vrx_vault_progress *ret_progress) {
    if (!tenant->backup)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_backup_step(tenant->backup, pages));
    vrx_backup_progress(tenant->backup, ret_progress);
    return vrx_ok();
}

struct vrx_result vrx_tenant_backup_finish(struct vrx_tenant *tenant) {
    return tenant->backup ? vrx_backup_finish(&tenant->backup) : vrx_fail(VRX_WRONG_STATE);
}

void vrx_tenant_backup_end(struct vrx_tenant *tenant) {
    vrx_backup_free(&tenant->backup);
}

bool vrx_tenant_backup_is_under_way(const struct vrx_tenant *tenant) {
    return tenant->backup != NULL;
}
