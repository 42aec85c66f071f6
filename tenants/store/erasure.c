/* SPDX-License-Identifier: Apache-2.0
 *
 * The row that leads an erasure through its states. See erasure.h; which rows go: erase_rows.c;
 * what is read back and signed: erasure_record.c.
 */
#include "store/erasure.h"

#include "base/cursor.h"
#include "crypto/hash.h"
#include "ledger/ledger.h"
#include "store/check.h"
#include "store/erase_rows.h"
#include "store/savepoint.h"
#include "store/sql.h"
#include "vaultfs/vault.h"

uint64_t vrx_erased_total(const struct vrx_erased_counts *counts) {
    uint64_t total = 0;
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++)
        total += counts->rows[kind];
    return total;
}

static struct vrx_result add_counts(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], const struct vrx_erased_counts *counts) {
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++) {
        if (!counts->rows[kind])
            continue;
        VRX_STATEMENT(add, tenant,
            "INSERT INTO erased_rows (erasure, kind, rows) VALUES (?, ?, ?) "
            "ON CONFLICT (erasure, kind) DO UPDATE SET rows = rows + excluded.rows");
        vrx_bind_bytes(&add, vrx_view_of(id, VRX_ID));
        vrx_bind_int(&add, kind);
        vrx_bind_int(&add, (int64_t)counts->rows[kind]);
        VRX_TRY(vrx_statement_run(&add));
    }
    return vrx_ok();
}

/* The row of a new erasure, whose ledger is as it is now. */
static struct vrx_result put(struct vrx_tenant *tenant, struct vrx_erasure *erasure,
    const struct vrx_erasure_caller *caller, int64_t now) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(tenant);
    struct vrx_merkle_hash root;
    uint64_t size = vrx_ledger_size(ledger);
    VRX_TRY(vrx_ledger_root(ledger, size, &root));
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), erasure->id, VRX_ID));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO erasure (id, what, reason, order_text, days, cutoff, operator, terminal, "
        "state, walked, begun_at, size_before, root_before) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(erasure->id, VRX_ID));
    vrx_bind_int(&insert, erasure->what);
    vrx_bind_int(&insert, erasure->reason);
    vrx_bind_text(&insert, erasure->order);
    vrx_bind_int(&insert, (int64_t)erasure->days);
    vrx_bind_int(&insert, erasure->before);
    vrx_bind_text(&insert, caller->operator_id);
    vrx_bind_text(&insert, caller->terminal_id);
    vrx_bind_int(&insert, erasure->state);
    vrx_bind_int(&insert, now);
    vrx_bind_int(&insert, (int64_t)size);
    vrx_bind_bytes(&insert, vrx_view_of(root.bytes, VRX_MERKLE_HASH));
    return vrx_statement_run(&insert);
}

struct vrx_result vrx_erasure_of_resident(struct vrx_tenant *tenant, int64_t resident,
    struct vrx_view order, const struct vrx_erasure_caller *caller, int64_t now,
    uint8_t ret_id[VRX_ID]) {
    static const struct vrx_text_rule rule = {0, 1, VRX_LIMIT_ORDER, "erasure.order"};
    struct vrx_erasure erasure = {.what = VRX_RETENTION_RESIDENT,
        .reason = VRX_ERASURE_ORDER,
        .order = order,
        .state = VRX_ERASURE_ERASED};
    struct vrx_erased_counts counts = {0};
    VRX_TRY(vrx_check_texts(&order, &rule, 1));
    VRX_TRY(vrx_erase_resident(tenant, resident, &counts));
    VRX_TRY(put(tenant, &erasure, caller, now));
    VRX_TRY(add_counts(tenant, erasure.id, &counts));
    memcpy(ret_id, erasure.id, VRX_ID);
    return vrx_ok();
}

struct vrx_result vrx_erasure_of_order(
    struct vrx_tenant *tenant, struct vrx_view order, uint8_t ret_id[VRX_ID]) {
    VRX_STATEMENT(
        find, tenant, "SELECT id FROM erasure WHERE reason = 2 AND order_text = ? AND state < 4");
    vrx_bind_text(&find, order);
    bool found = false;
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_NOT_FOUND);
    vrx_take_fixed(&find, ret_id, VRX_ID);
    return find.error;
}

static struct vrx_result find_under_way(struct vrx_tenant *tenant, enum vrx_retention_class what,
    uint8_t ret_id[VRX_ID], bool *ret_found) {
    VRX_STATEMENT(
        find, tenant, "SELECT id FROM erasure WHERE reason = 1 AND what = ? AND state < 4");
    vrx_bind_int(&find, what);
    VRX_TRY(vrx_statement_row(&find, ret_found));
    if (*ret_found)
        vrx_take_fixed(&find, ret_id, VRX_ID);
    return find.error;
}

struct vrx_result vrx_erasure_is_under_way(
    struct vrx_tenant *tenant, enum vrx_retention_class what, bool *ret_under_way) {
    uint8_t id[VRX_ID];
    return find_under_way(tenant, what, id, ret_under_way);
}

struct vrx_result vrx_erasure_of_class(struct vrx_tenant *tenant, enum vrx_retention_class what,
    const struct vrx_erasure_caller *caller, int64_t now, uint8_t ret_id[VRX_ID]) {
    struct vrx_erasure_plan plan;
    bool found = false;
    VRX_TRY(find_under_way(tenant, what, ret_id, &found));
    if (found)
        return vrx_ok();
    VRX_TRY(vrx_erasure_plan_class(tenant, what, now, &plan));
    struct vrx_erasure erasure = {.what = what,
        .reason = VRX_ERASURE_RETENTION,
        .days = plan.days,
        .before = plan.before,
        .state = VRX_ERASURE_RUNNING};
    VRX_TRY(put(tenant, &erasure, caller, now));
    memcpy(ret_id, erasure.id, VRX_ID);
    return vrx_ok();
}

struct vrx_result vrx_erased_commitment(const uint8_t id[VRX_ID],
    const struct vrx_erased_counts *counts, uint8_t ret_commitment[VRX_DIGEST]) {
    uint8_t rows[VRX_ERASED_LAST][8];
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++)
        vrx_put_u64(rows[kind - 1], counts->rows[kind]);
    struct vrx_view parts[] = {vrx_view_of(id, VRX_ID), vrx_view_of(rows[0], sizeof rows)};
    return vrx_sha256_parts(parts, 2, ret_commitment);
}

/* Where nothing was found there is nothing to scrub. */
static struct vrx_result note_step(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t walked, bool done, bool nothing) {
    int state = !done ? VRX_ERASURE_RUNNING : nothing ? VRX_ERASURE_CLEAN : VRX_ERASURE_ERASED;
    VRX_STATEMENT(update, tenant, "UPDATE erasure SET walked = ?, state = ? WHERE id = ?");
    vrx_bind_int(&update, walked);
    vrx_bind_int(&update, state);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    return vrx_statement_run(&update);
}

struct vrx_result vrx_erasure_go_on(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    int64_t now, struct vrx_erased_counts *counts) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_erasure erasure;
    struct vrx_erased_counts step = {0};
    bool done = false;
    vrx_arena_init(&arena, 0);
    VRX_TRY(vrx_erasure_get(tenant, &arena, id, &erasure));
    if (erasure.state != VRX_ERASURE_RUNNING)
        return vrx_ok();
    VRX_TRY(
        vrx_erase_step(tenant, erasure.what, erasure.before, now, &erasure.after, &step, &done));
    VRX_TRY(add_counts(tenant, id, &step));
    bool nothing = !vrx_erased_total(&erasure.counts) && !vrx_erased_total(&step);
    VRX_TRY(note_step(tenant, id, erasure.after, done, nothing));
    for (unsigned kind = 1; kind <= VRX_ERASED_LAST; kind++)
        counts->rows[kind] += step.rows[kind];
    return vrx_ok();
}

/* Leaves of a tree that SQLite rebalanced keep copies of rows in their unused part, which
 * secure_delete does not reach when the row itself is deleted: only pages that are written anew
 * from the rows that are left are known to hold nothing else. */
struct vrx_result vrx_erasure_scrub(struct vrx_tenant *tenant) {
    sqlite3 *db = vrx_tenant_db(tenant);
    if (!sqlite3_get_autocommit(db))
        return vrx_fail(VRX_WRONG_STATE);
    if (vrx_tenant_backup_is_under_way(tenant))
        return vrx_refuse(VRX_WRONG_STATE, "erasure: a backup is being taken; go on after it");
    VRX_TRY(vrx_tenant_vacuum(tenant));
    VRX_STATEMENT(clean, tenant, "UPDATE erasure SET state = 3 WHERE state = 2");
    return vrx_statement_run(&clean);
}

struct vrx_result vrx_erasure_plan_class(struct vrx_tenant *tenant, enum vrx_retention_class what,
    int64_t now, struct vrx_erasure_plan *ret_plan) {
    struct vrx_retention retention;
    struct vrx_erasure_plan plan = {.what = what};
    VRX_TRY(vrx_retention_get(tenant, what, &retention));
    if (what == VRX_RETENTION_AUDIT_SALT)
        return vrx_refuse(VRX_INPUT_RANGE, "retention: a salt goes with its resident");
    if (!retention.days)
        return vrx_refuse(VRX_INPUT_RANGE, "retention: this class is kept for ever");
    plan.days = retention.days;
    VRX_TRY(vrx_retention_before(tenant, what, now, &plan.before));
    if (plan.before < 0)
        plan.before = 0;
    *ret_plan = plan;
    return vrx_ok();
}

struct vrx_result vrx_erasure_plan_go_on(
    struct vrx_tenant *tenant, struct vrx_erasure_plan *plan, int64_t now) {
    struct vrx_erasure_plan next = *plan;
    struct vrx_savepoint point;
    if (plan->done)
        return vrx_ok();
    VRX_TRY(vrx_savepoint_begin(tenant, &point));
    struct vrx_result result =
        vrx_erase_step(tenant, next.what, next.before, now, &next.after, &next.counts, &next.done);
    VRX_TRY(vrx_savepoint_undo(tenant, &point));
    VRX_TRY(result);
    /* Taken back, a full step of what belongs to no resident would come again for ever. */
    next.done = next.done || next.after == plan->after;
    *plan = next;
    return vrx_ok();
}

struct vrx_result vrx_erasure_plan_resident(
    struct vrx_tenant *tenant, int64_t resident, struct vrx_erased_counts *ret_counts) {
    struct vrx_erased_counts counts = {0};
    struct vrx_savepoint point;
    VRX_TRY(vrx_savepoint_begin(tenant, &point));
    struct vrx_result result = vrx_erase_resident(tenant, resident, &counts);
    VRX_TRY(vrx_savepoint_undo(tenant, &point));
    VRX_TRY(result);
    *ret_counts = counts;
    return vrx_ok();
}

struct vrx_result vrx_erasure_last(struct vrx_tenant *tenant, int64_t *ret_last) {
    VRX_STATEMENT(find, tenant, "SELECT coalesce(max(id), 0) FROM resident");
    VRX_TRY(vrx_statement_one(&find));
    *ret_last = vrx_take_int(&find);
    return find.error;
}
