/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to this room: one head (RFC 8949 §3) as libcbor's streaming decoder sees it, with what
 * the decoder does not say, namely how long the head was.
 */
#ifndef VRX_CBOR_HEAD_H
#define VRX_CBOR_HEAD_H

#include "cbor/reader.h"

struct vrx_cbor_head {
    enum vrx_cbor_type type; /* VRX_CBOR_END: a break */
    bool indefinite;
    uint64_t argument;       /* the integer, -1 - the negative one, count, tag; 1 for true */
    double number;           /* VRX_CBOR_FLOAT */
    struct vrx_view content; /* of a definite string; a view into the input */
    size_t len;              /* the head, and the content of a definite string */
};

/* The head at the start of input. Lengths and counts are checked against what is left of input.
 * Errors: VRX_INPUT_TRUNCATED, VRX_INPUT_MALFORMED, VRX_INPUT_TYPE (an unassigned simple value). */
struct vrx_result vrx_cbor_head_read(struct vrx_view input, struct vrx_cbor_head *ret_head);

/* True where the argument stands in the shortest form (RFC 8949 §4.2.1). */
bool vrx_cbor_head_minimal(const struct vrx_cbor_head *head);

#endif
