/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: what binds the parts of a keyring to each other (the
 * contexts of keyring.cddl), and the keys wrapped under the root key.
 */
#ifndef VRX_KEYRING_WRAP_H
#define VRX_KEYRING_WRAP_H

#include "crypto/aead.h"
#include "keyring/keyring.h"

#define VRX_WRAP_MORE (VRX_AEAD_NONCE + VRX_AEAD_TAG) /* bytes that wrapping adds */

#define VRX_KEYRING_VERSION 2
#define VRX_KEYRING_MEMBERS 9   /* of the map; their keys are 1 to 9 */
#define VRX_KEYRING_MEMBERS_1 8 /* in version 1: no threshold */
#define VRX_SHARE_CHECK 32      /* bytes */

/* Which of the two keys. */
#define VRX_WRAP_SIGNING "signing"
#define VRX_WRAP_EXCHANGE "exchange"

/* Appends the external data of a custodian's message: root-context of version 1, share-context of
 * version 2. keyring has its version, municipality and threshold; index counts from 1. */
struct vrx_result vrx_wrap_share_context(
    const struct vrx_keyring *keyring, unsigned index, struct vrx_buffer *out);

/* share-check of a share's value. */
struct vrx_result vrx_wrap_share_check(const struct vrx_keyring *keyring, unsigned index,
    struct vrx_view value, uint8_t ret_check[VRX_SHARE_CHECK]);

/* Opens a message into locked memory. Errors: vrx_encrypt_open_by's; VRX_DECRYPT_FAILED when it has
 * not len bytes. */
struct vrx_result vrx_wrap_open(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_ecdh_key *key, size_t len,
    struct vrx_secret **ret_content);

/* The cipher under the wrapping key that follows from the root key. */
struct vrx_result vrx_wrap_init(struct vrx_aead *aead, struct vrx_view root);

/* Appends nonce ‖ ciphertext ‖ tag of the key's PKCS #8. keyring has its version, municipality,
 * threshold, both SPKIs and its custodian list. */
struct vrx_result vrx_wrap_put(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, const struct vrx_private_key *key, const struct vrx_random *random,
    struct vrx_buffer *out);

/* Errors: VRX_CUSTODIAN_REFUSED when it does not authenticate; VRX_VAULT_DAMAGED when it does and
 * is no key. */
struct vrx_result vrx_wrap_take(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, struct vrx_view wrapped, struct vrx_private_key **ret_key);

#endif
