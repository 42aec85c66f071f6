/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-old-vault VAULT KEYRING CUSTODIAN MUNICIPALITY VERSION: puts in the place of a vault that no
 * daemon has open one with the same rows whose tables are those of an earlier VRX (store/schema.h),
 * so that the next unseal migrates it. What that VRX had no table or column for is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "crypto/random.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "store/schema.h"
#include "store/tenant.h"
#include "support/unlock.h"
#include "vaultfs/vault.h"

static struct vrx_result run(sqlite3 *db, const char *sql) {
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static void end_statement(sqlite3_stmt **statement) {
    (void)sqlite3_finalize(*statement);
}

/* What is printed into the format, with names that SQLite gave. */
static struct vrx_result prepare(
    sqlite3 *db, sqlite3_stmt **ret_statement, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (!sql)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    int rc = sqlite3_prepare_v2(db, sql, -1, ret_statement, NULL);
    sqlite3_free(sql);
    return vrx_sqlite_result(db, rc);
}

static struct vrx_result put_row(sqlite3 *to, sqlite3_stmt *row, sqlite3_stmt *insert) {
    int count = sqlite3_column_count(row);
    for (int i = 0; i < count; i++) {
        int rc = sqlite3_bind_value(insert, i + 1, sqlite3_column_value(row, i));
        if (rc != SQLITE_OK)
            return vrx_sqlite_result(to, rc);
    }
    int rc = sqlite3_step(insert);
    VRX_TRY(vrx_sqlite_result(to, rc));
    return vrx_sqlite_result(to, sqlite3_reset(insert));
}

/* names: the columns of the earlier table, between commas; marks: a question mark for each; values:
 * what each is today. */
static struct vrx_result copy_rows(sqlite3 *from, sqlite3 *to, const char *table, const char *names,
    const char *marks, const char *values) {
    sqlite3_stmt *select VRX_CLEANUP(end_statement) = NULL;
    sqlite3_stmt *insert VRX_CLEANUP(end_statement) = NULL;
    VRX_TRY(prepare(from, &select, "SELECT %s FROM \"%w\"", values, table));
    VRX_TRY(prepare(to, &insert, "INSERT INTO \"%w\" (%s) VALUES (%s)", table, names, marks));
    int rc = sqlite3_step(select);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(select))
        VRX_TRY(put_row(to, select, insert));
    return vrx_sqlite_result(from, rc);
}

/* Every column of the earlier table is one of today's, but for this one, which became a table. */
#define CERTIFICATE_TEXT \
    "(SELECT text FROM certificate_text WHERE certificate = uvci ORDER BY format LIMIT 1)"

static struct vrx_result copy_table(sqlite3 *from, sqlite3 *to, const char *table) {
    sqlite3_stmt *columns VRX_CLEANUP(end_statement) = NULL;
    VRX_TRY(prepare(to, &columns,
        "SELECT group_concat('\"' || name || '\"'), group_concat('?'), group_concat(CASE WHEN %Q "
        "|| '.' || name = 'certificate.text' THEN '" CERTIFICATE_TEXT "' ELSE '\"' || name || '\"' "
        "END) FROM pragma_table_info(%Q)",
        table, table));
    int rc = sqlite3_step(columns);
    if (rc != SQLITE_ROW)
        return vrx_sqlite_result(to, rc);
    return copy_rows(from, to, table, (const char *)sqlite3_column_text(columns, 0),
        (const char *)sqlite3_column_text(columns, 1),
        (const char *)sqlite3_column_text(columns, 2));
}

static struct vrx_result copy_all(sqlite3 *from, sqlite3 *to, size_t version) {
    sqlite3_stmt *tables VRX_CLEANUP(end_statement) = NULL;
    VRX_TRY(run(to, "BEGIN; PRAGMA defer_foreign_keys = ON"));
    VRX_TRY(vrx_schema_migrate(to, vrx_schema_migrations, version));
    VRX_TRY(vrx_ledger_create(to));
    VRX_TRY(prepare(to, &tables, "SELECT name FROM sqlite_schema WHERE type = 'table'"));
    int rc = sqlite3_step(tables);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(tables))
        VRX_TRY(copy_table(from, to, (const char *)sqlite3_column_text(tables, 0)));
    VRX_TRY(vrx_sqlite_result(to, rc));
    end_statement(&tables);
    tables = NULL;
    return run(to, "COMMIT");
}

/* Opened as the daemon does it: a kill may have left a WAL, an earlier schema already, a change of
 * the data key half done. The new one is under one key. */
static struct vrx_result make_old(const char *path, const char *keyring, const char *custodian,
    const char *municipality, size_t version) {
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_tenant *from VRX_CLEANUP(vrx_tenant_close) = NULL;
    struct vrx_vault *to VRX_CLEANUP(vrx_vault_close) = NULL;
    struct vrx_municipality_code code;
    char beside[4096];
    if ((size_t)snprintf(beside, sizeof beside, "%s.old", path) >= sizeof beside || !version ||
        version > vrx_schema_migration_count)
        return vrx_fail(VRX_INPUT_RANGE);
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(municipality), &code));
    VRX_TRY(unlock_keyring(keyring, custodian, &root, &keys));
    VRX_TRY(vrx_tenant_open(path, &keys, &code, vrx_random_system(), time(NULL), &from));
    VRX_TRY(vrx_vault_open(beside, vrx_tenant_vault_key(from), vrx_random_system(), true, &to));
    VRX_TRY(copy_all(vrx_tenant_db(from), vrx_vault_db(to), version));
    vrx_tenant_close(&from);
    vrx_vault_close(&to);
    return rename(beside, path) == 0 ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
}

int main(int argc, char **argv) {
    if (argc != 6) {
        fprintf(stderr, "usage: vrx-old-vault VAULT KEYRING CUSTODIAN MUNICIPALITY VERSION\n");
        return 2;
    }
    struct vrx_result result =
        make_old(argv[1], argv[2], argv[3], argv[4], strtoul(argv[5], NULL, 10));
    if (vrx_is_ok(result))
        return 0;
    fprintf(stderr, "vrx-old-vault: %s: %s\n", argv[1], vrx_reason_name(result.reason));
    return 1;
}
