/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/window.h"

#include "support/check.h"

static void what_happened_counts_for_sixty_spans(void **state) {
    (void)state;
    struct vrx_window window = {0};
    vrx_window_move(&window, 1000);
    vrx_window_add(&window);
    vrx_window_add(&window);
    vrx_window_move(&window, 1060);
    assert_int_equal(window.total, 2);
    vrx_window_add(&window);
    vrx_window_move(&window, 1061);
    assert_int_equal(window.total, 1);
    vrx_window_move(&window, 1120);
    assert_int_equal(window.total, 1);
    vrx_window_move(&window, 1121);
    assert_int_equal(window.total, 0);
}

static void a_long_pause_empties_it(void **state) {
    (void)state;
    struct vrx_window window = {0};
    for (int64_t span = 0; span < 200; span++) {
        vrx_window_move(&window, span);
        vrx_window_add(&window);
    }
    assert_int_equal(window.total, VRX_WINDOW_SPANS);
    vrx_window_move(&window, INT64_MAX / 2);
    assert_int_equal(window.total, 0);
}

static void a_clock_that_goes_back_stands(void **state) {
    (void)state;
    struct vrx_window window = {0};
    vrx_window_move(&window, 500);
    vrx_window_add(&window);
    vrx_window_move(&window, 3);
    vrx_window_add(&window);
    assert_int_equal(window.last, 500);
    assert_int_equal(window.total, 2);
    vrx_window_move(&window, 561);
    assert_int_equal(window.total, 0);
}

static void what_is_taken_back_counts_no_more(void **state) {
    (void)state;
    struct vrx_window window = {0};
    vrx_window_move(&window, 100);
    vrx_window_add(&window);
    vrx_window_move(&window, 160);
    assert_true(vrx_window_holds(&window, 100));
    assert_false(vrx_window_holds(&window, 99));
    assert_false(vrx_window_holds(&window, 161));
    vrx_window_take_back(&window, 99);  /* too old */
    vrx_window_take_back(&window, 161); /* not yet */
    vrx_window_take_back(&window, 130); /* nothing there */
    assert_int_equal(window.total, 1);
    vrx_window_take_back(&window, 100);
    assert_int_equal(window.total, 0);
}

/* After the wait, and not a span before it, there is room. */
static void the_wait_is_true(void **state) {
    (void)state;
    for (uint32_t limit = 1; limit <= 12; limit++) {
        struct vrx_window window = {0};
        for (int64_t span = 10; span < 40; span += 3) {
            vrx_window_move(&window, span);
            vrx_window_add(&window);
        }
        const int64_t wait = vrx_window_wait(&window, limit);
        assert_true((wait == 0) == (window.total < limit));
        if (!wait)
            continue;
        const int64_t last = window.last;
        vrx_window_move(&window, last + wait - 1);
        assert_true(window.total >= limit);
        vrx_window_move(&window, last + wait);
        assert_true(window.total < limit);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happened_counts_for_sixty_spans),
        cmocka_unit_test(a_long_pause_empties_it),
        cmocka_unit_test(a_clock_that_goes_back_stands),
        cmocka_unit_test(what_is_taken_back_counts_no_more),
        cmocka_unit_test(the_wait_is_true),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
