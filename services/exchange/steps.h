/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine does inside a transaction, without threads and without a wire: the time is
 * context->now, what goes out is handed over. Who carries it (engine.c, a test with a clock of its
 * own) adds nothing to what is decided.
 */
#ifndef VRX_EXCHANGE_STEPS_H
#define VRX_EXCHANGE_STEPS_H

#include "dispatch/context.h"

/* A sealed message that leaves. */
struct vrx_sending {
    struct vrx_municipality_code to;
    uint8_t query_id[VRX_ID];
    struct vrx_buffer envelope;
};

struct vrx_sendings {
    struct vrx_sending *items; /* malloc'ed */
    size_t count;
    int64_t next; /* when there is something to send again; 0: nothing waits */
};

void vrx_sendings_done(struct vrx_sendings *sendings);

/* The destination's queries that are due: each is handed out with its next attempt set, or ends
 * here, with an entry, because its deadline has passed or its consent was revoked. sendings is
 * empty; the caller ends it also when this fails. Errors: the store's. */
struct vrx_result vrx_exchange_send_due(struct vrx_context *context, struct vrx_sendings *sendings);

/* The entry of a query that this municipality received. */
struct vrx_result vrx_exchange_record_query(
    struct vrx_context *context, struct vrx_result outcome, struct vrx_result decision);

/* The entry of an answer that this municipality received. */
struct vrx_result vrx_exchange_record_answer(
    struct vrx_context *context, struct vrx_result outcome);

#endif
