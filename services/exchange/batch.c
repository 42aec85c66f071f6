/* SPDX-License-Identifier: Apache-2.0
 *
 * See batch.h. A message's context is made anew for each, so that its arena ends with it.
 */
#include "exchange/batch.h"

#include <stdio.h>

#include "base/limits.h"
#include "dispatch/log.h"
#include "store/outbox.h"
#include "store/savepoint.h"
#include "store/transfer_out.h"

/* Who acts on the other side, as the ledger names them. */
static void begin(struct vrx_context *context, struct vrx_slot *slot, struct vrx_tenant *tenant,
    const struct vrx_municipality_code *peer) {
    *context = (struct vrx_context){
        .daemon = slot->daemon,
        .slot = slot,
        .tenant = tenant,
        .random = slot->daemon->random,
        .now = vrx_clock_seconds(),
    };
    vrx_arena_init(&context->arena, VRX_LIMIT_ARENA);
    (void)snprintf(context->terminal_id, sizeof context->terminal_id, "peer:%s", peer->digits);
}

bool vrx_exchange_is_our_trouble(struct vrx_result result) {
    switch (vrx_reason_category(result.reason)) {
    case VRX_CATEGORY_IO:
    case VRX_CATEGORY_INTERNAL:
        return true;
    case VRX_CATEGORY_LIMIT:
        return result.reason == VRX_OUT_OF_MEMORY;
    case VRX_CATEGORY_CRYPTO:
        return result.reason == VRX_VAULT_DAMAGED || result.reason == VRX_CRYPTO_FAILED ||
               result.reason == VRX_RANDOM_FAILED;
    default:
        return false;
    }
}

/* Keeps what went well and takes back what did not. */
static struct vrx_result settle(
    struct vrx_tenant *tenant, const struct vrx_savepoint *point, struct vrx_result result) {
    return vrx_is_ok(result) ? vrx_savepoint_keep(tenant, point)
                             : vrx_savepoint_undo(tenant, point);
}

/* ---- the receiver ---- */

/* Who delivers for one municipality does not deliver what says that it is another's. */
static struct vrx_result check_sender(struct vrx_context *context,
    const struct vrx_municipality_code *from, struct vrx_view envelope) {
    struct vrx_envelope routing;
    VRX_TRY(vrx_object_decode(&vrx_envelope_schema, envelope, &context->arena, &routing));
    memcpy(context->request_id, routing.query_id, VRX_ID);
    if (!vrx_municipality_code_equal(&routing.from, from))
        return vrx_refuse(VRX_PEER_UNKNOWN, "envelope.from: who delivers it");
    return vrx_ok();
}

static struct vrx_result receive_one(struct vrx_context *context,
    const struct vrx_municipality_code *from, struct vrx_delivery *delivery) {
    struct vrx_result decision = vrx_ok();
    struct vrx_savepoint point;
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    struct vrx_result result = check_sender(context, from, delivery->envelope);
    if (vrx_is_ok(result))
        result = vrx_exchange_receive(context, delivery->envelope, &delivery->reply, &decision);
    VRX_TRY(settle(context->tenant, &point, result));
    if (vrx_exchange_is_our_trouble(result))
        return result;
    delivery->outcome = result;
    if (!vrx_is_ok(result))
        vrx_buffer_clear(&delivery->reply);
    return vrx_exchange_record_receive(context, delivery->envelope, result, decision);
}

struct vrx_result vrx_exchange_receive_all(struct vrx_slot *slot, struct vrx_tenant *tenant,
    const struct vrx_municipality_code *from, struct vrx_delivery *deliveries, size_t count,
    struct vrx_raised *raised) {
    struct vrx_result result = vrx_ok();
    for (size_t i = 0; i < count && vrx_is_ok(result); i++) {
        struct vrx_context context;
        begin(&context, slot, tenant, from);
        result = receive_one(&context, from, &deliveries[i]);
        raised->kept_first |= context.raised.kept_first;
        vrx_arena_done(&context.arena);
    }
    return result;
}

/* ---- the sender ---- */

/* It was refused, or did not arrive: it stays due as it is, but not before the receiver advises. */
static struct vrx_result wait_on(
    struct vrx_context *context, const struct vrx_sending *sent, struct vrx_result refused) {
    const int64_t at = context->now + (refused.retry_ms + 999) / 1000;
    if (sent->kind == VRX_ENVELOPE_QUERY)
        return refused.retry_ms ? vrx_transfer_out_postpone(context->tenant, sent->query_id, at)
                                : vrx_ok();
    struct vrx_outbox_key key = {.to = sent->to, .kind = sent->kind};
    memcpy(key.id, sent->query_id, VRX_ID);
    return vrx_outbox_refused(context->tenant, &key, refused.reason, at);
}

static struct vrx_result accept_one(struct vrx_context *context, const struct vrx_sending *sent,
    const struct vrx_delivery *delivery) {
    struct vrx_savepoint point;
    const bool came = vrx_is_ok(delivery->outcome);
    memcpy(context->request_id, sent->query_id, VRX_ID);
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    struct vrx_result result =
        came ? vrx_exchange_accept(context, sent, vrx_buffer_view(&delivery->reply))
             : wait_on(context, sent, delivery->outcome);
    VRX_TRY(settle(context->tenant, &point, result));
    if (vrx_exchange_is_our_trouble(result))
        return result;
    if (!came) /* one that was answered or ended meanwhile waits no more */
        return vrx_ok();
    if (!vrx_is_ok(result))
        vrx_log_event("exchange reply", context->slot->code.digits, result);
    return vrx_exchange_record_accept(context, sent, result);
}

struct vrx_result vrx_exchange_accept_all(struct vrx_slot *slot, struct vrx_tenant *tenant,
    const struct vrx_sending *sent, const struct vrx_delivery *deliveries, size_t count) {
    struct vrx_result result = vrx_ok();
    for (size_t i = 0; i < count && vrx_is_ok(result); i++) {
        struct vrx_context context;
        begin(&context, slot, tenant, &sent[i].to);
        result = accept_one(&context, &sent[i], &deliveries[i]);
        vrx_arena_done(&context.arena);
    }
    return result;
}
