/* SPDX-License-Identifier: Apache-2.0
 *
 * gRPC's length-prefixed messages (PROTOCOL-HTTP2, "Length-Prefixed-Message"): one byte that says
 * compressed or not, four bytes of length, the message. Server and client share it.
 */
#ifndef VRX_GRPC_FRAME_H
#define VRX_GRPC_FRAME_H

#include "base/bytes.h"

#define VRX_FRAME_HEAD 5

/* Assembles one message at a time. */
struct vrx_frame_reader {
    uint8_t head[VRX_FRAME_HEAD];
    size_t head_len;
    size_t need; /* length of the message, once head is complete */
    size_t limit;
    bool gzip; /* negotiated: a message may come compressed; to be set after init */
    struct vrx_buffer message;
};

/* limit: bytes of the largest message that is accepted, compressed and not. Allocates nothing. */
void vrx_frame_reader_init(struct vrx_frame_reader *reader, size_t limit);
void vrx_frame_reader_done(struct vrx_frame_reader *reader);

/* Takes bytes off the front of *input up to the end of one message. *ret_complete says that
 * reader->message is whole, and no longer compressed: use it, then call vrx_frame_reader_next.
 * Errors: VRX_INPUT_MALFORMED (the compressed flag is set although nothing was negotiated, or is
 * neither 0 nor 1; or vrx_gunzip's), VRX_INPUT_TOO_LARGE over the limit, before any memory is taken
 * for it, or when the limit has been inflated; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_frame_reader_feed(
    struct vrx_frame_reader *reader, struct vrx_view *input, bool *ret_complete);
/* Forgets the message, ready for the next. */
void vrx_frame_reader_next(struct vrx_frame_reader *reader);
/* The message that is whole came compressed. */
bool vrx_frame_reader_was_compressed(const struct vrx_frame_reader *reader);
/* Not within a message. */
bool vrx_frame_reader_idle(const struct vrx_frame_reader *reader);

/* The five bytes before an uncompressed message of len bytes. */
void vrx_frame_head(size_t len, uint8_t ret_head[VRX_FRAME_HEAD]);

#endif
