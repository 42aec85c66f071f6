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

static struct vrx_result read_all(int fd, int64_t deadline, uint8_t *at, size_t len) {
    while (len) {
        ssize_t got = recv(fd, at, len, 0);
        if (got == 0)
            return vrx_refuse(VRX_INPUT_TRUNCATED, "frame.h: the peer closed within a message");
        if (got < 0) {
            if (!should_wait())
                return vrx_fail(VRX_NETWORK_FAILED);
            VRX_TRY(wait_for(fd, POLLIN, deadline));
            continue;
        }
        at += got;
        len -= (size_t)got;
    }
    return vrx_ok();
}

struct vrx_result vrx_frame_read(int fd, int64_t deadline, struct vrx_buffer *out) {
    uint8_t head[4];
    uint8_t *at = NULL;
    VRX_TRY(wait_for(fd, POLLIN, deadline));
    if (recv(fd, head, 1, MSG_PEEK) == 0)
        return vrx_refuse(VRX_CANCELLED, "frame.h: the peer closed without a message");
    VRX_TRY(read_all(fd, deadline, head, sizeof head));
    size_t len = vrx_get_u32(head);
    if (len > VRX_LIMIT_ISSUER_REQUEST)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: issuer request");
    VRX_TRY(vrx_buffer_extend(out, len, &at));
    return read_all(fd, deadline, at, len);
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
