/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may have how much of a listener: each limit at its edge, what one caller uses up is missing
 * to no other, and what is remembered is bounded.
 */
#include "net/quota.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "crypto/random.h"
#include "support/check.h"

#define NOW 1000000
#define assert_zero(wait) assert_int_equal(wait, 0)

static struct vrx_quota *make(unsigned connections, unsigned rate, unsigned burst, size_t keys) {
    struct vrx_quota *quota = NULL;
    const struct vrx_quota_limits limits = {connections, rate, burst};
    assert_ok(vrx_quota_new(&limits, keys, vrx_random_system(), &quota));
    return quota;
}

static struct vrx_quota_share *enter(struct vrx_quota *quota, unsigned who, int64_t now) {
    const uint8_t key[VRX_QUOTA_KEY] = {(uint8_t)who, (uint8_t)(who >> 8)};
    return vrx_quota_enter(quota, key, now);
}

static void connections_of_one_key(void **state) {
    (void)state;
    struct vrx_quota *quota = make(2, 0, 0, 8);
    struct vrx_quota_share *first = enter(quota, 1, NOW);
    struct vrx_quota_share *second = enter(quota, 1, NOW);
    assert_non_null(first);
    assert_ptr_equal(first, second);
    assert_null(enter(quota, 1, NOW));
    struct vrx_quota_share *other = enter(quota, 2, NOW);
    assert_non_null(other);
    vrx_quota_leave(quota, &second, NOW);
    assert_null(second);
    struct vrx_quota_share *again = enter(quota, 1, NOW);
    assert_ptr_equal(again, first);
    for (int i = 0; i < 1000; i++) /* nothing counts them */
        assert_zero(vrx_quota_call(quota, first, NOW));
    vrx_quota_leave(quota, &first, NOW);
    vrx_quota_leave(quota, &again, NOW);
    vrx_quota_leave(quota, &other, NOW);
    vrx_quota_leave(quota, &other, NOW); /* nothing */
    assert_int_equal(vrx_quota_kept(quota), 0);
    vrx_quota_free(&quota);
    vrx_quota_free(&quota);
}

static void calls_of_one_key_come_back(void **state) {
    (void)state;
    struct vrx_quota *quota = make(4, 10, 3, 8);
    struct vrx_quota_share *share = enter(quota, 1, NOW); /* counts as one */
    struct vrx_quota_share *other = enter(quota, 2, NOW);
    assert_zero(vrx_quota_call(quota, share, NOW));
    assert_zero(vrx_quota_call(quota, share, NOW));
    assert_int_equal(vrx_quota_call(quota, share, NOW), 100);
    assert_null(enter(quota, 1, NOW)); /* nor by another connection */
    assert_zero(vrx_quota_call(quota, other, NOW));
    assert_int_equal(vrx_quota_call(quota, share, NOW + 99), 1);
    assert_zero(vrx_quota_call(quota, share, NOW + 100));
    assert_int_equal(vrx_quota_call(quota, share, NOW + 100), 100);
    for (int i = 0; i < 3; i++) /* no more than the burst after the longest rest */
        assert_zero(vrx_quota_call(quota, share, INT64_MAX / 2));
    assert_int_equal(vrx_quota_call(quota, share, INT64_MAX / 2), 100);
    vrx_quota_leave(quota, &share, INT64_MAX / 2);
    vrx_quota_leave(quota, &other, INT64_MAX / 2);
    vrx_quota_free(&quota);
}

static void a_clock_that_goes_back_brings_nothing(void **state) {
    (void)state;
    struct vrx_quota *quota = make(4, 10, 1, 8);
    struct vrx_quota_share *share = enter(quota, 1, NOW);
    assert_int_equal(vrx_quota_call(quota, share, NOW - 1000), 100);
    assert_int_equal(vrx_quota_call(quota, share, NOW + 99), 1);
    assert_zero(vrx_quota_call(quota, share, NOW + 100));
    vrx_quota_leave(quota, &share, NOW - 1000);
    vrx_quota_free(&quota);
}

/* A new connection is no new allowance, until the old one would be whole again. */
static void who_leaves_is_remembered(void **state) {
    (void)state;
    struct vrx_quota *quota = make(4, 1, 2, 8);
    struct vrx_quota_share *share = enter(quota, 1, NOW);
    assert_zero(vrx_quota_call(quota, share, NOW));
    vrx_quota_leave(quota, &share, NOW);
    assert_int_equal(vrx_quota_kept(quota), 1);
    assert_null(enter(quota, 1, NOW));
    share = enter(quota, 1, NOW + 1000);
    assert_non_null(share);
    assert_int_equal(vrx_quota_call(quota, share, NOW + 1000), 1000);
    vrx_quota_leave(quota, &share, NOW + 1000);
    struct vrx_quota_share *other = enter(quota, 2, NOW + 10000); /* sweeps */
    assert_int_equal(vrx_quota_kept(quota), 1);
    vrx_quota_leave(quota, &other, NOW + 10000);
    vrx_quota_free(&quota);
}

static void what_is_remembered_is_bounded(void **state) {
    (void)state;
    enum { KEYS = 100, CALLERS = 5000 };
    struct vrx_quota *quota = make(1, 1, 2, KEYS);
    for (unsigned i = 0; i < CALLERS; i++) {
        struct vrx_quota_share *share = enter(quota, i, NOW);
        assert_non_null(share);
        vrx_quota_leave(quota, &share, NOW);
        assert_true(vrx_quota_kept(quota) <= KEYS);
    }
    assert_int_equal(vrx_quota_kept(quota), KEYS);
    struct vrx_quota_share *here[KEYS];
    for (unsigned i = 0; i < KEYS; i++) /* the last ones, and each is found */
        assert_non_null(here[i] = enter(quota, CALLERS - KEYS + i, NOW));
    assert_null(enter(quota, 0, NOW)); /* all places are held by who is there */
    vrx_quota_leave(quota, &here[7], NOW);
    struct vrx_quota_share *next = enter(quota, 0, NOW);
    assert_non_null(next);
    here[7] = next;
    for (unsigned i = 0; i < KEYS; i++)
        vrx_quota_leave(quota, &here[i], NOW);
    vrx_quota_free(&quota);
}

static void limits_that_let_nobody_in_are_refused(void **state) {
    (void)state;
    static const struct {
        struct vrx_quota_limits limits;
        size_t keys;
    } cases[] = {{{0, 0, 0}, 8}, {{1, 1, 0}, 8}, {{1, 0, 0}, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vrx_quota *quota = NULL;
        assert_reason(vrx_quota_new(&cases[i].limits, cases[i].keys, vrx_random_system(), &quota),
            VRX_INPUT_RANGE);
        assert_null(quota);
    }
}

static struct vrx_result no_random(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static void no_randomness(void **state) {
    (void)state;
    struct vrx_quota *quota = NULL;
    const struct vrx_random random = {no_random, NULL};
    const struct vrx_quota_limits limits = {1, 0, 0};
    assert_reason(vrx_quota_new(&limits, 8, &random, &quota), VRX_RANDOM_FAILED);
}

static void key_of(const char *text, uint8_t key[VRX_QUOTA_KEY]) {
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(4711)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(4712)};
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        vrx_quota_address_key((const struct sockaddr *)&v6, key);
    } else {
        assert_int_equal(inet_pton(AF_INET, text, &v4.sin_addr), 1);
        vrx_quota_address_key((const struct sockaddr *)&v4, key);
    }
}

static void whose_address_it_is(void **state) {
    (void)state;
    static const struct {
        const char *one;
        const char *other;
        bool same;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"192.0.2.1", "::ffff:192.0.2.1", true},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
        {"2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true},
        {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
        {"::1", "0.0.0.0", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t one[VRX_QUOTA_KEY];
        uint8_t other[VRX_QUOTA_KEY];
        key_of(cases[i].one, one);
        key_of(cases[i].other, other);
        assert_int_equal(memcmp(one, other, VRX_QUOTA_KEY) == 0, cases[i].same);
    }
    const struct sockaddr_un local = {.sun_family = AF_UNIX};
    static const uint8_t nothing[VRX_QUOTA_KEY];
    uint8_t key[VRX_QUOTA_KEY];
    vrx_quota_address_key((const struct sockaddr *)&local, key);
    assert_memory_equal(key, nothing, VRX_QUOTA_KEY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_of_one_key),
        cmocka_unit_test(calls_of_one_key_come_back),
        cmocka_unit_test(a_clock_that_goes_back_brings_nothing),
        cmocka_unit_test(who_leaves_is_remembered),
        cmocka_unit_test(what_is_remembered_is_bounded),
        cmocka_unit_test(limits_that_let_nobody_in_are_refused),
        cmocka_unit_test(no_randomness),
        cmocka_unit_test(whose_address_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
