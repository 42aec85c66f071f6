/* SPDX-License-Identifier: Apache-2.0
 *
 * A session's inside, for http2.c and http2_stream.c. Nobody else includes this.
 */
#ifndef VRX_NET_HTTP2_STATE_H
#define VRX_NET_HTTP2_STATE_H

#include <nghttp2/nghttp2.h>

#include "net/http2.h"

struct vrx_http2_bucket {
    int64_t at;
    int64_t millitokens;
};

enum vrx_http2_drain { DRAIN_NONE, DRAIN_NOTICE, DRAIN_FINAL };

struct vrx_http2_session {
    nghttp2_session *h2;
    const struct vrx_http2_handler *handler;
    struct vrx_peer *peer;
    struct vrx_loop *loop;
    void (*touched)(void *owner);
    uint32_t (*admit)(void *owner);
    void *owner;
    struct vrx_http2_stream *streams;
    struct vrx_http2_stream *complete; /* requests whose end is still to be told */
    struct vrx_http2_stream **complete_last;
    size_t count;
    int64_t now;
    int64_t deadline;   /* the earliest of the streams', or earlier */
    int64_t head_since; /* a head has begun and not ended, or the preface is awaited; INT64_MAX */
    size_t head_bytes;  /* of the head that has begun, unpacked */
    int64_t goaway_at;
    enum vrx_http2_drain drain;
    enum vrx_net_limit limit; /* the first that was broken */
    size_t inbound;
    size_t outbound;
    struct vrx_http2_bucket resets;
    struct vrx_http2_bucket controls;
    bool inside;
    bool drained; /* some stream's `drained` is set */
};

struct vrx_http2_stream {
    struct vrx_http2_session *session;
    struct vrx_http2_stream *next;
    struct vrx_http2_stream *previous;
    struct vrx_http2_stream *next_complete;
    void *user;
    int32_t id;
    bool requested; /* the head was handed up */
    bool ended;     /* the request is complete */
    bool oversized;
    bool deferred;  /* HTTP/2 waits for vrx_http2_stream_write */
    bool finishing; /* what waits is the last of the body */
    bool bare;      /* and no trailers follow */
    bool wants_drained;
    bool drained;
    size_t header_bytes;
    struct vrx_buffer fields; /* u16 name length, u16 value length, name, value; repeated */
    struct vrx_http2_chunk *first;
    struct vrx_http2_chunk **last;
    size_t waiting;
    size_t held;
    int64_t deadline;
};

/* Tells the owner that there may be bytes to pull, unless it is about to pull anyway. */
void vrx_http2_session_touch(struct vrx_http2_session *session);

#endif
