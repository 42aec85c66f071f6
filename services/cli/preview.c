/* SPDX-License-Identifier: Apache-2.0
 *
 * What an application for a certificate would lead to, and the records that a clerk must look at
 * before they can be certified.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/certificates.pb-c.h"

static const struct vrx_choice formats[] = {
    {"hcert", VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_HCERT, "EU・WHO 形式"},
    {"shc", VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_SMART_HEALTH_CARD, "SMART Health Card"},
    {"vds-nc", VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_VDS_NC, "ICAO 形式"},
    {0},
};

/* "DOSE_INTERVAL (clause)" with its sentences; nothing where it passes. */
static void print_reason(const char *reason, const char *clause) {
    const enum vrx_reason known = vrx_reason_from_name(reason);
    if (!reason[0])
        return;
    printf("a clerk must look first / 職員による確認が必要です\n  ");
    vrx_text_pad(stdout, reason, 0, false);
    printf(": ");
    vrx_text_pad(stdout, clause, 0, false);
    printf("\n  %s / %s\n", vrx_reason_sentence_en(known), vrx_reason_sentence_ja(known));
}

static int preview_json(const Vrx__V1__PreviewResponse *preview) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json list;
    vrx_json_object(&json);
    vrx_json_array(&list);
    for (size_t i = 0; i < preview->n_doses; i++) {
        const Vrx__V1__CertifiedDose *dose = preview->doses[i];
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_number(&row, "dose_number", dose->dose_number);
        vrx_json_text(&row, "administered_on", dose->administered_on);
        vrx_json_text(&row, "product", dose->product_name);
        vrx_json_text(&row, "lot", dose->lot);
        vrx_json_add(&list, &row);
    }
    vrx_json_put(&json, "doses", &list);
    vrx_json_array(&list);
    for (size_t i = 0; i < preview->n_formats; i++)
        vrx_json_add_text(&list, vrx_choice_word(formats, (unsigned)preview->formats[i]));
    vrx_json_put(&json, "formats", &list);
    if (preview->name[0])
        vrx_json_text(&json, "name", preview->name);
    vrx_json_number(&json, "fee_yen", preview->fee_yen);
    if (preview->reason[0]) {
        vrx_json_text(&json, "reason", preview->reason);
        vrx_json_text(&json, "clause", preview->clause);
    }
    return vrx_json_print(&json);
}

static int preview_text(const Vrx__V1__PreviewResponse *preview) {
    static const char *const headings[] = {
        "dose / 回", "given / 接種日", "product / 製品", "lot / ロット", NULL};
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, headings);
    for (size_t i = 0; i < preview->n_doses; i++) {
        const Vrx__V1__CertifiedDose *dose = preview->doses[i];
        vrx_table_format(&table, "%u", dose->dose_number);
        vrx_table_text(&table, dose->administered_on);
        vrx_table_text(&table, dose->product_name);
        vrx_table_text(&table, dose->lot);
    }
    VRX_CLI_TRY(vrx_print_table(&table));
    if (preview->name[0]) {
        printf("name / 氏名: ");
        vrx_text_pad(stdout, preview->name, 0, false);
        putchar('\n');
    }
    printf("formats / 形式:");
    for (size_t i = 0; i < preview->n_formats; i++)
        printf(" %s", vrx_choice_word(formats, (unsigned)preview->formats[i]));
    printf("\nfee / 手数料: %u yen / 円\n", preview->fee_yen);
    print_reason(preview->reason, preview->clause);
    return VRX_EXIT_OK;
}

static int run_preview(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_value_id evidence;
    ProtobufCMessage *reply = NULL;
    unsigned kind = VRX__V1__CERTIFICATE_KIND__CERTIFICATE_KIND_HCERT;
    Vrx__V1__PreviewRequest request;
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    VRX_CLI_TRY(vrx_value_id(arguments, "evidence", &evidence));
    if (vrx_argument_given(arguments, "kind"))
        VRX_CLI_TRY(vrx_value_choice(arguments, "kind", 0, vrx_certificate_kind_choices, &kind));
    vrx__v1__preview_request__init(&request);
    request.resident = &resident.key;
    request.evidence_id = vrx_value_id_field(&evidence);
    request.kind = (Vrx__V1__CertificateKind)kind;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Certificates", "Preview", preview), &request.base, &reply));
    const Vrx__V1__PreviewResponse *preview = (const void *)reply;
    return vrx_argument_json(arguments) ? preview_json(preview) : preview_text(preview);
}

/* ---- the worklist ---- */

static int work_json(const Vrx__V1__ListWorkResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_work; i++) {
        const Vrx__V1__CertificateWork *work = list->work[i];
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_text(&row, "addressee", work->addressee_number);
        vrx_json_text(&row, "reason", work->reason);
        vrx_json_text(&row, "clause", work->clause);
        vrx_json_time(&row, "opened_at", work->opened_at);
        vrx_json_time(&row, "last_at", work->last_at);
        vrx_json_number(&row, "times", work->times);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int work_table(const Vrx__V1__ListWorkResponse *list) {
    static const char *const headings[] = {"addressee / 宛名番号", "why / 理由", "rule / 規則",
        "since / 初回", "last / 直近", "times / 回数", NULL};
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, headings);
    for (size_t i = 0; i < list->n_work; i++) {
        const Vrx__V1__CertificateWork *work = list->work[i];
        vrx_table_text(&table, work->addressee_number);
        vrx_table_text(&table, work->reason);
        vrx_table_text(&table, work->clause);
        vrx_table_time(&table, work->opened_at);
        vrx_table_time(&table, work->last_at);
        vrx_table_format(&table, "%llu", (unsigned long long)work->times);
    }
    return vrx_print_table(&table);
}

static int run_work_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *reply = NULL;
    Vrx__V1__ListWorkRequest request;
    vrx__v1__list_work_request__init(&request);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Certificates", "ListWork", list_work), &request.base, &reply));
    const Vrx__V1__ListWorkResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? work_json(list) : work_table(list);
}

static int run_work_check(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *reply = NULL;
    Vrx__V1__CheckWorkRequest request;
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    vrx__v1__check_work_request__init(&request);
    request.resident = &resident.key;
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Certificates", "CheckWork", check_work), &request.base, &reply));
    const Vrx__V1__CheckWorkResponse *checked = (const void *)reply;
    if (!checked->reason[0])
        return vrx_print_done(arguments, "the record can be certified", "この記録は証明できます");
    if (vrx_argument_json(arguments))
        return vrx_print_field(arguments, "reason", checked->reason);
    print_reason(checked->reason, checked->clause);
    return VRX_EXIT_OK;
}

static const struct vrx_option preview_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"evidence", "ID", true, false, "the identity check, done for purpose certificate",
        "本人確認の識別子（目的は certificate）"},
    {"kind", "hcert|domestic|travel", false, false, "which certificate; default: hcert",
        "証明書の種類（既定は hcert）"},
    {0},
};

static const struct vrx_option list_options[] = {{0}};
static const struct vrx_option check_options[] = {VRX_RESIDENT_OPTIONS, {0}};

const struct vrx_command vrx_cli_preview_commands[] = {
    {"certificate preview", true,
        "what an application would certify, its fee, and whether the record passes",
        "申請前に、証明される内容・手数料・記録の確認結果を表示する", preview_options, run_preview},
    {"certificate work list", true, "records that a clerk must look at before they are certified",
        "証明の前に職員の確認が必要な記録の一覧", list_options, run_work_list},
    {"certificate work check", true, "ask the quality gate again, after a record was corrected",
        "訂正後に記録の確認をやり直す", check_options, run_work_check},
    {0},
};
