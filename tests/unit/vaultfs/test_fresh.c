/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/fresh.h"

#include "support/check.h"

static struct vrx_cmac key_of(uint8_t byte) {
    uint8_t bytes[VRX_CMAC_KEY];
    struct vrx_cmac key = {.mac = NULL};
    memset(bytes, byte, sizeof bytes);
    assert_ok(vrx_cmac_init(&key, vrx_view_of(bytes, sizeof bytes)));
    return key;
}

static void fill(uint8_t trailer[VRX_PAGE_RESERVED]) {
    for (size_t i = 0; i < VRX_PAGE_RESERVED; i++)
        trailer[i] = (uint8_t)(i + 1);
}

static const uint8_t zero[VRX_CMAC];

/* Computed with another implementation of AES-CMAC, from the description in fresh.h. */
static void the_mark_is_the_one_described(void **state) {
    (void)state;
    struct vrx_cmac key = key_of(7);
    uint8_t trailer[VRX_PAGE_RESERVED];
    uint8_t sum[VRX_CMAC] = {0};
    fill(trailer);
    assert_ok(vrx_fresh_mix(&key, 258, trailer, sum));
    assert_hex(sum, sizeof sum, "ca3305267cb458fee664c36a9abc3be8");
    assert_ok(vrx_fresh_mix(&key, 259, trailer, sum));
    assert_hex(sum, sizeof sum, "d39980d68331cd7b35410f2bbb724a5f");
    vrx_cmac_done(&key);
}

static void what_is_mixed_twice_is_out_again(void **state) {
    (void)state;
    struct vrx_cmac key = key_of(7);
    uint8_t trailer[VRX_PAGE_RESERVED];
    uint8_t sum[VRX_CMAC] = {0};
    fill(trailer);
    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t number = 1; number <= 5; number++)
            assert_ok(vrx_fresh_mix(&key, round == 0 ? number : 6 - number, trailer, sum));
    assert_memory_equal(sum, zero, sizeof sum);
    vrx_cmac_done(&key);
}

static void number_trailer_and_key_count(void **state) {
    (void)state;
    struct vrx_cmac key = key_of(7);
    struct vrx_cmac other = key_of(8);
    uint8_t trailer[VRX_PAGE_RESERVED];
    uint8_t sum[VRX_CMAC] = {0};
    uint8_t changed[VRX_CMAC] = {0};
    fill(trailer);
    assert_ok(vrx_fresh_mix(&key, 1, trailer, sum));
    for (size_t bit = 0; bit < 8 * sizeof trailer; bit++) {
        memset(changed, 0, sizeof changed);
        trailer[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_ok(vrx_fresh_mix(&key, 1, trailer, changed));
        trailer[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_memory_not_equal(changed, sum, sizeof sum);
    }
    memset(changed, 0, sizeof changed);
    assert_ok(vrx_fresh_mix(&key, 2, trailer, changed));
    assert_memory_not_equal(changed, sum, sizeof sum);
    memset(changed, 0, sizeof changed);
    assert_ok(vrx_fresh_mix(&other, 1, trailer, changed));
    assert_memory_not_equal(changed, sum, sizeof sum);
    vrx_cmac_done(&key);
    vrx_cmac_done(&other);
}

static void a_place_never_written_has_no_mark(void **state) {
    (void)state;
    struct vrx_cmac key = key_of(7);
    static const uint8_t trailer[VRX_PAGE_RESERVED];
    uint8_t sum[VRX_CMAC] = {0};
    assert_ok(vrx_fresh_mix(&key, 1, trailer, sum));
    assert_memory_equal(sum, zero, sizeof sum);
    vrx_cmac_done(&key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_is_the_one_described),
        cmocka_unit_test(what_is_mixed_twice_is_out_again),
        cmocka_unit_test(number_trailer_and_key_count),
        cmocka_unit_test(a_place_never_written_has_no_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
