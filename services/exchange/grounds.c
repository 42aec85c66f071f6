/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 3 to 5, by the objects that came with the query.
 */
#include "exchange/decision.h"
#include "objects/subject.h"
#include "rules/lawful.h"

struct vrx_result vrx_decision_lawful(struct vrx_context *context, struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    uint8_t subject[VRX_DIGEST];
    bool by_number = query->individual_number.len > 0;
    if (by_number)
        VRX_TRY(vrx_subject_make(query->individual_number, query->subject_salt, subject));
    const struct vrx_lawful_case judged = {
        .query = query,
        .subject = by_number ? subject : NULL,
        .keys = vrx_directory_signing_keys(decision->sender),
        .permits = &decision->law->permits,
        .now = context->now,
    };
    struct vrx_result lawful =
        vrx_lawful_judge(&judged, &context->arena, &decision->permit, &decision->subject);
    if (decision->permit) {
        decision->permit_id = context->audit.basis = query->permit_id;
        decision->without_consent = !decision->permit->consent_required;
    }
    return lawful;
}
