/* SPDX-License-Identifier: Apache-2.0
 *
 * A few hundred bytes can claim to be gigabytes, so decompression, by zlib, goes through one fixed
 * block at a time and stops at the first byte above the limit. What we compress is one certificate
 * at a time: libdeflate takes a third of the time over it and needs no tables to be set up for it.
 */
#include "formats/inflate.h"

#include <libdeflate.h>
#include <limits.h>
#include <stdlib.h>

#define ZLIB_CONST /* the input is read only */
#include <zlib.h>

/* A card is text of a kilobyte or two: the best before it looks for the shortest of all encodings,
 * which gains no byte and takes twice as long. An HCERT is half a kilobyte, much of it random, and
 * as short at the fastest level. */
#define LEVEL_CARD 9
#define LEVEL_HCERT 1

struct vrx_deflater {
    struct libdeflate_compressor *compressor;
};

static struct vrx_result make(int level, struct vrx_deflater *deflater) {
    deflater->compressor = libdeflate_alloc_compressor(level);
    return deflater->compressor ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

static void unmake(struct vrx_deflater *deflater) {
    libdeflate_free_compressor(deflater->compressor);
}

struct vrx_result vrx_deflater_new(struct vrx_deflater **ret_deflater) {
    struct vrx_deflater *deflater = calloc(1, sizeof *deflater);
    struct vrx_result result = deflater ? make(LEVEL_HCERT, deflater) : vrx_fail(VRX_OUT_OF_MEMORY);
    if (vrx_is_ok(result))
        *ret_deflater = deflater;
    else
        free(deflater);
    return result;
}

void vrx_deflater_free(struct vrx_deflater **deflater) {
    if (!*deflater)
        return;
    unmake(*deflater);
    free(*deflater);
    *deflater = NULL;
}

typedef size_t compress_into(
    struct libdeflate_compressor *compressor, const void *in, size_t len, void *out, size_t room);

/* The bound of the zlib format, a few bytes above that of bare data, does for both. */
static struct vrx_result compress_all(const struct vrx_deflater *deflater, compress_into *compress,
    struct vrx_view input, struct vrx_buffer *out) {
    const size_t bound = libdeflate_zlib_compress_bound(deflater->compressor, input.len);
    const size_t before = out->len;
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(out, bound, &at));
    const size_t len = compress(deflater->compressor, input.ptr, input.len, at, bound);
    out->len = before + len;
    return len ? vrx_ok() : vrx_fail(VRX_INTERNAL_ERROR);
}

struct vrx_result vrx_deflate(
    struct vrx_deflater *deflater, struct vrx_view input, struct vrx_buffer *out) {
    struct vrx_deflater own VRX_CLEANUP(unmake) = {0};
    if (!deflater)
        VRX_TRY(make(LEVEL_HCERT, &own));
    return compress_all(deflater ? deflater : &own, libdeflate_zlib_compress, input, out);
}

struct vrx_result vrx_deflate_raw(struct vrx_view input, struct vrx_buffer *out) {
    struct vrx_deflater own VRX_CLEANUP(unmake) = {0};
    VRX_TRY(make(LEVEL_CARD, &own));
    return compress_all(&own, libdeflate_deflate_compress, input, out);
}

/* What the two formats differ in. */
struct format {
    int window_bits; /* as zlib's inflateInit2 takes it */
    const char *unfinished;
    const char *damaged;
    const char *trailing;
};

static const struct format zlib_format = {
    .window_bits = MAX_WBITS,
    .unfinished = "RFC 1950 §2.2: the stream does not end",
    .damaged = "RFC 1950 §2.2: not a zlib stream, or damaged",
    .trailing = "RFC 1950 §2.2: bytes follow the checksum",
};
static const struct format raw_format = {
    .window_bits = -MAX_WBITS,
    .unfinished = "RFC 1951 §3.2.3: no block is the last",
    .damaged = "RFC 1951 §3.2.3: not DEFLATE data, or damaged",
    .trailing = "RFC 1951 §3.2.3: bytes follow the last block",
};

static struct vrx_result refusal(const struct format *format, int status) {
    switch (status) {
    case Z_MEM_ERROR:
        return vrx_fail(VRX_OUT_OF_MEMORY);
    case Z_OK:
    case Z_BUF_ERROR: /* no progress: the input is used up */
        return vrx_refuse(VRX_INPUT_TRUNCATED, format->unfinished);
    case Z_NEED_DICT: /* of zlib streams only */
        return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 1950 §2.2: a preset dictionary is named");
    default:
        return vrx_refuse(VRX_INPUT_MALFORMED, format->damaged);
    }
}

static struct vrx_result inflate_all(
    const struct format *format, z_stream *stream, size_t limit, struct vrx_buffer *out) {
    uint8_t block[4096];
    size_t total = 0;
    int status = Z_OK;
    while (status == Z_OK) {
        stream->next_out = block;
        stream->avail_out = sizeof block;
        status = inflate(stream, Z_NO_FLUSH);
        size_t len = sizeof block - stream->avail_out;
        if (len > limit - total)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: decompressed size");
        if (status == Z_OK && len == 0)
            return refusal(format, Z_BUF_ERROR);
        VRX_TRY(vrx_buffer_append(out, vrx_view_of(block, len)));
        total += len;
    }
    if (status != Z_STREAM_END)
        return refusal(format, status);
    if (stream->avail_in)
        return vrx_refuse(VRX_INPUT_TRAILING, format->trailing);
    return vrx_ok();
}

static struct vrx_result inflate_format(
    const struct format *format, struct vrx_view input, size_t limit, struct vrx_buffer *out) {
    if (input.len > INT_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    if (!input.len)
        return refusal(format, Z_BUF_ERROR);
    z_stream stream = {.next_in = input.ptr, .avail_in = (uInt)input.len};
    if (inflateInit2(&stream, format->window_bits) != Z_OK)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t before = out->len;
    struct vrx_result result = inflate_all(format, &stream, limit, out);
    inflateEnd(&stream);
    if (!vrx_is_ok(result))
        out->len = before;
    return result;
}

struct vrx_result vrx_inflate(struct vrx_view input, size_t limit, struct vrx_buffer *out) {
    return inflate_format(&zlib_format, input, limit, out);
}

struct vrx_result vrx_inflate_raw(struct vrx_view input, size_t limit, struct vrx_buffer *out) {
    return inflate_format(&raw_format, input, limit, out);
}
