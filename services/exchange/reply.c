/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes back: the answer of a decision, and the stored one of a query that comes again.
 */
#include "crypto/hash.h"
#include "dispatch/guard.h"
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "exchange/send.h"
#include "exchange/standing.h"
#include "store/approval.h"
#include "store/dose_sent.h"
#include "store/dossier.h"
#include "store/linkage.h"

struct vrx_answer vrx_decision_answer(const struct vrx_context *context,
    const struct vrx_decision *decision, struct vrx_result refusal,
    enum vrx_answer_outcome outcome) {
    const bool bare = outcome == VRX_ANSWER_PENDING || outcome == VRX_ANSWER_NO_RECORD;
    struct vrx_answer answer = {
        .origin = context->slot->code,
        .destination = decision->query.asker,
        .outcome = (uint64_t)outcome,
        .reason = (uint64_t)refusal.reason,
        .clause = vrx_view_text(refusal.clause),
        .permit_id = decision->permit_id,
        .doses = decision->doses,
        .dose_count = outcome == VRX_ANSWER_DOSES ? decision->dose_count : 0,
        .answered_at = context->now,
    };
    if (outcome == VRX_ANSWER_DOSES)
        answer.linkage_code = vrx_view_of(decision->linkage_code, VRX_LINKAGE_CODE);
    if (bare)
        answer.padding = vrx_answer_padding(decision->permit_id);
    memcpy(answer.query_id, decision->query.id, VRX_ID);
    memcpy(answer.query_digest, decision->query_digest, VRX_DIGEST);
    memcpy(answer.permit_table_digest, decision->law->permits_digest, VRX_DIGEST);
    return answer;
}

static struct vrx_result seal(struct vrx_context *context, const struct vrx_decision *decision,
    const struct vrx_answer *answer, struct vrx_receipt_transfer *tie,
    struct vrx_buffer *ret_signed, struct vrx_buffer *out) {
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_answer_schema, answer, ret_signed));
    VRX_TRY(vrx_sha256(vrx_buffer_view(ret_signed), tie->answer_digest));
    struct vrx_envelope routing = {
        .kind = VRX_ENVELOPE_ANSWER, .from = context->slot->code, .to = decision->query.asker};
    memcpy(routing.query_id, decision->query.id, VRX_ID);
    return vrx_exchange_seal(context, decision->sender, &routing, vrx_buffer_view(ret_signed), out);
}

/* The entry of the query names the answer that is given. */
static void commit_to(struct vrx_context *context, const struct vrx_receipt_transfer *tie) {
    context->audit.has_commitment = true;
    memcpy(context->audit.commitment, tie->answer_digest, VRX_DIGEST);
}

/* Which dose goes to whom, so that whoever has it hears of its corrections; and by which code they
 * can ask again. */
static struct vrx_result remember(struct vrx_context *context, const struct vrx_decision *decision,
    const uint8_t answer_digest[VRX_DIGEST]) {
    struct vrx_dose_sent sent = {
        .resident = decision->resident.id,
        .destination = decision->query.asker,
        .sent_at = context->now,
    };
    for (size_t i = 0; i < decision->query.item_count; i++)
        sent.items |= 1u << decision->query.items[i];
    memcpy(sent.query_id, decision->query.id, VRX_ID);
    memcpy(sent.answer_digest, answer_digest, VRX_DIGEST);
    for (size_t i = 0; i < decision->dose_count; i++) {
        sent.dose = decision->dose_ids[i];
        VRX_TRY(vrx_dose_item_digest(&decision->doses[i], sent.as_sent));
        VRX_TRY(vrx_dose_sent_put(context->tenant, &sent));
    }
    return vrx_linkage_give(context->tenant, &decision->query.asker, decision->resident.id,
        decision->linkage_code, context->now);
}

struct vrx_result vrx_decision_advance(struct vrx_context *context,
    const struct vrx_decision *decision, enum vrx_transfer_state state, struct vrx_result refusal,
    int64_t due_at, enum vrx_answer_outcome outcome, struct vrx_buffer *out) {
    struct vrx_buffer sealed VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer signed_answer VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_receipt_transfer tie = {
        .permit_id = decision->permit_id, .without_consent = decision->without_consent};
    memcpy(tie.permit_table_digest, decision->law->permits_digest, VRX_DIGEST);
    const struct vrx_answer answer = vrx_decision_answer(context, decision, refusal, outcome);
    VRX_TRY(seal(context, decision, &answer, &tie, &signed_answer, &sealed));
    commit_to(context, &tie);
    struct vrx_transfer_in_step step = {
        .state = state,
        .reason = refusal.reason,
        .due_at = due_at,
        .answer = vrx_buffer_view(&sealed),
        .tie = &tie,
    };
    VRX_TRY(vrx_transfer_in_advance(
        context->tenant, &decision->query.asker, decision->query.id, &step, context->now));
    VRX_TRY(vrx_exchange_note_law(context, decision->law));
    VRX_TRY(vrx_dossier_answer(context->tenant, &decision->query.asker, decision->query.id,
        vrx_buffer_view(&signed_answer)));
    if (outcome == VRX_ANSWER_DOSES)
        VRX_TRY(remember(context, decision, tie.answer_digest));
    VRX_TRY(vrx_buffer_append(out, vrx_buffer_view(&sealed)));
    vrx_context_in_dossier(context, &decision->query.asker, decision->query.id);
    return vrx_ok();
}

struct vrx_result vrx_decision_pend(
    struct vrx_context *context, const struct vrx_decision *decision, struct vrx_buffer *out) {
    int64_t due = context->now + context->daemon->options.live.pending_seconds;
    if (due > decision->query.deadline)
        due = decision->query.deadline;
    vrx_guard_unanswered(context, &decision->query.asker);
    VRX_TRY(vrx_approval_open(
        context->tenant, &decision->query.asker, decision->query.id, context->now, due));
    return vrx_decision_advance(
        context, decision, VRX_TRANSFER_PENDING, vrx_ok(), due, VRX_ANSWER_PENDING, out);
}

/* The time has come, and nothing was approved. */
static struct vrx_result end_pending(
    struct vrx_context *context, const struct vrx_decision *decision, struct vrx_buffer *out) {
    VRX_TRY(vrx_approval_end(
        context->tenant, &decision->query.asker, decision->query.id, context->now));
    return vrx_decision_advance(
        context, decision, VRX_TRANSFER_NO_RECORD, vrx_ok(), 0, VRX_ANSWER_NO_RECORD, out);
}

struct vrx_result vrx_decision_note_again(struct vrx_context *context,
    struct vrx_decision *decision, const struct vrx_transfer_in *seen) {
    VRX_TRY(vrx_decision_person(context, decision));
    if (seen->resident || decision->resident.id)
        return vrx_decision_about(
            context, seen->resident ? seen->resident : decision->resident.id, seen->resident != 0);
    return vrx_ok();
}

/* Signed once, and kept beside the doses: the destination's receipt says which of them it has. */
static struct vrx_result deny_doses(struct vrx_context *context,
    const struct vrx_decision *decision, struct vrx_result refusal, struct vrx_buffer *out) {
    const struct vrx_query *query = &decision->query;
    struct vrx_buffer sealed VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer signed_answer VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_transfer_denial denial = {
        .reason = refusal.reason,
        .tie = {.permit_id = decision->permit_id, .without_consent = decision->without_consent},
    };
    memcpy(denial.tie.permit_table_digest, decision->law->permits_digest, VRX_DIGEST);
    const struct vrx_answer answer =
        vrx_decision_answer(context, decision, refusal, VRX_ANSWER_DENIED);
    VRX_TRY(seal(context, decision, &answer, &denial.tie, &signed_answer, &sealed));
    denial.answer = vrx_buffer_view(&sealed);
    VRX_TRY(vrx_transfer_in_keep_denial(
        context->tenant, &query->asker, query->id, &denial, context->now));
    VRX_TRY(vrx_exchange_note_law(context, decision->law));
    VRX_TRY(vrx_dossier_denial(
        context->tenant, &query->asker, query->id, vrx_buffer_view(&signed_answer)));
    commit_to(context, &denial.tie);
    vrx_context_in_dossier(context, &query->asker, query->id);
    return vrx_buffer_append(out, denial.answer);
}

/* The consent does not cover this any more. What waited is DENIED; doses that left before do not
 * leave again, whatever has become of the first time. */
static struct vrx_result deny_again(struct vrx_context *context,
    const struct vrx_decision *decision, const struct vrx_transfer_in *seen,
    struct vrx_result refusal, struct vrx_buffer *out, struct vrx_result *ret_decision) {
    struct vrx_transfer_denial denial;
    *ret_decision = refusal;
    if (seen->state == VRX_TRANSFER_PENDING)
        return vrx_decision_deny_pending(context, decision, refusal, out);
    struct vrx_result denied = vrx_transfer_in_denial(
        context->tenant, &context->arena, &seen->sender, seen->query_id, &denial);
    if (denied.reason == VRX_NOT_FOUND)
        return deny_doses(context, decision, refusal, out);
    VRX_TRY(denied);
    *ret_decision = vrx_fail(denial.reason);
    commit_to(context, &denial.tie);
    return vrx_buffer_append(out, denial.answer);
}

struct vrx_result vrx_decision_deny_pending(struct vrx_context *context,
    const struct vrx_decision *decision, struct vrx_result refusal, struct vrx_buffer *out) {
    VRX_TRY(vrx_approval_end(
        context->tenant, &decision->query.asker, decision->query.id, context->now));
    return vrx_decision_advance(
        context, decision, VRX_TRANSFER_DENIED, refusal, 0, VRX_ANSWER_DENIED, out);
}

/* What is stored says nothing that the consent would have to cover. */
static bool says_nothing(enum vrx_transfer_state state) {
    return state == VRX_TRANSFER_DENIED || state == VRX_TRANSFER_NO_RECORD;
}

struct vrx_result vrx_decision_repeat(struct vrx_context *context, struct vrx_decision *decision,
    const struct vrx_transfer_in *seen, struct vrx_buffer *out, struct vrx_result *ret_decision) {
    if (memcmp(seen->query_digest, decision->query_digest, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_QUERY_REPLAYED, "query: one id, one content");
    bool left = false;
    VRX_TRY(vrx_decision_note_again(context, decision, seen));
    decision->without_consent = seen->tie.without_consent;
    if (seen->state == VRX_TRANSFER_DENIED) {
        *ret_decision = vrx_fail(seen->reason);
    } else {
        decision->permit_id = decision->query.permit_id;
        VRX_TRY(vrx_exchange_basis(context, decision->permit_id, decision->without_consent));
    }
    commit_to(context, &seen->tie);
    if (seen->has_consent && !says_nothing(seen->state)) {
        struct vrx_result stands = vrx_exchange_consent_stands(
            context, decision->sender, seen->consent_id, &decision->query);
        if (vrx_exchange_consent_over(stands.reason))
            return deny_again(context, decision, seen, stands, out, ret_decision);
        *ret_decision = stands;
        VRX_TRY(stands);
    }
    if (seen->state == VRX_TRANSFER_PENDING)
        VRX_TRY(vrx_decision_release(context, decision, seen, out, &left));
    if (left)
        return vrx_ok();
    if (seen->state == VRX_TRANSFER_PENDING && seen->due_at && seen->due_at <= context->now)
        return end_pending(context, decision, out);
    return vrx_buffer_append(out, seen->answer);
}
