/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 3 to 5, by the objects that came with the query.
 */
#include "exchange/decision.h"
#include "exchange/standing.h"
#include "objects/subject.h"
#include "rules/lawful.h"

struct vrx_result vrx_decision_lawful(struct vrx_context *context, struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    uint8_t subject[VRX_DIGEST];
    bool by_number = query->individual_number.len > 0;
    if (by_number)
        VRX_TRY(vrx_subject_make(query->individual_number, query->subject_salt, subject));
    struct vrx_lawful_case judged = {
        .query = query,
        .subject = by_number ? subject : NULL,
        .keys = vrx_directory_signing_keys(decision->sender),
        .permits = &decision->law->permits,
        .now = context->now,
    };
    struct vrx_lawful_grounds grounds;
    struct vrx_result opened = vrx_lawful_open(&judged, &context->arena, &grounds);
    decision->permit = grounds.permit;
    if (decision->permit) {
        decision->permit_id = query->permit_id;
        decision->without_consent = !decision->permit->consent_required;
        VRX_TRY(vrx_exchange_basis(context, query->permit_id, decision->without_consent));
    }
    VRX_TRY(opened);
    decision->has_consent = grounds.has_consent;
    memcpy(decision->consent_id, grounds.consent.id, VRX_ID);
    if (grounds.has_consent)
        VRX_TRY(
            vrx_exchange_consent_told(context, decision->sender, grounds.consent.id, &judged.told));
    return vrx_lawful_decide(&judged, &grounds, &context->arena, &decision->subject);
}
