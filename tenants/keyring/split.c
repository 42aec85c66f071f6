/* SPDX-License-Identifier: Apache-2.0
 *
 * The field's arithmetic has no tables and no branches on secrets: a table's lines in the cache
 * would tell which were read. Speed is of no account at 32 bytes.
 */
#include "keyring/split.h"

#include "base/limits.h"

#define AES_POLYNOMIAL 0x1bU /* x^8 = x^4 + x^3 + x + 1 (FIPS 197 §4.2) */

static uint8_t multiply(uint8_t a, uint8_t b) {
    unsigned product = 0;
    unsigned left = a;
    for (unsigned bit = 0; bit < 8; bit++) {
        product ^= left & (0U - ((b >> bit) & 1U));
        left = ((left << 1) ^ (AES_POLYNOMIAL & (0U - (left >> 7)))) & 0xffU;
    }
    return (uint8_t)product;
}

/* a to the power of 254, which is 1/a; 0 for 0. */
static uint8_t invert(uint8_t a) {
    uint8_t power = a;
    uint8_t result = 1;
    for (unsigned bit = 1; bit < 8; bit++) {
        power = multiply(power, power);
        result = multiply(result, power);
    }
    return result;
}

/* One byte of one share: the polynomial at x, from its highest coefficient down (Horner).
 * coefficients: of x^1 for all bytes, then of x^2, …; the secret's byte is that of x^0. */
static uint8_t evaluate(struct vrx_view secret, const struct vrx_secret *coefficients,
    size_t degree, size_t byte, uint8_t x) {
    uint8_t value = 0;
    for (size_t power = degree; power > 0; power--)
        value = multiply(value, x) ^ (coefficients->ptr[(power - 1) * secret.len + byte]);
    return degree ? multiply(value, x) ^ secret.ptr[byte] : secret.ptr[byte];
}

struct vrx_result vrx_split_make(struct vrx_view secret, size_t threshold, size_t count,
    const struct vrx_random *random, struct vrx_secret **ret_shares) {
    if (!secret.len || !threshold || threshold > count || count > VRX_SPLIT_SHARES ||
        secret.len > VRX_LIMIT_SECRET / count)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_secret *coefficients VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_secret *shares VRX_CLEANUP(vrx_secret_free) = NULL;
    const size_t degree = threshold - 1;
    if (degree) {
        VRX_TRY(vrx_secret_new(degree * secret.len, &coefficients));
        VRX_TRY(vrx_random_fill(random, coefficients->ptr, coefficients->len));
    }
    VRX_TRY(vrx_secret_new(count * secret.len, &shares));
    for (size_t i = 0; i < shares->len; i++)
        shares->ptr[i] =
            evaluate(secret, coefficients, degree, i % secret.len, (uint8_t)(i / secret.len + 1));
    *ret_shares = shares;
    shares = NULL;
    return vrx_ok();
}

static struct vrx_result check_shares(const struct vrx_split_share *shares, size_t count) {
    if (!count || count > VRX_SPLIT_SHARES || !shares[0].value.len)
        return vrx_fail(VRX_INPUT_RANGE);
    for (size_t i = 0; i < count; i++) {
        if (!shares[i].index || shares[i].value.len != shares[0].value.len)
            return vrx_fail(VRX_INPUT_RANGE);
        for (size_t j = 0; j < i; j++)
            if (shares[i].index == shares[j].index)
                return vrx_fail(VRX_INPUT_DUPLICATE_KEY);
    }
    return vrx_ok();
}

/* Lagrange's basis polynomial of share i at 0: the product of x_j / (x_j - x_i). */
static uint8_t weight(const struct vrx_split_share *shares, size_t count, size_t i) {
    uint8_t above = 1;
    uint8_t below = 1;
    for (size_t j = 0; j < count; j++) {
        if (j == i)
            continue;
        above = multiply(above, shares[j].index);
        below = multiply(below, shares[j].index ^ shares[i].index);
    }
    return multiply(above, invert(below));
}

struct vrx_result vrx_split_join(
    const struct vrx_split_share *shares, size_t count, struct vrx_secret **ret_secret) {
    VRX_TRY(check_shares(shares, count));
    struct vrx_secret *secret = NULL;
    VRX_TRY(vrx_secret_new(shares[0].value.len, &secret));
    for (size_t i = 0; i < count; i++) {
        const uint8_t factor = weight(shares, count, i);
        for (size_t byte = 0; byte < secret->len; byte++)
            secret->ptr[byte] ^= multiply(factor, shares[i].value.ptr[byte]);
    }
    *ret_secret = secret;
    return vrx_ok();
}
