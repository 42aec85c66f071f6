/* SPDX-License-Identifier: Apache-2.0
 *
 * Residents: register, read with their doses, protect, export.
 */
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "dispatch/resident_key.h"
#include "records/convert.h"
#include "records/handlers.h"

struct vrx_result vrx_records_register_resident(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__RegisterResidentRequest *in = request;
    if (!in->resident)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    const Vrx__V1__Resident *given = in->resident;
    if (given->sex > VRX_SEX_FEMALE)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_resident resident = {
        .name = vrx_view_text(given->name),
        .kana = vrx_view_text(given->kana),
        .address = vrx_view_text(given->address),
        .sex = (enum vrx_sex)given->sex,
    };
    struct vrx_view number = {0};
    VRX_TRY(vrx_text_fold(
        &context->arena, vrx_view_text(given->addressee_number), &resident.addressee));
    VRX_TRY(vrx_text_fold(&context->arena, vrx_view_text(given->individual_number), &number));
    VRX_TRY(vrx_date_parse(vrx_view_text(given->birth_date), &resident.birth_date));
    int64_t id = 0;
    VRX_TRY(vrx_resident_register(context->tenant, &resident, number, context->now, &id));
    return vrx_context_about(context, id);
}

struct vrx_result vrx_records_get_history(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__GetHistoryRequest *in = request;
    Vrx__V1__GetHistoryResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    struct vrx_dose *doses = NULL;
    VRX_TRY(vrx_dose_history(
        context->tenant, &context->arena, resident.id, VRX_DOSES_CURRENT, &doses, &out->n_doses));
    VRX_TRY(vrx_convert_resident(context, &resident, false, &out->resident));
    return vrx_convert_doses(context, doses, out->n_doses, &out->doses);
}

struct vrx_result vrx_records_set_protection(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__SetProtectionRequest *in = request;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    return vrx_resident_set_protection(context->tenant, resident.id, in->no_automatic_answer,
        in->no_self_disclosure, context->now);
}

struct vrx_result vrx_records_export_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    (void)request;
    struct vrx_export_state *state = context->state;
    Vrx__V1__ExportResponse *out = reply;
    struct vrx_resident *resident = NULL;
    size_t count = 0;
    struct vrx_view after = vrx_view_of(state->after, strlen(state->after));
    VRX_TRY(vrx_resident_list(context->tenant, &context->arena, after, 1, &resident, &count));
    if (!count) {
        *ret_next = VRX_NEXT_DONE;
        return vrx_ok();
    }
    if (resident->addressee.len > VRX_LIMIT_ADDRESSEE)
        return vrx_fail(VRX_INTERNAL_ERROR);
    memcpy(state->after, resident->addressee.ptr, resident->addressee.len);
    state->after[resident->addressee.len] = '\0';
    struct vrx_dose *doses = NULL;
    VRX_TRY(vrx_dose_history(
        context->tenant, &context->arena, resident->id, VRX_DOSES_CURRENT, &doses, &out->n_doses));
    VRX_TRY(vrx_convert_resident(context, resident, true, &out->resident));
    VRX_TRY(vrx_convert_doses(context, doses, out->n_doses, &out->doses));
    *ret_next = VRX_NEXT_MORE;
    return vrx_ok();
}
