/* SPDX-License-Identifier: Apache-2.0
 *
 * What any thread asks of a call is put into its box under the call's own lock; the call is then
 * queued to its I/O thread, unless it is queued already, and vrx_call_apply empties the box there.
 * On the I/O thread itself the box is emptied at once. So a unary reply from an actor costs one
 * lock for the message, one lock and one queue push for the outcome, and no allocation.
 */
#include "grpc/call.h"

#include <stdlib.h>

#include "base/limits.h"
#include "grpc/call_state.h"
#include "grpc/details.h"

#define FACTS_BYTES ((size_t)1024) /* clients need not take more than 8 KiB of fields */

#define CONTAINER(pointer, type, member) \
    ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

static void apply_task(struct vrx_loop_task *task);

/* Chunks */

static void release_embedded(struct vrx_http2_chunk *chunk) {
    vrx_buffer_done(&chunk->body);
}

static void release_allocated(struct vrx_http2_chunk *chunk) {
    vrx_buffer_done(&chunk->body);
    free(chunk);
}

/* Under the lock. */
static struct vrx_http2_chunk *chunk_for(struct vrx_call *call) {
    struct vrx_http2_chunk *chunk = &call->embedded;
    if (call->embedded_used) {
        chunk = calloc(1, sizeof *chunk);
        if (!chunk)
            return NULL;
    }
    chunk->release = call->embedded_used ? release_allocated : release_embedded;
    call->embedded_used = true;
    return chunk;
}

static void release_all(struct vrx_http2_chunk *chunk) {
    while (chunk) {
        struct vrx_http2_chunk *next = chunk->next;
        chunk->release(chunk);
        chunk = next;
    }
}

/* Life */

/* The caller's own, by which it finds the call in its log too; else one drawn here. */
static struct vrx_result choose_request_id(
    struct vrx_call *call, const struct vrx_http2_stream *stream) {
    if (vrx_request_id_parse(vrx_http2_stream_field(stream, "vrx-request-id"), call->request_id) ||
        vrx_request_id_parse(vrx_http2_stream_field(stream, "x-request-id"), call->request_id))
        return vrx_ok();
    if (call->loop)
        return vrx_loop_random(call->loop, call->request_id, sizeof call->request_id);
    return vrx_random_fill(call->service->random, call->request_id, sizeof call->request_id);
}

struct vrx_call *vrx_call_new(const struct vrx_grpc_service *service,
    const struct vrx_grpc_route *route, struct vrx_http2_stream *stream, int64_t deadline) {
    struct vrx_call *call = calloc(1, sizeof *call);
    if (!call)
        return NULL;
    call->service = service;
    call->route = route;
    call->loop = vrx_http2_stream_loop(stream);
    if (pthread_mutex_init(&call->lock, NULL) || !vrx_is_ok(choose_request_id(call, stream))) {
        free(call);
        return NULL;
    }
    call->task.run = apply_task;
    atomic_init(&call->references, 1);
    call->peer = vrx_peer_ref(vrx_http2_stream_peer(stream));
    call->deadline = deadline;
    call->metadata = vrx_http2_stream_take_fields(stream);
    call->stream = stream;
    call->credits = 1;
    vrx_frame_reader_init(&call->reader, service->message_limit);
    return call;
}

struct vrx_call *vrx_call_ref(struct vrx_call *call) {
    atomic_fetch_add_explicit(&call->references, 1, memory_order_relaxed);
    return call;
}

void vrx_call_unref(struct vrx_call **call) {
    struct vrx_call *own = *call;
    *call = NULL;
    if (!own || atomic_fetch_sub_explicit(&own->references, 1, memory_order_acq_rel) != 1)
        return;
    if (own->drop)
        own->drop(own->user);
    release_all(own->box.first);
    vrx_frame_reader_done(&own->reader);
    vrx_buffer_done(&own->early);
    vrx_buffer_done(&own->metadata);
    vrx_buffer_done(&own->head);
    vrx_buffer_done(&own->trailer);
    vrx_buffer_done(&own->explanation);
    vrx_buffer_done(&own->facts);
    vrx_peer_unref(&own->peer);
    pthread_mutex_destroy(&own->lock);
    free(own);
}

/* Answers, on the I/O thread */

static bool respond(struct vrx_call *call) {
    if (call->responding)
        return true;
    pthread_mutex_lock(&call->lock);
    call->responding = true;
    call->head_fixed = true;
    struct vrx_view metadata = vrx_buffer_view(&call->head);
    pthread_mutex_unlock(&call->lock);
    if (vrx_is_ok(vrx_response_begin(call->stream, call->web, call->request_id, metadata)))
        return true;
    vrx_http2_stream_reset(call->stream);
    return false;
}

static void drop_reply(struct vrx_call *call) {
    if (call->reply)
        call->reply->release(call->reply);
    call->reply = NULL;
}

struct vrx_response_end vrx_call_end(struct vrx_call *call) {
    return (struct vrx_response_end){
        .code = call->code,
        .outcome = call->outcome,
        .explained = call->explained,
        .message = vrx_buffer_view(&call->explanation),
        .metadata = vrx_buffer_view(&call->trailer),
        .facts = vrx_buffer_view(&call->facts),
        .request_id = call->request_id,
    };
}

/* From now on no other thread adds to what the peer hears. */
static void set_finished(struct vrx_call *call) {
    call->finished = true;
    pthread_mutex_lock(&call->lock);
    call->end_fixed = true;
    pthread_mutex_unlock(&call->lock);
}

/* PROTOCOL-WEB "Message framing": the last frame of the body, its first byte 0x80. False when
 * memory is short. */
static bool write_web_trailers(struct vrx_call *call) {
    struct vrx_response_end end = vrx_call_end(call);
    struct vrx_http2_chunk *chunk = calloc(1, sizeof *chunk);
    if (!chunk)
        return false;
    chunk->release = release_allocated;
    if (!vrx_is_ok(vrx_response_web_trailers(&end, &chunk->body))) {
        chunk->release(chunk);
        return false;
    }
    vrx_frame_head(chunk->body.len, chunk->prefix);
    chunk->prefix[0] = 0x80;
    chunk->prefix_len = VRX_FRAME_HEAD;
    vrx_http2_stream_write(call->stream, chunk);
    vrx_http2_stream_end(call->stream);
    return true;
}

/* The peer hears the outcome; after it nothing of the call changes. */
static void conclude(struct vrx_call *call, enum vrx_grpc_code code, struct vrx_result outcome) {
    set_finished(call);
    call->code = code;
    call->outcome = outcome;
    if (code != VRX_GRPC_OK)
        drop_reply(call);
    if (code != VRX_GRPC_OK && !call->responding) {
        struct vrx_response_end end = vrx_call_end(call);
        vrx_response_refuse(call->stream, call->web, &end);
        return;
    }
    if (!respond(call)) {
        drop_reply(call);
        return;
    }
    if (call->reply)
        vrx_http2_stream_write(call->stream, call->reply);
    call->reply = NULL;
    if (!call->web)
        vrx_http2_stream_finish(call->stream);
    else if (!write_web_trailers(call))
        vrx_http2_stream_reset(call->stream);
}

void vrx_call_fail(struct vrx_call *call, enum vrx_grpc_code code, struct vrx_result outcome) {
    if (call->finished)
        return;
    /* Trailers would wait behind messages that the peer does not take. */
    if (call->responding && vrx_http2_stream_waiting(call->stream)) {
        set_finished(call);
        vrx_http2_stream_reset(call->stream);
    } else {
        conclude(call, code, outcome);
    }
    atomic_store(&call->cancelled, true);
    const struct vrx_grpc_handler *handler = &call->service->handler;
    if (call->started && handler->cancelled)
        handler->cancelled(handler->context, call);
    if (!call->started && handler->refused)
        handler->refused(handler->context, outcome);
}

static void apply_finish(
    struct vrx_call *call, enum vrx_grpc_code code, struct vrx_result outcome) {
    bool single = !vrx_call_kind_sends_many(call->route->kind);
    if (code == VRX_GRPC_OK && single && !call->reply) {
        outcome = vrx_fail(VRX_INTERNAL_ERROR);
        code = VRX_GRPC_INTERNAL;
    }
    conclude(call, code, outcome);
}

static void apply_message(struct vrx_call *call, struct vrx_http2_chunk *chunk) {
    bool streamed = vrx_call_kind_sends_many(call->route->kind);
    if (streamed && respond(call)) {
        vrx_http2_stream_write(call->stream, chunk);
    } else if (!streamed && !call->reply) {
        call->reply = chunk;
    } else {
        chunk->release(chunk);
    }
}

static void apply(struct vrx_call *call) {
    pthread_mutex_lock(&call->lock);
    struct vrx_call_box box = call->box;
    call->box = (struct vrx_call_box){.finish = box.finish};
    pthread_mutex_unlock(&call->lock);
    if (!call->stream || call->finished) {
        release_all(box.first);
        return;
    }
    while (box.first) {
        struct vrx_http2_chunk *chunk = box.first;
        box.first = chunk->next;
        apply_message(call, chunk);
    }
    call->credits += box.credits;
    call->explained = box.explained;
    if (box.finish)
        apply_finish(call, box.code, box.outcome);
    else if (box.credits)
        vrx_call_deliver(call);
}

static void apply_task(struct vrx_loop_task *task) {
    struct vrx_call *call = CONTAINER(task, struct vrx_call, task);
    apply(call);
    vrx_call_unref(&call);
}

/* Takes the lock over and releases it. */
static void hand_over(struct vrx_call *call, bool wake) {
    bool here = !call->loop || vrx_loop_is_current(call->loop);
    bool post = !here && !call->box.posted;
    if (post)
        call->box.posted = true;
    bool now = here && !call->box.posted;
    pthread_mutex_unlock(&call->lock);
    if (now) {
        apply(call);
    } else if (post) {
        vrx_call_ref(call);
        if (wake)
            vrx_loop_post(call->loop, &call->task);
        else
            vrx_loop_post_quietly(call->loop, &call->task);
    }
}

/* Answers, on any thread */

void vrx_call_take_more(struct vrx_call *call, unsigned count) {
    pthread_mutex_lock(&call->lock);
    call->box.credits += count;
    hand_over(call, true);
}

static void put_outcome(struct vrx_call *call, struct vrx_result outcome) {
    if (call->box.finish)
        return;
    call->box.finish = true;
    call->box.code = vrx_grpc_code_of(outcome.reason);
    call->box.outcome = outcome;
}

void vrx_call_send(struct vrx_call *call, struct vrx_buffer *message) {
    pthread_mutex_lock(&call->lock);
    struct vrx_http2_chunk *chunk = NULL;
    if (call->box.finish)
        goto ignored;
    if (message->len > VRX_LIMIT_MESSAGE) {
        put_outcome(call, vrx_refuse(VRX_CAP_REACHED, "gRPC: size of a reply message"));
        goto ignored;
    }
    chunk = chunk_for(call);
    if (!chunk) {
        put_outcome(call, vrx_fail(VRX_OUT_OF_MEMORY));
        goto ignored;
    }
    vrx_frame_head(message->len, chunk->prefix);
    chunk->prefix_len = VRX_FRAME_HEAD;
    chunk->body = *message;
    *message = (struct vrx_buffer){.limit = message->limit};
    if (call->box.last)
        call->box.last->next = chunk;
    else
        call->box.first = chunk;
    call->box.last = chunk;
    if (vrx_call_kind_sends_many(call->route->kind))
        hand_over(call, true);
    else
        pthread_mutex_unlock(&call->lock);
    return;
ignored:
    vrx_buffer_done(message);
    hand_over(call, true);
}

struct vrx_result vrx_call_add_metadata(
    struct vrx_call *call, enum vrx_call_place place, const char *name, struct vrx_view value) {
    struct vrx_result result = vrx_ok();
    pthread_mutex_lock(&call->lock);
    if (place == VRX_CALL_HEAD && !call->head_fixed)
        result = vrx_response_add_metadata(&call->head, vrx_view_text(name), value);
    else if (place == VRX_CALL_TRAILER && !call->box.finish && !call->end_fixed)
        result = vrx_response_add_metadata(&call->trailer, vrx_view_text(name), value);
    pthread_mutex_unlock(&call->lock);
    return result;
}

struct vrx_result vrx_call_add_fact(
    struct vrx_call *call, const char *name, struct vrx_view value) {
    struct vrx_result result = vrx_ok();
    pthread_mutex_lock(&call->lock);
    if (call->facts.len + strlen(name) + value.len > FACTS_BYTES)
        result = vrx_refuse(VRX_CAP_REACHED, "gRPC: details of a refusal");
    else if (!call->box.finish && !call->end_fixed)
        result = vrx_details_add_fact(&call->facts, name, value);
    pthread_mutex_unlock(&call->lock);
    return result;
}

/* At most VRX_CALL_MESSAGE bytes, and no part of a character. */
static struct vrx_view cut(struct vrx_view message) {
    size_t len = message.len < VRX_CALL_MESSAGE ? message.len : VRX_CALL_MESSAGE;
    while (len && len < message.len && (message.ptr[len] & 0xc0) == 0x80)
        len--;
    return vrx_view_slice(message, 0, len);
}

void vrx_call_finish_status(
    struct vrx_call *call, enum vrx_grpc_code code, struct vrx_view message) {
    pthread_mutex_lock(&call->lock);
    if (!call->box.finish && !call->end_fixed) {
        put_outcome(call, vrx_fail(VRX_INTERNAL_ERROR));
        call->box.code = code != VRX_GRPC_OK ? code : VRX_GRPC_INTERNAL;
        call->box.explained = true;
        VRX_IGNORE(vrx_buffer_append(&call->explanation, cut(message)));
    }
    hand_over(call, true);
}

static void finish(struct vrx_call *call, struct vrx_result outcome, bool wake) {
    pthread_mutex_lock(&call->lock);
    put_outcome(call, outcome);
    hand_over(call, wake);
}

void vrx_call_finish(struct vrx_call *call, struct vrx_result outcome) {
    finish(call, outcome, true);
}

void vrx_call_finish_quietly(struct vrx_call *call, struct vrx_result outcome) {
    finish(call, outcome, false);
}

/* What is known of the call */

const void *vrx_call_method(const struct vrx_call *call) {
    return call->route->method;
}

const struct vrx_grpc_route *vrx_call_route(const struct vrx_call *call) {
    return call->route;
}

const struct vrx_peer *vrx_call_peer(const struct vrx_call *call) {
    return call->peer;
}

int64_t vrx_call_deadline_ms(const struct vrx_call *call) {
    return call->deadline;
}

const uint8_t *vrx_call_request_id(const struct vrx_call *call) {
    return call->request_id;
}

struct vrx_view vrx_call_metadata(const struct vrx_call *call, const char *name) {
    return vrx_http2_fields_find(vrx_buffer_view(&call->metadata), name);
}

bool vrx_call_message_was_compressed(const struct vrx_call *call) {
    return vrx_frame_reader_was_compressed(&call->reader);
}

void vrx_call_export_keying(const struct vrx_call *call, uint8_t ret_exporter[32]) {
    memcpy(ret_exporter, call->peer->exporter, sizeof call->peer->exporter);
}

bool vrx_call_is_cancelled(const struct vrx_call *call) {
    return atomic_load(&call->cancelled);
}

void vrx_call_set_user(struct vrx_call *call, void *user, void (*drop)(void *user)) {
    call->user = user;
    call->drop = drop;
}

void *vrx_call_user(const struct vrx_call *call) {
    return call->user;
}
