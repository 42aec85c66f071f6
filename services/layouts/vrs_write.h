/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the layout that vrs.h reads: UTF-8, CRLF, a field in quotes where it must be. What is
 * written, read and checked again is the same.
 */
#ifndef VRX_LAYOUTS_VRS_WRITE_H
#define VRX_LAYOUTS_VRS_WRITE_H

#include "layouts/vaccination_row.h"

/* The fields of one dose as the layout has them. Those that are texts are the caller's to put into
 * *texts. An instant of 0 and no date are empty fields. */
struct vrx_vrs_times {
    char registered_at[VRX_TIME_TEXT_VRS + 1];
    char administered_on[8 + 1];
};
void vrx_vrs_put_times(int64_t registered_at, struct vrx_date administered_on,
    struct vrx_vrs_times *times, struct vrx_dose_texts *texts);

/* Appends one line: row->doses[0] is the first dose; line is not looked at. A dose of empty fields
 * keeps the place of one that is not there. Errors: VRX_INPUT_RANGE, no dose or more than
 * VRX_LIMIT_DOSES; VRX_INPUT_TEXT, a field that is not UTF-8; the buffer's. */
struct vrx_result vrx_vrs_write(const struct vrx_vaccination_texts *row, struct vrx_buffer *out);

#endif
