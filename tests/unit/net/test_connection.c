/* SPDX-License-Identifier: Apache-2.0
 *
 * A connection's end, by every way that time or the peer can bring it about, on real sockets with
 * short times. No test asks how long something took, only that it comes, and in which way.
 */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/random.h"
#include "net/server.h"
#include "support/check.h"
#include "support/test_pki.h"

#define LONG 600000
#define SHORT 30

enum frame { DATA = 0, HEADERS = 1, SETTINGS = 4, PING = 6, GOAWAY = 7 };

static struct {
    struct test_pki pki;
    struct test_identity identity;
    struct vrx_tls *server_tls;
    struct vrx_tls *client_tls;
    struct vrx_net_server *server;
    int fd;
    SSL *ssl;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned closed; /* streams that the server has seen end */
    unsigned begun;  /* and begin */
    atomic_bool unwelcome;
} t = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* The layer above: answers /flood with more than a socket holds, everything else never. */

static void release(struct vrx_http2_chunk *chunk) {
    vrx_buffer_done(&chunk->body);
    free(chunk);
}

static void on_request(void *context, struct vrx_http2_stream *stream) {
    (void)context;
    uint8_t *at = NULL;
    pthread_mutex_lock(&t.lock);
    t.begun++;
    pthread_cond_signal(&t.changed);
    pthread_mutex_unlock(&t.lock);
    if (!vrx_view_equal(vrx_http2_stream_field(stream, ":path"), vrx_view_text("/flood")))
        return;
    struct vrx_http2_chunk *chunk = calloc(1, sizeof *chunk);
    if (!chunk || !vrx_is_ok(vrx_buffer_extend(&chunk->body, 15 << 20, &at)) ||
        !vrx_is_ok(vrx_http2_stream_respond(stream, 200, NULL, 0, true)))
        abort();
    chunk->release = release;
    vrx_http2_stream_write(stream, chunk);
}

static void on_data(void *context, struct vrx_http2_stream *stream, struct vrx_view bytes) {
    (void)context;
    vrx_http2_stream_consume(stream, bytes.len);
}

static void ignore(void *context, struct vrx_http2_stream *stream) {
    (void)context;
    (void)stream;
}

static void on_closed(void *context, struct vrx_http2_stream *stream, uint32_t error) {
    (void)context;
    (void)stream;
    (void)error;
    pthread_mutex_lock(&t.lock);
    t.closed++;
    pthread_cond_signal(&t.changed);
    pthread_mutex_unlock(&t.lock);
}

static const struct vrx_http2_handler handler = {
    NULL, on_request, on_data, ignore, ignore, ignore, ignore, on_closed};

static void wait_for(const unsigned *count) {
    pthread_mutex_lock(&t.lock);
    while (!*count)
        pthread_cond_wait(&t.changed, &t.lock);
    pthread_mutex_unlock(&t.lock);
}

static void wait_closed(void) {
    wait_for(&t.closed);
}

/* Set-up */

static int setup(void **state) {
    (void)state;
    test_pki_init(&t.pki);
    test_identity_init(&t.identity, &t.pki, VRX_PROFILE_SERVER);
    struct vrx_tls_identity own = test_identity_tls(&t.identity);
    struct vrx_view authority = vrx_buffer_view(&t.pki.authority_pem);
    assert_ok(vrx_tls_server_new(&own, (struct vrx_view){0}, &t.server_tls));
    assert_ok(vrx_tls_client_new(NULL, authority, &t.client_tls));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_tls_free(&t.server_tls);
    vrx_tls_free(&t.client_tls);
    test_identity_done(&t.identity);
    test_pki_done(&t.pki);
    return 0;
}

static struct vrx_net_times long_times(void) {
    return (struct vrx_net_times){LONG, LONG, LONG, LONG, LONG, LONG};
}

static bool may_stay(void *context, const struct vrx_peer *peer) {
    (void)context;
    (void)peer;
    return !atomic_load(&t.unwelcome);
}

/* A server with these times, and a TCP connection to it. */
static void begin(struct vrx_net_times times, int receive_buffer) {
    struct vrx_net_config config = {.address = "127.0.0.1",
        .threads = 1,
        .tls = t.server_tls,
        .handler = &handler,
        .random = vrx_random_system(),
        .times = &times,
        .guard = {.may_stay = may_stay}};
    t.closed = t.begun = 0;
    atomic_store(&t.unwelcome, false);
    assert_ok(vrx_net_server_new(&config, &t.server));
    assert_ok(vrx_net_server_start(t.server));
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons(vrx_net_server_port(t.server)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    t.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(t.fd >= 0);
    if (receive_buffer)
        setsockopt(t.fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    assert_int_equal(connect(t.fd, (struct sockaddr *)&address, sizeof address), 0);
}

static void shake_hands(void) {
    assert_ok(vrx_tls_connect(t.client_tls, t.fd, "localhost", &t.ssl));
    assert_int_equal(SSL_do_handshake(t.ssl), 1);
}

static void say(const void *bytes, int len) {
    assert_int_equal(SSL_write(t.ssl, bytes, len), len);
}

static void say_preface(void) {
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    say(preface, sizeof preface - 1);
}

/* HEADERS of a GET on stream 1: three indexed fields and a path without indexing. */
static void say_request(const char *path) {
    uint8_t frame[64] = {0, 0, 0, HEADERS, 0x05, 0, 0, 0, 1, 0x82, 0x87, 0x01, 1, 'h', 0x04};
    size_t len = strlen(path);
    frame[15] = (uint8_t)len;
    for (size_t i = 0; i < len; i++)
        frame[16 + i] = (uint8_t)path[i];
    frame[2] = (uint8_t)(16 + len - 9);
    say(frame, (int)(16 + len));
}

static void finish(void) {
    vrx_tls_close(&t.ssl);
    if (t.fd >= 0)
        close(t.fd);
    t.fd = -1;
    vrx_net_server_free(&t.server);
}

/* What comes until the server ends the connection: a bit for each type of frame. */
static unsigned frames_until_end(void) {
    struct vrx_buffer all VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t bytes[16384];
    unsigned seen = 0;
    int len = 0;
    while ((len = SSL_read(t.ssl, bytes, sizeof bytes)) > 0)
        assert_ok(vrx_buffer_append(&all, vrx_view_of(bytes, (size_t)len)));
    size_t at = 0;
    while (at + 9 <= all.len) {
        seen |= 1u << (all.ptr[at + 3] & 15);
        at += 9 + ((size_t)all.ptr[at] << 16 | (size_t)all.ptr[at + 1] << 8 | all.ptr[at + 2]);
    }
    return seen;
}

static void assert_end_of_tcp(void) {
    char byte = 0;
    while (recv(t.fd, &byte, 1, 0) > 0)
        ;
}

/* What was counted: connections that this limit ended, and none that another did. */
static void assert_limited(enum vrx_net_limit limit) {
    struct vrx_net_statistics counts = vrx_net_server_statistics(t.server);
    assert_int_equal(counts.accepted, 1);
    for (int i = 0; i < VRX_NET_LIMITS; i++)
        assert_int_equal(counts.limited[i], i && i == (int)limit);
}

/* Time */

static void handshake_that_does_not_come(void **state) {
    (void)state;
    struct vrx_net_times times = long_times();
    times.handshake = SHORT;
    begin(times, 0);
    assert_end_of_tcp();
    assert_limited(VRX_NET_LIMIT_HANDSHAKE);
    finish();
}

static void handshake_that_stops_half_way(void **state) {
    (void)state;
    static const uint8_t part[] = {22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3};
    struct vrx_net_times times = long_times();
    times.handshake = SHORT;
    begin(times, 0);
    assert_int_equal(send(t.fd, part, sizeof part, 0), sizeof part);
    assert_end_of_tcp();
    assert_limited(VRX_NET_LIMIT_HANDSHAKE);
    finish();
}

static void idle_connection_is_told_to_go(void **state) {
    (void)state;
    struct vrx_net_times times = long_times();
    times.idle = SHORT;
    begin(times, 0);
    shake_hands();
    say_preface();
    assert_true(frames_until_end() & 1u << GOAWAY);
    assert_limited(VRX_NET_WITHIN_LIMITS);
    finish();
}

static void silent_peer_with_a_call_is_pinged_and_dropped(void **state) {
    (void)state;
    struct vrx_net_times times = long_times();
    times.keepalive = SHORT;
    times.ping = SHORT;
    begin(times, 0);
    shake_hands();
    say_preface();
    say_request("/wait");
    unsigned seen = frames_until_end();
    assert_true(seen & 1u << PING);
    assert_false(seen & 1u << GOAWAY);
    wait_closed();
    assert_limited(VRX_NET_LIMIT_PING);
    finish();
}

static void peer_that_reads_nothing_is_dropped(void **state) {
    (void)state;
    static const uint8_t windows[] = {
        /* SETTINGS_INITIAL_WINDOW_SIZE and WINDOW_UPDATE of the connection, both near 2^31 */
        0, 0, 6, SETTINGS, 0, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff, /**/
        0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0};
    struct vrx_net_times times = long_times();
    times.stall = SHORT;
    begin(times, 4096);
    shake_hands();
    say_preface();
    say(windows, sizeof windows);
    say_request("/flood");
    wait_closed();
    assert_limited(VRX_NET_LIMIT_STALL);
    finish();
}

static void peer_that_lingers_after_goodbye(void **state) {
    (void)state;
    struct vrx_net_times times = long_times();
    times.linger = SHORT;
    begin(times, 0);
    shake_hands();
    say("this is no HTTP/2 at all", 24);
    (void)frames_until_end();
    /* The socket is still open on our side; the server lets go of its own all the same. */
    while (vrx_net_server_connections(t.server))
        usleep(1000);
    finish();
}

/* The peer */

static void close_notify_ends_it_for_both(void **state) {
    (void)state;
    begin(long_times(), 0);
    shake_hands();
    say_preface();
    say_request("/wait");
    SSL_shutdown(t.ssl);
    (void)frames_until_end();
    assert_true(SSL_get_shutdown(t.ssl) & SSL_RECEIVED_SHUTDOWN);
    close(t.fd);
    t.fd = -1;
    while (vrx_net_server_connections(t.server))
        usleep(1000);
    wait_closed();
    finish();
}

static void reset_ends_it_at_once(void **state) {
    (void)state;
    struct linger hard = {1, 0};
    begin(long_times(), 0);
    shake_hands();
    say_preface();
    say_request("/wait");
    setsockopt(t.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close(t.fd);
    t.fd = -1;
    while (vrx_net_server_connections(t.server))
        usleep(1000);
    finish();
}

static void server_that_ends_closes_what_is_open(void **state) {
    (void)state;
    begin(long_times(), 0);
    shake_hands();
    say_preface();
    say_request("/wait");
    vrx_net_server_drain(t.server, SHORT); /* the call is never answered */
    assert_true(frames_until_end() & 1u << GOAWAY);
    wait_closed();
    finish();
}

/* Who may not stay */

static void peer_that_may_not_stay_loses_its_streams(void **state) {
    (void)state;
    begin(long_times(), 0);
    shake_hands();
    say_preface();
    say_request("/wait");
    wait_for(&t.begun);
    vrx_net_server_recheck(t.server); /* welcome still */
    atomic_store(&t.unwelcome, true);
    vrx_net_server_recheck(t.server);
    vrx_net_server_recheck(t.server);
    unsigned seen = frames_until_end();
    assert_true(seen & 1u << GOAWAY);
    wait_closed();
    finish();
}

static void peer_that_may_not_stay_and_does_not_read_is_dropped(void **state) {
    (void)state;
    static const uint8_t windows[] = {0, 0, 6, SETTINGS, 0, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff,
        0xff, /**/
        0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0};
    begin(long_times(), 4096);
    shake_hands();
    say_preface();
    say(windows, sizeof windows);
    say_request("/flood");
    wait_for(&t.begun);
    atomic_store(&t.unwelcome, true);
    vrx_net_server_recheck(t.server);
    while (vrx_net_server_connections(t.server))
        usleep(1000);
    wait_closed();
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handshake_that_does_not_come),
        cmocka_unit_test(handshake_that_stops_half_way),
        cmocka_unit_test(idle_connection_is_told_to_go),
        cmocka_unit_test(silent_peer_with_a_call_is_pinged_and_dropped),
        cmocka_unit_test(peer_that_reads_nothing_is_dropped),
        cmocka_unit_test(peer_that_lingers_after_goodbye),
        cmocka_unit_test(close_notify_ends_it_for_both),
        cmocka_unit_test(reset_ends_it_at_once),
        cmocka_unit_test(server_that_ends_closes_what_is_open),
        cmocka_unit_test(peer_that_may_not_stay_loses_its_streams),
        cmocka_unit_test(peer_that_may_not_stay_and_does_not_read_is_dropped),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
