/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client/frame.h"

static void close_socket(int *fd) {
    if (*fd >= 0)
        close(*fd);
}

/* Connecting to a Unix socket succeeds or fails at once, except when the backlog is full: flags
 * say whether that is waited for. */
static struct vrx_result dial(const char *path, int flags, int *ret_fd) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof address.sun_path)
        return vrx_refuse(VRX_INPUT_RANGE, "unix(7): length of a socket's path");
    memcpy(address.sun_path, path, len + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        return vrx_fail(VRX_ISSUER_UNAVAILABLE);
    struct timeval timeout = {.tv_sec = VRX_ISSUER_TIMEOUT / 1000};
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        close(fd);
        return vrx_fail(VRX_ISSUER_UNAVAILABLE);
    }
    *ret_fd = fd;
    return vrx_ok();
}

/* What went wrong between us and it is one thing to the caller. */
static struct vrx_result unavailable(struct vrx_result result) {
    return result.reason == VRX_OUT_OF_MEMORY ? result : vrx_fail(VRX_ISSUER_UNAVAILABLE);
}

static struct vrx_result exchange(int fd, struct vrx_view message, struct vrx_buffer *reply) {
    int64_t deadline = vrx_frame_deadline(VRX_ISSUER_TIMEOUT);
    struct vrx_result result = vrx_frame_write(fd, deadline, message);
    if (vrx_is_ok(result))
        result = vrx_frame_read(fd, deadline, reply);
    return vrx_is_ok(result) ? result : unavailable(result);
}

struct vrx_result vrx_issuer_call(const char *socket_path, const struct vrx_issue_request *request,
    struct vrx_arena *arena, struct vrx_issue_reply *ret_reply) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer reply = {0};
    VRX_CLEANUP(close_socket) int fd = -1;
    VRX_TRY(vrx_object_encode(&vrx_issue_request_schema, request, &message));
    VRX_TRY(dial(socket_path, 0, &fd));
    VRX_TRY(exchange(fd, vrx_buffer_view(&message), &reply));
    return vrx_object_decode(&vrx_issue_reply_schema, vrx_buffer_view(&reply), arena, ret_reply);
}

bool vrx_issuer_is_available(const char *socket_path) {
    VRX_CLEANUP(close_socket) int fd = -1;
    return vrx_is_ok(dial(socket_path, SOCK_NONBLOCK, &fd));
}
