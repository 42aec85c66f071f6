/* SPDX-License-Identifier: Apache-2.0 */
#include "store/office_hours.h"

#include "fixture.h"

#define MINUTE INT64_C(60)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MIDNIGHT (NOW - 9 * HOUR) /* of 2022-01-01 in Japan, a Saturday */

static struct vrx_office_hours workdays(void) {
    return (struct vrx_office_hours){.on = true,
        .days = 31,
        .from = 510,
        .until = 1035,
        .operator_id = vrx_view_text("admin.1"),
        .terminal_id = vrx_view_text("0123456789abcdef")};
}

static void a_new_vault_is_always_open(void **state) {
    struct fixture *fixture = *state;
    struct vrx_office_hours hours;
    assert_ok(vrx_office_hours_get(fixture->tenant, &fixture->arena, &hours));
    assert_false(hours.on);
    assert_false(hours.refuse);
    assert_int_equal(hours.days, 31);
    assert_int_equal(hours.from, 510);
    assert_int_equal(hours.until, 1035);
    assert_int_equal(hours.changed_at, 0);
    assert_int_equal(vrx_office_hours_wait(&hours, MIDNIGHT), 0);
}

static void hours_are_set_and_changed(void **state) {
    struct fixture *fixture = *state;
    struct vrx_office_hours hours = workdays();
    assert_ok(vrx_office_hours_set(fixture->tenant, &hours, NOW));
    hours.refuse = true;
    hours.days = 64;
    assert_ok(vrx_office_hours_set(fixture->tenant, &hours, NOW + 1));
    assert_ok(vrx_office_hours_get(fixture->tenant, &fixture->arena, &hours));
    assert_true(hours.on);
    assert_true(hours.refuse);
    assert_int_equal(hours.days, 64);
    assert_int_equal(hours.changed_at, NOW + 1);
    assert_text(hours.operator_id, "admin.1");
    assert_text(hours.terminal_id, "0123456789abcdef");
    assert_int_equal(rows_in(fixture, "office_hours"), 1);
}

static void hours_that_are_none_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_office_hours wrong[5];
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        wrong[i] = workdays();
    wrong[0].days = 0;
    wrong[1].days = 128;
    wrong[2].from = wrong[2].until;
    wrong[3].until = 1441;
    wrong[4].from = 1440;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_reason(vrx_office_hours_set(fixture->tenant, &wrong[i], NOW), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "office_hours"), 0);
}

/* at: from Saturday's midnight in Japan. */
static void the_wait_is_to_the_next_opening(void **state) {
    (void)state;
    const int64_t monday = 2 * DAY;
    const struct {
        unsigned days;
        int64_t at, wait;
    } rows[] = {
        {31, 0, monday + 510 * MINUTE},
        {31, monday + 510 * MINUTE - 1, 1},
        {31, monday + 510 * MINUTE, 0},
        {31, monday + 1035 * MINUTE - 1, 0},
        {31, monday + 1035 * MINUTE, DAY - 525 * MINUTE},
        {31, monday + 4 * DAY + 1035 * MINUTE, 3 * DAY - 525 * MINUTE}, /* Friday evening */
        {32, 600 * MINUTE, 0},                                          /* Saturdays */
        {32, 1035 * MINUTE, 7 * DAY - 525 * MINUTE},
        {127, 1035 * MINUTE, DAY - 525 * MINUTE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct vrx_office_hours hours = workdays();
        hours.days = rows[i].days;
        assert_int_equal(vrx_office_hours_wait(&hours, MIDNIGHT + rows[i].at), rows[i].wait);
        hours.on = false;
        assert_int_equal(vrx_office_hours_wait(&hours, MIDNIGHT + rows[i].at), 0);
    }
}

static void an_office_may_work_round_the_clock(void **state) {
    (void)state;
    struct vrx_office_hours hours = workdays();
    hours.days = VRX_OFFICE_DAYS_ALL;
    hours.from = 0;
    hours.until = VRX_OFFICE_DAY;
    for (int64_t at = -DAY; at < DAY; at += 61)
        assert_int_equal(vrx_office_hours_wait(&hours, at), 0);
}

#define with_fixture(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_fixture(a_new_vault_is_always_open),
        with_fixture(hours_are_set_and_changed),
        with_fixture(hours_that_are_none_are_refused),
        cmocka_unit_test(the_wait_is_to_the_next_opening),
        cmocka_unit_test(an_office_may_work_round_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
