/* SPDX-License-Identifier: Apache-2.0
 *
 * Asymmetric keys: P-256 for all that VRX signs and agrees on; P-384, P-521, RSA and Ed25519 public
 * keys only to verify what others signed. A key object is immutable and may be shared by threads.
 *
 * Errors of all beside their own: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED.
 */
#ifndef VRX_CRYPTO_KEY_H
#define VRX_CRYPTO_KEY_H

#include "base/bytes.h"
#include "base/secret.h"

struct vrx_public_key;
struct vrx_private_key;

enum vrx_key_type {
    VRX_KEY_P256 = 1,
    VRX_KEY_P384 = 2,
    VRX_KEY_P521 = 3,
    VRX_KEY_RSA = 4, /* 2048 to 8192 bits */
    VRX_KEY_ED25519 = 5,
};

#define VRX_P256_POINT 65 /* 0x04 ‖ x ‖ y (SEC 1 §2.3.3) */
#define VRX_P256_SCALAR 32
#define VRX_P256_SIGNATURE 64 /* r ‖ s (RFC 9053 §2.1) */
#define VRX_P256_SHARED 32    /* x-coordinate (SEC 1 §3.3.1) */

/* A fresh P-256 key pair. Errors: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_private_key_new_p256(struct vrx_private_key **ret_key);

/* PKCS#8 PrivateKeyInfo in DER (RFC 5958), P-256 only, by name. A public point that does not belong
 * to the scalar is refused; without one it is computed. Errors: VRX_KEY_INVALID. */
struct vrx_result vrx_private_key_from_pkcs8(struct vrx_view der, struct vrx_private_key **ret_key);
/* With its public point. Errors: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_private_key_to_pkcs8(
    const struct vrx_private_key *key, struct vrx_secret **ret_der);

/* The first "PRIVATE KEY" block (RFC 7468 §10), unencrypted: files with mode 0600. Errors:
 * VRX_KEY_INVALID. */
struct vrx_result vrx_private_key_from_pem(struct vrx_view pem, struct vrx_private_key **ret_key);
struct vrx_result vrx_private_key_to_pem(
    const struct vrx_private_key *key, struct vrx_secret **ret_pem);

/* Signs where the private key is kept: on a token. digest: SHA-256 of the message; the signature is
 * raw r ‖ s. Its errors are those of vrx_sign_es256 with such a key. */
struct vrx_outside_signer {
    struct vrx_result (*sign)(
        void *context, const uint8_t digest[32], uint8_t ret_signature[VRX_P256_SIGNATURE]);
    void *context;
};

/* A key whose private half is elsewhere: it signs with vrx_sign_es256 and has its public half;
 * everything else of it (PKCS#8, certificates, lists, ECDH) is VRX_KEY_INVALID. The signer's
 * context is borrowed and must live as long; so far as it is not shared by threads, the key is not
 * either. Errors: VRX_KEY_INVALID when the public key is not P-256. */
struct vrx_result vrx_private_key_outside(const struct vrx_public_key *public_key,
    const struct vrx_outside_signer *signer, struct vrx_private_key **ret_key);

void vrx_private_key_free(struct vrx_private_key **key);

/* Its public half, a key of its own. */
struct vrx_result vrx_private_key_public(
    const struct vrx_private_key *key, struct vrx_public_key **ret_key);

/* The same as its uncompressed point, as its SubjectPublicKeyInfo (appended) and as the SHA-256 of
 * that, without making a key. Errors: VRX_CRYPTO_FAILED; the buffer's. */
void vrx_private_key_point(const struct vrx_private_key *key, uint8_t ret_point[VRX_P256_POINT]);
struct vrx_result vrx_private_key_to_spki(
    const struct vrx_private_key *key, struct vrx_buffer *out);
struct vrx_result vrx_private_key_spki_sha256(
    const struct vrx_private_key *key, uint8_t ret_digest[32]);

/* An uncompressed P-256 point; it must lie on the curve. Errors: VRX_KEY_INVALID. */
struct vrx_result vrx_public_key_from_point(struct vrx_view point, struct vrx_public_key **ret_key);
/* x and y of the named EC type (COSE and JWK keys). Errors: VRX_KEY_INVALID. */
struct vrx_result vrx_public_key_from_xy(
    enum vrx_key_type type, struct vrx_view x, struct vrx_view y, struct vrx_public_key **ret_key);
/* SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7), any vrx_key_type. One key has one encoding: a
 * curve by parameters, a compressed point or BER is VRX_KEY_INVALID. */
struct vrx_result vrx_public_key_from_spki(struct vrx_view der, struct vrx_public_key **ret_key);
/* Appends. */
struct vrx_result vrx_public_key_to_spki(const struct vrx_public_key *key, struct vrx_buffer *out);
/* The same in PEM, "PUBLIC KEY" (RFC 7468 §13). Errors: VRX_KEY_INVALID. */
struct vrx_result vrx_public_key_from_pem(struct vrx_view pem, struct vrx_public_key **ret_key);
/* Appends. */
struct vrx_result vrx_public_key_to_pem(const struct vrx_public_key *key, struct vrx_buffer *out);
/* P-256 only. Errors: VRX_KEY_INVALID. */
struct vrx_result vrx_public_key_to_point(
    const struct vrx_public_key *key, uint8_t ret_point[VRX_P256_POINT]);
/* What a JWK has of it (RFC 7518 §6.2.1, §6.3.1), appended: of an EC key x and y, each of the
 * field's length; of an RSA key n and e, without leading zeros. Errors: VRX_KEY_INVALID for
 * another. */
struct vrx_result vrx_public_key_numbers(
    const struct vrx_public_key *key, struct vrx_buffer *first, struct vrx_buffer *second);
/* SHA-256 of the SubjectPublicKeyInfo: how terminals are known. */
struct vrx_result vrx_public_key_spki_sha256(
    const struct vrx_public_key *key, uint8_t ret_digest[32]);
enum vrx_key_type vrx_public_key_type(const struct vrx_public_key *key);
void vrx_public_key_free(struct vrx_public_key **key);

/* Signature algorithms by their COSE numbers (RFC 9053 §2, RFC 8230 §2). */
enum vrx_signature_algorithm {
    VRX_ES256 = -7,
    VRX_EDDSA = -8,
    VRX_ES384 = -35,
    VRX_ES512 = -36,
    VRX_PS256 = -37,
};

/* ES256 over SHA-256 of message; raw r ‖ s. What an outside signer gave is verified before it is
 * returned. Errors: VRX_CRYPTO_FAILED; of a key outside its signer's, and VRX_TOKEN_FAILED when its
 * signature does not verify. */
struct vrx_result vrx_sign_es256(const struct vrx_private_key *key, struct vrx_view message,
    uint8_t ret_signature[VRX_P256_SIGNATURE]);

/* Errors: VRX_SIGNATURE_INVALID ("RFC 9053 §2.1" or the algorithm's own clause);
 * VRX_ALGORITHM_REFUSED when the algorithm is none of these or does not fit the key. */
struct vrx_result vrx_verify(enum vrx_signature_algorithm algorithm,
    const struct vrx_public_key *key, struct vrx_view message, struct vrx_view signature);

/* RSASSA-PKCS1-v1_5 over SHA-256 (RFC 8017 §8.2.2), as number cards sign; no COSE message of ours
 * may. Errors: VRX_SIGNATURE_INVALID; VRX_ALGORITHM_REFUSED when the key is not RSA. */
struct vrx_result vrx_verify_pkcs1(
    const struct vrx_public_key *key, struct vrx_view message, struct vrx_view signature);

/* ECDH on P-256, the x-coordinate. Errors: VRX_KEY_INVALID when either key is not P-256. */
struct vrx_result vrx_ecdh(const struct vrx_private_key *own, const struct vrx_public_key *other,
    uint8_t ret_shared[VRX_P256_SHARED]);

#endif
