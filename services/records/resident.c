/* SPDX-License-Identifier: Apache-2.0
 *
 * Residents: register, change, read with their doses, protect, export.
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

/* What is given replaces what is there. True: something is. */
static bool take_text(const char *given, struct vrx_view *text) {
    if (given[0])
        *text = vrx_view_text(given);
    return given[0];
}

static struct vrx_result take_date(const char *given, struct vrx_date *date, bool *ret_given) {
    if (!given[0])
        return vrx_ok();
    *ret_given = true;
    return vrx_date_parse(vrx_view_text(given), date);
}

static struct vrx_result take_changes(
    const Vrx__V1__UpdateResidentRequest *in, struct vrx_resident *resident) {
    bool any = take_text(in->name, &resident->name);
    any |= take_text(in->kana, &resident->kana);
    any |= take_text(in->address, &resident->address);
    VRX_TRY(take_date(in->birth_date, &resident->birth_date, &any));
    if (in->sex > VRX_SEX_FEMALE)
        return vrx_fail(VRX_INPUT_RANGE);
    if (in->sex)
        resident->sex = (enum vrx_sex)in->sex;
    if (in->lives_here && in->moved_out_on[0])
        return vrx_refuse(VRX_INPUT_RANGE, "records.proto: moved_out_on or lives_here");
    if (in->lives_here)
        resident->moved_out = (struct vrx_date){0};
    VRX_TRY(take_date(in->moved_out_on, &resident->moved_out, &any));
    return any || in->sex || in->lives_here
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_FIELD_MISSING, "records.proto: nothing to change");
}

struct vrx_result vrx_records_update_resident(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__UpdateResidentRequest *in = request;
    Vrx__V1__UpdateResidentResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    VRX_TRY(take_changes(in, &resident));
    resident.version = in->version;
    VRX_TRY(vrx_resident_update(context->tenant, &resident, context->now));
    out->version = in->version + 1;
    return vrx_ok();
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
    VRX_TRY(vrx_convert_date(context, resident.moved_out, &out->moved_out_on));
    out->resident_version = resident.version;
    return vrx_convert_doses(context, doses, out->n_doses, &out->doses);
}

struct vrx_result vrx_records_set_protection(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__SetProtectionRequest *in = request;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    VRX_TRY(vrx_resident_set_protection(context->tenant, resident.id, in->no_automatic_answer,
        in->no_self_disclosure, context->now));
    /* Word of a correction may have waited for this (store/dose_sent.h), and nothing else looks. */
    if (resident.no_automatic_answer && !in->no_automatic_answer)
        atomic_store(&context->slot->exchange_due, context->now);
    return vrx_ok();
}

/* Whoever hides someone from a pursuer must not wait for a colleague; whoever shows them again
 * must. */
struct vrx_result vrx_records_protection_needs_second(
    struct vrx_context *context, const void *request, bool *ret_needed) {
    const Vrx__V1__SetProtectionRequest *in = request;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    *ret_needed = (resident.no_automatic_answer && !in->no_automatic_answer) ||
                  (resident.no_self_disclosure && !in->no_self_disclosure);
    return vrx_ok();
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
