/* SPDX-License-Identifier: Apache-2.0 */
#include "vaultfs/nonces.h"

static struct vrx_result fill(void *context, uint8_t *out, size_t len) {
    struct vrx_nonces *nonces = context;
    if (len != VRX_AEAD_NONCE)
        return vrx_random_fill(nonces->source, out, len);
    if (nonces->left == 0) {
        VRX_TRY(vrx_random_fill(nonces->source, nonces->drawn[0], sizeof nonces->drawn));
        nonces->left = VRX_NONCES;
    }
    memcpy(out, nonces->drawn[--nonces->left], VRX_AEAD_NONCE);
    return vrx_ok();
}

void vrx_nonces_init(struct vrx_nonces *nonces, const struct vrx_random *source) {
    *nonces = (struct vrx_nonces){.source = source};
    nonces->random = (struct vrx_random){.fill = fill, .context = nonces};
}
