/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: what a key is made of. The operation contexts are set up once; a call
 * duplicates one, which costs a tenth of setting it up and lets threads share the key.
 */
#ifndef VRX_CRYPTO_KEY_OBJECT_H
#define VRX_CRYPTO_KEY_OBJECT_H

#include <openssl/evp.h>

#include "crypto/key.h"

struct vrx_public_key {
    enum vrx_key_type type;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *verify; /* NULL for Ed25519, which has no digest to verify */
    struct vrx_buffer spki;
};

struct vrx_private_key {
    EVP_PKEY *pkey; /* NULL: outside signs */
    EVP_PKEY_CTX *sign;
    uint8_t point[VRX_P256_POINT]; /* asked for with each message; the library takes 30 us for it */
    struct vrx_outside_signer outside;
    struct vrx_public_key *public_key; /* of a key outside, to verify what it signs */
};

#define VRX_P256_SPKI 91

/* SubjectPublicKeyInfo of this point. */
void vrx_p256_spki(const uint8_t point[VRX_P256_POINT], uint8_t ret_spki[VRX_P256_SPKI]);

#endif
