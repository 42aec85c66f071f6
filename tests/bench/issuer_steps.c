/* SPDX-License-Identifier: Apache-2.0
 *
 * Preloaded into vrxd and vrx-issuer: adds up, in the file that VRX_STEPS_FILE names, what each of
 * them waits for the disk (fdatasync, fsync) and, in the issuer, how long each connection is
 * served. Six counters: nanoseconds and calls of vrxd's disk, of the issuer's disk, of the
 * issuer's connections. A program that VRX_STEPS_ISSUER is set for is the issuer.
 *
 * Next: issuer_rpc.mjs.
 */
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>

#include "preloaded.h"

enum { DAEMON_DISK = 0, ISSUER_DISK = 2, ISSUER_SERVES = 4, COUNTERS = 6 };

static _Atomic uint64_t *counters;
static int serving = -1; /* the connection at hand, of the issuer, which has one thread */
static uint64_t serving_since;

__attribute__((constructor)) static void map_counters(void) {
    counters = preloaded_counters("VRX_STEPS_FILE", COUNTERS);
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void add(int counter, uint64_t since) {
    atomic_fetch_add(&counters[counter], nanoseconds() - since);
    atomic_fetch_add(&counters[counter + 1], 1);
}

static bool is_issuer(void) {
    return getenv("VRX_STEPS_ISSUER") != NULL;
}

int fdatasync(int fd) {
    NEXT(fdatasync);
    const uint64_t since = nanoseconds();
    const int result = next(fd);
    add(is_issuer() ? ISSUER_DISK : DAEMON_DISK, since);
    return result;
}

int fsync(int fd) {
    NEXT(fsync);
    const uint64_t since = nanoseconds();
    const int result = next(fd);
    add(is_issuer() ? ISSUER_DISK : DAEMON_DISK, since);
    return result;
}

int accept4(int fd, __SOCKADDR_ARG address, socklen_t *restrict len, int flags) {
    NEXT(accept4);
    const int result = next(fd, address, len, flags);
    if (is_issuer() && result >= 0) {
        serving = result;
        serving_since = nanoseconds();
    }
    return result;
}

int close(int fd) {
    NEXT(close);
    if (fd >= 0 && fd == serving) {
        serving = -1;
        add(ISSUER_SERVES, serving_since);
    }
    return next(fd);
}
