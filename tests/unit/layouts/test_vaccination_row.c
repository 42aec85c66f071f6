/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/vaccination_row.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct vrx_date today = {2022, 4, 1};

static const char *const good[2][VRX_DOSE_FIELDS] = {
    {"20210601093000", "20210601", "0000000001", "011002", "札幌 ドーム", "北海 太郎", "ファイザー",
        "EW4811"},
    {"20210622093000", "20210622", "0000000001", "011002", "札幌 ドーム", "北海 太郎", "ファイザー",
        "EX3617"},
};

struct row {
    struct vrx_dose_texts doses[2];
    struct vrx_vaccination_texts texts;
    struct vrx_arena arena;
    struct vrx_row_errors errors;
    struct vrx_vaccination_values values;
};

static int set_up(void **state) {
    struct row *row = calloc(1, sizeof *row);
    if (!row)
        return -1;
    vrx_arena_init(&row->arena, 0);
    for (size_t dose = 0; dose < 2; dose++) {
        for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
            row->doses[dose].field[i] = vrx_view_text(good[dose][i]);
    }
    row->texts = (struct vrx_vaccination_texts){
        .line = 12, .addressee_number = vrx_view_text("1"), .doses = row->doses, .dose_count = 2};
    *state = row;
    return 0;
}

static int tear_down(void **state) {
    struct row *row = *state;
    vrx_arena_done(&row->arena);
    free(row);
    return 0;
}

static void check(struct row *row) {
    assert_true(vrx_is_ok(
        vrx_vaccination_check(&row->texts, today, &row->arena, &row->errors, &row->values)));
}

/* The row has this fault and no other. */
static void fault(
    struct row *row, unsigned dose, enum vrx_dose_field field, enum vrx_reason reason) {
    check(row);
    if (row->errors.count != 1 || row->errors.item[0].reason != reason)
        fail_msg("%zu faults, the first %s", row->errors.count,
            row->errors.count ? vrx_reason_name(row->errors.item[0].reason) : "none");
    assert_int_equal(row->errors.item[0].line, 12);
    assert_int_equal(row->errors.item[0].dose, dose);
    assert_ptr_equal(row->errors.item[0].field, &vrx_dose_field_names[field]);
}

static void set(struct row *row, unsigned dose, enum vrx_dose_field field, const char *text) {
    row->doses[dose - 1].field[field] = vrx_view_text(text);
}

static void one(void **state, enum vrx_dose_field field, const char *text, enum vrx_reason reason) {
    struct row *row = *state;
    set(row, 2, field, text);
    fault(row, 2, field, reason);
    set(row, 2, field, good[1][field]);
}

static void a_good_row_becomes_values(void **state) {
    struct row *row = *state;
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_string_equal(row->values.addressee_number.digits, "1");
    assert_int_equal(row->values.dose_count, 2);
    const struct vrx_dose_values *dose = &row->values.doses[1];
    assert_int_equal(dose->number, 2);
    assert_true(dose->registered_at == 1624321800); /* 2021-06-22T00:30:00Z */
    assert_int_equal(vrx_date_compare(dose->administered_on, (struct vrx_date){2021, 6, 22}), 0);
    assert_string_equal(dose->ticket.digits, "0000000001");
    assert_string_equal(dose->administered_by.digits, "011002");
    assert_true(vrx_view_equal(dose->venue, vrx_view_text("札幌 ドーム")));
    assert_true(vrx_view_equal(dose->physician, vrx_view_text("北海 太郎")));
    assert_true(vrx_view_equal(dose->manufacturer, vrx_view_text("ファイザー")));
    assert_int_equal(dose->vaccine->id, 1);
    assert_string_equal(dose->lot.text, "EX3617");
}

static void widths_do_not_matter(void **state) {
    struct row *row = *state;
    row->texts.addressee_number = vrx_view_text("　０００１２ ");
    set(row, 1, VRX_DOSE_REGISTERED_AT, "２０２１０６０１０９３０００");
    set(row, 1, VRX_DOSE_ADMINISTERED_ON, "２０２１０６０１");
    set(row, 1, VRX_DOSE_TICKET_NUMBER, "０００００００００１");
    set(row, 1, VRX_DOSE_MUNICIPALITY_CODE, "０１１００２");
    set(row, 1, VRX_DOSE_VENUE, "　札幌　ドーム　");
    set(row, 1, VRX_DOSE_MANUFACTURER, "ﾌｧｲｻﾞｰ　");
    set(row, 1, VRX_DOSE_LOT, "ｅｗ４８１１");
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_string_equal(row->values.addressee_number.digits, "12");
    const struct vrx_dose_values *dose = &row->values.doses[0];
    assert_true(dose->registered_at == 1622507400); /* 2021-06-01T00:30:00Z */
    assert_string_equal(dose->administered_by.digits, "011002");
    assert_true(vrx_view_equal(dose->venue, vrx_view_text("札幌 ドーム")));
    assert_int_equal(dose->vaccine->id, 1);
    assert_string_equal(dose->lot.text, "EW4811");
}

static void an_empty_group_is_no_dose(void **state) {
    struct row *row = *state;
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
        set(row, 1, (enum vrx_dose_field)i, i % 2 ? "" : "　");
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_int_equal(row->values.dose_count, 1);
    assert_int_equal(row->values.doses[0].number, 2);
    row->texts.dose_count = 1;
    check(row);
    assert_int_equal(row->errors.count, 0);
    assert_int_equal(row->values.dose_count, 0);
}

static void a_partly_empty_group_is_incomplete(void **state) {
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
        one(state, (enum vrx_dose_field)i, "", VRX_DOSE_INCOMPLETE);
    one(state, VRX_DOSE_LOT, "　", VRX_DOSE_INCOMPLETE);
}

static void addressee_numbers(void **state) {
    struct row *row = *state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } faults[] = {{"", VRX_INPUT_MALFORMED}, {"1234567890123456", VRX_INPUT_MALFORMED},
        {"12a", VRX_INPUT_MALFORMED}, {"000", VRX_INPUT_RANGE}, {"\x81", VRX_INPUT_TEXT}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        row->texts.addressee_number = vrx_view_text(faults[i].text);
        check(row);
        assert_int_equal(row->errors.count, 1);
        assert_int_equal(row->errors.item[0].reason, faults[i].reason);
        assert_ptr_equal(row->errors.item[0].field, &vrx_addressee_field);
        assert_int_equal(row->errors.item[0].dose, 0);
    }
}

static void dates_that_are_none(void **state) {
    one(state, VRX_DOSE_ADMINISTERED_ON, "2021622", VRX_INPUT_MALFORMED);
    one(state, VRX_DOSE_ADMINISTERED_ON, "令和3年6月22日", VRX_INPUT_MALFORMED);
    one(state, VRX_DOSE_ADMINISTERED_ON, "20210631", VRX_DATE_INVALID);
    one(state, VRX_DOSE_REGISTERED_AT, "20210622", VRX_INPUT_MALFORMED);
    one(state, VRX_DOSE_REGISTERED_AT, "20210622240000", VRX_DATE_INVALID);
}

static void dates_in_the_future(void **state) {
    struct row *row = *state;
    one(state, VRX_DOSE_ADMINISTERED_ON, "20220402", VRX_DATE_IN_FUTURE);
    one(state, VRX_DOSE_REGISTERED_AT, "20220402000000", VRX_DATE_IN_FUTURE);
    set(row, 2, VRX_DOSE_ADMINISTERED_ON, "20220401");
    set(row, 2, VRX_DOSE_REGISTERED_AT, "20220401235959");
    check(row);
    assert_int_equal(row->errors.count, 0);
}

static void doses_before_approval(void **state) {
    struct row *row = *state;
    static const struct {
        const char *maker;
        const char *day;
        const char *day_before;
    } products[] = {{"ファイザー", "20210214", "20210213"},
        {"武田／モデルナ", "20210521", "20210520"}, {"アストラゼネカ", "20210521", "20210520"}};
    row->texts.dose_count = 1;
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
        set(row, 1, VRX_DOSE_MANUFACTURER, products[i].maker);
        set(row, 1, VRX_DOSE_ADMINISTERED_ON, products[i].day);
        check(row);
        assert_int_equal(row->errors.count, 0);
        set(row, 1, VRX_DOSE_ADMINISTERED_ON, products[i].day_before);
        fault(row, 1, VRX_DOSE_ADMINISTERED_ON, VRX_DATE_BEFORE_APPROVAL);
    }
}

static void two_doses_on_one_day(void **state) {
    one(state, VRX_DOSE_ADMINISTERED_ON, "20210601", VRX_DOSE_INTERVAL);
}

static void doses_out_of_order(void **state) {
    one(state, VRX_DOSE_ADMINISTERED_ON, "20210531", VRX_DOSE_ORDER);
}

/* Given too early, but given. */
static void a_short_interval_is_no_fault(void **state) {
    struct row *row = *state;
    set(row, 2, VRX_DOSE_ADMINISTERED_ON, "20210602");
    check(row);
    assert_int_equal(row->errors.count, 0);
}

static void codes_that_are_none(void **state) {
    one(state, VRX_DOSE_TICKET_NUMBER, "123456789", VRX_INPUT_MALFORMED);
    one(state, VRX_DOSE_MUNICIPALITY_CODE, "01100", VRX_INPUT_MALFORMED);
    one(state, VRX_DOSE_MUNICIPALITY_CODE, "011003", VRX_CHECK_DIGIT_WRONG);
    one(state, VRX_DOSE_MUNICIPALITY_CODE, "481009", VRX_INPUT_RANGE);
    one(state, VRX_DOSE_MANUFACTURER, "ヤンセン", VRX_PRODUCT_UNKNOWN);
    one(state, VRX_DOSE_LOT, "不明", VRX_LOT_INVALID);
}

static void texts_that_are_too_long(void **state) {
    static const char long_text[] =
        "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一";
    one(state, VRX_DOSE_VENUE, long_text, VRX_INPUT_TOO_LARGE);
    one(state, VRX_DOSE_PHYSICIAN, long_text, VRX_INPUT_TOO_LARGE);
    one(state, VRX_DOSE_MANUFACTURER, long_text, VRX_INPUT_TOO_LARGE);
}

static void texts_that_are_no_utf8(void **state) {
    for (size_t i = 0; i < VRX_DOSE_FIELDS; i++)
        one(state, (enum vrx_dose_field)i, "a\x81", VRX_INPUT_TEXT);
}

static void every_fault_of_a_row_is_listed(void **state) {
    struct row *row = *state;
    set(row, 1, VRX_DOSE_TICKET_NUMBER, "");
    set(row, 1, VRX_DOSE_LOT, "不明");
    set(row, 2, VRX_DOSE_MUNICIPALITY_CODE, "011003");
    check(row);
    assert_int_equal(row->errors.count, 3);
    assert_int_equal(row->errors.item[0].reason, VRX_DOSE_INCOMPLETE);
    assert_int_equal(row->errors.item[1].reason, VRX_LOT_INVALID);
    assert_int_equal(row->errors.item[2].reason, VRX_CHECK_DIGIT_WRONG);
}

static void more_doses_than_there_may_be(void **state) {
    struct row *row = *state;
    struct vrx_dose_texts many[VRX_LIMIT_DOSES + 1] = {0};
    row->texts.doses = many;
    row->texts.dose_count = VRX_LIMIT_DOSES;
    check(row);
    assert_int_equal(row->errors.count, 0);
    row->texts.dose_count = VRX_LIMIT_DOSES + 1;
    check(row);
    assert_int_equal(row->errors.count, 1);
    assert_int_equal(row->errors.item[0].reason, VRX_INPUT_TOO_LARGE);
    assert_ptr_equal(row->errors.item[0].field, &vrx_row_field);
}

static void an_exhausted_arena_is_no_fault_of_the_row(void **state) {
    struct row *row = *state;
    vrx_arena_done(&row->arena);
    vrx_arena_init(&row->arena, 100);
    assert_int_equal(
        vrx_vaccination_check(&row->texts, today, &row->arena, &row->errors, &row->values).reason,
        VRX_OUT_OF_MEMORY);
}

#define ROW_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void a_field_by_itself(void **state) {
    (void)state;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    static const struct {
        enum vrx_dose_field field;
        const char *text;
        enum vrx_reason reason;
    } fields[] = {
        {VRX_DOSE_ADMINISTERED_ON, "2021-06-01", VRX_OK},
        {VRX_DOSE_ADMINISTERED_ON, "２０２１０６０１", VRX_OK},
        {VRX_DOSE_ADMINISTERED_ON, "2022-04-02", VRX_DATE_IN_FUTURE},
        {VRX_DOSE_ADMINISTERED_ON, "", VRX_DOSE_INCOMPLETE},
        {VRX_DOSE_LOT, "ｅｗ4811", VRX_OK},
        {VRX_DOSE_LOT, "none", VRX_LOT_INVALID},
        {VRX_DOSE_VENUE, "\xff", VRX_INPUT_TEXT},
        {VRX_DOSE_MANUFACTURER, "Pfizer Inc.", VRX_PRODUCT_UNKNOWN},
    };
    vrx_arena_init(&arena, 0);
    struct vrx_dose_values values = {0};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_int_equal(vrx_dose_field_check(
                             fields[i].field, vrx_view_text(fields[i].text), today, &arena, &values)
                             .reason,
            fields[i].reason);
    assert_string_equal(values.lot.text, "EW4811");
    assert_true(vrx_view_equal(values.manufacturer, vrx_view_text("Pfizer Inc.")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        ROW_TEST(a_good_row_becomes_values),
        ROW_TEST(widths_do_not_matter),
        ROW_TEST(an_empty_group_is_no_dose),
        ROW_TEST(a_partly_empty_group_is_incomplete),
        ROW_TEST(addressee_numbers),
        ROW_TEST(dates_that_are_none),
        ROW_TEST(dates_in_the_future),
        ROW_TEST(doses_before_approval),
        ROW_TEST(two_doses_on_one_day),
        ROW_TEST(doses_out_of_order),
        ROW_TEST(a_short_interval_is_no_fault),
        ROW_TEST(codes_that_are_none),
        ROW_TEST(texts_that_are_too_long),
        ROW_TEST(texts_that_are_no_utf8),
        ROW_TEST(every_fault_of_a_row_is_listed),
        ROW_TEST(more_doses_than_there_may_be),
        ROW_TEST(an_exhausted_arena_is_no_fault_of_the_row),
        cmocka_unit_test(a_field_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
