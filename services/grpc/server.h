/* SPDX-License-Identifier: Apache-2.0
 *
 * A gRPC server: a table of methods on a TLS listener. Knows nothing of what the methods do.
 */
#ifndef VRX_GRPC_SERVER_H
#define VRX_GRPC_SERVER_H

#include "base/random.h"
#include "grpc/call.h"
#include "net/server.h"

struct vrx_grpc_server;
struct vrx_grpc_service;

/* What is asked for beside the methods, by plain HTTP/2. answer, on an I/O thread, gets each
 * request's head before anything else does; wait_ms: vrx_http2_stream_admit's. True: it has
 * answered. The stream has no user; a deadline that was set resets it. NULL: there is nothing. */
struct vrx_plain_handler {
    void *context; /* must outlive the server */
    bool (*answer)(void *context, struct vrx_http2_stream *stream, uint32_t wait_ms);
};

struct vrx_grpc_server_config {
    const char *address;                 /* numeric: "127.0.0.1", "::" */
    uint16_t port;                       /* 0: the kernel picks one */
    unsigned threads;                    /* I/O threads, 1 to VRX_NET_THREADS */
    const struct vrx_tls *tls;           /* must outlive the server, as must routes and random */
    const struct vrx_grpc_route *routes; /* paths all different, in any order */
    size_t route_count;
    struct vrx_grpc_handler handler; /* copied; called on all I/O threads */
    const struct vrx_random *random;
    /* These three are 0 and NULL for the listener that terminals call at. */
    size_t message_limit;                /* bytes of a request's message; VRX_LIMIT_MESSAGE */
    const struct vrx_net_times *times;   /* copied */
    const struct vrx_net_bounds *bounds; /* copied */
    struct vrx_net_guard guard;          /* net/server.h */
    struct vrx_plain_handler plain;      /* copied */
};

/* Binds and listens; nobody is answered yet. Errors: VRX_INPUT_RANGE (address, threads, bounds),
 * VRX_INPUT_DUPLICATE_KEY (a path twice), VRX_NETWORK_FAILED (the port is taken),
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_grpc_server_new(
    const struct vrx_grpc_server_config *config, struct vrx_grpc_server **ret_server);
uint16_t vrx_grpc_server_port(const struct vrx_grpc_server *server);
/* Starts the I/O threads. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_grpc_server_start(struct vrx_grpc_server *server);
/* vrx_net_server_statistics and vrx_net_server_answers of its listener. */
struct vrx_net_statistics vrx_grpc_server_statistics(const struct vrx_grpc_server *server);
bool vrx_grpc_server_answers(struct vrx_grpc_server *server);
/* After vrx_call_finish_quietly: one wake-up for each I/O thread that has something to send. */
void vrx_grpc_server_flush(struct vrx_grpc_server *server);
/* vrx_net_server_recheck. */
void vrx_grpc_server_recheck(struct vrx_grpc_server *server);
/* No new connections, GOAWAY to the present ones, calls in flight finish; blocks until all is done
 * or grace_ms have passed, when the rest is cancelled. Not from an I/O thread. */
void vrx_grpc_server_drain(struct vrx_grpc_server *server, int64_t grace_ms);
/* All references to calls must be dropped. */
void vrx_grpc_server_free(struct vrx_grpc_server **server);

/* The part without sockets: what answers a vrx_http2_session. Tests and fuzzers drive it with
 * bytes. Errors: VRX_INPUT_DUPLICATE_KEY, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_grpc_service_new(const struct vrx_grpc_route *routes, size_t route_count,
    const struct vrx_grpc_handler *handler, const struct vrx_random *random,
    struct vrx_grpc_service **ret_service);
/* Before the first call; VRX_LIMIT_MESSAGE otherwise. */
void vrx_grpc_service_limit_messages(struct vrx_grpc_service *service, size_t limit);
void vrx_grpc_service_answer_plain(
    struct vrx_grpc_service *service, const struct vrx_plain_handler *plain);
void vrx_grpc_service_free(struct vrx_grpc_service **service);
const struct vrx_http2_handler *vrx_grpc_service_handler(const struct vrx_grpc_service *service);

#endif
