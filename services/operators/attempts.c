/* SPDX-License-Identifier: Apache-2.0 */
#include "operators/attempts.h"

#include "dispatch/alert.h"

/* Reads one count; wait becomes the longer of what it was and of this one's, in seconds. */
static struct vrx_result read_one(struct vrx_context *context,
    const struct vrx_slow_down_rule *rule, const uint8_t what[32], struct vrx_attempts *attempts,
    int64_t *wait) {
    VRX_TRY(vrx_attempts_get(context->tenant, what, attempts));
    const int64_t left = vrx_slow_down_wait(rule, attempts, context->now);
    *wait = left > *wait ? left : *wait;
    return vrx_ok();
}

struct vrx_result vrx_attempt_begin(
    struct vrx_context *context, struct vrx_view operator_id, struct vrx_attempt *attempt) {
    const struct vrx_daemon_options *options = &context->daemon->options;
    struct vrx_attempts pair;
    struct vrx_attempts terminal;
    int64_t wait = 0;
    VRX_TRY(vrx_slow_down_pair(context->terminal_spki, operator_id, attempt->pair));
    VRX_TRY(vrx_slow_down_terminal(context->terminal_spki, attempt->terminal));
    VRX_TRY(read_one(context, &options->log_in_rule, attempt->pair, &pair, &wait));
    VRX_TRY(read_one(context, &options->log_in_terminal_rule, attempt->terminal, &terminal, &wait));
    if (wait)
        return vrx_refuse_for(
            VRX_RATE_EXCEEDED, "log-in: too many failures; wait", (uint32_t)wait * 1000);
    const bool one = vrx_slow_down_begin(&options->log_in_rule, &pair, context->now);
    const bool all = vrx_slow_down_begin(&options->log_in_terminal_rule, &terminal, context->now);
    attempt->slows = one || all;
    attempt->terminal_wait_until = terminal.wait_until;
    VRX_TRY(vrx_attempts_put(context->tenant, attempt->pair, &pair, context->now));
    return vrx_attempts_put(context->tenant, attempt->terminal, &terminal, context->now);
}

struct vrx_result vrx_attempt_good(struct vrx_context *context, const struct vrx_attempt *attempt) {
    static const struct vrx_attempts none;
    struct vrx_attempts terminal;
    VRX_TRY(vrx_attempts_put(context->tenant, attempt->pair, &none, context->now));
    VRX_TRY(vrx_attempts_get(context->tenant, attempt->terminal, &terminal));
    vrx_slow_down_take_back(&context->daemon->options.log_in_terminal_rule, &terminal,
        attempt->terminal_wait_until, context->now);
    return vrx_attempts_put(context->tenant, attempt->terminal, &terminal, context->now);
}

void vrx_attempt_bad(struct vrx_context *context, const struct vrx_attempt *attempt) {
    if (attempt->slows)
        vrx_alert_raise(context, VRX_ALERT_LOGIN_FAILURES);
}
