/* SPDX-License-Identifier: Apache-2.0 */
#include "records/row_report.h"

/* What is outgrown stays in the arena. */
static struct vrx_result grow(struct vrx_row_report *report, struct vrx_arena *arena) {
    if (report->count < report->capacity)
        return vrx_ok();
    size_t capacity = report->capacity ? 2 * report->capacity : 64;
    Vrx__V1__RowError **errors = vrx_arena_alloc_array(arena, capacity, sizeof *errors);
    if (!errors)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (report->count)
        memcpy(errors, report->errors, report->count * sizeof *errors);
    report->errors = errors;
    report->capacity = capacity;
    return vrx_ok();
}

struct vrx_result vrx_row_report_add(
    struct vrx_row_report *report, struct vrx_arena *arena, const struct vrx_row_error *fault) {
    if (report->count == VRX_LIMIT_ROW_ERRORS)
        return vrx_ok();
    VRX_TRY(grow(report, arena));
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
