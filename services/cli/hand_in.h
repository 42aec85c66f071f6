/* SPDX-License-Identifier: Apache-2.0
 *
 * A file of rows, streamed to the service, and the report of what became of it: `vrx import` and
 * `vrx bulk submit`.
 */
#ifndef VRX_CLI_HAND_IN_H
#define VRX_CLI_HAND_IN_H

#include "cli/command.h"
#include "cli/connect.h"
#include "cli/import_rows.h"

/* FILE and --errors. */
extern const struct vrx_option vrx_cli_hand_in_options[];

/* The exit status. */
int vrx_cli_hand_in(const struct vrx_arguments *arguments, enum vrx_import_kind kind,
    const struct vrx_remote *remote);

#endif
