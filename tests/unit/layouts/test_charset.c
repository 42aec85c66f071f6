/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/charset.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_mark_is_three_bytes(void **state) {
    (void)state;
    assert_true(vrx_charset_has_bom(vrx_view_text("\xEF\xBB\xBF")));
    assert_true(vrx_charset_has_bom(vrx_view_text("\xEF\xBB\xBF"
                                                  "a")));
    assert_false(vrx_charset_has_bom(vrx_view_text("\xEF\xBB")));
    assert_false(vrx_charset_has_bom(vrx_view_text("a\xEF\xBB\xBF")));
    assert_false(vrx_charset_has_bom(vrx_view_text("")));
}

static void charsets_are_told_apart(void **state) {
    (void)state;
    assert_int_equal(vrx_charset_detect(vrx_view_text("")), VRX_CHARSET_ASCII);
    assert_int_equal(vrx_charset_detect(vrx_view_text("1,2,\"a\"\r\n")), VRX_CHARSET_ASCII);
    assert_int_equal(vrx_charset_detect(vrx_view_text("1,札幌 花子")), VRX_CHARSET_UTF8);
    /* 札幌, サッポロ in half-width kana, あ */
    assert_int_equal(
        vrx_charset_detect(vrx_view_text("1,\x8E\x44\x96\x79\r\n")), VRX_CHARSET_CP932);
    assert_int_equal(vrx_charset_detect(vrx_view_text("\xBB\xAF\xCE\xDF\xDB")), VRX_CHARSET_CP932);
    assert_int_equal(vrx_charset_detect(vrx_view_text("\x82\xA0")), VRX_CHARSET_CP932);
}

static void a_character_cut_off_at_the_end_is_no_reason(void **state) {
    (void)state;
    static const char text[] = "札幌\U00020B9F";
    for (size_t len = 3; len <= sizeof text - 1; len++)
        assert_int_equal(vrx_charset_detect(vrx_view_of(text, len)), VRX_CHARSET_UTF8);
    /* But the cut-off bytes alone show nothing of UTF-8. */
    assert_int_equal(vrx_charset_detect(vrx_view_text("a\xE6\x9C")), VRX_CHARSET_CP932);
}

static void decoded(enum vrx_charset charset, const char *text, const char *expected) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    VRX_CLEANUP(vrx_decoder_done) struct vrx_decoder decoder = {0};
    assert_true(vrx_is_ok(vrx_decoder_init(&decoder, charset)));
    assert_true(vrx_is_ok(vrx_buffer_append_byte(&out, '>')));
    assert_true(vrx_is_ok(vrx_decoder_append(&decoder, vrx_view_text(text), &out)));
    assert_int_equal(out.len, strlen(expected) + 1);
    assert_memory_equal(out.ptr + 1, expected, strlen(expected));
}

static void every_charset_becomes_utf8(void **state) {
    (void)state;
    decoded(VRX_CHARSET_ASCII, "abc", "abc");
    decoded(VRX_CHARSET_UTF8, "札幌 花子", "札幌 花子");
    decoded(VRX_CHARSET_CP932, "", "");
    decoded(VRX_CHARSET_CP932, "\x8E\x44\x96\x79 \x89\xD4\x8E\x71", "札幌 花子");
    decoded(VRX_CHARSET_CP932, "\xBB\xAF\xCE\xDF\xDB", "ｻｯﾎﾟﾛ");
    decoded(VRX_CHARSET_CP932, "\xFB\xFC\x8B\xB4", "髙橋"); /* IBM extension */
    decoded(VRX_CHARSET_CP932, "\x87\x40\x81\x5C", "①―");   /* NEC extension */
    decoded(
        VRX_CHARSET_CP932, "\x82\x50\x81\x7C\x82\x51", "１－２"); /* U+FF0D, as Windows has it */
    decoded(VRX_CHARSET_CP932, "\\~", "\\~");
}

static void refused(enum vrx_charset charset, const char *text) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    VRX_CLEANUP(vrx_decoder_done) struct vrx_decoder decoder = {0};
    assert_true(vrx_is_ok(vrx_decoder_init(&decoder, charset)));
    assert_true(vrx_is_ok(vrx_buffer_append_byte(&out, '>')));
    assert_int_equal(
        vrx_decoder_append(&decoder, vrx_view_text(text), &out).reason, VRX_INPUT_TEXT);
    assert_int_equal(out.len, 1);
    /* The next text is not spoilt. */
    assert_true(vrx_is_ok(vrx_decoder_append(&decoder, vrx_view_text("ok"), &out)));
    assert_int_equal(out.len, 3);
}

static void bytes_that_are_no_character_are_refused(void **state) {
    (void)state;
    refused(VRX_CHARSET_CP932, "a\x81");
    refused(VRX_CHARSET_CP932, "a\x81\x20");
    refused(VRX_CHARSET_CP932, "\x85\x40");
    refused(VRX_CHARSET_CP932, "\xFF");
    refused(VRX_CHARSET_CP932, "\xA0");
    refused(VRX_CHARSET_UTF8, "\x8E\x44\x96\x79");
    refused(VRX_CHARSET_ASCII, "\xC0\x80");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_is_three_bytes),
        cmocka_unit_test(charsets_are_told_apart),
        cmocka_unit_test(a_character_cut_off_at_the_end_is_no_reason),
        cmocka_unit_test(every_charset_becomes_utf8),
        cmocka_unit_test(bytes_that_are_no_character_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
