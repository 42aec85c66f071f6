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

/* Whether a failure is the row's own: its fault is reported and the file goes on. */
static bool is_rows_own(struct vrx_result result) {
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

struct vrx_result vrx_import_settle(
    struct vrx_context *context, struct vrx_savepoint *point, const struct vrx_import_done *done) {
    struct vrx_import_state *state = context->state;
    if (vrx_is_ok(done->result)) {
        VRX_TRY(vrx_savepoint_keep(context->tenant, point));
        *(done->unchanged ? &state->unchanged : &state->imported) += 1;
        return vrx_ok();
    }
    VRX_TRY(vrx_savepoint_undo(context->tenant, point));
    if (!is_rows_own(done->result))
        return done->result;
    const struct vrx_row_errors fault = {
        .item = {{done->line, done->dose, done->field, done->result.reason, done->result.clause}},
        .count = 1};
    return vrx_import_refuse(state, &fault);
}
