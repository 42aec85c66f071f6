/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/random.c: that every byte is filled and nothing beyond; not how random it is.
 */
#include "crypto/random.h"

#include "support/check.h"

static void fills_all_and_only_what_was_asked_for(void **state) {
    (void)state;
    uint8_t seen[40] = {0};
    for (size_t round = 0; round < 64; round++) {
        uint8_t bytes[42] = {0};
        assert_ok(vrx_random_fill(vrx_random_system(), bytes + 1, 40));
        assert_int_equal(bytes[0], 0);
        assert_int_equal(bytes[41], 0);
        for (size_t i = 0; i < 40; i++)
            seen[i] |= bytes[i + 1];
    }
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(seen[i], 0xff); /* fails by chance once in 2^53 */
}

static void two_draws_differ(void **state) {
    (void)state;
    uint8_t first[32];
    uint8_t second[32];
    assert_ok(vrx_random_fill(vrx_random_system(), first, sizeof first));
    assert_ok(vrx_random_fill(vrx_random_system(), second, sizeof second));
    assert_memory_not_equal(first, second, sizeof first);
    assert_ok(vrx_random_fill(vrx_random_system(), NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_all_and_only_what_was_asked_for),
        cmocka_unit_test(two_draws_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
