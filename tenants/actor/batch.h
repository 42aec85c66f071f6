/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_actor: one transaction for many jobs. No thread and no queue here.
 */
#ifndef VRX_ACTOR_BATCH_H
#define VRX_ACTOR_BATCH_H

#include "actor/actor.h"

struct sqlite3;
struct sqlite3_stmt;
struct vrx_ledger;

enum vrx_batch_statement {
    VRX_BATCH_BEGIN,
    VRX_BATCH_SAVEPOINT,
    VRX_BATCH_UNDO,
    VRX_BATCH_RELEASE,
    VRX_BATCH_COMMIT,
    VRX_BATCH_ROLLBACK,
    VRX_BATCH_STATEMENTS,
};

/* A tenant with what its transactions need. The tenant is borrowed. */
struct vrx_batch {
    struct vrx_tenant *tenant;
    struct sqlite3 *db;
    struct vrx_ledger *ledger;
    struct sqlite3_stmt *statement[VRX_BATCH_STATEMENTS];
    /* What is in the vault and what the ledger has in memory may differ: a job ended the
     * transaction and called that a success, or the connection cannot leave the transaction. */
    bool broken;
    /* The caller's, set after vrx_batch_init: a clock for commits (actor.h), or NULL. */
    int64_t (*now_ns)(void *context);
    void *context;
    uint64_t commit_ns; /* of the last COMMIT, also where it failed */
};

/* Errors: vrx_sqlite_result's. On failure nothing is held. */
struct vrx_result vrx_batch_init(struct vrx_batch *batch, struct vrx_tenant *tenant);
/* Before the tenant is closed. All zero is accepted. */
void vrx_batch_done(struct vrx_batch *batch);

/* Runs the jobs of a list, linked by next and not empty, in one transaction, and settles the
 * outcome of each that it took; *ret_rest is the first that it did not take, or NULL. done is the
 * caller's to call. Not ok: the transaction is lost, by the job before *ret_rest or by COMMIT;
 * nothing of it is in the vault, and every outcome is this failure.
 *
 * After VRX_VAULT_DAMAGED, and when batch->broken is set, the tenant is to be closed. */
struct vrx_result vrx_batch_run(
    struct vrx_batch *batch, struct vrx_job *first, int64_t now, struct vrx_job **ret_rest);

#endif
