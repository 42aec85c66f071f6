/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/row_error.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void refusals_of_input_are_noted(void **state) {
    (void)state;
    struct vrx_row_errors errors;
    vrx_row_errors_init(&errors, 7);
    assert_true(vrx_is_ok(vrx_row_errors_take(&errors, 0, &vrx_row_field, vrx_ok())));
    assert_int_equal(errors.count, 0);
    assert_true(vrx_is_ok(
        vrx_row_errors_take(&errors, 2, &vrx_row_field, vrx_refuse(VRX_LOT_INVALID, "a clause"))));
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.item[0].line, 7);
    assert_int_equal(errors.item[0].dose, 2);
    assert_ptr_equal(errors.item[0].field, &vrx_row_field);
    assert_int_equal(errors.item[0].reason, VRX_LOT_INVALID);
    assert_string_equal(errors.item[0].clause, "a clause");
}

static void other_failures_are_handed_up(void **state) {
    (void)state;
    struct vrx_row_errors errors;
    vrx_row_errors_init(&errors, 1);
    assert_int_equal(
        vrx_row_errors_take(&errors, 0, &vrx_row_field, vrx_fail(VRX_OUT_OF_MEMORY)).reason,
        VRX_OUT_OF_MEMORY);
    assert_int_equal(errors.count, 0);
}

static void a_full_list_keeps_the_first(void **state) {
    (void)state;
    struct vrx_row_errors errors;
    vrx_row_errors_init(&errors, 1);
    for (unsigned i = 0; i < 2 * VRX_ROW_ERRORS; i++)
        assert_true(
            vrx_is_ok(vrx_row_errors_take(&errors, i, &vrx_row_field, vrx_fail(VRX_LOT_INVALID))));
    assert_int_equal(errors.count, VRX_ROW_ERRORS);
    assert_int_equal(errors.item[VRX_ROW_ERRORS - 1].dose, VRX_ROW_ERRORS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_of_input_are_noted),
        cmocka_unit_test(other_failures_are_handed_up),
        cmocka_unit_test(a_full_list_keeps_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
