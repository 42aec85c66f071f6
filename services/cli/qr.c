/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx qr`: a certificate's text as a QR code, here or as a picture.
 */
#include <stdio.h>

#include "base/limits.h"
#include "cli/print.h"
#include "cli/qr_files.h"
#include "cli/shown_file.h"
#include "cli/themes.h"
#include "cli/values.h"

static int draw_here(const struct vrx_qr *qr) {
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result result = vrx_qr_terminal(qr, &out);
    if (vrx_is_ok(result) && fwrite(out.ptr, 1, out.len, stdout) != out.len)
        result = vrx_fail(VRX_DISK_FAILED);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("QR code", result);
}

static int draw(const struct vrx_arguments *arguments, struct vrx_view text) {
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    const bool files = vrx_argument_given(arguments, "png") || vrx_argument_given(arguments, "svg");
    struct vrx_result result = vrx_qr_init_certificate(&qr, text);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("QR code", result);
    if (!files)
        return draw_here(&qr);
    VRX_CLI_TRY(vrx_qr_files_write(arguments, &qr));
    return vrx_argument_json(arguments) ? vrx_qr_files_json(arguments) : VRX_EXIT_OK;
}

static int run_qr(const struct vrx_arguments *arguments) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_qr_texts texts VRX_CLEANUP(vrx_qr_texts_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_HCERT_TEXT + 2, &content));
    struct vrx_result result = vrx_shown_file_texts(vrx_buffer_view(&content), &texts);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("QR code", result);
    return draw(arguments, vrx_qr_texts_at(&texts, 0));
}

static const struct vrx_option qr_options[] = {
    {"", "FILE|-", true, false, "the text \"HC1:...\", \"shc:/...\" or JSON", "証明書のテキスト"},
    VRX_QR_FILE_OPTIONS,
    {0},
};

const struct vrx_command vrx_cli_qr_commands[] = {
    {"qr", false, "draw a certificate as a QR code", "証明書を QR コードで表示する", qr_options,
        run_qr},
    {0},
};
