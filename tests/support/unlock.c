/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unlock.h"

#include "files/files.h"

static struct vrx_result read_root(
    const struct vrx_keyring *keyring, const char *custodian, struct vrx_secret **ret_root) {
    struct vrx_secret *pem VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    VRX_TRY(vrx_file_read_secret(custodian, &pem));
    VRX_TRY(vrx_private_key_from_pem(vrx_secret_view(pem), &key));
    struct vrx_custodian_key own;
    struct vrx_share share VRX_CLEANUP(vrx_share_done) = {0};
    VRX_TRY(vrx_custodian_key_here(key, &own));
    VRX_TRY(vrx_keyring_open_share(keyring, &own, &share));
    return vrx_keyring_join(keyring, &share, 1, ret_root);
}

struct vrx_result unlock_keyring(const char *keyring, const char *custodian,
    struct vrx_secret **ret_root, struct vrx_tenant_keys **ret_keys) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_keyring parsed;
    VRX_TRY(vrx_file_read(keyring, VRX_LIMIT_KEYRING, &bytes));
    VRX_TRY(vrx_keyring_parse(vrx_buffer_view(&bytes), &parsed));
    VRX_TRY(read_root(&parsed, custodian, &root));
    VRX_TRY(vrx_keyring_unlock(&parsed, root, ret_keys));
    *ret_root = root;
    root = NULL;
    return vrx_ok();
}
