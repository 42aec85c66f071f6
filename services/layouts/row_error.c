/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of one row's faults. Where it is full the first ones stand.
 */
#include "layouts/row_error.h"

const struct vrx_field_name vrx_row_field = {"行", "row"};

void vrx_row_errors_init(struct vrx_row_errors *errors, uint64_t line) {
    errors->line = line;
    errors->count = 0;
}

struct vrx_result vrx_row_errors_take(struct vrx_row_errors *errors, unsigned dose,
    const struct vrx_field_name *field, struct vrx_result result) {
    if (vrx_is_ok(result) || vrx_reason_category(result.reason) != VRX_CATEGORY_INPUT)
        return result;
    if (errors->count < VRX_ROW_ERRORS) {
        errors->item[errors->count++] = (struct vrx_row_error){
            .line = errors->line,
            .dose = dose,
            .field = field,
            .reason = result.reason,
            .clause = result.clause,
        };
    }
    return vrx_ok();
}
