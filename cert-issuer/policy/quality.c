/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/quality.h"

#include "codes/lot.h"
#include "codes/vaccine.h"

static struct vrx_result check_dose(
    const struct vrx_dose_item *dose, struct vrx_date birth_date, struct vrx_date today) {
    const struct vrx_vaccine *vaccine = vrx_vaccine_find(dose->product);
    struct vrx_lot lot;
    if (!vaccine)
        return vrx_refuse(VRX_PRODUCT_UNKNOWN, "codes/vaccine.h");
    if (vrx_date_compare(dose->administered_on, today) > 0)
        return vrx_refuse(VRX_DATE_IN_FUTURE, "quality gate: administered after today");
    if (vrx_date_compare(dose->administered_on, vaccine->approved) < 0)
        return vrx_refuse(VRX_DATE_BEFORE_APPROVAL, "PMD Act arts. 14 and 14-3: date of approval");
    if (vrx_date_compare(dose->administered_on, birth_date) < 0)
        return vrx_refuse(VRX_DATE_BEFORE_BIRTH, "quality gate: administered before birth");
    return dose->lot.len ? vrx_lot_parse(dose->lot, &lot) : vrx_ok();
}

static struct vrx_result check_pair(
    const struct vrx_dose_item *first, const struct vrx_dose_item *second) {
    int order = vrx_date_compare(first->administered_on, second->administered_on);
    if (order == 0)
        return vrx_refuse(VRX_DOSE_INTERVAL, "quality gate: two doses on one day");
    if (order > 0 || first->dose_number >= second->dose_number)
        return vrx_refuse(VRX_QUALITY_GATE, "quality gate: numbers and dates ascend together");
    if (second->dose_number == 2 &&
        !vrx_vaccine_interval_kept(vrx_vaccine_find(first->product), first->administered_on,
            vrx_vaccine_find(second->product), second->administered_on))
        return vrx_refuse(VRX_DOSE_INTERVAL, "予防接種実施規則: interval of the primary series");
    return vrx_ok();
}

struct vrx_result vrx_quality_gate(const struct vrx_proven_dose *doses, size_t count,
    struct vrx_date birth_date, struct vrx_date today) {
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(check_dose(&doses[i].item, birth_date, today));
        if (i > 0)
            VRX_TRY(check_pair(&doses[i - 1].item, &doses[i].item));
    }
    return vrx_ok();
}
