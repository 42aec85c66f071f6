/* SPDX-License-Identifier: Apache-2.0
 *
 * How long whoever fails to log in waits. Two counts, each with a rule: of one operator id at one
 * terminal, and of one terminal whatever the id. No count is of an id alone: nobody can make an
 * operator wait at a terminal other than their own. Ids that nobody has are counted as others are.
 *
 * An attempt counts as a failure from its beginning until it has gone well, so that neither many at
 * once nor a daemon that dies meanwhile gives guesses for nothing. While something waits, attempts
 * are refused without being looked at, and are not counted.
 */
#ifndef VRX_AUTH_SLOW_DOWN_H
#define VRX_AUTH_SLOW_DOWN_H

#include "store/operator.h"

#define VRX_SLOW_DOWN_MOST 900 /* seconds: the longest wait */

struct vrx_slow_down_rule {
    int64_t tries; /* failures before the first wait, at least 1 */
    int64_t
        wait_seconds; /* the first wait, 1 to VRX_SLOW_DOWN_MOST; each failure after doubles it */
    int64_t window_seconds; /* fewer failures are forgotten so long after the first of them */
    int64_t rest_seconds;   /* more of them so long after the last wait */
};

/* Seconds until the next attempt is looked at; 0: now. */
int64_t vrx_slow_down_wait(
    const struct vrx_slow_down_rule *rule, const struct vrx_attempts *attempts, int64_t now);

/* Counts an attempt that begins. True when it is one after which something waits. */
bool vrx_slow_down_begin(
    const struct vrx_slow_down_rule *rule, struct vrx_attempts *attempts, int64_t now);

/* The attempt that was counted went well: it is taken back, and so is the wait that it brought
 * (wait_until as vrx_slow_down_begin left it), unless another has followed. */
void vrx_slow_down_take_back(const struct vrx_slow_down_rule *rule, struct vrx_attempts *attempts,
    int64_t wait_until, int64_t now);

/* The count of one operator id at one terminal, and of the terminal. Errors: vrx_sha256_parts'. */
struct vrx_result vrx_slow_down_pair(
    const uint8_t terminal_spki[32], struct vrx_view operator_id, uint8_t ret_what[32]);
struct vrx_result vrx_slow_down_terminal(const uint8_t terminal_spki[32], uint8_t ret_what[32]);

#endif
