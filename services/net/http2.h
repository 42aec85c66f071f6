/* SPDX-License-Identifier: Apache-2.0
 *
 * One server connection's HTTP/2 (RFC 9113), independent of any transport and any clock: bytes and
 * the time come in through vrx_http2_session_receive, bytes go out through vrx_http2_session_pull.
 * Everything here happens on one thread; grpc/call.h is where other threads come in.
 *
 * A stream is one request and its response. The layer above gets callbacks and answers, at once or
 * later, with respond, write, finish and trailers.
 */
#ifndef VRX_NET_HTTP2_H
#define VRX_NET_HTTP2_H

#include "base/bytes.h"
#include "net/limits.h"
#include "net/peer.h"

struct vrx_http2_session;
struct vrx_http2_stream;
struct vrx_loop;

struct vrx_http2_field {
    struct vrx_view name; /* lower case */
    struct vrx_view value;
    bool fleeting; /* no other response has this value: it is not worth a place in HPACK's table */
};

#define VRX_HTTP2_PREFIX 5

/* One piece of a response's body: a few bytes of framing and a buffer. Owned by the session from
 * vrx_http2_stream_write until it calls release, which disposes of the body too. */
struct vrx_http2_chunk {
    struct vrx_http2_chunk *next;
    void (*release)(struct vrx_http2_chunk *chunk);
    struct vrx_buffer body;
    size_t taken; /* bytes of prefix and body that HTTP/2 has */
    uint8_t prefix[VRX_HTTP2_PREFIX];
    uint8_t prefix_len;
};

/* What the layer above does. All but request may be reached until closed has been called. */
struct vrx_http2_handler {
    void *context;
    /* The head is complete. */
    void (*request)(void *context, struct vrx_http2_stream *stream);
    /* Bytes of the body. They count against the stream's window until vrx_http2_stream_consume. */
    void (*data)(void *context, struct vrx_http2_stream *stream, struct vrx_view bytes);
    /* The request is complete. */
    void (*end)(void *context, struct vrx_http2_stream *stream);
    /* After writes: fewer than VRX_NET_STREAM_LOW bytes wait again. Once for all of them. */
    void (*drained)(void *context, struct vrx_http2_stream *stream);
    /* After vrx_http2_stream_finish: all is sent, answer with vrx_http2_stream_trailers now. */
    void (*trailers)(void *context, struct vrx_http2_stream *stream);
    /* The time given to vrx_http2_stream_set_deadline has come. */
    void (*expired)(void *context, struct vrx_http2_stream *stream);
    /* The pointer ends here, whoever ended the stream. error: RFC 9113 §7. */
    void (*closed)(void *context, struct vrx_http2_stream *stream, uint32_t error);
};

struct vrx_http2_config {
    const struct vrx_http2_handler *handler; /* must outlive the session */
    struct vrx_peer *peer;                   /* a reference is taken */
    struct vrx_loop *loop;                   /* handed to the layer above; may be NULL */
    /* Called when there may be bytes to pull although nothing was received; may be NULL. */
    void (*touched)(void *owner);
    /* 0 where the peer may make one more call now, or after how many milliseconds; NULL: it may. */
    uint32_t (*admit)(void *owner);
    void *owner;
    int64_t now_ms; /* any monotonic clock; the same in all calls below */
};

/* Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_http2_session_new(
    const struct vrx_http2_config *config, struct vrx_http2_session **ret_session);
/* Calls closed for every stream that is still open. */
void vrx_http2_session_free(struct vrx_http2_session **session);

/* Bytes from the peer. Errors: VRX_INPUT_MALFORMED (not HTTP/2 from its first byte),
 * VRX_RATE_EXCEEDED (a flood of CONTINUATION, SETTINGS or PING that leaves nothing to say),
 * VRX_OUT_OF_MEMORY: the connection is over. Other violations of RFC 9113 make the session say
 * GOAWAY and be finished. */
struct vrx_result vrx_http2_session_receive(
    struct vrx_http2_session *session, int64_t now_ms, struct vrx_view bytes);
/* Appends to out what is to be sent, until it holds limit bytes or there is no more (it may exceed
 * limit by one frame). Errors: VRX_OUT_OF_MEMORY: the connection is over. */
struct vrx_result vrx_http2_session_pull(
    struct vrx_http2_session *session, struct vrx_buffer *out, size_t limit);
/* Nothing more to say or to hear: close the transport after the last pulled byte is out. */
bool vrx_http2_session_finished(const struct vrx_http2_session *session);

/* The limit that the peer broke so that the session ends; VRX_NET_WITHIN_LIMITS: none. */
enum vrx_net_limit vrx_http2_session_limit(const struct vrx_http2_session *session);

/* Streams open now. */
size_t vrx_http2_session_streams(const struct vrx_http2_session *session);
/* When vrx_http2_session_tick wants to be called; INT64_MAX for never. */
int64_t vrx_http2_session_deadline(const struct vrx_http2_session *session);
/* Expires what is due. Errors: DEADLINE_EXCEEDED (a head that does not end): the connection is
 * over. */
struct vrx_result vrx_http2_session_tick(struct vrx_http2_session *session, int64_t now_ms);
/* Asks the peer for a sign of life. */
void vrx_http2_session_ping(struct vrx_http2_session *session);
/* RFC 9113 §6.8, in two steps: no new streams please; then, when the peer is seen to know, the last
 * stream that is served. The session is finished when the streams are. Idempotent. */
void vrx_http2_session_drain(struct vrx_http2_session *session, int64_t now_ms);
/* At once: GOAWAY is the last thing to be pulled, whatever streams are open; the session is
 * finished then. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_http2_session_end(struct vrx_http2_session *session);

/* A field of the request's head, pseudo-fields (":path") included; the first of that name; the
 * empty view where there is none. Lives as long as the stream, or the buffer once it is taken. */
struct vrx_view vrx_http2_stream_field(const struct vrx_http2_stream *stream, const char *name);
/* The same in a head that was taken out of a stream. */
struct vrx_view vrx_http2_fields_find(struct vrx_view fields, const char *name);
/* Moves the head out of the stream, for a reader that outlives it. */
struct vrx_buffer vrx_http2_stream_take_fields(struct vrx_http2_stream *stream);
/* The head was larger than VRX_NET_HEADER_BYTES; fields may be missing. */
bool vrx_http2_stream_oversized(const struct vrx_http2_stream *stream);
/* Counts one call of the peer's: 0, or after how many milliseconds it may have one: refuse. Who
 * goes on all the same is told to go away, as for streams that end badly (VRX_NET_RESETS_BURST). */
uint32_t vrx_http2_stream_admit(struct vrx_http2_stream *stream);
/* The peer's unread replies exceed VRX_NET_OUTBOUND: refuse. */
bool vrx_http2_stream_congested(const struct vrx_http2_stream *stream);

void vrx_http2_stream_set_user(struct vrx_http2_stream *stream, void *user);
void *vrx_http2_stream_user(const struct vrx_http2_stream *stream);
struct vrx_peer *vrx_http2_stream_peer(const struct vrx_http2_stream *stream);
struct vrx_loop *vrx_http2_stream_loop(const struct vrx_http2_stream *stream);
int64_t vrx_http2_stream_now(const struct vrx_http2_stream *stream);

/* Milliseconds of the session's clock; INT64_MAX for never. */
void vrx_http2_stream_set_deadline(struct vrx_http2_stream *stream, int64_t at_ms);
/* Lets the peer send so many bytes more. */
void vrx_http2_stream_consume(struct vrx_http2_stream *stream, size_t bytes);
/* Accounts for bytes of the request that the layer above keeps; false over VRX_NET_INBOUND.
 * Forgotten when the stream closes. */
bool vrx_http2_stream_hold(struct vrx_http2_stream *stream, size_t bytes);
void vrx_http2_stream_unhold(struct vrx_http2_stream *stream, size_t bytes);

/* The response's head; once. With body false it is all of the response. Errors:
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_http2_stream_respond(struct vrx_http2_stream *stream, unsigned status,
    const struct vrx_http2_field *fields, size_t count, bool body);
/* Takes the chunk. After respond with body. */
void vrx_http2_stream_write(struct vrx_http2_stream *stream, struct vrx_http2_chunk *chunk);
/* No more writes; handler->trailers follows. */
void vrx_http2_stream_finish(struct vrx_http2_stream *stream);
/* The same without trailers: the last byte written ends the response. */
void vrx_http2_stream_end(struct vrx_http2_stream *stream);
/* Bytes written and not yet handed to HTTP/2. */
size_t vrx_http2_stream_waiting(const struct vrx_http2_stream *stream);
/* Within handler->trailers only. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_http2_stream_trailers(
    struct vrx_http2_stream *stream, const struct vrx_http2_field *fields, size_t count);
/* RST_STREAM with CANCEL. */
void vrx_http2_stream_reset(struct vrx_http2_stream *stream);

#endif
