/* SPDX-License-Identifier: Apache-2.0
 *
 * Chunks in a list, the newest first; the first of FIRST bytes, each then twice as large up to
 * CHUNK, larger for a larger object: most arenas are of small messages, and all is zeroed and
 * wiped. The limit counts what was handed out, with padding; what stays empty at the ends of chunks
 * comes on top and is never more than that again, plus one chunk.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

#define FIRST ((size_t)1024)
#define CHUNK ((size_t)4096)
#define ALIGNMENT _Alignof(max_align_t)

struct vrx_arena_chunk {
    struct vrx_arena_chunk *older;
    size_t capacity; /* bytes behind the header */
    size_t used;
    _Alignas(max_align_t) uint8_t bytes[];
};

void vrx_arena_init(struct vrx_arena *arena, size_t limit) {
    *arena = (struct vrx_arena){.limit = limit ? limit : VRX_LIMIT_ARENA};
}

void vrx_arena_clear(struct vrx_arena *arena) {
    while (arena->newest) {
        struct vrx_arena_chunk *chunk = arena->newest;
        arena->newest = chunk->older;
        vrx_wipe(chunk->bytes, chunk->used);
        free(chunk);
    }
    arena->used = 0;
}

void vrx_arena_done(struct vrx_arena *arena) {
    vrx_arena_clear(arena);
}

static struct vrx_arena_chunk *add_chunk(struct vrx_arena *arena, size_t size) {
    size_t capacity = arena->newest ? 2 * arena->newest->capacity : FIRST;
    if (capacity > CHUNK)
        capacity = CHUNK;
    if (capacity < size)
        capacity = size;
    struct vrx_arena_chunk *chunk = calloc(1, sizeof *chunk + capacity);
    if (!chunk)
        return NULL;
    chunk->capacity = capacity;
    chunk->older = arena->newest;
    arena->newest = chunk;
    return chunk;
}

void *vrx_arena_alloc(struct vrx_arena *arena, size_t size) {
    size_t limit = arena->limit ? arena->limit : VRX_LIMIT_ARENA;
    if (size > limit)
        return NULL;
    size_t padded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (padded == 0)
        padded = ALIGNMENT;
    if (arena->used > limit || padded > limit - arena->used)
        return NULL;

    struct vrx_arena_chunk *chunk = arena->newest;
    if (!chunk || padded > chunk->capacity - chunk->used)
        chunk = add_chunk(arena, padded);
    if (!chunk)
        return NULL;
    void *at = chunk->bytes + chunk->used;
    chunk->used += padded;
    arena->used += padded;
    return at;
}

void *vrx_arena_alloc_array(struct vrx_arena *arena, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    return vrx_arena_alloc(arena, total);
}

void *vrx_arena_grow(
    struct vrx_arena *arena, void *array, size_t count, size_t size, size_t *capacity) {
    if (count < *capacity)
        return array;
    const size_t grown = *capacity ? 2 * *capacity : 64;
    void *larger = vrx_arena_alloc_array(arena, grown, size);
    if (!larger)
        return NULL;
    if (count)
        memcpy(larger, array, count * size);
    *capacity = grown;
    return larger;
}

struct vrx_result vrx_arena_copy(
    struct vrx_arena *arena, struct vrx_view view, struct vrx_view *ret_copy) {
    char *copy;
    VRX_TRY(vrx_arena_string(arena, view, &copy));
    *ret_copy = vrx_view_of(copy, view.len);
    return vrx_ok();
}

struct vrx_result vrx_arena_string(
    struct vrx_arena *arena, struct vrx_view view, char **ret_string) {
    if (view.len == SIZE_MAX)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    char *copy = vrx_arena_alloc(arena, view.len + 1);
    if (!copy)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (view.len)
        memcpy(copy, view.ptr, view.len);
    *ret_string = copy;
    return vrx_ok();
}

struct vrx_result vrx_arena_format(
    struct vrx_arena *arena, char **ret_string, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0)
        return vrx_fail(VRX_OUT_OF_MEMORY);

    char *string = vrx_arena_alloc(arena, (size_t)len + 1);
    if (!string)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    va_start(arguments, format);
    (void)vsnprintf(string, (size_t)len + 1, format, arguments);
    va_end(arguments);
    *ret_string = string;
    return vrx_ok();
}
