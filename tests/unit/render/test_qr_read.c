/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/render/read: pictures of each kind, several codes in one, and what is refused.
 */
#include "render/read/qr_read.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include "base/limits.h"
#include "render/qr.h"
#include "render/read/grey.h"
#include "render/read/pdf.h"
#include "support/check.h"

static void expect(struct vrx_view png, enum vrx_reason reason) {
    struct vrx_qr_texts texts = {0};
    assert_reason(vrx_qr_read(png, &texts), reason);
    assert_int_equal(texts.count, 0);
    vrx_qr_texts_done(&texts);
}

/* ---- pictures with codes ---- */

static const char *const contents[] = {"HC1:FIRST", "HC1:SECOND", "HC1:THIRD"};

#define CODES (sizeof contents / sizeof *contents)
#define MODULE 4
#define TILE 200 /* pixels */

/* The codes side by side, dark modules as 0. */
static struct vrx_grey grey_picture(size_t codes) {
    struct vrx_grey grey;
    assert_ok(vrx_grey_init((unsigned)(TILE * codes), TILE, &grey));
    for (size_t i = 0; i < codes; i++) {
        struct vrx_qr qr = {0};
        assert_ok(vrx_qr_init(&qr, vrx_view_text(contents[i])));
        assert_true((qr.side + 8) * MODULE <= TILE);
        for (size_t y = 0; y < qr.side * MODULE; y++)
            for (size_t x = 0; x < qr.side * MODULE; x++)
                if (qr.module[y / MODULE * qr.side + x / MODULE])
                    grey.pixels[(y + (size_t)4 * MODULE) * grey.width + x + (size_t)4 * MODULE +
                                i * TILE] = 0;
        vrx_qr_done(&qr);
    }
    return grey;
}

struct jpeg_form {
    int components;
    J_COLOR_SPACE from, to;
    boolean progressive;
    const jpeg_scan_info *scans; /* two, in place of the usual ones */
};

static struct vrx_buffer jpeg_of(const struct vrx_grey *grey, const struct jpeg_form *form) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    struct vrx_buffer file = {0};
    uint8_t *line = malloc((size_t)grey->width * 4);
    assert_non_null(line);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = grey->width;
    jpeg.image_height = grey->height;
    jpeg.input_components = form->components;
    jpeg.in_color_space = form->from;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, form->to);
    jpeg_set_quality(&jpeg, 80, TRUE);
    if (form->progressive)
        jpeg_simple_progression(&jpeg);
    if (form->scans) {
        jpeg.scan_info = form->scans;
        jpeg.num_scans = 2;
    }
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        const uint8_t *from = grey->pixels + (size_t)jpeg.next_scanline * grey->width;
        for (size_t x = 0; x < grey->width; x++)
            for (int i = 0; i < form->components; i++)
                /* As Adobe's marker has it, which libjpeg writes with CMYK: inverted ink. */
                line[x * (size_t)form->components + (size_t)i] = from[x];
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_ok(vrx_buffer_append(&file, vrx_view_of(bytes, size)));
    free(bytes);
    free(line);
    return file;
}

static struct vrx_buffer png_of(const struct vrx_grey *grey) {
    struct vrx_buffer png = {0};
    png_image image = {.version = PNG_IMAGE_VERSION,
        .width = grey->width,
        .height = grey->height,
        .format = PNG_FORMAT_GRAY};
    png_alloc_size_t size = 0;
    uint8_t *at = NULL;
    assert_int_not_equal(
        png_image_write_to_memory(&image, NULL, &size, 0, grey->pixels, 0, NULL), 0);
    assert_ok(vrx_buffer_extend(&png, size, &at));
    assert_int_not_equal(png_image_write_to_memory(&image, at, &size, 0, grey->pixels, 0, NULL), 0);
    return png;
}

static struct vrx_buffer blank_picture(unsigned width, unsigned height) {
    uint8_t *white = malloc((size_t)width * height);
    assert_non_null(white);
    memset(white, 255, (size_t)width * height);
    struct vrx_buffer png = png_of(&(struct vrx_grey){white, width, height});
    free(white);
    return png;
}

static void append_text(struct vrx_buffer *out, const char *text) {
    assert_ok(vrx_buffer_append(out, vrx_view_text(text)));
}

/* A PDF file with one picture, as large as the page, on each of so many pages; its table of places
 * is left out, which readers make up for. page: in 1/72 inch. */
static struct vrx_buffer pdf_of(const struct vrx_grey *grey, unsigned pages, unsigned page) {
    struct vrx_buffer pdf = {0};
    char text[256];
    append_text(&pdf, "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                      "2 0 obj<</Type/Pages/Kids[");
    for (unsigned i = 0; i < pages; i++) {
        snprintf(text, sizeof text, "%u 0 R ", i + 5);
        append_text(&pdf, text);
    }
    snprintf(text, sizeof text, "]/Count %u>>endobj\n", pages);
    append_text(&pdf, text);
    snprintf(text, sizeof text, "%u 0 0 %u 0 0 cm /P Do", page, page * grey->height / grey->width);
    const size_t content = strlen(text);
    append_text(&pdf, "3 0 obj<</Length ");
    char length[320];
    snprintf(length, sizeof length, "%zu>>stream\n%s\nendstream endobj\n", content, text);
    append_text(&pdf, length);
    snprintf(text, sizeof text,
        "4 0 obj<</Subtype/Image/Width %u/Height %u/ColorSpace/DeviceGray/BitsPerComponent 8"
        "/Length %zu>>stream\n",
        grey->width, grey->height, (size_t)grey->width * grey->height);
    append_text(&pdf, text);
    assert_ok(
        vrx_buffer_append(&pdf, vrx_view_of(grey->pixels, (size_t)grey->width * grey->height)));
    append_text(&pdf, "\nendstream endobj\n");
    for (unsigned i = 0; i < pages; i++) {
        snprintf(text, sizeof text,
            "%u 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 %u %u]/Contents 3 0 R"
            "/Resources<</XObject<</P 4 0 R>>>>>>endobj\n",
            i + 5, page, page);
        append_text(&pdf, text);
    }
    append_text(&pdf, "trailer<</Root 1 0 R>>\n%%EOF\n");
    return pdf;
}

static bool has(const struct vrx_qr_texts *texts, const char *text) {
    for (size_t i = 0; i < texts->count; i++)
        if (vrx_view_equal(vrx_qr_texts_at(texts, i), vrx_view_text(text)))
            return true;
    return false;
}

static void expect_codes(struct vrx_buffer *file, size_t codes) {
    struct vrx_qr_texts texts = {0};
    assert_true(vrx_qr_is_picture(vrx_buffer_view(file)));
    assert_ok(vrx_qr_read(vrx_buffer_view(file), &texts));
    assert_int_equal(texts.count, codes);
    for (size_t i = 0; i < codes; i++)
        assert_true(has(&texts, contents[i]));
    vrx_qr_texts_done(&texts);
    vrx_buffer_done(file);
}

static const struct jpeg_form jpeg_forms[] = {
    {1, JCS_GRAYSCALE, JCS_GRAYSCALE, FALSE, NULL},
    {1, JCS_GRAYSCALE, JCS_GRAYSCALE, TRUE, NULL},
    {3, JCS_RGB, JCS_YCbCr, FALSE, NULL},
    {3, JCS_RGB, JCS_YCbCr, TRUE, NULL},
    {3, JCS_RGB, JCS_RGB, FALSE, NULL},
    {4, JCS_CMYK, JCS_CMYK, FALSE, NULL},
    {4, JCS_CMYK, JCS_YCCK, TRUE, NULL},
};

#define JPEG_FORMS (sizeof jpeg_forms / sizeof *jpeg_forms)

static void all_codes_of_a_picture_are_read(void **state) {
    (void)state;
    for (size_t codes = 1; codes <= CODES; codes++) {
        struct vrx_grey grey = grey_picture(codes);
        struct vrx_buffer png = png_of(&grey);
        expect_codes(&png, codes);
        for (size_t i = 0; i < JPEG_FORMS; i++) {
            struct vrx_buffer jpeg = jpeg_of(&grey, &jpeg_forms[i]);
            expect_codes(&jpeg, codes);
        }
        vrx_grey_done(&grey);
    }
}

/* Without Adobe's marker the ink is as it is called: 255 is full. */
static void ink_may_be_written_either_way(void **state) {
    (void)state;
    static const struct jpeg_form form = {4, JCS_CMYK, JCS_CMYK, FALSE, NULL};
    struct vrx_grey grey = grey_picture(1);
    for (size_t i = 0; i < (size_t)grey.width * grey.height; i++)
        grey.pixels[i] ^= 255;
    struct vrx_buffer jpeg = jpeg_of(&grey, &form);
    for (size_t i = 0; i + 5 < jpeg.len; i++)
        if (memcmp(jpeg.ptr + i, "Adobe", 5) == 0)
            jpeg.ptr[i] = 'X';
    expect_codes(&jpeg, 1);
    vrx_grey_done(&grey);
}

static void pages_of_a_pdf_are_read(void **state) {
    (void)state;
    for (unsigned pages = 1; pages <= VRX_PDF_PAGES; pages += VRX_PDF_PAGES - 1) {
        struct vrx_grey grey = grey_picture(CODES);
        struct vrx_buffer pdf = pdf_of(&grey, pages, 300);
        expect_codes(&pdf, CODES); /* the same text on several pages is one */
        vrx_grey_done(&grey);
    }
}

/* ---- refusals ---- */

static void refusal_iso_10918_not_a_whole_jpeg(void **state) {
    (void)state;
    struct vrx_grey grey = grey_picture(1);
    for (size_t i = 0; i < JPEG_FORMS; i++) {
        struct vrx_buffer jpeg = jpeg_of(&grey, &jpeg_forms[i]);
        /* Everything but the mark of its end must be there. */
        for (size_t len = 0; len + 16 < jpeg.len; len += jpeg.len / 37)
            expect(vrx_view_of(jpeg.ptr, len), VRX_INPUT_MALFORMED);
        vrx_buffer_done(&jpeg);
    }
    expect(vrx_view_text("\xff\xd8\xff"), VRX_INPUT_MALFORMED);
    expect(vrx_view_text("\xff\xd8\xff\xe0garbage, not segments"), VRX_INPUT_MALFORMED);
    vrx_grey_done(&grey);
}

/* The frame's header says its dimensions: ISO/IEC 10918-1 B.2.2. */
static void refusal_limits_jpeg_pixels(void **state) {
    (void)state;
    struct vrx_grey grey = grey_picture(1);
    struct vrx_buffer jpeg = jpeg_of(&grey, &jpeg_forms[0]);
    size_t frame = 0;
    while (frame + 9 < jpeg.len && !(jpeg.ptr[frame] == 0xff && jpeg.ptr[frame + 1] == 0xc0))
        frame++;
    assert_true(frame + 9 < jpeg.len);
    jpeg.ptr[frame + 5] = 0xff;
    expect(vrx_buffer_view(&jpeg), VRX_INPUT_TOO_LARGE);
    vrx_buffer_done(&jpeg);
    vrx_grey_done(&grey);
}

/* A scan that sets all coefficients anew may come any number of times, by the standard. */
static void refusal_limits_jpeg_scans(void **state) {
    (void)state;
    static const jpeg_scan_info scans[] = {{1, {0}, 0, 0, 0, 0}, {1, {0}, 1, 63, 0, 0}};
    static const struct jpeg_form form = {1, JCS_GRAYSCALE, JCS_GRAYSCALE, TRUE, scans};
    struct vrx_grey grey = grey_picture(1);
    struct vrx_buffer jpeg = jpeg_of(&grey, &form);
    size_t scan = jpeg.len;
    size_t end = jpeg.len;
    for (size_t i = jpeg.len - 2; i && scan == jpeg.len; i--)
        if (jpeg.ptr[i] == 0xff && jpeg.ptr[i + 1] == 0xda)
            scan = i; /* the last */
    assert_true(scan < jpeg.len);
    struct vrx_buffer many = {0};
    assert_ok(vrx_buffer_append(&many, vrx_view_of(jpeg.ptr, scan)));
    for (size_t i = 0; i < VRX_JPEG_SCANS; i++)
        assert_ok(vrx_buffer_append(&many, vrx_view_of(jpeg.ptr + scan, end - 2 - scan)));
    assert_ok(vrx_buffer_append(&many, vrx_view_of(jpeg.ptr + end - 2, 2)));
    expect(vrx_buffer_view(&many), VRX_INPUT_TOO_LARGE);
    vrx_buffer_done(&many);
    vrx_buffer_done(&jpeg);
    vrx_grey_done(&grey);
}

static void refusal_iso_32000_not_a_pdf(void **state) {
    (void)state;
    expect(vrx_view_text("%PDF-1.4\ngarbage"), VRX_INPUT_MALFORMED);
    expect(vrx_view_text("%PDF-"), VRX_INPUT_MALFORMED);
    struct vrx_grey grey = grey_picture(1);
    struct vrx_buffer pdf = pdf_of(&grey, 1, 300);
    expect(vrx_view_of(pdf.ptr, 200), VRX_INPUT_MALFORMED);
    vrx_buffer_done(&pdf);
    memset(grey.pixels, 255, (size_t)grey.width * grey.height);
    pdf = pdf_of(&grey, 1, 300);
    expect(vrx_buffer_view(&pdf), VRX_NOT_FOUND);
    vrx_buffer_done(&pdf);
    vrx_grey_done(&grey);
}

static void refusal_limits_pdf_pages_and_pixels(void **state) {
    (void)state;
    struct vrx_grey grey = grey_picture(1);
    memset(grey.pixels, 255, (size_t)grey.width * grey.height);
    struct vrx_buffer many = pdf_of(&grey, VRX_PDF_PAGES + 1, 100);
    expect(vrx_buffer_view(&many), VRX_INPUT_TOO_LARGE);
    struct vrx_buffer large = pdf_of(&grey, 1, 2000);
    expect(vrx_buffer_view(&large), VRX_INPUT_TOO_LARGE);
    vrx_buffer_done(&large);
    vrx_buffer_done(&many);
    vrx_grey_done(&grey);
}

static void refusal_limits_codes(void **state) {
    (void)state;
    struct vrx_qr_texts texts = {0};
    char text[8];
    for (size_t i = 0; i <= VRX_LIMIT_QR_CODES; i++) {
        snprintf(text, sizeof text, "%zu", i);
        assert_reason(vrx_qr_texts_add(&texts, vrx_view_text(text)),
            i < VRX_LIMIT_QR_CODES ? VRX_OK : VRX_INPUT_TOO_LARGE);
        assert_ok(vrx_qr_texts_add(&texts, vrx_view_text("0")));
    }
    assert_int_equal(texts.count, VRX_LIMIT_QR_CODES);
    assert_true(vrx_view_equal(vrx_qr_texts_at(&texts, 31), vrx_view_text("31")));
    vrx_qr_texts_done(&texts);
    assert_int_equal(texts.count, 0);
}

static void refusal_no_qr_code_in_the_picture(void **state) {
    (void)state;
    struct vrx_buffer png = blank_picture(64, 64);
    expect(vrx_buffer_view(&png), VRX_NOT_FOUND);
    vrx_buffer_done(&png);
}

static void refusal_iso_15948_not_a_png(void **state) {
    (void)state;
    expect(vrx_view_text("HC1:6BFOXN"), VRX_INPUT_MALFORMED);
    expect((struct vrx_view){0}, VRX_INPUT_MALFORMED);
}

static void refusal_iso_15948_truncated(void **state) {
    (void)state;
    struct vrx_buffer png = blank_picture(64, 64);
    /* Everything but the tail with IDAT's checksum and IEND must be there. */
    for (size_t len = 0; len + 20 < png.len; len += 3)
        expect(vrx_view_of(png.ptr, len), VRX_INPUT_MALFORMED);
    vrx_buffer_done(&png);
}

static void refusal_limits_pixels_a_side(void **state) {
    (void)state;
    struct vrx_buffer wide = blank_picture(VRX_LIMIT_PICTURE_SIDE + 1, 1);
    struct vrx_buffer high = blank_picture(1, VRX_LIMIT_PICTURE_SIDE + 1);
    struct vrx_buffer fits = blank_picture(VRX_LIMIT_PICTURE_SIDE, 1);
    expect(vrx_buffer_view(&wide), VRX_INPUT_TOO_LARGE);
    expect(vrx_buffer_view(&high), VRX_INPUT_TOO_LARGE);
    expect(vrx_buffer_view(&fits), VRX_NOT_FOUND);
    vrx_buffer_done(&wide);
    vrx_buffer_done(&high);
    vrx_buffer_done(&fits);
}

static void refusal_limits_picture_bytes(void **state) {
    (void)state;
    uint8_t byte = 0;
    /* Refused before a byte is read. */
    expect(vrx_view_of(&byte, VRX_LIMIT_PICTURE + 1), VRX_INPUT_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_codes_of_a_picture_are_read),
        cmocka_unit_test(ink_may_be_written_either_way),
        cmocka_unit_test(pages_of_a_pdf_are_read),
        cmocka_unit_test(refusal_iso_10918_not_a_whole_jpeg),
        cmocka_unit_test(refusal_limits_jpeg_pixels),
        cmocka_unit_test(refusal_limits_jpeg_scans),
        cmocka_unit_test(refusal_iso_32000_not_a_pdf),
        cmocka_unit_test(refusal_limits_pdf_pages_and_pixels),
        cmocka_unit_test(refusal_limits_codes),
        cmocka_unit_test(refusal_no_qr_code_in_the_picture),
        cmocka_unit_test(refusal_iso_15948_not_a_png),
        cmocka_unit_test(refusal_iso_15948_truncated),
        cmocka_unit_test(refusal_limits_pixels_a_side),
        cmocka_unit_test(refusal_limits_picture_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
