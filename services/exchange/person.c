/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 7 and 8: who is asked for, and whether anything may leave without an officer. From here on
 * nothing that the asker sees may differ between a protected and an unknown person.
 */
#include "base/text.h"
#include "exchange/decision.h"

/* Where nobody has the number, the one whose index is next to it is read and compared, and counts
 * for nothing: both comparisons are made in any case. */
struct vrx_result vrx_decision_person(struct vrx_context *context, struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    bool exact = false;
    struct vrx_result near = vrx_resident_near_number(
        context->tenant, &context->arena, query->individual_number, &decision->resident, &exact);
    if (near.reason == VRX_NOT_FOUND)
        return vrx_ok(); /* a vault without anybody */
    VRX_TRY(near);
    const bool born = vrx_date_compare(decision->resident.birth_date, query->birth_date) == 0;
    const bool named = vrx_text_same_name(decision->resident.name, query->name);
    decision->found = exact && born && named;
    decision->may_leave = decision->found && !decision->resident.no_automatic_answer;
    return vrx_decision_about(context, decision->resident.id, decision->found);
}

struct vrx_result vrx_decision_about(struct vrx_context *context, int64_t resident, bool found) {
    uint8_t token[VRX_DIGEST];
    VRX_TRY(vrx_resident_person_token(context->tenant, resident, token));
    memcpy(context->audit.person, token, VRX_DIGEST);
    context->audit.about_person = found;
    return vrx_ok();
}
