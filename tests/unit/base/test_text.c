/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void utf8_of_every_length(void **state) {
    (void)state;
    struct vrx_view text = vrx_view_text("aé札\U0001F489");
    assert_true(vrx_utf8_valid(text));
    assert_int_equal(vrx_utf8_length(text), 4);
    assert_true(vrx_utf8_valid(vrx_view_text("")));
    assert_true(vrx_utf8_valid(vrx_view_of("\0", 1)));
    assert_true(
        vrx_utf8_valid(vrx_view_text("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
                                     "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")));
}

static void rfc_3629_4_what_is_no_utf8(void **state) {
    (void)state;
    static const char *const texts[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf", /* overlong */
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf", /* surrogates */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe", /* too high */
        "\xc2",
        "\xe6\x9c",
        "\xf0\x9f\x92",
        "\xc2\x20",
        "\xe6\x9c\x41",
        "\xe6\x41\x80", /* broken off */
        "\xf0\x9f\x92\x41",
        "\xc2\xc2\x80",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(vrx_utf8_valid(vrx_view_text(texts[i])));
}

static void folded(const char *text, const char *expected) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_view out;
    assert_true(vrx_is_ok(vrx_text_fold(&arena, vrx_view_text(text), &out)));
    if (!vrx_view_equal(out, vrx_view_text(expected)))
        fail_msg("%s gives %.*s", text, (int)out.len, (const char *)out.ptr);
}

static void widths_and_spaces_are_folded(void **state) {
    (void)state;
    folded("", "");
    folded("EW4811", "EW4811");
    folded("０１２３４５６７８９", "0123456789");
    folded("ＡＺａｚ", "AZaz");
    folded("１２－３４", "12-34");
    folded("１２−３４‐５—６―７", "12-34-5-6-7");
    folded("\u3000 札幌\u3000\u3000 花子 \t", "札幌 花子");
    folded("\u00a0a\r\nb", "a b");
    folded("   \u3000", "");
}

/* A long vowel mark is a letter, and so is every kana and kanji. */
static void names_keep_their_characters(void **state) {
    (void)state;
    folded("ファイザー", "ファイザー");
    folded("ﾌｧｲｻﾞｰ", "ﾌｧｲｻﾞｰ");
    folded("武田／モデルナ", "武田／モデルナ");
    folded("髙橋 \U00020B9F", "髙橋 \U00020B9F");
    folded("！［～", "！［～");
}

static void rfc_3629_invalid_text_is_refused(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_view out = vrx_view_text("before");
    assert_int_equal(
        vrx_text_fold(&arena, vrx_view_text("a\x82\xa0"), &out).reason, VRX_INPUT_TEXT);
    assert_int_equal(
        vrx_text_fold(&arena, vrx_view_text("a\xe3\x80"), &out).reason, VRX_INPUT_TEXT);
    assert_true(vrx_view_equal(out, vrx_view_text("before")));
}

static void an_exhausted_arena_is_out_of_memory(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 16);
    struct vrx_view out = vrx_view_text("before");
    assert_int_equal(
        vrx_text_fold(&arena, vrx_view_text("seventeen letters"), &out).reason, VRX_OUT_OF_MEMORY);
    assert_true(vrx_view_equal(out, vrx_view_text("before")));
}

static void digits_and_nothing_else(void **state) {
    (void)state;
    assert_true(vrx_text_is_digits(vrx_view_text("0123456789"), 1, 10));
    assert_true(vrx_text_is_digits(vrx_view_text(""), 0, 3));
    assert_false(vrx_text_is_digits(vrx_view_text(""), 1, 3));
    assert_false(vrx_text_is_digits(vrx_view_text("1234"), 1, 3));
    assert_false(vrx_text_is_digits(vrx_view_text("12/"), 1, 3));
    assert_false(vrx_text_is_digits(vrx_view_text("1:2"), 1, 3));
    assert_false(vrx_text_is_digits(vrx_view_text("１"), 1, 3));
}

static void names_are_the_same_without_their_spaces(void **state) {
    (void)state;
    struct vrx_view name = vrx_view_text("札幌 花子");
    assert_true(vrx_text_same_name(name, vrx_view_text("札幌\u3000花子")));
    assert_true(vrx_text_same_name(name, vrx_view_text(" 札幌花子 ")));
    assert_false(vrx_text_same_name(name, vrx_view_text("札幌 花")));
    assert_false(vrx_text_same_name(vrx_view_text("札幌 花"), name));
    assert_false(vrx_text_same_name(name, vrx_view_text("札幌 華子")));
    assert_true(vrx_text_same_name(vrx_view_text(" "), vrx_view_text("")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_of_every_length),
        cmocka_unit_test(rfc_3629_4_what_is_no_utf8),
        cmocka_unit_test(widths_and_spaces_are_folded),
        cmocka_unit_test(names_keep_their_characters),
        cmocka_unit_test(rfc_3629_invalid_text_is_refused),
        cmocka_unit_test(an_exhausted_arena_is_out_of_memory),
        cmocka_unit_test(digits_and_nothing_else),
        cmocka_unit_test(names_are_the_same_without_their_spaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
