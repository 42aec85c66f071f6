/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of movers: lines to rows, and each field's faults.
 */
#include "layouts/movers.h"

#include "support/check.h"

#define HEADER "宛名番号,転出元団体コード,同意ID,本人確認ID,項目\r\n"
#define CONSENT "000102030405060708090a0b0c0d0e0f"
#define EVIDENCE "f0F1f2f3f4f5f6f7f8f9fafbfcfdfeff"

static void open_text(struct vrx_movers *movers, const char *text) {
    vrx_movers_init(movers);
    assert_ok(vrx_csv_feed(&movers->csv, vrx_view_text(text)));
    vrx_csv_finish(&movers->csv);
}

static void a_line_becomes_a_row(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_movers_done) struct vrx_movers movers;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    enum vrx_csv_step step;
    struct vrx_mover_texts row;
    struct vrx_row_errors errors;
    struct vrx_mover_values values;
    vrx_arena_init(&arena, 0);
    open_text(&movers, HEADER "００１２,011002," CONSENT "," EVIDENCE ",接種　lot 券番号\r\n");
    assert_ok(vrx_movers_next(&movers, &step, &row, &errors));
    assert_int_equal(step, VRX_CSV_RECORD);
    assert_int_equal(row.line, 2);
    assert_ok(vrx_mover_check(&row, &arena, &errors, &values));
    assert_int_equal(errors.count, 0);
    assert_string_equal(values.addressee_number.digits, "12");
    assert_string_equal(values.origin.digits, "011002");
    assert_true(values.has_consent && values.has_evidence);
    for (uint8_t i = 0; i < VRX_MOVER_ID; i++) {
        assert_int_equal(values.consent_id[i], i);
        assert_int_equal(values.evidence_id[i], 0xf0 + i);
    }
    assert_int_equal(values.item_count, 3);
    assert_int_equal(values.items[0], 1);
    assert_int_equal(values.items[1], 2);
    assert_int_equal(values.items[2], 5);
    assert_ok(vrx_movers_next(&movers, &step, &row, &errors));
    assert_int_equal(step, VRX_CSV_END);
}

static void columns_stand_in_any_order(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_movers_done) struct vrx_movers movers;
    enum vrx_csv_step step;
    struct vrx_mover_texts row;
    struct vrx_row_errors errors;
    open_text(&movers, "項目,本人確認ID,宛名番号,同意ID,転出元団体コード\ndose,e,1,c,o\n1,2\n");
    assert_ok(vrx_movers_next(&movers, &step, &row, &errors));
    static const char *const fields[VRX_MOVER_FIELDS] = {"1", "o", "c", "e", "dose"};
    for (size_t i = 0; i < VRX_MOVER_FIELDS; i++)
        assert_true(vrx_view_equal(row.field[i], vrx_view_text(fields[i])));
    assert_ok(vrx_movers_next(&movers, &step, &row, &errors));
    assert_int_equal(errors.count, 1);
    assert_int_equal(errors.item[0].line, 3);
    assert_int_equal(errors.item[0].reason, VRX_INPUT_MALFORMED);
}

static void refusal_of_headers_that_do_not_fit(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } files[] = {
        {"", VRX_INPUT_FIELD_MISSING},
        {"宛名番号\n", VRX_INPUT_FIELD_MISSING},
        {"宛名番号,宛名番号\n", VRX_INPUT_DUPLICATE_KEY},
        {"宛名番号,個人番号\n", VRX_INPUT_FIELD_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        VRX_CLEANUP(vrx_movers_done) struct vrx_movers movers;
        enum vrx_csv_step step;
        struct vrx_mover_texts row;
        struct vrx_row_errors errors;
        open_text(&movers, files[i].text);
        assert_reason(vrx_movers_next(&movers, &step, &row, &errors), files[i].reason);
    }
}

static void refusal_of_each_field(void **state) {
    (void)state;
    static const struct {
        enum vrx_mover_field field;
        const char *text;
        enum vrx_reason reason;
    } faults[] = {
        {VRX_MOVER_ADDRESSEE_NUMBER, "", VRX_INPUT_FIELD_MISSING},
        {VRX_MOVER_ADDRESSEE_NUMBER, "　", VRX_INPUT_FIELD_MISSING},
        {VRX_MOVER_ADDRESSEE_NUMBER, "12a", VRX_INPUT_MALFORMED},
        {VRX_MOVER_ADDRESSEE_NUMBER, "0", VRX_INPUT_RANGE},
        {VRX_MOVER_ADDRESSEE_NUMBER, "\xff", VRX_INPUT_TEXT},
        {VRX_MOVER_ORIGIN, "", VRX_INPUT_FIELD_MISSING},
        {VRX_MOVER_ORIGIN, "011003", VRX_CHECK_DIGIT_WRONG},
        {VRX_MOVER_CONSENT, "0001", VRX_INPUT_MALFORMED},
        {VRX_MOVER_CONSENT, CONSENT "00", VRX_INPUT_MALFORMED},
        {VRX_MOVER_CONSENT, "000102030405060708090a0b0c0d0e0g", VRX_INPUT_MALFORMED},
        {VRX_MOVER_EVIDENCE, "f0", VRX_INPUT_MALFORMED},
        {VRX_MOVER_ITEMS, "", VRX_INPUT_FIELD_MISSING},
        {VRX_MOVER_ITEMS, "dose,lot", VRX_INPUT_RANGE},
        {VRX_MOVER_ITEMS, "dose name", VRX_INPUT_RANGE},
        {VRX_MOVER_ITEMS, "dose 接種", VRX_INPUT_DUPLICATE_KEY},
        {VRX_MOVER_ITEMS, "dose lot venue physician ticket dose", VRX_INPUT_DUPLICATE_KEY},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
        struct vrx_row_errors errors;
        struct vrx_mover_values values;
        struct vrx_mover_texts row = {.line = 7,
            .field = {vrx_view_text("1"), vrx_view_text("011002"), vrx_view_text(CONSENT),
                vrx_view_text(EVIDENCE), vrx_view_text("dose")}};
        row.field[faults[i].field] = vrx_view_text(faults[i].text);
        vrx_arena_init(&arena, 0);
        assert_ok(vrx_mover_check(&row, &arena, &errors, &values));
        assert_int_equal(errors.count, 1);
        assert_int_equal(errors.item[0].line, 7);
        assert_int_equal(errors.item[0].reason, faults[i].reason);
        assert_ptr_equal(errors.item[0].field, &vrx_mover_field_names[faults[i].field]);
    }
}

static void a_basis_may_be_left_out(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_row_errors errors;
    struct vrx_mover_values values;
    struct vrx_mover_texts row = {.line = 7,
        .field = {vrx_view_text("1"), vrx_view_text("011002"), vrx_view_text(""),
            vrx_view_text(" "), vrx_view_text("dose")}};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_mover_check(&row, &arena, &errors, &values));
    assert_int_equal(errors.count, 0);
    assert_false(values.has_consent || values.has_evidence);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_a_row),
        cmocka_unit_test(columns_stand_in_any_order),
        cmocka_unit_test(refusal_of_headers_that_do_not_fit),
        cmocka_unit_test(refusal_of_each_field),
        cmocka_unit_test(a_basis_may_be_left_out),
    };
    return cmocka_run_group_tests_name("layouts/movers", tests, NULL, NULL);
}
