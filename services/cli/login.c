/* SPDX-License-Identifier: Apache-2.0
 *
 * Logging in and out at a terminal, and one's own PIN. PIN and code are asked for, or come as lines
 * on standard input; the session's token goes into the terminal's folder (session.h).
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/roles.h"
#include "cli/session.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/operators.pb-c.h"

/* What was typed, as a message's field wants it; wiped. */
struct answer {
    char text[VRX_ASK_LIMIT + 1];
};

static void answer_wipe(struct answer *answer) {
    vrx_wipe(answer, sizeof *answer);
}

static int ask(const char *question, enum vrx_ask_echo echo, struct answer *ret_answer) {
    struct vrx_secret *line VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_CLI_TRY(vrx_ask(question, echo, &line));
    memcpy(ret_answer->text, line->ptr, line->len);
    ret_answer->text[line->len] = '\0';
    return VRX_EXIT_OK;
}

static int login_json(const char *operator_id, const Vrx__V1__LogInResponse *session) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json roles;
    vrx_json_object(&json);
    vrx_json_text(&json, "operator", operator_id);
    vrx_roles_json(session->roles, session->n_roles, &roles);
    vrx_json_put(&json, "roles", &roles);
    vrx_json_number(&json, "idle_seconds", (uint64_t)session->idle_seconds);
    vrx_json_time(&json, "ends_at", session->ends_at);
    vrx_json_bool(&json, "pin_change_due", session->pin_change_due);
    return vrx_json_print(&json);
}

static int login_text(const char *operator_id, const Vrx__V1__LogInResponse *session) {
    char ends[VRX_PRINT_TIME];
    vrx_print_time(session->ends_at, ends);
    char roles[VRX_ROLES_TEXT];
    vrx_roles_text(session->roles, session->n_roles, roles);
    const long long minutes = (session->idle_seconds + 59) / 60;
    printf("logged in / ログインしました: %s (%s)\nuntil / 有効期限: %s, or %lld min without a "
           "call / 無操作は%lld分まで\n",
        operator_id, roles, ends, minutes, minutes);
    if (session->pin_change_due)
        puts("next / 次の操作: vrx pin change");
    return VRX_EXIT_OK;
}

static int log_in(const struct vrx_arguments *arguments, Vrx__V1__LogInRequest *request) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_connect_unlogged(arguments, &connection));
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Operators", "LogIn", log_in), &request->base, &reply));
    const Vrx__V1__LogInResponse *session = (const void *)reply;
    int status = vrx_cli_session_keep(vrx_argument(arguments, "terminal"), session->session);
    vrx_wipe(session->session, strlen(session->session));
    VRX_CLI_TRY(status);
    return vrx_argument_json(arguments) ? login_json(request->operator_id, session)
                                        : login_text(request->operator_id, session);
}

static int run_login(const struct vrx_arguments *arguments) {
    struct answer pin VRX_CLEANUP(answer_wipe) = {{0}};
    struct answer code VRX_CLEANUP(answer_wipe) = {{0}};
    Vrx__V1__LogInRequest request;
    vrx__v1__log_in_request__init(&request);
    if (!vrx_argument_given(arguments, "operator"))
        return vrx_value_wrong(
            "operator", "who logs in: the operator's ID", "ログインする操作者の ID を指定します");
    VRX_CLI_TRY(ask("PIN / 暗証番号", VRX_ASK_HIDDEN, &pin));
    request.operator_id = vrx_value_text(arguments, "operator");
    request.pin = pin.text;
    request.code = vrx_value_text(arguments, "code");
    if (!vrx_argument_given(arguments, "code")) {
        VRX_CLI_TRY(
            ask("code of the authenticator app / 認証アプリの6桁コード", VRX_ASK_SHOWN, &code));
        request.code = code.text;
    }
    return log_in(arguments, &request);
}

/* Also where the daemon has ended the session already: afterwards nobody is logged in here. */
static int run_logout(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    Vrx__V1__LogOutRequest request;
    vrx__v1__log_out_request__init(&request);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    if (!connection.session)
        return vrx_print_done(arguments, "nobody was logged in", "ログインしていません");
    connection.expected = VRX_SESSION_ENDED;
    int status = vrx_call_unary(
        &connection, VRX_REMOTE("Operators", "LogOut", log_out), &request.base, NULL);
    if (connection.refused != VRX_SESSION_ENDED)
        VRX_CLI_TRY(status);
    VRX_CLI_TRY(vrx_cli_session_forget(connection.terminal, connection.session));
    return vrx_print_done(arguments, "logged out", "ログアウトしました");
}

/* The new PIN; twice where a person types it unseen. */
static int ask_new(struct answer *ret_pin) {
    struct answer again VRX_CLEANUP(answer_wipe) = {{0}};
    VRX_CLI_TRY(ask("new PIN / 新しい暗証番号", VRX_ASK_HIDDEN, ret_pin));
    if (!isatty(STDIN_FILENO))
        return VRX_EXIT_OK;
    VRX_CLI_TRY(ask("new PIN again / もう一度", VRX_ASK_HIDDEN, &again));
    if (vrx_equal_constant_time(vrx_view_text(ret_pin->text), vrx_view_text(again.text)))
        return VRX_EXIT_OK;
    fputs("vrx: the two differ; nothing was changed / 二つが一致しないため変更していません\n",
        stderr);
    return VRX_EXIT_USAGE;
}

static int run_pin_change(const struct vrx_arguments *arguments) {
    struct answer old_pin VRX_CLEANUP(answer_wipe) = {{0}};
    struct answer new_pin VRX_CLEANUP(answer_wipe) = {{0}};
    Vrx__V1__ChangePinRequest request;
    vrx__v1__change_pin_request__init(&request);
    VRX_CLI_TRY(ask("present PIN / 現在の暗証番号", VRX_ASK_HIDDEN, &old_pin));
    VRX_CLI_TRY(ask_new(&new_pin));
    request.old_pin = old_pin.text;
    request.new_pin = new_pin.text;
    VRX_CLI_TRY(
        vrx_call_once(arguments, VRX_REMOTE("Operators", "ChangePin", change_pin), &request.base));
    return vrx_print_done(arguments, "the PIN is changed", "暗証番号を変更しました");
}

static const struct vrx_option login_options[] = {
    {"code", "DIGITS", false, false,
        "the six digits of the authenticator app; asked for without it. The PIN is always asked "
        "for, or is the first line of standard input",
        "認証アプリの6桁コード。省略すると入力を求めます。暗証番号は常に入力を求めます"
        "（端末でなければ標準入力の1行目）"},
    {0},
};

const struct vrx_command vrx_cli_login_commands[] = {
    {"login", true,
        "log in at this terminal; the session is kept in the file session of its folder",
        "端末にログインする（セッションは端末のフォルダーの session ファイルに保存）",
        login_options, run_login},
    {"logout", true, "end the session at this terminal", "端末からログアウトする", NULL,
        run_logout},
    {"pin change", true, "another PIN for who is logged in; old and new one are asked for",
        "ログイン中の操作者の暗証番号を変更する", NULL, run_pin_change},
    {0},
};
