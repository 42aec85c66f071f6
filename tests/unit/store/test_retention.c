/* SPDX-License-Identifier: Apache-2.0 */
#include "store/retention.h"

#include "fixture.h"

#include "ledger/ledger.h"
#include "store/schema.h"

static void every_class_has_a_period_of_its_own(void **state) {
    struct fixture *fixture = *state;
    for (unsigned what = 1; what <= VRX_RETENTION_LAST; what++) {
        struct vrx_retention retention;
        assert_ok(vrx_retention_get(fixture->tenant, (enum vrx_retention_class)what, &retention));
        assert_int_equal(retention.what, what);
        assert_true(retention.days >= 1826);
        assert_int_equal(retention.changed_at, 0);
    }
}

static void a_period_is_set_and_set_again(void **state) {
    struct fixture *fixture = *state;
    struct vrx_retention retention;
    int64_t before = 0;
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_CONSENT, 30, NOW));
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_CONSENT, 90, NOW + 5));
    assert_ok(vrx_retention_get(fixture->tenant, VRX_RETENTION_CONSENT, &retention));
    assert_int_equal(retention.days, 90);
    assert_int_equal(retention.changed_at, NOW + 5);
    assert_ok(vrx_retention_before(fixture->tenant, VRX_RETENTION_CONSENT, NOW, &before));
    assert_int_equal(before, NOW - INT64_C(90) * 86400);
    assert_ok(vrx_retention_get(fixture->tenant, VRX_RETENTION_EVIDENCE, &retention));
    assert_int_equal(retention.changed_at, 0);
}

static void zero_days_is_for_ever(void **state) {
    struct fixture *fixture = *state;
    int64_t before = 0;
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_VACCINATION, 0, NOW));
    assert_ok(vrx_retention_before(fixture->tenant, VRX_RETENTION_VACCINATION, NOW, &before));
    assert_true(before == INT64_MIN);
}

static void less_than_the_law_asks_for_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_retention retention;
    struct vrx_result result =
        vrx_retention_set(fixture->tenant, VRX_RETENTION_VACCINATION, 1825, NOW);
    assert_reason(result, VRX_INPUT_RANGE);
    assert_non_null(strstr(result.clause, "art. 6-2"));
    assert_ok(vrx_retention_get(fixture->tenant, VRX_RETENTION_VACCINATION, &retention));
    assert_int_equal(retention.changed_at, 0);
    assert_ok(vrx_retention_set(fixture->tenant, VRX_RETENTION_VACCINATION, 1826, NOW));
}

static void what_is_no_class_or_no_period_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_retention retention;
    static const unsigned unknown[] = {0, VRX_RETENTION_LAST + 1};
    for (size_t i = 0; i < COUNT_OF(unknown); i++) {
        enum vrx_retention_class what = (enum vrx_retention_class)unknown[i];
        assert_reason(vrx_retention_get(fixture->tenant, what, &retention), VRX_INPUT_RANGE);
        assert_reason(vrx_retention_set(fixture->tenant, what, 9, NOW), VRX_INPUT_RANGE);
    }
    assert_reason(
        vrx_retention_set(fixture->tenant, VRX_RETENTION_CONSENT, 73001, NOW), VRX_INPUT_RANGE);
}

/* A vault of the first schema, with a person in it, has periods and the same person afterwards. */
static void a_vault_of_the_first_schema_gets_periods(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant_keys *keys = keys_of(1);
    struct vrx_vault *vault = NULL;
    vault_folder_empty(folder);
    assert_ok(vrx_vault_open(
        folder->vault, vrx_tenant_data_key(keys), vrx_random_system(), true, &vault));
    sqlite3 *db = vrx_vault_db(vault);
    sql_run(db, "BEGIN");
    assert_ok(vrx_schema_migrate(db, vrx_schema_migrations, 1));
    assert_ok(vrx_ledger_create(db));
    assert_int_equal(
        sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'retention'"), 0);
    sql_run(db, "INSERT INTO vault VALUES (1, '011002', 0);"
                "INSERT INTO resident VALUES (1, 1, 5, 'a', '', 0, 1, '', NULL, 0, 0, 0);"
                "INSERT INTO evidence VALUES (zeroblob(16), 1, zeroblob(32), x'00', 7); COMMIT");
    vrx_vault_close(&vault);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    struct vrx_retention retention;
    assert_ok(vrx_retention_get(tenant, VRX_RETENTION_EVIDENCE, &retention));
    db = vrx_tenant_db(tenant);
    assert_int_equal(sql_number(db, "SELECT recorded_at FROM evidence WHERE resident = 1"), 7);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM sqlite_schema WHERE "
                                    "name = 'evidence_of_resident'"),
        1);
    vrx_tenant_close(&tenant);
    vrx_tenant_keys_free(&keys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(every_class_has_a_period_of_its_own),
        STORE_TEST(a_period_is_set_and_set_again),
        STORE_TEST(zero_days_is_for_ever),
        STORE_TEST(less_than_the_law_asks_for_is_refused),
        STORE_TEST(what_is_no_class_or_no_period_is_refused),
        cmocka_unit_test_setup_teardown(
            a_vault_of_the_first_schema_gets_periods, vault_folder_setup, vault_folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
