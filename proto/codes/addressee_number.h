/* SPDX-License-Identifier: Apache-2.0
 *
 * The addressee number (宛名番号): a municipality's own number for a person, up to 15 digits.
 * Its systems write it with and without leading zeros; it is kept without.
 */
#ifndef VRX_CODES_ADDRESSEE_NUMBER_H
#define VRX_CODES_ADDRESSEE_NUMBER_H

#include "base/bytes.h"

#define VRX_ADDRESSEE_NUMBER_DIGITS 15

struct vrx_addressee_number {
    char digits[VRX_ADDRESSEE_NUMBER_DIGITS + 1]; /* ASCII, NUL-terminated, first digit not 0 */
};

/* text: 1 to 15 ASCII digits. Errors: VRX_INPUT_MALFORMED; VRX_INPUT_RANGE for zero. */
struct vrx_result vrx_addressee_number_parse(
    struct vrx_view text, struct vrx_addressee_number *ret_number);

#endif
