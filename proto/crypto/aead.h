/* SPDX-License-Identifier: Apache-2.0
 *
 * AES-256-GCM (NIST SP 800-38D), AES-256 key wrap (RFC 3394), AES-256-XTS (IEEE 1619) and
 * AES-256-CMAC (NIST SP 800-38B).
 *
 * vrx_aead, vrx_xts and vrx_cmac keep the key schedule: init once, seal and open many times without
 * allocation. One object serves one thread at a time.
 *
 * Errors of all beside their own: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED.
 */
#ifndef VRX_CRYPTO_AEAD_H
#define VRX_CRYPTO_AEAD_H

#include "base/bytes.h"

#define VRX_AEAD_KEY 32
#define VRX_AEAD_NONCE 12
#define VRX_AEAD_TAG 16

struct vrx_aead {
    void *seal; /* EVP_CIPHER_CTX, keyed for encryption */
    void *open; /* EVP_CIPHER_CTX, keyed for decryption */
};

/* Errors: VRX_INPUT_RANGE when key is not 32 bytes; VRX_CRYPTO_FAILED. */
struct vrx_result vrx_aead_init(struct vrx_aead *aead, struct vrx_view key);
void vrx_aead_done(struct vrx_aead *aead);

/* out has input.len bytes and may be input.ptr itself. The nonce must never repeat under one key.
 * Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_aead_seal(struct vrx_aead *aead, const uint8_t nonce[VRX_AEAD_NONCE],
    struct vrx_view associated, struct vrx_view input, uint8_t *out, uint8_t ret_tag[VRX_AEAD_TAG]);

/* Errors: VRX_DECRYPT_FAILED ("NIST SP 800-38D §7.2: tag"); out is wiped then. */
struct vrx_result vrx_aead_open(struct vrx_aead *aead, const uint8_t nonce[VRX_AEAD_NONCE],
    struct vrx_view associated, struct vrx_view input, const uint8_t tag[VRX_AEAD_TAG],
    uint8_t *out);

/* RFC 3394 §2.2: key is 32 bytes, input a multiple of 8 from 16 to 128; out has input.len + 8.
 * Errors: VRX_INPUT_RANGE on other lengths; VRX_CRYPTO_FAILED. */
struct vrx_result vrx_key_wrap(struct vrx_view key, struct vrx_view input, uint8_t *out);
/* input a multiple of 8 from 24 to 136; out has input.len - 8, wiped on failure. Errors:
 * VRX_INPUT_RANGE on other lengths; VRX_DECRYPT_FAILED ("RFC 3394 §2.2.3: …"). */
struct vrx_result vrx_key_unwrap(struct vrx_view key, struct vrx_view input, uint8_t *out);

#define VRX_XTS_KEY 64

/* Length-preserving, unauthenticated: for checksums that the format stores beside its own tag. */
struct vrx_xts {
    void *encrypt;
    void *decrypt;
};

/* key is 64 bytes, its halves different (IEEE 1619 §5.1). Errors: VRX_INPUT_RANGE,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_xts_init(struct vrx_xts *xts, struct vrx_view key);
void vrx_xts_done(struct vrx_xts *xts);
/* len from 16 to 16 MiB (VRX_INPUT_RANGE otherwise); out may be in. tweak is the unit's number.
 * Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_xts_encrypt(
    struct vrx_xts *xts, uint64_t tweak, const uint8_t *in, size_t len, uint8_t *out);
struct vrx_result vrx_xts_decrypt(
    struct vrx_xts *xts, uint64_t tweak, const uint8_t *in, size_t len, uint8_t *out);

#define VRX_CMAC_KEY 32
#define VRX_CMAC 16 /* bytes */

/* For what is authenticated a hundred thousand times in a row: a few blocks cost no more than their
 * AES. */
struct vrx_cmac {
    void *mac; /* EVP_MAC_CTX, keyed */
};

/* Errors: VRX_INPUT_RANGE when key is not 32 bytes; VRX_CRYPTO_FAILED. */
struct vrx_result vrx_cmac_init(struct vrx_cmac *cmac, struct vrx_view key);
/* All zero is accepted. */
void vrx_cmac_done(struct vrx_cmac *cmac);
/* Errors: VRX_CRYPTO_FAILED. */
struct vrx_result vrx_cmac_of(
    struct vrx_cmac *cmac, struct vrx_view input, uint8_t ret_mac[VRX_CMAC]);

#endif
