/* SPDX-License-Identifier: Apache-2.0
 *
 * Doses that came and disagree with what is here: listed, shown with both sides beside each other,
 * decided on. Who decides gives what `show` printed as seen, so that nobody decides on anything
 * else.
 */
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/reviews.pb-c.h"

static const struct vrx_choice states[] = {
    {"waiting", VRX__V1__REVIEW_STATE__REVIEW_STATE_WAITING, "確認待ち"},
    {"decided", VRX__V1__REVIEW_STATE__REVIEW_STATE_DECIDED, "判断済み"},
    {"closed", VRX__V1__REVIEW_STATE__REVIEW_STATE_CLOSED, "確認不要"},
    {0},
};

static const struct vrx_choice rules[] = {
    {"administrator", VRX__V1__REVIEW_RULE__REVIEW_RULE_ADMINISTRATOR, "接種した自治体が異なる"},
    {"number", VRX__V1__REVIEW_RULE__REVIEW_RULE_NUMBER, "同じ接種で回数が異なる"},
    {"lot", VRX__V1__REVIEW_RULE__REVIEW_RULE_LOT, "同日同製品でロットが異なる"},
    {"product", VRX__V1__REVIEW_RULE__REVIEW_RULE_PRODUCT, "同日で製品が異なる"},
    {"date", VRX__V1__REVIEW_RULE__REVIEW_RULE_DATE, "同じロットで接種日が近い"},
    {"interval", VRX__V1__REVIEW_RULE__REVIEW_RULE_INTERVAL, "接種間隔が短すぎる"},
    {"same-number", VRX__V1__REVIEW_RULE__REVIEW_RULE_SAME_NUMBER, "回数が重複している"},
    {"order", VRX__V1__REVIEW_RULE__REVIEW_RULE_ORDER, "回数と接種日の順が合わない"},
    {"refused", VRX__V1__REVIEW_RULE__REVIEW_RULE_REFUSED, "記録できない内容"},
    {"correction", VRX__V1__REVIEW_RULE__REVIEW_RULE_CORRECTION, "提供元による訂正・取消し"},
    {0},
};

static const struct vrx_choice decisions[] = {
    {"keep-both", VRX__V1__REVIEW_DECISION__REVIEW_DECISION_KEEP_BOTH, "別の接種として両方残す"},
    {"take-theirs", VRX__V1__REVIEW_DECISION__REVIEW_DECISION_TAKE_THEIRS,
        "相手方の内容に改める（参考記録）"},
    {"merge", VRX__V1__REVIEW_DECISION__REVIEW_DECISION_MERGE, "同じ接種として当方を残す"},
    {"reject", VRX__V1__REVIEW_DECISION__REVIEW_DECISION_REJECT, "この人の接種ではない"},
    {"reopen", VRX__V1__REVIEW_DECISION__REVIEW_DECISION_REOPEN, "判断を取り消す"},
    {0},
};

static const struct vrx_choice events[] = {
    {"opened", VRX__V1__REVIEW_EVENT_KIND__REVIEW_EVENT_KIND_OPENED, "受付"},
    {"decision", VRX__V1__REVIEW_EVENT_KIND__REVIEW_EVENT_KIND_DECISION, "判断"},
    {"corrected", VRX__V1__REVIEW_EVENT_KIND__REVIEW_EVENT_KIND_CORRECTED, "提供元の訂正"},
    {"withdrawn", VRX__V1__REVIEW_EVENT_KIND__REVIEW_EVENT_KIND_WITHDRAWN, "提供元の取消し"},
    {"settled", VRX__V1__REVIEW_EVENT_KIND__REVIEW_EVENT_KIND_SETTLED, "相違の解消"},
    {"followed", VRX__V1__REVIEW_EVENT_KIND__REVIEW_EVENT_KIND_FOLLOWED, "訂正の反映"},
    {0},
};

/* ---- the list ---- */

static void summary_json(const Vrx__V1__ReviewSummary *summary, struct vrx_json *row) {
    vrx_json_object(row);
    vrx_json_hex(row, "review", vrx_bytes_view(summary->review));
    vrx_json_text(row, "addressee_number", summary->addressee_number);
    vrx_json_text(row, "origin", summary->origin);
    vrx_json_text(row, "rule", vrx_choice_word(rules, (unsigned)summary->rule));
    if (summary->refusal[0])
        vrx_json_text(row, "refusal", summary->refusal);
    vrx_json_text(row, "state", vrx_choice_word(states, (unsigned)summary->state));
    if (summary->effect)
        vrx_json_text(row, "effect", vrx_choice_word(decisions, (unsigned)summary->effect));
    vrx_json_bool(row, "withdrawn", summary->withdrawn);
    vrx_json_time(row, "opened_at", summary->opened_at);
    vrx_json_time(row, "changed_at", summary->changed_at);
}

static int list_json(const Vrx__V1__ListReviewsResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json array;
    vrx_json_object(&json);
    vrx_json_number(&json, "waiting", list->waiting);
    vrx_json_array(&array);
    for (size_t i = 0; i < list->n_reviews; i++) {
        struct vrx_json row;
        summary_json(list->reviews[i], &row);
        vrx_json_add(&array, &row);
    }
    vrx_json_put(&json, "reviews", &array);
    return vrx_json_print(&json);
}

static void put_choice(struct vrx_table *table, const struct vrx_choice *choices, unsigned value) {
    if (value)
        vrx_table_format(
            table, "%s %s", vrx_choice_word(choices, value), vrx_choice_ja(choices, value));
    else
        vrx_table_text(table, "");
}

static int list_table(const Vrx__V1__ListReviewsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(
        &table, (const char *const[]){"review / 確認", "addressee / 宛名番号", "from / 提供元",
                    "why / 理由", "state / 状態", "decision / 判断", "since / 受付", NULL});
    for (size_t i = 0; i < list->n_reviews; i++) {
        const Vrx__V1__ReviewSummary *summary = list->reviews[i];
        vrx_table_hex(&table, vrx_bytes_view(summary->review));
        vrx_table_text(&table, summary->addressee_number);
        vrx_table_text(&table, summary->origin);
        put_choice(&table, rules, (unsigned)summary->rule);
        put_choice(&table, states, (unsigned)summary->state);
        put_choice(&table, decisions, (unsigned)summary->effect);
        vrx_table_time(&table, summary->opened_at);
    }
    VRX_CLI_TRY(vrx_print_table(&table));
    printf("waiting / 確認待ち: %llu\n", (unsigned long long)list->waiting);
    return VRX_EXIT_OK;
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    Vrx__V1__ListReviewsRequest request;
    ProtobufCMessage *reply = NULL;
    vrx__v1__list_reviews_request__init(&request);
    request.ended = vrx_argument_given(arguments, "ended");
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Reviews", "ListReviews", list_reviews), &request.base, &reply));
    const Vrx__V1__ListReviewsResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

/* ---- one of them ---- */

static void dose_json(const Vrx__V1__Dose *dose, struct vrx_json *row) {
    vrx_json_object(row);
    if (dose->id) {
        vrx_json_number(row, "id", dose->id);
        vrx_json_number(row, "version", dose->version);
    }
    vrx_json_number(row, "dose_number", dose->dose_number);
    vrx_json_text(row, "administered_on", dose->administered_on);
    vrx_json_number(row, "product", dose->product);
    vrx_json_text(row, "product_name", dose->product_name);
    vrx_json_text(row, "lot", dose->lot);
    vrx_json_text(row, "venue", dose->venue);
    vrx_json_text(row, "physician", dose->physician);
    vrx_json_text(row, "ticket_number", dose->ticket_number);
    vrx_json_text(row, "administered_by", dose->administered_by);
    if (dose->provenance)
        vrx_json_text(row, "source", dose->provenance->kind);
}

static void event_json(const Vrx__V1__ReviewEvent *event, struct vrx_json *row) {
    vrx_json_object(row);
    vrx_json_text(row, "event", vrx_choice_word(events, (unsigned)event->kind));
    if (event->decision)
        vrx_json_text(row, "decision", vrx_choice_word(decisions, (unsigned)event->decision));
    if (event->operator_id[0])
        vrx_json_text(row, "operator", event->operator_id);
    if (event->terminal_id[0])
        vrx_json_text(row, "terminal", event->terminal_id);
    if (event->note[0])
        vrx_json_text(row, "note", event->note);
    if (event->dose_id)
        vrx_json_number(row, "dose_id", event->dose_id);
    if (event->source_digest.len)
        vrx_json_hex(row, "source_digest", vrx_bytes_view(event->source_digest));
    vrx_json_time(row, "at", event->at);
}

static void put_dose(struct vrx_json *json, const char *name, const Vrx__V1__Dose *dose) {
    struct vrx_json row;
    if (!dose)
        return;
    dose_json(dose, &row);
    vrx_json_put(json, name, &row);
}

static int show_json(const Vrx__V1__GetReviewResponse *review) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json list;
    struct vrx_json row;
    summary_json(review->summary, &json);
    vrx_json_text(&json, "name", review->resident->name);
    vrx_json_text(&json, "birth_date", review->resident->birth_date);
    put_dose(&json, "theirs", review->theirs);
    put_dose(&json, "ours", review->ours);
    vrx_json_bool(&json, "ours_is_out", review->ours_is_out);
    vrx_json_array(&list);
    for (size_t i = 0; i < review->n_doses; i++) {
        dose_json(review->doses[i], &row);
        vrx_json_add(&list, &row);
    }
    vrx_json_put(&json, "doses", &list);
    vrx_json_hex(&json, "query_id", vrx_bytes_view(review->query_id));
    if (review->dose_id)
        vrx_json_number(&json, "dose_id", review->dose_id);
    vrx_json_array(&list);
    for (size_t i = 0; i < review->n_events; i++) {
        event_json(review->events[i], &row);
        vrx_json_add(&list, &row);
    }
    vrx_json_put(&json, "events", &list);
    vrx_json_hex(&json, "seen", vrx_bytes_view(review->seen));
    return vrx_json_print(&json);
}

/* One line of the comparison; what differs is marked, and what one side leaves out is not. */
static void put_sides(
    struct vrx_table *table, const char *name, const char *theirs, const char *ours) {
    const bool differs = theirs[0] && ours[0] && strcmp(theirs, ours) != 0;
    vrx_table_text(table, name);
    vrx_table_text(table, theirs);
    vrx_table_text(table, ours);
    vrx_table_text(table, differs ? "<>" : "");
}

static int show_sides(const Vrx__V1__GetReviewResponse *review) {
    static const Vrx__V1__Dose nothing = VRX__V1__DOSE__INIT;
    const Vrx__V1__Dose *theirs = review->theirs ? review->theirs : &nothing;
    const Vrx__V1__Dose *ours = review->ours ? review->ours : &nothing;
    char numbers[2][16] = {"", ""};
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    (void)snprintf(numbers[0], sizeof numbers[0], "%u", theirs->dose_number);
    if (review->ours)
        (void)snprintf(numbers[1], sizeof numbers[1], "%u", ours->dose_number);
    vrx_table_init(&table,
        (const char *const[]){"", "theirs / 相手方", "ours / 当方", "differs / 相違", NULL});
    put_sides(&table, "dose / 回", numbers[0], numbers[1]);
    put_sides(&table, "date / 接種日", theirs->administered_on, ours->administered_on);
    put_sides(&table, "product / 製品", theirs->product_name, ours->product_name);
    put_sides(&table, "lot / ロット", theirs->lot, ours->lot);
    put_sides(&table, "by / 自治体", theirs->administered_by, ours->administered_by);
    put_sides(&table, "venue / 会場", theirs->venue, ours->venue);
    put_sides(&table, "physician / 医師", theirs->physician, ours->physician);
    put_sides(&table, "ticket / 券番号", theirs->ticket_number, ours->ticket_number);
    put_sides(&table, "source / 出所", theirs->provenance ? theirs->provenance->kind : "",
        ours->provenance ? ours->provenance->kind : "");
    return vrx_print_table(&table);
}

static int show_doses(const Vrx__V1__GetReviewResponse *review) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    puts("\nthe record now / 現在の記録:");
    vrx_table_init(&table, (const char *const[]){"dose / 回", "date / 接種日", "product / 製品",
                               "lot / ロット", "by / 自治体", "source / 出所", "", NULL});
    for (size_t i = 0; i < review->n_doses; i++) {
        const Vrx__V1__Dose *dose = review->doses[i];
        const bool ours = review->ours && dose->id == review->ours->id;
        const bool put_down = review->dose_id && dose->id == review->dose_id;
        vrx_table_format(&table, "%u", dose->dose_number);
        vrx_table_text(&table, dose->administered_on);
        vrx_table_text(&table, dose->product_name);
        vrx_table_text(&table, dose->lot);
        vrx_table_text(&table, dose->administered_by);
        vrx_table_text(&table, dose->provenance ? dose->provenance->kind : "");
        vrx_table_text(&table, put_down ? "by the decision / 判断による"
                               : ours   ? "ours / 当方"
                                        : "");
    }
    return vrx_print_table(&table);
}

static int show_events(const Vrx__V1__GetReviewResponse *review) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    puts("\nhistory / 経過:");
    vrx_table_init(&table, (const char *const[]){"when / 日時", "what / 経過", "decision / 判断",
                               "by / 職員", "terminal / 端末", "why / 備考", NULL});
    for (size_t i = 0; i < review->n_events; i++) {
        const Vrx__V1__ReviewEvent *event = review->events[i];
        vrx_table_time(&table, event->at);
        put_choice(&table, events, (unsigned)event->kind);
        put_choice(&table, decisions, (unsigned)event->decision);
        vrx_table_text(&table, event->operator_id);
        vrx_table_text(&table, event->terminal_id);
        vrx_table_text(&table, event->note);
    }
    return vrx_print_table(&table);
}

static void put_line(const char *name, const char *text) {
    fputs(name, stdout);
    vrx_text_pad(stdout, text, 0, false);
    putchar('\n');
}

static int show_text(const Vrx__V1__GetReviewResponse *review) {
    const Vrx__V1__ReviewSummary *summary = review->summary;
    char seen[2 * VRX_ID + 1] = "";
    put_line("person / 対象者: ", review->resident->name);
    put_line("addressee / 宛名番号: ", summary->addressee_number);
    put_line("from / 提供元: ", summary->origin);
    printf("why / 理由: %s %s\n", vrx_choice_word(rules, (unsigned)summary->rule),
        vrx_choice_ja(rules, (unsigned)summary->rule));
    if (summary->refusal[0])
        put_line("refused for / 拒否の理由: ", summary->refusal);
    if (summary->withdrawn)
        puts("withdrawn by its origin / 提供元が取り消した記録です");
    printf("state / 状態: %s %s\n\n", vrx_choice_word(states, (unsigned)summary->state),
        vrx_choice_ja(states, (unsigned)summary->state));
    VRX_CLI_TRY(show_sides(review));
    if (review->ours_is_out)
        puts("ours was taken out of the record meanwhile / 当方の記録は取り消されています");
    VRX_CLI_TRY(show_doses(review));
    VRX_CLI_TRY(show_events(review));
    if (review->seen.len == VRX_ID)
        vrx_hex_string(vrx_bytes_view(review->seen), seen);
    printf("\nseen / 確認番号: %s\n", seen);
    return VRX_EXIT_OK;
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_value_id id;
    Vrx__V1__GetReviewRequest request;
    ProtobufCMessage *reply = NULL;
    vrx__v1__get_review_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "review", &id));
    request.review = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Reviews", "GetReview", get_review), &request.base, &reply));
    const Vrx__V1__GetReviewResponse *review = (const void *)reply;
    if (!review->summary || !review->resident)
        return vrx_print_refusal("Reviews/GetReview", vrx_fail(VRX_INPUT_FIELD_MISSING));
    return vrx_argument_json(arguments) ? show_json(review) : show_text(review);
}

/* ---- a decision ---- */

static int print_decided(
    const struct vrx_arguments *arguments, const Vrx__V1__DecideResponse *out) {
    const unsigned state = (unsigned)out->state;
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_json_text(&json, "state", vrx_choice_word(states, state));
        if (out->dose_id)
            vrx_json_number(&json, "dose_id", out->dose_id);
        return vrx_json_print(&json);
    }
    printf("%s %s", vrx_choice_word(states, state), vrx_choice_ja(states, state));
    if (out->dose_id)
        printf("   dose / 接種記録: %llu", (unsigned long long)out->dose_id);
    putchar('\n');
    return VRX_EXIT_OK;
}

static int run_decide(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_value_id id;
    struct vrx_value_id seen;
    unsigned decision = 0;
    uint64_t number = 0;
    Vrx__V1__DecideRequest request;
    ProtobufCMessage *reply = NULL;
    vrx__v1__decide_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "review", &id));
    VRX_CLI_TRY(vrx_value_id(arguments, "seen", &seen));
    VRX_CLI_TRY(vrx_value_choice(arguments, "decision", 0, decisions, &decision));
    VRX_CLI_TRY(vrx_value_number(arguments, "dose-number", 1, 99, 0, &number));
    request.review = vrx_value_id_field(&id);
    request.seen = vrx_value_id_field(&seen);
    request.decision = (Vrx__V1__ReviewDecision)decision;
    request.dose_number = (uint32_t)number;
    request.note = vrx_value_text(arguments, "note");
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Reviews", "Decide", decide), &request.base, &reply));
    return print_decided(arguments, (const void *)reply);
}

static const struct vrx_option list_options[] = {
    {"ended", NULL, false, false, "those that were decided and closed",
        "判断済みと確認不要のものを表示する"},
    {0},
};

#define REVIEW_OPTION \
    { "review", "ID", true, false, "which one, as the list says", "確認の識別子" }

static const struct vrx_option show_options[] = {
    REVIEW_OPTION,
    {0},
};

static const struct vrx_option decide_options[] = {
    REVIEW_OPTION,
    {"decision", "keep-both|take-theirs|merge|reject|reopen", true, false,
        "two doses; theirs is right; one dose, ours stands; not of this person; take the last "
        "decision back",
        "両方残す・相手方に改める・当方を残す・この人の接種ではない・判断を取り消す"},
    {"seen", "ID", true, false, "what `review show` printed as seen: what is decided on",
        "review show に表示された確認番号"},
    {"dose-number", "N", false, false,
        "the number that theirs gets, where both stay or theirs is taken",
        "相手方の接種に付ける回数"},
    {"note", "TEXT", false, false, "why, at most 100 characters", "判断の理由（100文字まで）"},
    {0},
};

const struct vrx_command vrx_cli_review_commands[] = {
    {"review list", true, "doses that came and disagree with the record",
        "記録と合わない提供記録の一覧", list_options, run_list},
    {"review show", true, "one of them, theirs beside ours, and what was done with it",
        "相手方と当方の記録を並べて表示する", show_options, run_show},
    {"review decide", true, "decide on it, or take a decision back",
        "確認の結果を判断する（取消しもできる）", decide_options, run_decide},
    {0},
};
