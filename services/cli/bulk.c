/* SPDX-License-Identifier: Apache-2.0
 *
 * Movers' doses in bulk: a file handed in, started with a second person's agreement, watched, and
 * what became of each row.
 */
#include "vrx/v1/bulk.pb-c.h"

#include <stdio.h>

#include "cli/choices.h"
#include "cli/connect.h"
#include "cli/hand_in.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"

static int run_submit(const struct vrx_arguments *arguments) {
    return vrx_cli_hand_in(
        arguments, VRX_IMPORT_MOVERS, VRX_REMOTE("Bulk", "SubmitBulk", submit_bulk));
}

/* ---- one list ---- */

static const char *state_of(const Vrx__V1__BulkList *list) {
    return vrx_choice_word(vrx_bulk_state_choices, (unsigned)list->state);
}

static void put_json(const Vrx__V1__BulkList *list, struct vrx_json *json) {
    struct vrx_json transfers;
    vrx_json_object(json);
    vrx_json_hex(json, "list_id", vrx_bytes_view(list->list_id));
    vrx_json_text(json, "state", state_of(list));
    vrx_json_number(json, "rows", list->rows);
    vrx_json_number(json, "refused", list->refused);
    vrx_json_hex(json, "digest", vrx_bytes_view(list->digest));
    vrx_json_text(json, "submitted_by", list->submitted_by);
    vrx_json_text(json, "submitted_terminal", list->submitted_terminal);
    vrx_json_time(json, "submitted_at", list->submitted_at);
    if (list->started_at)
        vrx_json_time(json, "started_at", list->started_at);
    if (list->ended_at)
        vrx_json_time(json, "ended_at", list->ended_at);
    vrx_json_number(json, "asked", list->asked);
    vrx_json_number(json, "turned_down", list->turned_down);
    vrx_json_object(&transfers);
    for (size_t i = 0; i < list->n_transfers; i++)
        vrx_json_number(&transfers,
            vrx_choice_word(vrx_transfer_state_choices, (unsigned)list->transfers[i]->state),
            list->transfers[i]->count);
    vrx_json_put(json, "transfers", &transfers);
}

static uint64_t count_of(const Vrx__V1__BulkList *list, Vrx__V1__TransferState state) {
    for (size_t i = 0; i < list->n_transfers; i++)
        if (list->transfers[i]->state == state)
            return list->transfers[i]->count;
    return 0;
}

/* Rows that need nothing more. */
static uint64_t settled(const Vrx__V1__BulkList *list) {
    return list->turned_down + list->asked -
           count_of(list, VRX__V1__TRANSFER_STATE__TRANSFER_STATE_REQUESTED) -
           count_of(list, VRX__V1__TRANSFER_STATE__TRANSFER_STATE_PENDING) -
           count_of(list, VRX__V1__TRANSFER_STATE__TRANSFER_STATE_ANSWERED);
}

static int print_line(const Vrx__V1__BulkList *list) {
    unsigned state = (unsigned)list->state;
    printf("%s %s   rows / 件数: %llu   asked / 照会: %llu   turned down / 照会不可: %llu",
        vrx_choice_word(vrx_bulk_state_choices, state),
        vrx_choice_ja(vrx_bulk_state_choices, state), (unsigned long long)list->rows,
        (unsigned long long)list->asked, (unsigned long long)list->turned_down);
    for (size_t i = 0; i < list->n_transfers; i++) {
        unsigned at = (unsigned)list->transfers[i]->state;
        printf("   %s %s: %llu", vrx_choice_word(vrx_transfer_state_choices, at),
            vrx_choice_ja(vrx_transfer_state_choices, at),
            (unsigned long long)list->transfers[i]->count);
    }
    putchar('\n');
    fflush(stdout);
    return VRX_EXIT_OK;
}

/* ---- list ---- */

static int print_lists(const Vrx__V1__ListBulksResponse *reply) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"list / 一覧", "state / 状態", "rows / 件数",
                               "asked / 照会", "handed in / 提出", "by / 提出者", NULL});
    for (size_t i = 0; i < reply->n_lists; i++) {
        const Vrx__V1__BulkList *list = reply->lists[i];
        char time[VRX_PRINT_TIME];
        vrx_print_time(list->submitted_at, time);
        vrx_table_hex(&table, vrx_bytes_view(list->list_id));
        vrx_table_format(&table, "%s %s", state_of(list),
            vrx_choice_ja(vrx_bulk_state_choices, (unsigned)list->state));
        vrx_table_format(&table, "%llu", (unsigned long long)list->rows);
        vrx_table_format(&table, "%llu", (unsigned long long)list->asked);
        vrx_table_text(&table, time);
        vrx_table_text(&table, list->submitted_by);
    }
    return vrx_print_table(&table);
}

static int read_lists(
    struct vrx_connection *connection, const Vrx__V1__ListBulksResponse **ret_reply) {
    ProtobufCMessage *reply = NULL;
    Vrx__V1__ListBulksRequest request;
    vrx__v1__list_bulks_request__init(&request);
    VRX_CLI_TRY(vrx_call_unary(
        connection, VRX_REMOTE("Bulk", "ListBulks", list_bulks), &request.base, &reply));
    *ret_reply = (const void *)reply;
    return VRX_EXIT_OK;
}

static int run_list(const struct vrx_arguments *arguments) {
    const Vrx__V1__ListBulksResponse *reply = NULL;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(read_lists(&connection, &reply));
    if (!vrx_argument_json(arguments))
        return print_lists(reply);
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < reply->n_lists; i++) {
        struct vrx_json row;
        put_json(reply->lists[i], &row);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

/* ---- start and stop ---- */

/* The digest as the service has it now: what another agrees to is what the list was signed with, so
 * that one of these two persons compares it with the one that was printed at the hand-in. */
static int find_digest(struct vrx_connection *connection, const struct vrx_value_id *id,
    ProtobufCBinaryData *ret_digest) {
    const Vrx__V1__ListBulksResponse *reply = NULL;
    VRX_CLI_TRY(read_lists(connection, &reply));
    for (size_t i = 0; i < reply->n_lists; i++) {
        if (!vrx_view_equal(
                vrx_bytes_view(reply->lists[i]->list_id), vrx_view_of(id->bytes, VRX_ID)))
            continue;
        *ret_digest = reply->lists[i]->digest;
        return VRX_EXIT_OK;
    }
    return vrx_print_refusal("list / 一覧", vrx_fail(VRX_NOT_FOUND));
}

static int run_start(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    struct vrx_buffer digest VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__StartBulkRequest request;
    vrx__v1__start_bulk_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "list", &id));
    request.list_id = vrx_value_id_field(&id);
    if (vrx_argument_given(arguments, "digest"))
        VRX_CLI_TRY(vrx_value_digest(arguments, "digest", &digest));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    request.digest = (ProtobufCBinaryData){digest.len, digest.ptr};
    if (!digest.len)
        VRX_CLI_TRY(find_digest(&connection, &id, &request.digest));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Bulk", "StartBulk", start_bulk), &request.base, NULL));
    return vrx_print_done(arguments, "started", "開始しました");
}

static int run_stop(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    Vrx__V1__StopBulkRequest request;
    vrx__v1__stop_bulk_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "list", &id));
    request.list_id = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_call_once(arguments, VRX_REMOTE("Bulk", "StopBulk", stop_bulk), &request.base));
    return vrx_print_done(arguments, "stopped", "中止しました");
}

/* ---- watch ---- */

struct watch {
    bool json;
    Vrx__V1__BulkState state; /* that was told last */
    struct vrx_progress progress;
};

/* On a terminal the bar moves, and a line is a change of state. */
static int watch_take(void *context, const ProtobufCMessage *reply) {
    struct watch *watch = context;
    const Vrx__V1__BulkList *list = ((const Vrx__V1__WatchBulkResponse *)(const void *)reply)->list;
    if (!list)
        return vrx_print_refusal("list / 一覧", vrx_fail(VRX_INPUT_FIELD_MISSING));
    bool moved = watch->state != list->state;
    watch->state = list->state;
    if (watch->json) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        put_json(list, &json);
        return vrx_json_print(&json);
    }
    if (!watch->progress.enabled)
        return print_line(list);
    if (!moved) {
        vrx_progress_show(&watch->progress, settled(list), list->rows);
        return VRX_EXIT_OK;
    }
    vrx_progress_stop(&watch->progress);
    return print_line(list);
}

static int run_watch(const struct vrx_arguments *arguments) {
    struct watch watch = {.json = vrx_argument_json(arguments)};
    struct vrx_value_id id;
    Vrx__V1__WatchBulkRequest request;
    vrx__v1__watch_bulk_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "list", &id));
    request.list_id = vrx_value_id_field(&id);
    vrx_progress_init(&watch.progress, "bulk / 一括照会");
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_replies(&connection, VRX_REMOTE("Bulk", "WatchBulk", watch_bulk),
        &request.base, watch_take, &watch));
    return watch.state == VRX__V1__BULK_STATE__BULK_STATE_DONE ? VRX_EXIT_OK : VRX_EXIT_REFUSED;
}

/* ---- results ---- */

static const struct vrx_choice row_states[] = {
    {"waiting", VRX__V1__BULK_ROW_STATE__BULK_ROW_STATE_WAITING, "未照会"},
    {"refused", VRX__V1__BULK_ROW_STATE__BULK_ROW_STATE_REFUSED, "照会不可"},
    {"asked", VRX__V1__BULK_ROW_STATE__BULK_ROW_STATE_ASKED, "照会済み"},
    {0},
};

/* A row is where its transfer is; one that has none is where it stopped. */
static const char *word_of(const Vrx__V1__BulkResult *result) {
    return result->transfer
               ? vrx_choice_word(vrx_transfer_state_choices, (unsigned)result->transfer)
               : vrx_choice_word(row_states, (unsigned)result->state);
}

static const char *ja_of(const Vrx__V1__BulkResult *result) {
    return result->transfer ? vrx_choice_ja(vrx_transfer_state_choices, (unsigned)result->transfer)
                            : vrx_choice_ja(row_states, (unsigned)result->state);
}

static int result_json(const Vrx__V1__BulkResult *result) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    vrx_json_number(&json, "line", result->line);
    vrx_json_text(&json, "state", word_of(result));
    if (result->query_id.len)
        vrx_json_hex(&json, "query_id", vrx_bytes_view(result->query_id));
    if (result->reason[0]) {
        vrx_json_text(&json, "reason", result->reason);
        vrx_json_text(&json, "clause", result->clause);
    }
    vrx_json_number(&json, "doses_imported", result->doses_imported);
    vrx_json_number(&json, "doses_known", result->doses_known);
    return vrx_json_print(&json);
}

/* Tab-separated, as a spreadsheet takes it; a hundred thousand lines are no table. */
static int result_line(const Vrx__V1__BulkResult *result) {
    printf("%llu\t%s\t%s\t", (unsigned long long)result->line, word_of(result), ja_of(result));
    vrx_text_pad(stdout, result->reason, 0, false);
    printf("\t%u\t%u\n", result->doses_imported, result->doses_known);
    return ferror(stdout) ? VRX_EXIT_FAILED : VRX_EXIT_OK;
}

static int results_take(void *context, const ProtobufCMessage *reply) {
    const bool *json = context;
    const Vrx__V1__GetBulkResultsResponse *page = (const void *)reply;
    for (size_t i = 0; i < page->n_results; i++)
        VRX_CLI_TRY(*json ? result_json(page->results[i]) : result_line(page->results[i]));
    return VRX_EXIT_OK;
}

static int run_results(const struct vrx_arguments *arguments) {
    bool json = vrx_argument_json(arguments);
    struct vrx_value_id id;
    Vrx__V1__GetBulkResultsRequest request;
    vrx__v1__get_bulk_results_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "list", &id));
    request.list_id = vrx_value_id_field(&id);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    if (!json)
        puts("line / 行\tstate\t状態\treason / 理由\tnew / 新規\tknown / 既存");
    return vrx_call_replies(&connection, VRX_REMOTE("Bulk", "GetBulkResults", get_bulk_results),
        &request.base, results_take, &json);
}

static const struct vrx_option no_options[] = {{0}};

static const struct vrx_option list_options[] = {
    {"list", "ID", true, false, "which, as vrx bulk submit and vrx bulk list print it",
        "一覧の識別子"},
    {0},
};

static const struct vrx_option start_options[] = {
    {"list", "ID", true, false, "which, as vrx bulk submit and vrx bulk list print it",
        "一覧の識別子"},
    {"digest", "HEX", false, false, "its digest, as it was printed at the hand-in; else asked for",
        "提出時に表示された要約値（省略時はサービスに問い合わせます）"},
    {0},
};

const struct vrx_command vrx_cli_bulk_commands[] = {
    {"bulk submit", true, "hand in a list of movers whose doses are to be asked for",
        "転入者の一覧を提出する", vrx_cli_hand_in_options, run_submit},
    {"bulk list", true, "the lists, the newest first", "一覧の提出状況", no_options, run_list},
    {"bulk start", true, "start a list; a second person must agree to it",
        "一覧の照会を開始する（別の職員の承認が必要）", start_options, run_start},
    {"bulk watch", true, "follow a list until nothing is left to wait for; 1 when it is not done",
        "一覧を終わりまで見守る。完了以外で終わると終了コード 1", list_options, run_watch},
    {"bulk results", true, "what became of each row", "行ごとの結果", list_options, run_results},
    {"bulk stop", true, "ask nothing more of a list", "一覧の照会を中止する", list_options,
        run_stop},
    {0},
};
