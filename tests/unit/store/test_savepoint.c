/* SPDX-License-Identifier: Apache-2.0 */
#include "store/savepoint.h"

#include "fixture.h"

static uint64_t append(struct fixture *fixture) {
    uint64_t seq = 99;
    assert_ok(vrx_ledger_append(vrx_tenant_ledger(fixture->tenant), vrx_view_text("entry"), &seq));
    return seq;
}

static uint64_t entries(struct fixture *fixture) {
    return vrx_ledger_size(vrx_tenant_ledger(fixture->tenant));
}

static void what_is_kept_stays_in_records_and_ledger(void **state) {
    struct fixture *fixture = *state;
    struct vrx_savepoint point;
    assert_ok(vrx_savepoint_begin(fixture->tenant, &point));
    (void)add_resident(fixture, 1);
    (void)append(fixture);
    assert_ok(vrx_savepoint_keep(fixture->tenant, &point));
    assert_int_equal(rows_in(fixture, "resident"), 1);
    assert_int_equal(entries(fixture), 1);
}

static void what_is_undone_is_as_if_it_had_not_been(void **state) {
    struct fixture *fixture = *state;
    struct vrx_savepoint point;
    struct vrx_merkle_hash before;
    struct vrx_merkle_hash after;
    (void)add_resident(fixture, 1);
    (void)append(fixture);
    assert_ok(vrx_ledger_root(vrx_tenant_ledger(fixture->tenant), 1, &before));
    assert_ok(vrx_savepoint_begin(fixture->tenant, &point));
    (void)add_resident(fixture, 2);
    (void)append(fixture);
    assert_ok(vrx_savepoint_undo(fixture->tenant, &point));
    assert_int_equal(rows_in(fixture, "resident"), 1);
    assert_int_equal(rows_in(fixture, "audit_salt"), 1);
    assert_int_equal(entries(fixture), 1);
    assert_ok(vrx_ledger_root(vrx_tenant_ledger(fixture->tenant), 1, &after));
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(append(fixture), 1); /* the ledger goes on from there */
    sql_run(vrx_tenant_db(fixture->tenant), "COMMIT");
    assert_ok(vrx_tenant_check(fixture->tenant));
}

static void savepoints_nest(void **state) {
    struct fixture *fixture = *state;
    struct vrx_savepoint outer;
    struct vrx_savepoint inner;
    for (int undo_outer = 0; undo_outer < 2; undo_outer++) {
        assert_ok(vrx_savepoint_begin(fixture->tenant, &outer));
        (void)append(fixture);
        assert_ok(vrx_savepoint_begin(fixture->tenant, &inner));
        (void)append(fixture);
        assert_ok(vrx_savepoint_undo(fixture->tenant, &inner));
        assert_ok(vrx_savepoint_begin(fixture->tenant, &inner));
        (void)append(fixture);
        assert_ok(vrx_savepoint_keep(fixture->tenant, &inner));
        if (undo_outer)
            assert_ok(vrx_savepoint_undo(fixture->tenant, &outer));
        else
            assert_ok(vrx_savepoint_keep(fixture->tenant, &outer));
        assert_int_equal(entries(fixture), 2);
    }
}

static void ending_what_was_not_begun_is_a_defect(void **state) {
    struct fixture *fixture = *state;
    struct vrx_savepoint point = {0};
    assert_reason(vrx_savepoint_keep(fixture->tenant, &point), VRX_INTERNAL_ERROR);
    assert_reason(vrx_savepoint_undo(fixture->tenant, &point), VRX_INTERNAL_ERROR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_is_kept_stays_in_records_and_ledger),
        STORE_TEST(what_is_undone_is_as_if_it_had_not_been),
        STORE_TEST(savepoints_nest),
        STORE_TEST(ending_what_was_not_begun_is_a_defect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
