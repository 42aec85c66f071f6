/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call to the file system and every allocation fails in turn while batches are committed.
 * Whatever happens: a job that was told it succeeded is in the vault with its audit entry, one that
 * was refused has its entry and nothing else, and no job is there without its entry or the other
 * way round. Whether a lost batch is there may be open: a commit whose sync failed can survive in
 * the log.
 */
#include "actor/batch.h"

#include <sqlite3.h>
#include <stdio.h>

#include "crypto/random.h"
#include "keyring/keys.h"
#include "ledger/ledger.h"
#include "store/tenant.h"
#include "support/check.h"
#include "support/fault_malloc.h"
#include "support/fault_vfs.h"
#include "support/tenant_keys_of.h"
#include "support/vault_files.h"

#define BATCHES 8
#define JOBS 3 /* in a batch; the one in the middle is refused */
#define COUNT (BATCHES * JOBS)

struct call {
    struct vrx_job job; /* first */
    int number;
};

/* What the jobs of one run of the work were told, by number. */
struct told {
    enum vrx_reason reason[COUNT];
};

static struct fault_vfs fault;

static struct vrx_tenant *open_tenant(const struct vault_folder *folder) {
    static const struct vrx_municipality_code code = {"011002"};
    VRX_CLEANUP(vrx_tenant_keys_free) struct vrx_tenant_keys *keys = NULL;
    struct vrx_tenant *tenant = NULL;
    assert_ok(tenant_keys_of(vault_key(1), &keys));
    assert_ok(
        vrx_tenant_open(folder->vault, &keys, &code, vrx_random_system(), 1640995200, &tenant));
    sql_run(
        vrx_tenant_db(tenant), "CREATE TABLE IF NOT EXISTS work (number INTEGER PRIMARY KEY, b)");
    sql_run(vrx_tenant_db(tenant), "PRAGMA wal_autocheckpoint = 12");
    return tenant;
}

static struct vrx_result run(struct vrx_job *job, struct vrx_tenant *tenant) {
    const struct call *call = (const struct call *)job;
    sqlite3 *db = vrx_tenant_db(tenant);
    char sql[96];
    (void)snprintf(sql, sizeof sql, "INSERT INTO work VALUES (%d, randomblob(3000))", call->number);
    VRX_TRY(vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL)));
    return call->number % JOBS == 1 ? vrx_fail(VRX_CONSENT_REVOKED) : vrx_ok();
}

static struct vrx_result audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    const struct call *call = (const struct call *)job;
    char text[64];
    uint64_t seq = 0;
    int len = snprintf(text, sizeof text, "%d %d", call->number, (int)outcome.reason);
    return vrx_ledger_append(vrx_tenant_ledger(tenant), vrx_view_of(text, (size_t)len), &seq);
}

/* False when the tenant is to be closed. */
static bool run_batch(struct vrx_batch *batch, int number, struct told *told) {
    struct call calls[JOBS];
    for (int i = 0; i < JOBS; i++) {
        calls[i] = (struct call){.job = {.run = run, .audit = audit}, .number = number + i};
        calls[i].job.next = i + 1 < JOBS ? &calls[i + 1].job : NULL;
    }
    struct vrx_job *rest = &calls[0].job;
    bool usable = true;
    while (rest && usable) {
        struct vrx_result result = vrx_batch_run(batch, rest, 0, &rest);
        usable = result.reason != VRX_VAULT_DAMAGED && !batch->broken;
    }
    for (int i = 0; i < JOBS; i++)
        told->reason[number + i] = calls[i].job.outcome.reason;
    return usable;
}

static struct told work(struct vrx_tenant *tenant) {
    struct told told;
    struct vrx_batch batch = {0};
    for (size_t i = 0; i < COUNT; i++)
        told.reason[i] = VRX_OUT_OF_MEMORY; /* not run */
    if (!vrx_is_ok(vrx_batch_init(&batch, tenant)))
        return told;
    for (int number = 0; number < COUNT && run_batch(&batch, number, &told); number += JOBS)
        ;
    vrx_batch_done(&batch);
    return told;
}

static struct vrx_result note_entry(void *context, uint64_t seq, struct vrx_view entry) {
    int *entries = context; /* by number: the outcome that stands in the ledger, or -1 */
    char text[32] = {0};
    int number = -1;
    int reason = -1;
    (void)seq;
    assert_true(entry.len < sizeof text);
    memcpy(text, entry.ptr, entry.len);
    assert_int_equal(sscanf(text, "%d %d", &number, &reason), 2);
    assert_in_range(number, 0, COUNT - 1);
    assert_int_equal(entries[number], -1);
    entries[number] = reason;
    return vrx_ok();
}

static void verify_job(int number, enum vrx_reason told, bool has_row, int entry) {
    static const enum vrx_reason allowed[] = {VRX_OK, VRX_CONSENT_REVOKED, VRX_DISK_FAILED,
        VRX_DISK_FULL, VRX_FILE_REFUSED, VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED, VRX_RANDOM_FAILED};
    bool known = false;
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        known = known || told == allowed[i];
    if (!known)
        fail_msg("job %d: %s", number, vrx_reason_name(told));
    assert_int_equal(has_row, entry == VRX_OK);
    if (told == VRX_OK || told == VRX_CONSENT_REVOKED)
        assert_int_equal(entry, told);
}

static void verify(const struct vault_folder *folder, const struct told *told) {
    struct vrx_tenant *tenant = open_tenant(folder);
    sqlite3 *db = vrx_tenant_db(tenant);
    int entries[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        entries[i] = -1;
    assert_ok(vrx_tenant_check(tenant));
    assert_ok(vrx_ledger_each(vrx_tenant_ledger(tenant), 0, COUNT, note_entry, entries));
    for (int number = 0; number < COUNT; number++) {
        char sql[64];
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM work WHERE number = %d", number);
        verify_job(number, told->reason[number], sql_number(db, sql) == 1, entries[number]);
    }
    vrx_tenant_close(&tenant);
}

static void fail_each_call(
    const struct vault_folder *folder, enum fault_kind kind, bool lasting, unsigned long least) {
    unsigned long at = 0;
    unsigned long failures = 0;
    do {
        at++;
        struct vrx_tenant *tenant = open_tenant(folder);
        fault_vfs_arm(&fault, kind, at, lasting);
        struct told told = work(tenant);
        vrx_tenant_close(&tenant);
        failures = fault.met;
        fault_vfs_arm(&fault, FAULT_NONE, 0, false);
        verify(folder, &told);
        for (size_t i = 0; i < COUNT && !failures; i++)
            assert_int_equal(told.reason[i], i % JOBS == 1 ? VRX_CONSENT_REVOKED : VRX_OK);
        vault_folder_empty(folder);
    } while (failures > 0);
    print_message("%lu calls failed in turn\n", at - 1);
    assert_true(at > least);
}

static void any_call_fails(void **state) {
    fail_each_call(*state, FAULT_EIO, false, 50);
    fail_each_call(*state, FAULT_EIO, true, 50);
}

static void the_disk_is_full(void **state) {
    fail_each_call(*state, FAULT_ENOSPC, false, 30);
    fail_each_call(*state, FAULT_SHORT_WRITE, true, 30);
    fail_each_call(*state, FAULT_TORN_WRITE, false, 30);
}

static void syncs_fail(void **state) {
    fail_each_call(*state, FAULT_FSYNC, false, BATCHES);
    fail_each_call(*state, FAULT_FSYNC, true, BATCHES);
}

static void fail_each_allocation(const struct vault_folder *folder, bool lasting) {
    unsigned long stride = environment_number("VRX_FAULT_STRIDE", 7);
    unsigned long at = 1;
    unsigned long failures = 0;
    do {
        struct vrx_tenant *tenant = open_tenant(folder);
        fault_malloc_arm(at, lasting);
        struct told told = work(tenant);
        failures = fault_malloc_met();
        fault_malloc_arm(0, false);
        vrx_tenant_close(&tenant);
        verify(folder, &told);
        vault_folder_empty(folder);
        at += stride;
    } while (failures > 0);
    print_message("allocations to number %lu failed in turn\n", at);
    assert_true(at > 300);
}

static void one_allocation_fails(void **state) {
    fail_each_allocation(*state, false);
}

static void all_allocations_fail_from_then_on(void **state) {
    fail_each_allocation(*state, true);
}

/* The tenant's vault goes to the default VFS: that is the faulty one here. */
static int setup(void **state) {
    if (vault_folder_setup(state) || !fault_vfs_register(&fault))
        return -1;
    return sqlite3_vfs_register(&fault.shim.vfs, 1);
}

static int teardown(void **state) {
    fault_vfs_unregister(&fault);
    return vault_folder_teardown(state);
}

int main(void) {
    if (!fault_malloc_install())
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_call_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(the_disk_is_full, setup, teardown),
        cmocka_unit_test_setup_teardown(syncs_fail, setup, teardown),
        cmocka_unit_test_setup_teardown(one_allocation_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(all_allocations_fail_from_then_on, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
