/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine does inside a transaction, without threads and without a wire: the time is
 * context->now, what goes out is handed over. Who carries it (engine.c, a test with a clock of its
 * own) adds nothing to what is decided.
 */
#ifndef VRX_EXCHANGE_STEPS_H
#define VRX_EXCHANGE_STEPS_H

#include "dispatch/context.h"
#include "objects/envelope.h"

/* A sealed message that leaves. */
struct vrx_sending {
    struct vrx_municipality_code to;
    enum vrx_envelope_kind kind;
    uint8_t query_id[VRX_ID]; /* as in the envelope */
    struct vrx_buffer envelope;
};

struct vrx_sendings {
    struct vrx_sending *items; /* malloc'ed */
    size_t count;
    int64_t next; /* when there is something to send again; 0: nothing waits */
};

void vrx_sendings_done(struct vrx_sendings *sendings);

/* The destination's queries that are due, and the messages of the outbox: each is handed out with
 * its next attempt set, or ends here, with an entry, because its deadline has passed or its consent
 * was revoked. What was asked on applications ends too when its time is over. sendings is empty;
 * the caller ends it also when this fails. Errors: the store's. */
struct vrx_result vrx_exchange_send_due(struct vrx_context *context, struct vrx_sendings *sendings);

/* A message that came in: query, receipt or notice. Appends the sealed reply. *ret_decision is the
 * refusal inside the answer to a query, or VRX_OK. Errors: vrx_exchange_receive_query's,
 * vrx_exchange_receive_message's. */
struct vrx_result vrx_exchange_receive(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_buffer *out, struct vrx_result *ret_decision);

/* Its entry, unless it is written already. */
struct vrx_result vrx_exchange_record_receive(struct vrx_context *context, struct vrx_view envelope,
    struct vrx_result outcome, struct vrx_result decision);

/* The reply to what this municipality sent, and its entry. Errors: vrx_exchange_receive_answer's,
 * vrx_exchange_take_acknowledgement's. */
struct vrx_result vrx_exchange_accept(
    struct vrx_context *context, const struct vrx_sending *sent, struct vrx_view reply);
struct vrx_result vrx_exchange_record_accept(
    struct vrx_context *context, const struct vrx_sending *sent, struct vrx_result outcome);

/* The entry of a query that this municipality received. */
struct vrx_result vrx_exchange_record_query(
    struct vrx_context *context, struct vrx_result outcome, struct vrx_result decision);

/* The entry of an answer that this municipality received, unless it is written already. */
struct vrx_result vrx_exchange_record_answer(
    struct vrx_context *context, struct vrx_result outcome);

#endif
