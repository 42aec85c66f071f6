/* SPDX-License-Identifier: Apache-2.0
 *
 * The header row says which column is which; after it a record is a row.
 */
#include "layouts/residents.h"

#define HEADER_CLAUSE "resident layout: header row"

void vrx_residents_init(struct vrx_residents *residents) {
    memset(residents, 0, sizeof *residents);
    vrx_csv_init(&residents->csv);
}

void vrx_residents_done(struct vrx_residents *residents) {
    vrx_csv_done(&residents->csv);
}

/* The field with this name in the header, VRX_RESIDENT_FIELDS where there is none. */
static size_t find_field(struct vrx_view name) {
    size_t i = 0;
    while (i < VRX_RESIDENT_FIELDS &&
           !vrx_view_equal(name, vrx_view_text(vrx_resident_field_names[i].ja)))
        i++;
    return i;
}

static struct vrx_result read_header(
    struct vrx_residents *residents, const struct vrx_csv_record *record) {
    VRX_TRY(record->error);
    bool seen[VRX_RESIDENT_FIELDS] = {false};
    for (size_t i = 0; i < record->count; i++) {
        size_t field = find_field(record->fields[i]);
        if (field == VRX_RESIDENT_FIELDS)
            return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, HEADER_CLAUSE);
        if (seen[field])
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, HEADER_CLAUSE);
        seen[field] = true;
        /* Fewer columns than fields so far, for none was seen twice. */
        residents->column[i] = (enum vrx_resident_field)field;
    }
    if (record->count != VRX_RESIDENT_FIELDS)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, HEADER_CLAUSE);
    residents->header_read = true;
    return vrx_ok();
}

static struct vrx_result cut_row(const struct vrx_residents *residents,
    const struct vrx_csv_record *record, struct vrx_resident_texts *ret_row) {
    VRX_TRY(record->error);
    if (record->count != VRX_RESIDENT_FIELDS)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 4180 §2.4: as many fields as the header");
    ret_row->line = record->line;
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        ret_row->field[residents->column[i]] = record->fields[i];
    return vrx_ok();
}

struct vrx_result vrx_residents_next(struct vrx_residents *residents, enum vrx_csv_step *ret_step,
    struct vrx_resident_texts *ret_row, struct vrx_row_errors *errors) {
    enum vrx_csv_step step;
    const struct vrx_csv_record *record;
    VRX_TRY(vrx_csv_next(&residents->csv, &step, &record));
    if (!residents->header_read) {
        if (step == VRX_CSV_END)
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, HEADER_CLAUSE);
        if (step == VRX_CSV_RECORD) {
            VRX_TRY(read_header(residents, record));
            VRX_TRY(vrx_csv_next(&residents->csv, &step, &record));
        }
    }
    if (step == VRX_CSV_RECORD) {
        vrx_row_errors_init(errors, record->line);
        VRX_TRY(
            vrx_row_errors_take(errors, 0, &vrx_row_field, cut_row(residents, record, ret_row)));
    }
    *ret_step = step;
    return vrx_ok();
}
