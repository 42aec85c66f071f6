/* SPDX-License-Identifier: Apache-2.0
 *
 * The code of a local government (全国地方公共団体コード): prefecture 2 (JIS X 0401), municipality
 * 3 (JIS X 0402), check digit 1. The form only; which codes are in use is the directory's to say.
 */
#ifndef VRX_CODES_MUNICIPALITY_CODE_H
#define VRX_CODES_MUNICIPALITY_CODE_H

#include "base/bytes.h"

#define VRX_MUNICIPALITY_CODE_DIGITS 6

struct vrx_municipality_code {
    char digits[VRX_MUNICIPALITY_CODE_DIGITS + 1]; /* ASCII, NUL-terminated; empty: none */
};

/* text: exactly 6 ASCII digits. Errors: VRX_INPUT_MALFORMED; VRX_INPUT_RANGE when no prefecture
 * (01 to 47) begins so; VRX_CHECK_DIGIT_WRONG. */
struct vrx_result vrx_municipality_code_parse(
    struct vrx_view text, struct vrx_municipality_code *ret_code);

/* The check digit that belongs behind these 5 ASCII digits. */
char vrx_municipality_code_check_digit(const char first[VRX_MUNICIPALITY_CODE_DIGITS - 1]);

static inline bool vrx_municipality_code_equal(
    const struct vrx_municipality_code *a, const struct vrx_municipality_code *b) {
    return memcmp(a->digits, b->digits, VRX_MUNICIPALITY_CODE_DIGITS) == 0;
}

static inline struct vrx_view vrx_municipality_code_view(const struct vrx_municipality_code *code) {
    return vrx_view_text(code->digits);
}

#endif
