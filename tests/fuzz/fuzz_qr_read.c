/* SPDX-License-Identifier: Apache-2.0
 *
 * A picture from a stranger: libpng and zbar behind our bounds.
 */
#include <stddef.h>
#include <stdint.h>

#include "render/read/qr_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_buffer out = {0};
    VRX_IGNORE(vrx_qr_read(vrx_view_of(data, size), &out));
    vrx_buffer_done(&out);
    return 0;
}
