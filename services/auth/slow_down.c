/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/slow_down.h"

#include "crypto/hash.h"

/* The wait after so many failures. */
static int64_t wait_after(const struct vrx_slow_down_rule *rule, int64_t failures) {
    int64_t wait = rule->wait_seconds;
    for (int64_t i = rule->tries; i < failures && wait < VRX_SLOW_DOWN_MOST; i++)
        wait *= 2;
    return wait < VRX_SLOW_DOWN_MOST ? wait : VRX_SLOW_DOWN_MOST;
}

/* A clock that was set back must not make anybody wait for longer than the rule says. */
int64_t vrx_slow_down_wait(
    const struct vrx_slow_down_rule *rule, const struct vrx_attempts *attempts, int64_t now) {
    const int64_t wait = attempts->wait_until - now;
    const int64_t most = wait_after(rule, attempts->failures);
    if (!attempts->wait_until || wait <= 0)
        return 0;
    return wait < most ? wait : most;
}

static bool is_past(
    const struct vrx_slow_down_rule *rule, const struct vrx_attempts *attempts, int64_t now) {
    if (attempts->failures < rule->tries)
        return now - attempts->began_at >= rule->window_seconds;
    return now - attempts->wait_until >= rule->rest_seconds;
}

bool vrx_slow_down_begin(
    const struct vrx_slow_down_rule *rule, struct vrx_attempts *attempts, int64_t now) {
    if (!attempts->failures || is_past(rule, attempts, now))
        *attempts = (struct vrx_attempts){.began_at = now};
    attempts->failures++;
    const bool waits = attempts->failures >= rule->tries;
    attempts->wait_until = waits ? now + wait_after(rule, attempts->failures) : 0;
    return waits;
}

/* What was counted before stays counted: its rest goes on from now. */
void vrx_slow_down_take_back(const struct vrx_slow_down_rule *rule, struct vrx_attempts *attempts,
    int64_t wait_until, int64_t now) {
    if (attempts->failures)
        attempts->failures--;
    if (attempts->failures < rule->tries)
        attempts->wait_until = 0;
    else if (attempts->wait_until == wait_until)
        attempts->wait_until = now;
}

struct vrx_result vrx_slow_down_pair(
    const uint8_t terminal_spki[32], struct vrx_view operator_id, uint8_t ret_what[32]) {
    const struct vrx_view parts[] = {
        vrx_view_text("vrx log-in pair"), vrx_view_of(terminal_spki, 32), operator_id};
    return vrx_sha256_parts(parts, sizeof parts / sizeof parts[0], ret_what);
}

struct vrx_result vrx_slow_down_terminal(const uint8_t terminal_spki[32], uint8_t ret_what[32]) {
    const struct vrx_view parts[] = {
        vrx_view_text("vrx log-in terminal"), vrx_view_of(terminal_spki, 32)};
    return vrx_sha256_parts(parts, sizeof parts / sizeof parts[0], ret_what);
}
