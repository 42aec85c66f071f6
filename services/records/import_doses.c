/* SPDX-License-Identifier: Apache-2.0
 *
 * Doses one by one, of whatever source a client has read (FHIR). Unlike a row of VRS each stands
 * for itself, with the number that its source gives it, and may lack what VRS always has. Fields
 * are checked as VRS's are (layouts/vaccination_row.h), the dose as a whole by the store.
 */
#include "base/text.h"
#include "codes/vaccine.h"
#include "layouts/resident_row.h"
#include "layouts/vaccination_row.h"
#include "records/convert.h"
#include "records/handlers.h"
#include "records/import_state.h"
#include "records/purpose.h"
#include "records/record_dose.h"

static const struct vrx_field_name product_field = {"ワクチン", "product"};
static const struct vrx_field_name number_field = {"接種回数", "dose_number"};

/* Fields that are texts in the message. */
static const struct {
    enum vrx_dose_field field;
    size_t offset;
    bool required;
} text_fields[] = {
    {VRX_DOSE_ADMINISTERED_ON, offsetof(Vrx__V1__Dose, administered_on), true},
    {VRX_DOSE_TICKET_NUMBER, offsetof(Vrx__V1__Dose, ticket_number), false},
    {VRX_DOSE_MUNICIPALITY_CODE, offsetof(Vrx__V1__Dose, administered_by), true},
    {VRX_DOSE_VENUE, offsetof(Vrx__V1__Dose, venue), false},
    {VRX_DOSE_PHYSICIAN, offsetof(Vrx__V1__Dose, physician), false},
    {VRX_DOSE_MANUFACTURER, offsetof(Vrx__V1__Dose, manufacturer), false},
    {VRX_DOSE_LOT, offsetof(Vrx__V1__Dose, lot), false},
};

/* What is checked of one row. */
struct row {
    const Vrx__V1__Dose *message;
    struct vrx_addressee_number addressee;
    struct vrx_date birth_date;
    const struct vrx_vaccine *vaccine;
    struct vrx_dose_values values;
};

/* Makers are called many names elsewhere; one that this table knows must be this product's. */
static struct vrx_result check_maker(struct vrx_result result, const struct row *row) {
    if (result.reason == VRX_PRODUCT_UNKNOWN)
        return vrx_ok();
    VRX_TRY(result);
    return !row->vaccine || row->values.vaccine == row->vaccine
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_RANGE, "Dose.manufacturer: another product's");
}

static struct vrx_result check_text(struct vrx_context *context, struct row *row, size_t index) {
    const enum vrx_dose_field field = text_fields[index].field;
    const char *const *place =
        (const void *)((const uint8_t *)row->message + text_fields[index].offset);
    const struct vrx_view text = vrx_view_text(*place);
    if (!text.len)
        return text_fields[index].required ? vrx_fail(VRX_INPUT_FIELD_MISSING) : vrx_ok();
    struct vrx_result result = vrx_dose_field_check(
        field, text, vrx_date_in_japan(context->now), &context->arena, &row->values);
    return field == VRX_DOSE_MANUFACTURER ? check_maker(result, row) : result;
}

static struct vrx_result check_registered_at(struct vrx_context *context, const struct row *row) {
    if (row->message->registered_at < 0)
        return vrx_fail(VRX_INPUT_RANGE);
    return row->message->registered_at <= context->now ? vrx_ok() : vrx_fail(VRX_DATE_IN_FUTURE);
}

static struct vrx_result check_person(struct vrx_context *context, const Vrx__V1__DoseRow *message,
    struct vrx_row_errors *errors, struct row *row) {
    struct vrx_view folded = {0};
    struct vrx_result result =
        vrx_text_fold(&context->arena, vrx_view_text(message->addressee_number), &folded);
    if (vrx_is_ok(result))
        result = vrx_addressee_number_parse(folded, &row->addressee);
    VRX_TRY(vrx_row_errors_take(errors, 0, &vrx_addressee_field, result));
    return vrx_row_errors_take(errors, 0, &vrx_resident_field_names[VRX_RESIDENT_BIRTH_DATE],
        vrx_date_parse(vrx_view_text(message->birth_date), &row->birth_date));
}

/* Everything that can be known without the vault. */
static struct vrx_result check_row(struct vrx_context *context, const Vrx__V1__DoseRow *message,
    struct vrx_row_errors *errors, struct row *row) {
    vrx_row_errors_init(errors, message->line);
    VRX_TRY(check_person(context, message, errors, row));
    if (!message->dose)
        return vrx_row_errors_take(errors, 0, &vrx_row_field, vrx_fail(VRX_INPUT_FIELD_MISSING));
    row->message = message->dose;
    VRX_TRY(vrx_row_errors_take(errors, 0, &vrx_row_field, vrx_convert_dose_given(message->dose)));
    row->vaccine = vrx_vaccine_find(message->dose->product);
    if (!row->vaccine)
        VRX_TRY(vrx_row_errors_take(errors, 0, &product_field, vrx_fail(VRX_PRODUCT_UNKNOWN)));
    VRX_TRY(vrx_row_errors_take(errors, 0, &vrx_dose_field_names[VRX_DOSE_REGISTERED_AT],
        check_registered_at(context, row)));
    for (size_t i = 0; i < sizeof text_fields / sizeof *text_fields; i++)
        VRX_TRY(vrx_row_errors_take(
            errors, 0, &vrx_dose_field_names[text_fields[i].field], check_text(context, row, i)));
    return vrx_ok();
}

static struct vrx_dose dose_of(
    const struct vrx_context *context, const struct row *row, int64_t resident) {
    const struct vrx_dose_values *values = &row->values;
    const int64_t registered_at = row->message->registered_at;
    return (struct vrx_dose){
        .resident = resident,
        .maker =
            values->manufacturer.len ? values->manufacturer : vrx_view_text(row->vaccine->vrs_name),
        .registered_at = registered_at ? registered_at : context->now,
        .provenance.source = VRX_DOSE_IMPORT,
        .item =
            {
                .administered_by = values->administered_by,
                .administered_on = values->administered_on,
                .product = row->vaccine->id,
                .dose_number = row->message->dose_number,
                .lot = vrx_view_text(values->lot.text),
                .venue = values->venue,
                .physician = values->physician,
                .ticket = vrx_view_text(values->ticket.digits),
            },
    };
}

/* The field that a dose as a whole was refused for. */
static const struct vrx_field_name *field_of(enum vrx_reason reason) {
    return reason == VRX_DOSE_ORDER || reason == VRX_CAP_REACHED || reason == VRX_INPUT_RANGE
               ? &number_field
               : &vrx_dose_field_names[VRX_DOSE_ADMINISTERED_ON];
}

/* *ret_field: of what was refused. */
static struct vrx_result record_row(struct vrx_context *context, const struct row *row,
    bool *ret_unchanged, const struct vrx_field_name **ret_field) {
    struct vrx_resident resident;
    *ret_field = &vrx_addressee_field;
    VRX_TRY(vrx_resident_find_by_addressee(
        context->tenant, &context->arena, vrx_view_text(row->addressee.digits), &resident));
    *ret_field = &vrx_resident_field_names[VRX_RESIDENT_BIRTH_DATE];
    if (vrx_date_compare(resident.birth_date, row->birth_date) != 0)
        return vrx_refuse(VRX_NOT_FOUND, "ImportDoses: nobody of this number was born then");
    struct vrx_dose recorded;
    const struct vrx_dose dose = dose_of(context, row, resident.id);
    struct vrx_result result = vrx_record_dose(
        context, "/vrx.v1.Records/ImportDoses", VRX_RECORDS_PURPOSE, &dose, &recorded);
    *ret_unchanged = result.reason == VRX_ALREADY_EXISTS;
    *ret_field = field_of(result.reason);
    return *ret_unchanged ? vrx_ok() : result;
}

static struct vrx_result import_dose(struct vrx_context *context, const Vrx__V1__DoseRow *message) {
    struct vrx_import_state *state = context->state;
    struct vrx_row_errors errors;
    struct row row = {0};
    VRX_TRY(check_row(context, message, &errors, &row));
    if (errors.count)
        return vrx_import_refuse(state, &errors);
    struct vrx_import_done done = {.line = message->line};
    struct vrx_savepoint point;
    VRX_TRY(vrx_savepoint_begin(context->tenant, &point));
    done.result = record_row(context, &row, &done.unchanged, &done.field);
    return vrx_import_settle(context, &point, &done);
}

struct vrx_result vrx_records_import_doses(
    struct vrx_context *context, const void *request, void *reply) {
    (void)reply;
    const Vrx__V1__ImportDosesRequest *in = request;
    VRX_TRY(vrx_import_begin(context, in->n_rows, in->end));
    for (size_t i = 0; i < in->n_rows; i++)
        VRX_TRY(import_dose(context, in->rows[i]));
    return vrx_ok();
}

struct vrx_result vrx_records_import_doses_end(struct vrx_context *context, void *reply) {
    const struct vrx_import_state *state = context->state;
    Vrx__V1__ImportDosesResponse *out = reply;
    VRX_TRY(vrx_import_is_whole(state));
    out->imported = state->imported;
    out->unchanged = state->unchanged;
    out->refused = state->refused;
    out->n_errors = state->report.count;
    out->errors = state->report.errors;
    return vrx_ok();
}
