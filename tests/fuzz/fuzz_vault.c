/* SPDX-License-Identifier: Apache-2.0
 *
 * The files of a vault as an attacker left them: length of the database in 4 bytes, database, WAL.
 * The seeds are genuine files under the key of vault_seed.h (made by make_vault_seeds) with rows 1
 * to 3, one commit each. Whatever is changed in them, opening and reading ends in VRX_VAULT_DAMAGED
 * or shows the rows of some commit; a vault that opened goes on working.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "crypto/random.h"
#include "support/vault_seed.h"
#include "vaultfs/vault.h"

#define NEW_ROW 10

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what) {
    if (holds)
        return;
    (void)fprintf(stderr, "fuzz_vault: %s\n", what);
    abort();
}

static void put(const char *path, struct vrx_view content) {
    (void)unlink(path);
    if (content.len == 0)
        return;
    FILE *file = fopen(path, "wb");
    require(file && fwrite(content.ptr, 1, content.len, file) == content.len, "cannot write");
    require(fclose(file) == 0, "cannot write");
}

/* Rows 1, 2, … without a gap, each with its own text, and perhaps the new one. */
static struct vrx_result read_rows(sqlite3 *db, int *ret_rows, bool *ret_new) {
    sqlite3_stmt *query = NULL;
    VRX_TRY(vrx_sqlite_result(
        db, sqlite3_prepare_v2(db, "SELECT id, body FROM t ORDER BY id", -1, &query, NULL)));
    int rows = 0;
    bool new_row = false;
    int rc = sqlite3_step(query);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(query)) {
        char expected[VAULT_SEED_BODY];
        int id = sqlite3_column_int(query, 0);
        const char *body = (const char *)sqlite3_column_text(query, 1);
        vault_seed_body(id, expected);
        require(body && strcmp(body, expected) == 0, "a body that was never written");
        require(id == NEW_ROW || (id == rows + 1 && !new_row), "rows that were never committed");
        new_row = new_row || id == NEW_ROW;
        rows += id != NEW_ROW;
    }
    struct vrx_result result = vrx_sqlite_result(db, rc);
    sqlite3_finalize(query);
    if (vrx_is_ok(result)) {
        *ret_rows = rows;
        *ret_new = new_row;
    }
    return result;
}

static struct vrx_result use(const char *path, bool insert, int *ret_rows, bool *ret_new) {
    VRX_CLEANUP(vrx_vault_close) struct vrx_vault *vault = NULL;
    VRX_TRY(vrx_vault_open(path, vault_seed_key(), vrx_random_system(), false, &vault));
    sqlite3 *db = vrx_vault_db(vault);
    VRX_TRY(read_rows(db, ret_rows, ret_new));
    VRX_TRY(vrx_vault_check(vault));
    return insert ? vault_seed_insert(db, NEW_ROW) : vrx_ok();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[64];
    char wal[80];
    (void)snprintf(path, sizeof path, "%s/fuzz-vault-%ld.db",
        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
    (void)snprintf(wal, sizeof wal, "%s-wal", path);

    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, vrx_view_of(data, size));
    uint32_t len = vrx_cursor_u32(&cursor);
    put(path, vrx_view_slice(cursor.rest, 0, len));
    put(wal, vrx_view_slice(cursor.rest, len, cursor.rest.len));

    int rows = 0;
    bool new_row = false;
    struct vrx_result result = use(path, true, &rows, &new_row);
    if (vrx_is_ok(result)) {
        int again = 0;
        require(!new_row && rows <= VAULT_SEED_ROWS, "more than was ever there");
        require(vrx_is_ok(use(path, false, &again, &new_row)), "a vault that opened once only");
        require(again == rows && new_row, "an acknowledged row is lost");
    } else {
        require(result.reason == VRX_VAULT_DAMAGED ||
                    (result.reason == VRX_NOT_FOUND && access(path, F_OK) != 0),
            vrx_reason_name(result.reason));
    }
    (void)unlink(path);
    (void)unlink(wal);
    return 0;
}
