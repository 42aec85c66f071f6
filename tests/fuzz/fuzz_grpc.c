/* SPDX-License-Identifier: Apache-2.0
 *
 * What a client may send after TLS: HTTP/2 frames in random splits into a server session with the
 * gRPC service on it, on a clock that runs between the pieces. The application below takes and
 * answers in every way there is: at once, pieces later, never, or after the client has gone.
 *
 * First byte: how the rest is split and answered. The client's preface is sent for it.
 */
#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "grpc/server.h"
#include "net/http2.h"

static const struct vrx_grpc_route routes[] = {
    {"/f.F/Unary", VRX_CALL_UNARY, NULL},
    {"/f.F/Collect", VRX_CALL_CLIENT_STREAM, NULL},
    {"/f.F/Spread", VRX_CALL_SERVER_STREAM, NULL},
    {"/f.F/Talk", VRX_CALL_BOTH_STREAM, NULL},
};

#define HELD 8

struct fuzz {
    uint32_t dice;
    struct vrx_call *held[HELD];
};

static unsigned roll(struct fuzz *fuzz, unsigned sides) {
    fuzz->dice = fuzz->dice * 1664525 + 1013904223;
    return (fuzz->dice >> 16) % sides;
}

static struct vrx_result zeroes(void *context, uint8_t *out, size_t len) {
    (void)context;
    memset(out, 0, len);
    return vrx_ok();
}

static void answer(struct fuzz *fuzz, struct vrx_call *call) {
    struct vrx_buffer reply = {0};
    uint8_t *at = NULL;
    unsigned kind = roll(fuzz, 6);
    vrx_call_take_more(call, roll(fuzz, 3));
    /* What a client sent comes back as metadata only where it may. */
    VRX_IGNORE(
        vrx_call_add_metadata(call, VRX_CALL_HEAD, "x-path", vrx_call_metadata(call, ":path")));
    VRX_IGNORE(
        vrx_call_add_metadata(call, VRX_CALL_TRAILER, "x-te", vrx_call_metadata(call, "te")));
    if (kind < 4 && vrx_is_ok(vrx_buffer_extend(&reply, roll(fuzz, 70000), &at)))
        vrx_call_send(call, &reply);
    if (kind < 3 && roll(fuzz, 8) == 0)
        vrx_call_finish_status(call, VRX_GRPC_UNKNOWN, vrx_call_metadata(call, "content-type"));
    else if (kind < 3)
        vrx_call_finish(call, vrx_ok());
    else if (kind == 4)
        vrx_call_finish(call, vrx_refuse(VRX_WRONG_STATE, "clause"));
    vrx_buffer_done(&reply);
}

static void later(struct fuzz *fuzz, struct vrx_call *call) {
    struct vrx_call **slot = &fuzz->held[roll(fuzz, HELD)];
    vrx_call_unref(slot);
    *slot = vrx_call_ref(call);
}

static void react(struct fuzz *fuzz, struct vrx_call *call) {
    if (roll(fuzz, 2))
        answer(fuzz, call);
    else
        later(fuzz, call);
}

static void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    /* Reads all of it, for the sanitizer. */
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < message.len; i++)
        sum = (uint8_t)(sum + message.ptr[i]);
    react(context, call);
}

static void on_other(void *context, struct vrx_call *call) {
    react(context, call);
}

static void between(struct fuzz *fuzz) {
    struct vrx_call **slot = &fuzz->held[roll(fuzz, HELD)];
    if (*slot)
        answer(fuzz, *slot);
}

static void drive(
    struct fuzz *fuzz, struct vrx_http2_session *session, const uint8_t *data, size_t size) {
    struct vrx_buffer out = {0};
    struct vrx_view preface = vrx_view_of(NGHTTP2_CLIENT_MAGIC, NGHTTP2_CLIENT_MAGIC_LEN);
    int64_t now = 1000;
    struct vrx_result result = vrx_http2_session_receive(session, now, preface);
    while (vrx_is_ok(result) && size) {
        size_t piece = 1 + roll(fuzz, roll(fuzz, 2) ? 20 : 2000);
        if (piece > size)
            piece = size;
        now += roll(fuzz, roll(fuzz, 20) ? 10 : 20000);
        result = vrx_http2_session_receive(session, now, vrx_view_of(data, piece));
        data += piece;
        size -= piece;
        between(fuzz);
        if (vrx_is_ok(result) && vrx_http2_session_deadline(session) <= now)
            result = vrx_http2_session_tick(session, now);
        if (roll(fuzz, 50) == 0)
            vrx_http2_session_drain(session, now);
        vrx_buffer_clear(&out);
        if (vrx_is_ok(result) && roll(fuzz, 4))
            result = vrx_http2_session_pull(session, &out, 65536);
        if (vrx_http2_session_finished(session))
            break;
    }
    vrx_buffer_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fuzz fuzz = {.dice = size ? data[0] : 0};
    struct vrx_random random = {zeroes, NULL};
    struct vrx_grpc_handler handler = {
        .context = &fuzz, .message = on_message, .end = on_other, .writable = on_other};
    struct vrx_grpc_service *service = NULL;
    struct vrx_http2_session *session = NULL;
    struct vrx_peer *peer = vrx_peer_new();
    if (size && peer &&
        vrx_is_ok(vrx_grpc_service_new(
            routes, sizeof routes / sizeof *routes, &handler, &random, &service))) {
        struct vrx_http2_config config = {
            .handler = vrx_grpc_service_handler(service), .peer = peer, .now_ms = 1000};
        if (vrx_is_ok(vrx_http2_session_new(&config, &session)))
            drive(&fuzz, session, data + 1, size - 1);
    }
    vrx_http2_session_free(&session);
    for (size_t i = 0; i < HELD; i++) {
        if (fuzz.held[i])
            answer(&fuzz, fuzz.held[i]); /* the connection is gone */
        vrx_call_unref(&fuzz.held[i]);
    }
    vrx_grpc_service_free(&service);
    vrx_peer_unref(&peer);
    return 0;
}
