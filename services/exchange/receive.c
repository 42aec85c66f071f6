/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination's side: an answer is verified in full before anything of it is believed, then
 * moves its transfer on by one row of the table.
 */
#include "exchange/decide.h"

#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "exchange/import.h"
#include "exchange/notices.h"
#include "exchange/receipts.h"
#include "exchange/standing.h"
#include "exchange/steps.h"
#include "objects/answer.h"
#include "rules/timely.h"
#include "store/dossier.h"
#include "store/linkage.h"
#include "store/transfer_out.h"

struct arrival {
    struct vrx_envelope envelope;
    struct vrx_transfer_out transfer;
    struct vrx_buffer signed_answer;
    struct vrx_answer answer;
    struct vrx_receipt_transfer tie;
    bool is_final; /* the transfer came into a state that no other answer changes */
};

static struct vrx_result verify(struct vrx_context *context, const struct vrx_law *law,
    struct vrx_view envelope, struct arrival *arrival) {
    struct vrx_envelope *routing = &arrival->envelope;
    VRX_TRY(vrx_object_decode(&vrx_envelope_schema, envelope, &context->arena, routing));
    if (routing->kind != VRX_ENVELOPE_ANSWER ||
        !vrx_municipality_code_equal(&routing->to, &context->slot->code))
        return vrx_fail(VRX_QUERY_NOT_FOR_US);
    const struct vrx_transfer_out *transfer = &arrival->transfer;
    VRX_TRY(vrx_transfer_out_get(
        context->tenant, &context->arena, routing->query_id, &arrival->transfer));
    if (!vrx_municipality_code_equal(&routing->from, &transfer->origin))
        return vrx_fail(VRX_QUERY_NOT_FOR_US);
    const struct vrx_directory_entry *origin = NULL;
    VRX_TRY(vrx_directory_find(&law->directory, &routing->from, context->now, &origin));
    VRX_TRY(vrx_context_open_envelope(context, routing, &arrival->signed_answer));
    const struct vrx_answer *answer = &arrival->answer;
    VRX_TRY(vrx_entry_verify(origin, &vrx_answer_schema, vrx_buffer_view(&arrival->signed_answer),
        &context->arena, &arrival->answer));
    if (memcmp(answer->query_id, transfer->query_id, VRX_ID) != 0 ||
        memcmp(answer->query_digest, transfer->query_digest, VRX_DIGEST) != 0 ||
        !vrx_municipality_code_equal(&answer->origin, &transfer->origin) ||
        !vrx_municipality_code_equal(&answer->destination, &context->slot->code))
        return vrx_refuse(VRX_QUERY_NOT_FOR_US, "answer: to the query that was asked");
    VRX_TRY(vrx_answer_check(answer));
    VRX_TRY(vrx_timely_answer(answer, transfer->created_at, transfer->deadline));
    arrival->tie = vrx_exchange_tie(transfer, answer);
    return vrx_sha256(vrx_buffer_view(&arrival->signed_answer), arrival->tie.answer_digest);
}

static struct vrx_result take_doses(struct vrx_context *context, const struct arrival *arrival) {
    const uint8_t *id = arrival->transfer.query_id;
    struct vrx_view signed_answer = vrx_buffer_view(&arrival->signed_answer);
    VRX_TRY(vrx_transfer_out_answer(context->tenant, id, signed_answer, context->now));
    VRX_TRY(vrx_transfer_out_receive(context->tenant, id, context->now));
    VRX_TRY(vrx_exchange_basis(context, arrival->tie.permit_id, arrival->tie.without_consent));
    struct vrx_import_source source = {
        .resident = arrival->transfer.resident,
        .origin = arrival->answer.origin,
        .stated_at = arrival->answer.answered_at,
    };
    memcpy(source.query_id, id, VRX_ID);
    memcpy(source.answer_digest, arrival->tie.answer_digest, VRX_DIGEST);
    memcpy(source.digest, arrival->tie.answer_digest, VRX_DIGEST);
    struct vrx_import_counts counts;
    VRX_TRY(vrx_import_answer(context, &source, &arrival->answer, &counts));
    VRX_TRY(vrx_notices_take_waiting(context, id, source.digest));
    context->audit.written = false;
    return vrx_transfer_out_import(
        context->tenant, id, counts.imported, counts.known, context->now);
}

static struct vrx_result deny(struct vrx_context *context, const struct arrival *arrival) {
    const uint8_t *id = arrival->transfer.query_id;
    uint64_t value = arrival->answer.reason;
    enum vrx_reason reason = vrx_reason_from_value(value > 9999 ? 9999 : (unsigned)value);
    VRX_TRY(
        vrx_transfer_out_deny(context->tenant, id, reason, arrival->answer.clause, context->now));
    return vrx_transfer_out_keep(context->tenant, id, vrx_buffer_view(&arrival->signed_answer));
}

static struct vrx_result no_record(struct vrx_context *context, const struct arrival *arrival) {
    const uint8_t *id = arrival->transfer.query_id;
    VRX_TRY(vrx_transfer_out_advance(context->tenant, id, VRX_TRANSFER_NO_RECORD, context->now));
    return vrx_transfer_out_keep(context->tenant, id, vrx_buffer_view(&arrival->signed_answer));
}

/* By which code to ask for the person next time; by none where this origin finds nobody, so that
 * the next query names them by their number again. */
static struct vrx_result take_linkage(struct vrx_context *context, const struct arrival *arrival) {
    const struct vrx_answer *answer = &arrival->answer;
    int64_t resident = arrival->transfer.resident;
    if (answer->outcome == VRX_ANSWER_NO_RECORD)
        return vrx_linkage_forget(context->tenant, resident, &answer->origin);
    if (answer->outcome != VRX_ANSWER_DOSES || !answer->linkage_code.len)
        return vrx_ok();
    return vrx_linkage_keep(
        context->tenant, resident, &answer->origin, answer->linkage_code, context->now);
}

/* The consent was withdrawn or narrowed while the answer was under way: it is discarded unread. */
static struct vrx_result discard(
    struct vrx_context *context, const struct arrival *arrival, struct vrx_result why) {
    VRX_TRY(vrx_transfer_out_deny(context->tenant, arrival->transfer.query_id, why.reason,
        vrx_view_text(why.clause), context->now));
    vrx_context_in_dossier(context, NULL, arrival->transfer.query_id);
    VRX_TRY(vrx_exchange_record_answer(context, why));
    context->audit.written = true;
    return vrx_ok();
}

/* The rows of the state machine that an answer can take, from REQUESTED or PENDING. */
static struct vrx_result advance(struct vrx_context *context, struct arrival *arrival) {
    const struct vrx_transfer_out *transfer = &arrival->transfer;
    enum vrx_transfer_state state = transfer->state;
    bool denied = arrival->answer.outcome == VRX_ANSWER_DENIED;
    arrival->is_final = arrival->answer.outcome != VRX_ANSWER_PENDING;
    if (state == VRX_TRANSFER_REQUESTED && !denied)
        VRX_TRY(vrx_transfer_out_advance(
            context->tenant, transfer->query_id, VRX_TRANSFER_PENDING, context->now));
    VRX_TRY(take_linkage(context, arrival));
    switch ((enum vrx_answer_outcome)arrival->answer.outcome) {
    case VRX_ANSWER_DENIED:
        return deny(context, arrival);
    case VRX_ANSWER_DOSES:
        return take_doses(context, arrival);
    case VRX_ANSWER_NO_RECORD:
        return no_record(context, arrival);
    case VRX_ANSWER_PENDING:
        return vrx_ok();
    }
    return vrx_fail(VRX_INPUT_RANGE);
}

/* The transfer ended here by itself, for its consent, while a query was under way; now the origin
 * says the same. */
static bool ended_before(const struct arrival *arrival) {
    const struct vrx_transfer_out *transfer = &arrival->transfer;
    return transfer->state == VRX_TRANSFER_DENIED && !transfer->answer.len &&
           arrival->answer.outcome == VRX_ANSWER_DENIED &&
           arrival->answer.reason == (uint64_t)transfer->reason;
}

/* The denial is kept and receipted, so that the origin knows what it ended with, and that doses
 * which it sent did not get here. */
static struct vrx_result keep_denial(struct vrx_context *context, struct arrival *arrival) {
    const uint8_t *id = arrival->transfer.query_id;
    arrival->is_final = true;
    VRX_TRY(vrx_transfer_out_keep(context->tenant, id, vrx_buffer_view(&arrival->signed_answer)));
    vrx_context_in_dossier(context, NULL, id);
    return vrx_ok();
}

/* Of what the origin says, each word once; the last one is kept with the transfer itself. */
static struct vrx_result apply(struct vrx_context *context, struct arrival *arrival) {
    const struct vrx_transfer_out *transfer = &arrival->transfer;
    if (transfer->state == VRX_TRANSFER_DENIED && arrival->answer.outcome == VRX_ANSWER_DOSES)
        return vrx_refuse(transfer->reason, "answer: to a query that was denied meanwhile");
    if (ended_before(arrival))
        return keep_denial(context, arrival);
    if (transfer->state != VRX_TRANSFER_REQUESTED && transfer->state != VRX_TRANSFER_PENDING)
        return vrx_ok(); /* an answer that came twice */
    struct vrx_result stands = vrx_exchange_transfer_stands(context, transfer);
    if (vrx_reason_category(stands.reason) == VRX_CATEGORY_AUTH)
        return discard(context, arrival, stands);
    VRX_TRY(stands);
    VRX_TRY(advance(context, arrival));
    if (!arrival->is_final && transfer->state == VRX_TRANSFER_PENDING)
        return vrx_ok();
    if (!arrival->is_final)
        VRX_TRY(vrx_dossier_answer(
            context->tenant, NULL, transfer->query_id, vrx_buffer_view(&arrival->signed_answer)));
    vrx_context_in_dossier(context, NULL, transfer->query_id);
    return vrx_ok();
}

/* The answer's own entry goes before the receipt, whose ledger then has it. An origin that no key
 * seals to at this instant gets none: the transfer does not wait for receipts. */
static struct vrx_result acknowledge(
    struct vrx_context *context, const struct vrx_law *law, const struct arrival *arrival) {
    context->audit.has_commitment = true;
    memcpy(context->audit.commitment, arrival->tie.answer_digest, VRX_DIGEST);
    if (!arrival->is_final)
        return vrx_ok();
    VRX_TRY(vrx_exchange_note_law(context, law));
    VRX_TRY(vrx_exchange_record_answer(context, vrx_ok()));
    context->audit.written = true;
    struct vrx_result sent =
        vrx_exchange_send_receipt(context, law, &arrival->transfer, &arrival->tie);
    return sent.reason == VRX_KEY_NOT_IN_FORCE ? vrx_ok() : sent;
}

struct vrx_result vrx_exchange_receive_answer(
    struct vrx_context *context, struct vrx_view envelope) {
    struct arrival arrival = {0};
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result result = verify(context, law, envelope, &arrival);
    if (vrx_is_ok(result))
        result = vrx_context_about(context, arrival.transfer.resident);
    if (vrx_is_ok(result))
        result = apply(context, &arrival);
    if (vrx_is_ok(result))
        result = acknowledge(context, law, &arrival);
    vrx_law_release(context->daemon->law, law);
    vrx_buffer_done(&arrival.signed_answer);
    return result;
}
