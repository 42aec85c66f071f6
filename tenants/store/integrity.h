/* SPDX-License-Identifier: Apache-2.0
 *
 * Is an open vault whole? The same questions as vrx_tenant_check's, in parts between which the
 * municipality's other calls go on:
 *
 *     PAGES     every stored page authenticates
 *     TABLES    SQLite's integrity_check and foreign_key_check, a table at a time
 *     LEDGER    the Merkle tree is that of the entries
 *     WHOLE     nothing was wrong
 *
 * What is written meanwhile behind the place that it has come to is not looked at again. A part of
 * PAGES and LEDGER takes milliseconds, one of TABLES as long as its table is large: a second for a
 * million rows, about.
 */
#ifndef VRX_STORE_INTEGRITY_H
#define VRX_STORE_INTEGRITY_H

#include "ledger/ledger.h"
#include "store/tenant.h"

enum vrx_integrity_phase {
    VRX_INTEGRITY_PAGES,
    VRX_INTEGRITY_TABLES,
    VRX_INTEGRITY_LEDGER,
    VRX_INTEGRITY_WHOLE,
};

/* Begins with all zero. */
struct vrx_integrity {
    enum vrx_integrity_phase phase;
    uint64_t done[VRX_INTEGRITY_WHOLE];  /* pages, tables, entries gone through */
    uint64_t total[VRX_INTEGRITY_WHOLE]; /* of so many; 0 until it is known */
    struct vrx_ledger_check ledger;
};

/* One part. PAGES: outside of any transaction, on the tenant's thread (VRX_WRONG_STATE otherwise);
 * TABLES and LEDGER: inside the owner's transaction. Nothing in WHOLE. Errors: VRX_VAULT_DAMAGED,
 * with what was wrong as its clause; tenant.h's. */
struct vrx_result vrx_integrity_part(struct vrx_tenant *tenant, struct vrx_integrity *check);

#endif
