/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line by the tables of command.h: finding the command, reading its options, help.
 */
#ifndef VRX_CLI_ARGS_H
#define VRX_CLI_ARGS_H

#include "cli/command.h"

/* Options that every command with connects = true takes; ended by a row without name. */
extern const struct vrx_option vrx_connection_options[];

/* Runs argv by the themes' tables (themes.h; ended by NULL) and returns the exit status. */
int vrx_cli_run(int argc, char **argv, const struct vrx_command *const *themes);

#endif
