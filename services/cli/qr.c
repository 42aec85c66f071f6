/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx qr`: a certificate's text as a QR code, here or as a picture.
 */
#include <stdio.h>

#include "base/limits.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/qr_files.h"
#include "cli/shown_file.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "render/qr.h"

static const struct {
    const char *option;
    int (*write)(const char *path, struct vrx_view text);
} kinds[] = {{"png", vrx_qr_file_png}, {"svg", vrx_qr_file_svg}};

#define KINDS (sizeof kinds / sizeof *kinds)

static int draw_here(struct vrx_view text) {
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_qr_init_certificate(&qr, text);
    if (vrx_is_ok(result))
        result = vrx_qr_terminal(&qr, &out);
    if (vrx_is_ok(result) && fwrite(out.ptr, 1, out.len, stdout) != out.len)
        result = vrx_fail(VRX_DISK_FAILED);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("QR code", result);
}

/* The files that were asked for; with --json their names: {"png": "FILE"}. */
static int write_files(const struct vrx_arguments *arguments, struct vrx_view text) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_object(&json);
    for (size_t i = 0; i < KINDS; i++) {
        const char *path = vrx_argument(arguments, kinds[i].option);
        if (!path)
            continue;
        VRX_CLI_TRY(kinds[i].write(path, text));
        vrx_json_text(&json, kinds[i].option, path);
    }
    return vrx_argument_json(arguments) ? vrx_json_print(&json) : VRX_EXIT_OK;
}

static int run_qr(const struct vrx_arguments *arguments) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_qr_texts texts VRX_CLEANUP(vrx_qr_texts_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_HCERT_TEXT + 2, &content));
    struct vrx_result result = vrx_shown_file_texts(vrx_buffer_view(&content), &texts);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("QR code", result);
    const struct vrx_view text = vrx_qr_texts_at(&texts, 0);
    return vrx_argument_given(arguments, "png") || vrx_argument_given(arguments, "svg")
               ? write_files(arguments, text)
               : draw_here(text);
}

static const struct vrx_option qr_options[] = {
    {"", "FILE|-", true, false, "the text \"HC1:...\", \"shc:/...\" or JSON", "証明書のテキスト"},
    {"png", "FILE", false, false, "write a picture instead of drawing here", "画像の出力先"},
    {"svg", "FILE", false, false, "the same as vectors (SVG)", "SVG の出力先"},
    {0},
};

const struct vrx_command vrx_cli_qr_commands[] = {
    {"qr", false, "draw a certificate as a QR code", "証明書を QR コードで表示する", qr_options,
        run_qr},
    {0},
};
