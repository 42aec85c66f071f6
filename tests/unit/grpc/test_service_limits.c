/* SPDX-License-Identifier: Apache-2.0
 *
 * The gRPC service against clients that take too much or leave nothing, and its drain.
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "net/limits.h"
#include "unit/grpc/fixture.h"

static void unread_replies_refuse_new_calls(void **state) {
    (void)state;
    t.peer.deaf = true;
    for (int i = 0; i < 4; i++) {
        unary(NULL);
        send(t.calls[i], VRX_LIMIT_MESSAGE);
        vrx_call_finish(t.calls[i], vrx_ok());
    }
    int32_t id = unary(NULL);
    assert_int_equal(t.messages, 4);
    t.peer.deaf = false;
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(peer_stream(&t.peer, id)->reason, "QUEUE_FULL");
    unary(NULL);
    assert_int_equal(t.messages, 5);
}

static void half_received_requests_are_bounded(void **state) {
    (void)state;
    uint8_t head[VRX_FRAME_HEAD];
    int32_t ids[6];
    uint8_t *body = calloc(1, VRX_LIMIT_MESSAGE);
    assert_non_null(body);
    vrx_frame_head(VRX_LIMIT_MESSAGE, head);
    for (int i = 0; i < 6; i++) {
        ids[i] = peer_request(&t.peer, "/t.T/Unary", NULL);
        peer_body(&t.peer, ids[i], head, sizeof head, false);
        peer_body(&t.peer, ids[i], body, VRX_LIMIT_MESSAGE - 1, false);
    }
    free(body);
    for (int i = 0; i < 4; i++)
        assert_false(peer_stream(&t.peer, ids[i])->closed);
    assert_status(ids[4], VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(peer_stream(&t.peer, ids[4])->reason, "QUEUE_FULL");
    assert_status(ids[5], VRX_GRPC_RESOURCE_EXHAUSTED);
    /* What was held is given back when a stream closes. */
    peer_reset(&t.peer, ids[0]);
    unary(NULL);
    assert_int_equal(t.messages, 1);
}

/* RFC 9113 §5.1.2 */
static void concurrent_streams(void **state) {
    (void)state;
    int32_t ids[VRX_NET_STREAMS];
    for (int i = 0; i < VRX_NET_STREAMS; i++)
        ids[i] = unary(NULL);
    assert_int_equal(t.messages, VRX_NET_STREAMS);
    assert_int_equal(vrx_http2_session_streams(t.peer.server), VRX_NET_STREAMS);
    assert_int_equal(
        nghttp2_session_get_remote_settings(t.peer.h2, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS),
        VRX_NET_STREAMS);
    int32_t one_more = unary(NULL); /* nghttp2's client keeps it back */
    assert_int_equal(t.messages, VRX_NET_STREAMS);
    peer_reset(&t.peer, ids[0]);
    assert_int_equal(t.messages, VRX_NET_STREAMS + 1);
    assert_false(peer_stream(&t.peer, one_more)->closed);
}

static void resets_in_moderation(void **state) {
    (void)state;
    for (int i = 0; i < 140; i++) {
        peer_reset(&t.peer, unary(NULL));
        peer_advance(&t.peer, 1000 / VRX_NET_RESETS_RATE);
    }
    assert_int_equal(t.peer.goaways, 0);
    assert_int_equal(t.cancelled, 140);
}

/* CVE-2023-44487 */
static void resets_in_excess(void **state) {
    (void)state;
    for (int i = 0; i < 250 && !t.peer.goaways; i++)
        peer_reset(&t.peer, unary(NULL));
    assert_int_equal(t.peer.goaways, 1);
    assert_int_equal(t.peer.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(vrx_http2_session_finished(t.peer.server));
    assert_in_range(t.messages, VRX_NET_RESETS_BURST, VRX_NET_RESETS_BURST + 1);
}

/* A head whose fields stand for more than they take, RFC 7541 §7.3: one large field of the dynamic
 * table, named by a byte again and again. */
static size_t bomb(uint8_t *at, unsigned fields) {
    static const size_t value = 3900;
    size_t len = 0;
    at[len++] = 0x40; /* literal with incremental indexing, new name: §6.2.1 */
    at[len++] = 1;
    at[len++] = 'x';
    at[len++] = 0x7f; /* 3900 = 127 + 3773, §5.1 */
    at[len++] = (uint8_t)(0x80 | (3773 & 0x7f));
    at[len++] = 3773 >> 7;
    memset(at + len, 'y', value);
    len += value;
    memset(at + len, 0x80 | 62, fields); /* §6.1: the newest of the dynamic table */
    return len + fields;
}

static void head_frame(uint8_t *at, size_t len, uint8_t flags, int32_t stream) {
    at[0] = 0;
    at[1] = (uint8_t)(len >> 8);
    at[2] = (uint8_t)len;
    at[3] = NGHTTP2_HEADERS;
    at[4] = flags;
    vrx_put_u32(at + 5, (uint32_t)stream);
}

static void receive_bomb(int32_t stream, uint8_t flags, unsigned fields) {
    static uint8_t frame[9 + 16384];
    const size_t len = bomb(frame + 9, fields);
    head_frame(frame, len, flags, stream);
    assert_ok(vrx_http2_session_receive(t.peer.server, t.peer.now, vrx_view_of(frame, 9 + len)));
}

static void head_that_unpacks_to_too_much_ends_the_connection(void **state) {
    (void)state;
    receive_bomb(1, NGHTTP2_FLAG_END_HEADERS, 12000);
    peer_exchange(&t.peer);
    assert_int_equal(t.peer.goaways, 1);
    assert_int_equal(t.peer.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(vrx_http2_session_finished(t.peer.server));
    assert_int_equal(t.messages, 0);
}

/* Nobody reads trailers, but they are unpacked all the same. */
static void trailers_that_unpack_to_too_much_end_it_too(void **state) {
    (void)state;
    const int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    receive_bomb(id, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 12000);
    peer_exchange(&t.peer);
    assert_int_equal(t.peer.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(vrx_http2_session_finished(t.peer.server));
}

static void head_somewhat_over_the_limit_ends_its_stream_only(void **state) {
    (void)state;
    receive_bomb(1, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 8);
    assert_int_equal(t.messages, 0);
    assert_false(vrx_http2_session_finished(t.peer.server));
}

/* Quotas */

static void call_over_the_quota_is_refused_with_advice(void **state) {
    (void)state;
    t.peer.barred = true;
    int32_t id = unary(NULL);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(peer_stream(&t.peer, id)->reason, "RATE_EXCEEDED");
    t.peer.content_type = "application/grpc-web+proto";
    id = unary(NULL);
    assert_int_equal(peer_stream(&t.peer, id)->status, VRX_GRPC_RESOURCE_EXHAUSTED);
    t.peer.content_type = NULL;
    assert_int_equal(t.count, 0);
    t.peer.barred = false;
    unary(NULL);
    assert_int_equal(t.messages, 1);
    assert_int_equal(t.peer.goaways, 0);
}

/* Whoever takes no advice is told to go; so is who sends what is no call. */
static void calls_over_the_quota_in_excess(void **state) {
    (void)state;
    t.peer.barred = true;
    t.peer.content_type = *state; /* NULL: a call */
    for (int i = 0; i < 250 && !t.peer.goaways; i++)
        unary(NULL);
    assert_int_equal(t.peer.goaways, 1);
    assert_int_equal(t.peer.goaway_error, NGHTTP2_ENHANCE_YOUR_CALM);
    assert_true(vrx_http2_session_finished(t.peer.server));
    assert_int_equal(t.messages, 0);
}

static void what_is_no_call_counts_against_the_quota(void **state) {
    static char text[] = "text/plain";
    *state = text;
    calls_over_the_quota_in_excess(state);
    *state = NULL;
}

static void message_over_the_services_own_limit(void **state) {
    (void)state;
    vrx_grpc_service_limit_messages(t.service, 100);
    int32_t id = peer_request(&t.peer, "/t.T/Unary", NULL);
    peer_message(&t.peer, id, 100, true);
    assert_int_equal(t.messages, 1);
    id = peer_request(&t.peer, "/t.T/Unary", NULL);
    peer_message(&t.peer, id, 101, true);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_int_equal(t.messages, 1);
}

/* Drain */

static void drain_lets_calls_finish(void **state) {
    (void)state;
    int32_t first = unary(NULL);
    t.peer.deaf = true;
    vrx_http2_session_drain(t.peer.server, t.peer.now);
    vrx_http2_session_drain(t.peer.server, t.peer.now);
    /* Sent before the client has heard of the drain: it is served. */
    int32_t second = unary(NULL);
    t.peer.deaf = false;
    peer_exchange(&t.peer);
    assert_int_equal(t.peer.goaways, 2); /* the notice, and after the PING the last stream */
    assert_int_equal(t.peer.goaway_last, second);
    assert_int_equal(t.peer.goaway_error, NGHTTP2_NO_ERROR);
    assert_int_equal(t.messages, 2);
    assert_false(vrx_http2_session_finished(t.peer.server));
    for (int i = 0; i < 2; i++) {
        send(t.calls[i], 1);
        vrx_call_finish(t.calls[i], vrx_ok());
    }
    peer_exchange(&t.peer);
    assert_status(first, 0);
    assert_status(second, 0);
    assert_true(vrx_http2_session_finished(t.peer.server));
    assert_int_equal(t.cancelled, 0);
}

static void drain_does_not_wait_for_a_deaf_peer(void **state) {
    (void)state;
    t.peer.deaf = true;
    vrx_http2_session_drain(t.peer.server, t.peer.now);
    assert_true(vrx_http2_session_deadline(t.peer.server) == t.peer.now + VRX_NET_GOAWAY_MS);
    peer_advance(&t.peer, VRX_NET_GOAWAY_MS);
    assert_true(vrx_http2_session_deadline(t.peer.server) == INT64_MAX);
    t.peer.deaf = false;
    peer_exchange(&t.peer);
    assert_int_equal(t.peer.goaways, 2);
    assert_true(vrx_http2_session_finished(t.peer.server));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(unread_replies_refuse_new_calls),
        TEST(half_received_requests_are_bounded),
        TEST(concurrent_streams),
        TEST(resets_in_moderation),
        TEST(resets_in_excess),
        TEST(head_that_unpacks_to_too_much_ends_the_connection),
        TEST(trailers_that_unpack_to_too_much_end_it_too),
        TEST(head_somewhat_over_the_limit_ends_its_stream_only),
        TEST(call_over_the_quota_is_refused_with_advice),
        TEST(calls_over_the_quota_in_excess),
        TEST(what_is_no_call_counts_against_the_quota),
        TEST(message_over_the_services_own_limit),
        TEST(drain_lets_calls_finish),
        TEST(drain_does_not_wait_for_a_deaf_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
