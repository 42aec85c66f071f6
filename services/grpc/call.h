/* SPDX-License-Identifier: Apache-2.0
 *
 * One gRPC call as the layer above sees it. Callbacks come on the I/O thread of the call's
 * connection and must not block; answers (vrx_call_send, _take_more, _finish) may come from any
 * thread, at any time, in any number: they are queued to the I/O thread, and do nothing when the
 * call is over.
 *
 * Life of a call:
 *   message   unary, server stream: once, when the request is complete
 *             client stream, both ways: for each message; the next one only after
 *             vrx_call_take_more
 *   end       client stream, both ways: the client has sent its last message (it may have sent
 *             none); like a message only after vrx_call_take_more, so that it overtakes no work on
 *             the last
 *   send      unary, client stream: exactly once before finish(OK), not sent before it
 *             server stream, both ways: any number of times
 *   writable  server stream, both ways, after sends: little of them waits any more, send on
 *   finish    once, always, unless cancelled was called; later ones are ignored
 *   cancelled instead of the need to finish: the client has gone, its deadline has passed, or its
 *             messages broke a rule. At most once, never after a finish took effect. What is sent
 *             or finished afterwards reaches nobody.
 */
#ifndef VRX_GRPC_CALL_H
#define VRX_GRPC_CALL_H

#include "base/bytes.h"
#include "grpc/metadata.h"
#include "grpc/status.h"
#include "net/peer.h"

struct vrx_call;

enum vrx_call_kind {
    VRX_CALL_UNARY,
    VRX_CALL_CLIENT_STREAM,
    VRX_CALL_SERVER_STREAM,
    VRX_CALL_BOTH_STREAM, /* messages both ways, in any order */
};

/* The caller sends, or is sent, any number of messages. */
static inline bool vrx_call_kind_takes_many(enum vrx_call_kind kind) {
    return kind == VRX_CALL_CLIENT_STREAM || kind == VRX_CALL_BOTH_STREAM;
}
static inline bool vrx_call_kind_sends_many(enum vrx_call_kind kind) {
    return kind == VRX_CALL_SERVER_STREAM || kind == VRX_CALL_BOTH_STREAM;
}

/* One method. The table must outlive the server. */
struct vrx_grpc_route {
    const char *path; /* "/vrx.v1.Records/GetHistory" */
    enum vrx_call_kind kind;
    const void *method; /* the layer above's own row: vrx_call_method */
};

struct vrx_grpc_handler {
    void *context;
    /* The view is valid during the callback. */
    void (*message)(void *context, struct vrx_call *call, struct vrx_view message);
    /* These may be NULL where no route of the table needs them. */
    void (*end)(void *context, struct vrx_call *call);
    void (*writable)(void *context, struct vrx_call *call);
    void (*cancelled)(void *context, struct vrx_call *call);
    /* A request was answered for which none of the others was called: no such method, a head or a
     * message that breaks a rule, a deadline that passed before the message was whole. */
    void (*refused)(void *context, struct vrx_result outcome);
};

/* The pointer in a callback is borrowed. Who keeps it takes a reference and drops it after the last
 * use, on any thread; before vrx_grpc_server_free. */
struct vrx_call *vrx_call_ref(struct vrx_call *call);
void vrx_call_unref(struct vrx_call **call);

/* Constant over the call's life, readable on any thread. */
const void *vrx_call_method(const struct vrx_call *call);
const struct vrx_grpc_route *vrx_call_route(const struct vrx_call *call);
const struct vrx_peer *vrx_call_peer(const struct vrx_call *call);
/* CLOCK_MONOTONIC in milliseconds when the client stops waiting; INT64_MAX without grpc-timeout. */
int64_t vrx_call_deadline_ms(const struct vrx_call *call);
#define VRX_CALL_REQUEST_ID VRX_REQUEST_ID
/* What log, audit, reply and support speak of: the caller's own (metadata vrx-request-id or
 * x-request-id, vrx_request_id_parse), or drawn for this call. Callers may give one twice. */
const uint8_t *vrx_call_request_id(const struct vrx_call *call);
/* The request's metadata, name in lower case; empty where absent. Binary ones ("-bin") as they
 * came, in base64. */
struct vrx_view vrx_call_metadata(const struct vrx_call *call, const char *name);
/* Within the message callback: whether the message came compressed. */
bool vrx_call_message_was_compressed(const struct vrx_call *call);
/* RFC 9266: what binds a signature to this very TLS connection. */
void vrx_call_export_keying(const struct vrx_call *call, uint8_t ret_exporter[32]);

/* True once the call is over for any reason but finish. For queues that skip what nobody awaits. */
bool vrx_call_is_cancelled(const struct vrx_call *call);

/* One pointer of the layer above, set in its first callback. drop (may be NULL) gets it when the
 * last reference goes, on whichever thread that is. */
void vrx_call_set_user(struct vrx_call *call, void *user, void (*drop)(void *user));
void *vrx_call_user(const struct vrx_call *call);

/* Client stream, both ways: ready for count more messages. One is granted at the start. */
void vrx_call_take_more(struct vrx_call *call, unsigned count);
/* A reply message; the buffer is moved and empty afterwards. Without memory to queue it the call is
 * finished with VRX_OUT_OF_MEMORY. */
void vrx_call_send(struct vrx_call *call, struct vrx_buffer *message);
/* Custom metadata of the reply: with its head (before the first message is sent) or with its status
 * (before finish); later ones are ignored. A binary value ("-bin") comes in base64
 * (vrx_binary_field_encode). Errors: VRX_INPUT_TEXT (not a name or value that PROTOCOL-HTTP2
 * allows), VRX_CAP_REACHED (four of each), VRX_OUT_OF_MEMORY. */
enum vrx_call_place { VRX_CALL_HEAD, VRX_CALL_TRAILER };
struct vrx_result vrx_call_add_metadata(
    struct vrx_call *call, enum vrx_call_place place, const char *name, struct vrx_view value);
/* One more pair of ErrorInfo's metadata (details.h), for an outcome that is a refusal; before
 * finish, later ones are ignored. Errors: VRX_CAP_REACHED over 1 KiB of them, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_call_add_fact(struct vrx_call *call, const char *name, struct vrx_view value);
/* The outcome: gRPC status, message and ErrorInfo by services/grpc/status.c and details.c. */
void vrx_call_finish(struct vrx_call *call, struct vrx_result outcome);
/* An outcome that is no reason of this house: any code but OK, and a message of any UTF-8, cut
 * after VRX_CALL_MESSAGE bytes: clients need not take more than 8 KiB of fields, and each byte may
 * become three. Without memory for the message the code goes alone. */
#define VRX_CALL_MESSAGE ((size_t)1024)
void vrx_call_finish_status(
    struct vrx_call *call, enum vrx_grpc_code code, struct vrx_view message);
/* The same, but the I/O thread is not woken: for who finishes many calls and then calls
 * vrx_grpc_server_flush once. */
void vrx_call_finish_quietly(struct vrx_call *call, struct vrx_result outcome);

#endif
