/* SPDX-License-Identifier: Apache-2.0
 *
 * A resident's doses, and everybody's: what GetHistory and Export answer, for people, as JSON and
 * as CSV.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/csv.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/records.pb-c.h"

static void dose_json(const Vrx__V1__Dose *dose, struct vrx_json *ret_json) {
    vrx_json_object(ret_json);
    vrx_json_number(ret_json, "id", dose->id);
    vrx_json_number(ret_json, "version", dose->version);
    vrx_json_number(ret_json, "dose_number", dose->dose_number);
    vrx_json_text(ret_json, "administered_on", dose->administered_on);
    vrx_json_number(ret_json, "product", dose->product);
    vrx_json_text(ret_json, "product_name", dose->product_name);
    vrx_json_text(ret_json, "lot", dose->lot);
    vrx_json_text(ret_json, "venue", dose->venue);
    vrx_json_text(ret_json, "physician", dose->physician);
    vrx_json_text(ret_json, "ticket_number", dose->ticket_number);
    vrx_json_text(ret_json, "administered_by", dose->administered_by);
    vrx_json_text(ret_json, "manufacturer", dose->manufacturer);
    vrx_json_time(ret_json, "registered_at", dose->registered_at);
    vrx_json_number(ret_json, "ledger_index", dose->ledger_index);
    if (!dose->provenance)
        return;
    struct vrx_json provenance;
    vrx_json_object(&provenance);
    vrx_json_text(&provenance, "kind", dose->provenance->kind);
    if (dose->provenance->origin[0])
        vrx_json_text(&provenance, "origin", dose->provenance->origin);
    if (dose->provenance->answer_digest.len)
        vrx_json_hex(&provenance, "answer_digest", vrx_bytes_view(dose->provenance->answer_digest));
    if (dose->provenance->consent_revoked_at)
        vrx_json_time(&provenance, "consent_revoked_at", dose->provenance->consent_revoked_at);
    vrx_json_put(ret_json, "provenance", &provenance);
}

static void record_json(const Vrx__V1__Resident *resident, Vrx__V1__Dose *const *doses,
    size_t count, struct vrx_json *ret_json) {
    struct vrx_json list;
    vrx_json_object(ret_json);
    vrx_json_text(ret_json, "addressee_number", resident->addressee_number);
    vrx_json_text(ret_json, "individual_number", resident->individual_number);
    vrx_json_text(ret_json, "name", resident->name);
    vrx_json_text(ret_json, "kana", resident->kana);
    vrx_json_text(ret_json, "birth_date", resident->birth_date);
    vrx_json_text(ret_json, "sex", vrx_choice_word(vrx_sex_choices, resident->sex));
    if (resident->address[0])
        vrx_json_text(ret_json, "address", resident->address);
    vrx_json_array(&list);
    for (size_t i = 0; i < count; i++) {
        struct vrx_json dose;
        dose_json(doses[i], &dose);
        vrx_json_add(&list, &dose);
    }
    vrx_json_put(ret_json, "doses", &list);
}

/* "own", "import", or "transfer 131016", and that its consent was revoked since. */
static const char *provenance_text(const Vrx__V1__Dose *dose, char *text, size_t size) {
    if (!dose->provenance)
        return "";
    const char *origin = dose->provenance->origin;
    snprintf(text, size, "%s%s%s%s", dose->provenance->kind, origin[0] ? " " : "", origin,
        dose->provenance->consent_revoked_at ? " (consent revoked / 同意撤回済み)" : "");
    return text;
}

static int history_table(const Vrx__V1__GetHistoryResponse *history) {
    const Vrx__V1__Resident *resident = history->resident;
    struct vrx_table person VRX_CLEANUP(vrx_table_done);
    vrx_table_init(
        &person, (const char *const[]){"addressee / 宛名番号", "name / 氏名", "kana / カナ",
                     "born / 生年月日", "sex / 性別", "number / 個人番号", "version / 版", NULL});
    vrx_table_text(&person, resident->addressee_number);
    vrx_table_text(&person, resident->name);
    vrx_table_text(&person, resident->kana);
    vrx_table_text(&person, resident->birth_date);
    vrx_table_text(&person, vrx_choice_ja(vrx_sex_choices, resident->sex));
    vrx_table_text(&person, resident->individual_number);
    vrx_table_format(&person, "%llu", (unsigned long long)history->resident_version);
    VRX_CLI_TRY(vrx_print_table(&person));
    if (history->moved_out_on[0])
        printf("moved out / 転出: %s\n", history->moved_out_on);
    puts(history->n_doses ? "" : "\nno doses / 接種記録はありません");
    if (!history->n_doses)
        return VRX_EXIT_OK;
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"dose / 回", "date / 接種日", "product / 製品",
                               "lot", "venue / 会場", "physician / 医師", "ticket / 券番号",
                               "by / 自治体", "from / 由来", "id", "version / 版", NULL});
    for (size_t i = 0; i < history->n_doses; i++) {
        const Vrx__V1__Dose *dose = history->doses[i];
        char provenance[128];
        vrx_table_format(&table, "%u", dose->dose_number);
        vrx_table_text(&table, dose->administered_on);
        vrx_table_text(&table, dose->product_name);
        vrx_table_text(&table, dose->lot);
        vrx_table_text(&table, dose->venue);
        vrx_table_text(&table, dose->physician);
        vrx_table_text(&table, dose->ticket_number);
        vrx_table_text(&table, dose->administered_by);
        vrx_table_text(&table, provenance_text(dose, provenance, sizeof provenance));
        vrx_table_format(&table, "%llu", (unsigned long long)dose->id);
        vrx_table_format(&table, "%u", dose->version);
    }
    return vrx_print_table(&table);
}

static int run_history(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__GetHistoryRequest request;
    vrx__v1__get_history_request__init(&request);
    request.resident = &resident.key;
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Records", "GetHistory", get_history), &request.base, &reply));
    const Vrx__V1__GetHistoryResponse *history = (const void *)reply;
    if (!history->resident)
        return vrx_print_refusal("GetHistory", vrx_fail(VRX_INPUT_FIELD_MISSING));
    if (!vrx_argument_json(arguments))
        return history_table(history);
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    record_json(history->resident, history->doses, history->n_doses, &json);
    vrx_json_number(&json, "resident_version", history->resident_version);
    vrx_json_text(&json, "moved_out_on", history->moved_out_on);
    return vrx_json_print(&json);
}

static const char *const export_columns[] = {"addressee_number", "individual_number", "name",
    "kana", "birth_date", "sex", "address", "dose_number", "administered_on", "product",
    "product_name", "lot", "venue", "physician", "ticket_number", "administered_by", "provenance",
    "dose_id", "version", "ledger_index", NULL};

/* A person without doses has a row too, its dose's columns empty. */
static int export_row(const Vrx__V1__Resident *resident, const Vrx__V1__Dose *dose) {
    Vrx__V1__Dose none;
    vrx__v1__dose__init(&none);
    char number[6][24] = {{0}};
    char provenance[64];
    const Vrx__V1__Dose *shown = dose ? dose : &none;
    if (dose) {
        snprintf(number[0], sizeof number[0], "%u", dose->dose_number);
        snprintf(number[1], sizeof number[1], "%u", dose->product);
        snprintf(number[2], sizeof number[2], "%llu", (unsigned long long)dose->id);
        snprintf(number[3], sizeof number[3], "%u", dose->version);
        snprintf(number[4], sizeof number[4], "%llu", (unsigned long long)dose->ledger_index);
    }
    snprintf(number[5], sizeof number[5], "%u", resident->sex);
    return vrx_csv_print(stdout,
        (const char *const[]){resident->addressee_number, resident->individual_number,
            resident->name, resident->kana, resident->birth_date, number[5], resident->address,
            number[0], shown->administered_on, number[1], shown->product_name, shown->lot,
            shown->venue, shown->physician, shown->ticket_number, shown->administered_by,
            provenance_text(shown, provenance, sizeof provenance), number[2], number[3], number[4],
            NULL});
}

static int export_csv(void *context, const ProtobufCMessage *reply) {
    (void)context;
    const Vrx__V1__ExportResponse *record = (const void *)reply;
    if (!record->resident)
        return vrx_print_refusal("Export", vrx_fail(VRX_INPUT_FIELD_MISSING));
    if (!record->n_doses)
        return export_row(record->resident, NULL);
    for (size_t i = 0; i < record->n_doses; i++)
        VRX_CLI_TRY(export_row(record->resident, record->doses[i]));
    return VRX_EXIT_OK;
}

static int export_json(void *context, const ProtobufCMessage *reply) {
    (void)context;
    const Vrx__V1__ExportResponse *record = (const void *)reply;
    if (!record->resident)
        return vrx_print_refusal("Export", vrx_fail(VRX_INPUT_FIELD_MISSING));
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    record_json(record->resident, record->doses, record->n_doses, &json);
    return vrx_json_print(&json);
}

static int run_export(const struct vrx_arguments *arguments) {
    bool json = vrx_argument_json(arguments);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    if (!json)
        VRX_CLI_TRY(vrx_csv_print(stdout, export_columns));
    Vrx__V1__ExportRequest request;
    vrx__v1__export_request__init(&request);
    return vrx_call_replies(&connection, VRX_REMOTE("Records", "Export", export), &request.base,
        json ? export_json : export_csv, NULL);
}

static const struct vrx_option history_options[] = {
    VRX_RESIDENT_OPTIONS,
    {0},
};

const struct vrx_command vrx_cli_history_commands[] = {
    {"history", true, "a resident's doses, oldest first", "住民の接種記録", history_options,
        run_history},
    {"export", true, "every resident's doses: CSV in UTF-8, with --json a line each",
        "全住民の接種記録を出力する（UTF-8 の CSV、--json なら一人一行）", NULL, run_export},
    {0},
};
