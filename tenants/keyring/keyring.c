/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and opening a keyring. Until it is unlocked nothing in it is more than a claim of whoever
 * kept the file. Read keyring.cddl beside this; making one is keyring_make.c.
 */
#include "keyring/keyring.h"

#include "cbor/reader.h"
#include "crypto/hash.h"
#include "keyring/split.h"
#include "keyring/wrap.h"

#define SPKI 91 /* bytes, P-256 uncompressed */
#define SCHEMA "keyring.cddl: keyring"

/* Takes the key of the next member, which must be this one. */
static struct vrx_result expect_member(struct vrx_cbor_reader *reader, uint64_t expected) {
    uint64_t key = 0;
    VRX_TRY(vrx_cbor_uint(reader, &key));
    return key == expected ? vrx_ok() : vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, SCHEMA);
}

static struct vrx_result take_bytes(
    struct vrx_cbor_reader *reader, uint64_t member, size_t min, size_t max, struct vrx_view *out) {
    struct vrx_view bytes;
    VRX_TRY(expect_member(reader, member));
    VRX_TRY(vrx_cbor_bytes(reader, &bytes));
    if (bytes.len < min || bytes.len > max)
        return vrx_refuse(VRX_INPUT_RANGE, SCHEMA);
    *out = bytes;
    return vrx_ok();
}

static struct vrx_result take_custodian(
    struct vrx_cbor_reader *reader, struct vrx_keyring *keyring, size_t index) {
    struct vrx_custodian *custodian = &keyring->custodians[index];
    uint8_t digest[VRX_SHA256];
    uint64_t members = 0;
    VRX_TRY(vrx_cbor_map(reader, &members));
    if (members != (keyring->version == 1 ? 2 : 3))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "keyring.cddl: custodian");
    VRX_TRY(take_bytes(reader, 1, VRX_KID, VRX_KID, &custodian->kid));
    VRX_TRY(take_bytes(reader, 2, SPKI, SPKI, &custodian->spki));
    if (keyring->version != 1)
        VRX_TRY(take_bytes(reader, 3, VRX_SHARE_CHECK, VRX_SHARE_CHECK, &custodian->check));
    VRX_TRY(vrx_sha256(custodian->spki, digest));
    if (!vrx_view_equal(custodian->kid, vrx_view_of(digest, VRX_KID)))
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: kid");
    for (size_t i = 0; i < index; i++)
        if (vrx_view_equal(custodian->kid, keyring->custodians[i].kid))
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "keyring.cddl: custodian");
    return vrx_ok();
}

static struct vrx_result take_custodians(
    struct vrx_cbor_reader *reader, struct vrx_keyring *keyring) {
    VRX_TRY(expect_member(reader, 8));
    struct vrx_cbor_reader list = *reader; /* once as an item, once for its content */
    VRX_TRY(vrx_cbor_item(reader, &keyring->custodian_list));
    uint64_t count = 0;
    VRX_TRY(vrx_cbor_array(&list, &count));
    if (count == 0 || count > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 16 custodians");
    for (size_t i = 0; i < count; i++)
        VRX_TRY(take_custodian(&list, keyring, i));
    if (keyring->version == 1) /* one message for all */
        for (size_t i = 0; i < count; i++)
            keyring->custodians[i].share = keyring->custodians[0].share;
    else if (count != keyring->custodian_count)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: a share for each custodian");
    keyring->custodian_count = (size_t)count;
    return vrx_ok();
}

/* The messages to the custodians: one for all in version 1, then an array of one each. */
static struct vrx_result take_shares(struct vrx_cbor_reader *reader, struct vrx_keyring *keyring) {
    if (keyring->version == 1)
        return take_bytes(reader, 3, 1, VRX_LIMIT_KEYRING, &keyring->custodians[0].share);
    uint64_t count = 0;
    VRX_TRY(expect_member(reader, 3));
    VRX_TRY(vrx_cbor_array(reader, &count));
    if (count == 0 || count > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 16 custodians");
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(vrx_cbor_bytes(reader, &keyring->custodians[i].share));
        if (!keyring->custodians[i].share.len)
            return vrx_refuse(VRX_INPUT_RANGE, SCHEMA);
    }
    keyring->custodian_count = (size_t)count;
    return vrx_ok();
}

static struct vrx_result take_threshold(
    struct vrx_cbor_reader *reader, struct vrx_keyring *keyring) {
    uint64_t threshold = 1;
    if (keyring->version != 1) {
        VRX_TRY(expect_member(reader, 9));
        VRX_TRY(vrx_cbor_uint(reader, &threshold));
    }
    if (threshold == 0 || threshold > keyring->custodian_count)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: threshold");
    keyring->threshold = (unsigned)threshold;
    return vrx_ok();
}

static struct vrx_result take_head(struct vrx_cbor_reader *reader, struct vrx_keyring *keyring) {
    uint64_t members = 0;
    uint64_t version = 0;
    struct vrx_view code;
    VRX_TRY(vrx_cbor_map(reader, &members));
    if (members == 0)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, SCHEMA);
    VRX_TRY(expect_member(reader, 1));
    VRX_TRY(vrx_cbor_uint(reader, &version));
    if (version < 1 || version > VRX_KEYRING_VERSION)
        return vrx_refuse(VRX_INPUT_VERSION, SCHEMA);
    keyring->version = (unsigned)version;
    if (members != (version == 1 ? VRX_KEYRING_MEMBERS_1 : VRX_KEYRING_MEMBERS))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, SCHEMA);
    VRX_TRY(expect_member(reader, 2));
    VRX_TRY(vrx_cbor_text(reader, &code));
    return vrx_municipality_code_parse(code, &keyring->municipality);
}

struct vrx_result vrx_keyring_parse(struct vrx_view bytes, struct vrx_keyring *ret_keyring) {
    if (bytes.len > VRX_LIMIT_KEYRING)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    struct vrx_keyring keyring = {0};
    struct vrx_cbor_reader reader;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, bytes));
    VRX_TRY(take_head(&reader, &keyring));
    VRX_TRY(take_shares(&reader, &keyring));
    VRX_TRY(take_bytes(&reader, 4, VRX_WRAP_MORE + 1, VRX_LIMIT_KEYRING, &keyring.signing));
    VRX_TRY(take_bytes(&reader, 5, VRX_WRAP_MORE + 1, VRX_LIMIT_KEYRING, &keyring.exchange));
    VRX_TRY(take_bytes(&reader, 6, SPKI, SPKI, &keyring.signing_spki));
    VRX_TRY(take_bytes(&reader, 7, SPKI, SPKI, &keyring.exchange_spki));
    VRX_TRY(take_custodians(&reader, &keyring));
    VRX_TRY(take_threshold(&reader, &keyring));
    *ret_keyring = keyring;
    return vrx_ok();
}

static struct vrx_result agree_here(
    void *context, const struct vrx_public_key *other, uint8_t ret_shared[VRX_P256_SHARED]) {
    return vrx_ecdh(context, other, ret_shared);
}

struct vrx_result vrx_custodian_key_here(
    const struct vrx_private_key *key, struct vrx_custodian_key *ret_key) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_private_key_public(key, &public));
    VRX_TRY(vrx_public_key_kid(public, ret_key->kid));
    /* agree_here only reads it. */
    memcpy(&ret_key->ecdh.context, &key, sizeof key);
    ret_key->ecdh.agree = agree_here;
    return vrx_ok();
}

void vrx_share_done(struct vrx_share *share) {
    vrx_secret_free(&share->value);
}

struct vrx_result vrx_keyring_check_share(
    const struct vrx_keyring *keyring, const struct vrx_share *share) {
    if (share->index == 0 || share->index > keyring->custodian_count)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: custodian");
    if (keyring->version == 1)
        return vrx_ok();
    uint8_t check[VRX_SHARE_CHECK];
    VRX_TRY(vrx_wrap_share_check(keyring, share->index, vrx_secret_view(share->value), check));
    return vrx_equal_constant_time(
               vrx_view_of(check, sizeof check), keyring->custodians[share->index - 1].check)
               ? vrx_ok()
               : vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: share-check");
}

struct vrx_result vrx_keyring_open_share(const struct vrx_keyring *keyring,
    const struct vrx_custodian_key *custodian, struct vrx_share *ret_share) {
    const struct vrx_view kid = vrx_view_of(custodian->kid, VRX_KID);
    unsigned at = 0;
    while (at < keyring->custodian_count && !vrx_view_equal(kid, keyring->custodians[at].kid))
        at++;
    if (at == keyring->custodian_count)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: custodian");
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {.index = at + 1};
    VRX_TRY(vrx_wrap_share_context(keyring, share.index, &external));
    struct vrx_result result = vrx_wrap_open(keyring->custodians[at].share,
        vrx_buffer_view(&external), kid, &custodian->ecdh, VRX_ROOT_KEY, &share.value);
    if (result.reason == VRX_KEY_UNKNOWN)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: custodian");
    VRX_TRY(result);
    VRX_TRY(vrx_keyring_check_share(keyring, &share));
    *ret_share = share;
    share.value = NULL;
    return vrx_ok();
}

struct vrx_result vrx_keyring_join(const struct vrx_keyring *keyring,
    const struct vrx_share *shares, size_t count, struct vrx_secret **ret_root) {
    struct vrx_split_share points[VRX_LIMIT_RECIPIENTS];
    if (count != keyring->threshold)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: threshold");
    for (size_t i = 0; i < count; i++)
        points[i] =
            (struct vrx_split_share){(uint8_t)shares[i].index, vrx_secret_view(shares[i].value)};
    struct vrx_result result = vrx_split_join(points, count, ret_root);
    if (result.reason == VRX_INPUT_DUPLICATE_KEY)
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "keyring.cddl: each custodian once");
    return result;
}

/* Unwraps one key, sees that it is the published one, and takes its identifier. */
static struct vrx_result unlock_one(struct vrx_aead *aead, const struct vrx_keyring *keyring,
    const char *role, struct vrx_private_key **ret_key, uint8_t ret_kid[VRX_KID]) {
    const bool signs = strcmp(role, VRX_WRAP_SIGNING) == 0;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(
        vrx_wrap_take(aead, keyring, role, signs ? keyring->signing : keyring->exchange, ret_key));
    VRX_TRY(vrx_private_key_public(*ret_key, &public));
    VRX_TRY(vrx_public_key_to_spki(public, &spki));
    if (!vrx_view_equal(
            vrx_buffer_view(&spki), signs ? keyring->signing_spki : keyring->exchange_spki))
        return vrx_refuse(VRX_VAULT_DAMAGED, "keyring.cddl: published key");
    return vrx_public_key_kid(public, ret_kid);
}

struct vrx_result vrx_keyring_unlock(const struct vrx_keyring *keyring,
    const struct vrx_secret *root, struct vrx_tenant_keys **ret_keys) {
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_aead aead VRX_CLEANUP(vrx_aead_done) = {0};
    VRX_TRY(vrx_tenant_keys_derive(vrx_secret_view(root), &keys));
    VRX_TRY(vrx_wrap_init(&aead, vrx_secret_view(root)));
    VRX_TRY(unlock_one(&aead, keyring, VRX_WRAP_SIGNING, &keys->signing, keys->signing_kid));
    VRX_TRY(unlock_one(&aead, keyring, VRX_WRAP_EXCHANGE, &keys->exchange, keys->exchange_kid));
    *ret_keys = keys;
    keys = NULL;
    return vrx_ok();
}
