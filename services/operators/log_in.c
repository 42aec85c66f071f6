/* SPDX-License-Identifier: Apache-2.0
 *
 * Log-in in three steps. In the tenant the attempt is counted and the operator's credentials are
 * read; outside the PIN is hashed and the code compared; in the tenant again it is decided, the
 * code's step is used up and the session begins. What is wrong, and whether there is such an
 * operator at all, changes neither the steps nor what they cost: nothing ends early, and in the
 * place of what is not there stands a verifier that no PIN opens.
 */
#include "operators/convert.h"
#include "operators/handlers.h"

static struct vrx_result check_request(const struct vrx_log_in_state *state) {
    VRX_TRY(vrx_operator_id_check(state->id));
    if (!state->pin.len || !state->code.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "log-in: PIN and code");
    if (state->pin.len > VRX_PIN_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "PIN: at most 64 characters");
    return state->code.len == VRX_TOTP_DIGITS
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_RANGE, "RFC 6238: a code of 6 digits");
}

/* The operator as they are kept, or nobody. Errors: the store's. */
static struct vrx_result read_operator(struct vrx_tenant *tenant, struct vrx_view id,
    struct vrx_credentials *credentials, bool *known) {
    const char *nobody = vrx_pin_of_nobody();
    struct vrx_result result = vrx_operator_credentials(tenant, id, credentials);
    *known = vrx_is_ok(result);
    if (result.reason != VRX_NOT_FOUND)
        return result;
    *credentials = (struct vrx_credentials){0};
    memcpy(credentials->pin_verifier, nobody, strlen(nobody) + 1);
    return vrx_ok();
}

struct vrx_result vrx_operators_log_in(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__LogInRequest *in = request;
    struct vrx_log_in_state *state = context->state;
    state->id = vrx_view_text(in->operator_id);
    state->pin = vrx_view_text(in->pin);
    state->code = vrx_view_text(in->code);
    context->operator_id[0] = '\0'; /* not whom the metadata names */
    VRX_TRY(check_request(state));
    VRX_TRY(read_operator(context->tenant, state->id, &state->credentials, &state->known));
    if (state->known) /* what nobody is called may be a PIN in the wrong field */
        memcpy(context->operator_id, in->operator_id, state->id.len + 1);
    return vrx_attempt_begin(context, state->id, &state->attempt);
}

struct vrx_result vrx_operators_log_in_outside(struct vrx_context *context) {
    struct vrx_log_in_state *state = context->state;
    VRX_TRY(vrx_totp_match(state->credentials.totp_secret, state->code, context->now,
        state->credentials.used_step, &state->step));
    return vrx_pin_verify(state->pin, state->credentials.pin_verifier, &state->pin_right);
}

/* Whether this opens: all of it is looked at. now: what is kept of the operator by now. */
static bool opens(
    const struct vrx_log_in_state *state, const struct vrx_credentials *now, bool known) {
    const bool same = state->known & known & (now->version == state->credentials.version);
    const bool active = now->state == VRX_OPERATOR_STATE_ACTIVE;
    const bool fresh = state->step > now->used_step;
    return same & active & fresh & state->pin_right;
}

static struct vrx_result begin_session(struct vrx_context *context,
    const struct vrx_credentials *credentials, Vrx__V1__LogInResponse *out) {
    struct vrx_daemon *daemon = context->daemon;
    struct vrx_session_key key = {.owner = context->slot};
    struct vrx_session session = {
        .roles = credentials->roles, .pin_change_due = credentials->pin_change_due};
    char token[VRX_SESSION_TOKEN + 1];
    memcpy(key.terminal_spki, context->terminal_spki, VRX_SPKI_DIGEST);
    memcpy(session.operator_id, context->operator_id, sizeof session.operator_id);
    VRX_TRY(vrx_session_begin(
        daemon->sessions, &key, &session, context->random, vrx_clock_monotonic_ms(NULL), token));
    struct vrx_result result =
        vrx_arena_string(&context->arena, vrx_view_text(token), &out->session);
    vrx_wipe(token, sizeof token);
    VRX_TRY(result);
    VRX_TRY(vrx_roles_put(context, credentials->roles, &out->roles, &out->n_roles));
    out->idle_seconds = daemon->options.session_idle_seconds;
    out->ends_at = context->now + daemon->options.session_seconds;
    out->pin_change_due = credentials->pin_change_due;
    return vrx_ok();
}

/* A session that begins here and whose transaction is then lost has a token that nobody knows. */
struct vrx_result vrx_operators_log_in_end(struct vrx_context *context, void *reply) {
    const struct vrx_log_in_state *state = context->state;
    struct vrx_credentials now;
    bool known = false;
    struct vrx_result result = read_operator(context->tenant, state->id, &now, &known);
    if (vrx_is_ok(result) && !opens(state, &now, known)) {
        vrx_attempt_bad(context, &state->attempt);
        result = vrx_fail(VRX_LOGIN_REFUSED);
    }
    if (vrx_is_ok(result))
        result = vrx_operator_logged_in(context->tenant, state->id, state->step, context->now);
    if (vrx_is_ok(result))
        result = vrx_attempt_good(context, &state->attempt);
    if (vrx_is_ok(result))
        result = begin_session(context, &now, reply);
    vrx_wipe(&now, sizeof now);
    return result;
}
