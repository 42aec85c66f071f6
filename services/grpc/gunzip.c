/* SPDX-License-Identifier: Apache-2.0
 *
 * Inflates piece by piece, so that a message's memory grows with what is in it and not with what it
 * could become. zlib checks the member's CRC-32 and length.
 */
#include "grpc/gunzip.h"

#include <zlib.h>

#define PIECE ((size_t)16384)
#define GZIP_WINDOW (15 + 16) /* the largest window; 16: a gzip wrapper and no other */

static struct vrx_result malformed(void) {
    return vrx_refuse(VRX_INPUT_MALFORMED, "RFC 1952 §2.2: gzip member");
}

static struct vrx_result inflate_all(
    z_stream *stream, uint8_t piece[PIECE], size_t limit, struct vrx_buffer *out) {
    size_t room = limit;
    int status = Z_OK;
    while (status != Z_STREAM_END) {
        stream->next_out = piece;
        stream->avail_out = PIECE;
        status = inflate(stream, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR)
            return vrx_fail(VRX_OUT_OF_MEMORY);
        /* Z_BUF_ERROR: no input is left, and the member has not ended. */
        if (status != Z_OK && status != Z_STREAM_END)
            return malformed();
        size_t made = PIECE - stream->avail_out;
        if (made > room)
            return vrx_refuse(
                VRX_INPUT_TOO_LARGE, "gRPC compression: size of the message inflated");
        room -= made;
        VRX_TRY(vrx_buffer_append(out, vrx_view_of(piece, made)));
    }
    return stream->avail_in ? malformed() : vrx_ok();
}

struct vrx_result vrx_gunzip(struct vrx_view gzip, size_t limit, struct vrx_buffer *out) {
    /* zlib's input is not const unless built so; it only reads. */
    union {
        const uint8_t *from;
        uint8_t *to;
    } input = {gzip.ptr};
    size_t before = out->len;
    z_stream stream = {.next_in = input.to, .avail_in = (uInt)gzip.len};
    if (gzip.len > UINT32_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    uint8_t piece[PIECE];
    struct vrx_result result = inflate_all(&stream, piece, limit, out);
    inflateEnd(&stream);
    vrx_wipe(piece, sizeof piece);
    if (!vrx_is_ok(result)) {
        if (out->len > before)
            vrx_wipe(out->ptr + before, out->len - before);
        out->len = before;
    }
    return result;
}
