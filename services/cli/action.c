/* SPDX-License-Identifier: Apache-2.0
 *
 * Four eyes: what waits for a second person, and the second person's answer.
 */
#include <stdio.h>

#include "base/encode.h"
#include "cli/connect.h"
#include "cli/fields.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/actions.pb-c.h"

static const struct vrx_choice states[] = {
    {"waiting", VRX__V1__ACTION_STATE__ACTION_STATE_WAITING, "承認待ち"},
    {"approved", VRX__V1__ACTION_STATE__ACTION_STATE_APPROVED, "承認済み"},
    {"refused", VRX__V1__ACTION_STATE__ACTION_STATE_REFUSED, "却下"},
    {"withdrawn", VRX__V1__ACTION_STATE__ACTION_STATE_WITHDRAWN, "取下げ"},
    {"done", VRX__V1__ACTION_STATE__ACTION_STATE_USED, "実行済み"},
    {"expired", VRX__V1__ACTION_STATE__ACTION_STATE_EXPIRED, "期限切れ"},
    {0},
};

/* "Records/Export". */
static const char *short_name(const Vrx__V1__Action *action) {
    const char *dot = strrchr(action->method, '.');
    return dot ? dot + 1 : action->method;
}

static const char *role_name(Vrx__V1__Role role) {
    static const char prefix[] = "ROLE_";
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&vrx__v1__role__descriptor, (int)role);
    return value ? value->name + sizeof prefix - 1 : "?";
}

static void put_json(const Vrx__V1__Action *action, struct vrx_json *row) {
    struct vrx_json roles;
    vrx_json_object(row);
    vrx_json_hex(row, "action", vrx_bytes_view(action->action));
    vrx_json_text(row, "method", short_name(action));
    vrx_json_text(row, "state", vrx_choice_word(states, (unsigned)action->state));
    vrx_json_array(&roles);
    for (size_t i = 0; i < action->n_roles; i++)
        json_array_append_new(roles.value, json_string(role_name(action->roles[i])));
    vrx_json_put(row, "roles", &roles);
    vrx_json_text(row, "asked_by", action->asked_by);
    vrx_json_text(row, "asked_terminal", action->asked_terminal);
    vrx_json_time(row, "asked_at", action->asked_at);
    if (action->answered_at) {
        vrx_json_text(row, "answered_by", action->answered_by);
        vrx_json_text(row, "answered_terminal", action->answered_terminal);
        vrx_json_time(row, "answered_at", action->answered_at);
    }
    if (action->expires_at)
        vrx_json_time(row, "expires_at", action->expires_at);
    if (action->ended_at)
        vrx_json_time(row, "ended_at", action->ended_at);
}

static int list_json(const Vrx__V1__ListActionsResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_actions; i++) {
        struct vrx_json row;
        put_json(list->actions[i], &row);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int list_table(const Vrx__V1__ListActionsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table,
        (const char *const[]){"action / 申請", "what / 内容", "state / 状態", "asked by / 申請者",
            "asked / 申請", "answered by / 承認者", "until / 期限", NULL});
    for (size_t i = 0; i < list->n_actions; i++) {
        const Vrx__V1__Action *action = list->actions[i];
        const unsigned state = (unsigned)action->state;
        vrx_table_hex(&table, vrx_bytes_view(action->action));
        vrx_table_text(&table, short_name(action));
        vrx_table_format(
            &table, "%s %s", vrx_choice_word(states, state), vrx_choice_ja(states, state));
        vrx_table_text(&table, action->asked_by);
        vrx_table_time(&table, action->asked_at);
        vrx_table_text(&table, action->answered_by);
        vrx_table_time(&table, action->expires_at);
    }
    return vrx_print_table(&table);
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    Vrx__V1__ListActionsRequest request;
    ProtobufCMessage *reply = NULL;
    vrx__v1__list_actions_request__init(&request);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Actions", "ListActions", list_actions), &request.base, &reply));
    const Vrx__V1__ListActionsResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

/* ---- one of them ---- */

/* The request by its type, NULL where there is none any more or this program cannot read it. */
static ProtobufCMessage *request_of(const Vrx__V1__GetActionResponse *reply) {
    const ProtobufCMessageDescriptor *type = vrx_fields_of_request(reply->action->method);
    if (!type || reply->action->ended_at)
        return NULL;
    ProtobufCMessage *request =
        protobuf_c_message_unpack(type, NULL, reply->request.len, reply->request.data);
    if (request && !vrx_fields_are_known(request)) {
        protobuf_c_message_free_unpacked(request, NULL);
        return NULL;
    }
    return request;
}

static int show_json(const Vrx__V1__GetActionResponse *reply, const ProtobufCMessage *request) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json fields = {0};
    put_json(reply->action, &json);
    if (request) {
        vrx_fields_json(request, &fields);
        vrx_json_put(&json, "request", &fields);
    }
    return vrx_json_print(&json);
}

static void put_pair(struct vrx_table *table, const char *name, const char *value) {
    vrx_table_text(table, name);
    vrx_table_text(table, value);
}

static int show_table(const Vrx__V1__GetActionResponse *reply, const ProtobufCMessage *request) {
    const Vrx__V1__Action *action = reply->action;
    const unsigned state = (unsigned)action->state;
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"what / 内容", short_name(action), NULL});
    vrx_table_text(&table, "state / 状態");
    vrx_table_format(&table, "%s %s", vrx_choice_word(states, state), vrx_choice_ja(states, state));
    put_pair(&table, "asked by / 申請者", action->asked_by);
    vrx_table_text(&table, "asked / 申請");
    vrx_table_time(&table, action->asked_at);
    put_pair(&table, "answered by / 承認者", action->answered_by);
    vrx_table_text(&table, "until / 期限");
    vrx_table_time(&table, action->expires_at);
    for (size_t i = 0; i < action->n_roles; i++)
        put_pair(&table, i ? "" : "who may approve / 承認できる役割", role_name(action->roles[i]));
    if (request)
        vrx_fields_table(&table, request);
    VRX_CLI_TRY(vrx_print_table(&table));
    if (!request && !action->ended_at)
        puts("this program does not know the request's fields; use a newer one\n"
             "このプログラムでは申請内容を表示できません。新しい版を使用してください");
    return VRX_EXIT_OK;
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_value_id id;
    Vrx__V1__GetActionRequest request;
    ProtobufCMessage *message = NULL;
    vrx__v1__get_action_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "action", &id));
    request.action = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Actions", "GetAction", get_action), &request.base, &message));
    const Vrx__V1__GetActionResponse *reply = (const void *)message;
    ProtobufCMessage *asked = request_of(reply);
    const int status =
        vrx_argument_json(arguments) ? show_json(reply, asked) : show_table(reply, asked);
    if (asked)
        protobuf_c_message_free_unpacked(asked, NULL);
    return status;
}

/* ---- answers ---- */

static int run_approve(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    Vrx__V1__ApproveActionRequest request;
    vrx__v1__approve_action_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "action", &id));
    request.action = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Actions", "ApproveAction", approve_action), &request.base));
    return vrx_print_done(arguments,
        "approved: whoever asked gives the same command again within an hour",
        "承認しました。申請者は1時間以内に同じ操作をもう一度行ってください");
}

static int run_refuse(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    Vrx__V1__RefuseActionRequest request;
    vrx__v1__refuse_action_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "action", &id));
    request.action = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Actions", "RefuseAction", refuse_action), &request.base));
    return vrx_print_done(arguments, "refused", "却下しました");
}

static int run_withdraw(const struct vrx_arguments *arguments) {
    struct vrx_value_id id;
    Vrx__V1__WithdrawActionRequest request;
    vrx__v1__withdraw_action_request__init(&request);
    VRX_CLI_TRY(vrx_value_id(arguments, "action", &id));
    request.action = vrx_value_id_field(&id);
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Actions", "WithdrawAction", withdraw_action), &request.base));
    return vrx_print_done(arguments, "withdrawn", "取り下げました");
}

static const struct vrx_option action_options[] = {
    {"action", "ID", true, false, "which one, as SECOND_PERSON_NEEDED and the list say",
        "申請の識別子（一覧に表示される）"},
    {0},
};

const struct vrx_command vrx_cli_action_commands[] = {
    {"action list", true, "what waits for a second person, and what became of it",
        "承認待ちの申請と結果の一覧", NULL, run_list},
    {"action show", true, "one of them, with the request that is to be approved",
        "申請の内容を表示する", action_options, run_show},
    {"action approve", true, "agree to what another operator asked for", "他の職員の申請を承認する",
        action_options, run_approve},
    {"action refuse", true, "say no to it", "他の職員の申請を却下する", action_options, run_refuse},
    {"action withdraw", true, "take back what one asked for oneself", "自分の申請を取り下げる",
        action_options, run_withdraw},
    {0},
};
