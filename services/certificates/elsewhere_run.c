/* SPDX-License-Identifier: Apache-2.0
 *
 * Who takes the steps of elsewhere.c: a job of the tenant's actor, the worker in the issuer's lane,
 * and a job again. One of a municipality at a time.
 */
#include <stddef.h>
#include <stdlib.h>

#include "certificates/elsewhere.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"

#define PAUSE 60 /* seconds after a failure */

struct run {
    struct vrx_job job;
    struct vrx_task task;
    struct vrx_context context;
    struct vrx_elsewhere_issue issue;
    struct vrx_result issuer; /* what it said */
    int64_t next;             /* when to look again; 0: nothing waits */
};

#define RUN_OF(pointer, member) \
    ((struct run *)(void *)((char *)(pointer)-offsetof(struct run, member)))

/* Also what arrived while this ran is looked at then. */
static void due(struct vrx_slot *slot, int64_t at) {
    int64_t known = atomic_load(&slot->certificates_due);
    while (at < known && !atomic_compare_exchange_weak(&slot->certificates_due, &known, at))
        ;
}

static void end(struct run *run, int64_t at) {
    struct vrx_slot *slot = run->context.slot;
    vrx_elsewhere_issue_done(&run->issue);
    vrx_arena_done(&run->context.arena);
    free(run);
    due(slot, at);
    atomic_store(&slot->certificates_running, false);
}

/* Sealed meanwhile: the next unseal says when to look again. */
static void post(struct run *run) {
    struct vrx_result posted = vrx_actor_post(run->context.slot->actor, &run->job);
    if (!vrx_is_ok(posted))
        end(run, posted.reason == VRX_QUEUE_FULL ? vrx_clock_seconds() + 1 : INT64_MAX);
}

static void begin_step(struct run *run, struct vrx_tenant *tenant) {
    vrx_arena_clear(&run->context.arena);
    run->context.tenant = tenant;
    run->context.now = vrx_clock_seconds();
}

static bool went_well(struct run *run, struct vrx_result outcome) {
    run->context.tenant = NULL;
    if (!vrx_is_ok(outcome) && outcome.reason != VRX_TENANT_SEALED)
        vrx_log_event("certificates elsewhere", run->context.slot->code.digits, outcome);
    return vrx_is_ok(outcome);
}

/* ---- recorded ---- */

static struct vrx_result settle_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct run *run = RUN_OF(job, job);
    begin_step(run, tenant);
    return vrx_certificates_settle(&run->context, &run->issue, run->issuer, &run->next);
}

static void settle_done(struct vrx_job *job, struct vrx_result outcome) {
    struct run *run = RUN_OF(job, job);
    vrx_dispatch_wake(run->context.slot);
    if (!went_well(run, outcome))
        run->next = vrx_clock_seconds() + PAUSE;
    end(run, run->next ? run->next : INT64_MAX);
}

/* ---- issued ---- */

static void ask(struct vrx_task *task) {
    struct run *run = RUN_OF(task, task);
    run->context.state = &run->issue.state;
    memcpy(run->context.request_id, run->issue.asked.query_id, VRX_ID);
    run->issuer = vrx_certificates_issue_outside(&run->context);
    run->job = (struct vrx_job){.run = settle_run, .done = settle_done};
    post(run);
}

/* ---- looked at ---- */

static struct vrx_result look_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct run *run = RUN_OF(job, job);
    begin_step(run, tenant);
    return vrx_certificates_look(&run->context, &run->issue, &run->next);
}

static void look_done(struct vrx_job *job, struct vrx_result outcome) {
    struct run *run = RUN_OF(job, job);
    struct vrx_daemon *daemon = run->context.daemon;
    if (!went_well(run, outcome)) {
        end(run, vrx_clock_seconds() + PAUSE);
    } else if (run->issue.begun) {
        run->task.run = ask;
        vrx_worker_post(daemon->worker, &daemon->issuer_lane, &run->task);
    } else {
        end(run, run->next ? run->next : INT64_MAX);
    }
}

static void begin(struct vrx_slot *slot) {
    if (atomic_exchange(&slot->certificates_running, true))
        return;
    struct run *run = calloc(1, sizeof *run);
    if (!run) {
        atomic_store(&slot->certificates_running, false); /* the next tick tries again */
        return;
    }
    run->job = (struct vrx_job){.is_long = true, .run = look_run, .done = look_done};
    run->context = (struct vrx_context){.daemon = slot->daemon,
        .slot = slot,
        .random = slot->daemon->random,
        .terminal_id = VRX_DAEMON_TERMINAL};
    vrx_arena_init(&run->context.arena, VRX_LIMIT_ARENA);
    atomic_store(&slot->certificates_due, INT64_MAX); /* until the run says when */
    post(run);
}

void vrx_elsewhere_tick(struct vrx_daemon *daemon) {
    const int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (atomic_load(&slot->certificates_due) <= now && vrx_slot_is_open(slot))
            begin(slot);
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
}
