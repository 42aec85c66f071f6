/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes, HMAC and HKDF. Contexts live for one call: OpenSSL wipes them when they are freed, so no
 * key stays behind in ordinary memory.
 */
#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/algorithms.h"

struct vrx_result vrx_sha256_parts(
    const struct vrx_view *parts, size_t count, uint8_t ret_digest[VRX_SHA256]) {
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex2(context, algorithms->sha256, NULL) == 1;
    for (size_t i = 0; good && i < count; i++)
        good = parts[i].len == 0 || EVP_DigestUpdate(context, parts[i].ptr, parts[i].len) == 1;
    good = good && EVP_DigestFinal_ex(context, ret_digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good ? vrx_ok() : vrx_crypto_failed();
}

struct vrx_result vrx_sha256(struct vrx_view input, uint8_t ret_digest[VRX_SHA256]) {
    return vrx_sha256_parts(&input, 1, ret_digest);
}

/* OpenSSL takes a NULL key for "keep the old one"; an empty key must be a pointer. */
static const uint8_t *never_null(struct vrx_view view) {
    static const uint8_t nothing[1] = {0};
    return view.len > 0 ? view.ptr : nothing;
}

struct vrx_result vrx_hmac_sha256(
    struct vrx_view key, struct vrx_view input, uint8_t ret_mac[VRX_SHA256]) {
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    EVP_MAC_CTX *context = EVP_MAC_CTX_dup(algorithms->hmac);
    size_t len = 0;
    bool good = context && EVP_MAC_init(context, never_null(key), key.len, NULL) == 1 &&
                (input.len == 0 || EVP_MAC_update(context, input.ptr, input.len) == 1) &&
                EVP_MAC_final(context, ret_mac, &len, VRX_SHA256) == 1;
    EVP_MAC_CTX_free(context);
    return good ? vrx_ok() : vrx_crypto_failed();
}

static OSSL_PARAM octets(const char *name, struct vrx_view view) {
    /* The parameter is read only; its type is shared with parameters that are written. */
    union {
        const uint8_t *given;
        void *taken;
    } pointer = {.given = never_null(view)};
    return OSSL_PARAM_construct_octet_string(name, pointer.taken, view.len);
}

struct vrx_result vrx_hkdf_sha256(
    struct vrx_view key, struct vrx_view salt, struct vrx_view info, uint8_t *out, size_t out_len) {
    if (out_len == 0 || out_len > (size_t)255 * VRX_SHA256)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 5869 §2.3: L is at most 255 hashes");
    if (info.len > VRX_HKDF_INFO)
        return vrx_refuse(VRX_INPUT_RANGE, NULL);
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(algorithms->hkdf);
    bool good = context && EVP_KDF_derive(context, out, out_len, params) == 1;
    EVP_KDF_CTX_free(context);
    return good ? vrx_ok() : vrx_crypto_failed();
}
