/* SPDX-License-Identifier: Apache-2.0
 *
 * The text of a QR code in a picture.
 */
#ifndef VRX_RENDER_READ_QR_READ_H
#define VRX_RENDER_READ_QR_READ_H

#include "base/bytes.h"

/* Appends the text of the first QR code that is found in a PNG picture (ISO/IEC 15948); a picture
 * with several gives one of them. Transparent parts count as white. Errors: VRX_INPUT_TOO_LARGE
 * over VRX_LIMIT_PICTURE bytes or VRX_LIMIT_PICTURE_SIDE pixels a side; VRX_INPUT_MALFORMED when it
 * is no PNG or a damaged one; VRX_NOT_FOUND when no QR code can be read; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_qr_read(struct vrx_view png, struct vrx_buffer *out);

#endif
