/* SPDX-License-Identifier: Apache-2.0
 *
 * See office_hours.h.
 */
#include "store/office_hours.h"

#include "base/limits.h"
#include "store/sql.h"

#define JAPAN 32400 /* seconds before UTC */
#define DAY 86400
#define WEEK 7
#define THURSDAY 3 /* 1970-01-01, counted from Monday */
#define WORKDAYS 31
#define FROM (8 * 60 + 30)
#define UNTIL (17 * 60 + 15)

struct vrx_result vrx_office_hours_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_office_hours *ret_hours) {
    struct vrx_office_hours hours = {.days = WORKDAYS, .from = FROM, .until = UNTIL};
    bool set = false;
    VRX_STATEMENT(find, tenant,
        "SELECT enabled, refuse, days, from_minute, until_minute, operator, terminal, changed_at "
        "FROM office_hours");
    VRX_TRY(vrx_statement_row(&find, &set));
    if (set) {
        hours.on = vrx_take_bool(&find);
        hours.refuse = vrx_take_bool(&find);
        hours.days = (unsigned)vrx_take_int(&find);
        hours.from = (unsigned)vrx_take_int(&find);
        hours.until = (unsigned)vrx_take_int(&find);
        hours.operator_id = vrx_take_text(&find, arena);
        hours.terminal_id = vrx_take_text(&find, arena);
        hours.changed_at = vrx_take_int(&find);
        VRX_TRY(find.error);
    }
    *ret_hours = hours;
    return vrx_ok();
}

struct vrx_result vrx_office_hours_check(const struct vrx_office_hours *hours) {
    if (!hours->days || hours->days > VRX_OFFICE_DAYS_ALL)
        return vrx_refuse(VRX_INPUT_RANGE, "office hours: one of seven days, or more");
    if (hours->until > VRX_OFFICE_DAY || hours->from >= hours->until)
        return vrx_refuse(VRX_INPUT_RANGE, "office hours: from before until, 0 to 1440");
    if (hours->operator_id.len > VRX_LIMIT_OPERATOR || hours->terminal_id.len > VRX_LIMIT_OPERATOR)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    return vrx_ok();
}

struct vrx_result vrx_office_hours_set(
    struct vrx_tenant *tenant, const struct vrx_office_hours *hours, int64_t now) {
    VRX_TRY(vrx_office_hours_check(hours));
    VRX_STATEMENT(put, tenant,
        "INSERT OR REPLACE INTO office_hours (only_row, enabled, refuse, days, from_minute, "
        "until_minute, operator, terminal, changed_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)");
    vrx_bind_int(&put, hours->on);
    vrx_bind_int(&put, hours->refuse);
    vrx_bind_int(&put, hours->days);
    vrx_bind_int(&put, hours->from);
    vrx_bind_int(&put, hours->until);
    vrx_bind_text(&put, hours->operator_id);
    vrx_bind_text(&put, hours->terminal_id);
    vrx_bind_int(&put, now);
    return vrx_statement_run(&put);
}

int64_t vrx_office_hours_wait(const struct vrx_office_hours *hours, int64_t now) {
    if (!hours->on || !(hours->days & VRX_OFFICE_DAYS_ALL))
        return 0;
    const int64_t local = now + JAPAN;
    const int64_t second = ((local % DAY) + DAY) % DAY;
    const int64_t midnight = local - second;
    const int64_t weekday = ((midnight / DAY + THURSDAY) % WEEK + WEEK) % WEEK;
    for (int64_t ahead = 0; ahead <= WEEK; ahead++) {
        const bool works = hours->days >> ((weekday + ahead) % WEEK) & 1;
        const int64_t opens = ahead * DAY + (int64_t)hours->from * 60;
        const int64_t closes = ahead * DAY + (int64_t)hours->until * 60;
        if (works && second < closes)
            return second < opens ? opens - second : 0;
    }
    return 0; /* some day works: not reached */
}
