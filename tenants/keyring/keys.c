/* SPDX-License-Identifier: Apache-2.0 */
#include "keyring/keys.h"

#include <stdlib.h>

/* Their places in the secret. */
enum place { DATA, PREVIOUS_DATA, INDEX, LINKAGE, LEDGER, PLACES };

static struct vrx_view key_at(const struct vrx_tenant_keys *keys, enum place which) {
    return vrx_view_slice(
        vrx_secret_view(keys->symmetric), (size_t)which * VRX_ROOT_KEY, VRX_ROOT_KEY);
}

struct vrx_result vrx_tenant_keys_new(
    const struct vrx_symmetric_keys *symmetric, struct vrx_tenant_keys **ret_keys) {
    const struct vrx_view all[PLACES] = {
        [DATA] = symmetric->data[0],
        [PREVIOUS_DATA] = symmetric->data[1],
        [INDEX] = symmetric->index,
        [LINKAGE] = symmetric->linkage,
        [LEDGER] = symmetric->ledger,
    };
    const size_t count = symmetric->data_count;
    if (count == 0 || count > VRX_KEYRING_DATA_KEYS || count > symmetric->data_number)
        return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: data keys");
    VRX_CLEANUP(vrx_tenant_keys_free) struct vrx_tenant_keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_secret_new((size_t)PLACES * VRX_ROOT_KEY, &keys->symmetric));
    for (size_t i = 0; i < PLACES; i++) {
        if (i == PREVIOUS_DATA && count == 1)
            continue;
        if (all[i].len != VRX_ROOT_KEY)
            return vrx_refuse(VRX_INPUT_RANGE, "keyring.cddl: secrets");
        memcpy(keys->symmetric->ptr + i * VRX_ROOT_KEY, all[i].ptr, VRX_ROOT_KEY);
    }
    keys->data_count = count;
    keys->data_number = symmetric->data_number;
    *ret_keys = keys;
    keys = NULL;
    return vrx_ok();
}

static void previous_done(struct vrx_previous_keys *previous) {
    for (size_t i = 0; i < previous->count; i++) {
        vrx_private_key_free(&previous->key[i].private);
        vrx_public_key_free(&previous->key[i].public);
    }
}

void vrx_tenant_keys_free(struct vrx_tenant_keys **keys) {
    if (!keys || !*keys)
        return;
    vrx_secret_free(&(*keys)->symmetric);
    vrx_private_key_free(&(*keys)->signing);
    vrx_private_key_free(&(*keys)->exchange);
    previous_done(&(*keys)->previous_signing);
    previous_done(&(*keys)->previous_exchange);
    free(*keys);
    *keys = NULL;
}

struct vrx_view vrx_tenant_data_key(const struct vrx_tenant_keys *keys) {
    return key_at(keys, DATA);
}

struct vrx_view vrx_tenant_previous_data_key(const struct vrx_tenant_keys *keys) {
    return keys->data_count > 1 ? key_at(keys, PREVIOUS_DATA) : (struct vrx_view){NULL, 0};
}

struct vrx_view vrx_tenant_index_key(const struct vrx_tenant_keys *keys) {
    return key_at(keys, INDEX);
}

struct vrx_view vrx_tenant_linkage_key(const struct vrx_tenant_keys *keys) {
    return key_at(keys, LINKAGE);
}

struct vrx_view vrx_tenant_ledger_key(const struct vrx_tenant_keys *keys) {
    return key_at(keys, LEDGER);
}

static bool same_key(
    const struct vrx_tenant_keys *a, const struct vrx_tenant_keys *b, enum place which) {
    return vrx_equal_constant_time(key_at(a, which), key_at(b, which));
}

static bool has_data_key(const struct vrx_tenant_keys *keys, struct vrx_view key) {
    return vrx_equal_constant_time(vrx_tenant_data_key(keys), key) ||
           vrx_equal_constant_time(vrx_tenant_previous_data_key(keys), key);
}

/* The key of used is next's present or last one. */
static bool pair_follows(const uint8_t used[VRX_KID], const uint8_t next[VRX_KID],
    const struct vrx_previous_keys *previous) {
    return memcmp(used, next, VRX_KID) == 0 ||
           (previous->count && memcmp(used, previous->key[0].kid, VRX_KID) == 0);
}

struct vrx_result vrx_tenant_keys_follow(const struct vrx_tenant_keys *used, struct vrx_view in_use,
    const struct vrx_tenant_keys *next) {
    const bool renewed = !same_key(used, next, DATA);
    if (!same_key(used, next, INDEX) || !same_key(used, next, LINKAGE) ||
        !same_key(used, next, LEDGER) ||
        !pair_follows(used->signing_kid, next->signing_kid, &next->previous_signing) ||
        !pair_follows(used->exchange_kid, next->exchange_kid, &next->previous_exchange))
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "the keyring does not have the keys in use");
    if (renewed && next->data_number == used->data_number + 1 &&
        !vrx_equal_constant_time(vrx_tenant_data_key(used), in_use))
        return vrx_refuse(VRX_WRONG_STATE, "a rotation of the data key is to be finished first");
    if (!has_data_key(next, in_use) || (renewed && next->data_number != used->data_number + 1))
        return vrx_refuse(VRX_CUSTODIAN_REFUSED, "the keyring does not have the data key in use");
    return vrx_ok();
}

struct vrx_result vrx_public_key_kid(const struct vrx_public_key *key, uint8_t ret_kid[VRX_KID]) {
    uint8_t digest[32];
    VRX_TRY(vrx_public_key_spki_sha256(key, digest));
    memcpy(ret_kid, digest, VRX_KID);
    return vrx_ok();
}
