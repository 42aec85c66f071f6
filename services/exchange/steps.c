/* SPDX-License-Identifier: Apache-2.0
 *
 * See steps.h. When a message goes out again: doubled waits, spread by the message's random id, and
 * never past the deadline.
 */
#include "exchange/steps.h"

#include <stdlib.h>

#include "exchange/handlers.h"
#include "store/consent_record.h"
#include "store/transfer_out.h"

#define SENDS_AT_ONCE 32
#define FIRST_RETRY 2   /* seconds; doubled at each attempt */
#define LAST_RETRY 1024 /* seconds */

void vrx_sendings_done(struct vrx_sendings *sendings) {
    for (size_t i = 0; i < sendings->count; i++)
        vrx_buffer_done(&sendings->items[i].envelope);
    free(sendings->items);
    *sendings = (struct vrx_sendings){0};
}

static int64_t next_attempt(const struct vrx_transfer_out *transfer, int64_t now) {
    unsigned doublings = transfer->attempts < 9 ? (unsigned)transfer->attempts : 9;
    int64_t wait = (int64_t)FIRST_RETRY << doublings;
    if (wait > LAST_RETRY)
        wait = LAST_RETRY;
    /* Spread by the random query id, so that one peer's return is not met by all at once. */
    wait += transfer->query_id[0] % (wait / 2 + 1);
    return now + wait < transfer->deadline ? now + wait : transfer->deadline + 1;
}

/* Ends a transfer from this side. */
static struct vrx_result end_one(
    struct vrx_context *context, const struct vrx_transfer_out *transfer, enum vrx_reason reason) {
    const uint8_t *id = transfer->query_id;
    context->audit = (struct vrx_audit_facts){0};
    VRX_TRY(vrx_context_about(context, transfer->resident));
    if (reason == VRX_CONSENT_REVOKED && transfer->state == VRX_TRANSFER_REQUESTED)
        VRX_TRY(vrx_transfer_out_deny(
            context->tenant, id, reason, vrx_view_text("consent.status"), context->now));
    else
        VRX_TRY(vrx_transfer_out_advance(context->tenant, id, VRX_TRANSFER_EXPIRED, context->now));
    return vrx_context_record(
        context, "exchange/end", VRX_EXCHANGE_PURPOSE, &context->audit, reason, NULL);
}

/* The query carries the consent as it was granted: whether it still stands is known here only. */
static struct vrx_result consent_stands(
    struct vrx_context *context, const struct vrx_transfer_out *transfer, bool *ret_stands) {
    struct vrx_consent_record consent = {.state = VRX_CONSENT_RECORD_GRANTED};
    if (transfer->has_consent)
        VRX_TRY(vrx_consent_record_get(
            context->tenant, &context->arena, transfer->consent_id, &consent));
    *ret_stands = consent.state == VRX_CONSENT_RECORD_GRANTED;
    return vrx_ok();
}

static struct vrx_result send_one(struct vrx_context *context,
    const struct vrx_transfer_out *transfer, struct vrx_sendings *sendings) {
    struct vrx_sending *sending = &sendings->items[sendings->count];
    bool stands = false;
    if (transfer->deadline < context->now)
        return end_one(context, transfer, VRX_QUERY_EXPIRED);
    VRX_TRY(consent_stands(context, transfer, &stands));
    if (!stands)
        return end_one(context, transfer, VRX_CONSENT_REVOKED);
    VRX_TRY(vrx_transfer_out_attempted(
        context->tenant, transfer->query_id, next_attempt(transfer, context->now)));
    VRX_TRY(vrx_buffer_append(&sending->envelope, transfer->query));
    sending->to = transfer->origin;
    memcpy(sending->query_id, transfer->query_id, VRX_ID);
    sendings->count++;
    return vrx_ok();
}

struct vrx_result vrx_exchange_send_due(
    struct vrx_context *context, struct vrx_sendings *sendings) {
    struct vrx_transfer_out *due = NULL;
    size_t count = 0;
    VRX_TRY(vrx_transfer_out_list_due(
        context->tenant, &context->arena, context->now, SENDS_AT_ONCE, &due, &count));
    sendings->items = calloc(count + 1, sizeof *sendings->items);
    if (!sendings->items)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(send_one(context, &due[i], sendings));
    return vrx_transfer_out_next_due(context->tenant, &sendings->next);
}

struct vrx_result vrx_exchange_record_query(
    struct vrx_context *context, struct vrx_result outcome, struct vrx_result decision) {
    enum vrx_reason reason = vrx_is_ok(outcome) ? decision.reason : outcome.reason;
    return vrx_context_record(
        context, "exchange/query", VRX_EXCHANGE_PURPOSE, &context->audit, reason, NULL);
}

struct vrx_result vrx_exchange_record_answer(
    struct vrx_context *context, struct vrx_result outcome) {
    return vrx_context_record(
        context, "exchange/answer", VRX_EXCHANGE_PURPOSE, &context->audit, outcome.reason, NULL);
}
