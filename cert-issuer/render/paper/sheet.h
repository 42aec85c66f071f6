/* SPDX-License-Identifier: Apache-2.0
 *
 * Sheets of A4 (ISO 216): texts broken into lines, things placed at millimetres from the upper left
 * corner, all kept until the last page is known, then drawn. A sheet knows nothing of what a text
 * means.
 */
#ifndef VRX_RENDER_PAPER_SHEET_H
#define VRX_RENDER_PAPER_SHEET_H

#include "render/paper/face.h"
#include "render/qr.h"

#define VRX_SHEET_WIDTH 210.0 /* mm */
#define VRX_SHEET_HEIGHT 297.0
#define VRX_SHEET_MARGIN 18.0  /* left and right; a printer leaves 4 to 6 white */
#define VRX_SHEET_TOP 15.0     /* where a page's content begins */
#define VRX_SHEET_BOTTOM 277.0 /* where it ends */
#define VRX_SHEET_FOOT 286.0   /* the page's number */
#define VRX_SHEET_INNER (VRX_SHEET_WIDTH - 2 * VRX_SHEET_MARGIN)

struct vrx_sheet_thing;

struct vrx_sheet {
    struct vrx_arena *arena;
    const struct vrx_face *face;
    struct vrx_sheet_thing *first, *last;
    unsigned page; /* from 0: where things are placed now */
};

struct vrx_line {
    const struct vrx_glyph *glyphs;
    size_t count;
    struct vrx_view text;
    double width; /* em */
};

/* A text in lines. */
struct vrx_paragraph {
    const struct vrx_line *lines;
    size_t count;
    double size;   /* mm, of the em */
    double height; /* mm, of all lines */
};

/* Nothing is placed yet, the page is the first. */
void vrx_sheet_init(struct vrx_sheet *sheet, struct vrx_arena *arena, const struct vrx_face *face);

/* Breaks a text to the width (mm) at this size (mm): at spaces, beside kana and kanji, and inside a
 * word that is longer than a line. An empty text has no lines. Errors: vrx_face_glyphs's. */
struct vrx_result vrx_sheet_break(struct vrx_sheet *sheet, struct vrx_view text, double size,
    double width, struct vrx_paragraph *ret_paragraph);

/* The same, smaller (to 0.75 of size) where it would take more than two lines; still all of it. */
struct vrx_result vrx_sheet_fit(struct vrx_sheet *sheet, struct vrx_view text, double size,
    double width, struct vrx_paragraph *ret_paragraph);

/* These place on the current page, from the upper left corner. What they are given must live until
 * the sheet is drawn. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_sheet_put(
    struct vrx_sheet *sheet, const struct vrx_paragraph *paragraph, double x, double y);
struct vrx_result vrx_sheet_rule(struct vrx_sheet *sheet, double x, double y, double width);
struct vrx_result vrx_sheet_box(
    struct vrx_sheet *sheet, double x, double y, double width, double height);
/* With its quiet zone; module in mm. */
struct vrx_result vrx_sheet_qr(
    struct vrx_sheet *sheet, const struct vrx_qr *qr, double x, double y, double module);

/* Draws all pages to a PDF surface, each with foot and its number at the bottom. Errors:
 * VRX_OUT_OF_MEMORY; what vrx_face_glyphs says of the foot. */
struct vrx_result vrx_sheet_draw(
    struct vrx_sheet *sheet, struct vrx_view foot, cairo_surface_t *surface);

#endif
