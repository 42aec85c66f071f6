/* SPDX-License-Identifier: Apache-2.0
 *
 * The individual number (個人番号): 11 digits and a check digit. MIC Ordinance 85 of 2014 art. 5.
 * Its digits are secret where the person is known: never in a log, a URL or an error; what may be
 * shown is vrx_individual_number_mask.
 */
#ifndef VRX_CODES_INDIVIDUAL_NUMBER_H
#define VRX_CODES_INDIVIDUAL_NUMBER_H

#include "base/bytes.h"

#define VRX_INDIVIDUAL_NUMBER_DIGITS 12

struct vrx_individual_number {
    char digits[VRX_INDIVIDUAL_NUMBER_DIGITS + 1]; /* ASCII, NUL-terminated; empty: none */
};

/* text: exactly 12 ASCII digits (fold first what people typed, base/text.h). Errors:
 * VRX_INPUT_MALFORMED; VRX_INPUT_RANGE for 000000000000, which nobody has; VRX_CHECK_DIGIT_WRONG.
 */
struct vrx_result vrx_individual_number_parse(
    struct vrx_view text, struct vrx_individual_number *ret_number);

/* The same refusals, where only the answer matters. */
struct vrx_result vrx_individual_number_check(struct vrx_view text);

/* The check digit ('0' to '9') that belongs behind these 11 ASCII digits. */
char vrx_individual_number_check_digit(const char first[VRX_INDIVIDUAL_NUMBER_DIGITS - 1]);

/* "********9018": what a screen, a log or another office may see. Empty for none. */
void vrx_individual_number_mask(
    const struct vrx_individual_number *number, char out[VRX_INDIVIDUAL_NUMBER_DIGITS + 1]);

/* Wipes; a cleanup function. */
void vrx_individual_number_clear(struct vrx_individual_number *number);

#endif
