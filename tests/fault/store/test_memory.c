/* SPDX-License-Identifier: Apache-2.0
 *
 * Allocations fail in turn, once or from then on, while a tenant is made and a case is worked
 * through: one in 499, every one with VRX_FAULT_STRIDE=1. Each call says so; what was committed is
 * there afterwards, and nothing else.
 */
#include "unit/store/cases.h"

#include "store/transfer_out.h"
#include "support/fault_malloc.h"
#include "support/tenant_keys_of.h"

static bool starved(struct vrx_result result, unsigned long at) {
    /* OpenSSL does not always say why it gave up. */
    static const enum vrx_reason allowed[] = {
        VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED, VRX_RANDOM_FAILED};
    if (vrx_is_ok(result))
        return false;
    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (result.reason == allowed[i])
            return true;
    fault_malloc_arm(0, false);
    fail_msg("allocation %lu: %s", at, vrx_reason_name(result.reason));
    return true;
}

static struct vrx_result write_doses(struct vrx_tenant *tenant, int64_t resident) {
    struct vrx_dose recorded;
    struct vrx_dose dose = dose_on(resident, 0, 2021, 6, 1);
    VRX_TRY(vrx_dose_record(tenant, &dose, NOW, &recorded));
    VRX_TRY(vrx_dose_set_ledger_index(tenant, recorded.id, 0));
    dose.item.lot = vrx_view_text("EW4812");
    VRX_TRY(vrx_dose_correct(tenant, recorded.id, 1, &dose, NOW, &recorded));
    return vrx_dose_mark_entered_in_error(tenant, recorded.id, 2, NOW);
}

static struct vrx_result write_case(struct vrx_tenant *tenant, int64_t resident) {
    struct test_case about = {.resident = resident, .evidence_id = {1}, .consent_id = {2}};
    struct vrx_consent_record consent = consent_of(&about);
    struct vrx_evidence_record evidence = {
        .id = {1}, .resident = resident, .object = vrx_view_text("evidence")};
    struct vrx_transfer_out transfer = {
        .origin = code_of("122173"),
        .resident = resident,
        .has_consent = true,
        .consent_id = {2},
        .query = vrx_view_text("query"),
        .deadline = 1,
        .next_attempt_at = 1,
    };
    VRX_TRY(vrx_evidence_record_put(tenant, &evidence));
    VRX_TRY(vrx_consent_record_put(tenant, &consent));
    VRX_TRY(vrx_transfer_out_put(tenant, &transfer));
    VRX_TRY(vrx_transfer_out_advance(tenant, transfer.query_id, VRX_TRANSFER_PENDING, NOW));
    return vrx_transfer_out_answer(tenant, transfer.query_id, vrx_view_text("answer"), NOW);
}

static struct vrx_result write_all(struct vrx_tenant *tenant) {
    char digits[13];
    int64_t id = 0;
    struct vrx_resident resident = resident_called("1", "札幌　花子");
    VRX_TRY(vrx_resident_register(tenant, &resident, number_text(1, digits), NOW, &id));
    VRX_TRY(vrx_resident_set_protection(tenant, id, true, true, NOW));
    VRX_TRY(write_doses(tenant, id));
    return write_case(tenant, id);
}

static struct vrx_result read_all(struct vrx_tenant *tenant, struct vrx_arena *arena) {
    char digits[13];
    uint8_t token[VRX_DIGEST];
    struct vrx_resident resident;
    struct vrx_dose *doses = NULL;
    struct vrx_transfer_out *due = NULL;
    size_t count = 0;
    VRX_TRY(vrx_resident_find_by_number(tenant, arena, number_text(1, digits), &resident));
    VRX_TRY(vrx_resident_person_token(tenant, resident.id, token));
    VRX_TRY(vrx_dose_history(tenant, arena, resident.id, VRX_DOSES_ALL, &doses, &count));
    return vrx_transfer_out_list_due(tenant, arena, NOW, 5, &due, &count);
}

static struct vrx_result execute(struct vrx_tenant *tenant, const char *sql) {
    sqlite3 *db = vrx_tenant_db(tenant);
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static struct vrx_result one_transaction(struct vrx_tenant *tenant) {
    VRX_TRY(execute(tenant, "BEGIN IMMEDIATE"));
    VRX_TRY(write_all(tenant));
    return execute(tenant, "COMMIT");
}

/* True when the transaction was acknowledged. */
static bool work(const char *path, unsigned long at) {
    struct vrx_tenant *tenant = NULL;
    struct vrx_municipality_code code = code_of("011002");
    struct vrx_tenant_keys *keys = NULL;
    bool acknowledged = false;
    struct vrx_result result = tenant_keys_of(vault_key(1), &keys);
    if (vrx_is_ok(result))
        result = vrx_tenant_open(path, &keys, &code, vrx_random_system(), NOW, &tenant);
    vrx_tenant_keys_free(&keys);
    if (starved(result, at))
        return false;
    acknowledged = !starved(one_transaction(tenant), at);
    if (acknowledged) {
        struct vrx_arena arena;
        vrx_arena_init(&arena, 0);
        (void)starved(read_all(tenant, &arena), at);
        vrx_arena_done(&arena);
    }
    vrx_tenant_close(&tenant);
    return acknowledged;
}

static void verify(const char *path, bool acknowledged) {
    struct vrx_tenant *tenant = open_tenant(path);
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_tenant_check(tenant));
    int64_t residents = sql_number(vrx_tenant_db(tenant), "SELECT count(*) FROM resident");
    assert_true(residents == 1 || !acknowledged);
    if (residents)
        assert_ok(read_all(tenant, &arena));
    vrx_arena_done(&arena);
    vrx_tenant_close(&tenant);
}

static void fail_each_allocation(const struct vault_folder *folder, bool lasting) {
    unsigned long stride = environment_number("VRX_FAULT_STRIDE", 499);
    unsigned long at = 1;
    unsigned long failures = 0;
    unsigned long rounds = 0;
    do {
        fault_malloc_arm(at, lasting);
        bool acknowledged = work(folder->vault, at);
        failures = fault_malloc_met();
        fault_malloc_arm(0, false);
        verify(folder->vault, acknowledged);
        vault_folder_empty(folder);
        at += stride;
        rounds++;
    } while (failures > 0);
    print_message("%lu allocations failed in turn\n", rounds - 1);
    assert_true(at > 2000);
}

/* OpenSSL keeps what it could not set up at its first use: that is its own, and done before. */
static int warm_up(void **state) {
    if (vault_folder_setup(state) != 0)
        return -1;
    const struct vault_folder *folder = *state;
    bool acknowledged = work(folder->vault, 0);
    vault_folder_empty(folder);
    return acknowledged ? 0 : -1;
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
