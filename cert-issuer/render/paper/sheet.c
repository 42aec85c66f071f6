/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything is measured in millimetres; cairo's unit on a PDF surface is 1/72 inch. A QR code is
 * one path, filled once: modules drawn one by one show seams in some viewers.
 */
#include "render/paper/sheet.h"

#include <stdio.h>

#define LEADING 1.3 /* a line's height, em */
#define ASCENT 0.88 /* from a line's upper edge to its base line, em, where its ascent is 0.88 */
#define HAIRLINE 0.15
#define SMALLEST 0.75
#define POINTS (72 / 25.4) /* a millimetre */

enum thing { TEXT, RULE, BOX, QR };

struct vrx_sheet_thing {
    struct vrx_sheet_thing *next;
    enum thing kind;
    unsigned page;
    double x, y;
    double width, height; /* of a QR code: the module */
    double size;
    const struct vrx_line *line;
    const struct vrx_qr *qr;
};

void vrx_sheet_init(struct vrx_sheet *sheet, struct vrx_arena *arena, const struct vrx_face *face) {
    *sheet = (struct vrx_sheet){.arena = arena, .face = face};
}

/* ---- lines ---- */

/* A text's glyphs while they are broken into lines. */
struct run {
    const struct vrx_glyph *glyphs;
    size_t count;
    struct vrx_view text;
    size_t at;     /* glyph */
    size_t offset; /* its byte */
};

static bool may_break_before(const struct run *run, size_t at) {
    const enum vrx_glyph_kind here = run->glyphs[at].kind;
    const enum vrx_glyph_kind before = run->glyphs[at - 1].kind;
    if (here == VRX_GLYPH_CLOSER || here == VRX_GLYPH_SPACE)
        return false;
    return before != VRX_GLYPH_LETTER || here == VRX_GLYPH_WIDE;
}

/* How many glyphs stand in the next line, of so many em. */
static size_t take(const struct run *run, double width) {
    size_t most = run->at;
    double used = 0;
    while (most < run->count && (used += run->glyphs[most].advance) <= width)
        most++;
    if (most == run->count)
        return most - run->at;
    /* A space at the end of a line takes no room. */
    while (most < run->count && run->glyphs[most].kind == VRX_GLYPH_SPACE)
        most++;
    if (most == run->count)
        return most - run->at;
    for (size_t at = most; at > run->at; at--)
        if (may_break_before(run, at))
            return at - run->at;
    return most > run->at ? most - run->at : 1;
}

/* The next line, without the spaces at its end; the run goes on behind them. */
static struct vrx_line next_line(struct run *run, double width) {
    const size_t count = take(run, width);
    struct vrx_line line = {.glyphs = run->glyphs + run->at};
    size_t bytes = 0;
    size_t shown = 0;
    double used = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += line.glyphs[i].bytes;
        used += line.glyphs[i].advance;
        if (line.glyphs[i].kind != VRX_GLYPH_SPACE) {
            shown = bytes;
            line.count = i + 1;
            line.width = used;
        }
    }
    line.text = vrx_view_slice(run->text, run->offset, shown);
    run->at += count;
    run->offset += bytes;
    return line;
}

struct vrx_result vrx_sheet_break(struct vrx_sheet *sheet, struct vrx_view text, double size,
    double width, struct vrx_paragraph *ret_paragraph) {
    struct vrx_glyph *glyphs = NULL;
    struct run run = {.text = text};
    VRX_TRY(vrx_face_glyphs(sheet->face, text, sheet->arena, &glyphs, &run.count));
    run.glyphs = glyphs;
    struct vrx_line *lines = vrx_arena_alloc_array(sheet->arena, run.count, sizeof *lines);
    if (!lines)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t count = 0;
    while (run.at < run.count)
        lines[count++] = next_line(&run, width / size);
    *ret_paragraph = (struct vrx_paragraph){
        .lines = lines, .count = count, .size = size, .height = (double)count * size * LEADING};
    return vrx_ok();
}

struct vrx_result vrx_sheet_fit(struct vrx_sheet *sheet, struct vrx_view text, double size,
    double width, struct vrx_paragraph *ret_paragraph) {
    VRX_TRY(vrx_sheet_break(sheet, text, size, width, ret_paragraph));
    if (ret_paragraph->count <= 2)
        return vrx_ok();
    return vrx_sheet_break(sheet, text, size * SMALLEST, width, ret_paragraph);
}

/* ---- placing ---- */

static struct vrx_result place(struct vrx_sheet *sheet, struct vrx_sheet_thing thing) {
    struct vrx_sheet_thing *kept = vrx_arena_alloc(sheet->arena, sizeof *kept);
    if (!kept)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    *kept = thing;
    kept->page = sheet->page;
    if (sheet->last)
        sheet->last->next = kept;
    else
        sheet->first = kept;
    sheet->last = kept;
    return vrx_ok();
}

struct vrx_result vrx_sheet_put(
    struct vrx_sheet *sheet, const struct vrx_paragraph *paragraph, double x, double y) {
    for (size_t i = 0; i < paragraph->count; i++)
        VRX_TRY(place(sheet,
            (struct vrx_sheet_thing){.kind = TEXT,
                .x = x,
                .y = y + ((double)i * LEADING + (LEADING - 1) / 2 + ASCENT) * paragraph->size,
                .size = paragraph->size,
                .line = &paragraph->lines[i]}));
    return vrx_ok();
}

struct vrx_result vrx_sheet_rule(struct vrx_sheet *sheet, double x, double y, double width) {
    return place(sheet, (struct vrx_sheet_thing){.kind = RULE, .x = x, .y = y, .width = width});
}

struct vrx_result vrx_sheet_box(
    struct vrx_sheet *sheet, double x, double y, double width, double height) {
    return place(sheet,
        (struct vrx_sheet_thing){.kind = BOX, .x = x, .y = y, .width = width, .height = height});
}

struct vrx_result vrx_sheet_qr(
    struct vrx_sheet *sheet, const struct vrx_qr *qr, double x, double y, double module) {
    return place(
        sheet, (struct vrx_sheet_thing){.kind = QR, .x = x, .y = y, .width = module, .qr = qr});
}

/* ---- drawing ---- */

/* What cairo needs of a line: glyphs with places, and which bytes each stands for, so that the text
 * can be searched and copied. */
static struct vrx_result draw_line(struct vrx_sheet *sheet, cairo_t *cairo,
    const struct vrx_line *line, double size, double x, double y) {
    cairo_glyph_t *glyphs = vrx_arena_alloc_array(sheet->arena, line->count, sizeof *glyphs);
    cairo_text_cluster_t *clusters =
        vrx_arena_alloc_array(sheet->arena, line->count, sizeof *clusters);
    if (!glyphs || !clusters)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < line->count; i++) {
        glyphs[i] = (cairo_glyph_t){line->glyphs[i].index, x, y};
        clusters[i] = (cairo_text_cluster_t){line->glyphs[i].bytes, 1};
        x += line->glyphs[i].advance * size;
    }
    cairo_set_font_size(cairo, size);
    cairo_show_text_glyphs(cairo, (const char *)line->text.ptr, (int)line->text.len, glyphs,
        (int)line->count, clusters, (int)line->count, (cairo_text_cluster_flags_t)0);
    return vrx_ok();
}

static void draw_qr(cairo_t *cairo, const struct vrx_sheet_thing *thing) {
    const struct vrx_qr *qr = thing->qr;
    const double module = thing->width;
    const double x = thing->x + VRX_QR_QUIET_ZONE * module;
    const double y = thing->y + VRX_QR_QUIET_ZONE * module;
    for (size_t row = 0; row < qr->side; row++)
        for (size_t from = 0; from < qr->side;) {
            size_t to = from;
            while (to < qr->side && qr->module[row * qr->side + to])
                to++;
            if (to > from)
                cairo_rectangle(cairo, x + (double)from * module, y + (double)row * module,
                    (double)(to - from) * module, module);
            from = to + 1;
        }
    cairo_fill(cairo);
}

static struct vrx_result draw_thing(
    struct vrx_sheet *sheet, cairo_t *cairo, const struct vrx_sheet_thing *thing) {
    switch (thing->kind) {
    case TEXT:
        return draw_line(sheet, cairo, thing->line, thing->size, thing->x, thing->y);
    case RULE:
        cairo_move_to(cairo, thing->x, thing->y);
        cairo_rel_line_to(cairo, thing->width, 0);
        break;
    case BOX:
        cairo_rectangle(cairo, thing->x, thing->y, thing->width, thing->height);
        break;
    case QR:
        draw_qr(cairo, thing);
        break;
    }
    cairo_stroke(cairo);
    return vrx_ok();
}

#define FOOT_SIZE 2.5

static struct vrx_result draw_foot(
    struct vrx_sheet *sheet, cairo_t *cairo, struct vrx_view foot, unsigned page) {
    struct vrx_paragraph text;
    struct vrx_paragraph number;
    char *pages = NULL;
    VRX_TRY(vrx_arena_format(sheet->arena, &pages, "%u / %u", page + 1, sheet->page + 1));
    VRX_TRY(vrx_sheet_break(sheet, vrx_view_text(pages), FOOT_SIZE, VRX_SHEET_INNER, &number));
    const double width = number.lines[0].width * FOOT_SIZE;
    VRX_TRY(vrx_sheet_break(sheet, foot, FOOT_SIZE, VRX_SHEET_INNER - width - 5, &text));
    for (size_t i = 0; i < text.count; i++)
        VRX_TRY(draw_line(sheet, cairo, &text.lines[i], FOOT_SIZE, VRX_SHEET_MARGIN,
            VRX_SHEET_FOOT + (double)i * FOOT_SIZE * LEADING));
    return draw_line(sheet, cairo, &number.lines[0], FOOT_SIZE,
        VRX_SHEET_WIDTH - VRX_SHEET_MARGIN - width, VRX_SHEET_FOOT);
}

static struct vrx_result draw_pages(struct vrx_sheet *sheet, struct vrx_view foot, cairo_t *cairo) {
    const struct vrx_sheet_thing *thing = sheet->first;
    cairo_scale(cairo, POINTS, POINTS);
    cairo_set_line_width(cairo, HAIRLINE);
    cairo_set_font_face(cairo, vrx_face_cairo(sheet->face));
    for (unsigned page = 0; page <= sheet->page; page++) {
        for (; thing && thing->page == page; thing = thing->next)
            VRX_TRY(draw_thing(sheet, cairo, thing));
        VRX_TRY(draw_foot(sheet, cairo, foot, page));
        cairo_show_page(cairo);
    }
    return cairo_status(cairo) == CAIRO_STATUS_SUCCESS ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

struct vrx_result vrx_sheet_draw(
    struct vrx_sheet *sheet, struct vrx_view foot, cairo_surface_t *surface) {
    cairo_t *cairo = cairo_create(surface);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cairo, options);
    struct vrx_result result = draw_pages(sheet, foot, cairo);
    cairo_font_options_destroy(options);
    cairo_destroy(cairo);
    return result;
}
