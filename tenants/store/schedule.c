/* SPDX-License-Identifier: Apache-2.0
 *
 * See schedule.h.
 */
#include "store/schedule.h"

#include "store/sql.h"

#define JAPAN 32400 /* seconds before UTC */
#define DAY 86400
#define FROM (2 * 60)
#define UNTIL (5 * 60)

struct vrx_result vrx_schedule_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_schedule *ret_schedule) {
    struct vrx_schedule schedule = {.from = FROM, .until = UNTIL};
    bool set = false;
    VRX_STATEMENT(find, tenant,
        "SELECT enabled, from_minute, until_minute, operator, terminal, changed_at, served, "
        "ended_at FROM schedule");
    VRX_TRY(vrx_statement_row(&find, &set));
    if (set) {
        schedule.on = vrx_take_int(&find) == 1;
        schedule.from = (unsigned)vrx_take_int(&find);
        schedule.until = (unsigned)vrx_take_int(&find);
        schedule.operator_id = vrx_take_text(&find, arena);
        schedule.terminal_id = vrx_take_text(&find, arena);
        schedule.changed_at = vrx_take_int(&find);
        schedule.served = vrx_take_int(&find);
        schedule.ended_at = vrx_take_int(&find);
        VRX_TRY(find.error);
    }
    *ret_schedule = schedule;
    return vrx_ok();
}

struct vrx_result vrx_schedule_set(struct vrx_tenant *tenant, const struct vrx_schedule *schedule,
    const struct vrx_erasure_caller *caller, int64_t now) {
    if (schedule->from >= VRX_SCHEDULE_DAY || schedule->until >= VRX_SCHEDULE_DAY)
        return vrx_refuse(VRX_INPUT_RANGE, "schedule: minutes of a day are 0 to 1439");
    if (schedule->from == schedule->until)
        return vrx_refuse(
            VRX_INPUT_RANGE, "schedule: a window ends at another time than it begins");
    VRX_STATEMENT(put, tenant,
        "INSERT INTO schedule (only_row, enabled, from_minute, until_minute, operator, terminal, "
        "changed_at, served, ended_at) VALUES (1, ?, ?, ?, ?, ?, ?, 0, 0) "
        "ON CONFLICT (only_row) DO UPDATE SET enabled = excluded.enabled, "
        "from_minute = excluded.from_minute, until_minute = excluded.until_minute, "
        "operator = excluded.operator, terminal = excluded.terminal, "
        "changed_at = excluded.changed_at");
    vrx_bind_int(&put, schedule->on);
    vrx_bind_int(&put, schedule->from);
    vrx_bind_int(&put, schedule->until);
    vrx_bind_text(&put, caller->operator_id);
    vrx_bind_text(&put, caller->terminal_id);
    vrx_bind_int(&put, now);
    return vrx_statement_run(&put);
}

struct vrx_result vrx_schedule_serve(struct vrx_tenant *tenant, int64_t window, int64_t now) {
    VRX_STATEMENT(note, tenant, "UPDATE schedule SET served = ?, ended_at = ?");
    vrx_bind_int(&note, window);
    vrx_bind_int(&note, now);
    return vrx_statement_run(&note);
}

bool vrx_schedule_due(const struct vrx_schedule *schedule, int64_t now, int64_t *ret_window) {
    *ret_window = INT64_MAX;
    if (!schedule->on)
        return false;
    const int64_t length =
        (int64_t)((schedule->until + VRX_SCHEDULE_DAY - schedule->from) % VRX_SCHEDULE_DAY) * 60;
    const int64_t local = now + JAPAN - (int64_t)schedule->from * 60;
    /* The last time at or before now that a window began. */
    const int64_t began = now - ((local % DAY) + DAY) % DAY;
    const bool due = now - began < length && schedule->served < began;
    *ret_window = due ? began : began + DAY;
    return due;
}

struct vrx_result vrx_erasure_in_state(struct vrx_tenant *tenant, enum vrx_erasure_state state,
    uint8_t ret_id[VRX_ID], bool *ret_found) {
    VRX_STATEMENT(find, tenant,
        "SELECT id FROM erasure WHERE reason = 1 AND state = ? ORDER BY rowid LIMIT 1");
    vrx_bind_int(&find, state);
    VRX_TRY(vrx_statement_row(&find, ret_found));
    if (*ret_found)
        vrx_take_fixed(&find, ret_id, VRX_ID);
    return find.error;
}
