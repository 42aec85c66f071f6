/* SPDX-License-Identifier: Apache-2.0
 *
 * What administrators do with operators other than themselves.
 */
#include "dispatch/dispatch.h"
#include "operators/convert.h"
#include "operators/handlers.h"

void vrx_operators_end_sessions(
    struct vrx_context *context, const char *operator_id, const struct vrx_session_key *except) {
    vrx_session_end_operator(context->daemon->sessions, context->slot, operator_id, except);
    vrx_dispatch_wake(context->slot);
}

void vrx_operators_changed(struct vrx_context *context) {
    const struct vrx_change_state *state = context->state;
    vrx_operators_end_sessions(context, state->operator_id, NULL);
}

/* Whom the call is about, for its entry and for what ends with it. */
static struct vrx_result take_id(struct vrx_context *context, const char *given, unsigned roles) {
    struct vrx_change_state *state = context->state;
    const struct vrx_view id = vrx_view_text(given);
    VRX_TRY(vrx_operator_id_check(id));
    memcpy(state->operator_id, id.ptr, id.len);
    return vrx_roles_note(context, id, roles);
}

static struct vrx_result check_other(const struct vrx_context *context) {
    const struct vrx_change_state *state = context->state;
    return strcmp(state->operator_id, context->operator_id) == 0 ? vrx_fail(VRX_OWN_ACCOUNT)
                                                                 : vrx_ok();
}

struct vrx_result vrx_operators_change_roles(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ChangeRolesRequest *in = request;
    const struct vrx_change_state *state = context->state;
    unsigned roles = 0;
    VRX_TRY(vrx_roles_take(in->roles, in->n_roles, &roles));
    VRX_TRY(take_id(context, in->operator_id, roles));
    VRX_TRY(check_other(context));
    return vrx_operator_set_roles(
        context->tenant, vrx_view_text(state->operator_id), roles, context->now);
}

struct vrx_result vrx_operators_suspend(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__SuspendOperatorRequest *in = request;
    const struct vrx_change_state *state = context->state;
    VRX_TRY(take_id(context, in->operator_id, 0));
    return vrx_operator_set_state(context->tenant, vrx_view_text(state->operator_id),
        VRX_OPERATOR_STATE_SUSPENDED, context->now);
}

struct vrx_result vrx_operators_reinstate(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ReinstateOperatorRequest *in = request;
    const struct vrx_change_state *state = context->state;
    VRX_TRY(take_id(context, in->operator_id, 0));
    VRX_TRY(check_other(context));
    return vrx_operator_set_state(context->tenant, vrx_view_text(state->operator_id),
        VRX_OPERATOR_STATE_ACTIVE, context->now);
}

static struct vrx_result put_operator(
    struct vrx_context *context, const struct vrx_operator *listed, Vrx__V1__Operator *message) {
    struct vrx_arena *arena = &context->arena;
    vrx__v1__operator__init(message);
    VRX_TRY(vrx_arena_string(arena, listed->id, &message->operator_id));
    VRX_TRY(vrx_arena_string(arena, listed->name, &message->display_name));
    message->state = (Vrx__V1__OperatorState)listed->state;
    message->pin_change_due = listed->pin_change_due;
    message->registered_at = listed->registered_at;
    message->last_log_in_at = listed->last_log_in_at;
    message->log_ins = listed->log_ins;
    return vrx_roles_put(context, listed->roles, &message->roles, &message->n_roles);
}

struct vrx_result vrx_operators_list(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__ListOperatorsResponse *out = reply;
    struct vrx_arena *arena = &context->arena;
    struct vrx_operator *operators = NULL;
    size_t count = 0;
    VRX_TRY(vrx_operator_list(context->tenant, arena, &operators, &count));
    out->operators = vrx_arena_alloc_array(arena, count, sizeof *out->operators);
    Vrx__V1__Operator *messages = vrx_arena_alloc_array(arena, count, sizeof *messages);
    if (!out->operators || !messages)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(put_operator(context, &operators[i], &messages[i]));
        out->operators[i] = &messages[i];
    }
    out->n_operators = count;
    return vrx_ok();
}

/* The sweep names owners as often as they had sessions; a stream that is woken for nothing waits
 * again. */
static void wake_owner(void *context, const void *owner) {
    struct vrx_daemon *daemon = context;
    struct vrx_slot *slot = NULL;
    for (size_t i = 0; (slot = vrx_daemon_slot_at(daemon, i)); i++)
        if (slot == owner)
            vrx_dispatch_wake(slot);
}

void vrx_operators_tick(struct vrx_daemon *daemon) {
    vrx_session_sweep(daemon->sessions, vrx_clock_monotonic_ms(NULL), wake_owner, daemon);
}
