/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that someone shows as a certificate: a picture or a document with QR codes, or a text.
 */
#ifndef VRX_CLI_SHOWN_FILE_H
#define VRX_CLI_SHOWN_FILE_H

#include "render/read/qr_read.h"

/* What the help of an option says of such a file. */
#define VRX_SHOWN_FILE_EN \
    "a PNG, JPEG or PDF file with QR codes, or a text \"HC1:...\", \"shc:/...\" or JSON"
#define VRX_SHOWN_FILE_JA "QR コードの画像（PNG・JPEG）、PDF またはテキスト"

/* Adds the texts of all its QR codes; of any other file its content, without white space at its
 * end, as one text. Errors: vrx_qr_read's. */
struct vrx_result vrx_shown_file_texts(struct vrx_view content, struct vrx_qr_texts *texts);

/* What such an error says of the file and not of this machine: it shows no certificate. */
bool vrx_shown_file_is_none(struct vrx_result result);

#endif
