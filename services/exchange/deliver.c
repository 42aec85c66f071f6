/* SPDX-License-Identifier: Apache-2.0
 *
 * Peer.Deliver: another daemon hands over messages of one of its municipalities to one of ours. Who
 * calls is known by the certificate; for whom it speaks, by the directory; what it brings is
 * verified as everything is that comes from elsewhere.
 */
#include "dispatch/caller.h"
#include "dispatch/dispatch.h"
#include "dispatch/message.h"
#include "exchange/batch.h"
#include "exchange/handlers.h"

static struct vrx_result municipality(const char *text, struct vrx_municipality_code *ret_code) {
    return vrx_municipality_code_parse(vrx_view_text(text), ret_code);
}

struct vrx_result vrx_exchange_route_delivery(struct vrx_context *context, const void *request) {
    const Vrx__V1__DeliverRequest *in = request;
    struct vrx_municipality_code from;
    struct vrx_municipality_code to;
    struct vrx_slot *slot = NULL;
    VRX_TRY(municipality(in->from_municipality, &from));
    VRX_TRY(municipality(in->to_municipality, &to));
    if (!in->n_envelopes)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "envelopes");
    if (in->n_envelopes > VRX_BATCH_MESSAGES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "envelopes");
    VRX_TRY(vrx_caller_speaks_for(context, &from));
    VRX_TRY(vrx_daemon_slot(context->daemon, &to, &slot));
    if (!vrx_slot_is_open(slot))
        return vrx_refuse(VRX_TENANT_SEALED, "vault: a sealed tenant answers nothing");
    context->slot = slot;
    return vrx_ok();
}

static struct vrx_result put_reply(struct vrx_arena *arena, const struct vrx_delivery *delivery,
    Vrx__V1__DeliverReply **ret_reply) {
    Vrx__V1__DeliverReply *reply = vrx_arena_alloc(arena, sizeof *reply);
    if (!reply)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__deliver_reply__init(reply);
    *ret_reply = reply;
    const struct vrx_result outcome = delivery->outcome;
    if (vrx_is_ok(outcome))
        return vrx_message_put_bytes(arena, vrx_buffer_view(&delivery->reply), &reply->envelope);
    reply->retry_ms = outcome.retry_ms;
    VRX_TRY(
        vrx_arena_string(arena, vrx_view_text(vrx_reason_name(outcome.reason)), &reply->reason));
    return vrx_arena_string(
        arena, vrx_view_text(outcome.clause ? outcome.clause : ""), &reply->clause);
}

static struct vrx_result put_replies(struct vrx_arena *arena, const struct vrx_delivery *deliveries,
    size_t count, Vrx__V1__DeliverResponse *out) {
    out->replies = vrx_arena_alloc_array(arena, count, sizeof *out->replies);
    if (!out->replies)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(put_reply(arena, &deliveries[i], &out->replies[i]));
    out->n_replies = count;
    return vrx_ok();
}

/* Each message has its own entry, and so the call has none. */
struct vrx_result vrx_exchange_deliver(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__DeliverRequest *in = request;
    struct vrx_delivery deliveries[VRX_BATCH_MESSAGES] = {0};
    struct vrx_municipality_code from;
    VRX_TRY(municipality(in->from_municipality, &from));
    for (size_t i = 0; i < in->n_envelopes; i++)
        deliveries[i].envelope = vrx_view_of(in->envelopes[i].data, in->envelopes[i].len);
    struct vrx_result result = vrx_exchange_receive_all(
        context->slot, context->tenant, &from, deliveries, in->n_envelopes, &context->raised);
    if (vrx_is_ok(result))
        result = put_replies(&context->arena, deliveries, in->n_envelopes, reply);
    for (size_t i = 0; i < in->n_envelopes; i++)
        vrx_buffer_done(&deliveries[i].reply);
    context->audit.written = vrx_is_ok(result);
    return result;
}

void vrx_exchange_delivered(struct vrx_context *context) {
    vrx_dispatch_wake(context->slot);
}
