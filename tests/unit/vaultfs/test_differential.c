/* SPDX-License-Identifier: Apache-2.0
 *
 * The same random statements, some of them wrong, on a vault and on plain SQLite: same codes, same
 * rows, same content. VRX_FAULT_COUNT statements (100,000) from VRX_FAULT_SEED.
 */
#include "vaultfs/vault.h"

#include <stdio.h>

#include "support/check.h"
#include "support/vault_files.h"

#include "crypto/random.h"

#define TABLES 5
#define ROWS 300

struct pair {
    const struct vault_folder *folder;
    struct vrx_vault *vault;
    sqlite3 *plain;
    struct sequence sequence;
    unsigned agreed[2]; /* statements that failed, that succeeded */
    size_t largest;     /* content that was compared, in bytes */
};

static uint32_t below(struct pair *pair, uint32_t bound) {
    return sequence_below(&pair->sequence, bound);
}

/* @ is a table, # a row, ~ a length, & a small number. */
static const char *const templates[] = {
    "CREATE TABLE IF NOT EXISTS t@(id INTEGER PRIMARY KEY, a TEXT, b BLOB, c REAL)",
    "CREATE TABLE IF NOT EXISTS t@(id INTEGER PRIMARY KEY, a TEXT, b BLOB, c REAL)",
    "CREATE TABLE IF NOT EXISTS t@(id INTEGER PRIMARY KEY, a TEXT, b BLOB, c REAL)",
    "CREATE TABLE t@(id INTEGER, a TEXT, b BLOB, c REAL, PRIMARY KEY (id)) WITHOUT ROWID",
    "DROP TABLE t@",
    "CREATE INDEX i@& ON t@(a, c)",
    "CREATE UNIQUE INDEX u@ ON t@(c)",
    "DROP INDEX IF EXISTS i@&",
    "ALTER TABLE t@ RENAME TO t@",
    "ALTER TABLE t@ ADD COLUMN d& DEFAULT 'x'",
    "INSERT INTO t@(id, a, b, c) VALUES (#, 'row #', zeroblob(~), #.5)",
    "INSERT OR REPLACE INTO t@(id, a, b) VALUES (#, printf('%*d', ~, #), x'0102')",
    "INSERT OR REPLACE INTO t@(id, a, b) VALUES (#, printf('%*d', ~, #), zeroblob(~))",
    "INSERT OR IGNORE INTO t@(id, a, c) SELECT id + &, a, c FROM t@ LIMIT #",
    /* parenthesised: one statement in two literals */
    ("WITH RECURSIVE n(i) AS (SELECT # UNION ALL SELECT i + 1 FROM n WHERE i < # + 40) "
     "INSERT OR IGNORE INTO t@(id, a, b) SELECT i, 'n' || i, zeroblob(i * & % 700) FROM n"),
    "UPDATE t@ SET a = a || '&', c = id * & WHERE id % 7 = &",
    "UPDATE t@ SET b = zeroblob(~) WHERE id BETWEEN # AND # + 9",
    "UPDATE t@ SET id = id + # WHERE id < &",
    "DELETE FROM t@ WHERE id % & = 1",
    "DELETE FROM t@ WHERE id > #",
    "SELECT count(*), sum(length(b)), max(a), total(c) FROM t@",
    "SELECT x.id, y.a FROM t@ x JOIN t@ y ON x.id = y.id + & ORDER BY y.a DESC, 1 LIMIT 50",
    "SELECT id, a FROM t@ WHERE a > '#' ORDER BY a, id LIMIT 20",
    "BEGIN",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "COMMIT",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT s&",
    "ROLLBACK TO s&",
    "RELEASE s&",
    "VACUUM",
    "REINDEX",
    "PRAGMA user_version = #",
    "CREATE TEMP TABLE IF NOT EXISTS temporary AS SELECT * FROM t@",
    "DROP TABLE IF EXISTS temp.temporary",
    "SELECT count(*) FROM temporary",
    "nonsense",
};

static void make_statement(struct pair *pair, char *out, size_t size) {
    const char *from = templates[below(pair, sizeof templates / sizeof templates[0])];
    size_t len = 0;
    for (; *from && len + 8 < size; from++) {
        int written = 1;
        switch (*from) {
        case '@':
            written = snprintf(out + len, 8, "%u", below(pair, TABLES));
            break;
        case '#':
            written = snprintf(out + len, 8, "%u", below(pair, ROWS));
            break;
        case '&':
            written = snprintf(out + len, 8, "%u", 1 + below(pair, 6));
            break;
        case '~':
            written = snprintf(out + len, 8, "%u", below(pair, below(pair, 10) ? 500 : 20000));
            break;
        default:
            out[len] = *from;
        }
        len += (size_t)written;
    }
    out[len] = '\0';
}

static int append_row(void *context, int columns, char **values, char **names) {
    (void)names;
    for (int i = 0; i < columns; i++) {
        const char *value = values[i] ? values[i] : "(null)";
        if (!vrx_is_ok(vrx_buffer_append(context, vrx_view_text(value))) ||
            !vrx_is_ok(vrx_buffer_append_byte(context, '|')))
            return 1;
    }
    return 0;
}

static void run_both(struct pair *pair, const char *sql) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer mine = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer theirs = {0};
    int code = sqlite3_exec(vrx_vault_db(pair->vault), sql, append_row, &mine, NULL);
    int expected = sqlite3_exec(pair->plain, sql, append_row, &theirs, NULL);
    if (code != expected)
        fail_msg("%s: %d in the vault, %d in SQLite", sql, code, expected);
    if (!vrx_view_equal(vrx_buffer_view(&mine), vrx_buffer_view(&theirs)))
        fail_msg("%s: other rows in the vault", sql);
    pair->agreed[code == SQLITE_OK]++;
}

static void compare_content(struct pair *pair) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer mine = {.limit = (size_t)64 << 20};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer theirs = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(vrx_vault_db(pair->vault), &mine));
    assert_ok(database_dump(pair->plain, &theirs));
    assert_true(vrx_view_equal(vrx_buffer_view(&mine), vrx_buffer_view(&theirs)));
    pair->largest = mine.len > pair->largest ? mine.len : pair->largest;
    assert_ok(vrx_vault_check(pair->vault));
}

/* An open transaction is lost on both sides. */
static void reopen(struct pair *pair, bool create) {
    vrx_vault_close(&pair->vault);
    sqlite3_close(pair->plain);
    assert_ok(vrx_vault_open(
        pair->folder->vault, vault_key(1), vrx_random_system(), create, &pair->vault));
    assert_int_equal(sqlite3_open(pair->folder->copy, &pair->plain), SQLITE_OK);
    sqlite3_extended_result_codes(pair->plain, 1);
    sql_run(pair->plain, "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
    sql_run(vrx_vault_db(pair->vault), "PRAGMA cache_size = 8; PRAGMA wal_autocheckpoint = 30");
}

static void a_vault_is_sqlite(void **state) {
    unsigned long count = environment_number("VRX_FAULT_COUNT", 100000);
    struct pair pair = {
        .folder = *state, .sequence = sequence_of(environment_number("VRX_FAULT_SEED", 1))};
    reopen(&pair, true);
    for (unsigned long i = 1; i <= count; i++) {
        char sql[600];
        make_statement(&pair, sql, sizeof sql);
        run_both(&pair, sql);
        if (i % 100 == 0)
            compare_content(&pair);
        if (below(&pair, 150) == 0)
            reopen(&pair, false);
    }
    compare_content(&pair);
    vrx_vault_close(&pair.vault);
    sqlite3_close(pair.plain);
    print_message("%u statements succeeded, %u failed on both sides, content up to %zu bytes\n",
        pair.agreed[1], pair.agreed[0], pair.largest);
    assert_true(pair.largest > 50 * (size_t)4096);
    assert_true(pair.agreed[1] > count / 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_vault_is_sqlite, vault_folder_setup, vault_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
