/* SPDX-License-Identifier: Apache-2.0
 *
 * Public keys. A key has one encoding: its SubjectPublicKeyInfo is kept as DER with a named curve
 * and an uncompressed point, and anything else is refused, because terminals and custodians are
 * known by the digest of exactly these bytes. Read key_object.h first.
 */
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "crypto/algorithms.h"
#include "crypto/hash.h"
#include "crypto/key_object.h"
#include "crypto/pem.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define PEM_LABEL "PUBLIC KEY"
#define SPKI_MAX 2048 /* RSA 8192 takes 1,062 bytes */

static const struct curve {
    enum vrx_key_type type;
    const char *name; /* OpenSSL's */
    size_t coordinate;
} curves[] = {
    {VRX_KEY_P256, SN_X9_62_prime256v1, 32},
    {VRX_KEY_P384, SN_secp384r1, 48},
    {VRX_KEY_P521, SN_secp521r1, 66},
};

/* SubjectPublicKeyInfo of P-256 up to the point (RFC 5480 §2). */
static const uint8_t p256_spki_head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

_Static_assert(sizeof p256_spki_head + VRX_P256_POINT == VRX_P256_SPKI, "P-256 has one form");

static const struct curve *curve_of_type(enum vrx_key_type type) {
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (curves[i].type == type)
            return &curves[i];
    return NULL;
}

/* The curve of an EC key that named it and whose point is sound and uncompressed. */
static const struct curve *curve_of_key(EVP_PKEY *pkey) {
    char name[32];
    uint8_t point[1 + 2 * 66];
    size_t len = 0;
    int explicit_parameters = 1;
    if (EVP_PKEY_get_int_param(
            pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit_parameters) != 1 ||
        explicit_parameters || EVP_PKEY_get_group_name(pkey, name, sizeof name, &len) != 1 ||
        EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len) !=
            1)
        return NULL;
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (strcmp(curves[i].name, name) == 0)
            return len == 1 + 2 * curves[i].coordinate && point[0] == 4 ? &curves[i] : NULL;
    return NULL;
}

/* 0 where the key is none of ours. */
static int type_of_key(EVP_PKEY *pkey) {
    if (EVP_PKEY_is_a(pkey, "EC")) {
        const struct curve *curve = curve_of_key(pkey);
        return curve ? (int)curve->type : 0;
    }
    if (EVP_PKEY_is_a(pkey, "RSA")) {
        int bits = EVP_PKEY_get_bits(pkey);
        return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX ? VRX_KEY_RSA : 0;
    }
    return EVP_PKEY_is_a(pkey, "ED25519") ? VRX_KEY_ED25519 : 0;
}

/* PS256: SHA-256, MGF1 with SHA-256, salt of 32 bytes (RFC 8230 §2). */
static bool set_pss(EVP_PKEY_CTX *context, const EVP_MD *sha256) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, sha256) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(context, sha256) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

static bool prepare(struct vrx_public_key *key) {
    if (key->type == VRX_KEY_ED25519)
        return true;
    const struct vrx_algorithms *algorithms = NULL;
    if (!vrx_is_ok(vrx_algorithms_get(&algorithms)))
        return false;
    key->verify = EVP_PKEY_CTX_new(key->pkey, NULL);
    return key->verify && EVP_PKEY_verify_init(key->verify) == 1 &&
           (key->type != VRX_KEY_RSA || set_pss(key->verify, algorithms->sha256));
}

/* Takes pkey over in every case; spki is its encoding. */
static struct vrx_result adopt(
    EVP_PKEY *pkey, enum vrx_key_type type, struct vrx_view spki, struct vrx_public_key **ret_key) {
    struct vrx_public_key *key = calloc(1, sizeof *key);
    if (!key) {
        EVP_PKEY_free(pkey);
        return vrx_fail(VRX_OUT_OF_MEMORY);
    }
    key->pkey = pkey;
    key->type = type;
    struct vrx_result result = vrx_buffer_append(&key->spki, spki);
    if (vrx_is_ok(result) && !prepare(key))
        result = vrx_crypto_failed();
    if (vrx_is_ok(result))
        *ret_key = key;
    else
        vrx_public_key_free(&key);
    return result;
}

/* The library checks that the point lies on the curve and is not at infinity. */
static EVP_PKEY *pkey_from_point(const struct curve *curve, const uint8_t *point) {
    char name[32];
    uint8_t copy[1 + 2 * 66];
    size_t len = 1 + 2 * curve->coordinate;
    memcpy(name, curve->name, strlen(curve->name) + 1);
    memcpy(copy, point, len);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, len),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    return pkey;
}

void vrx_p256_spki(const uint8_t point[VRX_P256_POINT], uint8_t ret_spki[VRX_P256_SPKI]) {
    memcpy(ret_spki, p256_spki_head, sizeof p256_spki_head);
    memcpy(ret_spki + sizeof p256_spki_head, point, VRX_P256_POINT);
}

struct vrx_result vrx_public_key_from_point(
    struct vrx_view point, struct vrx_public_key **ret_key) {
    const struct vrx_algorithms *algorithms = NULL;
    if (point.len != VRX_P256_POINT || point.ptr[0] != 4)
        return vrx_refuse(VRX_KEY_INVALID, "SEC 1 §2.3.4: uncompressed point");
    VRX_TRY(vrx_algorithms_get(&algorithms));
    EVP_PKEY *pkey = EVP_PKEY_dup(algorithms->p256);
    if (!pkey)
        return vrx_crypto_failed();
    /* The library checks that the point lies on the curve and is not at infinity. */
    if (EVP_PKEY_set1_encoded_public_key(pkey, point.ptr, point.len) != 1) {
        EVP_PKEY_free(pkey);
        return vrx_crypto_refuse(VRX_KEY_INVALID, "SEC 1 §3.2.2.1: point on the curve");
    }
    uint8_t spki[VRX_P256_SPKI];
    vrx_p256_spki(point.ptr, spki);
    return adopt(pkey, VRX_KEY_P256, vrx_view_of(spki, sizeof spki), ret_key);
}

/* The library's own encoding; the caller frees it with OPENSSL_free. */
static struct vrx_view encode_spki(EVP_PKEY *pkey) {
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(pkey, &der);
    return len > 0 ? vrx_view_of(der, (size_t)len) : (struct vrx_view){NULL, 0};
}

static void free_encoded(struct vrx_view encoded) {
    union {
        const uint8_t *given;
        void *owned;
    } pointer = {.given = encoded.ptr};
    OPENSSL_free(pointer.owned);
}

struct vrx_result vrx_public_key_from_xy(
    enum vrx_key_type type, struct vrx_view x, struct vrx_view y, struct vrx_public_key **ret_key) {
    const struct curve *curve = curve_of_type(type);
    if (!curve || x.len != curve->coordinate || y.len != curve->coordinate)
        return vrx_refuse(VRX_KEY_INVALID, "RFC 9053 §7.1.1: coordinates of the curve's size");
    uint8_t point[1 + 2 * 66] = {4};
    memcpy(point + 1, x.ptr, x.len);
    memcpy(point + 1 + x.len, y.ptr, y.len);
    if (type == VRX_KEY_P256)
        return vrx_public_key_from_point(vrx_view_of(point, VRX_P256_POINT), ret_key);
    EVP_PKEY *pkey = pkey_from_point(curve, point);
    if (!pkey)
        return vrx_crypto_refuse(VRX_KEY_INVALID, "SEC 1 §3.2.2.1: point on the curve");
    struct vrx_view spki = encode_spki(pkey);
    struct vrx_result result = adopt(pkey, type, spki, ret_key);
    free_encoded(spki);
    return result;
}

/* The one DER form of a P-256 key; OpenSSL 3.0 takes ten times as long over it as over the point
 * alone, and every signature that is verified begins with a key of the directory. */
static bool is_p256_spki(struct vrx_view der) {
    return der.len == sizeof p256_spki_head + VRX_P256_POINT &&
           memcmp(der.ptr, p256_spki_head, sizeof p256_spki_head) == 0;
}

struct vrx_result vrx_public_key_from_spki(struct vrx_view der, struct vrx_public_key **ret_key) {
    if (is_p256_spki(der))
        return vrx_public_key_from_point(
            vrx_view_of(der.ptr + sizeof p256_spki_head, VRX_P256_POINT), ret_key);
    if (der.len == 0 || der.len > SPKI_MAX)
        return vrx_refuse(VRX_KEY_INVALID, "RFC 5280 §4.1.2.7");
    const unsigned char *at = der.ptr;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)der.len);
    if (!pkey)
        return vrx_crypto_refuse(VRX_KEY_INVALID, "RFC 5280 §4.1.2.7");
    int type = type_of_key(pkey);
    if (type == 0) {
        EVP_PKEY_free(pkey);
        return vrx_crypto_refuse(VRX_KEY_INVALID, "RFC 5480 §2: kind of key");
    }
    struct vrx_view again = encode_spki(pkey);
    bool same = vrx_view_equal(again, der);
    free_encoded(again);
    if (!same) {
        EVP_PKEY_free(pkey);
        return vrx_crypto_refuse(VRX_KEY_INVALID, "X.690 §10: DER");
    }
    return adopt(pkey, (enum vrx_key_type)type, der, ret_key);
}

struct vrx_result vrx_public_key_to_spki(const struct vrx_public_key *key, struct vrx_buffer *out) {
    return vrx_buffer_append(out, vrx_buffer_view(&key->spki));
}

struct vrx_result vrx_public_key_from_pem(struct vrx_view pem, struct vrx_public_key **ret_key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer der = {0};
    VRX_TRY(vrx_pem_read(pem, PEM_LABEL, VRX_KEY_INVALID, &der));
    return vrx_public_key_from_spki(vrx_buffer_view(&der), ret_key);
}

struct vrx_result vrx_public_key_to_pem(const struct vrx_public_key *key, struct vrx_buffer *out) {
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(out, vrx_pem_size(key->spki.len, PEM_LABEL), &at));
    vrx_pem_write(vrx_buffer_view(&key->spki), PEM_LABEL, at);
    return vrx_ok();
}

struct vrx_result vrx_public_key_to_point(
    const struct vrx_public_key *key, uint8_t ret_point[VRX_P256_POINT]) {
    if (key->type != VRX_KEY_P256)
        return vrx_fail(VRX_KEY_INVALID);
    memcpy(ret_point, key->spki.ptr + sizeof p256_spki_head, VRX_P256_POINT);
    return vrx_ok();
}

static struct vrx_result put_number(EVP_PKEY *pkey, const char *name, struct vrx_buffer *out) {
    BIGNUM *number = NULL;
    uint8_t *at = NULL;
    if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1)
        return vrx_crypto_failed();
    struct vrx_result result = vrx_buffer_extend(out, (size_t)BN_num_bytes(number), &at);
    if (vrx_is_ok(result))
        BN_bn2bin(number, at);
    BN_free(number);
    return result;
}

/* The encoding ends with the uncompressed point. */
struct vrx_result vrx_public_key_numbers(
    const struct vrx_public_key *key, struct vrx_buffer *first, struct vrx_buffer *second) {
    static const size_t fields[] = {
        [VRX_KEY_P256] = 32, [VRX_KEY_P384] = 48, [VRX_KEY_P521] = 66, [VRX_KEY_ED25519] = 0};
    if (key->type == VRX_KEY_RSA) {
        VRX_TRY(put_number(key->pkey, OSSL_PKEY_PARAM_RSA_N, first));
        return put_number(key->pkey, OSSL_PKEY_PARAM_RSA_E, second);
    }
    const size_t len = fields[key->type];
    if (!len)
        return vrx_refuse(VRX_KEY_INVALID, "RFC 7518 §6: EC or RSA");
    const struct vrx_view spki = vrx_buffer_view(&key->spki);
    VRX_TRY(vrx_buffer_append(first, vrx_view_slice(spki, spki.len - 2 * len, len)));
    return vrx_buffer_append(second, vrx_view_slice(spki, spki.len - len, len));
}

struct vrx_result vrx_public_key_spki_sha256(
    const struct vrx_public_key *key, uint8_t ret_digest[32]) {
    return vrx_sha256(vrx_buffer_view(&key->spki), ret_digest);
}

enum vrx_key_type vrx_public_key_type(const struct vrx_public_key *key) {
    return key->type;
}

void vrx_public_key_free(struct vrx_public_key **key) {
    if (!key || !*key)
        return;
    EVP_PKEY_CTX_free((*key)->verify);
    EVP_PKEY_free((*key)->pkey);
    vrx_buffer_done(&(*key)->spki);
    free(*key);
    *key = NULL;
}
