/* SPDX-License-Identifier: Apache-2.0
 *
 * The server half of gRPC's interoperability tests (interop.proto) on the real listener. All calls
 * are answered on their I/O thread.
 *
 *   usage: interop_server CERTIFICATE KEY [CLIENT-CA [THREADS]]
 */
#include <stdlib.h>

#include "support/interop.pb-c.h"
#include "support/serve.h"

#define PAYLOAD_MAX (1 << 20)

/* What is remembered of a call between its messages. */
struct talk {
    int32_t received;
    bool owes_credit; /* the next message is asked for when the answers to the last are out */
};

static struct talk *talk_of(struct vrx_call *call) {
    struct talk *talk = vrx_call_user(call);
    if (talk)
        return talk;
    talk = calloc(1, sizeof *talk);
    if (!talk)
        abort();
    vrx_call_set_user(call, talk, free);
    return talk;
}

static void refuse(struct vrx_call *call, const char *message) {
    vrx_call_finish_status(call, VRX_GRPC_INVALID_ARGUMENT, vrx_view_text(message));
}

/* Echoes the two fields of the case custom_metadata. */
static void echo_metadata(struct vrx_call *call) {
    static const struct {
        enum vrx_call_place place;
        const char *name;
    } echoed[] = {
        {VRX_CALL_HEAD, "x-grpc-test-echo-initial"},
        {VRX_CALL_TRAILER, "x-grpc-test-echo-trailing-bin"},
    };
    for (size_t i = 0; i < sizeof echoed / sizeof *echoed; i++) {
        struct vrx_view value = vrx_call_metadata(call, echoed[i].name);
        if (value.len &&
            !vrx_is_ok(vrx_call_add_metadata(call, echoed[i].place, echoed[i].name, value)))
            abort();
    }
}

static void send(struct vrx_call *call, const ProtobufCMessage *message) {
    struct vrx_buffer out = {0};
    uint8_t *at = NULL;
    if (!vrx_is_ok(vrx_buffer_extend(&out, protobuf_c_message_get_packed_size(message), &at)))
        abort();
    protobuf_c_message_pack(message, at);
    vrx_call_send(call, &out);
}

/* A payload of zeroes; false when that size is refused. Its body is to be freed. */
static bool payload_of(struct vrx_call *call, int32_t size, Grpc__Testing__Payload *ret_payload) {
    grpc__testing__payload__init(ret_payload);
    if (size < 0 || size > PAYLOAD_MAX) {
        refuse(call, "size");
        return false;
    }
    ret_payload->body.data = calloc(1, (size_t)size + 1);
    ret_payload->body.len = (size_t)size;
    if (!ret_payload->body.data)
        abort();
    return true;
}

static bool has_asked_status(struct vrx_call *call, const Grpc__Testing__EchoStatus *status) {
    if (!status || !status->code)
        return false;
    vrx_call_finish_status(call, (enum vrx_grpc_code)status->code, vrx_view_text(status->message));
    return true;
}

static bool is_compressed_as_expected(
    struct vrx_call *call, const Grpc__Testing__BoolValue *expected) {
    if (!expected || !expected->value || vrx_call_message_was_compressed(call))
        return true;
    refuse(call, "the message was to be compressed");
    return false;
}

/* The methods. Each gets the decoded message. */

static void empty_call(struct vrx_call *call, const void *message) {
    (void)message;
    Grpc__Testing__Empty reply = GRPC__TESTING__EMPTY__INIT;
    send(call, &reply.base);
    vrx_call_finish(call, vrx_ok());
}

static void unary_call(struct vrx_call *call, const void *message) {
    const Grpc__Testing__SimpleRequest *request = message;
    Grpc__Testing__SimpleResponse reply = GRPC__TESTING__SIMPLE_RESPONSE__INIT;
    Grpc__Testing__Payload payload;
    if (!is_compressed_as_expected(call, request->expect_compressed) ||
        has_asked_status(call, request->response_status) ||
        !payload_of(call, request->response_size, &payload))
        return;
    reply.payload = &payload;
    send(call, &reply.base);
    vrx_call_finish(call, vrx_ok());
    free(payload.body.data);
}

/* False when the call has ended. */
static bool send_parameters(
    struct vrx_call *call, const Grpc__Testing__StreamingOutputCallRequest *request) {
    for (size_t i = 0; i < request->n_response_parameters; i++) {
        Grpc__Testing__StreamingOutputCallResponse reply =
            GRPC__TESTING__STREAMING_OUTPUT_CALL_RESPONSE__INIT;
        Grpc__Testing__Payload payload;
        if (!payload_of(call, request->response_parameters[i]->size, &payload))
            return false;
        reply.payload = &payload;
        send(call, &reply.base);
        free(payload.body.data);
    }
    return !has_asked_status(call, request->response_status);
}

static void streaming_output_call(struct vrx_call *call, const void *message) {
    if (send_parameters(call, message))
        vrx_call_finish(call, vrx_ok());
}

static void full_duplex_call(struct vrx_call *call, const void *message) {
    const Grpc__Testing__StreamingOutputCallRequest *request = message;
    talk_of(call)->owes_credit = request->n_response_parameters > 0;
    if (send_parameters(call, request) && !request->n_response_parameters)
        vrx_call_take_more(call, 1);
}

static void streaming_input_call(struct vrx_call *call, const void *message) {
    const Grpc__Testing__StreamingInputCallRequest *request = message;
    if (!is_compressed_as_expected(call, request->expect_compressed))
        return;
    if (request->payload)
        talk_of(call)->received += (int32_t)request->payload->body.len;
    vrx_call_take_more(call, 1);
}

static void streaming_input_end(struct vrx_call *call) {
    Grpc__Testing__StreamingInputCallResponse reply =
        GRPC__TESTING__STREAMING_INPUT_CALL_RESPONSE__INIT;
    reply.aggregated_payload_size = talk_of(call)->received;
    send(call, &reply.base);
    vrx_call_finish(call, vrx_ok());
}

static void full_duplex_end(struct vrx_call *call) {
    vrx_call_finish(call, vrx_ok());
}

struct method {
    const ProtobufCMessageDescriptor *request;
    void (*message)(struct vrx_call *call, const void *message);
    void (*end)(struct vrx_call *call);
};

static const struct method empty = {&grpc__testing__empty__descriptor, empty_call, NULL};
static const struct method unary = {&grpc__testing__simple_request__descriptor, unary_call, NULL};
static const struct method output = {
    &grpc__testing__streaming_output_call_request__descriptor, streaming_output_call, NULL};
static const struct method input = {&grpc__testing__streaming_input_call_request__descriptor,
    streaming_input_call, streaming_input_end};
static const struct method duplex = {
    &grpc__testing__streaming_output_call_request__descriptor, full_duplex_call, full_duplex_end};

#define PATH(name) "/grpc.testing.TestService/" name

static const struct vrx_grpc_route routes[] = {
    {PATH("EmptyCall"), VRX_CALL_UNARY, &empty},
    {PATH("UnaryCall"), VRX_CALL_UNARY, &unary},
    {PATH("StreamingOutputCall"), VRX_CALL_SERVER_STREAM, &output},
    {PATH("StreamingInputCall"), VRX_CALL_CLIENT_STREAM, &input},
    {PATH("FullDuplexCall"), VRX_CALL_BOTH_STREAM, &duplex},
};

static void on_message(void *context, struct vrx_call *call, struct vrx_view message) {
    (void)context;
    const struct method *method = vrx_call_method(call);
    ProtobufCMessage *decoded =
        protobuf_c_message_unpack(method->request, NULL, message.len, message.ptr);
    if (!decoded) {
        refuse(call, "protobuf");
        return;
    }
    echo_metadata(call);
    method->message(call, decoded);
    protobuf_c_message_free_unpacked(decoded, NULL);
}

static void on_end(void *context, struct vrx_call *call) {
    (void)context;
    const struct method *method = vrx_call_method(call);
    method->end(call);
}

static void on_writable(void *context, struct vrx_call *call) {
    (void)context;
    struct talk *talk = vrx_call_user(call);
    if (!talk || !talk->owes_credit)
        return;
    talk->owes_credit = false;
    vrx_call_take_more(call, 1);
}

int main(int argc, char **argv) {
    struct serve what = {
        .routes = routes,
        .route_count = sizeof routes / sizeof *routes,
        .handler = {.message = on_message, .end = on_end, .writable = on_writable},
    };
    return serve(argc, argv, &what);
}
