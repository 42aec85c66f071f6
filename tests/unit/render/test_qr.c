/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/render/qr.c, read back with zbar: what a reader sees is what was drawn.
 */
#include "render/qr.h"

#include <png.h>
#include <stdlib.h>

#include "support/check.h"
#include "support/qr_text.h"

static const char text[] = "HC1:6BFOXN%TS3DH1QG9WA6H98BRPRHO DJS4F3S-%2LXKQGLAVDQ81LO2-36/X0X6BMF6";

static struct vrx_qr qr_of(const char *content) {
    struct vrx_qr qr = {0};
    assert_ok(vrx_qr_init(&qr, vrx_view_text(content)));
    return qr;
}

static void png_reads_back(void **state) {
    (void)state;
    for (unsigned pixels = VRX_QR_MODULE_MIN; pixels <= 11; pixels++) {
        struct vrx_qr qr = qr_of(text);
        struct vrx_buffer png = {0};
        struct vrx_buffer read = {0};
        assert_ok(vrx_qr_png(&qr, pixels, &png));
        assert_ok(test_qr_text(vrx_buffer_view(&png), &read));
        assert_true(vrx_view_equal(vrx_buffer_view(&read), vrx_view_text(text)));
        vrx_buffer_done(&read);
        vrx_buffer_done(&png);
        vrx_qr_done(&qr);
    }
}

/* Level Q: 25 % of the code words may be lost. A blot over 5 % of the modules, off the finders. */
static void level_q_survives_a_blot(void **state) {
    (void)state;
    struct vrx_qr qr = qr_of(text);
    size_t blot = qr.side / 5;
    for (size_t row = 0; row < blot; row++)
        for (size_t column = 0; column < blot; column++)
            qr.module[(qr.side / 2 + row) * qr.side + qr.side / 2 + column] = 1;
    struct vrx_buffer png = {0};
    struct vrx_buffer read = {0};
    assert_ok(vrx_qr_png(&qr, 8, &png));
    assert_ok(test_qr_text(vrx_buffer_view(&png), &read));
    assert_true(vrx_view_equal(vrx_buffer_view(&read), vrx_view_text(text)));
    vrx_buffer_done(&read);
    vrx_buffer_done(&png);
    vrx_qr_done(&qr);
}

/* The mode indicator 0010 stands in the first data modules; reading it needs the mask, so the size
 * says it instead: 44 capitals fit version 3-Q in alphanumeric mode (47) and not in bytes (32). */
static void mode_is_alphanumeric_and_level_q(void **state) {
    (void)state;
    struct vrx_qr fits = qr_of("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTU");
    struct vrx_qr larger = qr_of("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUV");
    assert_int_equal(fits.side, 29);
    assert_int_equal(larger.side, 33);
    vrx_qr_done(&fits);
    vrx_qr_done(&larger);
}

/* Draws the terminal's text as pixels, light for a block, as a light-on-dark terminal does. */
static struct vrx_buffer picture_of_terminal(struct vrx_view drawn, size_t side) {
    static const struct {
        const char *block;
        uint8_t upper, lower;
    } blocks[] = {{" ", 0, 0}, {"\u2580", 255, 0}, {"\u2584", 0, 255}, {"\u2588", 255, 255}};
    size_t pixels = side * 8;
    uint8_t *grey = calloc(pixels + 8, pixels);
    assert_non_null(grey);
    size_t row = 0;
    size_t column = 0;
    for (size_t at = 0; at < drawn.len;) {
        size_t len = 1;
        if (drawn.ptr[at] == '\n') {
            assert_int_equal(column, side);
            row += 2;
            column = 0;
            at += len;
            continue;
        }
        size_t found = 4;
        for (size_t i = 0; i < 4; i++) {
            size_t block = strlen(blocks[i].block);
            if (!memcmp(drawn.ptr + at, blocks[i].block, block)) {
                found = i;
                len = block;
                break;
            }
        }
        assert_true(found < 4);
        for (size_t y = 0; y < 16; y++)
            memset(grey + (row * 8 + y) * pixels + column * 8,
                y < 8 ? blocks[found].upper : blocks[found].lower, 8);
        column++;
        at += len;
    }
    assert_int_equal(row, side + 1); /* an odd side */
    struct vrx_buffer png = {0};
    png_image image = {.version = PNG_IMAGE_VERSION,
        .width = (png_uint_32)pixels,
        .height = (png_uint_32)pixels,
        .format = PNG_FORMAT_GRAY};
    png_alloc_size_t size = 0;
    uint8_t *at = NULL;
    assert_int_not_equal(png_image_write_to_memory(&image, NULL, &size, 0, grey, 0, NULL), 0);
    assert_ok(vrx_buffer_extend(&png, size, &at));
    assert_int_not_equal(png_image_write_to_memory(&image, at, &size, 0, grey, 0, NULL), 0);
    free(grey);
    return png;
}

static void terminal_text_reads_back(void **state) {
    (void)state;
    struct vrx_qr qr = qr_of(text);
    struct vrx_buffer drawn = {0};
    struct vrx_buffer read = {0};
    assert_ok(vrx_qr_terminal(&qr, &drawn));
    struct vrx_buffer png = picture_of_terminal(vrx_buffer_view(&drawn), qr.side + 8);
    assert_ok(test_qr_text(vrx_buffer_view(&png), &read));
    assert_true(vrx_view_equal(vrx_buffer_view(&read), vrx_view_text(text)));
    vrx_buffer_done(&read);
    vrx_buffer_done(&png);
    vrx_buffer_done(&drawn);
    vrx_qr_done(&qr);
}

static const char address[] =
    "otpauth://totp/VRX:%E6%9C%AD%E5%B9%8C?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=VRX";

/* A telephone's view of an enrolment. */
static void any_text_reads_back_from_the_terminal(void **state) {
    (void)state;
    struct vrx_qr qr = {0};
    struct vrx_buffer drawn = {0};
    struct vrx_buffer read = {0};
    assert_ok(vrx_qr_init_bytes(&qr, vrx_view_text(address)));
    assert_true(qr.side + 8 < 80); /* columns of a terminal */
    assert_ok(vrx_qr_terminal(&qr, &drawn));
    struct vrx_buffer png = picture_of_terminal(vrx_buffer_view(&drawn), qr.side + 8);
    assert_ok(test_qr_text(vrx_buffer_view(&png), &read));
    assert_true(vrx_view_equal(vrx_buffer_view(&read), vrx_view_text(address)));
    vrx_buffer_done(&read);
    vrx_buffer_done(&png);
    vrx_buffer_done(&drawn);
    vrx_qr_done(&qr);
}

static void refusal_iso_18004_table_7_too_many_bytes(void **state) {
    (void)state;
    char longest[VRX_LIMIT_QR_BYTES + 1];
    memset(longest, 'a', sizeof longest);
    struct vrx_qr qr = {0};
    assert_reason(vrx_qr_init_bytes(&qr, vrx_view_text("")), VRX_INPUT_TEXT);
    assert_reason(
        vrx_qr_init_bytes(&qr, vrx_view_of(longest, sizeof longest)), VRX_INPUT_TOO_LARGE);
    assert_ok(vrx_qr_init_bytes(&qr, vrx_view_of(longest, sizeof longest - 1)));
    assert_int_equal(qr.side, VRX_QR_SIDE_MAX);
    vrx_qr_done(&qr);
}

static void refusal_iso_18004_7_4_4_other_characters(void **state) {
    (void)state;
    static const char *const rows[] = {"", "hc1:", "HC1:#", "\u3042"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_qr qr = {.side = 7};
        assert_reason(vrx_qr_init(&qr, vrx_view_text(rows[i])), VRX_INPUT_TEXT);
        assert_int_equal(qr.side, 7);
    }
    struct vrx_qr qr = {0};
    assert_reason(vrx_qr_init(&qr, vrx_view_of("A\0B", 3)), VRX_INPUT_TEXT);
}

static void refusal_iso_18004_table_7_too_long(void **state) {
    (void)state;
    char longest[VRX_LIMIT_QR_TEXT + 1];
    memset(longest, 'A', sizeof longest);
    struct vrx_qr qr = {0};
    assert_reason(vrx_qr_init(&qr, vrx_view_of(longest, sizeof longest)), VRX_INPUT_TOO_LARGE);
    assert_ok(vrx_qr_init(&qr, vrx_view_of(longest, sizeof longest - 1)));
    assert_int_equal(qr.side, VRX_QR_SIDE_MAX);
    vrx_qr_done(&qr);
}

static void refusal_module_pixels_out_of_range(void **state) {
    (void)state;
    struct vrx_qr qr = qr_of(text);
    struct vrx_buffer png = {0};
    assert_reason(vrx_qr_png(&qr, VRX_QR_MODULE_MIN - 1, &png), VRX_INPUT_RANGE);
    assert_reason(vrx_qr_png(&qr, VRX_QR_MODULE_MAX + 1, &png), VRX_INPUT_RANGE);
    assert_int_equal(png.len, 0);
    vrx_qr_done(&qr);
}

/* The path drawn again by a reader that knows "M h v h z" only: the same modules. */
static void svg_has_the_same_modules(void **state) {
    (void)state;
    struct vrx_qr qr = qr_of(text);
    struct vrx_buffer svg = {0};
    char head[128];
    const size_t side = qr.side + (size_t)2 * VRX_QR_QUIET_ZONE;
    assert_ok(vrx_qr_svg(&qr, &svg));
    assert_ok(vrx_buffer_append_byte(&svg, 0));
    snprintf(head, sizeof head, "width=\"%.1fmm\" height=\"%.1fmm\" viewBox=\"0 0 %zu %zu\"",
        (double)side / 2, (double)side / 2, side, side);
    assert_non_null(strstr((const char *)svg.ptr, head));
    uint8_t *drawn = calloc(side, side);
    assert_non_null(drawn);
    const char *at = strstr((const char *)svg.ptr, "<path d=\"") + 9;
    while (*at == 'M') {
        unsigned long x = strtoul(at + 1, NULL, 10);
        unsigned long y = strtoul(strchr(at, ' '), NULL, 10);
        unsigned long run = strtoul(strchr(at, 'h') + 1, NULL, 10);
        assert_true(x + run <= side && y < side);
        memset(drawn + y * side + x, 1, run);
        at = strchr(at, 'z') + 1;
    }
    assert_string_equal(at, "\"/>\n</svg>\n");
    for (size_t row = 0; row < side; row++)
        for (size_t column = 0; column < side; column++) {
            const size_t y = row - VRX_QR_QUIET_ZONE;
            const size_t x = column - VRX_QR_QUIET_ZONE;
            const bool dark = y < qr.side && x < qr.side && qr.module[y * qr.side + x];
            assert_int_equal(drawn[row * side + column], dark);
        }
    free(drawn);
    struct vrx_buffer small = {.limit = 1000};
    assert_reason(vrx_qr_svg(&qr, &small), VRX_INPUT_TOO_LARGE);
    assert_int_equal(small.len, 0);
    vrx_buffer_done(&small);
    vrx_buffer_done(&svg);
    vrx_qr_done(&qr);
}

/* The text of a SMART Health Card with so many digits. */
static struct vrx_buffer card_text(size_t digits) {
    struct vrx_buffer card = {0};
    assert_ok(vrx_buffer_append(&card, vrx_view_text("shc:/")));
    for (size_t i = 0; i < digits; i++)
        assert_ok(vrx_buffer_append_byte(&card, (uint8_t)('0' + (i * 7 + i / 10) % 10)));
    return card;
}

static size_t side_of_card(size_t digits) {
    struct vrx_buffer card = card_text(digits);
    struct vrx_qr qr = {0};
    assert_ok(vrx_qr_init_numeric(&qr, vrx_buffer_view(&card), 5));
    const size_t side = qr.side;
    struct vrx_buffer png = {0};
    struct vrx_buffer read = {0};
    assert_ok(vrx_qr_png(&qr, 8, &png));
    assert_ok(test_qr_text(vrx_buffer_view(&png), &read));
    assert_true(vrx_view_equal(vrx_buffer_view(&read), vrx_buffer_view(&card)));
    vrx_buffer_done(&read);
    vrx_buffer_done(&png);
    vrx_qr_done(&qr);
    vrx_buffer_done(&card);
    return side;
}

/* ISO/IEC 18004 table 7: the sizes are those of five bytes and digits, and of no other modes. With
 * 1,195 characters (2,390 digits) a card fits version 22 (105 modules) at level L, and no more. */
static void digits_read_back(void **state) {
    (void)state;
    assert_int_equal(side_of_card(1), 21);
    assert_int_equal(side_of_card(1600), 101);
    assert_int_equal(side_of_card(2388), 105);
    assert_int_equal(side_of_card(2390), 105);
}

/* Each a text and the side of its code: in another mode or level it would be another. */
static void each_format_has_its_own_code(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t side;
    } forms[] = {{text, 37}, {"shc:/567629095243206034602924374044603122295953265460346029", 29},
        {"{\"data\":{\"hdr\":{\"is\":\"JPN\",\"t\":\"icao.vacc\",\"v\":1}}}", 33}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct vrx_qr qr = {0};
        assert_ok(vrx_qr_init_certificate(&qr, vrx_view_text(forms[i].text)));
        assert_int_equal(qr.side, forms[i].side);
        vrx_qr_done(&qr);
    }
    struct vrx_qr qr = {0};
    assert_reason(vrx_qr_init_certificate(&qr, vrx_view_text("hello")), VRX_INPUT_TEXT);
    assert_reason(vrx_qr_init_certificate(&qr, vrx_view_text("")), VRX_INPUT_TEXT);
}

static void refusal_of_what_is_no_card(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t head;
    } rows[] = {
        {"", 0}, {"12", 0}, {"shc:/", 5}, {"shc:/", 9}, {"shc:/12a4", 5}, {"shc:/1/2/3", 5}};
    struct vrx_qr qr = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_reason(
            vrx_qr_init_numeric(&qr, vrx_view_text(rows[i].text), rows[i].head), VRX_INPUT_TEXT);
    static const size_t too_many[] = {2400, 2405};
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++) {
        struct vrx_buffer card = card_text(too_many[i]);
        assert_reason(vrx_qr_init_numeric(&qr, vrx_buffer_view(&card), 5), VRX_INPUT_TOO_LARGE);
        vrx_buffer_done(&card);
    }
    assert_null(qr.module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_reads_back),
        cmocka_unit_test(level_q_survives_a_blot),
        cmocka_unit_test(mode_is_alphanumeric_and_level_q),
        cmocka_unit_test(terminal_text_reads_back),
        cmocka_unit_test(any_text_reads_back_from_the_terminal),
        cmocka_unit_test(refusal_iso_18004_table_7_too_many_bytes),
        cmocka_unit_test(refusal_iso_18004_7_4_4_other_characters),
        cmocka_unit_test(refusal_iso_18004_table_7_too_long),
        cmocka_unit_test(refusal_module_pixels_out_of_range),
        cmocka_unit_test(svg_has_the_same_modules),
        cmocka_unit_test(digits_read_back),
        cmocka_unit_test(each_format_has_its_own_code),
        cmocka_unit_test(refusal_of_what_is_no_card),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
