/* SPDX-License-Identifier: Apache-2.0
 *
 * Between protobuf-c messages and the types of the house.
 */
#ifndef VRX_DISPATCH_MESSAGE_H
#define VRX_DISPATCH_MESSAGE_H

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "objects/terms.h"

/* Decodes into the arena and refuses what protobuf lets pass: unknown fields
 * (VRX_INPUT_FIELD_UNKNOWN), text that is not UTF-8 or has a NUL within (VRX_INPUT_TEXT). Errors:
 * those; VRX_INPUT_MALFORMED, also for what does not fit the arena once decoded. */
struct vrx_result vrx_message_decode(const ProtobufCMessageDescriptor *descriptor,
    struct vrx_view bytes, struct vrx_arena *arena, ProtobufCMessage **ret_message);

/* An empty message in the arena. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_message_new(const ProtobufCMessageDescriptor *descriptor,
    struct vrx_arena *arena, ProtobufCMessage **ret_message);

/* Appends the encoded message. Errors: the buffer's. */
struct vrx_result vrx_message_encode(const ProtobufCMessage *message, struct vrx_buffer *out);

/* Required text of at most max bytes. Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE. */
struct vrx_result vrx_message_text(const char *text, size_t max, struct vrx_view *ret_text);

/* Bytes of exactly this length. Errors: VRX_INPUT_FIELD_MISSING when empty, VRX_INPUT_RANGE. */
struct vrx_result vrx_message_fixed(ProtobufCBinaryData bytes, size_t len, uint8_t *ret_bytes);

/* Copies into the arena, as a reply's fields want it. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_message_put_bytes(
    struct vrx_arena *arena, struct vrx_view bytes, ProtobufCBinaryData *ret_bytes);

#endif
