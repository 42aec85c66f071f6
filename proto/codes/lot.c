/* SPDX-License-Identifier: Apache-2.0
 *
 * Upper case is the normal form: people type lots in either, vials carry upper case only.
 */
#include "codes/lot.h"

struct vrx_result vrx_lot_parse(struct vrx_view text, struct vrx_lot *ret_lot) {
    static const char clause[] = "Immunization Act Enforcement Rules: lot number as on the vial";
    if (text.len < VRX_LOT_MIN || text.len > VRX_LOT_MAX)
        return vrx_refuse(VRX_LOT_INVALID, clause);
    struct vrx_lot lot = {{0}};
    bool has_digit = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t at = text.ptr[i];
        if (at >= 'a' && at <= 'z')
            at = (uint8_t)(at - 'a' + 'A');
        bool digit = at >= '0' && at <= '9';
        if (!digit && (at < 'A' || at > 'Z'))
            return vrx_refuse(VRX_LOT_INVALID, clause);
        has_digit |= digit;
        lot.text[i] = (char)at;
    }
    if (!has_digit)
        return vrx_refuse(VRX_LOT_INVALID, clause);
    *ret_lot = lot;
    return vrx_ok();
}
