/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks the migrations. The version is written in the transaction of the migration itself, so that
 * a crash leaves the one before or the one after. See schema.h.
 */
#include "store/schema.h"

#include <sqlite3.h>
#include <stdio.h>

#include "vaultfs/vault.h"

struct vrx_result vrx_schema_version(struct sqlite3 *db, int *ret_version) {
    sqlite3_stmt *query = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &query, NULL);
    int version = 0;
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(query);
        version = sqlite3_column_int(query, 0);
    }
    (void)sqlite3_finalize(query);
    if (rc != SQLITE_ROW)
        return vrx_sqlite_result(db, rc);
    *ret_version = version;
    return vrx_ok();
}

static struct vrx_result apply(struct sqlite3 *db, const struct vrx_migration *migration) {
    int rc = sqlite3_exec(db, migration->sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return vrx_sqlite_result(db, rc);
    char stamp[48];
    (void)snprintf(stamp, sizeof stamp, "PRAGMA user_version = %d", migration->version);
    rc = sqlite3_exec(db, stamp, NULL, NULL, NULL);
    return rc == SQLITE_OK ? vrx_ok() : vrx_sqlite_result(db, rc);
}

struct vrx_result vrx_schema_migrate(
    struct sqlite3 *db, const struct vrx_migration *migrations, size_t count) {
    int version = 0;
    VRX_TRY(vrx_schema_version(db, &version));
    if (version < 0 || (size_t)version > count)
        return vrx_fail(VRX_INPUT_VERSION);
    for (size_t i = (size_t)version; i < count; i++)
        VRX_TRY(apply(db, &migrations[i]));
    return vrx_ok();
}
