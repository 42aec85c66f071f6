/* SPDX-License-Identifier: Apache-2.0
 *
 * What fuzz_vault and its seeds agree on: the key, the table and its rows.
 */
#ifndef VRX_SUPPORT_VAULT_SEED_H
#define VRX_SUPPORT_VAULT_SEED_H

#include <sqlite3.h>
#include <stdio.h>

#include "vaultfs/vault.h"

#define VAULT_SEED_ROWS 3
#define VAULT_SEED_BODY 32 /* bytes, with NUL */

static inline struct vrx_view vault_seed_key(void) {
    static const uint8_t key[32] = "VRX fuzzing: not a secret at all";
    return vrx_view_of(key, sizeof key);
}

static inline void vault_seed_body(int id, char out[VAULT_SEED_BODY]) {
    (void)snprintf(out, VAULT_SEED_BODY, "dose %d", id);
}

static inline struct vrx_result vault_seed_insert(sqlite3 *db, int id) {
    char body[VAULT_SEED_BODY];
    char sql[100];
    vault_seed_body(id, body);
    (void)snprintf(sql, sizeof sql, "INSERT INTO t VALUES (%d, '%s')", id, body);
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

#endif
