/* SPDX-License-Identifier: Apache-2.0
 *
 * keyring.cbor: what the platform keeps of a municipality's keys. Made on the municipality's own
 * machine; nothing in it opens without a custodian's private key. keyring.cddl has its form.
 *
 * The root key is split between the custodians (split.h), a share each, encrypted to that custodian
 * alone (COSE_Encrypt); as many of them as the threshold says open it together. With a threshold of
 * 1 every share is the root key itself: each custodian alone. The root key unwraps the
 * municipality's signing and exchange keys, with everything else in the file authenticated beside
 * them: that they unwrap is what shows that a root key belongs to this keyring and that no part of
 * it was changed.
 *
 * Files of version 1 know no shares: one message for all custodians, threshold 1. They open for
 * ever; new ones are of version 2.
 */
#ifndef VRX_KEYRING_KEYRING_H
#define VRX_KEYRING_KEYRING_H

#include "base/random.h"
#include "codes/municipality_code.h"
#include "cose/encrypt.h"
#include "keyring/keys.h"

#define VRX_LIMIT_KEYRING ((size_t)16384) /* bytes; 16 custodians take 6,700 */

struct vrx_custodian {
    struct vrx_view kid;   /* VRX_KID bytes */
    struct vrx_view spki;  /* SubjectPublicKeyInfo, P-256 */
    struct vrx_view check; /* what tells this custodian's share from another; empty in version 1 */
    struct vrx_view share; /* COSE_Encrypt; in version 1 the same for all */
};

/* Views of the parsed bytes. */
struct vrx_keyring {
    unsigned version; /* 1 or 2 */
    struct vrx_municipality_code municipality;
    unsigned threshold;       /* custodians needed, 1 to custodian_count */
    struct vrx_view signing;  /* wrapped: nonce ‖ ciphertext ‖ tag */
    struct vrx_view exchange; /* the same */
    struct vrx_view signing_spki;
    struct vrx_view exchange_spki;
    struct vrx_view custodian_list; /* as it is encoded */
    size_t custodian_count;         /* 1 to VRX_LIMIT_RECIPIENTS */
    struct vrx_custodian custodians[VRX_LIMIT_RECIPIENTS];
};

/* A custodian's private key, wherever it is kept. */
struct vrx_custodian_key {
    struct vrx_ecdh_key ecdh;
    uint8_t kid[VRX_KID];
};
/* One in this process; key must outlive it. Errors: VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_custodian_key_here(
    const struct vrx_private_key *key, struct vrx_custodian_key *ret_key);

/* What one custodian contributes. */
struct vrx_share {
    unsigned index;           /* the custodian's place in the list, from 1 */
    struct vrx_secret *value; /* VRX_ROOT_KEY bytes */
};
/* Wipes; a cleanup function. */
void vrx_share_done(struct vrx_share *share);

/* A new root key, signing key and exchange key for this municipality, the root key for threshold of
 * these custodians together (P-256 keys, each once). Appends the file's bytes. random gives root
 * key, shares and nonces; key pairs come from crypto/key.h. Errors: VRX_INPUT_RANGE when there are
 * no custodians or more than VRX_LIMIT_RECIPIENTS, or unless 1 <= threshold <= count;
 * VRX_KEY_INVALID when one is not P-256; VRX_INPUT_DUPLICATE_KEY when
 * one stands twice; VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_keyring_make(const struct vrx_municipality_code *municipality,
    const struct vrx_public_key *const *custodians, size_t count, size_t threshold,
    const struct vrx_random *random, struct vrx_buffer *out);

/* The same keys for other custodians: the root key, which must be old's, is split anew. Appends the
 * file's bytes. What old's custodians have stays what it was: whoever kept old and enough of their
 * keys has the root key still. Errors: vrx_keyring_make's; vrx_keyring_unlock's of old. */
struct vrx_result vrx_keyring_remake(const struct vrx_keyring *old, const struct vrx_secret *root,
    const struct vrx_public_key *const *custodians, size_t count, size_t threshold,
    const struct vrx_random *random, struct vrx_buffer *out);

/* The public parts, without any key. Their form is checked, their authenticity is not: that is
 * vrx_keyring_unlock's. Errors: the CBOR reader's and the municipality code's; VRX_INPUT_VERSION;
 * VRX_INPUT_RANGE for a part of the wrong size or a kid that is not its key's;
 * VRX_INPUT_DUPLICATE_KEY when a custodian stands twice; VRX_INPUT_TOO_LARGE over
 * VRX_LIMIT_KEYRING. */
struct vrx_result vrx_keyring_parse(struct vrx_view bytes, struct vrx_keyring *ret_keyring);

/* One custodian's share. Errors: VRX_CUSTODIAN_REFUSED when the key is no custodian's here or what
 * was opened is not this custodian's share; VRX_DECRYPT_FAILED; the key's; VRX_OUT_OF_MEMORY,
 * VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_open_share(const struct vrx_keyring *keyring,
    const struct vrx_custodian_key *custodian, struct vrx_share *ret_share);

/* Whether this is the share of the custodian that its index names, and no other keyring's. In
 * version 1 nothing but vrx_keyring_unlock can tell. Errors: VRX_CUSTODIAN_REFUSED;
 * VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_check_share(
    const struct vrx_keyring *keyring, const struct vrx_share *share);

/* The root key from as many shares as the threshold says, checked before. Errors: VRX_INPUT_RANGE
 * when there are more or fewer; VRX_CUSTODIAN_REFUSED when one stands twice; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_keyring_join(const struct vrx_keyring *keyring,
    const struct vrx_share *shares, size_t count, struct vrx_secret **ret_root);

/* All keys of the municipality. Errors: VRX_CUSTODIAN_REFUSED when root is not this keyring's root
 * key or any part of the keyring was changed; VRX_VAULT_DAMAGED when an unwrapped key is not the
 * one that the keyring publishes; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_unlock(const struct vrx_keyring *keyring,
    const struct vrx_secret *root, struct vrx_tenant_keys **ret_keys);

#endif
