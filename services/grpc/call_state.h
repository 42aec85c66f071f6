/* SPDX-License-Identifier: Apache-2.0
 *
 * A call's inside, for call.c (what any thread may do) and service.c (what HTTP/2 reports). Nobody
 * else includes this.
 */
#ifndef VRX_GRPC_CALL_STATE_H
#define VRX_GRPC_CALL_STATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/random.h"
#include "grpc/call.h"
#include "grpc/frame.h"
#include "grpc/response.h"
#include "grpc/server.h"
#include "net/http2.h"
#include "net/loop.h"

struct vrx_grpc_service {
    struct vrx_http2_handler http2;
    struct vrx_grpc_handler handler;
    struct vrx_plain_handler plain;
    const struct vrx_random *random;
    size_t message_limit;
    const struct vrx_grpc_route *
        *slots; /* open addressing; mask + 1 of them, at least half empty */
    size_t mask;
};

/* What other threads have asked for and the I/O thread has not done yet. */
struct vrx_call_box {
    struct vrx_http2_chunk *first;
    struct vrx_http2_chunk *last;
    unsigned credits;
    bool finish;
    bool posted;    /* the task is queued to the loop */
    bool explained; /* vrx_call_finish_status */
    enum vrx_grpc_code code;
    struct vrx_result outcome;
};

struct vrx_call {
    struct vrx_loop_task task;
    atomic_uint references;
    atomic_bool cancelled;
    /* Constant. */
    const struct vrx_grpc_service *service;
    const struct vrx_grpc_route *route;
    struct vrx_loop *loop; /* NULL without threads */
    struct vrx_peer *peer;
    int64_t deadline;
    bool web; /* gRPC-web */
    uint8_t request_id[VRX_CALL_REQUEST_ID];
    struct vrx_buffer metadata;
    /* The layer above's. */
    void *user;
    void (*drop)(void *user);
    /* Under the lock. */
    pthread_mutex_t lock;
    struct vrx_call_box box;
    bool embedded_used;
    struct vrx_http2_chunk embedded; /* the first message costs no allocation */
    struct vrx_buffer head;          /* custom metadata, constant once head_fixed */
    struct vrx_buffer trailer;       /* the same, once end_fixed */
    struct vrx_buffer explanation;   /* of vrx_call_finish_status; the same */
    struct vrx_buffer facts;         /* of vrx_call_add_fact; the same */
    bool head_fixed;
    bool end_fixed;
    /* The I/O thread's. */
    struct vrx_http2_stream *stream; /* NULL when closed */
    struct vrx_frame_reader reader;
    struct vrx_buffer early;       /* bytes that wait for vrx_call_take_more */
    size_t early_at;               /* of them, taken */
    struct vrx_http2_chunk *reply; /* unary and client stream: waits for finish */
    unsigned credits;
    bool whole;      /* unary: the one message is there */
    bool ended;      /* the request is complete */
    bool end_told;   /* handler->end was called */
    bool delivering; /* within handler->message, do not recurse */
    bool started;    /* the layer above knows of the call */
    bool responding; /* the response's head is out */
    bool finished;   /* the outcome is decided */
    bool explained;  /* and its message is explanation */
    enum vrx_grpc_code code;
    struct vrx_result outcome;
};

/* Allocates; the reference is the stream's. NULL when memory or randomness failed. */
struct vrx_call *vrx_call_new(const struct vrx_grpc_service *service,
    const struct vrx_grpc_route *route, struct vrx_http2_stream *stream, int64_t deadline);
/* Ends the call from this side of the application: the peer hears code and outcome, the application
 * cancelled. */
void vrx_call_fail(struct vrx_call *call, enum vrx_grpc_code code, struct vrx_result outcome);
/* Hands on what has come of a stream of messages, as far as the application has asked for it. */
void vrx_call_deliver(struct vrx_call *call);
/* How the call ended, for its trailers; views into the call. On the I/O thread, once finished. */
struct vrx_response_end vrx_call_end(struct vrx_call *call);

#endif
