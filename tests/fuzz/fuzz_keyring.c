/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses a keyring and tries to open what parses, with a custodian that the seeds name and a root
 * key that is nobody's.
 */
#include <stdlib.h>

#include "base/encode.h"
#include "keyring/keyring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds)
        abort();
}

/* The initiator of RFC 5903 §8.1. */
static struct vrx_private_key *custodian_key(void) {
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_private_key *key = NULL;
    require(vrx_is_ok(vrx_hex_decode(
        vrx_view_text("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
                      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"),
        &der)));
    require(vrx_is_ok(vrx_private_key_from_pkcs8(vrx_buffer_view(&der), &key)));
    return key;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_keyring keyring;
    if (!vrx_is_ok(vrx_keyring_parse(vrx_view_of(data, size), &keyring)))
        return 0;
    require(keyring.custodian_count >= 1 && keyring.custodian_count <= VRX_LIMIT_RECIPIENTS);
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = custodian_key();
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_custodian_key own;
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    require(keyring.threshold >= 1 && keyring.threshold <= keyring.custodian_count);
    require(vrx_is_ok(vrx_custodian_key_here(key, &own)));
    if (vrx_is_ok(vrx_keyring_open_share(&keyring, &own, &share)) &&
        vrx_is_ok(vrx_keyring_join(&keyring, &share, 1, &root)))
        VRX_IGNORE(vrx_keyring_unlock(&keyring, root, &keys));
    struct vrx_secret *nobodys VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *none = NULL;
    require(vrx_is_ok(vrx_secret_new(VRX_ROOT_KEY, &nobodys)));
    require(!vrx_is_ok(vrx_keyring_unlock(&keyring, nobodys, &none)));
    return 0;
}
