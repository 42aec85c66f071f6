/* SPDX-License-Identifier: Apache-2.0
 *
 * The check digit as the Ministry of Internal Affairs and Communications publishes it with the list
 * of codes: weights 6 5 4 3 2, modulo 11, last digit of the difference to 11.
 */
#include "codes/municipality_code.h"

#include "base/text.h"

#define PREFECTURES 47

char vrx_municipality_code_check_digit(const char first[VRX_MUNICIPALITY_CODE_DIGITS - 1]) {
    unsigned sum = 0;
    for (unsigned i = 0; i < VRX_MUNICIPALITY_CODE_DIGITS - 1; i++)
        sum += (6 - i) * (unsigned)(first[i] - '0');
    return (char)('0' + (11 - sum % 11) % 10);
}

struct vrx_result vrx_municipality_code_parse(
    struct vrx_view text, struct vrx_municipality_code *ret_code) {
    if (!vrx_text_is_digits(text, VRX_MUNICIPALITY_CODE_DIGITS, VRX_MUNICIPALITY_CODE_DIGITS))
        return vrx_refuse(VRX_INPUT_MALFORMED, "MIC local government codes: 6 digits");
    struct vrx_municipality_code code = {{0}};
    memcpy(code.digits, text.ptr, text.len);
    if (vrx_municipality_code_check_digit(code.digits) != code.digits[text.len - 1])
        return vrx_refuse(VRX_CHECK_DIGIT_WRONG, "MIC local government codes: check digit");
    int prefecture = (code.digits[0] - '0') * 10 + (code.digits[1] - '0');
    if (prefecture < 1 || prefecture > PREFECTURES)
        return vrx_refuse(VRX_INPUT_RANGE, "JIS X 0401: prefectures 01 to 47");
    *ret_code = code;
    return vrx_ok();
}
