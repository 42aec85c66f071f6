/* SPDX-License-Identifier: Apache-2.0
 *
 * AES-256 in the modes that VRX uses. The contexts hold the expanded key; a call sets the
 * nonce alone, which is what makes one page of the vault cost a few microseconds.
 */
#include "crypto/aead.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/algorithms.h"

/* One key, one direction, no padding; NULL when the library refuses. */
static EVP_CIPHER_CTX *keyed(const EVP_CIPHER *cipher, const uint8_t *key, int encrypt) {
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context)
        return NULL;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_CipherInit_ex2(context, cipher, key, NULL, encrypt, NULL) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

/* Both directions or neither. */
static struct vrx_result keyed_pair(
    const EVP_CIPHER *cipher, const uint8_t *key, void **ret_forward, void **ret_back) {
    EVP_CIPHER_CTX *forward = keyed(cipher, key, 1);
    EVP_CIPHER_CTX *back = forward ? keyed(cipher, key, 0) : NULL;
    if (!back) {
        EVP_CIPHER_CTX_free(forward);
        return vrx_crypto_failed();
    }
    *ret_forward = forward;
    *ret_back = back;
    return vrx_ok();
}

static void free_pair(void **forward, void **back) {
    EVP_CIPHER_CTX_free(*forward);
    EVP_CIPHER_CTX_free(*back);
    *forward = NULL;
    *back = NULL;
}

struct vrx_result vrx_aead_init(struct vrx_aead *aead, struct vrx_view key) {
    if (key.len != VRX_AEAD_KEY)
        return vrx_fail(VRX_INPUT_RANGE);
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    return keyed_pair(algorithms->gcm, key.ptr, &aead->seal, &aead->open);
}

void vrx_aead_done(struct vrx_aead *aead) {
    free_pair(&aead->seal, &aead->open);
}

/* Nonce, associated data and message, the same in both directions. out NULL would turn the message
 * into associated data, so an empty message is not passed on at all. */
static bool gcm_run(EVP_CIPHER_CTX *context, const uint8_t *nonce, struct vrx_view associated,
    struct vrx_view input, uint8_t *out) {
    int len = 0;
    if (associated.len > INT_MAX || input.len > INT_MAX || (input.len > 0 && !out))
        return false;
    return EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, NULL) == 1 &&
           (associated.len == 0 ||
               EVP_CipherUpdate(context, NULL, &len, associated.ptr, (int)associated.len) == 1) &&
           (input.len == 0 || EVP_CipherUpdate(context, out, &len, input.ptr, (int)input.len) == 1);
}

struct vrx_result vrx_aead_seal(struct vrx_aead *aead, const uint8_t nonce[VRX_AEAD_NONCE],
    struct vrx_view associated, struct vrx_view input, uint8_t *out,
    uint8_t ret_tag[VRX_AEAD_TAG]) {
    uint8_t rest[16];
    int len = 0;
    if (!gcm_run(aead->seal, nonce, associated, input, out) ||
        EVP_CipherFinal_ex(aead->seal, rest, &len) != 1 ||
        EVP_CIPHER_CTX_ctrl(aead->seal, EVP_CTRL_AEAD_GET_TAG, VRX_AEAD_TAG, ret_tag) != 1)
        return vrx_crypto_failed();
    return vrx_ok();
}

struct vrx_result vrx_aead_open(struct vrx_aead *aead, const uint8_t nonce[VRX_AEAD_NONCE],
    struct vrx_view associated, struct vrx_view input, const uint8_t tag[VRX_AEAD_TAG],
    uint8_t *out) {
    uint8_t expected[VRX_AEAD_TAG];
    uint8_t rest[16];
    int len = 0;
    memcpy(expected, tag, sizeof expected);
    if (!gcm_run(aead->open, nonce, associated, input, out) ||
        EVP_CIPHER_CTX_ctrl(aead->open, EVP_CTRL_AEAD_SET_TAG, VRX_AEAD_TAG, expected) != 1) {
        vrx_wipe(out, input.len);
        return vrx_crypto_failed();
    }
    if (EVP_CipherFinal_ex(aead->open, rest, &len) != 1) {
        vrx_wipe(out, input.len);
        return vrx_crypto_refuse(VRX_DECRYPT_FAILED, "NIST SP 800-38D §7.2: tag");
    }
    return vrx_ok();
}

#define WRAP_MIN 16
#define WRAP_MAX 128
#define WRAP_MORE 8 /* bytes that the wrapping adds */

/* One pass of the cipher; failure is the reason to give when the input does not fit the key. */
static struct vrx_result wrap_run(struct vrx_view key, int encrypt, struct vrx_view input,
    uint8_t *out, size_t out_len, struct vrx_result failure) {
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    EVP_CIPHER_CTX *context = keyed(algorithms->wrap, key.ptr, encrypt);
    if (!context)
        return vrx_crypto_failed();
    int done = 0;
    bool good = EVP_CipherUpdate(context, out, &done, input.ptr, (int)input.len) == 1 &&
                (size_t)done == out_len;
    EVP_CIPHER_CTX_free(context);
    if (good)
        return vrx_ok();
    vrx_wipe(out, out_len);
    return vrx_crypto_refuse(failure.reason, failure.clause);
}

struct vrx_result vrx_key_wrap(struct vrx_view key, struct vrx_view input, uint8_t *out) {
    if (key.len != VRX_AEAD_KEY || input.len < WRAP_MIN || input.len > WRAP_MAX || input.len % 8)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 3394 §2.2");
    return wrap_run(key, 1, input, out, input.len + WRAP_MORE, vrx_fail(VRX_CRYPTO_FAILED));
}

struct vrx_result vrx_key_unwrap(struct vrx_view key, struct vrx_view input, uint8_t *out) {
    if (key.len != VRX_AEAD_KEY || input.len < WRAP_MIN + WRAP_MORE ||
        input.len > WRAP_MAX + WRAP_MORE || input.len % 8)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 3394 §2.2");
    return wrap_run(key, 0, input, out, input.len - WRAP_MORE,
        vrx_refuse(VRX_DECRYPT_FAILED, "RFC 3394 §2.2.3: integrity check"));
}

struct vrx_result vrx_xts_init(struct vrx_xts *xts, struct vrx_view key) {
    if (key.len != VRX_XTS_KEY)
        return vrx_fail(VRX_INPUT_RANGE);
    if (vrx_equal_constant_time(vrx_view_of(key.ptr, 32), vrx_view_of(key.ptr + 32, 32)))
        return vrx_refuse(VRX_INPUT_RANGE, "IEEE 1619 §5.1: the key's halves differ");
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    return keyed_pair(algorithms->xts, key.ptr, &xts->encrypt, &xts->decrypt);
}

void vrx_xts_done(struct vrx_xts *xts) {
    free_pair(&xts->encrypt, &xts->decrypt);
}

#define XTS_MAX ((size_t)16 << 20) /* 2^20 blocks a unit, IEEE 1619 §5.1 */

static struct vrx_result xts_run(
    EVP_CIPHER_CTX *context, uint64_t tweak, const uint8_t *in, size_t len, uint8_t *out) {
    if (len < 16 || len > XTS_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "IEEE 1619 §5.1: size of a data unit");
    uint8_t unit[16] = {0}; /* little-endian */
    for (size_t i = 0; i < 8; i++)
        unit[i] = (uint8_t)(tweak >> (8 * i));
    int done = 0;
    if (EVP_CipherInit_ex2(context, NULL, NULL, unit, -1, NULL) != 1 ||
        EVP_CipherUpdate(context, out, &done, in, (int)len) != 1 || (size_t)done != len)
        return vrx_crypto_failed();
    return vrx_ok();
}

struct vrx_result vrx_xts_encrypt(
    struct vrx_xts *xts, uint64_t tweak, const uint8_t *in, size_t len, uint8_t *out) {
    return xts_run(xts->encrypt, tweak, in, len, out);
}

struct vrx_result vrx_xts_decrypt(
    struct vrx_xts *xts, uint64_t tweak, const uint8_t *in, size_t len, uint8_t *out) {
    return xts_run(xts->decrypt, tweak, in, len, out);
}

struct vrx_result vrx_cmac_init(struct vrx_cmac *cmac, struct vrx_view key) {
    if (key.len != VRX_CMAC_KEY)
        return vrx_fail(VRX_INPUT_RANGE);
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    char cipher[] = "AES-256-CBC";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(algorithms->cmac);
    if (!mac || EVP_MAC_init(mac, key.ptr, key.len, params) != 1) {
        EVP_MAC_CTX_free(mac);
        return vrx_crypto_failed();
    }
    cmac->mac = mac;
    return vrx_ok();
}

void vrx_cmac_done(struct vrx_cmac *cmac) {
    EVP_MAC_CTX_free(cmac->mac);
    cmac->mac = NULL;
}

/* Without a key init begins anew under the one that is there. */
struct vrx_result vrx_cmac_of(
    struct vrx_cmac *cmac, struct vrx_view input, uint8_t ret_mac[VRX_CMAC]) {
    size_t len = 0;
    if (EVP_MAC_init(cmac->mac, NULL, 0, NULL) != 1 ||
        EVP_MAC_update(cmac->mac, input.ptr, input.len) != 1 ||
        EVP_MAC_final(cmac->mac, ret_mac, &len, VRX_CMAC) != 1 || len != VRX_CMAC)
        return vrx_crypto_failed();
    return vrx_ok();
}
