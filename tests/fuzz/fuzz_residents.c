/* SPDX-License-Identifier: Apache-2.0
 *
 * The resident layout and the checks of its rows. What must hold: a row without fault has a name, a
 * birth date not in the future and, where it has one, a valid individual number.
 */
#include <stdlib.h>

#include "layouts/residents.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vrx_date today = {2023, 4, 1};

static void require(bool holds) {
    if (!holds)
        abort();
}

static void check_values(const struct vrx_resident_values *values) {
    require(values->name.len > 0 && values->sex <= 2 && values->addressee_number.digits[0] > '0');
    require(vrx_date_valid(values->birth_date));
    require(vrx_date_compare(values->birth_date, today) <= 0);
    struct vrx_view number = vrx_view_text(values->individual_number.digits);
    require(!number.len || vrx_is_ok(vrx_individual_number_check(number)));
}

static void check_row(const struct vrx_resident_texts *row) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_row_errors errors;
    VRX_CLEANUP(vrx_resident_values_clear) struct vrx_resident_values values;
    struct vrx_result result = vrx_resident_check(row, today, &arena, &errors, &values);
    require(vrx_is_ok(result) || result.reason == VRX_OUT_OF_MEMORY);
    if (vrx_is_ok(result) && !errors.count)
        check_values(&values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
    vrx_residents_init(&residents);
    if (!vrx_is_ok(vrx_csv_feed(&residents.csv, vrx_view_of(data, size))))
        return 0;
    vrx_csv_finish(&residents.csv);
    enum vrx_csv_step step;
    struct vrx_resident_texts row;
    struct vrx_row_errors errors;
    while (
        vrx_is_ok(vrx_residents_next(&residents, &step, &row, &errors)) && step == VRX_CSV_RECORD) {
        if (!errors.count)
            check_row(&row);
    }
    return 0;
}
