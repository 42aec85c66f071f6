/* SPDX-License-Identifier: Apache-2.0
 *
 * Derivation of a municipality's symmetric keys. A label is never given a second meaning: another
 * key is another label.
 */
#include "keyring/keys.h"

#include <stdlib.h>

#include "crypto/hash.h"

enum derived { DATA, INDEX, LINKAGE, LEDGER, DERIVED };

static const char *const labels[DERIVED] = {
    [DATA] = "vrx-v1 data",
    [INDEX] = "vrx-v1 index",
    [LINKAGE] = "vrx-v1 linkage",
    [LEDGER] = "vrx-v1 ledger",
};

static struct vrx_view key_at(const struct vrx_tenant_keys *keys, enum derived which) {
    return vrx_view_slice(
        vrx_secret_view(keys->derived), (size_t)which * VRX_ROOT_KEY, VRX_ROOT_KEY);
}

struct vrx_result vrx_tenant_keys_derive(struct vrx_view root, struct vrx_tenant_keys **ret_keys) {
    if (root.len != VRX_ROOT_KEY)
        return vrx_fail(VRX_INPUT_RANGE);
    VRX_CLEANUP(vrx_tenant_keys_free) struct vrx_tenant_keys *keys = calloc(1, sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_secret_new((size_t)DERIVED * VRX_ROOT_KEY, &keys->derived));
    for (size_t i = 0; i < DERIVED; i++)
        VRX_TRY(vrx_hkdf_sha256(root, (struct vrx_view){NULL, 0}, vrx_view_text(labels[i]),
            keys->derived->ptr + i * VRX_ROOT_KEY, VRX_ROOT_KEY));
    *ret_keys = keys;
    keys = NULL;
    return vrx_ok();
}

void vrx_tenant_keys_free(struct vrx_tenant_keys **keys) {
    if (!keys || !*keys)
        return;
    vrx_secret_free(&(*keys)->derived);
    vrx_private_key_free(&(*keys)->signing);
    vrx_private_key_free(&(*keys)->exchange);
    free(*keys);
    *keys = NULL;
}

struct vrx_view vrx_tenant_data_key(const struct vrx_tenant_keys *keys) {
    return key_at(keys, DATA);
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

struct vrx_result vrx_public_key_kid(const struct vrx_public_key *key, uint8_t ret_kid[VRX_KID]) {
    uint8_t digest[VRX_SHA256];
    VRX_TRY(vrx_public_key_spki_sha256(key, digest));
    memcpy(ret_kid, digest, VRX_KID);
    return vrx_ok();
}
