/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line of vrx-start.
 */
#ifndef VRX_START_OPTIONS_H
#define VRX_START_OPTIONS_H

#include <stdbool.h>

struct vrx_start_options {
    const char *config;      /* folder of vrxd.conf and vrx-issuer.conf */
    const char *programs;    /* folder of vrxd and vrx-issuer */
    const char *vrxd_user;   /* name or number; NULL where we are not root */
    const char *issuer_user; /* the same, and another one */
};

/* Answers --help and --version itself. True where the process is to go on; otherwise *ret_status is
 * what to end with. */
bool vrx_start_options_parse(
    int argc, char **argv, struct vrx_start_options *ret_options, int *ret_status);

#endif
