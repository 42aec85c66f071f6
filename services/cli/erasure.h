/* SPDX-License-Identifier: Apache-2.0
 *
 * How erasures are told, by the themes `retention` and `erasure`.
 */
#ifndef VRX_CLI_ERASURE_H
#define VRX_CLI_ERASURE_H

#include <stdbool.h>

#include "vrx/v1/retention.pb-c.h"

/* One line, or an object: so many rows of each kind; `what` is the class's word. The exit status,
 * as below. */
int vrx_cli_erased_print(
    const char *what, Vrx__V1__ErasedRows *const *rows, size_t count, bool json);
int vrx_cli_erasure_print(const Vrx__V1__Erasure *erasure, bool json);

#endif
