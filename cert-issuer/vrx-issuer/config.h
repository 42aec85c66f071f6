/* SPDX-License-Identifier: Apache-2.0
 *
 * The options of a file, as if they stood on the command line: one a line, `name = value`, the name
 * without its dashes, the value in quotes of either kind or without; lines that are empty or begin
 * with # say nothing.
 */
#ifndef VRX_ISSUER_CONFIG_H
#define VRX_ISSUER_CONFIG_H

#include <stdbool.h>

/* The command line with the options of the file that its --config names before its own, which count
 * where both say something; without --config the same one. The texts and the array stay for good,
 * and this is called once. False: the file cannot be read or does not read (said). */
bool vrx_issuer_config_expand(int argc, char **argv, int *ret_argc, char ***ret_argv);

#endif
