/* SPDX-License-Identifier: Apache-2.0
 *
 * What a command of `vrx` is: its words, its options, its help in two languages, its function. The
 * tables of themes.c are all commands; parsing and help come from them (args.h), the connection
 * from connect.h, printing from print.h.
 */
#ifndef VRX_CLI_COMMAND_H
#define VRX_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Exit statuses; `vrx verify` adds its own (verify.c). */
enum vrx_exit {
    VRX_EXIT_OK = 0,
    VRX_EXIT_REFUSED = 1, /* the service or a check said no */
    VRX_EXIT_USAGE = 2,
    VRX_EXIT_FAILED = 3, /* a file, the network, memory */
};

struct vrx_option {
    const char *name;  /* without dashes; "" is a plain argument */
    const char *value; /* what stands for the value in the help, "FILE"; NULL: a switch */
    bool required;
    bool repeated;
    const char *en;
    const char *ja;
};

struct vrx_arguments;

struct vrx_command {
    const char *words; /* "certificate issue" */
    bool connects;     /* takes the connection options of connect.h too */
    const char *en;    /* one line */
    const char *ja;
    const struct vrx_option *options; /* ended by a row without name */
    int (*run)(const struct vrx_arguments *arguments);
};

/* NULL or false where it was not given. */
const char *vrx_argument(const struct vrx_arguments *arguments, const char *name);
bool vrx_argument_given(const struct vrx_arguments *arguments, const char *name);
size_t vrx_argument_count(const struct vrx_arguments *arguments, const char *name);
const char *vrx_argument_at(const struct vrx_arguments *arguments, const char *name, size_t index);
/* --json was given: every command takes it. */
bool vrx_argument_json(const struct vrx_arguments *arguments);

#endif
