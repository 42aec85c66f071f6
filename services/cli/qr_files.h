/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of personal data that a command is asked for, for the caller alone (mode 0600), in place of
 * what was there: a text as it is, or as a QR code. Each returns the exit status; what failed is
 * said on standard error.
 */
#ifndef VRX_CLI_QR_FILES_H
#define VRX_CLI_QR_FILES_H

#include "base/bytes.h"

int vrx_cli_write_private(const char *path, struct vrx_view content);

/* The QR code of a certificate's text (vrx_qr_init_certificate), as a picture and as vectors. */
int vrx_qr_file_png(const char *path, struct vrx_view text);
int vrx_qr_file_svg(const char *path, struct vrx_view text);

#endif
