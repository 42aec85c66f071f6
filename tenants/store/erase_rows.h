/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_store: which rows an erasure takes out, by SQL. No state, no row of an erasure.
 */
#ifndef VRX_STORE_ERASE_ROWS_H
#define VRX_STORE_ERASE_ROWS_H

#include "store/erasure.h"

/* All rows about one resident, the resident included. Errors: VRX_NOT_FOUND. */
struct vrx_result vrx_erase_resident(
    struct vrx_tenant *tenant, int64_t resident, struct vrx_erased_counts *counts);

/* One step of a walk over the residents after *walked: what is older than before in this class.
 * Adds to counts; *walked goes on; *ret_done when nothing is left to walk. */
struct vrx_result vrx_erase_step(struct vrx_tenant *tenant, enum vrx_retention_class what,
    int64_t before, int64_t now, int64_t *walked, struct vrx_erased_counts *counts, bool *ret_done);

#endif
