/* SPDX-License-Identifier: Apache-2.0
 *
 * A place within the owner's transaction to come back to, records and ledger together: one job of a
 * batch, one row of a file. Savepoints nest.
 */
#ifndef VRX_STORE_SAVEPOINT_H
#define VRX_STORE_SAVEPOINT_H

#include "ledger/ledger.h"
#include "store/tenant.h"

struct vrx_savepoint {
    struct vrx_ledger_mark ledger;
};

/* Then exactly one of keep and undo, in reverse order of the beginnings. */
struct vrx_result vrx_savepoint_begin(struct vrx_tenant *tenant, struct vrx_savepoint *ret_point);
struct vrx_result vrx_savepoint_keep(struct vrx_tenant *tenant, const struct vrx_savepoint *point);
/* Everything since begin is as if it had not been. */
struct vrx_result vrx_savepoint_undo(struct vrx_tenant *tenant, const struct vrx_savepoint *point);

#endif
