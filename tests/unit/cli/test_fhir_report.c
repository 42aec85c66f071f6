/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/fhir_report.h"

#include "capture.h"
#include "support/check.h"

static const char *name_of(const void *context, size_t file) {
    return ((const char *const *)context)[file];
}

static const char *const names[] = {"a.json", "b.json"};

static char lot_field[] = "lot";
static char lot_reason[] = "LOT_INVALID";
static char unknown_field[] = "from_the_future";

static void take_service(
    struct vrx_fhir_report *report, size_t file, size_t entry, char *field, char *reason) {
    Vrx__V1__RowError error;
    vrx__v1__row_error__init(&error);
    error.field_en = field;
    error.reason = reason;
    assert_ok(vrx_fhir_report_take_service(report, file, entry, &error));
}

/* Both sides' faults, the reader's detail gone with its file. */
static void fill(struct vrx_fhir_report *report) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    vrx_arena_init(&arena, 0);
    vrx_fhir_report_init(report, name_of, names);
    char *detail = NULL;
    assert_ok(vrx_arena_format(&arena, &detail, "cvx|%d", 217));
    struct vrx_fhir_bundle bundle = {.refused = 1, .faults = {.arena = &arena, .entry = 3}};
    bundle.skipped[VRX_FHIR_NOT_DONE] = 2;
    bundle.skipped[VRX_FHIR_REPORTED] = 1;
    assert_ok(vrx_fhir_take_detail(
        &bundle.faults, VRX_FHIR_RULE_VACCINE, detail, vrx_fail(VRX_PRODUCT_UNKNOWN)));
    take_service(report, 1, 0, lot_field, lot_reason);
    take_service(report, 0, 4, unknown_field, lot_reason);
    assert_ok(vrx_fhir_report_take_bundle(report, 0, &bundle));
    report->imported = 7;
    report->refused += 2;
    vrx_fhir_report_sort(report);
}

static void in_order(const char *text, const char *const *parts, size_t count) {
    const char *at = text;
    for (size_t i = 0; i < count; i++) {
        at = at ? strstr(at, parts[i]) : NULL;
        if (!at)
            print_error("part %zu is not there: %s", i, text);
        assert_non_null(at);
    }
}

static void people_see_file_path_reason_and_what_to_do(void **state) {
    (void)state;
    struct vrx_fhir_report report VRX_CLEANUP(vrx_fhir_report_done);
    static struct capture out;
    fill(&report);
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_fhir_report_print(&report, false), VRX_EXIT_OK);
    static const char *const parts[] = {
        "a.json ",
        "Bundle.entry[3].resource.vaccineCode  PRODUCT_UNKNOWN cvx|217  CVX ",
        "a.json ",
        "Bundle.entry[4].resource              LOT_INVALID              entry",
        "b.json ",
        "Bundle.entry[0].resource.lotNumber    LOT_INVALID              バイアル",
        "imported / 取込: 7   unchanged / 変更なし: 0   refused / 取込不可: 3\n",
        "skipped / 対象外: 3   not done / 未実施: 2   another's record / 他機関の記録の写し: 1\n",
        "not taken: 3; ",
    };
    in_order(capture_end(&out), parts, sizeof parts / sizeof *parts);
}

static void programs_see_the_same(void **state) {
    (void)state;
    struct vrx_fhir_report report VRX_CLEANUP(vrx_fhir_report_done);
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    static struct capture out;
    fill(&report);
    capture_begin(&out, STDOUT_FILENO);
    assert_int_equal(vrx_fhir_report_print(&report, true), VRX_EXIT_OK);
    static const char *const parts[] = {
        "\"imported\":7",
        "\"skipped\":{\"not_done\":2,\"entered_in_error\":0,\"reported\":1}",
        ("\"file\":\"a.json\",\"entry\":3,\"path\":\"Bundle.entry[3].resource.vaccineCode\","
         "\"reason\":\"PRODUCT_UNKNOWN\""),
        "\"detail\":\"cvx|217\"",
        "\"file\":\"b.json\"",
    };
    in_order(capture_end(&out), parts, sizeof parts / sizeof *parts);
    assert_ok(vrx_fhir_report_tsv(&report, &text));
    assert_ok(vrx_buffer_append_byte(&text, '\0'));
    static const char *const rows[] = {
        ("file\tpath\treason\ten\tja\tdetail\tadvice_en\tadvice_ja\n"
         "a.json\tBundle.entry[3].resource.vaccineCode\tPRODUCT_UNKNOWN\t"),
        "\tcvx|217\tgive the CVX code",
        "b.json\tBundle.entry[0].resource.lotNumber\tLOT_INVALID\t",
    };
    in_order((const char *)text.ptr, rows, sizeof rows / sizeof *rows);
}

static void faults_are_cut(void **state) {
    (void)state;
    struct vrx_fhir_report report VRX_CLEANUP(vrx_fhir_report_done);
    vrx_fhir_report_init(&report, name_of, names);
    for (size_t i = 0; i <= VRX_FHIR_REPORT_FAULTS; i++)
        take_service(&report, 0, i, lot_field, lot_reason);
    assert_int_equal(report.count, VRX_FHIR_REPORT_FAULTS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_see_file_path_reason_and_what_to_do),
        cmocka_unit_test(programs_see_the_same),
        cmocka_unit_test(faults_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
