/* SPDX-License-Identifier: Apache-2.0
 *
 * Officers look at what would leave about somebody protected, and agree or refuse. Who agrees gives
 * the digest of what was shown, so that nobody agrees to anything else.
 */
#include <stdio.h>

#include "base/encode.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/approvals.pb-c.h"

static const struct vrx_choice states[] = {
    {"waiting", VRX__V1__APPROVAL_STATE__APPROVAL_STATE_WAITING, "承認待ち"},
    {"second", VRX__V1__APPROVAL_STATE__APPROVAL_STATE_SECOND, "2人目の承認待ち"},
    {"approved", VRX__V1__APPROVAL_STATE__APPROVAL_STATE_APPROVED, "承認済み"},
    {"refused", VRX__V1__APPROVAL_STATE__APPROVAL_STATE_REFUSED, "却下"},
    {"expired", VRX__V1__APPROVAL_STATE__APPROVAL_STATE_EXPIRED, "期限切れ"},
    {0},
};

/* ---- the list ---- */

static void put_json(const Vrx__V1__Approval *approval, struct vrx_json *row) {
    vrx_json_object(row);
    vrx_json_hex(row, "approval", vrx_bytes_view(approval->approval));
    vrx_json_text(row, "to_municipality", approval->to_municipality);
    vrx_json_text(row, "state", vrx_choice_word(states, (unsigned)approval->state));
    vrx_json_time(row, "opened_at", approval->opened_at);
    vrx_json_time(row, "closes_at", approval->closes_at);
    if (approval->first_at) {
        vrx_json_text(row, "first_by", approval->first_by);
        vrx_json_time(row, "first_at", approval->first_at);
    }
    if (!approval->ended_at)
        return;
    vrx_json_text(row, "ended_by", approval->ended_by);
    vrx_json_time(row, "ended_at", approval->ended_at);
}

static int list_json(const Vrx__V1__ListApprovalsResponse *list) {
    struct vrx_json array VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&array);
    for (size_t i = 0; i < list->n_approvals; i++) {
        struct vrx_json row;
        put_json(list->approvals[i], &row);
        vrx_json_add(&array, &row);
    }
    return vrx_json_print(&array);
}

static void put_state(struct vrx_table *table, const Vrx__V1__Approval *approval) {
    const unsigned state = (unsigned)approval->state;
    vrx_table_format(table, "%s %s", vrx_choice_word(states, state), vrx_choice_ja(states, state));
}

static int list_table(const Vrx__V1__ListApprovalsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table,
        (const char *const[]){"approval / 承認", "to / 照会元", "state / 状態", "asked / 照会",
            "closes / 期限", "first / 1人目", "second, refused / 2人目・却下", NULL});
    for (size_t i = 0; i < list->n_approvals; i++) {
        const Vrx__V1__Approval *approval = list->approvals[i];
        vrx_table_hex(&table, vrx_bytes_view(approval->approval));
        vrx_table_text(&table, approval->to_municipality);
        put_state(&table, approval);
        vrx_table_time(&table, approval->opened_at);
        vrx_table_time(&table, approval->closes_at);
        vrx_table_text(&table, approval->first_by);
        vrx_table_text(&table, approval->ended_by);
    }
    return vrx_print_table(&table);
}

/* A line for each, as it comes. */
static int take_approval(void *context, const ProtobufCMessage *reply) {
    const bool *as_json = context;
    const Vrx__V1__Approval *approval =
        ((const Vrx__V1__WatchApprovalsResponse *)(const void *)reply)->approval;
    if (!approval)
        return vrx_print_refusal("approvals / 承認", vrx_fail(VRX_INPUT_FIELD_MISSING));
    if (*as_json) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        put_json(approval, &json);
        const int status = vrx_json_print(&json);
        fflush(stdout);
        return status;
    }
    char hex[2 * VRX_ID + 1] = "";
    char closes[VRX_PRINT_TIME];
    if (approval->approval.len == VRX_ID)
        vrx_hex_string(vrx_bytes_view(approval->approval), hex);
    vrx_print_time(approval->closes_at, closes);
    printf("%s  to / 照会元: ", hex);
    vrx_text_pad(stdout, approval->to_municipality, 0, false);
    printf("  until / 期限: %s\n", closes);
    fflush(stdout);
    return VRX_EXIT_OK;
}

static int run_list(const struct vrx_arguments *arguments) {
    bool json = vrx_argument_json(arguments);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    if (vrx_argument_given(arguments, "watch")) {
        Vrx__V1__WatchApprovalsRequest watch;
        vrx__v1__watch_approvals_request__init(&watch);
        return vrx_call_replies(&connection,
            VRX_REMOTE("Approvals", "WatchApprovals", watch_approvals), &watch.base, take_approval,
            &json);
    }
    Vrx__V1__ListApprovalsRequest request;
    ProtobufCMessage *reply = NULL;
    vrx__v1__list_approvals_request__init(&request);
    request.all = vrx_argument_given(arguments, "all");
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Approvals", "ListApprovals", list_approvals), &request.base, &reply));
    const Vrx__V1__ListApprovalsResponse *list = (const void *)reply;
    return json ? list_json(list) : list_table(list);
}

/* ---- one of them ---- */

static void put_dose(const Vrx__V1__Dose *dose, struct vrx_json *row) {
    vrx_json_object(row);
    vrx_json_number(row, "dose_number", dose->dose_number);
    vrx_json_text(row, "administered_on", dose->administered_on);
    vrx_json_number(row, "product", dose->product);
    vrx_json_text(row, "product_name", dose->product_name);
    vrx_json_text(row, "lot", dose->lot);
    vrx_json_text(row, "venue", dose->venue);
    vrx_json_text(row, "physician", dose->physician);
    vrx_json_text(row, "ticket_number", dose->ticket_number);
    vrx_json_text(row, "administered_by", dose->administered_by);
}

static void put_person(const Vrx__V1__Resident *resident, struct vrx_json *json) {
    struct vrx_json person;
    vrx_json_object(&person);
    vrx_json_text(&person, "addressee_number", resident->addressee_number);
    vrx_json_text(&person, "name", resident->name);
    vrx_json_text(&person, "kana", resident->kana);
    vrx_json_text(&person, "birth_date", resident->birth_date);
    vrx_json_put(json, "resident", &person);
}

static void put_grounds(const Vrx__V1__GetApprovalResponse *reply, struct vrx_json *json) {
    struct vrx_json items;
    vrx_json_text(json, "permit", reply->permit);
    vrx_json_array(&items);
    for (size_t i = 0; i < reply->n_items; i++)
        vrx_json_add_text(&items, vrx_choice_word(vrx_item_choices, (unsigned)reply->items[i]));
    vrx_json_put(json, "items", &items);
    if (reply->consent_given_at) {
        vrx_json_text(json, "consent_form", reply->consent_form);
        vrx_json_time(json, "consent_given_at", reply->consent_given_at);
        vrx_json_time(json, "consent_expires_at", reply->consent_expires_at);
    }
    if (reply->identity_checked_at)
        vrx_json_time(json, "identity_checked_at", reply->identity_checked_at);
}

static int show_json(const Vrx__V1__GetApprovalResponse *reply) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json doses;
    put_json(reply->approval, &json);
    put_person(reply->resident, &json);
    put_grounds(reply, &json);
    vrx_json_array(&doses);
    for (size_t i = 0; i < reply->n_doses; i++) {
        struct vrx_json dose;
        put_dose(reply->doses[i], &dose);
        vrx_json_add(&doses, &dose);
    }
    vrx_json_put(&json, "doses", &doses);
    if (reply->digest.len)
        vrx_json_hex(&json, "digest", vrx_bytes_view(reply->digest));
    if (reply->reason[0]) {
        vrx_json_text(&json, "reason", reply->reason);
        vrx_json_text(&json, "clause", reply->clause);
    }
    return vrx_json_print(&json);
}

static void put_pair(struct vrx_table *table, const char *name, const char *value) {
    vrx_table_text(table, name);
    vrx_table_text(table, value);
}

static void put_instant(struct vrx_table *table, const char *name, int64_t time) {
    vrx_table_text(table, name);
    vrx_table_time(table, time);
}

static int show_case(const Vrx__V1__GetApprovalResponse *reply) {
    const Vrx__V1__Approval *approval = reply->approval;
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"person / 対象者", reply->resident->name, NULL});
    put_pair(&table, "addressee / 宛名番号", reply->resident->addressee_number);
    put_pair(&table, "born / 生年月日", reply->resident->birth_date);
    put_pair(&table, "to / 照会元", approval->to_municipality);
    put_instant(&table, "asked / 照会", approval->opened_at);
    put_instant(&table, "closes / 期限", approval->closes_at);
    vrx_table_text(&table, "state / 状態");
    put_state(&table, approval);
    put_pair(&table, "first / 1人目", approval->first_by);
    put_pair(&table, "second, refused / 2人目・却下", approval->ended_by);
    put_pair(&table, "permit / 根拠", reply->permit);
    put_pair(&table, "consent form / 同意書", reply->consent_form);
    put_instant(&table, "consent given / 同意", reply->consent_given_at);
    put_instant(&table, "consent until / 同意の期限", reply->consent_expires_at);
    put_instant(&table, "identity checked / 本人確認", reply->identity_checked_at);
    for (size_t i = 0; i < reply->n_items; i++)
        put_pair(&table, i ? "" : "asked for / 照会項目",
            vrx_choice_word(vrx_item_choices, (unsigned)reply->items[i]));
    return vrx_print_table(&table);
}

static int show_doses(const Vrx__V1__GetApprovalResponse *reply) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    puts("\nwhat would leave / 提供される内容:");
    vrx_table_init(
        &table, (const char *const[]){"dose / 回", "date / 接種日", "product / 製品", "lot",
                    "venue / 会場", "physician / 医師", "ticket / 券番号", "by / 自治体", NULL});
    for (size_t i = 0; i < reply->n_doses; i++) {
        const Vrx__V1__Dose *dose = reply->doses[i];
        vrx_table_format(&table, "%u", dose->dose_number);
        vrx_table_text(&table, dose->administered_on);
        vrx_table_text(&table, dose->product_name);
        vrx_table_text(&table, dose->lot);
        vrx_table_text(&table, dose->venue);
        vrx_table_text(&table, dose->physician);
        vrx_table_text(&table, dose->ticket_number);
        vrx_table_text(&table, dose->administered_by);
    }
    return vrx_print_table(&table);
}

static int show_text(const Vrx__V1__GetApprovalResponse *reply) {
    char hex[2 * VRX_DIGEST + 1];
    VRX_CLI_TRY(show_case(reply));
    if (reply->reason[0]) {
        fputs("\nnothing can leave now / 現在は提供できません: ", stdout);
        vrx_text_pad(stdout, reply->reason, 0, true);
        vrx_text_pad(stdout, reply->clause, 0, false);
        putchar('\n');
        return VRX_EXIT_OK;
    }
    if (reply->digest.len != VRX_DIGEST)
        return VRX_EXIT_OK;
    VRX_CLI_TRY(show_doses(reply));
    if (!reply->n_doses)
        puts("no doses / 接種記録はありません");
    vrx_hex_string(vrx_bytes_view(reply->digest), hex);
    printf("digest / ダイジェスト: %s\n", hex);
    return VRX_EXIT_OK;
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_value_id id;
    Vrx__V1__GetApprovalRequest request;
    ProtobufCMessage *message = NULL;
    vrx__v1__get_approval_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "approval", &id));
    request.approval = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(&connection, VRX_REMOTE("Approvals", "GetApproval", get_approval),
        &request.base, &message));
    const Vrx__V1__GetApprovalResponse *reply = (const void *)message;
    if (!reply->approval || !reply->resident)
        return vrx_print_refusal("GetApproval", vrx_fail(VRX_INPUT_FIELD_MISSING));
    return vrx_argument_json(arguments) ? show_json(reply) : show_text(reply);
}

/* ---- answers ---- */

static int digest_of(const struct vrx_arguments *arguments, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_buffer digest VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!vrx_is_ok(vrx_hex_decode(vrx_view_text(vrx_argument(arguments, "digest")), &digest)) ||
        digest.len != VRX_DIGEST)
        return vrx_value_wrong("digest", "64 hexadecimal digits, as `vrx approval show` shows them",
            "`vrx approval show` が示す16進64桁です");
    memcpy(ret_digest, digest.ptr, VRX_DIGEST);
    return VRX_EXIT_OK;
}

static int run_approve(const struct vrx_arguments *arguments) {
    uint8_t digest[VRX_DIGEST];
    struct vrx_value_id id;
    Vrx__V1__ApproveAnswerRequest request;
    ProtobufCMessage *message = NULL;
    vrx__v1__approve_answer_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "approval", &id));
    VRX_CLI_TRY(digest_of(arguments, digest));
    request.approval = vrx_value_id_field(&id);
    request.digest = (ProtobufCBinaryData){sizeof digest, digest};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Approvals", "ApproveAnswer", approve_answer), &request.base, &message));
    const Vrx__V1__ApproveAnswerResponse *reply = (const void *)message;
    return reply->state == VRX__V1__APPROVAL_STATE__APPROVAL_STATE_APPROVED
               ? vrx_print_done(arguments, "approved by two: it leaves when it is asked for again",
                     "2人が承認しました。次の照会で提供されます")
               : vrx_print_done(arguments, "approved: another officer must agree to the same",
                     "承認しました。別の職員の承認が必要です");
}

static int run_refuse(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    Vrx__V1__RefuseAnswerRequest request;
    vrx__v1__refuse_answer_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "approval", &id));
    request.approval = vrx_value_id_field(&id);
    request.reason = vrx_value_text(arguments, "reason");
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Approvals", "RefuseAnswer", refuse_answer), &request.base));
    return vrx_print_done(arguments, "refused", "却下しました");
}

#define APPROVAL \
    { \
        "approval", "ID", true, false, "which one, as the list says", \
            "承認の識別子（一覧に表示される）" \
    }

static const struct vrx_option list_options[] = {
    {"all", NULL, false, false, "those that have ended too", "終了したものも表示する"},
    {"watch", NULL, false, false, "what waits, then each new one as it comes",
        "以後の照会も届き次第表示する"},
    {0},
};
static const struct vrx_option show_options[] = {APPROVAL, {0}};
static const struct vrx_option approve_options[] = {
    APPROVAL,
    {"digest", "HEX", true, false, "of what was looked at, as `vrx approval show` says",
        "確認した内容のダイジェスト（`vrx approval show` に表示される）"},
    {0},
};
static const struct vrx_option refuse_options[] = {
    APPROVAL,
    {"reason", "TEXT", true, false,
        "why; it stands in the ledger for ever: a file number or a rule, no name",
        "理由（台帳に永久に残るため、文書番号や規定を記し、氏名は記さない）"},
    {0},
};

const struct vrx_command vrx_cli_approval_commands[] = {
    {"approval list", true, "what was asked about protected persons and waits for two officers",
        "保護対象者に関する照会のうち、職員2人の承認を待つものの一覧", list_options, run_list},
    {"approval show", true, "who it is about, and exactly what would leave",
        "対象者と、提供されることになる内容", show_options, run_show},
    {"approval approve", true, "agree that exactly this leaves", "その内容の提供を承認する",
        approve_options, run_approve},
    {"approval refuse", true, "nothing leaves", "提供を却下する", refuse_options, run_refuse},
    {0},
};
