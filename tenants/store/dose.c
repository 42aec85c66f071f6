/* SPDX-License-Identifier: Apache-2.0
 *
 * The dose row: written once, then ended by a correction or a mark. The rules are in dose_check.c;
 * here they are fed with the person's other doses. Reading is dose_read.c.
 */
#include "store/dose.h"

#include "base/limits.h"
#include "store/dose_check.h"
#include "store/dose_row.h"

/* What is known of the dose that a correction replaces; all zero for a new dose. */
struct replaced {
    int64_t id;
    int64_t resident;
    uint64_t version;
    uint64_t dose_number;
    struct vrx_date administered_on;
    enum vrx_dose_state state;
};

/* How much of what is here already speaks against a dose. */
enum care {
    CARE_RULES,   /* everything that is a rule */
    CARE_DECIDED, /* an officer has looked: only what cannot be */
    CARE_ASIDE,   /* nothing: it does not come into the history */
};

static struct vrx_result check_birth(struct vrx_tenant *tenant, const struct vrx_dose *dose) {
    VRX_STATEMENT(find, tenant, "SELECT birth_date FROM resident WHERE id = ?");
    vrx_bind_int(&find, dose->resident);
    VRX_TRY(vrx_statement_one(&find));
    struct vrx_date birth = vrx_take_date(&find);
    VRX_TRY(find.error);
    if (vrx_date_compare(dose->item.administered_on, birth) < 0)
        return vrx_fail(VRX_DATE_BEFORE_BIRTH);
    return vrx_ok();
}

/* Of a dose that comes in, what was put away before counts too; a correction may well bring back
 * what an earlier one took away. */
static struct vrx_result refuse_same(struct vrx_tenant *tenant, const struct vrx_dose *dose,
    const struct replaced *old, enum care care) {
    const bool ever = dose->provenance.source != VRX_DOSE_OWN && !old->id && care == CARE_RULES;
    bool known = false;
    VRX_STATEMENT(find, tenant,
        "SELECT 1 FROM dose WHERE resident = ? AND administered_on = ? AND product = ? "
        "AND lot = ? AND id <> ? AND (state = 1 OR ?)");
    vrx_bind_int(&find, dose->resident);
    vrx_bind_date(&find, dose->item.administered_on);
    vrx_bind_int(&find, (int64_t)dose->item.product);
    vrx_bind_text(&find, dose->item.lot);
    vrx_bind_int(&find, old->id);
    vrx_bind_int(&find, ever);
    VRX_TRY(vrx_statement_row(&find, &known));
    return known ? vrx_fail(VRX_ALREADY_EXISTS) : vrx_ok();
}

static struct vrx_result load_others(struct vrx_tenant *tenant, int64_t resident, int64_t except,
    struct vrx_dose_neighbour others[VRX_LIMIT_DOSES], size_t *ret_count) {
    size_t count = 0;
    bool more = false;
    VRX_STATEMENT(rows, tenant,
        "SELECT administered_on, dose_number FROM dose "
        "WHERE resident = ? AND state = 1 AND id <> ?");
    vrx_bind_int(&rows, resident);
    vrx_bind_int(&rows, except);
    VRX_TRY(vrx_statement_row(&rows, &more));
    while (more) {
        if (count == VRX_LIMIT_DOSES - 1)
            return vrx_fail(VRX_CAP_REACHED); /* with the new one it would be full */
        others[count].administered_on = vrx_take_date(&rows);
        others[count++].dose_number = (uint64_t)vrx_take_int(&rows);
        VRX_TRY(vrx_statement_row(&rows, &more));
    }
    *ret_count = count;
    return vrx_ok();
}

/* Every rule; gives the dose its number. What a correction leaves as it was is not judged again: a
 * pair that an officer let stand beside each other can still be corrected. */
static struct vrx_result check_dose(struct vrx_tenant *tenant, struct vrx_dose *dose,
    const struct replaced *old, enum care care, int64_t now) {
    struct vrx_dose_neighbour others[VRX_LIMIT_DOSES];
    size_t count = 0;
    VRX_TRY(vrx_dose_check_fields(dose, now));
    VRX_TRY(check_birth(tenant, dose));
    if (care == CARE_ASIDE)
        return dose->item.dose_number ? vrx_ok() : vrx_refuse(VRX_INPUT_RANGE, "dose number");
    VRX_TRY(refuse_same(tenant, dose, old, care));
    VRX_TRY(load_others(tenant, dose->resident, old->id, others, &count));
    if (!dose->item.dose_number)
        dose->item.dose_number = old->id ? old->dose_number : vrx_dose_next_number(others, count);
    const bool same_day =
        old->id && vrx_date_compare(dose->item.administered_on, old->administered_on) == 0;
    if (same_day && dose->item.dose_number == old->dose_number)
        return vrx_ok();
    if (care == CARE_RULES && !same_day)
        VRX_TRY(vrx_dose_check_interval(&dose->item, others, count));
    return vrx_dose_check_order(&dose->item, others, count);
}

static void bind_provenance(
    struct vrx_statement *insert, const struct vrx_dose_provenance *provenance) {
    vrx_bind_int(insert, provenance->source);
    if (provenance->source == VRX_DOSE_TRANSFER) {
        vrx_bind_code(insert, &provenance->municipality);
        vrx_bind_bytes(insert, vrx_view_of(provenance->digest, VRX_DIGEST));
    } else {
        vrx_bind_null(insert);
        vrx_bind_null(insert);
    }
}

static struct vrx_result insert_dose(struct vrx_tenant *tenant, struct vrx_dose *dose) {
    VRX_STATEMENT(insert, tenant,
        "INSERT INTO dose (resident, version, corrects, state, " VRX_DOSE_COLUMNS ", "
        "source, source_municipality, source_digest, maker, registered_at, recorded_at, salt, "
        "ended_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    vrx_bind_int(&insert, dose->resident);
    vrx_bind_int(&insert, (int64_t)dose->version);
    if (dose->corrects)
        vrx_bind_int(&insert, dose->corrects);
    else
        vrx_bind_null(&insert);
    vrx_bind_int(&insert, dose->state);
    vrx_bind_dose(&insert, &dose->item);
    bind_provenance(&insert, &dose->provenance);
    vrx_bind_text(&insert, dose->maker);
    vrx_bind_int(&insert, dose->registered_at);
    vrx_bind_int(&insert, dose->recorded_at);
    vrx_bind_bytes(&insert, vrx_view_of(dose->salt, VRX_DIGEST));
    vrx_bind_time(&insert, dose->ended_at);
    VRX_TRY(vrx_statement_run(&insert));
    dose->id = sqlite3_last_insert_rowid(vrx_tenant_db(tenant));
    return vrx_ok();
}

/* Fills in what the store decides, and draws the salt, before anything is written. */
static struct vrx_result complete(
    struct vrx_tenant *tenant, struct vrx_dose *dose, const struct replaced *old, int64_t now) {
    dose->version = old->version + 1;
    dose->corrects = old->id;
    dose->state = VRX_DOSE_CURRENT;
    dose->recorded_at = now;
    dose->ended_at = 0;
    dose->ledger_index = -1;
    return vrx_random_fill(vrx_tenant_random(tenant), dose->salt, sizeof dose->salt);
}

static struct vrx_result record(struct vrx_tenant *tenant, const struct vrx_dose *dose,
    enum care care, int64_t now, struct vrx_dose *ret_dose) {
    static const struct replaced nothing;
    struct vrx_dose recorded = *dose;
    VRX_TRY(check_dose(tenant, &recorded, &nothing, care, now));
    VRX_TRY(complete(tenant, &recorded, &nothing, now));
    if (care == CARE_ASIDE) {
        recorded.state = VRX_DOSE_SUPERSEDED;
        recorded.ended_at = now;
    }
    VRX_TRY(insert_dose(tenant, &recorded));
    *ret_dose = recorded;
    return vrx_ok();
}

struct vrx_result vrx_dose_record(struct vrx_tenant *tenant, const struct vrx_dose *dose,
    int64_t now, struct vrx_dose *ret_dose) {
    return record(tenant, dose, CARE_RULES, now, ret_dose);
}

struct vrx_result vrx_dose_record_decided(struct vrx_tenant *tenant, const struct vrx_dose *dose,
    int64_t now, struct vrx_dose *ret_dose) {
    return record(tenant, dose, CARE_DECIDED, now, ret_dose);
}

struct vrx_result vrx_dose_put_aside(struct vrx_tenant *tenant, const struct vrx_dose *dose,
    int64_t now, struct vrx_dose *ret_dose) {
    return record(tenant, dose, CARE_ASIDE, now, ret_dose);
}

/* The dose that the caller has read, if it is still as it was then. */
static struct vrx_result find_current(
    struct vrx_tenant *tenant, int64_t id, uint64_t version, struct replaced *ret_old) {
    struct replaced old = {.id = id};
    VRX_STATEMENT(find, tenant,
        "SELECT resident, version, dose_number, administered_on, state FROM dose WHERE id = ?");
    vrx_bind_int(&find, id);
    VRX_TRY(vrx_statement_one(&find));
    old.resident = vrx_take_int(&find);
    old.version = (uint64_t)vrx_take_int(&find);
    old.dose_number = (uint64_t)vrx_take_int(&find);
    old.administered_on = vrx_take_date(&find);
    old.state = (enum vrx_dose_state)vrx_take_int(&find);
    VRX_TRY(find.error);
    if (old.state != VRX_DOSE_CURRENT || old.version != version)
        return vrx_fail(VRX_CONFLICT);
    *ret_old = old;
    return vrx_ok();
}

static struct vrx_result end_dose(
    struct vrx_tenant *tenant, int64_t id, enum vrx_dose_state state, int64_t now) {
    VRX_STATEMENT(end, tenant, "UPDATE dose SET state = ?, ended_at = ? WHERE id = ?");
    vrx_bind_int(&end, state);
    vrx_bind_int(&end, now);
    vrx_bind_int(&end, id);
    return vrx_statement_run(&end);
}

static struct vrx_result correct(struct vrx_tenant *tenant, int64_t id, uint64_t version,
    const struct vrx_dose *dose, enum care care, int64_t now, struct vrx_dose *ret_dose) {
    struct replaced old = {0};
    VRX_TRY(find_current(tenant, id, version, &old));
    struct vrx_dose corrected = *dose;
    corrected.resident = old.resident;
    VRX_TRY(check_dose(tenant, &corrected, &old, care, now));
    VRX_TRY(complete(tenant, &corrected, &old, now));
    VRX_TRY(end_dose(tenant, id, VRX_DOSE_SUPERSEDED, now));
    VRX_TRY(insert_dose(tenant, &corrected));
    *ret_dose = corrected;
    return vrx_ok();
}

struct vrx_result vrx_dose_correct(struct vrx_tenant *tenant, int64_t id, uint64_t version,
    const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose) {
    return correct(tenant, id, version, dose, CARE_RULES, now, ret_dose);
}

struct vrx_result vrx_dose_correct_decided(struct vrx_tenant *tenant, int64_t id, uint64_t version,
    const struct vrx_dose *dose, int64_t now, struct vrx_dose *ret_dose) {
    return correct(tenant, id, version, dose, CARE_DECIDED, now, ret_dose);
}

struct vrx_result vrx_dose_mark_entered_in_error(
    struct vrx_tenant *tenant, int64_t id, uint64_t version, int64_t now) {
    struct replaced old = {0};
    VRX_TRY(find_current(tenant, id, version, &old));
    return end_dose(tenant, id, VRX_DOSE_ENTERED_IN_ERROR, now);
}
