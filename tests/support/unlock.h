/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's keys as its custodian could have them, from the two files alone; for programs
 * that look at what a daemon left behind.
 */
#ifndef VRX_SUPPORT_UNLOCK_H
#define VRX_SUPPORT_UNLOCK_H

#include "keyring/keyring.h"

/* keyring and custodian are files; one custodian must be enough. Errors: the file's, the keyring's.
 */
struct vrx_result unlock_keyring(const char *keyring, const char *custodian,
    struct vrx_secret **ret_root, struct vrx_tenant_keys **ret_keys);

#endif
