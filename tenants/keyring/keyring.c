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

#define SCHEMA "keyring.cddl: keyring"
#define INSTANT_LIMIT ((uint64_t)1 << 53)

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

/* A number from 1 to max. */
static struct vrx_result take_number(
    struct vrx_cbor_reader *reader, uint64_t member, uint64_t max, uint32_t *out) {
    uint64_t value = 0;
    VRX_TRY(expect_member(reader, member));
    VRX_TRY(vrx_cbor_uint(reader, &value));
    if (value == 0 || value > max)
        return vrx_refuse(VRX_INPUT_RANGE, SCHEMA);
    *out = (uint32_t)value;
    return vrx_ok();
}

static struct vrx_result take_custodian(
    struct vrx_cbor_reader *reader, struct vrx_keyring *keyring, size_t index) {
    struct vrx_custodian *custodian = &keyring->custodians[index];
    uint8_t digest[VRX_SHA256];
    uint64_t members = 0;
    VRX_TRY(vrx_cbor_map(reader, &members));
    if (members != 4)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "keyring.cddl: custodian");
    VRX_TRY(take_bytes(reader, 1, VRX_KID, VRX_KID, &custodian->kid));
    VRX_TRY(take_bytes(reader, 2, VRX_SPKI_P256, VRX_SPKI_P256, &custodian->spki));
    VRX_TRY(take_bytes(reader, 3, VRX_SHARE_CHECK, VRX_SHARE_CHECK, &custodian->check));
    VRX_TRY(take_bytes(reader, 4, 1, VRX_LIMIT_KEYRING, &custodian->share));
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
    uint64_t count = 0;
    VRX_TRY(expect_member(reader, 4));
    VRX_TRY(vrx_cbor_array(reader, &count));
    if (count == 0 || count > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 16 custodians");
    if (keyring->threshold > count)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: threshold");
    for (size_t i = 0; i < count; i++)
        VRX_TRY(take_custodian(reader, keyring, i));
    keyring->custodian_count = (size_t)count;
    return vrx_ok();
}

static struct vrx_result take_instant(struct vrx_cbor_reader *reader, int64_t *out) {
    uint64_t value = 0;
    VRX_TRY(vrx_cbor_uint(reader, &value));
    if (value >= INSTANT_LIMIT)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: instant");
    *out = (int64_t)value;
    return vrx_ok();
}

/* The present one has no end, the others have one. */
static struct vrx_result take_published(
    struct vrx_cbor_reader *reader, bool present, struct vrx_published_key *key) {
    uint8_t digest[VRX_SHA256];
    uint64_t members = 0;
    VRX_TRY(vrx_cbor_array(reader, &members));
    if (members != 3)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "keyring.cddl: published");
    VRX_TRY(vrx_cbor_bytes(reader, &key->spki));
    if (key->spki.len != VRX_SPKI_P256)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: spki");
    VRX_TRY(take_instant(reader, &key->from));
    if (present)
        VRX_TRY(vrx_cbor_null(reader));
    else
        VRX_TRY(take_instant(reader, &key->until));
    if (!present && (key->until < key->from || key->until == 0))
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: instant");
    VRX_TRY(vrx_sha256(key->spki, digest));
    memcpy(key->kid, digest, VRX_KID);
    return vrx_ok();
}

static struct vrx_result take_published_list(
    struct vrx_cbor_reader *reader, uint64_t member, struct vrx_published_keys *keys) {
    uint64_t count = 0;
    VRX_TRY(expect_member(reader, member));
    VRX_TRY(vrx_cbor_array(reader, &count));
    if (count == 0 || count > VRX_LIMIT_KEYRING_KEYS)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 32 keys");
    for (size_t i = 0; i < count; i++) {
        VRX_TRY(take_published(reader, i == 0, &keys->key[i]));
        if (i && keys->key[i].from > keys->key[i - 1].from)
            return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: the last key first");
        for (size_t j = 0; j < i; j++)
            if (memcmp(keys->key[i].kid, keys->key[j].kid, VRX_KID) == 0)
                return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "keyring.cddl: published");
    }
    keys->count = (size_t)count;
    return vrx_ok();
}

static struct vrx_result take_head(struct vrx_keyring *keyring) {
    struct vrx_cbor_reader reader;
    struct vrx_view code;
    uint64_t members = 0;
    uint32_t threshold = 0;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, keyring->head));
    VRX_TRY(vrx_cbor_map(&reader, &members));
    if (members != 7)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "keyring.cddl: head");
    VRX_TRY(expect_member(&reader, 1));
    VRX_TRY(vrx_cbor_text(&reader, &code));
    VRX_TRY(vrx_municipality_code_parse(code, &keyring->municipality));
    VRX_TRY(take_number(&reader, 2, UINT32_MAX, &keyring->serial));
    VRX_TRY(take_number(&reader, 3, VRX_LIMIT_RECIPIENTS, &threshold));
    keyring->threshold = threshold;
    VRX_TRY(take_custodians(&reader, keyring));
    VRX_TRY(take_published_list(&reader, 5, &keyring->signing));
    VRX_TRY(take_published_list(&reader, 6, &keyring->exchange));
    return take_number(&reader, 7, UINT32_MAX, &keyring->data_number);
}

static struct vrx_result take_version(struct vrx_cbor_reader *reader) {
    uint64_t members = 0;
    uint64_t version = 0;
    VRX_TRY(vrx_cbor_map(reader, &members));
    if (members == 0)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, SCHEMA);
    VRX_TRY(expect_member(reader, 1));
    VRX_TRY(vrx_cbor_uint(reader, &version));
    if (version != VRX_KEYRING_VERSION)
        return vrx_refuse(VRX_INPUT_VERSION, "keyring.cddl: version 3");
    return members == 3 ? vrx_ok() : vrx_refuse(VRX_INPUT_FIELD_MISSING, SCHEMA);
}

struct vrx_result vrx_keyring_parse(struct vrx_view bytes, struct vrx_keyring *ret_keyring) {
    if (bytes.len > VRX_LIMIT_KEYRING)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    struct vrx_keyring keyring = {0};
    struct vrx_cbor_reader reader;
    VRX_TRY(vrx_cbor_reader_init(&reader, VRX_CBOR_STRICT, bytes));
    VRX_TRY(take_version(&reader));
    VRX_TRY(take_bytes(&reader, 2, 1, VRX_LIMIT_KEYRING, &keyring.head));
    VRX_TRY(take_bytes(&reader, 3, VRX_WRAP_MORE + 1, VRX_LIMIT_KEYRING, &keyring.wrapped));
    VRX_TRY(take_head(&keyring));
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

struct vrx_result vrx_keyring_unlock(const struct vrx_keyring *keyring,
    const struct vrx_secret *root, struct vrx_tenant_keys **ret_keys) {
    struct vrx_secret *plaintext VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_wrap_take(root, keyring->head, keyring->wrapped, &plaintext));
    return vrx_secrets_take(keyring, vrx_secret_view(plaintext), ret_keys);
}
