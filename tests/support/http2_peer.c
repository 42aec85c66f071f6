/* SPDX-License-Identifier: Apache-2.0 */
#include "support/http2_peer.h"

#include <stdlib.h>

#include "grpc/details.h"
#include "grpc/frame.h"
#include "support/check.h"

struct peer_stream *peer_stream(struct http2_peer *peer, int32_t id) {
    assert_true(id > 0 && id / 2 < PEER_STREAMS);
    return &peer->streams[id / 2];
}

static void keep_text(struct vrx_view field, const char *name, const uint8_t *value,
    size_t value_len, char *ret_text, size_t size) {
    if (!vrx_view_equal(field, vrx_view_text(name)))
        return;
    assert_true(value_len < size);
    memcpy(ret_text, value, value_len);
    ret_text[value_len] = 0;
}

static void keep_number(
    struct vrx_view field, const char *name, struct vrx_view value, int *ret_number) {
    if (!vrx_view_equal(field, vrx_view_text(name)))
        return;
    *ret_number = 0;
    for (size_t i = 0; i < value.len; i++)
        *ret_number = *ret_number * 10 + (value.ptr[i] - '0');
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *user) {
    (void)h2;
    (void)flags;
    struct peer_stream *stream = peer_stream(user, frame->hd.stream_id);
    struct vrx_view field = vrx_view_of(name, name_len);
    keep_text(field, "grpc-message", value, value_len, stream->message, sizeof stream->message);
    keep_text(field, "x-head", value, value_len, stream->head, sizeof stream->head);
    keep_text(field, "x-tail", value, value_len, stream->tail, sizeof stream->tail);
    keep_text(field, "content-type", value, value_len, stream->type, sizeof stream->type);
    keep_number(field, ":status", vrx_view_of(value, value_len), &stream->http);
    keep_number(field, "grpc-status", vrx_view_of(value, value_len), &stream->status);
    if (vrx_view_equal(field, vrx_view_text("grpc-status-details-bin"))) {
        struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
        struct vrx_details details;
        assert_ok(vrx_binary_field_decode(vrx_view_of(value, value_len), &bytes));
        assert_ok(vrx_details_decode(vrx_buffer_view(&bytes), &details));
        assert_true(details.reason.len < sizeof stream->reason);
        memcpy(stream->reason, details.reason.ptr, details.reason.len);
    }
    return 0;
}

static int on_data(
    nghttp2_session *h2, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *user) {
    (void)h2;
    (void)flags;
    assert_ok(vrx_buffer_append(&peer_stream(user, id)->received, vrx_view_of(data, len)));
    return 0;
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *frame, void *user) {
    (void)h2;
    struct http2_peer *peer = user;
    if (frame->hd.type == NGHTTP2_GOAWAY) {
        peer->goaways++;
        peer->goaway_last = frame->goaway.last_stream_id;
        peer->goaway_error = frame->goaway.error_code;
    }
    return 0;
}

static int on_close(nghttp2_session *h2, int32_t id, uint32_t error, void *user) {
    (void)h2;
    peer_stream(user, id)->closed = true;
    peer_stream(user, id)->error = error;
    return 0;
}

static ssize_t on_read(nghttp2_session *h2, int32_t id, uint8_t *out, size_t room, uint32_t *flags,
    nghttp2_data_source *source, void *user) {
    (void)h2;
    (void)source;
    struct peer_stream *stream = peer_stream(user, id);
    size_t n = stream->outgoing.len < room ? stream->outgoing.len : room;
    if (!n && !stream->last) {
        stream->deferred = true;
        return NGHTTP2_ERR_DEFERRED;
    }
    if (n) {
        memcpy(out, stream->outgoing.ptr, n);
        memmove(stream->outgoing.ptr, stream->outgoing.ptr + n, stream->outgoing.len - n);
        stream->outgoing.len -= n;
    }
    if (!stream->outgoing.len && stream->last)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static void on_touched(void *owner) {
    ((struct http2_peer *)owner)->touched = true;
}

static uint32_t may_call(void *context) {
    const struct http2_peer *peer = context;
    return peer->barred ? 1500 : 0;
}

void peer_init(struct http2_peer *peer, const struct vrx_http2_handler *handler, uint32_t window) {
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_settings_entry setting = {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window};
    *peer = (struct http2_peer){.now = 1000000, .identity = vrx_peer_new()};
    assert_non_null(peer->identity);
    struct vrx_http2_config config = {.handler = handler,
        .peer = peer->identity,
        .touched = on_touched,
        .admit = may_call,
        .owner = peer,
        .now_ms = peer->now};
    assert_ok(vrx_http2_session_new(&config, &peer->server));
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    assert_int_equal(nghttp2_session_client_new(&peer->h2, callbacks, peer), 0);
    nghttp2_session_callbacks_del(callbacks);
    assert_int_equal(nghttp2_submit_settings(peer->h2, NGHTTP2_FLAG_NONE, &setting, 1), 0);
    assert_int_equal(
        nghttp2_session_set_local_window_size(peer->h2, NGHTTP2_FLAG_NONE, 0, INT32_MAX), 0);
    peer_exchange(peer);
}

void peer_done(struct http2_peer *peer) {
    vrx_http2_session_free(&peer->server);
    nghttp2_session_del(peer->h2);
    vrx_peer_unref(&peer->identity);
    for (size_t i = 0; i < PEER_STREAMS; i++) {
        vrx_buffer_done(&peer->streams[i].received);
        vrx_buffer_done(&peer->streams[i].outgoing);
    }
}

static bool to_server(struct http2_peer *peer) {
    const uint8_t *bytes = NULL;
    ssize_t len = nghttp2_session_mem_send(peer->h2, &bytes);
    assert_true(len >= 0);
    if (!len || !vrx_is_ok(peer->failure))
        return false;
    peer->failure =
        vrx_http2_session_receive(peer->server, peer->now, vrx_view_of(bytes, (size_t)len));
    return true;
}

static bool to_client(struct http2_peer *peer) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    if (peer->deaf)
        return false;
    assert_ok(vrx_http2_session_pull(peer->server, &out, 16384));
    if (!out.len)
        return false;
    assert_int_equal(nghttp2_session_mem_recv(peer->h2, out.ptr, out.len), out.len);
    return true;
}

void peer_exchange(struct http2_peer *peer) {
    bool more = true;
    while (more) {
        more = to_server(peer);
        more |= to_client(peer);
    }
    peer->touched = false;
}

void peer_advance(struct http2_peer *peer, int64_t ms) {
    peer->now += ms;
    if (vrx_http2_session_deadline(peer->server) <= peer->now)
        peer->failure = vrx_http2_session_tick(peer->server, peer->now);
    peer_exchange(peer);
}

static nghttp2_nv nv(const char *name, const char *value) {
    union {
        const char *from;
        uint8_t *to;
    } n = {name}, v = {value};
    return (nghttp2_nv){n.to, v.to, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

int32_t peer_request(struct http2_peer *peer, const char *path, const char *timeout) {
    nghttp2_nv head[] = {nv(":method", "POST"), nv(":scheme", "https"), nv(":path", path),
        nv(":authority", "localhost"),
        nv("content-type", peer->content_type ? peer->content_type : "application/grpc"),
        nv("te", "trailers"), nv("", ""), nv("", "")};
    size_t count = sizeof head / sizeof *head - 2;
    if (timeout)
        head[count++] = nv("grpc-timeout", timeout);
    if (peer->encoding)
        head[count++] = nv("grpc-encoding", peer->encoding);
    nghttp2_data_provider provider = {.read_callback = on_read};
    int32_t id = nghttp2_submit_request(peer->h2, NULL, head, count, &provider, NULL);
    *peer_stream(peer, id) = (struct peer_stream){.used = true, .status = -1};
    return id;
}

void peer_body(struct http2_peer *peer, int32_t id, const void *bytes, size_t len, bool last) {
    struct peer_stream *stream = peer_stream(peer, id);
    assert_ok(vrx_buffer_append(&stream->outgoing, vrx_view_of(bytes, len)));
    stream->last = last;
    if (stream->deferred) {
        stream->deferred = false;
        assert_int_equal(nghttp2_session_resume_data(peer->h2, id), 0);
    }
    peer_exchange(peer);
}

void peer_message(struct http2_peer *peer, int32_t id, size_t len, bool last) {
    uint8_t *frame = calloc(1, VRX_FRAME_HEAD + len);
    assert_non_null(frame);
    vrx_frame_head(len, frame);
    memset(frame + VRX_FRAME_HEAD, 'm', len);
    peer_body(peer, id, frame, VRX_FRAME_HEAD + len, last);
    free(frame);
}

void peer_reset(struct http2_peer *peer, int32_t id) {
    assert_int_equal(nghttp2_submit_rst_stream(peer->h2, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL), 0);
    peer_exchange(peer);
}
