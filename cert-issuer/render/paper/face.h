/* SPDX-License-Identifier: Apache-2.0
 *
 * The one font of a paper, by its file and not by a name that a machine's settings resolve: the
 * same input gives the same bytes everywhere, and a character that the font has not is refused
 * instead of drawn as a box. Text is set from left to right, one glyph a character, which is all
 * that Japanese and Latin letters need; combining marks and other scripts have no glyph here.
 */
#ifndef VRX_RENDER_PAPER_FACE_H
#define VRX_RENDER_PAPER_FACE_H

#include <cairo.h>

#include "base/arena.h"
#include "base/bytes.h"

struct vrx_face;

/* Where a line may end. */
enum vrx_glyph_kind {
    VRX_GLYPH_LETTER, /* not beside another letter */
    VRX_GLYPH_SPACE,  /* here; it is not drawn at the end of a line */
    VRX_GLYPH_WIDE,   /* before and behind it: kana, kanji */
    VRX_GLYPH_CLOSER, /* behind it only: 。 、 ） ー */
};

struct vrx_glyph {
    uint32_t index;
    uint8_t bytes; /* of UTF-8, a variation selector with its character */
    enum vrx_glyph_kind kind;
    double advance; /* em */
};

/* Errors: VRX_NOT_FOUND when there is no such file; VRX_FILE_REFUSED when it is no TrueType font;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_face_open(const char *path, struct vrx_face **ret_face);
void vrx_face_close(struct vrx_face **face);

/* The glyphs of a text, in the arena. A variation selector (kanji in the form of a name) takes the
 * form that the font has for it. Errors: VRX_INPUT_TEXT for what is not UTF-8, for a control
 * character and for a character or form that the font has not; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_face_glyphs(const struct vrx_face *face, struct vrx_view text,
    struct vrx_arena *arena, struct vrx_glyph **ret_glyphs, size_t *ret_count);

/* For cairo_set_font_face; the face keeps it. */
cairo_font_face_t *vrx_face_cairo(const struct vrx_face *face);

#endif
