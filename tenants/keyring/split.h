/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret split between custodians (A. Shamir, How to Share a Secret, CACM 22, 1979): each byte is
 * the value at 0 of a polynomial of degree threshold - 1 over GF(2^8) with the polynomial of AES
 * (FIPS 197 §4.2), its other coefficients random; share i is the values at i. Any threshold shares
 * give the secret, fewer say nothing about it, whatever is computed.
 *
 * Shares do not authenticate themselves: altered ones give another secret, without a word. Who asks
 * for shares checks them (keyring.h). Time and memory access depend on the counts alone.
 */
#ifndef VRX_KEYRING_SPLIT_H
#define VRX_KEYRING_SPLIT_H

#include "base/random.h"
#include "base/secret.h"

#define VRX_SPLIT_SHARES 255 /* points of the field other than 0 */

/* ret_shares: count times secret.len bytes, share 1 first. Errors: VRX_INPUT_RANGE unless 1 <=
 * threshold <= count <= VRX_SPLIT_SHARES, and when the secret is empty or shares exceed
 * VRX_LIMIT_SECRET; VRX_RANDOM_FAILED; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_split_make(struct vrx_view secret, size_t threshold, size_t count,
    const struct vrx_random *random, struct vrx_secret **ret_shares);

/* One share, for joining. */
struct vrx_split_share {
    uint8_t index; /* 1 to VRX_SPLIT_SHARES */
    struct vrx_view value;
};

/* The secret from count shares, as many as the threshold was. Errors: VRX_INPUT_RANGE when there
 * are none or more than VRX_SPLIT_SHARES, an index is 0, or lengths differ; VRX_INPUT_DUPLICATE_KEY
 * when an index stands twice; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_split_join(
    const struct vrx_split_share *shares, size_t count, struct vrx_secret **ret_secret);

#endif
