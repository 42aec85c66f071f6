/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue is a stack that posters push with one compare-and-swap and that the thread takes whole
 * and turns round: no lock on the way in, no job overtakes another. Whoever pushes onto an empty
 * stack writes to the eventfd, on which the thread sleeps.
 *
 * No job is lost and none meets a closed tenant: a poster counts its job in (`posted`) before it
 * looks at the state, and the thread closes the tenant only after it has changed the state and then
 * found the count at zero. So whoever saw OPEN is either counted or was refused.
 *
 *     SEALED ── unseal ──> OPEN ── seal, stop, damage ──> SEALING ── nothing is posted ──> SEALED
 *
 * Next: batch.c for what happens in a transaction.
 */
#include "actor/actor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "actor/batch.h"
#include "base/bytes.h"
#include "store/tenant.h"

enum state {
    SEALED,
    OPEN,
    SEALING,
};

struct vrx_actor {
    struct vrx_actor_options options;
    int wake;                        /* eventfd */
    _Atomic(struct vrx_job *) stack; /* posted and not yet seen by the thread, the newest first */
    atomic_size_t posted;            /* jobs counted in and not done */
    atomic_int state;                /* enum state; changed under lock */
    atomic_bool stopping;            /* changed under lock */
    atomic_uint_fast64_t jobs;
    atomic_uint_fast64_t batches;
    atomic_uint_fast64_t largest_batch;
    atomic_uint_fast64_t failures;
    atomic_uint_fast64_t rests;
    struct vrx_histogram batch_jobs;
    struct vrx_histogram commit_ns;

    pthread_mutex_t lock;
    pthread_cond_t sealed; /* state became SEALED */

    pthread_t thread;
    bool joined;

    /* The thread's own while the state is not SEALED. */
    struct vrx_tenant *tenant;
    struct vrx_batch batch;
    struct vrx_job *waiting; /* in the order of posting */
    bool closed_to_jobs;     /* damage was seen: what waits is refused */
    bool rested;             /* nothing was done since vrx_tenant_rest */
    struct vrx_result why;   /* it closes by itself */
};

static void wake(struct vrx_actor *actor) {
    static const uint64_t one = 1;
    while (write(actor->wake, &one, sizeof one) < 0 && errno == EINTR)
        ;
}

/* An open tenant that stays idle gives memory back before the long sleep. */
static void sleep_until_woken(struct vrx_actor *actor) {
    uint64_t count = 0;
    struct pollfd woken = {.fd = actor->wake, .events = POLLIN};
    if (atomic_load(&actor->state) == OPEN && actor->options.rest_ms && !actor->rested &&
        poll(&woken, 1, actor->options.rest_ms) == 0) {
        vrx_tenant_rest(actor->tenant);
        actor->rested = true;
        atomic_fetch_add(&actor->rests, 1);
    }
    while (read(actor->wake, &count, sizeof count) < 0 && errno == EINTR)
        ;
    /* Who is about to post as well has a turn first, where processors are few: one commit more for
     * all of them costs each more than this costs the one. */
    (void)sched_yield();
}

static struct vrx_result refusal(struct vrx_actor *actor) {
    if (atomic_load(&actor->state) == OPEN)
        return vrx_ok();
    return vrx_fail(atomic_load(&actor->stopping) ? VRX_SHUTTING_DOWN : VRX_TENANT_SEALED);
}

static struct vrx_result count_in(struct vrx_actor *actor) {
    VRX_TRY(refusal(actor)); /* so that a flood of refused posts does not hold up the sealing */
    size_t before = atomic_fetch_add(&actor->posted, 1);
    struct vrx_result result = refusal(actor);
    if (vrx_is_ok(result) && before >= actor->options.queue_limit)
        result = vrx_fail(VRX_QUEUE_FULL);
    if (!vrx_is_ok(result))
        atomic_fetch_sub(&actor->posted, 1);
    return result;
}

struct vrx_result vrx_actor_post(struct vrx_actor *actor, struct vrx_job *job) {
    VRX_TRY(count_in(actor));
    struct vrx_job *newest = atomic_load(&actor->stack);
    do
        job->next = newest;
    while (!atomic_compare_exchange_weak(&actor->stack, &newest, job));
    if (!newest)
        wake(actor);
    return vrx_ok();
}

static struct vrx_job **end_of(struct vrx_job **list) {
    while (*list)
        list = &(*list)->next;
    return list;
}

/* Moves the stack behind what waits already, oldest first. */
static void take_posted(struct vrx_actor *actor) {
    struct vrx_job *newest = atomic_exchange(&actor->stack, NULL);
    struct vrx_job *oldest = NULL;
    while (newest) {
        struct vrx_job *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    *end_of(&actor->waiting) = oldest;
}

#define LONG_TOGETHER 2

/* The first jobs that wait, up to the batch limit, as a list of their own. */
static struct vrx_job *cut_batch(struct vrx_actor *actor) {
    struct vrx_job *first = actor->waiting;
    struct vrx_job **end = &actor->waiting;
    size_t long_ones = 0;
    for (size_t i = 0; *end && i < actor->options.batch_limit && long_ones < LONG_TOGETHER; i++) {
        long_ones += (*end)->is_long;
        end = &(*end)->next;
    }
    struct vrx_job *rest = *end;
    *end = NULL;
    actor->waiting = rest;
    return first;
}

static void begin_sealing(struct vrx_actor *actor) {
    (void)pthread_mutex_lock(&actor->lock);
    if (atomic_load(&actor->state) == OPEN)
        atomic_store(&actor->state, SEALING);
    (void)pthread_mutex_unlock(&actor->lock);
}

/* Puts what a batch left over before what waits. */
static void put_back(struct vrx_actor *actor, struct vrx_job *rest) {
    *end_of(&rest) = actor->waiting;
    actor->waiting = rest;
}

static void count_batch(struct vrx_actor *actor, size_t jobs, struct vrx_result result) {
    atomic_fetch_add(&actor->jobs, jobs);
    atomic_fetch_add(vrx_is_ok(result) ? &actor->batches : &actor->failures, 1);
    if (vrx_is_ok(result) && jobs > atomic_load(&actor->largest_batch))
        atomic_store(&actor->largest_batch, jobs);
    if (!vrx_is_ok(result))
        return;
    vrx_histogram_add(&actor->batch_jobs, &vrx_scale_jobs, jobs);
    if (actor->options.now_ns)
        vrx_histogram_add(&actor->commit_ns, &vrx_scale_time, actor->batch.commit_ns);
}

/* One transaction for the first jobs that wait; *ret_end is the first whose outcome is open. */
static void run_batch(struct vrx_actor *actor, struct vrx_job *first, struct vrx_job **ret_end) {
    int64_t now = actor->options.now(actor->options.context);
    struct vrx_result result = vrx_batch_run(&actor->batch, first, now, ret_end);
    size_t count = 0;
    for (const struct vrx_job *job = first; job != *ret_end; job = job->next)
        count++;
    count_batch(actor, count, result);
    if (result.reason == VRX_VAULT_DAMAGED || actor->batch.broken) {
        actor->closed_to_jobs = true;
        actor->why = vrx_is_ok(result) ? vrx_fail(VRX_INTERNAL_ERROR) : result;
        begin_sealing(actor);
    }
}

static void refuse_all(struct vrx_job *first) {
    for (struct vrx_job *job = first; job; job = job->next)
        job->outcome = vrx_fail(VRX_TENANT_SEALED);
}

/* So many are answered before somebody is told: the others' replies are made while these leave. */
#define ANSWERED 32

static void answer_all(struct vrx_actor *actor, struct vrx_job *job, const struct vrx_job *end) {
    for (size_t count = 1; job != end; count++) {
        struct vrx_job *next = job->next; /* done may free the job */
        atomic_fetch_sub(&actor->posted, 1);
        job->done(job, job->outcome);
        job = next;
        if (actor->options.answered && (job == end || count % ANSWERED == 0))
            actor->options.answered(actor->options.context);
    }
}

static void work_off_waiting(struct vrx_actor *actor) {
    actor->rested = false;
    struct vrx_job *job = cut_batch(actor);
    struct vrx_job *end = NULL;
    if (actor->closed_to_jobs)
        refuse_all(job);
    else
        run_batch(actor, job, &end);
    put_back(actor, end);
    answer_all(actor, job, end);
}

static void close_tenant(struct vrx_actor *actor) {
    vrx_batch_done(&actor->batch);
    vrx_tenant_close(&actor->tenant);
    actor->closed_to_jobs = false;
    actor->rested = false;
    if (actor->options.closed)
        actor->options.closed(actor->options.context, actor->why);
    actor->why = vrx_ok();
    (void)pthread_mutex_lock(&actor->lock);
    atomic_store(&actor->state, SEALED);
    (void)pthread_cond_broadcast(&actor->sealed);
    (void)pthread_mutex_unlock(&actor->lock);
}

static void *work(void *argument) {
    struct vrx_actor *actor = argument;
    for (;;) {
        take_posted(actor);
        if (actor->waiting)
            work_off_waiting(actor);
        else if (atomic_load(&actor->state) != SEALING) {
            if (atomic_load(&actor->stopping))
                return NULL;
            sleep_until_woken(actor);
        } else if (atomic_load(&actor->posted))
            (void)sched_yield(); /* somebody is between counting in and pushing */
        else
            close_tenant(actor);
    }
}

/* Bytes of the thread's stack, of which only what is touched takes memory. A country's 1,741
 * threads of the usual 8 MiB would ask for 14 GiB of address space, which a limit on it (ulimit -v,
 * strict overcommit) refuses. SQLite's parser and the handlers' paths of 4 KiB stay under 64 KiB;
 * the rest is for sanitizers. */
#define STACK ((size_t)1 << 20)

/* Signals are for the daemon's own threads. */
static int start_thread(struct vrx_actor *actor) {
    sigset_t all;
    sigset_t before;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error)
        return error;
    (void)pthread_attr_setstacksize(&attributes, STACK); /* far above the least */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&actor->thread, &attributes, work, actor);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    return error;
}

struct vrx_result vrx_actor_new(
    const struct vrx_actor_options *options, struct vrx_actor **ret_actor) {
    if (!options->queue_limit || !options->batch_limit)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_actor *actor = calloc(1, sizeof *actor);
    if (!actor)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    actor->options = *options;
    (void)pthread_mutex_init(&actor->lock, NULL); /* neither can fail on Linux */
    (void)pthread_cond_init(&actor->sealed, NULL);
    actor->wake = eventfd(0, EFD_CLOEXEC);
    actor->joined = actor->wake < 0 || start_thread(actor) != 0;
    if (actor->joined) {
        vrx_actor_free(&actor);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_actor = actor;
    return vrx_ok();
}

/* A batch of one. */
static struct vrx_result run_first(struct vrx_actor *actor, struct vrx_job *first) {
    struct vrx_job *rest = NULL;
    first->next = NULL;
    first->deadline = 0;
    VRX_TRY(vrx_batch_run(&actor->batch, first, 0, &rest));
    return first->outcome;
}

static struct vrx_result unseal_locked(
    struct vrx_actor *actor, struct vrx_tenant **tenant, struct vrx_job *first) {
    if (atomic_load(&actor->stopping))
        return vrx_fail(VRX_SHUTTING_DOWN);
    if (atomic_load(&actor->state) != SEALED)
        return vrx_fail(VRX_WRONG_STATE);
    VRX_TRY(vrx_batch_init(&actor->batch, *tenant));
    actor->batch.now_ns = actor->options.now_ns;
    actor->batch.context = actor->options.context;
    struct vrx_result result = first ? run_first(actor, first) : vrx_ok();
    if (!vrx_is_ok(result)) {
        vrx_batch_done(&actor->batch);
        return result;
    }
    actor->tenant = *tenant;
    *tenant = NULL;
    atomic_store(&actor->state, OPEN);
    return vrx_ok();
}

struct vrx_result vrx_actor_unseal(
    struct vrx_actor *actor, struct vrx_tenant **tenant, struct vrx_job *first) {
    (void)pthread_mutex_lock(&actor->lock);
    struct vrx_result result = unseal_locked(actor, tenant, first);
    (void)pthread_mutex_unlock(&actor->lock);
    return result;
}

void vrx_actor_seal(struct vrx_actor *actor) {
    begin_sealing(actor);
    wake(actor);
    if (pthread_equal(pthread_self(), actor->thread))
        return;
    (void)pthread_mutex_lock(&actor->lock);
    while (atomic_load(&actor->state) == SEALING)
        (void)pthread_cond_wait(&actor->sealed, &actor->lock);
    (void)pthread_mutex_unlock(&actor->lock);
}

bool vrx_actor_is_sealed(struct vrx_actor *actor) {
    return atomic_load(&actor->state) == SEALED;
}

void vrx_actor_stop(struct vrx_actor *actor) {
    if (actor->joined)
        return;
    (void)pthread_mutex_lock(&actor->lock);
    atomic_store(&actor->stopping, true);
    (void)pthread_mutex_unlock(&actor->lock);
    begin_sealing(actor);
    wake(actor);
    (void)pthread_join(actor->thread, NULL);
    actor->joined = true;
}

void vrx_actor_free(struct vrx_actor **actor) {
    if (!actor || !*actor)
        return;
    vrx_actor_stop(*actor);
    if ((*actor)->wake >= 0)
        (void)close((*actor)->wake);
    (void)pthread_cond_destroy(&(*actor)->sealed);
    (void)pthread_mutex_destroy(&(*actor)->lock);
    free(*actor);
    *actor = NULL;
}

struct vrx_actor_statistics vrx_actor_statistics(struct vrx_actor *actor) {
    return (struct vrx_actor_statistics){
        .jobs = atomic_load(&actor->jobs),
        .batches = atomic_load(&actor->batches),
        .largest_batch = atomic_load(&actor->largest_batch),
        .failures = atomic_load(&actor->failures),
        .rests = atomic_load(&actor->rests),
        .queued = atomic_load(&actor->posted),
    };
}

const struct vrx_histogram *vrx_actor_batch_jobs(const struct vrx_actor *actor) {
    return &actor->batch_jobs;
}

const struct vrx_histogram *vrx_actor_commit_ns(const struct vrx_actor *actor) {
    return &actor->commit_ns;
}
