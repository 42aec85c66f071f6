/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts/field.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct vrx_result field(const char *text, size_t limit, char *out, size_t size) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_view view;
    VRX_TRY(vrx_field_text(&arena, vrx_view_text(text), limit, &view));
    assert_true(view.len < size);
    if (view.len)
        memcpy(out, view.ptr, view.len);
    out[view.len] = '\0';
    return vrx_ok();
}

static void spaces_are_tidied_and_characters_kept(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"", ""}, {"　 ", ""}, {"札幌　花子", "札幌 花子"},
        {"　札幌 　　花子 ", "札幌 花子"}, {"ＪＯＨＮ－１", "ＪＯＨＮ－１"}, {"髙橋", "髙橋"},
        {"é\u00a0", "é\u00a0"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char out[100];
        assert_true(vrx_is_ok(field(pairs[i][0], 90, out, sizeof out)));
        assert_string_equal(out, pairs[i][1]);
    }
}

static void control_characters_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"a\tb", "a\nb", "\x7f", "\x1f", "a\xC2\x85", "a\xC2\x80"};
    char out[100] = "before";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(field(texts[i], 90, out, sizeof out).reason, VRX_INPUT_TEXT);
    assert_string_equal(out, "before");
}

static void what_is_no_utf8_is_refused(void **state) {
    (void)state;
    char out[100];
    assert_int_equal(field("a\x8E\x44", 90, out, sizeof out).reason, VRX_INPUT_TEXT);
}

static void the_limit_is_for_the_result(void **state) {
    (void)state;
    char out[100];
    assert_true(vrx_is_ok(field("  札幌  ", 6, out, sizeof out)));
    assert_int_equal(field("札幌", 5, out, sizeof out).reason, VRX_INPUT_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spaces_are_tidied_and_characters_kept),
        cmocka_unit_test(control_characters_are_refused),
        cmocka_unit_test(what_is_no_utf8_is_refused),
        cmocka_unit_test(the_limit_is_for_the_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
