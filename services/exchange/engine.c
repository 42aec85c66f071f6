/* SPDX-License-Identifier: Apache-2.0
 *
 * Three jobs carry a transfer: "send" on the destination's thread reads what is due and sets the
 * next attempt; "deliver" on the origin's thread decides and answers; "accept" on the destination's
 * thread takes the answer in. Each is its own transaction. Whatever is lost between them is sent
 * again by the next attempt; the origin answers a repeated query with its stored answer.
 */
#include "exchange/engine.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "exchange/decide.h"
#include "exchange/handlers.h"
#include "store/consent_record.h"
#include "store/transfer_out.h"

#define SENDS_AT_ONCE 32
#define FIRST_RETRY 2   /* seconds; doubled at each attempt */
#define LAST_RETRY 1024 /* seconds */

/* The work of one job; the context is a call's without the call. */
struct exchange_job {
    struct vrx_job job;
    struct vrx_context context;
    struct vrx_buffer envelope; /* what arrives */
    struct vrx_buffer answer;   /* what goes back */
    struct vrx_slot *sender;    /* deliver: whose query it is */
    struct vrx_result decision; /* deliver: the refusal inside the answer */
    struct sending *sendings;   /* send */
    size_t sending_count;
};

struct sending {
    struct vrx_municipality_code to;
    uint8_t query_id[VRX_ID];
    struct vrx_buffer envelope;
};

#define JOB_OF(pointer) \
    ((struct exchange_job *)(void *)((char *)(pointer)-offsetof(struct exchange_job, job)))

static void job_free(struct exchange_job *work) {
    for (size_t i = 0; i < work->sending_count; i++)
        vrx_buffer_done(&work->sendings[i].envelope);
    free(work->sendings);
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

/* ---- accept: the destination takes the answer in ---- */

static struct vrx_result accept_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct exchange_job *work = JOB_OF(job);
    begin(work, tenant);
    return vrx_exchange_receive_answer(&work->context, vrx_buffer_view(&work->envelope));
}

static struct vrx_result accept_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct exchange_job *work = JOB_OF(job);
    return vrx_context_record(&work->context, "exchange/answer", VRX_EXCHANGE_PURPOSE,
        &work->context.audit, outcome.reason, NULL);
}

static void accept_done(struct vrx_job *job, struct vrx_result outcome) {
    struct exchange_job *work = JOB_OF(job);
    if (!vrx_is_ok(outcome))
        vrx_log_event("exchange answer", work->context.slot->code.digits, outcome);
    vrx_dispatch_wake(work->context.slot);
    job_free(work);
}

/* ---- deliver: the origin decides ---- */

static struct vrx_result deliver_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct exchange_job *work = JOB_OF(job);
    begin(work, tenant);
    return vrx_exchange_receive_query(
        &work->context, vrx_buffer_view(&work->envelope), &work->answer, &work->decision);
}

static struct vrx_result deliver_audit(
    struct vrx_job *job, struct vrx_tenant *tenant, struct vrx_result outcome) {
    (void)tenant;
    struct exchange_job *work = JOB_OF(job);
    enum vrx_reason reason = vrx_is_ok(outcome) ? work->decision.reason : outcome.reason;
    return vrx_context_record(
        &work->context, "exchange/query", VRX_EXCHANGE_PURPOSE, &work->context.audit, reason, NULL);
}

static void deliver_done(struct vrx_job *job, struct vrx_result outcome) {
    struct exchange_job *work = JOB_OF(job);
    struct exchange_job *accept = NULL;
    if (!vrx_is_ok(outcome))
        vrx_log_event("exchange query", work->context.slot->code.digits, outcome);
    else
        accept = job_new(work->sender, &work->context.slot->code, work->context.request_id);
    if (accept) {
        accept->envelope = work->answer;
        work->answer = (struct vrx_buffer){0};
        accept->job =
            (struct vrx_job){.run = accept_run, .audit = accept_audit, .done = accept_done};
        post(accept);
    }
    job_free(work);
}

static void deliver(struct vrx_slot *sender, struct sending *sending) {
    struct vrx_slot *origin = NULL;
    if (!vrx_is_ok(vrx_daemon_slot(sender->daemon, &sending->to, &origin)))
        return;
    struct exchange_job *work = job_new(origin, &sender->code, sending->query_id);
    if (!work)
        return;
    work->sender = sender;
    work->envelope = sending->envelope;
    sending->envelope = (struct vrx_buffer){0};
    work->job = (struct vrx_job){.run = deliver_run, .audit = deliver_audit, .done = deliver_done};
    post(work);
}

/* ---- send: the destination reads what is due ---- */

static int64_t next_attempt(const struct vrx_transfer_out *transfer, int64_t now) {
    unsigned doublings = transfer->attempts < 9 ? (unsigned)transfer->attempts : 9;
    int64_t wait = (int64_t)FIRST_RETRY << doublings;
    if (wait > LAST_RETRY)
        wait = LAST_RETRY;
    /* Spread by the random query id, so that one peer's return is not met by all at once. */
    wait += transfer->query_id[0] % (wait / 2 + 1);
    return now + wait < transfer->deadline ? now + wait : transfer->deadline + 1;
}

/* Ends a transfer from this side. */
static struct vrx_result end_one(
    struct vrx_context *context, const struct vrx_transfer_out *transfer, enum vrx_reason reason) {
    const uint8_t *id = transfer->query_id;
    context->audit = (struct vrx_audit_facts){0};
    VRX_TRY(vrx_context_about(context, transfer->resident));
    if (reason == VRX_CONSENT_REVOKED && transfer->state == VRX_TRANSFER_REQUESTED)
        VRX_TRY(vrx_transfer_out_deny(
            context->tenant, id, reason, vrx_view_text("consent.status"), context->now));
    else
        VRX_TRY(vrx_transfer_out_advance(context->tenant, id, VRX_TRANSFER_EXPIRED, context->now));
    return vrx_context_record(
        context, "exchange/end", VRX_EXCHANGE_PURPOSE, &context->audit, reason, NULL);
}

/* The query carries the consent as it was granted: whether it still stands is known here only. */
static struct vrx_result consent_stands(
    struct vrx_context *context, const struct vrx_transfer_out *transfer, bool *ret_stands) {
    struct vrx_consent_record consent = {.state = VRX_CONSENT_RECORD_GRANTED};
    if (transfer->has_consent)
        VRX_TRY(vrx_consent_record_get(
            context->tenant, &context->arena, transfer->consent_id, &consent));
    *ret_stands = consent.state == VRX_CONSENT_RECORD_GRANTED;
    return vrx_ok();
}

static struct vrx_result send_one(
    struct exchange_job *work, const struct vrx_transfer_out *transfer, struct sending *sending) {
    struct vrx_context *context = &work->context;
    bool stands = false;
    if (transfer->deadline < context->now)
        return end_one(context, transfer, VRX_QUERY_EXPIRED);
    VRX_TRY(consent_stands(context, transfer, &stands));
    if (!stands)
        return end_one(context, transfer, VRX_CONSENT_REVOKED);
    VRX_TRY(vrx_transfer_out_attempted(
        context->tenant, transfer->query_id, next_attempt(transfer, context->now)));
    VRX_TRY(vrx_buffer_append(&sending->envelope, transfer->query));
    sending->to = transfer->origin;
    memcpy(sending->query_id, transfer->query_id, VRX_ID);
    work->sending_count++;
    return vrx_ok();
}

static struct vrx_result send_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct exchange_job *work = JOB_OF(job);
    begin(work, tenant);
    struct vrx_transfer_out *due = NULL;
    size_t count = 0;
    VRX_TRY(vrx_transfer_out_list_due(
        tenant, &work->context.arena, work->context.now, SENDS_AT_ONCE, &due, &count));
    work->sendings = calloc(count + 1, sizeof *work->sendings);
    if (!work->sendings)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(send_one(work, &due[i], &work->sendings[work->sending_count]));
    int64_t next = 0;
    VRX_TRY(vrx_transfer_out_next_due(tenant, &next));
    if (next)
        atomic_store(&work->context.slot->exchange_due, next);
    return vrx_ok();
}

static void send_done(struct vrx_job *job, struct vrx_result outcome) {
    struct exchange_job *work = JOB_OF(job);
    if (vrx_is_ok(outcome)) {
        for (size_t i = 0; i < work->sending_count; i++)
            deliver(work->context.slot, &work->sendings[i]);
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
