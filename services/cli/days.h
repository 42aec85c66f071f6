/* SPDX-License-Identifier: Apache-2.0
 *
 * Days of the week as words of the command line, bits as the messages have them.
 */
#ifndef VRX_CLI_DAYS_H
#define VRX_CLI_DAYS_H

#include "cli/values.h"

#define VRX_DAY_WORDS "mon|tue|wed|thu|fri|sat|sun"
extern const struct vrx_choice vrx_day_choices[];

/* All values of an option that may be repeated; where it was not given the days stay. */
int vrx_value_days(const struct vrx_arguments *arguments, const char *option, uint32_t *days);

#endif
