/* SPDX-License-Identifier: Apache-2.0
 *
 * See explained.h. First the transfer and the law, then who did what when, then each check in its
 * order, at last what it comes to.
 */
#include "cli/explained.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "cli/choices.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"

struct sentence {
    const char *en;
    const char *ja;
};

static const struct sentence checks[VRX_CHECKS] = {
    [VRX_CHECK_DIRECTORY] = {"the directory is signed by the platform authority",
        "自治体名簿は運営機関が署名したもの"},
    [VRX_CHECK_EXPLANATION] = {"the explanation is signed by the municipality that explains",
        "説明は説明する自治体が署名したもの"},
    [VRX_CHECK_PERMITS] = {"the permit table of then is signed by the platform authority",
        "当時の許可表は運営機関が署名したもの"},
    [VRX_CHECK_QUERY] = {"the query is signed by who asked, and is this one",
        "照会は照会元が署名した当該照会"},
    [VRX_CHECK_ANSWER] = {"the answer is signed by who was asked, and is to this query",
        "回答は照会先が署名した当該照会への回答"},
    [VRX_CHECK_CONSENTS] = {"what the consent became later is signed, and never wider",
        "同意のその後の変更は署名があり、範囲を広げていない"},
    [VRX_CHECK_RECEIPTS] = {"the other municipality's receipt names this query and this answer",
        "相手の受領書は当該照会と当該回答を示す"},
    [VRX_CHECK_CHECKPOINT] = {"the ledger's checkpoint is signed by the municipality",
        "台帳の検証点は自治体が署名したもの"},
    [VRX_CHECK_ENTRIES] = {"the entries stand in that ledger", "記録はその台帳に含まれる"},
    [VRX_CHECK_LEDGER] = {"the entries say what the explanation says, when it happened",
        "記録は当時の内容として説明と一致する"},
    [VRX_CHECK_STEP_1] = {"step 1: the sender is in the directory and current",
        "手順1：照会元は名簿にあり有効"},
    [VRX_CHECK_STEP_2] = {"step 2: the query is fresh", "手順2：照会は期限内"},
    [VRX_CHECK_STEP_3] = {"step 3: a permit in force covers purpose, parties and items",
        "手順3：施行中の許可が目的・当事者・項目を認める"},
    [VRX_CHECK_STEP_4] = {"step 4: the consent is valid and covers this",
        "手順4：同意は有効でこの照会に及ぶ"},
    [VRX_CHECK_STEP_5] = {"step 5: the identity check is accepted for this permit",
        "手順5：本人確認はこの許可で認められる"},
    [VRX_CHECK_STEP_6] = {"step 6: not too much was asked at once", "手順6：照会の頻度は上限内"},
    [VRX_CHECK_STEP_7] = {"step 7: the person was found", "手順7：対象者が見つかった"},
    [VRX_CHECK_STEP_8] = {"step 8: no officer had to look, or two agreed",
        "手順8：職員の確認は不要か、二名が承認した"},
    [VRX_CHECK_STEP_9] = {"step 9: no more than what was asked for left",
        "手順9：求められた項目以外は提供していない"},
    [VRX_CHECK_OUTCOME] = {"what was told the asker follows from the steps",
        "照会元への結果は各手順から導かれる"},
};

static const struct {
    const char *mark;
    const char *word;
} verdicts[] = {
    [VRX_CHECK_NOT_REACHED] = {"·", "NOT_REACHED"},
    [VRX_CHECK_PASSED] = {"✓", "PASSED"},
    [VRX_CHECK_REFUSED] = {"✗", "REFUSED"},
    [VRX_CHECK_BROKEN] = {"✗", "BROKEN"},
    [VRX_CHECK_NOT_SHOWN] = {"-", "NOT_SHOWN"},
};

#define TEXT 320 /* the longest text of a permit and its NUL */

static const char *string_of(struct vrx_view view, char out[TEXT]) {
    snprintf(out, TEXT, "%.*s", (int)view.len, view.len ? (const char *)view.ptr : "");
    return out;
}

/* Texts of others, without control characters. */
static void put_view(struct vrx_view view) {
    char text[TEXT];
    vrx_text_pad(stdout, string_of(view, text), 0, false);
}

/* ---- the transfer ---- */

static void print_municipality(const char *label, const struct vrx_municipality_code *code,
    const struct vrx_directory_entry *entry) {
    printf("%s%s", label, code->digits);
    if (entry) {
        fputs("  ", stdout);
        put_view(entry->name_ja);
        fputs(" / ", stdout);
        put_view(entry->name_en);
    }
    putchar('\n');
}

static void print_transfer(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    bool asked_here = explanation->side == VRX_EXPLAINED_ASKED;
    char id[2 * VRX_ID + 1] = "";
    char begun[VRX_PRINT_TIME];
    char made[VRX_PRINT_TIME];
    vrx_hex_string(vrx_view_of(explanation->query_id, VRX_ID), id);
    vrx_print_time(explanation->begun_at, begun);
    vrx_print_time(explanation->made_at, made);
    unsigned state = (unsigned)explanation->state;
    printf("transfer / 照会            %s\n", id);
    print_municipality("asked by / 照会元          ",
        asked_here ? &explanation->municipality : &explanation->other, explained->asker);
    print_municipality("asked of / 照会先          ",
        asked_here ? &explanation->other : &explanation->municipality, explained->asked);
    printf("%s%s\n", asked_here ? "asked / 照会日時           " : "received / 受付日時        ",
        begun);
    printf("state / 状態               %s %s\n", vrx_choice_word(vrx_transfer_state_choices, state),
        vrx_choice_ja(vrx_transfer_state_choices, state));
    printf("explained by / 説明者      %s  %s\n", explanation->municipality.digits, made);
}

static void print_items(const uint64_t *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i ? ", " : "", vrx_choice_word(vrx_item_choices, (unsigned)items[i]));
    putchar('\n');
}

static void print_permit(const struct vrx_explained *explained) {
    const struct vrx_permit *permit = explained->permit;
    char from[VRX_PRINT_TIME];
    char until[VRX_PRINT_TIME];
    puts("\nthe law of then / 当時の許可");
    if (!permit) {
        puts("  no permit was reached, or its text is not there / 該当する許可の条文なし");
        return;
    }
    vrx_print_time(permit->in_force_from, from);
    vrx_print_time(permit->in_force_until, until);
    fputs("  permit / 許可            ", stdout);
    put_view(permit->id);
    printf("  (version / 版 %llu)\n  basis / 根拠             ",
        (unsigned long long)explained->permits.version);
    put_view(permit->legal_basis);
    printf("\n  in force / 施行期間      %s - %s\n  items / 項目             ", from, until);
    print_items(permit->items, permit->item_count);
    printf("  consent / 同意           %s\n",
        permit->consent_required ? "required / 必要" : "not required / 不要");
    fputs("  identity / 本人確認      ", stdout);
    for (size_t i = 0; i < permit->method_count; i++)
        printf("%s%s", i ? ", " : "",
            permit->methods[i] == VRX_IDENTITY_CARD_SIGNATURE
                ? "card-signature"
                : vrx_choice_word(vrx_identity_method_choices, (unsigned)permit->methods[i]));
    puts(permit->method_count ? "" : "not required / 不要");
    if (!explained->has_query)
        return;
    fputs("  asked for / 照会した項目 ", stdout);
    print_items(explained->query.items, explained->query.item_count);
}

/* ---- who did what when ---- */

struct event {
    int64_t time;
    size_t order; /* of those of one instant */
    struct sentence what;
    char who[TEXT];
    char detail[TEXT];
};
struct events {
    struct event *list;
    size_t count;
};
#define EVENTS_BESIDE_ENTRIES (4 + VRX_LIMIT_EXPLAINED_CONSENTS + VRX_LIMIT_EXPLAINED_RECEIPTS)

static struct event *add(struct events *events, int64_t time, const char *en, const char *ja) {
    struct event *event = &events->list[events->count++];
    *event = (struct event){.time = time, .order = events->count, .what = {en, ja}};
    return event;
}

static void join_who(struct event *event, struct vrx_view operator_id, struct vrx_view terminal) {
    char first[TEXT];
    char second[TEXT];
    snprintf(event->who, sizeof event->who, "%.100s%s%.100s", string_of(operator_id, first),
        operator_id.len ? " @ " : "", string_of(terminal, second));
}

static void add_grounds(struct events *events, const struct vrx_explained *explained) {
    struct event *event;
    char text[TEXT];
    if (explained->has_evidence) {
        const struct vrx_identity_evidence *evidence = &explained->evidence;
        event = add(events, evidence->checked_at, "identity checked", "本人確認");
        join_who(event, evidence->operator_id, evidence->terminal_id);
        snprintf(event->detail, sizeof event->detail, "%s, %zu documents / 書類 %zu 点",
            evidence->method == VRX_IDENTITY_CARD_SIGNATURE
                ? "card-signature"
                : vrx_choice_word(vrx_identity_method_choices, (unsigned)evidence->method),
            evidence->document_count, evidence->document_count);
    }
    if (explained->has_consent) {
        event = add(events, explained->consent.given_at, "consent given", "同意");
        snprintf(event->detail, sizeof event->detail, "form / 様式 %.64s",
            string_of(explained->consent.form_number, text));
    }
    for (size_t i = 0; i < explained->later_count; i++) {
        const struct vrx_consent *later = &explained->later[i];
        bool withdrawn = later->status == VRX_CONSENT_WITHDRAWN;
        add(events, later->status_since, withdrawn ? "consent withdrawn" : "consent narrowed",
            withdrawn ? "同意の撤回" : "同意範囲の縮小");
    }
}

static const struct sentence outcomes[] = {
    [VRX_ANSWER_DENIED] = {"denied", "拒否"},
    [VRX_ANSWER_PENDING] = {"pending", "確認中"},
    [VRX_ANSWER_DOSES] = {"doses", "接種記録"},
    [VRX_ANSWER_NO_RECORD] = {"no record", "該当なし"},
};

static void add_messages(struct events *events, const struct vrx_explained *explained) {
    struct event *event;
    if (explained->has_query)
        snprintf(add(events, explained->query.asked_at, "query signed", "照会に署名")->who, TEXT,
            "%s", explained->query.asker.digits);
    if (explained->has_answer) {
        const struct vrx_answer *answer = &explained->answer;
        event = add(events, answer->answered_at, "answer signed", "回答に署名");
        snprintf(event->who, sizeof event->who, "%s", answer->origin.digits);
        snprintf(event->detail, sizeof event->detail, "%s / %s", outcomes[answer->outcome].en,
            outcomes[answer->outcome].ja);
        if (answer->outcome == VRX_ANSWER_DOSES)
            snprintf(event->detail, sizeof event->detail, "%zu doses / 接種記録 %zu 件",
                answer->dose_count, answer->dose_count);
    }
    for (size_t i = 0; i < explained->receipt_count; i++) {
        const struct vrx_receipt *receipt = &explained->receipts[i];
        event = add(events, receipt->signed_at, "receipt signed", "受領書に署名");
        snprintf(event->who, sizeof event->who, "%s", receipt->signer.digits);
        snprintf(event->detail, sizeof event->detail, "ledger / 台帳 %llu",
            (unsigned long long)receipt->ledger_size);
    }
}

static void add_entries(struct events *events, const struct vrx_explained *explained) {
    char method[TEXT];
    for (size_t i = 0; i < explained->entry_count; i++) {
        const struct vrx_audit_entry *entry = &explained->entries[i].entry;
        struct event *event = add(events, entry->time, "ledger", "台帳");
        join_who(event, entry->operator_id, entry->terminal);
        snprintf(event->detail, sizeof event->detail, "#%llu %.96s %s",
            (unsigned long long)explained->entries[i].index, string_of(entry->method, method),
            vrx_reason_name((enum vrx_reason)entry->outcome));
    }
}

static int by_time(const void *a, const void *b) {
    const struct event *left = a;
    const struct event *right = b;
    if (left->time != right->time)
        return left->time > right->time ? 1 : -1;
    return (left->order > right->order) - (left->order < right->order);
}

static struct vrx_result gather(const struct vrx_explained *explained, struct events *ret_events) {
    struct events events = {0};
    events.list = calloc(EVENTS_BESIDE_ENTRIES + explained->entry_count, sizeof *events.list);
    if (!events.list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    add_grounds(&events, explained);
    add_messages(&events, explained);
    add_entries(&events, explained);
    qsort(events.list, events.count, sizeof *events.list, by_time);
    *ret_events = events;
    return vrx_ok();
}

static int print_events(const struct events *events) {
    static const char *const headings[] = {
        "time / 日時", "what / 内容", "who / 操作者・団体", "detail / 詳細", NULL};
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    char time[VRX_PRINT_TIME];
    vrx_table_init(&table, headings);
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->list[i];
        vrx_print_time(event->time, time);
        vrx_table_text(&table, time);
        vrx_table_format(&table, "%s / %s", event->what.en, event->what.ja);
        vrx_table_text(&table, event->who);
        vrx_table_text(&table, event->detail);
    }
    puts("\nwho did what, when / いつ、誰が、何を");
    return vrx_print_table(&table);
}

/* ---- the checks ---- */

static void print_check(const struct vrx_explained *explained, enum vrx_check check) {
    const struct vrx_checked *made = &explained->check[check];
    printf("  %s %s / %s\n", verdicts[made->verdict].mark, checks[check].en, checks[check].ja);
    if (made->verdict == VRX_CHECK_REFUSED || made->verdict == VRX_CHECK_BROKEN)
        printf("      %s: %s / %s\n", vrx_reason_name(made->why.reason),
            vrx_reason_sentence_en(made->why.reason), vrx_reason_sentence_ja(made->why.reason));
    if (made->why.clause)
        printf("      %s\n", made->why.clause);
}

/* What it comes to, in one line. */
static struct sentence conclusion(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    if (vrx_explained_broken(explained) != VRX_CHECKS)
        return (struct sentence){
            "NOT PROVEN: what is shown is not so", "証明されません：内容に不一致があります"};
    if (explained->check[VRX_CHECK_OUTCOME].verdict != VRX_CHECK_PASSED)
        return (struct sentence){"NOT COMPLETE: what would show it was not kept",
            "判断できません：必要な記録が残っていません"};
    switch ((enum vrx_transfer_state)explanation->state) {
    case VRX_TRANSFER_DENIED:
        return (struct sentence){
            "REFUSED, and rightly by the law of then", "当時の規定により拒否されました"};
    case VRX_TRANSFER_ANSWERED:
    case VRX_TRANSFER_RECEIVED:
    case VRX_TRANSFER_IMPORTED:
        return (struct sentence){
            "ANSWERED, and rightly by the law of then", "当時の規定により回答されました"};
    case VRX_TRANSFER_NO_RECORD:
        return (struct sentence){"NO RECORD was handed over", "提供された記録はありません"};
    case VRX_TRANSFER_EXPIRED:
        return (struct sentence){
            "EXPIRED: no answer came before the deadline", "期限までに回答がありませんでした"};
    case VRX_TRANSFER_REQUESTED:
    case VRX_TRANSFER_PENDING:
        break;
    }
    return (struct sentence){"NOT ANSWERED yet", "まだ回答されていません"};
}

/* The exit status, and on standard error what is broken. */
static int tell_broken(const struct vrx_explained *explained) {
    enum vrx_check broken = vrx_explained_broken(explained);
    if (broken == VRX_CHECKS)
        return VRX_EXIT_OK;
    char subject[64];
    snprintf(subject, sizeof subject, "explanation / 説明: %s", vrx_check_name(broken));
    vrx_print_refusal(subject, explained->check[broken].why);
    return VRX_EXIT_REFUSED;
}

int vrx_explained_print(const struct vrx_explained *explained) {
    struct events events;
    struct vrx_result result = gather(explained, &events);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("explanation / 説明", result);
    print_transfer(explained);
    print_permit(explained);
    int status = print_events(&events);
    free(events.list);
    if (status != VRX_EXIT_OK)
        return status;
    if (explained->explanation.left_out)
        printf("  (%llu more entries / ほか %llu 件)\n",
            (unsigned long long)explained->explanation.left_out,
            (unsigned long long)explained->explanation.left_out);
    puts("\nchecks / 確認");
    for (unsigned check = 0; check < VRX_CHECKS; check++)
        print_check(explained, (enum vrx_check)check);
    struct sentence end = conclusion(explained);
    printf("\n%s / %s\n", end.en, end.ja);
    fflush(stdout);
    return tell_broken(explained);
}

/* ---- for machines ---- */

static void json_view(struct vrx_json *json, const char *name, struct vrx_view view) {
    char text[TEXT];
    vrx_json_text(json, name, string_of(view, text));
}

static void json_items(
    struct vrx_json *json, const char *name, const uint64_t *items, size_t count) {
    struct vrx_json list;
    vrx_json_array(&list);
    for (size_t i = 0; i < count; i++)
        vrx_json_add_text(&list, vrx_choice_word(vrx_item_choices, (unsigned)items[i]));
    vrx_json_put(json, name, &list);
}

static void json_permit(struct vrx_json *json, const struct vrx_explained *explained) {
    const struct vrx_permit *permit = explained->permit;
    struct vrx_json object;
    if (!permit)
        return;
    vrx_json_object(&object);
    json_view(&object, "id", permit->id);
    vrx_json_number(&object, "table_version", explained->permits.version);
    json_view(&object, "legal_basis", permit->legal_basis);
    vrx_json_time(&object, "in_force_from", permit->in_force_from);
    vrx_json_time(&object, "in_force_until", permit->in_force_until);
    json_items(&object, "items", permit->items, permit->item_count);
    vrx_json_bool(&object, "consent_required", permit->consent_required);
    vrx_json_put(json, "permit", &object);
}

static void json_checks(struct vrx_json *json, const struct vrx_explained *explained) {
    struct vrx_json list;
    vrx_json_array(&list);
    for (unsigned check = 0; check < VRX_CHECKS; check++) {
        const struct vrx_checked *made = &explained->check[check];
        struct vrx_json object;
        vrx_json_object(&object);
        vrx_json_text(&object, "check", vrx_check_name((enum vrx_check)check));
        vrx_json_text(&object, "verdict", verdicts[made->verdict].word);
        if (made->why.reason != VRX_OK)
            vrx_json_text(&object, "reason", vrx_reason_name(made->why.reason));
        if (made->why.clause)
            vrx_json_text(&object, "clause", made->why.clause);
        vrx_json_text(&object, "en", checks[check].en);
        vrx_json_text(&object, "ja", checks[check].ja);
        vrx_json_add(&list, &object);
    }
    vrx_json_put(json, "checks", &list);
}

static void json_events(struct vrx_json *json, const struct events *events) {
    struct vrx_json list;
    vrx_json_array(&list);
    for (size_t i = 0; i < events->count; i++) {
        const struct event *event = &events->list[i];
        struct vrx_json object;
        vrx_json_object(&object);
        vrx_json_time(&object, "time", event->time);
        vrx_json_text(&object, "what", event->what.en);
        vrx_json_text(&object, "what_ja", event->what.ja);
        vrx_json_text(&object, "who", event->who);
        vrx_json_text(&object, "detail", event->detail);
        vrx_json_add(&list, &object);
    }
    vrx_json_put(json, "events", &list);
}

int vrx_explained_print_json(const struct vrx_explained *explained) {
    const struct vrx_explanation *explanation = &explained->explanation;
    bool asked_here = explanation->side == VRX_EXPLAINED_ASKED;
    enum vrx_check broken = vrx_explained_broken(explained);
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct events events;
    struct vrx_result result = gather(explained, &events);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("explanation / 説明", result);
    vrx_json_object(&json);
    vrx_json_hex(&json, "query_id", vrx_view_of(explanation->query_id, VRX_ID));
    vrx_json_text(&json, "explained_by", explanation->municipality.digits);
    vrx_json_text(
        &json, "asker", asked_here ? explanation->municipality.digits : explanation->other.digits);
    vrx_json_text(
        &json, "asked", asked_here ? explanation->other.digits : explanation->municipality.digits);
    vrx_json_text(
        &json, "state", vrx_choice_word(vrx_transfer_state_choices, (unsigned)explanation->state));
    if (explanation->reason)
        vrx_json_text(
            &json, "reason", vrx_reason_name(vrx_reason_from_value((unsigned)explanation->reason)));
    vrx_json_time(&json, "begun_at", explanation->begun_at);
    vrx_json_time(&json, "made_at", explanation->made_at);
    if (explained->has_query)
        json_items(&json, "items", explained->query.items, explained->query.item_count);
    if (explained->has_answer)
        vrx_json_number(&json, "doses", explained->answer.dose_count);
    json_permit(&json, explained);
    json_checks(&json, explained);
    json_events(&json, &events);
    free(events.list);
    if (broken != VRX_CHECKS)
        vrx_json_text(&json, "broken", vrx_check_name(broken));
    struct sentence end = conclusion(explained);
    vrx_json_text(&json, "conclusion", end.en);
    vrx_json_text(&json, "conclusion_ja", end.ja);
    int status = vrx_json_print(&json);
    return status == VRX_EXIT_OK ? tell_broken(explained) : status;
}
