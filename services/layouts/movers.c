/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/movers.h"

static const struct vrx_header_layout layout = {
    vrx_mover_field_names, VRX_MOVER_FIELDS, "mover layout: header row"};

void vrx_movers_init(struct vrx_movers *movers) {
    memset(movers, 0, sizeof *movers);
    vrx_csv_init(&movers->csv);
}

void vrx_movers_done(struct vrx_movers *movers) {
    vrx_csv_done(&movers->csv);
}

struct vrx_result vrx_movers_next(struct vrx_movers *movers, enum vrx_csv_step *ret_step,
    struct vrx_mover_texts *ret_row, struct vrx_row_errors *errors) {
    VRX_TRY(
        vrx_header_next(&movers->header, &layout, &movers->csv, ret_step, ret_row->field, errors));
    if (*ret_step == VRX_CSV_RECORD)
        ret_row->line = errors->line;
    return vrx_ok();
}
