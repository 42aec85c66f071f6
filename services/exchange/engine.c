/* SPDX-License-Identifier: Apache-2.0
 *
 * Three jobs carry a message: "send" on the sender's thread reads what is due and sets the next
 * attempt; "deliver" on the receiver's thread decides and answers; "accept" on the sender's thread
 * takes the reply in. Each is its own transaction. Whatever is lost between them is sent again by
 * the next attempt; the receiver answers a repeated message with its stored reply.
 *
 * Next: steps.c, what is done inside the transactions.
 */
#include "exchange/engine.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "dispatch/alert.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "exchange/steps.h"

#define FIRST_RETRY 2 /* seconds, after a failure of our own */

/* The work of one job; the context is a call's without the call. */
struct exchange_job {
    struct vrx_job job;
    struct vrx_context context;
    struct vrx_buffer envelope;   /* what arrives */
    struct vrx_buffer answer;     /* what goes back */
    struct vrx_slot *sender;      /* deliver: whose message it is */
    struct vrx_result decision;   /* deliver: the refusal inside the answer */
    struct vrx_sending sent;      /* deliver, accept: without its envelope */
    struct vrx_sendings sendings; /* send */
};

#define JOB_OF(pointer) \
    ((struct exchange_job *)(void *)((char *)(pointer)-offsetof(struct exchange_job, job)))

static void job_free(struct exchange_job *work) {
    vrx_sendings_done(&work->sendings);
    vrx_buffer_done(&work->envelope);
    vrx_buffer_done(&work->answer);
    vrx_arena_done(&work->context.arena);
    free(work);
}

/* peer: the other municipality, as the ledger names who acted; NULL: this daemon itself. */
static struct exchange_job *job_new(
    struct vrx_slot *slot, const struct vrx_municipality_code *peer, const uint8_t *request_id) {
    struct exchange_job *work = calloc(1, sizeof *work);
    if (!work)
        return NULL;
    work->context.daemon = slot->daemon;
    work->context.slot = slot;
    work->context.random = slot->daemon->random;
    vrx_arena_init(&work->context.arena, VRX_LIMIT_ARENA);
    snprintf(work->context.terminal_id, sizeof work->context.terminal_id, "peer:%s",
        peer ? peer->digits : slot->code.digits);
    if (request_id)
        memcpy(work->context.request_id, request_id, VRX_ID);
    return work;
}

static void begin(struct exchange_job *work, struct vrx_tenant *tenant) {
    work->context.tenant = tenant;
    work->context.now = vrx_clock_seconds();
}

/* False when the job is lost: its municipality is sealed or overloaded. A query or an answer that
 * is lost so comes again by the next attempt. */
static bool post(struct exchange_job *work) {
    if (vrx_is_ok(vrx_actor_post(work->context.slot->actor, &work->job)))
        return true;
    job_free(work);
    return false;
}

/* ---- accept: the sender takes the reply in ---- */

static struct vrx_result accept_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct exchange_job *work = JOB_OF(job);
    begin(work, tenant);
    return vrx_exchange_accept(&work->context, &work->sent, vrx_buffer_view(&work->envelope));
}

static struct vrx_result accept_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct exchange_job *work = JOB_OF(job);
    return vrx_exchange_record_accept(&work->context, &work->sent, outcome);
}

static void accept_done(struct vrx_job *job, struct vrx_result outcome) {
    struct exchange_job *work = JOB_OF(job);
    if (!vrx_is_ok(outcome))
        vrx_log_event("exchange reply", work->context.slot->code.digits, outcome);
    vrx_dispatch_wake(work->context.slot);
    job_free(work);
}

/* ---- deliver: the receiver takes the message in and answers ---- */

static struct vrx_result deliver_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct exchange_job *work = JOB_OF(job);
    begin(work, tenant);
    return vrx_exchange_receive(
        &work->context, vrx_buffer_view(&work->envelope), &work->answer, &work->decision);
}

static struct vrx_result deliver_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct exchange_job *work = JOB_OF(job);
    return vrx_exchange_record_receive(
        &work->context, vrx_buffer_view(&work->envelope), outcome, work->decision);
}

static void deliver_done(struct vrx_job *job, struct vrx_result outcome) {
    struct exchange_job *work = JOB_OF(job);
    struct exchange_job *accept = NULL;
    vrx_alert_tell(&work->context);
    if (!vrx_is_ok(outcome) && !work->context.audit.written)
        vrx_log_event("exchange message", work->context.slot->code.digits, outcome);
    if (vrx_is_ok(outcome))
        accept = job_new(work->sender, &work->context.slot->code, work->context.request_id);
    if (vrx_is_ok(outcome))
        vrx_dispatch_wake(work->context.slot); /* officers may have something to look at */
    if (accept) {
        accept->sent = work->sent;
        accept->envelope = work->answer;
        work->answer = (struct vrx_buffer){0};
        accept->job =
            (struct vrx_job){.run = accept_run, .audit = accept_audit, .done = accept_done};
        post(accept);
    }
    job_free(work);
}

static void deliver(struct vrx_slot *sender, struct vrx_sending *sending) {
    struct vrx_slot *origin = NULL;
    if (!vrx_is_ok(vrx_daemon_slot(sender->daemon, &sending->to, &origin)))
        return;
    struct exchange_job *work = job_new(origin, &sender->code, sending->query_id);
    if (!work)
        return;
    work->sender = sender;
    work->envelope = sending->envelope;
    sending->envelope = (struct vrx_buffer){0};
    work->sent = *sending;
    work->job = (struct vrx_job){.run = deliver_run, .audit = deliver_audit, .done = deliver_done};
    post(work);
}

/* ---- send: the sender reads what is due ---- */

static struct vrx_result send_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct exchange_job *work = JOB_OF(job);
    begin(work, tenant);
    VRX_TRY(vrx_exchange_send_due(&work->context, &work->sendings));
    if (work->sendings.next)
        atomic_store(&work->context.slot->exchange_due, work->sendings.next);
    return vrx_ok();
}

static void send_done(struct vrx_job *job, struct vrx_result outcome) {
    struct exchange_job *work = JOB_OF(job);
    if (vrx_is_ok(outcome)) {
        for (size_t i = 0; i < work->sendings.count; i++)
            deliver(work->context.slot, &work->sendings.items[i]);
        vrx_dispatch_wake(work->context.slot);
    } else if (outcome.reason != VRX_TENANT_SEALED) {
        vrx_log_event("exchange send", work->context.slot->code.digits, outcome);
        atomic_store(&work->context.slot->exchange_due, vrx_clock_seconds() + FIRST_RETRY);
    }
    job_free(work);
}

void vrx_exchange_nudge(struct vrx_slot *slot) {
    struct exchange_job *work = job_new(slot, NULL, NULL);
    bool posted = false;
    if (work) {
        atomic_store(&slot->exchange_due, INT64_MAX); /* until the job says when */
        work->job = (struct vrx_job){.run = send_run, .done = send_done};
        posted = post(work);
    }
    if (!posted)
        atomic_store(&slot->exchange_due, vrx_clock_seconds() + FIRST_RETRY);
}

void vrx_exchange_tick(struct vrx_daemon *daemon) {
    int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (atomic_load(&slot->exchange_due) <= now && vrx_slot_is_open(slot))
            vrx_exchange_nudge(slot);
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
}
