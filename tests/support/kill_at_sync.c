/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into a program under test: kills it, as kill -9 would, before or after its n-th
 * fdatasync (VRX_KILL_BEFORE_SYNC=n, VRX_KILL_AFTER_SYNC=n), so that a test can stop it between two
 * durable steps. With VRX_KILL_SYNC_OF only syncs of files count whose path ends so.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int wanted(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int counts(int fd) {
    const char *end = getenv("VRX_KILL_SYNC_OF");
    char link[32];
    char path[512];
    if (!end)
        return 1;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path);
    size_t wanted_len = strlen(end);
    return len >= (ssize_t)wanted_len &&
           memcmp(path + (size_t)len - wanted_len, end, wanted_len) == 0;
}

int fdatasync(int fd) {
    static int calls;
    if (!counts(fd))
        return (int)syscall(SYS_fdatasync, fd);
    calls++;
    if (calls == wanted("VRX_KILL_BEFORE_SYNC"))
        raise(SIGKILL);
    long result = syscall(SYS_fdatasync, fd);
    if (calls == wanted("VRX_KILL_AFTER_SYNC"))
        raise(SIGKILL);
    return (int)result;
}
