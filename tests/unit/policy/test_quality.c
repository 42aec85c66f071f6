/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/quality.h"

#include "support/check.h"

static const struct vrx_date birth = {1964, 8, 12};
static const struct vrx_date today = {2021, 12, 9};

struct row {
    uint64_t product, number;
    struct vrx_date on;
    const char *lot;
};

static struct vrx_result gate_at(
    const struct row *rows, size_t count, struct vrx_date born, struct vrx_date now) {
    struct vrx_proven_dose doses[4] = {0};
    for (size_t i = 0; i < count; i++)
        doses[i].item = (struct vrx_dose_item){.product = rows[i].product,
            .dose_number = rows[i].number,
            .administered_on = rows[i].on,
            .lot = vrx_view_text(rows[i].lot)};
    return vrx_quality_gate(doses, count, born, now);
}

static struct vrx_result gate(const struct row *rows, size_t count) {
    return gate_at(rows, count, birth, today);
}

static void good_records_pass(void **state) {
    (void)state;
    static const struct row three[] = {
        {1, 1, {2021, 7, 1}, "EW4811"}, {1, 2, {2021, 7, 22}, "FA7338"}, {2, 3, {2021, 12, 9}, ""}};
    static const struct row second_only[] = {{1, 2, {2021, 7, 2}, NULL}};
    static const struct row mixed[] = {{3, 1, {2021, 8, 1}, ""}, {1, 2, {2021, 8, 29}, ""}};
    assert_ok(gate(three, 3));
    assert_ok(gate(second_only, 1));
    assert_ok(gate(mixed, 2));
}

static void refusal_product_unknown(void **state) {
    (void)state;
    static const struct row rows[] = {{99, 1, {2021, 7, 1}, ""}};
    assert_reason(gate(rows, 1), VRX_PRODUCT_UNKNOWN);
}

static void refusal_date_in_future(void **state) {
    (void)state;
    static const struct row rows[] = {{1, 1, {2021, 12, 10}, ""}};
    assert_reason(gate(rows, 1), VRX_DATE_IN_FUTURE);
}

static void refusal_date_before_approval(void **state) {
    (void)state;
    static const struct row rows[] = {{1, 1, {2021, 2, 13}, ""}};
    static const struct row first_day[] = {{1, 1, {2021, 2, 14}, ""}};
    static const struct row novavax[] = {{4, 1, {2021, 7, 1}, ""}};
    assert_reason(gate(rows, 1), VRX_DATE_BEFORE_APPROVAL);
    assert_ok(gate(first_day, 1));
    assert_reason(gate(novavax, 1), VRX_DATE_BEFORE_APPROVAL);
}

static void refusal_date_before_birth(void **state) {
    (void)state;
    static const struct row rows[] = {{1, 1, {2021, 7, 1}, ""}};
    assert_reason(gate_at(rows, 1, (struct vrx_date){2021, 7, 2}, today), VRX_DATE_BEFORE_BIRTH);
}

static void refusal_lot_invalid(void **state) {
    (void)state;
    static const struct row rows[] = {{1, 1, {2021, 7, 1}, "see note"}};
    assert_reason(gate(rows, 1), VRX_LOT_INVALID);
}

static void refusal_two_doses_on_one_day(void **state) {
    (void)state;
    static const struct row rows[] = {{1, 1, {2021, 7, 1}, ""}, {1, 2, {2021, 7, 1}, ""}};
    assert_reason(gate(rows, 2), VRX_DOSE_INTERVAL);
}

static void refusal_interval_of_the_primary_series(void **state) {
    (void)state;
    static const struct row early[] = {{1, 1, {2021, 7, 1}, ""}, {1, 2, {2021, 7, 19}, ""}};
    static const struct row kept[] = {{1, 1, {2021, 7, 1}, ""}, {1, 2, {2021, 7, 20}, ""}};
    assert_reason(gate(early, 2), VRX_DOSE_INTERVAL);
    assert_ok(gate(kept, 2));
}

static void refusal_order_of_numbers_and_dates(void **state) {
    (void)state;
    static const struct row dates[] = {{1, 1, {2021, 7, 22}, ""}, {1, 2, {2021, 7, 1}, ""}};
    static const struct row numbers[] = {{1, 2, {2021, 7, 1}, ""}, {1, 1, {2021, 7, 22}, ""}};
    static const struct row twice[] = {{1, 2, {2021, 7, 1}, ""}, {1, 2, {2021, 7, 22}, ""}};
    assert_reason(gate(dates, 2), VRX_QUALITY_GATE);
    assert_reason(gate(numbers, 2), VRX_QUALITY_GATE);
    assert_reason(gate(twice, 2), VRX_QUALITY_GATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_records_pass),
        cmocka_unit_test(refusal_product_unknown),
        cmocka_unit_test(refusal_date_in_future),
        cmocka_unit_test(refusal_date_before_approval),
        cmocka_unit_test(refusal_date_before_birth),
        cmocka_unit_test(refusal_lot_invalid),
        cmocka_unit_test(refusal_two_doses_on_one_day),
        cmocka_unit_test(refusal_interval_of_the_primary_series),
        cmocka_unit_test(refusal_order_of_numbers_and_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
