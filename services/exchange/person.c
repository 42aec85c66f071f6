/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 7 and 8: who is asked for, and whether anything may leave without an officer. From here on
 * nothing that the asker sees may differ between a protected and an unknown person.
 */
#include "base/text.h"
#include "exchange/decision.h"
#include "objects/subject.h"
#include "store/linkage.h"

/* The code says whom this municipality means by it; the subject, whom consent and identity check
 * are about. Both must be one person, or it is nobody: the asker knows neither. */
static struct vrx_result find_by_code(
    struct vrx_context *context, struct vrx_decision *decision, bool *ret_exact) {
    const struct vrx_query *query = &decision->query;
    int64_t resident = 0;
    bool exact = false;
    struct vrx_view number = {0};
    uint8_t subject[VRX_DIGEST];
    VRX_TRY(
        vrx_linkage_near(context->tenant, &query->asker, query->linkage_code, &resident, &exact));
    VRX_TRY(vrx_resident_number(context->tenant, &context->arena, resident, &number));
    VRX_TRY(vrx_subject_make(number, query->subject_salt, subject));
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, resident, &decision->resident));
    const bool same = !decision->subject || memcmp(decision->subject, subject, VRX_DIGEST) == 0;
    *ret_exact = exact && same;
    return vrx_ok();
}

/* Where nobody has the number or the code, somebody else is read and compared, and counts for
 * nothing: all comparisons are made in any case. */
static struct vrx_result find(
    struct vrx_context *context, struct vrx_decision *decision, bool *ret_exact) {
    const struct vrx_query *query = &decision->query;
    if (query->linkage_code.len)
        return find_by_code(context, decision, ret_exact);
    return vrx_resident_near_number(
        context->tenant, &context->arena, query->individual_number, &decision->resident, ret_exact);
}

struct vrx_result vrx_decision_person(struct vrx_context *context, struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    bool exact = false;
    struct vrx_result near = find(context, decision, &exact);
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
