/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/resident_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"

static const struct vrx_date today = {2022, 4, 1};

static const char *const good[VRX_RESIDENT_FIELDS] = {"1", "123456789018", "札幌 花子",
    "サッポロ ハナコ", "19850401", "2", "北海道札幌市中央区北一条西２丁目"};

struct row {
    struct vrx_resident_texts texts;
    struct vrx_arena arena;
    struct vrx_row_errors errors;
    struct vrx_resident_values values;
};

static int set_up(void **state) {
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return -1;
    vrx_arena_init(&row->arena, 0);
    row->texts.line = 12;
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        row->texts.field[i] = vrx_view_text(good[i]);
    *state = row;
    return 0;
}

static int tear_down(void **state) {
    struct row *row = *state;
    vrx_resident_values_clear(&row->values);
    vrx_arena_done(&row->arena);
    free(row);
    return 0;
}

static void check(struct row *row) {
    assert_true(
        vrx_is_ok(vrx_resident_check(&row->texts, today, &row->arena, &row->errors, &row->values)));
}

/* The row has this fault and no other. */
static void one(
    void **state, enum vrx_resident_field field, const char *text, enum vrx_reason reason) {
    struct row *row = *state;
    row->texts.field[field] = vrx_view_text(text);
    check(row);
    if (row->errors.count != 1 || row->errors.item[0].reason != reason)
        fail_msg("%s: %zu faults, the first %s", text, row->errors.count,
            row->errors.count ? vrx_reason_name(row->errors.item[0].reason) : "none");
    assert_int_equal(row->errors.item[0].line, 12);
    assert_int_equal(row->errors.item[0].dose, 0);
    assert_ptr_equal(row->errors.item[0].field, &vrx_resident_field_names[field]);
    row->texts.field[field] = vrx_view_text(good[field]);
}

static void a_good_row_becomes_values(void **state) {
    struct row *row = *state;
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_string_equal(row->values.addressee_number.digits, "1");
    assert_string_equal(row->values.individual_number.digits, "123456789018");
    assert_true(vrx_view_equal(row->values.name, vrx_view_text("札幌 花子")));
    assert_true(vrx_view_equal(row->values.kana, vrx_view_text("サッポロ ハナコ")));
    assert_int_equal(vrx_date_compare(row->values.birth_date, (struct vrx_date){1985, 4, 1}), 0);
    assert_int_equal(row->values.sex, 2);
    assert_true(
        vrx_view_equal(row->values.address, vrx_view_text("北海道札幌市中央区北一条西２丁目")));
}

static void widths_do_not_matter(void **state) {
    struct row *row = *state;
    static const char *const wide[VRX_RESIDENT_FIELDS] = {"０００１", "１２３４５６７８９０１８",
        "札幌　　花子　", "サッポロ　ハナコ", "１９８５０４０１", "２", "　北海道札幌市"};
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        row->texts.field[i] = vrx_view_text(wide[i]);
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_string_equal(row->values.addressee_number.digits, "1");
    assert_string_equal(row->values.individual_number.digits, "123456789018");
    assert_true(vrx_view_equal(row->values.name, vrx_view_text("札幌 花子")));
    assert_int_equal(row->values.sex, 2);
    assert_true(vrx_view_equal(row->values.address, vrx_view_text("北海道札幌市")));
}

static void some_fields_may_be_empty(void **state) {
    struct row *row = *state;
    static const enum vrx_resident_field fields[] = {
        VRX_RESIDENT_INDIVIDUAL_NUMBER, VRX_RESIDENT_KANA, VRX_RESIDENT_SEX, VRX_RESIDENT_ADDRESS};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        row->texts.field[fields[i]] = vrx_view_text(i % 2 ? "" : "　");
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_string_equal(row->values.individual_number.digits, "");
    assert_int_equal(row->values.sex, 0);
    assert_int_equal(row->values.kana.len, 0);
}

static void the_others_may_not(void **state) {
    one(state, VRX_RESIDENT_ADDRESSEE_NUMBER, "", VRX_INPUT_FIELD_MISSING);
    one(state, VRX_RESIDENT_NAME, "　", VRX_INPUT_FIELD_MISSING);
    one(state, VRX_RESIDENT_BIRTH_DATE, "", VRX_INPUT_FIELD_MISSING);
}

static void numbers_that_are_none(void **state) {
    one(state, VRX_RESIDENT_ADDRESSEE_NUMBER, "A1", VRX_INPUT_MALFORMED);
    one(state, VRX_RESIDENT_ADDRESSEE_NUMBER, "0", VRX_INPUT_RANGE);
    one(state, VRX_RESIDENT_INDIVIDUAL_NUMBER, "12345678901", VRX_INPUT_MALFORMED);
    one(state, VRX_RESIDENT_INDIVIDUAL_NUMBER, "000000000000", VRX_INPUT_RANGE);
    one(state, VRX_RESIDENT_SEX, "3", VRX_INPUT_RANGE);
    one(state, VRX_RESIDENT_SEX, "男", VRX_INPUT_RANGE);
    one(state, VRX_RESIDENT_SEX, "12", VRX_INPUT_RANGE);
}

static void ordinance_85_art_5_check_digit(void **state) {
    one(state, VRX_RESIDENT_INDIVIDUAL_NUMBER, "123456789017", VRX_CHECK_DIGIT_WRONG);
}

static void birth_dates_that_are_none(void **state) {
    struct row *row = *state;
    one(state, VRX_RESIDENT_BIRTH_DATE, "S600401", VRX_INPUT_MALFORMED);
    one(state, VRX_RESIDENT_BIRTH_DATE, "19850431", VRX_DATE_INVALID);
    one(state, VRX_RESIDENT_BIRTH_DATE, "19850000", VRX_DATE_INVALID);
    one(state, VRX_RESIDENT_BIRTH_DATE, "20220402", VRX_DATE_IN_FUTURE);
    row->texts.field[VRX_RESIDENT_BIRTH_DATE] = vrx_view_text("20220401");
    check(row);
    assert_int_equal(row->errors.count, 0);
}

static void texts_that_are_too_long(void **state) {
    char text[VRX_LIMIT_ADDRESS + 2];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    one(state, VRX_RESIDENT_ADDRESS, text, VRX_INPUT_TOO_LARGE);
    one(state, VRX_RESIDENT_NAME, text, VRX_INPUT_TOO_LARGE);
    one(state, VRX_RESIDENT_KANA, text, VRX_INPUT_TOO_LARGE);
}

static void texts_that_are_no_utf8(void **state) {
    for (size_t i = 0; i < VRX_RESIDENT_FIELDS; i++)
        one(state, (enum vrx_resident_field)i, "a\x81", VRX_INPUT_TEXT);
    one(state, VRX_RESIDENT_NAME, "札幌\n花子", VRX_INPUT_TEXT);
}

static void every_fault_of_a_row_is_listed(void **state) {
    struct row *row = *state;
    row->texts.field[VRX_RESIDENT_NAME] = vrx_view_text("");
    row->texts.field[VRX_RESIDENT_SEX] = vrx_view_text("9");
    check(row);
    assert_int_equal(row->errors.count, 2);
    assert_int_equal(row->errors.item[0].reason, VRX_INPUT_FIELD_MISSING);
    assert_int_equal(row->errors.item[1].reason, VRX_INPUT_RANGE);
}

static void an_exhausted_arena_is_no_fault_of_the_row(void **state) {
    struct row *row = *state;
    vrx_arena_done(&row->arena);
    vrx_arena_init(&row->arena, 50);
    assert_int_equal(
        vrx_resident_check(&row->texts, today, &row->arena, &row->errors, &row->values).reason,
        VRX_OUT_OF_MEMORY);
}

#define ROW_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        ROW_TEST(a_good_row_becomes_values),
        ROW_TEST(widths_do_not_matter),
        ROW_TEST(some_fields_may_be_empty),
        ROW_TEST(the_others_may_not),
        ROW_TEST(numbers_that_are_none),
        ROW_TEST(ordinance_85_art_5_check_digit),
        ROW_TEST(birth_dates_that_are_none),
        ROW_TEST(texts_that_are_too_long),
        ROW_TEST(texts_that_are_no_utf8),
        ROW_TEST(every_fault_of_a_row_is_listed),
        ROW_TEST(an_exhausted_arena_is_no_fault_of_the_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
