/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may look at a request may see whom it is about, so that is those who may agree to it and
 * whoever asked. Every entry of the ledger names the action, and commits to the digest of its
 * request.
 */
#include "actions/handlers.h"
#include "auth/role.h"
#include "dispatch/message.h"
#include "dispatch/second.h"
#include "store/action.h"
#include "vrx/v1/actions.pb-c.h"

static struct vrx_result put_roles(
    struct vrx_context *context, unsigned roles, Vrx__V1__Action *message) {
    message->roles = vrx_arena_alloc_array(&context->arena, VRX_ROLE_COUNT, sizeof *message->roles);
    if (!message->roles)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (unsigned role = 1; role <= VRX_ROLE_COUNT; role++)
        if (roles & (1u << role))
            message->roles[message->n_roles++] = (Vrx__V1__Role)role;
    return vrx_ok();
}

/* The states of the store and of the message have the same values. */
static struct vrx_result put_action(
    struct vrx_context *context, const struct vrx_action *action, Vrx__V1__Action **ret_message) {
    struct vrx_arena *arena = &context->arena;
    Vrx__V1__Action *message = vrx_arena_alloc(arena, sizeof *message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__action__init(message);
    VRX_TRY(vrx_message_put_bytes(arena, vrx_view_of(action->id, VRX_ID), &message->action));
    VRX_TRY(vrx_arena_string(arena, action->method, &message->method));
    VRX_TRY(put_roles(context, action->roles, message));
    message->state = (Vrx__V1__ActionState)action->state;
    VRX_TRY(vrx_arena_string(arena, action->asked.operator_id, &message->asked_by));
    VRX_TRY(vrx_arena_string(arena, action->asked.terminal_id, &message->asked_terminal));
    message->asked_at = action->asked_at;
    VRX_TRY(vrx_arena_string(arena, action->answered.operator_id, &message->answered_by));
    VRX_TRY(vrx_arena_string(arena, action->answered.terminal_id, &message->answered_terminal));
    message->answered_at = action->answered_at;
    message->expires_at = action->ended_at ? 0 : action->expires_at;
    message->ended_at = action->ended_at;
    *ret_message = message;
    return vrx_ok();
}

static struct vrx_result list(struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__ListActionsResponse *out = reply;
    struct vrx_action *actions = NULL;
    size_t count = 0;
    VRX_TRY(vrx_action_list(context->tenant, &context->arena, context->now, &actions, &count));
    out->actions = vrx_arena_alloc_array(&context->arena, count, sizeof *out->actions);
    if (!out->actions)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(put_action(context, &actions[i], &out->actions[i]));
    out->n_actions = count;
    return vrx_ok();
}

/* The action of this identifier, and what the entry says about it. */
static struct vrx_result find(
    struct vrx_context *context, ProtobufCBinaryData id, struct vrx_action *ret_action) {
    uint8_t bytes[VRX_ID];
    VRX_TRY(vrx_message_fixed(id, VRX_ID, bytes));
    VRX_TRY(vrx_second_basis(context, bytes, &context->audit.basis));
    VRX_TRY(vrx_action_get(context->tenant, &context->arena, bytes, context->now, ret_action));
    memcpy(context->audit.commitment, ret_action->digest, VRX_DIGEST);
    context->audit.has_commitment = true;
    return vrx_ok();
}

static bool is_own(const struct vrx_context *context, const struct vrx_action *action) {
    return vrx_view_equal(vrx_view_text(context->operator_id), action->asked.operator_id);
}

static struct vrx_result may_agree(
    const struct vrx_context *context, const struct vrx_action *action) {
    return context->roles & action->roles
               ? vrx_ok()
               : vrx_refuse(VRX_ROLE_MISSING, "four eyes: the roles that the action names");
}

static struct vrx_result get(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetActionRequest *in = request;
    Vrx__V1__GetActionResponse *out = reply;
    struct vrx_action action;
    VRX_TRY(find(context, in->action, &action));
    if (!is_own(context, &action))
        VRX_TRY(may_agree(context, &action));
    VRX_TRY(vrx_message_put_bytes(&context->arena, action.request, &out->request));
    return put_action(context, &action, &out->action);
}

/* Who asked is told so, whatever roles they have. */
static struct vrx_result may_answer(struct vrx_context *context, ProtobufCBinaryData id,
    struct vrx_action *ret_action, struct vrx_action_person *ret_by) {
    VRX_TRY(find(context, id, ret_action));
    if (is_own(context, ret_action))
        return vrx_refuse(VRX_SECOND_PERSON_SAME, "four eyes: one asks, another agrees");
    VRX_TRY(may_agree(context, ret_action));
    ret_by->operator_id = vrx_view_text(context->operator_id);
    ret_by->terminal_id = vrx_view_text(context->terminal_id);
    return vrx_ok();
}

static struct vrx_result approve(struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ApproveActionRequest *in = request;
    Vrx__V1__ApproveActionResponse *out = reply;
    struct vrx_action action;
    struct vrx_action_person by;
    VRX_TRY(may_answer(context, in->action, &action, &by));
    VRX_TRY(vrx_action_agree(context->tenant, action.id, &by, context->now));
    out->expires_at = context->now + VRX_ACTION_AGREED_SECONDS;
    vrx_second_expires(context->slot, out->expires_at);
    return vrx_ok();
}

static struct vrx_result refuse(struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RefuseActionRequest *in = request;
    struct vrx_action action;
    struct vrx_action_person by;
    VRX_TRY(may_answer(context, in->action, &action, &by));
    return vrx_action_refuse(context->tenant, action.id, &by, context->now);
}

static struct vrx_result withdraw(struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__WithdrawActionRequest *in = request;
    struct vrx_action action;
    VRX_TRY(find(context, in->action, &action));
    return vrx_action_withdraw(
        context->tenant, action.id, vrx_view_text(context->operator_id), context->now);
}

#define PURPOSE "four eyes"
#define CALLERS (VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_CONSOLE))
#define ROW .callers = CALLERS, .roles = VRX_ROLE_ANY, .purpose = PURPOSE

const struct vrx_method vrx_actions_methods[VRX_ACTIONS_METHODS] = {
    {VRX_RPC("Actions", "ListActions", list_actions), ROW, .handle = list},
    {VRX_RPC("Actions", "GetAction", get_action), ROW, .handle = get},
    {VRX_RPC("Actions", "ApproveAction", approve_action), ROW, .handle = approve},
    {VRX_RPC("Actions", "RefuseAction", refuse_action), ROW, .handle = refuse},
    {VRX_RPC("Actions", "WithdrawAction", withdraw_action), ROW, .handle = withdraw},
};
