/* SPDX-License-Identifier: Apache-2.0
 *
 * See dose_doubt.h. What speaks against a dose is counted first, as ranges of an index: for nearly
 * every dose there is nothing, however many doses its lot has. What agrees is counted only as far
 * as it matters.
 */
#include "store/dose_doubt.h"

#include "store/sql.h"

/* As both indexes have it (schema/030_dose_doubt.sql). */
#define OF_OTHERS " AND resident <> ? AND state = 1 AND source <> 3 "
#define LOT "SELECT 1 FROM dose WHERE lot = ? AND lot <> '' AND product "
#define LOT_COUNT "SELECT count(*) FROM (" LOT

static void bind_lot(struct vrx_statement *count, const struct vrx_dose *dose) {
    vrx_bind_text(count, dose->item.lot);
    vrx_bind_int(count, (int64_t)dose->item.product);
}

static void bind_days(struct vrx_statement *count, const struct vrx_dose *dose, int32_t away) {
    vrx_bind_int(count, vrx_date_to_days(dose->item.administered_on) + away);
}

/* Whether so many that agree, the dose itself not among them, are too few. */
static bool outweighed(int64_t against, int64_t agree) {
    return against >= VRX_DOUBT_TIMES * (agree + 1);
}

static struct vrx_result other_product(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, enum vrx_dose_doubt *ret_doubt) {
    VRX_STATEMENT(others, tenant, LOT_COUNT "< ?" OF_OTHERS "UNION ALL " LOT "> ?" OF_OTHERS ")");
    bind_lot(&others, dose);
    vrx_bind_int(&others, dose->resident);
    bind_lot(&others, dose);
    vrx_bind_int(&others, dose->resident);
    VRX_TRY(vrx_statement_one(&others));
    const int64_t against = vrx_take_int(&others);
    VRX_TRY(others.error);
    *ret_doubt = VRX_DOUBT_NONE;
    if (against < VRX_DOUBT_DOSES)
        return vrx_ok();
    VRX_STATEMENT(same, tenant, LOT_COUNT "= ?" OF_OTHERS "LIMIT ?)");
    bind_lot(&same, dose);
    vrx_bind_int(&same, dose->resident);
    vrx_bind_int(&same, against);
    VRX_TRY(vrx_statement_one(&same));
    if (outweighed(against, vrx_take_int(&same)))
        *ret_doubt = VRX_DOUBT_LOT_PRODUCT;
    return same.error;
}

static struct vrx_result other_time(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, enum vrx_dose_doubt *ret_doubt) {
    VRX_STATEMENT(others, tenant,
        LOT_COUNT "= ? AND administered_on < ?" OF_OTHERS "UNION ALL " LOT
                  "= ? AND administered_on > ?" OF_OTHERS ")");
    bind_lot(&others, dose);
    bind_days(&others, dose, -VRX_DOUBT_LOT_DAYS);
    vrx_bind_int(&others, dose->resident);
    bind_lot(&others, dose);
    bind_days(&others, dose, VRX_DOUBT_LOT_DAYS);
    vrx_bind_int(&others, dose->resident);
    VRX_TRY(vrx_statement_one(&others));
    const int64_t against = vrx_take_int(&others);
    VRX_TRY(others.error);
    *ret_doubt = VRX_DOUBT_NONE;
    if (against < VRX_DOUBT_DOSES)
        return vrx_ok();
    VRX_STATEMENT(
        near, tenant, LOT_COUNT "= ? AND administered_on BETWEEN ? AND ?" OF_OTHERS "LIMIT ?)");
    bind_lot(&near, dose);
    bind_days(&near, dose, -VRX_DOUBT_LOT_DAYS);
    bind_days(&near, dose, VRX_DOUBT_LOT_DAYS);
    vrx_bind_int(&near, dose->resident);
    vrx_bind_int(&near, against);
    VRX_TRY(vrx_statement_one(&near));
    if (outweighed(against, vrx_take_int(&near)))
        *ret_doubt = VRX_DOUBT_LOT_DATE;
    return near.error;
}

static struct vrx_result others_ticket(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, enum vrx_dose_doubt *ret_doubt) {
    bool known = false;
    VRX_STATEMENT(find, tenant,
        "SELECT 1 FROM dose WHERE ticket = ? AND ticket <> '' AND administered_by = ?" OF_OTHERS
        "LIMIT 1");
    vrx_bind_text(&find, dose->item.ticket);
    vrx_bind_code(&find, &dose->item.administered_by);
    vrx_bind_int(&find, dose->resident);
    VRX_TRY(vrx_statement_row(&find, &known));
    *ret_doubt = known ? VRX_DOUBT_TICKET : VRX_DOUBT_NONE;
    return vrx_ok();
}

struct vrx_result vrx_dose_doubt(
    struct vrx_tenant *tenant, const struct vrx_dose *dose, enum vrx_dose_doubt *ret_doubt) {
    enum vrx_dose_doubt doubt = VRX_DOUBT_NONE;
    VRX_TRY(other_product(tenant, dose, &doubt));
    if (!doubt)
        VRX_TRY(other_time(tenant, dose, &doubt));
    if (!doubt)
        VRX_TRY(others_ticket(tenant, dose, &doubt));
    *ret_doubt = doubt;
    return vrx_ok();
}
