/* SPDX-License-Identifier: Apache-2.0
 *
 * The header's width and height are checked before the pixels are allocated: a PNG of a hundred
 * bytes can claim four billion of them.
 */
#include "render/read/grey.h"

#include <png.h>
#include <stdlib.h>

#include "base/limits.h"

struct vrx_result vrx_grey_init(unsigned width, unsigned height, struct vrx_grey *ret_grey) {
    if (width > VRX_LIMIT_PICTURE_SIDE || height > VRX_LIMIT_PICTURE_SIDE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: pixels a side");
    if (!width || !height)
        return vrx_refuse(VRX_INPUT_MALFORMED, "grey.h: no pixels");
    const size_t size = (size_t)width * height;
    uint8_t *pixels = malloc(size);
    if (!pixels)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    memset(pixels, 255, size);
    *ret_grey = (struct vrx_grey){.pixels = pixels, .width = width, .height = height};
    return vrx_ok();
}

void vrx_grey_done(struct vrx_grey *grey) {
    if (grey->pixels)
        vrx_wipe(grey->pixels, (size_t)grey->width * grey->height);
    free(grey->pixels);
    *grey = (struct vrx_grey){0};
}

static struct vrx_result finish(png_image *image, struct vrx_grey *ret_grey) {
    static const png_color white = {255, 255, 255};
    struct vrx_grey grey;
    VRX_TRY(vrx_grey_init(image->width, image->height, &grey));
    image->format = PNG_FORMAT_GRAY;
    if (!png_image_finish_read(image, &white, grey.pixels, 0, NULL)) {
        vrx_grey_done(&grey);
        return vrx_refuse(VRX_INPUT_MALFORMED, "ISO/IEC 15948: not a complete PNG picture");
    }
    *ret_grey = grey;
    return vrx_ok();
}

struct vrx_result vrx_grey_from_png(struct vrx_view png, struct vrx_grey *ret_grey) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, png.ptr, png.len))
        return vrx_refuse(VRX_INPUT_MALFORMED, "ISO/IEC 15948: not a PNG picture");
    struct vrx_result result = finish(&image, ret_grey);
    png_image_free(&image);
    return result;
}
