/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/backup.h"

#include <stdio.h>
#include <unistd.h>

#include "support/check.h"
#include "support/vault_files.h"

#include "crypto/random.h"
#include "vaultfs/header.h"

static struct vrx_vault *open_vault(const char *path, uint8_t key, bool create) {
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(path, vault_key(key), vrx_random_system(), create, &vault));
    return vault;
}

static struct vrx_vault *make_vault(const struct vault_folder *folder) {
    struct vrx_vault *vault = open_vault(folder->vault, 1, true);
    sql_run(vrx_vault_db(vault),
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
        "INSERT INTO t SELECT i, 'CANARY ' || i, randomblob(1000) FROM n;"
        "DELETE FROM t WHERE id BETWEEN 100 AND 150");
    return vault;
}

static struct vrx_buffer dump_of(struct vrx_vault *vault) {
    struct vrx_buffer dump = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(vrx_vault_db(vault), &dump));
    return dump;
}

static void assert_content(const char *path, uint8_t key, const struct vrx_buffer *expected) {
    struct vrx_vault *vault = open_vault(path, key, false);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer now = dump_of(vault);
    assert_true(vrx_view_equal(vrx_buffer_view(&now), vrx_buffer_view(expected)));
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

static void whole_backup(struct vrx_vault *vault, const char *path) {
    struct vrx_backup *backup = NULL;
    assert_ok(vrx_backup_begin(vault, path, &backup));
    assert_ok(vrx_backup_step(backup, UINT32_MAX));
    assert_ok(vrx_backup_finish(&backup));
    assert_null(backup);
}

static void a_backup_is_the_commit_before_it_began(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    sqlite3 *db = vrx_vault_db(vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    sql_run(db, "PRAGMA wal_autocheckpoint = 3");
    struct vrx_backup *backup = NULL;
    struct vrx_vault_progress progress;
    assert_ok(vrx_backup_begin(vault, folder->copy, &backup));
    vrx_backup_progress(backup, &progress);
    assert_true(progress.done == 0 && progress.total > 50);
    for (int i = 0; progress.done < progress.total; i++) {
        char sql[160];
        (void)snprintf(sql, sizeof sql,
            "UPDATE t SET b = randomblob(900) WHERE id %% 5 = %d;"
            "INSERT INTO t VALUES (%d, 'later', zeroblob(9000))",
            i % 5, 1000 + i);
        sql_run(db, sql);
        uint32_t before = progress.done;
        assert_reason(vrx_backup_finish(&backup), VRX_WRONG_STATE);
        assert_ok(vrx_backup_step(backup, 7));
        vrx_backup_progress(backup, &progress);
        assert_true(progress.done == before + 7 || progress.done == progress.total);
        sql_run(db, "PRAGMA shrink_memory");
        assert_false(file_exists(folder->copy));
    }
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer later = dump_of(vault);
    assert_ok(vrx_backup_finish(&backup));
    /* The WAL goes into the database again. */
    sql_run(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->wal);
    assert_int_equal(wal.len, 0);
    vrx_vault_close(&vault);
    assert_content(folder->vault, 1, &later);
    assert_ok(vrx_backup_inspect(folder->copy));
    assert_content(folder->copy, 1, &content);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = file_read(folder->copy);
    assert_null(memmem(bytes.ptr, bytes.len, "CANARY", 6));
}

static void what_cannot_be_done_meanwhile_is_refused(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    sqlite3 *db = vrx_vault_db(vault);
    struct vrx_backup *backup = NULL;
    struct vrx_backup *second = NULL;
    sql_run(db, "BEGIN");
    assert_reason(vrx_backup_begin(vault, folder->copy, &backup), VRX_WRONG_STATE);
    sql_run(db, "COMMIT");
    file_write(folder->copy_wal, vrx_view_text("somebody's"));
    assert_reason(vrx_backup_begin(vault, folder->copy, &backup), VRX_ALREADY_EXISTS);
    file_write(folder->copy_wal, vrx_view_of(NULL, 0));
    assert_reason(vrx_backup_begin(vault, folder->vault, &backup), VRX_ALREADY_EXISTS);
    assert_reason(vrx_backup_begin(vault, "/nowhere/at/all", &backup), VRX_FILE_REFUSED);
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));

    assert_ok(vrx_backup_begin(vault, folder->copy, &backup));
    assert_reason(vrx_backup_begin(vault, folder->copy, &second), VRX_WRONG_STATE);
    assert_reason(vrx_vault_vacuum(vault), VRX_WRONG_STATE);
    assert_reason(vrx_vault_rekey_step(vault, 10), VRX_WRONG_STATE);
    sql_run(db, "INSERT INTO t VALUES (9000, '', NULL)");
    assert_ok(vrx_backup_step(backup, 3));
    vrx_backup_free(&backup);
    assert_null(backup);
    assert_int_equal(vault_folder_count(folder), 2);
    assert_ok(vrx_vault_rekey_step(vault, UINT32_MAX));
    assert_ok(vrx_vault_rekey_finish(vault));
    vrx_vault_close(&vault);
}

/* In the middle of a change of key the backup holds both kinds of pages. */
static void a_backup_during_a_rekey_goes_on_from_there(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    assert_ok(vrx_vault_rekey_step(vault, 30));
    whole_backup(vault, folder->copy);
    vrx_vault_close(&vault);
    vault = open_vault(folder->copy, 2, false);
    assert_ok(vrx_vault_rekey_step(vault, UINT32_MAX));
    assert_ok(vrx_vault_rekey_finish(vault));
    vrx_vault_close(&vault);
    assert_content(folder->copy, 2, &content);
}

static void a_sealed_vault_is_copied_without_a_key(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer database = file_read(folder->vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->wal);
    vrx_vault_close(&vault);
    file_write(folder->vault, vrx_buffer_view(&database));
    file_write(folder->wal, vrx_buffer_view(&wal));

    assert_ok(vrx_backup_copy(folder->vault, folder->copy, NULL));
    assert_int_equal(vault_folder_count(folder), 4);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer copied = file_read(folder->copy);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer copied_wal = file_read(folder->copy_wal);
    assert_true(vrx_view_equal(vrx_buffer_view(&copied), vrx_buffer_view(&database)));
    assert_true(vrx_view_equal(vrx_buffer_view(&copied_wal), vrx_buffer_view(&wal)));
    assert_content(folder->copy, 1, &content);
    assert_reason(vrx_backup_copy(folder->vault, folder->copy, NULL), VRX_ALREADY_EXISTS);
    assert_reason(vrx_backup_copy("/nowhere/at/all", folder->path, NULL), VRX_ALREADY_EXISTS);

    char other[100];
    (void)snprintf(other, sizeof other, "%s/other.db", folder->path);
    assert_reason(vrx_backup_copy("/nowhere/at/all", other, NULL), VRX_NOT_FOUND);
    vault = open_vault(folder->vault, 1, false);
    assert_reason(vrx_backup_copy(folder->vault, other, NULL), VRX_FILE_REFUSED);
    sql_run(vrx_vault_db(vault), "INSERT INTO t VALUES (9000, '', NULL)");
    vrx_vault_close(&vault);
    assert_false(file_exists(other));
}

static bool three_times(void *context, uint64_t done, uint64_t total) {
    int *times = context;
    assert_true(done <= total);
    return ++*times < 3;
}

static void a_copy_can_be_cancelled(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    vrx_vault_close(&vault);
    int times = 0;
    const struct vrx_backup_watch watch = {three_times, &times};
    assert_reason(vrx_backup_copy(folder->vault, folder->copy, &watch), VRX_CANCELLED);
    assert_int_equal(times, 3);
    assert_int_equal(vault_folder_count(folder), 1);
}

static void restoring_says_how_it_looked(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    whole_backup(vault, folder->copy);
    vrx_vault_close(&vault);
    file_write(folder->vault, vrx_view_of(NULL, 0));
    const struct vrx_view none = vrx_view_of(NULL, 0);
    enum vrx_restored restored = 0;
    assert_ok(vrx_backup_restore(
        folder->copy, folder->vault, none, vrx_random_system(), NULL, &restored));
    assert_int_equal(restored, VRX_RESTORED_STRUCTURE);
    assert_content(folder->vault, 1, &content);
    assert_reason(
        vrx_backup_restore(folder->copy, folder->vault, none, vrx_random_system(), NULL, &restored),
        VRX_ALREADY_EXISTS);
    file_write(folder->vault, none);
    assert_ok(vrx_backup_restore(
        folder->copy, folder->vault, vault_key(1), vrx_random_system(), NULL, &restored));
    assert_int_equal(restored, VRX_RESTORED_VERIFIED);
    assert_content(folder->vault, 1, &content);
    assert_int_equal(vault_folder_count(folder), 2);
    file_write(folder->vault, none);
    assert_reason(vrx_backup_restore(folder->copy, folder->vault, vault_key(2), vrx_random_system(),
                      NULL, &restored),
        VRX_VAULT_DAMAGED);
    assert_int_equal(vault_folder_count(folder), 1);
}

/* With a WAL that was not empty: what is in it counts. */
static void restoring_verifies_what_the_wal_holds(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    file_copy(folder->vault, folder->copy);
    file_copy(folder->wal, folder->copy_wal);
    vrx_vault_close(&vault);
    file_write(folder->vault, vrx_view_of(NULL, 0));
    enum vrx_restored restored = 0;
    assert_ok(vrx_backup_restore(
        folder->copy, folder->vault, vault_key(1), vrx_random_system(), NULL, &restored));
    assert_int_equal(vault_folder_count(folder), 3);
    assert_content(folder->vault, 1, &content);
    file_write(folder->vault, vrx_view_of(NULL, 0));
    assert_ok(vrx_backup_restore(
        folder->copy, folder->vault, vrx_view_of(NULL, 0), vrx_random_system(), NULL, &restored));
    assert_int_equal(vault_folder_count(folder), 4);
    assert_content(folder->vault, 1, &content);
}

/* Every page, free ones included, one byte in each. */
static void a_damaged_backup_is_not_restored(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    whole_backup(vault, folder->copy);
    vrx_vault_close(&vault);
    file_write(folder->vault, vrx_view_of(NULL, 0));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = file_read(folder->copy);
    enum vrx_restored restored = 0;
    for (size_t at = VRX_HEADER + 2000; at < bytes.len; at += VRX_PAGE) {
        bytes.ptr[at] ^= 1;
        file_write(folder->copy, vrx_buffer_view(&bytes));
        bytes.ptr[at] ^= 1;
        assert_reason(vrx_backup_restore(folder->copy, folder->vault, vault_key(1),
                          vrx_random_system(), NULL, &restored),
            VRX_VAULT_DAMAGED);
        assert_int_equal(vault_folder_count(folder), 1);
        assert_ok(vrx_backup_inspect(folder->copy));
    }
}

static void without_a_key_the_structure_is_looked_at(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    whole_backup(vault, folder->copy);
    vrx_vault_close(&vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer whole = file_read(folder->copy);
    assert_reason(vrx_backup_inspect(folder->copy_wal), VRX_NOT_FOUND);
    file_write(folder->copy, vrx_view_slice(vrx_buffer_view(&whole), 0, whole.len - 1));
    assert_reason(vrx_backup_inspect(folder->copy), VRX_VAULT_DAMAGED);
    file_write(folder->copy, vrx_view_slice(vrx_buffer_view(&whole), 0, VRX_HEADER));
    assert_reason(vrx_backup_inspect(folder->copy), VRX_VAULT_DAMAGED);
    static const size_t spoil[][2] = {
        {0, VRX_HEADER_SLOT},     /* the magic of both slots */
        {12, 12},                 /* the file id of one */
        {VRX_HEADER, VRX_HEADER}, /* that of page 1 */
        {VRX_HEADER + 16, VRX_HEADER + 16},
    };
    for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
        whole.ptr[spoil[i][0]] ^= 1;
        whole.ptr[spoil[i][1]] ^= spoil[i][0] != spoil[i][1];
        file_write(folder->copy, vrx_buffer_view(&whole));
        assert_reason(vrx_backup_inspect(folder->copy), VRX_VAULT_DAMAGED);
        whole.ptr[spoil[i][0]] ^= 1;
        whole.ptr[spoil[i][1]] ^= spoil[i][0] != spoil[i][1];
    }
    file_write(folder->copy, vrx_buffer_view(&whole));
    assert_ok(vrx_backup_inspect(folder->copy));
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(a_backup_is_the_commit_before_it_began),
        VAULT_TEST(what_cannot_be_done_meanwhile_is_refused),
        VAULT_TEST(a_backup_during_a_rekey_goes_on_from_there),
        VAULT_TEST(a_sealed_vault_is_copied_without_a_key),
        VAULT_TEST(a_copy_can_be_cancelled),
        VAULT_TEST(restoring_says_how_it_looked),
        VAULT_TEST(restoring_verifies_what_the_wal_holds),
        VAULT_TEST(a_damaged_backup_is_not_restored),
        VAULT_TEST(without_a_key_the_structure_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
