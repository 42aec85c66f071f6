/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures. COSE and JOSE carry ECDSA as r ‖ s, the library wants DER; the translation is done
 * here on the stack, both ways. Whether r and s are in range is the library's check (FIPS 186-4
 * §6.4). Which algorithm fits which key is the table below. Read key_object.h first.
 */
#include <openssl/rsa.h>

#include "crypto/algorithms.h"
#include "crypto/hash.h"
#include "crypto/key_object.h"

#define DER_MAX 160   /* two INTEGERs of 67 bytes with their heads */
#define DIGEST_MAX 64 /* SHA-512 */
#define DER_SEQUENCE 0x30
#define DER_INTEGER 0x02

static const struct algorithm {
    enum vrx_signature_algorithm algorithm;
    enum vrx_key_type key;
    size_t raw; /* length of r ‖ s; 0 where the signature is used as it is */
    const char *clause;
} algorithms_table[] = {
    {VRX_ES256, VRX_KEY_P256, 64, "RFC 9053 §2.1"},
    {VRX_ES384, VRX_KEY_P384, 96, "RFC 9053 §2.1"},
    {VRX_ES512, VRX_KEY_P521, 132, "RFC 9053 §2.1"},
    {VRX_PS256, VRX_KEY_RSA, 0, "RFC 8230 §2"},
    {VRX_EDDSA, VRX_KEY_ED25519, 0, "RFC 9053 §2.2"},
};

/* An INTEGER of len unsigned bytes: no leading zeros, one when the first bit is set. */
static uint8_t *put_integer(uint8_t *at, const uint8_t *number, size_t len) {
    while (len > 1 && number[0] == 0) {
        number++;
        len--;
    }
    bool padded = (number[0] & 0x80) != 0;
    *at++ = DER_INTEGER;
    *at++ = (uint8_t)(len + padded);
    if (padded)
        *at++ = 0;
    memcpy(at, number, len);
    return at + len;
}

/* ECDSA-Sig-Value (RFC 3279 §2.2.3) of raw r ‖ s; returns its length. */
static size_t der_from_raw(struct vrx_view raw, uint8_t out[DER_MAX]) {
    uint8_t body[DER_MAX];
    size_t half = raw.len / 2;
    uint8_t *end = put_integer(body, raw.ptr, half);
    end = put_integer(end, raw.ptr + half, half);
    size_t len = (size_t)(end - body);
    uint8_t *at = out;
    *at++ = DER_SEQUENCE;
    if (len >= 0x80)
        *at++ = 0x81;
    *at++ = (uint8_t)len;
    memcpy(at, body, len);
    return (size_t)(at - out) + len;
}

/* Takes one INTEGER of at most 32 bytes, right-aligned into out. */
static bool take_integer(struct vrx_view *rest, uint8_t out[VRX_P256_SCALAR]) {
    if (rest->len < 2 || rest->ptr[0] != DER_INTEGER || rest->ptr[1] > rest->len - 2)
        return false;
    struct vrx_view number = vrx_view_slice(*rest, 2, rest->ptr[1]);
    *rest = vrx_view_slice(*rest, 2 + number.len, rest->len);
    while (number.len > 0 && number.ptr[0] == 0)
        number = vrx_view_slice(number, 1, number.len);
    if (number.len > VRX_P256_SCALAR)
        return false;
    memset(out, 0, VRX_P256_SCALAR);
    if (number.len > 0)
        memcpy(out + VRX_P256_SCALAR - number.len, number.ptr, number.len);
    return true;
}

/* The library's own output for P-256, whose lengths take one byte each. */
static bool raw_from_der(struct vrx_view der, uint8_t out[VRX_P256_SIGNATURE]) {
    if (der.len < 2 || der.ptr[0] != DER_SEQUENCE || der.ptr[1] != der.len - 2)
        return false;
    struct vrx_view rest = vrx_view_slice(der, 2, der.len);
    return take_integer(&rest, out) && take_integer(&rest, out + VRX_P256_SCALAR) && rest.len == 0;
}

static struct vrx_result sign_here(const struct vrx_private_key *key,
    const uint8_t digest[VRX_SHA256], uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    uint8_t der[DER_MAX];
    size_t len = sizeof der;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(key->sign);
    bool good = context && EVP_PKEY_sign(context, der, &len, digest, VRX_SHA256) == 1;
    EVP_PKEY_CTX_free(context);
    uint8_t raw[VRX_P256_SIGNATURE];
    if (!good || !raw_from_der(vrx_view_of(der, len), raw))
        return vrx_crypto_failed();
    memcpy(ret_signature, raw, sizeof raw);
    return vrx_ok();
}

/* A token may be broken, or another one than before: what it says is looked at. */
static struct vrx_result sign_outside(const struct vrx_private_key *key, struct vrx_view message,
    const uint8_t digest[VRX_SHA256], uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    uint8_t raw[VRX_P256_SIGNATURE] = {0};
    VRX_TRY(key->outside.sign(key->outside.context, digest, raw));
    struct vrx_result result =
        vrx_verify(VRX_ES256, key->public_key, message, vrx_view_of(raw, sizeof raw));
    if (result.reason == VRX_SIGNATURE_INVALID)
        return vrx_refuse(VRX_TOKEN_FAILED, "key.h: the signature made outside does not verify");
    VRX_TRY(result);
    memcpy(ret_signature, raw, sizeof raw);
    return vrx_ok();
}

struct vrx_result vrx_sign_es256(const struct vrx_private_key *key, struct vrx_view message,
    uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_sha256(message, digest));
    return key->pkey ? sign_here(key, digest, ret_signature)
                     : sign_outside(key, message, digest, ret_signature);
}

/* OpenSSL wants a pointer even where there is nothing to read. */
static const uint8_t *bytes_of(struct vrx_view view) {
    static const uint8_t nothing[1];
    return view.len ? view.ptr : nothing;
}

static const EVP_MD *digest_of(
    const struct vrx_algorithms *handles, enum vrx_signature_algorithm algorithm) {
    return algorithm == VRX_ES384   ? handles->sha384
           : algorithm == VRX_ES512 ? handles->sha512
                                    : handles->sha256;
}

static struct vrx_result verify_digest(const struct algorithm *row,
    const struct vrx_public_key *key, struct vrx_view message, struct vrx_view signature) {
    const struct vrx_algorithms *handles = NULL;
    VRX_TRY(vrx_algorithms_get(&handles));
    uint8_t digest[DIGEST_MAX];
    unsigned len = 0;
    if (EVP_Digest(bytes_of(message), message.len, digest, &len, digest_of(handles, row->algorithm),
            NULL) != 1)
        return vrx_crypto_failed();
    uint8_t der[DER_MAX];
    if (row->raw > 0)
        signature = vrx_view_of(der, der_from_raw(signature, der));
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_dup(key->verify);
    if (!context)
        return vrx_crypto_failed();
    bool good = EVP_PKEY_verify(context, signature.ptr, signature.len, digest, len) == 1;
    EVP_PKEY_CTX_free(context);
    return good ? vrx_ok() : vrx_crypto_refuse(VRX_SIGNATURE_INVALID, row->clause);
}

static struct vrx_result verify_eddsa(
    const struct vrx_public_key *key, struct vrx_view message, struct vrx_view signature) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) != 1) {
        EVP_MD_CTX_free(context);
        return vrx_crypto_failed();
    }
    bool good = EVP_DigestVerify(
                    context, signature.ptr, signature.len, bytes_of(message), message.len) == 1;
    EVP_MD_CTX_free(context);
    return good ? vrx_ok() : vrx_crypto_refuse(VRX_SIGNATURE_INVALID, "RFC 9053 §2.2");
}

struct vrx_result vrx_verify(enum vrx_signature_algorithm algorithm,
    const struct vrx_public_key *key, struct vrx_view message, struct vrx_view signature) {
    const struct algorithm *row = NULL;
    for (size_t i = 0; i < sizeof algorithms_table / sizeof algorithms_table[0]; i++)
        if (algorithms_table[i].algorithm == algorithm)
            row = &algorithms_table[i];
    if (!row || row->key != key->type)
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 9053 §2: algorithm and kind of key");
    if (signature.len == 0 || (row->raw > 0 && signature.len != row->raw))
        return vrx_refuse(VRX_SIGNATURE_INVALID, row->clause);
    return algorithm == VRX_EDDSA ? verify_eddsa(key, message, signature)
                                  : verify_digest(row, key, message, signature);
}

struct vrx_result vrx_verify_pkcs1(
    const struct vrx_public_key *key, struct vrx_view message, struct vrx_view signature) {
    const struct vrx_algorithms *handles = NULL;
    uint8_t digest[VRX_SHA256];
    if (key->type != VRX_KEY_RSA)
        return vrx_refuse(VRX_ALGORITHM_REFUSED, "RFC 8017 §8.2: an RSA key");
    VRX_TRY(vrx_algorithms_get(&handles));
    VRX_TRY(vrx_sha256(message, digest));
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
    bool ready = context && EVP_PKEY_verify_init(context) == 1 &&
                 EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(context, handles->sha256) == 1;
    bool good = ready && EVP_PKEY_verify(context, bytes_of(signature), signature.len, digest,
                             sizeof digest) == 1;
    EVP_PKEY_CTX_free(context);
    if (!ready)
        return vrx_crypto_failed();
    return good ? vrx_ok() : vrx_crypto_refuse(VRX_SIGNATURE_INVALID, "RFC 8017 §8.2.2");
}
