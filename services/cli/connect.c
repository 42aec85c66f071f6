/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/connect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/print.h"
#include "cli/session.h"
#include "cli/values.h"
#include "files/files.h"

#define CALL_MS 60000 /* a unary call; streams take as long as they take */
#define CA_BYTES ((size_t)256 << 10)
#define CHAIN_BYTES ((size_t)64 << 10)

bool vrx_server_parse(const char *text, char ret_host[VRX_SERVER_HOST], uint16_t *ret_port) {
    const char *colon = strrchr(text, ':');
    if (!colon || !vrx_text_is_digits(vrx_view_text(colon + 1), 1, 5))
        return false;
    unsigned long port = strtoul(colon + 1, NULL, 10);
    const char *host = text;
    size_t len = (size_t)(colon - text);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    } else if (memchr(host, ':', len)) {
        return false;
    }
    if (!port || port > UINT16_MAX || !len || len >= VRX_SERVER_HOST)
        return false;
    memcpy(ret_host, host, len);
    ret_host[len] = '\0';
    *ret_port = (uint16_t)port;
    return true;
}

/* This terminal's identity and whom it believes. */
static int load_tls(const char *folder, struct vrx_tls **ret_tls) {
    struct vrx_buffer chain VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer ca VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_secret *key VRX_CLEANUP(vrx_secret_free) = NULL;
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/certificate.pem", folder) >= sizeof path)
        return vrx_print_refusal("--terminal", vrx_fail(VRX_INPUT_TOO_LARGE));
    VRX_CLI_TRY(vrx_value_file(path, CHAIN_BYTES, &chain));
    snprintf(path, sizeof path, "%s/ca.pem", folder);
    VRX_CLI_TRY(vrx_value_file(path, CA_BYTES, &ca));
    snprintf(path, sizeof path, "%s/key.pem", folder);
    struct vrx_result result = vrx_file_read_secret(path, &key);
    if (!vrx_is_ok(result))
        return vrx_print_file_failure(path, result);
    struct vrx_tls_identity identity = {vrx_buffer_view(&chain), key};
    result = vrx_tls_client_new(&identity, vrx_buffer_view(&ca), ret_tls);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(folder, result);
}

/* The daemon takes ASCII; a header field could carry nothing else (RFC 9110 §5.5). */
static int check_operator(const char *name) {
    size_t len = strlen(name);
    if (!len || len > VRX_LIMIT_OPERATOR)
        return vrx_value_wrong("operator", "1 to 64 characters", "1～64文字です");
    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] > '~')
            return vrx_value_wrong(
                "operator", "ASCII without spaces", "空白を含まない ASCII 文字で指定します");
    return VRX_EXIT_OK;
}

static int server_wrong(void) {
    return vrx_value_wrong("server", "HOST:PORT, IPv6 as [::1]:PORT",
        "ホスト名:ポート番号（IPv6 は [::1]:ポート番号）");
}

int vrx_connect_to(const char *server, const char *terminal, const char *operator_id,
    struct vrx_connection *ret_connection) {
    char host[VRX_SERVER_HOST];
    struct vrx_client_config config = {.host = host};
    if (!vrx_server_parse(server, host, &config.port))
        return server_wrong();
    if (operator_id)
        VRX_CLI_TRY(check_operator(operator_id));
    VRX_CLI_TRY(load_tls(terminal, &ret_connection->tls));
    config.tls = ret_connection->tls;
    vrx_arena_init(&ret_connection->arena, 0);
    struct vrx_result result = vrx_client_new(&config, &ret_connection->client);
    if (vrx_is_ok(result) && operator_id)
        result = vrx_client_set_metadata(
            ret_connection->client, "vrx-operator", vrx_view_text(operator_id));
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(server, result);
}

int vrx_connect_as_anyone(
    const char *server, const char *ca_file, struct vrx_connection *ret_connection) {
    struct vrx_buffer ca VRX_CLEANUP(vrx_buffer_done) = {0};
    char host[VRX_SERVER_HOST];
    struct vrx_client_config config = {.host = host};
    if (!vrx_server_parse(server, host, &config.port))
        return server_wrong();
    VRX_CLI_TRY(vrx_value_file(ca_file, CA_BYTES, &ca));
    struct vrx_result result = vrx_tls_client_new(NULL, vrx_buffer_view(&ca), &ret_connection->tls);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(ca_file, result);
    config.tls = ret_connection->tls;
    vrx_arena_init(&ret_connection->arena, 0);
    result = vrx_client_new(&config, &ret_connection->client);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(server, result);
}

int vrx_connect_unlogged(
    const struct vrx_arguments *arguments, struct vrx_connection *ret_connection) {
    return vrx_connect_to(vrx_argument(arguments, "server"), vrx_argument(arguments, "terminal"),
        vrx_argument(arguments, "operator"), ret_connection);
}

int vrx_connect(const struct vrx_arguments *arguments, struct vrx_connection *ret_connection) {
    ret_connection->terminal = vrx_argument(arguments, "terminal");
    VRX_CLI_TRY(vrx_cli_session_read(ret_connection->terminal, &ret_connection->session));
    VRX_CLI_TRY(vrx_connect_unlogged(arguments, ret_connection));
    if (!ret_connection->session)
        return VRX_EXIT_OK;
    struct vrx_result result = vrx_client_set_metadata(
        ret_connection->client, "vrx-session", vrx_secret_view(ret_connection->session));
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("session", result);
}

void vrx_connection_done(struct vrx_connection *connection) {
    vrx_secret_free(&connection->session);
    vrx_client_free(&connection->client);
    vrx_tls_free(&connection->tls);
    vrx_arena_done(&connection->arena);
}

/* "Records/GetHistory", or "011002: Records/GetHistory". */
static int print_refusal(const struct vrx_connection *connection, const struct vrx_remote *remote,
    struct vrx_result result) {
    char subject[128];
    const char *method = strrchr(remote->path, '.') + 1;
    snprintf(subject, sizeof subject, "%s%s%s", connection->about ? connection->about : "",
        connection->about ? ": " : "", method);
    return vrx_print_refusal(subject, result);
}

/* Who else is to be asked. */
static void say_action(const struct vrx_client_outcome *outcome) {
    if (outcome->reason != VRX_SECOND_PERSON_NEEDED || !outcome->action[0])
        return;
    char action[sizeof outcome->action];
    snprintf(action, sizeof action, "%s", outcome->action);
    for (char *at = action; *at; at++)
        if (!strchr("0123456789abcdef", *at))
            *at = '?';
    fprintf(stderr,
        "     another operator: vrx action show --action %s, then vrx action approve --action %s;\n"
        "     then the same command again, within an hour\n"
        "     別の職員が vrx action show で内容を確認し、vrx action approve で承認した後、"
        "1時間以内に同じ操作をもう一度行ってください\n",
        action, action);
}

/* What to do before asking again, where that is another command. A session that is over is not sent
 * again. */
static void say_next(const struct vrx_connection *connection) {
    static const struct {
        enum vrx_reason reason;
        const char *command;
    } next[] = {
        {VRX_SESSION_REQUIRED, "vrx login --operator ID"},
        {VRX_SESSION_ENDED, "vrx login --operator ID"},
        {VRX_PIN_CHANGE_DUE, "vrx pin change"},
    };
    for (size_t i = 0; i < sizeof next / sizeof *next; i++)
        if (next[i].reason == connection->refused)
            fprintf(stderr, "     next / 次の操作: %s\n", next[i].command);
    if (connection->refused == VRX_SESSION_ENDED && connection->session)
        (void)vrx_cli_session_forget(connection->terminal, connection->session);
}

static void say_request(const struct vrx_client_outcome *outcome) {
    if (outcome->request_id[0])
        fprintf(stderr,
            "     request %s - say this number when you ask for help / "
            "お問い合わせの際はこの番号をお伝えください\n",
            outcome->request_id);
}

/* What the service answered, in its own words where this program does not know the reason. */
static int refused(struct vrx_connection *connection, const struct vrx_remote *remote) {
    const struct vrx_client_outcome *outcome = vrx_client_outcome(connection->client);
    connection->refused = outcome->reason;
    if (outcome->reason != VRX_OK && outcome->reason == connection->expected)
        return VRX_EXIT_REFUSED;
    flockfile(stderr);
    int status = print_refusal(connection, remote,
        vrx_refuse_for(
            outcome->reason, outcome->clause[0] ? outcome->clause : NULL, outcome->retry_ms));
    if (strcmp(outcome->message, vrx_reason_sentence_en(outcome->reason)) != 0) {
        fputs("     ", stderr);
        vrx_text_pad(stderr, outcome->message, 0, false);
        fputc('\n', stderr);
    }
    say_action(outcome);
    say_next(connection);
    say_request(outcome);
    funlockfile(stderr);
    return status;
}

static int failed(
    struct vrx_connection *connection, const struct vrx_remote *remote, struct vrx_result result) {
    connection->refused = result.reason;
    return print_refusal(connection, remote, result);
}

static struct vrx_result encode(const ProtobufCMessage *message, struct vrx_buffer *out) {
    size_t len = protobuf_c_message_get_packed_size(message);
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(out, len, &at));
    protobuf_c_message_pack(message, at);
    return vrx_ok();
}

static void *arena_alloc(void *arena, size_t size) {
    return vrx_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *pointer) {
    (void)arena;
    (void)pointer;
}

/* Fields that this program does not know are passed over: the service may be newer. */
static struct vrx_result decode(struct vrx_arena *arena, const struct vrx_remote *remote,
    struct vrx_view bytes, ProtobufCMessage **ret_reply) {
    ProtobufCAllocator allocator = {arena_alloc, arena_free, arena};
    ProtobufCMessage *reply =
        protobuf_c_message_unpack(remote->reply, &allocator, bytes.len, bytes.ptr);
    if (!reply)
        return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: wire format");
    *ret_reply = reply;
    return vrx_ok();
}

static int take_reply(struct vrx_connection *connection, const struct vrx_remote *remote,
    const struct vrx_buffer *bytes, ProtobufCMessage **ret_reply) {
    struct vrx_result result =
        ret_reply ? decode(&connection->arena, remote, vrx_buffer_view(bytes), ret_reply)
                  : vrx_ok();
    return vrx_is_ok(result) ? VRX_EXIT_OK : failed(connection, remote, result);
}

int vrx_call_unary(struct vrx_connection *connection, const struct vrx_remote *remote,
    const ProtobufCMessage *request, ProtobufCMessage **ret_reply) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer in VRX_CLEANUP(vrx_buffer_done) = {0};
    connection->refused = VRX_OK;
    struct vrx_result result = encode(request, &out);
    if (!vrx_is_ok(result))
        return failed(connection, remote, result);
    result = vrx_client_unary(connection->client, remote->path, vrx_buffer_view(&out),
        connection->patience_ms ? connection->patience_ms : CALL_MS, &in);
    return vrx_is_ok(result) ? take_reply(connection, remote, &in, ret_reply)
                             : refused(connection, remote);
}

struct replies {
    const struct vrx_remote *remote;
    int (*take)(void *context, const ProtobufCMessage *reply);
    void *context;
    int status;
};

static struct vrx_result replies_take(void *context, struct vrx_view message) {
    struct replies *replies = context;
    /* Not the connection's: what that holds of an earlier call may still be in use. */
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    ProtobufCMessage *reply = NULL;
    vrx_arena_init(&arena, 0);
    VRX_TRY(decode(&arena, replies->remote, message, &reply));
    replies->status = replies->take(replies->context, reply);
    return replies->status == VRX_EXIT_OK ? vrx_ok() : vrx_fail(VRX_CANCELLED);
}

int vrx_call_once(const struct vrx_arguments *arguments, const struct vrx_remote *remote,
    const ProtobufCMessage *request) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    return vrx_call_unary(&connection, remote, request, NULL);
}

int vrx_call_replies(struct vrx_connection *connection, const struct vrx_remote *remote,
    const ProtobufCMessage *request, int (*take)(void *context, const ProtobufCMessage *reply),
    void *context) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct replies replies = {remote, take, context, VRX_EXIT_OK};
    connection->refused = VRX_OK;
    struct vrx_result result = encode(request, &out);
    if (!vrx_is_ok(result))
        return failed(connection, remote, result);
    result = vrx_client_server_stream(
        connection->client, remote->path, vrx_buffer_view(&out), 0, replies_take, &replies);
    if (replies.status != VRX_EXIT_OK)
        return replies.status;
    return vrx_is_ok(result) ? VRX_EXIT_OK : refused(connection, remote);
}

int vrx_upload_begin(struct vrx_connection *connection, const struct vrx_remote *remote,
    struct vrx_upload *ret_upload) {
    connection->refused = VRX_OK;
    struct vrx_result result = vrx_client_stream_begin(connection->client, remote->path, 0);
    if (!vrx_is_ok(result))
        return refused(connection, remote);
    *ret_upload = (struct vrx_upload){connection, remote, true};
    return VRX_EXIT_OK;
}

int vrx_upload_send(struct vrx_upload *upload, const ProtobufCMessage *request) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = encode(request, &out);
    if (!vrx_is_ok(result))
        return failed(upload->connection, upload->remote, result);
    result = vrx_client_stream_send(upload->connection->client, vrx_buffer_view(&out));
    if (vrx_is_ok(result))
        return VRX_EXIT_OK;
    upload->open = false;
    return refused(upload->connection, upload->remote);
}

int vrx_upload_end(struct vrx_upload *upload, ProtobufCMessage **ret_reply) {
    struct vrx_buffer in VRX_CLEANUP(vrx_buffer_done) = {0};
    upload->open = false;
    struct vrx_result result = vrx_client_stream_finish(upload->connection->client, &in);
    return vrx_is_ok(result) ? take_reply(upload->connection, upload->remote, &in, ret_reply)
                             : refused(upload->connection, upload->remote);
}

void vrx_upload_done(struct vrx_upload *upload) {
    if (upload->open)
        vrx_client_stream_cancel(upload->connection->client);
    upload->open = false;
}
