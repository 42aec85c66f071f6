/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists as callers are told of them, their start and their stop; and the table of the methods.
 * Next: bulk_submit.c, bulk_run.c.
 */
#include "exchange/bulk.h"

#include "base/encode.h"
#include "dispatch/message.h"
#include "store/signer.h"

#define RESULTS_A_MESSAGE 250

struct vrx_result vrx_exchange_bulk_note(struct vrx_context *context, const struct vrx_bulk *bulk) {
    char hex[2 * VRX_ID + 1];
    char *text = NULL;
    vrx_hex_string(vrx_view_of(bulk->id, VRX_ID), hex);
    VRX_TRY(vrx_arena_format(&context->arena, &text, "bulk list %s", hex));
    context->audit.basis = vrx_view_text(text);
    memcpy(context->audit.commitment, bulk->digest, VRX_DIGEST);
    context->audit.has_commitment = true;
    return vrx_ok();
}

static struct vrx_result find(
    struct vrx_context *context, ProtobufCBinaryData id, struct vrx_bulk *ret_bulk) {
    uint8_t bytes[VRX_ID];
    VRX_TRY(vrx_message_fixed(id, VRX_ID, bytes));
    VRX_TRY(vrx_bulk_get(context->tenant, &context->arena, bytes, ret_bulk));
    return vrx_exchange_bulk_note(context, ret_bulk);
}

/* ---- as told ---- */

static struct vrx_result put_counts(
    struct vrx_context *context, const struct vrx_bulk *bulk, Vrx__V1__BulkList *message) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_bulk_counts counts;
    VRX_TRY(vrx_bulk_count(context->tenant, bulk->key, &counts));
    Vrx__V1__BulkCount *rows = vrx_arena_alloc_array(arena, VRX_TRANSFER_IMPORTED, sizeof *rows);
    message->transfers =
        vrx_arena_alloc_array(arena, VRX_TRANSFER_IMPORTED, sizeof *message->transfers);
    if (!rows || !message->transfers)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (unsigned state = 1; state <= VRX_TRANSFER_IMPORTED; state++) {
        if (!counts.transfers[state])
            continue;
        Vrx__V1__BulkCount *row = &rows[message->n_transfers];
        vrx__v1__bulk_count__init(row);
        row->state = (Vrx__V1__TransferState)state;
        row->count = counts.transfers[state];
        message->transfers[message->n_transfers++] = row;
    }
    return vrx_ok();
}

struct vrx_result vrx_exchange_bulk_message(
    struct vrx_context *context, const struct vrx_bulk *bulk, Vrx__V1__BulkList **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__BulkList *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__bulk_list__init(message);
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(bulk->id, VRX_ID), &message->list_id));
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(bulk->digest, VRX_DIGEST), &message->digest));
    VRX_TRY(vrx_message_put_bytes(arena, bulk->object, &message->signed_list));
    VRX_TRY(vrx_arena_string(arena, bulk->operator_id, &message->submitted_by));
    VRX_TRY(vrx_arena_string(arena, bulk->terminal_id, &message->submitted_terminal));
    message->state = (Vrx__V1__BulkState)bulk->state;
    message->rows = bulk->rows;
    message->refused = bulk->refused;
    message->submitted_at = bulk->begun_at;
    message->started_at = bulk->started_at;
    message->ended_at = bulk->ended_at;
    message->asked = bulk->asked;
    message->turned_down = bulk->turned_down;
    VRX_TRY(put_counts(context, bulk, message));
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_exchange_bulk_list(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__ListBulksResponse *out = reply;
    struct vrx_bulk *bulks = NULL;
    size_t count = 0;
    VRX_TRY(vrx_bulk_list_all(context->tenant, &context->arena, VRX_LIMIT_PAGE, &bulks, &count));
    out->lists = vrx_arena_alloc_array(&context->arena, count, sizeof *out->lists);
    if (!out->lists)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_exchange_bulk_message(context, &bulks[i], &out->lists[i]));
    out->n_lists = count;
    return vrx_ok();
}

static bool has_ended(const struct vrx_bulk *bulk) {
    return bulk->state > VRX_BULK_RUNNING;
}

/* A list moves with each of its queries: what is told at most once a second is not counted more
 * often either. The end is told at once. */
struct vrx_result vrx_exchange_bulk_watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Vrx__V1__WatchBulkRequest *in = request;
    Vrx__V1__WatchBulkResponse *out = reply;
    struct vrx_bulk_watch_state *state = context->state;
    struct vrx_bulk bulk;
    bool waiting = false;
    VRX_TRY(find(context, in->list_id, &bulk));
    VRX_TRY(vrx_bulk_is_waiting(context->tenant, bulk.key, &waiting));
    bool last = has_ended(&bulk) && !waiting;
    if (!last && state->state == (unsigned)bulk.state && state->at == context->now) {
        *ret_next = VRX_NEXT_IDLE;
        return vrx_ok();
    }
    state->state = (unsigned)bulk.state;
    state->at = context->now;
    VRX_TRY(vrx_exchange_bulk_message(context, &bulk, &out->list));
    *ret_next = last ? VRX_NEXT_LAST : VRX_NEXT_WAIT;
    return vrx_ok();
}

static struct vrx_result put_result(struct vrx_context *context,
    const struct vrx_bulk_result *result, Vrx__V1__BulkResult **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__BulkResult *message = vrx_arena_alloc(arena, sizeof *message);
    static const uint8_t none[VRX_ID];
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__bulk_result__init(message);
    message->line = result->line;
    message->state = (Vrx__V1__BulkRowState)result->state;
    message->transfer = (Vrx__V1__TransferState)result->transfer;
    message->doses_imported = (uint32_t)result->doses_imported;
    message->doses_known = (uint32_t)result->doses_known;
    if (memcmp(result->query_id, none, VRX_ID) != 0)
        VRX_TRY(vrx_message_put_bytes(
            arena, vrx_view_of(result->query_id, VRX_ID), &message->query_id));
    if (result->reason != VRX_OK)
        VRX_TRY(vrx_arena_string(
            arena, vrx_view_text(vrx_reason_name(result->reason)), &message->reason));
    VRX_TRY(vrx_arena_string(arena, result->clause, &message->clause));
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_exchange_bulk_results_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Vrx__V1__GetBulkResultsRequest *in = request;
    Vrx__V1__GetBulkResultsResponse *out = reply;
    struct vrx_bulk_results_state *state = context->state;
    struct vrx_bulk bulk;
    struct vrx_bulk_result *results = NULL;
    size_t count = 0;
    VRX_TRY(find(context, in->list_id, &bulk));
    VRX_TRY(vrx_bulk_results(context->tenant, &context->arena, bulk.key, state->after,
        RESULTS_A_MESSAGE, &results, &count));
    *ret_next = count == RESULTS_A_MESSAGE ? VRX_NEXT_MORE : count ? VRX_NEXT_LAST : VRX_NEXT_DONE;
    if (!count)
        return vrx_ok();
    out->results = vrx_arena_alloc_array(&context->arena, count, sizeof *out->results);
    if (!out->results)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(put_result(context, &results[i], &out->results[i]));
    out->n_results = count;
    state->after = results[count - 1].number;
    return vrx_ok();
}

/* ---- moved ---- */

/* What was agreed to is the digest that the municipality signed over these rows. */
struct vrx_result vrx_exchange_bulk_start(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__StartBulkRequest *in = request;
    uint8_t digest[VRX_DIGEST];
    struct vrx_bulk bulk;
    struct vrx_bulk_list signed_list;
    VRX_TRY(vrx_message_fixed(in->digest, VRX_DIGEST, digest));
    VRX_TRY(find(context, in->list_id, &bulk));
    if (bulk.state != VRX_BULK_SUBMITTED)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_signer_verify(
        context->tenant, &vrx_bulk_list_schema, bulk.object, &context->arena, &signed_list));
    if (memcmp(signed_list.id, bulk.id, VRX_ID) != 0 ||
        memcmp(signed_list.digest, digest, VRX_DIGEST) != 0)
        return vrx_refuse(VRX_CONFLICT, "bulk-list.digest: the one that was signed");
    return vrx_bulk_start(context->tenant, bulk.id, context->now);
}

struct vrx_result vrx_exchange_bulk_stop(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__StopBulkRequest *in = request;
    struct vrx_bulk bulk;
    VRX_TRY(find(context, in->list_id, &bulk));
    return vrx_bulk_stop(context->tenant, bulk.id, context->now);
}

void vrx_exchange_bulk_committed(struct vrx_context *context) {
    vrx_exchange_bulk_due(context->slot, context->now);
}

#define CALLERS (VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_CONSOLE))
#define AGREES (VRX_ROLE_APPROVER | VRX_ROLE_ADMINISTRATOR)
#define ROW .callers = CALLERS, .purpose = VRX_BULK_PURPOSE

const struct vrx_method vrx_bulk_methods[VRX_BULK_METHODS] = {
    {VRX_RPC("Bulk", "SubmitBulk", submit_bulk), ROW, .kind = VRX_CALL_CLIENT_STREAM,
        .roles = VRX_ROLE_MOVERS_DESK, .handle = vrx_exchange_bulk_submit,
        .finish = vrx_exchange_bulk_submit_end, .committed = vrx_exchange_bulk_committed,
        .state_size = sizeof(struct vrx_bulk_submit_state),
        .state_done = vrx_bulk_submit_state_done},
    {VRX_RPC("Bulk", "StartBulk", start_bulk), ROW, .roles = VRX_ROLE_MOVERS_DESK, .second = AGREES,
        .handle = vrx_exchange_bulk_start, .committed = vrx_exchange_bulk_committed},
    {VRX_RPC("Bulk", "StopBulk", stop_bulk), ROW, .roles = VRX_ROLE_MOVERS_DESK | AGREES,
        .handle = vrx_exchange_bulk_stop, .committed = vrx_exchange_bulk_committed},
    {VRX_RPC("Bulk", "ListBulks", list_bulks), ROW,
        .roles = VRX_ROLE_MOVERS_DESK | AGREES | VRX_ROLE_AUDITOR,
        .handle = vrx_exchange_bulk_list},
    {VRX_RPC("Bulk", "WatchBulk", watch_bulk), ROW, .kind = VRX_CALL_SERVER_STREAM,
        .roles = VRX_ROLE_MOVERS_DESK | AGREES | VRX_ROLE_AUDITOR,
        .next = vrx_exchange_bulk_watch_next, .state_size = sizeof(struct vrx_bulk_watch_state)},
    {VRX_RPC("Bulk", "GetBulkResults", get_bulk_results), ROW, .kind = VRX_CALL_SERVER_STREAM,
        .roles = VRX_ROLE_MOVERS_DESK | VRX_ROLE_AUDITOR, .next = vrx_exchange_bulk_results_next,
        .state_size = sizeof(struct vrx_bulk_results_state)},
};
