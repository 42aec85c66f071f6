/* SPDX-License-Identifier: Apache-2.0
 *
 * A custodian process that stays: it keeps municipalities' vaults open across restarts of the
 * daemon, and their checkpoint files up to date. It also opens again what somebody sealed on
 * purpose: who wants a vault to stay sealed ends it first. Up to eight are opened at once; those
 * whose custodian's key is on a token one after another.
 *
 * A vault that the ledger's proof speaks against, or whose keyring is another one, is not tried
 * again: that is for people. All else is, after pauses that grow to a minute.
 */
#ifndef VRX_CLI_WATCH_H
#define VRX_CLI_WATCH_H

#include "base/bytes.h"
#include "cli/custody.h"

#define VRX_WATCHED_MAX 2048 /* there are 1,741 municipalities */

struct vrx_watched {
    const char *terminal; /* folder of a console */
    struct vrx_custody_names names;
};

/* Until SIGTERM or SIGINT (VRX_EXIT_OK), or until none is left that may be tried. Takes --server
 * and --operator. One line on standard output for each change: time, municipality, what. */
int vrx_watch(
    const struct vrx_arguments *arguments, const struct vrx_watched *watched, size_t count);

/* One municipality a line: terminal folder, custodian, keyring, checkpoint, between tabs; lines
 * that are empty or begin with # are passed over. text is changed: tabs and line ends become NUL,
 * and the entries point into it. Errors: VRX_INPUT_MALFORMED for a line without four parts, an
 * empty part, or NUL; VRX_INPUT_TOO_LARGE for more than max; VRX_INPUT_FIELD_MISSING when there is
 * none. */
struct vrx_result vrx_watch_list(
    char *text, size_t len, struct vrx_watched *entries, size_t max, size_t *ret_count);

#endif
