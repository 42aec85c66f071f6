/* SPDX-License-Identifier: Apache-2.0
 *
 * QR codes (ISO/IEC 18004), the smallest version that holds the text: of certificate texts, in
 * alphanumeric mode with error correction level Q (HCERT specification §4.2.2) or in bytes and
 * digits (SMART Health Cards), and of addresses that a telephone reads off a screen.
 */
#ifndef VRX_RENDER_QR_H
#define VRX_RENDER_QR_H

#include "base/bytes.h"

#define VRX_QR_QUIET_ZONE 4    /* modules on every side (ISO/IEC 18004 §9.1) */
#define VRX_QR_SIDE_MAX 177    /* modules, version 40 */
#define VRX_QR_MODULE_MIN 8u   /* pixels: 0.7 mm at 300 dpi, above what laser printers smear */
#define VRX_QR_MODULE_MAX 64u  /* pixels: version 40 stays under 12,000 pixels a side */
#define VRX_LIMIT_QR_TEXT 2420 /* characters: version 40, level Q, alphanumeric (table 7) */
#define VRX_QR_VERSION_NUMERIC 22
#define VRX_LIMIT_QR_NUMERIC 2409 /* digits: version 22, level L (table 7) */
#define VRX_LIMIT_QR_BYTES 2331   /* bytes: version 40, level M, byte mode (table 7) */

struct vrx_qr {
    size_t side;     /* modules, without quiet zone */
    uint8_t *module; /* side * side, row by row; 1 is dark */
};

/* Errors: VRX_INPUT_TEXT for a character outside the alphanumeric mode ("ISO/IEC 18004 §7.4.4") or
 * an empty text; VRX_INPUT_TOO_LARGE over VRX_LIMIT_QR_TEXT; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_qr_init(struct vrx_qr *ret_qr, struct vrx_view text);
/* Of a text whose first head bytes are in byte mode and whose digits after that in numeric mode
 * (SMART Health Cards 1.4, "Encoding QRs"), at most version VRX_QR_VERSION_NUMERIC, with level M
 * where that fits, else L. Errors: VRX_INPUT_TEXT when head is not within the text, or anything but
 * digits follows; VRX_INPUT_TOO_LARGE over VRX_LIMIT_QR_NUMERIC or where neither level fits;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_qr_init_numeric(struct vrx_qr *ret_qr, struct vrx_view text, size_t head);
/* Of any text, in byte mode with level M: a screen has no creases. Errors: VRX_INPUT_TEXT for an
 * empty text; VRX_INPUT_TOO_LARGE over VRX_LIMIT_QR_BYTES; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_qr_init_bytes(struct vrx_qr *ret_qr, struct vrx_view text);
/* Of a certificate's text as its format has it: HCERT as vrx_qr_init, a SMART Health Card ("shc:/")
 * as vrx_qr_init_numeric, VDS-NC (JSON) as vrx_qr_init_bytes. Errors: theirs. */
struct vrx_result vrx_qr_init_certificate(struct vrx_qr *ret_qr, struct vrx_view text);
/* Wipes the modules: what is drawn may be a secret. */
void vrx_qr_done(struct vrx_qr *qr);

/* Appends UTF-8 text, one character a module across and two modules down, with the quiet zone and a
 * line feed after each row. No escape sequences: LIGHT modules are drawn as blocks in the
 * terminal's own text colour and dark ones are left as background, which is the right way round on
 * a terminal with light text on a dark background, and reads as an inverted code on the opposite
 * one. Lines are side + 8 columns wide. Errors: the buffer's. */
struct vrx_result vrx_qr_terminal(const struct vrx_qr *qr, struct vrx_buffer *out);

/* Appends a PNG picture (ISO/IEC 15948), 8-bit grey, with the quiet zone. module_pixels from
 * VRX_QR_MODULE_MIN to VRX_QR_MODULE_MAX, else VRX_INPUT_RANGE. Errors: VRX_OUT_OF_MEMORY and the
 * buffer's. */
struct vrx_result vrx_qr_png(
    const struct vrx_qr *qr, unsigned module_pixels, struct vrx_buffer *out);

#define VRX_QR_SVG_MODULE 0.5 /* mm: twice what a printer smears, and readable from a telephone */

/* Appends an SVG picture (SVG 1.1), vectors of one unit a module, with the quiet zone, as a file of
 * its own or to be put into a page. Printed without scaling a module has VRX_QR_SVG_MODULE. Errors:
 * the buffer's. */
struct vrx_result vrx_qr_svg(const struct vrx_qr *qr, struct vrx_buffer *out);

#endif
