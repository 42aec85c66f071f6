/* SPDX-License-Identifier: Apache-2.0
 *
 * pdftoppm writes its pages one behind the other as PGM (Netpbm): "P5", width, height, 255, pixels.
 */
#include "render/read/pdf.h"

#include <stdio.h>

#include "render/read/confined.h"

#define HEADER_MAX 64 /* bytes */
#define CANNOT 127

static const char clause[] = "ISO 32000-1: not a PDF file that can be drawn";

/* Reads all of len, or fewer at the end. */
static struct vrx_result read_whole(
    struct vrx_confined *program, uint8_t *bytes, size_t len, size_t *ret_len) {
    size_t used = 0;
    while (used < len) {
        size_t got = 0;
        VRX_TRY(vrx_confined_read(program, bytes + used, len - used, &got));
        if (!got)
            break;
        used += got;
    }
    *ret_len = used;
    return vrx_ok();
}

/* Three lines; *ret_more false at the end of the output. */
static struct vrx_result read_header(
    struct vrx_confined *program, unsigned *ret_width, unsigned *ret_height, bool *ret_more) {
    char header[HEADER_MAX + 1] = {0};
    size_t len = 0;
    for (unsigned lines = 0; lines < 3;) {
        size_t got = 0;
        if (len == HEADER_MAX)
            return vrx_refuse(VRX_INPUT_MALFORMED, clause);
        VRX_TRY(vrx_confined_read(program, header + len, 1, &got));
        *ret_more = got > 0;
        if (!got)
            return len ? vrx_refuse(VRX_INPUT_MALFORMED, clause) : vrx_ok();
        lines += header[len++] == '\n';
    }
    char end = 0;
    /* NOLINTNEXTLINE(cert-err34-c): of bounded digits; the dimensions are checked by grey.h */
    if (sscanf(header, "P5 %5u %5u 255%c", ret_width, ret_height, &end) != 3 || end != '\n')
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    return vrx_ok();
}

static struct vrx_result read_page(
    struct vrx_confined *program, struct vrx_grey *grey, vrx_pdf_page *page, void *context) {
    const size_t size = (size_t)grey->width * grey->height;
    size_t got = 0;
    VRX_TRY(read_whole(program, grey->pixels, size, &got));
    if (got != size)
        return vrx_refuse(VRX_INPUT_MALFORMED, clause);
    return page(context, grey);
}

static struct vrx_result read_pages(
    struct vrx_confined *program, vrx_pdf_page *page, void *context) {
    for (unsigned count = 0;; count++) {
        struct vrx_grey grey = {0};
        bool more = false;
        unsigned width = 0;
        unsigned height = 0;
        VRX_TRY(read_header(program, &width, &height, &more));
        if (!more)
            return vrx_ok();
        if (count == VRX_PDF_PAGES)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "pdf.h: pages");
        VRX_TRY(vrx_grey_init(width, height, &grey));
        struct vrx_result result = read_page(program, &grey, page, context);
        vrx_grey_done(&grey);
        VRX_TRY(result);
    }
}

struct vrx_result vrx_pdf_pages(struct vrx_view pdf, vrx_pdf_page *page, void *context) {
    char last[8];
    snprintf(last, sizeof last, "%d", VRX_PDF_PAGES + 1);
    const char *const argv[] = {
        VRX_PDF_PROGRAM, "-q", "-gray", "-r", VRX_PDF_DPI, "-l", last, "-", NULL};
    struct vrx_confined program;
    VRX_TRY(vrx_confined_start(argv, pdf, &program));
    struct vrx_result result = read_pages(&program, page, context);
    const int status = vrx_confined_end(&program);
    VRX_TRY(result);
    if (status == CANNOT)
        return vrx_refuse(VRX_FILE_REFUSED, "pdf.h: the program pdftoppm of poppler-utils");
    return status == 0 ? vrx_ok() : vrx_refuse(VRX_INPUT_MALFORMED, clause);
}
