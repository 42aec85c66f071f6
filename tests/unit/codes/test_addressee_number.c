/* SPDX-License-Identifier: Apache-2.0 */
#include "codes/addressee_number.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void leading_zeros_go(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"1", "1"}, {"000000000000001", "1"}, {"0100", "100"},
        {"123456789012345", "123456789012345"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct vrx_addressee_number number;
        assert_true(vrx_is_ok(vrx_addressee_number_parse(vrx_view_text(pairs[i][0]), &number)));
        assert_string_equal(number.digits, pairs[i][1]);
    }
}

static void what_is_not_1_to_15_digits_is_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {"", "1234567890123456", "12a", "-1", "１"};
    struct vrx_addressee_number number = {"before"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vrx_addressee_number_parse(vrx_view_text(texts[i]), &number).reason,
            VRX_INPUT_MALFORMED);
    assert_string_equal(number.digits, "before");
}

static void zero_is_nobodys(void **state) {
    (void)state;
    struct vrx_addressee_number number = {"before"};
    assert_int_equal(
        vrx_addressee_number_parse(vrx_view_text("0"), &number).reason, VRX_INPUT_RANGE);
    assert_int_equal(vrx_addressee_number_parse(vrx_view_text("000000000000000"), &number).reason,
        VRX_INPUT_RANGE);
    assert_string_equal(number.digits, "before");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leading_zeros_go),
        cmocka_unit_test(what_is_not_1_to_15_digits_is_malformed),
        cmocka_unit_test(zero_is_nobodys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
