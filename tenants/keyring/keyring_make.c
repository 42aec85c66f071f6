/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a keyring, on the municipality's own machine. Read wrap.h first.
 */
#include "cbor/writer.h"
#include "keyring/keyring.h"
#include "keyring/split.h"
#include "keyring/wrap.h"

/* What a keyring is made of before it is bytes. */
struct making {
    struct vrx_secret *root;
    struct vrx_secret *shares; /* VRX_ROOT_KEY bytes each */
    struct vrx_private_key *signing, *exchange;
    struct vrx_buffer signing_spki, exchange_spki, custodians, messages, wrapped[2];
    struct vrx_recipient recipients[VRX_LIMIT_RECIPIENTS];
    uint8_t kids[VRX_LIMIT_RECIPIENTS][VRX_KID];
};

static void making_done(struct making *making) {
    vrx_secret_free(&making->root);
    vrx_secret_free(&making->shares);
    vrx_private_key_free(&making->signing);
    vrx_private_key_free(&making->exchange);
    vrx_buffer_done(&making->signing_spki);
    vrx_buffer_done(&making->exchange_spki);
    vrx_buffer_done(&making->custodians);
    vrx_buffer_done(&making->messages);
    vrx_buffer_done(&making->wrapped[0]);
    vrx_buffer_done(&making->wrapped[1]);
}

static struct vrx_result put_spki(const struct vrx_private_key *key, struct vrx_buffer *out) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_private_key_public(key, &public));
    return vrx_public_key_to_spki(public, out);
}

/* Looks at a custodian's key and notes it as a recipient. */
static struct vrx_result take_custodian(
    struct making *making, size_t index, const struct vrx_public_key *key) {
    if (vrx_public_key_type(key) != VRX_KEY_P256)
        return vrx_refuse(VRX_KEY_INVALID, "keyring.cddl: spki");
    VRX_TRY(vrx_public_key_kid(key, making->kids[index]));
    const struct vrx_view kid = vrx_view_of(making->kids[index], VRX_KID);
    for (size_t i = 0; i < index; i++)
        if (vrx_view_equal(kid, making->recipients[i].kid))
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "keyring.cddl: custodian");
    making->recipients[index] = (struct vrx_recipient){kid, key};
    return vrx_ok();
}

static struct vrx_view share_at(const struct making *making, size_t index) {
    return vrx_view_slice(vrx_secret_view(making->shares), index * VRX_ROOT_KEY, VRX_ROOT_KEY);
}

/* The list's entry of a custodian, and the message that gives the share. */
static struct vrx_result put_custodian(const struct making *making,
    const struct vrx_keyring *keyring, size_t index, const struct vrx_random *random,
    struct vrx_cbor_writer *list, struct vrx_cbor_writer *messages) {
    const struct vrx_recipient *recipient = &making->recipients[index];
    const unsigned number = (unsigned)index + 1;
    uint8_t check[VRX_SHARE_CHECK];
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_public_key_to_spki(recipient->key, &spki));
    VRX_TRY(vrx_wrap_share_check(keyring, number, share_at(making, index), check));
    VRX_TRY(vrx_wrap_share_context(keyring, number, &external));
    VRX_TRY(vrx_encrypt_make(
        share_at(making, index), vrx_buffer_view(&external), recipient, 1, random, &message));
    vrx_cbor_put_map(list, 3);
    vrx_cbor_put_uint(list, 1);
    vrx_cbor_put_bytes(list, recipient->kid);
    vrx_cbor_put_uint(list, 2);
    vrx_cbor_put_bytes(list, vrx_buffer_view(&spki));
    vrx_cbor_put_uint(list, 3);
    vrx_cbor_put_bytes(list, vrx_view_of(check, sizeof check));
    vrx_cbor_put_bytes(messages, vrx_buffer_view(&message));
    return vrx_ok();
}

/* Splits the root key. */
static struct vrx_result put_custodians(
    struct making *making, struct vrx_keyring *keyring, const struct vrx_random *random) {
    const size_t count = keyring->custodian_count;
    struct vrx_cbor_writer list;
    struct vrx_cbor_writer messages;
    VRX_TRY(vrx_split_make(
        vrx_secret_view(making->root), keyring->threshold, count, random, &making->shares));
    vrx_cbor_writer_init(&list, &making->custodians);
    vrx_cbor_writer_init(&messages, &making->messages);
    vrx_cbor_put_array(&list, count);
    vrx_cbor_put_array(&messages, count);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(put_custodian(making, keyring, i, random, &list, &messages));
    VRX_TRY(vrx_cbor_writer_finish(&messages));
    VRX_TRY(vrx_cbor_writer_finish(&list));
    keyring->custodian_list = vrx_buffer_view(&making->custodians);
    return vrx_ok();
}

static struct vrx_result make_secrets(struct making *making, const struct vrx_random *random) {
    VRX_TRY(vrx_secret_new(VRX_ROOT_KEY, &making->root));
    VRX_TRY(vrx_random_fill(random, making->root->ptr, making->root->len));
    VRX_TRY(vrx_private_key_new_p256(&making->signing));
    return vrx_private_key_new_p256(&making->exchange);
}

/* The secrets of a keyring that is there. */
static struct vrx_result copy_secrets(
    struct making *making, const struct vrx_keyring *old, const struct vrx_secret *root) {
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    VRX_TRY(vrx_keyring_unlock(old, root, &keys));
    VRX_TRY(vrx_secret_new(VRX_ROOT_KEY, &making->root));
    memcpy(making->root->ptr, root->ptr, VRX_ROOT_KEY);
    making->signing = keys->signing;
    making->exchange = keys->exchange;
    keys->signing = NULL;
    keys->exchange = NULL;
    return vrx_ok();
}

static struct vrx_result wrap_secrets(
    struct making *making, struct vrx_keyring *keyring, const struct vrx_random *random) {
    struct vrx_aead aead VRX_CLEANUP(vrx_aead_done) = {0};
    VRX_TRY(vrx_wrap_init(&aead, vrx_secret_view(making->root)));
    VRX_TRY(vrx_wrap_put(
        &aead, keyring, VRX_WRAP_SIGNING, making->signing, random, &making->wrapped[0]));
    VRX_TRY(vrx_wrap_put(
        &aead, keyring, VRX_WRAP_EXCHANGE, making->exchange, random, &making->wrapped[1]));
    keyring->signing = vrx_buffer_view(&making->wrapped[0]);
    keyring->exchange = vrx_buffer_view(&making->wrapped[1]);
    return vrx_ok();
}

static struct vrx_result put_keyring(
    const struct making *making, const struct vrx_keyring *keyring, struct vrx_buffer *out) {
    const struct vrx_view parts[] = {
        keyring->signing, keyring->exchange, keyring->signing_spki, keyring->exchange_spki};
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, VRX_KEYRING_MEMBERS);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_uint(&writer, VRX_KEYRING_VERSION);
    vrx_cbor_put_uint(&writer, 2);
    vrx_cbor_put_text(&writer, vrx_municipality_code_view(&keyring->municipality));
    vrx_cbor_put_uint(&writer, 3);
    vrx_cbor_put_item(&writer, vrx_buffer_view(&making->messages));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        vrx_cbor_put_uint(&writer, 4 + i);
        vrx_cbor_put_bytes(&writer, parts[i]);
    }
    vrx_cbor_put_uint(&writer, 8);
    vrx_cbor_put_item(&writer, keyring->custodian_list);
    vrx_cbor_put_uint(&writer, 9);
    vrx_cbor_put_uint(&writer, keyring->threshold);
    return vrx_cbor_writer_finish(&writer);
}

/* Looks at whom the keyring is for. */
static struct vrx_result take_custodians(struct making *making,
    const struct vrx_public_key *const *custodians, size_t count, size_t threshold) {
    if (count == 0 || count > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 16 custodians");
    if (threshold == 0 || threshold > count)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: threshold");
    for (size_t i = 0; i < count; i++)
        VRX_TRY(take_custodian(making, i, custodians[i]));
    return vrx_ok();
}

/* With secrets and recipients there. */
static struct vrx_result make_from(struct making *making,
    const struct vrx_municipality_code *municipality, size_t count, size_t threshold,
    const struct vrx_random *random, struct vrx_buffer *out) {
    struct vrx_keyring keyring = {.version = VRX_KEYRING_VERSION,
        .municipality = *municipality,
        .threshold = (unsigned)threshold,
        .custodian_count = count};
    VRX_TRY(put_spki(making->signing, &making->signing_spki));
    VRX_TRY(put_spki(making->exchange, &making->exchange_spki));
    keyring.signing_spki = vrx_buffer_view(&making->signing_spki);
    keyring.exchange_spki = vrx_buffer_view(&making->exchange_spki);
    VRX_TRY(put_custodians(making, &keyring, random));
    VRX_TRY(wrap_secrets(making, &keyring, random));
    return put_keyring(making, &keyring, out);
}

struct vrx_result vrx_keyring_make(const struct vrx_municipality_code *municipality,
    const struct vrx_public_key *const *custodians, size_t count, size_t threshold,
    const struct vrx_random *random, struct vrx_buffer *out) {
    struct making making VRX_CLEANUP(making_done) = {0};
    VRX_TRY(take_custodians(&making, custodians, count, threshold));
    VRX_TRY(make_secrets(&making, random));
    return make_from(&making, municipality, count, threshold, random, out);
}

struct vrx_result vrx_keyring_remake(const struct vrx_keyring *old, const struct vrx_secret *root,
    const struct vrx_public_key *const *custodians, size_t count, size_t threshold,
    const struct vrx_random *random, struct vrx_buffer *out) {
    struct making making VRX_CLEANUP(making_done) = {0};
    VRX_TRY(take_custodians(&making, custodians, count, threshold));
    VRX_TRY(copy_secrets(&making, old, root));
    return make_from(&making, &old->municipality, count, threshold, random, out);
}
