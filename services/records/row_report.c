/* SPDX-License-Identifier: Apache-2.0 */
#include "records/row_report.h"

struct vrx_result vrx_row_report_add(
    struct vrx_row_report *report, struct vrx_arena *arena, const struct vrx_row_error *fault) {
    if (report->count == VRX_LIMIT_ROW_ERRORS)
        return vrx_ok();
    Vrx__V1__RowError **errors =
        vrx_arena_grow(arena, report->errors, report->count, sizeof *errors, &report->capacity);
    if (!errors)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    report->errors = errors;
    Vrx__V1__RowError *error = vrx_arena_alloc(arena, sizeof *error);
    if (!error)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx__v1__row_error__init(error);
    error->line = fault->line;
    error->dose = fault->dose;
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(fault->field->ja), &error->field));
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(fault->field->en), &error->field_en));
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(vrx_reason_name(fault->reason)), &error->reason));
    VRX_TRY(vrx_arena_string(arena, vrx_view_text(fault->clause), &error->clause));
    report->errors[report->count++] = error;
    return vrx_ok();
}
