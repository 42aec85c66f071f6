/* SPDX-License-Identifier: Apache-2.0
 *
 * Base45 from a QR code: what decodes must encode to the same text, for the form is unique.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/base45.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_view text = vrx_view_of(data, size);
    struct vrx_buffer bytes = {0};
    struct vrx_buffer again = {0};
    if (vrx_is_ok(vrx_base45_decode(text, &bytes)) &&
        vrx_is_ok(vrx_base45_encode(vrx_buffer_view(&bytes), &again)) &&
        !vrx_view_equal(vrx_buffer_view(&again), text))
        abort();
    vrx_buffer_done(&bytes);
    vrx_buffer_done(&again);
    return 0;
}
