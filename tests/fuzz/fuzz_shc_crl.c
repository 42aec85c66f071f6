/* SPDX-License-Identifier: Apache-2.0
 *
 * An issuer's list of revoked SMART Health Cards: each rid that is read is one record more.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/shc/shc_crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_revocation_set set = {0};
    struct vrx_shc_crl crl = {0};
    if (vrx_is_ok(vrx_shc_crl_read(vrx_view_of(data, size), &set, &crl)) &&
        (set.table[VRX_REVOKED_CARDS].len != crl.count * (VRX_REVOCATION_HASH + 8) ||
            set.table[VRX_REVOKED_KEYS].len != VRX_REVOCATION_HASH))
        abort();
    vrx_revocation_set_done(&set);
    return 0;
}
