/* SPDX-License-Identifier: Apache-2.0
 *
 * One head by libcbor's streaming decoder: it is handed the rest of the input, calls back once and
 * allocates nothing. A head of one byte, as most are, is its type and its argument and is taken
 * apart here: a certificate is read in a third of the time. The tree-building half of libcbor is
 * not used anywhere: it allocates by the lengths that the input claims, and takes duplicate keys
 * and trailing bytes.
 *
 * Two things need help. libcbor 0.8 takes the tags 6 to 20 for errors, COSE's 16 to 18 among them,
 * so a tag is decoded as the unsigned integer that has the same bits. And its one error status says
 * nothing of the cause, so refused heads are looked at again to name the clause.
 *
 * Read next: reader.c, which makes items of heads.
 */
#include "cbor/head.h"

#include <cbor.h>

#define MAJOR_TAG 6
#define MAJOR_SIMPLE 7
#define ARGUMENT_FOLLOWS \
    24 /* RFC 8949 §3: the least additional information that is no argument \
        */

static struct vrx_cbor_head *set(void *context, enum vrx_cbor_type type, uint64_t argument) {
    struct vrx_cbor_head *head = context;
    head->type = type;
    head->argument = argument;
    return head;
}

static void on_uint8(void *context, uint8_t value) {
    set(context, VRX_CBOR_UINT, value);
}

static void on_uint16(void *context, uint16_t value) {
    set(context, VRX_CBOR_UINT, value);
}

static void on_uint32(void *context, uint32_t value) {
    set(context, VRX_CBOR_UINT, value);
}

static void on_uint64(void *context, uint64_t value) {
    set(context, VRX_CBOR_UINT, value);
}

static void on_negint8(void *context, uint8_t value) {
    set(context, VRX_CBOR_NEGINT, value);
}

static void on_negint16(void *context, uint16_t value) {
    set(context, VRX_CBOR_NEGINT, value);
}

static void on_negint32(void *context, uint32_t value) {
    set(context, VRX_CBOR_NEGINT, value);
}

static void on_negint64(void *context, uint64_t value) {
    set(context, VRX_CBOR_NEGINT, value);
}

static void on_bytes(void *context, cbor_data bytes, size_t len) {
    set(context, VRX_CBOR_BYTES, len)->content = vrx_view_of(bytes, len);
}

static void on_text(void *context, cbor_data bytes, size_t len) {
    set(context, VRX_CBOR_TEXT, len)->content = vrx_view_of(bytes, len);
}

static void on_array(void *context, size_t count) {
    set(context, VRX_CBOR_ARRAY, count);
}

static void on_map(void *context, size_t count) {
    set(context, VRX_CBOR_MAP, count);
}

static void on_bytes_start(void *context) {
    set(context, VRX_CBOR_BYTES, 0)->indefinite = true;
}

static void on_text_start(void *context) {
    set(context, VRX_CBOR_TEXT, 0)->indefinite = true;
}

static void on_array_start(void *context) {
    set(context, VRX_CBOR_ARRAY, 0)->indefinite = true;
}

static void on_map_start(void *context) {
    set(context, VRX_CBOR_MAP, 0)->indefinite = true;
}

static void on_float(void *context, float value) {
    set(context, VRX_CBOR_FLOAT, 0)->number = (double)value;
}

static void on_double(void *context, double value) {
    set(context, VRX_CBOR_FLOAT, 0)->number = value;
}

static void on_bool(void *context, bool value) {
    set(context, VRX_CBOR_BOOL, value);
}

static void on_null(void *context) {
    set(context, VRX_CBOR_NULL, 0);
}

static void on_undefined(void *context) {
    set(context, VRX_CBOR_UNDEFINED, 0);
}

static void on_break(void *context) {
    set(context, VRX_CBOR_END, 0);
}

static const struct cbor_callbacks callbacks = {
    .uint8 = on_uint8,
    .uint16 = on_uint16,
    .uint32 = on_uint32,
    .uint64 = on_uint64,
    .negint8 = on_negint8,
    .negint16 = on_negint16,
    .negint32 = on_negint32,
    .negint64 = on_negint64,
    .byte_string = on_bytes,
    .byte_string_start = on_bytes_start,
    .string = on_text,
    .string_start = on_text_start,
    .array_start = on_array,
    .indef_array_start = on_array_start,
    .map_start = on_map,
    .indef_map_start = on_map_start,
    .tag = cbor_null_tag_callback, /* never called, see the top */
    .float2 = on_float,
    .float4 = on_float,
    .float8 = on_double,
    .boolean = on_bool,
    .null = on_null,
    .undefined = on_undefined,
    .indef_break = on_break,
};

static struct vrx_result truncated(void) {
    return vrx_refuse(VRX_INPUT_TRUNCATED, "RFC 8949 §3: the item is longer than the input");
}

/* Why libcbor refused this head. */
static struct vrx_result refused(struct vrx_view input) {
    unsigned major = input.ptr[0] >> 5;
    unsigned additional = input.ptr[0] & 0x1f;
    if (additional >= 28 && additional <= 30)
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 8949 §3: additional information is reserved");
    if (additional == 31)
        return vrx_refuse(
            VRX_INPUT_MALFORMED, "RFC 8949 §3: this major type has no indefinite length");
    if (major == MAJOR_SIMPLE && additional == 24) {
        if (input.len < 2)
            return truncated();
        if (input.ptr[1] < 32)
            return vrx_refuse(
                VRX_INPUT_MALFORMED, "RFC 8949 §3.3: simple values below 32 take one byte");
    }
    return vrx_refuse(VRX_INPUT_TYPE, "RFC 8949 §3.3: the simple value has no meaning here");
}

static struct vrx_result decode(struct vrx_view input, struct vrx_cbor_head *head) {
    struct cbor_decoder_result result = cbor_stream_decode(input.ptr, input.len, &callbacks, head);
    if (result.status == CBOR_DECODER_NEDATA)
        return truncated();
    if (result.status != CBOR_DECODER_FINISHED)
        return refused(input);
    head->len = result.read;
    return vrx_ok();
}

static struct vrx_result decode_tag(struct vrx_view input, struct vrx_cbor_head *head) {
    uint8_t alike[9] = {0};
    struct vrx_view view = vrx_view_of(alike, input.len < sizeof alike ? input.len : sizeof alike);
    memcpy(alike, input.ptr, view.len);
    alike[0] &= 0x1f;
    VRX_TRY(decode(view, head));
    head->type = VRX_CBOR_TAG;
    return vrx_ok();
}

/* Every item takes a byte at least: a count that cannot be met is refused before the walk. */
static bool is_met(enum vrx_cbor_type type, uint64_t argument, size_t rest) {
    switch (type) {
    case VRX_CBOR_BYTES:
    case VRX_CBOR_TEXT:
    case VRX_CBOR_ARRAY:
        return argument <= rest;
    case VRX_CBOR_MAP:
        return argument <= rest / 2;
    default:
        return true;
    }
}

/* A head of one byte other than a simple value; the caller has looked. Written once and in place:
 * to copy what was written field by field takes a processor longer than all the rest. */
static struct vrx_result read_short(struct vrx_view input, struct vrx_cbor_head *ret_head) {
    static const enum vrx_cbor_type types[] = {VRX_CBOR_UINT, VRX_CBOR_NEGINT, VRX_CBOR_BYTES,
        VRX_CBOR_TEXT, VRX_CBOR_ARRAY, VRX_CBOR_MAP, VRX_CBOR_TAG};
    const enum vrx_cbor_type type = types[input.ptr[0] >> 5];
    const size_t argument = input.ptr[0] & 0x1f;
    if (!is_met(type, argument, input.len - 1))
        return truncated();
    const bool string = type == VRX_CBOR_BYTES || type == VRX_CBOR_TEXT;
    *ret_head = (struct vrx_cbor_head){.type = type,
        .argument = argument,
        .content = string ? vrx_view_of(input.ptr + 1, argument) : (struct vrx_view){0},
        .len = 1 + (string ? argument : 0)};
    return vrx_ok();
}

struct vrx_result vrx_cbor_head_read(struct vrx_view input, struct vrx_cbor_head *ret_head) {
    if (input.len == 0)
        return truncated();
    const unsigned major = input.ptr[0] >> 5;
    if (major != MAJOR_SIMPLE && (input.ptr[0] & 0x1f) < ARGUMENT_FOLLOWS)
        return read_short(input, ret_head);
    struct vrx_cbor_head head = {0};
    VRX_TRY(major == MAJOR_TAG ? decode_tag(input, &head) : decode(input, &head));
    if ((head.type == VRX_CBOR_ARRAY || head.type == VRX_CBOR_MAP) &&
        !is_met(head.type, head.argument, input.len - head.len))
        return truncated();
    *ret_head = head;
    return vrx_ok();
}

bool vrx_cbor_head_minimal(const struct vrx_cbor_head *head) {
    if (head->indefinite || head->type >= VRX_CBOR_BOOL)
        return true;
    size_t len = head->argument < 24            ? 1
                 : head->argument <= UINT8_MAX  ? 2
                 : head->argument <= UINT16_MAX ? 3
                 : head->argument <= UINT32_MAX ? 5
                                                : 9;
    return head->len - head->content.len == len;
}
