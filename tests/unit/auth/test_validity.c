/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/validity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define DAY INT64_C(86400)
#define NOW (1000 * DAY)

static void what_is_not_known_ends_never(void **state) {
    (void)state;
    assert_false(vrx_validity_ends_soon(0, 0, NOW));
}

static void a_long_one_is_told_30_days_before(void **state) {
    (void)state;
    const int64_t from = NOW - 795 * DAY;
    assert_false(vrx_validity_ends_soon(from, NOW + 30 * DAY, NOW));
    assert_true(vrx_validity_ends_soon(from, NOW + 30 * DAY - 1, NOW));
    assert_true(vrx_validity_ends_soon(from, NOW, NOW));
    assert_true(vrx_validity_ends_soon(from, NOW - 1, NOW));
}

static void a_short_one_when_a_third_is_left(void **state) {
    (void)state;
    assert_false(vrx_validity_ends_soon(NOW - 16 * 3600, NOW + 8 * 3600, NOW));
    assert_true(vrx_validity_ends_soon(NOW - 16 * 3600 - 1, NOW + 8 * 3600 - 1, NOW));
    assert_false(vrx_validity_ends_soon(NOW - 60 * DAY, NOW + 30 * DAY, NOW));
}

static void without_its_beginning_it_counts_as_long(void **state) {
    (void)state;
    assert_true(vrx_validity_ends_soon(0, NOW + 29 * DAY, NOW));
    assert_false(vrx_validity_ends_soon(0, NOW + 31 * DAY, NOW));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_known_ends_never),
        cmocka_unit_test(a_long_one_is_told_30_days_before),
        cmocka_unit_test(a_short_one_when_a_third_is_left),
        cmocka_unit_test(without_its_beginning_it_counts_as_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
