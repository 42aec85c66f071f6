/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/message.h"
#include "retention/handlers.h"

struct vrx_result vrx_retention_rows(struct vrx_context *context,
    const struct vrx_erased_counts *counts, size_t *ret_count, Vrx__V1__ErasedRows ***ret_rows) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__ErasedRows *rows = vrx_arena_alloc_array(arena, VRX_ERASED_LAST, sizeof *rows);
    Vrx__V1__ErasedRows **list = vrx_arena_alloc_array(arena, VRX_ERASED_LAST, sizeof *list);
    if (!rows || !list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t count = 0;
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++) {
        if (!counts->rows[kind])
            continue;
        vrx__v1__erased_rows__init(&rows[count]);
        rows[count].kind = (Vrx__V1__ErasedKind)kind;
        rows[count].rows = counts->rows[kind];
        list[count] = &rows[count];
        count++;
    }
    *ret_count = count;
    *ret_rows = list;
    return vrx_ok();
}

struct vrx_result vrx_retention_message(struct vrx_context *context,
    const struct vrx_erasure *erasure, Vrx__V1__Erasure **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Erasure *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__erasure__init(message);
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(erasure->id, VRX_ID), &message->erasure_id));
    message->what = (Vrx__V1__RetentionClass)erasure->what;
    VRX_TRY(vrx_arena_string(arena, erasure->order, &message->order));
    message->begun_at = erasure->begun_at;
    message->ended_at = erasure->ended_at;
    VRX_TRY(vrx_retention_rows(context, &erasure->counts, &message->n_erased, &message->erased));
    if (erasure->certificate.len)
        VRX_TRY(vrx_message_put_bytes(arena, erasure->certificate, &message->certificate));
    *ret_message = message;
    return vrx_ok();
}
