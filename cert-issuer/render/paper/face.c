/* SPDX-License-Identifier: Apache-2.0
 *
 * FreeType reads the font, cairo embeds what is used of it. cairo may keep a font face longer than
 * its owner does, so FreeType's half is closed when cairo lets go.
 */
#include "render/paper/face.h"

#include <cairo-ft.h>
#include <ft2build.h>
#include <stdlib.h>

#include FT_FREETYPE_H
#include FT_ADVANCES_H

#include "base/text.h"

struct vrx_face {
    FT_Library library;
    FT_Face face;
    cairo_font_face_t *cairo;
};

/* What cairo holds on to. */
struct held {
    FT_Library library;
    FT_Face face;
};

static const cairo_user_data_key_t held_key;

static void let_go(void *argument) {
    struct held *held = argument;
    FT_Done_Face(held->face);
    FT_Done_FreeType(held->library);
    free(held);
}

static struct vrx_result hand_to_cairo(struct vrx_face *face, struct held *held) {
    *held = (struct held){face->library, face->face};
    face->cairo = cairo_ft_font_face_create_for_ft_face(face->face, FT_LOAD_NO_HINTING);
    if (cairo_font_face_status(face->cairo) == CAIRO_STATUS_SUCCESS &&
        cairo_font_face_set_user_data(face->cairo, &held_key, held, let_go) == CAIRO_STATUS_SUCCESS)
        return vrx_ok();
    cairo_font_face_destroy(face->cairo);
    FT_Done_Face(face->face);
    FT_Done_FreeType(face->library);
    free(held);
    return vrx_fail(VRX_OUT_OF_MEMORY);
}

static struct vrx_result open_face(const char *path, struct vrx_face *face) {
    if (FT_Init_FreeType(&face->library) != 0)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    const FT_Error error = FT_New_Face(face->library, path, 0, &face->face);
    if (error == 0 && FT_IS_SCALABLE(face->face) && FT_IS_SFNT(face->face) && face->face->charmap)
        return vrx_ok();
    if (error == 0)
        FT_Done_Face(face->face);
    FT_Done_FreeType(face->library);
    if (error == FT_Err_Cannot_Open_Resource || error == FT_Err_Cannot_Open_Stream)
        return vrx_refuse(VRX_NOT_FOUND, "paper.h: the font's file");
    if (error == FT_Err_Out_Of_Memory)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    return vrx_refuse(VRX_FILE_REFUSED, "ISO/IEC 14496-22: no TrueType font");
}

struct vrx_result vrx_face_open(const char *path, struct vrx_face **ret_face) {
    struct vrx_face *face = calloc(1, sizeof *face);
    struct held *held = calloc(1, sizeof *held);
    struct vrx_result result = vrx_fail(VRX_OUT_OF_MEMORY);
    if (face && held)
        result = open_face(path, face);
    if (!vrx_is_ok(result)) {
        free(held);
        free(face);
        return result;
    }
    result = hand_to_cairo(face, held);
    if (vrx_is_ok(result))
        *ret_face = face;
    else
        free(face);
    return result;
}

void vrx_face_close(struct vrx_face **face) {
    if (!*face)
        return;
    cairo_font_face_destroy((*face)->cairo);
    free(*face);
    *face = NULL;
}

cairo_font_face_t *vrx_face_cairo(const struct vrx_face *face) {
    return face->cairo;
}

/* One code point of valid UTF-8. */
static uint32_t next_point(struct vrx_view text, size_t at, size_t *ret_bytes) {
    static const uint8_t lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    const uint8_t lead = text.ptr[at];
    const size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = lead & lead_bits[bytes];
    for (size_t i = 1; i < bytes; i++)
        point = point << 6 | (text.ptr[at + i] & 0x3f);
    *ret_bytes = bytes;
    return point;
}

static bool is_selector(uint32_t point) {
    return (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef);
}

/* What would stand over its neighbour: it needs shaping, which is not done here. */
static bool is_combining(uint32_t point) {
    return (point >= 0x0300 && point <= 0x036f) || point == 0x3099 || point == 0x309a ||
           (point >= 0x20d0 && point <= 0x20ff);
}

static enum vrx_glyph_kind kind_of(uint32_t point) {
    static const uint32_t closers[] = {
        0x3001, 0x3002, 0x300d, 0x300f, 0x3011, 0x30fc, 0xff09, 0xff0c, 0xff0e};
    if (point == ' ' || point == 0x3000)
        return VRX_GLYPH_SPACE;
    for (size_t i = 0; i < sizeof closers / sizeof *closers; i++)
        if (point == closers[i])
            return VRX_GLYPH_CLOSER;
    return point >= 0x2e80 ? VRX_GLYPH_WIDE : VRX_GLYPH_LETTER;
}

static bool find(
    const struct vrx_face *face, struct vrx_view text, size_t at, struct vrx_glyph *ret_glyph) {
    size_t bytes = 0;
    size_t more = 0;
    FT_Fixed advance = 0;
    const uint32_t point = next_point(text, at, &bytes);
    const uint32_t next = at + bytes < text.len ? next_point(text, at + bytes, &more) : 0;
    const bool selected = is_selector(next);
    if (point < 0x20 || point == 0x7f || is_combining(point))
        return false;
    const FT_UInt index = selected ? FT_Face_GetCharVariantIndex(face->face, point, next)
                                   : FT_Get_Char_Index(face->face, point);
    if (!index || FT_Get_Advance(face->face, index, FT_LOAD_NO_SCALE, &advance) != 0)
        return false;
    *ret_glyph = (struct vrx_glyph){.index = index,
        .bytes = (uint8_t)(bytes + (selected ? more : 0)),
        .kind = kind_of(point),
        .advance = (double)advance / face->face->units_per_EM};
    return true;
}

struct vrx_result vrx_face_glyphs(const struct vrx_face *face, struct vrx_view text,
    struct vrx_arena *arena, struct vrx_glyph **ret_glyphs, size_t *ret_count) {
    if (!vrx_utf8_valid(text))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 3629");
    struct vrx_glyph *glyphs = vrx_arena_alloc_array(arena, text.len, sizeof *glyphs);
    if (!glyphs)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t count = 0;
    for (size_t at = 0; at < text.len; at += glyphs[count++].bytes)
        if (!find(face, text, at, &glyphs[count]))
            return vrx_refuse(VRX_INPUT_TEXT, "face.h: the font has no such character");
    *ret_glyphs = glyphs;
    *ret_count = count;
    return vrx_ok();
}
