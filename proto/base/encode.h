/* SPDX-License-Identifier: Apache-2.0
 *
 * Hexadecimal and base64 (RFC 4648). Decoders are strict: no white space, no wrong padding, no
 * non-zero unused bits.
 */
#ifndef VRX_BASE_ENCODE_H
#define VRX_BASE_ENCODE_H

#include "base/bytes.h"

/* Appends lower-case hexadecimal. */
struct vrx_result vrx_hex_encode(struct vrx_view input, struct vrx_buffer *out);
/* Writes 2 * input.len characters and a NUL. */
void vrx_hex_string(struct vrx_view input, char *out);
/* Appends; either case. Errors: VRX_INPUT_MALFORMED, and the buffer's. */
struct vrx_result vrx_hex_decode(struct vrx_view input, struct vrx_buffer *out);

enum vrx_base64 {
    VRX_BASE64_STANDARD,   /* RFC 4648 §4, padded */
    VRX_BASE64_URL,        /* RFC 4648 §5, unpadded (JOSE) */
    VRX_BASE64_URL_PADDED, /* RFC 4648 §5, padded (VDS-NC) */
};

struct vrx_result vrx_base64_encode(
    enum vrx_base64 variant, struct vrx_view input, struct vrx_buffer *out);
/* Errors: VRX_INPUT_MALFORMED ("RFC 4648 §…"), and the buffer's. */
struct vrx_result vrx_base64_decode(
    enum vrx_base64 variant, struct vrx_view input, struct vrx_buffer *out);

#endif
