/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into a program under test: kills it, as kill -9 would, before or after its n-th
 * fdatasync (VRX_KILL_BEFORE_SYNC=n, VRX_KILL_AFTER_SYNC=n), so that a test can stop it between two
 * durable steps. With VRX_KILL_SYNC_OF it is the n-th sync of any kind, fsync too, of the files and
 * folders whose path fits that pattern (fnmatch). The same for the n-th time that a file or folder
 * gets another name: VRX_KILL_BEFORE_RENAME, VRX_KILL_AFTER_RENAME.
 */
#include <fnmatch.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int wanted(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

static int fits(const char *pattern, int fd) {
    char link[32];
    char path[512];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    path[len < 0 ? 0 : len] = '\0';
    return fnmatch(pattern, path, 0) == 0;
}

static int sync_by(long call, int fd) {
    static atomic_int calls;
    const char *pattern = getenv("VRX_KILL_SYNC_OF");
    if (pattern ? !fits(pattern, fd) : call != SYS_fdatasync)
        return (int)syscall(call, fd);
    int count = atomic_fetch_add(&calls, 1) + 1;
    if (count == wanted("VRX_KILL_BEFORE_SYNC"))
        raise(SIGKILL);
    long result = syscall(call, fd);
    if (count == wanted("VRX_KILL_AFTER_SYNC"))
        raise(SIGKILL);
    return (int)result;
}

int fdatasync(int fd) {
    return sync_by(SYS_fdatasync, fd);
}

int fsync(int fd) {
    return sync_by(SYS_fsync, fd);
}

int rename(const char *from, const char *to) {
    static atomic_int calls;
    int count = atomic_fetch_add(&calls, 1) + 1;
    if (count == wanted("VRX_KILL_BEFORE_RENAME"))
        raise(SIGKILL);
    long result = syscall(SYS_rename, from, to);
    if (count == wanted("VRX_KILL_AFTER_RENAME"))
        raise(SIGKILL);
    return (int)result;
}
