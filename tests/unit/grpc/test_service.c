/* SPDX-License-Identifier: Apache-2.0
 *
 * The gRPC service on an HTTP/2 session without sockets and on a clock that the test moves: flow
 * control, deadlines, encodings, and what a call does after its end.
 */
#include "grpc/server.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/limits.h"
#include "grpc/frame.h"
#include "grpc/status.h"
#include "net/limits.h"
#include "unit/grpc/fixture.h"

/* A call's life */

static void reply_then_finish(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    assert_int_equal(t.messages, 1);
    send(t.calls[0], 7);
    peer_exchange(&t.peer);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, 0); /* not before finish */
    vrx_call_finish(t.calls[0], vrx_ok());
    assert_true(t.peer.touched);
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, VRX_FRAME_HEAD + 7);
    assert_int_equal(t.cancelled, 0);
}

static void ok_without_reply_is_internal(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_INTERNAL);
    assert_string_equal(peer_stream(&t.peer, id)->reason, "INTERNAL_ERROR");
}

static void refusal_drops_the_reply(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    send(t.calls[0], 7);
    vrx_call_finish(t.calls[0], vrx_fail(VRX_NOT_FOUND));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_NOT_FOUND);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, 0);
}

static void second_finish_and_late_send_are_ignored(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    send(t.calls[0], 1);
    send(t.calls[0], 2);
    vrx_call_finish(t.calls[0], vrx_ok());
    vrx_call_finish(t.calls[0], vrx_fail(VRX_INTERNAL_ERROR));
    send(t.calls[0], 3);
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, VRX_FRAME_HEAD + 1);
}

static void oversized_reply_is_refused(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    send(t.calls[0], VRX_LIMIT_MESSAGE + 1);
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(peer_stream(&t.peer, id)->reason, "CAP_REACHED");
}

static void cancelled_once_and_answers_reach_nobody(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    assert_false(vrx_call_is_cancelled(t.calls[0]));
    peer_reset(&t.peer, id);
    assert_int_equal(t.cancelled, 1);
    send(t.calls[0], 5);
    vrx_call_finish(t.calls[0], vrx_ok());
    vrx_call_take_more(t.calls[0], 1);
    peer_exchange(&t.peer);
    assert_int_equal(t.cancelled, 1);
    assert_int_equal(peer_stream(&t.peer, id)->status, -1);
}

static void what_becomes_no_call_is_told_as_refused(void **state) {
    (void)state;
    peer_request(&t.peer, "/t.T/Nothing", NULL);
    peer_exchange(&t.peer);
    assert_int_equal(t.refused, 1);
    assert_int_equal(t.reason, VRX_METHOD_UNKNOWN);
    peer_request(&t.peer, "/t.T/Unary", "soon");
    peer_exchange(&t.peer);
    assert_int_equal(t.refused, 2);
    assert_int_equal(t.reason, VRX_INPUT_MALFORMED);
    int32_t id = peer_request(&t.peer, "/t.T/Unary", NULL);
    peer_message(&t.peer, id, 3, false);
    peer_message(&t.peer, id, 3, true); /* two where one is asked for */
    assert_int_equal(t.refused, 3);
    assert_int_equal(t.reason, VRX_INPUT_TRAILING);
    unary(NULL);
    assert_int_equal(t.messages, 1);
    assert_int_equal(t.refused, 3);
    assert_int_equal(t.cancelled, 0);
}

static void end_of_the_connection_cancels(void **state) {
    (void)state;
    unary(NULL);
    unary(NULL);
    vrx_http2_session_free(&t.peer.server);
    assert_int_equal(t.cancelled, 2);
    vrx_call_finish(t.calls[0], vrx_ok());
}

static void call_that_was_never_begun_is_not_cancelled(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Unary", NULL);
    peer_body(&t.peer, id, "\0\0", 2, false);
    peer_reset(&t.peer, id);
    assert_int_equal(t.count, 0);
    assert_int_equal(t.cancelled, 0);
}

static void count_drop(void *user) {
    assert_ptr_equal(user, &t.dice);
    t.dropped++;
}

static void what_a_call_knows(void **state) {
    (void)state;
    unary("5S");
    unary(NULL);
    const struct vrx_call *call = t.calls[0];
    assert_string_equal((const char *)vrx_call_method(call), "unary");
    assert_ptr_equal(vrx_call_route(call), &routes[0]);
    assert_true(vrx_call_deadline_ms(call) == t.peer.now + 5000);
    assert_true(vrx_call_deadline_ms(t.calls[1]) == INT64_MAX);
    assert_memory_not_equal(
        vrx_call_request_id(call), vrx_call_request_id(t.calls[1]), VRX_CALL_REQUEST_ID);
    assert_int_equal(vrx_call_metadata(call, "te").len, 8);
    assert_int_equal(vrx_call_metadata(call, "absent").len, 0);
    assert_ptr_equal(vrx_call_peer(call), t.peer.identity);
    vrx_call_set_user(t.calls[0], &t.dice, count_drop);
    assert_ptr_equal(vrx_call_user(call), &t.dice);
    vrx_call_finish(t.calls[0], vrx_fail(VRX_NOT_FOUND));
    peer_exchange(&t.peer);
    /* The stream is gone; the reference keeps the rest. */
    assert_int_equal(vrx_call_metadata(call, "te").len, 8);
    assert_int_equal(t.dropped, 0);
    vrx_call_unref(&t.calls[0]);
    assert_int_equal(t.dropped, 1);
}

/* Time */

static void deadline_passes(void **state) {
    (void)state;
    int32_t id = unary("100m");
    peer_advance(&t.peer, 99);
    assert_int_equal(t.cancelled, 0);
    peer_advance(&t.peer, 1);
    assert_int_equal(t.cancelled, 1);
    assert_status(id, VRX_GRPC_DEADLINE_EXCEEDED);
}

static void deadline_of_an_answered_call_does_nothing(void **state) {
    (void)state;
    int32_t id = unary("100m");
    send(t.calls[0], 1);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    peer_advance(&t.peer, 1000);
    assert_status(id, 0);
    assert_int_equal(t.cancelled, 0);
}

static void reply_that_nobody_takes_ends_with_the_deadline(void **state) {
    (void)state;
    int32_t id = unary("100m");
    send(t.calls[0], 100000); /* more than the client's window, which stays shut */
    vrx_call_finish(t.calls[0], vrx_ok());
    nghttp2_session_set_local_window_size(t.peer.h2, NGHTTP2_FLAG_NONE, id, 0);
    t.peer.deaf = true;
    peer_advance(&t.peer, 100);
    t.peer.deaf = false;
    peer_exchange(&t.peer);
    assert_true(peer_stream(&t.peer, id)->closed);
    assert_int_equal(peer_stream(&t.peer, id)->error, NGHTTP2_CANCEL);
    assert_int_equal(peer_stream(&t.peer, id)->status, -1);
}

static void body_that_does_not_end(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Unary", NULL);
    peer_body(&t.peer, id, "\0\0", 2, false);
    peer_advance(&t.peer, VRX_NET_BODY_MS - 1);
    assert_false(peer_stream(&t.peer, id)->closed);
    peer_advance(&t.peer, 1);
    assert_status(id, VRX_GRPC_DEADLINE_EXCEEDED);
}

static void client_stream_may_take_its_time(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    peer_body(&t.peer, id, "\0\0", 2, false);
    peer_advance(&t.peer, 10L * VRX_NET_BODY_MS);
    assert_false(peer_stream(&t.peer, id)->closed);
}

static void head_that_does_not_end(void **state) {
    (void)state;
    /* HEADERS without END_HEADERS: nghttp2's client would not send it. */
    const uint8_t part[] = {0, 0, 1, 1, 0, 0, 0, 0, 1, 0x83};
    assert_ok(vrx_http2_session_receive(t.peer.server, t.peer.now, vrx_view_of(part, sizeof part)));
    assert_true(vrx_http2_session_deadline(t.peer.server) == t.peer.now + VRX_NET_HEAD_MS);
    assert_ok(vrx_http2_session_tick(t.peer.server, t.peer.now + VRX_NET_HEAD_MS - 1));
    assert_reason(
        vrx_http2_session_tick(t.peer.server, t.peer.now + VRX_NET_HEAD_MS), VRX_DEADLINE_EXCEEDED);
}

static void preface_that_does_not_come(void **state) {
    (void)state;
    struct vrx_http2_session *session = NULL;
    struct vrx_http2_config config = {
        .handler = vrx_grpc_service_handler(t.service), .peer = t.peer.identity, .now_ms = 500};
    assert_ok(vrx_http2_session_new(&config, &session));
    assert_true(vrx_http2_session_deadline(session) == 500 + VRX_NET_HEAD_MS);
    assert_ok(vrx_http2_session_receive(session, 600, vrx_view_text("PRI * HTTP/2.0\r\n")));
    assert_ok(vrx_http2_session_tick(session, 500 + VRX_NET_HEAD_MS - 1));
    assert_reason(vrx_http2_session_tick(session, 500 + VRX_NET_HEAD_MS), VRX_DEADLINE_EXCEEDED);
    vrx_http2_session_free(&session);
}

/* Flow control and limits */

static void window_opens_as_messages_are_taken(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    peer_exchange(&t.peer);
    for (int i = 0; i < 20; i++)
        peer_message(&t.peer, id, 100000, false);
    peer_stream(&t.peer, id)->last = true;
    /* One was granted; of the others no more than the window has left the client. */
    assert_int_equal(t.messages, 1);
    size_t kept = peer_stream(&t.peer, id)->outgoing.len;
    assert_true(kept >= 20 * 100005 - 100005 - VRX_NET_STREAM_WINDOW - 100005);
    for (unsigned i = 2; i <= 20; i++) {
        vrx_call_take_more(t.calls[0], 1);
        peer_exchange(&t.peer);
        assert_int_equal(t.messages, i);
    }
    assert_int_equal(t.bytes, 20 * 100000);
    assert_int_equal(t.ends, 0); /* the last message is not done with */
    vrx_call_take_more(t.calls[0], 1);
    assert_int_equal(t.ends, 1);
    send(t.calls[0], 1);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_status(id, 0);
}

static void end_of_a_client_stream_waits_for_its_messages(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    peer_message(&t.peer, id, 1, false);
    peer_message(&t.peer, id, 1, true);
    assert_int_equal(t.messages, 1);
    assert_int_equal(t.ends, 0);
    vrx_call_take_more(t.calls[0], 5);
    assert_int_equal(t.messages, 2);
    assert_int_equal(t.ends, 1);
    vrx_call_take_more(t.calls[0], 5);
    assert_int_equal(t.ends, 1);
}

static void end_of_a_client_stream_waits_for_the_work_on_its_last(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    peer_message(&t.peer, id, 1, true);
    assert_int_equal(t.messages, 1);
    assert_int_equal(t.ends, 0);
    vrx_call_take_more(t.calls[0], 1);
    assert_int_equal(t.ends, 1);
}

static void end_of_an_empty_client_stream(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    peer_body(&t.peer, id, "", 0, true);
    assert_int_equal(t.messages, 0);
    assert_int_equal(t.ends, 1);
}

static void client_stream_may_be_answered_before_its_end(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Collect", NULL);
    peer_message(&t.peer, id, 1, false);
    vrx_call_finish(t.calls[0], vrx_fail(VRX_CAP_REACHED));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_int_equal(t.ends, 0);
    assert_int_equal(t.cancelled, 0);
}

static void server_stream_pauses_with_its_reader(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Spread", NULL);
    peer_message(&t.peer, id, 1, true);
    t.peer.deaf = true;
    for (int i = 0; i < 10; i++)
        send(t.calls[0], 20000);
    peer_exchange(&t.peer);
    assert_int_equal(t.writables, 0);
    t.peer.deaf = false;
    peer_exchange(&t.peer);
    assert_int_equal(t.writables, 1); /* once for all ten */
    send(t.calls[0], 10);
    peer_exchange(&t.peer);
    assert_int_equal(t.writables, 2);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, 10 * 20005 + 15);
    assert_int_equal(t.writables, 2);
}

static void server_stream_ends_with_a_refusal_after_messages(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Spread", NULL);
    peer_message(&t.peer, id, 1, true);
    send(t.calls[0], 10);
    vrx_call_finish(t.calls[0], vrx_fail(VRX_DISK_FULL));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(peer_stream(&t.peer, id)->reason, "DISK_FULL");
    assert_int_equal(peer_stream(&t.peer, id)->received.len, 15);
}

static void messages_pass_both_ways(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Talk", NULL);
    for (unsigned i = 1; i <= 3; i++) {
        peer_message(&t.peer, id, i, false);
        assert_int_equal(t.messages, i);
        send(t.calls[0], 10);
        vrx_call_take_more(t.calls[0], 1);
        peer_exchange(&t.peer);
        assert_int_equal(peer_stream(&t.peer, id)->received.len, i * 15);
        assert_int_equal(t.writables, i);
    }
    peer_body(&t.peer, id, "", 0, true);
    assert_int_equal(t.ends, 1);
    send(t.calls[0], 10); /* also after the client's end */
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, 60);
    assert_int_equal(t.cancelled, 0);
}

static void talk_without_a_message_may_end_well(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Talk", NULL);
    peer_body(&t.peer, id, "", 0, true);
    assert_int_equal(t.ends, 1);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_int_equal(peer_stream(&t.peer, id)->received.len, 0);
}

static void talk_may_take_its_time_and_end_before_its_client(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Talk", NULL);
    peer_message(&t.peer, id, 1, false);
    peer_advance(&t.peer, 10L * VRX_NET_BODY_MS);
    assert_false(peer_stream(&t.peer, id)->closed);
    send(t.calls[0], 10);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_int_equal(peer_stream(&t.peer, id)->error, NGHTTP2_NO_ERROR);
    assert_int_equal(t.ends, 0);
}

/* A client that asks and never reads is asked for no more. */
static void talk_takes_nothing_that_was_not_asked_for(void **state) {
    (void)state;
    int32_t id = peer_request(&t.peer, "/t.T/Talk", NULL);
    peer_message(&t.peer, id, 1, false);
    t.peer.deaf = true;
    send(t.calls[0], 100000);
    for (int i = 0; i < 5; i++)
        peer_message(&t.peer, id, 1, false);
    assert_int_equal(t.messages, 1);
    assert_int_equal(t.writables, 0);
    peer_reset(&t.peer, id);
    assert_int_equal(t.cancelled, 1);
}

/* Metadata and statuses of the application's own */

static void metadata_of_a_reply(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_HEAD, "x-head", vrx_view_text("first")));
    assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_TRAILER, "x-tail", vrx_view_text("last")));
    send(t.calls[0], 1);
    vrx_call_finish(t.calls[0], vrx_ok());
    /* Too late, and no harm. */
    assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_TRAILER, "x-tail", vrx_view_text("late")));
    peer_exchange(&t.peer);
    assert_status(id, 0);
    assert_string_equal(peer_stream(&t.peer, id)->head, "first");
    assert_string_equal(peer_stream(&t.peer, id)->tail, "last");
}

static void metadata_of_a_refusal(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_HEAD, "x-head", vrx_view_text("first")));
    assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_TRAILER, "x-tail", vrx_view_text("last")));
    vrx_call_finish(t.calls[0], vrx_fail(VRX_NOT_FOUND));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_NOT_FOUND);
    assert_string_equal(peer_stream(&t.peer, id)->head, ""); /* Trailers-Only has no head */
    assert_string_equal(peer_stream(&t.peer, id)->tail, "last");
}

/* gRPC PROTOCOL-HTTP2, "Custom-Metadata" */
static void metadata_that_is_none(void **state) {
    (void)state;
    static const struct {
        const char *name;
        const char *value;
    } wrong[] = {{"", "v"}, {"X-Head", "v"}, {"x head", "v"}, {":status", "200"},
        {"grpc-status", "0"}, {"x-head", "line\r\nbreak"}, {"x-head", "\xe2\x98\xba"}};
    unary(NULL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_reason(vrx_call_add_metadata(t.calls[0], VRX_CALL_TRAILER, wrong[i].name,
                          vrx_view_text(wrong[i].value)),
            VRX_INPUT_TEXT);
    for (int i = 0; i < 4; i++)
        assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_HEAD, "x-head", vrx_view_text("v")));
    assert_reason(vrx_call_add_metadata(t.calls[0], VRX_CALL_HEAD, "x-head", vrx_view_text("v")),
        VRX_CAP_REACHED);
    char large[8192];
    assert_reason(vrx_call_add_metadata(t.calls[0], VRX_CALL_TRAILER, "x-tail",
                      vrx_view_of(memset(large, 'v', sizeof large), sizeof large)),
        VRX_CAP_REACHED);
}

static void facts_of_a_refusal_are_few(void **state) {
    (void)state;
    char large[1024];
    int32_t id = unary(NULL);
    memset(large, 'v', sizeof large);
    assert_ok(vrx_call_add_fact(t.calls[0], "action", vrx_view_text("0011")));
    assert_reason(
        vrx_call_add_fact(t.calls[0], "more", vrx_view_of(large, sizeof large)), VRX_CAP_REACHED);
    vrx_call_finish(t.calls[0], vrx_fail(VRX_NOT_FOUND));
    /* Too late, and no harm. */
    assert_ok(vrx_call_add_fact(t.calls[0], "late", vrx_view_text("v")));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_NOT_FOUND);
}

static void status_of_the_applications_own(void **state) {
    (void)state;
    int32_t id = unary(NULL);
    vrx_call_finish_status(t.calls[0], VRX_GRPC_OUT_OF_RANGE, vrx_view_text("\t100% \xe2\x98\xba"));
    vrx_call_finish(t.calls[0], vrx_fail(VRX_NOT_FOUND));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_OUT_OF_RANGE);
    assert_string_equal(peer_stream(&t.peer, id)->message, "%09100%25 %E2%98%BA");
    assert_string_equal(peer_stream(&t.peer, id)->reason, "");
    id = unary(NULL);
    vrx_call_finish_status(t.calls[1], VRX_GRPC_OK, vrx_view_text("a status that is none"));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_INTERNAL);
}

/* 341 characters of three bytes each are 1023. */
static void status_message_is_cut_between_characters(void **state) {
    (void)state;
    char text[3 * 400];
    for (size_t i = 0; i < sizeof text; i += 3)
        memcpy(text + i, "\xe2\x98\xba", 3);
    int32_t id = unary(NULL);
    vrx_call_finish_status(t.calls[0], VRX_GRPC_UNKNOWN, vrx_view_of(text, sizeof text));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_UNKNOWN);
    assert_int_equal(strlen(peer_stream(&t.peer, id)->message), 341 * 9);
}

/* Compression */

/* The gzip member of 5000 times 'z'. */
static size_t zipped_frame(uint8_t frame[128]) {
    static const uint8_t member[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03,
        0xed, 0xc1, 0x31, 0x01, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0xde, 0x4b, 0x6f, 0x0a, 0x3f, 0xa0,
        0x00, 0x00, 0x00, 0x00, 0x80, 0xb7, 0x01, 0x2a, 0x91, 0x9d, 0xe8, 0x88, 0x13, 0x00, 0x00};
    vrx_frame_head(sizeof member, frame);
    frame[0] = 1;
    memcpy(frame + VRX_FRAME_HEAD, member, sizeof member);
    return VRX_FRAME_HEAD + sizeof member;
}

/* A message of exactly the limit, in 4 KiB. */
static size_t bomb_frame(uint8_t frame[8192]) {
    z_stream stream = {0};
    uint8_t *zeroes = calloc(1, VRX_LIMIT_MESSAGE);
    assert_non_null(zeroes);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = zeroes;
    stream.avail_in = (uInt)VRX_LIMIT_MESSAGE;
    stream.next_out = frame + VRX_FRAME_HEAD;
    stream.avail_out = 8192 - VRX_FRAME_HEAD;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t len = stream.total_out;
    deflateEnd(&stream);
    free(zeroes);
    vrx_frame_head(len, frame);
    frame[0] = 1;
    return VRX_FRAME_HEAD + len;
}

static void compressed_message_is_handed_up_inflated(void **state) {
    (void)state;
    uint8_t frame[128];
    size_t len = zipped_frame(frame);
    t.peer.encoding = "gzip";
    int32_t id = peer_request(&t.peer, "/t.T/Talk", NULL);
    peer_body(&t.peer, id, frame, len, false);
    assert_int_equal(t.messages, 1);
    assert_int_equal(t.bytes, 5000);
    vrx_call_take_more(t.calls[0], 1);
    peer_message(&t.peer, id, 7, true); /* one that is not compressed, on the same stream */
    assert_int_equal(t.messages, 2);
    assert_int_equal(t.bytes, 5007);
}

static void compressed_messages_count_as_what_they_are(void **state) {
    (void)state;
    uint8_t frame[8192];
    size_t len = bomb_frame(frame);
    t.peer.encoding = "gzip";
    for (int i = 0; i < 4; i++) /* whole, and kept until the request ends */
        peer_body(&t.peer, peer_request(&t.peer, "/t.T/Unary", NULL), frame, len, false);
    int32_t id = peer_request(&t.peer, "/t.T/Unary", NULL);
    peer_body(&t.peer, id, frame, len, false);
    assert_status(id, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_string_equal(peer_stream(&t.peer, id)->reason, "QUEUE_FULL");
}

/* gRPC-web (PROTOCOL-WEB) */

static void assert_web_end(int32_t id, size_t at, const char *trailers) {
    struct peer_stream *stream = peer_stream(&t.peer, id);
    uint8_t head[VRX_FRAME_HEAD];
    assert_true(stream->closed);
    assert_int_equal(stream->error, NGHTTP2_NO_ERROR);
    assert_string_equal(stream->type, "application/grpc-web+proto");
    assert_int_equal(stream->status, -1); /* no trailers of HTTP/2 */
    vrx_frame_head(strlen(trailers), head);
    head[0] = 0x80;
    assert_int_equal(stream->received.len, at + sizeof head + strlen(trailers));
    assert_memory_equal(stream->received.ptr + at, head, sizeof head);
    assert_memory_equal(stream->received.ptr + at + sizeof head, trailers, strlen(trailers));
}

static void web_reply_ends_with_its_trailers_in_the_body(void **state) {
    (void)state;
    t.peer.content_type = "application/grpc-web+proto";
    int32_t id = unary(NULL);
    assert_ok(vrx_call_add_metadata(t.calls[0], VRX_CALL_TRAILER, "x-tail", vrx_view_text("last")));
    send(t.calls[0], 7);
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_web_end(id, VRX_FRAME_HEAD + 7, "grpc-status: 0\r\nx-tail: last\r\n");
}

static void web_stream_may_end_in_a_status_of_any_text(void **state) {
    (void)state;
    t.peer.content_type = "application/grpc-web; charset=utf-8";
    int32_t id = peer_request(&t.peer, "/t.T/Spread", NULL);
    peer_message(&t.peer, id, 1, true);
    send(t.calls[0], 10);
    send(t.calls[0], 20);
    vrx_call_finish_status(t.calls[0], VRX_GRPC_ABORTED, vrx_view_text("a\r\nb: c"));
    peer_exchange(&t.peer);
    assert_web_end(id, 15 + 25, "grpc-status: 10\r\ngrpc-message: a%0D%0Ab: c\r\n");
}

static void web_refusal_is_told_in_the_head(void **state) {
    (void)state;
    t.peer.content_type = "application/grpc-web";
    int32_t id = unary(NULL);
    vrx_call_finish(t.calls[0], vrx_fail(VRX_NOT_FOUND));
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_NOT_FOUND);
    assert_string_equal(peer_stream(&t.peer, id)->type, "application/grpc-web+proto");
    id = peer_request(&t.peer, "/t.T/Nothing", NULL);
    peer_exchange(&t.peer);
    assert_status(id, VRX_GRPC_UNIMPLEMENTED);
    assert_string_equal(peer_stream(&t.peer, id)->type, "application/grpc-web+proto");
}

/* The end of the body waits for the reader like any message. */
static void web_trailers_wait_for_the_window(void **state) {
    (void)state;
    t.peer.content_type = "application/grpc-web";
    int32_t id = unary(NULL);
    send(t.calls[0], 200000);
    t.peer.deaf = true;
    vrx_call_finish(t.calls[0], vrx_ok());
    peer_exchange(&t.peer);
    assert_false(peer_stream(&t.peer, id)->closed);
    t.peer.deaf = false;
    peer_exchange(&t.peer);
    assert_web_end(id, VRX_FRAME_HEAD + 200000, "grpc-status: 0\r\n");
}

static void encoding_that_nobody_knows(void **state) {
    (void)state;
    t.peer.encoding = "zstd";
    assert_status(unary(NULL), VRX_GRPC_UNIMPLEMENTED);
    t.peer.encoding = "identity";
    unary(NULL);
    assert_int_equal(t.messages, 1);
}

static void one_path_twice_is_refused(void **state) {
    (void)state;
    const struct vrx_grpc_route twice[] = {routes[0], routes[1], routes[0]};
    struct vrx_grpc_handler handler = {.message = on_message};
    struct vrx_grpc_service *service = NULL;
    assert_reason(vrx_grpc_service_new(twice, 3, &handler, &random_source, &service),
        VRX_INPUT_DUPLICATE_KEY);
    assert_null(service);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reply_then_finish),
        TEST(ok_without_reply_is_internal),
        TEST(refusal_drops_the_reply),
        TEST(second_finish_and_late_send_are_ignored),
        TEST(oversized_reply_is_refused),
        TEST(cancelled_once_and_answers_reach_nobody),
        TEST(what_becomes_no_call_is_told_as_refused),
        TEST(end_of_the_connection_cancels),
        TEST(call_that_was_never_begun_is_not_cancelled),
        TEST(what_a_call_knows),
        TEST(deadline_passes),
        TEST(deadline_of_an_answered_call_does_nothing),
        TEST(reply_that_nobody_takes_ends_with_the_deadline),
        TEST(body_that_does_not_end),
        TEST(client_stream_may_take_its_time),
        TEST(head_that_does_not_end),
        TEST(preface_that_does_not_come),
        TEST(window_opens_as_messages_are_taken),
        TEST(end_of_a_client_stream_waits_for_its_messages),
        TEST(end_of_a_client_stream_waits_for_the_work_on_its_last),
        TEST(end_of_an_empty_client_stream),
        TEST(client_stream_may_be_answered_before_its_end),
        TEST(server_stream_pauses_with_its_reader),
        TEST(server_stream_ends_with_a_refusal_after_messages),
        TEST(messages_pass_both_ways),
        TEST(talk_without_a_message_may_end_well),
        TEST(talk_may_take_its_time_and_end_before_its_client),
        TEST(talk_takes_nothing_that_was_not_asked_for),
        TEST(metadata_of_a_reply),
        TEST(metadata_of_a_refusal),
        TEST(metadata_that_is_none),
        TEST(facts_of_a_refusal_are_few),
        TEST(status_of_the_applications_own),
        TEST(status_message_is_cut_between_characters),
        TEST(compressed_message_is_handed_up_inflated),
        TEST(compressed_messages_count_as_what_they_are),
        TEST(encoding_that_nobody_knows),
        TEST(web_reply_ends_with_its_trailers_in_the_body),
        TEST(web_stream_may_end_in_a_status_of_any_text),
        TEST(web_refusal_is_told_in_the_head),
        TEST(web_trailers_wait_for_the_window),
        cmocka_unit_test(one_path_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
