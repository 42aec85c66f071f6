/* SPDX-License-Identifier: Apache-2.0
 *
 * The sticky-error cursor: the one place where a read is compared with what is left.
 */
#include "base/cursor.h"

void vrx_cursor_init(struct vrx_cursor *cursor, struct vrx_view input) {
    *cursor = (struct vrx_cursor){.rest = input};
}

struct vrx_view vrx_cursor_bytes(struct vrx_cursor *cursor, size_t len) {
    if (cursor->failed || len > cursor->rest.len) {
        cursor->failed = true;
        return vrx_view_of(NULL, 0);
    }
    struct vrx_view taken = vrx_view_slice(cursor->rest, 0, len);
    cursor->rest = vrx_view_slice(cursor->rest, len, cursor->rest.len - len);
    return taken;
}

static uint64_t take_integer(struct vrx_cursor *cursor, size_t len) {
    struct vrx_view bytes = vrx_cursor_bytes(cursor, len);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes.len; i++)
        value = value << 8 | bytes.ptr[i];
    return value;
}

uint8_t vrx_cursor_u8(struct vrx_cursor *cursor) {
    return (uint8_t)take_integer(cursor, 1);
}

uint16_t vrx_cursor_u16(struct vrx_cursor *cursor) {
    return (uint16_t)take_integer(cursor, 2);
}

uint32_t vrx_cursor_u32(struct vrx_cursor *cursor) {
    return (uint32_t)take_integer(cursor, 4);
}

uint64_t vrx_cursor_u64(struct vrx_cursor *cursor) {
    return take_integer(cursor, 8);
}

struct vrx_result vrx_cursor_finish(const struct vrx_cursor *cursor) {
    if (cursor->failed)
        return vrx_fail(VRX_INPUT_TRUNCATED);
    if (cursor->rest.len)
        return vrx_fail(VRX_INPUT_TRAILING);
    return vrx_ok();
}
