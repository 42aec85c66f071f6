/* SPDX-License-Identifier: Apache-2.0
 *
 * Migrations: schema/NNN_name.sql, compiled in by schema/embed.cmake, applied in order and never
 * back. PRAGMA user_version says which one came last. A migration that has landed is never edited.
 */
#ifndef VRX_STORE_SCHEMA_H
#define VRX_STORE_SCHEMA_H

#include "base/result.h"

#include <stddef.h>

struct sqlite3;

struct vrx_migration {
    int version; /* of the vault once it is applied: 1, 2, 3 … */
    const char *sql;
};

extern const struct vrx_migration vrx_schema_migrations[];
extern const size_t vrx_schema_migration_count;

/* The last migration applied; 0 for a new vault. */
struct vrx_result vrx_schema_version(struct sqlite3 *db, int *ret_version);

/* Applies what is missing of the first count migrations, inside the caller's transaction. Errors:
 * VRX_INPUT_VERSION when the vault is further than count: a later VRX wrote it. */
struct vrx_result vrx_schema_migrate(
    struct sqlite3 *db, const struct vrx_migration *migrations, size_t count);

#endif
