/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of one unsealed municipality, as its keyring holds them: symmetric ones in one locked
 * secret, and its two key pairs with those that came before them.
 */
#ifndef VRX_KEYRING_KEYS_H
#define VRX_KEYRING_KEYS_H

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/key.h"

#define VRX_ROOT_KEY 32 /* bytes, as has each symmetric key below */
#define VRX_KID 8       /* bytes of a key identifier */
#define VRX_LIMIT_KEYRING_KEYS \
    32 /* signing keys, and exchange keys: a change a year for 31 years */
#define VRX_KEYRING_PRIVATE_KEYS 2 /* of which the private half is kept: present and last */
#define VRX_KEYRING_DATA_KEYS 2    /* likewise */

/* A key pair that another has followed. */
struct vrx_previous_key {
    struct vrx_private_key *private; /* NULL: only the public half is left */
    struct vrx_public_key *public;
    uint8_t kid[VRX_KID];
    int64_t from, until; /* in force: seconds since 1970, until inclusive */
};

/* The last one first. */
struct vrx_previous_keys {
    size_t count;
    struct vrx_previous_key key[VRX_LIMIT_KEYRING_KEYS - 1];
};

struct vrx_tenant_keys {
    struct vrx_secret *symmetric; /* read with the functions below */
    uint32_t data_number;         /* of the present data key, from 1; the one before has one less */
    size_t data_count;            /* 1, or 2 with the one before */
    struct vrx_private_key *signing;  /* ES256; the present one */
    struct vrx_private_key *exchange; /* ECDH; the same */
    uint8_t signing_kid[VRX_KID];
    uint8_t exchange_kid[VRX_KID];
    int64_t signing_from, exchange_from; /* in force since */
    struct vrx_previous_keys previous_signing, previous_exchange;
};

/* VRX_ROOT_KEY bytes each. */
struct vrx_symmetric_keys {
    struct vrx_view data[VRX_KEYRING_DATA_KEYS]; /* the present one first */
    size_t data_count;
    uint32_t data_number;
    struct vrx_view index, linkage, ledger;
};

/* The symmetric keys alone, copied. Errors: VRX_INPUT_RANGE when one has another length, there is
 * none or more data keys than VRX_KEYRING_DATA_KEYS, or they are more than their number says;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_tenant_keys_new(
    const struct vrx_symmetric_keys *symmetric, struct vrx_tenant_keys **ret_keys);

/* Accepts NULL; wipes, frees, sets *keys to NULL. */
void vrx_tenant_keys_free(struct vrx_tenant_keys **keys);

/* Views of 32 bytes that live as long as the keys. */
struct vrx_view vrx_tenant_data_key(const struct vrx_tenant_keys *keys);    /* the vault's pages */
struct vrx_view vrx_tenant_index_key(const struct vrx_tenant_keys *keys);   /* blind index (HMAC) */
struct vrx_view vrx_tenant_linkage_key(const struct vrx_tenant_keys *keys); /* linkage codes */
struct vrx_view vrx_tenant_ledger_key(
    const struct vrx_tenant_keys *keys); /* persons in the ledger */

/* The data key before the present one; empty when there is none. */
struct vrx_view vrx_tenant_previous_data_key(const struct vrx_tenant_keys *keys);

/* Whether next may take the place of used while the vault is open under the data key in_use: the
 * same municipality's keys, where a rotation left none out that is needed. The index, linkage and
 * ledger keys are the same; next has in_use among its data keys, and is no rotation of the data key
 * ahead of one that is not in the vault yet; used's signing and exchange keys are next's, present
 * or last. Errors: VRX_CUSTODIAN_REFUSED; VRX_WRONG_STATE when a data key that the vault has not
 * been moved to would be followed by yet another. */
struct vrx_result vrx_tenant_keys_follow(
    const struct vrx_tenant_keys *used, struct vrx_view in_use, const struct vrx_tenant_keys *next);

/* How VRX names a key: the first VRX_KID bytes of SHA-256 over its SubjectPublicKeyInfo. Errors:
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_public_key_kid(const struct vrx_public_key *key, uint8_t ret_kid[VRX_KID]);

#endif
