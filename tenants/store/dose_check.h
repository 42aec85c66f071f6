/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of vrx_dose_record, apart from where the rows come from.
 */
#ifndef VRX_STORE_DOSE_CHECK_H
#define VRX_STORE_DOSE_CHECK_H

#include "store/dose.h"

/* What of a person's other current doses the rules look at. */
struct vrx_dose_neighbour {
    struct vrx_date administered_on;
    uint64_t dose_number;
};

/* The dose by itself: fields, dates, product, lot. Errors: vrx_dose_record's up to
 * VRX_LOT_INVALID. */
struct vrx_result vrx_dose_check_fields(const struct vrx_dose *dose, int64_t now);

/* The number to give a dose that has none: one more than the highest. */
uint64_t vrx_dose_next_number(const struct vrx_dose_neighbour *others, size_t count);

/* No other lies less than VRX_DOSE_INTERVAL_DAYS away. Errors: VRX_DOSE_INTERVAL. */
struct vrx_result vrx_dose_check_interval(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count);

/* Numbers differ, and ascend with the days. Errors: VRX_DOSE_ORDER. */
struct vrx_result vrx_dose_check_order(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count);

#endif
