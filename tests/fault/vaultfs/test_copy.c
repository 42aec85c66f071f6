/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call to the file system fails in turn, once or from then on, while a vault that nobody has
 * open is copied, looked at, or put back. A failure is told; what has its name is whole, and where
 * there is no database there is no WAL that another one could take for its own; the source is as it
 * was; once the disk is well the work can be done.
 */
#include <stdio.h>

#include "support/check.h"
#include "support/fault_calls.h"
#include "support/vault_files.h"
#include "vaultfs/backup.h"

#include "crypto/random.h"

/* A vault as a crash leaves it, its last commits in the WAL; in database and content. */
struct source {
    struct vault_folder *folder;
    struct vrx_buffer database;
    struct vrx_buffer wal;
    struct vrx_buffer content;
};

static void make_source(struct vault_folder *folder, struct source *source) {
    struct vrx_vault *vault = NULL;
    *source = (struct source){.folder = folder};
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), true, &vault));
    sql_run(vrx_vault_db(vault),
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT) STRICT;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)"
        "INSERT INTO t SELECT i, hex(randomblob(600)) FROM n;"
        "PRAGMA wal_checkpoint(TRUNCATE);"
        "UPDATE t SET a = 'in the log' WHERE id = 7");
    source->database = file_read(folder->vault);
    source->wal = file_read(folder->wal);
    assert_true(source->wal.len > 4096);
    assert_ok(database_dump(vrx_vault_db(vault), &source->content));
    vrx_vault_close(&vault);
    file_write(folder->vault, vrx_buffer_view(&source->database));
    file_write(folder->wal, vrx_buffer_view(&source->wal));
}

static void source_done(struct source *source) {
    vrx_buffer_done(&source->database);
    vrx_buffer_done(&source->wal);
    vrx_buffer_done(&source->content);
}

static void assert_same(const char *path, const struct vrx_buffer *expected) {
    struct vrx_buffer now VRX_CLEANUP(vrx_buffer_done) = file_read(path);
    assert_true(vrx_view_equal(vrx_buffer_view(&now), vrx_buffer_view(expected)));
}

static void assert_source(const struct source *source) {
    assert_same(source->folder->vault, &source->database);
    assert_same(source->folder->wal, &source->wal);
}

/* Opening moves the WAL into the database, so the copy is used up by it. */
static void assert_whole(const struct source *source) {
    struct vrx_vault *vault = NULL;
    struct vrx_buffer now VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(
        vrx_vault_open(source->folder->copy, vault_key(1), vrx_random_system(), false, &vault));
    assert_ok(vrx_vault_check(vault));
    assert_ok(database_dump(vrx_vault_db(vault), &now));
    assert_true(vrx_view_equal(vrx_buffer_view(&now), vrx_buffer_view(&source->content)));
    vrx_vault_close(&vault);
}

static void remove_copy(const struct vault_folder *folder) {
    static const char *const ends[] = {"", "-wal", ".part", "-wal.part", ".part-wal"};
    char path[128];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        (void)snprintf(path, sizeof path, "%s%s", folder->copy, ends[i]);
        file_write(path, vrx_view_of(NULL, 0));
    }
}

typedef struct vrx_result work_of(const struct vault_folder *folder);

static struct vrx_result copy(const struct vault_folder *folder) {
    return vrx_backup_copy(folder->vault, folder->copy, NULL);
}

static struct vrx_result restore(const struct vault_folder *folder, struct vrx_view key) {
    enum vrx_restored restored;
    return vrx_backup_restore(
        folder->vault, folder->copy, key, vrx_random_system(), NULL, &restored);
}

static struct vrx_result restore_form(const struct vault_folder *folder) {
    return restore(folder, vrx_view_of(NULL, 0));
}

static struct vrx_result restore_verified(const struct vault_folder *folder) {
    return restore(folder, vault_key(1));
}

/* SQLite's integrity_check takes a page that cannot be read for a fault of the database. */
static void assert_told(struct vrx_result result, work_of *work, unsigned long at) {
    static const enum vrx_reason allowed[] = {
        VRX_DISK_FAILED, VRX_DISK_FULL, VRX_FILE_REFUSED, VRX_OUT_OF_MEMORY};
    if (work == restore_verified && result.reason == VRX_VAULT_DAMAGED)
        return;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (result.reason == allowed[i])
            return;
    fail_msg("call %lu: %s", at, vrx_reason_name(result.reason));
}

/* One run in which the at-th call fails. False when the work has fewer calls. */
static bool disturb(const struct source *source, work_of *work, unsigned long at, bool lasting) {
    const struct vault_folder *folder = source->folder;
    fault_calls_arm(at, lasting);
    struct vrx_result result = work(folder);
    const bool met = fault_calls_disarm();
    assert_source(source);
    if (!vrx_is_ok(result)) {
        assert_true(met);
        assert_told(result, work, at);
    }
    if (file_exists(folder->copy))
        assert_whole(source);
    else
        assert_false(vrx_is_ok(result));
    /* With a disk that stays dead nothing can be taken back. */
    if (!file_exists(folder->copy) && !lasting)
        assert_false(file_exists(folder->copy_wal));
    remove_copy(folder);
    assert_ok(work(folder));
    assert_whole(source);
    remove_copy(folder);
    return met;
}

static void each_call_fails(void **state, work_of *work, bool lasting, unsigned long least) {
    struct source source;
    unsigned long at = 1;
    make_source(*state, &source);
    fault_calls_begin();
    while (disturb(&source, work, at, lasting))
        at++;
    fault_calls_end();
    print_message("%lu calls\n", at - 1);
    assert_true(at > least);
    source_done(&source);
}

static void copy_with_each_call_failing_once(void **state) {
    each_call_fails(state, copy, false, 25);
}

static void copy_on_a_disk_that_dies(void **state) {
    each_call_fails(state, copy, true, 25);
}

static void restore_with_each_call_failing_once(void **state) {
    each_call_fails(state, restore_form, false, 25);
}

static void restore_on_a_disk_that_dies(void **state) {
    each_call_fails(state, restore_form, true, 25);
}

static void verified_restore_with_each_call_failing_once(void **state) {
    each_call_fails(state, restore_verified, false, 60);
}

static void verified_restore_on_a_disk_that_dies(void **state) {
    each_call_fails(state, restore_verified, true, 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            copy_with_each_call_failing_once, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            copy_on_a_disk_that_dies, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            restore_with_each_call_failing_once, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            restore_on_a_disk_that_dies, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(verified_restore_with_each_call_failing_once,
            vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            verified_restore_on_a_disk_that_dies, vault_folder_setup, vault_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
