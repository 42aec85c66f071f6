/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Operators; proto/vrx/v1/operators.proto says what each does. Those with a
 * state hash a PIN outside, between two transactions (dispatch/method.h).
 */
#ifndef VRX_OPERATORS_HANDLERS_H
#define VRX_OPERATORS_HANDLERS_H

#include "auth/pin.h"
#include "auth/totp.h"
#include "dispatch/method.h"
#include "operators/attempts.h"

#define VRX_OPERATORS_PURPOSE "operators and their log-in"

#define VRX_HANDLER(name) \
    struct vrx_result vrx_operators_##name( \
        struct vrx_context *context, const void *request, void *reply)
#define VRX_OUTSIDE(name) \
    struct vrx_result vrx_operators_##name##_outside(struct vrx_context *context); \
    struct vrx_result vrx_operators_##name##_end(struct vrx_context *context, void *reply)

/* What was read of the operator, or stands in for what is not there; and what came of it. */
struct vrx_log_in_state {
    struct vrx_attempt attempt;
    struct vrx_view id; /* in the request, as are these two */
    struct vrx_view pin;
    struct vrx_view code;
    bool known;
    struct vrx_credentials credentials;
    bool pin_right;
    int64_t step; /* that the code is of; 0: none */
};
VRX_HANDLER(log_in);
VRX_OUTSIDE(log_in);

struct vrx_pin_state {
    struct vrx_attempt attempt;
    struct vrx_view old_pin; /* in the request */
    struct vrx_view new_pin;
    struct vrx_credentials credentials;
    bool pin_right;
    char verifier[VRX_PIN_VERIFIER]; /* of the new one */
};
VRX_HANDLER(change_pin);
VRX_OUTSIDE(change_pin);
void vrx_operators_pin_committed(struct vrx_context *context);

VRX_HANDLER(log_out);
void vrx_operators_log_out_committed(struct vrx_context *context);

/* A new operator, or one who is reset. */
struct vrx_enrol_state {
    struct vrx_operator enrolled; /* its texts in the request; without a name and roles: reset */
    char pin[VRX_PIN_INITIAL + 1];
    struct vrx_credentials credentials;
};
VRX_HANDLER(register);
VRX_OUTSIDE(register);
VRX_HANDLER(reset);
VRX_OUTSIDE(reset);

/* Whose sessions end when this is committed. */
struct vrx_change_state {
    char operator_id[VRX_LIMIT_OPERATOR + 1];
};
VRX_HANDLER(list);
VRX_HANDLER(change_roles);
VRX_HANDLER(suspend);
VRX_HANDLER(reinstate);
void vrx_operators_changed(struct vrx_context *context);
void vrx_operators_reset_committed(struct vrx_context *context);

/* second.c: whether another administrator must agree. */
#define VRX_NEEDS(name) \
    struct vrx_result vrx_operators_##name( \
        struct vrx_context *context, const void *request, bool *ret_needed)
VRX_NEEDS(register_needs_second);
VRX_NEEDS(roles_need_second);
VRX_NEEDS(reset_needs_second);
#undef VRX_NEEDS

#undef VRX_HANDLER
#undef VRX_OUTSIDE

/* Ends the operator's sessions in this municipality, but for one (may be NULL), and the streams
 * that run in them. */
void vrx_operators_end_sessions(
    struct vrx_context *context, const char *operator_id, const struct vrx_session_key *except);

/* Sessions that are over by time, and the streams that run in them. Once a second. */
void vrx_operators_tick(struct vrx_daemon *daemon);

#define VRX_OPERATORS_METHODS 9
extern const struct vrx_method vrx_operators_methods[VRX_OPERATORS_METHODS];

#endif
