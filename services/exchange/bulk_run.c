/* SPDX-License-Identifier: Apache-2.0
 *
 * Who takes the steps of bulk_step.c: one job of the tenant's actor, which comes back again and
 * again, behind whatever was posted meanwhile, each time in a transaction of its own. So a
 * municipality's other calls wait for one step at most, and a step's queries share an fsync.
 */
#include <stddef.h>
#include <stdlib.h>

#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "exchange/bulk.h"
#include "exchange/engine.h"

#define PAUSE 60 /* seconds after a failure */

struct run {
    struct vrx_job job;
    struct vrx_context context;
    struct vrx_bulk_step step;
};

#define RUN_OF(pointer) ((struct run *)(void *)((char *)(pointer)-offsetof(struct run, job)))

static struct vrx_result run_step(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct run *run = RUN_OF(job);
    vrx_arena_clear(&run->context.arena);
    run->context.tenant = tenant;
    run->context.now = vrx_clock_seconds();
    return vrx_exchange_bulk_step(&run->context, &run->step);
}

static void run_free(struct run *run) {
    vrx_arena_done(&run->context.arena);
    free(run);
}

void vrx_exchange_bulk_due(struct vrx_slot *slot, int64_t at) {
    int64_t due = atomic_load(&slot->bulk_due);
    while (at < due && !atomic_compare_exchange_weak(&slot->bulk_due, &due, at))
        ;
}

static void end(struct run *run, int64_t due) {
    struct vrx_slot *slot = run->context.slot;
    atomic_store(&slot->bulk_running, false);
    vrx_exchange_bulk_due(slot, due);
    run_free(run);
}

/* Sealed meanwhile: the next unseal says when to look again. */
static void post(struct run *run) {
    struct vrx_result posted = vrx_actor_post(run->context.slot->actor, &run->job);
    if (!vrx_is_ok(posted))
        end(run, posted.reason == VRX_QUEUE_FULL ? vrx_clock_seconds() + 1 : INT64_MAX);
}

/* A vault with a list that runs is in use, whoever calls or does not. */
static void tell(struct vrx_slot *slot, const struct vrx_bulk_step *step) {
    if (step->found)
        atomic_store(&slot->used_ms, vrx_clock_monotonic_ms(NULL));
    if (step->asked)
        vrx_exchange_nudge(slot);
    if (step->moved)
        vrx_dispatch_wake(slot);
}

static void run_done(struct vrx_job *job, struct vrx_result outcome) {
    struct run *run = RUN_OF(job);
    struct vrx_slot *slot = run->context.slot;
    run->context.tenant = NULL;
    if (vrx_is_ok(outcome)) {
        tell(slot, &run->step);
        if (!run->step.over) {
            post(run);
            return;
        }
    }
    if (!vrx_is_ok(outcome) && outcome.reason != VRX_TENANT_SEALED)
        vrx_log_event("bulk list", slot->code.digits, outcome);
    const bool held = vrx_is_ok(outcome) && run->step.held;
    end(run, vrx_is_ok(outcome) ? run->step.due : vrx_clock_seconds() + PAUSE);
    atomic_store(
        &slot->bulk_held, held); /* where the last was sent before this, the tick sees to it */
}

static void begin(struct vrx_slot *slot) {
    if (atomic_exchange(&slot->bulk_running, true))
        return;
    struct run *run = calloc(1, sizeof *run);
    if (!run) {
        atomic_store(&slot->bulk_running, false); /* the next tick tries again */
        return;
    }
    run->job = (struct vrx_job){.is_long = true, .run = run_step, .done = run_done};
    run->context = (struct vrx_context){.daemon = slot->daemon,
        .slot = slot,
        .random = slot->daemon->random,
        .terminal_id = VRX_DAEMON_TERMINAL};
    vrx_arena_init(&run->context.arena, VRX_LIMIT_ARENA);
    atomic_store(&slot->bulk_due, INT64_MAX); /* until the run says when */
    post(run);
}

void vrx_exchange_bulk_sent(struct vrx_slot *slot) {
    if (atomic_exchange(&slot->bulk_held, false))
        begin(slot);
}

void vrx_exchange_bulk_tick(struct vrx_daemon *daemon) {
    const int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (atomic_load(&slot->bulk_due) <= now && vrx_slot_is_open(slot))
            begin(slot);
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
}
