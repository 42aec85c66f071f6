/* SPDX-License-Identifier: Apache-2.0 */
#include "records/import_state.h"

void vrx_import_state_done(void *state) {
    struct vrx_import_state *import = state;
    if (import->begun)
        vrx_arena_done(&import->arena);
}

struct vrx_result vrx_import_begin(
    struct vrx_context *context, size_t rows, const Vrx__V1__ImportEnd *end) {
    struct vrx_import_state *state = context->state;
    if (!state->begun) {
        vrx_arena_init(&state->arena, VRX_LIMIT_ARENA);
        state->begun = true;
    }
    if (rows > VRX_LIMIT_ROWS)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "import: at most 500 rows in one message");
    if (state->ended)
        return vrx_refuse(VRX_INPUT_MALFORMED, "import.end: nothing comes after it");
    state->rows += rows;
    state->ended = end != NULL;
    if (end && end->rows != state->rows)
        return vrx_refuse(VRX_INPUT_TRUNCATED, "import.end: other rows were sent than came");
    return vrx_ok();
}

/* HTTP/2 ends a stream that its client gave up in the same way as one that is whole, where the end
 * arrives before the reset: only the client can say that this is all. */
struct vrx_result vrx_import_is_whole(const struct vrx_import_state *state) {
    return state->ended
               ? vrx_ok()
               : vrx_refuse(VRX_INPUT_TRUNCATED, "import.end: it was not said that this is all");
}

bool vrx_import_is_row_fault(struct vrx_result result) {
    enum vrx_category category = vrx_reason_category(result.reason);
    return category == VRX_CATEGORY_INPUT || category == VRX_CATEGORY_STATE ||
           result.reason == VRX_CAP_REACHED;
}

struct vrx_result vrx_import_refuse(
    struct vrx_import_state *state, const struct vrx_row_errors *errors) {
    state->refused++;
    for (size_t i = 0; i < errors->count; i++)
        VRX_TRY(vrx_row_report_add(&state->report, &state->arena, &errors->item[i]));
    return vrx_ok();
}

struct vrx_result vrx_import_refuse_for(struct vrx_import_state *state, uint64_t line,
    unsigned dose, const struct vrx_field_name *field, struct vrx_result result) {
    struct vrx_row_error fault = {line, dose, field, result.reason, result.clause};
    state->refused++;
    return vrx_row_report_add(&state->report, &state->arena, &fault);
}
