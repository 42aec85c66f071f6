/* SPDX-License-Identifier: Apache-2.0
 *
 * One thread owns one municipality: its open tenant and its single SQLite connection. Everybody
 * else posts jobs. Whatever waits when the thread looks is one batch and one transaction, so that
 * fifty callers share one fsync:
 *
 *     BEGIN IMMEDIATE
 *     for each job: SAVEPOINT, run, (ROLLBACK TO when it refused), audit, RELEASE; the
 *                   savepoint is left out where run only reads
 *     COMMIT
 *     for each job: done
 *
 * A reply (done) is given only after the job's audit entry is durable. No audit entry, no reply:
 * where the audit fails, the job is undone and its outcome is that failure.
 *
 * An actor without a tenant is sealed. It starts so; vrx_actor_unseal gives it an open tenant,
 * vrx_actor_seal closes that. A job or a commit that meets VRX_VAULT_DAMAGED seals at once, and so
 * does a job that ends the transaction.
 *
 * The thread sleeps while nothing is queued. Next: batch.h.
 */
#ifndef VRX_ACTOR_ACTOR_H
#define VRX_ACTOR_ACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/result.h"

struct vrx_actor;
struct vrx_tenant;

/* One call, embedded in the poster's own object, which must live until done. A posted job belongs
 * to the actor; done gives it back and is called exactly once. All three functions are called on
 * the actor's thread. */
struct vrx_job {
    struct vrx_job *next;      /* the actor's */
    struct vrx_result outcome; /* the actor's */

    /* A job that is still queued at this time is not run: done gives VRX_DEADLINE_EXCEEDED. In
     * milliseconds of the actor's clock; 0: none. */
    int64_t deadline;

    /* run writes nothing, so it needs no savepoint. Should it write all the same and refuse, or
     * should audit fail after a part of its entry is written, the transaction is lost, for all who
     * share it. */
    bool reads;

    /* run takes some ten milliseconds. Two such jobs end their batch: what else waits is a batch of
     * its own, so that the first replies do not wait for all the work there is. */
    bool is_long;

    /* Does the work, in a savepoint. When it refuses, all that it wrote is rolled back. It resets
     * every statement that it stepped, and leaves transactions alone. */
    struct vrx_result (*run)(struct vrx_job *job, struct vrx_tenant *tenant);

    /* Appends the audit entry; outcome is run's, refusals included. NULL: nothing to audit. A
     * failure undoes run and becomes the outcome. Not called for a job that was not run. */
    struct vrx_result (*audit)(
        struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome);

    /* The outcome is settled: it and its audit entry are durable, or nothing of the job is in the
     * vault. It may post and free the job; it must not wait for this actor. Outcomes besides run's
     * and audit's: VRX_DEADLINE_EXCEEDED; what made BEGIN or COMMIT fail, or lost the transaction
     * that the job shared (VRX_DISK_FULL, VRX_DISK_FAILED, …); VRX_VAULT_DAMAGED;
     * VRX_TENANT_SEALED when that sealed the tenant before the job's turn. */
    void (*done)(struct vrx_job *job, struct vrx_result outcome);
};

struct vrx_actor_options {
    size_t queue_limit; /* jobs posted and not yet done, at least 1 */
    size_t batch_limit; /* jobs in one transaction, at least 1 */
    int rest_ms;        /* idle for so long, the open tenant rests (vrx_tenant_rest); 0: never */
    /* After done was called for several jobs, at the latest before the thread sleeps or begins the
     * next transaction: what done left to be done once for many. On the actor's thread. May be
     * NULL. */
    void (*answered)(void *context);
    /* Milliseconds since any fixed moment, never going back; called on the actor's thread. */
    int64_t (*now)(void *context);
    /* Nanoseconds of the same kind, for the length of commits; NULL: they are not measured. */
    int64_t (*now_ns)(void *context);
    /* The tenant is closed, whoever or whatever asked for it; on the actor's thread, before it
     * counts as sealed, so that the next tenant cannot be there yet. Posts are refused. why:
     * VRX_OK where it was asked for; otherwise what was seen that closed it. May be NULL. */
    void (*closed)(void *context, struct vrx_result why);
    void *context;
};

/* Starts the thread, sealed, all signals blocked in it. Errors: VRX_INPUT_RANGE; VRX_OUT_OF_MEMORY
 * when a thread or an eventfd cannot be had. */
struct vrx_result vrx_actor_new(
    const struct vrx_actor_options *options, struct vrx_actor **ret_actor);

/* Gives an open tenant over to the thread; *tenant is NULL then, and stays the caller's on failure.
 * first (may be NULL) is run before, on the calling thread in a transaction of its own, with no
 * other job; its outcome must be VRX_OK or the tenant is not taken, though a refusal's audit entry
 * is durable. Its deadline and done are not looked at. Errors: VRX_WRONG_STATE unless sealed;
 * VRX_SHUTTING_DOWN after vrx_actor_stop; vrx_sqlite_result's; first's. */
struct vrx_result vrx_actor_unseal(
    struct vrx_actor *actor, struct vrx_tenant **tenant, struct vrx_job *first);

/* Queues a job, from any thread, without waiting. Jobs of one poster run in the order of posting.
 * On failure the job stays the caller's and done is not called. Errors: VRX_TENANT_SEALED;
 * VRX_QUEUE_FULL; VRX_SHUTTING_DOWN after vrx_actor_stop. */
struct vrx_result vrx_actor_post(struct vrx_actor *actor, struct vrx_job *job);

/* From now on posts are refused; what is queued is still done, then the tenant is closed and its
 * keys are wiped. Returns when that is so; called on the actor's own thread, it only asks for it.
 */
void vrx_actor_seal(struct vrx_actor *actor);
/* True from the moment on which the tenant is closed. */
bool vrx_actor_is_sealed(struct vrx_actor *actor);

/* Seals, and ends the thread. Not on the actor's own thread. */
void vrx_actor_stop(struct vrx_actor *actor);
/* Stops; nobody may post any more. Accepts NULL; sets *actor to NULL. */
void vrx_actor_free(struct vrx_actor **actor);

/* Since vrx_actor_new. */
struct vrx_actor_statistics {
    uint64_t jobs;          /* taken from the queue */
    uint64_t batches;       /* transactions committed */
    uint64_t largest_batch; /* jobs in the largest of them */
    uint64_t failures;      /* transactions lost */
    uint64_t rests;         /* times that an idle tenant rested */
    size_t queued;          /* jobs posted and not done, now */
};
struct vrx_actor_statistics vrx_actor_statistics(struct vrx_actor *actor);
/* The jobs of each transaction committed, and how long COMMIT took, which is fsync's time. They
 * live as long as the actor. */
const struct vrx_histogram *vrx_actor_batch_jobs(const struct vrx_actor *actor);
const struct vrx_histogram *vrx_actor_commit_ns(const struct vrx_actor *actor);

#endif
