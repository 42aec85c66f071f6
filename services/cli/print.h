/* SPDX-License-Identifier: Apache-2.0
 *
 * How commands speak: results on standard output, what went wrong on standard error, in words that
 * say what to do next.
 */
#ifndef VRX_CLI_PRINT_H
#define VRX_CLI_PRINT_H

#include "cli/command.h"

/* "vrx: SUBJECT: sentence / 日本語 (REASON; clause)" and the retry advice. Returns the exit status
 * that fits: VRX_EXIT_REFUSED for INPUT, AUTH, STATE, LIMIT and CRYPTO, else VRX_EXIT_FAILED. */
int vrx_print_refusal(const char *subject, struct vrx_result result);

/* A progress bar on standard error, on a terminal only; drawn at most ten times a second. done =
 * total ends it with a newline. */
struct vrx_progress {
    const char *what;
    int64_t drawn_ms;
    bool enabled;
};
void vrx_progress_init(struct vrx_progress *progress, const char *what);
void vrx_progress_show(struct vrx_progress *progress, uint64_t done, uint64_t total);

#endif
