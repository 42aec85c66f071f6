/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/paper_file.h"

#include "cli/judge.h"
#include "cli/print.h"
#include "cli/qr_files.h"
#include "cli/values.h"
#include "render/paper/paper_of.h"

static int add_text(const struct vrx_arguments *arguments, struct vrx_view text,
    const struct vrx_judge *judge, struct vrx_arena *arena, struct vrx_paper *paper) {
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    struct vrx_cli_lists lists;
    struct vrx_result result = vrx_judge_text(judge, text, arena, &finding, &shown, &lists);
    if (vrx_is_ok(result) && finding.verdict != VRX_VERDICT_VALID)
        return vrx_cli_verdict_tell(arguments, &finding, &shown, &lists, judge->now);
    if (vrx_is_ok(result))
        result = vrx_paper_add(paper, text, &shown);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("certificate", result);
}

static int print_paper(const char *path, const struct vrx_paper *paper) {
    struct vrx_buffer pdf VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_face *face VRX_CLEANUP(vrx_face_close) = NULL;
    struct vrx_result result = vrx_face_open(VRX_PAPER_FONT, &face);
    if (!vrx_is_ok(result))
        return vrx_print_file_failure(VRX_PAPER_FONT, result);
    result = vrx_paper_pdf(face, paper, &pdf);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("PDF", result);
    return vrx_cli_write_private(path, vrx_buffer_view(&pdf));
}

int vrx_paper_file_write(const struct vrx_arguments *arguments, const char *path,
    const struct vrx_view *texts, size_t count, int64_t now) {
    struct vrx_judge judge VRX_CLEANUP(vrx_judge_done) = {0};
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_paper paper = {0};
    vrx_arena_init(&arena, 0);
    VRX_CLI_TRY(vrx_judge_read(arguments, now, &judge));
    for (size_t i = 0; i < count; i++)
        VRX_CLI_TRY(add_text(arguments, texts[i], &judge, &arena, &paper));
    return print_paper(path, &paper);
}
