/* SPDX-License-Identifier: Apache-2.0
 *
 * A QR code as the files that a command is asked for: --png and --svg.
 */
#ifndef VRX_CLI_QR_FILES_H
#define VRX_CLI_QR_FILES_H

#include "cli/command.h"
#include "render/qr.h"

#define VRX_QR_FILE_OPTIONS \
    {"png", "FILE", false, false, "writes the QR code here as a picture", \
        "QR コードの画像を書き出す"}, \
    { \
        "svg", "FILE", false, false, "writes the QR code here as vectors (SVG)", \
            "QR コードを SVG で書き出す" \
    }

/* Writes them, personal data for the caller alone, whatever fails on the way. The exit status: the
 * first failure's. */
int vrx_qr_files_write(const struct vrx_arguments *arguments, const struct vrx_qr *qr);
/* Their names, on standard output: {"png": "FILE"}. */
int vrx_qr_files_json(const struct vrx_arguments *arguments);

/* A file that only the caller reads, in place of what was there. The exit status. */
int vrx_cli_write_private(const char *path, struct vrx_view content);

#endif
