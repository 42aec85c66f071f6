/* SPDX-License-Identifier: Apache-2.0
 *
 * See action.h.
 */
#include "store/action.h"

#include "crypto/hash.h"
#include "store/sql.h"

#define COLUMNS \
    "id, method, roles, digest, state, asked_by, asked_terminal, asked_at, " \
    "coalesce(answered_by, ''), coalesce(answered_terminal, ''), coalesce(answered_at, 0), " \
    "expires_at, coalesce(ended_at, 0)"

static struct vrx_action take_action(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_action action = {0};
    vrx_take_fixed(row, action.id, VRX_ID);
    action.method = vrx_take_text(row, arena);
    action.roles = (unsigned)vrx_take_int(row);
    vrx_take_fixed(row, action.digest, VRX_DIGEST);
    action.state = (enum vrx_action_state)vrx_take_int(row);
    action.asked.operator_id = vrx_take_text(row, arena);
    action.asked.terminal_id = vrx_take_text(row, arena);
    action.asked_at = vrx_take_int(row);
    action.answered.operator_id = vrx_take_text(row, arena);
    action.answered.terminal_id = vrx_take_text(row, arena);
    action.answered_at = vrx_take_int(row);
    action.expires_at = vrx_take_int(row);
    action.ended_at = vrx_take_int(row);
    return action;
}

static bool is_open(const struct vrx_action *action) {
    return action->state <= VRX_ACTION_AGREED;
}

/* What expired and was not swept yet. */
static void expire(struct vrx_action *action, int64_t now) {
    if (!is_open(action) || action->expires_at > now)
        return;
    action->state = VRX_ACTION_EXPIRED;
    action->ended_at = action->expires_at;
    action->request = (struct vrx_view){0};
}

struct vrx_result vrx_action_sweep(struct vrx_tenant *tenant, int64_t now) {
    VRX_STATEMENT(end, tenant,
        "UPDATE action SET state = 6, request = NULL, salt = NULL, ended_at = expires_at "
        "WHERE state <= 2 AND expires_at <= ?");
    vrx_bind_int(&end, now);
    VRX_TRY(vrx_statement_run(&end));
    VRX_STATEMENT(forget, tenant, "DELETE FROM action WHERE ended_at < ?");
    vrx_bind_int(&forget, now - VRX_ACTION_KEEP_SECONDS);
    return vrx_statement_run(&forget);
}

struct vrx_result vrx_action_next_expiry(struct vrx_tenant *tenant, int64_t *ret_time) {
    VRX_STATEMENT(find, tenant,
        "SELECT coalesce(min(expires_at), 9223372036854775807) FROM action WHERE state <= 2");
    VRX_TRY(vrx_statement_one(&find));
    const int64_t time = vrx_take_int(&find);
    VRX_TRY(find.error);
    *ret_time = time;
    return vrx_ok();
}

struct vrx_result vrx_action_find(struct vrx_tenant *tenant, struct vrx_arena *arena,
    struct vrx_view operator_id, struct vrx_view method, struct vrx_view request, int64_t now,
    struct vrx_action *ret_action, bool *ret_found) {
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS ", request FROM action WHERE asked_by = ?1 AND method = ?2 "
        "AND state <= 2 AND expires_at > ?3 AND request = ?4 ORDER BY state DESC LIMIT 1");
    vrx_bind_text(&find, operator_id);
    vrx_bind_text(&find, method);
    vrx_bind_int(&find, now);
    vrx_bind_bytes(&find, request);
    bool found = false;
    VRX_TRY(vrx_statement_row(&find, &found));
    if (found) {
        struct vrx_action action = take_action(&find, arena);
        action.request = vrx_take_bytes(&find, arena);
        VRX_TRY(find.error);
        *ret_action = action;
    }
    *ret_found = found;
    return vrx_ok();
}

static struct vrx_result check_room(
    struct vrx_tenant *tenant, const struct vrx_action_person *asked) {
    VRX_STATEMENT(count, tenant,
        "SELECT count(*), coalesce(sum(asked_by = ?), 0) FROM action WHERE state <= 2");
    vrx_bind_text(&count, asked->operator_id);
    VRX_TRY(vrx_statement_one(&count));
    const int64_t all = vrx_take_int(&count);
    const int64_t own = vrx_take_int(&count);
    VRX_TRY(count.error);
    if (own >= VRX_LIMIT_OPERATOR_ACTIONS)
        return vrx_refuse(VRX_CAP_REACHED, "actions: so many of one operator wait for an answer");
    return all < VRX_LIMIT_ACTIONS
               ? vrx_ok()
               : vrx_refuse(VRX_CAP_REACHED, "actions: so many wait for an answer");
}

/* A method's path has no NUL: where it ends and the request begins is certain. */
static struct vrx_result digest_of(struct vrx_view salt, struct vrx_view method,
    struct vrx_view request, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_buffer_append(&bytes, salt));
    VRX_TRY(vrx_buffer_append(&bytes, method));
    VRX_TRY(vrx_buffer_append_byte(&bytes, '\0'));
    VRX_TRY(vrx_buffer_append(&bytes, request));
    return vrx_sha256(vrx_buffer_view(&bytes), ret_digest);
}

static struct vrx_result check_person(const struct vrx_action_person *person) {
    if (!person->operator_id.len || !person->terminal_id.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "actions: who asks or answers is known");
    return vrx_ok();
}

struct vrx_result vrx_action_ask(struct vrx_tenant *tenant, struct vrx_view method, unsigned roles,
    struct vrx_view request, const struct vrx_action_person *asked, int64_t now,
    uint8_t ret_id[VRX_ID]) {
    uint8_t id[VRX_ID];
    uint8_t salt[VRX_DIGEST];
    uint8_t digest[VRX_DIGEST];
    if (!roles)
        return vrx_refuse(VRX_INPUT_RANGE, "actions: somebody may agree");
    if (request.len > VRX_LIMIT_ACTION_REQUEST)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "actions: what somebody must look at first");
    VRX_TRY(check_person(asked));
    VRX_TRY(vrx_action_sweep(tenant, now));
    VRX_TRY(check_room(tenant, asked));
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), id, sizeof id));
    VRX_TRY(vrx_random_fill(vrx_tenant_random(tenant), salt, sizeof salt));
    VRX_TRY(digest_of(vrx_view_of(salt, sizeof salt), method, request, digest));
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO action (id, method, roles, digest, salt, request, state, asked_by, "
        "asked_terminal, asked_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?)");
    vrx_bind_bytes(&insert, vrx_view_of(id, sizeof id));
    vrx_bind_text(&insert, method);
    vrx_bind_int(&insert, roles);
    vrx_bind_bytes(&insert, vrx_view_of(digest, sizeof digest));
    vrx_bind_bytes(&insert, vrx_view_of(salt, sizeof salt));
    vrx_bind_bytes(&insert, request);
    vrx_bind_text(&insert, asked->operator_id);
    vrx_bind_text(&insert, asked->terminal_id);
    vrx_bind_int(&insert, now);
    vrx_bind_int(&insert, now + VRX_ACTION_WAIT_SECONDS);
    VRX_TRY(vrx_statement_run(&insert));
    memcpy(ret_id, id, sizeof id);
    return vrx_ok();
}

struct vrx_result vrx_action_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], int64_t now, struct vrx_action *ret_action) {
    VRX_STATEMENT(find, tenant,
        "SELECT " COLUMNS ", coalesce(request, zeroblob(0)) FROM action WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_action action = take_action(&find, arena);
    action.request = vrx_take_bytes(&find, arena);
    VRX_TRY(find.error);
    expire(&action, now);
    *ret_action = action;
    return vrx_ok();
}

struct vrx_result vrx_action_list(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t now,
    struct vrx_action **ret_actions, size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_TRY(vrx_action_sweep(tenant, now));
    struct vrx_action *actions = vrx_arena_alloc_array(arena, VRX_LIMIT_PAGE, sizeof *actions);
    if (!actions)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(rows, tenant,
        "SELECT " COLUMNS " FROM action ORDER BY state > 2, asked_at DESC, rowid DESC LIMIT ?");
    vrx_bind_int(&rows, VRX_LIMIT_PAGE);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more && count < VRX_LIMIT_PAGE) {
        actions[count++] = take_action(&rows, arena);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_actions = actions;
    *ret_count = count;
    return vrx_ok();
}

/* Why a step that changed no row did not: it is not there, or in no state for it. */
static struct vrx_result check_changed(
    struct vrx_tenant *tenant, const struct vrx_statement *update, const uint8_t id[VRX_ID]) {
    bool found = false;
    if (vrx_statement_changes(update) == 1)
        return vrx_ok();
    VRX_STATEMENT(find, tenant, "SELECT 1 FROM action WHERE id = ?");
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_row(&find, &found));
    return found ? vrx_refuse(VRX_WRONG_STATE, "actions: answered once, used once, and in time")
                 : vrx_fail(VRX_NOT_FOUND);
}

/* Nobody answers what they asked themselves. */
static struct vrx_result check_answer(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_action_person *by, int64_t now) {
    VRX_TRY(check_person(by));
    VRX_TRY(vrx_action_sweep(tenant, now));
    VRX_STATEMENT(find, tenant, "SELECT asked_by = ? FROM action WHERE id = ?");
    vrx_bind_text(&find, by->operator_id);
    vrx_bind_bytes(&find, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_one(&find));
    const bool same = vrx_take_int(&find) == 1;
    VRX_TRY(find.error);
    return same ? vrx_refuse(VRX_SECOND_PERSON_SAME, "actions: who asks does not agree") : vrx_ok();
}

struct vrx_result vrx_action_agree(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_action_person *by, int64_t now) {
    VRX_TRY(check_answer(tenant, id, by, now));
    VRX_STATEMENT(update, tenant,
        "UPDATE action SET state = 2, answered_by = ?, answered_terminal = ?, answered_at = ?, "
        "expires_at = ? WHERE id = ? AND state = 1");
    vrx_bind_text(&update, by->operator_id);
    vrx_bind_text(&update, by->terminal_id);
    vrx_bind_int(&update, now);
    vrx_bind_int(&update, now + VRX_ACTION_AGREED_SECONDS);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, id);
}

struct vrx_result vrx_action_refuse(struct vrx_tenant *tenant, const uint8_t id[VRX_ID],
    const struct vrx_action_person *by, int64_t now) {
    VRX_TRY(check_answer(tenant, id, by, now));
    VRX_STATEMENT(update, tenant,
        "UPDATE action SET state = 3, answered_by = ?1, answered_terminal = ?2, answered_at = ?3, "
        "ended_at = ?3, request = NULL, salt = NULL WHERE id = ?4 AND state = 1");
    vrx_bind_text(&update, by->operator_id);
    vrx_bind_text(&update, by->terminal_id);
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, id);
}

struct vrx_result vrx_action_withdraw(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], struct vrx_view operator_id, int64_t now) {
    VRX_TRY(vrx_action_sweep(tenant, now));
    VRX_STATEMENT(own, tenant, "SELECT 1 FROM action WHERE id = ? AND asked_by = ?");
    vrx_bind_bytes(&own, vrx_view_of(id, VRX_ID));
    vrx_bind_text(&own, operator_id);
    VRX_TRY(vrx_statement_one(&own));
    VRX_STATEMENT(update, tenant,
        "UPDATE action SET state = 4, ended_at = ?, request = NULL, salt = NULL "
        "WHERE id = ? AND state <= 2");
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, id);
}

struct vrx_result vrx_action_use(struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t now) {
    VRX_STATEMENT(update, tenant,
        "UPDATE action SET state = 5, ended_at = ?1, request = NULL, salt = NULL "
        "WHERE id = ?2 AND state = 2 AND expires_at > ?1");
    vrx_bind_int(&update, now);
    vrx_bind_bytes(&update, vrx_view_of(id, VRX_ID));
    VRX_TRY(vrx_statement_run(&update));
    return check_changed(tenant, &update, id);
}
