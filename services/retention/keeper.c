/* SPDX-License-Identifier: Apache-2.0
 *
 * What the daemon erases by a municipality's standing order. One job of the tenant's actor comes
 * back again and again, behind whatever was posted meanwhile; each time it is one step in a
 * transaction of its own:
 *
 *     walk      some residents of one class, class after class
 *     scrub     once for all of them, where anything is ERASED: outside of a transaction, which
 *               holds up the municipality's other calls (erasure.h)
 *     certify   one erasure
 *     serve     the window is done with, until the next
 *
 * The order is read before every step: it may be taken back, and its window may end. All that must
 * survive is in the vault, so that whatever cuts a run off, the next one goes on; a new run walks
 * the classes again that had found nothing. An idle municipality stays idle: a run is no caller.
 *
 * The entries are the daemon's own ("vrxd"), by the order of whoever their basis names.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "dispatch/log.h"
#include "retention/handlers.h"

#define PAUSE 600 /* seconds after a failure */

/* What refers to others first. */
static const enum vrx_retention_class classes[] = {VRX_RETENTION_TRANSFER,
    VRX_RETENTION_APPLICATION, VRX_RETENTION_CONSENT, VRX_RETENTION_EVIDENCE,
    VRX_RETENTION_VACCINATION, VRX_RETENTION_RESIDENT, VRX_RETENTION_TERMINAL};
#define CLASSES (sizeof classes / sizeof *classes)

struct run {
    struct vrx_job job;
    struct vrx_context context;
    struct vrx_schedule schedule; /* texts in the context's arena */
    size_t next;                  /* class; CLASSES: all are walked */
    int64_t window;               /* that is served; when not due any more, the next one */
    bool scrub;
    bool over;
    struct vrx_result failed; /* how the scrub went: the next step's outcome, with its entry */
};

#define RUN_OF(pointer) ((struct run *)(void *)((char *)(pointer)-offsetof(struct run, job)))

/* "standing order of tanaka at 0123456789abcdef: retention period"; its parts are bounded, so that
 * it is shorter than VRX_LIMIT_BASIS. */
static void basis_of(const struct run *run, const char *what, char basis[VRX_LIMIT_BASIS + 1]) {
    const struct vrx_schedule *schedule = &run->schedule;
    snprintf(basis, VRX_LIMIT_BASIS + 1, "standing order of %.*s at %.*s: %s",
        (int)schedule->operator_id.len, (const char *)schedule->operator_id.ptr,
        (int)schedule->terminal_id.len, (const char *)schedule->terminal_id.ptr, what);
}

/* One step of the walk of one class. */
static struct vrx_result walk(struct run *run) {
    struct vrx_context *context = &run->context;
    const struct vrx_erasure_caller caller = {
        run->schedule.operator_id, vrx_view_text(context->terminal_id)};
    const enum vrx_retention_class what = classes[run->next];
    struct vrx_erased_counts counts = {0};
    struct vrx_retention retention;
    struct vrx_erasure erasure;
    uint8_t id[VRX_ID];
    char basis[VRX_LIMIT_BASIS + 1];
    VRX_TRY(vrx_retention_get(context->tenant, what, &retention));
    if (!retention.days) {
        run->next++;
        return vrx_ok();
    }
    VRX_TRY(vrx_erasure_of_class(context->tenant, what, &caller, context->now, id));
    VRX_TRY(vrx_erasure_go_on(context->tenant, id, context->now, &counts));
    VRX_TRY(vrx_erasure_get(context->tenant, &context->arena, id, &erasure));
    if (erasure.state != VRX_ERASURE_RUNNING)
        run->next++;
    basis_of(run, "retention period", basis);
    return vrx_retention_record_rows(context, id, &counts, basis);
}

static struct vrx_result serve(struct run *run) {
    struct vrx_context *context = &run->context;
    char basis[VRX_LIMIT_BASIS + 1];
    VRX_TRY(vrx_schedule_serve(context->tenant, run->window, context->now));
    run->schedule.served = run->window;
    vrx_schedule_due(&run->schedule, context->now, &run->window);
    run->over = true;
    basis_of(run, "end of the run", basis);
    context->audit.basis = vrx_view_text(basis);
    return vrx_context_record(
        context, VRX_RETENTION_ERASE, VRX_RETENTION_PURPOSE, &context->audit, VRX_OK, NULL);
}

/* With all classes walked: what is left to do with what they found. */
static struct vrx_result conclude(struct run *run) {
    struct vrx_context *context = &run->context;
    uint8_t id[VRX_ID];
    char basis[VRX_LIMIT_BASIS + 1];
    bool found = false;
    bool certified = false;
    VRX_TRY(vrx_erasure_in_state(context->tenant, VRX_ERASURE_ERASED, id, &run->scrub));
    if (run->scrub)
        return vrx_ok();
    VRX_TRY(vrx_erasure_in_state(context->tenant, VRX_ERASURE_CLEAN, id, &found));
    basis_of(run, "erasure certificate", basis);
    return found ? vrx_retention_finish(context, id, basis, &certified) : serve(run);
}

static struct vrx_result run_step(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct run *run = RUN_OF(job);
    struct vrx_context *context = &run->context;
    vrx_arena_clear(&context->arena);
    context->audit = (struct vrx_audit_facts){0};
    context->tenant = tenant;
    context->now = vrx_clock_seconds();
    VRX_TRY(vrx_schedule_get(tenant, &context->arena, &run->schedule));
    VRX_TRY(run->failed);
    run->over = !vrx_schedule_due(&run->schedule, context->now, &run->window);
    if (run->over)
        return vrx_ok();
    return run->next < CLASSES ? walk(run) : conclude(run);
}

/* A step's own entries are written with it; a failure has its own. */
static struct vrx_result run_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct run *run = RUN_OF(job);
    char basis[VRX_LIMIT_BASIS + 1];
    if (vrx_is_ok(outcome))
        return vrx_ok();
    basis_of(run, "failed", basis);
    run->context.audit = (struct vrx_audit_facts){.basis = vrx_view_text(basis)};
    return vrx_context_record(&run->context, VRX_RETENTION_ERASE, VRX_RETENTION_PURPOSE,
        &run->context.audit, outcome.reason, NULL);
}

static void run_free(struct run *run) {
    vrx_arena_done(&run->context.arena);
    free(run);
}

/* due: when the tick looks again, unless an unseal or a new order has said that meanwhile. */
static void end(struct run *run, int64_t due) {
    struct vrx_slot *slot = run->context.slot;
    int64_t none = INT64_MAX;
    atomic_store(&slot->retention_running, false);
    atomic_compare_exchange_strong(&slot->retention_due, &none, due);
    run_free(run);
}

/* Sealed meanwhile: the next unseal says when to look again. */
static void post(struct run *run) {
    struct vrx_result posted = vrx_actor_post(run->context.slot->actor, &run->job);
    if (!vrx_is_ok(posted))
        end(run, posted.reason == VRX_QUEUE_FULL ? vrx_clock_seconds() + PAUSE : INT64_MAX);
}

static void run_done(struct vrx_job *job, struct vrx_result outcome) {
    struct run *run = RUN_OF(job);
    if (vrx_is_ok(outcome) && run->scrub)
        run->failed = vrx_erasure_scrub(run->context.tenant);
    run->context.tenant = NULL;
    run->scrub = false;
    if (vrx_is_ok(outcome) && !run->over) {
        post(run);
        return;
    }
    if (!vrx_is_ok(outcome))
        vrx_log_event("erasure by standing order", run->context.slot->code.digits, outcome);
    end(run, vrx_is_ok(outcome) ? run->window : vrx_clock_seconds() + PAUSE);
}

static void begin(struct vrx_slot *slot) {
    struct run *run = calloc(1, sizeof *run);
    if (!run) {
        atomic_store(&slot->retention_due, vrx_clock_seconds() + PAUSE);
        return;
    }
    run->job = (struct vrx_job){.run = run_step, .audit = run_audit, .done = run_done};
    run->context = (struct vrx_context){.daemon = slot->daemon,
        .slot = slot,
        .random = slot->daemon->random,
        .terminal_id = VRX_DAEMON_TERMINAL};
    vrx_arena_init(&run->context.arena, VRX_LIMIT_ARENA);
    atomic_store(&slot->retention_due, INT64_MAX); /* until the run says when */
    atomic_store(&slot->retention_running, true);
    struct vrx_result result =
        vrx_random_fill(slot->daemon->random, run->context.request_id, VRX_ID);
    if (vrx_is_ok(result))
        post(run);
    else
        end(run, vrx_clock_seconds() + PAUSE);
}

void vrx_retention_tick(struct vrx_daemon *daemon) {
    const int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (atomic_load(&slot->retention_due) <= now && vrx_slot_is_open(slot))
            begin(slot);
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
}
