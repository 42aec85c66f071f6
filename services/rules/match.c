/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/match.h"

#include <stdlib.h>

/* How a member of one dose stands to that of another; bits, so that a row can allow several. */
enum {
    SAME = 1u << 0,
    OTHER = 1u << 1,
    UNKNOWN = 1u << 2,  /* lot: one side does not know it */
    NEAR = 1u << 3,     /* date: less than VRX_MATCH_DAYS apart */
    DESCENDS = 1u << 4, /* number: the later dose has the lower one */
    ANY = 31,
};

static const struct row {
    enum vrx_match rule;
    unsigned date, product, lot, number, by;
} rows[] = {
    {VRX_MATCH_SAME, SAME, SAME, SAME | UNKNOWN, SAME, SAME},
    {VRX_MATCH_ADMINISTRATOR, SAME, SAME, SAME | UNKNOWN, ANY, OTHER},
    {VRX_MATCH_NUMBER, SAME, SAME, SAME | UNKNOWN, OTHER, ANY},
    {VRX_MATCH_LOT, SAME, SAME, OTHER, ANY, ANY},
    {VRX_MATCH_PRODUCT, SAME, OTHER, ANY, ANY, ANY},
    {VRX_MATCH_DATE, NEAR, ANY, SAME, ANY, ANY},
    {VRX_MATCH_INTERVAL, NEAR, ANY, ANY, ANY, ANY},
    {VRX_MATCH_SAME_NUMBER, OTHER, ANY, ANY, SAME, ANY},
    {VRX_MATCH_ORDER, OTHER, ANY, ANY, DESCENDS, ANY},
};

static unsigned compare(uint64_t theirs, uint64_t ours) {
    return theirs == ours ? SAME : OTHER;
}

static unsigned compare_lots(struct vrx_view theirs, struct vrx_view ours) {
    if (!theirs.len || !ours.len)
        return UNKNOWN;
    return vrx_view_equal(theirs, ours) ? SAME : OTHER;
}

enum vrx_match vrx_match_pair(
    const struct vrx_dose_item *theirs, const struct vrx_dose_item *ours) {
    const int days =
        vrx_date_to_days(theirs->administered_on) - vrx_date_to_days(ours->administered_on);
    const bool descends = days > 0 ? theirs->dose_number < ours->dose_number
                                   : theirs->dose_number > ours->dose_number;
    const unsigned date = !days ? SAME : abs(days) < VRX_MATCH_DAYS ? NEAR : OTHER;
    const unsigned number =
        compare(theirs->dose_number, ours->dose_number) | (days && descends ? DESCENDS : 0);
    const unsigned product = compare(theirs->product, ours->product);
    const unsigned lot = compare_lots(theirs->lot, ours->lot);
    const unsigned by =
        vrx_municipality_code_equal(&theirs->administered_by, &ours->administered_by) ? SAME
                                                                                      : OTHER;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].date & date && rows[i].product & product && rows[i].lot & lot &&
            rows[i].number & number && rows[i].by & by)
            return rows[i].rule;
    return VRX_MATCH_NONE;
}

enum vrx_match vrx_match_among(const struct vrx_dose_item *theirs,
    const struct vrx_dose_item *const *ours, size_t count, size_t *ret_at) {
    enum vrx_match first = VRX_MATCH_NONE;
    for (size_t i = 0; i < count; i++) {
        const enum vrx_match match = vrx_match_pair(theirs, ours[i]);
        if (match == VRX_MATCH_NONE || (first != VRX_MATCH_NONE && match >= first))
            continue;
        first = match;
        *ret_at = i;
    }
    return first;
}
