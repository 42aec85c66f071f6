/* SPDX-License-Identifier: Apache-2.0
 *
 * The check digit of the ordinance: digits weighted by their position from the right, modulo 11.
 */
#include "codes/individual_number.h"

#include "base/text.h"

#define CLAUSE "MIC Ordinance 85 of 2014 art. 5"
#define SHOWN \
    4 /* trailing digits that a mask leaves: enough to compare, useless to find a person */

char vrx_individual_number_check_digit(const char first[VRX_INDIVIDUAL_NUMBER_DIGITS - 1]) {
    static const uint8_t weight[] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof weight; i++)
        sum += weight[i] * (unsigned)(first[i] - '0');
    unsigned rest = sum % 11;
    return (char)(rest <= 1 ? '0' : '0' + (11 - rest));
}

struct vrx_result vrx_individual_number_parse(
    struct vrx_view text, struct vrx_individual_number *ret_number) {
    VRX_CLEANUP(vrx_individual_number_clear) struct vrx_individual_number number = {{0}};
    if (!vrx_text_is_digits(text, VRX_INDIVIDUAL_NUMBER_DIGITS, VRX_INDIVIDUAL_NUMBER_DIGITS))
        return vrx_refuse(VRX_INPUT_MALFORMED, CLAUSE ": 12 digits");
    memcpy(number.digits, text.ptr, text.len);
    if (vrx_individual_number_check_digit(number.digits) != number.digits[text.len - 1])
        return vrx_refuse(VRX_CHECK_DIGIT_WRONG, CLAUSE ": check digit");
    /* Zeros pass the arithmetic, and systems fill fields with them. */
    if (strspn(number.digits, "0") == text.len)
        return vrx_refuse(VRX_INPUT_RANGE, CLAUSE ": 000000000000 is nobody's number");
    *ret_number = number;
    return vrx_ok();
}

struct vrx_result vrx_individual_number_check(struct vrx_view text) {
    VRX_CLEANUP(vrx_individual_number_clear) struct vrx_individual_number number = {{0}};
    return vrx_individual_number_parse(text, &number);
}

void vrx_individual_number_mask(
    const struct vrx_individual_number *number, char out[VRX_INDIVIDUAL_NUMBER_DIGITS + 1]) {
    size_t len = strnlen(number->digits, VRX_INDIVIDUAL_NUMBER_DIGITS);
    size_t hidden = len > SHOWN ? len - SHOWN : len;
    memset(out, '*', hidden);
    memcpy(out + hidden, number->digits + hidden, len - hidden);
    out[len] = '\0';
}

void vrx_individual_number_clear(struct vrx_individual_number *number) {
    vrx_wipe(number, sizeof *number);
}
