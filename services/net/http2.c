/* SPDX-License-Identifier: Apache-2.0
 *
 * nghttp2 does the framing, HPACK, stream states and flow control; what stands here is what it
 * leaves open: our limits (limits.h), the window that opens only as the application reads,
 * responses that are written later, the two-step GOAWAY, and stream deadlines on a clock that is
 * handed in.
 *
 * The end of a request is told after all bytes at hand are read: clients (Node's for one) say
 * END_STREAM and RST_STREAM in one breath when they give up, and that must not look like a complete
 * request.
 *
 * nghttp2 calls back from within nghttp2_session_mem_recv and _mem_send only. Submitting is allowed
 * at any time, so the layer above may answer from within a callback; `inside` keeps such an answer
 * from asking for a flush that follows anyway.
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "net/http2_state.h"
#include "net/limits.h"

#define FIELD_OVERHEAD 32 /* RFC 9113 §6.5.2 */

static const uint8_t drain_ping[8] = {'v', 'r', 'x', 'd', 'r', 'a', 'i', 'n'};

static bool bucket_take(struct vrx_http2_bucket *bucket, int64_t now, int64_t rate, int64_t burst) {
    bucket->millitokens += (now - bucket->at) * rate; /* ms times tokens a second */
    bucket->at = now;
    if (bucket->millitokens > burst * 1000)
        bucket->millitokens = burst * 1000;
    if (bucket->millitokens < 1000)
        return false;
    bucket->millitokens -= 1000;
    return true;
}

void vrx_http2_session_touch(struct vrx_http2_session *session) {
    if (!session->inside && session->touched)
        session->touched(session->owner);
}

static void note_limit(struct vrx_http2_session *session, enum vrx_net_limit limit) {
    if (session->limit == VRX_NET_WITHIN_LIMITS)
        session->limit = limit;
}

static void calm_down(struct vrx_http2_session *session, enum vrx_net_limit limit) {
    note_limit(session, limit);
    nghttp2_session_terminate_session(session->h2, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void count_reset(struct vrx_http2_session *session) {
    if (!bucket_take(&session->resets, session->now, VRX_NET_RESETS_RATE, VRX_NET_RESETS_BURST))
        calm_down(session, VRX_NET_LIMIT_RESETS);
}

uint32_t vrx_http2_stream_admit(struct vrx_http2_stream *stream) {
    struct vrx_http2_session *session = stream->session;
    const uint32_t wait_ms = session->admit ? session->admit(session->owner) : 0;
    if (wait_ms)
        count_reset(session);
    return wait_ms;
}

/* Streams */

static struct vrx_http2_stream *stream_new(struct vrx_http2_session *session, int32_t id) {
    struct vrx_http2_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return NULL;
    stream->session = session;
    stream->id = id;
    stream->last = &stream->first;
    stream->deadline = INT64_MAX;
    stream->fields.limit = 2 * VRX_NET_HEADER_BYTES;
    stream->next = session->streams;
    if (stream->next)
        stream->next->previous = stream;
    session->streams = stream;
    session->count++;
    return stream;
}

static void forget_complete(struct vrx_http2_stream *stream) {
    struct vrx_http2_session *session = stream->session;
    struct vrx_http2_stream **at = &session->complete;
    while (*at && *at != stream)
        at = &(*at)->next_complete;
    if (!*at)
        return;
    *at = stream->next_complete;
    if (!*at)
        session->complete_last = at;
}

static void stream_free(struct vrx_http2_stream *stream, uint32_t error) {
    struct vrx_http2_session *session = stream->session;
    while (stream->first) {
        struct vrx_http2_chunk *chunk = stream->first;
        stream->first = chunk->next;
        chunk->release(chunk);
    }
    session->outbound -= stream->waiting;
    session->inbound -= stream->held;
    forget_complete(stream);
    stream->waiting = 0;
    stream->held = 0;
    if (stream->requested)
        session->handler->closed(session->handler->context, stream, error);
    if (stream->next)
        stream->next->previous = stream->previous;
    if (stream->previous)
        stream->previous->next = stream->next;
    else
        session->streams = stream->next;
    session->count--;
    vrx_buffer_done(&stream->fields);
    free(stream);
}

static struct vrx_http2_stream *stream_find(nghttp2_session *h2, int32_t id) {
    return nghttp2_session_get_stream_user_data(h2, id);
}

/* What nghttp2 reports while it reads */

static bool carries_nothing(const nghttp2_frame_hd *head) {
    switch (head->type) {
    case NGHTTP2_DATA:
        return !head->length && !(head->flags & NGHTTP2_FLAG_END_STREAM);
    case NGHTTP2_PING:
    case NGHTTP2_SETTINGS:
        return !(head->flags & NGHTTP2_FLAG_ACK);
    case NGHTTP2_HEADERS:
    case NGHTTP2_CONTINUATION:
    case NGHTTP2_RST_STREAM:
    case NGHTTP2_WINDOW_UPDATE:
    case NGHTTP2_GOAWAY:
        return false;
    default:
        return true;
    }
}

static int on_begin_frame(nghttp2_session *h2, const nghttp2_frame_hd *head, void *user) {
    (void)h2;
    struct vrx_http2_session *session = user;
    if (head->type == NGHTTP2_RST_STREAM)
        count_reset(session);
    else if (carries_nothing(head) && !bucket_take(&session->controls, session->now,
                                          VRX_NET_CONTROL_RATE, VRX_NET_CONTROL_BURST))
        calm_down(session, VRX_NET_LIMIT_CONTROLS);
    return 0;
}

static int on_begin_headers(nghttp2_session *h2, const nghttp2_frame *frame, void *user) {
    struct vrx_http2_session *session = user;
    session->head_since = session->now;
    session->head_bytes = 0;
    if (frame->headers.cat != NGHTTP2_HCAT_REQUEST)
        return 0;
    struct vrx_http2_stream *stream = stream_new(session, frame->hd.stream_id);
    if (!stream)
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    nghttp2_session_set_stream_user_data(h2, stream->id, stream);
    return 0;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *user) {
    (void)flags;
    struct vrx_http2_session *session = user;
    struct vrx_http2_stream *stream = stream_find(h2, frame->hd.stream_id);
    session->head_bytes += name_len + value_len + FIELD_OVERHEAD;
    if (session->head_bytes > VRX_NET_HEADER_BOMB) {
        calm_down(session, VRX_NET_LIMIT_HEADERS);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE; /* tells of no more of this head */
    }
    if (!stream || stream->requested) /* a trailer: nothing reads it */
        return 0;
    stream->header_bytes += name_len + value_len + FIELD_OVERHEAD;
    if (stream->header_bytes > VRX_NET_HEADER_BYTES) {
        stream->oversized = true;
        return 0;
    }
    uint8_t *at = NULL;
    if (!vrx_is_ok(vrx_buffer_extend(&stream->fields, 4 + name_len + value_len, &at)))
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    vrx_put_u16(at, (uint16_t)name_len);
    vrx_put_u16(at + 2, (uint16_t)value_len);
    memcpy(at + 4, name, name_len);
    if (value_len)
        memcpy(at + 4 + name_len, value, value_len);
    return 0;
}

static int on_data_chunk(
    nghttp2_session *h2, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *user) {
    (void)flags;
    struct vrx_http2_session *session = user;
    if (nghttp2_session_consume_connection(h2, len))
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    struct vrx_http2_stream *stream = stream_find(h2, id);
    if (stream && stream->requested)
        session->handler->data(session->handler->context, stream, vrx_view_of(data, len));
    return 0;
}

static void final_goaway(struct vrx_http2_session *session) {
    session->drain = DRAIN_FINAL;
    session->goaway_at = INT64_MAX;
    nghttp2_submit_goaway(session->h2, NGHTTP2_FLAG_NONE,
        nghttp2_session_get_last_proc_stream_id(session->h2), NGHTTP2_NO_ERROR, NULL, 0);
}

static void on_message_frame(struct vrx_http2_session *session, const nghttp2_frame *frame) {
    struct vrx_http2_stream *stream = stream_find(session->h2, frame->hd.stream_id);
    if (frame->hd.type == NGHTTP2_HEADERS)
        session->head_since = INT64_MAX;
    if (!stream)
        return;
    const struct vrx_http2_handler *handler = session->handler;
    bool last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
    if (last)
        stream->ended = true;
    if (!stream->requested) {
        stream->requested = true;
        handler->request(handler->context, stream);
    }
    if (last) {
        *session->complete_last = stream;
        session->complete_last = &stream->next_complete;
    }
}

static void tell_complete(struct vrx_http2_session *session) {
    while (session->complete) {
        struct vrx_http2_stream *stream = session->complete;
        session->complete = stream->next_complete;
        stream->next_complete = NULL;
        if (!session->complete)
            session->complete_last = &session->complete;
        session->handler->end(session->handler->context, stream);
    }
}

static int on_frame(nghttp2_session *h2, const nghttp2_frame *frame, void *user) {
    (void)h2;
    struct vrx_http2_session *session = user;
    switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
        on_message_frame(session, frame);
        break;
    case NGHTTP2_SETTINGS:
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK))
            session->head_since = INT64_MAX; /* the preface is complete */
        break;
    case NGHTTP2_PING:
        if (session->drain == DRAIN_NOTICE && (frame->hd.flags & NGHTTP2_FLAG_ACK) &&
            !memcmp(frame->ping.opaque_data, drain_ping, sizeof drain_ping))
            final_goaway(session);
        break;
    default:
        break;
    }
    return 0;
}

/* What nghttp2 reports while it writes */

/* A response that is complete before its request: RFC 9113 §8.1 lets us ask for no more of it. */
static int on_frame_sent(nghttp2_session *h2, const nghttp2_frame *frame, void *user) {
    struct vrx_http2_session *session = user;
    uint8_t type = frame->hd.type;
    if (type == NGHTTP2_RST_STREAM) {
        if (frame->rst_stream.error_code != NGHTTP2_NO_ERROR &&
            frame->rst_stream.error_code != NGHTTP2_REFUSED_STREAM)
            count_reset(session);
        return 0;
    }
    if ((type != NGHTTP2_HEADERS && type != NGHTTP2_DATA) ||
        !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        return 0;
    struct vrx_http2_stream *stream = stream_find(h2, frame->hd.stream_id);
    if (stream && !stream->ended)
        nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    return 0;
}

static int on_stream_close(nghttp2_session *h2, int32_t id, uint32_t error, void *user) {
    (void)user;
    struct vrx_http2_stream *stream = stream_find(h2, id);
    if (stream) {
        nghttp2_session_set_stream_user_data(h2, id, NULL);
        stream_free(stream, error);
    }
    return 0;
}

/* Session */

/* nghttp2 allocates through us, so that tests can let it run out of memory. */

static void *h2_malloc(size_t size, void *user) {
    (void)user;
    return malloc(size);
}

static void h2_free(void *pointer, void *user) {
    (void)user;
    free(pointer);
}

static void *h2_calloc(size_t count, size_t size, void *user) {
    (void)user;
    return calloc(count, size);
}

static void *h2_realloc(void *pointer, size_t size, void *user) {
    (void)user;
    return realloc(pointer, size);
}

static int set_callbacks(nghttp2_session_callbacks **ret_callbacks) {
    nghttp2_session_callbacks *callbacks = NULL;
    if (nghttp2_session_callbacks_new(&callbacks))
        return -1;
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, on_begin_frame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    *ret_callbacks = callbacks;
    return 0;
}

static int set_options(nghttp2_option **ret_option) {
    nghttp2_option *option = NULL;
    if (nghttp2_option_new(&option))
        return -1;
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_continuations(option, VRX_NET_CONTINUATIONS);
    nghttp2_option_set_max_settings(option, VRX_NET_SETTINGS);
    nghttp2_option_set_max_outbound_ack(option, VRX_NET_ACKS);
    /* nghttp2's own count knows whole seconds and ends with INTERNAL_ERROR; ours speaks first. */
    nghttp2_option_set_stream_reset_rate_limit(
        option, 2 * VRX_NET_RESETS_BURST, 2 * VRX_NET_RESETS_RATE);
    *ret_option = option;
    return 0;
}

/* SETTINGS_NO_RFC7540_PRIORITIES is left out: with it nghttp2 1.52 frees an item twice when memory
 * runs out at the wrong moment (tests/fault/grpc finds it). */
static int submit_settings(nghttp2_session *h2) {
    static const nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, VRX_NET_STREAMS},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, VRX_NET_STREAM_WINDOW},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, VRX_NET_HEADER_BYTES},
    };
    int error = nghttp2_submit_settings(
        h2, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof *settings);
    if (!error)
        error = nghttp2_session_set_local_window_size(
            h2, NGHTTP2_FLAG_NONE, 0, VRX_NET_CONNECTION_WINDOW);
    return error;
}

static int open_h2(struct vrx_http2_session *session) {
    nghttp2_mem memory = {NULL, h2_malloc, h2_free, h2_calloc, h2_realloc};
    nghttp2_session_callbacks *callbacks = NULL;
    nghttp2_option *option = NULL;
    int error = set_callbacks(&callbacks);
    if (!error)
        error = set_options(&option);
    if (!error)
        error = nghttp2_session_server_new3(&session->h2, callbacks, session, option, &memory);
    if (!error)
        error = submit_settings(session->h2);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    return error;
}

struct vrx_result vrx_http2_session_new(
    const struct vrx_http2_config *config, struct vrx_http2_session **ret_session) {
    struct vrx_http2_session *session = calloc(1, sizeof *session);
    if (!session)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    session->handler = config->handler;
    session->peer = vrx_peer_ref(config->peer);
    session->loop = config->loop;
    session->touched = config->touched;
    session->admit = config->admit;
    session->owner = config->owner;
    session->now = config->now_ms;
    session->head_since = config->now_ms;
    session->complete_last = &session->complete;
    session->deadline = INT64_MAX;
    session->goaway_at = INT64_MAX;
    session->resets =
        (struct vrx_http2_bucket){config->now_ms, INT64_C(1000) * VRX_NET_RESETS_BURST};
    session->controls =
        (struct vrx_http2_bucket){config->now_ms, INT64_C(1000) * VRX_NET_CONTROL_BURST};
    if (open_h2(session)) {
        vrx_http2_session_free(&session);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    *ret_session = session;
    return vrx_ok();
}

void vrx_http2_session_free(struct vrx_http2_session **session) {
    struct vrx_http2_session *own = *session;
    *session = NULL;
    if (!own)
        return;
    own->inside = true;
    struct vrx_http2_stream *next = NULL;
    for (struct vrx_http2_stream *stream = own->streams; stream; stream = next) {
        next = stream->next;
        stream_free(stream, NGHTTP2_CANCEL);
    }
    nghttp2_session_del(own->h2);
    vrx_peer_unref(&own->peer);
    free(own);
}

struct vrx_result vrx_http2_session_receive(
    struct vrx_http2_session *session, int64_t now_ms, struct vrx_view bytes) {
    session->now = now_ms;
    session->inside = true;
    ssize_t taken = nghttp2_session_mem_recv(session->h2, bytes.ptr, bytes.len);
    if (taken >= 0)
        tell_complete(session);
    session->inside = false;
    if (taken >= 0)
        return vrx_ok();
    if (taken == NGHTTP2_ERR_NOMEM)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (taken == NGHTTP2_ERR_BAD_CLIENT_MAGIC)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 9113 §3.4: connection preface");
    note_limit(session, VRX_NET_LIMIT_FLOOD);
    return vrx_refuse(VRX_RATE_EXCEEDED, "RFC 9113 §10.5: denial-of-service considerations");
}

static void notify_drained(struct vrx_http2_session *session) {
    session->drained = false;
    for (struct vrx_http2_stream *stream = session->streams; stream; stream = stream->next) {
        if (!stream->drained)
            continue;
        stream->drained = false;
        session->handler->drained(session->handler->context, stream);
    }
}

/* nghttp2 keeps the buffer of its last frame as long as the session lives, and with it what a reply
 * said. The buffer is its own, writable memory, which a server's session never reads again. */
static void wipe_sent(const uint8_t *bytes, size_t len) {
    vrx_wipe((void *)(uintptr_t)bytes, len);
}

static struct vrx_result pull(
    struct vrx_http2_session *session, struct vrx_buffer *out, size_t limit) {
    while (out->len < limit) {
        const uint8_t *bytes = NULL;
        ssize_t len = nghttp2_session_mem_send(session->h2, &bytes);
        if (len < 0)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        if (len == 0) {
            if (!session->drained)
                break;
            notify_drained(session);
            continue;
        }
        struct vrx_result result = vrx_buffer_append(out, vrx_view_of(bytes, (size_t)len));
        wipe_sent(bytes, (size_t)len);
        VRX_TRY(result);
    }
    return vrx_ok();
}

struct vrx_result vrx_http2_session_pull(
    struct vrx_http2_session *session, struct vrx_buffer *out, size_t limit) {
    session->inside = true;
    struct vrx_result result = pull(session, out, limit);
    session->inside = false;
    return result;
}

bool vrx_http2_session_finished(const struct vrx_http2_session *session) {
    return !nghttp2_session_want_read(session->h2) && !nghttp2_session_want_write(session->h2);
}

enum vrx_net_limit vrx_http2_session_limit(const struct vrx_http2_session *session) {
    return session->limit;
}

size_t vrx_http2_session_streams(const struct vrx_http2_session *session) {
    return session->count;
}

int64_t vrx_http2_session_deadline(const struct vrx_http2_session *session) {
    int64_t at = session->deadline;
    if (session->head_since != INT64_MAX && session->head_since + VRX_NET_HEAD_MS < at)
        at = session->head_since + VRX_NET_HEAD_MS;
    return session->goaway_at < at ? session->goaway_at : at;
}

struct vrx_result vrx_http2_session_tick(struct vrx_http2_session *session, int64_t now_ms) {
    session->now = now_ms;
    if (session->head_since != INT64_MAX && now_ms >= session->head_since + VRX_NET_HEAD_MS) {
        note_limit(session, VRX_NET_LIMIT_HEAD);
        return vrx_fail(VRX_DEADLINE_EXCEEDED);
    }
    if (now_ms >= session->goaway_at) {
        final_goaway(session);
        vrx_http2_session_touch(session);
    }
    if (now_ms < session->deadline)
        return vrx_ok();
    session->deadline = INT64_MAX;
    for (struct vrx_http2_stream *stream = session->streams; stream; stream = stream->next) {
        if (stream->deadline <= now_ms) {
            stream->deadline = INT64_MAX;
            session->handler->expired(session->handler->context, stream);
        }
        if (stream->deadline < session->deadline)
            session->deadline = stream->deadline;
    }
    return vrx_ok();
}

void vrx_http2_session_ping(struct vrx_http2_session *session) {
    nghttp2_submit_ping(session->h2, NGHTTP2_FLAG_NONE, NULL);
    vrx_http2_session_touch(session);
}

void vrx_http2_session_drain(struct vrx_http2_session *session, int64_t now_ms) {
    if (session->drain != DRAIN_NONE)
        return;
    session->drain = DRAIN_NOTICE;
    session->goaway_at = now_ms + VRX_NET_GOAWAY_MS;
    nghttp2_submit_shutdown_notice(session->h2);
    nghttp2_submit_ping(session->h2, NGHTTP2_FLAG_NONE, drain_ping);
    vrx_http2_session_touch(session);
}

struct vrx_result vrx_http2_session_end(struct vrx_http2_session *session) {
    if (nghttp2_session_terminate_session(session->h2, NGHTTP2_NO_ERROR))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    vrx_http2_session_touch(session);
    return vrx_ok();
}
