/* SPDX-License-Identifier: Apache-2.0
 *
 * When the office works: shown and set. What happens outside of the hours is dispatch/guard.h's.
 */
#include "alerts/handlers.h"
#include "store/office_hours.h"
#include "vrx/v1/alerts.pb-c.h"

static struct vrx_result reply_with(
    struct vrx_context *context, Vrx__V1__OfficeHours **ret_message) {
    struct vrx_arena *arena = &context->arena;
    struct vrx_office_hours hours;
    VRX_TRY(vrx_office_hours_get(context->tenant, arena, &hours));
    Vrx__V1__OfficeHours *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__office_hours__init(message);
    message->on = hours.on;
    message->refuse = hours.refuse;
    message->days = hours.days;
    message->from_minute = hours.from;
    message->until_minute = hours.until;
    message->changed_at = hours.changed_at;
    VRX_TRY(vrx_arena_string(arena, hours.operator_id, &message->operator_));
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_alerts_get_hours(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetOfficeHoursResponse *out = reply;
    return reply_with(context, &out->hours);
}

struct vrx_result vrx_alerts_set_hours(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__SetOfficeHoursRequest *in = request;
    Vrx__V1__SetOfficeHoursResponse *out = reply;
    const Vrx__V1__OfficeHours *given = in->hours;
    if (!given)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "hours");
    if (given->operator_[0] || given->changed_at)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "hours: only replies carry who and when");
    const struct vrx_office_hours hours = {.on = given->on,
        .refuse = given->refuse,
        .days = given->days,
        .from = given->from_minute,
        .until = given->until_minute,
        .operator_id = vrx_view_text(context->operator_id),
        .terminal_id = vrx_view_text(context->terminal_id)};
    VRX_TRY(vrx_office_hours_set(context->tenant, &hours, context->now));
    return reply_with(context, &out->hours);
}

void vrx_alerts_hours_committed(struct vrx_context *context) {
    context->slot->hours_known = false;
}
