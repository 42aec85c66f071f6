/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx verify`: what is to be said of a certificate that someone shows, offline, with the signed
 * trust list. Asks nobody, so nobody learns who was checked; `vrx verify online` asks a service.
 */
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/limits.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/judge.h"
#include "cli/print.h"
#include "cli/shown_file.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "cli/verdict.h"
#include "formats/shown/shown.h"
#include "vrx/v1/verification.pb-c.h"

/* What all codes of one file come to: the worst of them, so that no other code beside it makes a
 * forged certificate pass. What is no certificate counts only where there is nothing else: posters
 * have addresses. Later is worse; a verdict without a place here is the worst. */
static const uint8_t ranks[] = {
    [VRX_VERDICT_NOT_A_CERTIFICATE] = 1,
    [VRX_VERDICT_VALID] = 2,
    [VRX_VERDICT_REVOCATION_UNKNOWN] = 3,
    [VRX_VERDICT_NOT_YET_VALID] = 4,
    [VRX_VERDICT_EXPIRED] = 5,
    [VRX_VERDICT_ISSUER_UNKNOWN] = 6,
    [VRX_VERDICT_WRONG_KEY_USAGE] = 7,
    [VRX_VERDICT_REVOKED] = 8,
    [VRX_VERDICT_DAMAGED] = 9,
};

static uint8_t rank_of(enum vrx_verdict verdict) {
    const size_t at = (size_t)verdict;
    return at < sizeof ranks && ranks[at] ? ranks[at] : UINT8_MAX;
}

/* The exit status so far, and the rank of the verdict that it is of. */
struct outcome {
    int status;
    uint8_t rank;
};

/* One verdict more is told. Anything but a verdict's exit status ends the telling. */
static void count_in(struct outcome *outcome, enum vrx_verdict verdict, int status) {
    const uint8_t rank = rank_of(verdict);
    if (rank <= outcome->rank)
        return;
    *outcome = (struct outcome){status, rank};
}

static void begin_verdict(const struct vrx_arguments *arguments, size_t index) {
    if (index && !vrx_argument_json(arguments))
        putchar('\n');
}

static int verify_text(const struct vrx_arguments *arguments, struct vrx_view text,
    const struct vrx_judge *judge, struct outcome *outcome) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    struct vrx_cli_lists lists;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_judge_text(judge, text, &arena, &finding, &shown, &lists);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("certificate", result);
    count_in(outcome, finding.verdict,
        vrx_cli_verdict_tell(arguments, &finding, &shown, &lists, judge->now));
    return VRX_EXIT_OK;
}

/* A file without a certificate has its verdict already. */
static int tell_none(
    const struct vrx_arguments *arguments, struct vrx_result why, const struct vrx_judge *judge) {
    struct vrx_finding finding = {0};
    const struct vrx_shown shown = {0};
    const struct vrx_cli_lists lists = vrx_judge_lists(judge);
    VRX_IGNORE(vrx_finding_conclude_from(&finding, VRX_VERDICT_NOT_A_CERTIFICATE, why));
    return vrx_cli_verdict_tell(arguments, &finding, &shown, &lists, judge->now);
}

static int verify(const struct vrx_arguments *arguments, struct vrx_view content, int64_t now) {
    struct vrx_judge judge VRX_CLEANUP(vrx_judge_done) = {0};
    struct vrx_qr_texts texts VRX_CLEANUP(vrx_qr_texts_done) = {0};
    struct outcome outcome = {0};
    VRX_CLI_TRY(vrx_judge_read(arguments, now, &judge));
    struct vrx_result result = vrx_shown_file_texts(content, &texts);
    if (vrx_shown_file_is_none(result))
        return tell_none(arguments, result, &judge);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("certificate", result);
    for (size_t i = 0; i < texts.count; i++) {
        begin_verdict(arguments, i);
        VRX_CLI_TRY(verify_text(arguments, vrx_qr_texts_at(&texts, i), &judge, &outcome));
    }
    return outcome.status;
}

static int run_verify(const struct vrx_arguments *arguments) {
    int64_t now = vrx_cli_now();
    const char *at = vrx_argument(arguments, "at");
    if (at && !vrx_is_ok(vrx_time_parse(vrx_view_text(at), &now)))
        return vrx_value_wrong(
            "at", "an instant such as 2021-10-12T03:04:05Z", "日時の形式が正しくありません");
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_PICTURE, &content));
    return verify(arguments, vrx_buffer_view(&content), now);
}

/* ---- online ---- */

static int tell_answer(const struct vrx_arguments *arguments, const Vrx__V1__VerifyResponse *answer,
    struct outcome *outcome) {
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    struct vrx_cli_lists lists;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_cli_verdict_take(answer, &arena, &finding, &shown, &lists);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("Verification/Verify", result);
    count_in(outcome, finding.verdict,
        vrx_cli_verdict_tell(arguments, &finding, &shown, &lists, answer->verified_at));
    return VRX_EXIT_OK;
}

static int ask(const struct vrx_arguments *arguments, struct vrx_connection *connection,
    struct vrx_view text, struct outcome *outcome) {
    Vrx__V1__VerifyRequest request;
    vrx__v1__verify_request__init(&request);
    request.qr_content.len = text.len;
    memcpy(&request.qr_content.data, &text.ptr, sizeof text.ptr);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        connection, VRX_REMOTE("Verification", "Verify", verify), &request.base, &reply));
    return tell_answer(arguments, (const void *)reply, outcome);
}

static int run_online(const struct vrx_arguments *arguments) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
    struct vrx_qr_texts texts VRX_CLEANUP(vrx_qr_texts_done) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct outcome outcome = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_PICTURE, &content));
    struct vrx_result result = vrx_shown_file_texts(vrx_buffer_view(&content), &texts);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("certificate", result);
    VRX_CLI_TRY(vrx_connect_as_anyone(
        vrx_argument(arguments, "server"), vrx_argument(arguments, "ca"), &connection));
    for (size_t i = 0; i < texts.count; i++) {
        begin_verdict(arguments, i);
        VRX_CLI_TRY(ask(arguments, &connection, vrx_qr_texts_at(&texts, i), &outcome));
    }
    return outcome.status;
}

static const struct vrx_option verify_options[] = {
    {"", "FILE|-", true, false, VRX_SHOWN_FILE_EN, VRX_SHOWN_FILE_JA},
    VRX_JUDGE_OPTIONS(true),
    {"at", "TIME", false, false, "verify as of this instant instead of now", "検証する日時"},
    {0},
};

static const struct vrx_option online_options[] = {
    {"", "FILE|-", true, false, VRX_SHOWN_FILE_EN, VRX_SHOWN_FILE_JA},
    {"server", "HOST:PORT", true, false, "the service's listener for anyone",
        "一般公開の検証サービス"},
    {"ca", "FILE", true, false, "certificate of the authority that the service's own chains to",
        "サービスの証明書を発行した認証局の証明書"},
    {0},
};

const struct vrx_command vrx_cli_verify_commands[] = {
    {"verify online", false,
        "have a service check a certificate, which learns what it is shown; exit as verify",
        "証明書を検証サービスで検証する（サービスに内容が伝わります）", online_options, run_online},
    {"verify", false,
        "check a certificate offline; exit 0 valid, 12 expired, 13 not yet valid, 14 issuer "
        "unknown, 15 damaged, 16 no certificate, 17 wrong signer, 18 revoked, 19 revocation "
        "unknown: the list is too old; of several codes the worst",
        "証明書をオフラインで検証する", verify_options, run_verify},
    {0},
};
