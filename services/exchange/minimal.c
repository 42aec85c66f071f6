/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 9: the least that answers the query.
 */
#include "exchange/decision.h"
#include "store/dose.h"

static bool asked_for(const struct vrx_query *query, uint64_t item) {
    for (size_t i = 0; i < query->item_count; i++)
        if (query->items[i] == item)
            return true;
    return false;
}

struct vrx_result vrx_decision_minimal(struct vrx_context *context, struct vrx_decision *decision) {
    if (!decision->may_leave)
        return vrx_ok();
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    VRX_TRY(vrx_dose_history(context->tenant, &context->arena, decision->resident.id,
        VRX_DOSES_CURRENT, &doses, &count));
    decision->doses = vrx_arena_alloc_array(&context->arena, count, sizeof *decision->doses);
    if (!decision->doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    const struct vrx_query *query = &decision->query;
    const struct vrx_view nothing = {0};
    for (size_t i = 0; i < count; i++) {
        if (doses[i].provenance.source == VRX_DOSE_TRANSFER)
            continue;
        struct vrx_dose_item *item = &decision->doses[decision->dose_count++];
        *item = doses[i].item;
        item->lot = asked_for(query, VRX_ITEM_LOT) ? item->lot : nothing;
        item->venue = asked_for(query, VRX_ITEM_VENUE) ? item->venue : nothing;
        item->physician = asked_for(query, VRX_ITEM_PHYSICIAN) ? item->physician : nothing;
        item->ticket = asked_for(query, VRX_ITEM_TICKET) ? item->ticket : nothing;
    }
    return vrx_ok();
}
