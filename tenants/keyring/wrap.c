/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapped keys authenticate the public parts of the file, the list of custodians among them:
 * whoever can write the file could otherwise add a custodian and wait for the next rotation.
 */
#include "keyring/wrap.h"

#include "cbor/writer.h"
#include "crypto/hash.h"

static const char context_1[] = "vrx-keyring-v1";
static const char context_2[] = "vrx-keyring-v2";
static const char share_context[] = "vrx-share-v2";
static const char check_context[] = "vrx-share-check-v2";
static const char label[] = "vrx-v1 wrap";

/* What a share belongs to: keyring.cddl has both arrays. */
static struct vrx_result put_share_context(
    const struct vrx_keyring *keyring, const char *use, unsigned index, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_text(&writer, vrx_view_text(use));
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    vrx_cbor_put_uint(&writer, keyring->threshold);
    vrx_cbor_put_uint(&writer, index);
    return vrx_cbor_writer_finish(&writer);
}

struct vrx_result vrx_wrap_share_context(
    const struct vrx_keyring *keyring, unsigned index, struct vrx_buffer *out) {
    if (keyring->version != 1)
        return put_share_context(keyring, share_context, index, out);
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_view_text(context_1));
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    return vrx_cbor_writer_finish(&writer);
}

struct vrx_result vrx_wrap_share_check(const struct vrx_keyring *keyring, unsigned index,
    struct vrx_view value, uint8_t ret_check[VRX_SHARE_CHECK]) {
    struct vrx_buffer info VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(put_share_context(keyring, check_context, index, &info));
    return vrx_hkdf_sha256(
        value, (struct vrx_view){NULL, 0}, vrx_buffer_view(&info), ret_check, VRX_SHARE_CHECK);
}

/* Associated data of a wrapped key: all that the keyring says, and which of the two keys it is. */
static struct vrx_result put_wrap_context(
    const struct vrx_keyring *keyring, const char *role, struct vrx_buffer *out) {
    const bool first = keyring->version == 1;
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, first ? 6 : 7);
    vrx_cbor_put_text(&writer, vrx_view_text(first ? context_1 : context_2));
    vrx_cbor_put_text(&writer, vrx_view_text(role));
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    vrx_cbor_put_bytes(&writer, keyring->signing_spki);
    vrx_cbor_put_bytes(&writer, keyring->exchange_spki);
    vrx_cbor_put_item(&writer, keyring->custodian_list);
    if (!first)
        vrx_cbor_put_uint(&writer, keyring->threshold);
    return vrx_cbor_writer_finish(&writer);
}

struct vrx_result vrx_wrap_init(struct vrx_aead *aead, struct vrx_view root) {
    struct vrx_secret *key VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_secret_new(VRX_AEAD_KEY, &key));
    VRX_TRY(vrx_hkdf_sha256(
        root, (struct vrx_view){NULL, 0}, vrx_view_text(label), key->ptr, key->len));
    return vrx_aead_init(aead, vrx_secret_view(key));
}

struct vrx_result vrx_wrap_put(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, const struct vrx_private_key *key, const struct vrx_random *random,
    struct vrx_buffer *out) {
    struct vrx_secret *der VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer associated VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    VRX_TRY(vrx_private_key_to_pkcs8(key, &der));
    VRX_TRY(put_wrap_context(keyring, role, &associated));
    VRX_TRY(vrx_buffer_extend(out, der->len + VRX_WRAP_MORE, &at));
    VRX_TRY(vrx_random_fill(random, at, VRX_AEAD_NONCE));
    return vrx_aead_seal(aead, at, vrx_buffer_view(&associated), vrx_secret_view(der),
        at + VRX_AEAD_NONCE, at + VRX_AEAD_NONCE + der->len);
}

struct vrx_result vrx_wrap_take(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, struct vrx_view wrapped, struct vrx_private_key **ret_key) {
    struct vrx_secret *der VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer associated VRX_CLEANUP(vrx_buffer_done) = {0};
    const size_t len = wrapped.len - VRX_WRAP_MORE; /* more than 0, as the parser saw */
    VRX_TRY(put_wrap_context(keyring, role, &associated));
    VRX_TRY(vrx_secret_new(len, &der));
    struct vrx_result result = vrx_aead_open(aead, wrapped.ptr, vrx_buffer_view(&associated),
        vrx_view_slice(wrapped, VRX_AEAD_NONCE, len), wrapped.ptr + VRX_AEAD_NONCE + len, der->ptr);
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: wrap-context");
    VRX_TRY(result);
    result = vrx_private_key_from_pkcs8(vrx_secret_view(der), ret_key);
    return result.reason == VRX_KEY_INVALID ? vrx_refuse(VRX_VAULT_DAMAGED, result.clause) : result;
}

struct vrx_result vrx_wrap_open(struct vrx_view message, struct vrx_view external,
    struct vrx_view kid, const struct vrx_ecdh_key *key, size_t len,
    struct vrx_secret **ret_content) {
    struct vrx_buffer plaintext VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_secret *content = NULL;
    VRX_TRY(vrx_encrypt_open_by(message, external, kid, key, &plaintext));
    if (plaintext.len != len)
        return vrx_refuse(VRX_DECRYPT_FAILED, "keyring.cddl: a share of 32 bytes");
    VRX_TRY(vrx_secret_new(len, &content));
    memcpy(content->ptr, plaintext.ptr, len);
    *ret_content = content;
    return vrx_ok();
}
