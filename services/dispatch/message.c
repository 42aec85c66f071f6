/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf keeps unknown fields and, in C, does not look at the encoding of text and cuts it at a
 * NUL. All three are refused here for every message at once, by walking the bytes along the
 * descriptor before anything is allocated (controls: A16, no more than is asked).
 */
#include "dispatch/message.h"

#include "base/text.h"

static void *arena_alloc(void *arena, size_t size) {
    return vrx_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *pointer) {
    (void)arena;
    (void)pointer;
}

/* A base-128 number. Errors: VRX_INPUT_MALFORMED when it does not end or has more than 64 bits. */
static struct vrx_result take_varint(struct vrx_view *rest, uint64_t *ret_value) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && rest->len; shift += 7) {
        uint8_t byte = *rest->ptr;
        *rest = vrx_view_slice(*rest, 1, rest->len - 1);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret_value = value;
            return vrx_ok();
        }
    }
    return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: varint");
}

static struct vrx_result take_bytes(
    struct vrx_view *rest, uint64_t len, struct vrx_view *ret_bytes) {
    if (len > rest->len)
        return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: length");
    *ret_bytes = vrx_view_slice(*rest, 0, (size_t)len);
    *rest = vrx_view_slice(*rest, (size_t)len, rest->len - (size_t)len);
    return vrx_ok();
}

static struct vrx_result check(
    const ProtobufCMessageDescriptor *descriptor, struct vrx_view message);

/* The content of a length-delimited field. */
static struct vrx_result check_content(
    const ProtobufCFieldDescriptor *field, struct vrx_view content) {
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return check(field->descriptor, content);
    if (field->type != PROTOBUF_C_TYPE_STRING)
        return vrx_ok();
    if (content.len && memchr(content.ptr, 0, content.len))
        return vrx_refuse(VRX_INPUT_TEXT, "proto/vrx/v1: no NUL within a text");
    if (!vrx_utf8_valid(content))
        return vrx_refuse(VRX_INPUT_TEXT, "protobuf: a string is UTF-8 (RFC 3629)");
    return vrx_ok();
}

/* One field, by its wire type. */
static struct vrx_result check_field(
    const ProtobufCMessageDescriptor *descriptor, struct vrx_view *rest) {
    uint64_t key = 0;
    uint64_t number = 0;
    struct vrx_view content = {0};
    VRX_TRY(take_varint(rest, &key));
    const ProtobufCFieldDescriptor *field =
        key >> 3 > UINT32_MAX
            ? NULL
            : protobuf_c_message_descriptor_get_field(descriptor, (unsigned)(key >> 3));
    if (!field)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "proto/vrx/v1: no more than the message names");
    switch (key & 7) {
    case 0:
        return take_varint(rest, &number);
    case 1:
        return take_bytes(rest, 8, &content);
    case 2:
        VRX_TRY(take_varint(rest, &number));
        VRX_TRY(take_bytes(rest, number, &content));
        return check_content(field, content);
    case 5:
        return take_bytes(rest, 4, &content);
    default:
        return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: wire type");
    }
}

static struct vrx_result check(
    const ProtobufCMessageDescriptor *descriptor, struct vrx_view message) {
    while (message.len)
        VRX_TRY(check_field(descriptor, &message));
    return vrx_ok();
}

struct vrx_result vrx_message_decode(const ProtobufCMessageDescriptor *descriptor,
    struct vrx_view bytes, struct vrx_arena *arena, ProtobufCMessage **ret_message) {
    ProtobufCAllocator allocator = {arena_alloc, arena_free, arena};
    VRX_TRY(check(descriptor, bytes));
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &allocator, bytes.len, bytes.ptr);
    if (!message)
        return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: wire format");
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_message_new(const ProtobufCMessageDescriptor *descriptor,
    struct vrx_arena *arena, ProtobufCMessage **ret_message) {
    ProtobufCMessage *message = vrx_arena_alloc(arena, descriptor->sizeof_message);
    if (!message)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    protobuf_c_message_init(descriptor, message);
    *ret_message = message;
    return vrx_ok();
}

struct vrx_result vrx_message_encode(const ProtobufCMessage *message, struct vrx_buffer *out) {
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(out, protobuf_c_message_get_packed_size(message), &at));
    protobuf_c_message_pack(message, at);
    return vrx_ok();
}

struct vrx_result vrx_message_text(const char *text, size_t max, struct vrx_view *ret_text) {
    struct vrx_view view = vrx_view_text(text);
    if (!view.len)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (view.len > max)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    *ret_text = view;
    return vrx_ok();
}

struct vrx_result vrx_message_fixed(ProtobufCBinaryData bytes, size_t len, uint8_t *ret_bytes) {
    if (!bytes.len)
        return vrx_fail(VRX_INPUT_FIELD_MISSING);
    if (bytes.len != len)
        return vrx_fail(VRX_INPUT_RANGE);
    memcpy(ret_bytes, bytes.data, len);
    return vrx_ok();
}

struct vrx_result vrx_message_put_bytes(
    struct vrx_arena *arena, struct vrx_view bytes, ProtobufCBinaryData *ret_bytes) {
    uint8_t *copy = vrx_arena_alloc(arena, bytes.len);
    if (!copy)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (bytes.len)
        memcpy(copy, bytes.ptr, bytes.len);
    ret_bytes->data = copy;
    ret_bytes->len = bytes.len;
    return vrx_ok();
}
