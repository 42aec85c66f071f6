/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import_rows.h"

#include <stddef.h>

/* Where each field of a layout's row goes in its message. */
static const size_t resident_offsets[VRX_RESIDENT_FIELDS] = {
    [VRX_RESIDENT_ADDRESSEE_NUMBER] = offsetof(Vrx__V1__ResidentRow, addressee_number),
    [VRX_RESIDENT_INDIVIDUAL_NUMBER] = offsetof(Vrx__V1__ResidentRow, individual_number),
    [VRX_RESIDENT_NAME] = offsetof(Vrx__V1__ResidentRow, name),
    [VRX_RESIDENT_KANA] = offsetof(Vrx__V1__ResidentRow, kana),
    [VRX_RESIDENT_BIRTH_DATE] = offsetof(Vrx__V1__ResidentRow, birth_date),
    [VRX_RESIDENT_SEX] = offsetof(Vrx__V1__ResidentRow, sex),
    [VRX_RESIDENT_ADDRESS] = offsetof(Vrx__V1__ResidentRow, address),
};

static const size_t dose_offsets[VRX_DOSE_FIELDS] = {
    [VRX_DOSE_REGISTERED_AT] = offsetof(Vrx__V1__DoseFields, registered_at),
    [VRX_DOSE_ADMINISTERED_ON] = offsetof(Vrx__V1__DoseFields, administered_on),
    [VRX_DOSE_TICKET_NUMBER] = offsetof(Vrx__V1__DoseFields, ticket_number),
    [VRX_DOSE_MUNICIPALITY_CODE] = offsetof(Vrx__V1__DoseFields, municipality_code),
    [VRX_DOSE_VENUE] = offsetof(Vrx__V1__DoseFields, venue),
    [VRX_DOSE_PHYSICIAN] = offsetof(Vrx__V1__DoseFields, physician),
    [VRX_DOSE_MANUFACTURER] = offsetof(Vrx__V1__DoseFields, manufacturer),
    [VRX_DOSE_LOT] = offsetof(Vrx__V1__DoseFields, lot),
};

void vrx_import_rows_init(struct vrx_import_rows *rows, enum vrx_import_kind kind) {
    *rows = (struct vrx_import_rows){.kind = kind};
    vrx_arena_init(&rows->arena, 0);
    switch (kind) {
    case VRX_IMPORT_RESIDENTS:
        vrx_residents_init(&rows->reader.residents);
        break;
    case VRX_IMPORT_VACCINATIONS:
        vrx_vrs_init(&rows->reader.vrs);
        break;
    case VRX_IMPORT_MOVERS:
        vrx_movers_init(&rows->reader.movers);
        break;
    }
}

/* Every reader is done with when its CSV is. */
void vrx_import_rows_done(struct vrx_import_rows *rows) {
    vrx_csv_done(vrx_import_rows_csv(rows));
    vrx_arena_done(&rows->arena);
}

struct vrx_csv *vrx_import_rows_csv(struct vrx_import_rows *rows) {
    switch (rows->kind) {
    case VRX_IMPORT_RESIDENTS:
        return &rows->reader.residents.csv;
    case VRX_IMPORT_VACCINATIONS:
        return &rows->reader.vrs.csv;
    case VRX_IMPORT_MOVERS:
        break;
    }
    return &rows->reader.movers.csv;
}

/* A field into its place in the message. protobuf-c's strings end at a NUL, so one within would cut
 * the field short unseen: it is a fault of the row. */
static struct vrx_result put_field(struct vrx_import_rows *rows, struct vrx_view text,
    unsigned dose, const struct vrx_field_name *name, void *message, size_t offset,
    struct vrx_row_errors *errors) {
    if (text.len && memchr(text.ptr, 0, text.len))
        return vrx_row_errors_take(errors, dose, name, vrx_fail(VRX_INPUT_TEXT));
    char **place = (char **)(void *)((uint8_t *)message + offset);
    return vrx_arena_string(&rows->arena, text, place);
}

static struct vrx_result take_resident(struct vrx_import_rows *rows,
    const struct vrx_resident_texts *texts, struct vrx_row_errors *errors) {
    Vrx__V1__ResidentRow *row = vrx_arena_alloc(&rows->arena, sizeof *row);
    if (!row)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__resident_row__init(row);
    row->line = texts->line;
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        VRX_TRY(put_field(rows, texts->field[i], 0, &vrx_resident_field_names[i], row,
            resident_offsets[i], errors));
    if (!errors->count)
        rows->rows.residents[rows->count++] = row;
    return vrx_ok();
}

static struct vrx_result take_dose(struct vrx_import_rows *rows, const struct vrx_dose_texts *texts,
    unsigned number, struct vrx_row_errors *errors, Vrx__V1__DoseFields **ret_dose) {
    Vrx__V1__DoseFields *dose = vrx_arena_alloc(&rows->arena, sizeof *dose);
    if (!dose)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__dose_fields__init(dose);
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
        VRX_TRY(put_field(rows, texts->field[i], number, &vrx_dose_field_names[i], dose,
            dose_offsets[i], errors));
    *ret_dose = dose;
    return vrx_ok();
}

static struct vrx_result take_vaccination(struct vrx_import_rows *rows,
    const struct vrx_vaccination_texts *texts, struct vrx_row_errors *errors) {
    Vrx__V1__VaccinationRow *row = vrx_arena_alloc(&rows->arena, sizeof *row);
    Vrx__V1__DoseFields **doses =
        vrx_arena_alloc_array(&rows->arena, texts->dose_count, sizeof *doses);
    if (!row || !doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__vaccination_row__init(row);
    row->line = texts->line;
    VRX_TRY(put_field(rows, texts->addressee_number, 0, &vrx_addressee_field, row,
        offsetof(Vrx__V1__VaccinationRow, addressee_number), errors));
    for (size_t i = 0; i < texts->dose_count; i++)
        VRX_TRY(take_dose(rows, &texts->doses[i], (unsigned)i + 1, errors, &doses[i]));
    row->n_doses = texts->dose_count;
    row->doses = doses;
    if (!errors->count)
        rows->rows.vaccinations[rows->count++] = row;
    return vrx_ok();
}

static ProtobufCBinaryData id_field(bool has, uint8_t *id) {
    return (ProtobufCBinaryData){has ? VRX_MOVER_ID : 0, has ? id : NULL};
}

/* Checked here, for the message has identifiers and items and no texts. */
static struct vrx_result take_mover(struct vrx_import_rows *rows,
    const struct vrx_mover_texts *texts, struct vrx_row_errors *errors) {
    struct {
        struct vrx_mover_values values;
        Vrx__V1__ResidentKey key;
        Vrx__V1__BulkRow row;
        Vrx__V1__DataItem items[VRX_MOVER_ITEM_WORDS];
    } *mover = vrx_arena_alloc(&rows->arena, sizeof *mover);
    if (!mover)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_mover_values *values = &mover->values;
    VRX_TRY(vrx_mover_check(texts, &rows->arena, errors, values));
    vrx__v1__resident_key__init(&mover->key);
    mover->key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    mover->key.addressee_number = values->addressee_number.digits;
    vrx__v1__bulk_row__init(&mover->row);
    mover->row.line = texts->line;
    mover->row.resident = &mover->key;
    mover->row.from_municipality = values->origin.digits;
    mover->row.consent_id = id_field(values->has_consent, values->consent_id);
    mover->row.evidence_id = id_field(values->has_evidence, values->evidence_id);
    for (size_t i = 0; i < values->item_count; i++)
        mover->items[i] = (Vrx__V1__DataItem)values->items[i];
    mover->row.items = mover->items;
    mover->row.n_items = values->item_count;
    if (!errors->count)
        rows->rows.movers[rows->count++] = &mover->row;
    return vrx_ok();
}

static struct vrx_result read_resident(
    struct vrx_import_rows *rows, enum vrx_csv_step *ret_step, struct vrx_row_errors *errors) {
    struct vrx_resident_texts texts;
    VRX_TRY(vrx_residents_next(&rows->reader.residents, ret_step, &texts, errors));
    return *ret_step == VRX_CSV_RECORD && !errors->count ? take_resident(rows, &texts, errors)
                                                         : vrx_ok();
}

static struct vrx_result read_vaccination(
    struct vrx_import_rows *rows, enum vrx_csv_step *ret_step, struct vrx_row_errors *errors) {
    struct vrx_vaccination_texts texts;
    VRX_TRY(vrx_vrs_next(&rows->reader.vrs, ret_step, &texts, errors));
    return *ret_step == VRX_CSV_RECORD && !errors->count ? take_vaccination(rows, &texts, errors)
                                                         : vrx_ok();
}

static struct vrx_result read_mover(
    struct vrx_import_rows *rows, enum vrx_csv_step *ret_step, struct vrx_row_errors *errors) {
    struct vrx_mover_texts texts;
    VRX_TRY(vrx_movers_next(&rows->reader.movers, ret_step, &texts, errors));
    return *ret_step == VRX_CSV_RECORD && !errors->count ? take_mover(rows, &texts, errors)
                                                         : vrx_ok();
}

/* One record of the file; *ret_step is the reader's. */
static struct vrx_result read_record(
    struct vrx_import_rows *rows, enum vrx_csv_step *ret_step, struct vrx_row_errors *errors) {
    switch (rows->kind) {
    case VRX_IMPORT_RESIDENTS:
        return read_resident(rows, ret_step, errors);
    case VRX_IMPORT_VACCINATIONS:
        return read_vaccination(rows, ret_step, errors);
    case VRX_IMPORT_MOVERS:
        break;
    }
    return read_mover(rows, ret_step, errors);
}

struct vrx_result vrx_import_rows_next(
    struct vrx_import_rows *rows, enum vrx_import_step *ret_step, struct vrx_row_errors *errors) {
    while (rows->count < VRX_IMPORT_ROWS && rows->arena.used < VRX_IMPORT_BYTES) {
        enum vrx_csv_step step = VRX_CSV_MORE;
        VRX_TRY(read_record(rows, &step, errors));
        if (step != VRX_CSV_RECORD) {
            *ret_step = step == VRX_CSV_MORE ? VRX_IMPORT_MORE : VRX_IMPORT_END;
            return vrx_ok();
        }
        if (errors->count) {
            *ret_step = VRX_IMPORT_FAULT;
            return vrx_ok();
        }
    }
    *ret_step = VRX_IMPORT_FULL;
    return vrx_ok();
}

/* A message of the first rows that wait, which may be none. */
static const ProtobufCMessage *message_of(struct vrx_import_rows *rows, size_t count, bool is_end) {
    vrx__v1__import_end__init(&rows->end);
    vrx__v1__bulk_end__init(&rows->bulk_end);
    rows->end.rows = rows->bulk_end.rows = rows->total;
    switch (rows->kind) {
    case VRX_IMPORT_RESIDENTS: {
        Vrx__V1__ImportResidentsRequest *message = &rows->message.residents;
        vrx__v1__import_residents_request__init(message);
        message->n_rows = count;
        message->rows = rows->rows.residents;
        message->end = is_end ? &rows->end : NULL;
        return &message->base;
    }
    case VRX_IMPORT_VACCINATIONS: {
        Vrx__V1__ImportVaccinationsRequest *message = &rows->message.vaccinations;
        vrx__v1__import_vaccinations_request__init(message);
        message->n_rows = count;
        message->rows = rows->rows.vaccinations;
        message->end = is_end ? &rows->end : NULL;
        return &message->base;
    }
    case VRX_IMPORT_MOVERS:
        break;
    }
    Vrx__V1__SubmitBulkRequest *message = &rows->message.movers;
    vrx__v1__submit_bulk_request__init(message);
    message->n_rows = count;
    message->rows = rows->rows.movers;
    message->end = is_end ? &rows->bulk_end : NULL;
    return &message->base;
}

const ProtobufCMessage *vrx_import_rows_message(struct vrx_import_rows *rows) {
    return rows->count ? message_of(rows, rows->count, false) : NULL;
}

void vrx_import_rows_taken(struct vrx_import_rows *rows) {
    rows->total += rows->count;
    rows->count = 0;
    vrx_arena_clear(&rows->arena);
}

const ProtobufCMessage *vrx_import_rows_end(struct vrx_import_rows *rows) {
    return message_of(rows, 0, true);
}
