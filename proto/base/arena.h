/* SPDX-License-Identifier: Apache-2.0
 *
 * A bump allocator for all that one request or one message needs: freed at once, wiped when freed,
 * bounded in total. Pointers stay valid until the arena is cleared or done.
 */
#ifndef VRX_BASE_ARENA_H
#define VRX_BASE_ARENA_H

#include "base/bytes.h"

struct vrx_arena_chunk;

struct vrx_arena {
    struct vrx_arena_chunk *newest;
    size_t used;  /* bytes handed out, with padding */
    size_t limit; /* bytes */
};

/* Allocates nothing yet. limit in bytes; 0 means VRX_LIMIT_ARENA. */
void vrx_arena_init(struct vrx_arena *arena, size_t limit);
void vrx_arena_clear(struct vrx_arena *arena);
void vrx_arena_done(struct vrx_arena *arena);

/* Zeroed, aligned for any type. NULL when memory or the limit is exhausted. size 0 gives a valid
 * pointer. */
void *vrx_arena_alloc(struct vrx_arena *arena, size_t size);
/* count * size with the overflow checked. */
void *vrx_arena_alloc_array(struct vrx_arena *arena, size_t count, size_t size);

/* An array in the arena with room for one more: itself while count is below *capacity, else a copy
 * with twice the room (64 at first), which *capacity says then; what is outgrown stays until the
 * arena is cleared. NULL as above: array and *capacity are as they were. */
void *vrx_arena_grow(
    struct vrx_arena *arena, void *array, size_t count, size_t size, size_t *capacity);

/* A copy that lives in the arena. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_arena_copy(
    struct vrx_arena *arena, struct vrx_view view, struct vrx_view *ret_copy);
/* The same, NUL-terminated. */
struct vrx_result vrx_arena_string(
    struct vrx_arena *arena, struct vrx_view view, char **ret_string);
/* printf into the arena. Errors: VRX_OUT_OF_MEMORY. */
__attribute__((format(printf, 3, 4))) struct vrx_result vrx_arena_format(
    struct vrx_arena *arena, char **ret_string, const char *format, ...);

#endif
