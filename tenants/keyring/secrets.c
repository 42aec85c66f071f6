/* SPDX-License-Identifier: Apache-2.0
 *
 * The municipality's keys as bytes (keyring.cddl: secrets) and back. The bytes come from locked
 * memory; whoever can make them authenticate has the root key, and is not believed either: each
 * pair must be the one that the keyring publishes.
 */
#include "cbor/reader.h"
#include "cbor/writer.h"
#include "keyring/wrap.h"

#define SCHEMA "keyring.cddl: secrets"

static struct vrx_result put_pair(
    const struct vrx_private_key *key, struct vrx_cbor_writer *writer) {
    struct vrx_secret *der VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_private_key_to_pkcs8(key, &der));
    vrx_cbor_put_bytes(writer, vrx_secret_view(der));
    return vrx_ok();
}

/* The present one, and the last as long as it is kept. */
static struct vrx_result put_pairs(const struct vrx_private_key *present,
    const struct vrx_previous_keys *previous, struct vrx_cbor_writer *writer) {
    const bool both = previous->count && previous->key[0].private;
    vrx_cbor_put_array(writer, both ? 2 : 1);
    VRX_TRY(put_pair(present, writer));
    return both ? put_pair(previous->key[0].private, writer) : vrx_ok();
}

struct vrx_result vrx_secrets_put(const struct vrx_tenant_keys *keys, struct vrx_buffer *out) {
    const struct vrx_view single[] = {
        vrx_tenant_index_key(keys), vrx_tenant_linkage_key(keys), vrx_tenant_ledger_key(keys)};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 6);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_array(&writer, keys->data_count);
    vrx_cbor_put_bytes(&writer, vrx_tenant_data_key(keys));
    if (keys->data_count > 1)
        vrx_cbor_put_bytes(&writer, vrx_tenant_previous_data_key(keys));
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        vrx_cbor_put_uint(&writer, i + 2);
        vrx_cbor_put_bytes(&writer, single[i]);
    }
    vrx_cbor_put_uint(&writer, 5);
    VRX_TRY(put_pairs(keys->signing, &keys->previous_signing, &writer));
    vrx_cbor_put_uint(&writer, 6);
    VRX_TRY(put_pairs(keys->exchange, &keys->previous_exchange, &writer));
    return vrx_cbor_writer_finish(&writer);
}

static struct vrx_result expect_member(struct vrx_cbor_reader *reader, uint64_t expected) {
    uint64_t key = 0;
    VRX_TRY(vrx_cbor_uint(reader, &key));
    return key == expected ? vrx_ok() : vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, SCHEMA);
}

/* An array of one or two byte strings. */
static struct vrx_result take_list(struct vrx_cbor_reader *reader, uint64_t member,
    struct vrx_view ret_list[2], size_t *ret_count) {
    uint64_t count = 0;
    VRX_TRY(expect_member(reader, member));
    VRX_TRY(vrx_cbor_array(reader, &count));
    if (count == 0 || count > 2)
        return vrx_refuse(VRX_INPUT_RANGE, SCHEMA);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(vrx_cbor_bytes(reader, &ret_list[i]));
    *ret_count = (size_t)count;
    return vrx_ok();
}

struct pairs {
    struct vrx_view der[VRX_KEYRING_PRIVATE_KEYS];
    size_t count;
};

static struct vrx_result read_secrets(struct vrx_view plaintext,
    struct vrx_symmetric_keys *symmetric, struct pairs *signing, struct pairs *exchange) {
    struct vrx_view *const single[] = {&symmetric->index, &symmetric->linkage, &symmetric->ledger};
    struct vrx_cbor_reader reader;
    uint64_t members = 0;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, plaintext));
    VRX_TRY(vrx_cbor_map(&reader, &members));
    if (members != 6)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, SCHEMA);
    VRX_TRY(take_list(&reader, 1, symmetric->data, &symmetric->data_count));
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        VRX_TRY(expect_member(&reader, i + 2));
        VRX_TRY(vrx_cbor_bytes(&reader, single[i]));
    }
    VRX_TRY(take_list(&reader, 5, signing->der, &signing->count));
    return take_list(&reader, 6, exchange->der, &exchange->count);
}

/* A private key, which must be the published one. */
static struct vrx_result take_private(struct vrx_view der,
    const struct vrx_published_key *published, struct vrx_private_key **ret_key) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    VRX_TRY(vrx_private_key_from_pkcs8(der, &key));
    VRX_TRY(vrx_private_key_public(key, &public));
    VRX_TRY(vrx_public_key_to_spki(public, &spki));
    if (!vrx_view_equal(vrx_buffer_view(&spki), published->spki))
        return vrx_refuse(VRX_VAULT_DAMAGED, "keyring.cddl: published key");
    *ret_key = key;
    key = NULL;
    return vrx_ok();
}

static struct vrx_result take_previous(const struct pairs *pairs,
    const struct vrx_published_keys *published, struct vrx_previous_keys *previous) {
    for (size_t i = 1; i < published->count; i++) {
        const struct vrx_published_key *from = &published->key[i];
        struct vrx_previous_key *key = &previous->key[i - 1];
        *key = (struct vrx_previous_key){.from = from->from, .until = from->until};
        memcpy(key->kid, from->kid, VRX_KID);
        previous->count = i;
        VRX_TRY(vrx_public_key_from_spki(from->spki, &key->public));
        if (i < pairs->count)
            VRX_TRY(take_private(pairs->der[i], from, &key->private));
    }
    return vrx_ok();
}

static struct vrx_result take_pairs(const struct pairs *signing, const struct pairs *exchange,
    const struct vrx_keyring *keyring, struct vrx_tenant_keys *keys) {
    const struct vrx_published_key *present[] = {
        &keyring->signing.key[0], &keyring->exchange.key[0]};
    if (signing->count > keyring->signing.count || exchange->count > keyring->exchange.count)
        return vrx_refuse(VRX_VAULT_DAMAGED, "keyring.cddl: published key");
    VRX_TRY(take_private(signing->der[0], present[0], &keys->signing));
    VRX_TRY(take_private(exchange->der[0], present[1], &keys->exchange));
    memcpy(keys->signing_kid, present[0]->kid, VRX_KID);
    memcpy(keys->exchange_kid, present[1]->kid, VRX_KID);
    keys->signing_from = present[0]->from;
    keys->exchange_from = present[1]->from;
    VRX_TRY(take_previous(signing, &keyring->signing, &keys->previous_signing));
    return take_previous(exchange, &keyring->exchange, &keys->previous_exchange);
}

static struct vrx_result take_all(const struct vrx_keyring *keyring, struct vrx_view plaintext,
    struct vrx_tenant_keys **ret_keys) {
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_symmetric_keys symmetric = {.data_number = keyring->data_number};
    struct pairs signing = {.count = 0};
    struct pairs exchange = {.count = 0};
    VRX_TRY(read_secrets(plaintext, &symmetric, &signing, &exchange));
    VRX_TRY(vrx_tenant_keys_new(&symmetric, &keys));
    VRX_TRY(take_pairs(&signing, &exchange, keyring, keys));
    *ret_keys = keys;
    keys = NULL;
    return vrx_ok();
}

struct vrx_result vrx_secrets_take(const struct vrx_keyring *keyring, struct vrx_view plaintext,
    struct vrx_tenant_keys **ret_keys) {
    struct vrx_result result = take_all(keyring, plaintext, ret_keys);
    if (vrx_is_ok(result) || result.reason == VRX_OUT_OF_MEMORY ||
        result.reason == VRX_CRYPTO_FAILED)
        return result;
    return vrx_refuse(VRX_VAULT_DAMAGED, result.clause ? result.clause : SCHEMA);
}
