/* SPDX-License-Identifier: Apache-2.0
 *
 * A gRPC server of opaque bytes on the real listener, for system tests and load tests of the
 * transport. Its calls take both ways that exist: Inline answers on the I/O thread, all others are
 * handed to a worker thread that answers in batches, as a tenant's actor does.
 *
 *   usage: echo_server CERTIFICATE KEY [CLIENT-CA [THREADS]]
 *
 * Prints "port N", serves until SIGTERM, drains, and prints "cancelled N" (calls whose end was
 * told).
 *
 *   /test.Echo/Unary, /test.Echo/Inline   the message itself
 *   /test.Echo/Wait                       u32 milliseconds, then the message itself
 *   /test.Echo/Refuse                     a reason's name: the refusal, with a clause
 *   /test.Echo/Peer                       SPKI digest, exporter, request id, metadata "vrx-test"
 *   /test.Echo/Cancelled                  u32, calls whose end was told so far
 *   /test.Echo/Collect                    client stream: u32 messages, u32 sum of their bytes
 *   /test.Echo/Spread                     u32 count, u32 size: server stream of that
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cursor.h"
#include "support/serve.h"

enum method { UNARY, INLINE, WAIT, REFUSE, PEER, CANCELLED, COLLECT, SPREAD };

static const enum method methods[] = {
    UNARY, INLINE, WAIT, REFUSE, PEER, CANCELLED, COLLECT, SPREAD};

static const struct vrx_grpc_route routes[] = {
    {"/test.Echo/Unary", VRX_CALL_UNARY, &methods[UNARY]},
    {"/test.Echo/Inline", VRX_CALL_UNARY, &methods[INLINE]},
    {"/test.Echo/Wait", VRX_CALL_UNARY, &methods[WAIT]},
    {"/test.Echo/Refuse", VRX_CALL_UNARY, &methods[REFUSE]},
    {"/test.Echo/Peer", VRX_CALL_UNARY, &methods[PEER]},
    {"/test.Echo/Cancelled", VRX_CALL_UNARY, &methods[CANCELLED]},
    {"/test.Echo/Collect", VRX_CALL_CLIENT_STREAM, &methods[COLLECT]},
    {"/test.Echo/Spread", VRX_CALL_SERVER_STREAM, &methods[SPREAD]},
};

/* What one call is about; owned by the call. */
struct job {
    struct job *next;
    struct vrx_call *call; /* a reference while queued */
    struct vrx_buffer message;
    int64_t due;
    uint32_t left; /* messages to send, or received */
    uint32_t size; /* of each, or the sum */
};

struct server {
    struct vrx_grpc_server *grpc;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct job *queue;
    bool stop;
    atomic_uint cancelled;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum method method_of(const struct vrx_call *call) {
    return *(const enum method *)vrx_call_method(call);
}

static void job_free(void *user) {
    struct job *job = user;
    vrx_buffer_done(&job->message);
    free(job);
}

static void enqueue(struct server *server, struct job *job) {
    pthread_mutex_lock(&server->lock);
    job->next = server->queue;
    server->queue = job;
    pthread_cond_signal(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

/* The worker's answers */

static struct vrx_result append_u32(struct vrx_buffer *out, uint32_t value) {
    uint8_t bytes[4];
    vrx_put_u32(bytes, value);
    return vrx_buffer_append(out, vrx_view_of(bytes, sizeof bytes));
}

static struct vrx_result describe_peer(const struct vrx_call *call, struct vrx_buffer *out) {
    uint8_t exporter[32];
    vrx_call_export_keying(call, exporter);
    VRX_TRY(vrx_buffer_append(out, vrx_view_of(vrx_call_peer(call)->spki_sha256, 32)));
    VRX_TRY(vrx_buffer_append(out, vrx_view_of(exporter, sizeof exporter)));
    VRX_TRY(vrx_buffer_append(out, vrx_view_of(vrx_call_request_id(call), VRX_CALL_REQUEST_ID)));
    return vrx_buffer_append(out, vrx_call_metadata(call, "vrx-test"));
}

static struct vrx_result refusal(const struct job *job) {
    char name[64] = "";
    if (job->message.len && job->message.len < sizeof name)
        memcpy(name, job->message.ptr, job->message.len);
    return vrx_refuse(vrx_reason_from_name(name), "Clause 7 第七条: 100% of it");
}

static struct vrx_result answer(struct server *server, struct job *job) {
    switch (method_of(job->call)) {
    case REFUSE:
        return refusal(job);
    case PEER:
        vrx_buffer_clear(&job->message);
        return describe_peer(job->call, &job->message);
    case CANCELLED:
        vrx_buffer_clear(&job->message);
        return append_u32(&job->message, atomic_load(&server->cancelled));
    case COLLECT:
        vrx_buffer_clear(&job->message);
        VRX_TRY(append_u32(&job->message, job->left));
        return append_u32(&job->message, job->size);
    default:
        return vrx_ok();
    }
}

/* One message at a time: the next one when this one is out. */
static struct vrx_result spread(struct job *job) {
    struct vrx_buffer message = {0};
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(&message, job->size, &at));
    if (job->size >= 4)
        vrx_put_u32(at, job->left);
    job->left--;
    vrx_call_send(job->call, &message);
    return vrx_ok();
}

static void work(struct server *server, struct job *job) {
    struct vrx_call *call = job->call;
    struct vrx_result outcome;
    if (method_of(call) == SPREAD && job->left) {
        outcome = spread(job);
        if (!vrx_is_ok(outcome))
            vrx_call_finish_quietly(call, outcome);
    } else {
        outcome = answer(server, job);
        if (vrx_is_ok(outcome) && method_of(call) != SPREAD)
            vrx_call_send(call, &job->message);
        vrx_call_finish_quietly(call, outcome);
    }
    vrx_call_unref(&call);
}

/* Takes what is due, at the end everything; waits when nothing is. NULL after the last. */
static struct job *take_due(struct server *server) {
    struct job *due = NULL;
    while (!due && !(server->stop && !server->queue)) {
        int64_t next = now_ms() + 1000;
        for (struct job **at = &server->queue; *at;) {
            struct job *job = *at;
            if (job->due <= now_ms() || server->stop) {
                *at = job->next;
                job->next = due;
                due = job;
                continue;
            }
            if (job->due < next)
                next = job->due;
            at = &job->next;
        }
        struct timespec until = {next / 1000, next % 1000 * 1000000};
        if (!due)
            pthread_cond_timedwait(&server->changed, &server->lock, &until);
    }
    return due;
}

static void *worker(void *context) {
    struct server *server = context;
    for (;;) {
        pthread_mutex_lock(&server->lock);
        struct job *due = take_due(server);
        pthread_mutex_unlock(&server->lock);
        if (!due)
            return NULL;
        while (due) {
            struct job *job = due;
            due = job->next;
            work(server, job);
        }
        vrx_grpc_server_flush(server->grpc);
    }
}

/* The handler, on I/O threads */

static struct job *job_of(struct vrx_call *call) {
    struct job *job = vrx_call_user(call);
    if (job)
        return job;
    job = calloc(1, sizeof *job);
    if (!job)
        abort();
    job->call = call;
    vrx_call_set_user(call, job, job_free);
    return job;
}

static void start(struct server *server, struct job *job) {
    vrx_call_ref(job->call);
    enqueue(server, job);
}

static void echo_inline(struct vrx_call *call, struct vrx_view message) {
    struct vrx_buffer copy = {0};
    struct vrx_result result = vrx_buffer_append(&copy, message);
    if (vrx_is_ok(result))
        vrx_call_send(call, &copy);
    vrx_call_finish(call, result);
}

static void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    struct server *server = context;
    enum method method = method_of(call);
    if (method == INLINE) {
        echo_inline(call, message);
        return;
    }
    struct job *job = job_of(call);
    if (method == COLLECT) {
        job->left++;
        job->size += (uint32_t)message.len;
        vrx_call_take_more(call, 1);
        return;
    }
    struct vrx_result result = vrx_buffer_append(&job->message, message);
    if (!vrx_is_ok(result)) {
        vrx_call_finish(call, result);
        return;
    }
    if (method == WAIT && message.len >= 4)
        job->due = now_ms() + vrx_get_u32(message.ptr);
    if (method == SPREAD && message.len == 8) {
        job->left = vrx_get_u32(message.ptr);
        job->size = vrx_get_u32(message.ptr + 4);
    }
    start(server, job);
}

static void on_end(void *context, struct vrx_call *call) {
    start(context, job_of(call));
}

static void on_writable(void *context, struct vrx_call *call) {
    start(context, job_of(call));
}

static void on_cancelled(void *context, struct vrx_call *call) {
    struct server *server = context;
    (void)call;
    atomic_fetch_add(&server->cancelled, 1);
}

/* Main */

static struct server server;
static pthread_t thread;

static void started(struct vrx_grpc_server *grpc) {
    pthread_condattr_t monotonic;
    server.grpc = grpc;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&server.lock, NULL);
    pthread_cond_init(&server.changed, &monotonic);
    if (pthread_create(&thread, NULL, worker, &server))
        abort();
}

static void ended(void) {
    pthread_mutex_lock(&server.lock);
    server.stop = true;
    pthread_cond_signal(&server.changed);
    pthread_mutex_unlock(&server.lock);
    pthread_join(thread, NULL);
}

int main(int argc, char **argv) {
    struct serve what = {
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .handler = {.context = &server,
            .message = on_message,
            .end = on_end,
            .writable = on_writable,
            .cancelled = on_cancelled},
        .started = started,
        .ended = ended,
    };
    int status = serve(argc, argv, &what);
    if (!status)
        printf("cancelled %u\n", atomic_load(&server.cancelled));
    return status;
}
