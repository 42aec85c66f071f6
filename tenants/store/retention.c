/* SPDX-License-Identifier: Apache-2.0
 *
 * Only what a municipality set stands in its vault: a later VRX whose periods follow a changed law
 * then applies to all that did not choose. See retention.h.
 */
#include "store/retention.h"

#include "store/sql.h"

#define DAY 86400
#define FIVE_YEARS 1826 /* days, with the leap day that any five years have */
#define SEVEN_YEARS 2557

static const struct {
    uint64_t days;
    uint64_t least;
    const char *law;
} classes[VRX_RETENTION_LAST + 1] = {
    [VRX_RETENTION_VACCINATION] = {FIVE_YEARS, FIVE_YEARS,
        "Immunization Act Enforcement Order art. 6-2: records are kept for five years"},
    [VRX_RETENTION_RESIDENT] = {FIVE_YEARS, 0, NULL},
    [VRX_RETENTION_EVIDENCE] = {FIVE_YEARS, 0, NULL},
    [VRX_RETENTION_CONSENT] = {FIVE_YEARS, 0, NULL},
    [VRX_RETENTION_TRANSFER] = {SEVEN_YEARS, 0, NULL},
    [VRX_RETENTION_APPLICATION] = {FIVE_YEARS, 0, NULL},
    [VRX_RETENTION_AUDIT_SALT] = {SEVEN_YEARS, 0, NULL},
    [VRX_RETENTION_TERMINAL] = {FIVE_YEARS, 0, NULL},
};

static bool known(enum vrx_retention_class what) {
    return what >= VRX_RETENTION_VACCINATION && what <= VRX_RETENTION_LAST;
}

struct vrx_result vrx_retention_get(
    struct vrx_tenant *tenant, enum vrx_retention_class what, struct vrx_retention *ret_retention) {
    if (!known(what))
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_retention retention = {
        .what = what, .days = classes[what].days, .least = classes[what].least};
    bool set = false;
    VRX_STATEMENT(find, tenant, "SELECT days, changed_at FROM retention WHERE class = ?");
    vrx_bind_int(&find, what);
    VRX_TRY(vrx_statement_row(&find, &set));
    if (set) {
        retention.days = (uint64_t)vrx_take_int(&find);
        retention.changed_at = vrx_take_int(&find);
        VRX_TRY(find.error);
    }
    *ret_retention = retention;
    return vrx_ok();
}

struct vrx_result vrx_retention_set(
    struct vrx_tenant *tenant, enum vrx_retention_class what, uint64_t days, int64_t now) {
    if (!known(what) || days > VRX_RETENTION_DAYS_MAX)
        return vrx_fail(VRX_INPUT_RANGE);
    if (days && days < classes[what].least)
        return vrx_refuse(VRX_INPUT_RANGE, classes[what].law);
    VRX_STATEMENT(put, tenant,
        "INSERT INTO retention (class, days, changed_at) VALUES (?, ?, ?) ON CONFLICT (class) DO "
        "UPDATE SET days = excluded.days, changed_at = excluded.changed_at");
    vrx_bind_int(&put, what);
    vrx_bind_int(&put, (int64_t)days);
    vrx_bind_int(&put, now);
    return vrx_statement_run(&put);
}

struct vrx_result vrx_retention_before(
    struct vrx_tenant *tenant, enum vrx_retention_class what, int64_t now, int64_t *ret_before) {
    struct vrx_retention retention = {0};
    VRX_TRY(vrx_retention_get(tenant, what, &retention));
    *ret_before = retention.days ? now - (int64_t)retention.days * DAY : INT64_MIN;
    return vrx_ok();
}
