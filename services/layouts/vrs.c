/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of a record by their places. VRX_CSV_FIELDS is this layout's width, so that no record
 * of the CSV reader has more doses than there is room for.
 */
#include "layouts/vrs.h"

_Static_assert(VRX_CSV_FIELDS == 1 + VRX_DOSE_FIELDS * VRX_LIMIT_DOSES, "the widest VRS row fits");

void vrx_vrs_init(struct vrx_vrs *vrs) {
    vrx_csv_init(&vrs->csv);
}

void vrx_vrs_done(struct vrx_vrs *vrs) {
    vrx_csv_done(&vrs->csv);
}

static struct vrx_result cut_row(struct vrx_vrs *vrs, const struct vrx_csv_record *record,
    struct vrx_vaccination_texts *ret_row) {
    VRX_TRY(record->error);
    if (record->count < 1 + VRX_DOSE_FIELDS || (record->count - 1) % VRX_DOSE_FIELDS != 0)
        return vrx_refuse(VRX_INPUT_MALFORMED, "VRS layout: addressee number, 8 fields a dose");
    size_t dose_count = (record->count - 1) / VRX_DOSE_FIELDS;
    for (size_t i = 0; i < dose_count; i++)
        memcpy(vrs->doses[i].field, &record->fields[1 + i * VRX_DOSE_FIELDS],
            sizeof vrs->doses[i].field);
    *ret_row = (struct vrx_vaccination_texts){
        .line = record->line,
        .addressee_number = record->fields[0],
        .doses = vrs->doses,
        .dose_count = dose_count,
    };
    return vrx_ok();
}

struct vrx_result vrx_vrs_next(struct vrx_vrs *vrs, enum vrx_csv_step *ret_step,
    struct vrx_vaccination_texts *ret_row, struct vrx_row_errors *errors) {
    enum vrx_csv_step step;
    const struct vrx_csv_record *record;
    VRX_TRY(vrx_csv_next(&vrs->csv, &step, &record));
    if (step == VRX_CSV_RECORD) {
        vrx_row_errors_init(errors, record->line);
        VRX_TRY(vrx_row_errors_take(errors, 0, &vrx_row_field, cut_row(vrs, record, ret_row)));
    }
    *ret_step = step;
    return vrx_ok();
}
