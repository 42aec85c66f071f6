/* SPDX-License-Identifier: Apache-2.0
 *
 * One number, one text: what is compared, stored and looked up never has leading zeros.
 */
#include "codes/addressee_number.h"

#include "base/text.h"

struct vrx_result vrx_addressee_number_parse(
    struct vrx_view text, struct vrx_addressee_number *ret_number) {
    if (!vrx_text_is_digits(text, 1, VRX_ADDRESSEE_NUMBER_DIGITS))
        return vrx_refuse(VRX_INPUT_MALFORMED, "VRS layout: addressee number, 1 to 15 digits");
    while (text.len && text.ptr[0] == '0')
        text = vrx_view_slice(text, 1, text.len);
    if (!text.len)
        return vrx_refuse(VRX_INPUT_RANGE, "VRS layout: addressee number, not zero");
    struct vrx_addressee_number number = {{0}};
    memcpy(number.digits, text.ptr, text.len);
    *ret_number = number;
    return vrx_ok();
}
