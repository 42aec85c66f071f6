/* SPDX-License-Identifier: Apache-2.0
 *
 * Base45 (RFC 9285): bytes as text that fits the alphanumeric mode of a QR code.
 */
#ifndef VRX_FORMATS_BASE45_H
#define VRX_FORMATS_BASE45_H

#include "base/bytes.h"

/* Appends. Errors: the buffer's. */
struct vrx_result vrx_base45_encode(struct vrx_view input, struct vrx_buffer *out);

/* Appends. Errors: VRX_INPUT_MALFORMED ("RFC 9285 §…": a character outside the alphabet, a length
 * of 1 modulo 3, a group above its range), and the buffer's. out is unchanged then. */
struct vrx_result vrx_base45_decode(struct vrx_view input, struct vrx_buffer *out);

#endif
