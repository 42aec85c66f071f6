/* SPDX-License-Identifier: Apache-2.0
 *
 * A picture from a stranger: libpng, libjpeg and zbar behind our bounds. PDF is another process's
 * matter, so that a file that begins as one is left out.
 */
#include <stddef.h>
#include <stdint.h>

#include "render/read/qr_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct vrx_qr_texts texts = {0};
    if (size && data[0] == '%')
        return 0;
    struct vrx_result result = vrx_qr_read(vrx_view_of(data, size), &texts);
    if (vrx_is_ok(result) != (texts.count > 0) && result.reason != VRX_INPUT_TOO_LARGE)
        __builtin_trap();
    for (size_t i = 0; i < texts.count; i++)
        if (vrx_qr_texts_at(&texts, i).len > texts.bytes.len)
            __builtin_trap();
    vrx_qr_texts_done(&texts);
    return 0;
}
