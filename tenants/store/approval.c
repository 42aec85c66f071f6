/* SPDX-License-Identifier: Apache-2.0
 *
 * See approval.h. A step says in its statement from which states it goes; why it changed no row is
 * looked at afterwards.
 */
#include "store/approval.h"

#include "store/sql.h"

#define COLUMNS \
    "a.id, t.sender, t.query_id, t.resident, a.state, a.opened_at, a.closes_at, a.digest, " \
    "coalesce(a.first_by, ''), coalesce(a.first_terminal, ''), coalesce(a.first_at, 0), " \
    "coalesce(a.ended_by, ''), coalesce(a.ended_terminal, ''), coalesce(a.ended_at, 0)"
#define ALL "FROM approval AS a JOIN transfer_in AS t ON t.id = a.transfer "
#define SHOWN ALL "AND t.resident NOT NULL "

static struct vrx_approval take_approval(
    struct vrx_statement *row, struct vrx_arena *arena, int64_t now) {
    struct vrx_approval approval = {0};
    vrx_take_fixed(row, approval.id, VRX_ID);
    approval.sender = vrx_take_code(row);
    vrx_take_fixed(row, approval.query_id, VRX_ID);
    approval.resident = vrx_take_int(row);
    approval.state = (enum vrx_approval_state)vrx_take_int(row);
    approval.opened_at = vrx_take_int(row);
    approval.closes_at = vrx_take_int(row);
    vrx_take_fixed(row, approval.digest, VRX_DIGEST);
    approval.first.operator_id = vrx_take_text(row, arena);
    approval.first.terminal_id = vrx_take_text(row, arena);
    approval.first_at = vrx_take_int(row);
    approval.ended.operator_id = vrx_take_text(row, arena);
    approval.ended.terminal_id = vrx_take_text(row, arena);
    approval.ended_at = vrx_take_int(row);
    if (approval.state <= VRX_APPROVAL_SECOND && approval.closes_at <= now) {
        approval.state = VRX_APPROVAL_EXPIRED;
        approval.ended_at = approval.closes_at;
    }
    return approval;
}

struct vrx_result vrx_approval_open(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    int64_t closes_at) {
    uint8_t id[VRX_ID];
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), id, sizeof id));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO approval (transfer, id, state, opened_at, closes_at) "
        "SELECT id, ?, 1, ?, ? FROM transfer_in WHERE sender = ? AND query_id = ?");
    vrx_bind_bytes(&insert, vrx_view_of(id, sizeof id));
    vrx_bind_int(&insert, now);
    vrx_bind_int(&insert, closes_at);
    vrx_bind_code(&insert, sender);
    vrx_bind_bytes(&insert, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_run(&insert));
    return vrx_statement_changes(&insert) == 1 ? vrx_ok() : vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_approval_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_approval *ret_approval) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " " SHOWN "WHERE a.id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_approval approval = take_approval(&find, arena, now);
    VRX_TRY(find.error);
    *ret_approval = approval;
    return vrx_ok();
}

struct vrx_result vrx_approval_of_query(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now,
    struct vrx_approval *ret_approval) {
    VRX_STATEMENT(find, tenant, "SELECT " COLUMNS " " ALL "WHERE t.sender = ? AND t.query_id = ?");
    vrx_bind_code(&find, sender);
    vrx_bind_bytes(&find, vrx_view_of(query_id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_approval approval = take_approval(&find, arena, now);
    VRX_TRY(find.error);
    *ret_approval = approval;
    return vrx_ok();
}

/* Past what nobody need look at, so that it is not read again and again. */
static struct vrx_result pass_all(struct vrx_tenant *tenant, int64_t *seen) {
    VRX_STATEMENT(last, tenant, "SELECT max(coalesce(max(transfer), 0), ?) FROM approval");
    vrx_bind_int(&last, *seen);
    VRX_TRY(vrx_statement_one(&last));
    *seen = vrx_take_int(&last);
    VRX_TRY(last.error);
    return vrx_fail(VRX_NOT_FOUND);
}

struct vrx_result vrx_approval_next(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t now,
    int64_t *seen, struct vrx_approval *ret_approval) {
    bool found = false;
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS ", a.transfer " SHOWN "WHERE a.transfer > ? AND a.state <= 2 "
        "AND a.closes_at > ? ORDER BY a.transfer LIMIT 1");
    vrx_bind_int(&find, *seen);
    vrx_bind_int(&find, now);
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return pass_all(tenant, seen);
    struct vrx_approval approval = take_approval(&find, arena, now);
    *seen = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_approval = approval;
    return vrx_ok();
}

struct vrx_result vrx_approval_list(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t now,
    bool ended, struct vrx_approval **ret_approvals, size_t *ret_count) {
    static const char waiting[] = "SELECT " COLUMNS " " SHOWN "WHERE a.state <= 2 "
                                  "AND a.closes_at > ?1 ORDER BY a.closes_at, a.transfer LIMIT ?2";
    static const char all[] =
        "SELECT " COLUMNS " " SHOWN "ORDER BY a.state > 2 OR a.closes_at <= ?1, "
        "iif(a.state > 2, -a.ended_at, iif(a.closes_at <= ?1, -a.closes_at, a.closes_at)), "
        "a.transfer LIMIT ?2";
    size_t count = 0;
    bool more = false;
    struct vrx_approval *approvals =
        vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *approvals);
    if (!approvals)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant, ended ? all : waiting);
    vrx_bind_int(&rows, now);
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        approvals[count++] = take_approval(&rows, arena, now);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_approvals = approvals;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result check_officer(const struct vrx_officer *by) {
    if (!by->operator_id.len || !by->terminal_id.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "approval: who answers is known");
    return vrx_ok();
}

static struct vrx_result check_changed(const struct vrx_statement *update) {
    return vrx_statement_changes(update) == 1
               ? vrx_ok()
               : vrx_refuse(VRX_WRONG_STATE, "approval: answered once, and in time");
}

static void bind_officer(
    struct vrx_statement *update, const struct vrx_officer *by, int64_t now, const uint8_t *id) {
    vrx_bind_text(update, by->operator_id);
    vrx_bind_text(update, by->terminal_id);
    vrx_bind_int(update, now);
    vrx_bind_bytes(update, vrx_view_of(id, VRX_ID));
}

/* The first, or in the place of one who agreed to other content. */
static struct vrx_result agree_first(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE approval SET state = 2, first_by = ?1, first_terminal = ?2, first_at = ?3, "
        "digest = ?5 WHERE id = ?4 AND state <= 2 AND closes_at > ?3");
    bind_officer(&update, by, now, id);
    vrx_bind_bytes(&update, vrx_view_of(digest, VRX_DIGEST));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(&update);
}

static struct vrx_result agree_second(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE approval SET state = 3, ended_by = ?1, ended_terminal = ?2, ended_at = ?3 "
        "WHERE id = ?4 AND state = 2 AND closes_at > ?3 AND digest = ?5 AND first_by <> ?1");
    bind_officer(&update, by, now, id);
    vrx_bind_bytes(&update, vrx_view_of(digest, VRX_DIGEST));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(&update);
}

struct vrx_result vrx_approval_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, const uint8_t digest[VRX_DIGEST], int64_t now,
    enum vrx_approval_state *ret_state) {
    VRX_TRY(check_officer(by));
    VRX_STATEMENT(find, tenant,
        "SELECT a.state <= 2 AND a.closes_at > ?1, a.state = 2 AND a.digest = ?2, "
        "a.first_by IS ?3 " SHOWN "WHERE a.id = ?4");
    vrx_bind_int(&find, now);
    vrx_bind_bytes(&find, vrx_view_of(digest, VRX_DIGEST));
    vrx_bind_text(&find, by->operator_id);
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    const bool open = vrx_take_bool(&find);
    const bool agreed = vrx_take_bool(&find);
    const bool same = vrx_take_bool(&find);
    VRX_TRY(find.error);
    if (open && agreed && same)
        return vrx_refuse(VRX_SECOND_PERSON_SAME, "approval: two officers look");
    VRX_TRY(agreed ? agree_second(tenant, id, by, digest, now)
                   : agree_first(tenant, id, by, digest, now));
    *ret_state = agreed ? VRX_APPROVAL_APPROVED : VRX_APPROVAL_SECOND;
    return vrx_ok();
}

struct vrx_result vrx_approval_refuse(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_officer *by, int64_t now) {
    VRX_TRY(check_officer(by));
    VRX_STATEMENT(find, tenant, "SELECT 1 " SHOWN "WHERE a.id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    VRX_STATEMENT(update, tenant,
        "UPDATE approval SET state = 4, ended_by = ?1, ended_terminal = ?2, ended_at = ?3 "
        "WHERE id = ?4 AND state <= 2 AND closes_at > ?3");
    bind_officer(&update, by, now, id);
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(&update);
}

struct vrx_result vrx_approval_reopen(struct vrx_tenant *tenant, const uint8_t id[VRX_ID]) {
    VRX_STATEMENT(update, tenant,
        "UPDATE approval SET state = 1, digest = NULL, first_by = NULL, first_terminal = NULL, "
        "first_at = NULL, ended_by = NULL, ended_terminal = NULL, ended_at = NULL "
        "WHERE id = ? AND state = 3");
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(&update);
}

struct vrx_result vrx_approval_end(struct vrx_tenant *tenant,
    const struct vrx_municipality_code *sender, const uint8_t query_id[VRX_ID], int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE approval SET ended_at = iif(state <= 2, ?1, ended_at), "
        "state = iif(state <= 2, 5, state), told_at = ?1 "
        "WHERE transfer = (SELECT id FROM transfer_in WHERE sender = ?2 AND query_id = ?3)");
    vrx_bind_int(&update, now);
    vrx_bind_code(&update, sender);
    vrx_bind_bytes(&update, vrx_view_of(query_id, VRX_ID));
    return vrx_statement_run(&update);
}
