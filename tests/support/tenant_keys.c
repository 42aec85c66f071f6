/* SPDX-License-Identifier: Apache-2.0
 *
 * vrx-tenant-keys KEYRING CUSTODIAN: prints every key of a test's municipality in hexadecimal, a
 * line each with its name, so that a scan can look for them where they must not be.
 */
#include <stdio.h>

#include "base/encode.h"
#include "support/unlock.h"

static void print(const char *name, struct vrx_view key) {
    char text[2 * VRX_ROOT_KEY + 1];
    vrx_hex_string(key, text);
    printf("%s %s\n", name, text);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: vrx-tenant-keys KEYRING CUSTODIAN\n");
        return 2;
    }
    struct vrx_secret *root VRX_CLEANUP(vrx_secret_free) = NULL;
    struct vrx_tenant_keys *keys VRX_CLEANUP(vrx_tenant_keys_free) = NULL;
    struct vrx_result result = unlock_keyring(argv[1], argv[2], &root, &keys);
    if (!vrx_is_ok(result)) {
        fprintf(stderr, "vrx-tenant-keys: %s\n", vrx_reason_name(result.reason));
        return 1;
    }
    print("root", vrx_secret_view(root));
    print("data", vrx_tenant_data_key(keys));
    print("index", vrx_tenant_index_key(keys));
    print("linkage", vrx_tenant_linkage_key(keys));
    print("ledger", vrx_tenant_ledger_key(keys));
    return 0;
}
