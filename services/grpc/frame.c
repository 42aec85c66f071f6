/* SPDX-License-Identifier: Apache-2.0
 *
 * The reader reserves what has arrived, not what was announced: five bytes that promise 4 MiB cost
 * five bytes.
 */
#include "grpc/frame.h"

#include "base/cursor.h"
#include "grpc/gunzip.h"

void vrx_frame_reader_init(struct vrx_frame_reader *reader, size_t limit) {
    *reader = (struct vrx_frame_reader){.limit = limit, .message.limit = limit ? limit : 1};
}

void vrx_frame_reader_done(struct vrx_frame_reader *reader) {
    vrx_buffer_done(&reader->message);
}

static struct vrx_result read_head(struct vrx_frame_reader *reader, struct vrx_view *input) {
    size_t n = VRX_FRAME_HEAD - reader->head_len;
    if (n > input->len)
        n = input->len;
    if (n)
        memcpy(reader->head + reader->head_len, input->ptr, n);
    reader->head_len += n;
    *input = vrx_view_slice(*input, n, input->len);
    if (reader->head_len < VRX_FRAME_HEAD)
        return vrx_ok();
    if (reader->head[0] > 1)
        return vrx_refuse(VRX_INPUT_MALFORMED, "gRPC PROTOCOL-HTTP2: Compressed-Flag");
    if (reader->head[0] && !reader->gzip)
        return vrx_refuse(
            VRX_INPUT_MALFORMED, "gRPC compression: compressed flag without encoding");
    reader->need = vrx_get_u32(reader->head + 1);
    if (reader->need > reader->limit)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "gRPC PROTOCOL-HTTP2: message length");
    return vrx_ok();
}

/* The inflated message takes the compressed one's place. */
static struct vrx_result inflate(struct vrx_frame_reader *reader) {
    struct vrx_buffer inflated VRX_CLEANUP(vrx_buffer_done) = {.limit = reader->message.limit};
    VRX_TRY(vrx_gunzip(vrx_buffer_view(&reader->message), reader->limit, &inflated));
    struct vrx_buffer compressed = reader->message;
    reader->message = inflated;
    inflated = compressed;
    return vrx_ok();
}

struct vrx_result vrx_frame_reader_feed(
    struct vrx_frame_reader *reader, struct vrx_view *input, bool *ret_complete) {
    *ret_complete = false;
    if (reader->head_len < VRX_FRAME_HEAD)
        VRX_TRY(read_head(reader, input));
    if (reader->head_len < VRX_FRAME_HEAD)
        return vrx_ok();
    size_t n = reader->need - reader->message.len;
    if (n > input->len)
        n = input->len;
    if (n)
        VRX_TRY(vrx_buffer_append(&reader->message, vrx_view_slice(*input, 0, n)));
    *input = vrx_view_slice(*input, n, input->len);
    if (reader->message.len < reader->need)
        return vrx_ok();
    if (reader->head[0])
        VRX_TRY(inflate(reader));
    *ret_complete = true;
    return vrx_ok();
}

void vrx_frame_reader_next(struct vrx_frame_reader *reader) {
    reader->head_len = 0;
    reader->need = 0;
    vrx_buffer_clear(&reader->message);
}

bool vrx_frame_reader_was_compressed(const struct vrx_frame_reader *reader) {
    return reader->head[0] == 1;
}

bool vrx_frame_reader_idle(const struct vrx_frame_reader *reader) {
    return reader->head_len == 0;
}

void vrx_frame_head(size_t len, uint8_t ret_head[VRX_FRAME_HEAD]) {
    ret_head[0] = 0;
    vrx_put_u32(ret_head + 1, (uint32_t)len);
}
