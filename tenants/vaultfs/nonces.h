/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of vrx_vaultfs: random nonces drawn many at a time, because one call of the system's
 * generator costs as much as sealing a page. Each is given once. They are no secret. A process that
 * forks leaves the vault to one of the two, as SQLite asks too: both would give the same ones.
 */
#ifndef VRX_VAULTFS_NONCES_H
#define VRX_VAULTFS_NONCES_H

#include "base/random.h"
#include "crypto/aead.h"

#define VRX_NONCES 64

struct vrx_nonces {
    struct vrx_random random; /* its fill gives one nonce (VRX_AEAD_NONCE bytes) or passes on */
    const struct vrx_random *source;
    size_t left; /* of the nonces drawn */
    uint8_t drawn[VRX_NONCES][VRX_AEAD_NONCE];
};

/* source is borrowed. nonces must not move afterwards. */
void vrx_nonces_init(struct vrx_nonces *nonces, const struct vrx_random *source);

#endif
