/* SPDX-License-Identifier: Apache-2.0
 *
 * See response.h. call.c and service.c are the users.
 */
#include "grpc/response.h"

#include <stdio.h>

#include "base/cursor.h"
#include "base/encode.h"
#include "grpc/details.h"
#include "grpc/metadata.h"

/* content-type, grpc-accept-encoding, vrx-request-id, grpc-status, grpc-message,
 * grpc-status-details-bin */
#define OWN_FIELDS 6
#define FIELDS (OWN_FIELDS + VRX_RESPONSE_METADATA)
#define METADATA_BYTES ((size_t)8192) /* what HTTP/2 clients take at least, gRPC's default too */

struct fields {
    struct vrx_http2_field field[FIELDS];
    size_t count;
    char code[4];
    char request_id[2 * VRX_REQUEST_ID + 1];
    struct vrx_buffer message;
    struct vrx_buffer details;
};

static void fields_done(struct fields *fields) {
    vrx_buffer_done(&fields->message);
    vrx_buffer_done(&fields->details);
}

static void add(struct fields *fields, const char *name, struct vrx_view value) {
    fields->field[fields->count++] = (struct vrx_http2_field){vrx_view_text(name), value, false};
}

/* Custom metadata */

static bool name_is_custom(struct vrx_view name) {
    static const struct vrx_view reserved = {(const uint8_t *)"grpc-", 5};
    for (size_t i = 0; i < name.len; i++) {
        uint8_t byte = name.ptr[i];
        bool alphanumeric = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
        if (!alphanumeric && byte != '_' && byte != '-' && byte != '.')
            return false;
    }
    return name.len && !vrx_view_equal(vrx_view_slice(name, 0, reserved.len), reserved);
}

static bool is_printable(struct vrx_view value) {
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7e)
            return false;
    return true;
}

static size_t count_metadata(struct vrx_view metadata) {
    size_t count = 0;
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, metadata);
    for (; cursor.rest.len; count++) {
        size_t name_len = vrx_cursor_u16(&cursor);
        size_t value_len = vrx_cursor_u16(&cursor);
        vrx_cursor_bytes(&cursor, name_len + value_len);
    }
    return count;
}

struct vrx_result vrx_response_add_metadata(
    struct vrx_buffer *metadata, struct vrx_view name, struct vrx_view value) {
    if (!name_is_custom(name) || !is_printable(value))
        return vrx_refuse(VRX_INPUT_TEXT, "gRPC PROTOCOL-HTTP2: Custom-Metadata");
    if (count_metadata(vrx_buffer_view(metadata)) == VRX_RESPONSE_METADATA ||
        metadata->len + 4 + name.len + value.len > METADATA_BYTES)
        return vrx_refuse(VRX_CAP_REACHED, "gRPC: custom metadata of a reply");
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(metadata, 4 + name.len + value.len, &at));
    vrx_put_u16(at, (uint16_t)name.len);
    vrx_put_u16(at + 2, (uint16_t)value.len);
    memcpy(at + 4, name.ptr, name.len);
    if (value.len)
        memcpy(at + 4 + name.len, value.ptr, value.len);
    return vrx_ok();
}

static void add_metadata(struct fields *fields, struct vrx_view metadata) {
    struct vrx_cursor cursor;
    vrx_cursor_init(&cursor, metadata);
    while (cursor.rest.len && fields->count < FIELDS) {
        size_t name_len = vrx_cursor_u16(&cursor);
        size_t value_len = vrx_cursor_u16(&cursor);
        struct vrx_view name = vrx_cursor_bytes(&cursor, name_len);
        struct vrx_view value = vrx_cursor_bytes(&cursor, value_len);
        fields->field[fields->count++] = (struct vrx_http2_field){name, value, false};
    }
}

/* The end */

/* "; try again in 12.5 s": what RetryInfo says, for people. */
static struct vrx_result encode_retry(uint32_t retry_ms, struct vrx_buffer *message) {
    char text[40];
    const uint64_t tenths = ((uint64_t)retry_ms + 99) / 100;
    snprintf(text, sizeof text, "; try again in %llu.%llu s", (unsigned long long)(tenths / 10),
        (unsigned long long)(tenths % 10));
    return vrx_percent_encode(vrx_view_text(text), message);
}

static struct vrx_result encode_outcome(struct fields *fields, const struct vrx_response_end *end) {
    const struct vrx_result outcome = end->outcome;
    struct vrx_buffer proto VRX_CLEANUP(vrx_buffer_done) = {0};
    const char *sentence = vrx_reason_sentence_en(outcome.reason);
    VRX_TRY(vrx_percent_encode(vrx_view_text(sentence), &fields->message));
    if (outcome.clause) {
        VRX_TRY(vrx_percent_encode(vrx_view_text(": "), &fields->message));
        VRX_TRY(vrx_percent_encode(vrx_view_text(outcome.clause), &fields->message));
    }
    if (outcome.retry_ms)
        VRX_TRY(encode_retry(outcome.retry_ms, &fields->message));
    VRX_TRY(vrx_details_encode(end->code, outcome, end->facts, &proto));
    return vrx_binary_field_encode(vrx_buffer_view(&proto), &fields->details);
}

static struct vrx_result encode_end(struct fields *fields, const struct vrx_response_end *end) {
    if (end->explained)
        return vrx_percent_encode(end->message, &fields->message);
    return encode_outcome(fields, end);
}

/* Without memory for the explanation the code goes alone. */
static void add_end(struct fields *fields, const struct vrx_response_end *end) {
    snprintf(fields->code, sizeof fields->code, "%d", (int)end->code % 100);
    add(fields, "grpc-status", vrx_view_text(fields->code));
    if (end->code != VRX_GRPC_OK && vrx_is_ok(encode_end(fields, end))) {
        add(fields, "grpc-message", vrx_buffer_view(&fields->message));
        if (fields->details.len)
            add(fields, "grpc-status-details-bin", vrx_buffer_view(&fields->details));
    }
    add_metadata(fields, end->metadata);
}

/* Responses */

static void add_request_id(struct fields *fields, const uint8_t *request_id) {
    vrx_hex_string(vrx_view_of(request_id, VRX_REQUEST_ID), fields->request_id);
    add(fields, "vrx-request-id", vrx_view_text(fields->request_id));
    fields->field[fields->count - 1].fleeting = true;
}

static void add_head(struct fields *fields, bool web, const uint8_t *request_id) {
    add(fields, "content-type",
        vrx_view_text(web ? "application/grpc-web+proto" : "application/grpc"));
    add(fields, "grpc-accept-encoding", vrx_view_text("identity,gzip"));
    if (request_id)
        add_request_id(fields, request_id);
}

struct vrx_result vrx_response_begin(struct vrx_http2_stream *stream, bool web,
    const uint8_t request_id[VRX_REQUEST_ID], struct vrx_view metadata) {
    struct fields fields VRX_CLEANUP(fields_done) = {0};
    add_head(&fields, web, request_id);
    add_metadata(&fields, metadata);
    return vrx_http2_stream_respond(stream, 200, fields.field, fields.count, true);
}

struct vrx_result vrx_response_trailers(
    struct vrx_http2_stream *stream, const struct vrx_response_end *end) {
    struct fields fields VRX_CLEANUP(fields_done) = {0};
    add_end(&fields, end);
    return vrx_http2_stream_trailers(stream, fields.field, fields.count);
}

/* No value holds a line's end: they are percent-encoded, base64 or printable (is_printable). */
struct vrx_result vrx_response_web_trailers(
    const struct vrx_response_end *end, struct vrx_buffer *out) {
    struct fields fields VRX_CLEANUP(fields_done) = {0};
    add_end(&fields, end);
    for (size_t i = 0; i < fields.count; i++) {
        VRX_TRY(vrx_buffer_append(out, fields.field[i].name));
        VRX_TRY(vrx_buffer_append(out, vrx_view_text(": ")));
        VRX_TRY(vrx_buffer_append(out, fields.field[i].value));
        VRX_TRY(vrx_buffer_append(out, vrx_view_text("\r\n")));
    }
    return vrx_ok();
}

void vrx_response_refuse(
    struct vrx_http2_stream *stream, bool web, const struct vrx_response_end *end) {
    struct fields fields VRX_CLEANUP(fields_done) = {0};
    add_head(&fields, web, end->request_id);
    add_end(&fields, end);
    if (!vrx_is_ok(vrx_http2_stream_respond(stream, 200, fields.field, fields.count, false)))
        vrx_http2_stream_reset(stream);
}

void vrx_response_refuse_http(struct vrx_http2_stream *stream, unsigned status) {
    struct vrx_http2_field allow = {vrx_view_text("allow"), vrx_view_text("POST"), false};
    if (!vrx_is_ok(vrx_http2_stream_respond(stream, status, &allow, status == 405, false)))
        vrx_http2_stream_reset(stream);
}
