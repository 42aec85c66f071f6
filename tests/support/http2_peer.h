/* SPDX-License-Identifier: Apache-2.0
 *
 * A gRPC client without sockets or clock for tests of a server session: nghttp2's client session on
 * one side of two byte streams, the session under test on the other.
 */
#ifndef VRX_TEST_HTTP2_PEER_H
#define VRX_TEST_HTTP2_PEER_H

#include <nghttp2/nghttp2.h>

#include "grpc/server.h"
#include "net/http2.h"

#define PEER_STREAMS 300

/* What the client knows of one of its streams. */
struct peer_stream {
    bool used;
    bool closed;
    uint32_t error;
    int http;           /* :status, 0 before it came */
    int status;         /* grpc-status, -1 before it came */
    char reason[64];    /* ErrorInfo.reason */
    char message[4096]; /* grpc-message as it came */
    char head[64];      /* custom metadata "x-head" and "x-tail" of the response */
    char tail[64];
    char type[64];              /* content-type */
    struct vrx_buffer received; /* body */
    struct vrx_buffer outgoing; /* body, not yet sent */
    bool last;                  /* END_STREAM after outgoing */
    bool deferred;
};

struct http2_peer {
    nghttp2_session *h2;
    struct vrx_http2_session *server;
    struct vrx_peer *identity;
    int64_t now;
    bool touched;             /* the server asked for a pull */
    bool deaf;                /* nothing is taken from the server */
    bool barred;              /* the server's quota has no calls left for this peer */
    const char *content_type; /* of the requests to come; NULL: application/grpc */
    const char *encoding;     /* grpc-encoding of the requests to come, or NULL */
    unsigned goaways;
    int32_t goaway_last; /* of the last GOAWAY */
    uint32_t goaway_error;
    struct vrx_result failure;                /* of the server's receive or tick */
    struct peer_stream streams[PEER_STREAMS]; /* index: stream id / 2 */
};

/* Connects and exchanges settings. window: the client's SETTINGS_INITIAL_WINDOW_SIZE. */
void peer_init(struct http2_peer *peer, const struct vrx_http2_handler *handler, uint32_t window);
void peer_done(struct http2_peer *peer);
/* Lets bytes flow both ways until there are no more. */
void peer_exchange(struct http2_peer *peer);
/* Moves the clock and lets the session act on it. */
void peer_advance(struct http2_peer *peer, int64_t ms);

/* POST; timeout may be NULL. Returns the stream's id. */
int32_t peer_request(struct http2_peer *peer, const char *path, const char *timeout);
/* Sends length-prefixed message(s) of one byte value, and END_STREAM if last. */
void peer_message(struct http2_peer *peer, int32_t id, size_t len, bool last);
/* Any bytes as body. */
void peer_body(struct http2_peer *peer, int32_t id, const void *bytes, size_t len, bool last);
void peer_reset(struct http2_peer *peer, int32_t id);
struct peer_stream *peer_stream(struct http2_peer *peer, int32_t id);

#endif
