/* SPDX-License-Identifier: Apache-2.0
 *
 * The origin's side: the steps of the decision in their order. What a step finds is kept in struct
 * decision; a refusal from step 2 on becomes a sealed answer. From step 7 on nothing that the asker
 * sees may differ between a protected and an unknown person.
 *
 * Next: lawful.h for steps 3 to 5, receive.c for what the destination does with the answer.
 */
#include "exchange/decide.h"

#include "base/limits.h"
#include "base/text.h"
#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/lawful.h"
#include "objects/answer.h"
#include "objects/query.h"
#include "objects/subject.h"
#include "store/dose.h"
#include "store/resident.h"
#include "store/transfer_in.h"

/* Clocks of two municipalities may differ by so much. */
#define CLOCK_SKEW 300

struct decision {
    const struct vrx_law *law;
    struct vrx_view arrived; /* the envelope as it came */
    struct vrx_envelope envelope;
    const struct vrx_directory_entry *sender;
    struct vrx_buffer signed_query;
    struct vrx_query query;
    uint8_t query_digest[VRX_DIGEST];
    const struct vrx_permit *permit;
    struct vrx_view permit_id; /* of the permit that was applied; empty when none was reached */
    bool found;                /* step 7 */
    bool may_leave;            /* step 8 */
    struct vrx_resident resident;
    struct vrx_dose_item *doses;
    size_t dose_count;
};

/* Step 1. */
static struct vrx_result step_sender(struct vrx_context *context, struct decision *decision) {
    VRX_TRY(vrx_object_decode(
        &vrx_envelope_schema, decision->arrived, &context->arena, &decision->envelope));
    if (decision->envelope.kind != VRX_ENVELOPE_QUERY ||
        !vrx_municipality_code_equal(&decision->envelope.to, &context->slot->code))
        return vrx_fail(VRX_QUERY_NOT_FOR_US);
    VRX_TRY(vrx_directory_find(
        &decision->law->directory, &decision->envelope.from, context->now, &decision->sender));
    VRX_TRY(vrx_context_open_envelope(context, &decision->envelope, &decision->signed_query));
    struct vrx_view signed_query = vrx_buffer_view(&decision->signed_query);
    VRX_TRY(vrx_entry_verify(
        decision->sender, &vrx_query_schema, signed_query, &context->arena, &decision->query));
    const struct vrx_query *query = &decision->query;
    if (!vrx_municipality_code_equal(&query->asker, &decision->envelope.from) ||
        !vrx_municipality_code_equal(&query->asked, &context->slot->code) ||
        memcmp(query->id, decision->envelope.query_id, VRX_ID) != 0)
        return vrx_refuse(VRX_QUERY_NOT_FOR_US, "query: routing and content agree");
    return vrx_sha256(signed_query, decision->query_digest);
}

/* Step 2. A query that names an instant long past would be judged by a law, a consent and an
 * identity check that ended since. The nonce is held by the store: it is refused when the query is
 * put down. */
static struct vrx_result step_fresh(struct vrx_context *context, struct decision *decision) {
    const struct vrx_query *query = &decision->query;
    if (query->asked_at > context->now + CLOCK_SKEW)
        return vrx_refuse(VRX_QUERY_EXPIRED, "query.asked_at: not in the future");
    if (query->deadline < context->now)
        return vrx_refuse(VRX_QUERY_EXPIRED, "query.deadline: not passed");
    if (query->deadline - query->asked_at > VRX_LIMIT_QUERY_SECONDS)
        return vrx_refuse(
            VRX_QUERY_EXPIRED, "query.deadline: at most 14 days after query.asked_at");
    return vrx_ok();
}

/* Steps 3 to 5, by the objects that came with the query. */
static struct vrx_result step_lawful(struct vrx_context *context, struct decision *decision) {
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

/* Steps 7 and 8: not finding someone is an outcome, not a refusal. */
static struct vrx_result step_person(struct vrx_context *context, struct decision *decision) {
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

static bool asked_for(const struct vrx_query *query, uint64_t item) {
    for (size_t i = 0; i < query->item_count; i++)
        if (query->items[i] == item)
            return true;
    return false;
}

/* Step 9: of each dose administered here, the items asked for and no others. Doses that came by
 * transfer are for reference and do not go on from here. */
static struct vrx_result step_answer(struct vrx_context *context, struct decision *decision) {
    if (!decision->may_leave)
        return vrx_ok();
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    VRX_TRY(vrx_dose_history(context->tenant, &context->arena, decision->resident.id,
        VRX_DOSES_CURRENT, &doses, &count));
    decision->doses = vrx_arena_alloc_array(&context->arena, count, sizeof *decision->doses);
    if (!decision->doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    const struct vrx_query *query = &decision->query;
    const struct vrx_view nothing = {0};
    for (size_t i = 0; i < count; i++) {
        if (doses[i].provenance.source == VRX_DOSE_TRANSFER)
            continue;
        struct vrx_dose_item *item = &decision->doses[decision->dose_count++];
        *item = doses[i].item;
        item->lot = asked_for(query, VRX_ITEM_LOT) ? item->lot : nothing;
        item->venue = asked_for(query, VRX_ITEM_VENUE) ? item->venue : nothing;
        item->physician = asked_for(query, VRX_ITEM_PHYSICIAN) ? item->physician : nothing;
        item->ticket = asked_for(query, VRX_ITEM_TICKET) ? item->ticket : nothing;
    }
    return vrx_ok();
}

static struct vrx_result seal_answer(struct vrx_context *context, const struct decision *decision,
    struct vrx_result refusal, enum vrx_answer_outcome outcome, struct vrx_buffer *out) {
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
    memcpy(answer.query_id, decision->query.id, VRX_ID);
    memcpy(answer.query_digest, decision->query_digest, VRX_DIGEST);
    memcpy(answer.permit_table_digest, decision->law->permits_digest, VRX_DIGEST);
    struct vrx_buffer signed_answer VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_signer_sign(context->tenant, &vrx_answer_schema, &answer, &signed_answer));
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_directory_exchange_key(decision->sender, context->now, &key));
    struct vrx_envelope routing = {
        .kind = VRX_ENVELOPE_ANSWER, .from = context->slot->code, .to = decision->query.asker};
    memcpy(routing.query_id, decision->query.id, VRX_ID);
    return vrx_envelope_seal(&routing, vrx_buffer_view(&signed_answer), key, context->random, out);
}

/* Puts the answer down as this transfer's present one and hands it out. */
static struct vrx_result advance_to(struct vrx_context *context, const struct decision *decision,
    enum vrx_transfer_state state, struct vrx_result refusal, int64_t due_at,
    enum vrx_answer_outcome outcome, struct vrx_buffer *out) {
    struct vrx_buffer sealed VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(seal_answer(context, decision, refusal, outcome, &sealed));
    struct vrx_transfer_in_step step = {
        .state = state,
        .reason = refusal.reason,
        .due_at = due_at,
        .answer = vrx_buffer_view(&sealed),
    };
    VRX_TRY(vrx_transfer_in_advance(
        context->tenant, &decision->query.asker, decision->query.id, &step, context->now));
    return vrx_buffer_append(out, vrx_buffer_view(&sealed));
}

/* Kept as it arrived: sealed, so that the individual number stands nowhere else in the vault. */
static struct vrx_result put_query(struct vrx_context *context, const struct decision *decision) {
    struct vrx_transfer_in transfer = {
        .sender = decision->query.asker,
        .resident = decision->found ? decision->resident.id : 0,
        .query = decision->arrived,
        .received_at = context->now,
        .deadline = decision->query.deadline,
    };
    memcpy(transfer.query_id, decision->query.id, VRX_ID);
    memcpy(transfer.query_digest, decision->query_digest, VRX_DIGEST);
    memcpy(transfer.nonce, decision->query.nonce, VRX_ID);
    return vrx_transfer_in_put(context->tenant, &transfer);
}

/* A query that is new here. */
static struct vrx_result decide(struct vrx_context *context, struct decision *decision,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    struct vrx_result refusal = step_fresh(context, decision);
    if (vrx_is_ok(refusal))
        refusal = step_lawful(context, decision);
    if (vrx_is_ok(refusal)) {
        VRX_TRY(step_person(context, decision));
        VRX_TRY(step_answer(context, decision));
    }
    enum vrx_category category = vrx_reason_category(refusal.reason);
    if (category > VRX_CATEGORY_STATE && refusal.reason != VRX_SIGNATURE_INVALID)
        return refusal; /* our own trouble, not the asker's */
    VRX_TRY(put_query(context, decision));
    *ret_decision = refusal;
    if (!vrx_is_ok(refusal))
        return advance_to(
            context, decision, VRX_TRANSFER_DENIED, refusal, 0, VRX_ANSWER_DENIED, out);
    int64_t due = context->now + context->daemon->options.live.pending_seconds;
    if (!decision->may_leave)
        return advance_to(
            context, decision, VRX_TRANSFER_PENDING, vrx_ok(), due, VRX_ANSWER_PENDING, out);
    struct vrx_transfer_in_step pending = {.state = VRX_TRANSFER_PENDING};
    VRX_TRY(vrx_transfer_in_advance(
        context->tenant, &decision->query.asker, decision->query.id, &pending, context->now));
    return advance_to(context, decision, VRX_TRANSFER_ANSWERED, vrx_ok(), 0, VRX_ANSWER_DOSES, out);
}

/* A query seen before: its stored answer; or, when its time has come, that there is nothing. What
 * leaves again is about the same person, on the same ground. */
static struct vrx_result repeat(struct vrx_context *context, struct decision *decision,
    const struct vrx_transfer_in *seen, struct vrx_buffer *out, struct vrx_result *ret_decision) {
    if (memcmp(seen->query_digest, decision->query_digest, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_QUERY_REPLAYED, "query: one id, one content");
    if (seen->resident)
        VRX_TRY(vrx_context_about(context, seen->resident));
    if (seen->state == VRX_TRANSFER_DENIED)
        *ret_decision = vrx_fail(seen->reason);
    else
        decision->permit_id = context->audit.basis = decision->query.permit_id;
    if (seen->state == VRX_TRANSFER_PENDING && seen->due_at && seen->due_at <= context->now)
        return advance_to(
            context, decision, VRX_TRANSFER_NO_RECORD, vrx_ok(), 0, VRX_ANSWER_NO_RECORD, out);
    return vrx_buffer_append(out, seen->answer);
}

static struct vrx_result receive(struct vrx_context *context, struct decision *decision,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    VRX_TRY(step_sender(context, decision));
    struct vrx_transfer_in seen;
    struct vrx_result known = vrx_transfer_in_get(
        context->tenant, &context->arena, &decision->query.asker, decision->query.id, &seen);
    if (vrx_is_ok(known))
        return repeat(context, decision, &seen, out, ret_decision);
    if (known.reason != VRX_NOT_FOUND)
        return known;
    return decide(context, decision, out, ret_decision);
}

struct vrx_result vrx_exchange_receive_query(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    struct decision decision = {.law = vrx_law_hold(context->daemon->law), .arrived = envelope};
    *ret_decision = vrx_ok();
    struct vrx_result result = receive(context, &decision, out, ret_decision);
    vrx_buffer_done(&decision.signed_query);
    vrx_law_release(context->daemon->law, decision.law);
    return result;
}
