/* SPDX-License-Identifier: Apache-2.0
 *
 * One dose at a time: record, correct, mark as entered in error.
 */
#include "dispatch/guard.h"
#include "dispatch/resident_key.h"
#include "records/convert.h"
#include "records/dose_changed.h"
#include "records/handlers.h"
#include "records/purpose.h"
#include "records/record_dose.h"

struct vrx_result vrx_records_record_vaccination(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__RecordVaccinationRequest *in = request;
    Vrx__V1__RecordVaccinationResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    struct vrx_dose dose;
    VRX_TRY(vrx_convert_dose_request(context, in->dose, &dose));
    dose.resident = resident.id;
    struct vrx_dose recorded;
    VRX_TRY(vrx_record_dose(
        context, "/vrx.v1.Records/RecordVaccination", VRX_RECORDS_PURPOSE, &dose, &recorded));
    out->dose_id = (uint64_t)recorded.id;
    out->ledger_index = (uint64_t)recorded.ledger_index;
    return vrx_ok();
}

/* The dose that a request names, noted for the audit entry. */
static struct vrx_result named_dose(
    struct vrx_context *context, uint64_t id, struct vrx_dose *ret_dose) {
    if (id == 0 || id > INT64_MAX)
        return vrx_fail(VRX_NOT_FOUND);
    VRX_TRY(vrx_guard_look_up(context));
    VRX_TRY(vrx_dose_get(context->tenant, &context->arena, (int64_t)id, ret_dose));
    return vrx_context_about(context, ret_dose->resident);
}

struct vrx_result vrx_records_correct_vaccination(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__CorrectVaccinationRequest *in = request;
    Vrx__V1__CorrectVaccinationResponse *out = reply;
    struct vrx_dose old;
    VRX_TRY(named_dose(context, in->dose_id, &old));
    struct vrx_dose dose;
    VRX_TRY(vrx_convert_dose_request(context, in->dose, &dose));
    /* A clerk's correction makes no dose of another municipality one of this. */
    if (old.provenance.source == VRX_DOSE_TRANSFER)
        dose.provenance = old.provenance;
    struct vrx_dose corrected;
    VRX_TRY(
        vrx_dose_correct(context->tenant, old.id, in->version, &dose, context->now, &corrected));
    VRX_TRY(vrx_record_dose_entry(
        context, "/vrx.v1.Records/CorrectVaccination", VRX_RECORDS_PURPOSE, &corrected));
    VRX_TRY(vrx_record_dose_changed(context, old.id, corrected.id));
    out->dose_id = (uint64_t)corrected.id;
    out->version = (uint32_t)corrected.version;
    return vrx_ok();
}

struct vrx_result vrx_records_mark_entered_in_error(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__MarkEnteredInErrorRequest *in = request;
    struct vrx_dose dose;
    VRX_TRY(named_dose(context, in->dose_id, &dose));
    VRX_TRY(vrx_dose_mark_entered_in_error(context->tenant, dose.id, in->version, context->now));
    return vrx_record_dose_changed(context, dose.id, dose.id);
}
