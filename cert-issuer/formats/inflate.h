/* SPDX-License-Identifier: Apache-2.0
 *
 * Compressed data: the zlib format (RFC 1950) of HCERT and the bare DEFLATE format (RFC 1951)
 * of SMART Health Cards. What we sign is compressed; what anyone shows us is decompressed within a
 * bound.
 */
#ifndef VRX_FORMATS_INFLATE_H
#define VRX_FORMATS_INFLATE_H

#include "base/bytes.h"

/* What a compressor needs beside its input. Who compresses many certificates keeps one, for one
 * thread at a time: to make it takes as long as to use it. What was compressed last stays in it
 * until it is freed. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_deflater;
struct vrx_result vrx_deflater_new(struct vrx_deflater **ret_deflater);
void vrx_deflater_free(struct vrx_deflater **deflater);

/* Appends input compressed; deflater NULL: one for this call. The same input gives the same bytes
 * with the same version of libdeflate. Errors: VRX_OUT_OF_MEMORY, and the buffer's. */
struct vrx_result vrx_deflate(
    struct vrx_deflater *deflater, struct vrx_view input, struct vrx_buffer *out);

/* The same as bare DEFLATE data, which have neither head nor checksum, as short as can be. */
struct vrx_result vrx_deflate_raw(struct vrx_view input, struct vrx_buffer *out);

/* Appends input decompressed, at most limit bytes; what goes beyond is refused before memory is
 * taken for it. Errors: VRX_INPUT_MALFORMED ("RFC 1950 …": not zlib, a preset dictionary, a wrong
 * checksum), VRX_INPUT_TRUNCATED, VRX_INPUT_TRAILING (bytes after the stream),
 * VRX_INPUT_TOO_LARGE, VRX_OUT_OF_MEMORY. out is unchanged then. */
struct vrx_result vrx_inflate(struct vrx_view input, size_t limit, struct vrx_buffer *out);
/* The same of bare DEFLATE data, which have neither head nor checksum. Errors: the same ("RFC 1951
 * …"). */
struct vrx_result vrx_inflate_raw(struct vrx_view input, size_t limit, struct vrx_buffer *out);

#endif
