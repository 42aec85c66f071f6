/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of residents and doses, message by message of at most VRX_LIMIT_ROWS rows, each message a
 * transaction. A row is taken whole or reported with every fault that it has; what was there
 * already is counted and left alone, so that an import which was cut off is simply repeated.
 */
#include "codes/vaccine.h"
#include "layouts/resident_row.h"
#include "layouts/vaccination_row.h"
#include "records/handlers.h"
#include "records/import_state.h"
#include "records/purpose.h"
#include "records/record_dose.h"
#include "store/dose.h"

/* ---- residents ---- */

/* True when the resident that has this addressee number is the same person as the row's. */
static struct vrx_result is_same_resident(
    struct vrx_context *context, const struct vrx_resident_values *values, bool *ret_same) {
    struct vrx_resident held;
    VRX_TRY(vrx_resident_find_by_addressee(
        context->tenant, &context->arena, vrx_view_text(values->addressee_number.digits), &held));
    struct vrx_view number = {0};
    VRX_TRY(vrx_resident_number(context->tenant, &context->arena, held.id, &number));
    *ret_same = vrx_equal_constant_time(number, vrx_view_text(values->individual_number.digits)) &&
                vrx_view_equal(held.name, values->name) &&
                vrx_date_compare(held.birth_date, values->birth_date) == 0;
    return vrx_ok();
}

static struct vrx_result register_row(
    struct vrx_context *context, const struct vrx_resident_values *values, bool *ret_unchanged) {
    struct vrx_resident resident = {
        .addressee = vrx_view_text(values->addressee_number.digits),
        .name = values->name,
        .kana = values->kana,
        .address = values->address,
        .birth_date = values->birth_date,
        .sex = (enum vrx_sex)values->sex,
    };
    int64_t id = 0;
    struct vrx_result result = vrx_resident_register(context->tenant, &resident,
        vrx_view_text(values->individual_number.digits), context->now, &id);
    if (result.reason == VRX_ALREADY_EXISTS) {
        VRX_TRY(is_same_resident(context, values, ret_unchanged));
        return *ret_unchanged ? vrx_ok() : result;
    }
    VRX_TRY(result);
    struct vrx_audit_facts facts = {.about_person = true};
    VRX_TRY(vrx_resident_person_token(context->tenant, id, facts.person));
    return vrx_context_record(
        context, "/vrx.v1.Records/ImportResidents", VRX_RECORDS_PURPOSE, &facts, VRX_OK, NULL);
}

static const struct vrx_field_name *resident_field_of(enum vrx_reason reason) {
    if (reason == VRX_NUMBER_CONFLICT)
        return &vrx_resident_field_names[VRX_RESIDENT_INDIVIDUAL_NUMBER];
    if (reason == VRX_ALREADY_EXISTS)
        return &vrx_resident_field_names[VRX_RESIDENT_ADDRESSEE_NUMBER];
    return &vrx_row_field;
}

static struct vrx_result import_resident(
    struct vrx_context *context, const Vrx__V1__ResidentRow *row) {
    struct vrx_import_state *state = context->state;
    struct vrx_resident_texts texts = {.line = row->line,
        .field = {
            [VRX_RESIDENT_ADDRESSEE_NUMBER] = vrx_view_text(row->addressee_number),
            [VRX_RESIDENT_INDIVIDUAL_NUMBER] = vrx_view_text(row->individual_number),
            [VRX_RESIDENT_NAME] = vrx_view_text(row->name),
            [VRX_RESIDENT_KANA] = vrx_view_text(row->kana),
            [VRX_RESIDENT_BIRTH_DATE] = vrx_view_text(row->birth_date),
            [VRX_RESIDENT_SEX] = vrx_view_text(row->sex),
            [VRX_RESIDENT_ADDRESS] = vrx_view_text(row->address),
        }};
    struct vrx_row_errors errors;
    struct vrx_resident_values values VRX_CLEANUP(vrx_resident_values_clear) = {0};
    VRX_TRY(vrx_resident_check(
        &texts, vrx_date_in_japan(context->now), &context->arena, &errors, &values));
    if (errors.count)
        return vrx_import_refuse(state, &errors);
    struct vrx_savepoint point;
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    struct vrx_import_done done = {.line = row->line};
    done.result = register_row(context, &values, &done.unchanged);
    done.field = resident_field_of(done.result.reason);
    return vrx_import_settle(context, &point, &done);
}

struct vrx_result vrx_records_import_residents(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ImportResidentsRequest *in = request;
    VRX_TRY(vrx_import_begin(context, in->n_rows, in->end));
    for (size_t i = 0; i < in->n_rows; i++)
        VRX_TRY(import_resident(context, in->rows[i]));
    return vrx_ok();
}

struct vrx_result vrx_records_import_residents_end(struct vrx_context *context, void *reply) {
    const struct vrx_import_state *state = context->state;
    Vrx__V1__ImportResidentsResponse *out = reply;
    VRX_TRY(vrx_import_is_whole(state));
    out->imported = state->imported;
    out->unchanged = state->unchanged;
    out->refused = state->refused;
    out->n_errors = state->report.count;
    out->errors = state->report.errors;
    return vrx_ok();
}

/* ---- doses ---- */

static void dose_of_values(
    const struct vrx_dose_values *values, int64_t resident, struct vrx_dose *ret_dose) {
    *ret_dose = (struct vrx_dose){
        .resident = resident,
        .maker = values->manufacturer,
        .registered_at = values->registered_at,
        .provenance.source = VRX_DOSE_IMPORT,
        .item =
            {
                .administered_by = values->administered_by,
                .administered_on = values->administered_on,
                .product = values->vaccine->id,
                .dose_number = values->number,
                .lot = vrx_view_text(values->lot.text),
                .venue = values->venue,
                .physician = values->physician,
                .ticket = vrx_view_text(values->ticket.digits),
            },
    };
}

/* Where a row failed in the vault. */
struct place {
    unsigned dose;
    const struct vrx_field_name *field;
};

static struct vrx_result record_row(struct vrx_context *context,
    const struct vrx_vaccination_values *values, uint64_t *ret_new, struct place *place) {
    struct vrx_resident resident;
    *place = (struct place){0, &vrx_addressee_field};
    VRX_TRY(vrx_resident_find_by_addressee(context->tenant, &context->arena,
        vrx_view_text(values->addressee_number.digits), &resident));
    for (size_t i = 0; i < values->dose_count; i++) {
        struct vrx_dose dose;
        struct vrx_dose recorded;
        *place = (struct place){
            values->doses[i].number, &vrx_dose_field_names[VRX_DOSE_ADMINISTERED_ON]};
        dose_of_values(&values->doses[i], resident.id, &dose);
        struct vrx_result result = vrx_record_dose(
            context, "/vrx.v1.Records/ImportVaccinations", VRX_RECORDS_PURPOSE, &dose, &recorded);
        if (result.reason == VRX_ALREADY_EXISTS)
            continue;
        VRX_TRY(result);
        ++*ret_new;
    }
    return vrx_ok();
}

static struct vrx_result texts_of_row(struct vrx_context *context,
    const Vrx__V1__VaccinationRow *row, struct vrx_vaccination_texts *ret_texts) {
    struct vrx_dose_texts *doses =
        vrx_arena_alloc_array(&context->arena, row->n_doses, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < row->n_doses; i++) {
        const Vrx__V1__DoseFields *fields = row->doses[i];
        doses[i] = (struct vrx_dose_texts){{
            [VRX_DOSE_REGISTERED_AT] = vrx_view_text(fields->registered_at),
            [VRX_DOSE_ADMINISTERED_ON] = vrx_view_text(fields->administered_on),
            [VRX_DOSE_TICKET_NUMBER] = vrx_view_text(fields->ticket_number),
            [VRX_DOSE_MUNICIPALITY_CODE] = vrx_view_text(fields->municipality_code),
            [VRX_DOSE_VENUE] = vrx_view_text(fields->venue),
            [VRX_DOSE_PHYSICIAN] = vrx_view_text(fields->physician),
            [VRX_DOSE_MANUFACTURER] = vrx_view_text(fields->manufacturer),
            [VRX_DOSE_LOT] = vrx_view_text(fields->lot),
        }};
    }
    *ret_texts = (struct vrx_vaccination_texts){
        .line = row->line,
        .addressee_number = vrx_view_text(row->addressee_number),
        .doses = doses,
        .dose_count = row->n_doses,
    };
    return vrx_ok();
}

static struct vrx_result import_vaccination(
    struct vrx_context *context, const Vrx__V1__VaccinationRow *row) {
    struct vrx_import_state *state = context->state;
    struct vrx_vaccination_texts texts;
    struct vrx_row_errors errors;
    struct vrx_vaccination_values values;
    VRX_TRY(texts_of_row(context, row, &texts));
    VRX_TRY(vrx_vaccination_check(
        &texts, vrx_date_in_japan(context->now), &context->arena, &errors, &values));
    if (errors.count)
        return vrx_import_refuse(state, &errors);
    uint64_t new_doses = 0;
    struct place place;
    struct vrx_savepoint point;
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    struct vrx_result result = record_row(context, &values, &new_doses, &place);
    const struct vrx_import_done done = {
        result, new_doses == 0, row->line, place.dose, place.field};
    VRX_TRY(vrx_import_settle(context, &point, &done));
    if (vrx_is_ok(result))
        state->doses += new_doses;
    return vrx_ok();
}

struct vrx_result vrx_records_import_vaccinations(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ImportVaccinationsRequest *in = request;
    VRX_TRY(vrx_import_begin(context, in->n_rows, in->end));
    for (size_t i = 0; i < in->n_rows; i++)
        VRX_TRY(import_vaccination(context, in->rows[i]));
    return vrx_ok();
}

struct vrx_result vrx_records_import_vaccinations_end(struct vrx_context *context, void *reply) {
    const struct vrx_import_state *state = context->state;
    Vrx__V1__ImportVaccinationsResponse *out = reply;
    VRX_TRY(vrx_import_is_whole(state));
    out->imported = state->imported;
    out->unchanged = state->unchanged;
    out->refused = state->refused;
    out->doses = state->doses;
    out->n_errors = state->report.count;
    out->errors = state->report.errors;
    return vrx_ok();
}
