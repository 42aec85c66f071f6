/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 9: the least that answers the query.
 */
#include "rules/minimal.h"
#include "exchange/decision.h"
#include "store/dose.h"
#include "store/linkage.h"

struct vrx_result vrx_decision_minimal(struct vrx_context *context, struct vrx_decision *decision) {
    if (!decision->may_leave)
        return vrx_ok();
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    VRX_TRY(vrx_dose_history(context->tenant, &context->arena, decision->resident.id,
        VRX_DOSES_CURRENT, &doses, &count));
    decision->doses = vrx_arena_alloc_array(&context->arena, count, sizeof *decision->doses);
    decision->dose_ids = vrx_arena_alloc_array(&context->arena, count, sizeof *decision->dose_ids);
    if (!decision->doses || !decision->dose_ids)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        if (doses[i].provenance.source == VRX_DOSE_TRANSFER)
            continue;
        decision->dose_ids[decision->dose_count] = doses[i].id;
        decision->doses[decision->dose_count++] =
            vrx_minimal_item(&doses[i].item, decision->query.items, decision->query.item_count);
    }
    return vrx_linkage_code(
        context->tenant, &decision->query.asker, decision->resident.id, decision->linkage_code);
}
