/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schedule.h"

#include "fixture.h"

#define HOUR INT64_C(3600)
#define DAY (24 * HOUR)
#define MIDNIGHT (NOW - 9 * HOUR) /* of 2022-01-01 in Japan */

static const struct vrx_erasure_caller caller = {
    {(const uint8_t *)"admin.1", 7}, {(const uint8_t *)"0123456789abcdef", 16}};

static void no_order_stands_in_a_new_vault(void **state) {
    struct fixture *fixture = *state;
    struct vrx_schedule schedule;
    int64_t window = 0;
    assert_ok(vrx_schedule_get(fixture->tenant, &fixture->arena, &schedule));
    assert_false(schedule.on);
    assert_int_equal(schedule.from, 120);
    assert_int_equal(schedule.until, 300);
    assert_int_equal(schedule.changed_at, 0);
    assert_false(vrx_schedule_due(&schedule, MIDNIGHT + 3 * HOUR, &window));
    assert_true(window == INT64_MAX);
}

static void an_order_is_given_changed_and_taken_back(void **state) {
    struct fixture *fixture = *state;
    struct vrx_schedule schedule = {.on = true, .from = 60, .until = 90};
    assert_ok(vrx_schedule_set(fixture->tenant, &schedule, &caller, NOW));
    assert_ok(vrx_schedule_serve(fixture->tenant, NOW + 1, NOW + 2));
    schedule.on = false;
    schedule.until = 0;
    assert_ok(vrx_schedule_set(fixture->tenant, &schedule, &caller, NOW + 5));
    assert_ok(vrx_schedule_get(fixture->tenant, &fixture->arena, &schedule));
    assert_false(schedule.on);
    assert_int_equal(schedule.from, 60);
    assert_int_equal(schedule.until, 0);
    assert_int_equal(schedule.changed_at, NOW + 5);
    assert_int_equal(schedule.served, NOW + 1);
    assert_int_equal(schedule.ended_at, NOW + 2);
    assert_text(schedule.operator_id, "admin.1");
    assert_text(schedule.terminal_id, "0123456789abcdef");
}

static void a_window_that_is_none_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const struct vrx_schedule wrong[] = {{.on = true, .from = 1440, .until = 5},
        {.on = true, .from = 5, .until = 1440}, {.on = true}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_reason(vrx_schedule_set(fixture->tenant, &wrong[i], &caller, NOW), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "schedule"), 0);
}

/* at: from Japan's midnight; window: the same, expected. */
static void each_window_is_due_once(void **state) {
    (void)state;
    static const struct {
        unsigned from, until;
        int64_t at, served;
        bool due;
        int64_t window;
    } cases[] = {
        {120, 300, 2 * HOUR - 1, -DAY, false, 2 * HOUR},
        {120, 300, 2 * HOUR, -DAY, true, 2 * HOUR},
        {120, 300, 5 * HOUR - 1, -DAY, true, 2 * HOUR},
        {120, 300, 5 * HOUR, -DAY, false, DAY + 2 * HOUR},
        {120, 300, 3 * HOUR, 2 * HOUR, false, DAY + 2 * HOUR},
        {120, 300, DAY + 3 * HOUR, 2 * HOUR, true, DAY + 2 * HOUR},
        {1380, 60, 23 * HOUR + 1, -DAY, true, 23 * HOUR},
        {1380, 60, DAY + HOUR - 1, -DAY, true, 23 * HOUR}, /* over midnight */
        {1380, 60, DAY + HOUR, -DAY, false, DAY + 23 * HOUR},
        {1380, 60, DAY, 23 * HOUR, false, DAY + 23 * HOUR},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct vrx_schedule schedule = {.on = true,
            .from = cases[i].from,
            .until = cases[i].until,
            .served = MIDNIGHT + cases[i].served};
        int64_t window = 0;
        assert_int_equal(
            vrx_schedule_due(&schedule, MIDNIGHT + cases[i].at, &window), cases[i].due);
        assert_int_equal(window, MIDNIGHT + cases[i].window);
    }
}

static void an_erasure_is_found_by_its_state(void **state) {
    struct fixture *fixture = *state;
    uint8_t begun[VRX_ID];
    uint8_t found_id[VRX_ID];
    bool found = true;
    assert_ok(vrx_erasure_in_state(fixture->tenant, VRX_ERASURE_RUNNING, found_id, &found));
    assert_false(found);
    assert_ok(vrx_erasure_of_class(fixture->tenant, VRX_RETENTION_CONSENT, &caller, NOW, begun));
    assert_ok(vrx_erasure_in_state(fixture->tenant, VRX_ERASURE_RUNNING, found_id, &found));
    assert_true(found);
    assert_memory_equal(found_id, begun, VRX_ID);
    assert_ok(vrx_erasure_in_state(fixture->tenant, VRX_ERASURE_CLEAN, found_id, &found));
    assert_false(found);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(no_order_stands_in_a_new_vault),
        STORE_TEST(an_order_is_given_changed_and_taken_back),
        STORE_TEST(a_window_that_is_none_is_refused),
        cmocka_unit_test(each_window_is_due_once),
        STORE_TEST(an_erasure_is_found_by_its_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
