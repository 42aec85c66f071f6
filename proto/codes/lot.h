/* SPDX-License-Identifier: Apache-2.0
 *
 * Lot numbers as manufacturers print them on vials used in Japan: "EW4811", "3002332", "4301MF008".
 * The form only, which is what separates a lot from a slip of the keyboard or a note.
 */
#ifndef VRX_CODES_LOT_H
#define VRX_CODES_LOT_H

#include "base/bytes.h"

#define VRX_LOT_MIN 2
#define VRX_LOT_MAX 10

struct vrx_lot {
    char text[VRX_LOT_MAX + 1]; /* ASCII letters in upper case and digits; empty: none */
};

/* text: 2 to 10 ASCII letters of either case and digits, at least one digit (fold first,
 * base/text.h). Errors: VRX_LOT_INVALID. */
struct vrx_result vrx_lot_parse(struct vrx_view text, struct vrx_lot *ret_lot);

#endif
