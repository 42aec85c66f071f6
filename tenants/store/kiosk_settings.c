/* SPDX-License-Identifier: Apache-2.0
 *
 * See kiosk_settings.h.
 */
#include "store/kiosk_settings.h"

#include "base/limits.h"
#include "store/sql.h"

static struct vrx_result read_hours(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_office_hours *hours) {
    bool set = false;
    VRX_STATEMENT(find, tenant,
        "SELECT hours, days, from_minute, until_minute, operator, terminal, changed_at "
        "FROM kiosk_settings");
    VRX_TRY(vrx_statement_row(&find, &set));
    if (!set)
        return vrx_ok();
    hours->on = vrx_take_bool(&find);
    hours->days = (unsigned)vrx_take_int(&find);
    hours->from = (unsigned)vrx_take_int(&find);
    hours->until = (unsigned)vrx_take_int(&find);
    hours->operator_id = vrx_take_text(&find, arena);
    hours->terminal_id = vrx_take_text(&find, arena);
    hours->changed_at = vrx_take_int(&find);
    return find.error;
}

struct vrx_result vrx_kiosk_settings_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_kiosk_settings *ret_settings) {
    struct vrx_kiosk_settings settings = {
        .hours = {.refuse = true, .days = VRX_OFFICE_DAYS_ALL, .until = VRX_OFFICE_DAY}};
    VRX_TRY(read_hours(tenant, arena, &settings.hours));
    for (uint64_t kind = 1; kind <= VRX_CERTIFICATE_LAST; kind++)
        VRX_TRY(vrx_certificate_fee(tenant, kind, &settings.fee[kind]));
    *ret_settings = settings;
    return vrx_ok();
}

static struct vrx_result put_hours(
    struct vrx_tenant *tenant, const struct vrx_office_hours *hours, int64_t now) {
    VRX_TRY(vrx_office_hours_check(hours));
    VRX_STATEMENT(put, tenant,
        "INSERT OR REPLACE INTO kiosk_settings (only_row, hours, days, from_minute, until_minute, "
        "operator, terminal, changed_at) VALUES (1, ?, ?, ?, ?, ?, ?, ?)");
    vrx_bind_int(&put, hours->on);
    vrx_bind_int(&put, hours->days);
    vrx_bind_int(&put, hours->from);
    vrx_bind_int(&put, hours->until);
    vrx_bind_text(&put, hours->operator_id);
    vrx_bind_text(&put, hours->terminal_id);
    vrx_bind_int(&put, now);
    return vrx_statement_run(&put);
}

static struct vrx_result put_fee(struct vrx_tenant *tenant, uint64_t kind, uint64_t yen) {
    if (yen > VRX_LIMIT_FEE)
        return vrx_refuse(VRX_INPUT_RANGE, "kiosk settings: a fee of 0 to 100,000 yen");
    VRX_STATEMENT(drop, tenant, "DELETE FROM certificate_fee WHERE kind = ?");
    vrx_bind_int(&drop, (int64_t)kind);
    VRX_TRY(vrx_statement_run(&drop));
    if (!yen)
        return vrx_ok();
    VRX_STATEMENT(put, tenant, "INSERT INTO certificate_fee (kind, yen) VALUES (?, ?)");
    vrx_bind_int(&put, (int64_t)kind);
    vrx_bind_int(&put, (int64_t)yen);
    return vrx_statement_run(&put);
}

struct vrx_result vrx_kiosk_settings_set(
    struct vrx_tenant *tenant, const struct vrx_kiosk_settings *settings, int64_t now) {
    VRX_TRY(put_hours(tenant, &settings->hours, now));
    for (uint64_t kind = 1; kind <= VRX_CERTIFICATE_LAST; kind++)
        VRX_TRY(put_fee(tenant, kind, settings->fee[kind]));
    return vrx_ok();
}

/* 0 where there is no row. */
static struct vrx_result take_yen(struct vrx_statement *find, uint64_t *ret_yen) {
    bool set = false;
    VRX_TRY(vrx_statement_row(find, &set));
    const int64_t yen = set ? vrx_take_int(find) : 0;
    VRX_TRY(find->error);
    *ret_yen = (uint64_t)yen;
    return vrx_ok();
}

struct vrx_result vrx_certificate_fee(struct vrx_tenant *tenant, uint64_t kind, uint64_t *ret_yen) {
    VRX_STATEMENT(find, tenant, "SELECT yen FROM certificate_fee WHERE kind = ?");
    vrx_bind_int(&find, (int64_t)kind);
    return take_yen(&find, ret_yen);
}

struct vrx_result vrx_application_fee_put(
    struct vrx_tenant *tenant, const uint8_t application[VRX_ID], uint64_t yen) {
    if (yen > VRX_LIMIT_FEE)
        return vrx_fail(VRX_INPUT_RANGE);
    if (!yen)
        return vrx_ok();
    VRX_STATEMENT(put, tenant, "INSERT INTO application_fee (application, yen) VALUES (?, ?)");
    vrx_bind_bytes(&put, vrx_view_of(application, VRX_ID));
    vrx_bind_int(&put, (int64_t)yen);
    return vrx_statement_run(&put);
}

struct vrx_result vrx_application_fee_get(
    struct vrx_tenant *tenant, const uint8_t application[VRX_ID], uint64_t *ret_yen) {
    VRX_STATEMENT(find, tenant, "SELECT yen FROM application_fee WHERE application = ?");
    vrx_bind_bytes(&find, vrx_view_of(application, VRX_ID));
    return take_yen(&find, ret_yen);
}
