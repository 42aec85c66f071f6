/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC 2104), HKDF-SHA256 (RFC 5869).
 */
#ifndef VRX_CRYPTO_HASH_H
#define VRX_CRYPTO_HASH_H

#include "base/bytes.h"

#define VRX_SHA256 32 /* bytes */

/* Errors of all: VRX_OUT_OF_MEMORY; VRX_CRYPTO_FAILED when the library refuses (FIPS self-test). */
struct vrx_result vrx_sha256(struct vrx_view input, uint8_t ret_digest[VRX_SHA256]);
/* Over the concatenation of the parts. */
struct vrx_result vrx_sha256_parts(
    const struct vrx_view *parts, size_t count, uint8_t ret_digest[VRX_SHA256]);

struct vrx_result vrx_hmac_sha256(
    struct vrx_view key, struct vrx_view input, uint8_t ret_mac[VRX_SHA256]);

#define VRX_HKDF_INFO 1024 /* bytes of info that the library takes at most */

/* RFC 5869 §2.2 and §2.3 in one. out_len from 1 to 255 * 32, info up to VRX_HKDF_INFO
 * (VRX_INPUT_RANGE otherwise); key not empty; salt and info may be. */
struct vrx_result vrx_hkdf_sha256(
    struct vrx_view key, struct vrx_view salt, struct vrx_view info, uint8_t *out, size_t out_len);

#endif
