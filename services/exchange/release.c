/* SPDX-License-Identifier: Apache-2.0
 *
 * What two officers look at, and its leaving. Nothing is signed before it leaves; what leaves has
 * the digest that both agreed to. Both that and what is lawful are looked at again at the last
 * moment, for days may lie between.
 */
#include <stdio.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "exchange/handlers.h"
#include "exchange/standing.h"
#include "objects/consent.h"
#include "rules/timely.h"
#include "store/approval.h"

/* Of the answer as it will be signed, but for what the moment of its leaving says. */
static struct vrx_result digest_of(const struct vrx_context *context,
    const struct vrx_decision *decision, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_answer answer = vrx_decision_answer(context, decision, vrx_ok(), VRX_ANSWER_DOSES);
    answer.answered_at = 0;
    memset(answer.permit_table_digest, 0, VRX_DIGEST);
    VRX_TRY(vrx_object_encode(&vrx_answer_schema, &answer, &encoded));
    return vrx_sha256(vrx_buffer_view(&encoded), ret_digest);
}

struct vrx_result vrx_decision_today(
    struct vrx_context *context, const struct vrx_decision *decision) {
    const struct vrx_query *query = &decision->query;
    const struct vrx_consent *told = NULL;
    struct vrx_consent consent;
    VRX_TRY(vrx_timely_check(query, context->now)); /* no later than the asker takes it */
    VRX_TRY(vrx_permit_in_force(decision->permit, (enum vrx_purpose)query->purpose, &query->asker,
        &query->asked, context->now));
    if (!decision->permit->consent_required)
        return vrx_ok();
    VRX_TRY(vrx_entry_verify(
        decision->sender, &vrx_consent_schema, query->consent, &context->arena, &consent));
    VRX_TRY(vrx_exchange_consent_told(context, decision->sender, consent.id, &told));
    return consent.expires_at < context->now || (told && told->expires_at < context->now)
               ? vrx_refuse(VRX_CONSENT_EXPIRED, "consent.expires_at: not passed when it leaves")
               : vrx_ok();
}

struct vrx_result vrx_decision_preview(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *seen, uint8_t ret_digest[VRX_DIGEST]) {
    VRX_TRY(
        vrx_resident_get(context->tenant, &context->arena, seen->resident, &decision->resident));
    VRX_TRY(vrx_decision_lawful(context, decision));
    VRX_TRY(vrx_decision_today(context, decision));
    decision->found = decision->may_leave = true;
    decision->dose_count = 0;
    VRX_TRY(vrx_decision_minimal(context, decision));
    return digest_of(context, decision, ret_digest);
}

struct vrx_result vrx_approval_basis(
    struct vrx_context *context, const uint8_t id[VRX_ID], struct vrx_view *ret_basis) {
    char text[sizeof "approval " + (size_t)2 * VRX_ID] = "approval ";
    vrx_hex_string(vrx_view_of(id, VRX_ID), text + strlen(text));
    return vrx_arena_copy(&context->arena, vrx_view_text(text), ret_basis);
}

/* On whose word it leaves, or why it does not. */
static struct vrx_result record(struct vrx_context *context, const struct vrx_approval *approval,
    const struct vrx_officer *officer, enum vrx_reason outcome) {
    struct vrx_context by = *context;
    struct vrx_audit_facts facts = context->audit;
    VRX_TRY(vrx_approval_basis(context, approval->id, &facts.basis));
    facts.has_commitment = true;
    memcpy(facts.commitment, approval->digest, VRX_DIGEST);
    if (officer) {
        snprintf(by.operator_id, sizeof by.operator_id, "%.*s", (int)officer->operator_id.len,
            (const char *)officer->operator_id.ptr);
        snprintf(by.terminal_id, sizeof by.terminal_id, "%.*s", (int)officer->terminal_id.len,
            (const char *)officer->terminal_id.ptr);
    }
    return vrx_context_record(&by, "exchange/release", VRX_EXCHANGE_PURPOSE, &facts, outcome, NULL);
}

/* Refusals and what is not as it was; not our own trouble. */
static bool is_refusal(enum vrx_reason reason) {
    return reason != VRX_OK && vrx_reason_category(reason) <= VRX_CATEGORY_STATE;
}

struct vrx_result vrx_decision_release(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *seen, struct vrx_buffer *out, bool *ret_left) {
    struct vrx_approval approval;
    uint8_t digest[VRX_DIGEST];
    *ret_left = false;
    VRX_TRY(vrx_approval_of_query(context->tenant, &context->arena, &decision->query.asker,
        decision->query.id, context->now, &approval));
    if (approval.state != VRX_APPROVAL_APPROVED)
        return vrx_ok();
    vrx_context_in_dossier(context, &decision->query.asker, decision->query.id);
    struct vrx_result may_leave = vrx_decision_preview(context, decision, seen, digest);
    if (vrx_is_ok(may_leave) && memcmp(digest, approval.digest, VRX_DIGEST) != 0)
        may_leave = vrx_fail(VRX_CONFLICT);
    if (is_refusal(may_leave.reason)) {
        VRX_TRY(record(context, &approval, NULL, may_leave.reason));
        return vrx_approval_reopen(context->tenant, approval.id);
    }
    VRX_TRY(may_leave);
    VRX_TRY(record(context, &approval, &approval.first, VRX_OK));
    VRX_TRY(record(context, &approval, &approval.ended, VRX_OK));
    VRX_TRY(vrx_decision_advance(
        context, decision, VRX_TRANSFER_ANSWERED, vrx_ok(), 0, VRX_ANSWER_DOSES, out));
    *ret_left = true;
    return vrx_ok();
}
