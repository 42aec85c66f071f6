/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"

void vrx_report_init(struct vrx_report *report) {
    *report = (struct vrx_report){0};
    vrx_arena_init(&report->arena, 0);
}

void vrx_report_done(struct vrx_report *report) {
    vrx_arena_done(&report->arena);
}

static struct vrx_result put(struct vrx_report *report, const struct vrx_report_fault *fault) {
    struct vrx_report_fault *faults = vrx_arena_grow(
        &report->arena, report->faults, report->count, sizeof *faults, &report->capacity);
    if (!faults)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    report->faults = faults;
    report->faults[report->count++] = *fault;
    return vrx_ok();
}

struct vrx_result vrx_report_take_layout(
    struct vrx_report *report, const struct vrx_row_errors *errors) {
    report->refused++;
    for (size_t i = 0; i < errors->count && report->count < VRX_REPORT_FAULTS; i++) {
        const struct vrx_row_error *error = &errors->item[i];
        struct vrx_report_fault fault = {error->line, error->dose, error->field->ja,
            error->field->en, vrx_reason_name(error->reason), error->clause ? error->clause : ""};
        VRX_TRY(put(report, &fault));
    }
    return vrx_ok();
}

struct vrx_result vrx_report_take_service(
    struct vrx_report *report, Vrx__V1__RowError *const *errors, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const Vrx__V1__RowError *error = errors[i];
        struct vrx_report_fault fault = {
            error->line, error->dose, error->field, error->field_en, error->reason, error->clause};
        VRX_TRY(put(report, &fault));
    }
    return vrx_ok();
}

static int compare(const void *a, const void *b) {
    const struct vrx_report_fault *left = a;
    const struct vrx_report_fault *right = b;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    return (left->dose > right->dose) - (left->dose < right->dose);
}

void vrx_report_sort(struct vrx_report *report) {
    if (report->count)
        qsort(report->faults, report->count, sizeof *report->faults, compare);
}

/* A name that reasons.def does not have comes from a newer service: the name must do. */
static const char *sentence(const struct vrx_report_fault *fault, bool japanese) {
    enum vrx_reason reason = vrx_reason_from_name(fault->reason);
    if (strcmp(vrx_reason_name(reason), fault->reason) != 0)
        return fault->reason;
    return japanese ? vrx_reason_sentence_ja(reason) : vrx_reason_sentence_en(reason);
}

static int print_json(const struct vrx_report *report) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json list;
    vrx_json_object(&json);
    vrx_json_number(&json, report->is_list ? "rows" : "imported", report->imported);
    if (!report->is_list)
        vrx_json_number(&json, "unchanged", report->unchanged);
    vrx_json_number(&json, "refused", report->refused);
    if (report->has_doses)
        vrx_json_number(&json, "doses", report->doses);
    if (report->is_list) {
        vrx_json_text(&json, "state", report->list_state);
        vrx_json_hex(&json, "list_id", report->list_id);
        vrx_json_hex(&json, "digest", report->list_digest);
    }
    vrx_json_array(&list);
    for (size_t i = 0; i < report->count; i++) {
        const struct vrx_report_fault *fault = &report->faults[i];
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_number(&row, "line", fault->line);
        vrx_json_text(&row, "field", fault->field);
        vrx_json_text(&row, "field_en", fault->field_en);
        vrx_json_number(&row, "dose", fault->dose);
        vrx_json_text(&row, "reason", fault->reason);
        vrx_json_text(&row, "en", sentence(fault, false));
        vrx_json_text(&row, "ja", sentence(fault, true));
        vrx_json_text(&row, "clause", fault->clause);
        vrx_json_add(&list, &row);
    }
    vrx_json_put(&json, "errors", &list);
    return vrx_json_print(&json);
}

static int print_faults(const struct vrx_report *report) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table,
        (const char *const[]){"line / 行", "field / 項目", "dose / 回", "reason / 理由", "", NULL});
    for (size_t i = 0; i < report->count; i++) {
        const struct vrx_report_fault *fault = &report->faults[i];
        vrx_table_format(&table, "%llu", (unsigned long long)fault->line);
        vrx_table_text(&table, fault->field);
        if (fault->dose)
            vrx_table_format(&table, "%u", fault->dose);
        else
            vrx_table_text(&table, "");
        vrx_table_text(&table, fault->reason);
        vrx_table_format(&table, "%s / %s", sentence(fault, true), sentence(fault, false));
    }
    return vrx_print_table(&table);
}

/* What is needed to start it. */
static int print_list(const struct vrx_report *report) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    printf("kept / 受付: %llu   refused / 受付不可: %llu\n", (unsigned long long)report->imported,
        (unsigned long long)report->refused);
    vrx_table_init(&table, (const char *const[]){"list / 一覧", "digest / 要約値", NULL});
    vrx_table_hex(&table, report->list_id);
    vrx_table_hex(&table, report->list_digest);
    if (!report->imported)
        fputs("nothing was kept: correct the rows and hand the file in again\n"
              "受付できる行がありません。修正して、もう一度提出してください\n",
            stdout);
    return report->imported ? vrx_print_table(&table) : VRX_EXIT_OK;
}

int vrx_report_print(const struct vrx_report *report, bool json) {
    if (json)
        return print_json(report);
    if (report->count) {
        VRX_CLI_TRY(print_faults(report));
        putchar('\n');
    }
    if (report->is_list)
        return print_list(report);
    printf("imported / 取込: %llu   unchanged / 変更なし: %llu   refused / 取込不可: %llu",
        (unsigned long long)report->imported, (unsigned long long)report->unchanged,
        (unsigned long long)report->refused);
    if (report->has_doses)
        printf("   new doses / 新しい接種記録: %llu", (unsigned long long)report->doses);
    putchar('\n');
    if (report->refused)
        printf("not taken: %llu; correct these rows and import the file again\n"
               "%llu 行は取り込まれていません。修正して、もう一度取り込んでください\n",
            (unsigned long long)report->refused, (unsigned long long)report->refused);
    return VRX_EXIT_OK;
}

/* Names and sentences come from tables; what a newer service sends must not break the columns. */
static struct vrx_result put_tsv(struct vrx_buffer *out, const char *text, char end) {
    for (; *text; text++)
        VRX_TRY(vrx_buffer_append_byte(
            out, (uint8_t)(*text == '\t' || *text == '\n' || *text == '\r' ? ' ' : *text)));
    return vrx_buffer_append_byte(out, (uint8_t)end);
}

struct vrx_result vrx_report_tsv_row(
    const char *const *columns, size_t count, struct vrx_buffer *out) {
    for (size_t column = 0; column < count; column++)
        VRX_TRY(put_tsv(out, columns[column], column + 1 == count ? '\n' : '\t'));
    return vrx_ok();
}

struct vrx_result vrx_report_tsv(const struct vrx_report *report, struct vrx_buffer *out) {
    VRX_TRY(vrx_buffer_append(
        out, vrx_view_text("line\tfield\tfield_en\tdose\treason\ten\tja\tclause\n")));
    for (size_t i = 0; i < report->count; i++) {
        const struct vrx_report_fault *fault = &report->faults[i];
        char line[24];
        char dose[24];
        snprintf(line, sizeof line, "%llu", (unsigned long long)fault->line);
        snprintf(dose, sizeof dose, "%u", fault->dose);
        const char *const columns[] = {line, fault->field, fault->field_en, dose, fault->reason,
            sentence(fault, false), sentence(fault, true), fault->clause};
        VRX_TRY(vrx_report_tsv_row(columns, sizeof columns / sizeof *columns, out));
    }
    return vrx_ok();
}
