/* SPDX-License-Identifier: Apache-2.0 */
#include "codes/individual_number.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void known_numbers_are_read(void **state) {
    (void)state;
    /* 123456789018 is the ministry's example; the others cover remainders 0 and 1 (digit 0). */
    static const char *const valid[] = {"123456789018", "100000000005", "000000000019"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        struct vrx_individual_number number;
        assert_true(vrx_is_ok(vrx_individual_number_parse(vrx_view_text(valid[i]), &number)));
        assert_string_equal(number.digits, valid[i]);
        assert_true(vrx_is_ok(vrx_individual_number_check(vrx_view_text(valid[i]))));
    }
}

/* For every sum: weight 2 stands last, weight 3 before it. */
static void remainders_0_and_1_give_0(void **state) {
    (void)state;
    assert_int_equal(vrx_individual_number_check_digit("00000000000"), '0');
    assert_int_equal(vrx_individual_number_check_digit("00000000006"), '0'); /* sum 12, rest 1 */
    assert_int_equal(vrx_individual_number_check_digit("00000000031"), '0'); /* sum 11, rest 0 */
    assert_int_equal(vrx_individual_number_check_digit("00000000001"), '9'); /* sum 2 */
    assert_int_equal(vrx_individual_number_check_digit("00000000005"), '1'); /* sum 10 */
    assert_int_equal(vrx_individual_number_check_digit("12345678901"), '8');
}

static void ordinance_85_art_5_every_wrong_check_digit_is_refused(void **state) {
    (void)state;
    char text[] = "123456789010";
    struct vrx_individual_number number = {"before"};
    for (char digit = '0'; digit <= '9'; digit++) {
        text[11] = digit;
        struct vrx_result result = vrx_individual_number_parse(vrx_view_text(text), &number);
        assert_int_equal(result.reason, digit == '8' ? VRX_OK : VRX_CHECK_DIGIT_WRONG);
        if (digit < '8')
            assert_string_equal(number.digits, "before");
    }
}

/* Weights are below 11 and 11 is prime: no other digit in one place gives the same sum, but that
 * remainders 0 and 1 share a check digit. */
static void a_wrong_digit_in_any_place_is_noticed(void **state) {
    (void)state;
    unsigned unnoticed = 0;
    for (size_t at = 0; at < 11; at++) {
        char text[] = "123456789018";
        char right = text[at];
        for (char digit = '0'; digit <= '9'; digit++) {
            text[at] = digit;
            if (digit != right)
                unnoticed += vrx_is_ok(vrx_individual_number_check(vrx_view_text(text)));
        }
    }
    assert_int_equal(unnoticed, 0);
}

static void nobody_has_zeros(void **state) {
    (void)state;
    assert_int_equal(
        vrx_individual_number_check(vrx_view_text("000000000000")).reason, VRX_INPUT_RANGE);
}

static void what_is_not_12_digits_is_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {"", "12345678901", "1234567890188", "12345678901a",
        "1234 5678 9018", "１２３４", "123456789018 "};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(
            vrx_individual_number_check(vrx_view_text(texts[i])).reason, VRX_INPUT_MALFORMED);
}

static void a_mask_shows_four_digits(void **state) {
    (void)state;
    struct vrx_individual_number number;
    char out[VRX_INDIVIDUAL_NUMBER_DIGITS + 1];
    assert_true(vrx_is_ok(vrx_individual_number_parse(vrx_view_text("123456789018"), &number)));
    vrx_individual_number_mask(&number, out);
    assert_string_equal(out, "********9018");
    vrx_individual_number_clear(&number);
    assert_string_equal(number.digits, "");
    vrx_individual_number_mask(&number, out);
    assert_string_equal(out, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_numbers_are_read),
        cmocka_unit_test(remainders_0_and_1_give_0),
        cmocka_unit_test(ordinance_85_art_5_every_wrong_check_digit_is_refused),
        cmocka_unit_test(a_wrong_digit_in_any_place_is_noticed),
        cmocka_unit_test(nobody_has_zeros),
        cmocka_unit_test(what_is_not_12_digits_is_malformed),
        cmocka_unit_test(a_mask_shows_four_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
