/* SPDX-License-Identifier: Apache-2.0
 *
 * Views, the growing buffer, the constant-time comparison and the wipe. A buffer that moves leaves
 * no copy of its content behind: realloc would, so growing is allocate, copy, wipe, free.
 */
#include "base/bytes.h"

#include <stdlib.h>

#include "base/limits.h"

#define FIRST_CAPACITY 64

struct vrx_view vrx_view_slice(struct vrx_view view, size_t offset, size_t len) {
    if (offset >= view.len)
        return vrx_view_of(view.len ? view.ptr + view.len : view.ptr, 0);
    size_t left = view.len - offset;
    return vrx_view_of(view.ptr + offset, len < left ? len : left);
}

bool vrx_view_equal(struct vrx_view a, struct vrx_view b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int vrx_view_compare(struct vrx_view a, struct vrx_view b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t vrx_lower_bound(
    const void *records, size_t count, size_t size, const void *key, size_t len) {
    const uint8_t *bytes = records;
    size_t low = 0;
    while (low < count) {
        const size_t middle = low + (count - low) / 2;
        if (memcmp(bytes + middle * size, key, len) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

bool vrx_equal_constant_time(struct vrx_view a, struct vrx_view b) {
    if (a.len != b.len)
        return false;
    /* volatile: the loop must not become one that stops at the first difference. */
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference = (uint8_t)(difference | (a.ptr[i] ^ b.ptr[i]));
    return difference == 0;
}

static size_t buffer_limit(const struct vrx_buffer *buffer) {
    return buffer->limit ? buffer->limit : VRX_LIMIT_BUFFER;
}

static size_t grown_capacity(const struct vrx_buffer *buffer, size_t needed) {
    size_t limit = buffer_limit(buffer);
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity = capacity > limit / 2 ? limit : capacity * 2;
    return capacity < limit ? capacity : limit;
}

struct vrx_result vrx_buffer_reserve(struct vrx_buffer *buffer, size_t additional) {
    size_t limit = buffer_limit(buffer);
    if (buffer->len > limit || additional > limit - buffer->len)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    size_t needed = buffer->len + additional;
    if (buffer->ptr && needed <= buffer->capacity)
        return vrx_ok();

    size_t capacity = grown_capacity(buffer, needed);
    uint8_t *moved = malloc(capacity);
    if (!moved)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (buffer->ptr)
        memcpy(moved, buffer->ptr, buffer->len);
    vrx_wipe(buffer->ptr, buffer->capacity);
    free(buffer->ptr);
    buffer->ptr = moved;
    buffer->capacity = capacity;
    return vrx_ok();
}

struct vrx_result vrx_buffer_append(struct vrx_buffer *buffer, struct vrx_view view) {
    VRX_TRY(vrx_buffer_reserve(buffer, view.len));
    if (view.len)
        memcpy(buffer->ptr + buffer->len, view.ptr, view.len);
    buffer->len += view.len;
    return vrx_ok();
}

struct vrx_result vrx_buffer_append_byte(struct vrx_buffer *buffer, uint8_t byte) {
    VRX_TRY(vrx_buffer_reserve(buffer, 1));
    buffer->ptr[buffer->len++] = byte;
    return vrx_ok();
}

struct vrx_result vrx_buffer_extend(struct vrx_buffer *buffer, size_t len, uint8_t **ret_at) {
    VRX_TRY(vrx_buffer_reserve(buffer, len));
    uint8_t *at = buffer->ptr + buffer->len;
    memset(at, 0, len);
    buffer->len += len;
    *ret_at = at;
    return vrx_ok();
}

void vrx_buffer_clear(struct vrx_buffer *buffer) {
    vrx_wipe(buffer->ptr, buffer->len);
    buffer->len = 0;
}

void vrx_buffer_done(struct vrx_buffer *buffer) {
    vrx_wipe(buffer->ptr, buffer->capacity);
    free(buffer->ptr);
    buffer->ptr = NULL;
    buffer->len = 0;
    buffer->capacity = 0;
}

void vrx_wipe(void *ptr, size_t len) {
    if (ptr && len)
        explicit_bzero(ptr, len);
}
