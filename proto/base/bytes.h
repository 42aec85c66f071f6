/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes: a view (someone else's, read only) and an owned buffer. Secrets have a type of their own,
 * secret.h. Text is a view of UTF-8 without a terminating NUL.
 */
#ifndef VRX_BASE_BYTES_H
#define VRX_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/result.h"

/* Points into memory that lives at least as long as the view. ptr is NULL only when len is 0. */
struct vrx_view {
    const uint8_t *ptr;
    size_t len;
};

/* Grows by doubling up to limit; owned by whoever declared it. All zero is a valid empty buffer
 * with the limit VRX_LIMIT_BUFFER. */
struct vrx_buffer {
    uint8_t *ptr;
    size_t len;
    size_t capacity;
    size_t limit; /* bytes; 0 means VRX_LIMIT_BUFFER */
};

#define VRX_CLEANUP(function) __attribute__((cleanup(function)))

static inline struct vrx_view vrx_view_of(const void *ptr, size_t len) {
    return (struct vrx_view){(const uint8_t *)ptr, len};
}

/* The text of a NUL-terminated string, without the NUL. NULL gives the empty view. */
static inline struct vrx_view vrx_view_text(const char *text) {
    return (struct vrx_view){(const uint8_t *)text, text ? strlen(text) : 0};
}

static inline struct vrx_view vrx_buffer_view(const struct vrx_buffer *buffer) {
    return (struct vrx_view){buffer->ptr, buffer->len};
}

/* A part of the view; clamped to it, never outside. */
struct vrx_view vrx_view_slice(struct vrx_view view, size_t offset, size_t len);

/* Public data only: the time depends on the content. */
bool vrx_view_equal(struct vrx_view a, struct vrx_view b);

/* Bytewise lexicographic order, the shorter first when one is a prefix: <0, 0, >0. Public data. */
int vrx_view_compare(struct vrx_view a, struct vrx_view b);

/* Among count records of size bytes each, in the order of their first len bytes: the first that is
 * not below key, count where there is none. Public data. */
size_t vrx_lower_bound(const void *records, size_t count, size_t size, const void *key, size_t len);

/* MACs, tokens, PINs: the time depends on the lengths only. */
bool vrx_equal_constant_time(struct vrx_view a, struct vrx_view b);

/* Errors of the four below: VRX_OUT_OF_MEMORY; VRX_INPUT_TOO_LARGE over buffer->limit. On failure
 * the buffer is as it was. */
struct vrx_result vrx_buffer_reserve(struct vrx_buffer *buffer, size_t additional);
struct vrx_result vrx_buffer_append(struct vrx_buffer *buffer, struct vrx_view view);
struct vrx_result vrx_buffer_append_byte(struct vrx_buffer *buffer, uint8_t byte);
/* Appends len bytes of zero; *ret_at is where they start, for the caller to fill. */
struct vrx_result vrx_buffer_extend(struct vrx_buffer *buffer, size_t len, uint8_t **ret_at);

/* Keeps the memory, forgets the content (after wiping it). */
void vrx_buffer_clear(struct vrx_buffer *buffer);
/* Wipes and frees; the buffer is empty and usable afterwards. */
void vrx_buffer_done(struct vrx_buffer *buffer);

/* Overwrites in a way that the compiler keeps. */
void vrx_wipe(void *ptr, size_t len);

#endif
