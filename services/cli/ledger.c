/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit ledger at the auditor's desk: its checkpoint, proofs to take away, its entries. A proof
 * is written as a bundle, a JSON file that `vrx audit verify` (proof.c) checks without the daemon:
 *
 *   inclusion    {"index": N, "size": N, "entry": HEX, "path": [HEX…], "note": TEXT}
 *   consistency  {"first": N, "second": N, "path": [HEX…], "note": TEXT}
 *
 * note is the checkpoint of the size that the proof is about.
 */
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/limits.h"
#include "cli/connect.h"
#include "cli/csv.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"
#include "objects/audit_entry.h"
#include "objects/checkpoint.h"
#include "vrx/v1/ledger.pb-c.h"

static int write_file(const char *path, struct vrx_view content) {
    struct vrx_result result = vrx_file_replace(path, 0644, content);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

/* What a note claims; the size that a proof without one is about. */
static int parse_note(const char *note, struct vrx_checkpoint *ret_checkpoint) {
    struct vrx_result result = vrx_checkpoint_parse(vrx_view_text(note), ret_checkpoint);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("checkpoint / 検証点", result);
}

static int run_checkpoint(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__GetCheckpointRequest request;
    vrx__v1__get_checkpoint_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Ledger", "GetCheckpoint", get_checkpoint), &request.base, &reply));
    const char *note = ((const Vrx__V1__GetCheckpointResponse *)(const void *)reply)->note;
    struct vrx_checkpoint checkpoint;
    VRX_CLI_TRY(parse_note(note, &checkpoint));
    if (vrx_argument_given(arguments, "out"))
        VRX_CLI_TRY(write_file(vrx_argument(arguments, "out"), vrx_view_text(note)));
    if (vrx_argument_json(arguments))
        return vrx_print_field(arguments, "note", note);
    if (vrx_argument_given(arguments, "out"))
        return vrx_print_done(arguments, "written", "書き出しました");
    fputs(note, stdout);
    return VRX_EXIT_OK;
}

static void path_json(const ProtobufCBinaryData *path, size_t count, struct vrx_json *ret_json) {
    vrx_json_array(ret_json);
    for (size_t i = 0; i < count; i++)
        vrx_json_add_hex(ret_json, vrx_bytes_view(path[i]));
}

static int write_bundle(const struct vrx_arguments *arguments, const struct vrx_json *bundle) {
    const char *path = vrx_argument(arguments, "out");
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_json_write(bundle, &text);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(path, result);
    VRX_CLI_TRY(write_file(path, vrx_buffer_view(&text)));
    return vrx_print_done(arguments, "written", "書き出しました");
}

static int run_prove(const struct vrx_arguments *arguments) {
    Vrx__V1__ProveInclusionRequest request;
    vrx__v1__prove_inclusion_request__init(&request);
    VRX_CLI_TRY(vrx_value_number(arguments, "index", 0, INT64_MAX, 0, &request.index));
    VRX_CLI_TRY(vrx_value_number(arguments, "size", 1, INT64_MAX, 0, &request.size));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection, VRX_REMOTE("Ledger", "ProveInclusion", prove_inclusion),
        &request.base, &reply));
    const Vrx__V1__ProveInclusionResponse *proof = (const void *)reply;
    struct vrx_checkpoint checkpoint;
    VRX_CLI_TRY(parse_note(proof->note, &checkpoint));
    struct vrx_json bundle VRX_CLEANUP(vrx_json_done);
    struct vrx_json path;
    path_json(proof->path, proof->n_path, &path);
    vrx_json_object(&bundle);
    vrx_json_number(&bundle, "index", request.index);
    vrx_json_number(&bundle, "size", checkpoint.size);
    vrx_json_hex(&bundle, "entry", vrx_bytes_view(proof->entry));
    vrx_json_put(&bundle, "path", &path);
    vrx_json_text(&bundle, "note", proof->note);
    return write_bundle(arguments, &bundle);
}

static int run_consistency(const struct vrx_arguments *arguments) {
    Vrx__V1__ProveConsistencyRequest request;
    vrx__v1__prove_consistency_request__init(&request);
    VRX_CLI_TRY(vrx_value_number(arguments, "first", 0, INT64_MAX, 0, &request.first));
    VRX_CLI_TRY(vrx_value_number(arguments, "second", 1, INT64_MAX, 0, &request.second));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Ledger", "ProveConsistency", prove_consistency), &request.base, &reply));
    const Vrx__V1__ProveConsistencyResponse *proof = (const void *)reply;
    struct vrx_checkpoint checkpoint;
    VRX_CLI_TRY(parse_note(proof->note, &checkpoint));
    struct vrx_json bundle VRX_CLEANUP(vrx_json_done);
    struct vrx_json path;
    path_json(proof->path, proof->n_path, &path);
    vrx_json_object(&bundle);
    vrx_json_number(&bundle, "first", request.first);
    vrx_json_number(&bundle, "second", checkpoint.size);
    vrx_json_put(&bundle, "path", &path);
    vrx_json_text(&bundle, "note", proof->note);
    return write_bundle(arguments, &bundle);
}

/* ---- entries ---- */

/* Entries come one by one and may be millions, so the columns have fixed widths. */
static const struct {
    const char *heading;
    size_t width;
} columns[] = {
    {"index / 番号", 13},
    {"time / 日時", 25},
    {"method / 操作", 44},
    {"outcome / 結果", 22},
    {"operator / 操作者", 18},
    {"terminal / 端末", 18},
    {"person / 対象者", 18},
    {"basis / 根拠", 26},
    {"purpose / 目的", 0},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static void print_row(const char *const text[COLUMNS]) {
    for (size_t i = 0; i < COLUMNS; i++)
        vrx_text_pad(stdout, text[i], columns[i].width, i + 1 < COLUMNS);
    putchar('\n');
}

/* A view as a string of at most size - 1 bytes. */
static const char *string_of(struct vrx_view view, char *out, size_t size) {
    snprintf(out, size, "%.*s", (int)view.len, view.len ? (const char *)view.ptr : "");
    return out;
}

/* The first 8 bytes: enough to see who is the same. */
static const char *person_of(struct vrx_view person, char out[17]) {
    out[0] = '\0';
    vrx_hex_string(vrx_view_slice(person, 0, 8), out);
    return out;
}

static int entry_line(uint64_t index, const struct vrx_audit_entry *entry) {
    char number[24];
    char time[VRX_PRINT_TIME];
    char text[5][VRX_LIMIT_BASIS + 1];
    char person[17];
    snprintf(number, sizeof number, "%llu", (unsigned long long)index);
    vrx_print_time(entry->time, time);
    print_row((const char *const[COLUMNS]){number, time,
        string_of(entry->method, text[0], sizeof text[0]), vrx_reason_name(entry->outcome),
        string_of(entry->operator_id, text[1], sizeof text[1]),
        string_of(entry->terminal, text[2], sizeof text[2]), person_of(entry->person, person),
        string_of(entry->basis, text[3], sizeof text[3]),
        string_of(entry->purpose, text[4], sizeof text[4])});
    return VRX_EXIT_OK;
}

static void json_view(struct vrx_json *json, const char *name, struct vrx_view view) {
    char text[VRX_LIMIT_BASIS + 1];
    if (view.len)
        vrx_json_text(json, name, string_of(view, text, sizeof text));
}

static int entry_json(uint64_t index, const struct vrx_audit_entry *entry) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_number(&json, "index", index);
    vrx_json_time(&json, "time", entry->time);
    json_view(&json, "method", entry->method);
    vrx_json_text(&json, "outcome", vrx_reason_name(entry->outcome));
    json_view(&json, "operator", entry->operator_id);
    json_view(&json, "terminal", entry->terminal);
    if (entry->person.len)
        vrx_json_hex(&json, "person", entry->person);
    json_view(&json, "purpose", entry->purpose);
    json_view(&json, "basis", entry->basis);
    vrx_json_hex(&json, "request", vrx_view_of(entry->request, VRX_ID));
    if (entry->commitment.len)
        vrx_json_hex(&json, "commitment", entry->commitment);
    return vrx_json_print(&json);
}

/* ---- for a spreadsheet ---- */

static const char *const csv_columns[] = {"番号 index", "日時 time", "操作 method", "結果 outcome",
    "結果の説明 outcome_ja", "操作者 operator", "端末 terminal", "対象者 person", "目的 purpose",
    "根拠 basis", "要求 request", NULL};

static int entry_csv(uint64_t index, const struct vrx_audit_entry *entry) {
    char number[24];
    char time[VRX_PRINT_TIME];
    char text[5][VRX_LIMIT_BASIS + 1];
    char person[2 * VRX_DIGEST + 1] = "";
    char request[2 * VRX_ID + 1] = "";
    snprintf(number, sizeof number, "%llu", (unsigned long long)index);
    vrx_print_time(entry->time, time);
    char *zone = strstr(time, " JST"); /* a spreadsheet takes the rest for a date */
    if (zone)
        *zone = 0;
    vrx_hex_string(entry->person, person);
    vrx_hex_string(vrx_view_of(entry->request, VRX_ID), request);
    const enum vrx_reason outcome = (enum vrx_reason)entry->outcome;
    return vrx_csv_print(stdout,
        (const char *const[]){number, time, string_of(entry->method, text[0], sizeof text[0]),
            vrx_reason_name(outcome), vrx_reason_sentence_ja(outcome),
            string_of(entry->operator_id, text[1], sizeof text[1]),
            string_of(entry->terminal, text[2], sizeof text[2]), person,
            string_of(entry->purpose, text[3], sizeof text[3]),
            string_of(entry->basis, text[4], sizeof text[4]), request, NULL});
}

static int take_csv(void *context, const ProtobufCMessage *reply) {
    (void)context;
    const Vrx__V1__ExportEntriesResponse *exported = (const void *)reply;
    struct vrx_audit_entry entry;
    struct vrx_result result = vrx_audit_entry_decode(vrx_bytes_view(exported->entry), &entry);
    return vrx_is_ok(result) ? entry_csv(exported->index, &entry)
                             : vrx_print_refusal("entry / 記録", result);
}

/* With a byte order mark, by which spreadsheets know UTF-8. */
static int run_export(const struct vrx_arguments *arguments) {
    Vrx__V1__ExportEntriesRequest request;
    vrx__v1__export_entries_request__init(&request);
    VRX_CLI_TRY(vrx_value_number(arguments, "from", 0, INT64_MAX, 0, &request.from));
    VRX_CLI_TRY(vrx_value_number(arguments, "count", 1, INT64_MAX, 0, &request.count));
    if (!vrx_argument_given(arguments, "csv"))
        return vrx_value_wrong("csv", "the only form there is; vrx audit entries --json has others",
            "出力形式は CSV のみです（JSON は vrx audit entries --json）");
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    fputs("\xef\xbb\xbf", stdout);
    VRX_CLI_TRY(vrx_csv_print(stdout, csv_columns));
    return vrx_call_replies(&connection, VRX_REMOTE("Ledger", "ExportEntries", export_entries),
        &request.base, take_csv, NULL);
}

static int take_entry(void *context, const ProtobufCMessage *reply) {
    const bool *json = context;
    const Vrx__V1__ExportEntriesResponse *exported = (const void *)reply;
    struct vrx_audit_entry entry;
    struct vrx_result result = vrx_audit_entry_decode(vrx_bytes_view(exported->entry), &entry);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("entry / 記録", result);
    return *json ? entry_json(exported->index, &entry) : entry_line(exported->index, &entry);
}

static int run_entries(const struct vrx_arguments *arguments) {
    bool json = vrx_argument_json(arguments);
    Vrx__V1__ExportEntriesRequest request;
    vrx__v1__export_entries_request__init(&request);
    VRX_CLI_TRY(vrx_value_number(arguments, "from", 0, INT64_MAX, 0, &request.from));
    VRX_CLI_TRY(vrx_value_number(arguments, "count", 1, INT64_MAX, 0, &request.count));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    const char *headings[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        headings[i] = columns[i].heading;
    if (!json)
        print_row(headings);
    return vrx_call_replies(&connection, VRX_REMOTE("Ledger", "ExportEntries", export_entries),
        &request.base, take_entry, &json);
}

static const struct vrx_option checkpoint_options[] = {
    {"out", "FILE", false, false, "writes the note here", "検証点を書き出す"},
    {0},
};

static const struct vrx_option prove_options[] = {
    {"index", "N", true, false, "the entry, from 0", "記録の番号（0 から）"},
    {"size", "N", false, false, "of the tree; the present one where not given", "台帳の件数"},
    {"out", "BUNDLE.json", true, false, "for vrx audit verify", "証明の書き出し先"},
    {0},
};

static const struct vrx_option consistency_options[] = {
    {"first", "N", true, false, "the earlier size", "以前の件数"},
    {"second", "N", false, false, "the later size; the present one where not given", "以後の件数"},
    {"out", "BUNDLE.json", true, false, "for vrx audit verify", "証明の書き出し先"},
    {0},
};

static const struct vrx_option entries_options[] = {
    {"from", "N", false, false, "the first entry; 0 where not given", "最初の番号"},
    {"count", "N", false, false, "how many at the most; all where not given", "件数の上限"},
    {0},
};

static const struct vrx_option export_options[] = {
    {"csv", NULL, false, false, "as CSV for a spreadsheet: UTF-8 with a byte order mark",
        "表計算ソフト向けの CSV（BOM 付き UTF-8）"},
    {"from", "N", false, false, "the first entry; 0 where not given", "最初の番号"},
    {"count", "N", false, false, "how many at the most; all where not given", "件数の上限"},
    {0},
};

const struct vrx_command vrx_cli_ledger_commands[] = {
    {"ledger export", true,
        "the municipality's own ledger for a spreadsheet: who looked, when, at what, how it ended",
        "自団体の台帳を表計算ソフト向けに出力する（誰が、いつ、何を、結果）", export_options,
        run_export},
    {"audit checkpoint", true, "the ledger's size and root, signed by the municipality",
        "台帳の検証点（自治体の署名付き）", checkpoint_options, run_checkpoint},
    {"audit prove", true, "a proof that an entry stands in the ledger",
        "記録が台帳にあることの証明を取り出す", prove_options, run_prove},
    {"audit consistency", true, "a proof that the ledger has only grown",
        "台帳が追記だけされたことの証明を取り出す", consistency_options, run_consistency},
    {"audit entries", true, "the ledger's entries: who did what, about whom, why",
        "台帳の記録（誰が、何を、誰について、なぜ）", entries_options, run_entries},
    {0},
};
