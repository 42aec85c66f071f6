/* SPDX-License-Identifier: Apache-2.0
 *
 * See alert.h.
 */
#include "store/alert.h"

#include "store/sql.h"

static const char *const names[VRX_ALERT_KINDS + 1] = {
    [VRX_ALERT_RATE] = "RATE",
    [VRX_ALERT_PERSONS] = "PERSONS",
    [VRX_ALERT_FAILED_LOOKUPS] = "FAILED_LOOKUPS",
    [VRX_ALERT_OFF_HOURS] = "OFF_HOURS",
    [VRX_ALERT_LOGIN_FAILURES] = "LOGIN_FAILURES",
    [VRX_ALERT_TERMINAL_EXPIRES] = "TERMINAL_EXPIRES",
    [VRX_ALERT_LOST] = "LOST",
    [VRX_ALERT_CARD_FAILURES] = "CARD_FAILURES",
};

const char *vrx_alert_kind_name(enum vrx_alert_kind kind) {
    return kind >= VRX_ALERT_RATE && kind <= VRX_ALERT_KINDS ? names[kind] : "";
}

static struct vrx_result check_name(struct vrx_view name) {
    return name.len > VRX_LIMIT_OPERATOR ? vrx_fail(VRX_INPUT_TOO_LARGE) : vrx_ok();
}

/* Adds to the cause's alert whose window is not over, if there is one. */
static struct vrx_result go_on(struct vrx_tenant *tenant, const struct vrx_alert_cause *cause,
    uint64_t events, int64_t now, bool *ret_done) {
    VRX_STATEMENT(add, tenant,
        "UPDATE alert SET events = events + ?1, last_at = max(last_at, ?2) WHERE id = ("
        "SELECT id FROM alert WHERE kind = ?3 AND terminal = ?4 AND operator = ?5 "
        "AND first_at > ?6 AND acknowledged_at IS NULL ORDER BY first_at DESC LIMIT 1)");
    vrx_bind_int(&add, (int64_t)events);
    vrx_bind_int(&add, now);
    vrx_bind_int(&add, cause->kind);
    vrx_bind_text(&add, cause->terminal_id);
    vrx_bind_text(&add, cause->operator_id);
    vrx_bind_int(&add, cause->kind == VRX_ALERT_TERMINAL_EXPIRES ? 0 : now - VRX_ALERT_WINDOW);
    VRX_TRY(vrx_statement_run(&add));
    *ret_done = vrx_statement_changes(&add) > 0;
    return vrx_ok();
}

/* False where every alert of a full table waits for its acknowledgement. */
static struct vrx_result make_room(struct vrx_tenant *tenant, bool *ret_room) {
    VRX_STATEMENT(count, tenant, "SELECT count(*) FROM alert WHERE kind <> ?");
    vrx_bind_int(&count, VRX_ALERT_LOST);
    VRX_TRY(vrx_statement_one(&count));
    *ret_room = vrx_take_int(&count) < VRX_LIMIT_ALERTS;
    if (*ret_room)
        return count.error;
    VRX_STATEMENT(drop, tenant,
        "DELETE FROM alert WHERE id = (SELECT id FROM alert WHERE acknowledged_at IS NOT NULL "
        "AND kind <> ? ORDER BY id LIMIT 1)");
    vrx_bind_int(&drop, VRX_ALERT_LOST);
    VRX_TRY(vrx_statement_run(&drop));
    *ret_room = vrx_statement_changes(&drop) > 0;
    return vrx_ok();
}

static struct vrx_result insert(
    struct vrx_tenant *tenant, const struct vrx_alert_cause *cause, uint64_t events, int64_t now) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO alert (kind, terminal, operator, first_at, last_at, events) "
        "VALUES (?1, ?2, ?3, ?4, ?4, ?5)");
    vrx_bind_int(&insert, cause->kind);
    vrx_bind_text(&insert, cause->terminal_id);
    vrx_bind_text(&insert, cause->operator_id);
    vrx_bind_int(&insert, now);
    vrx_bind_int(&insert, (int64_t)events);
    return vrx_statement_run(&insert);
}

/* The one alert of those that found no place: the row stays, whatever its window. */
static struct vrx_result note_lost(struct vrx_tenant *tenant, int64_t now, bool *ret_new) {
    VRX_STATEMENT(add, tenant,
        "UPDATE alert SET events = events + 1, last_at = max(last_at, ?1) WHERE kind = ?2 "
        "AND acknowledged_at IS NULL");
    vrx_bind_int(&add, now);
    vrx_bind_int(&add, VRX_ALERT_LOST);
    VRX_TRY(vrx_statement_run(&add));
    *ret_new = vrx_statement_changes(&add) == 0;
    if (!*ret_new)
        return vrx_ok();
    VRX_STATEMENT(drop, tenant, "DELETE FROM alert WHERE kind = ?");
    vrx_bind_int(&drop, VRX_ALERT_LOST);
    VRX_TRY(vrx_statement_run(&drop));
    const struct vrx_alert_cause lost = {.kind = VRX_ALERT_LOST};
    return insert(tenant, &lost, 1, now);
}

struct vrx_result vrx_alert_note(struct vrx_tenant *tenant, const struct vrx_alert_cause *cause,
    uint64_t events, int64_t now, bool *ret_new) {
    bool done = false;
    bool room = false;
    bool new_one = false;
    if (cause->kind < 1 || cause->kind > VRX_ALERT_KINDS || cause->kind == VRX_ALERT_LOST ||
        !events || events > UINT32_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "alert kind or events");
    VRX_TRY(check_name(cause->terminal_id));
    VRX_TRY(check_name(cause->operator_id));
    VRX_TRY(go_on(tenant, cause, events, now, &done));
    if (!done) {
        VRX_TRY(make_room(tenant, &room));
        new_one = room;
        VRX_TRY(room ? insert(tenant, cause, events, now) : note_lost(tenant, now, &new_one));
    }
    if (ret_new)
        *ret_new = new_one;
    return vrx_ok();
}

static struct vrx_result take_alert(
    struct vrx_statement *row, struct vrx_arena *arena, struct vrx_alert *ret_alert) {
    struct vrx_alert alert = {0};
    alert.id = vrx_take_int(row);
    alert.cause.kind = (enum vrx_alert_kind)vrx_take_int(row);
    alert.cause.terminal_id = vrx_take_text(row, arena);
    alert.cause.operator_id = vrx_take_text(row, arena);
    alert.first_at = vrx_take_int(row);
    alert.last_at = vrx_take_int(row);
    alert.events = (uint64_t)vrx_take_int(row);
    alert.acknowledged_at = vrx_take_int(row);
    alert.acknowledged_by = vrx_take_text(row, arena);
    *ret_alert = alert;
    return row->error;
}

struct vrx_result vrx_alert_list(struct vrx_tenant *tenant, struct vrx_arena *arena, int64_t after,
    bool all, size_t limit, struct vrx_alert **ret_alerts, size_t *ret_count) {
    const size_t most = limit < VRX_LIMIT_ALERTS + 1 ? limit : VRX_LIMIT_ALERTS + 1;
    struct vrx_alert *alerts = vrx_arena_alloc_array(arena, most, sizeof *alerts);
    size_t count = 0;
    bool more = false;
    if (!alerts)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_STATEMENT(list, tenant,
        "SELECT id, kind, terminal, operator, first_at, last_at, events, "
        "ifnull(acknowledged_at, 0), acknowledged_by FROM alert "
        "WHERE id > ?1 AND (?2 OR acknowledged_at IS NULL) ORDER BY id LIMIT ?3");
    vrx_bind_int(&list, after);
    vrx_bind_int(&list, all);
    vrx_bind_int(&list, (int64_t)most);
    for (;;) {
        VRX_TRY(vrx_statement_row(&list, &more));
        if (!more)
            break;
        VRX_TRY(take_alert(&list, arena, &alerts[count++]));
    }
    *ret_alerts = alerts;
    *ret_count = count;
    return vrx_ok();
}

static struct vrx_result state_of(struct vrx_tenant *tenant, int64_t id) {
    bool found = false;
    VRX_STATEMENT(find, tenant, "SELECT acknowledged_at IS NULL FROM alert WHERE id = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_row(&find, &found));
    if (!found)
        return vrx_fail(VRX_NOT_FOUND);
    if (!vrx_take_bool(&find))
        return vrx_refuse(VRX_WRONG_STATE, "alert: it is acknowledged already");
    return find.error;
}

struct vrx_result vrx_alert_acknowledge(
    struct vrx_tenant *tenant, int64_t id, struct vrx_view operator_id, int64_t now) {
    VRX_TRY(check_name(operator_id));
    VRX_TRY(state_of(tenant, id));
    VRX_STATEMENT(
        note, tenant, "UPDATE alert SET acknowledged_at = ?, acknowledged_by = ? WHERE id = ?");
    vrx_bind_int(&note, now);
    vrx_bind_text(&note, operator_id);
    vrx_bind_int(&note, id);
    return vrx_statement_run(&note);
}
