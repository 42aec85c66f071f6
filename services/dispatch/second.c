/* SPDX-License-Identifier: Apache-2.0
 *
 * A refused step is undone before its audit entry is written, and the action that waits must be
 * durable with that entry: so the question is put to the store twice, once to learn whether it can
 * be asked at all and once, in the audit's place, to stay.
 */
#include "dispatch/second.h"

#include "base/encode.h"
#include "store/action.h"
#include "store/operator.h"

void vrx_second_done(struct vrx_second *second) {
    if (second->request.ptr)
        vrx_wipe(second->request.ptr, second->request.len);
    vrx_buffer_done(&second->request);
    *second = (struct vrx_second){0};
}

struct vrx_result vrx_second_keep(
    struct vrx_second *second, const struct vrx_method *method, struct vrx_view message) {
    if (!method->second)
        return vrx_ok();
    VRX_TRY(vrx_buffer_append(&second->request, message));
    second->kept = true;
    return vrx_ok();
}

struct vrx_result vrx_second_basis(
    struct vrx_context *context, const uint8_t action[VRX_ID], struct vrx_view *ret_basis) {
    char hex[VRX_ACTION_TEXT + 1];
    char *text = NULL;
    vrx_hex_string(vrx_view_of(action, VRX_ID), hex);
    VRX_TRY(vrx_arena_format(&context->arena, &text, "action %s", hex));
    *ret_basis = vrx_view_text(text);
    return vrx_ok();
}

static struct vrx_result ask(struct vrx_context *context, const struct vrx_method *method,
    const struct vrx_second *second, uint8_t ret_id[VRX_ID]) {
    const struct vrx_action_person asks = {
        vrx_view_text(context->operator_id), vrx_view_text(context->terminal_id)};
    return vrx_action_ask(context->tenant, vrx_view_text(method->path), method->second,
        vrx_buffer_view(&second->request), &asks, context->now, ret_id);
}

static struct vrx_result find(struct vrx_context *context, const struct vrx_method *method,
    const struct vrx_second *second, struct vrx_action *ret_action, bool *ret_found) {
    return vrx_action_find(context->tenant, &context->arena, vrx_view_text(context->operator_id),
        vrx_view_text(method->path), vrx_buffer_view(&second->request), context->now, ret_action,
        ret_found);
}

/* The run's own entry beside the call's: whatever a handler writes as its basis, this one names the
 * action. */
static struct vrx_result use(
    struct vrx_context *context, const struct vrx_method *method, const struct vrx_action *action) {
    struct vrx_audit_facts facts = {.has_commitment = true};
    memcpy(facts.commitment, action->digest, VRX_DIGEST);
    VRX_TRY(vrx_second_basis(context, action->id, &facts.basis));
    VRX_TRY(vrx_action_use(context->tenant, action->id, context->now));
    return vrx_context_record(context, method->path, VRX_SECOND_PURPOSE, &facts, VRX_OK, NULL);
}

/* Whether this call needs a second person at all. */
static struct vrx_result is_needed(struct vrx_context *context, const struct vrx_method *method,
    const void *message, bool *ret_needed) {
    *ret_needed = true;
    return method->second_when ? method->second_when(context, message, ret_needed) : vrx_ok();
}

/* Who was suspended, or lost the role, does not stand by what they agreed to. */
static struct vrx_result stands(struct vrx_context *context, const struct vrx_method *method,
    const struct vrx_action *action, bool *ret_stands) {
    struct vrx_credentials other;
    if (action->state != VRX_ACTION_AGREED) {
        *ret_stands = false;
        return vrx_ok();
    }
    struct vrx_result result =
        vrx_operator_credentials(context->tenant, action->answered.operator_id, &other);
    if (vrx_is_ok(result)) {
        *ret_stands = other.state == VRX_OPERATOR_STATE_ACTIVE && other.roles & method->second;
        vrx_wipe(&other, sizeof other);
    }
    return result.reason == VRX_NOT_FOUND ? vrx_ok() : result;
}

struct vrx_result vrx_second_look(struct vrx_context *context, const struct vrx_method *method,
    const void *message, bool effect, struct vrx_second *second) {
    struct vrx_action action;
    uint8_t unused[VRX_ID];
    bool needed = false;
    bool found = false;
    bool agreed = false;
    if (!method->second || second->settled)
        return vrx_ok();
    if (!context->tenant || !second->kept) /* a row that cannot have it */
        return vrx_fail(VRX_INTERNAL_ERROR);
    VRX_TRY(is_needed(context, method, message, &needed));
    if (!needed) {
        second->settled = effect;
        return vrx_ok();
    }
    if (!context->operator_id[0])
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "four eyes: two persons, both known");
    VRX_TRY(find(context, method, second, &action, &found));
    if (found)
        VRX_TRY(stands(context, method, &action, &agreed));
    if (agreed) {
        second->settled = effect;
        return effect ? use(context, method, &action) : vrx_ok();
    }
    if (!found || action.state == VRX_ACTION_AGREED)
        VRX_TRY(ask(context, method, second, unused));
    second->asking = true;
    return vrx_refuse(VRX_SECOND_PERSON_NEEDED, "four eyes: one asks, another agrees");
}

void vrx_second_expires(struct vrx_slot *slot, int64_t at) {
    int64_t due = atomic_load(&slot->actions_due);
    while (at < due && !atomic_compare_exchange_weak(&slot->actions_due, &due, at))
        ;
}

struct vrx_result vrx_second_note(
    struct vrx_context *context, const struct vrx_method *method, struct vrx_second *second) {
    struct vrx_action action = {0};
    bool found = false;
    if (!second->asking)
        return vrx_ok();
    VRX_TRY(find(context, method, second, &action, &found));
    if (found && action.state == VRX_ACTION_AGREED) /* and that does not stand */
        VRX_TRY(vrx_action_withdraw(
            context->tenant, action.id, vrx_view_text(context->operator_id), context->now));
    if (!found || action.state == VRX_ACTION_AGREED) {
        VRX_TRY(ask(context, method, second, action.id));
        VRX_TRY(vrx_action_get(context->tenant, &context->arena, action.id, context->now, &action));
    }
    memcpy(context->audit.commitment, action.digest, VRX_DIGEST);
    context->audit.has_commitment = true;
    VRX_TRY(vrx_second_basis(context, action.id, &context->audit.basis));
    vrx_second_expires(context->slot, context->now + VRX_ACTION_WAIT_SECONDS);
    vrx_hex_string(vrx_view_of(action.id, VRX_ID), second->action);
    second->asking = false;
    return vrx_ok();
}
