/* SPDX-License-Identifier: Apache-2.0
 *
 * The layout of lists of movers and the checks of its rows. What must hold: a row without fault has
 * a number, an origin and items, each item once.
 */
#include <stdlib.h>

#include "layouts/movers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

static void check_values(const struct vrx_mover_values *values) {
    unsigned seen = 0;
    struct vrx_municipality_code code;
    require(values->addressee_number.digits[0] > '0');
    require(
        vrx_is_ok(vrx_municipality_code_parse(vrx_municipality_code_view(&values->origin), &code)));
    require(values->item_count > 0 && values->item_count <= VRX_MOVER_ITEM_WORDS);
    for (size_t i = 0; i < values->item_count; i++) {
        require(values->items[i] >= 1 && values->items[i] <= VRX_MOVER_ITEM_WORDS);
        require(!(seen & 1u << values->items[i]));
        seen |= 1u << values->items[i];
    }
}

static void check_row(const struct vrx_mover_texts *row) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_row_errors errors;
    struct vrx_mover_values values;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_mover_check(row, &arena, &errors, &values);
    require(vrx_is_ok(result) || result.reason == VRX_OUT_OF_MEMORY);
    if (vrx_is_ok(result) && !errors.count)
        check_values(&values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_movers_done) struct vrx_movers movers;
    enum vrx_csv_step step;
    struct vrx_mover_texts row;
    struct vrx_row_errors errors;
    vrx_movers_init(&movers);
    if (!vrx_is_ok(vrx_csv_feed(&movers.csv, vrx_view_of(data, size))))
        return 0;
    vrx_csv_finish(&movers.csv);
    while (vrx_is_ok(vrx_movers_next(&movers, &step, &row, &errors)) && step == VRX_CSV_RECORD) {
        if (!errors.count)
            check_row(&row);
    }
    return 0;
}
