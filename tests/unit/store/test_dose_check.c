/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dose_check.h"

#include "fixture.h"

static enum vrx_reason fields(const struct vrx_dose *dose) {
    return vrx_dose_check_fields(dose, NOW).reason;
}

static void a_whole_dose_and_a_sparse_one_are_accepted(void **state) {
    (void)state;
    struct vrx_dose dose = dose_on(1, 1, 2021, 6, 12);
    assert_int_equal(fields(&dose), VRX_OK);
    dose.item.lot = dose.item.venue = dose.item.physician = dose.item.ticket = dose.maker =
        (struct vrx_view){0};
    dose.item.dose_number = 0;
    assert_int_equal(fields(&dose), VRX_OK);
}

static void each_text_is_bounded(void **state) {
    (void)state;
    static char text[VRX_LIMIT_VENUE + 2];
    const struct {
        size_t offset;
        size_t max;
    } cases[] = {
        {offsetof(struct vrx_dose, item.lot), VRX_LIMIT_LOT},
        {offsetof(struct vrx_dose, item.venue), VRX_LIMIT_VENUE},
        {offsetof(struct vrx_dose, item.physician), VRX_LIMIT_PHYSICIAN},
        {offsetof(struct vrx_dose, item.ticket), 10},
        {offsetof(struct vrx_dose, maker), VRX_LIMIT_MAKER},
    };
    memset(text, '1', sizeof text - 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vrx_dose dose = dose_on(1, 1, 2021, 6, 12);
        struct vrx_view too_long = vrx_view_of(text, cases[i].max + 1);
        struct vrx_view control = vrx_view_text("1\t1");
        memcpy((uint8_t *)&dose + cases[i].offset, &too_long, sizeof too_long);
        assert_int_equal(fields(&dose), VRX_INPUT_TOO_LARGE);
        memcpy((uint8_t *)&dose + cases[i].offset, &control, sizeof control);
        assert_int_equal(fields(&dose), VRX_INPUT_TEXT);
    }
}

static void numbers_codes_and_provenance_are_checked(void **state) {
    (void)state;
    struct vrx_dose dose = dose_on(1, 100, 2021, 6, 12);
    assert_int_equal(fields(&dose), VRX_INPUT_RANGE);
    dose = dose_on(1, 1, 2021, 6, 12);
    dose.item.ticket = vrx_view_text("123456789");
    assert_int_equal(fields(&dose), VRX_INPUT_MALFORMED);
    dose = dose_on(1, 1, 2021, 6, 12);
    memcpy(dose.item.administered_by.digits, "011003", 6);
    assert_int_equal(fields(&dose), VRX_CHECK_DIGIT_WRONG);
    dose = dose_on(1, 1, 2021, 6, 12);
    memset(&dose.item.administered_by, 0, sizeof dose.item.administered_by);
    assert_int_equal(fields(&dose), VRX_INPUT_MALFORMED);
    dose = dose_on(1, 1, 2021, 6, 12);
    dose.provenance.source = (enum vrx_dose_source)4;
    assert_int_equal(fields(&dose), VRX_INPUT_RANGE);
}

static void a_transferred_dose_names_who_answered_with_what(void **state) {
    (void)state;
    struct vrx_dose dose = dose_on(1, 1, 2021, 6, 12);
    dose.provenance.source = VRX_DOSE_TRANSFER;
    dose.provenance.municipality = code_of("122173");
    assert_int_equal(fields(&dose), VRX_INPUT_FIELD_MISSING);
    dose.provenance.digest[31] = 1;
    assert_int_equal(fields(&dose), VRX_OK);
    memset(&dose.provenance.municipality, 0, sizeof dose.provenance.municipality);
    assert_int_equal(fields(&dose), VRX_INPUT_MALFORMED);
}

static void dates_that_cannot_be_are_refused(void **state) {
    (void)state;
    struct vrx_dose dose = dose_on(1, 1, 2021, 6, 31);
    assert_int_equal(fields(&dose), VRX_DATE_INVALID);
    dose = dose_on(1, 1, 2022, 1, 1);
    assert_int_equal(fields(&dose), VRX_OK);
    dose = dose_on(1, 1, 2022, 1, 2);
    assert_int_equal(fields(&dose), VRX_DATE_IN_FUTURE);
    dose = dose_on(1, 1, 2021, 2, 13);
    assert_int_equal(fields(&dose), VRX_DATE_BEFORE_APPROVAL);
    dose = dose_on(1, 1, 2021, 2, 14);
    assert_int_equal(fields(&dose), VRX_OK);
}

static void products_and_lots_that_are_none_are_refused(void **state) {
    (void)state;
    struct vrx_dose dose = dose_on(1, 1, 2021, 6, 12);
    dose.item.product = 0;
    assert_int_equal(fields(&dose), VRX_PRODUCT_UNKNOWN);
    dose.item.product = 1;
    dose.item.lot = vrx_view_text("first dose");
    assert_int_equal(fields(&dose), VRX_LOT_INVALID);
    dose.item.lot = vrx_view_text("ew4811");
    assert_int_equal(fields(&dose), VRX_LOT_INVALID);
}

static enum vrx_reason order(uint64_t number, struct vrx_date date) {
    static const struct vrx_dose_neighbour others[] = {
        {{2021, 6, 1}, 1}, {{2021, 6, 22}, 2}, {{2021, 12, 20}, 4}};
    struct vrx_dose_item item = {.dose_number = number, .administered_on = date};
    struct vrx_result result = vrx_dose_check_interval(&item, others, COUNT_OF(others));
    return vrx_is_ok(result) ? vrx_dose_check_order(&item, others, COUNT_OF(others)).reason
                             : result.reason;
}

static void numbers_and_dates_ascend_together(void **state) {
    (void)state;
    assert_int_equal(order(3, (struct vrx_date){2021, 9, 1}), VRX_OK);
    assert_int_equal(order(7, (struct vrx_date){2022, 9, 1}), VRX_OK);
    assert_int_equal(order(5, (struct vrx_date){2021, 9, 1}), VRX_DOSE_ORDER);
    assert_int_equal(order(3, (struct vrx_date){2022, 9, 1}), VRX_DOSE_ORDER);
    assert_int_equal(order(2, (struct vrx_date){2021, 9, 1}), VRX_DOSE_ORDER);
    assert_int_equal(order(4, (struct vrx_date){2022, 9, 1}), VRX_DOSE_ORDER);
    assert_int_equal(order(3, (struct vrx_date){2021, 5, 1}), VRX_DOSE_ORDER);
    assert_int_equal(order(100, (struct vrx_date){2022, 9, 1}), VRX_DOSE_ORDER);
    assert_int_equal(
        vrx_dose_check_order(
            &(struct vrx_dose_item){.dose_number = 3, .administered_on = {2021, 6, 1}}, NULL, 0)
            .reason,
        VRX_OK);
}

static void doses_of_one_week_are_refused_on_either_side(void **state) {
    (void)state;
    assert_int_equal(order(3, (struct vrx_date){2021, 6, 22}), VRX_DOSE_INTERVAL);
    assert_int_equal(order(3, (struct vrx_date){2021, 6, 28}), VRX_DOSE_INTERVAL);
    assert_int_equal(order(3, (struct vrx_date){2021, 6, 29}), VRX_OK);
    assert_int_equal(order(3, (struct vrx_date){2021, 12, 14}), VRX_DOSE_INTERVAL);
    assert_int_equal(order(3, (struct vrx_date){2021, 12, 13}), VRX_OK);
}

/* As an officer may let them stand. */
static void two_doses_of_one_day_may_have_either_order(void **state) {
    (void)state;
    static const struct vrx_dose_neighbour others[] = {{{2021, 6, 22}, 2}, {{2021, 6, 24}, 4}};
    static const struct {
        uint64_t number;
        uint8_t day;
        enum vrx_reason reason;
    } cases[] = {
        {1, 22, VRX_OK},
        {2, 22, VRX_DOSE_ORDER},
        {3, 22, VRX_OK},
        {3, 23, VRX_OK},
        {1, 23, VRX_DOSE_ORDER},
        {5, 23, VRX_DOSE_ORDER},
        {3, 24, VRX_OK},
        {5, 24, VRX_OK},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vrx_dose_item item = {
            .dose_number = cases[i].number, .administered_on = {2021, 6, cases[i].day}};
        assert_reason(vrx_dose_check_order(&item, others, 2), cases[i].reason);
    }
}

static void the_next_number_follows_the_highest(void **state) {
    (void)state;
    static const struct vrx_dose_neighbour others[] = {{{2021, 6, 22}, 2}, {{2021, 6, 1}, 1}};
    assert_int_equal(vrx_dose_next_number(NULL, 0), 1);
    assert_int_equal(vrx_dose_next_number(others, 2), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_dose_and_a_sparse_one_are_accepted),
        cmocka_unit_test(each_text_is_bounded),
        cmocka_unit_test(numbers_codes_and_provenance_are_checked),
        cmocka_unit_test(a_transferred_dose_names_who_answered_with_what),
        cmocka_unit_test(dates_that_cannot_be_are_refused),
        cmocka_unit_test(products_and_lots_that_are_none_are_refused),
        cmocka_unit_test(numbers_and_dates_ascend_together),
        cmocka_unit_test(doses_of_one_week_are_refused_on_either_side),
        cmocka_unit_test(two_doses_of_one_day_may_have_either_order),
        cmocka_unit_test(the_next_number_follows_the_highest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
