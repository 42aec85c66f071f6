/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's operators, as its administrators manage them at a console.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/enrolment.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/roles.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/operators.pb-c.h"

static int run_register(const struct vrx_arguments *arguments) {
    struct vrx_value_roles roles;
    VRX_CLI_TRY(vrx_value_roles(arguments, &roles));
    Vrx__V1__RegisterOperatorRequest request;
    vrx__v1__register_operator_request__init(&request);
    request.operator_id = vrx_value_text(arguments, "id");
    request.display_name = vrx_value_text(arguments, "name");
    request.n_roles = roles.count;
    request.roles = roles.role;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Operators", "RegisterOperator", register_operator), &request.base, &reply));
    const Vrx__V1__RegisterOperatorResponse *made = (const void *)reply;
    const struct vrx_enrolment enrolment = {
        request.operator_id, made->enrolment_uri, made->initial_pin};
    return vrx_enrolment_print(arguments, &enrolment);
}

static int run_reset(const struct vrx_arguments *arguments) {
    Vrx__V1__ResetOperatorRequest request;
    vrx__v1__reset_operator_request__init(&request);
    request.operator_id = vrx_value_text(arguments, "id");
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Operators", "ResetOperator", reset_operator), &request.base, &reply));
    const Vrx__V1__ResetOperatorResponse *made = (const void *)reply;
    const struct vrx_enrolment enrolment = {
        request.operator_id, made->enrolment_uri, made->initial_pin};
    return vrx_enrolment_print(arguments, &enrolment);
}

static int run_roles(const struct vrx_arguments *arguments) {
    struct vrx_value_roles roles;
    VRX_CLI_TRY(vrx_value_roles(arguments, &roles));
    Vrx__V1__ChangeRolesRequest request;
    vrx__v1__change_roles_request__init(&request);
    request.operator_id = vrx_value_text(arguments, "id");
    request.n_roles = roles.count;
    request.roles = roles.role;
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Operators", "ChangeRoles", change_roles), &request.base));
    return vrx_print_done(arguments, "the roles are changed", "役割を変更しました");
}

static int run_suspend(const struct vrx_arguments *arguments) {
    Vrx__V1__SuspendOperatorRequest request;
    vrx__v1__suspend_operator_request__init(&request);
    request.operator_id = vrx_value_text(arguments, "id");
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Operators", "SuspendOperator", suspend_operator), &request.base));
    return vrx_print_done(arguments, "suspended", "操作者を停止しました");
}

static int run_reinstate(const struct vrx_arguments *arguments) {
    Vrx__V1__ReinstateOperatorRequest request;
    vrx__v1__reinstate_operator_request__init(&request);
    request.operator_id = vrx_value_text(arguments, "id");
    VRX_CLI_TRY(vrx_call_once(arguments,
        VRX_REMOTE("Operators", "ReinstateOperator", reinstate_operator), &request.base));
    return vrx_print_done(arguments, "reinstated", "操作者の停止を解除しました");
}

static int list_json(const Vrx__V1__ListOperatorsResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_operators; i++) {
        const Vrx__V1__Operator *person = list->operators[i];
        struct vrx_json row;
        struct vrx_json roles;
        vrx_json_object(&row);
        vrx_json_text(&row, "operator", person->operator_id);
        vrx_json_text(&row, "name", person->display_name);
        vrx_roles_json(person->roles, person->n_roles, &roles);
        vrx_json_put(&row, "roles", &roles);
        vrx_json_text(
            &row, "state", vrx_choice_word(vrx_operator_state_choices, (unsigned)person->state));
        vrx_json_bool(&row, "pin_change_due", person->pin_change_due);
        vrx_json_time(&row, "registered_at", person->registered_at);
        if (person->last_log_in_at)
            vrx_json_time(&row, "last_log_in_at", person->last_log_in_at);
        vrx_json_number(&row, "log_ins", (uint64_t)person->log_ins);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int list_table(const Vrx__V1__ListOperatorsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"operator / 操作者", "name / 氏名", "state / 状態",
                               "last log-in / 最終ログイン", "roles / 役割", NULL});
    for (size_t i = 0; i < list->n_operators; i++) {
        const Vrx__V1__Operator *person = list->operators[i];
        const unsigned state = (unsigned)person->state;
        char when[VRX_PRINT_TIME] = "-";
        char roles[VRX_ROLES_TEXT];
        if (person->last_log_in_at)
            vrx_print_time(person->last_log_in_at, when);
        vrx_roles_text(person->roles, person->n_roles, roles);
        vrx_table_text(&table, person->operator_id);
        vrx_table_text(&table, person->display_name);
        vrx_table_format(&table, "%s %s%s", vrx_choice_word(vrx_operator_state_choices, state),
            vrx_choice_ja(vrx_operator_state_choices, state),
            person->pin_change_due ? ", initial PIN 初期暗証番号" : "");
        vrx_table_text(&table, when);
        vrx_table_text(&table, roles);
    }
    return vrx_print_table(&table);
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__ListOperatorsRequest request;
    vrx__v1__list_operators_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Operators", "ListOperators", list_operators), &request.base, &reply));
    const Vrx__V1__ListOperatorsResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

#define ID \
    { \
        "id", "ID", true, false, \
            "the operator's ID, as it stands in the ledger: ASCII without spaces", \
            "操作者の ID（監査台帳に記録されます。空白のない ASCII 文字）" \
    }
#define ROLES \
    { \
        "role", \
            "registrar|movers-desk|approver|certificate-clerk|auditor|key-custodian|" \
            "administrator", \
            true, true, "what the operator may do", "操作者の役割" \
    }

static const struct vrx_option register_options[] = {
    ID,
    {"name", "TEXT", false, false, "the operator's name, for people", "操作者の氏名"},
    ROLES,
    {0},
};
static const struct vrx_option roles_options[] = {ID, ROLES, {0}};
static const struct vrx_option id_options[] = {ID, {0}};

const struct vrx_command vrx_cli_operator_commands[] = {
    {"operator register", true,
        "register an operator and show QR code and first PIN, once; the first is an administrator",
        "操作者を登録し、QR コードと初期暗証番号を一度だけ表示する（最初の操作者は管理者）",
        register_options, run_register},
    {"operator list", true, "the municipality's operators", "自治体の操作者の一覧", NULL, run_list},
    {"operator roles", true, "other roles for an operator, in place of the present ones",
        "操作者の役割を変更する（指定した役割に置き換え）", roles_options, run_roles},
    {"operator suspend", true, "an operator who left: no log-in, and all sessions end at once",
        "操作者を停止する（ログイン中のセッションも直ちに終了）", id_options, run_suspend},
    {"operator reinstate", true, "lets a suspended operator log in again",
        "停止した操作者を再び有効にする", id_options, run_reinstate},
    {"operator reset", true, "new QR code and first PIN, for a lost phone or a forgotten PIN",
        "QR コードと初期暗証番号を作り直す（電話機の紛失、暗証番号忘れ）", id_options, run_reset},
    {0},
};
