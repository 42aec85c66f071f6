/* SPDX-License-Identifier: Apache-2.0
 *
 * Private keys: P-256 and nothing else. Between a file and the library's own key object the bytes
 * stand in locked memory or in buffers that are wiped. Read key_object.h first.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/algorithms.h"
#include "crypto/hash.h"
#include "crypto/key_object.h"
#include "crypto/pem.h"

#define PEM_LABEL "PRIVATE KEY"
#define PKCS8_MAX 2048 /* P-256 takes 138 bytes; attributes may follow the key */

/* The public point, uncompressed. */
static bool point_of(EVP_PKEY *pkey, uint8_t ret_point[VRX_P256_POINT]) {
    size_t len = 0;
    return EVP_PKEY_get_octet_string_param(
               pkey, OSSL_PKEY_PARAM_PUB_KEY, ret_point, VRX_P256_POINT, &len) == 1 &&
           len == VRX_P256_POINT && ret_point[0] == 4;
}

/* Takes pkey over in every case. */
static struct vrx_result adopt(EVP_PKEY *pkey, struct vrx_private_key **ret_key) {
    struct vrx_private_key *key = calloc(1, sizeof *key);
    if (!key) {
        EVP_PKEY_free(pkey);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    key->pkey = pkey;
    key->sign = EVP_PKEY_CTX_new(pkey, NULL);
    if (!key->sign || EVP_PKEY_sign_init(key->sign) != 1 || !point_of(pkey, key->point)) {
        vrx_private_key_free(&key);
        return vrx_crypto_failed();
    }
    *ret_key = key;
    return vrx_ok();
}

struct vrx_result vrx_private_key_new_p256(struct vrx_private_key **ret_key) {
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(algorithms->p256, NULL);
    if (!context || EVP_PKEY_keygen_init(context) != 1 || EVP_PKEY_keygen(context, &pkey) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    if (!pkey)
        return vrx_crypto_failed();
    return adopt(pkey, ret_key);
}

struct vrx_result vrx_private_key_outside(const struct vrx_public_key *public_key,
    const struct vrx_outside_signer *signer, struct vrx_private_key **ret_key) {
    VRX_CLEANUP(vrx_private_key_free) struct vrx_private_key *key = calloc(1, sizeof *key);
    if (!key)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_public_key_to_point(public_key, key->point));
    VRX_TRY(
        vrx_public_key_from_point(vrx_view_of(key->point, sizeof key->point), &key->public_key));
    key->outside = *signer;
    *ret_key = key;
    key = NULL;
    return vrx_ok();
}

/* For what only the private key itself can do. */
static struct vrx_result is_here(const struct vrx_private_key *key) {
    return key->pkey ? vrx_ok()
                     : vrx_refuse(VRX_KEY_INVALID, "key.h: the private key is outside, it signs");
}

/* A named P-256 key whose scalar is in range and whose public half belongs to it. */
static bool is_sound_p256(EVP_PKEY *pkey) {
    char name[32];
    size_t len = 0;
    int explicit_parameters = 1;
    if (!EVP_PKEY_is_a(pkey, "EC") || EVP_PKEY_get_group_name(pkey, name, sizeof name, &len) != 1 ||
        strcmp(name, SN_X9_62_prime256v1) != 0 ||
        EVP_PKEY_get_int_param(
            pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters) != 1 ||
        explicit_parameters)
        return false;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    bool sound = context && EVP_PKEY_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return sound;
}

/* However it was written, it is written again in one form: with its point, uncompressed. */
static bool normalise(EVP_PKEY *pkey) {
    return EVP_PKEY_set_int_param(pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 1) == 1 &&
           EVP_PKEY_set_utf8_string_param(
               pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed") == 1;
}

struct vrx_result vrx_private_key_from_pkcs8(
    struct vrx_view der, struct vrx_private_key **ret_key) {
    static const char clause[] = "RFC 5958 §2";
    if (der.len == 0 || der.len > PKCS8_MAX)
        return vrx_refuse(VRX_KEY_INVALID, clause);
    const unsigned char *at = der.ptr;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
    EVP_PKEY *pkey = info && at == der.ptr + der.len ? EVP_PKCS82PKEY(info) : NULL;
    PKCS8_PRIV_KEY_INFO_free(info);
    if (!pkey || !is_sound_p256(pkey) || !normalise(pkey)) {
        EVP_PKEY_free(pkey);
        return vrx_crypto_refuse(VRX_KEY_INVALID, clause);
    }
    return adopt(pkey, ret_key);
}

static void info_free(PKCS8_PRIV_KEY_INFO **info) {
    PKCS8_PRIV_KEY_INFO_free(*info);
}

struct vrx_result vrx_private_key_to_pkcs8(
    const struct vrx_private_key *key, struct vrx_secret **ret_der) {
    VRX_TRY(is_here(key));
    VRX_CLEANUP(info_free) PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pkey);
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *der = NULL;
    int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, NULL) : 0;
    if (len <= 0)
        return vrx_crypto_failed();
    VRX_TRY(vrx_secret_new((size_t)len, &der));
    unsigned char *at = der->ptr;
    if (i2d_PKCS8_PRIV_KEY_INFO(info, &at) != len)
        return vrx_crypto_failed();
    *ret_der = der;
    der = NULL;
    return vrx_ok();
}

struct vrx_result vrx_private_key_from_pem(struct vrx_view pem, struct vrx_private_key **ret_key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer der = {0};
    VRX_TRY(vrx_pem_read(pem, PEM_LABEL, VRX_KEY_INVALID, &der));
    return vrx_private_key_from_pkcs8(vrx_buffer_view(&der), ret_key);
}

struct vrx_result vrx_private_key_to_pem(
    const struct vrx_private_key *key, struct vrx_secret **ret_pem) {
    VRX_CLEANUP(vrx_secret_free) struct vrx_secret *der = NULL;
    VRX_TRY(vrx_private_key_to_pkcs8(key, &der));
    struct vrx_secret *pem = NULL;
    VRX_TRY(vrx_secret_new(vrx_pem_size(der->len, PEM_LABEL), &pem));
    vrx_pem_write(vrx_secret_view(der), PEM_LABEL, pem->ptr);
    *ret_pem = pem;
    return vrx_ok();
}

void vrx_private_key_free(struct vrx_private_key **key) {
    if (!key || !*key)
        return;
    EVP_PKEY_CTX_free((*key)->sign);
    EVP_PKEY_free((*key)->pkey); /* clears the scalar */
    vrx_public_key_free(&(*key)->public_key);
    free(*key);
    *key = NULL;
}

void vrx_private_key_point(const struct vrx_private_key *key, uint8_t ret_point[VRX_P256_POINT]) {
    memcpy(ret_point, key->point, VRX_P256_POINT);
}

struct vrx_result vrx_private_key_to_spki(
    const struct vrx_private_key *key, struct vrx_buffer *out) {
    uint8_t spki[VRX_P256_SPKI];
    vrx_p256_spki(key->point, spki);
    return vrx_buffer_append(out, vrx_view_of(spki, sizeof spki));
}

struct vrx_result vrx_private_key_spki_sha256(
    const struct vrx_private_key *key, uint8_t ret_digest[32]) {
    uint8_t spki[VRX_P256_SPKI];
    vrx_p256_spki(key->point, spki);
    return vrx_sha256(vrx_view_of(spki, sizeof spki), ret_digest);
}

struct vrx_result vrx_private_key_public(
    const struct vrx_private_key *key, struct vrx_public_key **ret_key) {
    return vrx_public_key_from_point(vrx_view_of(key->point, sizeof key->point), ret_key);
}

struct vrx_result vrx_ecdh(const struct vrx_private_key *own, const struct vrx_public_key *other,
    uint8_t ret_shared[VRX_P256_SHARED]) {
    if (other->type != VRX_KEY_P256)
        return vrx_refuse(VRX_KEY_INVALID, "SEC 1 §3.3.1");
    VRX_TRY(is_here(own));
    size_t len = VRX_P256_SHARED;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(own->pkey, NULL);
    /* The point was validated when the key was made. */
    bool good = context && EVP_PKEY_derive_init(context) == 1 &&
                EVP_PKEY_derive_set_peer_ex(context, other->pkey, 0) == 1 &&
                EVP_PKEY_derive(context, ret_shared, &len) == 1 && len == VRX_P256_SHARED;
    EVP_PKEY_CTX_free(context);
    return good ? vrx_ok() : vrx_crypto_failed();
}
