/* SPDX-License-Identifier: Apache-2.0
 *
 * Pixels in grey, as a search for QR codes wants them.
 */
#ifndef VRX_RENDER_READ_GREY_H
#define VRX_RENDER_READ_GREY_H

#include "base/bytes.h"

struct vrx_grey {
    uint8_t *pixels; /* width * height, row by row; 255 is white */
    unsigned width, height;
};

/* White pixels for dimensions that a stranger claims. Errors: VRX_INPUT_TOO_LARGE over
 * VRX_LIMIT_PICTURE_SIDE; VRX_INPUT_MALFORMED for none; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_grey_init(unsigned width, unsigned height, struct vrx_grey *ret_grey);
void vrx_grey_done(struct vrx_grey *grey);

/* A PNG picture (ISO/IEC 15948) of any colour; transparent parts are white. Errors:
 * vrx_grey_init's; VRX_INPUT_MALFORMED when it is none or ends early. */
struct vrx_result vrx_grey_from_png(struct vrx_view png, struct vrx_grey *ret_grey);

/* A JPEG picture (ISO/IEC 10918-1), baseline or progressive, grey, colour or CMYK. Errors:
 * vrx_grey_init's; VRX_INPUT_MALFORMED when it is none, ends early or is damaged;
 * VRX_INPUT_TOO_LARGE over VRX_JPEG_SCANS or VRX_JPEG_MEMORY. */
struct vrx_result vrx_grey_from_jpeg(struct vrx_view jpeg, struct vrx_grey *ret_grey);

/* Scans of a progressive JPEG: encoders make 10. Each costs a pass over all pixels, and an empty
 * one a few bytes only. */
#define VRX_JPEG_SCANS 100
/* Bytes that libjpeg may take: all coefficients of a progressive picture of the largest size. */
#define VRX_JPEG_MEMORY ((long)512 << 20)

#endif
