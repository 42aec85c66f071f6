/* SPDX-License-Identifier: Apache-2.0
 *
 * A mover's doses from the municipality of origin: asked for, looked at, watched until the end.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/exchange.pb-c.h"

static int run_request(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_value_id consent = {0};
    struct vrx_value_id evidence = {0};
    struct vrx_value_items items;
    Vrx__V1__RequestTransferRequest request;
    vrx__v1__request_transfer_request__init(&request);
    VRX_CLI_TRY(vrx_value_municipality("from", vrx_argument(arguments, "from")));
    VRX_CLI_TRY(vrx_value_municipality("to", vrx_argument(arguments, "to")));
    if (vrx_argument_given(arguments, "evidence")) {
        VRX_CLI_TRY(vrx_value_id(arguments, "evidence", &evidence));
        request.evidence_id = vrx_value_id_field(&evidence);
    }
    if (vrx_argument_given(arguments, "consent")) {
        VRX_CLI_TRY(vrx_value_id(arguments, "consent", &consent));
        request.consent_id = vrx_value_id_field(&consent);
    }
    VRX_CLI_TRY(vrx_value_items(arguments, &items));
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    request.resident = &resident.key;
    request.from_municipality = vrx_value_text(arguments, "from");
    request.to_municipality = vrx_value_text(arguments, "to");
    request.n_items = items.count;
    request.items = items.item;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Exchange", "RequestTransfer", request_transfer), &request.base, &reply));
    const Vrx__V1__RequestTransferResponse *requested = (const void *)reply;
    return vrx_print_hex(arguments, "query_id", vrx_bytes_view(requested->query_id));
}

static int print_json(const Vrx__V1__Transfer *transfer) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_hex(&json, "query_id", vrx_bytes_view(transfer->query_id));
    vrx_json_text(&json, "from_municipality", transfer->from_municipality);
    vrx_json_text(
        &json, "state", vrx_choice_word(vrx_transfer_state_choices, (unsigned)transfer->state));
    if (transfer->reason[0]) {
        vrx_json_text(&json, "reason", transfer->reason);
        vrx_json_text(&json, "clause", transfer->clause);
    }
    if (transfer->state == VRX__V1__TRANSFER_STATE__TRANSFER_STATE_IMPORTED) {
        vrx_json_number(&json, "doses_imported", transfer->doses_imported);
        vrx_json_number(&json, "doses_known", transfer->doses_known);
        vrx_json_number(&json, "doses_in_review", transfer->doses_in_review);
    }
    vrx_json_time(&json, "requested_at", transfer->requested_at);
    vrx_json_time(&json, "deadline", transfer->deadline);
    return vrx_json_print(&json);
}

/* The state, and what it means for the desk. */
static int print_line(const Vrx__V1__Transfer *transfer) {
    unsigned state = (unsigned)transfer->state;
    char asked[VRX_PRINT_TIME];
    char deadline[VRX_PRINT_TIME];
    vrx_print_time(transfer->requested_at, asked);
    vrx_print_time(transfer->deadline, deadline);
    printf("%s %s", vrx_choice_word(vrx_transfer_state_choices, state),
        vrx_choice_ja(vrx_transfer_state_choices, state));
    if (transfer->state == VRX__V1__TRANSFER_STATE__TRANSFER_STATE_IMPORTED)
        printf("   new / 新規: %u   known / 既存: %u", transfer->doses_imported,
            transfer->doses_known);
    if (transfer->doses_in_review)
        printf("   to be looked at / 要確認: %u (vrx review list)", transfer->doses_in_review);
    if (transfer->reason[0]) {
        printf("   ");
        vrx_text_pad(stdout, transfer->reason, 0, false);
    }
    printf("   from / 照会先: ");
    vrx_text_pad(stdout, transfer->from_municipality, 0, false);
    printf("   asked / 照会: %s   until / 期限: %s\n", asked, deadline);
    fflush(stdout);
    return VRX_EXIT_OK;
}

/* The end that is no success is a refusal of this program, in words. */
static int outcome_of(const Vrx__V1__Transfer *transfer) {
    switch (transfer->state) {
    case VRX__V1__TRANSFER_STATE__TRANSFER_STATE_DENIED:
        return vrx_print_refusal(
            "transfer / 照会", vrx_refuse(vrx_reason_from_name(transfer->reason),
                                   transfer->clause[0] ? transfer->clause : NULL));
    case VRX__V1__TRANSFER_STATE__TRANSFER_STATE_NO_RECORD:
        fputs("vrx: the municipality of origin has nothing to hand over\n"
              "     照会先には提供する記録がありません\n",
            stderr);
        return VRX_EXIT_REFUSED;
    case VRX__V1__TRANSFER_STATE__TRANSFER_STATE_EXPIRED:
        fputs("vrx: the deadline passed without an answer; ask again\n"
              "     期限までに回答がありませんでした。もう一度照会してください\n",
            stderr);
        return VRX_EXIT_REFUSED;
    default:
        return VRX_EXIT_OK;
    }
}

static int print_transfer(bool json, const Vrx__V1__Transfer *transfer) {
    if (!transfer)
        return vrx_print_refusal("transfer / 照会", vrx_fail(VRX_INPUT_FIELD_MISSING));
    return json ? print_json(transfer) : print_line(transfer);
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_value_id query;
    VRX_CLI_TRY(vrx_value_id(arguments, "query", &query));
    Vrx__V1__GetTransferRequest request;
    vrx__v1__get_transfer_request__init(&request);
    request.query_id = vrx_value_id_field(&query);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Exchange", "GetTransfer", get_transfer), &request.base, &reply));
    const Vrx__V1__Transfer *transfer =
        ((const Vrx__V1__GetTransferResponse *)(const void *)reply)->transfer;
    VRX_CLI_TRY(print_transfer(vrx_argument_json(arguments), transfer));
    outcome_of(transfer); /* why, in words; to have shown it is a success */
    return VRX_EXIT_OK;
}

struct watch {
    bool json;
    int outcome;
};

static int watch_take(void *context, const ProtobufCMessage *reply) {
    struct watch *watch = context;
    const Vrx__V1__Transfer *transfer =
        ((const Vrx__V1__WatchTransferResponse *)(const void *)reply)->transfer;
    VRX_CLI_TRY(print_transfer(watch->json, transfer));
    watch->outcome = outcome_of(transfer);
    return VRX_EXIT_OK;
}

static int run_watch(const struct vrx_arguments *arguments) {
    struct watch watch = {.json = vrx_argument_json(arguments)};
    struct vrx_value_id query;
    VRX_CLI_TRY(vrx_value_id(arguments, "query", &query));
    Vrx__V1__WatchTransferRequest request;
    vrx__v1__watch_transfer_request__init(&request);
    request.query_id = vrx_value_id_field(&query);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(
        vrx_call_replies(&connection, VRX_REMOTE("Exchange", "WatchTransfer", watch_transfer),
            &request.base, watch_take, &watch));
    return watch.outcome;
}

static const struct vrx_option request_options[] = {
    VRX_RESIDENT_OPTIONS,
    {"from", "CODE", true, false, "the municipality of origin", "照会先の団体コード"},
    {"to", "CODE", true, false, "your own municipality", "自団体の団体コード"},
    {"consent", "ID", false, false, "the consent; the service decides where none is needed",
        "同意の識別子（不要かどうかはサービスが判断します）"},
    {"evidence", "ID", false, false, "the identity check; the same", "本人確認の識別子（同上）"},
    VRX_ITEM_OPTION,
    {0},
};

static const struct vrx_option query_options[] = {
    {"query", "ID", true, false, "the query, as vrx transfer request printed it", "照会の識別子"},
    {0},
};

const struct vrx_command vrx_cli_transfer_commands[] = {
    {"transfer request", true, "ask the municipality of origin for a mover's doses; prints the id",
        "転入者の接種記録を転出元に照会し、識別子を表示する", request_options, run_request},
    {"transfer show", true, "the state of a query", "照会の状態", query_options, run_show},
    {"transfer watch", true, "follow a query until it ends; 1 when it ends without doses",
        "照会を終わりまで見守る。記録が得られずに終わると終了コード 1", query_options, run_watch},
    {0},
};
