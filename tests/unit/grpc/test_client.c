/* SPDX-License-Identifier: Apache-2.0
 *
 * Our client against our server, over TLS on the loopback. (Other implementations of each side meet
 * in tests/system.)
 */
#include "grpc/client.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "grpc/server.h"
#include "support/check.h"
#include "support/test_pki.h"

enum method { ECHO, REFUSE, NEVER, WHO, SUM, COUNT, ENOUGH };

static const enum method methods[] = {ECHO, REFUSE, NEVER, WHO, SUM, COUNT, ENOUGH};

static const struct vrx_grpc_route routes[] = {
    {"/t.T/Echo", VRX_CALL_UNARY, &methods[ECHO]},
    {"/t.T/Refuse", VRX_CALL_UNARY, &methods[REFUSE]},
    {"/t.T/Never", VRX_CALL_UNARY, &methods[NEVER]},
    {"/t.T/Who", VRX_CALL_UNARY, &methods[WHO]},
    {"/t.T/Sum", VRX_CALL_CLIENT_STREAM, &methods[SUM]},
    {"/t.T/Count", VRX_CALL_SERVER_STREAM, &methods[COUNT]},
    {"/t.T/Enough", VRX_CALL_CLIENT_STREAM, &methods[ENOUGH]},
};

static struct {
    struct test_pki pki;
    struct test_pki stranger;
    struct test_identity server_identity;
    struct test_identity terminal;
    struct vrx_tls *server_tls;
    struct vrx_tls *client_tls;
    struct vrx_grpc_server *server;
    struct vrx_client *client;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned cancelled;
} t;

/* The server: everything is answered on the I/O thread */

static enum method method_of(const struct vrx_call *call) {
    return *(const enum method *)vrx_call_method(call);
}

static void answer(struct vrx_call *call, struct vrx_view message) {
    struct vrx_buffer reply = {0};
    struct vrx_result result = vrx_buffer_append(&reply, message);
    if (vrx_is_ok(result))
        vrx_call_send(call, &reply);
    vrx_call_finish(call, result);
}

/* Spends the pointer itself as a counter: these calls need no more state than a number. */
static uintptr_t number_of(const struct vrx_call *call) {
    return (uintptr_t)vrx_call_user(call);
}

static void set_number(struct vrx_call *call, uintptr_t number) {
    vrx_call_set_user(call, (void *)number, NULL);
}

/* cmocka's asserts belong to the test's own thread. */
static void must(struct vrx_result result) {
    if (!vrx_is_ok(result))
        abort();
}

static void send_next(struct vrx_call *call) {
    uint8_t number[4];
    uintptr_t left = number_of(call);
    if (!left) {
        vrx_call_finish(call, vrx_ok());
        return;
    }
    struct vrx_buffer message = {0};
    vrx_put_u32(number, (uint32_t)left);
    must(vrx_buffer_append(&message, vrx_view_of(number, sizeof number)));
    set_number(call, left - 1);
    vrx_call_send(call, &message);
}

static void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    (void)context;
    uint8_t exporter[32];
    struct vrx_buffer who = {0};
    switch (method_of(call)) {
    case ECHO:
        answer(call, message);
        break;
    case REFUSE:
        vrx_call_finish(call, vrx_refuse(VRX_CONSENT_REVOKED, "clause 7 / 第七条"));
        break;
    case NEVER:
        break;
    case WHO:
        vrx_call_export_keying(call, exporter);
        must(vrx_buffer_append(&who, vrx_view_of(vrx_call_peer(call)->spki_sha256, 32)));
        must(vrx_buffer_append(&who, vrx_view_of(exporter, 32)));
        must(vrx_buffer_append(&who, vrx_call_metadata(call, "session")));
        vrx_call_send(call, &who);
        vrx_call_finish(call, vrx_ok());
        break;
    case SUM:
        set_number(call, number_of(call) + message.len);
        vrx_call_take_more(call, 1);
        break;
    case COUNT:
        set_number(call, vrx_get_u32(message.ptr));
        send_next(call);
        break;
    case ENOUGH:
        answer(call, vrx_view_text("enough"));
        break;
    }
}

static void on_end(void *context, struct vrx_call *call) {
    (void)context;
    uint8_t number[4];
    vrx_put_u32(number, (uint32_t)number_of(call));
    answer(call, vrx_view_of(number, sizeof number));
}

static void on_writable(void *context, struct vrx_call *call) {
    (void)context;
    send_next(call);
}

static void on_cancelled(void *context, struct vrx_call *call) {
    (void)context;
    (void)call;
    pthread_mutex_lock(&t.lock);
    t.cancelled++;
    pthread_cond_broadcast(&t.changed);
    pthread_mutex_unlock(&t.lock);
}

static void wait_cancelled(unsigned count) {
    pthread_mutex_lock(&t.lock);
    while (t.cancelled < count)
        pthread_cond_wait(&t.changed, &t.lock);
    pthread_mutex_unlock(&t.lock);
}

/* Set-up */

static struct vrx_tls *client_tls(const struct test_pki *pki, const struct test_identity *own) {
    struct vrx_tls *tls = NULL;
    struct vrx_tls_identity identity = {0};
    if (own)
        identity = test_identity_tls(own);
    assert_ok(
        vrx_tls_client_new(own ? &identity : NULL, vrx_buffer_view(&pki->authority_pem), &tls));
    return tls;
}

static struct vrx_result open_client(
    const struct vrx_tls *tls, const char *host, struct vrx_client **ret_client) {
    struct vrx_client_config config = {
        .host = host, .port = vrx_grpc_server_port(t.server), .tls = tls, .connect_ms = 20000};
    return vrx_client_new(&config, ret_client);
}

static int setup(void **state) {
    (void)state;
    pthread_mutex_init(&t.lock, NULL);
    pthread_cond_init(&t.changed, NULL);
    test_pki_init(&t.pki);
    test_pki_init(&t.stranger);
    test_identity_init(&t.server_identity, &t.pki, VRX_PROFILE_SERVER);
    test_identity_init(&t.terminal, &t.pki, VRX_PROFILE_TERMINAL);
    struct vrx_tls_identity identity = test_identity_tls(&t.server_identity);
    assert_ok(vrx_tls_server_new(&identity, vrx_buffer_view(&t.pki.authority_pem), &t.server_tls));
    t.client_tls = client_tls(&t.pki, &t.terminal);
    struct vrx_grpc_server_config config = {
        .address = "127.0.0.1",
        .threads = 2,
        .tls = t.server_tls,
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .handler = {.message = on_message,
            .end = on_end,
            .writable = on_writable,
            .cancelled = on_cancelled},
        .random = vrx_random_system(),
    };
    assert_ok(vrx_grpc_server_new(&config, &t.server));
    assert_ok(vrx_grpc_server_start(t.server));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_grpc_server_free(&t.server);
    vrx_tls_free(&t.server_tls);
    vrx_tls_free(&t.client_tls);
    test_identity_done(&t.server_identity);
    test_identity_done(&t.terminal);
    test_pki_done(&t.pki);
    test_pki_done(&t.stranger);
    return 0;
}

static int connect_client(void **state) {
    (void)state;
    t.cancelled = 0;
    assert_ok(open_client(t.client_tls, "localhost", &t.client));
    return 0;
}

static int disconnect_client(void **state) {
    (void)state;
    vrx_client_free(&t.client);
    return 0;
}

/* Calls */

static void unary(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    for (int i = 0; i < 100; i++) {
        vrx_buffer_clear(&reply);
        assert_ok(
            vrx_client_unary(t.client, "/t.T/Echo", vrx_view_of(&i, sizeof i), 10000, &reply));
        assert_int_equal(reply.len, sizeof i);
        assert_memory_equal(reply.ptr, &i, sizeof i);
    }
    assert_int_equal(vrx_client_outcome(t.client)->code, VRX_GRPC_OK);
}

static void unary_empty_and_largest(void **state) {
    (void)state;
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    assert_ok(vrx_client_unary(t.client, "/t.T/Echo", vrx_buffer_view(&request), 0, &reply));
    assert_int_equal(reply.len, 0);
    assert_ok(vrx_buffer_extend(&request, VRX_LIMIT_MESSAGE, &at));
    for (size_t i = 0; i < request.len; i++)
        at[i] = (uint8_t)(i * 7 + (i >> 9));
    assert_ok(vrx_client_unary(t.client, "/t.T/Echo", vrx_buffer_view(&request), 0, &reply));
    assert_true(vrx_view_equal(vrx_buffer_view(&request), vrx_buffer_view(&reply)));
    assert_ok(vrx_buffer_append_byte(&request, 0));
    assert_reason(vrx_client_unary(t.client, "/t.T/Echo", vrx_buffer_view(&request), 0, &reply),
        VRX_INPUT_TOO_LARGE);
    vrx_buffer_clear(&reply);
    assert_ok(vrx_client_unary(t.client, "/t.T/Echo", vrx_view_text("next"), 0, &reply));
    assert_int_equal(reply.len, 4);
}

static void refusal_with_its_details(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(vrx_client_unary(t.client, "/t.T/Refuse", vrx_view_text("x"), 0, &reply),
        VRX_CONSENT_REVOKED);
    const struct vrx_client_outcome *outcome = vrx_client_outcome(t.client);
    assert_int_equal(outcome->code, VRX_GRPC_PERMISSION_DENIED);
    assert_int_equal(outcome->reason, VRX_CONSENT_REVOKED);
    assert_int_equal(outcome->retry, VRX_RETRY_NEVER);
    assert_string_equal(outcome->message, "the consent was revoked");
    assert_string_equal(outcome->message_ja, "本人同意は撤回されています");
    assert_string_equal(outcome->clause, "clause 7 / 第七条");
    uint8_t id[VRX_REQUEST_ID];
    assert_true(vrx_request_id_parse(vrx_view_text(outcome->request_id), id));
    assert_int_equal(reply.len, 0);
}

static void method_unknown(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(
        vrx_client_unary(t.client, "/t.T/None", vrx_view_text("x"), 0, &reply), VRX_METHOD_UNKNOWN);
    assert_int_equal(vrx_client_outcome(t.client)->code, VRX_GRPC_UNIMPLEMENTED);
}

static void deadline_exceeded(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_reason(vrx_client_unary(t.client, "/t.T/Never", vrx_view_text("x"), 50, &reply),
        VRX_DEADLINE_EXCEEDED);
    assert_int_equal(vrx_client_outcome(t.client)->code, VRX_GRPC_DEADLINE_EXCEEDED);
    wait_cancelled(1);
    assert_ok(vrx_client_unary(t.client, "/t.T/Echo", vrx_view_text("next"), 0, &reply));
}

static void peers_know_each_other(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t exporter[32];
    assert_ok(vrx_client_set_metadata(t.client, "session", vrx_view_text("old")));
    assert_ok(vrx_client_set_metadata(t.client, "session", vrx_view_text("token")));
    assert_ok(vrx_client_unary(t.client, "/t.T/Who", vrx_view_text(""), 0, &reply));
    assert_int_equal(reply.len, 64 + 5);
    assert_memory_equal(reply.ptr, t.terminal.spki_sha256, 32);
    vrx_client_exporter(t.client, exporter);
    assert_memory_equal(reply.ptr + 32, exporter, 32);
    assert_memory_equal(reply.ptr + 64, "token", 5);
}

/* Streams */

static void client_stream_of_many(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t message[1000] = {0};
    uint32_t sum = 0;
    assert_ok(vrx_client_stream_begin(t.client, "/t.T/Sum", 0));
    for (uint32_t i = 0; i < 10000; i++) {
        assert_ok(vrx_client_stream_send(t.client, vrx_view_of(message, i % sizeof message)));
        sum += i % (uint32_t)sizeof message;
    }
    assert_ok(vrx_client_stream_finish(t.client, &reply));
    assert_int_equal(reply.len, 4);
    assert_int_equal(vrx_get_u32(reply.ptr), sum);
}

static void client_stream_of_none(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_client_stream_begin(t.client, "/t.T/Sum", 0));
    assert_ok(vrx_client_stream_finish(t.client, &reply));
    assert_int_equal(vrx_get_u32(reply.ptr), 0);
}

static void server_that_has_enough(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t message[1000] = {0};
    assert_ok(vrx_client_stream_begin(t.client, "/t.T/Enough", 0));
    for (int i = 0; i < 2000; i++)
        assert_ok(vrx_client_stream_send(t.client, vrx_view_of(message, sizeof message)));
    assert_ok(vrx_client_stream_finish(t.client, &reply));
    assert_int_equal(reply.len, 6);
    assert_memory_equal(reply.ptr, "enough", 6);
}

static void client_stream_to_unknown_method(void **state) {
    (void)state;
    struct vrx_result result = vrx_client_stream_begin(t.client, "/t.T/None", 0);
    for (int i = 0; i < 100000 && vrx_is_ok(result); i++)
        result = vrx_client_stream_send(t.client, vrx_view_text("message"));
    assert_reason(result, VRX_METHOD_UNKNOWN);
}

static void client_stream_cancelled(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_client_stream_begin(t.client, "/t.T/Sum", 0));
    /* More than the server's window, so that it must have taken some. */
    for (int i = 0; i < 1000; i++)
        assert_ok(vrx_client_stream_send(t.client, vrx_view_text("message")));
    vrx_client_stream_cancel(t.client);
    wait_cancelled(1);
    assert_ok(vrx_client_unary(t.client, "/t.T/Echo", vrx_view_text("next"), 0, &reply));
}

struct countdown {
    uint32_t next;
    uint32_t stop_at;
};

static struct vrx_result count_down(void *context, struct vrx_view message) {
    struct countdown *countdown = context;
    assert_int_equal(message.len, 4);
    assert_int_equal(vrx_get_u32(message.ptr), countdown->next);
    countdown->next--;
    return countdown->next == countdown->stop_at ? vrx_fail(VRX_CONFLICT) : vrx_ok();
}

static void server_stream_of_many(void **state) {
    (void)state;
    uint8_t count[4];
    struct countdown countdown = {10000, UINT32_MAX};
    vrx_put_u32(count, 10000);
    assert_ok(vrx_client_server_stream(
        t.client, "/t.T/Count", vrx_view_of(count, 4), 0, count_down, &countdown));
    assert_int_equal(countdown.next, 0);
}

static void server_stream_given_up(void **state) {
    (void)state;
    uint8_t count[4];
    struct countdown countdown = {100000000, 100000000 - 10};
    vrx_put_u32(count, 100000000);
    assert_reason(vrx_client_server_stream(
                      t.client, "/t.T/Count", vrx_view_of(count, 4), 0, count_down, &countdown),
        VRX_CONFLICT);
    wait_cancelled(1);
}

/* Connecting */

static void no_certificate_is_refused(void **state) {
    (void)state;
    struct vrx_client *client = NULL;
    struct vrx_tls *tls = client_tls(&t.pki, NULL);
    assert_reason(open_client(tls, "localhost", &client), VRX_CERTIFICATE_INVALID);
    assert_null(client);
    vrx_tls_free(&tls);
}

static void strangers_certificate_is_refused(void **state) {
    (void)state;
    struct vrx_client *client = NULL;
    struct test_identity other;
    test_identity_init(&other, &t.stranger, VRX_PROFILE_TERMINAL);
    struct vrx_tls *tls = client_tls(&t.pki, &other);
    assert_reason(open_client(tls, "localhost", &client), VRX_CERTIFICATE_INVALID);
    vrx_tls_free(&tls);
    test_identity_done(&other);
}

static void server_of_another_authority_is_refused(void **state) {
    (void)state;
    struct vrx_client *client = NULL;
    struct vrx_tls *tls = client_tls(&t.stranger, &t.terminal);
    assert_reason(open_client(tls, "localhost", &client), VRX_CERTIFICATE_INVALID);
    vrx_tls_free(&tls);
}

/* Connects to a server of its own with that identity at that address. */
static struct vrx_result connect_to(const char *address, const struct test_identity *own) {
    struct vrx_tls_identity identity = test_identity_tls(own);
    struct vrx_client *client = NULL;
    struct vrx_tls *tls = NULL;
    struct vrx_grpc_server *server = NULL;
    assert_ok(vrx_tls_server_new(&identity, (struct vrx_view){0}, &tls));
    struct vrx_grpc_server_config config = {.address = address,
        .threads = 1,
        .tls = tls,
        .routes = routes,
        .route_count = 1,
        .handler = {.message = on_message},
        .random = vrx_random_system()};
    assert_ok(vrx_grpc_server_new(&config, &server));
    assert_ok(vrx_grpc_server_start(server));
    struct vrx_client_config other = {
        .host = address, .port = vrx_grpc_server_port(server), .tls = t.client_tls};
    struct vrx_result result = vrx_client_new(&other, &client);
    vrx_client_free(&client);
    vrx_grpc_server_free(&server);
    vrx_tls_free(&tls);
    return result;
}

/* RFC 9525 §6: the certificate names localhost and 127.0.0.1. */
static void server_of_another_name_is_refused(void **state) {
    (void)state;
    assert_ok(connect_to("127.0.0.1", &t.server_identity));
    assert_reason(connect_to("127.0.0.2", &t.server_identity), VRX_CERTIFICATE_INVALID);
}

/* RFC 5280 §4.2.1.12: a terminal's certificate does not make a server. */
static void server_without_server_auth_is_refused(void **state) {
    (void)state;
    assert_reason(connect_to("127.0.0.1", &t.terminal), VRX_CERTIFICATE_INVALID);
}

static void nobody_listens(void **state) {
    (void)state;
    struct vrx_client *client = NULL;
    /* Bound and not listening: the port is ours, and refuses. */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    struct vrx_client_config config = {
        .host = "127.0.0.1", .port = ntohs(address.sin_port), .tls = t.client_tls};
    assert_reason(vrx_client_new(&config, &client), VRX_NETWORK_FAILED);
    assert_int_equal(listen(fd, 1), 0);
    config.connect_ms = 50;
    assert_reason(vrx_client_new(&config, &client), VRX_DEADLINE_EXCEEDED);
    close(fd);
}

/* Last, for the server ends here. */
static void goaway(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_true(vrx_client_usable(t.client));
    vrx_grpc_server_drain(t.server, 100);
    struct vrx_result result =
        vrx_client_unary(t.client, "/t.T/Echo", vrx_view_text("late"), 5000, &reply);
    assert_reason(result, VRX_NETWORK_FAILED);
    assert_false(vrx_client_usable(t.client));
    assert_reason(vrx_client_unary(t.client, "/t.T/Echo", vrx_view_text("later"), 5000, &reply),
        VRX_NETWORK_FAILED);
}

#define WITH_CLIENT(test) cmocka_unit_test_setup_teardown(test, connect_client, disconnect_client)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_CLIENT(unary),
        WITH_CLIENT(unary_empty_and_largest),
        WITH_CLIENT(refusal_with_its_details),
        WITH_CLIENT(method_unknown),
        WITH_CLIENT(deadline_exceeded),
        WITH_CLIENT(peers_know_each_other),
        WITH_CLIENT(client_stream_of_many),
        WITH_CLIENT(client_stream_of_none),
        WITH_CLIENT(server_that_has_enough),
        WITH_CLIENT(client_stream_to_unknown_method),
        WITH_CLIENT(client_stream_cancelled),
        WITH_CLIENT(server_stream_of_many),
        WITH_CLIENT(server_stream_given_up),
        cmocka_unit_test(no_certificate_is_refused),
        cmocka_unit_test(strangers_certificate_is_refused),
        cmocka_unit_test(server_of_another_authority_is_refused),
        cmocka_unit_test(server_of_another_name_is_refused),
        cmocka_unit_test(server_without_server_auth_is_refused),
        cmocka_unit_test(nobody_listens),
        WITH_CLIENT(goaway),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
