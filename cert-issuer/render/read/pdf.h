/* SPDX-License-Identifier: Apache-2.0
 *
 * The pages of a PDF file as pixels. PDF is a large format that its readers get wrong again and
 * again: fonts, pictures and streams of a dozen kinds, each with a parser of its own. So it is
 * drawn by a program of its own, poppler's pdftoppm, which is confined (confined.h) and knows
 * nothing of ours but the file: its memory holds no key and nobody's certificate but the one that
 * was shown. What comes back is pixels, whose header is checked before memory is taken for them.
 */
#ifndef VRX_RENDER_READ_PDF_H
#define VRX_RENDER_READ_PDF_H

#include "render/read/grey.h"

#define VRX_PDF_PROGRAM "/usr/bin/pdftoppm" /* Debian's poppler-utils */
#define VRX_PDF_DPI "300"                   /* 4 pixels a module of 0.33 mm */
#define VRX_PDF_PAGES 8                     /* a certificate has one to three */

typedef struct vrx_result vrx_pdf_page(void *context, const struct vrx_grey *page);

/* Calls page for each, in order; what it refuses ends the work and is handed on. Errors: the
 * page's; VRX_INPUT_TOO_LARGE for a page over VRX_LIMIT_PICTURE_SIDE pixels a side (A2 and larger),
 * for more than VRX_PDF_PAGES pages or too much time; VRX_INPUT_MALFORMED when it cannot be drawn
 * (no PDF, encrypted, without a page, more memory than is given); VRX_FILE_REFUSED without the
 * program; VRX_OUT_OF_MEMORY, VRX_INTERNAL_ERROR. */
struct vrx_result vrx_pdf_pages(struct vrx_view pdf, vrx_pdf_page *page, void *context);

#endif
