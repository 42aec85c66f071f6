/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/render/read/qr_read.c: what is refused. That pictures are read is test_qr.c's matter.
 */
#include "render/read/qr_read.h"

#include <png.h>
#include <stdlib.h>

#include "base/limits.h"
#include "support/check.h"

static struct vrx_buffer blank_picture(unsigned width, unsigned height) {
    struct vrx_buffer png = {0};
    uint8_t *grey = malloc((size_t)width * height);
    assert_non_null(grey);
    memset(grey, 255, (size_t)width * height);
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_GRAY};
    png_alloc_size_t size = 0;
    uint8_t *at = NULL;
    assert_int_not_equal(png_image_write_to_memory(&image, NULL, &size, 0, grey, 0, NULL), 0);
    assert_ok(vrx_buffer_extend(&png, size, &at));
    assert_int_not_equal(png_image_write_to_memory(&image, at, &size, 0, grey, 0, NULL), 0);
    free(grey);
    return png;
}

static void expect(struct vrx_view png, enum vrx_reason reason) {
    struct vrx_buffer out = {0};
    assert_reason(vrx_qr_read(png, &out), reason);
    assert_int_equal(out.len, 0);
    vrx_buffer_done(&out);
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
        cmocka_unit_test(refusal_no_qr_code_in_the_picture),
        cmocka_unit_test(refusal_iso_15948_not_a_png),
        cmocka_unit_test(refusal_iso_15948_truncated),
        cmocka_unit_test(refusal_limits_pixels_a_side),
        cmocka_unit_test(refusal_limits_picture_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
