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

#include "layouts/header.h"
#include "layouts/resident_row.h"

struct vrx_residents {
    struct vrx_csv csv; /* feed, finish and line: vrx_csv_feed, vrx_csv_finish, vrx_csv_line */
    struct vrx_header header;
};

void vrx_residents_init(struct vrx_residents *residents);
void vrx_residents_done(struct vrx_residents *residents);

/* As vrx_header_next. */
struct vrx_result vrx_residents_next(struct vrx_residents *residents, enum vrx_csv_step *ret_step,
    struct vrx_resident_texts *ret_row, struct vrx_row_errors *errors);

#endif
