/* SPDX-License-Identifier: Apache-2.0
 *
 * The vault's functions without its VFS: the same settings on SQLite's own. Linked into the
 * measuring program in the vault's place, so that the same store can be timed with and without
 * encryption. Keys are taken and not used; nothing outside the bench links this.
 */
#include "vaultfs/vault.h"

#include <stdlib.h>
#include <unistd.h>

struct vrx_vault {
    sqlite3 *db;
};

struct vrx_result vrx_sqlite_result(sqlite3 *db, int rc) {
    (void)db;
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return vrx_ok();
    case SQLITE_CONSTRAINT:
        return vrx_fail(VRX_ALREADY_EXISTS);
    default:
        return vrx_fail(VRX_DISK_FAILED);
    }
}

static struct vrx_result configure(sqlite3 *db) {
    return vrx_sqlite_result(db, sqlite3_exec(db,
                                     "PRAGMA locking_mode = EXCLUSIVE;"
                                     "PRAGMA temp_store = MEMORY;"
                                     "PRAGMA secure_delete = ON;"
                                     "PRAGMA page_size = 4096;"
                                     "PRAGMA journal_mode = WAL;"
                                     "PRAGMA synchronous = FULL;"
                                     "PRAGMA foreign_keys = ON;"
                                     "SELECT count(*) FROM sqlite_schema",
                                     NULL, NULL, NULL));
}

struct vrx_result vrx_vault_open(const char *path, struct vrx_view data_key,
    const struct vrx_random *random, bool create, struct vrx_vault **ret_vault) {
    (void)data_key;
    (void)random;
    if (!create && access(path, F_OK) != 0)
        return vrx_fail(VRX_NOT_FOUND);
    VRX_CLEANUP(vrx_vault_close) struct vrx_vault *vault = calloc(1, sizeof *vault);
    if (!vault)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    VRX_TRY(vrx_sqlite_result(NULL, sqlite3_open_v2(path, &vault->db, flags, NULL)));
    VRX_TRY(configure(vault->db));
    *ret_vault = vault;
    vault = NULL;
    return vrx_ok();
}

sqlite3 *vrx_vault_db(struct vrx_vault *vault) {
    return vault->db;
}

struct vrx_result vrx_vault_check(struct vrx_vault *vault) {
    return vrx_sqlite_result(
        vault->db, sqlite3_exec(vault->db, "PRAGMA integrity_check", NULL, NULL, NULL));
}

void vrx_vault_close(struct vrx_vault **vault) {
    if (!*vault)
        return;
    sqlite3_close((*vault)->db);
    free(*vault);
    *vault = NULL;
}
