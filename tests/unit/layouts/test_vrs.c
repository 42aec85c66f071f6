/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/vrs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DOSE "20210601093000,20210601,0000000001,011002,会場,医師,ファイザー,EW4811"

static void open_text(struct vrx_vrs *vrs, const char *text) {
    vrx_vrs_init(vrs);
    assert_true(vrx_is_ok(vrx_csv_feed(&vrs->csv, vrx_view_text(text))));
    vrx_csv_finish(&vrs->csv);
}

static void lines_become_rows(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_vrs_done) struct vrx_vrs vrs;
    open_text(&vrs, "1," DOSE "\r\n\"2\"," DOSE ",,,,,,,,\r\n");
    enum vrx_csv_step step;
    struct vrx_vaccination_texts row;
    struct vrx_row_errors errors;
    assert_true(vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)));
    assert_int_equal(step, VRX_CSV_RECORD);
    assert_int_equal(errors.count, 0);
    assert_int_equal(row.line, 1);
    assert_int_equal(row.dose_count, 1);
    assert_true(vrx_view_equal(row.addressee_number, vrx_view_text("1")));
    static const char *const fields[VRX_DOSE_FIELDS] = {"20210601093000", "20210601", "0000000001",
        "011002", "会場", "医師", "ファイザー", "EW4811"};
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
        assert_true(vrx_view_equal(row.doses[0].field[i], vrx_view_text(fields[i])));

    assert_true(vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)));
    assert_int_equal(row.line, 2);
    assert_int_equal(row.dose_count, 2);
    assert_true(vrx_view_equal(row.addressee_number, vrx_view_text("2")));
    assert_int_equal(row.doses[1].field[VRX_DOSE_LOT].len, 0);
    assert_true(vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)));
    assert_int_equal(step, VRX_CSV_END);
}

static void lines_that_are_no_rows(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } lines[] = {
        {"1\n1," DOSE "\n", VRX_INPUT_MALFORMED},
        {"1,2,3,4,5,6,7,8\n1," DOSE "\n", VRX_INPUT_MALFORMED},
        {"1," DOSE ",\n1," DOSE "\n", VRX_INPUT_MALFORMED},
        {"1," DOSE ",,,,,,,,,\n1," DOSE "\n", VRX_INPUT_MALFORMED},
        {"1\"," DOSE "\n1," DOSE "\n", VRX_INPUT_MALFORMED},
        {"1,\x81," DOSE "\n1," DOSE "\n", VRX_INPUT_TEXT},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        VRX_CLEANUP(vrx_vrs_done) struct vrx_vrs vrs;
        open_text(&vrs, lines[i].text);
        enum vrx_csv_step step;
        struct vrx_vaccination_texts row;
        struct vrx_row_errors errors;
        assert_true(vrx_is_ok(vrx_vrs_next(&vrs, &step, &row, &errors)));
        assert_int_equal(step, VRX_CSV_RECORD);
        assert_int_equal(errors.count, 1);
        assert_int_equal(errors.item[0].line, 1);
        assert_int_equal(errors.item[0].reason, lines[i].reason);
        assert_ptr_equal(errors.item[0].field, &vrx_row_field);
    }
}

static void a_file_that_cannot_go_on(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_vrs_done) struct vrx_vrs vrs;
    open_text(&vrs, "\"1," DOSE "\n");
    enum vrx_csv_step step;
    struct vrx_vaccination_texts row;
    struct vrx_row_errors errors;
    assert_int_equal(vrx_vrs_next(&vrs, &step, &row, &errors).reason, VRX_INPUT_TRUNCATED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_rows),
        cmocka_unit_test(lines_that_are_no_rows),
        cmocka_unit_test(a_file_that_cannot_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
