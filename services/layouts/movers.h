/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a list of movers: CSV with the header row
 *
 *     宛名番号,転出元団体コード,同意ID,本人確認ID,項目
 *
 * whose columns may stand in any order. Cuts it into texts; what they mean is mover_row.h's.
 */
#ifndef VRX_LAYOUTS_MOVERS_H
#define VRX_LAYOUTS_MOVERS_H

#include "layouts/header.h"
#include "layouts/mover_row.h"

struct vrx_movers {
    struct vrx_csv csv; /* feed, finish and line: vrx_csv_feed, vrx_csv_finish, vrx_csv_line */
    struct vrx_header header;
};

void vrx_movers_init(struct vrx_movers *movers);
void vrx_movers_done(struct vrx_movers *movers);

/* As vrx_header_next. */
struct vrx_result vrx_movers_next(struct vrx_movers *movers, enum vrx_csv_step *ret_step,
    struct vrx_mover_texts *ret_row, struct vrx_row_errors *errors);

#endif
