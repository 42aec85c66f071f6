/* SPDX-License-Identifier: Apache-2.0
 *
 * What follows from an explanation (rules/explain.h), for people and for machines. It names the
 * municipalities, the law, who acted and what each check said; not the person, and no dose.
 */
#ifndef VRX_CLI_EXPLAINED_H
#define VRX_CLI_EXPLAINED_H

#include "rules/explain.h"

/* The exit status: VRX_EXIT_REFUSED when a check is broken, which is then said on standard error
 * too; VRX_EXIT_FAILED when it cannot be printed. */
int vrx_explained_print(const struct vrx_explained *explained);
int vrx_explained_print_json(const struct vrx_explained *explained);

#endif
