/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts shown and acknowledged.
 */
#include "alerts/handlers.h"
#include "store/alert.h"
#include "vrx/v1/alerts.pb-c.h"

#define PURPOSE "alerts of the municipality"
#define CONSOLE VRX_CALLER(VRX_TERMINAL_CONSOLE)

static struct vrx_result convert(
    struct vrx_context *context, const struct vrx_alert *alert, Vrx__V1__Alert **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Alert *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__alert__init(message);
    message->id = (uint64_t)alert->id;
    message->kind = (Vrx__V1__AlertKind)alert->cause.kind;
    VRX_TRY(vrx_arena_string(arena, alert->cause.terminal_id, &message->terminal));
    VRX_TRY(vrx_arena_string(arena, alert->cause.operator_id, &message->operator_));
    message->first_at = alert->first_at;
    message->last_at = alert->last_at;
    message->events = alert->events;
    message->acknowledged_at = alert->acknowledged_at;
    VRX_TRY(vrx_arena_string(arena, alert->acknowledged_by, &message->acknowledged_by));
    *ret_message = message;
    return vrx_ok();
}

struct watch_state {
    int64_t seen; /* id of the last alert that was sent */
};

static struct vrx_result watch_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    (void)request;
    struct watch_state *state = context->state;
    Vrx__V1__WatchAlertsResponse *out = reply;
    struct vrx_alert *alert = NULL;
    size_t count = 0;
    VRX_TRY(
        vrx_alert_list(context->tenant, &context->arena, state->seen, false, 1, &alert, &count));
    if (!count) {
        *ret_next = VRX_NEXT_IDLE;
        return vrx_ok();
    }
    state->seen = alert->id;
    *ret_next = VRX_NEXT_MORE;
    return convert(context, alert, &out->alert);
}

static struct vrx_result list_alerts(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ListAlertsRequest *in = request;
    Vrx__V1__ListAlertsResponse *out = reply;
    struct vrx_alert *alerts = NULL;
    size_t count = 0;
    VRX_TRY(
        vrx_alert_list(context->tenant, &context->arena, 0, in->all, SIZE_MAX, &alerts, &count));
    out->alerts = vrx_arena_alloc_array(&context->arena, count, sizeof(Vrx__V1__Alert *));
    if (!out->alerts)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (; out->n_alerts < count; out->n_alerts++)
        VRX_TRY(convert(context, &alerts[out->n_alerts], &out->alerts[out->n_alerts]));
    return vrx_ok();
}

static struct vrx_result acknowledge_alert(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__AcknowledgeAlertRequest *in = request;
    if (in->id > INT64_MAX)
        return vrx_fail(VRX_NOT_FOUND);
    return vrx_alert_acknowledge(
        context->tenant, (int64_t)in->id, vrx_view_text(context->operator_id), context->now);
}

const struct vrx_method vrx_alerts_methods[VRX_ALERTS_METHODS] = {
    {VRX_RPC("Alerts", "WatchAlerts", watch_alerts), .kind = VRX_CALL_SERVER_STREAM,
        .callers = CONSOLE, .roles = VRX_ROLE_ADMINISTRATOR, .purpose = PURPOSE, .next = watch_next,
        .state_size = sizeof(struct watch_state)},
    {VRX_RPC("Alerts", "ListAlerts", list_alerts), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .purpose = PURPOSE, .handle = list_alerts},
    {VRX_RPC("Alerts", "AcknowledgeAlert", acknowledge_alert), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .purpose = PURPOSE, .handle = acknowledge_alert},
    {VRX_RPC("Alerts", "GetOfficeHours", get_office_hours), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR, .purpose = PURPOSE,
        .handle = vrx_alerts_get_hours},
    {VRX_RPC("Alerts", "SetOfficeHours", set_office_hours), .callers = CONSOLE,
        .roles = VRX_ROLE_ADMINISTRATOR, .purpose = PURPOSE, .handle = vrx_alerts_set_hours,
        .committed = vrx_alerts_hours_committed},
};
