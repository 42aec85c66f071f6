/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/protobuf.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };

static struct vrx_result take_varint(struct vrx_view *rest, uint64_t *ret_value) {
    uint64_t value = 0;
    for (unsigned i = 0; i < 10; i++) {
        if (i >= rest->len)
            return vrx_fail(VRX_INPUT_TRUNCATED);
        value |= (uint64_t)(rest->ptr[i] & 0x7f) << (7 * i);
        if (!(rest->ptr[i] & 0x80)) {
            *rest = vrx_view_slice(*rest, i + 1, rest->len);
            *ret_value = value;
            return vrx_ok();
        }
    }
    return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: varint over ten bytes");
}

static struct vrx_result take_bytes(
    struct vrx_view *rest, uint64_t len, struct vrx_view *ret_bytes) {
    if (len > rest->len)
        return vrx_fail(VRX_INPUT_TRUNCATED);
    *ret_bytes = vrx_view_slice(*rest, 0, (size_t)len);
    *rest = vrx_view_slice(*rest, (size_t)len, rest->len);
    return vrx_ok();
}

struct vrx_result vrx_protobuf_take(struct vrx_view *rest, struct vrx_protobuf_field *ret_field) {
    uint64_t tag = 0;
    uint64_t len = 0;
    *ret_field = (struct vrx_protobuf_field){0};
    VRX_TRY(take_varint(rest, &tag));
    ret_field->number = tag >> 3;
    switch (tag & 7) {
    case WIRE_VARINT:
        return take_varint(rest, &ret_field->value);
    case WIRE_64:
        return take_bytes(rest, 8, &ret_field->bytes);
    case WIRE_32:
        return take_bytes(rest, 4, &ret_field->bytes);
    case WIRE_BYTES:
        VRX_TRY(take_varint(rest, &len));
        return take_bytes(rest, len, &ret_field->bytes);
    default:
        return vrx_refuse(VRX_INPUT_MALFORMED, "protobuf encoding: wire type");
    }
}
