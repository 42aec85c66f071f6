/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into a program under test: kills it, as kill -9 would, before or after its n-th
 * fdatasync (VRX_KILL_BEFORE_SYNC=n, VRX_KILL_AFTER_SYNC=n), so that a test can stop it between two
 * durable steps.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int wanted(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

int fdatasync(int fd) {
    static int calls;
    calls++;
    if (calls == wanted("VRX_KILL_BEFORE_SYNC"))
        raise(SIGKILL);
    long result = syscall(SYS_fdatasync, fd);
    if (calls == wanted("VRX_KILL_AFTER_SYNC"))
        raise(SIGKILL);
    return (int)result;
}
