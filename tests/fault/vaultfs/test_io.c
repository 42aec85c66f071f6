/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call to the file system fails in turn, once or from then on. Whatever happens, the failure
 * is reported as one of the disk, the vault opens again when the disk is well, every acknowledged
 * transaction is there and none is there in part.
 */
#include "vaultfs/backup.h"

#include "support/check.h"
#include "support/fault_vfs.h"
#include "support/vault_files.h"
#include "support/vault_work.h"

#include "crypto/random.h"

#define TRANSACTIONS 12
#define BACKUP 4      /* the transaction after which a backup is made */
#define REKEY 2       /* the transaction after which the change of the key begins */
#define VACUUM 9      /* the transaction after which the vault is compacted */
#define SECOND_HALF 7 /* the transaction before which the vault is closed and opened */

static struct fault_vfs fault;

/* The new key, and where it is refused the old one. */
static struct vrx_result open_over_fault(
    const struct vault_folder *folder, bool create, struct vrx_vault **ret_vault) {
    struct vrx_result result = vrx_vault_open_over(
        folder->vault, vault_key(2), vrx_random_system(), false, "fault", ret_vault);
    if (!vrx_is_ok(result) && result.reason != VRX_VAULT_DAMAGED && result.reason != VRX_NOT_FOUND)
        return result;
    if (!vrx_is_ok(result))
        VRX_TRY(vrx_vault_open_over(
            folder->vault, vault_key(1), vrx_random_system(), create, "fault", ret_vault));
    vrx_vault_limit_epochs(*ret_vault, 50, 25);
    return vrx_ok();
}

static void assert_disk(struct vrx_result result, unsigned long at) {
    static const enum vrx_reason allowed[] = {
        VRX_OK, VRX_DISK_FAILED, VRX_DISK_FULL, VRX_FILE_REFUSED};
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (result.reason == allowed[i])
            return;
    fail_msg("call %lu: %s", at, vrx_reason_name(result.reason));
}

static bool finished; /* the change of the key */

static struct vrx_result rekey(struct vrx_vault *vault) {
    struct vrx_vault_progress progress;
    VRX_TRY(vrx_vault_rekey_progress(vault, &progress));
    if (!progress.active)
        return vrx_vault_rekey_begin(vault, vault_key(2));
    if (progress.done < progress.total)
        return vrx_vault_rekey_step(vault, progress.total / 3 + 1);
    VRX_TRY(vrx_vault_rekey_finish(vault));
    finished = true;
    return vrx_ok();
}

/* A backup that is said to be made is one. */
static struct vrx_result back_up(struct vrx_vault *vault, const struct vault_folder *folder) {
    struct vrx_backup *backup = NULL;
    VRX_TRY(vrx_backup_begin(vault, folder->copy, &backup));
    struct vrx_result result = vrx_backup_step(backup, UINT32_MAX);
    if (vrx_is_ok(result))
        result = vrx_backup_finish(&backup);
    vrx_backup_free(&backup);
    assert_int_equal(file_exists(folder->copy), vrx_is_ok(result));
    struct vrx_vault *copy = NULL;
    if (!vrx_is_ok(result))
        return result;
    if (!vrx_is_ok(vrx_vault_open(folder->copy, vault_key(2), vrx_random_system(), false, &copy)))
        assert_ok(vrx_vault_open(folder->copy, vault_key(1), vrx_random_system(), false, &copy));
    assert_ok(vrx_vault_check(copy));
    vrx_vault_close(&copy);
    file_write(folder->copy, vrx_view_of(NULL, 0));
    return result;
}

/* Goes on after a failure as far as that is possible, as a daemon would. */
static bool disturbed_work(const struct vault_folder *folder, struct vault_work *work) {
    unsigned long at = fault.at;
    finished = false;
    struct vrx_vault *vault = NULL;
    struct vrx_result result = open_over_fault(folder, true, &vault);
    assert_disk(result, at);
    if (!vrx_is_ok(result)) {
        assert_int_equal(vault_folder_count(folder), 0);
        return false;
    }
    assert_disk(vault_work_settings(vrx_vault_db(vault)), at);
    result = vault_work_create(vrx_vault_db(vault));
    assert_disk(result, at);
    bool created = vrx_is_ok(result);
    for (unsigned i = 0; created && vault && i < TRANSACTIONS; i++) {
        if (i == SECOND_HALF) {
            vrx_vault_close(&vault);
            assert_disk(open_over_fault(folder, false, &vault), at);
            if (vault)
                assert_disk(vault_work_settings(vrx_vault_db(vault)), at);
        }
        if (vault)
            assert_disk(vault_work_next(vrx_vault_db(vault), work), at);
        if (vault && i == BACKUP)
            assert_disk(back_up(vault, folder), at);
        if (vault && i >= REKEY)
            assert_disk(rekey(vault), at);
        if (vault && i == VACUUM)
            assert_disk(vrx_vault_vacuum(vault), at);
    }
    vrx_vault_close(&vault);
    return created;
}

static void verify(const struct vault_folder *folder, const struct vault_work *work, bool created,
    unsigned long at) {
    struct vrx_vault *vault = NULL;
    assert_ok(open_over_fault(folder, !file_exists(folder->vault), &vault));
    assert_ok(vrx_vault_check(vault));
    sqlite3 *db = vrx_vault_db(vault);
    if (created || sql_number(db, "SELECT count(*) FROM sqlite_schema") > 0) {
        const char *wrong = NULL;
        assert_ok(vault_work_verify(db, work, &wrong));
        if (wrong)
            fail_msg("call %lu: %s", at, wrong);
        struct vault_work more = *work;
        assert_ok(vault_work_next(db, &more));
    }
    vrx_vault_close(&vault);
}

static void fail_each_call(void **state, enum fault_kind kind, bool lasting) {
    struct vault_folder *folder = *state;
    assert_non_null(fault_vfs_register(&fault));
    unsigned long at = 0;
    unsigned long failures = 0;
    do {
        at++;
        struct vault_work work = {0};
        fault_vfs_arm(&fault, kind, at, lasting);
        bool created = disturbed_work(folder, &work);
        failures = fault.met;
        fault_vfs_arm(&fault, FAULT_NONE, 0, false);
        verify(folder, &work, created, at);
        if (failures == 0) {
            assert_true(created);
            assert_true(finished);
            for (unsigned i = 1; i <= TRANSACTIONS; i++)
                assert_true(work.acknowledged[i]);
        }
        vault_folder_empty(folder);
    } while (failures > 0);
    print_message("%lu calls failed in turn\n", at - 1);
    assert_true(at > (kind == FAULT_FSYNC ? 20 : 100));
    fault_vfs_unregister(&fault);
}

/* With a wrong key the WAL looks empty. Whatever else goes wrong then, it stays. */
static void another_key_changes_nothing_when_a_call_fails(void **state) {
    struct vault_folder *folder = *state;
    assert_non_null(fault_vfs_register(&fault));
    fault_vfs_arm(&fault, FAULT_NONE, 0, false);
    struct vrx_vault *vault = NULL;
    struct vault_work work = {0};
    assert_ok(open_over_fault(folder, true, &vault));
    assert_ok(vault_work_create(vrx_vault_db(vault)));
    assert_ok(vault_work_next(vrx_vault_db(vault), &work));
    file_copy(folder->vault, folder->copy);
    file_copy(folder->wal, folder->copy_wal);
    vrx_vault_close(&vault);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer database = file_read(folder->copy);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal = file_read(folder->copy_wal);
    unsigned long at = 0;
    do {
        fault_vfs_arm(&fault, FAULT_EIO, ++at, false);
        assert_false(vrx_is_ok(vrx_vault_open_over(
            folder->copy, vault_key(2), vrx_random_system(), false, "fault", &vault)));
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer database_now = file_read(folder->copy);
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer wal_now = file_read(folder->copy_wal);
        assert_true(vrx_view_equal(vrx_buffer_view(&database), vrx_buffer_view(&database_now)));
        assert_true(vrx_view_equal(vrx_buffer_view(&wal), vrx_buffer_view(&wal_now)));
    } while (fault.met > 0);
    assert_true(at > 3);
    fault_vfs_unregister(&fault);
}

static void any_call_fails_once(void **state) {
    fail_each_call(state, FAULT_EIO, false);
}

static void any_call_fails_from_then_on(void **state) {
    fail_each_call(state, FAULT_EIO, true);
}

static void the_disk_is_full_once(void **state) {
    fail_each_call(state, FAULT_ENOSPC, false);
}

static void the_disk_stays_full(void **state) {
    fail_each_call(state, FAULT_ENOSPC, true);
}

static void a_write_is_cut_short_and_the_disk_full(void **state) {
    fail_each_call(state, FAULT_SHORT_WRITE, false);
    fail_each_call(state, FAULT_SHORT_WRITE, true);
}

static void a_write_is_cut_short_by_an_error(void **state) {
    fail_each_call(state, FAULT_TORN_WRITE, false);
    fail_each_call(state, FAULT_TORN_WRITE, true);
}

static void a_sync_fails_once(void **state) {
    fail_each_call(state, FAULT_FSYNC, false);
}

static void syncs_fail_from_then_on(void **state) {
    fail_each_call(state, FAULT_FSYNC, true);
}

#define VAULT_TEST(function) \
    cmocka_unit_test_setup_teardown(function, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        VAULT_TEST(another_key_changes_nothing_when_a_call_fails),
        VAULT_TEST(any_call_fails_once),
        VAULT_TEST(any_call_fails_from_then_on),
        VAULT_TEST(the_disk_is_full_once),
        VAULT_TEST(the_disk_stays_full),
        VAULT_TEST(a_write_is_cut_short_and_the_disk_full),
        VAULT_TEST(a_write_is_cut_short_by_an_error),
        VAULT_TEST(a_sync_fails_once),
        VAULT_TEST(syncs_fail_from_then_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
