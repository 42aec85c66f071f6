/* SPDX-License-Identifier: Apache-2.0
 *
 * The VRS layout and the checks of its rows. What must hold: a row without fault has what a dose
 * needs, in order and not in the future.
 */
#include <stdlib.h>

#include "layouts/vrs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vrx_date today = {2023, 4, 1};

static void require(bool holds) {
    if (!holds)
        abort();
}

static void check_values(const struct vrx_vaccination_values *values) {
    require(values->dose_count <= VRX_LIMIT_DOSES && values->addressee_number.digits[0] > '0');
    struct vrx_date last = {0};
    for (size_t i = 0; i < values->dose_count; i++) {
        const struct vrx_dose_values *dose = &values->doses[i];
        require(vrx_date_valid(dose->administered_on));
        require(vrx_date_compare(last, dose->administered_on) < 0);
        require(vrx_date_compare(dose->administered_on, today) <= 0);
        require(dose->vaccine && dose->lot.text[0] && dose->ticket.digits[0]);
        require(vrx_date_compare(dose->vaccine->approved, dose->administered_on) <= 0);
        last = dose->administered_on;
    }
}

static void check_row(const struct vrx_vaccination_texts *row) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_row_errors errors;
    struct vrx_vaccination_values values;
    struct vrx_result result = vrx_vaccination_check(row, today, &arena, &errors, &values);
    require(vrx_is_ok(result) || result.reason == VRX_OUT_OF_MEMORY);
    if (vrx_is_ok(result) && !errors.count)
        check_values(&values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_vrs_done) struct vrx_vrs vrs;
    vrx_vrs_init(&vrs);
    if (!vrx_is_ok(vrx_csv_feed(&vrs.csv, vrx_view_of(data, size))))
        return 0;
    vrx_csv_finish(&vrs.csv);
    enum vrx_csv_step step;
    struct vrx_vaccination_texts row;
    struct vrx_row_errors errors;
    while (vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)) && step == VRX_CSV_RECORD) {
        if (!errors.count)
            check_row(&row);
    }
    return 0;
}
