/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf keeps unknown fields and, in C, does not look at the encoding of text. Both are refused
 * here for every message at once, by walking its descriptor (controls: A16, no more than is asked).
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

static struct vrx_result check(const ProtobufCMessage *message);

static struct vrx_result check_value(const ProtobufCFieldDescriptor *field, const void *member) {
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        const char *text = *(const char *const *)member;
        if (text && !vrx_utf8_valid(vrx_view_text(text)))
            return vrx_refuse(VRX_INPUT_TEXT, "protobuf: a string is UTF-8 (RFC 3629)");
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const ProtobufCMessage *inner = *(const ProtobufCMessage *const *)member;
        if (inner)
            return check(inner);
    }
    return vrx_ok();
}

static struct vrx_result check_field(
    const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field) {
    const uint8_t *base = (const uint8_t *)message;
    const void *member = base + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
        bool pointers =
            field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE;
        const void *const *items = *(const void *const *const *)member;
        for (size_t i = 0; pointers && i < count; i++)
            VRX_TRY(check_value(field, &items[i]));
        return vrx_ok();
    }
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t chosen = *(const uint32_t *)(const void *)(base + field->quantifier_offset);
        if (chosen != field->id)
            return vrx_ok();
    }
    return check_value(field, member);
}

static struct vrx_result check(const ProtobufCMessage *message) {
    if (message->n_unknown_fields)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "proto/vrx/v1: no more than the message names");
    for (unsigned i = 0; i < message->descriptor->n_fields; i++)
        VRX_TRY(check_field(message, &message->descriptor->fields[i]));
    return vrx_ok();
}

struct vrx_result vrx_message_decode(const ProtobufCMessageDescriptor *descriptor,
    struct vrx_view bytes, struct vrx_arena *arena, ProtobufCMessage **ret_message) {
    ProtobufCAllocator allocator = {arena_alloc, arena_free, arena};
    ProtobufCMessage *message =
        protobuf_c_message_unpack(descriptor, &allocator, bytes.len, bytes.ptr);
    if (!message)
        return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: wire format");
    VRX_TRY(check(message));
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
