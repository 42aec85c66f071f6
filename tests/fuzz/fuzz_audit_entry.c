/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a ledger entry. What is accepted has one encoding: it must come out again.
 */
#include <stdlib.h>

#include "objects/audit_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_view input = vrx_view_of(data, size);
    struct vrx_audit_entry entry;
    if (vrx_is_ok(vrx_audit_entry_decode(input, &entry)) &&
        (!vrx_is_ok(vrx_audit_entry_encode(&entry, &out)) ||
            !vrx_view_equal(input, vrx_buffer_view(&out))))
        abort();
    return 0;
}
