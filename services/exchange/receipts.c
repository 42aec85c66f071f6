/* SPDX-License-Identifier: Apache-2.0
 *
 * See receipts.h. What a receipt says is compared with what this side has; the ledger's position in
 * it is the other side's word, kept as evidence.
 */
#include "exchange/receipts.h"

#include "cose/sign1.h"
#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/decision.h"
#include "exchange/standing.h"
#include "ledger/ledger.h"
#include "rules/timely.h"
#include "store/dose_sent.h"
#include "store/dossier.h"
#include "store/transfer_in.h"

struct vrx_result vrx_exchange_sign_receipt(
    struct vrx_context *context, struct vrx_receipt *receipt, struct vrx_buffer *out) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(context->tenant);
    struct vrx_merkle_hash root;
    receipt->ledger_size = vrx_ledger_size(ledger);
    VRX_TRY(vrx_ledger_root(ledger, receipt->ledger_size, &root));
    memcpy(receipt->ledger_root, root.bytes, VRX_DIGEST);
    receipt->signed_at = context->now;
    return vrx_signer_sign(context->tenant, &vrx_receipt_schema, receipt, out);
}

struct vrx_receipt_transfer vrx_exchange_tie(
    const struct vrx_transfer_out *transfer, const struct vrx_answer *answer) {
    struct vrx_receipt_transfer tie = {.permit_id = answer->permit_id,
        .without_consent = transfer->without_consent && answer->permit_id.len};
    memcpy(tie.query_digest, answer->query_digest, VRX_DIGEST);
    memcpy(tie.permit_table_digest, answer->permit_table_digest, VRX_DIGEST);
    return tie;
}

struct vrx_result vrx_exchange_send_receipt(struct vrx_context *context, const struct vrx_law *law,
    const struct vrx_transfer_out *transfer, const struct vrx_receipt_transfer *tie) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    struct vrx_receipt_transfer said = *tie;
    struct vrx_receipt receipt = {
        .signer = context->slot->code,
        .sender = transfer->origin,
        .kind = VRX_ENVELOPE_ANSWER,
        .transfer = &said,
        .transfer_count = 1,
    };
    memcpy(receipt.id, transfer->query_id, VRX_ID);
    memcpy(receipt.digest, tie->answer_digest, VRX_DIGEST);
    VRX_TRY(vrx_exchange_sign_receipt(context, &receipt, &content));
    struct vrx_outgoing message = {
        .key = {.to = transfer->origin, .kind = VRX_ENVELOPE_RECEIPT},
        .resident = transfer->resident,
        .content = vrx_buffer_view(&content),
    };
    memcpy(message.key.id, transfer->query_id, VRX_ID);
    return vrx_exchange_send(context, law, &message);
}

/* The doses did not get there: what the destination has is the denial in their place. The transfer
 * ends as it did there, with an entry of its own, and nothing of the doses is owed any more. */
static struct vrx_result end_denied(struct vrx_context *context, const struct vrx_arrival *arrival,
    const struct vrx_transfer_denial *denial) {
    const struct vrx_municipality_code *from = &arrival->envelope->from;
    const uint8_t *id = arrival->envelope->query_id;
    const struct vrx_audit_facts own = context->audit;
    VRX_TRY(vrx_transfer_in_denied(context->tenant, from, id, arrival->content, context->now));
    VRX_TRY(vrx_dossier_denied(context->tenant, from, id));
    VRX_TRY(vrx_dose_sent_forget(context->tenant, from, id));
    context->audit.has_commitment = true;
    memcpy(context->audit.commitment, denial->tie.answer_digest, VRX_DIGEST);
    vrx_context_in_dossier(context, from, id);
    VRX_TRY(vrx_exchange_record_end(context, denial->reason));
    context->audit = own;
    return vrx_ok();
}

/* What the receipt is of: the answer, or the denial in the place of doses that were sent. */
static struct vrx_result find_receipted(struct vrx_context *context,
    const struct vrx_receipt *receipt, const struct vrx_transfer_in *transfer,
    struct vrx_transfer_denial *ret_denial, bool *ret_of_denial) {
    *ret_of_denial = false;
    if (vrx_receipt_transfer_equal(receipt->transfer, &transfer->tie))
        return vrx_ok();
    struct vrx_result denied = vrx_transfer_in_denial(
        context->tenant, &context->arena, &transfer->sender, transfer->query_id, ret_denial);
    if (!vrx_is_ok(denied) && denied.reason != VRX_NOT_FOUND)
        return denied;
    *ret_of_denial = vrx_is_ok(denied) && transfer->state == VRX_TRANSFER_ANSWERED &&
                     vrx_receipt_transfer_equal(receipt->transfer, &ret_denial->tie);
    return *ret_of_denial
               ? vrx_ok()
               : vrx_refuse(VRX_RECEIPT_MISMATCH, "receipt.transfer: of the answer that was sent");
}

static struct vrx_result put_receipt(struct vrx_context *context, const struct vrx_arrival *arrival,
    const struct vrx_receipt *receipt, struct vrx_receipt_transfer *ret_tie) {
    const struct vrx_envelope *envelope = arrival->envelope;
    struct vrx_transfer_in transfer;
    struct vrx_transfer_denial denial;
    bool of_denial = false;
    VRX_TRY(vrx_transfer_in_get(
        context->tenant, &context->arena, &envelope->from, envelope->query_id, &transfer));
    VRX_TRY(find_receipted(context, receipt, &transfer, &denial, &of_denial));
    VRX_TRY(vrx_timely_receipt(receipt, transfer.received_at, context->now));
    /* Of nothing that left nobody need be noted; who was kept back is not told by the time. */
    if (transfer.state == VRX_TRANSFER_ANSWERED)
        VRX_TRY(vrx_decision_about(context, transfer.resident, true));
    *ret_tie = of_denial ? denial.tie : transfer.tie;
    VRX_TRY(vrx_exchange_basis(context, ret_tie->permit_id, ret_tie->without_consent));
    VRX_TRY(of_denial ? end_denied(context, arrival, &denial)
                      : vrx_transfer_in_receipted(context->tenant, &envelope->from,
                            envelope->query_id, arrival->content, context->now));
    vrx_context_in_dossier(context, &envelope->from, envelope->query_id);
    return vrx_ok();
}

struct vrx_result vrx_exchange_take_receipt(
    struct vrx_context *context, const struct vrx_arrival *arrival, struct vrx_receipt *reply) {
    const struct vrx_envelope *envelope = arrival->envelope;
    struct vrx_receipt receipt;
    VRX_TRY(vrx_entry_verify(
        arrival->sender, &vrx_receipt_schema, arrival->content, &context->arena, &receipt));
    if (receipt.kind != VRX_ENVELOPE_ANSWER || receipt.transfer_count != 1 ||
        memcmp(receipt.id, envelope->query_id, VRX_ID) != 0 ||
        memcmp(receipt.digest, receipt.transfer->answer_digest, VRX_DIGEST) != 0 ||
        !vrx_municipality_code_equal(&receipt.signer, &envelope->from) ||
        !vrx_municipality_code_equal(&receipt.sender, &context->slot->code))
        return vrx_refuse(VRX_RECEIPT_MISMATCH, "receipt: as its envelope, of an answer of ours");
    struct vrx_receipt_transfer tie;
    VRX_TRY(put_receipt(context, arrival, &receipt, &tie));
    reply->transfer = vrx_arena_alloc(&context->arena, sizeof *reply->transfer);
    if (!reply->transfer)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *reply->transfer = tie;
    reply->transfer_count = 1;
    return vrx_ok();
}

/* ---- what comes back to a message of the outbox ---- */

struct acknowledgement {
    struct vrx_outbox_message message;
    struct vrx_envelope routing;
    struct vrx_buffer content;
    struct vrx_receipt receipt;
};

static struct vrx_result verify_acknowledgement(
    struct vrx_context *context, const struct vrx_law *law, struct acknowledgement *came) {
    const struct vrx_outbox_key *key = &came->message.key;
    const struct vrx_envelope *routing = &came->routing;
    const struct vrx_receipt *receipt = &came->receipt;
    if (routing->kind != VRX_ENVELOPE_RECEIPT ||
        !vrx_municipality_code_equal(&routing->to, &context->slot->code) ||
        !vrx_municipality_code_equal(&routing->from, &key->to))
        return vrx_fail(VRX_QUERY_NOT_FOR_US);
    const struct vrx_directory_entry *entry = NULL;
    VRX_TRY(vrx_directory_find(&law->directory, &key->to, context->now, &entry));
    VRX_TRY(vrx_context_open_envelope(context, routing, &came->content));
    VRX_TRY(vrx_entry_verify(entry, &vrx_receipt_schema, vrx_buffer_view(&came->content),
        &context->arena, &came->receipt));
    if (receipt->kind != (uint64_t)key->kind || memcmp(receipt->id, key->id, VRX_ID) != 0 ||
        memcmp(receipt->digest, came->message.digest, VRX_DIGEST) != 0 ||
        !vrx_municipality_code_equal(&receipt->signer, &key->to) ||
        !vrx_municipality_code_equal(&receipt->sender, &context->slot->code))
        return vrx_refuse(VRX_RECEIPT_MISMATCH, "receipt.digest: of the message that was sent");
    return vrx_timely_receipt(receipt, came->message.created_at, context->now);
}

/* What our own receipt said, by the answer as it was kept: it was verified when it came. */
static struct vrx_result said_before(struct vrx_context *context,
    const struct vrx_transfer_out *transfer, struct vrx_receipt_transfer *ret_tie) {
    struct vrx_sign1 parts;
    struct vrx_answer answer;
    VRX_TRY(vrx_sign1_parse(transfer->answer, &parts));
    VRX_TRY(vrx_object_decode(&vrx_answer_schema, parts.payload, &context->arena, &answer));
    *ret_tie = vrx_exchange_tie(transfer, &answer);
    memcpy(ret_tie->answer_digest, transfer->answer_digest, VRX_DIGEST);
    return vrx_ok();
}

/* The origin's receipt says the same of the transfer as ours did. */
static struct vrx_result close_transfer(
    struct vrx_context *context, const struct acknowledgement *came) {
    struct vrx_transfer_out transfer;
    struct vrx_receipt_transfer said;
    const struct vrx_receipt *receipt = &came->receipt;
    VRX_TRY(
        vrx_transfer_out_get(context->tenant, &context->arena, came->message.key.id, &transfer));
    VRX_TRY(said_before(context, &transfer, &said));
    if (receipt->transfer_count != 1 || !vrx_receipt_transfer_equal(receipt->transfer, &said))
        return vrx_refuse(VRX_RECEIPT_MISMATCH, "receipt.transfer: of the answer that came");
    VRX_TRY(vrx_exchange_basis(
        context, receipt->transfer->permit_id, receipt->transfer->without_consent));
    VRX_TRY(vrx_transfer_out_receipted(
        context->tenant, transfer.query_id, vrx_buffer_view(&came->content)));
    vrx_context_in_dossier(context, NULL, transfer.query_id);
    return vrx_ok();
}

static struct vrx_result take_verified(struct vrx_context *context, struct acknowledgement *came) {
    struct vrx_view content = vrx_buffer_view(&came->content);
    if (came->message.resident)
        VRX_TRY(vrx_context_about(context, came->message.resident));
    if (came->message.key.kind == VRX_ENVELOPE_RECEIPT)
        VRX_TRY(close_transfer(context, came));
    context->audit.has_commitment = true;
    VRX_TRY(vrx_sha256(content, context->audit.commitment));
    return vrx_outbox_done(context->tenant, &came->message.key, content, context->now);
}

static struct vrx_result take_acknowledgement(struct vrx_context *context,
    const struct vrx_outbox_key *key, struct vrx_view envelope, struct acknowledgement *came) {
    VRX_TRY(vrx_outbox_get(context->tenant, &context->arena, key, &came->message));
    if (came->message.state == VRX_OUTBOX_DONE)
        return vrx_ok(); /* it came twice */
    VRX_TRY(vrx_object_decode(&vrx_envelope_schema, envelope, &context->arena, &came->routing));
    const struct vrx_law *law = vrx_law_hold(context->daemon->law);
    struct vrx_result verified = verify_acknowledgement(context, law, came);
    vrx_law_release(context->daemon->law, law);
    VRX_TRY(verified);
    return take_verified(context, came);
}

struct vrx_result vrx_exchange_take_acknowledgement(
    struct vrx_context *context, const struct vrx_outbox_key *key, struct vrx_view envelope) {
    struct acknowledgement came = {0};
    struct vrx_result result = take_acknowledgement(context, key, envelope, &came);
    vrx_buffer_done(&came.content);
    return result;
}
