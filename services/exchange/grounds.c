/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 3 to 5, by the objects that came with the query.
 */
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "exchange/lawful.h"
#include "objects/subject.h"

struct vrx_result vrx_decision_lawful(struct vrx_context *context, struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    VRX_TRY(vrx_permit_table_current(&decision->law->permits, context->now));
    VRX_TRY(vrx_permit_by_id(&decision->law->permits, query->permit_id, &decision->permit));
    decision->permit_id = context->audit.basis = query->permit_id;
    struct vrx_consent consent;
    struct vrx_identity_evidence evidence;
    if (query->consent.len)
        VRX_TRY(vrx_entry_verify(
            decision->sender, &vrx_consent_schema, query->consent, &context->arena, &consent));
    if (query->evidence.len)
        VRX_TRY(vrx_entry_verify(decision->sender, &vrx_identity_evidence_schema, query->evidence,
            &context->arena, &evidence));
    uint8_t subject[VRX_DIGEST];
    VRX_TRY(vrx_subject_make(query->individual_number, query->subject_salt, subject));
    struct vrx_lawful_query lawful = {
        .purpose = (enum vrx_purpose)query->purpose,
        .asker = &query->asker,
        .asked = &query->asked,
        .items = query->items,
        .item_count = query->item_count,
        .subject = subject,
        .consent = query->consent.len ? &consent : NULL,
        .evidence = query->evidence.len ? &evidence : NULL,
        .asked_at = query->asked_at,
    };
    return vrx_lawful_check(decision->permit, &lawful);
}
