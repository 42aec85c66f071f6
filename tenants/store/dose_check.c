/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a dose can be true: by itself, and among the person's other doses. Pure. Whether it can
 * be certified is asked again, more strictly, by the issuer.
 */
#include "store/dose_check.h"

#include <stdlib.h>

#include "base/limits.h"
#include "codes/lot.h"
#include "codes/ticket_line.h"
#include "codes/vaccine.h"
#include "store/check.h"

#define HIGHEST_NUMBER 99

static const struct vrx_text_rule text_rules[] = {
    {offsetof(struct vrx_dose, item.lot), 0, VRX_LIMIT_LOT, "lot"},
    {offsetof(struct vrx_dose, item.venue), 0, VRX_LIMIT_VENUE, "venue"},
    {offsetof(struct vrx_dose, item.physician), 0, VRX_LIMIT_PHYSICIAN, "physician"},
    {offsetof(struct vrx_dose, item.ticket), 0, VRX_TICKET_NUMBER_DIGITS, "ticket number"},
    {offsetof(struct vrx_dose, maker), 0, VRX_LIMIT_MAKER, "manufacturer"},
};

static struct vrx_result check_code(const struct vrx_municipality_code *code) {
    struct vrx_municipality_code parsed;
    return vrx_municipality_code_parse(vrx_municipality_code_view(code), &parsed);
}

static struct vrx_result check_provenance(const struct vrx_dose_provenance *provenance) {
    static const uint8_t no_digest[VRX_DIGEST];
    switch (provenance->source) {
    case VRX_DOSE_OWN:
    case VRX_DOSE_IMPORT:
        return vrx_ok();
    case VRX_DOSE_TRANSFER:
        if (memcmp(provenance->digest, no_digest, sizeof no_digest) == 0)
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, "digest of the answer");
        return check_code(&provenance->municipality);
    }
    return vrx_refuse(VRX_INPUT_RANGE, "provenance");
}

static struct vrx_result check_numbers(const struct vrx_dose *dose) {
    struct vrx_ticket_number ticket;
    if (dose->item.dose_number > HIGHEST_NUMBER)
        return vrx_refuse(VRX_INPUT_RANGE, "dose number");
    if (dose->item.ticket.len)
        VRX_TRY(vrx_ticket_number_parse(dose->item.ticket, &ticket));
    VRX_TRY(check_code(&dose->item.administered_by));
    return check_provenance(&dose->provenance);
}

static struct vrx_result check_date(struct vrx_date administered_on, int64_t now) {
    if (!vrx_date_valid(administered_on))
        return vrx_refuse(VRX_DATE_INVALID, "administered on");
    if (vrx_date_compare(administered_on, vrx_date_in_japan(now)) > 0)
        return vrx_refuse(VRX_DATE_IN_FUTURE, "administered on");
    return vrx_ok();
}

/* A lot is compared byte by byte to know a dose again: it is stored in its one spelling. */
static struct vrx_result check_vaccine(const struct vrx_dose_item *item) {
    struct vrx_lot lot;
    const struct vrx_vaccine *vaccine = vrx_vaccine_find(item->product);
    if (!vaccine)
        return vrx_fail(VRX_PRODUCT_UNKNOWN);
    if (vrx_date_compare(item->administered_on, vaccine->approved) < 0)
        return vrx_fail(VRX_DATE_BEFORE_APPROVAL);
    if (!item->lot.len)
        return vrx_ok();
    VRX_TRY(vrx_lot_parse(item->lot, &lot));
    if (!vrx_view_equal(item->lot, vrx_view_text(lot.text)))
        return vrx_refuse(VRX_LOT_INVALID, "lot in upper case");
    return vrx_ok();
}

struct vrx_result vrx_dose_check_fields(const struct vrx_dose *dose, int64_t now) {
    VRX_TRY(vrx_check_texts(dose, text_rules, sizeof text_rules / sizeof text_rules[0]));
    VRX_TRY(check_numbers(dose));
    VRX_TRY(check_date(dose->item.administered_on, now));
    return check_vaccine(&dose->item);
}

uint64_t vrx_dose_next_number(const struct vrx_dose_neighbour *others, size_t count) {
    uint64_t highest = 0;
    for (size_t i = 0; i < count; i++)
        if (others[i].dose_number > highest)
            highest = others[i].dose_number;
    return highest + 1;
}

struct vrx_result vrx_dose_check_interval(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count) {
    int32_t day = vrx_date_to_days(item->administered_on);
    for (size_t i = 0; i < count; i++)
        if (abs(day - vrx_date_to_days(others[i].administered_on)) < VRX_DOSE_INTERVAL_DAYS)
            return vrx_fail(VRX_DOSE_INTERVAL);
    return vrx_ok();
}

struct vrx_result vrx_dose_check_order(
    const struct vrx_dose_item *item, const struct vrx_dose_neighbour *others, size_t count) {
    int32_t day = vrx_date_to_days(item->administered_on);
    for (size_t i = 0; i < count; i++) {
        int32_t other = vrx_date_to_days(others[i].administered_on);
        bool higher = item->dose_number > others[i].dose_number;
        if (item->dose_number == others[i].dose_number || (day != other && (day > other) != higher))
            return vrx_fail(VRX_DOSE_ORDER);
    }
    return item->dose_number <= HIGHEST_NUMBER ? vrx_ok() : vrx_fail(VRX_DOSE_ORDER);
}
