/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that is given back is wiped first, all of it in this program: what SQLite's pages, decoded
 * messages, TLS records and HTTP/2 frames held of a person does not outlive the sealing of a
 * municipality in memory that happens to be free (tests/system/memory.test.mjs looks). Each library
 * has hooks of its own for this, none of them covers the C library's copies; so the C library's
 * free() and realloc() are replaced here, which every library of the process then uses.
 *
 * Sanitizers bring an allocator of their own: such a build keeps that.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VRX_OTHER_ALLOCATOR
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define VRX_OTHER_ALLOCATOR
#endif
#endif

#if defined(__GLIBC__) && !defined(VRX_OTHER_ALLOCATOR)

/* The C library's own, under the names that it exports for this. */
void __libc_free(void *memory);

void free(void *memory) {
    if (!memory)
        return;
    int saved = errno; /* free() leaves it alone */
    vrx_wipe(memory, malloc_usable_size(memory));
    __libc_free(memory);
    errno = saved;
}

/* By hand: the C library would leave a copy behind, or a tail. */
void *realloc(void *memory, size_t size) {
    if (!memory)
        return malloc(size);
    if (size == 0) {
        free(memory);
        return NULL;
    }
    size_t old = malloc_usable_size(memory);
    if (size <= old && size > old / 2) {
        vrx_wipe((char *)memory + size, old - size);
        return memory;
    }
    void *moved = malloc(size);
    if (!moved)
        return NULL;
    memcpy(moved, memory, size < old ? size : old);
    free(memory);
    return moved;
}

void *reallocarray(void *memory, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, total);
}

#endif
