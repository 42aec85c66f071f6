/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of the QR codes in a picture or a document: PNG, JPEG, PDF, told by its first bytes.
 */
#ifndef VRX_RENDER_READ_QR_READ_H
#define VRX_RENDER_READ_QR_READ_H

#include "base/bytes.h"

/* Codes of one file: a certificate's paper has three, a sheet full of small ones some dozens. */
#define VRX_LIMIT_QR_CODES 32

/* Each text once, in the order in which they were found. All zero is empty. */
struct vrx_qr_texts {
    struct vrx_buffer bytes;
    size_t ends[VRX_LIMIT_QR_CODES];
    size_t count;
};

/* Wipes them: certificates are personal data. */
void vrx_qr_texts_done(struct vrx_qr_texts *texts);
struct vrx_view vrx_qr_texts_at(const struct vrx_qr_texts *texts, size_t index);
/* Adds a text where it is not there yet. Errors: VRX_INPUT_TOO_LARGE over VRX_LIMIT_QR_CODES, and
 * the buffer's. */
struct vrx_result vrx_qr_texts_add(struct vrx_qr_texts *texts, struct vrx_view text);

/* Begins as a PNG, a JPEG or a PDF file does; whether it is one, vrx_qr_read says. */
bool vrx_qr_is_picture(struct vrx_view file);

/* Adds the texts of all QR codes that are found. Transparent parts of a PNG count as white.
 * Errors, each before or without keeping anything of the file in memory: VRX_INPUT_TOO_LARGE over
 * VRX_LIMIT_PICTURE bytes, VRX_LIMIT_PICTURE_SIDE pixels a side, VRX_PDF_PAGES pages (pdf.h) or
 * VRX_LIMIT_QR_CODES codes, and for a JPEG or PDF that takes more memory or time than any genuine
 * one; VRX_INPUT_MALFORMED when it is none of the three or a damaged one; VRX_NOT_FOUND when no QR
 * code can be read; VRX_FILE_REFUSED when this machine has nothing to draw PDF with;
 * VRX_OUT_OF_MEMORY. On failure texts found before may have been added. */
struct vrx_result vrx_qr_read(struct vrx_view file, struct vrx_qr_texts *texts);

#endif
