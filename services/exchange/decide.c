/* SPDX-License-Identifier: Apache-2.0
 *
 * The origin's side: the steps of the decision in their order. What a step finds is kept in struct
 * vrx_decision; a refusal from step 2 on becomes a sealed answer.
 *
 * Next: decision.h for the steps in other files, receive.c for what the destination does with the
 * answer.
 */
#include "exchange/decide.h"

#include "crypto/hash.h"
#include "dispatch/guard.h"
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "rules/timely.h"
#include "store/dossier.h"

struct vrx_result vrx_decision_verify(struct vrx_context *context, struct vrx_decision *decision,
    struct vrx_view signed_query, bool for_certificate) {
    const struct vrx_query *query = &decision->query;
    VRX_TRY(vrx_entry_verify(
        decision->sender, &vrx_query_schema, signed_query, &context->arena, &decision->query));
    if (!vrx_municipality_code_equal(&query->asker, &decision->envelope.from) ||
        !vrx_municipality_code_equal(&query->asked, &context->slot->code) ||
        memcmp(query->id, decision->envelope.query_id, VRX_ID) != 0)
        return vrx_refuse(VRX_QUERY_NOT_FOR_US, "query: routing and content agree");
    if (for_certificate != (query->application.len > 0))
        return vrx_refuse(
            VRX_QUERY_NOT_FOR_US, "query.application: where a certificate is asked for");
    return vrx_sha256(signed_query, decision->query_digest);
}

struct vrx_result vrx_decision_open(
    struct vrx_context *context, struct vrx_decision *decision, enum vrx_envelope_kind kind) {
    VRX_TRY(vrx_object_decode(
        &vrx_envelope_schema, decision->arrived, &context->arena, &decision->envelope));
    if (decision->envelope.kind != (uint64_t)kind ||
        !vrx_municipality_code_equal(&decision->envelope.to, &context->slot->code))
        return vrx_fail(VRX_QUERY_NOT_FOR_US);
    VRX_TRY(vrx_directory_find(
        &decision->law->directory, &decision->envelope.from, context->now, &decision->sender));
    VRX_TRY(vrx_context_open_envelope(context, &decision->envelope, &decision->signed_query));
    return vrx_decision_verify(context, decision, vrx_buffer_view(&decision->signed_query),
        kind == VRX_ENVELOPE_CERTIFICATE_QUERY);
}

struct vrx_result vrx_decision_sender(struct vrx_context *context, struct vrx_decision *decision) {
    return vrx_decision_open(context, decision, VRX_ENVELOPE_QUERY);
}

/* Kept as it arrived: sealed, so that the individual number stands nowhere else in the vault. The
 * signed one is in the dossier, closed. */
static struct vrx_result put_query(
    struct vrx_context *context, const struct vrx_decision *decision) {
    struct vrx_transfer_in transfer = {
        .sender = decision->query.asker,
        .has_consent = decision->has_consent,
        .resident = decision->found ? decision->resident.id : 0,
        .query = decision->arrived,
        .received_at = context->now,
        .deadline = decision->query.deadline,
    };
    memcpy(transfer.query_id, decision->query.id, VRX_ID);
    memcpy(transfer.query_digest, decision->query_digest, VRX_DIGEST);
    memcpy(transfer.nonce, decision->query.nonce, VRX_ID);
    memcpy(transfer.consent_id, decision->consent_id, VRX_ID);
    VRX_TRY(vrx_transfer_in_put(context->tenant, &transfer));
    return vrx_dossier_open(context->tenant, &transfer.sender, transfer.query_id,
        vrx_buffer_view(&decision->signed_query), decision->law->permits_digest);
}

bool vrx_decision_is_answer(enum vrx_reason reason) {
    return reason == VRX_OK ||
           (reason != VRX_KEY_UNKNOWN && vrx_reason_category(reason) <= VRX_CATEGORY_STATE);
}

/* A query that is new here. */
static struct vrx_result decide(struct vrx_context *context, struct vrx_decision *decision,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    struct vrx_result refusal = vrx_timely_check(&decision->query, context->now);
    if (vrx_is_ok(refusal))
        refusal = vrx_decision_lawful(context, decision);
    if (vrx_is_ok(refusal)) {
        /* Step 6. Whoever asks too much is to ask later: that is no answer to the query. */
        VRX_TRY(vrx_guard_query(context, &decision->query.asker, "exchange/query"));
        VRX_TRY(vrx_decision_person(context, decision));
        VRX_TRY(vrx_decision_minimal(context, decision));
    }
    if (!vrx_decision_is_answer(refusal.reason))
        return refusal;
    VRX_TRY(put_query(context, decision));
    *ret_decision = refusal;
    if (!vrx_is_ok(refusal))
        return vrx_decision_advance(
            context, decision, VRX_TRANSFER_DENIED, refusal, 0, VRX_ANSWER_DENIED, out);
    if (!decision->may_leave)
        return vrx_decision_pend(context, decision, out);
    struct vrx_transfer_in_step pending = {.state = VRX_TRANSFER_PENDING};
    VRX_TRY(vrx_transfer_in_advance(
        context->tenant, &decision->query.asker, decision->query.id, &pending, context->now));
    return vrx_decision_advance(
        context, decision, VRX_TRANSFER_ANSWERED, vrx_ok(), 0, VRX_ANSWER_DOSES, out);
}

static struct vrx_result receive(struct vrx_context *context, struct vrx_decision *decision,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    VRX_TRY(vrx_decision_sender(context, decision));
    struct vrx_transfer_in seen;
    struct vrx_result known = vrx_transfer_in_get(
        context->tenant, &context->arena, &decision->query.asker, decision->query.id, &seen);
    if (vrx_is_ok(known))
        return vrx_decision_repeat(context, decision, &seen, out, ret_decision);
    if (known.reason != VRX_NOT_FOUND)
        return known;
    return decide(context, decision, out, ret_decision);
}

struct vrx_result vrx_exchange_receive_query(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    struct vrx_decision decision = {.law = vrx_law_hold(context->daemon->law), .arrived = envelope};
    *ret_decision = vrx_ok();
    struct vrx_result result = receive(context, &decision, out, ret_decision);
    vrx_buffer_done(&decision.signed_query);
    vrx_law_release(context->daemon->law, decision.law);
    return result;
}
