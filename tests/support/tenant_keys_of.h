/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests: a municipality's symmetric keys without a keyring, the same each time.
 */
#ifndef VRX_TEST_TENANT_KEYS_OF_H
#define VRX_TEST_TENANT_KEYS_OF_H

#include "keyring/keys.h"

/* Each key is these VRX_ROOT_KEY bytes; there is no key pair. */
static inline struct vrx_result tenant_keys_of(
    struct vrx_view key, struct vrx_tenant_keys **ret_keys) {
    const struct vrx_symmetric_keys symmetric = {.data = {key},
        .data_count = 1,
        .data_number = 1,
        .index = key,
        .linkage = key,
        .ledger = key};
    return vrx_tenant_keys_new(&symmetric, ret_keys);
}

#endif
