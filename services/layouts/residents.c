/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/residents.h"

static const struct vrx_header_layout layout = {
    vrx_resident_field_names, VRX_RESIDENT_FIELDS, "resident layout: header row"};

void vrx_residents_init(struct vrx_residents *residents) {
    memset(residents, 0, sizeof *residents);
    vrx_csv_init(&residents->csv);
}

void vrx_residents_done(struct vrx_residents *residents) {
    vrx_csv_done(&residents->csv);
}

struct vrx_result vrx_residents_next(struct vrx_residents *residents, enum vrx_csv_step *ret_step,
    struct vrx_resident_texts *ret_row, struct vrx_row_errors *errors) {
    VRX_TRY(vrx_header_next(
        &residents->header, &layout, &residents->csv, ret_step, ret_row->field, errors));
    if (*ret_step == VRX_CSV_RECORD)
        ret_row->line = errors->line;
    return vrx_ok();
}
