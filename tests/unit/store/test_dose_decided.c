/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/store/dose.c after an officer has looked: what is let pass then, and what never is.
 */
#include "store/dose.h"

#include "fixture.h"

static enum vrx_reason decided(struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_dose recorded;
    return vrx_dose_record_decided(fixture->tenant, dose, NOW, &recorded).reason;
}

static struct vrx_dose from_kofu(int64_t resident, uint64_t number, uint8_t month, uint8_t day) {
    struct vrx_dose dose = dose_on(resident, number, 2021, month, day);
    dose.provenance = (struct vrx_dose_provenance){
        .source = VRX_DOSE_TRANSFER, .municipality = code_of("192015"), .digest = {1}};
    return dose;
}

static size_t history(struct fixture *fixture, int64_t resident, enum vrx_dose_selection selection,
    struct vrx_dose **ret_doses) {
    size_t count = 0;
    assert_ok(
        vrx_dose_history(fixture->tenant, &fixture->arena, resident, selection, ret_doses, &count));
    return count;
}

static void an_officer_may_let_two_doses_stand_close_together(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose first = dose_on(resident, 1, 2021, 7, 1);
    (void)add_dose(fixture, &first);
    struct vrx_dose near = from_kofu(resident, 2, 7, 3);
    assert_int_equal(vrx_dose_record(fixture->tenant, &near, NOW, &near).reason, VRX_DOSE_INTERVAL);
    assert_int_equal(decided(fixture, &near), VRX_OK);
    struct vrx_dose same_day = from_kofu(resident, 3, 7, 3);
    same_day.item.lot = vrx_view_text("FA7338");
    assert_int_equal(decided(fixture, &same_day), VRX_OK);
    assert_int_equal(rows_in(fixture, "dose WHERE state = 1"), 3);
}

static void nobody_may_count_two_doses_as_one(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 2, 2021, 7, 1);
    (void)add_dose(fixture, &dose);
    struct vrx_dose other = from_kofu(resident, 2, 7, 3);
    assert_int_equal(decided(fixture, &other), VRX_DOSE_ORDER);
    other.item.dose_number = 1; /* later, and lower */
    assert_int_equal(decided(fixture, &other), VRX_DOSE_ORDER);
    other = from_kofu(resident, 3, 7, 1); /* date, product and lot are those of the first */
    assert_int_equal(decided(fixture, &other), VRX_ALREADY_EXISTS);
    other.item.lot = vrx_view_text("not a lot");
    assert_int_equal(decided(fixture, &other), VRX_LOT_INVALID);
    other = from_kofu(resident, 3, 12, 31);
    other.item.administered_on.year = 2022;
    assert_int_equal(decided(fixture, &other), VRX_DATE_IN_FUTURE);
    other = from_kofu(99, 1, 7, 1);
    assert_int_equal(decided(fixture, &other), VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "dose"), 1);
}

static void an_officer_may_bring_back_what_was_taken_out(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = from_kofu(add_resident(fixture, 1), 1, 7, 1);
    struct vrx_dose recorded = add_dose(fixture, &dose);
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, recorded.id, 1, NOW));
    assert_reason(vrx_dose_record(fixture->tenant, &dose, NOW, &recorded), VRX_ALREADY_EXISTS);
    assert_int_equal(decided(fixture, &dose), VRX_OK);
}

static void what_is_put_aside_is_kept_and_in_no_history(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose *doses = NULL;
    struct vrx_dose own = dose_on(add_resident(fixture, 1), 1, 2021, 7, 1);
    struct vrx_dose theirs = from_kofu(own.resident, 1, 7, 1);
    struct vrx_dose aside;
    (void)add_dose(fixture, &own);
    assert_ok(vrx_dose_put_aside(fixture->tenant, &theirs, NOW + 3, &aside));
    assert_int_equal(aside.state, VRX_DOSE_SUPERSEDED);
    assert_int_equal(history(fixture, own.resident, VRX_DOSES_CURRENT, &doses), 1);
    assert_int_equal(doses[0].provenance.source, VRX_DOSE_OWN);
    assert_int_equal(history(fixture, own.resident, VRX_DOSES_ALL, &doses), 2);
    assert_ok(vrx_dose_get(fixture->tenant, &fixture->arena, aside.id, &aside));
    assert_int_equal(aside.state, VRX_DOSE_SUPERSEDED);
    assert_int_equal(aside.ended_at, NOW + 3);
    assert_int_equal(aside.corrects, 0);
    assert_string_equal(aside.provenance.municipality.digits, "192015");
    assert_reason(vrx_dose_correct(fixture->tenant, aside.id, 1, &own, NOW, &aside), VRX_CONFLICT);
    /* By itself it must be a dose all the same. */
    theirs.item.dose_number = 0;
    assert_reason(vrx_dose_put_aside(fixture->tenant, &theirs, NOW, &aside), VRX_INPUT_RANGE);
    theirs = from_kofu(own.resident, 1, 7, 1);
    theirs.item.product = 99;
    assert_reason(vrx_dose_put_aside(fixture->tenant, &theirs, NOW, &aside), VRX_PRODUCT_UNKNOWN);
}

static void a_dose_that_stands_close_to_another_can_be_corrected(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose first = dose_on(resident, 1, 2021, 7, 1);
    first = add_dose(fixture, &first);
    struct vrx_dose near = from_kofu(resident, 2, 7, 3);
    assert_int_equal(decided(fixture, &near), VRX_OK);
    struct vrx_dose change = dose_on(0, 0, 2021, 7, 1);
    change.item.venue = vrx_view_text("another venue");
    struct vrx_dose corrected;
    assert_ok(vrx_dose_correct(fixture->tenant, first.id, 1, &change, NOW, &corrected));
    /* The day itself is judged. */
    change.item.administered_on.day = 2;
    assert_reason(vrx_dose_correct(fixture->tenant, corrected.id, 2, &change, NOW, &first),
        VRX_DOSE_INTERVAL);
    assert_ok(vrx_dose_correct_decided(fixture->tenant, corrected.id, 2, &change, NOW, &corrected));
    assert_int_equal(corrected.version, 3);
    change.item.dose_number = 2;
    assert_reason(
        vrx_dose_correct_decided(fixture->tenant, corrected.id, 3, &change, NOW, &corrected),
        VRX_DOSE_ORDER);
}

static void a_correction_may_bring_back_what_an_earlier_one_took_away(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = from_kofu(add_resident(fixture, 1), 1, 7, 1);
    struct vrx_dose change = dose;
    struct vrx_dose recorded = add_dose(fixture, &dose);
    change.item.lot = vrx_view_text("FA7338");
    assert_ok(vrx_dose_correct(fixture->tenant, recorded.id, 1, &change, NOW, &recorded));
    assert_ok(vrx_dose_correct(fixture->tenant, recorded.id, 2, &dose, NOW, &recorded));
    assert_text(recorded.item.lot, "EW4811");
    assert_int_equal(recorded.version, 3);
}

static void the_head_is_the_last_version(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2021, 7, 1);
    struct vrx_dose first = add_dose(fixture, &dose);
    struct vrx_dose last = first;
    int64_t head = 0;
    assert_ok(vrx_dose_head(fixture->tenant, first.id, &head));
    assert_int_equal(head, first.id);
    for (uint64_t version = 1; version < 4; version++)
        assert_ok(vrx_dose_correct(fixture->tenant, last.id, version, &dose, NOW, &last));
    assert_ok(vrx_dose_head(fixture->tenant, first.id, &head));
    assert_int_equal(head, last.id);
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, last.id, 4, NOW));
    assert_ok(vrx_dose_head(fixture->tenant, first.id, &head));
    assert_int_equal(head, last.id);
    assert_reason(vrx_dose_head(fixture->tenant, 99, &head), VRX_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(an_officer_may_let_two_doses_stand_close_together),
        STORE_TEST(nobody_may_count_two_doses_as_one),
        STORE_TEST(an_officer_may_bring_back_what_was_taken_out),
        STORE_TEST(what_is_put_aside_is_kept_and_in_no_history),
        STORE_TEST(a_dose_that_stands_close_to_another_can_be_corrected),
        STORE_TEST(a_correction_may_bring_back_what_an_earlier_one_took_away),
        STORE_TEST(the_head_is_the_last_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
