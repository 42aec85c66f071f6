/* SPDX-License-Identifier: Apache-2.0
 *
 * Protobuf by hand: two messages of strings do not carry generated code with them. Every field here
 * is length-delimited but Status.code; lengths are summed before anything is written, so that each
 * level is one pass.
 *
 *     Status    { int32 code = 1; string message = 2; repeated Any details = 3; }
 *     Any       { string type_url = 1; bytes value = 2; }
 *     ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
 *     RetryInfo { Duration retry_delay = 1; }
 *     Duration  { int64 seconds = 1; int32 nanos = 2; }
 */
#include "grpc/details.h"

#include "base/encode.h"
#include "grpc/protobuf.h"

#define ERROR_INFO "type.googleapis.com/google.rpc.ErrorInfo"
#define RETRY_INFO "type.googleapis.com/google.rpc.RetryInfo"
#define NANOS 1000000 /* of a millisecond */

enum wire { WIRE_VARINT = 0, WIRE_BYTES = 2 };

static struct vrx_result put_varint(struct vrx_buffer *out, uint64_t value) {
    while (value > 0x7f) {
        VRX_TRY(vrx_buffer_append_byte(out, (uint8_t)(value | 0x80)));
        value >>= 7;
    }
    return vrx_buffer_append_byte(out, (uint8_t)value);
}

static struct vrx_result put_bytes(struct vrx_buffer *out, unsigned field, struct vrx_view bytes) {
    VRX_TRY(put_varint(out, field << 3 | WIRE_BYTES));
    VRX_TRY(put_varint(out, bytes.len));
    return vrx_buffer_append(out, bytes);
}

static struct vrx_result put_text(struct vrx_buffer *out, unsigned field, const char *text) {
    return put_bytes(out, field, vrx_view_text(text));
}

struct vrx_result vrx_details_add_fact(
    struct vrx_buffer *facts, const char *name, struct vrx_view value) {
    struct vrx_buffer entry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(put_text(&entry, 1, name));
    VRX_TRY(put_bytes(&entry, 2, value));
    return put_bytes(facts, 3, vrx_buffer_view(&entry));
}

static struct vrx_result put_metadata(struct vrx_buffer *out, const char *name, const char *value) {
    return vrx_details_add_fact(out, name, vrx_view_text(value));
}

static struct vrx_result put_error_info(
    struct vrx_buffer *out, struct vrx_result outcome, struct vrx_view facts) {
    VRX_TRY(put_text(out, 1, vrx_reason_name(outcome.reason)));
    VRX_TRY(put_text(out, 2, VRX_DETAILS_DOMAIN));
    if (outcome.clause)
        VRX_TRY(put_metadata(out, "clause", outcome.clause));
    VRX_TRY(put_metadata(out, "retry", vrx_retry_name(vrx_reason_retry(outcome.reason))));
    VRX_TRY(put_metadata(out, "ja", vrx_reason_sentence_ja(outcome.reason)));
    return vrx_buffer_append(out, facts);
}

static struct vrx_result put_number(struct vrx_buffer *out, unsigned field, uint64_t value) {
    if (!value)
        return vrx_ok();
    VRX_TRY(put_varint(out, field << 3 | WIRE_VARINT));
    return put_varint(out, value);
}

static struct vrx_result put_retry_info(struct vrx_buffer *out, uint32_t retry_ms) {
    struct vrx_buffer duration VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(put_number(&duration, 1, retry_ms / 1000));
    VRX_TRY(put_number(&duration, 2, (uint64_t)(retry_ms % 1000) * NANOS));
    return put_bytes(out, 1, vrx_buffer_view(&duration));
}

static struct vrx_result put_any(struct vrx_buffer *out, const char *type, struct vrx_view value) {
    struct vrx_buffer any VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(put_text(&any, 1, type));
    VRX_TRY(put_bytes(&any, 2, value));
    return put_bytes(out, 3, vrx_buffer_view(&any));
}

struct vrx_result vrx_details_encode(enum vrx_grpc_code code, struct vrx_result outcome,
    struct vrx_view facts, struct vrx_buffer *out) {
    struct vrx_buffer info VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer retry VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(put_error_info(&info, outcome, facts));
    VRX_TRY(put_varint(out, 1 << 3 | WIRE_VARINT));
    VRX_TRY(put_varint(out, (uint64_t)code));
    VRX_TRY(put_text(out, 2, vrx_reason_sentence_en(outcome.reason)));
    VRX_TRY(put_any(out, ERROR_INFO, vrx_buffer_view(&info)));
    if (!outcome.retry_ms)
        return vrx_ok();
    VRX_TRY(put_retry_info(&retry, outcome.retry_ms));
    return put_any(out, RETRY_INFO, vrx_buffer_view(&retry));
}

/* Decoding */

static struct vrx_result read_metadata(struct vrx_view entry, struct vrx_details *details) {
    struct vrx_view name = {0};
    struct vrx_view value = {0};
    while (entry.len) {
        struct vrx_protobuf_field field;
        VRX_TRY(vrx_protobuf_take(&entry, &field));
        if (field.number == 1)
            name = field.bytes;
        else if (field.number == 2)
            value = field.bytes;
    }
    if (vrx_view_equal(name, vrx_view_text("clause")))
        details->clause = value;
    else if (vrx_view_equal(name, vrx_view_text("retry")))
        details->retry = value;
    else if (vrx_view_equal(name, vrx_view_text("ja")))
        details->message_ja = value;
    else if (vrx_view_equal(name, vrx_view_text("action")))
        details->action = value;
    return vrx_ok();
}

static struct vrx_result read_error_info(struct vrx_view info, struct vrx_details *details) {
    struct vrx_details found = *details;
    struct vrx_view domain = {0};
    while (info.len) {
        struct vrx_protobuf_field field;
        VRX_TRY(vrx_protobuf_take(&info, &field));
        if (field.number == 1)
            found.reason = field.bytes;
        else if (field.number == 2)
            domain = field.bytes;
        else if (field.number == 3)
            VRX_TRY(read_metadata(field.bytes, &found));
    }
    if (vrx_view_equal(domain, vrx_view_text(VRX_DETAILS_DOMAIN)))
        *details = found;
    return vrx_ok();
}

/* A delay that nobody waits for is cut at what the field holds; one below zero is none. */
static struct vrx_result read_duration(struct vrx_view duration, struct vrx_details *details) {
    uint64_t seconds = 0;
    uint64_t nanos = 0;
    while (duration.len) {
        struct vrx_protobuf_field field;
        VRX_TRY(vrx_protobuf_take(&duration, &field));
        if (field.number == 1)
            seconds = field.value;
        else if (field.number == 2)
            nanos = field.value;
    }
    if (seconds > INT64_MAX || nanos >= (uint64_t)1000 * NANOS)
        return vrx_ok();
    const uint64_t most = UINT32_MAX / 1000;
    details->retry_ms =
        seconds < most ? (uint32_t)(seconds * 1000 + (nanos + NANOS - 1) / NANOS) : UINT32_MAX;
    return vrx_ok();
}

static struct vrx_result read_retry_info(struct vrx_view info, struct vrx_details *details) {
    while (info.len) {
        struct vrx_protobuf_field field;
        VRX_TRY(vrx_protobuf_take(&info, &field));
        if (field.number == 1)
            VRX_TRY(read_duration(field.bytes, details));
    }
    return vrx_ok();
}

static struct vrx_result read_any(struct vrx_view any, struct vrx_details *details) {
    struct vrx_view type = {0};
    struct vrx_view value = {0};
    while (any.len) {
        struct vrx_protobuf_field field;
        VRX_TRY(vrx_protobuf_take(&any, &field));
        if (field.number == 1)
            type = field.bytes;
        else if (field.number == 2)
            value = field.bytes;
    }
    if (!details->reason.len && vrx_view_equal(type, vrx_view_text(ERROR_INFO)))
        return read_error_info(value, details);
    if (!details->retry_ms && vrx_view_equal(type, vrx_view_text(RETRY_INFO)))
        return read_retry_info(value, details);
    return vrx_ok();
}

struct vrx_result vrx_details_decode(struct vrx_view message, struct vrx_details *ret_details) {
    struct vrx_details details = {0};
    while (message.len) {
        struct vrx_protobuf_field field;
        VRX_TRY(vrx_protobuf_take(&message, &field));
        if (field.number == 1)
            details.code = field.value <= VRX_GRPC_UNAUTHENTICATED ? (enum vrx_grpc_code)field.value
                                                                   : VRX_GRPC_UNKNOWN;
        else if (field.number == 2)
            details.message = field.bytes;
        else if (field.number == 3)
            VRX_TRY(read_any(field.bytes, &details));
    }
    *ret_details = details;
    return vrx_ok();
}

struct vrx_result vrx_binary_field_encode(struct vrx_view bytes, struct vrx_buffer *out) {
    VRX_TRY(vrx_base64_encode(VRX_BASE64_STANDARD, bytes, out));
    while (out->len && out->ptr[out->len - 1] == '=')
        out->len--;
    return vrx_ok();
}

struct vrx_result vrx_binary_field_decode(struct vrx_view text, struct vrx_buffer *out) {
    struct vrx_buffer padded VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_buffer_append(&padded, text));
    while (padded.len % 4)
        VRX_TRY(vrx_buffer_append_byte(&padded, '='));
    return vrx_base64_decode(VRX_BASE64_STANDARD, vrx_buffer_view(&padded), out);
}

static const char *const retry_names[] = {
    [VRX_RETRY_NEVER] = "NEVER",
    [VRX_RETRY_CORRECTED] = "CORRECTED",
    [VRX_RETRY_LATER] = "LATER",
    [VRX_RETRY_NOW] = "NOW",
};

const char *vrx_retry_name(enum vrx_retry retry) {
    return retry_names[retry];
}

enum vrx_retry vrx_retry_from_name(struct vrx_view name) {
    for (unsigned i = 0; i < sizeof retry_names / sizeof *retry_names; i++) {
        if (vrx_view_equal(name, vrx_view_text(retry_names[i])))
            return (enum vrx_retry)i;
    }
    return VRX_RETRY_NEVER;
}
