/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/persons.h"

#include "base/bytes.h"

#include "support/check.h"

#define START 100000 /* second; in its minute 40 have passed */

static const struct vrx_person_limits three_and_five = {3, 5};

static struct vrx_result see(struct vrx_persons *persons, const struct vrx_person_limits *limits,
    int64_t resident, int64_t second) {
    VRX_TRY(vrx_persons_check(persons, limits, resident, second));
    return vrx_persons_add(persons, limits, resident, second);
}

static void the_same_person_again_is_nobody_more(void **state) {
    (void)state;
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    for (int64_t i = 0; i < 300; i++)
        assert_ok(see(&persons, &three_and_five, 1 + i % 3, START + i));
    assert_reason(see(&persons, &three_and_five, 4, START + 299), VRX_RATE_EXCEEDED);
    assert_ok(see(&persons, &three_and_five, 2, START + 299));
}

static void a_minute_passes_for_each_person(void **state) {
    (void)state;
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    for (int64_t i = 0; i < 3; i++)
        assert_ok(see(&persons, &three_and_five, 1 + i, START + 10 * i));
    struct vrx_result refused = see(&persons, &three_and_five, 4, START + 21);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: persons a minute");
    assert_int_equal(refused.retry_ms, 40000); /* the first was seen 21 s ago */
    assert_reason(see(&persons, &three_and_five, 4, START + 60), VRX_RATE_EXCEEDED);
    assert_ok(see(&persons, &three_and_five, 4, START + 61));
    assert_reason(see(&persons, &three_and_five, 5, START + 70), VRX_RATE_EXCEEDED);
    assert_ok(see(&persons, &three_and_five, 5, START + 71));
}

static void an_hour_passes_for_each_person(void **state) {
    (void)state;
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    for (int64_t i = 0; i < 5; i++)
        assert_ok(see(&persons, &three_and_five, 1 + i, START + 100 * i));
    const int64_t then = START + 500;
    struct vrx_result refused = see(&persons, &three_and_five, 6, then);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: persons an hour");
    const int64_t wait = refused.retry_ms / 1000;
    assert_true(wait <= 3600 - 500 + 60);
    assert_true(wait >= 3600 - 500);
    assert_reason(see(&persons, &three_and_five, 6, then + wait - 1), VRX_RATE_EXCEEDED);
    assert_ok(see(&persons, &three_and_five, 6, then + wait));
}

/* Whoever is seen again counts from then on. */
static void a_persons_time_begins_anew(void **state) {
    (void)state;
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    for (int64_t i = 1; i <= 3; i++)
        assert_ok(see(&persons, &three_and_five, i, START));
    assert_ok(see(&persons, &three_and_five, 1, START + 50));
    assert_ok(see(&persons, &three_and_five, 4, START + 61));
    assert_ok(see(&persons, &three_and_five, 5, START + 61));
    assert_reason(see(&persons, &three_and_five, 2, START + 61), VRX_RATE_EXCEEDED);
    assert_int_equal(persons.minute.total, 3);
    assert_int_equal(persons.hour.total, 5);
}

static void no_limit_is_none(void **state) {
    (void)state;
    const struct vrx_person_limits none = {0, 0};
    const struct vrx_person_limits minute = {2, 0};
    const struct vrx_person_limits hour = {0, 2};
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    for (int64_t i = 0; i < 1000; i++)
        assert_ok(see(&persons, &none, i, START));
    assert_int_equal(vrx_persons_places(&persons), 0);
    for (int64_t i = 0; i < 1000; i++) /* two in each minute, for a day */
        assert_ok(see(&persons, &minute, i, START + 61 * (i / 2)));
    assert_true(vrx_persons_places(&persons) <= 64);
    vrx_persons_done(&persons);
    assert_ok(see(&persons, &hour, 1, START));
    assert_ok(see(&persons, &hour, 2, START));
    assert_reason(see(&persons, &hour, 3, START), VRX_RATE_EXCEEDED);
}

/* A day at the limit takes no more than the limit's table, and forgets nobody in it. */
static void memory_is_bounded_by_the_limit(void **state) {
    (void)state;
    const struct vrx_person_limits limits = {100, 1000};
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    unsigned passed = 0;
    for (int64_t i = 0; i < 20000; i++) {
        const int64_t second = START + i * 4;
        struct vrx_result result = see(&persons, &limits, i, second);
        if (vrx_is_ok(result))
            passed++;
        else
            assert_reason(result, VRX_RATE_EXCEEDED);
        assert_true(persons.hour.total <= limits.hour);
        assert_true(vrx_persons_places(&persons) <= 4096);
    }
    assert_true(passed > 19000); /* 900 an hour were asked for */
    assert_false(vrx_persons_idle(&persons, START + 80000));
    assert_true(vrx_persons_idle(&persons, START + 80000 + 3700));
}

static void ids_that_collide_are_told_apart(void **state) {
    (void)state;
    const struct vrx_person_limits limits = {0, 5000};
    struct vrx_persons persons VRX_CLEANUP(vrx_persons_done) = {0};
    for (int64_t i = 0; i < 4000; i++)
        assert_ok(see(&persons, &limits, i << 32, START));
    for (int64_t i = 0; i < 4000; i++)
        assert_ok(see(&persons, &limits, i << 32, START + 1));
    assert_int_equal(persons.hour.total, 4000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_person_again_is_nobody_more),
        cmocka_unit_test(a_minute_passes_for_each_person),
        cmocka_unit_test(an_hour_passes_for_each_person),
        cmocka_unit_test(a_persons_time_begins_anew),
        cmocka_unit_test(no_limit_is_none),
        cmocka_unit_test(memory_is_bounded_by_the_limit),
        cmocka_unit_test(ids_that_collide_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
