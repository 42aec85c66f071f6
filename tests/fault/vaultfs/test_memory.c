/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation fails in turn, once or from then on. That is an error and never damage; the
 * vault opens afterwards with every acknowledged transaction. Leaks are for the address sanitizer
 * to find.
 */
#include "vaultfs/backup.h"

#include "support/check.h"
#include "support/fault_malloc.h"
#include "support/vault_files.h"
#include "support/vault_work.h"

#include "crypto/random.h"

#define TRANSACTIONS 4

static void assert_memory_reason(struct vrx_result result, unsigned long at) {
    /* OpenSSL does not always say why it gave up. */
    static const enum vrx_reason allowed[] = {
        VRX_OK, VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED, VRX_RANDOM_FAILED};
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (result.reason == allowed[i])
            return;
    fault_malloc_arm(0, false);
    fail_msg("allocation %lu: %s", at, vrx_reason_name(result.reason));
}

static struct vrx_result open_vault(
    const struct vault_folder *folder, bool create, struct vrx_vault **ret_vault) {
    return vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), create, ret_vault);
}

/* A backup, a change of the data key (to the same one: the vault opens either way), a VACUUM. */
static void starved_care(
    struct vrx_vault *vault, const struct vault_folder *folder, unsigned long at) {
    struct vrx_backup *backup = NULL;
    struct vrx_result result = vrx_backup_begin(vault, folder->copy, &backup);
    assert_memory_reason(result, at);
    if (vrx_is_ok(result)) {
        assert_memory_reason(vrx_backup_step(backup, UINT32_MAX), at);
        assert_memory_reason(vrx_backup_finish(&backup), at);
    }
    result = vrx_vault_rekey_begin(vault, vault_key(1));
    assert_memory_reason(result, at);
    if (vrx_is_ok(result))
        result = vrx_vault_rekey_step(vault, UINT32_MAX);
    assert_memory_reason(result, at);
    if (vrx_is_ok(result))
        assert_memory_reason(vrx_vault_rekey_finish(vault), at);
    assert_memory_reason(vrx_vault_vacuum(vault), at);
}

static void starved_work(const struct vault_folder *folder, struct vault_work *work,
    bool *ret_created, unsigned long at) {
    struct vrx_vault *vault = NULL;
    struct vrx_result result = open_vault(folder, true, &vault);
    assert_memory_reason(result, at);
    if (!vrx_is_ok(result)) {
        assert_int_equal(vault_folder_count(folder), 0);
        return;
    }
    vrx_vault_limit_epochs(vault, 20, 10);
    assert_memory_reason(vault_work_settings(vrx_vault_db(vault)), at);
    result = vault_work_create(vrx_vault_db(vault));
    assert_memory_reason(result, at);
    *ret_created = vrx_is_ok(result);
    for (unsigned i = 0; *ret_created && i < TRANSACTIONS; i++)
        assert_memory_reason(vault_work_next(vrx_vault_db(vault), work), at);
    /* Where even ROLLBACK found no memory, the transaction is open until the vault is closed. */
    if (sqlite3_get_autocommit(vrx_vault_db(vault)))
        starved_care(vault, folder, at);
    vrx_vault_close(&vault);
    assert_memory_reason(open_vault(folder, false, &vault), at);
    if (vault)
        assert_memory_reason(vrx_vault_check(vault), at);
    vrx_vault_close(&vault);
}

static void verify(const struct vault_folder *folder, const struct vault_work *work, bool created,
    unsigned long at) {
    struct vrx_vault *vault = NULL;
    assert_ok(open_vault(folder, !file_exists(folder->vault), &vault));
    assert_ok(vrx_vault_check(vault));
    sqlite3 *db = vrx_vault_db(vault);
    if (created || sql_number(db, "SELECT count(*) FROM sqlite_schema") > 0) {
        const char *wrong = NULL;
        assert_ok(vault_work_verify(db, work, &wrong));
        if (wrong)
            fail_msg("allocation %lu: %s", at, wrong);
    }
    vrx_vault_close(&vault);
}

static void fail_each_allocation(const struct vault_folder *folder, bool lasting) {
    unsigned long at = 0;
    unsigned long failures = 0;
    do {
        at++;
        struct vault_work work = {0};
        bool created = false;
        fault_malloc_arm(at, lasting);
        starved_work(folder, &work, &created, at);
        failures = fault_malloc_met();
        fault_malloc_arm(0, false);
        verify(folder, &work, created, at);
        vault_folder_empty(folder);
    } while (failures > 0);
    print_message("%lu allocations failed in turn\n", at - 1);
    assert_true(at > 200);
}

/* OpenSSL keeps what it could not set up at its first use: that is its own, and done before. */
static int warm_up(void **state) {
    if (vault_folder_setup(state) != 0)
        return -1;
    struct vrx_vault *vault = NULL;
    struct vrx_result result = open_vault(*state, true, &vault);
    vrx_vault_close(&vault);
    vault_folder_empty(*state);
    return vrx_is_ok(result) ? 0 : -1;
}

static void one_allocation_fails(void **state) {
    fail_each_allocation(*state, false);
}

static void all_allocations_fail_from_then_on(void **state) {
    fail_each_allocation(*state, true);
}

int main(void) {
    if (!fault_malloc_install())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_allocation_fails, warm_up, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            all_allocations_fail_from_then_on, warm_up, vault_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
