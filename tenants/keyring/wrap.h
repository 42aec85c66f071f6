/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside this room only: what binds the parts of a keyring to each other (the contexts of
 * keyring.cddl), and the municipality's keys under the root key.
 */
#ifndef VRX_KEYRING_WRAP_H
#define VRX_KEYRING_WRAP_H

#include "crypto/aead.h"
#include "keyring/keyring.h"

#define VRX_WRAP_MORE (VRX_AEAD_NONCE + VRX_AEAD_TAG) /* bytes that wrapping adds */

#define VRX_KEYRING_VERSION 3
#define VRX_SHARE_CHECK 32 /* bytes */

/* Appends the external data of a custodian's message. keyring has its municipality and threshold;
 * index counts from 1. */
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

/* Appends the head: everything in keyring but head and wrapped. */
struct vrx_result vrx_wrap_put_head(const struct vrx_keyring *keyring, struct vrx_buffer *out);

/* Appends the file of this head and these wrapped secrets. */
struct vrx_result vrx_wrap_put_file(
    struct vrx_view head, struct vrx_view wrapped, struct vrx_buffer *out);

/* Appends wrapped of this plaintext, under the key that follows from the root key. */
struct vrx_result vrx_wrap_put(const struct vrx_secret *root, struct vrx_view head,
    struct vrx_view plaintext, const struct vrx_random *random, struct vrx_buffer *out);

/* Errors: VRX_CUSTODIAN_REFUSED when it does not authenticate. */
struct vrx_result vrx_wrap_take(const struct vrx_secret *root, struct vrx_view head,
    struct vrx_view wrapped, struct vrx_secret **ret_plaintext);

/* Appends secrets, which out wipes. */
struct vrx_result vrx_secrets_put(const struct vrx_tenant_keys *keys, struct vrx_buffer *out);

/* What plaintext of this keyring says. Errors: VRX_VAULT_DAMAGED when it is not of the form or the
 * key pairs are not the published ones; VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED. */
struct vrx_result vrx_secrets_take(const struct vrx_keyring *keyring, struct vrx_view plaintext,
    struct vrx_tenant_keys **ret_keys);

#endif
