/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/fhir_report.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/json.h"
#include "cli/print.h"
#include "cli/report.h"
#include "cli/values.h"

static const struct {
    const char *name;
    const char *en;
    const char *ja;
} skips[VRX_FHIR_SKIPS] = {
    [VRX_FHIR_NOT_DONE] = {"not_done", "not done", "未実施"},
    [VRX_FHIR_ENTERED_IN_ERROR] = {"entered_in_error", "entered in error", "誤登録"},
    [VRX_FHIR_REPORTED] = {"reported", "another's record", "他機関の記録の写し"},
};

void vrx_fhir_report_init(struct vrx_fhir_report *report,
    const char *(*file_name)(const void *context, size_t file), const void *context) {
    *report = (struct vrx_fhir_report){.file_name = file_name, .context = context};
    vrx_arena_init(&report->arena, 0);
}

void vrx_fhir_report_done(struct vrx_fhir_report *report) {
    vrx_arena_done(&report->arena);
}

static struct vrx_result put(
    struct vrx_fhir_report *report, size_t file, const struct vrx_fhir_fault *fault) {
    if (report->count == VRX_FHIR_REPORT_FAULTS)
        return vrx_ok();
    struct vrx_fhir_report_fault *faults = vrx_arena_grow(
        &report->arena, report->faults, report->count, sizeof *faults, &report->capacity);
    if (!faults)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    report->faults = faults;
    report->faults[report->count++] = (struct vrx_fhir_report_fault){file, *fault};
    return vrx_ok();
}

struct vrx_result vrx_fhir_report_take_bundle(
    struct vrx_fhir_report *report, size_t file, const struct vrx_fhir_bundle *bundle) {
    report->refused += bundle->refused;
    for (size_t skip = 0; skip < VRX_FHIR_SKIPS; skip++)
        report->skipped[skip] += bundle->skipped[skip];
    for (size_t i = 0; i < bundle->faults.kept; i++) {
        struct vrx_fhir_fault fault = bundle->faults.list[i];
        char *detail = NULL;
        if (fault.detail)
            VRX_TRY(vrx_arena_string(&report->arena, vrx_view_text(fault.detail), &detail));
        fault.detail = detail;
        VRX_TRY(put(report, file, &fault));
    }
    return vrx_ok();
}

struct vrx_result vrx_fhir_report_take_service(
    struct vrx_fhir_report *report, size_t file, size_t entry, const Vrx__V1__RowError *error) {
    const struct vrx_fhir_fault fault = {
        .entry = entry,
        .rule = vrx_fhir_rule_of_field(error->field_en),
        .reason = vrx_reason_from_name(error->reason),
    };
    return put(report, file, &fault);
}

/* Faults of one entry stay in the order in which they were found. */
static int compare(const void *a, const void *b) {
    const struct vrx_fhir_report_fault *left = a;
    const struct vrx_fhir_report_fault *right = b;
    if (left->file != right->file)
        return left->file < right->file ? -1 : 1;
    if (left->fault.entry != right->fault.entry)
        return left->fault.entry < right->fault.entry ? -1 : 1;
    return (left->fault.rule > right->fault.rule) - (left->fault.rule < right->fault.rule);
}

void vrx_fhir_report_sort(struct vrx_fhir_report *report) {
    if (report->count)
        qsort(report->faults, report->count, sizeof *report->faults, compare);
}

/* What is said of one fault. */
struct said {
    const char *file;
    char path[128];
    const char *reason;
    const char *en;
    const char *ja;
    const char *detail;
    const struct vrx_fhir_rule_text *rule;
};

static struct said say(
    const struct vrx_fhir_report *report, const struct vrx_fhir_report_fault *item) {
    const struct vrx_fhir_fault *fault = &item->fault;
    struct said said = {
        .file = report->file_name(report->context, item->file),
        .reason = vrx_reason_name(fault->reason),
        .en = vrx_reason_sentence_en(fault->reason),
        .ja = vrx_reason_sentence_ja(fault->reason),
        .detail = fault->detail ? fault->detail : "",
        .rule = &vrx_fhir_rules[fault->rule],
    };
    snprintf(said.path, sizeof said.path, "Bundle.entry[%zu].%s", fault->entry, said.rule->path);
    return said;
}

static int print_json(const struct vrx_fhir_report *report) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json skipped;
    struct vrx_json list;
    vrx_json_object(&json);
    vrx_json_number(&json, "imported", report->imported);
    vrx_json_number(&json, "unchanged", report->unchanged);
    vrx_json_number(&json, "refused", report->refused);
    vrx_json_object(&skipped);
    for (size_t skip = 0; skip < VRX_FHIR_SKIPS; skip++)
        if (skips[skip].name)
            vrx_json_number(&skipped, skips[skip].name, report->skipped[skip]);
    vrx_json_put(&json, "skipped", &skipped);
    vrx_json_array(&list);
    for (size_t i = 0; i < report->count; i++) {
        const struct said said = say(report, &report->faults[i]);
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_text(&row, "file", said.file);
        vrx_json_number(&row, "entry", report->faults[i].fault.entry);
        vrx_json_text(&row, "path", said.path);
        vrx_json_text(&row, "reason", said.reason);
        vrx_json_text(&row, "en", said.en);
        vrx_json_text(&row, "ja", said.ja);
        vrx_json_text(&row, "detail", said.detail);
        vrx_json_text(&row, "advice_en", said.rule->en);
        vrx_json_text(&row, "advice_ja", said.rule->ja);
        vrx_json_add(&list, &row);
    }
    vrx_json_put(&json, "errors", &list);
    return vrx_json_print(&json);
}

static int print_faults(const struct vrx_fhir_report *report) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"file / ファイル", "element / 項目",
                               "reason / 理由", "what to do / 対応", NULL});
    for (size_t i = 0; i < report->count; i++) {
        const struct said said = say(report, &report->faults[i]);
        vrx_table_text(&table, said.file);
        vrx_table_text(&table, said.path);
        vrx_table_format(&table, "%s%s%s", said.reason, said.detail[0] ? " " : "", said.detail);
        vrx_table_format(&table, "%s / %s", said.rule->ja, said.rule->en);
    }
    return vrx_print_table(&table);
}

static void print_skipped(const struct vrx_fhir_report *report) {
    uint64_t total = 0;
    for (size_t skip = 0; skip < VRX_FHIR_SKIPS; skip++)
        total += report->skipped[skip];
    if (!total)
        return;
    printf("skipped / 対象外: %llu", (unsigned long long)total);
    for (size_t skip = 0; skip < VRX_FHIR_SKIPS; skip++)
        if (report->skipped[skip])
            printf("   %s / %s: %llu", skips[skip].en, skips[skip].ja,
                (unsigned long long)report->skipped[skip]);
    putchar('\n');
}

int vrx_fhir_report_print(const struct vrx_fhir_report *report, bool json) {
    if (json)
        return print_json(report);
    if (report->count) {
        VRX_CLI_TRY(print_faults(report));
        putchar('\n');
    }
    printf("imported / 取込: %llu   unchanged / 変更なし: %llu   refused / 取込不可: %llu\n",
        (unsigned long long)report->imported, (unsigned long long)report->unchanged,
        (unsigned long long)report->refused);
    print_skipped(report);
    if (report->refused)
        printf("not taken: %llu; have these entries corrected and import the files again\n"
               "%llu 件は取り込まれていません。送信元で修正し、もう一度取り込んでください\n",
            (unsigned long long)report->refused, (unsigned long long)report->refused);
    return VRX_EXIT_OK;
}

struct vrx_result vrx_fhir_report_tsv(
    const struct vrx_fhir_report *report, struct vrx_buffer *out) {
    VRX_TRY(vrx_buffer_append(
        out, vrx_view_text("file\tpath\treason\ten\tja\tdetail\tadvice_en\tadvice_ja\n")));
    for (size_t i = 0; i < report->count; i++) {
        const struct said said = say(report, &report->faults[i]);
        const char *const columns[] = {said.file, said.path, said.reason, said.en, said.ja,
            said.detail, said.rule->en, said.rule->ja};
        VRX_TRY(vrx_report_tsv_row(columns, sizeof columns / sizeof *columns, out));
    }
    return vrx_ok();
}
