/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/nonces.h"

#include "support/check.h"

/* A source that counts upwards, so that every byte it gave can be told, until it is exhausted. */
struct source {
    struct vrx_random random;
    uint32_t next;
    unsigned calls;
    unsigned calls_left;
};

static struct vrx_result count_up(void *context, uint8_t *out, size_t len) {
    struct source *source = context;
    if (source->calls_left == 0)
        return vrx_fail(VRX_RANDOM_FAILED);
    source->calls_left--;
    source->calls++;
    for (size_t i = 0; i + 4 <= len; i += 4, source->next++)
        memcpy(out + i, &source->next, 4);
    return vrx_ok();
}

static void no_nonce_is_given_twice(void **state) {
    (void)state;
    enum { COUNT = 3 * VRX_NONCES };
    struct source source = {.random = {count_up, &source}, .calls_left = 3};
    struct vrx_nonces nonces;
    static uint8_t seen[COUNT][VRX_AEAD_NONCE];
    vrx_nonces_init(&nonces, &source.random);
    for (size_t i = 0; i < COUNT; i++) {
        assert_ok(vrx_random_fill(&nonces.random, seen[i], VRX_AEAD_NONCE));
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(seen[i], seen[k], VRX_AEAD_NONCE);
    }
    assert_int_equal(source.calls, 3);
    uint8_t more[VRX_AEAD_NONCE] = {7};
    assert_reason(vrx_random_fill(&nonces.random, more, sizeof more), VRX_RANDOM_FAILED);
    assert_int_equal(more[0], 7);
    source.calls_left = 1;
    assert_ok(vrx_random_fill(&nonces.random, more, sizeof more));
}

static void other_sizes_come_from_the_source(void **state) {
    (void)state;
    struct source source = {.random = {count_up, &source}, .calls_left = 2};
    struct vrx_nonces nonces;
    uint8_t id[16];
    vrx_nonces_init(&nonces, &source.random);
    assert_ok(vrx_random_fill(&nonces.random, id, sizeof id));
    assert_ok(vrx_random_fill(&nonces.random, id, sizeof id));
    assert_reason(vrx_random_fill(&nonces.random, id, sizeof id), VRX_RANDOM_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_nonce_is_given_twice),
        cmocka_unit_test(other_sizes_come_from_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
