/* SPDX-License-Identifier: Apache-2.0
 *
 * A database of more than 1 GiB has a page that SQLite never writes (file format §1.6, the
 * lock-byte page): what goes through all pages must pass over it, when the file grows beyond it,
 * when it shrinks again, and in between.
 */
#include <sys/statvfs.h>

#include "support/check.h"
#include "support/vault_files.h"

#include "crypto/random.h"
#include "vaultfs/backup.h"
#include "vaultfs/vfs.h"

#define ROW "8 << 20" /* bytes: a commit of two thousand pages */
#define ROOM ((uint64_t)3 << 30)

static struct vrx_vault *open_vault(const struct vault_folder *folder, uint8_t key, bool create) {
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->vault, vault_key(key), vrx_random_system(), create, &vault));
    return vault;
}

static uint32_t pages_of(struct vrx_vault *vault) {
    return (uint32_t)sql_number(vrx_vault_db(vault), "PRAGMA page_count");
}

/* Opened anew, and every page looked at. */
static void reopen(const struct vault_folder *folder, uint8_t key, struct vrx_vault **vault) {
    uint32_t total = 0;
    vrx_vault_close(vault);
    *vault = open_vault(folder, key, false);
    assert_ok(vrx_vault_check_pages(*vault, 1, UINT32_MAX, &total));
    assert_int_equal(total, pages_of(*vault));
}

static void grow_over_it(struct vrx_vault *vault) {
    sql_run(vrx_vault_db(vault), "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b BLOB)");
    while (pages_of(vault) < VRX_LOCK_PAGE + 1000)
        sql_run(vrx_vault_db(vault), "INSERT INTO t(b) VALUES (zeroblob(" ROW "))");
}

static void change_key(struct vrx_vault *vault) {
    struct vrx_vault_progress progress = {.total = 1};
    assert_ok(vrx_vault_rekey_begin(vault, vault_key(2)));
    while (progress.done < progress.total) {
        assert_ok(vrx_vault_rekey_step(vault, 5000));
        assert_ok(vrx_vault_rekey_progress(vault, &progress));
    }
    assert_ok(vrx_vault_rekey_finish(vault));
}

static void copy_and_restore(const struct vault_folder *folder) {
    enum vrx_restored restored = VRX_RESTORED_STRUCTURE;
    assert_ok(vrx_backup_copy(folder->vault, folder->copy, NULL));
    file_write(folder->vault, vrx_view_of(NULL, 0));
    assert_ok(vrx_backup_restore(
        folder->copy, folder->vault, vault_key(2), vrx_random_system(), NULL, &restored));
    assert_int_equal(restored, VRX_RESTORED_VERIFIED);
    file_write(folder->copy, vrx_view_of(NULL, 0));
}

static void a_database_of_more_than_a_gibibyte(void **state) {
    const struct vault_folder *folder = *state;
    struct statvfs room;
    assert_int_equal(statvfs(folder->path, &room), 0);
    if ((uint64_t)room.f_bavail * room.f_frsize < ROOM)
        skip();
    struct vrx_vault *vault = open_vault(folder, 1, true);
    grow_over_it(vault);
    reopen(folder, 1, &vault);
    change_key(vault);
    reopen(folder, 2, &vault);
    const int64_t rows = sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t");
    vrx_vault_close(&vault);
    copy_and_restore(folder);
    vault = open_vault(folder, 2, false);
    assert_int_equal(sql_number(vrx_vault_db(vault), "SELECT count(*) FROM t"), rows);
    sql_run(vrx_vault_db(vault), "DELETE FROM t WHERE id > 1");
    assert_ok(vrx_vault_vacuum(vault));
    assert_in_range(pages_of(vault), 1, VRX_LOCK_PAGE / 2);
    reopen(folder, 2, &vault);
    grow_over_it(vault);
    reopen(folder, 2, &vault);
    assert_ok(vrx_vault_check(vault));
    vrx_vault_close(&vault);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_database_of_more_than_a_gibibyte, vault_folder_setup, vault_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
