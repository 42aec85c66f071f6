/* SPDX-License-Identifier: Apache-2.0
 *
 * The header row says which column is which; after it a record is a row.
 */
#include "layouts/header.h"

/* The field with this name in the header, layout->count where there is none. */
static size_t find_field(const struct vrx_header_layout *layout, struct vrx_view name) {
    size_t i = 0;
    while (i < layout->count && !vrx_view_equal(name, vrx_view_text(layout->names[i].ja)))
        i++;
    return i;
}

static struct vrx_result read_header(struct vrx_header *header,
    const struct vrx_header_layout *layout, const struct vrx_csv_record *record) {
    VRX_TRY(record->error);
    bool seen[VRX_HEADER_FIELDS] = {false};
    for (size_t i = 0; i < record->count; i++) {
        size_t field = find_field(layout, record->fields[i]);
        if (field == layout->count)
            return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, layout->clause);
        if (seen[field])
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, layout->clause);
        seen[field] = true;
        header->column[i] = field; /* fewer columns than fields so far: none was seen twice */
    }
    if (record->count != layout->count)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, layout->clause);
    header->read = true;
    return vrx_ok();
}

static struct vrx_result cut_row(const struct vrx_header *header,
    const struct vrx_header_layout *layout, const struct vrx_csv_record *record,
    struct vrx_view *ret_fields) {
    VRX_TRY(record->error);
    if (record->count != layout->count)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 4180 §2.4: as many fields as the header");
    for (size_t i = 0; i < layout->count; i++)
        ret_fields[header->column[i]] = record->fields[i];
    return vrx_ok();
}

struct vrx_result vrx_header_next(struct vrx_header *header, const struct vrx_header_layout *layout,
    struct vrx_csv *csv, enum vrx_csv_step *ret_step, struct vrx_view *ret_fields,
    struct vrx_row_errors *errors) {
    enum vrx_csv_step step;
    const struct vrx_csv_record *record;
    VRX_TRY(vrx_csv_next(csv, &step, &record));
    if (!header->read) {
        if (step == VRX_CSV_END)
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, layout->clause);
        if (step == VRX_CSV_RECORD) {
            VRX_TRY(read_header(header, layout, record));
            VRX_TRY(vrx_csv_next(csv, &step, &record));
        }
    }
    if (step == VRX_CSV_RECORD) {
        vrx_row_errors_init(errors, record->line);
        VRX_TRY(vrx_row_errors_take(
            errors, 0, &vrx_row_field, cut_row(header, layout, record, ret_fields)));
    }
    *ret_step = step;
    return vrx_ok();
}
