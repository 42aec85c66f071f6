/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a picture's only QR code.
 */
#ifndef VRX_TEST_QR_TEXT_H
#define VRX_TEST_QR_TEXT_H

#include "render/read/qr_read.h"

/* Appends it; VRX_INPUT_RANGE where there are several, else as vrx_qr_read. */
static inline struct vrx_result test_qr_text(struct vrx_view file, struct vrx_buffer *out) {
    struct vrx_qr_texts texts = {0};
    struct vrx_result result = vrx_qr_read(file, &texts);
    if (vrx_is_ok(result) && texts.count > 1)
        result = vrx_fail(VRX_INPUT_RANGE);
    if (vrx_is_ok(result))
        result = vrx_buffer_append(out, vrx_qr_texts_at(&texts, 0));
    vrx_qr_texts_done(&texts);
    return result;
}

#endif
