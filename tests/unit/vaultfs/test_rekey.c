/* SPDX-License-Identifier: Apache-2.0
 *
 * The change to another data key: what opens with which key, before, during and after.
 */
#include "vaultfs/epochs.h"
#include "vaultfs/vault.h"

#include <stdio.h>

#include "support/check.h"
#include "support/vault_files.h"

#include "crypto/random.h"

#define ROWS 300

static struct vrx_result try_open(const char *path, uint8_t key, struct vrx_vault **ret_vault) {
    return vrx_vault_open(path, vault_key(key), vrx_random_system(), false, ret_vault);
}

static struct vrx_vault *open_vault(const struct vault_folder *folder, uint8_t key) {
    struct vrx_vault *vault = NULL;
    assert_ok(try_open(folder->vault, key, &vault));
    return vault;
}

static void assert_refused(const char *path, uint8_t key) {
    struct vrx_vault *vault = NULL;
    assert_reason(try_open(path, key, &vault), VRX_VAULT_DAMAGED);
}

static struct vrx_vault *make_vault(const struct vault_folder *folder) {
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), true, &vault));
    sql_run(vrx_vault_db(vault),
        "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b BLOB) STRICT;"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
        "INSERT INTO t SELECT i, 'row ' || i, randomblob(3000) FROM n");
    return vault;
}

static struct vrx_vault_progress progress_of(struct vrx_vault *vault) {
    struct vrx_vault_progress progress;
    assert_ok(vrx_vault_rekey_progress(vault, &progress));
    return progress;
}

static struct vrx_buffer dump_of(struct vrx_vault *vault) {
    struct vrx_buffer dump = {.limit = (size_t)64 << 20};
    assert_ok(database_dump(vrx_vault_db(vault), &dump));
    return dump;
}

static void assert_content(struct vrx_vault *vault, const struct vrx_buffer *expected) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer now = dump_of(vault);
    assert_true(vrx_view_equal(vrx_buffer_view(&now), vrx_buffer_view(expected)));
    assert_ok(vrx_vault_check(vault));
}

static void all_pages_move_and_the_old_key_is_gone(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    assert_false(progress_of(vault).active);
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    struct vrx_vault_progress progress = progress_of(vault);
    assert_true(progress.active && progress.done == 0 && progress.total > 150);
    while (progress.done < progress.total) {
        uint32_t before = progress.done;
        assert_reason(vrx_vault_rekey_finish(vault), VRX_WRONG_STATE);
        assert_ok(vrx_vault_rekey_step(vault, 50));
        progress = progress_of(vault);
        assert_true(progress.done == before + 50 || progress.done == progress.total);
        sql_run(vrx_vault_db(vault), "PRAGMA shrink_memory");
        assert_content(vault, &content);
    }
    assert_ok(vrx_vault_rekey_finish(vault));
    assert_false(progress_of(vault).active);
    struct vrx_vault_epochs epochs;
    vrx_vault_epochs(vault, &epochs);
    assert_content(vault, &content);
    vrx_vault_close(&vault);

    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = file_read(folder->vault);
    assert_int_equal(file.len, VRX_HEADER + (size_t)progress.total * VRX_PAGE);
    for (size_t at = VRX_HEADER; at < file.len; at += VRX_PAGE)
        assert_true(vrx_page_epoch(file.ptr + at) >= epochs.oldest);
    assert_true(epochs.oldest > 1);
    assert_refused(folder->vault, 1);
    vault = open_vault(folder, 2);
    assert_content(vault, &content);
    vrx_vault_close(&vault);
}

static void the_vault_is_used_and_closed_meanwhile(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    for (int i = 0; progress_of(vault).done < progress_of(vault).total; i++) {
        char sql[200];
        (void)snprintf(sql, sizeof sql,
            "UPDATE t SET a = a || '.', b = randomblob(2000) WHERE id %% 17 = %d;"
            "INSERT INTO t VALUES (%d, 'new', zeroblob(5000));DELETE FROM t WHERE id = %d",
            i % 17, 1000 + i, 10 + i);
        sql_run(vrx_vault_db(vault), sql);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
        if (i % 3 == 0) {
            vrx_vault_close(&vault);
            assert_refused(folder->vault, 1);
            vault = open_vault(folder, 2);
        }
        if (i == 4)
            assert_ok(vrx_vault_vacuum(vault));
        assert_ok(vrx_vault_rekey_step(vault, 37));
        sql_run(vrx_vault_db(vault), "PRAGMA shrink_memory");
        assert_content(vault, &content);
    }
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = dump_of(vault);
    assert_ok(vrx_vault_rekey_finish(vault));
    assert_content(vault, &content);
    /* And again: the third key. */
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(3)));
    assert_ok(vrx_vault_rekey_step(vault, UINT32_MAX));
    assert_ok(vrx_vault_rekey_finish(vault));
    vrx_vault_close(&vault);
    assert_refused(folder->vault, 2);
    vault = open_vault(folder, 3);
    assert_content(vault, &content);
    vrx_vault_close(&vault);
}

static void steps_out_of_turn_are_refused(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    sqlite3 *db = vrx_vault_db(vault);
    assert_reason(vrx_vault_rekey_step(vault, 10), VRX_WRONG_STATE);
    assert_reason(vrx_vault_rekey_finish(vault), VRX_WRONG_STATE);
    assert_reason(vrx_vault_rekey_begin(vault, vrx_view_of("short", 5)), VRX_KEY_INVALID);
    sql_run(db, "BEGIN");
    assert_reason(vrx_vault_rekey_begin(vault, vault_key(2)), VRX_WRONG_STATE);
    sql_run(db, "COMMIT");
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    assert_reason(vrx_vault_rekey_begin(vault, vault_key(3)), VRX_WRONG_STATE);
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT a FROM t", -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sql_run(db, "INSERT INTO t VALUES (5000, '', NULL)");
    assert_reason(vrx_vault_rekey_step(vault, 10), VRX_WRONG_STATE);
    sqlite3_finalize(statement);
    assert_ok(vrx_vault_rekey_step(vault, 10));
    vrx_vault_close(&vault);
}

/* Power failed between the two slots of the header: each key opens the vault, and the one that is
 * used first to write is the one that stays. */
static void half_a_beginning_is_none_or_whole(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_vault *vault = make_vault(folder);
    vrx_vault_close(&vault); /* its two slots say the same */
    vault = open_vault(folder, 1);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer before = file_read(folder->vault);
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer after = file_read(folder->vault);
    vrx_vault_close(&vault);
    for (size_t slot = 0; slot < 2; slot++) {
        for (uint8_t key = 1; key <= 2; key++) {
            memcpy(after.ptr + slot * VRX_HEADER_SLOT, before.ptr + slot * VRX_HEADER_SLOT,
                VRX_HEADER_SLOT);
            file_write(folder->copy, vrx_buffer_view(&after));
            for (uint8_t other = 1; other <= 2; other++) {
                assert_ok(try_open(folder->copy, other, &vault));
                assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t"), ROWS);
                vrx_vault_close(&vault);
            }
            assert_ok(try_open(folder->copy, key, &vault));
            sql_run(vrx_vault_db(vault), "INSERT INTO t VALUES (5000, '', NULL)");
            vrx_vault_close(&vault);
            assert_refused(folder->copy, 3 - key);
            assert_ok(try_open(folder->copy, key, &vault));
            assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t"), ROWS + 1);
            assert_ok(vrx_vault_check(vault));
            vrx_vault_close(&vault);
            file_write(folder->copy, vrx_view_of(NULL, 0));
        }
        vault = open_vault(folder, 2);
        vrx_vault_close(&vault);
        vrx_buffer_done(&after);
        after = file_read(folder->vault);
    }
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(all_pages_move_and_the_old_key_is_gone),
        VAULT_TEST(the_vault_is_used_and_closed_meanwhile),
        VAULT_TEST(steps_out_of_turn_are_refused),
        VAULT_TEST(half_a_beginning_is_none_or_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
