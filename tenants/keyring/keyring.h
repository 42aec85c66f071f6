/* SPDX-License-Identifier: Apache-2.0
 *
 * keyring.cbor: what the platform keeps of a municipality's keys. Made on the municipality's own
 * machine; nothing in it opens without a custodian's private key. keyring.cddl has its form.
 *
 * The custodians open the root key (COSE_Encrypt, one recipient each). The root key unwraps the
 * municipality's signing and exchange keys, with everything else in the file authenticated beside
 * them: that they unwrap is what shows that a root key belongs to this keyring and that no part of
 * it was changed.
 */
#ifndef VRX_KEYRING_KEYRING_H
#define VRX_KEYRING_KEYRING_H

#include "base/random.h"
#include "codes/municipality_code.h"
#include "cose/encrypt.h"
#include "keyring/keys.h"

#define VRX_LIMIT_KEYRING ((size_t)16384) /* bytes; 16 custodians take 5,500 */

struct vrx_custodian {
    struct vrx_view kid;  /* VRX_KID bytes */
    struct vrx_view spki; /* SubjectPublicKeyInfo, P-256 */
};

/* Views of the parsed bytes. */
struct vrx_keyring {
    struct vrx_municipality_code municipality;
    struct vrx_view root;     /* COSE_Encrypt to the custodians */
    struct vrx_view signing;  /* wrapped: nonce ‖ ciphertext ‖ tag */
    struct vrx_view exchange; /* the same */
    struct vrx_view signing_spki;
    struct vrx_view exchange_spki;
    struct vrx_view custodian_list; /* as it is encoded */
    size_t custodian_count;         /* 1 to VRX_LIMIT_RECIPIENTS */
    struct vrx_custodian custodians[VRX_LIMIT_RECIPIENTS];
};

/* A new root key, signing key and exchange key for this municipality, the root key for these
 * custodians (P-256 keys, each once). Appends the file's bytes. random gives root key and nonces;
 * key pairs come from crypto/key.h. Errors: VRX_INPUT_RANGE when there are no custodians or more
 * than VRX_LIMIT_RECIPIENTS; VRX_KEY_INVALID when one is not P-256; VRX_INPUT_DUPLICATE_KEY when
 * one stands twice; VRX_RANDOM_FAILED, VRX_CRYPTO_FAILED, VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_keyring_make(const struct vrx_municipality_code *municipality,
    const struct vrx_public_key *const *custodians, size_t count, const struct vrx_random *random,
    struct vrx_buffer *out);

/* The public parts, without any key. Their form is checked, their authenticity is not: that is
 * vrx_keyring_unlock's. Errors: the CBOR reader's and the municipality code's; VRX_INPUT_VERSION;
 * VRX_INPUT_RANGE for a part of the wrong size or a kid that is not its key's;
 * VRX_INPUT_DUPLICATE_KEY when a custodian stands twice; VRX_INPUT_TOO_LARGE over
 * VRX_LIMIT_KEYRING. */
struct vrx_result vrx_keyring_parse(struct vrx_view bytes, struct vrx_keyring *ret_keyring);

/* The root key, by one custodian's private key. Errors: VRX_CUSTODIAN_REFUSED when the key is no
 * custodian's here; VRX_DECRYPT_FAILED; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_open_root(const struct vrx_keyring *keyring,
    const struct vrx_private_key *custodian, struct vrx_secret **ret_root);

/* All keys of the municipality. Errors: VRX_CUSTODIAN_REFUSED when root is not this keyring's root
 * key or any part of the keyring was changed; VRX_VAULT_DAMAGED when an unwrapped key is not the
 * one that the keyring publishes; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_keyring_unlock(const struct vrx_keyring *keyring,
    const struct vrx_secret *root, struct vrx_tenant_keys **ret_keys);

#endif
