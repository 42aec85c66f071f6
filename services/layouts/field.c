/* SPDX-License-Identifier: Apache-2.0
 *
 * The ideographic space is the one between family and given name in most municipal systems, and
 * its width says nothing: two systems write the same name with either.
 */
#include "layouts/field.h"

#include "base/text.h"

static const char ideographic_space[] = "\xE3\x80\x80";
#define IDEOGRAPHIC_SPACE_BYTES 3

static size_t space_at(struct vrx_view text) {
    if (text.ptr[0] == ' ')
        return 1;
    struct vrx_view start = vrx_view_slice(text, 0, IDEOGRAPHIC_SPACE_BYTES);
    return vrx_view_equal(start, vrx_view_text(ideographic_space)) ? IDEOGRAPHIC_SPACE_BYTES : 0;
}

/* C0, DEL, and C1 as UTF-8 (C2 80 to C2 9F). */
static bool control_at(struct vrx_view text) {
    uint8_t first = text.ptr[0];
    return first < 0x20 || first == 0x7F || (first == 0xC2 && text.ptr[1] < 0xA0);
}

struct vrx_result vrx_field_text(
    struct vrx_arena *arena, struct vrx_view text, size_t limit, struct vrx_view *ret_text) {
    if (!vrx_utf8_valid(text))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 3629 §4: syntax of UTF-8");
    uint8_t *out = vrx_arena_alloc(arena, text.len);
    if (!out)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t len = 0;
    bool space_owed = false;
    while (text.len) {
        size_t space = space_at(text);
        if (space) {
            space_owed = len > 0;
            text = vrx_view_slice(text, space, text.len);
            continue;
        }
        if (control_at(text))
            return vrx_refuse(VRX_INPUT_TEXT, "control character");
        if (space_owed)
            out[len++] = ' ';
        space_owed = false;
        out[len++] = text.ptr[0];
        text = vrx_view_slice(text, 1, text.len);
    }
    if (len > limit)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    *ret_text = vrx_view_of(out, len);
    return vrx_ok();
}
