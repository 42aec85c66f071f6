/* SPDX-License-Identifier: Apache-2.0
 *
 * The 18 digits that stand on a vaccination ticket (接種券) as text and as barcode: kind 1, dose 1,
 * municipality code 6, ticket number 10.
 */
#ifndef VRX_CODES_TICKET_LINE_H
#define VRX_CODES_TICKET_LINE_H

#include "base/bytes.h"
#include "codes/municipality_code.h"

#define VRX_TICKET_LINE_DIGITS 18
#define VRX_TICKET_NUMBER_DIGITS 10

struct vrx_ticket_number {
    char digits[VRX_TICKET_NUMBER_DIGITS + 1]; /* ASCII, NUL-terminated; empty: none */
};

struct vrx_ticket_line {
    uint8_t kind; /* 0 to 9 */
    uint8_t dose; /* 1 to 9 */
    struct vrx_municipality_code municipality;
    struct vrx_ticket_number number;
};

/* text: exactly 10 ASCII digits. Errors: VRX_INPUT_MALFORMED. */
struct vrx_result vrx_ticket_number_parse(
    struct vrx_view text, struct vrx_ticket_number *ret_number);

/* text: exactly 18 ASCII digits. Errors: VRX_INPUT_MALFORMED; VRX_INPUT_RANGE for dose 0; the
 * municipality code's. */
struct vrx_result vrx_ticket_line_parse(struct vrx_view text, struct vrx_ticket_line *ret_line);

#endif
