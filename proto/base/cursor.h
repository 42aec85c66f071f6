/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading binary formats: a cursor with a sticky error. After the first read beyond the end every
 * read gives zero; ask once, at the end. All integers big-endian. Writing goes through vrx_buffer.
 */
#ifndef VRX_BASE_CURSOR_H
#define VRX_BASE_CURSOR_H

#include "base/bytes.h"

struct vrx_cursor {
    struct vrx_view rest;
    bool failed;
};

void vrx_cursor_init(struct vrx_cursor *cursor, struct vrx_view input);
uint8_t vrx_cursor_u8(struct vrx_cursor *cursor);
uint16_t vrx_cursor_u16(struct vrx_cursor *cursor);
uint32_t vrx_cursor_u32(struct vrx_cursor *cursor);
uint64_t vrx_cursor_u64(struct vrx_cursor *cursor);
struct vrx_view vrx_cursor_bytes(struct vrx_cursor *cursor, size_t len);

/* VRX_INPUT_TRUNCATED after a read beyond the end; VRX_INPUT_TRAILING when bytes are left. */
struct vrx_result vrx_cursor_finish(const struct vrx_cursor *cursor);

static inline void vrx_put_u16(uint8_t out[2], uint16_t value) {
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

static inline void vrx_put_u32(uint8_t out[4], uint32_t value) {
    vrx_put_u16(out, (uint16_t)(value >> 16));
    vrx_put_u16(out + 2, (uint16_t)value);
}

static inline void vrx_put_u64(uint8_t out[8], uint64_t value) {
    vrx_put_u32(out, (uint32_t)(value >> 32));
    vrx_put_u32(out + 4, (uint32_t)value);
}

static inline uint32_t vrx_get_u32(const uint8_t in[4]) {
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static inline uint64_t vrx_get_u64(const uint8_t in[8]) {
    return (uint64_t)vrx_get_u32(in) << 32 | vrx_get_u32(in + 4);
}

#endif
