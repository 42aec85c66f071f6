/* SPDX-License-Identifier: Apache-2.0
 *
 * gRPC on HTTP/2 (PROTOCOL-HTTP2), the part without sockets: which request is a call, what of its
 * body is a message, and what status a call that cannot be made has. Everything here runs on the
 * stream's own thread. What the application may do from elsewhere is in call.c.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "grpc/call_state.h"
#include "grpc/metadata.h"
#include "grpc/server.h"
#include "net/limits.h"

/* Routes */

static size_t path_hash(struct vrx_view path) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < path.len; i++)
        hash = (hash ^ path.ptr[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

static const struct vrx_grpc_route **route_slot(
    const struct vrx_grpc_service *service, struct vrx_view path) {
    size_t at = path_hash(path) & service->mask;
    while (service->slots[at] && !vrx_view_equal(vrx_view_text(service->slots[at]->path), path))
        at = (at + 1) & service->mask;
    return &service->slots[at];
}

static struct vrx_result set_routes(
    struct vrx_grpc_service *service, const struct vrx_grpc_route *routes, size_t count) {
    size_t size = 2;
    while (size < 2 * count)
        size *= 2;
    service->slots = calloc(size, sizeof(const struct vrx_grpc_route *));
    if (!service->slots)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    service->mask = size - 1;
    for (size_t i = 0; i < count; i++) {
        const struct vrx_grpc_route **slot = route_slot(service, vrx_view_text(routes[i].path));
        if (*slot)
            return vrx_fail(VRX_INPUT_DUPLICATE_KEY);
        *slot = &routes[i];
    }
    return vrx_ok();
}

static void refuse(const struct vrx_grpc_service *service, struct vrx_http2_stream *stream,
    bool web, enum vrx_grpc_code code, struct vrx_result outcome) {
    struct vrx_response_end end = {.code = code, .outcome = outcome};
    if (service->handler.refused)
        service->handler.refused(service->handler.context, outcome);
    vrx_response_refuse(stream, web, &end);
}

/* A request's head */

/* What this room inflates; the response's head names the same (response.c). */
static bool read_encoding(struct vrx_view encoding, bool *ret_gzip) {
    *ret_gzip = vrx_view_equal(encoding, vrx_view_text("gzip"));
    return *ret_gzip || !encoding.len || vrx_view_equal(encoding, vrx_view_text("identity"));
}

/* INT64_MAX without grpc-timeout. */
static struct vrx_result read_deadline(struct vrx_http2_stream *stream, int64_t *ret_deadline) {
    struct vrx_view timeout = vrx_http2_stream_field(stream, "grpc-timeout");
    int64_t ms = 0;
    *ret_deadline = INT64_MAX;
    if (!timeout.len)
        return vrx_ok();
    VRX_TRY(vrx_timeout_parse(timeout, &ms));
    *ret_deadline = vrx_http2_stream_now(stream) + ms; /* at most 3.6e14: no overflow */
    return ms ? vrx_ok() : vrx_fail(VRX_DEADLINE_EXCEEDED);
}

static struct vrx_result check_head(const struct vrx_grpc_service *service,
    struct vrx_http2_stream *stream, const struct vrx_grpc_route **ret_route,
    int64_t *ret_deadline) {
    if (vrx_http2_stream_oversized(stream))
        return vrx_refuse(VRX_CAP_REACHED, "RFC 9113 §6.5.2: SETTINGS_MAX_HEADER_LIST_SIZE");
    if (vrx_http2_stream_congested(stream))
        return vrx_refuse(VRX_QUEUE_FULL, "replies on this connection are not being read");
    *ret_route = *route_slot(service, vrx_http2_stream_field(stream, ":path"));
    if (!*ret_route)
        return vrx_fail(VRX_METHOD_UNKNOWN);
    return read_deadline(stream, ret_deadline);
}

static void set_deadline(struct vrx_call *call) {
    int64_t at = call->deadline;
    int64_t body = vrx_http2_stream_now(call->stream) + VRX_NET_BODY_MS;
    if (!call->ended && !vrx_call_kind_takes_many(call->route->kind) && body < at)
        at = body;
    vrx_http2_stream_set_deadline(call->stream, at);
}

/* Where there are only methods, that is said of any path. */
static unsigned status_without_post(
    const struct vrx_grpc_service *service, const struct vrx_http2_stream *stream) {
    const bool method = *route_slot(service, vrx_http2_stream_field(stream, ":path"));
    return method || !service->plain.answer ? 405 : 404;
}

static void on_request(void *context, struct vrx_http2_stream *stream) {
    const struct vrx_grpc_service *service = context;
    const struct vrx_grpc_route *route = NULL;
    int64_t deadline = INT64_MAX;
    uint32_t wait_ms = vrx_http2_stream_admit(stream);
    bool whole = !vrx_http2_stream_oversized(stream);
    if (service->plain.answer && service->plain.answer(service->plain.context, stream, wait_ms))
        return;
    if (whole &&
        !vrx_view_equal(vrx_http2_stream_field(stream, ":method"), vrx_view_text("POST"))) {
        vrx_response_refuse_http(stream, status_without_post(service, stream));
        return;
    }
    struct vrx_view type = vrx_http2_stream_field(stream, "content-type");
    bool web = vrx_content_type_is_grpc_web(type);
    if (whole && !web && !vrx_content_type_is_grpc(type)) {
        vrx_response_refuse_http(stream, 415);
        return;
    }
    if (wait_ms) {
        refuse(service, stream, web, vrx_grpc_code_of(VRX_RATE_EXCEEDED),
            vrx_refuse_for(VRX_RATE_EXCEEDED, "calls a second of one address", wait_ms));
        return;
    }
    bool gzip = false;
    if (!read_encoding(vrx_http2_stream_field(stream, "grpc-encoding"), &gzip)) {
        refuse(service, stream, web, VRX_GRPC_UNIMPLEMENTED,
            vrx_refuse(VRX_INPUT_VERSION, "gRPC compression: grpc-encoding"));
        return;
    }
    struct vrx_result result = check_head(service, stream, &route, &deadline);
    struct vrx_call *call = NULL;
    if (vrx_is_ok(result)) {
        call = vrx_call_new(service, route, stream, deadline);
        if (!call)
            result = vrx_fail(VRX_OUT_OF_MEMORY);
    }
    if (!vrx_is_ok(result)) {
        refuse(service, stream, web, vrx_grpc_code_of(result.reason), result);
        return;
    }
    call->reader.gzip = gzip;
    call->web = web;
    vrx_http2_stream_set_user(stream, call);
    set_deadline(call);
}

/* A request's body */

/* A message over the limit is the caller's quota, not an ill-formed argument: gRPC's own choice. */
static enum vrx_grpc_code code_of_frame(struct vrx_result result) {
    switch (result.reason) {
    case VRX_INPUT_TOO_LARGE:
        return VRX_GRPC_RESOURCE_EXHAUSTED;
    case VRX_INPUT_MALFORMED:
        return VRX_GRPC_INTERNAL;
    default:
        return vrx_grpc_code_of(result.reason);
    }
}

/* Feeds the reader and accounts for what it keeps, which is less than before where a message that
 * became whole was smaller than its compressed form. False when the call has failed. */
static bool feed(struct vrx_call *call, struct vrx_view *bytes, bool *ret_complete) {
    size_t before = call->reader.message.len;
    struct vrx_result result = vrx_frame_reader_feed(&call->reader, bytes, ret_complete);
    vrx_http2_stream_unhold(call->stream, before);
    if (vrx_is_ok(result) && !vrx_http2_stream_hold(call->stream, call->reader.message.len))
        result = vrx_refuse(VRX_QUEUE_FULL, "requests half received on this connection");
    if (vrx_is_ok(result))
        return true;
    vrx_call_fail(call, code_of_frame(result), result);
    return false;
}

static void message_done(struct vrx_call *call) {
    if (call->stream)
        vrx_http2_stream_unhold(call->stream, call->reader.message.len);
    vrx_frame_reader_next(&call->reader);
}

static void tell_message(struct vrx_call *call) {
    const struct vrx_grpc_handler *handler = &call->service->handler;
    call->started = true;
    handler->message(handler->context, call, vrx_buffer_view(&call->reader.message));
}

static void take_single(struct vrx_call *call, struct vrx_view bytes) {
    while (bytes.len) {
        if (call->whole) {
            vrx_call_fail(call, VRX_GRPC_UNIMPLEMENTED,
                vrx_refuse(VRX_INPUT_TRAILING, "gRPC: one request message"));
            return;
        }
        if (!feed(call, &bytes, &call->whole))
            return;
    }
}

static void end_single(struct vrx_call *call) {
    if (call->whole) {
        tell_message(call);
        message_done(call);
        vrx_frame_reader_done(&call->reader);
        return;
    }
    bool none = vrx_frame_reader_idle(&call->reader);
    vrx_call_fail(call, none ? VRX_GRPC_UNIMPLEMENTED : VRX_GRPC_INVALID_ARGUMENT,
        vrx_refuse(VRX_INPUT_TRUNCATED,
            none ? "gRPC: one request message" : "gRPC PROTOCOL-HTTP2: Length-Prefixed-Message"));
}

static void end_stream(struct vrx_call *call) {
    if (!call->ended || call->end_told || call->finished || !call->credits ||
        call->early.len > call->early_at)
        return;
    call->end_told = true;
    if (!vrx_frame_reader_idle(&call->reader)) {
        vrx_call_fail(call, VRX_GRPC_INVALID_ARGUMENT,
            vrx_refuse(VRX_INPUT_TRUNCATED, "gRPC PROTOCOL-HTTP2: Length-Prefixed-Message"));
        return;
    }
    call->started = true;
    if (call->service->handler.end)
        call->service->handler.end(call->service->handler.context, call);
}

/* Hands on messages from the front of *bytes while the application wants them; the window opens by
 * what was used. */
static void deliver_from(struct vrx_call *call, struct vrx_view *bytes) {
    while (bytes->len && call->credits && !call->finished) {
        size_t before = bytes->len;
        bool complete = false;
        if (!feed(call, bytes, &complete))
            return;
        vrx_http2_stream_consume(call->stream, before - bytes->len);
        if (!complete)
            continue;
        call->credits--;
        tell_message(call);
        message_done(call);
    }
}

void vrx_call_deliver(struct vrx_call *call) {
    if (call->delivering)
        return;
    call->delivering = true;
    struct vrx_view bytes =
        vrx_view_slice(vrx_buffer_view(&call->early), call->early_at, call->early.len);
    size_t before = bytes.len;
    deliver_from(call, &bytes);
    call->early_at += before - bytes.len;
    if (call->early_at == call->early.len || call->finished) {
        vrx_buffer_clear(&call->early);
        call->early_at = 0;
    }
    end_stream(call);
    call->delivering = false;
}

/* The stream's window bounds what waits here: it opens only as the application takes. */
static void take_streamed(struct vrx_call *call, struct vrx_view bytes) {
    call->delivering = true;
    if (!call->early.len)
        deliver_from(call, &bytes);
    call->delivering = false;
    if (call->finished || !bytes.len)
        return;
    if (call->early_at) {
        size_t rest = call->early.len - call->early_at;
        memmove(call->early.ptr, call->early.ptr + call->early_at, rest);
        call->early.len = rest;
        call->early_at = 0;
    }
    struct vrx_result result = vrx_buffer_append(&call->early, bytes);
    if (!vrx_is_ok(result))
        vrx_call_fail(call, vrx_grpc_code_of(result.reason), result);
}

static void on_data(void *context, struct vrx_http2_stream *stream, struct vrx_view bytes) {
    (void)context;
    struct vrx_call *call = vrx_http2_stream_user(stream);
    bool streamed = call && vrx_call_kind_takes_many(call->route->kind);
    if (!streamed || call->finished)
        vrx_http2_stream_consume(stream, bytes.len);
    if (!call || call->finished)
        return;
    if (streamed)
        take_streamed(call, bytes);
    else
        take_single(call, bytes);
}

static void on_end(void *context, struct vrx_http2_stream *stream) {
    (void)context;
    struct vrx_call *call = vrx_http2_stream_user(stream);
    if (!call || call->finished)
        return;
    call->ended = true;
    set_deadline(call);
    if (vrx_call_kind_takes_many(call->route->kind))
        end_stream(call);
    else
        end_single(call);
}

/* A response */

static void on_drained(void *context, struct vrx_http2_stream *stream) {
    const struct vrx_grpc_service *service = context;
    struct vrx_call *call = vrx_http2_stream_user(stream);
    if (call && !call->finished && service->handler.writable)
        service->handler.writable(service->handler.context, call);
}

static void on_trailers(void *context, struct vrx_http2_stream *stream) {
    (void)context;
    struct vrx_call *call = vrx_http2_stream_user(stream);
    struct vrx_response_end end = vrx_call_end(call);
    if (!vrx_is_ok(vrx_response_trailers(stream, &end)))
        vrx_http2_stream_reset(stream);
}

static void on_expired(void *context, struct vrx_http2_stream *stream) {
    (void)context;
    struct vrx_call *call = vrx_http2_stream_user(stream);
    if (!call || call->finished) /* and the peer does not take the reply */
        vrx_http2_stream_reset(stream);
    else
        vrx_call_fail(call, VRX_GRPC_DEADLINE_EXCEEDED, vrx_fail(VRX_DEADLINE_EXCEEDED));
}

static void on_closed(void *context, struct vrx_http2_stream *stream, uint32_t error) {
    const struct vrx_grpc_service *service = context;
    (void)error;
    struct vrx_call *call = vrx_http2_stream_user(stream);
    if (!call)
        return;
    call->stream = NULL;
    if (call->reply)
        call->reply->release(call->reply);
    call->reply = NULL;
    vrx_frame_reader_done(&call->reader);
    vrx_buffer_done(&call->early);
    if (!call->finished) {
        call->finished = true;
        atomic_store(&call->cancelled, true);
        if (call->started && service->handler.cancelled)
            service->handler.cancelled(service->handler.context, call);
    }
    vrx_call_unref(&call);
}

/* Service */

struct vrx_result vrx_grpc_service_new(const struct vrx_grpc_route *routes, size_t route_count,
    const struct vrx_grpc_handler *handler, const struct vrx_random *random,
    struct vrx_grpc_service **ret_service) {
    struct vrx_grpc_service *service = calloc(1, sizeof *service);
    if (!service)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    service->handler = *handler;
    service->random = random;
    service->message_limit = VRX_LIMIT_MESSAGE;
    service->http2 = (struct vrx_http2_handler){
        .context = service,
        .request = on_request,
        .data = on_data,
        .end = on_end,
        .drained = on_drained,
        .trailers = on_trailers,
        .expired = on_expired,
        .closed = on_closed,
    };
    struct vrx_result result = set_routes(service, routes, route_count);
    if (vrx_is_ok(result))
        *ret_service = service;
    else
        vrx_grpc_service_free(&service);
    return result;
}

void vrx_grpc_service_limit_messages(struct vrx_grpc_service *service, size_t limit) {
    service->message_limit = limit;
}

void vrx_grpc_service_answer_plain(
    struct vrx_grpc_service *service, const struct vrx_plain_handler *plain) {
    service->plain = *plain;
}

void vrx_grpc_service_free(struct vrx_grpc_service **service) {
    struct vrx_grpc_service *own = *service;
    *service = NULL;
    if (!own)
        return;
    free(own->slots);
    free(own);
}

const struct vrx_http2_handler *vrx_grpc_service_handler(const struct vrx_grpc_service *service) {
    return &service->http2;
}
