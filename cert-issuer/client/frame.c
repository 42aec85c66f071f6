/* SPDX-License-Identifier: Apache-2.0 */
#include "client/frame.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cursor.h"
#include "base/limits.h"

static int64_t monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t vrx_frame_deadline(int milliseconds) {
    return monotonic_milliseconds() + milliseconds;
}

static struct vrx_result wait_for(int fd, short events, int64_t deadline) {
    for (;;) {
        int64_t left = deadline - monotonic_milliseconds();
        if (left <= 0)
            return vrx_refuse(VRX_DEADLINE_EXCEEDED, "frame.h: one deadline for the whole message");
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int ready = poll(&poll_fd, 1, left > 60000 ? 60000 : (int)left);
        if (ready > 0)
            return vrx_ok();
        if (ready < 0 && errno != EINTR)
            return vrx_fail(VRX_NETWORK_FAILED);
    }
}

static bool should_wait(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

void vrx_frame_in_done(struct vrx_frame_in *frame) {
    vrx_buffer_done(&frame->message);
}

/* Up to len bytes; *ret_got is 0 where none are there now. */
static struct vrx_result take_some(int fd, bool begun, uint8_t *at, size_t len, size_t *ret_got) {
    ssize_t got = recv(fd, at, len, MSG_DONTWAIT);
    if (got == 0 && !begun)
        return vrx_refuse(VRX_CANCELLED, "frame.h: the peer closed without a message");
    if (got == 0)
        return vrx_refuse(VRX_INPUT_TRUNCATED, "frame.h: the peer closed within a message");
    if (got < 0 && !should_wait())
        return vrx_fail(VRX_NETWORK_FAILED);
    *ret_got = got < 0 ? 0 : (size_t)got;
    return vrx_ok();
}

/* Memory is taken once the length is known. */
static struct vrx_result make_room(struct vrx_frame_in *frame) {
    uint8_t *at = NULL;
    const size_t len = vrx_get_u32(frame->head);
    if (len > VRX_LIMIT_ISSUER_REQUEST)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: issuer request");
    return len ? vrx_buffer_extend(&frame->message, len, &at) : vrx_ok();
}

struct vrx_result vrx_frame_take(int fd, struct vrx_frame_in *frame, bool *ret_whole) {
    *ret_whole = false;
    for (;;) {
        const bool in_head = frame->got < sizeof frame->head;
        const size_t done = frame->got - (in_head ? 0 : sizeof frame->head);
        const size_t len = in_head ? sizeof frame->head : frame->message.len;
        size_t got = 0;
        if (!in_head && done == len) {
            *ret_whole = true;
            return vrx_ok();
        }
        uint8_t *at = in_head ? frame->head : frame->message.ptr;
        VRX_TRY(take_some(fd, frame->got > 0, at + done, len - done, &got));
        if (!got)
            return vrx_ok();
        frame->got += got;
        if (in_head && frame->got == sizeof frame->head)
            VRX_TRY(make_room(frame));
    }
}

struct vrx_result vrx_frame_read(int fd, int64_t deadline, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_frame_in_done) struct vrx_frame_in frame = {0};
    bool whole = false;
    while (!whole) {
        VRX_TRY(wait_for(fd, POLLIN, deadline));
        VRX_TRY(vrx_frame_take(fd, &frame, &whole));
    }
    vrx_buffer_done(out);
    *out = frame.message;
    frame.message = (struct vrx_buffer){0};
    return vrx_ok();
}

static struct vrx_result write_all(int fd, int64_t deadline, struct vrx_view rest) {
    while (rest.len) {
        ssize_t put = send(fd, rest.ptr, rest.len, MSG_NOSIGNAL);
        if (put < 0) {
            if (!should_wait())
                return vrx_fail(VRX_NETWORK_FAILED);
            VRX_TRY(wait_for(fd, POLLOUT, deadline));
            continue;
        }
        rest = vrx_view_slice(rest, (size_t)put, rest.len);
    }
    return vrx_ok();
}

struct vrx_result vrx_frame_write(int fd, int64_t deadline, struct vrx_view message) {
    uint8_t head[4];
    if (message.len > VRX_LIMIT_ISSUER_REQUEST)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: issuer request");
    vrx_put_u32(head, (uint32_t)message.len);
    VRX_TRY(write_all(fd, deadline, vrx_view_of(head, sizeof head)));
    return write_all(fd, deadline, message);
}
