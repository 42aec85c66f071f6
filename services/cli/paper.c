/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx paper`: a certificate on paper once more, from its text or from any picture of it. Offline:
 * what is printed is what verifies.
 */
#include "cli/paper_file.h"

#include "base/limits.h"
#include "cli/folder.h"
#include "cli/judge.h"
#include "cli/print.h"
#include "cli/shown_file.h"
#include "cli/themes.h"
#include "cli/values.h"

/* The texts of all files, each once. */
static int read_files(const struct vrx_arguments *arguments, struct vrx_qr_texts *texts) {
    for (size_t i = 0; i < vrx_argument_count(arguments, ""); i++) {
        const char *path = vrx_argument_at(arguments, "", i);
        struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
        VRX_CLI_TRY(vrx_value_file(path, VRX_LIMIT_PICTURE, &content));
        struct vrx_result result = vrx_shown_file_texts(vrx_buffer_view(&content), texts);
        if (!vrx_is_ok(result))
            return vrx_print_refusal(path, result);
    }
    return VRX_EXIT_OK;
}

static int run_paper(const struct vrx_arguments *arguments) {
    struct vrx_qr_texts texts VRX_CLEANUP(vrx_qr_texts_done) = {0};
    struct vrx_view views[VRX_LIMIT_QR_CODES];
    VRX_CLI_TRY(read_files(arguments, &texts));
    for (size_t i = 0; i < texts.count; i++)
        views[i] = vrx_qr_texts_at(&texts, i);
    VRX_CLI_TRY(vrx_paper_file_write(
        arguments, vrx_argument(arguments, "out"), views, texts.count, vrx_cli_now()));
    return vrx_print_done(arguments, "written", "書き出しました");
}

static const struct vrx_option options[] = {
    {"", "FILE|-", true, true, VRX_SHOWN_FILE_EN "; several of one person go on one paper",
        VRX_SHOWN_FILE_JA "（同じ人のものは一枚にまとめる）"},
    VRX_JUDGE_OPTIONS(true),
    {"out", "FILE", true, false, "writes the PDF file here", "PDF の出力先"},
    {0},
};

const struct vrx_command vrx_cli_paper_commands[] = {
    {"paper", false,
        "print a certificate as PDF, in Japanese and English, after verifying it; exit as verify",
        "証明書を検証し、和英併記の PDF にする", options, run_paper},
    {0},
};
