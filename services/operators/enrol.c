/* SPDX-License-Identifier: Apache-2.0
 *
 * A new operator, and one who is reset: both get a secret for the authenticator app and an initial
 * PIN, which leave once, with the reply, after they are kept.
 */
#include "operators/convert.h"
#include "operators/handlers.h"

/* While there is no operator a console needs no session; dispatch has let it pass. */
static struct vrx_result check_first(const struct vrx_context *context, unsigned roles) {
    size_t count = 0;
    if (context->has_session)
        return vrx_ok();
    VRX_TRY(vrx_operator_count(context->tenant, &count));
    if (count)
        return vrx_fail(VRX_SESSION_REQUIRED);
    return roles & VRX_ROLE_ADMINISTRATOR
               ? vrx_ok()
               : vrx_refuse(VRX_ROLE_MISSING, "the first operator is an administrator");
}

static struct vrx_result draw_secrets(struct vrx_context *context, struct vrx_enrol_state *state) {
    VRX_TRY(vrx_random_fill(context->random, state->credentials.totp_secret, VRX_TOTP_SECRET));
    return vrx_pin_generate(context->random, state->pin);
}

/* What only the one who enrols sees. */
static struct vrx_result put_secrets(struct vrx_context *context,
    const struct vrx_enrol_state *state, char **ret_uri, char **ret_pin) {
    struct vrx_buffer uri VRX_CLEANUP(vrx_buffer_done) = {0};
    char *issuer = NULL;
    VRX_TRY(vrx_arena_format(&context->arena, &issuer, "VRX %s", context->slot->code.digits));
    VRX_TRY(vrx_totp_uri(
        vrx_view_text(issuer), state->enrolled.id, state->credentials.totp_secret, &uri));
    VRX_TRY(vrx_arena_string(&context->arena, vrx_buffer_view(&uri), ret_uri));
    return vrx_arena_string(&context->arena, vrx_view_text(state->pin), ret_pin);
}

static struct vrx_result hash_initial(struct vrx_context *context) {
    struct vrx_enrol_state *state = context->state;
    return vrx_pin_hash(
        vrx_view_text(state->pin), context->random, state->credentials.pin_verifier);
}

struct vrx_result vrx_operators_register(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RegisterOperatorRequest *in = request;
    struct vrx_enrol_state *state = context->state;
    struct vrx_credentials other;
    state->enrolled = (struct vrx_operator){.id = vrx_view_text(in->operator_id),
        .name = vrx_view_text(in->display_name),
        .registered_at = context->now};
    VRX_TRY(vrx_operator_id_check(state->enrolled.id));
    VRX_TRY(vrx_roles_take(in->roles, in->n_roles, &state->enrolled.roles));
    VRX_TRY(vrx_roles_note(context, state->enrolled.id, state->enrolled.roles));
    VRX_TRY(check_first(context, state->enrolled.roles));
    struct vrx_result found = vrx_operator_credentials(context->tenant, state->enrolled.id, &other);
    vrx_wipe(&other, sizeof other);
    if (vrx_is_ok(found))
        return vrx_fail(VRX_ALREADY_EXISTS);
    if (found.reason != VRX_NOT_FOUND)
        return found;
    return draw_secrets(context, state);
}

struct vrx_result vrx_operators_register_outside(struct vrx_context *context) {
    return hash_initial(context);
}

/* Once more: two consoles may have begun with the first one. */
struct vrx_result vrx_operators_register_end(struct vrx_context *context, void *reply) {
    Vrx__V1__RegisterOperatorResponse *out = reply;
    const struct vrx_enrol_state *state = context->state;
    VRX_TRY(check_first(context, state->enrolled.roles));
    VRX_TRY(vrx_operator_register(context->tenant, &state->enrolled, &state->credentials));
    return put_secrets(context, state, &out->enrolment_uri, &out->initial_pin);
}

/* Who could reset themselves could keep what they got hold of at a desk that was left open. */
struct vrx_result vrx_operators_reset(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ResetOperatorRequest *in = request;
    struct vrx_enrol_state *state = context->state;
    state->enrolled.id = vrx_view_text(in->operator_id);
    VRX_TRY(vrx_operator_id_check(state->enrolled.id));
    VRX_TRY(vrx_roles_note(context, state->enrolled.id, 0));
    if (vrx_view_equal(state->enrolled.id, vrx_view_text(context->operator_id)))
        return vrx_fail(VRX_OWN_ACCOUNT);
    VRX_TRY(vrx_operator_credentials(context->tenant, state->enrolled.id, &state->credentials));
    return draw_secrets(context, state);
}

struct vrx_result vrx_operators_reset_outside(struct vrx_context *context) {
    return hash_initial(context);
}

struct vrx_result vrx_operators_reset_end(struct vrx_context *context, void *reply) {
    Vrx__V1__ResetOperatorResponse *out = reply;
    const struct vrx_enrol_state *state = context->state;
    VRX_TRY(
        vrx_operator_reset(context->tenant, state->enrolled.id, &state->credentials, context->now));
    return put_secrets(context, state, &out->enrolment_uri, &out->initial_pin);
}

void vrx_operators_reset_committed(struct vrx_context *context) {
    const struct vrx_enrol_state *state = context->state;
    vrx_operators_end_sessions(context, (const char *)state->enrolled.id.ptr, NULL);
}
