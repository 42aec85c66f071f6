/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/residents.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HEADER "宛名番号,個人番号,氏名,氏名カナ,生年月日,性別,住所\r\n"

static void open_text(struct vrx_residents *residents, const char *text) {
    vrx_residents_init(residents);
    assert_true(vrx_is_ok(vrx_csv_feed(&residents->csv, vrx_view_text(text))));
    vrx_csv_finish(&residents->csv);
}

static void assert_row(struct vrx_residents *residents, uint64_t line) {
    static const char *const fields[VRX_RESIDENT_FIELDS] = {
        "1", "123456789018", "札幌 花子", "サッポロ ハナコ", "19850401", "2", "住所１"};
    enum vrx_csv_step step;
    struct vrx_resident_texts row;
    struct vrx_row_errors errors;
    assert_true(vrx_is_ok(vrx_residents_next(residents, &step, &row, &errors)));
    assert_int_equal(step, VRX_CSV_RECORD);
    assert_int_equal(errors.count, 0);
    assert_int_equal(row.line, line);
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        assert_true(vrx_view_equal(row.field[i], vrx_view_text(fields[i])));
}

static void assert_end(struct vrx_residents *residents) {
    enum vrx_csv_step step;
    struct vrx_resident_texts row;
    struct vrx_row_errors errors;
    assert_true(vrx_is_ok(vrx_residents_next(residents, &step, &row, &errors)));
    assert_int_equal(step, VRX_CSV_END);
}

static void lines_become_rows(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
    open_text(&residents, HEADER "1,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,住所１\r\n"
                                 "1,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,住所１\r\n");
    assert_row(&residents, 2);
    assert_row(&residents, 3);
    assert_end(&residents);
}

static void columns_stand_in_any_order(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
    open_text(&residents, "住所,性別,生年月日,氏名カナ,氏名,個人番号,宛名番号\n"
                          "住所１,2,19850401,サッポロ ハナコ,札幌 花子,123456789018,1\n");
    assert_row(&residents, 2);
    assert_end(&residents);
}

static void chunks_of_one_byte(void **state) {
    (void)state;
    static const char text[] =
        HEADER "1,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,住所１\r\n";
    VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
    vrx_residents_init(&residents);
    enum vrx_csv_step step;
    struct vrx_resident_texts row;
    struct vrx_row_errors errors;
    for (size_t i = 0; i < sizeof text - 2; i++) {
        assert_true(vrx_is_ok(vrx_residents_next(&residents, &step, &row, &errors)));
        assert_int_equal(step, VRX_CSV_MORE);
        assert_true(vrx_is_ok(vrx_csv_feed(&residents.csv, vrx_view_of(text + i, 1))));
    }
    assert_true(vrx_is_ok(vrx_csv_feed(&residents.csv, vrx_view_text("\n"))));
    assert_row(&residents, 2);
    vrx_csv_finish(&residents.csv);
    assert_end(&residents);
}

static void headers_that_do_not_fit_end_the_file(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } files[] = {
        {"", VRX_INPUT_FIELD_MISSING},
        {"宛名番号\n", VRX_INPUT_FIELD_MISSING},
        {"宛名番号,個人番号,氏名,氏名カナ,生年月日,性別\n", VRX_INPUT_FIELD_MISSING},
        {"宛名番号,個人番号,氏名,氏名カナ,生年月日,性別,住所,住所\n", VRX_INPUT_DUPLICATE_KEY},
        {"宛名番号,個人番号,氏名,氏名カナ,生年月日,性別,電話\n", VRX_INPUT_FIELD_UNKNOWN},
        {"1,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,住所\n", VRX_INPUT_FIELD_UNKNOWN},
        {"宛\"名\n", VRX_INPUT_MALFORMED},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
        open_text(&residents, files[i].text);
        enum vrx_csv_step step;
        struct vrx_resident_texts row;
        struct vrx_row_errors errors;
        assert_int_equal(
            vrx_residents_next(&residents, &step, &row, &errors).reason, files[i].reason);
    }
}

static void lines_that_are_no_rows(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_residents_done) struct vrx_residents residents;
    open_text(&residents, HEADER "1,2,3\n"
                                 "1,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,住所１,8\n"
                                 "1,12\"\n"
                                 "1,123456789018,札幌 花子,サッポロ ハナコ,19850401,2,住所１\n");
    for (uint64_t line = 2; line <= 4; line++) {
        enum vrx_csv_step step;
        struct vrx_resident_texts row;
        struct vrx_row_errors errors;
        assert_true(vrx_is_ok(vrx_residents_next(&residents, &step, &row, &errors)));
        assert_int_equal(errors.count, 1);
        assert_int_equal(errors.item[0].line, line);
        assert_int_equal(errors.item[0].reason, VRX_INPUT_MALFORMED);
        assert_ptr_equal(errors.item[0].field, &vrx_row_field);
    }
    assert_row(&residents, 5);
    assert_end(&residents);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_rows),
        cmocka_unit_test(columns_stand_in_any_order),
        cmocka_unit_test(chunks_of_one_byte),
        cmocka_unit_test(headers_that_do_not_fit_end_the_file),
        cmocka_unit_test(lines_that_are_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
