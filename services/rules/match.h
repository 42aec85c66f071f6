/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a dose that another municipality sent is one that is here, and where the two disagree.
 * Date, product, lot, number and who administered it are compared; venue, physician and ticket are
 * words for people and never make two doses of one. A lot that one side does not know (it was not
 * asked for, or nobody wrote it down) disagrees with nothing.
 *
 * One row a rule, the first that fits counts:
 *
 *     rule            date        product  lot       number     by        so it is
 *     SAME            same        same     no other  same       same      known
 *     ADMINISTRATOR   same        same     no other  -          other     to be looked at
 *     NUMBER          same        same     no other  other      -         to be looked at
 *     LOT             same        same     other     -          -         to be looked at
 *     PRODUCT         same        other    -         -          -         to be looked at
 *     DATE            1 to 6 days -        same      -          -         to be looked at
 *     INTERVAL        1 to 6 days -        -         -          -         to be looked at
 *     SAME_NUMBER     further     -        -         same       -         to be looked at
 *     ORDER           further     -        -         descends   -         to be looked at
 *     NONE            further     -        -         ascends    -         another dose
 */
#ifndef VRX_RULES_MATCH_H
#define VRX_RULES_MATCH_H

#include "objects/dose_item.h"

/* Two doses of anything that was ever given lie further apart (store/dose.h has it too). */
#define VRX_MATCH_DAYS 7

/* Values stand in vaults and in proto/vrx/v1/reviews.proto. REFUSED and later are found by others
 * than the table: the record's own rules refuse the dose; its origin corrected it. */
enum vrx_match {
    VRX_MATCH_NONE = 0,
    VRX_MATCH_SAME = 1,
    VRX_MATCH_ADMINISTRATOR = 2, /* one dose, and two say that they administered it */
    VRX_MATCH_NUMBER = 3,        /* one dose, counted differently */
    VRX_MATCH_LOT = 4,           /* one day, one product, two lots */
    VRX_MATCH_PRODUCT = 5,       /* one day, two products */
    VRX_MATCH_DATE = 6,          /* one lot, a few days apart: a slip of the pen */
    VRX_MATCH_INTERVAL = 7,      /* too close together for two doses */
    VRX_MATCH_SAME_NUMBER = 8,   /* one number, two doses */
    VRX_MATCH_ORDER = 9,         /* numbers and dates do not ascend together */
    VRX_MATCH_REFUSED = 10,
    VRX_MATCH_CORRECTION = 11,
    VRX_MATCH_LAST = VRX_MATCH_CORRECTION,
};

/* Of two doses. */
enum vrx_match vrx_match_pair(const struct vrx_dose_item *theirs, const struct vrx_dose_item *ours);

/* Of a dose and all that are here: SAME where one is the same, else the first row that any of them
 * fits. *ret_at: which; untouched for NONE. */
enum vrx_match vrx_match_among(const struct vrx_dose_item *theirs,
    const struct vrx_dose_item *const *ours, size_t count, size_t *ret_at);

#endif
