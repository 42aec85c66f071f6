/* SPDX-License-Identifier: Apache-2.0
 *
 * What operators do for themselves: log out, and another PIN. The latter in three steps as a log-in
 * is, for a session that was left open at a desk must not be a way to find out the PIN.
 */
#include "dispatch/dispatch.h"
#include "operators/handlers.h"
#include "vrx/v1/operators.pb-c.h"

static struct vrx_view own_id(const struct vrx_context *context) {
    return vrx_view_text(context->operator_id);
}

struct vrx_result vrx_operators_log_out(
    struct vrx_context *context, const void *request, void *reply) {
    (void)context;
    (void)request;
    (void)reply;
    return vrx_ok();
}

void vrx_operators_log_out_committed(struct vrx_context *context) {
    vrx_session_end(context->daemon->sessions, &context->session);
    vrx_dispatch_wake(context->slot);
}

struct vrx_result vrx_operators_change_pin(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ChangePinRequest *in = request;
    struct vrx_pin_state *state = context->state;
    state->old_pin = vrx_view_text(in->old_pin);
    state->new_pin = vrx_view_text(in->new_pin);
    if (!state->old_pin.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "PIN");
    if (state->old_pin.len > VRX_PIN_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "PIN: at most 64 characters");
    VRX_TRY(vrx_pin_check(state->new_pin, own_id(context)));
    if (vrx_view_equal(state->old_pin, state->new_pin))
        return vrx_refuse(VRX_PIN_WEAK, "PIN: another than before");
    VRX_TRY(vrx_operator_credentials(context->tenant, own_id(context), &state->credentials));
    return vrx_attempt_begin(context, own_id(context), &state->attempt);
}

struct vrx_result vrx_operators_change_pin_outside(struct vrx_context *context) {
    struct vrx_pin_state *state = context->state;
    VRX_TRY(vrx_pin_verify(state->old_pin, state->credentials.pin_verifier, &state->pin_right));
    return vrx_pin_hash(state->new_pin, context->random, state->verifier);
}

struct vrx_result vrx_operators_change_pin_end(struct vrx_context *context, void *reply) {
    (void)reply;
    const struct vrx_pin_state *state = context->state;
    struct vrx_credentials now;
    VRX_TRY(vrx_operator_credentials(context->tenant, own_id(context), &now));
    const bool same = now.version == state->credentials.version;
    vrx_wipe(&now, sizeof now);
    if (!same) /* whatever changed them has ended this session */
        return vrx_fail(VRX_SESSION_ENDED);
    if (!state->pin_right) {
        vrx_attempt_bad(context, &state->attempt);
        return vrx_refuse(VRX_LOGIN_REFUSED, "PIN: the old one is wrong");
    }
    VRX_TRY(vrx_attempt_good(context, &state->attempt));
    return vrx_operator_set_pin(context->tenant, own_id(context), state->verifier, context->now);
}

void vrx_operators_pin_committed(struct vrx_context *context) {
    vrx_session_pin_changed(context->daemon->sessions, &context->session);
    vrx_operators_end_sessions(context, context->operator_id, &context->session);
}
