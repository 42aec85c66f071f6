/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of the gRPC service: a session with a client on the other side, and a handler that
 * keeps every call until the test answers it.
 */
#ifndef VRX_TEST_GRPC_FIXTURE_H
#define VRX_TEST_GRPC_FIXTURE_H

#include "grpc/frame.h"
#include "grpc/server.h"
#include "grpc/status.h"
#include "support/check.h"
#include "support/http2_peer.h"

static const struct vrx_grpc_route routes[] = {
    {"/t.T/Unary", VRX_CALL_UNARY, "unary"},
    {"/t.T/Collect", VRX_CALL_CLIENT_STREAM, "collect"},
    {"/t.T/Spread", VRX_CALL_SERVER_STREAM, "spread"},
    {"/t.T/Talk", VRX_CALL_BOTH_STREAM, "talk"},
};

#define CALLS 300

static struct {
    struct vrx_grpc_service *service;
    struct http2_peer peer;
    struct vrx_call *calls[CALLS]; /* in the order in which they were first heard of */
    size_t count;
    unsigned messages;
    size_t bytes;
    unsigned ends;
    unsigned writables;
    unsigned cancelled;
    unsigned dropped;
    unsigned refused;
    enum vrx_reason reason; /* of the last refused */
    uint8_t dice;
} t;

static inline void keep(struct vrx_call *call) {
    for (size_t i = 0; i < t.count; i++) {
        if (t.calls[i] == call)
            return;
    }
    assert_true(t.count < CALLS);
    t.calls[t.count++] = vrx_call_ref(call);
}

static inline void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    (void)context;
    keep(call);
    t.messages++;
    t.bytes += message.len;
}

static inline void on_end(void *context, struct vrx_call *call) {
    (void)context;
    keep(call);
    t.ends++;
}

static inline void on_writable(void *context, struct vrx_call *call) {
    (void)context;
    (void)call;
    t.writables++;
}

static inline void on_cancelled(void *context, struct vrx_call *call) {
    (void)context;
    assert_true(vrx_call_is_cancelled(call));
    t.cancelled++;
}

static inline void on_refused(void *context, struct vrx_result outcome) {
    (void)context;
    t.refused++;
    t.reason = outcome.reason;
}

static inline struct vrx_result draw(void *context, uint8_t *out, size_t len) {
    (void)context;
    memset(out, ++t.dice, len);
    return vrx_ok();
}

static const struct vrx_random random_source = {draw, NULL};

static inline void begin(uint32_t window) {
    struct vrx_grpc_handler handler = {
        NULL, on_message, on_end, on_writable, on_cancelled, on_refused};
    memset(&t, 0, sizeof t);
    assert_ok(vrx_grpc_service_new(
        routes, sizeof routes / sizeof *routes, &handler, &random_source, &t.service));
    peer_init(&t.peer, vrx_grpc_service_handler(t.service), window);
}

static inline int setup(void **state) {
    (void)state;
    begin(65535);
    return 0;
}

static inline int teardown(void **state) {
    (void)state;
    peer_done(&t.peer);
    for (size_t i = 0; i < t.count; i++)
        vrx_call_unref(&t.calls[i]);
    vrx_grpc_service_free(&t.service);
    return 0;
}

static inline void send(struct vrx_call *call, size_t len) {
    struct vrx_buffer message = {0};
    uint8_t *at = NULL;
    assert_ok(vrx_buffer_extend(&message, len, &at));
    vrx_call_send(call, &message);
    assert_int_equal(message.len, 0);
}

static inline int32_t unary(const char *timeout) {
    int32_t id = peer_request(&t.peer, "/t.T/Unary", timeout);
    peer_message(&t.peer, id, 3, true);
    return id;
}

static inline void assert_status(int32_t id, int status) {
    assert_int_equal(peer_stream(&t.peer, id)->status, status);
    assert_true(peer_stream(&t.peer, id)->closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
