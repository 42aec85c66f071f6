/* SPDX-License-Identifier: Apache-2.0 */
#include "store/alert.h"

#include "fixture.h"

static struct vrx_alert_cause cause_of(
    enum vrx_alert_kind kind, const char *terminal, const char *operator_id) {
    return (struct vrx_alert_cause){kind, vrx_view_text(terminal), vrx_view_text(operator_id)};
}

static bool note(struct fixture *fixture, const struct vrx_alert_cause *cause, int64_t now) {
    bool first = false;
    assert_ok(vrx_alert_note(fixture->tenant, cause, 1, now, &first));
    return first;
}

static size_t list(struct fixture *fixture, int64_t after, bool all, struct vrx_alert **ret) {
    size_t count = 0;
    vrx_arena_clear(&fixture->arena);
    assert_ok(vrx_alert_list(fixture->tenant, &fixture->arena, after, all, SIZE_MAX, ret, &count));
    return count;
}

static void a_cause_rings_once_a_window(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause cause = cause_of(VRX_ALERT_PERSONS, "0123456789abcdef", "tanaka");
    struct vrx_alert *alerts = NULL;
    assert_true(note(fixture, &cause, NOW));
    assert_false(note(fixture, &cause, NOW + 1));
    assert_false(note(fixture, &cause, NOW + VRX_ALERT_WINDOW - 1));
    assert_true(note(fixture, &cause, NOW + VRX_ALERT_WINDOW));
    assert_int_equal(list(fixture, 0, false, &alerts), 2);
    assert_int_equal(alerts[0].cause.kind, VRX_ALERT_PERSONS);
    assert_text(alerts[0].cause.terminal_id, "0123456789abcdef");
    assert_text(alerts[0].cause.operator_id, "tanaka");
    assert_int_equal(alerts[0].first_at, NOW);
    assert_int_equal(alerts[0].last_at, NOW + VRX_ALERT_WINDOW - 1);
    assert_int_equal(alerts[0].events, 3);
    assert_int_equal(alerts[1].events, 1);
    assert_true(alerts[1].id > alerts[0].id);
}

static void each_kind_terminal_and_operator_is_a_cause(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause causes[] = {cause_of(VRX_ALERT_RATE, "a", "x"),
        cause_of(VRX_ALERT_PERSONS, "a", "x"), cause_of(VRX_ALERT_RATE, "b", "x"),
        cause_of(VRX_ALERT_RATE, "a", "y"), cause_of(VRX_ALERT_RATE, "a", "")};
    struct vrx_alert *alerts = NULL;
    for (size_t i = 0; i < COUNT_OF(causes); i++)
        assert_true(note(fixture, &causes[i], NOW));
    assert_int_equal(list(fixture, 0, false, &alerts), COUNT_OF(causes));
    assert_int_equal(list(fixture, alerts[1].id, false, &alerts), COUNT_OF(causes) - 2);
}

static void a_clock_that_goes_back_begins_no_new_alert(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause cause = cause_of(VRX_ALERT_RATE, "a", "");
    struct vrx_alert *alerts = NULL;
    assert_true(note(fixture, &cause, NOW));
    assert_false(note(fixture, &cause, NOW - 100000));
    assert_int_equal(list(fixture, 0, false, &alerts), 1);
    assert_int_equal(alerts[0].last_at, NOW);
}

static void the_end_of_a_certificate_rings_until_somebody_hears_it(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause cause = cause_of(VRX_ALERT_TERMINAL_EXPIRES, "a", "");
    struct vrx_alert *alerts = NULL;
    assert_true(note(fixture, &cause, NOW));
    for (int64_t day = 1; day < 30; day++)
        assert_false(note(fixture, &cause, NOW + day * 86400));
    assert_int_equal(list(fixture, 0, false, &alerts), 1);
    assert_int_equal(alerts[0].events, 30);
    assert_ok(vrx_alert_acknowledge(fixture->tenant, alerts[0].id, vrx_view_text("sato"), NOW));
    assert_true(note(fixture, &cause, NOW + 30 * 86400));
}

static void an_acknowledged_alert_is_done_with(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause cause = cause_of(VRX_ALERT_FAILED_LOOKUPS, "a", "tanaka");
    struct vrx_alert *alerts = NULL;
    assert_true(note(fixture, &cause, NOW));
    assert_int_equal(list(fixture, 0, false, &alerts), 1);
    const int64_t id = alerts[0].id;
    assert_ok(vrx_alert_acknowledge(fixture->tenant, id, vrx_view_text("sato"), NOW + 5));
    assert_reason(vrx_alert_acknowledge(fixture->tenant, id, vrx_view_text("sato"), NOW + 6),
        VRX_WRONG_STATE);
    assert_reason(
        vrx_alert_acknowledge(fixture->tenant, id + 1, vrx_view_text("sato"), NOW), VRX_NOT_FOUND);
    assert_int_equal(list(fixture, 0, false, &alerts), 0);
    assert_int_equal(list(fixture, 0, true, &alerts), 1);
    assert_int_equal(alerts[0].acknowledged_at, NOW + 5);
    assert_text(alerts[0].acknowledged_by, "sato");
    assert_true(note(fixture, &cause, NOW + 7)); /* it goes on: a new one */
    assert_int_equal(list(fixture, 0, false, &alerts), 1);
    assert_true(alerts[0].id > id);
}

static void fill(struct fixture *fixture, enum vrx_alert_kind kind) {
    char terminal[17];
    for (unsigned i = 0; i < VRX_LIMIT_ALERTS; i++) {
        snprintf(terminal, sizeof terminal, "%016x", i);
        const struct vrx_alert_cause cause = cause_of(kind, terminal, "");
        assert_true(note(fixture, &cause, NOW));
    }
}

static void the_oldest_acknowledged_one_makes_room(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause cause = cause_of(VRX_ALERT_PERSONS, "new", "");
    struct vrx_alert *alerts = NULL;
    fill(fixture, VRX_ALERT_RATE);
    assert_int_equal(list(fixture, 0, true, &alerts), VRX_LIMIT_ALERTS);
    const int64_t fifth = alerts[5].id;
    const int64_t seventh = alerts[7].id;
    assert_ok(vrx_alert_acknowledge(fixture->tenant, seventh, vrx_view_text("sato"), NOW + 1));
    assert_ok(vrx_alert_acknowledge(fixture->tenant, fifth, vrx_view_text("sato"), NOW + 2));
    assert_true(note(fixture, &cause, NOW));
    assert_int_equal(list(fixture, 0, true, &alerts), VRX_LIMIT_ALERTS);
    assert_int_not_equal(alerts[5].id, fifth);
    assert_int_equal(alerts[6].id, seventh);
}

/* Nobody can flood away what was there: the flood is a number. */
static void what_finds_no_place_is_counted(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_alert_cause first = cause_of(VRX_ALERT_PERSONS, "new", "");
    const struct vrx_alert_cause second = cause_of(VRX_ALERT_RATE, "newer", "");
    struct vrx_alert *alerts = NULL;
    fill(fixture, VRX_ALERT_RATE);
    assert_true(note(fixture, &first, NOW + 9));
    assert_false(note(fixture, &second, NOW + 10 + VRX_ALERT_WINDOW));
    assert_int_equal(list(fixture, 0, false, &alerts), VRX_LIMIT_ALERTS + 1);
    const struct vrx_alert lost = alerts[VRX_LIMIT_ALERTS];
    assert_int_equal(lost.cause.kind, VRX_ALERT_LOST);
    assert_int_equal(lost.events, 2);
    assert_int_equal(lost.first_at, NOW + 9);
    assert_ok(vrx_alert_acknowledge(fixture->tenant, lost.id, vrx_view_text("sato"), NOW));
    assert_true(note(fixture, &first, NOW + 20000)); /* still no place: rings again */
    assert_int_equal(list(fixture, 0, true, &alerts), VRX_LIMIT_ALERTS + 1);
    assert_true(alerts[VRX_LIMIT_ALERTS].id > lost.id);
    assert_int_equal(alerts[VRX_LIMIT_ALERTS].events, 1);
}

static void what_is_no_cause_is_refused(void **state) {
    struct fixture *fixture = *state;
    static char name[VRX_LIMIT_OPERATOR + 2];
    memset(name, 'a', sizeof name - 1);
    const struct vrx_alert_cause wrong[] = {cause_of((enum vrx_alert_kind)0, "a", ""),
        cause_of(VRX_ALERT_LOST, "a", ""),
        cause_of((enum vrx_alert_kind)(VRX_ALERT_KINDS + 1), "a", "")};
    const struct vrx_alert_cause good = cause_of(VRX_ALERT_RATE, "a", "");
    const struct vrx_alert_cause long_ones[] = {
        cause_of(VRX_ALERT_RATE, name, ""), cause_of(VRX_ALERT_RATE, "a", name)};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_reason(vrx_alert_note(fixture->tenant, &wrong[i], 1, NOW, NULL), VRX_INPUT_RANGE);
    for (size_t i = 0; i < COUNT_OF(long_ones); i++)
        assert_reason(
            vrx_alert_note(fixture->tenant, &long_ones[i], 1, NOW, NULL), VRX_INPUT_TOO_LARGE);
    assert_reason(vrx_alert_note(fixture->tenant, &good, 0, NOW, NULL), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "alert"), 0);
}

static void the_list_ends_at_its_limit(void **state) {
    struct fixture *fixture = *state;
    struct vrx_alert *alerts = NULL;
    size_t count = 0;
    for (unsigned kind = VRX_ALERT_RATE; kind < VRX_ALERT_LOST; kind++) {
        const struct vrx_alert_cause cause = cause_of((enum vrx_alert_kind)kind, "a", "");
        assert_true(note(fixture, &cause, NOW));
        assert_int_not_equal(vrx_alert_kind_name(cause.kind)[0], '\0');
    }
    assert_ok(vrx_alert_list(fixture->tenant, &fixture->arena, 0, false, 2, &alerts, &count));
    assert_int_equal(count, 2);
    assert_string_equal(vrx_alert_kind_name((enum vrx_alert_kind)0), "");
    assert_string_equal(vrx_alert_kind_name((enum vrx_alert_kind)(VRX_ALERT_KINDS + 1)), "");
}

#define with_fixture(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_fixture(a_cause_rings_once_a_window),
        with_fixture(each_kind_terminal_and_operator_is_a_cause),
        with_fixture(a_clock_that_goes_back_begins_no_new_alert),
        with_fixture(the_end_of_a_certificate_rings_until_somebody_hears_it),
        with_fixture(an_acknowledged_alert_is_done_with),
        with_fixture(the_oldest_acknowledged_one_makes_room),
        with_fixture(what_finds_no_place_is_counted),
        with_fixture(what_is_no_cause_is_refused),
        with_fixture(the_list_ends_at_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
