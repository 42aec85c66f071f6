/* SPDX-License-Identifier: Apache-2.0
 *
 * libqrencode lays the modules out; drawing them is ours. The text goes in as one alphanumeric
 * segment: the library's own segmentation would mix modes and some readers of HCERT refuse that.
 */
#include "render/qr.h"

#include <errno.h>
#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>

static struct vrx_result check_text(struct vrx_view text) {
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    if (!text.len)
        return vrx_refuse(VRX_INPUT_TEXT, "ISO/IEC 18004 §7.4.4: no text");
    if (text.len > VRX_LIMIT_QR_TEXT)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "ISO/IEC 18004 table 7: version 40-Q");
    for (size_t i = 0; i < text.len; i++)
        if (!text.ptr[i] || !strchr(alphabet, text.ptr[i]))
            return vrx_refuse(VRX_INPUT_TEXT, "ISO/IEC 18004 §7.4.4: alphanumeric mode");
    return vrx_ok();
}

static QRcode *lay_out(struct vrx_view text, QRencodeMode mode, QRecLevel level) {
    QRcode *code = NULL;
    errno = 0;
    QRinput *input = QRinput_new2(0, level);
    if (input && QRinput_append(input, mode, (int)text.len, text.ptr) == 0)
        code = QRcode_encodeInput(input);
    QRinput_free(input);
    return code;
}

static void discard(QRcode *code) {
    vrx_wipe(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
}

static struct vrx_result take(QRcode *code, struct vrx_qr *ret_qr) {
    if (!code)
        return vrx_fail(errno == ERANGE ? VRX_INPUT_TOO_LARGE : VRX_OUT_OF_MEMORY);
    size_t side = (size_t)code->width;
    uint8_t *module = malloc(side * side);
    if (module) {
        for (size_t i = 0; i < side * side; i++)
            module[i] = code->data[i] & 1;
        *ret_qr = (struct vrx_qr){.side = side, .module = module};
    }
    discard(code);
    return module ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

struct vrx_result vrx_qr_init(struct vrx_qr *ret_qr, struct vrx_view text) {
    VRX_TRY(check_text(text));
    return take(lay_out(text, QR_MODE_AN, QR_ECLEVEL_Q), ret_qr);
}

static struct vrx_result check_digits(struct vrx_view text, size_t head) {
    if (!head || head >= text.len)
        return vrx_refuse(VRX_INPUT_TEXT, "ISO/IEC 18004 §7.4.3: no digits");
    if (text.len > VRX_LIMIT_QR_NUMERIC)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "ISO/IEC 18004 table 7: version 22-L");
    for (size_t i = head; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return vrx_refuse(VRX_INPUT_TEXT, "ISO/IEC 18004 §7.4.3: numeric mode");
    return vrx_ok();
}

static QRcode *lay_out_numeric(struct vrx_view text, size_t head, QRecLevel level) {
    QRcode *code = NULL;
    errno = 0;
    QRinput *input = QRinput_new2(0, level);
    if (input && QRinput_append(input, QR_MODE_8, (int)head, text.ptr) == 0 &&
        QRinput_append(input, QR_MODE_NUM, (int)(text.len - head), text.ptr + head) == 0)
        code = QRcode_encodeInput(input);
    QRinput_free(input);
    return code;
}

struct vrx_result vrx_qr_init_numeric(struct vrx_qr *ret_qr, struct vrx_view text, size_t head) {
    static const QRecLevel levels[] = {QR_ECLEVEL_M, QR_ECLEVEL_L};
    VRX_TRY(check_digits(text, head));
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        QRcode *code = lay_out_numeric(text, head, levels[i]);
        if (!code || code->version <= VRX_QR_VERSION_NUMERIC)
            return take(code, ret_qr);
        discard(code);
    }
    return vrx_refuse(VRX_INPUT_TOO_LARGE, "SMART Health Cards 1.4: version 22 at most");
}

struct vrx_result vrx_qr_init_bytes(struct vrx_qr *ret_qr, struct vrx_view text) {
    if (!text.len)
        return vrx_refuse(VRX_INPUT_TEXT, "ISO/IEC 18004 §7.4.5: no text");
    if (text.len > VRX_LIMIT_QR_BYTES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "ISO/IEC 18004 table 7: version 40-M");
    return take(lay_out(text, QR_MODE_8, QR_ECLEVEL_M), ret_qr);
}

struct vrx_result vrx_qr_init_certificate(struct vrx_qr *ret_qr, struct vrx_view text) {
    const struct vrx_view card = vrx_view_text("shc:/");
    if (vrx_view_equal(vrx_view_slice(text, 0, card.len), card))
        return vrx_qr_init_numeric(ret_qr, text, card.len);
    return text.len && text.ptr[0] == '{' ? vrx_qr_init_bytes(ret_qr, text)
                                          : vrx_qr_init(ret_qr, text);
}

void vrx_qr_done(struct vrx_qr *qr) {
    if (qr->module)
        vrx_wipe(qr->module, qr->side * qr->side);
    free(qr->module);
    *qr = (struct vrx_qr){0};
}

/* With the quiet zone: row and column count from its corner. */
static bool is_dark(const struct vrx_qr *qr, size_t row, size_t column) {
    row -= VRX_QR_QUIET_ZONE; /* wraps around above and left, and is out of range then */
    column -= VRX_QR_QUIET_ZONE;
    return row < qr->side && column < qr->side && qr->module[row * qr->side + column];
}

static size_t side_with_zone(const struct vrx_qr *qr) {
    return qr->side + (size_t)2 * VRX_QR_QUIET_ZONE;
}

struct vrx_result vrx_qr_terminal(const struct vrx_qr *qr, struct vrx_buffer *out) {
    /* By the light halves: 1 upper, 2 lower. */
    static const char *const blocks[4] = {" ", "\u2580", "\u2584", "\u2588"};
    size_t side = side_with_zone(qr);
    for (size_t row = 0; row < side; row += 2) {
        for (size_t column = 0; column < side; column++) {
            unsigned light = is_dark(qr, row, column) ? 0 : 1;
            /* The last line of an odd side has no lower half. */
            if (row + 1 < side && !is_dark(qr, row + 1, column))
                light |= 2;
            VRX_TRY(vrx_buffer_append(out, vrx_view_text(blocks[light])));
        }
        VRX_TRY(vrx_buffer_append_byte(out, '\n'));
    }
    return vrx_ok();
}

static uint8_t *draw(const struct vrx_qr *qr, size_t module_pixels, size_t pixels) {
    uint8_t *picture = malloc(pixels * pixels);
    for (size_t y = 0; picture && y < pixels; y++) {
        uint8_t *line = picture + y * pixels;
        if (y % module_pixels) {
            memcpy(line, line - pixels, pixels);
            continue;
        }
        for (size_t x = 0; x < pixels; x++)
            line[x] = is_dark(qr, y / module_pixels, x / module_pixels) ? 0 : 255;
    }
    return picture;
}

static struct vrx_result compress(
    png_image *image, const uint8_t *picture, struct vrx_buffer *out) {
    png_alloc_size_t size = 0;
    uint8_t *at = NULL;
    if (!png_image_write_to_memory(image, NULL, &size, 0, picture, 0, NULL))
        return vrx_fail(VRX_OUT_OF_MEMORY);
    size_t before = out->len;
    VRX_TRY(vrx_buffer_extend(out, size, &at));
    if (png_image_write_to_memory(image, at, &size, 0, picture, 0, NULL))
        return vrx_ok();
    out->len = before;
    return vrx_fail(VRX_OUT_OF_MEMORY);
}

struct vrx_result vrx_qr_png(
    const struct vrx_qr *qr, unsigned module_pixels, struct vrx_buffer *out) {
    if (module_pixels < VRX_QR_MODULE_MIN || module_pixels > VRX_QR_MODULE_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "qr.h: pixels a module");
    size_t pixels = side_with_zone(qr) * module_pixels;
    uint8_t *picture = draw(qr, module_pixels, pixels);
    if (!picture)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    png_image image = {.version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)pixels,
        .height = (png_uint_32)pixels,
        .format = PNG_FORMAT_GRAY};
    struct vrx_result result = compress(&image, picture, out);
    png_image_free(&image);
    free(picture);
    return result;
}

/* Runs of dark modules in one row, as subpaths: "M4 4h7v1h-7z". */
static struct vrx_result append_row(const struct vrx_qr *qr, size_t row, struct vrx_buffer *out) {
    const size_t side = side_with_zone(qr);
    for (size_t from = 0; from < side;) {
        size_t to = from;
        while (to < side && is_dark(qr, row, to))
            to++;
        if (to > from) {
            char path[sizeof "M h v1h-z" + (size_t)4 * 20]; /* four numbers of 64 bits */
            (void)snprintf(
                path, sizeof path, "M%zu %zuh%zuv1h-%zuz", from, row, to - from, to - from);
            VRX_TRY(vrx_buffer_append(out, vrx_view_text(path)));
        }
        from = to + 1;
    }
    return vrx_ok();
}

static struct vrx_result append_svg(const struct vrx_qr *qr, struct vrx_buffer *out) {
    char head[320];
    const size_t side = side_with_zone(qr);
    const double printed = (double)side * VRX_QR_SVG_MODULE;
    snprintf(head, sizeof head,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.1fmm\" height=\"%.1fmm\" "
        "viewBox=\"0 0 %zu %zu\" shape-rendering=\"crispEdges\">\n"
        "<path fill=\"#fff\" d=\"M0 0h%zuv%zuH0z\"/>\n<path d=\"",
        printed, printed, side, side, side, side);
    VRX_TRY(vrx_buffer_append(out, vrx_view_text(head)));
    for (size_t row = 0; row < side; row++)
        VRX_TRY(append_row(qr, row, out));
    return vrx_buffer_append(out, vrx_view_text("\"/>\n</svg>\n"));
}

struct vrx_result vrx_qr_svg(const struct vrx_qr *qr, struct vrx_buffer *out) {
    const size_t before = out->len;
    struct vrx_result result = append_svg(qr, out);
    if (!vrx_is_ok(result))
        out->len = before;
    return result;
}
