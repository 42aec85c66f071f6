/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 7 and 8: who is asked for, and whether anything may leave without an officer. From here on
 * nothing that the asker sees may differ between a protected and an unknown person.
 */
#include "base/text.h"
#include "exchange/decision.h"

struct vrx_result vrx_decision_person(struct vrx_context *context, struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    struct vrx_result found = vrx_resident_find_by_number(
        context->tenant, &context->arena, query->individual_number, &decision->resident);
    if (found.reason == VRX_NOT_FOUND || vrx_reason_category(found.reason) == VRX_CATEGORY_INPUT)
        return vrx_ok(); /* nobody has this number, or nobody can have it */
    VRX_TRY(found);
    decision->found = vrx_date_compare(decision->resident.birth_date, query->birth_date) == 0 &&
                      vrx_text_same_name(decision->resident.name, query->name);
    decision->may_leave = decision->found && !decision->resident.no_automatic_answer;
    return decision->found ? vrx_context_about(context, decision->resident.id) : vrx_ok();
}
