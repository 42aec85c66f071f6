/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with rows that came in over several messages, for the reply at their end: a list in
 * an arena that outlives the messages.
 */
#ifndef VRX_RECORDS_ROW_REPORT_H
#define VRX_RECORDS_ROW_REPORT_H

#include "base/arena.h"
#include "layouts/row_error.h"
#include "vrx/v1/records.pb-c.h"

#define VRX_LIMIT_ROW_ERRORS 10000 /* reported; all are counted */

struct vrx_row_report {
    Vrx__V1__RowError **errors;
    size_t count;
    size_t capacity;
};

/* One more; beyond VRX_LIMIT_ROW_ERRORS it is left out. All is copied into the arena, always the
 * same one. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_row_report_add(
    struct vrx_row_report *report, struct vrx_arena *arena, const struct vrx_row_error *fault);

#endif
