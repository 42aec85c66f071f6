/* SPDX-License-Identifier: Apache-2.0
 *
 * The zlib format (RFC 1950) as HCERT uses it: compress what we sign, decompress what anyone shows
 * us, within a bound.
 */
#ifndef VRX_FORMATS_INFLATE_H
#define VRX_FORMATS_INFLATE_H

#include "base/bytes.h"

/* Appends input compressed at the best level. The same input gives the same bytes with the same
 * version of zlib. Errors: VRX_OUT_OF_MEMORY, VRX_INPUT_TOO_LARGE, and the buffer's. */
struct vrx_result vrx_deflate(struct vrx_view input, struct vrx_buffer *out);

/* Appends input decompressed, at most limit bytes; what goes beyond is refused before memory is
 * taken for it. Errors: VRX_INPUT_MALFORMED ("RFC 1950 …": not zlib, a preset dictionary, a wrong
 * checksum), VRX_INPUT_TRUNCATED, VRX_INPUT_TRAILING (bytes after the stream),
 * VRX_INPUT_TOO_LARGE, VRX_OUT_OF_MEMORY. out is unchanged then. */
struct vrx_result vrx_inflate(struct vrx_view input, size_t limit, struct vrx_buffer *out);

#endif
