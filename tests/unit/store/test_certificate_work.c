/* SPDX-License-Identifier: Apache-2.0 */
#include "store/certificate_work.h"

#include "fixture.h"

static size_t list(struct fixture *fixture, struct vrx_certificate_work **ret_work) {
    size_t count = 0;
    assert_ok(vrx_certificate_work_list(fixture->tenant, &fixture->arena, ret_work, &count));
    return count;
}

static void one_entry_a_resident_with_the_last_reason(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_work *work = NULL;
    const int64_t first = add_resident(fixture, 1);
    const int64_t second = add_resident(fixture, 2);
    const struct vrx_result lot = vrx_refuse(VRX_LOT_INVALID, "codes/lot.h");
    assert_ok(vrx_certificate_work_note(fixture->tenant, second, lot, NOW + 1));
    assert_ok(
        vrx_certificate_work_note(fixture->tenant, first, vrx_fail(VRX_PRODUCT_UNKNOWN), NOW));
    assert_ok(vrx_certificate_work_note(fixture->tenant, first, lot, NOW + 9));
    assert_int_equal(list(fixture, &work), 2);
    assert_int_equal(work[0].resident, first);
    assert_true(work[0].addressee.len > 0);
    assert_int_equal(work[0].reason, VRX_LOT_INVALID);
    assert_text(work[0].clause, "codes/lot.h");
    assert_int_equal(work[0].opened_at, NOW);
    assert_int_equal(work[0].last_at, NOW + 9);
    assert_int_equal(work[0].times, 2);
    assert_int_equal(work[1].resident, second);
    assert_int_equal(work[1].times, 1);
}

static void what_passes_is_work_no_more(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_work *work = NULL;
    const int64_t resident = add_resident(fixture, 1);
    assert_ok(vrx_certificate_work_close(fixture->tenant, resident));
    assert_ok(
        vrx_certificate_work_note(fixture->tenant, resident, vrx_fail(VRX_QUALITY_GATE), NOW));
    assert_int_equal(list(fixture, &work), 1);
    assert_text(work[0].clause, "");
    assert_ok(vrx_certificate_work_close(fixture->tenant, resident));
    assert_int_equal(list(fixture, &work), 0);
}

static void refusal_nobody_and_no_reason(void **state) {
    struct fixture *fixture = *state;
    const int64_t resident = add_resident(fixture, 1);
    assert_reason(
        vrx_certificate_work_note(fixture->tenant, resident + 1, vrx_fail(VRX_QUALITY_GATE), NOW),
        VRX_NOT_FOUND);
    assert_reason(
        vrx_certificate_work_note(fixture->tenant, resident, vrx_ok(), NOW), VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(one_entry_a_resident_with_the_last_reason),
        STORE_TEST(what_passes_is_work_no_more),
        STORE_TEST(refusal_nobody_and_no_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
