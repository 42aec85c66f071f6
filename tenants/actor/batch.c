/* SPDX-License-Identifier: Apache-2.0
 *
 * A refusal ends one job, a lost transaction ends all that shared it. SQLite itself rolls the whole
 * transaction back on some errors (disk full, I/O, no memory), which shows in its autocommit flag
 * only; so that is asked after every step that ran foreign code. A savepoint that can be neither
 * released nor rolled back loses the transaction too: what a job left there must not be committed
 * under another job's name.
 *
 * The ledger's memory follows every rollback. Next: actor.c.
 */
#include "actor/batch.h"

#include <sqlite3.h>

#include "ledger/ledger.h"
#include "store/tenant.h"
#include "vaultfs/vault.h"

static const char *const sql[VRX_BATCH_STATEMENTS] = {
    [VRX_BATCH_BEGIN] = "BEGIN IMMEDIATE",
    [VRX_BATCH_SAVEPOINT] = "SAVEPOINT job",
    [VRX_BATCH_UNDO] = "ROLLBACK TO job",
    [VRX_BATCH_RELEASE] = "RELEASE job",
    [VRX_BATCH_COMMIT] = "COMMIT",
    [VRX_BATCH_ROLLBACK] = "ROLLBACK",
};

struct vrx_result vrx_batch_init(struct vrx_batch *batch, struct vrx_tenant *tenant) {
    struct vrx_batch fresh = {
        .tenant = tenant, .db = vrx_tenant_db(tenant), .ledger = vrx_tenant_ledger(tenant)};
    for (size_t i = 0; i < VRX_BATCH_STATEMENTS; i++) {
        int rc = sqlite3_prepare_v3(
            fresh.db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &fresh.statement[i], NULL);
        if (rc != SQLITE_OK) {
            vrx_batch_done(&fresh);
            return vrx_sqlite_result(vrx_tenant_db(tenant), rc);
        }
    }
    *batch = fresh;
    return vrx_ok();
}

void vrx_batch_done(struct vrx_batch *batch) {
    for (size_t i = 0; i < VRX_BATCH_STATEMENTS; i++)
        (void)sqlite3_finalize(batch->statement[i]);
    *batch = (struct vrx_batch){0};
}

static struct vrx_result control(struct vrx_batch *batch, enum vrx_batch_statement which) {
    int rc = sqlite3_step(batch->statement[which]);
    struct vrx_result result = vrx_sqlite_result(batch->db, rc);
    (void)sqlite3_reset(batch->statement[which]);
    return result;
}

/* What a job's own code returned, unless the transaction is gone under it: then a failure in any
 * case. */
static struct vrx_result still_there(struct vrx_batch *batch, struct vrx_result result) {
    if (!sqlite3_get_autocommit(batch->db))
        return vrx_ok();
    if (!vrx_is_ok(result))
        return result;
    batch->broken = true;
    return vrx_fail(VRX_INTERNAL_ERROR);
}

static struct vrx_result undo(struct vrx_batch *batch, const struct vrx_ledger_mark *mark) {
    VRX_TRY(control(batch, VRX_BATCH_UNDO));
    vrx_ledger_rewind(batch->ledger, mark);
    return vrx_ok();
}

/* One part of a job, run or audit: a failure of it is undone. Not ok: the transaction is lost. */
static struct vrx_result settle(
    struct vrx_batch *batch, const struct vrx_ledger_mark *mark, struct vrx_result result) {
    VRX_TRY(still_there(batch, result));
    if (result.reason == VRX_VAULT_DAMAGED)
        return result;
    return vrx_is_ok(result) ? vrx_ok() : undo(batch, mark);
}

/* The same without a savepoint: what failed must have written nothing. */
static struct vrx_result settle_unwritten(
    struct vrx_batch *batch, int64_t changes, struct vrx_result result) {
    VRX_TRY(still_there(batch, result));
    if (vrx_is_ok(result))
        return vrx_ok();
    if (result.reason == VRX_VAULT_DAMAGED)
        return result;
    return sqlite3_total_changes64(batch->db) == changes ? vrx_ok() : vrx_fail(VRX_INTERNAL_ERROR);
}

/* A savepoint costs as much as reading a person's record: SQLite copies the ledger's last page for
 * each, in case it is to be undone. */
static struct vrx_result attempt_reading(struct vrx_batch *batch, struct vrx_job *job) {
    int64_t changes = sqlite3_total_changes64(batch->db);
    job->outcome = job->run(job, batch->tenant);
    VRX_TRY(settle_unwritten(batch, changes, job->outcome));
    if (!job->audit)
        return vrx_ok();
    changes = sqlite3_total_changes64(batch->db);
    struct vrx_result audited = job->audit(job, batch->tenant, job->outcome);
    VRX_TRY(settle_unwritten(batch, changes, audited));
    if (!vrx_is_ok(audited))
        job->outcome = audited;
    return vrx_ok();
}

/* The job's outcome goes to job->outcome. Not ok: the transaction is lost. */
static struct vrx_result attempt(struct vrx_batch *batch, struct vrx_job *job) {
    struct vrx_ledger_mark mark = vrx_ledger_mark(batch->ledger);
    VRX_TRY(control(batch, VRX_BATCH_SAVEPOINT));
    job->outcome = job->run(job, batch->tenant);
    VRX_TRY(settle(batch, &mark, job->outcome));
    if (job->audit) {
        struct vrx_result audited = job->audit(job, batch->tenant, job->outcome);
        VRX_TRY(settle(batch, &mark, audited));
        if (!vrx_is_ok(audited))
            job->outcome = audited;
    }
    return control(batch, VRX_BATCH_RELEASE);
}

/* Where a transaction waits for the disk. */
static struct vrx_result commit(struct vrx_batch *batch) {
    if (!batch->now_ns)
        return control(batch, VRX_BATCH_COMMIT);
    const int64_t begun = batch->now_ns(batch->context);
    struct vrx_result result = control(batch, VRX_BATCH_COMMIT);
    batch->commit_ns = (uint64_t)(batch->now_ns(batch->context) - begun);
    return result;
}

static struct vrx_result attempt_all(
    struct vrx_batch *batch, struct vrx_job *first, int64_t now, struct vrx_job **ret_rest) {
    *ret_rest = NULL;
    VRX_TRY(control(batch, VRX_BATCH_BEGIN));
    for (struct vrx_job *job = first; job; job = job->next) {
        *ret_rest = job->next;
        if (job->deadline && job->deadline <= now)
            job->outcome = vrx_fail(VRX_DEADLINE_EXCEEDED);
        else
            VRX_TRY(job->reads ? attempt_reading(batch, job) : attempt(batch, job));
    }
    return commit(batch);
}

struct vrx_result vrx_batch_run(
    struct vrx_batch *batch, struct vrx_job *first, int64_t now, struct vrx_job **ret_rest) {
    struct vrx_ledger_mark mark = vrx_ledger_mark(batch->ledger);
    struct vrx_result result = attempt_all(batch, first, now, ret_rest);
    if (vrx_is_ok(result))
        return result;
    if (!sqlite3_get_autocommit(batch->db) && !vrx_is_ok(control(batch, VRX_BATCH_ROLLBACK)))
        batch->broken = true;
    vrx_ledger_rewind(batch->ledger, &mark);
    for (struct vrx_job *job = first; job != *ret_rest; job = job->next)
        job->outcome = result;
    return result;
}
