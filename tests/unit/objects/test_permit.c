/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/permit.c: which permit applies and what it allows. Its encoding is tested with the
 * codec.
 */
#include "support/check.h"

#include "unit/objects/samples.h"

static const struct vrx_municipality_code kashiwa = KASHIWA;
static const struct vrx_municipality_code sapporo = SAPPORO;
static const struct vrx_municipality_code kofu = KOFU;

/* Kofu asks Sapporo: the first permit of the sample. */
static const struct vrx_permit *const mover = &sample_permits[0];

static void assert_refused(struct vrx_result result, const char *clause) {
    assert_reason(result, VRX_PERMIT_NOT_IN_FORCE);
    assert_string_equal(result.clause, clause);
}

static void in_force_from_the_first_to_the_last_second(void **state) {
    (void)state;
    assert_ok(vrx_permit_in_force(mover, VRX_PURPOSE_MOVER, &kofu, &sapporo, SAMPLE_TIME));
    assert_ok(vrx_permit_in_force(mover, VRX_PURPOSE_MOVER, &kofu, &sapporo, SAMPLE_TIME + 1));
}

static void permit_not_in_force(void **state) {
    (void)state;
    const int64_t now = SAMPLE_TIME;
    assert_refused(vrx_permit_in_force(mover, VRX_PURPOSE_CERTIFICATE, &kofu, &sapporo, now),
        "permit.purpose");
    assert_refused(vrx_permit_in_force(mover, VRX_PURPOSE_MOVER, &kofu, &sapporo, now - 1),
        "permit.in_force_from");
    assert_refused(vrx_permit_in_force(mover, VRX_PURPOSE_MOVER, &kofu, &sapporo, now + 2),
        "permit.in_force_until");
    assert_refused(
        vrx_permit_in_force(mover, VRX_PURPOSE_MOVER, &kashiwa, &sapporo, now), "permit.askers");
    assert_refused(
        vrx_permit_in_force(mover, VRX_PURPOSE_MOVER, &sapporo, &kofu, now), "permit.asked");
}

static void empty_lists_name_everyone(void **state) {
    (void)state;
    struct vrx_permit open = *mover;
    open.asker_count = 0;
    open.asked_count = 0;
    assert_ok(vrx_permit_in_force(&open, VRX_PURPOSE_MOVER, &kashiwa, &kofu, SAMPLE_TIME));
}

static void found_by_its_id(void **state) {
    (void)state;
    const struct vrx_permit *permit = NULL;
    assert_ok(vrx_permit_by_id(&sample_permit_table, vrx_view_text("mover-19-8"), &permit));
    assert_ptr_equal(permit, mover);
    permit = NULL;
    assert_refused(
        vrx_permit_by_id(&sample_permit_table, vrx_view_text("mover-19"), &permit), "permit.id");
    assert_null(permit);
}

static void the_first_that_is_in_force_is_found(void **state) {
    (void)state;
    struct vrx_permit permits[2] = {*mover, *mover};
    struct vrx_permit_table table = sample_permit_table;
    const struct vrx_permit *permit = NULL;
    permits[0].in_force_until = SAMPLE_TIME;
    table.permits = permits;
    assert_ok(vrx_permit_find(&table, VRX_PURPOSE_MOVER, &kofu, &sapporo, SAMPLE_TIME, &permit));
    assert_ptr_equal(permit, &permits[0]);
    assert_ok(
        vrx_permit_find(&table, VRX_PURPOSE_MOVER, &kofu, &sapporo, SAMPLE_TIME + 1, &permit));
    assert_ptr_equal(permit, &permits[1]);
}

static void none_is_found(void **state) {
    (void)state;
    const struct vrx_permit *permit = NULL;
    assert_refused(vrx_permit_find(&sample_permit_table, VRX_PURPOSE_MOVER, &sapporo, &kofu,
                       SAMPLE_TIME, &permit),
        "permit_table.permits");
    assert_refused(
        vrx_permit_find(&sample_permit_table_least, VRX_PURPOSE_MOVER, &sapporo, &kofu, 0, &permit),
        "permit_table.permits");
    assert_null(permit);
}

static void the_table_has_expired(void **state) {
    (void)state;
    struct vrx_permit open = *mover;
    struct vrx_permit_table table = sample_permit_table;
    const struct vrx_permit *permit = NULL;
    open.in_force_until = VRX_OBJECT_TIME_MAX;
    table.permits = &open;
    table.permit_count = 1;
    assert_ok(vrx_permit_table_current(&table, table.expires));
    assert_ok(vrx_permit_find(&table, VRX_PURPOSE_MOVER, &kofu, &sapporo, table.expires, &permit));
    permit = NULL;
    assert_refused(vrx_permit_table_current(&table, table.expires + 1), "permit_table.expires");
    assert_refused(
        vrx_permit_find(&table, VRX_PURPOSE_MOVER, &kofu, &sapporo, table.expires + 1, &permit),
        "permit_table.expires");
    assert_null(permit);
}

static void permit_items(void **state) {
    (void)state;
    static const uint64_t allowed[] = {VRX_ITEM_VENUE, VRX_ITEM_DOSE};
    static const uint64_t too_much[] = {VRX_ITEM_DOSE, VRX_ITEM_TICKET};
    assert_ok(vrx_permit_covers(mover, allowed, 2));
    struct vrx_result result = vrx_permit_covers(mover, too_much, 2);
    assert_reason(result, VRX_PERMIT_ITEMS);
    assert_string_equal(result.clause, "permit.items");
}

static void methods(void **state) {
    (void)state;
    struct vrx_permit open = *mover;
    assert_true(vrx_permit_accepts_method(mover, VRX_IDENTITY_CARD_SEEN));
    assert_false(vrx_permit_accepts_method(mover, VRX_IDENTITY_PROXY));
    open.method_count = 0;
    assert_true(vrx_permit_accepts_method(&open, VRX_IDENTITY_PROXY));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_force_from_the_first_to_the_last_second),
        cmocka_unit_test(permit_not_in_force),
        cmocka_unit_test(empty_lists_name_everyone),
        cmocka_unit_test(found_by_its_id),
        cmocka_unit_test(the_first_that_is_in_force_is_found),
        cmocka_unit_test(none_is_found),
        cmocka_unit_test(the_table_has_expired),
        cmocka_unit_test(permit_items),
        cmocka_unit_test(methods),
    };
    return cmocka_run_group_tests_name("objects/permit", tests, NULL, NULL);
}
