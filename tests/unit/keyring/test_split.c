/* SPDX-License-Identifier: Apache-2.0
 *
 * tenants/keyring/split.c, against a second field made of logarithm tables and an interpolation
 * that solves for the secret by trying.
 */
#include "keyring/split.h"

#include "crypto/random.h"
#include "support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define LEN 32

/* Powers of the generator 3 (FIPS 197: x * 3 = xtime(x) + x) and their logarithms. */
static uint8_t powers[255];
static unsigned logarithms[256];

static int make_tables(void **state) {
    (void)state;
    unsigned x = 1;
    for (unsigned i = 0; i < 255; i++) {
        powers[i] = (uint8_t)x;
        logarithms[x] = i;
        unsigned twice = x << 1;
        x ^= twice < 256 ? twice : twice ^ 0x11b;
    }
    assert_int_equal(x, 1);
    return 0;
}

static uint8_t times(uint8_t a, uint8_t b) {
    return a && b ? powers[(logarithms[a] + logarithms[b]) % 255] : 0;
}

static uint8_t power(uint8_t x, size_t exponent) {
    return exponent ? times(x, power(x, exponent - 1)) : 1;
}

static struct vrx_result counting(void *context, uint8_t *out, size_t len) {
    uint8_t *next = context;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(*next += 0x3b);
    return vrx_ok();
}

static struct vrx_result constant(void *context, uint8_t *out, size_t len) {
    memset(out, *(uint8_t *)context, len);
    return vrx_ok();
}

static struct vrx_result failing(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static struct vrx_split_share share_of(const struct vrx_secret *shares, unsigned index) {
    return (struct vrx_split_share){
        (uint8_t)index, vrx_view_of(shares->ptr + (index - 1) * LEN, LEN)};
}

/* FIPS 197 §4.2.1: {57} times {02}, {04}, {08}, {10}. */
static void fips197_products(void **state) {
    (void)state;
    static const uint8_t zero[LEN];
    static const struct {
        unsigned x;
        uint8_t product;
    } rows[] = {{1, 0x57}, {2, 0xae}, {4, 0x47}, {8, 0x8e}, {16, 0x07}};
    uint8_t coefficient = 0x57;
    const struct vrx_random random = {constant, &coefficient};
    struct vrx_secret *shares = NULL;
    assert_ok(vrx_split_make(vrx_view_of(zero, LEN), 2, 16, &random, &shares));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (size_t byte = 0; byte < LEN; byte++)
            assert_int_equal(share_of(shares, rows[i].x).value.ptr[byte], rows[i].product);
    vrx_secret_free(&shares);
}

/* Every share is the polynomial's value by the other field's arithmetic, for every threshold. */
static void shares_lie_on_the_polynomial(void **state) {
    (void)state;
    uint8_t secret[LEN];
    for (size_t i = 0; i < LEN; i++)
        secret[i] = (uint8_t)(0xa5 ^ (i * 7));
    for (size_t threshold = 1; threshold <= 16; threshold++) {
        uint8_t at = 9;
        uint8_t coefficients[15 * LEN];
        const struct vrx_random random = {counting, &at};
        struct vrx_secret *shares = NULL;
        assert_ok(vrx_split_make(vrx_view_of(secret, LEN), threshold, 16, &random, &shares));
        at = 9;
        assert_ok(vrx_random_fill(&random, coefficients, (threshold - 1) * LEN));
        for (unsigned x = 1; x <= 16; x++)
            for (size_t byte = 0; byte < LEN; byte++) {
                uint8_t sum = secret[byte];
                for (size_t i = 1; i < threshold; i++)
                    sum ^= times(coefficients[(i - 1) * LEN + byte], power((uint8_t)x, i));
                assert_int_equal(share_of(shares, x).value.ptr[byte], sum);
            }
        vrx_secret_free(&shares);
    }
}

/* 5 shares: all sets of them. As many as the threshold open, fewer do not. */
static void every_set_of_enough_shares_opens(void **state) {
    (void)state;
    uint8_t secret[LEN];
    assert_ok(vrx_random_fill(vrx_random_system(), secret, LEN));
    for (size_t threshold = 1; threshold <= 5; threshold++) {
        struct vrx_secret *shares = NULL;
        assert_ok(
            vrx_split_make(vrx_view_of(secret, LEN), threshold, 5, vrx_random_system(), &shares));
        for (unsigned set = 1; set < 32; set++) {
            struct vrx_split_share chosen[5];
            size_t count = 0;
            for (unsigned i = 5; i >= 1; i--) /* in falling order: order is of no account */
                if (set >> (i - 1) & 1U)
                    chosen[count++] = share_of(shares, i);
            struct vrx_secret *joined = NULL;
            assert_ok(vrx_split_join(chosen, count, &joined));
            assert_int_equal(joined->len, LEN);
            assert_true((memcmp(joined->ptr, secret, LEN) == 0) == (count >= threshold));
            vrx_secret_free(&joined);
        }
        vrx_secret_free(&shares);
    }
}

/* Joining, against the one secret byte that a search over all polynomials finds. */
static void joining_finds_what_a_search_finds(void **state) {
    (void)state;
    static const unsigned sets[][2] = {{1, 2}, {7, 3}, {255, 254}, {16, 1}};
    for (size_t set = 0; set < COUNT_OF(sets); set++) {
        uint8_t values[2][LEN];
        struct vrx_secret *joined = NULL;
        struct vrx_split_share shares[2];
        assert_ok(vrx_random_fill(vrx_random_system(), values[0], sizeof values));
        for (size_t i = 0; i < 2; i++)
            shares[i] =
                (struct vrx_split_share){(uint8_t)sets[set][i], vrx_view_of(values[i], LEN)};
        assert_ok(vrx_split_join(shares, 2, &joined));
        for (size_t byte = 0; byte < LEN; byte++) {
            unsigned found = 0;
            for (unsigned slope = 0; slope < 256; slope++) {
                uint8_t at_zero = values[0][byte] ^ times((uint8_t)slope, shares[0].index);
                if ((at_zero ^ times((uint8_t)slope, shares[1].index)) != values[1][byte])
                    continue;
                found++;
                assert_int_equal(joined->ptr[byte], at_zero);
            }
            assert_int_equal(found, 1);
        }
        vrx_secret_free(&joined);
    }
}

/* Two shares are needed; one of them, whatever it says, fits every secret equally well. */
static void one_share_of_two_fits_every_secret(void **state) {
    (void)state;
    for (unsigned index = 1; index <= 3; index++) {
        static unsigned seen[256][256]; /* secret, value of the share */
        memset(seen, 0, sizeof seen);
        for (unsigned coefficient = 0; coefficient < 256; coefficient++)
            for (unsigned first = 0; first < 256; first += LEN) {
                uint8_t secret[LEN];
                uint8_t byte = (uint8_t)coefficient;
                const struct vrx_random random = {constant, &byte};
                struct vrx_secret *shares = NULL;
                for (unsigned i = 0; i < LEN; i++)
                    secret[i] = (uint8_t)(first + i);
                assert_ok(vrx_split_make(vrx_view_of(secret, LEN), 2, 3, &random, &shares));
                for (unsigned i = 0; i < LEN; i++)
                    seen[first + i][share_of(shares, index).value.ptr[i]]++;
                vrx_secret_free(&shares);
            }
        for (unsigned secret = 0; secret < 256; secret++)
            for (unsigned value = 0; value < 256; value++)
                assert_int_equal(seen[secret][value], 1);
    }
}

static void split_refuses_unfit_counts(void **state) {
    (void)state;
    static const uint8_t secret[LEN];
    static const struct {
        size_t len, threshold, count;
    } rows[] = {{LEN, 0, 3}, {LEN, 4, 3}, {LEN, 1, 0}, {LEN, 2, 256}, {0, 2, 3}, {LEN, 0, 0}};
    struct vrx_secret *shares = NULL;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_reason(vrx_split_make(vrx_view_of(secret, rows[i].len), rows[i].threshold,
                          rows[i].count, vrx_random_system(), &shares),
            VRX_INPUT_RANGE);
    assert_ok(vrx_split_make(vrx_view_of(secret, LEN), 255, 255, vrx_random_system(), &shares));
    vrx_secret_free(&shares);
    const struct vrx_random random = {failing, NULL};
    assert_reason(
        vrx_split_make(vrx_view_of(secret, LEN), 2, 3, &random, &shares), VRX_RANDOM_FAILED);
    assert_null(shares);
}

static void join_refuses_unfit_shares(void **state) {
    (void)state;
    static const uint8_t value[LEN];
    const struct vrx_view whole = vrx_view_of(value, LEN);
    const struct vrx_split_share none[] = {{0, whole}, {2, whole}};
    const struct vrx_split_share twice[] = {{2, whole}, {3, whole}, {2, whole}};
    const struct vrx_split_share shorter[] = {{1, whole}, {2, vrx_view_of(value, LEN - 1)}};
    const struct vrx_split_share empty[] = {{1, vrx_view_of(value, 0)}};
    struct vrx_secret *joined = NULL;
    assert_reason(vrx_split_join(none, 2, &joined), VRX_INPUT_RANGE);
    assert_reason(vrx_split_join(none, 0, &joined), VRX_INPUT_RANGE);
    assert_reason(vrx_split_join(twice, 3, &joined), VRX_INPUT_DUPLICATE_KEY);
    assert_reason(vrx_split_join(shorter, 2, &joined), VRX_INPUT_RANGE);
    assert_reason(vrx_split_join(empty, 1, &joined), VRX_INPUT_RANGE);
    assert_null(joined);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fips197_products),
        cmocka_unit_test(shares_lie_on_the_polynomial),
        cmocka_unit_test(every_set_of_enough_shares_opens),
        cmocka_unit_test(joining_finds_what_a_search_finds),
        cmocka_unit_test(one_share_of_two_fits_every_secret),
        cmocka_unit_test(split_refuses_unfit_counts),
        cmocka_unit_test(join_refuses_unfit_shares),
    };
    return cmocka_run_group_tests(tests, make_tables, NULL);
}
