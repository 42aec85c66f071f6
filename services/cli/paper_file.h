/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates on paper, as a PDF file. Only what verifies is printed: what stands on the paper is
 * read from the texts, and a paper with a seal must say nothing that its codes do not.
 */
#ifndef VRX_CLI_PAPER_FILE_H
#define VRX_CLI_PAPER_FILE_H

#include "base/bytes.h"
#include "cli/command.h"

/* Verifies the texts at now by --trust-list, --authority and --revocations, and writes their paper
 * to path, for the caller alone. The exit status: of a text that is not valid, that of `vrx
 * verify`, after its verdict is told on standard output; the file is as it was then. */
int vrx_paper_file_write(const struct vrx_arguments *arguments, const char *path,
    const struct vrx_view *texts, size_t count, int64_t now);

#endif
