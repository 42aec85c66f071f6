/* SPDX-License-Identifier: Apache-2.0
 *
 * libpng decodes, zbar searches. The header's width and height are checked before the pixels are
 * allocated: a PNG of a hundred bytes can claim four billion of them.
 */
#include "render/read/qr_read.h"

#include <png.h>
#include <stdlib.h>
#include <zbar.h>

#include "base/limits.h"

static struct vrx_result decode(png_image *image, uint8_t **ret_grey) {
    static const png_color white = {255, 255, 255};
    if (image->width > VRX_LIMIT_PICTURE_SIDE || image->height > VRX_LIMIT_PICTURE_SIDE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: pixels a side");
    image->format = PNG_FORMAT_GRAY;
    uint8_t *grey = malloc(PNG_IMAGE_SIZE(*image));
    if (!grey)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    if (!png_image_finish_read(image, &white, grey, 0, NULL)) {
        free(grey);
        return vrx_refuse(VRX_INPUT_MALFORMED, "ISO/IEC 15948: not a complete PNG picture");
    }
    *ret_grey = grey;
    return vrx_ok();
}

static struct vrx_result first_text(zbar_image_t *picture, struct vrx_buffer *out) {
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(picture); symbol;
         symbol = zbar_symbol_next(symbol))
        if (zbar_symbol_get_type(symbol) == ZBAR_QRCODE)
            return vrx_buffer_append(out,
                vrx_view_of(zbar_symbol_get_data(symbol), zbar_symbol_get_data_length(symbol)));
    return vrx_refuse(VRX_NOT_FOUND, "ISO/IEC 18004 §12: no QR code in the picture");
}

static struct vrx_result scan(
    const uint8_t *grey, unsigned width, unsigned height, struct vrx_buffer *out) {
    struct vrx_result result = vrx_fail(VRX_OUT_OF_MEMORY);
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_t *picture = zbar_image_create();
    if (scanner && picture) {
        zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
        zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
        zbar_image_set_format(picture, zbar_fourcc('Y', '8', '0', '0'));
        zbar_image_set_size(picture, width, height);
        zbar_image_set_data(picture, grey, (unsigned long)width * height, NULL);
        zbar_scan_image(scanner, picture);
        result = first_text(picture, out);
    }
    if (picture)
        zbar_image_destroy(picture);
    if (scanner)
        zbar_image_scanner_destroy(scanner);
    return result;
}

struct vrx_result vrx_qr_read(struct vrx_view png, struct vrx_buffer *out) {
    if (png.len > VRX_LIMIT_PICTURE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: picture");
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, png.ptr, png.len))
        return vrx_refuse(VRX_INPUT_MALFORMED, "ISO/IEC 15948: not a PNG picture");
    uint8_t *grey = NULL;
    struct vrx_result result = decode(&image, &grey);
    if (vrx_is_ok(result))
        result = scan(grey, image.width, image.height, out);
    png_image_free(&image);
    free(grey);
    return result;
}
