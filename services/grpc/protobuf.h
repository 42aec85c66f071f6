/* SPDX-License-Identifier: Apache-2.0
 *
 * protobuf's wire format one field at a time, for what is read without generated code.
 */
#ifndef VRX_GRPC_PROTOBUF_H
#define VRX_GRPC_PROTOBUF_H

#include "base/bytes.h"

struct vrx_protobuf_field {
    uint64_t number;
    uint64_t value;        /* of a varint */
    struct vrx_view bytes; /* of a length-delimited or fixed field */
};

/* Takes the first field off a message's front. Errors: VRX_INPUT_TRUNCATED, VRX_INPUT_MALFORMED. */
struct vrx_result vrx_protobuf_take(struct vrx_view *rest, struct vrx_protobuf_field *ret_field);

#endif
