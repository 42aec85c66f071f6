/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/overdue.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "dispatch/log.h"
#include "exchange/decision.h"
#include "exchange/standing.h"
#include "store/approval.h"

#define AT_ONCE 200
#define PAUSE 3600 /* seconds */

static struct vrx_result end_one(
    struct vrx_context *context, const struct vrx_transfer_in *transfer) {
    const struct vrx_transfer_in_step step = {.state = VRX_TRANSFER_EXPIRED};
    context->audit = (struct vrx_audit_facts){.basis = transfer->tie.permit_id};
    memcpy(context->request_id, transfer->query_id, VRX_ID);
    if (transfer->resident)
        VRX_TRY(vrx_decision_about(context, transfer->resident, true));
    VRX_TRY(vrx_approval_end(context->tenant, &transfer->sender, transfer->query_id, context->now));
    VRX_TRY(vrx_transfer_in_advance(
        context->tenant, &transfer->sender, transfer->query_id, &step, context->now));
    vrx_context_in_dossier(context, &transfer->sender, transfer->query_id);
    return vrx_exchange_record_end(context, VRX_QUERY_EXPIRED);
}

struct vrx_result vrx_exchange_end_overdue(struct vrx_context *context, bool *ret_more) {
    struct vrx_transfer_in *transfers = NULL;
    size_t count = 0;
    VRX_TRY(vrx_transfer_in_list_overdue(
        context->tenant, &context->arena, context->now, AT_ONCE, &transfers, &count));
    for (size_t i = 0; i < count; i++)
        VRX_TRY(end_one(context, &transfers[i]));
    *ret_more = count == AT_ONCE;
    return vrx_ok();
}

/* ---- once an hour ---- */

struct look {
    struct vrx_job job;
    struct vrx_context context;
    bool more;
};

#define LOOK_OF(pointer) ((struct look *)(void *)((char *)(pointer)-offsetof(struct look, job)))

static struct vrx_result run(struct vrx_job *job, struct vrx_tenant *tenant) {
    struct look *look = LOOK_OF(job);
    look->context.tenant = tenant;
    look->context.now = vrx_clock_seconds();
    return vrx_exchange_end_overdue(&look->context, &look->more);
}

static void look_free(struct look *look) {
    vrx_arena_done(&look->context.arena);
    free(look);
}

static void done(struct vrx_job *job, struct vrx_result outcome) {
    struct look *look = LOOK_OF(job);
    struct vrx_slot *slot = look->context.slot;
    if (!vrx_is_ok(outcome))
        vrx_log_event("exchange overdue", slot->code.digits, outcome);
    atomic_store(
        &slot->overdue_due, vrx_is_ok(outcome) && look->more ? 0 : vrx_clock_seconds() + PAUSE);
    look_free(look);
}

static void begin(struct vrx_slot *slot) {
    struct look *look = calloc(1, sizeof *look);
    struct vrx_result posted = look ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
    atomic_store(&slot->overdue_due, INT64_MAX); /* until the job says when */
    if (look) {
        look->context = (struct vrx_context){
            .daemon = slot->daemon, .slot = slot, .random = slot->daemon->random};
        snprintf(
            look->context.terminal_id, sizeof look->context.terminal_id, "%s", VRX_DAEMON_TERMINAL);
        vrx_arena_init(&look->context.arena, VRX_LIMIT_ARENA);
        look->job = (struct vrx_job){.run = run, .done = done};
        posted = vrx_actor_post(slot->actor, &look->job);
    }
    if (vrx_is_ok(posted))
        return;
    if (look)
        look_free(look);
    atomic_store(&slot->overdue_due, vrx_clock_seconds() + PAUSE);
}

void vrx_overdue_tick(struct vrx_daemon *daemon) {
    const int64_t now = vrx_clock_seconds();
    pthread_rwlock_rdlock(&daemon->slots_lock);
    for (size_t i = 0; i < daemon->slot_count; i++) {
        struct vrx_slot *slot = daemon->slots[i];
        if (atomic_load(&slot->overdue_due) <= now && vrx_slot_is_open(slot))
            begin(slot);
    }
    pthread_rwlock_unlock(&daemon->slots_lock);
}
