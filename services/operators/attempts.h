/* SPDX-License-Identifier: Apache-2.0
 *
 * Attempts to prove who one is, counted in the vault by operator id at this terminal and by
 * terminal (auth/slow_down.h).
 */
#ifndef VRX_OPERATORS_ATTEMPTS_H
#define VRX_OPERATORS_ATTEMPTS_H

#include "dispatch/context.h"

struct vrx_attempt {
    uint8_t pair[32];
    uint8_t terminal[32];
    int64_t terminal_wait_until; /* as this attempt left it */
    bool slows;                  /* when it fails, whoever comes next waits */
};

/* Before anything is looked at: counts an attempt with this id at this terminal as failed. It must
 * be committed before the PIN is tried. Errors: VRX_RATE_EXCEEDED while something waits, and then
 * nothing is counted; the store's. */
struct vrx_result vrx_attempt_begin(
    struct vrx_context *context, struct vrx_view operator_id, struct vrx_attempt *attempt);

/* It went well: forgets what failed for this id here, and takes this one back from the terminal. */
struct vrx_result vrx_attempt_good(struct vrx_context *context, const struct vrx_attempt *attempt);

/* It did not: the administrators hear of it when somebody waits now. */
void vrx_attempt_bad(struct vrx_context *context, const struct vrx_attempt *attempt);

#endif
