/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/slow_down.h"

#include "support/check.h"

#define NOW ((int64_t)1640995200)
#define DAY ((int64_t)86400)

static const struct vrx_slow_down_rule pair = {5, 30, DAY, DAY};
static const struct vrx_slow_down_rule terminal = {20, 30, 600, 3600};

/* Each as soon as it is let; the last one's wait. */
static int64_t fail_often(
    const struct vrx_slow_down_rule *rule, struct vrx_attempts *attempts, int64_t *now, int count) {
    for (int i = 0; i < count; i++) {
        *now += vrx_slow_down_wait(rule, attempts, *now);
        assert_int_equal(vrx_slow_down_wait(rule, attempts, *now), 0);
        (void)vrx_slow_down_begin(rule, attempts, *now);
    }
    return vrx_slow_down_wait(rule, attempts, *now);
}

static void waits_double_up_to_a_quarter_of_an_hour(void **state) {
    static const int64_t waits[] = {0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900};
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
        assert_int_equal(fail_often(&pair, &attempts, &now, 1), waits[i]);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(fail_often(&pair, &attempts, &now, 1), 900);
}

static void it_says_when_a_wait_begins(void **state) {
    struct vrx_attempts attempts = {0};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_false(vrx_slow_down_begin(&pair, &attempts, NOW));
    assert_true(vrx_slow_down_begin(&pair, &attempts, NOW));
}

static void a_wait_ends_with_its_last_second(void **state) {
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    assert_int_equal(fail_often(&pair, &attempts, &now, 5), 30);
    assert_int_equal(vrx_slow_down_wait(&pair, &attempts, NOW + 29), 1);
    assert_int_equal(vrx_slow_down_wait(&pair, &attempts, NOW + 30), 0);
}

static void few_failures_are_forgotten_with_their_window(void **state) {
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    (void)fail_often(&terminal, &attempts, &now, 19);
    now = NOW + 599;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 1), 30);
    attempts = (struct vrx_attempts){0};
    now = NOW;
    (void)fail_often(&terminal, &attempts, &now, 19);
    now = NOW + 600;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 1), 0);
    assert_int_equal(attempts.failures, 1);
}

static void many_failures_are_forgotten_after_their_rest_only(void **state) {
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 21), 60);
    now += 60 + 3599;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 1), 120);
    now += 120 + 3600;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 1), 0);
}

static void a_clock_that_is_set_back_makes_nobody_wait_longer(void **state) {
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    assert_int_equal(fail_often(&pair, &attempts, &now, 6), 60);
    assert_int_equal(vrx_slow_down_wait(&pair, &attempts, NOW - 365 * DAY), 60);
}

static void what_went_well_is_taken_back(void **state) {
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 20), 30);
    vrx_slow_down_take_back(&terminal, &attempts, attempts.wait_until, now);
    assert_int_equal(attempts.failures, 19);
    assert_int_equal(vrx_slow_down_wait(&terminal, &attempts, now), 0);
}

/* Who may log in here must not free whoever guesses here of what they have earned. */
static void what_went_well_takes_nothing_else_back(void **state) {
    struct vrx_attempts attempts = {0};
    int64_t now = NOW;
    (void)state;
    assert_int_equal(fail_often(&terminal, &attempts, &now, 22), 120);
    now += 120;
    (void)vrx_slow_down_begin(&terminal, &attempts, now);
    vrx_slow_down_take_back(&terminal, &attempts, attempts.wait_until, now);
    assert_int_equal(attempts.failures, 22);
    assert_int_equal(vrx_slow_down_wait(&terminal, &attempts, now), 0);
    assert_int_equal(fail_often(&terminal, &attempts, &now, 1), 240);
    /* Another began while this one was tried: its wait stays. */
    now += 240;
    (void)vrx_slow_down_begin(&terminal, &attempts, now);
    const int64_t mine = attempts.wait_until;
    now = mine;
    (void)vrx_slow_down_begin(&terminal, &attempts, now);
    vrx_slow_down_take_back(&terminal, &attempts, mine, now);
    assert_int_equal(vrx_slow_down_wait(&terminal, &attempts, now), 480);
}

static void taking_back_from_nothing_leaves_nothing(void **state) {
    struct vrx_attempts attempts = {0};
    (void)state;
    vrx_slow_down_take_back(&pair, &attempts, 0, NOW);
    assert_int_equal(attempts.failures, 0);
    assert_int_equal(vrx_slow_down_wait(&pair, &attempts, NOW), 0);
}

static void counts_differ_by_terminal_and_id(void **state) {
    const uint8_t here[32] = {1};
    const uint8_t there[32] = {2};
    uint8_t what[5][32];
    (void)state;
    assert_ok(vrx_slow_down_pair(here, vrx_view_text("a"), what[0]));
    assert_ok(vrx_slow_down_pair(here, vrx_view_text("b"), what[1]));
    assert_ok(vrx_slow_down_pair(there, vrx_view_text("a"), what[2]));
    assert_ok(vrx_slow_down_terminal(here, what[3]));
    assert_ok(vrx_slow_down_terminal(there, what[4]));
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(what[i], what[j], 32);
    assert_ok(vrx_slow_down_pair(here, vrx_view_text("a"), what[1]));
    assert_memory_equal(what[0], what[1], 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_a_quarter_of_an_hour),
        cmocka_unit_test(it_says_when_a_wait_begins),
        cmocka_unit_test(a_wait_ends_with_its_last_second),
        cmocka_unit_test(few_failures_are_forgotten_with_their_window),
        cmocka_unit_test(many_failures_are_forgotten_after_their_rest_only),
        cmocka_unit_test(a_clock_that_is_set_back_makes_nobody_wait_longer),
        cmocka_unit_test(what_went_well_is_taken_back),
        cmocka_unit_test(what_went_well_takes_nothing_else_back),
        cmocka_unit_test(taking_back_from_nothing_leaves_nothing),
        cmocka_unit_test(counts_differ_by_terminal_and_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
