/* SPDX-License-Identifier: Apache-2.0
 *
 * "send" on the sender's thread reads what is due and sets the next attempts; its messages go in
 * batches, one for each receiver. A batch is taken in on the receiver's thread, here or by another
 * daemon (peers.h), and its replies by "accept" on the sender's thread. Each is its own
 * transaction. Whatever is lost between them is sent again by the next attempt; the receiver
 * answers a repeated message with its stored reply.
 *
 * Next: batch.c and steps.c, what is done inside the transactions.
 */
#include "exchange/engine.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "dispatch/alert.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "exchange/batch.h"
#include "exchange/bulk.h"
#include "exchange/peers.h"

#define FIRST_RETRY 2 /* seconds, after a failure of our own */
/* Of one municipality: so many batches on their way keep both sides and the way between them at
 * work, and hold a few megabytes. */
#define BATCHES_AT_ONCE 8
/* Their messages: the receiver's thread is taken for some ten milliseconds, and whoever calls there
 * waits no longer for one. */
#define MESSAGES_TOGETHER 16

/* Messages to one receiver, from send to accept. */
struct batch {
    struct vrx_job job; /* deliver, then accept */
    struct vrx_consignment consignment;
    struct vrx_slot *sender;
    struct vrx_slot *receiver; /* NULL: it is elsewhere */
    struct vrx_sending *sent;  /* malloc'ed, as the next */
    struct vrx_delivery *deliveries;
    size_t count;
    struct vrx_raised raised; /* deliver: alerts at the receiver */
};

struct send {
    struct vrx_job job;
    struct vrx_context context;
    struct vrx_sendings sendings;
};

#define BATCH_OF(pointer, member) \
    ((struct batch *)(void *)((char *)(pointer)-offsetof(struct batch, member)))
#define SEND_OF(pointer) ((struct send *)(void *)((char *)(pointer)-offsetof(struct send, job)))

static void batch_free(struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        vrx_buffer_done(&batch->sent[i].envelope);
        vrx_buffer_done(&batch->deliveries[i].reply);
    }
    free(batch->sent);
    free(batch->deliveries);
    free(batch);
}

/* ---- accept: the sender takes the replies in ---- */

/* Room for the next batch, and perhaps something that waited for it. */
static void end_batch(struct batch *batch) {
    struct vrx_slot *slot = batch->sender;
    batch_free(batch);
    atomic_fetch_sub(&slot->exchange_batches, 1);
    if (atomic_load(&slot->exchange_due) <= vrx_clock_seconds() && vrx_slot_is_open(slot))
        vrx_exchange_nudge(slot);
}

static struct vrx_result accept_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct batch *batch = BATCH_OF(job, job);
    return vrx_exchange_accept_all(
        batch->sender, tenant, batch->sent, batch->deliveries, batch->count);
}

static void accept_done(struct vrx_job *job, struct vrx_result outcome) {
    struct batch *batch = BATCH_OF(job, job);
    if (!vrx_is_ok(outcome))
        vrx_log_event("exchange replies", batch->sender->code.digits, outcome);
    vrx_dispatch_wake(batch->sender);
    vrx_exchange_bulk_sent(batch->sender);
    end_batch(batch);
}

/* Whether the sender has something to put down: a query that did not get there is due again as it
 * is, unless the other side said when. */
static bool is_of_use(const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++)
        if (vrx_is_ok(batch->deliveries[i].outcome) || batch->deliveries[i].outcome.retry_ms ||
            batch->sent[i].kind != VRX_ENVELOPE_QUERY)
            return true;
    return false;
}

/* What was refused is sent again, and somebody may have to see to it meanwhile: one line a batch. A
 * peer that is sealed or does not answer is told elsewhere. */
static void tell(const struct batch *batch) {
    for (size_t i = 0; i < batch->count; i++) {
        const struct vrx_result refused = batch->deliveries[i].outcome;
        if (vrx_is_ok(refused) || refused.reason == VRX_TENANT_SEALED ||
            refused.reason == VRX_NETWORK_FAILED || refused.reason == VRX_SHUTTING_DOWN)
            continue;
        vrx_log_event("messages not taken", batch->sent->to.digits, refused);
        return;
    }
}

static void accept(struct batch *batch, struct vrx_result outcome) {
    for (size_t i = 0; i < batch->count && !vrx_is_ok(outcome); i++)
        batch->deliveries[i].outcome = outcome;
    tell(batch);
    batch->job = (struct vrx_job){.is_long = true, .run = accept_run, .done = accept_done};
    if (!is_of_use(batch) || !vrx_is_ok(vrx_actor_post(batch->sender->actor, &batch->job)))
        end_batch(batch);
}

/* ---- deliver: the receiver takes the messages in and answers ---- */

static struct vrx_result deliver_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct batch *batch = BATCH_OF(job, job);
    return vrx_exchange_receive_all(batch->receiver, tenant, &batch->sender->code,
        batch->deliveries, batch->count, &batch->raised);
}

static void deliver_done(struct vrx_job *job, struct vrx_result outcome) {
    struct batch *batch = BATCH_OF(job, job);
    if (!vrx_is_ok(outcome))
        vrx_log_event("exchange messages", batch->receiver->code.digits, outcome);
    if (vrx_is_ok(outcome)) {
        struct vrx_context context = {.slot = batch->receiver, .raised = batch->raised};
        vrx_alert_tell(&context);
        vrx_dispatch_wake(batch->receiver); /* officers may have something to look at */
    }
    accept(batch, outcome);
}

static void carried(struct vrx_consignment *consignment, struct vrx_result outcome) {
    accept(BATCH_OF(consignment, consignment), outcome);
}

static void deliver(struct batch *batch) {
    struct vrx_daemon *daemon = batch->sender->daemon;
    struct vrx_peers *peers = atomic_load(&daemon->peers);
    if (vrx_is_ok(vrx_daemon_slot(daemon, &batch->sent->to, &batch->receiver))) {
        batch->job = (struct vrx_job){.is_long = true, .run = deliver_run, .done = deliver_done};
        struct vrx_result posted = vrx_actor_post(batch->receiver->actor, &batch->job);
        if (!vrx_is_ok(posted))
            accept(batch, posted);
    } else if (peers) {
        batch->consignment = (struct vrx_consignment){
            .from = batch->sender->code,
            .to = batch->sent->to,
            .deliveries = batch->deliveries,
            .count = batch->count,
            .done = carried,
        };
        vrx_peers_give(peers, &batch->consignment);
    } else {
        accept(batch, vrx_fail(VRX_TENANT_UNKNOWN));
    }
}

/* ---- send: the sender reads what is due ---- */

/* Takes the messages to the receiver of the first that is left out of items; NULL when memory is
 * short: they come again by the next attempt. */
static struct batch *batch_new(struct vrx_slot *sender, struct vrx_sending *items, size_t count) {
    const struct vrx_municipality_code to = items->to;
    struct batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->sent = calloc(count, sizeof *batch->sent);
    batch->deliveries = calloc(count, sizeof *batch->deliveries);
    batch->sender = sender;
    if (!batch->sent || !batch->deliveries) {
        batch_free(batch);
        return NULL;
    }
    for (size_t i = 0; i < count && batch->count < MESSAGES_TOGETHER; i++) {
        struct vrx_sending *item = &items[i];
        if (!item->envelope.len || !vrx_municipality_code_equal(&item->to, &to))
            continue;
        batch->sent[batch->count] = *item;
        item->envelope = (struct vrx_buffer){0};
        batch->deliveries[batch->count].envelope =
            vrx_buffer_view(&batch->sent[batch->count].envelope);
        batch->count++;
    }
    return batch;
}

static void send_all(struct vrx_slot *sender, const struct vrx_sendings *sendings) {
    for (size_t i = 0; i < sendings->count; i++) {
        if (!sendings->items[i].envelope.len)
            continue; /* left with one before */
        struct batch *batch = batch_new(sender, &sendings->items[i], sendings->count - i);
        if (!batch)
            return;
        atomic_fetch_add(&sender->exchange_batches, 1);
        deliver(batch);
    }
}

static struct vrx_result send_run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct send *work = SEND_OF(job);
    work->context.tenant = tenant;
    work->context.now = vrx_clock_seconds();
    VRX_TRY(vrx_exchange_send_due(&work->context, &work->sendings));
    if (work->sendings.next)
        atomic_store(&work->context.slot->exchange_due, work->sendings.next);
    return vrx_ok();
}

static void send_free(struct send *work) {
    vrx_sendings_done(&work->sendings);
    vrx_arena_done(&work->context.arena);
    free(work);
}

static void send_done(struct vrx_job *job, struct vrx_result outcome) {
    struct send *work = SEND_OF(job);
    struct vrx_slot *slot = work->context.slot;
    if (vrx_is_ok(outcome)) {
        send_all(slot, &work->sendings);
        vrx_dispatch_wake(slot);
        if (work->sendings.next && work->sendings.next <= work->context.now)
            vrx_exchange_nudge(slot); /* there is more */
    } else if (outcome.reason != VRX_TENANT_SEALED) {
        vrx_log_event("exchange send", slot->code.digits, outcome);
        atomic_store(&slot->exchange_due, vrx_clock_seconds() + FIRST_RETRY);
    }
    send_free(work);
}

static struct send *send_new(struct vrx_slot *slot) {
    struct send *work = calloc(1, sizeof *work);
    if (!work)
        return NULL;
    work->context.daemon = slot->daemon;
    work->context.slot = slot;
    work->context.random = slot->daemon->random;
    vrx_arena_init(&work->context.arena, VRX_LIMIT_ARENA);
    (void)snprintf(
        work->context.terminal_id, sizeof work->context.terminal_id, "peer:%s", slot->code.digits);
    work->job = (struct vrx_job){.run = send_run, .done = send_done};
    return work;
}

void vrx_exchange_nudge(struct vrx_slot *slot) {
    if (atomic_load(&slot->exchange_batches) >= BATCHES_AT_ONCE) {
        atomic_store(&slot->exchange_due, vrx_clock_seconds()); /* the end of one of them looks */
        return;
    }
    struct send *work = send_new(slot);
    struct vrx_result posted = work ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
    if (work) {
        atomic_store(&slot->exchange_due, INT64_MAX); /* until the job says when */
        posted = vrx_actor_post(slot->actor, &work->job);
    }
    if (vrx_is_ok(posted))
        return;
    if (work)
        send_free(work);
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
