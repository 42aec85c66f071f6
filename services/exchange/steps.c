/* SPDX-License-Identifier: Apache-2.0
 *
 * See steps.h. When a message goes out again: doubled waits, spread by the message's random id, and
 * never past the deadline.
 */
#include "exchange/steps.h"

#include <stdlib.h>

#include "dispatch/alert.h"
#include "exchange/arrivals.h"
#include "exchange/decide.h"
#include "exchange/elsewhere.h"
#include "exchange/handlers.h"
#include "exchange/notices.h"
#include "exchange/receipts.h"
#include "exchange/standing.h"
#include "store/transfer_out.h"

#define SENDS_AT_ONCE 96 /* of queries, and of messages */
#define FIRST_RETRY 2    /* seconds; doubled at each attempt */
#define LAST_RETRY 1024  /* seconds, of what time alone may help */
/* Seconds, of a message that the other side refused for what it is, until somebody puts something
 * right there or here: in the 90 days of an outbox some 400 attempts in place of 6,000. It comes
 * this far after half a day. */
#define LAST_RETRY_REFUSED 16384

void vrx_sendings_done(struct vrx_sendings *sendings) {
    for (size_t i = 0; i < sendings->count; i++)
        vrx_buffer_done(&sendings->items[i].envelope);
    free(sendings->items);
    *sendings = (struct vrx_sendings){0};
}

/* Spread by the message's random id, so that one peer's return is not met by all at once. */
static int64_t next_attempt(
    uint64_t attempts, int64_t longest, const uint8_t id[VRX_ID], int64_t deadline, int64_t now) {
    int64_t wait = FIRST_RETRY;
    while (attempts-- && wait < longest)
        wait *= 2;
    wait += (id[0] << 8 | id[1]) % (wait / 2 + 1);
    return now + wait < deadline ? now + wait : deadline + 1;
}

/* Ends a transfer from this side: its deadline has passed, or its consent does not cover it any
 * more.
 */
static struct vrx_result end_one(
    struct vrx_context *context, const struct vrx_transfer_out *transfer, struct vrx_result why) {
    const uint8_t *id = transfer->query_id;
    context->audit = (struct vrx_audit_facts){0};
    VRX_TRY(vrx_context_about(context, transfer->resident));
    VRX_TRY(why.reason == VRX_QUERY_EXPIRED
                ? vrx_transfer_out_advance(context->tenant, id, VRX_TRANSFER_EXPIRED, context->now)
                : vrx_transfer_out_deny(
                      context->tenant, id, why.reason, vrx_view_text(why.clause), context->now));
    vrx_context_in_dossier(context, NULL, id);
    return vrx_exchange_record_end(context, why.reason);
}

static struct vrx_result hand_out(struct vrx_sendings *sendings,
    const struct vrx_municipality_code *to, enum vrx_envelope_kind kind, const uint8_t id[VRX_ID],
    struct vrx_view envelope) {
    struct vrx_sending *sending = &sendings->items[sendings->count];
    sending->to = *to;
    sending->kind = kind;
    memcpy(sending->query_id, id, VRX_ID);
    sendings->count++;
    return vrx_buffer_append(&sending->envelope, envelope);
}

static struct vrx_result send_one(struct vrx_context *context,
    const struct vrx_transfer_out *transfer, struct vrx_sendings *sendings) {
    if (transfer->deadline < context->now)
        return end_one(context, transfer, vrx_fail(VRX_QUERY_EXPIRED));
    /* The query carries the consent as it was then; what became of it is known here first. */
    struct vrx_result stands = vrx_exchange_transfer_stands(context, transfer);
    if (vrx_reason_category(stands.reason) == VRX_CATEGORY_AUTH)
        return end_one(context, transfer, stands);
    VRX_TRY(stands);
    VRX_TRY(vrx_transfer_out_attempted(context->tenant, transfer->query_id,
        next_attempt(
            transfer->attempts, LAST_RETRY, transfer->query_id, transfer->deadline, context->now)));
    return hand_out(
        sendings, &transfer->origin, VRX_ENVELOPE_QUERY, transfer->query_id, transfer->query);
}

/* A peer that is sealed, busy or out of reach says when to come, or comes back; one that cannot
 * take this message does not take it by waiting. */
static bool is_for_good(enum vrx_reason last) {
    const enum vrx_retry advice = vrx_reason_retry(last);
    return last != VRX_OK && (advice == VRX_RETRY_NEVER || advice == VRX_RETRY_CORRECTED);
}

static struct vrx_result send_message(struct vrx_context *context,
    const struct vrx_outbox_message *message, struct vrx_sendings *sendings) {
    const struct vrx_outbox_key *key = &message->key;
    if (message->deadline < context->now) {
        context->audit = (struct vrx_audit_facts){0};
        if (message->resident)
            VRX_TRY(vrx_context_about(context, message->resident));
        VRX_TRY(vrx_outbox_expire(context->tenant, key, context->now));
        return vrx_exchange_record_end(context, VRX_DEADLINE_EXCEEDED);
    }
    const int64_t longest = is_for_good(message->reason) ? LAST_RETRY_REFUSED : LAST_RETRY;
    VRX_TRY(vrx_outbox_attempted(context->tenant, key,
        next_attempt(message->attempts, longest, key->id, message->deadline, context->now)));
    return hand_out(sendings, &key->to, key->kind, key->id, message->envelope);
}

static struct vrx_result list_due(struct vrx_context *context, struct vrx_sendings *sendings) {
    struct vrx_transfer_out *queries = NULL;
    struct vrx_outbox_message *messages = NULL;
    size_t query_count = 0;
    size_t message_count = 0;
    VRX_TRY(vrx_transfer_out_list_due(
        context->tenant, &context->arena, context->now, SENDS_AT_ONCE, &queries, &query_count));
    VRX_TRY(vrx_outbox_list_due(
        context->tenant, &context->arena, context->now, SENDS_AT_ONCE, &messages, &message_count));
    sendings->items = calloc(query_count + message_count + 1, sizeof *sendings->items);
    if (!sendings->items)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < query_count; i++)
        VRX_TRY(send_one(context, &queries[i], sendings));
    for (size_t i = 0; i < message_count; i++)
        VRX_TRY(send_message(context, &messages[i], sendings));
    return vrx_ok();
}

/* Of two instants of which either may be 0: none. */
static int64_t earlier(int64_t a, int64_t b) {
    return !a || (b && b < a) ? b : a;
}

struct vrx_result vrx_exchange_send_due(
    struct vrx_context *context, struct vrx_sendings *sendings) {
    int64_t query = 0;
    int64_t message = 0;
    int64_t notice = 0;
    int64_t certificate = 0;
    VRX_TRY(vrx_notices_send(context, &notice));
    VRX_TRY(vrx_elsewhere_end_overdue(context, &certificate));
    VRX_TRY(list_due(context, sendings));
    VRX_TRY(vrx_transfer_out_next_due(context->tenant, &query));
    VRX_TRY(vrx_outbox_next_due(context->tenant, &message));
    sendings->next = earlier(earlier(query, message), earlier(notice, certificate));
    return vrx_ok();
}

/* Whose work an envelope is, as it says itself: the work looks at it again. */
static uint64_t kind_of(struct vrx_context *context, struct vrx_view envelope) {
    struct vrx_envelope routing = {0};
    struct vrx_result decoded =
        vrx_object_decode(&vrx_envelope_schema, envelope, &context->arena, &routing);
    return vrx_is_ok(decoded) ? routing.kind : VRX_ENVELOPE_QUERY;
}

struct vrx_result vrx_exchange_receive(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_buffer *out, struct vrx_result *ret_decision) {
    *ret_decision = vrx_ok();
    return kind_of(context, envelope) == VRX_ENVELOPE_QUERY
               ? vrx_exchange_receive_query(context, envelope, out, ret_decision)
               : vrx_exchange_receive_message(context, envelope, out);
}

struct vrx_result vrx_exchange_record_receive(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_result outcome, struct vrx_result decision) {
    uint64_t kind = kind_of(context, envelope);
    const struct vrx_arrival_kind *row = vrx_arrival_kind_of(kind);
    if (kind == VRX_ENVELOPE_QUERY)
        return vrx_exchange_record_query(context, outcome, decision);
    if (context->audit.written && vrx_is_ok(outcome))
        return vrx_ok();
    return vrx_context_record(context, row ? row->method : "exchange/message",
        row ? row->purpose : VRX_EXCHANGE_PURPOSE, &context->audit, outcome.reason, NULL);
}

struct vrx_result vrx_exchange_accept(
    struct vrx_context *context, const struct vrx_sending *sent, struct vrx_view reply) {
    if (sent->kind == VRX_ENVELOPE_QUERY)
        return vrx_exchange_receive_answer(context, reply);
    struct vrx_outbox_key key = {.to = sent->to, .kind = sent->kind};
    memcpy(key.id, sent->query_id, VRX_ID);
    return vrx_exchange_take_acknowledgement(context, &key, reply);
}

struct vrx_result vrx_exchange_record_accept(
    struct vrx_context *context, const struct vrx_sending *sent, struct vrx_result outcome) {
    return sent->kind == VRX_ENVELOPE_QUERY
               ? vrx_exchange_record_answer(context, outcome)
               : vrx_context_record(context, "exchange/acknowledgement", VRX_EXCHANGE_PURPOSE,
                     &context->audit, outcome.reason, NULL);
}

struct vrx_result vrx_exchange_record_query(
    struct vrx_context *context, struct vrx_result outcome, struct vrx_result decision) {
    enum vrx_reason reason = vrx_is_ok(outcome) ? decision.reason : outcome.reason;
    VRX_TRY(vrx_alert_keep(context));
    if (context->audit.written && !vrx_is_ok(outcome))
        return vrx_ok(); /* one of a flood: another entry counts it */
    return vrx_context_record(
        context, "exchange/query", VRX_EXCHANGE_PURPOSE, &context->audit, reason, NULL);
}

struct vrx_result vrx_exchange_record_answer(
    struct vrx_context *context, struct vrx_result outcome) {
    if (context->audit.written && vrx_is_ok(outcome))
        return vrx_ok();
    return vrx_context_record(
        context, "exchange/answer", VRX_EXCHANGE_PURPOSE, &context->audit, outcome.reason, NULL);
}
