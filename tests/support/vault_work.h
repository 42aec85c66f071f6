/* SPDX-License-Identifier: Apache-2.0
 *
 * The work that fault tests disturb: numbered transactions, small and large, whose traces show
 * afterwards which of them are there and whether each is there as a whole.
 */
#ifndef VRX_SUPPORT_VAULT_WORK_H
#define VRX_SUPPORT_VAULT_WORK_H

#include "vaultfs/vault.h"

#define VAULT_WORK_MAX 255 /* transactions */

struct vault_work {
    unsigned attempted;
    bool acknowledged[VAULT_WORK_MAX + 1];
};

/* A cache of five pages, so that large transactions reach the WAL before their commit, and frequent
 * checkpoints; for each connection. */
struct vrx_result vault_work_settings(sqlite3 *db);
/* The tables. */
struct vrx_result vault_work_create(sqlite3 *db);
/* Transaction attempted + 1; acknowledged when its COMMIT is. */
struct vrx_result vault_work_next(sqlite3 *db, struct vault_work *work);

/* Every acknowledged transaction is there, every transaction as a whole or not at all, and what
 * they leave behind agrees. *ret_fault is NULL then, and what is wrong otherwise. The result is the
 * database's: reading failed. */
struct vrx_result vault_work_verify(
    sqlite3 *db, const struct vault_work *work, const char **ret_fault);

#endif
