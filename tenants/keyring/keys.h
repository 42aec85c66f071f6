/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of one unsealed municipality: four symmetric ones that follow from its root key (HKDF,
 * RFC 5869), in one locked secret, and its two key pairs, which the keyring holds wrapped.
 */
#ifndef VRX_KEYRING_KEYS_H
#define VRX_KEYRING_KEYS_H

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/key.h"

#define VRX_ROOT_KEY 32 /* bytes, as are the four keys below */
#define VRX_KID 8       /* bytes of a key identifier */

struct vrx_tenant_keys {
    struct vrx_secret *derived;       /* the four keys, read with the functions below */
    struct vrx_private_key *signing;  /* ES256; NULL until the keyring is unlocked */
    struct vrx_private_key *exchange; /* ECDH; the same */
    uint8_t signing_kid[VRX_KID];
    uint8_t exchange_kid[VRX_KID];
};

/* The symmetric keys alone. root: VRX_ROOT_KEY bytes (VRX_INPUT_RANGE otherwise). Errors:
 * VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_tenant_keys_derive(struct vrx_view root, struct vrx_tenant_keys **ret_keys);

/* Accepts NULL; wipes, frees, sets *keys to NULL. */
void vrx_tenant_keys_free(struct vrx_tenant_keys **keys);

/* Views of 32 bytes that live as long as the keys. */
struct vrx_view vrx_tenant_data_key(const struct vrx_tenant_keys *keys);    /* the vault's pages */
struct vrx_view vrx_tenant_index_key(const struct vrx_tenant_keys *keys);   /* blind index (HMAC) */
struct vrx_view vrx_tenant_linkage_key(const struct vrx_tenant_keys *keys); /* linkage codes */
struct vrx_view vrx_tenant_ledger_key(
    const struct vrx_tenant_keys *keys); /* persons in the ledger */

/* How VRX names a key: the first VRX_KID bytes of SHA-256 over its SubjectPublicKeyInfo. Errors:
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_public_key_kid(const struct vrx_public_key *key, uint8_t ret_kid[VRX_KID]);

#endif
