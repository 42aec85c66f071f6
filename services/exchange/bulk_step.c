/* SPDX-License-Identifier: Apache-2.0
 *
 * One step of a list that runs, inside a transaction: the time is context->now, and who calls it
 * again and when (bulk_run.c, a test with a clock of its own) adds nothing to what is decided.
 *
 *     check    the digest over some hundred further rows
 *     ask      as many further rows as fit a step; each is a query of its own, or is turned down
 *     finish   where nothing is left to ask or to wait for
 *
 * A row is marked as asked with its query in one transaction, under the query id that it had when
 * it came: a run that was killed goes on at the next row. What is no row's fault (the directory has
 * ended, the disk is full) leaves the row where it is.
 *
 * The entries are the daemon's own ("vrxd"), their request id is the list's.
 */
#include "exchange/bulk.h"
#include "exchange/request.h"
#include "store/resident.h"
#include "store/savepoint.h"
#include "store/signer.h"

#define ROWS_A_STEP 32 /* about 20 ms */
#define ROWS_A_CHECK 500
#define BACKLOG 256 /* queries that wait to be sent: who asks at the counter is behind so many */
#define SWEEP 3600  /* seconds between looks at what nobody goes on with */
#define BULK_RUN "exchange/bulk"

static struct vrx_result record(
    struct vrx_context *context, const struct vrx_audit_facts *facts, enum vrx_reason outcome) {
    return vrx_context_record(context, BULK_RUN, VRX_BULK_PURPOSE, facts, outcome, NULL);
}

/* An entry about the list itself. */
static struct vrx_result record_list(
    struct vrx_context *context, const struct vrx_bulk *bulk, enum vrx_reason outcome) {
    context->audit = (struct vrx_audit_facts){0};
    VRX_TRY(vrx_exchange_bulk_note(context, bulk));
    return record(context, &context->audit, outcome);
}

/* ---- check ---- */

static struct vrx_result check(
    struct vrx_context *context, struct vrx_bulk_step *step, const struct vrx_bulk *bulk) {
    struct vrx_bulk_list signed_list;
    struct vrx_bulk after;
    VRX_TRY(vrx_signer_verify(
        context->tenant, &vrx_bulk_list_schema, bulk->object, &context->arena, &signed_list));
    VRX_TRY(
        vrx_bulk_check(context->tenant, bulk->id, signed_list.digest, ROWS_A_CHECK, context->now));
    VRX_TRY(vrx_bulk_get(context->tenant, &context->arena, bulk->id, &after));
    if (after.state == VRX_BULK_CHECKING)
        return vrx_ok();
    step->moved = true;
    return record_list(context, &after, after.state == VRX_BULK_RUNNING ? VRX_OK : VRX_CONFLICT);
}

/* ---- ask ---- */

static struct vrx_result ask_entry(struct vrx_context *context, struct vrx_bulk_step *step,
    const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry) {
    struct vrx_resident resident;
    VRX_TRY(vrx_resident_get(context->tenant, &context->arena, entry->resident, &resident));
    VRX_TRY(vrx_context_about(context, resident.id));
    const struct vrx_asking asking = {
        .resident = &resident,
        .from = entry->origin,
        .consent_id = entry->consent_id,
        .evidence_id = entry->evidence_id,
        .items = entry->items,
        .item_count = entry->item_count,
    };
    VRX_TRY(vrx_exchange_ask(context, &asking, entry->query_id));
    VRX_TRY(vrx_bulk_asked(context->tenant, bulk, entry));
    step->asked = true;
    return record(context, &context->audit, VRX_OK);
}

static struct vrx_result take_entry(struct vrx_context *context, struct vrx_bulk_step *step,
    const struct vrx_bulk *bulk, const struct vrx_bulk_entry *entry) {
    struct vrx_savepoint point;
    context->audit = (struct vrx_audit_facts){0};
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    struct vrx_result result = ask_entry(context, step, bulk, entry);
    if (vrx_is_ok(result))
        return vrx_savepoint_keep(context->tenant, &point);
    VRX_TRY(vrx_savepoint_undo(context->tenant, &point));
    if (!vrx_exchange_bulk_is_rows_own(result))
        return result;
    VRX_TRY(vrx_bulk_turn_down(context->tenant, bulk, entry, result.reason, result.clause));
    return record(context, &context->audit, result.reason);
}

/* Rows that may be asked now. What was lost with a transaction is counted too: slower, not faster.
 */
static struct vrx_result room(struct vrx_context *context, size_t *ret_rows, bool *ret_held) {
    struct vrx_slot *slot = context->slot;
    uint32_t pace = context->daemon->options.live.limits.value[VRX_LIMIT_BULK_ROWS_SECOND];
    uint64_t backlog = 0;
    if (slot->bulk_second != context->now)
        slot->bulk_asked = 0;
    slot->bulk_second = context->now;
    uint32_t left = pace > slot->bulk_asked ? pace - slot->bulk_asked : 0;
    size_t rows = pace && left < ROWS_A_STEP ? left : ROWS_A_STEP;
    VRX_TRY(vrx_bulk_backlog(context->tenant, context->now, BACKLOG, &backlog));
    *ret_held = backlog == BACKLOG;
    *ret_rows = *ret_held ? 0 : rows;
    return vrx_ok();
}

static struct vrx_result ask(
    struct vrx_context *context, struct vrx_bulk_step *step, const struct vrx_bulk *bulk) {
    struct vrx_bulk_entry *entries = NULL;
    size_t count = 0;
    size_t rows = 0;
    VRX_TRY(room(context, &rows, &step->held));
    step->over = rows == 0;
    if (step->over)
        return vrx_ok();
    VRX_TRY(vrx_bulk_next(context->tenant, &context->arena, bulk, rows, &entries, &count));
    context->slot->bulk_asked += (uint32_t)count;
    for (size_t i = 0; i < count; i++)
        VRX_TRY(take_entry(context, step, bulk, &entries[i]));
    step->moved = true;
    return vrx_ok();
}

/* ---- finish ---- */

/* Without a list that has rows to check or to ask. */
static struct vrx_result finish(struct vrx_context *context, struct vrx_bulk_step *step) {
    struct vrx_bulk bulk;
    bool found = false;
    bool waiting = false;
    VRX_TRY(vrx_bulk_finished(context->tenant, &context->arena, &bulk, &found, &waiting));
    step->over = !found;
    if (!found) {
        step->due = context->now + (waiting ? 1 : SWEEP);
        return vrx_bulk_sweep(context->tenant, context->now);
    }
    step->moved = true;
    memcpy(context->request_id, bulk.id, VRX_ID);
    VRX_TRY(vrx_bulk_finish(context->tenant, &bulk, context->now));
    return record_list(context, &bulk, VRX_OK);
}

struct vrx_result vrx_exchange_bulk_step(
    struct vrx_context *context, struct vrx_bulk_step *ret_step) {
    struct vrx_bulk_step step = {.due = context->now + 1};
    struct vrx_bulk bulk;
    VRX_TRY(vrx_bulk_current(context->tenant, &context->arena, &bulk, &step.found));
    if (step.found) {
        memcpy(context->request_id, bulk.id, VRX_ID);
        VRX_TRY(bulk.state == VRX_BULK_CHECKING ? check(context, &step, &bulk)
                                                : ask(context, &step, &bulk));
    } else {
        VRX_TRY(finish(context, &step));
    }
    *ret_step = step;
    return vrx_ok();
}
