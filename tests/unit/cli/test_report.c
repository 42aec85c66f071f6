/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <jansson.h>

#include "capture.h"
#include "layouts/vaccination_row.h"
#include "support/check.h"

static char lot_ja[] = "ロット番号";
static char lot_en[] = "lot";
static char unknown[] = "FROM_THE_FUTURE";
static char lot_invalid[] = "LOT_INVALID";
static char clause[] = "a\tclause\n";
static char none[] = "";

static void take_service(
    struct vrx_report *report, uint64_t line, unsigned dose, char *reason, char *why) {
    Vrx__V1__RowError error;
    vrx__v1__row_error__init(&error);
    Vrx__V1__RowError *list[] = {&error};
    error.line = line;
    error.dose = dose;
    error.field = lot_ja;
    error.field_en = lot_en;
    error.reason = reason;
    error.clause = why;
    assert_ok(vrx_report_take_service(report, list, 1));
}

static void take_layout(struct vrx_report *report, uint64_t line, enum vrx_reason reason) {
    struct vrx_row_errors errors;
    vrx_row_errors_init(&errors, line);
    assert_ok(
        vrx_row_errors_take(&errors, 0, &vrx_row_field, vrx_refuse(reason, "RFC 4180 §2: fields")));
    assert_ok(vrx_report_take_layout(report, &errors));
}

/* Both sides' faults, the service's first as they arrive last. */
static void fill(struct vrx_report *report) {
    vrx_report_init(report);
    take_layout(report, 9, VRX_INPUT_MALFORMED);
    take_layout(report, 3, VRX_INPUT_TEXT);
    take_service(report, 5, 2, lot_invalid, none);
    take_service(report, 5, 1, unknown, clause);
    report->imported = 40;
    report->unchanged = 2;
    report->refused += 1;
    report->doses = 77;
    report->has_doses = true;
    vrx_report_sort(report);
}

static void both_sides_stand_in_the_order_of_the_file(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    fill(&report);
    assert_ok(vrx_report_tsv(&report, &text));
    assert_ok(vrx_buffer_append_byte(&text, '\0'));
    assert_string_equal((const char *)text.ptr,
        "line\tfield\tfield_en\tdose\treason\ten\tja\tclause\n"
        "3\t行\trow\t0\tINPUT_TEXT\ttext is not valid in its character encoding\t"
        "文字コードが正しくありません\tRFC 4180 §2: fields\n"
        "5\tロット番号\tlot\t1\tFROM_THE_FUTURE\tFROM_THE_FUTURE\tFROM_THE_FUTURE\ta clause \n"
        "5\tロット番号\tlot\t2\tLOT_INVALID\tthe lot number is not one that a manufacturer uses\t"
        "ロット番号の形式が正しくありません\t\n"
        "9\t行\trow\t0\tINPUT_MALFORMED\tthe input is not well-formed in its format\t"
        "入力の形式が正しくありません\tRFC 4180 §2: fields\n");
}

static void people_see_lines_fields_reasons_and_totals(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    static struct capture out;
    fill(&report);
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, false), VRX_EXIT_OK);
    assert_string_equal(capture_end(&out),
        "line / 行  field / 項目  dose / 回  reason / 理由    \n"
        "3          行                       INPUT_TEXT       文字コードが正しくありません / "
        "text is not valid in its character encoding\n"
        "5          ロット番号    1          FROM_THE_FUTURE  FROM_THE_FUTURE / FROM_THE_FUTURE\n"
        "5          ロット番号    2          LOT_INVALID      ロット番号の形式が正しくありません / "
        "the lot number is not one that a manufacturer uses\n"
        "9          行                       INPUT_MALFORMED  入力の形式が正しくありません / "
        "the input is not well-formed in its format\n"
        "\n"
        "imported / 取込: 40   unchanged / 変更なし: 2   refused / 取込不可: 3   "
        "new doses / 新しい接種記録: 77\n"
        "not taken: 3; correct these rows and import the file again\n"
        "3 行は取り込まれていません。修正して、もう一度取り込んでください\n");
}

static void a_file_without_fault_has_totals_only(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    static struct capture out;
    vrx_report_init(&report);
    report.imported = 1;
    vrx_report_sort(&report);
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, false), VRX_EXIT_OK);
    assert_string_equal(capture_end(&out),
        "imported / 取込: 1   unchanged / 変更なし: 0   refused / 取込不可: 0\n");
}

static void a_list_is_told_with_what_starts_it(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    static struct capture out;
    vrx_report_init(&report);
    report.is_list = true;
    report.list_state = "submitted";
    report.list_id = vrx_view_text("id");
    report.list_digest = vrx_view_text("digest");
    report.imported = 7;
    report.refused = 1;
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, false), VRX_EXIT_OK);
    assert_string_equal(capture_end(&out), "kept / 受付: 7   refused / 受付不可: 1\n"
                                           "list / 一覧  digest / 要約値\n"
                                           "6964         646967657374\n");
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, true), VRX_EXIT_OK);
    assert_string_equal(capture_end(&out),
        "{\"rows\":7,\"refused\":1,\"state\":\"submitted\",\"list_id\":\"6964\","
        "\"digest\":\"646967657374\",\"errors\":[]}\n");
    report.imported = 0;
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, false), VRX_EXIT_OK);
    assert_null(strstr(capture_end(&out), "6964")); /* there is nothing to start */
}

static void machines_see_the_same(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    static struct capture out;
    fill(&report);
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, true), VRX_EXIT_OK);
    json_t *json = json_loads(capture_end(&out), JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_integer_value(json_object_get(json, "imported")), 40);
    assert_int_equal(json_integer_value(json_object_get(json, "unchanged")), 2);
    assert_int_equal(json_integer_value(json_object_get(json, "refused")), 3);
    assert_int_equal(json_integer_value(json_object_get(json, "doses")), 77);
    json_t *errors = json_object_get(json, "errors");
    assert_int_equal(json_array_size(errors), 4);
    json_t *lot = json_array_get(errors, 2);
    assert_int_equal(json_integer_value(json_object_get(lot, "line")), 5);
    assert_int_equal(json_integer_value(json_object_get(lot, "dose")), 2);
    assert_string_equal(json_string_value(json_object_get(lot, "field")), "ロット番号");
    assert_string_equal(json_string_value(json_object_get(lot, "field_en")), "lot");
    assert_string_equal(json_string_value(json_object_get(lot, "reason")), "LOT_INVALID");
    assert_string_equal(
        json_string_value(json_object_get(lot, "ja")), "ロット番号の形式が正しくありません");
    json_decref(json);
}

static void residents_have_no_doses(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    static struct capture out;
    vrx_report_init(&report);
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_report_print(&report, true), VRX_EXIT_OK);
    assert_string_equal(
        capture_end(&out), "{\"imported\":0,\"unchanged\":0,\"refused\":0,\"errors\":[]}\n");
}

/* A file of another kind altogether must not fill the memory with its faults. */
static void all_faults_are_counted_and_so_many_listed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_report_done) struct vrx_report report;
    vrx_report_init(&report);
    for (uint64_t line = 1; line <= VRX_REPORT_FAULTS + 5; line++)
        take_layout(&report, line, VRX_INPUT_MALFORMED);
    assert_int_equal(report.refused, VRX_REPORT_FAULTS + 5);
    assert_int_equal(report.count, VRX_REPORT_FAULTS);
    take_service(&report, 1, 0, lot_invalid, none);
    assert_int_equal(report.count, VRX_REPORT_FAULTS + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_stand_in_the_order_of_the_file),
        cmocka_unit_test(people_see_lines_fields_reasons_and_totals),
        cmocka_unit_test(a_file_without_fault_has_totals_only),
        cmocka_unit_test(a_list_is_told_with_what_starts_it),
        cmocka_unit_test(machines_see_the_same),
        cmocka_unit_test(residents_have_no_doses),
        cmocka_unit_test(all_faults_are_counted_and_so_many_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
