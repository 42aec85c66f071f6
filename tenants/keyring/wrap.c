/* SPDX-License-Identifier: Apache-2.0
 *
 * The wrapped keys authenticate the head of the file, the list of custodians in it: whoever can
 * write the file could otherwise add a custodian and wait for the next rotation.
 */
#include "keyring/wrap.h"

#include "cbor/writer.h"
#include "crypto/hash.h"

static const char wrap_context[] = "vrx-keyring-v3";
static const char share_context[] = "vrx-share-v2";
static const char check_context[] = "vrx-share-check-v2";
static const char label[] = "vrx-v3 wrap";

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
    return put_share_context(keyring, share_context, index, out);
}

struct vrx_result vrx_wrap_share_check(const struct vrx_keyring *keyring, unsigned index,
    struct vrx_view value, uint8_t ret_check[VRX_SHARE_CHECK]) {
    struct vrx_buffer info VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(put_share_context(keyring, check_context, index, &info));
    return vrx_hkdf_sha256(
        value, (struct vrx_view){NULL, 0}, vrx_buffer_view(&info), ret_check, VRX_SHARE_CHECK);
}

static void put_custodian(const struct vrx_custodian *custodian, struct vrx_cbor_writer *writer) {
    const struct vrx_view parts[] = {
        custodian->kid, custodian->spki, custodian->check, custodian->share};
    vrx_cbor_put_map(writer, sizeof parts / sizeof parts[0]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        vrx_cbor_put_uint(writer, i + 1);
        vrx_cbor_put_bytes(writer, parts[i]);
    }
}

static void put_published(const struct vrx_published_keys *keys, struct vrx_cbor_writer *writer) {
    vrx_cbor_put_array(writer, keys->count);
    for (size_t i = 0; i < keys->count; i++) {
        vrx_cbor_put_array(writer, 3);
        vrx_cbor_put_bytes(writer, keys->key[i].spki);
        vrx_cbor_put_int(writer, keys->key[i].from);
        if (keys->key[i].until)
            vrx_cbor_put_int(writer, keys->key[i].until);
        else
            vrx_cbor_put_null(writer);
    }
}

struct vrx_result vrx_wrap_put_head(const struct vrx_keyring *keyring, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 7);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_uint(&writer, keyring->serial);
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_uint(&writer, keyring->threshold);
    vrx_cbor_put_uint(&writer, 4);
    vrx_cbor_put_array(&writer, keyring->custodian_count);
    for (size_t i = 0; i < keyring->custodian_count; i++)
        put_custodian(&keyring->custodians[i], &writer);
    vrx_cbor_put_uint(&writer, 5);
    put_published(&keyring->signing, &writer);
    vrx_cbor_put_uint(&writer, 6);
    put_published(&keyring->exchange, &writer);
    vrx_cbor_put_uint(&writer, 7);
    vrx_cbor_put_uint(&writer, keyring->data_number);
    return vrx_cbor_writer_finish(&writer);
}

struct vrx_result vrx_wrap_put_file(
    struct vrx_view head, struct vrx_view wrapped, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 3);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, VRX_KEYRING_VERSION);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_bytes(&writer, head);
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_bytes(&writer, wrapped);
    return vrx_cbor_writer_finish(&writer);
}

static struct vrx_result put_wrap_context(struct vrx_view head, struct vrx_buffer *out) {
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_array(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_view_text(wrap_context));
    vrx_cbor_put_bytes(&writer, head);
    return vrx_cbor_writer_finish(&writer);
}

/* The cipher under the wrapping key that follows from the root key. */
static struct vrx_result wrap_init(struct vrx_aead *aead, const struct vrx_secret *root) {
    struct vrx_secret *key VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_secret_new(VRX_AEAD_KEY, &key));
    VRX_TRY(vrx_hkdf_sha256(vrx_secret_view(root), (struct vrx_view){NULL, 0}, vrx_view_text(label),
        key->ptr, key->len));
    return vrx_aead_init(aead, vrx_secret_view(key));
}

struct vrx_result vrx_wrap_put(const struct vrx_secret *root, struct vrx_view head,
    struct vrx_view plaintext, const struct vrx_random *random, struct vrx_buffer *out) {
    struct vrx_aead aead VRX_CLEANUP(vrx_aead_done) = {0};
    struct vrx_buffer associated VRX_CLEANUP(vrx_buffer_done) = {0};
    uint8_t *at = NULL;
    VRX_TRY(wrap_init(&aead, root));
    VRX_TRY(put_wrap_context(head, &associated));
    VRX_TRY(vrx_buffer_extend(out, plaintext.len + VRX_WRAP_MORE, &at));
    VRX_TRY(vrx_random_fill(random, at, VRX_AEAD_NONCE));
    return vrx_aead_seal(&aead, at, vrx_buffer_view(&associated), plaintext, at + VRX_AEAD_NONCE,
        at + VRX_AEAD_NONCE + plaintext.len);
}

struct vrx_result vrx_wrap_take(const struct vrx_secret *root, struct vrx_view head,
    struct vrx_view wrapped, struct vrx_secret **ret_plaintext) {
    struct vrx_aead aead VRX_CLEANUP(vrx_aead_done) = {0};
    struct vrx_secret *plaintext VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_buffer associated VRX_CLEANUP(vrx_buffer_done) = {0};
    const size_t len = wrapped.len - VRX_WRAP_MORE; /* more than 0, as the parser saw */
    VRX_TRY(wrap_init(&aead, root));
    VRX_TRY(put_wrap_context(head, &associated));
    VRX_TRY(vrx_secret_new(len, &plaintext));
    struct vrx_result result = vrx_aead_open(&aead, wrapped.ptr, vrx_buffer_view(&associated),
        vrx_view_slice(wrapped, VRX_AEAD_NONCE, len), wrapped.ptr + VRX_AEAD_NONCE + len,
        plaintext->ptr);
    if (result.reason == VRX_DECRYPT_FAILED)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: wrap-context");
    VRX_TRY(result);
    *ret_plaintext = plaintext;
    plaintext = NULL;
    return vrx_ok();
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
