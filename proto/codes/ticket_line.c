/* SPDX-License-Identifier: Apache-2.0
 *
 * The ticket line is cut by position; it has no check digit of its own beyond the municipality's.
 */
#include "codes/ticket_line.h"

#include "base/text.h"

#define MUNICIPALITY_AT 2
#define NUMBER_AT 8

struct vrx_result vrx_ticket_number_parse(
    struct vrx_view text, struct vrx_ticket_number *ret_number) {
    if (!vrx_text_is_digits(text, VRX_TICKET_NUMBER_DIGITS, VRX_TICKET_NUMBER_DIGITS))
        return vrx_refuse(VRX_INPUT_MALFORMED, "VRS layout: ticket number, 10 digits");
    struct vrx_ticket_number number = {{0}};
    memcpy(number.digits, text.ptr, text.len);
    *ret_number = number;
    return vrx_ok();
}

struct vrx_result vrx_ticket_line_parse(struct vrx_view text, struct vrx_ticket_line *ret_line) {
    if (!vrx_text_is_digits(text, VRX_TICKET_LINE_DIGITS, VRX_TICKET_LINE_DIGITS))
        return vrx_refuse(VRX_INPUT_MALFORMED, "VRS ticket line: 18 digits");
    struct vrx_ticket_line line = {0};
    line.kind = (uint8_t)(text.ptr[0] - '0');
    line.dose = (uint8_t)(text.ptr[1] - '0');
    if (line.dose == 0)
        return vrx_refuse(VRX_INPUT_RANGE, "VRS ticket line: doses count from 1");
    VRX_TRY(vrx_municipality_code_parse(
        vrx_view_slice(text, MUNICIPALITY_AT, VRX_MUNICIPALITY_CODE_DIGITS), &line.municipality));
    VRX_TRY(vrx_ticket_number_parse(
        vrx_view_slice(text, NUMBER_AT, VRX_TICKET_NUMBER_DIGITS), &line.number));
    *ret_line = line;
    return vrx_ok();
}
