/* SPDX-License-Identifier: Apache-2.0
 *
 * For libraries that are preloaded into a program and measure it from there: counters in a file
 * that others map too, and the functions that are called through.
 */
#ifndef VRX_BENCH_PRELOADED_H
#define VRX_BENCH_PRELOADED_H

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Maps that many counters, 64 bits each in the machine's order, of the file that this variable of
 * the environment names. Without it the program ends. */
static inline _Atomic uint64_t *preloaded_counters(const char *variable, size_t count) {
    const char *path = getenv(variable);
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0 || ftruncate(fd, (off_t)(count * sizeof(uint64_t))) != 0)
        abort();
    void *map = mmap(NULL, count * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        abort();
    (void)close(fd);
    return map;
}

static inline void *preloaded_next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found)
        abort();
    return found;
}

/* Object and function pointers differ for C and are the same for POSIX. */
#define NEXT(name) \
    static __typeof__(&name) next; \
    if (!next) \
    *(void **)(void *)&next = preloaded_next(#name)

#endif
