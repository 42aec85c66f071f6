/* SPDX-License-Identifier: Apache-2.0
 *
 * See arrivals.h: the table, then what is done with every message.
 */
#include "exchange/arrivals.h"

#include "crypto/hash.h"
#include "dispatch/signed.h"
#include "exchange/elsewhere.h"
#include "exchange/handlers.h"
#include "exchange/notices.h"
#include "exchange/receipts.h"
#include "exchange/standing.h"
#include "store/arrival.h"

static const struct vrx_arrival_kind kinds[] = {
    {VRX_ENVELOPE_RECEIPT, "exchange/receipt", VRX_EXCHANGE_PURPOSE, vrx_exchange_take_receipt},
    {VRX_ENVELOPE_CONSENT_NOTICE, "exchange/consent-notice", VRX_EXCHANGE_PURPOSE,
        vrx_exchange_take_consent_notice},
    {VRX_ENVELOPE_CORRECTION_NOTICE, "exchange/correction", VRX_EXCHANGE_PURPOSE, vrx_notices_take},
    {VRX_ENVELOPE_CERTIFICATE_QUERY, "exchange/certificate-query", VRX_ELSEWHERE_PURPOSE,
        vrx_elsewhere_take_query},
    {VRX_ENVELOPE_CERTIFICATE_REPLY, "exchange/certificate-reply", VRX_ELSEWHERE_PURPOSE,
        vrx_elsewhere_take_reply},
};

const struct vrx_arrival_kind *vrx_arrival_kind_of(uint64_t kind) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if ((uint64_t)kinds[i].kind == kind)
            return &kinds[i];
    return NULL;
}

static struct vrx_result open_content(
    struct vrx_context *context, struct vrx_arrival *arrival, struct vrx_buffer *content) {
    const struct vrx_envelope *envelope = arrival->envelope;
    VRX_TRY(vrx_directory_find(
        &arrival->law->directory, &envelope->from, context->now, &arrival->sender));
    VRX_TRY(vrx_context_open_envelope(context, envelope, content));
    arrival->content = vrx_buffer_view(content);
    return vrx_sha256(arrival->content, arrival->digest);
}

static struct vrx_result acknowledge(struct vrx_context *context, const struct vrx_arrival *arrival,
    struct vrx_receipt *reply, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer receipt = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer envelope = {0};
    VRX_TRY(vrx_exchange_sign_receipt(context, reply, &receipt));
    struct vrx_envelope routing = {
        .kind = VRX_ENVELOPE_RECEIPT, .from = context->slot->code, .to = arrival->envelope->from};
    memcpy(routing.query_id, arrival->envelope->query_id, VRX_ID);
    VRX_TRY(vrx_exchange_seal(
        context, arrival->sender, &routing, vrx_buffer_view(&receipt), &envelope));
    struct vrx_arrival_record record = {
        .sender = arrival->envelope->from,
        .kind = (enum vrx_envelope_kind)arrival->envelope->kind,
        .acknowledgement = vrx_buffer_view(&envelope),
        .arrived_at = context->now,
    };
    memcpy(record.id, arrival->envelope->query_id, VRX_ID);
    memcpy(record.digest, arrival->digest, VRX_DIGEST);
    VRX_TRY(vrx_arrival_put(context->tenant, &record));
    return vrx_buffer_append(out, vrx_buffer_view(&envelope));
}

/* A message that is new here. The entry goes before the receipt, whose ledger then has it. */
static struct vrx_result take(struct vrx_context *context, const struct vrx_arrival_kind *kind,
    const struct vrx_arrival *arrival, struct vrx_buffer *out) {
    struct vrx_receipt *reply = vrx_arena_alloc(&context->arena, sizeof *reply);
    if (!reply)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *reply = (struct vrx_receipt){
        .signer = context->slot->code,
        .sender = arrival->envelope->from,
        .kind = arrival->envelope->kind,
    };
    memcpy(reply->id, arrival->envelope->query_id, VRX_ID);
    memcpy(reply->digest, arrival->digest, VRX_DIGEST);
    VRX_TRY(kind->take(context, arrival, reply));
    struct vrx_audit_facts *facts = &context->audit;
    if (!facts->has_commitment)
        memcpy(facts->commitment, arrival->digest, VRX_DIGEST);
    facts->has_commitment = true;
    VRX_TRY(vrx_context_record(context, kind->method, kind->purpose, facts, VRX_OK, NULL));
    facts->written = true;
    return acknowledge(context, arrival, reply, out);
}

static struct vrx_result receive(struct vrx_context *context, const struct vrx_arrival_kind *kind,
    struct vrx_arrival *arrival, struct vrx_buffer *content, struct vrx_buffer *out) {
    const struct vrx_envelope *envelope = arrival->envelope;
    VRX_TRY(open_content(context, arrival, content));
    struct vrx_arrival_record seen;
    struct vrx_result known = vrx_arrival_get(
        context->tenant, &context->arena, &envelope->from, kind->kind, envelope->query_id, &seen);
    if (known.reason == VRX_NOT_FOUND)
        return take(context, kind, arrival, out);
    VRX_TRY(known);
    if (memcmp(seen.digest, arrival->digest, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_QUERY_REPLAYED, "message: one id, one content");
    return vrx_buffer_append(out, seen.acknowledgement);
}

struct vrx_result vrx_exchange_receive_message(
    struct vrx_context *context, struct vrx_view envelope, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer content = {0};
    struct vrx_envelope routing;
    VRX_TRY(vrx_object_decode(&vrx_envelope_schema, envelope, &context->arena, &routing));
    if (!vrx_municipality_code_equal(&routing.to, &context->slot->code))
        return vrx_fail(VRX_QUERY_NOT_FOR_US);
    const struct vrx_arrival_kind *kind = vrx_arrival_kind_of(routing.kind);
    if (!kind)
        return vrx_refuse(VRX_MESSAGE_KIND, "envelope.kind");
    struct vrx_arrival arrival = {
        .law = vrx_law_hold(context->daemon->law), .arrived = envelope, .envelope = &routing};
    struct vrx_result result = receive(context, kind, &arrival, &content, out);
    vrx_law_release(context->daemon->law, arrival.law);
    return result;
}
