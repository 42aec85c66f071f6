/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/store/tenant.c: a vault moves to the keyring's present data key, closed and opened at any
 * moment, and what opens it then.
 */
#include "fixture.h"
#include "vaultfs/header.h"

#define ROOT 1  /* of the index, linkage and ledger keys; the data keys have bytes of their own */
#define STEP 40 /* pages */
#define RECORDS 250

/* Keys of which the present data key is this byte, and the one before has one less. */
static struct vrx_tenant_keys *data_keys(uint8_t present, size_t count) {
    struct vrx_tenant_keys *keys = NULL;
    const struct vrx_symmetric_keys symmetric = {
        .data = {vault_key(present), vault_key((uint8_t)(present - 1))},
        .data_count = count,
        .data_number = present,
        .index = vault_key(ROOT),
        .linkage = vault_key(ROOT),
        .ledger = vault_key(ROOT)};
    assert_ok(vrx_tenant_keys_new(&symmetric, &keys));
    return keys;
}

static struct vrx_result open_with(
    const struct vault_folder *folder, uint8_t present, size_t count, struct vrx_tenant **ret) {
    const struct vrx_municipality_code code = code_of("011002");
    struct vrx_tenant_keys *keys = data_keys(present, count);
    struct vrx_result result =
        vrx_tenant_open(folder->vault, &keys, &code, vrx_random_system(), NOW, ret);
    vrx_tenant_keys_free(&keys);
    return result;
}

static struct vrx_tenant *must_open(const struct vault_folder *folder, uint8_t present) {
    struct vrx_tenant *tenant = NULL;
    assert_ok(open_with(folder, present, present > 1 ? 2 : 1, &tenant));
    return tenant;
}

static void assert_not_opened(const struct vault_folder *folder, uint8_t present, size_t count) {
    struct vrx_tenant *tenant = NULL;
    assert_reason(open_with(folder, present, count, &tenant), VRX_VAULT_DAMAGED);
    assert_null(tenant);
}

static struct vrx_rotation_state state_of(struct vrx_tenant *tenant) {
    struct vrx_rotation_state state;
    assert_ok(vrx_tenant_rotation(tenant, &state));
    assert_true(state.done <= state.total);
    return state;
}

/* A record that must be there whatever key the vault is under. */
static void write_record(struct vrx_tenant *tenant, int number) {
    char sql[100];
    (void)snprintf(sql, sizeof sql, "INSERT INTO work VALUES (%d, randomblob(3000))", number);
    sql_run(vrx_tenant_db(tenant), sql);
}

static void assert_records(struct vrx_tenant *tenant, int count) {
    assert_int_equal(
        sql_number(vrx_tenant_db(tenant), "SELECT count(*) FROM work WHERE length(b) = 3000"),
        count);
    assert_ok(vrx_tenant_check(tenant));
}

static struct vrx_tenant *make_tenant(const struct vault_folder *folder) {
    struct vrx_tenant *tenant = must_open(folder, 1);
    sql_run(vrx_tenant_db(tenant), "CREATE TABLE work (number INTEGER PRIMARY KEY, b BLOB)");
    for (int i = 0; i < RECORDS; i++)
        write_record(tenant, i);
    return tenant;
}

/* Every page on disk says of which epoch it is: none is older than the first under the new key. */
static void assert_no_old_page(const struct vault_folder *folder, uint32_t first_epoch) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = file_read(folder->vault);
    assert_true(file.len > VRX_HEADER + (size_t)RECORDS * VRX_PAGE);
    for (size_t at = VRX_HEADER; at < file.len; at += VRX_PAGE)
        assert_true(vrx_page_epoch(file.ptr + at) >= first_epoch);
}

static uint32_t newest_epoch(const struct vault_folder *folder) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer file = file_read(folder->vault);
    uint32_t newest = 0;
    for (size_t at = VRX_HEADER; at < file.len; at += VRX_PAGE)
        if (vrx_page_epoch(file.ptr + at) > newest)
            newest = vrx_page_epoch(file.ptr + at);
    return newest;
}

static void nothing_to_move(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant *tenant = make_tenant(folder);
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_DONE);
    assert_int_equal(state_of(tenant).data_number, 1);
    assert_reason(vrx_tenant_rotate(tenant, STEP), VRX_WRONG_STATE);
    assert_true(vrx_view_equal(vrx_tenant_vault_key(tenant), vault_key(1)));
    vrx_tenant_close(&tenant);
}

/* Closed and opened again before every step, with a write in between. */
static void a_vault_moves_whatever_comes_between(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant *tenant = make_tenant(folder);
    vrx_tenant_close(&tenant);
    const uint32_t before = newest_epoch(folder);
    int records = RECORDS;
    unsigned seen[VRX_ROTATION_ENDING + 1] = {0};
    struct vrx_rotation_state now;
    do {
        tenant = must_open(folder, 2);
        now = state_of(tenant);
        seen[now.at]++;
        assert_int_equal(now.data_number, 2);
        assert_true(vrx_view_equal(
            vrx_tenant_vault_key(tenant), vault_key(now.at == VRX_ROTATION_PENDING ? 1 : 2)));
        if (now.at != VRX_ROTATION_DONE)
            assert_ok(vrx_tenant_rotate(tenant, STEP));
        write_record(tenant, records++);
        assert_records(tenant, records);
        vrx_tenant_close(&tenant);
    } while (now.at != VRX_ROTATION_DONE);
    assert_int_equal(seen[VRX_ROTATION_PENDING], 1);
    assert_true(seen[VRX_ROTATION_MOVING] > 2);
    assert_int_equal(seen[VRX_ROTATION_ENDING], 1);
    assert_no_old_page(folder, before + 1);
    assert_not_opened(folder, 1, 1); /* the old key opens nothing */
    assert_not_opened(folder, 4, 2); /* nor do keys to come */
    tenant = must_open(folder, 3);   /* a keyring further on, whose change has not begun */
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_PENDING);
    vrx_tenant_close(&tenant);
}

/* New keys come while the vault is open; the one after next waits for its turn. */
static void adopted_keys_are_moved_to_one_after_the_other(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant *tenant = make_tenant(folder);
    struct vrx_tenant_keys *keys = data_keys(2, 2);
    vrx_tenant_adopt_keys(tenant, &keys);
    assert_null(keys);
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_PENDING);
    assert_ok(vrx_tenant_rotate(tenant, STEP));
    assert_ok(vrx_tenant_rotate(tenant, STEP));
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_MOVING);
    keys = data_keys(3, 2);
    assert_ok(vrx_tenant_keys_follow(vrx_tenant_keys(tenant), vrx_tenant_vault_key(tenant), keys));
    vrx_tenant_adopt_keys(tenant, &keys);
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_MOVING);
    assert_int_equal(state_of(tenant).data_number, 2);
    vrx_tenant_close(&tenant); /* and the keyring alone tells how to go on */
    tenant = must_open(folder, 3);
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_MOVING);
    assert_int_equal(state_of(tenant).data_number, 2);
    while (state_of(tenant).data_number == 2)
        assert_ok(vrx_tenant_rotate(tenant, UINT32_MAX));
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_PENDING);
    while (state_of(tenant).at != VRX_ROTATION_DONE)
        assert_ok(vrx_tenant_rotate(tenant, UINT32_MAX));
    assert_records(tenant, RECORDS);
    vrx_tenant_close(&tenant);
    assert_not_opened(folder, 2, 2);
}

static void wrong_state_inside_a_transaction(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant *tenant = make_tenant(folder);
    struct vrx_tenant_keys *keys = data_keys(2, 2);
    vrx_tenant_adopt_keys(tenant, &keys);
    sql_run(vrx_tenant_db(tenant), "BEGIN");
    assert_reason(vrx_tenant_rotate(tenant, STEP), VRX_WRONG_STATE);
    assert_reason(vrx_tenant_vacuum(tenant), VRX_WRONG_STATE);
    sql_run(vrx_tenant_db(tenant), "COMMIT");
    assert_int_equal(state_of(tenant).at, VRX_ROTATION_PENDING);
    vrx_tenant_close(&tenant);
}

/* What vacuum is for: no page of an epoch before it is left. */
static void vacuum_leaves_no_page_of_an_earlier_epoch(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant *tenant = make_tenant(folder);
    assert_ok(vrx_tenant_vacuum(tenant));
    vrx_tenant_close(&tenant);
    const uint32_t newest = newest_epoch(folder);
    assert_true(newest > 1);
    assert_no_old_page(folder, newest);
    tenant = must_open(folder, 1);
    assert_records(tenant, RECORDS);
    vrx_tenant_close(&tenant);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_to_move, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            a_vault_moves_whatever_comes_between, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(adopted_keys_are_moved_to_one_after_the_other,
            vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            wrong_state_inside_a_transaction, vault_folder_setup, vault_folder_teardown),
        cmocka_unit_test_setup_teardown(
            vacuum_leaves_no_page_of_an_earlier_epoch, vault_folder_setup, vault_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
