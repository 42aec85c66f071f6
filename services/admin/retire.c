/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality leaves: its sealed folder is set aside, as it is and for good. The platform
 * operator's call; its entry is written beside the vault before the folder gets its other name, so
 * that what was set aside says by whom, and who ever puts it back finds that in the ledger. A crash
 * in between leaves a tenant that is kept, with an entry of the attempt.
 *
 * Inside the gate no unseal begins, with the turn no backup or restore is under way, and in the
 * lane nothing else touches the slot.
 */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/errand.h"
#include "admin/handlers.h"
#include "dispatch/dispatch.h"
#include "dispatch/log.h"
#include "dispatch/outside.h"
#include "dispatch/swap.h"
#include "vrx/v1/tenancy.pb-c.h"

#define METHOD "/vrx.v1.Tenancy/RetireTenant"
#define ASIDE (VRX_SWAP_STAMP + 2) /* "-2" to "-9" where the name is taken */

/* ---- the record ---- */

static struct vrx_result note(const struct vrx_context *context, const struct vrx_slot *slot,
    const char *aside, enum vrx_reason outcome) {
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer notes VRX_CLEANUP(vrx_buffer_done) = {0};
    char basis[VRX_LIMIT_BASIS + 1];
    snprintf(basis, sizeof basis, "retired %s", aside);
    const struct vrx_audit_facts facts = {.basis = vrx_view_text(basis)};
    VRX_TRY(vrx_context_entry(context, METHOD, VRX_OUTSIDE_PURPOSE, &facts, outcome, &entry));
    VRX_TRY(vrx_outside_read(slot->folder, &notes));
    VRX_TRY(vrx_outside_add(&notes, vrx_buffer_view(&entry)));
    return vrx_outside_write(slot->folder, vrx_buffer_view(&notes));
}

static struct vrx_result end_so(struct vrx_errand *errand) {
    return errand->failure;
}

/* In the ledger of a vault that is open; nothing where it has just closed: that is no reason to
 * refuse any more, and who asks again is served. */
static void record_refusal(
    const struct vrx_context *context, struct vrx_slot *slot, struct vrx_result refused) {
    struct vrx_context about = {
        .daemon = context->daemon, .slot = slot, .random = context->random, .now = context->now};
    memcpy(about.terminal_spki, context->terminal_spki, sizeof about.terminal_spki);
    memcpy(about.terminal_id, context->terminal_id, sizeof about.terminal_id);
    memcpy(about.operator_id, context->operator_id, sizeof about.operator_id);
    memcpy(about.request_id, context->request_id, sizeof about.request_id);
    vrx_arena_init(&about.arena, VRX_LIMIT_ARENA);
    struct vrx_errand errand = {
        .context = &about, .work = end_so, .method = METHOD, .failure = refused};
    struct vrx_result result = vrx_errand_send(&errand);
    if (result.reason != refused.reason)
        vrx_log_event("a refusal is not on record", slot->code.digits, result);
    vrx_arena_done(&about.arena);
}

/* ---- in the lane ---- */

struct move {
    struct vrx_task task;
    struct vrx_slot *slot;
    const char *aside;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
    struct vrx_result outcome;
};

static void do_move(struct vrx_task *task) {
    struct move *move = (struct move *)(void *)((char *)task - offsetof(struct move, task));
    struct vrx_result result = vrx_daemon_retire_tenant(move->slot, move->aside);
    pthread_mutex_lock(&move->lock);
    move->outcome = result;
    move->finished = true;
    pthread_cond_signal(&move->wake);
    pthread_mutex_unlock(&move->lock);
}

static struct vrx_result move_aside(struct vrx_slot *slot, const char *aside) {
    struct move move = {.task.run = do_move, .slot = slot, .aside = aside};
    pthread_mutex_init(&move.lock, NULL);
    pthread_cond_init(&move.wake, NULL);
    vrx_worker_post(slot->daemon->worker, &slot->lane, &move.task);
    pthread_mutex_lock(&move.lock);
    while (!move.finished)
        pthread_cond_wait(&move.wake, &move.lock);
    pthread_mutex_unlock(&move.lock);
    pthread_cond_destroy(&move.wake);
    pthread_mutex_destroy(&move.lock);
    return move.outcome;
}

/* ---- on the caller's thread ---- */

static struct vrx_result name_aside(
    const struct vrx_slot *slot, int64_t now, char aside[ASIDE + 1]) {
    char path[PATH_MAX];
    vrx_swap_stamp(now, aside);
    for (unsigned nth = 1; nth <= 9; nth++) {
        if (nth > 1)
            snprintf(aside + VRX_SWAP_STAMP, ASIDE + 1 - VRX_SWAP_STAMP, "-%u", nth);
        if ((size_t)snprintf(path, sizeof path, "%s%s%s", slot->folder, VRX_SWAP_RETIRED, aside) >=
            sizeof path)
            return vrx_fail(VRX_INPUT_TOO_LARGE);
        if (access(path, F_OK) != 0)
            return vrx_ok();
    }
    return vrx_refuse(VRX_CAP_REACHED, "nine of one municipality a second");
}

/* Inside the gate. */
static struct vrx_result set_aside(
    const struct vrx_context *context, struct vrx_slot *slot, char aside[ASIDE + 1]) {
    if (!vrx_actor_is_sealed(slot->actor)) {
        const struct vrx_result refused =
            vrx_refuse(VRX_WRONG_STATE, "retire: the municipality seals its vault first");
        record_refusal(context, slot, refused);
        return refused;
    }
    VRX_TRY(name_aside(slot, context->now, aside));
    VRX_TRY(note(context, slot, aside, VRX_OK));
    struct vrx_result result = move_aside(slot, aside);
    if (!vrx_is_ok(result) && !vrx_is_ok(note(context, slot, aside, result.reason)))
        vrx_log_event("a refusal is not on record", slot->code.digits, result);
    return result;
}

static struct vrx_result retire(const struct vrx_context *context,
    const struct vrx_municipality_code *code, char aside[ASIDE + 1]) {
    struct vrx_slot *slot = NULL;
    VRX_TRY(vrx_daemon_slot(context->daemon, code, &slot));
    VRX_TRY(vrx_dispatch_go_on(context));
    vrx_gate_replace_begin(&slot->gate);
    struct vrx_result result = set_aside(context, slot, aside);
    vrx_gate_replace_end(&slot->gate);
    if (vrx_is_ok(result))
        vrx_log_event("retired", code->digits, result);
    return result;
}

struct vrx_result vrx_tenancy_retire(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__RetireTenantRequest *in = request;
    Vrx__V1__RetireTenantResponse *out = reply;
    struct vrx_turn turn = {0};
    char aside[ASIDE + 1] = "";
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(in->municipality), &turn.code));
    VRX_TRY(vrx_daemon_take_turn(context->daemon, &turn));
    struct vrx_result result = retire(context, &turn.code, aside);
    vrx_daemon_end_turn(context->daemon, &turn);
    VRX_TRY(result);
    return vrx_arena_format(
        &context->arena, &out->folder, "%s" VRX_SWAP_RETIRED "%s", turn.code.digits, aside);
}
