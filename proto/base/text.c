/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 and the folding of what people type into municipal systems. Only widths and spaces are
 * folded: a name keeps its characters, for two kanji that look alike are two names.
 */
#include "base/text.h"

#define NO_CODE_POINT UINT32_MAX
#define IDEOGRAPHIC_SPACE 0x3000u
#define NO_BREAK_SPACE 0xA0u
#define FULL_WIDTH_FIRST 0xFF01u /* FULLWIDTH EXCLAMATION MARK, "!" and so on to "~" */
#define FULL_WIDTH_OFFSET 0xFEE0u

/* What typists and converters take for "-": hyphens, dashes, the minus sign, and what CP932's
 * 0x817C becomes in different converters. */
static const uint32_t hyphens[] = {0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFF0D};

/* Takes one code point off the front. RFC 3629 §4's table: by the first byte, the length and the
 * range of the second byte; that range is what keeps out overlong forms and surrogates. */
static uint32_t take_code_point(struct vrx_view *text) {
    const uint8_t *at = text->ptr;
    uint8_t first = at[0];
    if (first < 0x80) {
        *text = vrx_view_of(at + 1, text->len - 1);
        return first;
    }
    if (first < 0xC2 || first > 0xF4)
        return NO_CODE_POINT;
    size_t len = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text->len < len)
        return NO_CODE_POINT;
    uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (at[1] < low || at[1] > high)
        return NO_CODE_POINT;
    uint32_t value = first & (0x7Fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return NO_CODE_POINT;
        value = value << 6 | (at[i] & 0x3Fu);
    }
    *text = vrx_view_of(at + len, text->len - len);
    return value;
}

/* Past the ASCII at the front, eight bytes at a time. */
static struct vrx_view skip_ascii(struct vrx_view text) {
    uint64_t word = 0;
    size_t at = 0;
    for (; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    return at ? vrx_view_of(text.ptr + at, text.len - at) : text;
}

bool vrx_utf8_valid(struct vrx_view text) {
    text = skip_ascii(text);
    while (text.len) {
        if (take_code_point(&text) == NO_CODE_POINT)
            return false;
    }
    return true;
}

size_t vrx_utf8_length(struct vrx_view text) {
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += (text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static bool is_space(uint32_t code_point) {
    return code_point == ' ' || (code_point >= '\t' && code_point <= '\r') ||
           code_point == NO_BREAK_SPACE || code_point == IDEOGRAPHIC_SPACE;
}

/* The ASCII character that is meant, or 0 where the character stays what it is. */
static uint8_t folded_ascii(uint32_t code_point) {
    for (size_t i = 0; i < sizeof hyphens / sizeof hyphens[0]; i++) {
        if (code_point == hyphens[i])
            return '-';
    }
    if (code_point < FULL_WIDTH_FIRST)
        return code_point < 0x80 ? (uint8_t)code_point : 0;
    uint32_t ascii = code_point - FULL_WIDTH_OFFSET;
    bool digit = ascii >= '0' && ascii <= '9';
    bool letter = (ascii >= 'A' && ascii <= 'Z') || (ascii >= 'a' && ascii <= 'z');
    return digit || letter ? (uint8_t)ascii : 0;
}

/* out has room for text.len bytes: folding never lengthens. SIZE_MAX when it is not UTF-8. */
static size_t fold_into(struct vrx_view text, uint8_t *out) {
    size_t len = 0;
    bool space_owed = false;
    while (text.len) {
        struct vrx_view before = text;
        uint32_t code_point = take_code_point(&text);
        if (code_point == NO_CODE_POINT)
            return SIZE_MAX;
        if (is_space(code_point)) {
            space_owed = len > 0;
            continue;
        }
        if (space_owed)
            out[len++] = ' ';
        space_owed = false;
        uint8_t ascii = folded_ascii(code_point);
        if (ascii || code_point == 0) {
            out[len++] = ascii;
            continue;
        }
        size_t taken = before.len - text.len;
        memcpy(out + len, before.ptr, taken);
        len += taken;
    }
    return len;
}

struct vrx_result vrx_text_fold(
    struct vrx_arena *arena, struct vrx_view text, struct vrx_view *ret_folded) {
    uint8_t *out = vrx_arena_alloc(arena, text.len);
    if (!out)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t len = fold_into(text, out);
    if (len == SIZE_MAX)
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 3629 §4: syntax of UTF-8");
    *ret_folded = vrx_view_of(out, len);
    return vrx_ok();
}

bool vrx_text_is_digits(struct vrx_view text, size_t min, size_t max) {
    if (text.len < min || text.len > max)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return true;
}

/* The next code point that is no space; NO_CODE_POINT at the end. */
static uint32_t take_visible(struct vrx_view *text) {
    while (text->len) {
        uint32_t code_point = take_code_point(text);
        if (!is_space(code_point))
            return code_point;
    }
    return NO_CODE_POINT;
}

bool vrx_text_same_name(struct vrx_view a, struct vrx_view b) {
    for (;;) {
        uint32_t left = take_visible(&a);
        uint32_t right = take_visible(&b);
        if (left != right)
            return false;
        if (left == NO_CODE_POINT)
            return true;
    }
}
