/* SPDX-License-Identifier: Apache-2.0
 *
 * What an unseal asks of a vault about the time in which it was closed: was it put back from a
 * backup, and what was done with its files (dispatch/outside.h).
 */
#ifndef VRX_ADMIN_CLOSED_H
#define VRX_ADMIN_CLOSED_H

#include "dispatch/context.h"

/* Verifies a vault that was put back, every page of it, SQLite's structures, the ledger's tree;
 * nothing for one that was not. Errors: VRX_VAULT_DAMAGED, vrx_tenant_check's. */
struct vrx_result vrx_closed_verify(const struct vrx_slot *slot, struct vrx_tenant *tenant);

/* An unseal of a vault that was put back was refused: noted beside it, for its own ledger may be
 * damaged, or not the one that goes on. Nothing for one that was not put back. */
void vrx_closed_refused(const struct vrx_context *context, enum vrx_reason outcome);

/* In the unseal's first transaction: the notes into the ledger, once each. Notes that cannot be
 * read have an entry that says so. Errors: the ledger's, vrx_outside_read's. */
struct vrx_result vrx_closed_enter(struct vrx_context *context);

/* After that transaction: removes notes and the mark of a restore. Errors: VRX_DISK_FAILED. */
struct vrx_result vrx_closed_forget(struct vrx_slot *slot);

#endif
