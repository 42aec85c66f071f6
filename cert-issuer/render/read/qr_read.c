/* SPDX-License-Identifier: Apache-2.0
 *
 * zbar searches; one row a kind of file says how its pixels are had.
 */
#include "render/read/qr_read.h"

#include <zbar.h>

#include "base/limits.h"
#include "render/read/pdf.h"

/* ---- texts ---- */

void vrx_qr_texts_done(struct vrx_qr_texts *texts) {
    vrx_buffer_done(&texts->bytes);
    *texts = (struct vrx_qr_texts){0};
}

struct vrx_view vrx_qr_texts_at(const struct vrx_qr_texts *texts, size_t index) {
    const size_t from = index ? texts->ends[index - 1] : 0;
    return vrx_view_slice(vrx_buffer_view(&texts->bytes), from, texts->ends[index] - from);
}

struct vrx_result vrx_qr_texts_add(struct vrx_qr_texts *texts, struct vrx_view text) {
    for (size_t i = 0; i < texts->count; i++)
        if (vrx_view_equal(vrx_qr_texts_at(texts, i), text))
            return vrx_ok();
    if (texts->count == VRX_LIMIT_QR_CODES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "qr_read.h: codes of one file");
    VRX_TRY(vrx_buffer_append(&texts->bytes, text));
    texts->ends[texts->count++] = texts->bytes.len;
    return vrx_ok();
}

/* ---- pixels ---- */

static struct vrx_result add_symbols(zbar_image_t *picture, struct vrx_qr_texts *texts) {
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(picture); symbol;
         symbol = zbar_symbol_next(symbol))
        if (zbar_symbol_get_type(symbol) == ZBAR_QRCODE)
            VRX_TRY(vrx_qr_texts_add(texts,
                vrx_view_of(zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol))));
    return vrx_ok();
}

static struct vrx_result search(void *context, const struct vrx_grey *grey) {
    struct vrx_result result = vrx_fail(VRX_OUT_OF_MEMORY);
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *picture = zbar_image_create();
    if (scanner && picture) {
        zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
        zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
        zbar_image_set_format(picture, zbar_fourcc('Y', '8', '0', '0'));
        zbar_image_set_size(picture, grey->width, grey->height);
        zbar_image_set_data(picture, grey->pixels, (unsigned long)grey->width * grey->height, NULL);
        zbar_scan_image(scanner, picture);
        result = add_symbols(picture, context);
    }
    if (picture)
        zbar_image_destroy(picture);
    if (scanner)
        zbar_image_scanner_destroy(scanner);
    return result;
}

/* ---- files ---- */

typedef struct vrx_result decode(struct vrx_view file, struct vrx_grey *ret_grey);

/* One without decode has pages. */
static const struct kind {
    const char *begins;
    decode *decode;
} kinds[] = {
    {"\x89PNG\r\n\x1a\n", vrx_grey_from_png},
    {"\xff\xd8\xff", vrx_grey_from_jpeg},
    {"%PDF-", NULL},
};

#define KINDS (sizeof kinds / sizeof *kinds)

static const struct kind *kind_of(struct vrx_view file) {
    for (size_t i = 0; i < KINDS; i++) {
        const struct vrx_view begins = vrx_view_text(kinds[i].begins);
        if (vrx_view_equal(vrx_view_slice(file, 0, begins.len), begins))
            return &kinds[i];
    }
    return NULL;
}

static struct vrx_result search_one(
    decode *decode_file, struct vrx_view file, struct vrx_qr_texts *texts) {
    struct vrx_grey grey = {0};
    struct vrx_result result = decode_file(file, &grey);
    if (vrx_is_ok(result))
        result = search(texts, &grey);
    vrx_grey_done(&grey);
    /* cppcheck-suppress returnDanglingLifetime; a result points to clauses only */
    return result;
}

bool vrx_qr_is_picture(struct vrx_view file) {
    return kind_of(file) != NULL;
}

struct vrx_result vrx_qr_read(struct vrx_view file, struct vrx_qr_texts *texts) {
    const size_t before = texts->count;
    if (file.len > VRX_LIMIT_PICTURE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: picture");
    const struct kind *kind = kind_of(file);
    if (!kind)
        return vrx_refuse(VRX_INPUT_MALFORMED, "qr_read.h: neither PNG nor JPEG nor PDF");
    VRX_TRY(
        kind->decode ? search_one(kind->decode, file, texts) : vrx_pdf_pages(file, search, texts));
    return texts->count > before ? vrx_ok()
                                 : vrx_refuse(VRX_NOT_FOUND, "ISO/IEC 18004 §12: no QR code in it");
}
