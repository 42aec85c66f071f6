/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of a transfer, once or at every change.
 */
#include "dispatch/message.h"
#include "exchange/handlers.h"
#include "store/review.h"

static struct vrx_result read_transfer(struct vrx_context *context, ProtobufCBinaryData query_id,
    struct vrx_transfer_out *ret_transfer) {
    uint8_t id[VRX_ID];
    VRX_TRY(vrx_message_fixed(query_id, VRX_ID, id));
    VRX_TRY(vrx_transfer_out_get(context->tenant, &context->arena, id, ret_transfer));
    return vrx_context_about(context, ret_transfer->resident);
}

static struct vrx_result convert(struct vrx_context *context,
    const struct vrx_transfer_out *transfer, Vrx__V1__Transfer **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Transfer *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__transfer__init(message);
    VRX_TRY(
        vrx_message_put_bytes(arena, vrx_view_of(transfer->query_id, VRX_ID), &message->query_id));
    VRX_TRY(vrx_arena_string(
        arena, vrx_municipality_code_view(&transfer->origin), &message->from_municipality));
    message->state = (Vrx__V1__TransferState)transfer->state;
    if (transfer->state == VRX_TRANSFER_DENIED) {
        VRX_TRY(vrx_arena_string(
            arena, vrx_view_text(vrx_reason_name(transfer->reason)), &message->reason));
        VRX_TRY(vrx_arena_string(arena, transfer->clause, &message->clause));
    }
    message->doses_imported = (uint32_t)transfer->doses_imported;
    message->doses_known = (uint32_t)transfer->doses_known;
    uint64_t in_review = 0;
    VRX_TRY(vrx_review_count(context->tenant, transfer->query_id, &in_review));
    message->doses_in_review = (uint32_t)in_review;
    message->requested_at = transfer->created_at;
    message->deadline = transfer->deadline;
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_exchange_get_transfer(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetTransferRequest *in = request;
    Vrx__V1__GetTransferResponse *out = reply;
    struct vrx_transfer_out transfer;
    VRX_TRY(read_transfer(context, in->query_id, &transfer));
    return convert(context, &transfer, &out->transfer);
}

struct vrx_result vrx_exchange_watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    const Vrx__V1__WatchTransferRequest *in = request;
    Vrx__V1__WatchTransferResponse *out = reply;
    struct vrx_watch_state *state = context->state;
    struct vrx_transfer_out transfer;
    VRX_TRY(read_transfer(context, in->query_id, &transfer));
    if (state->last == (unsigned)transfer.state) {
        *ret_next = VRX_NEXT_IDLE;
        return vrx_ok();
    }
    state->last = (unsigned)transfer.state;
    VRX_TRY(convert(context, &transfer, &out->transfer));
    *ret_next = vrx_transfer_state_final(transfer.state) ? VRX_NEXT_LAST : VRX_NEXT_WAIT;
    return vrx_ok();
}
