/* SPDX-License-Identifier: Apache-2.0 */
#include "codes/ticket_line.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void a_line_is_cut_by_position(void **state) {
    (void)state;
    struct vrx_ticket_line line;
    assert_true(vrx_is_ok(vrx_ticket_line_parse(vrx_view_text("230110020123456789"), &line)));
    assert_int_equal(line.kind, 2);
    assert_int_equal(line.dose, 3);
    assert_string_equal(line.municipality.digits, "011002");
    assert_string_equal(line.number.digits, "0123456789");
}

static void refused(const char *text, enum vrx_reason reason) {
    struct vrx_ticket_line line = {.kind = 9, .dose = 9};
    assert_int_equal(vrx_ticket_line_parse(vrx_view_text(text), &line).reason, reason);
    assert_int_equal(line.kind, 9);
    assert_string_equal(line.number.digits, "");
}

static void what_is_not_18_digits_is_malformed(void **state) {
    (void)state;
    refused("", VRX_INPUT_MALFORMED);
    refused("23011002012345678", VRX_INPUT_MALFORMED);
    refused("2301100201234567890", VRX_INPUT_MALFORMED);
    refused("23011002012345678x", VRX_INPUT_MALFORMED);
}

static void doses_count_from_1(void **state) {
    (void)state;
    refused("200110020123456789", VRX_INPUT_RANGE);
}

static void the_municipalitys_check_digit_counts(void **state) {
    (void)state;
    refused("230110030123456789", VRX_CHECK_DIGIT_WRONG);
}

static void ticket_number_alone(void **state) {
    (void)state;
    struct vrx_ticket_number number = {"before"};
    static const char *const texts[] = {"", "123456789", "12345678901", "123456789x", "12345 7890"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(
            vrx_ticket_number_parse(vrx_view_text(texts[i]), &number).reason, VRX_INPUT_MALFORMED);
    assert_string_equal(number.digits, "before");
    assert_true(vrx_is_ok(vrx_ticket_number_parse(vrx_view_text("0000000001"), &number)));
    assert_string_equal(number.digits, "0000000001");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_cut_by_position),
        cmocka_unit_test(what_is_not_18_digits_is_malformed),
        cmocka_unit_test(doses_count_from_1),
        cmocka_unit_test(the_municipalitys_check_digit_counts),
        cmocka_unit_test(ticket_number_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
