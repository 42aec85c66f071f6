/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into a program under test: while the file that an environment variable names is there,
 * a call does not return, as on a disk or in a kernel that hangs. VRX_HANG_SYNC: fdatasync and
 * fsync; VRX_HANG_POLL: epoll_wait; VRX_HANG_STAT: stat.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void hang(const char *variable) {
    static const struct timespec moment = {.tv_nsec = 10000000};
    const char *path = getenv(variable);
    while (path && syscall(SYS_access, path, F_OK) == 0)
        (void)nanosleep(&moment, NULL);
}

int fdatasync(int fd) {
    hang("VRX_HANG_SYNC");
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd) {
    hang("VRX_HANG_SYNC");
    return (int)syscall(SYS_fsync, fd);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout) {
    const int found = (int)syscall(SYS_epoll_pwait, fd, events, count, timeout, NULL, 8);
    hang("VRX_HANG_POLL");
    return found;
}

int stat(const char *restrict path, struct stat *restrict status) {
    hang("VRX_HANG_STAT");
    return fstatat(AT_FDCWD, path, status, 0);
}
