/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a keyring, on the municipality's own machine, and the next one from it. Read wrap.h first.
 */
#include <stdlib.h>

#include "keyring/keyring.h"
#include "keyring/split.h"
#include "keyring/wrap.h"

/* What a keyring is made of before it is bytes; what keyring's views point into. */
struct making {
    struct vrx_keyring keyring;
    struct vrx_secret *root;
    struct vrx_secret *shares; /* VRX_ROOT_KEY bytes each */
    struct vrx_tenant_keys *keys;
    struct vrx_public_key *own[VRX_LIMIT_RECIPIENTS]; /* custodians' keys that were read here */
    struct vrx_recipient recipients[VRX_LIMIT_RECIPIENTS];
    uint8_t kids[VRX_LIMIT_RECIPIENTS][VRX_KID];
    uint8_t checks[VRX_LIMIT_RECIPIENTS][VRX_SHARE_CHECK];
    struct vrx_buffer spkis[VRX_LIMIT_RECIPIENTS], messages[VRX_LIMIT_RECIPIENTS];
    struct vrx_buffer signing[VRX_LIMIT_KEYRING_KEYS], exchange[VRX_LIMIT_KEYRING_KEYS];
    struct vrx_buffer secrets, head, wrapped;
};

static void making_done(struct making *making) {
    vrx_secret_free(&making->root);
    vrx_secret_free(&making->shares);
    vrx_tenant_keys_free(&making->keys);
    for (size_t i = 0; i < VRX_LIMIT_RECIPIENTS; i++) {
        vrx_public_key_free(&making->own[i]);
        vrx_buffer_done(&making->spkis[i]);
        vrx_buffer_done(&making->messages[i]);
    }
    for (size_t i = 0; i < VRX_LIMIT_KEYRING_KEYS; i++) {
        vrx_buffer_done(&making->signing[i]);
        vrx_buffer_done(&making->exchange[i]);
    }
    vrx_buffer_done(&making->secrets);
    vrx_buffer_done(&making->head);
    vrx_buffer_done(&making->wrapped);
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
    return vrx_public_key_to_spki(key, &making->spkis[index]);
}

/* Looks at whom the keyring is for. */
static struct vrx_result take_custodians(
    struct making *making, const struct vrx_custodians *custodians) {
    if (custodians->count == 0 || custodians->count > VRX_LIMIT_RECIPIENTS)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 16 custodians");
    if (custodians->threshold == 0 || custodians->threshold > custodians->count)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: threshold");
    for (size_t i = 0; i < custodians->count; i++)
        VRX_TRY(take_custodian(making, i, custodians->keys[i]));
    making->keyring.custodian_count = custodians->count;
    making->keyring.threshold = (unsigned)custodians->threshold;
    return vrx_ok();
}

/* The custodians of a keyring that is there. */
static struct vrx_result copy_custodians(struct making *making, const struct vrx_keyring *old) {
    const struct vrx_public_key *keys[VRX_LIMIT_RECIPIENTS];
    for (size_t i = 0; i < old->custodian_count; i++) {
        VRX_TRY(vrx_public_key_from_spki(old->custodians[i].spki, &making->own[i]));
        keys[i] = making->own[i];
    }
    const struct vrx_custodians custodians = {keys, old->custodian_count, old->threshold};
    return take_custodians(making, &custodians);
}

/* The message that gives a custodian the share, and what tells it from another. */
static struct vrx_result put_custodian(
    struct making *making, size_t index, const struct vrx_random *random) {
    const struct vrx_view share =
        vrx_view_slice(vrx_secret_view(making->shares), index * VRX_ROOT_KEY, VRX_ROOT_KEY);
    const unsigned number = (unsigned)index + 1;
    struct vrx_buffer external VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_wrap_share_check(&making->keyring, number, share, making->checks[index]));
    VRX_TRY(vrx_wrap_share_context(&making->keyring, number, &external));
    VRX_TRY(vrx_encrypt_make(share, vrx_buffer_view(&external), &making->recipients[index], 1,
        random, &making->messages[index]));
    making->keyring.custodians[index] = (struct vrx_custodian){
        .kid = making->recipients[index].kid,
        .spki = vrx_buffer_view(&making->spkis[index]),
        .check = vrx_view_of(making->checks[index], VRX_SHARE_CHECK),
        .share = vrx_buffer_view(&making->messages[index]),
    };
    return vrx_ok();
}

/* Splits the root key. */
static struct vrx_result put_custodians(struct making *making, const struct vrx_random *random) {
    const size_t count = making->keyring.custodian_count;
    VRX_TRY(vrx_split_make(
        vrx_secret_view(making->root), making->keyring.threshold, count, random, &making->shares));
    for (size_t i = 0; i < count; i++)
        VRX_TRY(put_custodian(making, i, random));
    return vrx_ok();
}

static struct vrx_result put_published(const struct vrx_private_key *present, int64_t from,
    const struct vrx_previous_keys *previous, struct vrx_buffer *spkis,
    struct vrx_published_keys *keys) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_private_key_public(present, &public));
    VRX_TRY(vrx_public_key_to_spki(public, &spkis[0]));
    keys->key[0] = (struct vrx_published_key){.spki = vrx_buffer_view(&spkis[0]), .from = from};
    for (size_t i = 0; i < previous->count; i++) {
        const struct vrx_previous_key *key = &previous->key[i];
        VRX_TRY(vrx_public_key_to_spki(key->public, &spkis[i + 1]));
        keys->key[i + 1] = (struct vrx_published_key){
            .spki = vrx_buffer_view(&spkis[i + 1]), .from = key->from, .until = key->until};
    }
    keys->count = previous->count + 1;
    return vrx_ok();
}

/* With root, keys and recipients there. */
static struct vrx_result put_keyring(
    struct making *making, const struct vrx_random *random, struct vrx_buffer *out) {
    const struct vrx_tenant_keys *keys = making->keys;
    struct vrx_keyring *keyring = &making->keyring;
    keyring->data_number = keys->data_number;
    VRX_TRY(put_published(keys->signing, keys->signing_from, &keys->previous_signing,
        making->signing, &keyring->signing));
    VRX_TRY(put_published(keys->exchange, keys->exchange_from, &keys->previous_exchange,
        making->exchange, &keyring->exchange));
    VRX_TRY(put_custodians(making, random));
    VRX_TRY(vrx_wrap_put_head(keyring, &making->head));
    VRX_TRY(vrx_secrets_put(keys, &making->secrets));
    VRX_TRY(vrx_wrap_put(making->root, vrx_buffer_view(&making->head),
        vrx_buffer_view(&making->secrets), random, &making->wrapped));
    return vrx_wrap_put_file(
        vrx_buffer_view(&making->head), vrx_buffer_view(&making->wrapped), out);
}

static struct vrx_result new_secret(const struct vrx_random *random, struct vrx_secret **ret_key) {
    struct vrx_secret *key VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_secret_new(VRX_ROOT_KEY, &key));
    VRX_TRY(vrx_random_fill(random, key->ptr, key->len));
    *ret_key = key;
    key = NULL;
    return vrx_ok();
}

static struct vrx_result new_keys(
    int64_t now, const struct vrx_random *random, struct vrx_tenant_keys **ret_keys) {
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_secret *fresh VRX_CLEANUP(vrx_secret_free) = NULL;
    VRX_TRY(vrx_secret_new((size_t)4 * VRX_ROOT_KEY, &fresh));
    VRX_TRY(vrx_random_fill(random, fresh->ptr, fresh->len));
    const struct vrx_symmetric_keys symmetric = {
        .data = {vrx_view_of(fresh->ptr, VRX_ROOT_KEY)},
        .data_count = 1,
        .data_number = 1,
        .index = vrx_view_of(fresh->ptr + VRX_ROOT_KEY, VRX_ROOT_KEY),
        .linkage = vrx_view_of(fresh->ptr + (size_t)2 * VRX_ROOT_KEY, VRX_ROOT_KEY),
        .ledger = vrx_view_of(fresh->ptr + (size_t)3 * VRX_ROOT_KEY, VRX_ROOT_KEY),
    };
    VRX_TRY(vrx_tenant_keys_new(&symmetric, &keys));
    VRX_TRY(vrx_private_key_new_p256(&keys->signing));
    VRX_TRY(vrx_private_key_new_p256(&keys->exchange));
    keys->signing_from = keys->exchange_from = now;
    *ret_keys = keys;
    keys = NULL;
    return vrx_ok();
}

struct vrx_result vrx_keyring_make(const struct vrx_municipality_code *municipality,
    const struct vrx_custodians *custodians, int64_t now, const struct vrx_random *random,
    struct vrx_buffer *out) {
    if (now < 0)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: instant");
    struct making making VRX_CLEANUP(making_done) = {0};
    making.keyring.municipality = *municipality;
    making.keyring.serial = 1;
    VRX_TRY(take_custodians(&making, custodians));
    VRX_TRY(new_secret(random, &making.root));
    VRX_TRY(new_keys(now, random, &making.keys));
    return put_keyring(&making, random, out);
}

/* The next data key; the present one is kept beside it. */
static struct vrx_result renew_data(struct making *making, const struct vrx_random *random) {
    struct vrx_tenant_keys *old = making->keys;
    struct vrx_tenant_keys *keys = NULL;
    struct vrx_secret *fresh VRX_CLEANUP(vrx_secret_free) = NULL;
    if (old->data_number == UINT32_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: number of the data key");
    VRX_TRY(new_secret(random, &fresh));
    const struct vrx_symmetric_keys symmetric = {
        .data = {vrx_secret_view(fresh), vrx_tenant_data_key(old)},
        .data_count = 2,
        .data_number = old->data_number + 1,
        .index = vrx_tenant_index_key(old),
        .linkage = vrx_tenant_linkage_key(old),
        .ledger = vrx_tenant_ledger_key(old),
    };
    VRX_TRY(vrx_tenant_keys_new(&symmetric, &keys));
    /* Only the symmetric keys are new: their memory takes the other's place. */
    struct vrx_secret *before = old->symmetric;
    old->symmetric = keys->symmetric;
    old->data_number = keys->data_number;
    old->data_count = keys->data_count;
    keys->symmetric = before;
    vrx_tenant_keys_free(&keys);
    return vrx_ok();
}

/* Puts a new pair in the place of *present, which becomes the last of the previous ones. */
static struct vrx_result renew_pair(const struct vrx_keyring_renewal *renewal,
    struct vrx_private_key **present, uint8_t kid[VRX_KID], int64_t *from,
    struct vrx_previous_keys *previous) {
    struct vrx_previous_key last = {.from = *from, .until = renewal->now + renewal->overlap};
    struct vrx_private_key *fresh = NULL;
    if (previous->count == VRX_LIMIT_KEYRING_KEYS - 1)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: 1 to 32 keys");
    VRX_TRY(vrx_private_key_public(*present, &last.public));
    struct vrx_result result = vrx_private_key_new_p256(&fresh);
    if (!vrx_is_ok(result)) {
        vrx_public_key_free(&last.public);
        return result;
    }
    memcpy(last.kid, kid, VRX_KID);
    last.private = *present;
    if (previous->count)
        vrx_private_key_free(&previous->key[0].private);
    memmove(&previous->key[1], &previous->key[0], previous->count * sizeof previous->key[0]);
    previous->key[0] = last;
    previous->count++;
    *present = fresh;
    *from = renewal->now;
    return vrx_ok();
}

/* A key that has followed before its predecessor came would leave no time to the latter. */
static bool is_timely(const struct vrx_keyring_renewal *renewal, int64_t from) {
    return renewal->now > 0 && renewal->now >= from && renewal->overlap >= 0 &&
           renewal->overlap < INT64_C(1) << 52 && renewal->now < INT64_C(1) << 52;
}

static struct vrx_result renew(struct making *making, const struct vrx_secret *root,
    const struct vrx_keyring_renewal *renewal, const struct vrx_random *random) {
    struct vrx_tenant_keys *keys = making->keys;
    if ((renewal->signing && !is_timely(renewal, keys->signing_from)) ||
        (renewal->exchange && !is_timely(renewal, keys->exchange_from)))
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: instant");
    if (renewal->root) {
        VRX_TRY(new_secret(random, &making->root));
    } else {
        VRX_TRY(vrx_secret_new(VRX_ROOT_KEY, &making->root));
        memcpy(making->root->ptr, root->ptr, VRX_ROOT_KEY);
    }
    if (renewal->data)
        VRX_TRY(renew_data(making, random));
    if (renewal->signing)
        VRX_TRY(renew_pair(renewal, &keys->signing, keys->signing_kid, &keys->signing_from,
            &keys->previous_signing));
    if (renewal->exchange)
        VRX_TRY(renew_pair(renewal, &keys->exchange, keys->exchange_kid, &keys->exchange_from,
            &keys->previous_exchange));
    return vrx_ok();
}

struct vrx_result vrx_keyring_remake(const struct vrx_keyring *old, const struct vrx_secret *root,
    const struct vrx_custodians *custodians, const struct vrx_keyring_renewal *renewal,
    const struct vrx_random *random, struct vrx_buffer *out) {
    if (old->serial == UINT32_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: serial");
    struct making making VRX_CLEANUP(making_done) = {0};
    making.keyring.municipality = old->municipality;
    making.keyring.serial = old->serial + 1;
    VRX_TRY(custodians ? take_custodians(&making, custodians) : copy_custodians(&making, old));
    VRX_TRY(vrx_keyring_unlock(old, root, &making.keys));
    VRX_TRY(renew(&making, root, renewal, random));
    return put_keyring(&making, random, out);
}
