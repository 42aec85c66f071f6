/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/limits.h"

#include <pthread.h>
#include <stdio.h>

#include "support/check.h"

#define START 1000000 /* ms */
#define PATH "/vrx.v1.Test/Echo"

static struct vrx_limit_settings settings;
static struct vrx_limits *limits;

static void set(enum vrx_limit which, uint32_t value) {
    atomic_store(&settings.value[which], value);
}

/* No limit but those that a test sets. */
static int setup(void **state) {
    (void)state;
    for (size_t i = 0; i < VRX_LIMITS; i++)
        settings.value[i] = 0;
    assert_ok(vrx_limits_new(&settings, true, &limits));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_limits_free(&limits);
    return 0;
}

static struct vrx_limit_caller caller_at(
    enum vrx_limited what, const char *name, const char *person) {
    return (struct vrx_limit_caller){what, vrx_view_text(name), vrx_view_text(person)};
}

static struct vrx_result call(const struct vrx_limit_caller *caller, int64_t now) {
    struct vrx_limit_tell tell = {0};
    return vrx_limits_call(limits, caller, PATH, now, &tell);
}

static unsigned calls_that_pass(
    const struct vrx_limit_caller *caller, unsigned tried, int64_t now) {
    unsigned passed = 0;
    for (unsigned i = 0; i < tried; i++)
        passed += vrx_is_ok(call(caller, now));
    return passed;
}

static void a_burst_of_two_seconds_then_the_rate(void **state) {
    (void)state;
    const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, "a", "");
    set(VRX_LIMIT_SEAT_CALLS, 10);
    assert_int_equal(calls_that_pass(&seat, 50, START), 20);
    struct vrx_result refused = call(&seat, START);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: calls a second at one terminal");
    assert_int_equal(refused.retry_ms, 100);
    assert_reason(call(&seat, START + 99), VRX_RATE_EXCEEDED);
    assert_ok(call(&seat, START + 100));
    assert_reason(call(&seat, START + 100), VRX_RATE_EXCEEDED);
    assert_int_equal(calls_that_pass(&seat, 50, START + 1100), 10);
    assert_int_equal(calls_that_pass(&seat, 50, START + 100000), 20);
}

static void the_advice_is_true_at_every_rate(void **state) {
    (void)state;
    static const uint32_t rates[] = {1, 3, 7, 50, 999, 1000, 100000, 1000000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        const int64_t now = START + (int64_t)i * 10000;
        char name[8];
        snprintf(name, sizeof name, "%zu", i);
        const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, name, "");
        set(VRX_LIMIT_SEAT_CALLS, rates[i]);
        const unsigned burst = calls_that_pass(&seat, 5000, now);
        assert_int_equal(burst, rates[i] < 1024 ? 2 * rates[i] : VRX_LIMIT_BURST);
        struct vrx_result refused = call(&seat, now);
        assert_reason(refused, VRX_RATE_EXCEEDED);
        assert_true(refused.retry_ms > 0);
        assert_reason(call(&seat, now + refused.retry_ms - 1), VRX_RATE_EXCEEDED);
        assert_ok(call(&seat, now + refused.retry_ms));
    }
}

static void a_clock_that_goes_back_gives_nothing(void **state) {
    (void)state;
    const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, "a", "");
    set(VRX_LIMIT_SEAT_CALLS, 1);
    assert_int_equal(calls_that_pass(&seat, 9, START), 2);
    assert_int_equal(calls_that_pass(&seat, 9, START - 100000), 0);
    assert_int_equal(calls_that_pass(&seat, 9, START + 999), 0);
    assert_int_equal(calls_that_pass(&seat, 9, START + 1000), 1);
}

static void each_caller_has_a_bucket_of_its_own(void **state) {
    (void)state;
    const struct vrx_limit_caller seats[] = {caller_at(VRX_LIMITED_SEAT, "a", ""),
        caller_at(VRX_LIMITED_SEAT, "b", ""), caller_at(VRX_LIMITED_SYSTEM, "a", ""),
        caller_at(VRX_LIMITED_ADDRESS, "a", "")};
    set(VRX_LIMIT_SEAT_CALLS, 1);
    set(VRX_LIMIT_SYSTEM_CALLS, 2);
    set(VRX_LIMIT_ADDRESS_CALLS, 3);
    assert_int_equal(calls_that_pass(&seats[0], 9, START), 2);
    assert_int_equal(calls_that_pass(&seats[1], 9, START), 2);
    assert_int_equal(calls_that_pass(&seats[2], 9, START), 4);
    assert_int_equal(calls_that_pass(&seats[3], 9, START), 6);
}

static void an_operator_is_one_at_all_terminals(void **state) {
    (void)state;
    const struct vrx_limit_caller here = caller_at(VRX_LIMITED_SEAT, "a", "tanaka");
    const struct vrx_limit_caller there = caller_at(VRX_LIMITED_SEAT, "b", "tanaka");
    const struct vrx_limit_caller other = caller_at(VRX_LIMITED_SEAT, "a", "sato");
    set(VRX_LIMIT_SEAT_CALLS, 100);
    set(VRX_LIMIT_PERSON_CALLS, 1);
    assert_ok(call(&here, START));
    assert_ok(call(&there, START));
    struct vrx_result refused = call(&here, START);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: calls a second of one operator");
    assert_int_equal(calls_that_pass(&other, 9, START), 2);
}

/* One flood, or many, of terminals that take all that the municipality has: a terminal that makes
 * few calls goes on as before. */
static void a_municipality_over_its_limit_serves_who_does_little(void **state) {
    (void)state;
    const struct vrx_limit_caller quiet = caller_at(VRX_LIMITED_SEAT, "quiet", "");
    char name[8];
    set(VRX_LIMIT_MUNICIPALITY_CALLS, 100);
    for (unsigned second = 0; second < 10; second++) {
        const int64_t now = START + second * 1000;
        unsigned passed = 0;
        for (unsigned i = 0; i < 10; i++) {
            snprintf(name, sizeof name, "%u", i);
            const struct vrx_limit_caller loud = caller_at(VRX_LIMITED_SYSTEM, name, "");
            passed += calls_that_pass(&loud, 1000, now);
        }
        assert_true(passed <= 10 * 2 * VRX_LIMIT_RESERVE + 200);
        for (unsigned i = 0; i < VRX_LIMIT_RESERVE; i++)
            assert_ok(call(&quiet, now));
    }
    struct vrx_result refused = vrx_ok();
    for (unsigned i = 0; i < 100 && vrx_is_ok(refused); i++)
        refused = call(&quiet, START + 9000);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: calls a second of one municipality");
    assert_ok(call(&quiet, START + 9000 + refused.retry_ms));
}

static void one_refusal_a_second_is_told_with_the_number_of_the_others(void **state) {
    (void)state;
    const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, "a", "tanaka");
    struct vrx_limit_tell tell = {0};
    struct vrx_limit_untold untold;
    set(VRX_LIMIT_SEAT_CALLS, 1);
    assert_int_equal(calls_that_pass(&seat, 2, START), 2);
    assert_reason(vrx_limits_call(limits, &seat, PATH, START, &tell), VRX_RATE_EXCEEDED);
    assert_true(tell.record);
    assert_int_equal(tell.since, 0);
    for (unsigned i = 0; i < 7; i++) {
        assert_reason(vrx_limits_call(limits, &seat, PATH, START + i, &tell), VRX_RATE_EXCEEDED);
        assert_false(tell.record);
    }
    assert_false(vrx_limits_untold(limits, START + 999, &untold));
    assert_int_equal(calls_that_pass(&seat, 1, START + 1000), 1);
    assert_reason(vrx_limits_call(limits, &seat, PATH, START + 1000, &tell), VRX_RATE_EXCEEDED);
    assert_true(tell.record);
    assert_int_equal(tell.since, 7);
    for (unsigned i = 0; i < 3; i++)
        assert_reason(call(&seat, START + 1001), VRX_RATE_EXCEEDED);
    /* The flood ends. */
    assert_true(vrx_limits_untold(limits, START + 2000, &untold));
    assert_int_equal(untold.count, 3);
    assert_int_equal(untold.name_len, 1);
    assert_string_equal(untold.person, "tanaka");
    assert_string_equal(untold.path, PATH);
    assert_false(vrx_limits_untold(limits, START + 3000, &untold));
}

static void a_limit_that_changes_counts_at_once(void **state) {
    (void)state;
    const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, "a", "");
    assert_int_equal(calls_that_pass(&seat, 100000, START), 100000);
    set(VRX_LIMIT_SEAT_CALLS, 5);
    assert_int_equal(calls_that_pass(&seat, 100, START), 10);
    set(VRX_LIMIT_SEAT_CALLS, 0);
    assert_int_equal(calls_that_pass(&seat, 100, START), 100);
}

/* ---- persons and look-ups ---- */

static void a_person_counts_at_the_terminal_and_of_the_operator(void **state) {
    (void)state;
    const struct vrx_limit_caller tanaka = caller_at(VRX_LIMITED_SEAT, "a", "tanaka");
    const struct vrx_limit_caller sato = caller_at(VRX_LIMITED_SEAT, "a", "sato");
    const struct vrx_limit_caller elsewhere = caller_at(VRX_LIMITED_SEAT, "b", "sato");
    set(VRX_LIMIT_SEAT_PERSONS_MINUTE, 5);
    set(VRX_LIMIT_PERSON_PERSONS_MINUTE, 3);
    for (int64_t i = 0; i < 3; i++)
        assert_ok(vrx_limits_person(limits, &tanaka, i, START));
    for (int64_t i = 3; i < 9;
         i++) /* refused as the operator: nothing of the terminal's is taken */
        assert_reason(vrx_limits_person(limits, &tanaka, i, START), VRX_RATE_EXCEEDED);
    assert_ok(vrx_limits_person(limits, &sato, 3, START));
    assert_ok(vrx_limits_person(limits, &sato, 4, START));
    assert_reason(vrx_limits_person(limits, &sato, 5, START), VRX_RATE_EXCEEDED);
    assert_ok(vrx_limits_person(limits, &elsewhere, 5, START));
    assert_reason(vrx_limits_person(limits, &elsewhere, 6, START), VRX_RATE_EXCEEDED);
}

static void look_ups_that_find_nobody_run_out(void **state) {
    (void)state;
    const struct vrx_limit_caller here = caller_at(VRX_LIMITED_SEAT, "a", "");
    const struct vrx_limit_caller there = caller_at(VRX_LIMITED_SEAT, "b", "");
    set(VRX_LIMIT_SEAT_FAILED_MINUTE, 3);
    set(VRX_LIMIT_SEAT_FAILED_HOUR, 4);
    for (int64_t i = 0; i < 3; i++) {
        assert_ok(vrx_limits_look_up(limits, &here, START + 5000 * i));
        vrx_limits_failed(limits, &here, START + 5000 * i);
    }
    struct vrx_result refused = vrx_limits_look_up(limits, &here, START + 10001);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: look-ups a minute that find nobody");
    const int64_t then = START + 10001 + refused.retry_ms;
    assert_reason(vrx_limits_look_up(limits, &here, then - 1), VRX_RATE_EXCEEDED);
    assert_ok(vrx_limits_look_up(limits, &here, then));
    vrx_limits_failed(limits, &here, then);
    refused = vrx_limits_look_up(limits, &here, then);
    assert_string_equal(refused.clause, "limit: look-ups an hour that find nobody");
    assert_reason(
        vrx_limits_look_up(limits, &here, then + refused.retry_ms - 1), VRX_RATE_EXCEEDED);
    assert_ok(vrx_limits_look_up(limits, &here, then + refused.retry_ms));
    assert_ok(vrx_limits_look_up(limits, &there, then));
}

/* ---- bounds ---- */

static unsigned new_callers(
    enum vrx_limited what, const char *prefix, unsigned tried, int64_t now) {
    char name[24];
    unsigned passed = 0;
    for (unsigned i = 0; i < tried; i++) {
        snprintf(name, sizeof name, "%s%u", prefix, i);
        const struct vrx_limit_caller caller = caller_at(what, name, "");
        passed += vrx_is_ok(call(&caller, now));
    }
    return passed;
}

static void callers_are_bounded_and_forgotten_when_idle(void **state) {
    (void)state;
    const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, "one more", "");
    set(VRX_LIMIT_SEAT_CALLS, 10);
    assert_int_equal(
        new_callers(VRX_LIMITED_SEAT, "a", VRX_LIMIT_CALLERS + 9, START), VRX_LIMIT_CALLERS);
    assert_reason(call(&seat, START), VRX_CAP_REACHED);
    assert_ok(call(&seat, START + 100)); /* all are idle by then */
}

static void operators_without_a_place_count_as_their_terminal(void **state) {
    (void)state;
    char name[24];
    set(VRX_LIMIT_PERSON_CALLS, 1);
    for (unsigned i = 0; i < VRX_LIMIT_CALLERS; i++) {
        snprintf(name, sizeof name, "%u", i);
        const struct vrx_limit_caller caller = caller_at(VRX_LIMITED_SEAT, "a", name);
        assert_ok(call(&caller, START));
    }
    const struct vrx_limit_caller further = caller_at(VRX_LIMITED_SEAT, "b", "further");
    assert_int_equal(calls_that_pass(&further, 9, START), 9);
    set(VRX_LIMIT_SEAT_CALLS, 1);
    assert_int_equal(calls_that_pass(&further, 9, START + 1), 2);
}

static void strangers_push_strangers_out_and_nobody_else(void **state) {
    (void)state;
    const struct vrx_limit_caller seat = caller_at(VRX_LIMITED_SEAT, "a", "");
    set(VRX_LIMIT_SEAT_CALLS, 1);
    set(VRX_LIMIT_ADDRESS_CALLS, 1);
    assert_int_equal(calls_that_pass(&seat, 9, START), 2);
    assert_int_equal(new_callers(VRX_LIMITED_ADDRESS, "x", VRX_LIMIT_CALLERS + 500, START),
        VRX_LIMIT_CALLERS + 500);
    assert_int_equal(calls_that_pass(&seat, 9, START), 0);
}

/* What is counted of persons is bounded for a municipality as a whole. */
static void marks_are_bounded(void **state) {
    (void)state;
    char name[24];
    unsigned refused = 0;
    set(VRX_LIMIT_SYSTEM_PERSONS_HOUR, 200000);
    for (unsigned i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "%u", i);
        const struct vrx_limit_caller caller = caller_at(VRX_LIMITED_SYSTEM, name, "");
        for (int64_t resident = 0; resident < 200000; resident++) {
            struct vrx_result result = vrx_limits_person(limits, &caller, resident, START);
            if (vrx_is_ok(result))
                continue;
            assert_reason(result, VRX_CAP_REACHED);
            refused++;
            break;
        }
    }
    assert_true(refused > 0);
    assert_true(refused < 12);
}

struct thread {
    pthread_t id;
    unsigned passed;
    bool own; /* a terminal of its own */
};

static void *make_calls(void *arg) {
    struct thread *thread = arg;
    char name[24] = "shared";
    if (thread->own)
        snprintf(name, sizeof name, "%p", arg);
    const struct vrx_limit_caller caller = caller_at(VRX_LIMITED_SEAT, name, "tanaka");
    for (int64_t i = 0; i < 20000; i++) {
        thread->passed += vrx_is_ok(call(&caller, START));
        VRX_IGNORE(vrx_limits_person(limits, &caller, i % 500, START));
        vrx_limits_failed(limits, &caller, START);
    }
    return NULL;
}

static void many_threads_take_no_more_than_there_is(void **state) {
    (void)state;
    struct thread threads[8] = {{0}};
    unsigned shared = 0;
    set(VRX_LIMIT_SEAT_CALLS, 300);
    set(VRX_LIMIT_SEAT_PERSONS_HOUR, 400);
    for (size_t i = 0; i < 8; i++) {
        threads[i].own = i >= 4;
        assert_int_equal(pthread_create(&threads[i].id, NULL, make_calls, &threads[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i].id, NULL);
        if (threads[i].own)
            assert_int_equal(threads[i].passed, 600);
        else
            shared += threads[i].passed;
    }
    assert_int_equal(shared, 600);
}

static struct vrx_result query(const char *peer, int64_t now, bool *ret_unanswered) {
    struct vrx_limit_query refusal;
    struct vrx_result result = vrx_limits_query(limits, vrx_view_text(peer), PATH, now, &refusal);
    *ret_unanswered = refusal.unanswered;
    return result;
}

static void a_municipalitys_queries_run_out(void **state) {
    (void)state;
    bool unanswered = true;
    set(VRX_LIMIT_PEER_QUERIES_MINUTE, 3);
    set(VRX_LIMIT_PEER_QUERIES_HOUR, 5);
    for (unsigned i = 0; i < 3; i++)
        assert_ok(query("122173", START, &unanswered));
    struct vrx_result refused = query("122173", START, &unanswered);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_false(unanswered);
    assert_string_equal(refused.clause, "limit: queries a minute of one municipality");
    assert_in_range(refused.retry_ms, 59000, 61000);
    assert_ok(query("192015", START, &unanswered)); /* another one's are another's */
    assert_reason(query("122173", START + refused.retry_ms - 1, &unanswered), VRX_RATE_EXCEEDED);
    assert_ok(query("122173", START + refused.retry_ms, &unanswered));
    assert_ok(query("122173", START + refused.retry_ms, &unanswered));
    refused = query("122173", START + refused.retry_ms, &unanswered);
    assert_string_equal(refused.clause, "limit: queries an hour of one municipality");
    assert_ok(query("122173", START + 62 * 60000, &unanswered));
}

static void queries_that_are_not_answered_run_out_sooner(void **state) {
    (void)state;
    bool unanswered = false;
    set(VRX_LIMIT_PEER_UNANSWERED_MINUTE, 2);
    for (unsigned i = 0; i < 20; i++)
        assert_ok(query("122173", START, &unanswered));
    for (unsigned i = 0; i < 2; i++) {
        assert_ok(query("122173", START, &unanswered));
        vrx_limits_unanswered(limits, vrx_view_text("122173"), START);
    }
    struct vrx_result refused = query("122173", START, &unanswered);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_true(unanswered);
    assert_in_range(refused.retry_ms, 59000, 61000);
    assert_ok(query("192015", START, &unanswered));
    assert_ok(query("122173", START + refused.retry_ms, &unanswered));
    set(VRX_LIMIT_PEER_UNANSWERED_MINUTE, 0);
    set(VRX_LIMIT_PEER_UNANSWERED_HOUR, 2);
    assert_reason(query("122173", START + refused.retry_ms, &unanswered), VRX_RATE_EXCEEDED);
    set(VRX_LIMIT_PEER_UNANSWERED_HOUR, 3);
    assert_ok(query("122173", START + refused.retry_ms, &unanswered));
}

static void the_defaults_are_those_of_the_table(void **state) {
    (void)state;
    struct vrx_limit_settings given;
    vrx_limit_settings_default(&given);
#define VRX_LIMIT(name, option, fallback, greatest, en, ja) \
    assert_int_equal(given.value[VRX_LIMIT_##name], fallback); \
    assert_true((fallback) > 0 && (fallback) <= (greatest));
#include "auth/limits.def"
#undef VRX_LIMIT
}

static void a_municipalitys_flood_is_told_once_a_second(void **state) {
    (void)state;
    struct vrx_limit_query refusal;
    struct vrx_limit_untold untold;
    const struct vrx_view peer = vrx_view_text("122173");
    set(VRX_LIMIT_PEER_QUERIES_MINUTE, 1);
    assert_ok(vrx_limits_query(limits, peer, PATH, START, &refusal));
    for (unsigned i = 0; i < 10; i++) {
        assert_reason(vrx_limits_query(limits, peer, PATH, START + i, &refusal), VRX_RATE_EXCEEDED);
        assert_int_equal(refusal.tell.record, i == 0);
    }
    assert_reason(vrx_limits_query(limits, peer, PATH, START + 2000, &refusal), VRX_RATE_EXCEEDED);
    assert_true(refusal.tell.record);
    assert_int_equal(refusal.tell.since, 9);
    assert_reason(vrx_limits_query(limits, peer, PATH, START + 2001, &refusal), VRX_RATE_EXCEEDED);
    assert_true(vrx_limits_untold(limits, START + 9000, &untold));
    assert_int_equal(untold.what, VRX_LIMITED_PEER);
    assert_int_equal(untold.count, 1);
    assert_string_equal(untold.path, PATH);
}

#define LIMITS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        LIMITS_TEST(a_burst_of_two_seconds_then_the_rate),
        LIMITS_TEST(the_advice_is_true_at_every_rate),
        LIMITS_TEST(a_clock_that_goes_back_gives_nothing),
        LIMITS_TEST(each_caller_has_a_bucket_of_its_own),
        LIMITS_TEST(an_operator_is_one_at_all_terminals),
        LIMITS_TEST(a_municipality_over_its_limit_serves_who_does_little),
        LIMITS_TEST(one_refusal_a_second_is_told_with_the_number_of_the_others),
        LIMITS_TEST(a_limit_that_changes_counts_at_once),
        LIMITS_TEST(a_person_counts_at_the_terminal_and_of_the_operator),
        LIMITS_TEST(look_ups_that_find_nobody_run_out),
        LIMITS_TEST(callers_are_bounded_and_forgotten_when_idle),
        LIMITS_TEST(operators_without_a_place_count_as_their_terminal),
        LIMITS_TEST(strangers_push_strangers_out_and_nobody_else),
        LIMITS_TEST(marks_are_bounded),
        LIMITS_TEST(many_threads_take_no_more_than_there_is),
        LIMITS_TEST(a_municipalitys_queries_run_out),
        LIMITS_TEST(queries_that_are_not_answered_run_out_sooner),
        LIMITS_TEST(a_municipalitys_flood_is_told_once_a_second),
        LIMITS_TEST(the_defaults_are_those_of_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
