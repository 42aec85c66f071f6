/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: what binds the parts of a keyring to each other (root-context and
 * wrap-context of keyring.cddl), and the keys wrapped under the root key.
 */
#ifndef VRX_KEYRING_WRAP_H
#define VRX_KEYRING_WRAP_H

#include "crypto/aead.h"
#include "keyring/keyring.h"

#define VRX_WRAP_MORE (VRX_AEAD_NONCE + VRX_AEAD_TAG) /* bytes that wrapping adds */

#define VRX_KEYRING_VERSION 1
#define VRX_KEYRING_MEMBERS 8 /* of the map; their keys are 1 to 8 */

/* Which of the two keys. */
#define VRX_WRAP_SIGNING "signing"
#define VRX_WRAP_EXCHANGE "exchange"

/* Appends the external data of the root key's message. */
struct vrx_result vrx_wrap_root_context(
    const struct vrx_municipality_code *municipality, struct vrx_buffer *out);

/* Opens a root key's message into locked memory. Errors: vrx_encrypt_open's; VRX_DECRYPT_FAILED
 * when it is no root key. */
struct vrx_result vrx_wrap_open_root(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_private_key *key, struct vrx_secret **ret_root);

/* The cipher under the wrapping key that follows from the root key. */
struct vrx_result vrx_wrap_init(struct vrx_aead *aead, struct vrx_view root);

/* Appends nonce ‖ ciphertext ‖ tag of the key's PKCS #8. keyring has its municipality, both SPKIs
 * and its custodian list. */
struct vrx_result vrx_wrap_put(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, const struct vrx_private_key *key, const struct vrx_random *random,
    struct vrx_buffer *out);

/* Errors: VRX_CUSTODIAN_REFUSED when it does not authenticate; VRX_VAULT_DAMAGED when it does and
 * is no key. */
struct vrx_result vrx_wrap_take(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, struct vrx_view wrapped, struct vrx_private_key **ret_key);

#endif
