/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/context.h"

#include "dispatch/guard.h"
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "store/dossier.h"
#include "store/resident.h"

struct vrx_result vrx_context_about(struct vrx_context *context, int64_t resident) {
    VRX_TRY(vrx_resident_person_token(context->tenant, resident, context->audit.person));
    context->audit.about_person = true;
    return vrx_guard_person(context, resident);
}

void vrx_context_in_dossier(struct vrx_context *context, const struct vrx_municipality_code *sender,
    const uint8_t id[VRX_ID]) {
    struct vrx_audit_facts *facts = &context->audit;
    facts->in_dossier = true;
    facts->dossier_sender = sender ? *sender : (struct vrx_municipality_code){0};
    memcpy(facts->dossier_id, id, VRX_ID);
}

struct vrx_result vrx_context_entry(const struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    struct vrx_buffer *out) {
    struct vrx_audit_entry entry = {
        .time = context->now,
        .method = vrx_view_text(method),
        .terminal = vrx_view_text(context->terminal_id),
        .operator_id = vrx_view_text(context->operator_id),
        .outcome = (uint16_t)outcome,
        .person = vrx_view_of(facts->person, facts->about_person ? VRX_DIGEST : 0),
        .purpose = vrx_view_text(purpose),
        .basis = facts->basis,
        .commitment = vrx_view_of(facts->commitment, facts->has_commitment ? VRX_DIGEST : 0),
    };
    memcpy(entry.request, context->request_id, VRX_ID);
    return vrx_audit_entry_encode(&entry, out);
}

struct vrx_result vrx_context_record(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_audit_facts *facts, enum vrx_reason outcome,
    uint64_t *ret_index) {
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_context_entry(context, method, purpose, facts, outcome, &encoded));
    uint64_t index = 0;
    VRX_TRY(
        vrx_ledger_append(vrx_tenant_ledger(context->tenant), vrx_buffer_view(&encoded), &index));
    const struct vrx_municipality_code *sender =
        facts->dossier_sender.digits[0] ? &facts->dossier_sender : NULL;
    if (facts->in_dossier)
        VRX_TRY(vrx_dossier_note(context->tenant, sender, facts->dossier_id, index));
    if (ret_index)
        *ret_index = index;
    return vrx_ok();
}
