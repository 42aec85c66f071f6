/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a VRS export: CSV without a header row, one line a person, the addressee number and then
 * eight fields for each dose. Cuts it into texts; what they mean is vaccination_row.h's.
 */
#ifndef VRX_LAYOUTS_VRS_H
#define VRX_LAYOUTS_VRS_H

#include "layouts/csv.h"
#include "layouts/vaccination_row.h"

struct vrx_vrs {
    struct vrx_csv csv; /* feed, finish and line: vrx_csv_feed, vrx_csv_finish, vrx_csv_line */
    struct vrx_dose_texts doses[VRX_LIMIT_DOSES];
};

void vrx_vrs_init(struct vrx_vrs *vrs);
void vrx_vrs_done(struct vrx_vrs *vrs);

/* As vrx_csv_next. At VRX_CSV_RECORD *errors lists why the line is no row: the record's own error,
 * or VRX_INPUT_MALFORMED when its fields are not 1 + 8 n, n at least 1. Where it lists nothing
 * *ret_row can be used until the next call. */
struct vrx_result vrx_vrs_next(struct vrx_vrs *vrs, enum vrx_csv_step *ret_step,
    struct vrx_vaccination_texts *ret_row, struct vrx_row_errors *errors);

#endif
