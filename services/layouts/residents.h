/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a resident file: CSV with the header row
 *
 *     宛名番号,個人番号,氏名,氏名カナ,生年月日,性別,住所
 *
 * whose columns may stand in any order. Cuts it into texts; what they mean is resident_row.h's.
 */
#ifndef VRX_LAYOUTS_RESIDENTS_H
#define VRX_LAYOUTS_RESIDENTS_H

#include "layouts/csv.h"
#include "layouts/resident_row.h"

struct vrx_residents {
    struct vrx_csv csv; /* feed, finish and line: vrx_csv_feed, vrx_csv_finish, vrx_csv_line */
    bool header_read;
    enum vrx_resident_field column[VRX_RESIDENT_FIELDS]; /* the field of each column */
};

void vrx_residents_init(struct vrx_residents *residents);
void vrx_residents_done(struct vrx_residents *residents);

/* As vrx_csv_next. At VRX_CSV_RECORD *errors lists why the line is no row: the record's own error,
 * or VRX_INPUT_MALFORMED when it has another number of fields than the header. Where it lists
 * nothing *ret_row can be used until the next call. A header row that does not fit ends the file:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_FIELD_UNKNOWN, VRX_INPUT_DUPLICATE_KEY, or the record's own
 * error; VRX_INPUT_FIELD_MISSING also when there is none. */
struct vrx_result vrx_residents_next(struct vrx_residents *residents, enum vrx_csv_step *ret_step,
    struct vrx_resident_texts *ret_row, struct vrx_row_errors *errors);

#endif
