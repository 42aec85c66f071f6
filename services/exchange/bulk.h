/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx.v1.Bulk: lists of movers, handed in (bulk_submit.c), told about and started (bulk.c), and run
 * (bulk_run.c). What each method does, who may call it and every reason stands in
 * proto/vrx/v1/bulk.proto; the lists are store/bulk.h's.
 */
#ifndef VRX_EXCHANGE_BULK_H
#define VRX_EXCHANGE_BULK_H

#include "dispatch/method.h"
#include "records/row_report.h"
#include "store/bulk.h"
#include "vrx/v1/bulk.pb-c.h"

#define VRX_BULK_PURPOSE "movers' doses in bulk (Number Act art. 19(8))"

#define VRX_LIMIT_BULK_MESSAGE 200 /* rows: a transaction of about 50 ms */

/* A hand-in between its messages. */
struct vrx_bulk_submit_state {
    struct vrx_arena arena; /* of the errors */
    bool begun;
    bool ended; /* the client has said how many rows there were */
    uint64_t rows;
    uint8_t list_id[VRX_ID];
    struct vrx_row_report report;
};
void vrx_bulk_submit_state_done(void *state);

struct vrx_bulk_watch_state {
    unsigned state; /* enum vrx_bulk_state that was told last; 0: none */
    int64_t at;     /* when */
};

/* Where the results stand. */
struct vrx_bulk_results_state {
    uint64_t after;
};

#define VRX_HANDLER(name) \
    struct vrx_result vrx_exchange_bulk_##name( \
        struct vrx_context *context, const void *request, void *reply)
VRX_HANDLER(submit);
VRX_HANDLER(start);
VRX_HANDLER(stop);
VRX_HANDLER(list);
#undef VRX_HANDLER
struct vrx_result vrx_exchange_bulk_submit_end(struct vrx_context *context, void *reply);
struct vrx_result vrx_exchange_bulk_watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
struct vrx_result vrx_exchange_bulk_results_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
void vrx_exchange_bulk_committed(struct vrx_context *context);

/* The list as callers are told, in the context's arena. */
struct vrx_result vrx_exchange_bulk_message(
    struct vrx_context *context, const struct vrx_bulk *bulk, Vrx__V1__BulkList **ret_message);
/* "bulk list 00112233…" as the basis of the entry, and the digest as what it commits to. */
struct vrx_result vrx_exchange_bulk_note(struct vrx_context *context, const struct vrx_bulk *bulk);

#define VRX_BULK_METHODS 6
extern const struct vrx_method vrx_bulk_methods[VRX_BULK_METHODS];

/* A row's own fault, that no later try changes; the rest is no row's. */
bool vrx_exchange_bulk_is_rows_own(struct vrx_result result);

struct vrx_bulk_step {
    bool found;  /* a list has rows to check or to ask */
    bool asked;  /* there are queries to send */
    bool moved;  /* somebody may want to see it */
    bool over;   /* nothing more to do before due */
    bool held;   /* or before some of what is asked was sent */
    int64_t due; /* the next look */
};
/* One step of the list that runs, in the owner's transaction; the arena is cleared before.
 * context->request_id becomes the list's. Errors, all to be tried again: those of vrx_exchange_ask
 * that are no row's own, the store's. */
struct vrx_result vrx_exchange_bulk_step(
    struct vrx_context *context, struct vrx_bulk_step *ret_step);

/* This municipality's lists want attention at that time. Any thread. */
void vrx_exchange_bulk_due(struct vrx_slot *slot, int64_t at);

/* Messages of this municipality were taken: goes on with what waited for that. Any thread. */
void vrx_exchange_bulk_sent(struct vrx_slot *slot);

/* Once a second, on the worker's tick: goes on with the lists of every unsealed municipality. */
void vrx_exchange_bulk_tick(struct vrx_daemon *daemon);

#endif
