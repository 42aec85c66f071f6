/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/qr_files.h"

#include "cli/json.h"
#include "cli/print.h"
#include "files/files.h"

static struct vrx_result draw_png(const struct vrx_qr *qr, struct vrx_buffer *out) {
    return vrx_qr_png(qr, VRX_QR_MODULE_MIN, out);
}

static const struct {
    const char *option;
    struct vrx_result (*draw)(const struct vrx_qr *qr, struct vrx_buffer *out);
} kinds[] = {{"png", draw_png}, {"svg", vrx_qr_svg}};

#define KINDS (sizeof kinds / sizeof *kinds)

int vrx_cli_write_private(const char *path, struct vrx_view content) {
    struct vrx_result result = vrx_file_replace(path, 0600, content);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(path, result);
}

int vrx_qr_files_write(const struct vrx_arguments *arguments, const struct vrx_qr *qr) {
    int status = VRX_EXIT_OK;
    for (size_t i = 0; i < KINDS; i++) {
        const char *path = vrx_argument(arguments, kinds[i].option);
        struct vrx_buffer picture VRX_CLEANUP(vrx_buffer_done) = {0};
        if (!path)
            continue;
        struct vrx_result result = kinds[i].draw(qr, &picture);
        const int written = vrx_is_ok(result)
                                ? vrx_cli_write_private(path, vrx_buffer_view(&picture))
                                : vrx_print_refusal(path, result);
        status = status == VRX_EXIT_OK ? written : status;
    }
    return status;
}

int vrx_qr_files_json(const struct vrx_arguments *arguments) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    for (size_t i = 0; i < KINDS; i++)
        if (vrx_argument_given(arguments, kinds[i].option))
            vrx_json_text(&json, kinds[i].option, vrx_argument(arguments, kinds[i].option));
    return vrx_json_print(&json);
}
