/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/vault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"
#include "support/vault_files.h"

#include "crypto/random.h"

#define CANARY "Ichiro-CANARY-123456789018"
#define CANARY_COLUMN "canary_column_name"

static struct vrx_vault *open_vault(const char *path, uint8_t key, bool create) {
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(path, vault_key(key), vrx_random_system(), create, &vault));
    assert_non_null(vault);
    return vault;
}

static void expect_refusal(const char *path, uint8_t key, bool create, enum vrx_reason reason) {
    struct vrx_vault *vault = NULL;
    assert_reason(
        vrx_vault_open(path, vault_key(key), vrx_random_system(), create, &vault), reason);
    assert_null(vault);
}

static void fill_with_canary(sqlite3 *db) {
    sql_run(db, "CREATE TABLE resident(id INTEGER PRIMARY KEY, " CANARY_COLUMN " TEXT) STRICT;"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
                "INSERT INTO resident SELECT i, '" CANARY "' || i FROM n");
}

static struct vrx_buffer dump_of(sqlite3 *db) {
    struct vrx_buffer dump = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(db, &dump));
    return dump;
}

static void assert_same_content(sqlite3 *db, const struct vrx_buffer *expected) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer dump = dump_of(db);
    assert_true(vrx_view_equal(vrx_buffer_view(&dump), vrx_buffer_view(expected)));
}

static void assert_not_inside(const char *path, const char *text) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = file_read(path);
    if (content.len > 0)
        assert_null(memmem(content.ptr, content.len, text, strlen(text)));
}

static void assert_unchanged(const char *path, const struct vrx_buffer *before) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer now = file_read(path);
    assert_true(vrx_view_equal(vrx_buffer_view(&now), vrx_buffer_view(before)));
}

static void content_is_there_after_closing(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    fill_with_canary(vrx_vault_db(vault));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vrx_vault_db(vault));
    vrx_vault_close(&vault);
    assert_null(vault);
    assert_int_equal(vault_folder_count(folder), 1);

    vault = open_vault(folder->vault, 1, false);
    assert_same_content(vrx_vault_db(vault), &content);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
    vrx_vault_close(&vault);
}

static void plaintext_is_in_no_file(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    fill_with_canary(vrx_vault_db(vault));
    assert_true(file_exists(folder->wal));
    for (int closed = 0; closed < 2; closed++) {
        const char *words[] = {"CANARY", CANARY_COLUMN, "CREATE TABLE", "SQLite format"};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            assert_not_inside(folder->vault, words[i]);
            assert_not_inside(folder->wal, words[i]);
        }
        vrx_vault_close(&vault);
    }
}

/* In a plain WAL every frame repeats the header's salts. */
static void wal_salts_and_checksums_are_hidden(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    fill_with_canary(vrx_vault_db(vault));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->wal);
    vrx_vault_close(&vault);
    size_t frames = (wal.len - 32) / 4120;
    assert_true(frames >= 3);
    assert_int_equal(wal.len, 32 + frames * 4120);
    for (size_t i = 0; i < frames; i++) {
        const uint8_t *salts = wal.ptr + 32 + i * 4120 + 8;
        assert_memory_not_equal(salts, wal.ptr + 16, 8);
        for (size_t k = i + 1; k < frames; k++)
            assert_memory_not_equal(salts, wal.ptr + 32 + k * 4120 + 8, 8);
    }
}

static void the_same_page_is_stored_differently_each_time(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    sql_run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = file_read(folder->vault);
    sql_run(db, "UPDATE resident SET id = id; PRAGMA wal_checkpoint(TRUNCATE)");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer after = file_read(folder->vault);
    vrx_vault_close(&vault);
    assert_int_equal(before.len, after.len);
    int changed = 0;
    for (size_t page = 4096; page < before.len; page += 4096)
        changed += memcmp(before.ptr + page, after.ptr + page, 4064) != 0;
    assert_true(changed > 1);
}

static void another_key_is_refused_and_changes_nothing(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    fill_with_canary(vrx_vault_db(vault));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vrx_vault_db(vault));
    file_copy(folder->vault, folder->copy);
    file_copy(folder->wal, folder->copy_wal);
    vrx_vault_close(&vault);

    const char *paths[] = {folder->vault, folder->copy};
    for (size_t i = 0; i < 2; i++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = file_read(paths[i]);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->copy_wal);
        expect_refusal(paths[i], 2, false, VRX_VAULT_DAMAGED);
        assert_unchanged(paths[i], &before);
        assert_unchanged(folder->copy_wal, &wal);
        vault = open_vault(paths[i], 1, false);
        assert_same_content(vrx_vault_db(vault), &content);
        if (i == 0)
            vrx_vault_close(&vault);
    }
    vrx_vault_close(&vault);
}

static void what_was_committed_is_recovered_from_the_wal(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(db);
    sql_run(db, "BEGIN; DELETE FROM resident WHERE id < 400");
    file_copy(folder->vault, folder->copy);
    file_copy(folder->wal, folder->copy_wal);
    vrx_vault_close(&vault);

    vault = open_vault(folder->copy, 1, false);
    assert_same_content(vrx_vault_db(vault), &content);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

/* A transaction larger than the cache writes frames before its commit, overwrites them, and has
 * SQLite rewrite the checksums behind them. */
static void a_transaction_larger_than_the_cache_is_recovered(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "PRAGMA cache_size = 5; PRAGMA wal_autocheckpoint = 0;"
                "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB);"
                "CREATE INDEX ta ON t(a)");
    sql_run(db, "BEGIN");
    for (int round = 0; round < 3; round++)
        sql_run(db,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)"
            "INSERT OR REPLACE INTO t SELECT i * 7 % 401, hex(randomblob(20)), randomblob(300) "
            "FROM n");
    sql_run(db, "SAVEPOINT s; UPDATE t SET b = zeroblob(3000); ROLLBACK TO s; RELEASE s; COMMIT");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(db);
    assert_ok(vrx_vault_check(vault));
    file_copy(folder->vault, folder->copy);
    file_copy(folder->wal, folder->copy_wal);
    vrx_vault_close(&vault);

    vault = open_vault(folder->copy, 1, false);
    assert_same_content(vrx_vault_db(vault), &content);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

static void vacuum_keeps_the_format(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    sql_run(db, "DELETE FROM resident WHERE id % 3; VACUUM");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(db);
    assert_int_equal(vault_folder_count(folder), 2);
    vrx_vault_close(&vault);
    assert_not_inside(folder->vault, "CANARY");
    vault = open_vault(folder->vault, 1, false);
    assert_same_content(vrx_vault_db(vault), &content);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

static void sorting_and_temporary_tables_make_no_file(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "PRAGMA cache_size = 5");
    fill_with_canary(db);
    sql_run(db, "CREATE TEMP TABLE large AS SELECT a.id AS x, hex(randomblob(50)) AS y "
                "FROM resident a, resident b LIMIT 20000;"
                "CREATE INDEX temp.large_y ON large(y);"
                "CREATE TABLE sorted AS SELECT y, x FROM large ORDER BY y DESC");
    assert_int_equal(sql_number(db, "SELECT count(*) FROM sorted"), 20000);
    /* A statement journal above SQLite's spill limit of 64 KiB. */
    assert_int_equal(sqlite3_exec(db,
                         "INSERT INTO sorted SELECT y, x FROM sorted;"
                         "CREATE UNIQUE INDEX u ON sorted(y)",
                         NULL, NULL, NULL),
        SQLITE_CONSTRAINT_UNIQUE);
    assert_int_equal(vault_folder_count(folder), 2);
    vrx_vault_close(&vault);
}

static void the_settings_hold(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    vrx_vault_close(&vault);
    vault = open_vault(folder->vault, 1, false);
    sqlite3 *db = vrx_vault_db(vault);
    assert_int_equal(sql_number(db, "PRAGMA page_size"), 4096);
    assert_int_equal(sql_number(db, "PRAGMA synchronous"), 2);
    assert_int_equal(sql_number(db, "PRAGMA temp_store"), 2);
    assert_int_equal(sql_number(db, "PRAGMA secure_delete"), 1);
    assert_int_equal(sql_number(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(sql_number(db, "PRAGMA trusted_schema"), 0);
    assert_int_equal(sql_number(db, "PRAGMA auto_vacuum"), 0);
    assert_int_equal(
        sql_number(db, "SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'"), 1);
    assert_int_equal(
        sql_number(db, "SELECT count(*) FROM pragma_locking_mode WHERE locking_mode = 'exclusive'"),
        1);
    vrx_vault_close(&vault);
    struct stat status;
    assert_int_equal(stat(folder->vault, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void statements_that_leave_the_vault_are_refused(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    char attach[200];
    char into[200];
    (void)snprintf(attach, sizeof attach, "ATTACH '%s' AS other", folder->copy);
    (void)snprintf(into, sizeof into, "VACUUM INTO '%s'", folder->copy);
    const char *statements[] = {attach, into, "ATTACH ':memory:' AS other",
        "ATTACH 'file::memory:' AS other", "ATTACH 'fi' || 'le' AS other",
        "PRAGMA journal_mode = DELETE", "PRAGMA main.journal_mode = OFF",
        "PRAGMA locking_mode = NORMAL", "PRAGMA synchronous = OFF", "PRAGMA temp_store = FILE",
        "PRAGMA secure_delete = OFF", "SELECT load_extension('libc.so.6')",
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema"};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        int rc = sqlite3_exec(db, statements[i], NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            fail_msg("not refused: %s", statements[i]);
    }
    assert_int_equal(vault_folder_count(folder), 2);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM resident"), 500);
    vrx_vault_close(&vault);
}

static void absent_and_present_files(void **state) {
    struct vault_folder *folder = *state;
    expect_refusal(folder->vault, 1, false, VRX_NOT_FOUND);
    assert_int_equal(vault_folder_count(folder), 0);
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    vrx_vault_close(&vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = file_read(folder->vault);
    expect_refusal(folder->vault, 1, true, VRX_ALREADY_EXISTS);
    assert_unchanged(folder->vault, &before);
    file_write(folder->copy_wal, vrx_buffer_view(&before));
    expect_refusal(folder->copy, 1, true, VRX_ALREADY_EXISTS);
    assert_false(file_exists(folder->copy));
}

static void what_is_no_vault_is_refused(void **state) {
    struct vault_folder *folder = *state;
    FILE *empty = fopen(folder->vault, "wb");
    assert_non_null(empty);
    assert_int_equal(fclose(empty), 0);
    expect_refusal(folder->vault, 1, false, VRX_VAULT_DAMAGED);
    file_write(folder->vault, vrx_view_text("too short to be a page"));
    expect_refusal(folder->vault, 1, false, VRX_VAULT_DAMAGED);

    sqlite3 *plain = NULL;
    assert_int_equal(sqlite3_open(folder->copy, &plain), SQLITE_OK);
    sql_run(plain, "CREATE TABLE t(a, b)");
    sqlite3_close(plain);
    expect_refusal(folder->copy, 1, false, VRX_VAULT_DAMAGED);

    const char *paths[] = {"", ":memory:", "file:/tmp/x", "/nowhere/at/all/vault.db"};
    for (size_t i = 0; i < 4; i++)
        expect_refusal(paths[i], 1, true, VRX_FILE_REFUSED);
    struct vrx_vault *vault = NULL;
    assert_reason(
        vrx_vault_open(folder->wal, vrx_view_of("short", 5), vrx_random_system(), true, &vault),
        VRX_KEY_INVALID);
    assert_reason(vrx_vault_open_over(
                      folder->wal, vault_key(1), vrx_random_system(), true, "no such vfs", &vault),
        VRX_NOT_FOUND);
    assert_false(file_exists(folder->wal));
}

static void a_vault_opens_once(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    expect_refusal(folder->vault, 1, false, VRX_FILE_REFUSED);
    fill_with_canary(vrx_vault_db(vault));
    vrx_vault_close(&vault);
}

/* Damage that appears while the vault is open: reading it fails, and nothing is written after. */
static void damage_stops_all_writing(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    sql_run(db, "CREATE TABLE other(a, b); PRAGMA wal_checkpoint(TRUNCATE)");
    vrx_vault_close(&vault);
    vault = open_vault(folder->vault, 1, false);
    db = vrx_vault_db(vault);
    sql_run(db, "INSERT INTO other VALUES (1, 2)");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer damaged = file_read(folder->vault);
    memset(damaged.ptr + 4096, 0, damaged.len - 4096);
    FILE *file = fopen(folder->vault, "r+b");
    assert_non_null(file);
    assert_int_equal(fwrite(damaged.ptr, 1, damaged.len, file), damaged.len);
    assert_int_equal(fclose(file), 0);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->wal);

    int rc = sqlite3_exec(db, "SELECT * FROM resident", NULL, NULL, NULL);
    assert_int_equal(rc, SQLITE_IOERR_DATA);
    assert_reason(vrx_sqlite_result(db, rc), VRX_VAULT_DAMAGED);
    rc = sqlite3_exec(db, "INSERT INTO other VALUES (3, 4)", NULL, NULL, NULL);
    assert_int_not_equal(rc, SQLITE_OK);
    assert_reason(vrx_sqlite_result(db, rc), VRX_VAULT_DAMAGED);
    assert_reason(vrx_vault_check(vault), VRX_VAULT_DAMAGED);
    sqlite3_vfs *vfs = NULL;
    assert_int_equal(sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs), SQLITE_OK);
    assert_int_equal(vfs->xDelete(vfs, folder->wal, 0), SQLITE_IOERR_DELETE);
    vrx_vault_close(&vault);
    assert_unchanged(folder->vault, &damaged);
    assert_unchanged(folder->wal, &wal);
}

/* SQLite replaces the page of a frame without saying which page it is. The number in the frame is
 * clear and anyone's to change: it counts only with the page that it came with. */
static void a_frame_is_overwritten_only_when_it_authenticates(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    sqlite3_file *wal = NULL;
    assert_int_equal(
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal), SQLITE_OK);
    static uint8_t page[4096];
    assert_int_equal(wal->pMethods->xWrite(wal, page, 4096, 32 + 24), SQLITE_OK);
    assert_int_equal(wal->pMethods->xRead(wal, page, 4096, 32 + 24), SQLITE_OK);

    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer changed = file_read(folder->wal);
    changed.ptr[32 + 4120 + 3] ^= 1;
    FILE *file = fopen(folder->wal, "r+b");
    assert_non_null(file);
    assert_int_equal(fwrite(changed.ptr, 1, changed.len, file), changed.len);
    assert_int_equal(fclose(file), 0);
    int rc = wal->pMethods->xWrite(wal, page, 4096, 32 + 4120 + 24);
    assert_int_equal(rc, SQLITE_IOERR_DATA);
    assert_unchanged(folder->wal, &changed);
    vrx_vault_close(&vault);
}

/* A rollback journal that someone put beside the vault is not played back into it. */
static void a_journal_beside_the_vault_is_ignored(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    fill_with_canary(vrx_vault_db(vault));
    vrx_vault_close(&vault);
    char journal[120];
    (void)snprintf(journal, sizeof journal, "%s-journal", folder->vault);
    static const uint8_t hot[1024] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    file_write(journal, vrx_view_of(hot, sizeof hot));
    vault = open_vault(folder->vault, 1, false);
    assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM resident"), 500);
    vrx_vault_close(&vault);
    assert_true(file_exists(journal));
}

static struct vrx_result refuse_randomness(void *context, uint8_t *out, size_t len) {
    (void)out;
    (void)len;
    int *left = context;
    return (*left)-- > 0 ? vrx_random_system()->fill(NULL, out, len) : vrx_fail(VRX_RANDOM_FAILED);
}

static void without_randomness_nothing_is_stored(void **state) {
    struct vault_folder *folder = *state;
    /* The file id, and nonces that last for the header and the first pages. */
    enum { CREATION = 2 };
    for (int left = 0; left < CREATION; left++) {
        int count = left;
        struct vrx_random random = {refuse_randomness, &count};
        struct vrx_vault *vault = NULL;
        assert_reason(
            vrx_vault_open(folder->vault, vault_key(1), &random, true, &vault), VRX_RANDOM_FAILED);
        assert_int_equal(vault_folder_count(folder), 0);
    }
    int count = CREATION;
    struct vrx_random random = {refuse_randomness, &count};
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), &random, true, &vault));
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "CREATE TABLE t(a, b)");
    int rc = sqlite3_exec(db, "INSERT INTO t VALUES (1, zeroblob(400000))", NULL, NULL, NULL);
    assert_int_equal(rc, SQLITE_IOERR);
    assert_reason(vrx_sqlite_result(db, rc), VRX_RANDOM_FAILED);
    count = 100;
    sql_run(db, "INSERT INTO t VALUES (1, zeroblob(400000))");
    vrx_vault_close(&vault);
}

static void codes_become_results(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "CREATE TABLE p(a INTEGER PRIMARY KEY, b TEXT UNIQUE CHECK (b <> 'no'));"
                "CREATE TABLE c(a REFERENCES p, b); INSERT INTO p VALUES (1, 'x')");
    static const struct {
        const char *sql;
        enum vrx_reason reason;
    } cases[] = {
        {"INSERT INTO p VALUES (2, 'y')", VRX_OK},
        {"INSERT INTO p VALUES (1, 'z')", VRX_ALREADY_EXISTS},
        {"INSERT INTO p VALUES (3, 'x')", VRX_ALREADY_EXISTS},
        {"INSERT INTO p VALUES (4, 'no')", VRX_INTERNAL_ERROR},
        {"INSERT INTO c VALUES (9, 1)", VRX_NOT_FOUND},
        {"SELECT zeroblob(2000000000)", VRX_INPUT_TOO_LARGE},
        {"ATTACH 'x' AS y", VRX_INTERNAL_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_reason(vrx_sqlite_result(db, sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL)),
            cases[i].reason);
    assert_reason(vrx_sqlite_result(NULL, SQLITE_NOMEM), VRX_OUT_OF_MEMORY);
    assert_reason(vrx_sqlite_result(db, SQLITE_FULL), VRX_DISK_FULL);
    assert_reason(vrx_sqlite_result(db, SQLITE_IOERR_FSYNC), VRX_DISK_FAILED);
    assert_reason(vrx_sqlite_result(db, SQLITE_IOERR), VRX_DISK_FAILED);
    assert_reason(vrx_sqlite_result(db, SQLITE_CORRUPT_INDEX), VRX_VAULT_DAMAGED);
    vrx_vault_close(&vault);
}

/* Accesses that SQLite does not make in this configuration. */
static void other_shapes_and_files_are_refused(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sqlite3 *db = vrx_vault_db(vault);
    fill_with_canary(db);
    sqlite3_file *files[2] = {NULL, NULL};
    assert_int_equal(
        sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &files[0]), SQLITE_OK);
    assert_int_equal(
        sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &files[1]), SQLITE_OK);
    static const struct {
        int amount;
        sqlite3_int64 offset;
    } shapes[2][8] = {
        {{16, 24}, {100, 4096}, {99, 0}, {8192, 0}, {4096, 1}, {512, 512}, {4096, -4096}, {24, 0}},
        {{16, 0}, {32, 32}, {4096, 32}, {24, 33}, {8, 48 + 1}, {4120, 56}, {4096, 0}, {8, 16}},
    };
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = file_read(folder->wal);
    static uint8_t page[8192];
    for (size_t f = 0; f < 2; f++) {
        assert_non_null(files[f]->pMethods);
        assert_int_equal(files[f]->pMethods->iVersion, 1);
        for (size_t i = 0; i < 8; i++) {
            int amount = shapes[f][i].amount;
            sqlite3_int64 offset = shapes[f][i].offset;
            int rc = files[f]->pMethods->xRead(files[f], page, amount, offset);
            assert_int_equal(rc, SQLITE_IOERR);
            assert_reason(vrx_sqlite_result(db, rc), VRX_INTERNAL_ERROR);
            rc = files[f]->pMethods->xWrite(files[f], page, amount, offset);
            assert_int_equal(rc, SQLITE_IOERR);
        }
        assert_int_equal(files[f]->pMethods->xTruncate(files[f], 1000), SQLITE_IOERR);
    }
    /* A page that would not come back as it is: a used reserve, or another header in page 1. */
    page[4095] = 1;
    assert_int_equal(files[0]->pMethods->xWrite(files[0], page, 4096, 4096), SQLITE_IOERR);
    page[4095] = 0;
    assert_int_equal(files[0]->pMethods->xWrite(files[0], page, 4096, 0), SQLITE_IOERR);
    assert_unchanged(folder->wal, &before);

    sqlite3_vfs *vfs = NULL;
    assert_int_equal(sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs), SQLITE_OK);
    sqlite3_file *other = calloc(1, (size_t)vfs->szOsFile);
    assert_non_null(other);
    static const int kinds[] = {SQLITE_OPEN_MAIN_DB, SQLITE_OPEN_MAIN_JOURNAL, SQLITE_OPEN_TEMP_DB,
        SQLITE_OPEN_TEMP_JOURNAL, SQLITE_OPEN_TRANSIENT_DB, SQLITE_OPEN_SUBJOURNAL,
        SQLITE_OPEN_SUPER_JOURNAL, SQLITE_OPEN_WAL};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int flags = kinds[i] | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        assert_int_equal(vfs->xOpen(vfs, folder->copy, other, flags, &flags), SQLITE_CANTOPEN);
        assert_null(other->pMethods);
    }
    assert_int_equal(vfs->xDelete(vfs, folder->vault, 0), SQLITE_IOERR_DELETE);
    free(other);
    vrx_vault_close(&vault);
    assert_int_equal(vault_folder_count(folder), 1);
}

/* What is read again comes from memory, as much as was allowed. */
static void the_cache_is_as_large_as_it_is_set(void **state) {
    const struct vault_folder *folder = *state;
    VRX_CLEANUP(vrx_vault_close) struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), true, &vault));
    sqlite3 *db = vrx_vault_db(vault);
    assert_reason(vrx_vault_set_cache(vault, -1), VRX_INPUT_RANGE);
    assert_reason(vrx_vault_set_cache(vault, VRX_VAULT_CACHE_MAX + 1), VRX_INPUT_RANGE);
    sql_run(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                "INSERT INTO t SELECT i, zeroblob(4000) FROM n");
    for (int64_t mebibytes = 16; mebibytes >= 0; mebibytes -= 16) {
        int misses[3] = {0};
        int highest = 0;
        assert_ok(vrx_vault_set_cache(vault, mebibytes));
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(sql_number(db, "SELECT sum(length(b)) FROM t"), 8000000);
            assert_int_equal(
                sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &misses[i], &highest, 0),
                SQLITE_OK);
        }
        if (mebibytes)
            assert_int_equal(misses[2], misses[1]);
        else
            assert_in_range(misses[2] - misses[1], 1500, 2100);
    }
}

struct worker {
    const struct vault_folder *folder;
    int number;
    int64_t sum;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    char path[100];
    (void)snprintf(path, sizeof path, "%s/%d.db", worker->folder->path, worker->number);
    for (int round = 0; round < 5; round++) {
        struct vrx_vault *vault = NULL;
        struct vrx_result result = vrx_vault_open(
            path, vault_key((uint8_t)worker->number), vrx_random_system(), round == 0, &vault);
        if (!vrx_is_ok(result))
            return NULL;
        sqlite3 *db = vrx_vault_db(vault);
        if (sqlite3_exec(db,
                "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b);"
                "INSERT INTO t(b) VALUES (1), (2), (3)",
                NULL, NULL, NULL) == SQLITE_OK)
            worker->sum += sql_number(db, "SELECT sum(b) FROM t");
        vrx_vault_close(&vault);
    }
    return NULL;
}

static void vaults_of_several_threads_do_not_meet(void **state) {
    struct worker workers[6];
    pthread_t threads[6];
    for (int i = 0; i < 6; i++) {
        (void)vault_key((uint8_t)i);
        workers[i] = (struct worker){.folder = *state, .number = i};
    }
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 6; i++)
        assert_int_equal(workers[i].sum, 6 + 12 + 18 + 24 + 30);
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(content_is_there_after_closing),
        VAULT_TEST(plaintext_is_in_no_file),
        VAULT_TEST(wal_salts_and_checksums_are_hidden),
        VAULT_TEST(the_same_page_is_stored_differently_each_time),
        VAULT_TEST(another_key_is_refused_and_changes_nothing),
        VAULT_TEST(what_was_committed_is_recovered_from_the_wal),
        VAULT_TEST(a_transaction_larger_than_the_cache_is_recovered),
        VAULT_TEST(vacuum_keeps_the_format),
        VAULT_TEST(sorting_and_temporary_tables_make_no_file),
        VAULT_TEST(the_settings_hold),
        VAULT_TEST(statements_that_leave_the_vault_are_refused),
        VAULT_TEST(absent_and_present_files),
        VAULT_TEST(what_is_no_vault_is_refused),
        VAULT_TEST(a_vault_opens_once),
        VAULT_TEST(damage_stops_all_writing),
        VAULT_TEST(a_frame_is_overwritten_only_when_it_authenticates),
        VAULT_TEST(a_journal_beside_the_vault_is_ignored),
        VAULT_TEST(without_randomness_nothing_is_stored),
        VAULT_TEST(codes_become_results),
        VAULT_TEST(other_shapes_and_files_are_refused),
        VAULT_TEST(the_cache_is_as_large_as_it_is_set),
        VAULT_TEST(vaults_of_several_threads_do_not_meet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
