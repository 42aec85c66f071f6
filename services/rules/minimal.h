/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 9: of a dose, what was asked for and nothing else. The dose itself (who administered it,
 * when, which product, which number) is always there: lawful.h lets no query pass without it.
 */
#ifndef VRX_RULES_MINIMAL_H
#define VRX_RULES_MINIMAL_H

#include "objects/answer.h"

/* The item as it may leave; its texts are whole's. */
struct vrx_dose_item vrx_minimal_item(
    const struct vrx_dose_item *whole, const uint64_t *items, size_t item_count);

/* The items of bits 1u << enum vrx_data_item; at most VRX_ITEM_LAST. Returns how many. */
size_t vrx_minimal_items(unsigned bits, uint64_t ret_items[VRX_ITEM_LAST]);

/* The item has nothing beyond these. Errors: as below. */
struct vrx_result vrx_minimal_check_item(
    const struct vrx_dose_item *item, const uint64_t *items, size_t item_count);

/* An answer has nothing beyond these items. Errors: VRX_PERMIT_ITEMS with the field that it has. */
struct vrx_result vrx_minimal_check(
    const struct vrx_answer *answer, const uint64_t *items, size_t item_count);

#endif
