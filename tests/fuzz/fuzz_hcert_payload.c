/* SPDX-License-Identifier: Apache-2.0
 *
 * The payload behind a good signature: another country's issuer is a stranger, too.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/hcert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect_inside(struct vrx_view part, const uint8_t *data, size_t size) {
    if (part.len && (part.ptr < data || part.ptr + part.len > data + size))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_hcert hcert;
    if (!vrx_is_ok(vrx_hcert_read(vrx_view_of(data, size), &hcert)))
        return 0;
    if (hcert.kind < VRX_HCERT_VACCINATION || hcert.kind > VRX_HCERT_RECOVERY)
        abort();
    expect_inside(hcert.surname_mrz, data, size);
    expect_inside(hcert.identifier, data, size);
    expect_inside(hcert.birth_date, data, size);
    return 0;
}
