/* SPDX-License-Identifier: Apache-2.0
 *
 * The standing order: shown and given. What the daemon does by it is keeper.c's.
 */
#include "retention/handlers.h"

static struct vrx_result reply_with(
    struct vrx_context *context, Vrx__V1__ErasureSchedule **ret_message) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_schedule schedule;
    VRX_TRY(vrx_schedule_get(context->tenant, arena, &schedule));
    Vrx__V1__ErasureSchedule *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__erasure_schedule__init(message);
    message->on = schedule.on;
    message->from_minute = schedule.from;
    message->until_minute = schedule.until;
    message->changed_at = schedule.changed_at;
    VRX_TRY(vrx_arena_string(arena, schedule.operator_id, &message->operator_));
    VRX_TRY(vrx_arena_string(arena, schedule.terminal_id, &message->terminal));
    message->ended_at = schedule.ended_at;
    message->running = atomic_load(&context->slot->retention_running);
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_retention_get_schedule(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetScheduleResponse *out = reply;
    return reply_with(context, &out->schedule);
}

struct vrx_result vrx_retention_set_schedule(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__SetScheduleRequest *in = request;
    Vrx__V1__SetScheduleResponse *out = reply;
    const Vrx__V1__ErasureSchedule *given = in->schedule;
    if (!given)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "schedule");
    if (given->changed_at || given->operator_[0] || given->terminal[0] || given->ended_at ||
        given->running)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "schedule: only its window is the caller's");
    const struct vrx_schedule schedule = {
        .on = given->on, .from = given->from_minute, .until = given->until_minute};
    const struct vrx_erasure_caller caller = {
        vrx_view_text(context->operator_id), vrx_view_text(context->terminal_id)};
    VRX_TRY(vrx_schedule_set(context->tenant, &schedule, &caller, context->now));
    return reply_with(context, &out->schedule);
}

/* A run that is under way looks at the order itself, before its next step. */
void vrx_retention_schedule_committed(struct vrx_context *context) {
    if (!atomic_load(&context->slot->retention_running))
        atomic_store(&context->slot->retention_due, context->now);
}
