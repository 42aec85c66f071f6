/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/qr_files.h"

#include "cli/print.h"
#include "files/files.h"
#include "render/qr.h"

typedef struct vrx_result draw_code(const struct vrx_qr *qr, struct vrx_buffer *out);

int vrx_cli_write_private(const char *path, struct vrx_view content) {
    struct vrx_result result = vrx_file_replace(path, 0600, content);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

static int write_drawn(const char *path, struct vrx_view text, draw_code *draw) {
    struct vrx_buffer picture VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    struct vrx_result result = vrx_qr_init_certificate(&qr, text);
    if (vrx_is_ok(result))
        result = draw(&qr, &picture);
    return vrx_is_ok(result) ? vrx_cli_write_private(path, vrx_buffer_view(&picture))
                             : vrx_print_refusal(path, result);
}

static struct vrx_result draw_png(const struct vrx_qr *qr, struct vrx_buffer *out) {
    return vrx_qr_png(qr, VRX_QR_MODULE_MIN, out);
}

int vrx_qr_file_png(const char *path, struct vrx_view text) {
    return write_drawn(path, text, draw_png);
}

int vrx_qr_file_svg(const char *path, struct vrx_view text) {
    return write_drawn(path, text, vrx_qr_svg);
}
