/* SPDX-License-Identifier: Apache-2.0 */
#include "records/record_dose.h"

#include "objects/dose_item.h"
#include "store/resident.h"

struct vrx_result vrx_record_dose_entry(
    struct vrx_context *context, const char *method, const char *purpose, struct vrx_dose *dose) {
    struct vrx_audit_facts facts = {
        .about_person = true, .has_commitment = true, .basis = context->audit.basis};
    VRX_TRY(vrx_resident_person_token(context->tenant, dose->resident, facts.person));
    VRX_TRY(vrx_dose_item_commitment(&dose->item, dose->salt, facts.commitment));
    uint64_t index = 0;
    VRX_TRY(vrx_context_record(context, method, purpose, &facts, VRX_OK, &index));
    VRX_TRY(vrx_dose_set_ledger_index(context->tenant, dose->id, index));
    dose->ledger_index = (int64_t)index;
    context->audit.written = true;
    return vrx_ok();
}

struct vrx_result vrx_record_dose(struct vrx_context *context, const char *method,
    const char *purpose, const struct vrx_dose *dose, struct vrx_dose *ret_dose) {
    struct vrx_dose recorded;
    VRX_TRY(vrx_dose_record(context->tenant, dose, context->now, &recorded));
    VRX_TRY(vrx_record_dose_entry(context, method, purpose, &recorded));
    *ret_dose = recorded;
    return vrx_ok();
}
