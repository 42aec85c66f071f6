/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages on the issuer's socket, for both of its ends: four bytes of length, big-endian, then the
 * message. The whole exchange has one deadline, so that a peer that sends a byte a second gains
 * nothing.
 */
#ifndef VRX_CLIENT_FRAME_H
#define VRX_CLIENT_FRAME_H

#include "base/bytes.h"

/* Milliseconds on the monotonic clock, from now. */
int64_t vrx_frame_deadline(int milliseconds);

/* A message that is coming in; all zero before. */
struct vrx_frame_in {
    uint8_t head[4];
    size_t got; /* bytes of head and message */
    struct vrx_buffer message;
};
void vrx_frame_in_done(struct vrx_frame_in *frame);

/* Takes what has come and does not wait. *ret_whole: the message is there, and nothing behind it
 * was read. Errors: vrx_frame_read's but VRX_DEADLINE_EXCEEDED. */
struct vrx_result vrx_frame_take(int fd, struct vrx_frame_in *frame, bool *ret_whole);

/* Reads one message into out, which is empty before. fd must not block (O_NONBLOCK). Errors:
 * VRX_INPUT_TOO_LARGE over VRX_LIMIT_ISSUER_REQUEST, before memory is taken; VRX_INPUT_TRUNCATED
 * when the peer closes before the end, VRX_CANCELLED when before the start; VRX_DEADLINE_EXCEEDED;
 * VRX_NETWORK_FAILED; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_frame_read(int fd, int64_t deadline, struct vrx_buffer *out);

/* Errors: VRX_INPUT_TOO_LARGE over VRX_LIMIT_ISSUER_REQUEST, VRX_DEADLINE_EXCEEDED,
 * VRX_NETWORK_FAILED. */
struct vrx_result vrx_frame_write(int fd, int64_t deadline, struct vrx_view message);

#endif
