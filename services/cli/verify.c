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
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "cli/verdict.h"
#include "files/files.h"
#include "formats/shown/shown.h"
#include "render/qr.h"
#include "render/read/qr_read.h"
#include "vrx/v1/verification.pb-c.h"

#define QR_PIXELS 8

/* The text of a certificate: from a PNG picture's QR code, or as it stands in a file. */
static struct vrx_result text_of(struct vrx_view content, struct vrx_buffer *out) {
    static const uint8_t png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (content.len >= sizeof png && memcmp(content.ptr, png, sizeof png) == 0)
        return vrx_qr_read(content, out);
    while (content.len && strchr(" \t\r\n", content.ptr[content.len - 1]))
        content.len--;
    return vrx_buffer_append(out, content);
}

static struct vrx_result read_trust(
    const struct vrx_arguments *arguments, int64_t now, struct vrx_trust_list **ret_trust) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_cli_certificate_key(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_file_read(vrx_argument(arguments, "trust-list"), VRX_LIMIT_CBOR_BYTES, &message));
    return vrx_trust_list_parse(vrx_buffer_view(&message), authority, now, ret_trust);
}

/* NULL where --revocations was not given. */
static struct vrx_result read_revocations(
    const struct vrx_arguments *arguments, struct vrx_revocation_list **ret_list) {
    struct vrx_public_key *authority VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    const char *file = vrx_argument(arguments, "revocations");
    if (!file)
        return vrx_ok();
    VRX_TRY(vrx_cli_certificate_key(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(vrx_file_read(file, VRX_LIMIT_CBOR_BYTES, &message));
    return vrx_revocation_list_parse(vrx_buffer_view(&message), authority, ret_list);
}

static int tell(const struct vrx_arguments *arguments, struct vrx_finding *finding,
    const struct vrx_shown *shown, const struct vrx_trust_list *trust, int64_t now) {
    struct vrx_revocation_list *revocations VRX_CLEANUP(vrx_revocation_list_free) = NULL;
    struct vrx_cli_lists lists = {.trust_version = vrx_trust_list_version(trust),
        .trust_issued = vrx_trust_list_issued(trust),
        .signers = vrx_trust_list_count(trust)};
    struct vrx_result result = read_revocations(arguments, &revocations);
    if (vrx_is_ok(result))
        result = vrx_shown_revoked(shown, revocations, now, finding, &lists.revoked);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("revocation list", result);
    if (revocations)
        lists.revocations = vrx_revocation_list_dating(revocations);
    return vrx_cli_verdict_tell(arguments, finding, shown, &lists, now);
}

static int verify(const struct vrx_arguments *arguments, struct vrx_view content, int64_t now,
    struct vrx_arena *arena) {
    struct vrx_trust_list *trust VRX_CLEANUP(vrx_trust_list_free) = NULL;
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_finding finding = {
        .verdict = VRX_VERDICT_NOT_A_CERTIFICATE, .clause = "no QR code in the picture"};
    struct vrx_shown shown = {0};
    struct vrx_result result = read_trust(arguments, now, &trust);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("trust list", result);
    result = text_of(content, &text);
    if (vrx_is_ok(result))
        result = vrx_shown_verify(vrx_buffer_view(&text), trust, now, arena, &finding, &shown);
    else if (vrx_reason_category(result.reason) == VRX_CATEGORY_INPUT ||
             result.reason == VRX_NOT_FOUND)
        result = vrx_ok(); /* a picture without a certificate has its verdict already */
    if (!vrx_is_ok(result))
        return vrx_print_refusal("certificate", result);
    return tell(arguments, &finding, &shown, trust, now);
}

static int run_verify(const struct vrx_arguments *arguments) {
    int64_t now = vrx_cli_now();
    const char *at = vrx_argument(arguments, "at");
    if (at && !vrx_is_ok(vrx_time_parse(vrx_view_text(at), &now)))
        return vrx_value_wrong(
            "at", "an instant such as 2021-10-12T03:04:05Z", "日時の形式が正しくありません");
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_PICTURE, &content));
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    int status = verify(arguments, vrx_buffer_view(&content), now, &arena);
    vrx_arena_done(&arena);
    return status;
}

/* ---- online ---- */

static int ask(
    const struct vrx_arguments *arguments, struct vrx_view text, struct vrx_arena *arena) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect_as_anyone(
        vrx_argument(arguments, "server"), vrx_argument(arguments, "ca"), &connection));
    Vrx__V1__VerifyRequest request;
    vrx__v1__verify_request__init(&request);
    request.qr_content.len = text.len;
    memcpy(&request.qr_content.data, &text.ptr, sizeof text.ptr);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Verification", "Verify", verify), &request.base, &reply));
    const Vrx__V1__VerifyResponse *answer = (const void *)reply;
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    struct vrx_cli_lists lists;
    struct vrx_result result = vrx_cli_verdict_take(answer, arena, &finding, &shown, &lists);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("Verification/Verify", result);
    return vrx_cli_verdict_tell(arguments, &finding, &shown, &lists, answer->verified_at);
}

static int run_online(const struct vrx_arguments *arguments) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_PICTURE, &content));
    struct vrx_result result = text_of(vrx_buffer_view(&content), &text);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("certificate", result);
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    int status = ask(arguments, vrx_buffer_view(&text), &arena);
    vrx_arena_done(&arena);
    return status;
}

/* ---- qr ---- */

static struct vrx_result draw(struct vrx_view text, const char *png) {
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_qr_init_certificate(&qr, text));
    if (png) {
        VRX_TRY(vrx_qr_png(&qr, QR_PIXELS, &out));
        return vrx_file_replace(png, 0600, vrx_buffer_view(&out));
    }
    VRX_TRY(vrx_qr_terminal(&qr, &out));
    return fwrite(out.ptr, 1, out.len, stdout) == out.len ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
}

static int run_qr(const struct vrx_arguments *arguments) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_HCERT_TEXT + 2, &content));
    const char *png = vrx_argument(arguments, "png");
    struct vrx_result result = text_of(vrx_buffer_view(&content), &text);
    if (vrx_is_ok(result))
        result = draw(vrx_buffer_view(&text), png);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("QR code", result);
    if (vrx_argument_json(arguments) && png)
        printf("{\"png\": \"%s\"}\n", png);
    return VRX_EXIT_OK;
}

static const struct vrx_option verify_options[] = {
    {"", "FILE|-", true, false,
        "a PNG picture with the QR code, or the text \"HC1:...\", \"shc:/...\" or JSON",
        "QR コードの画像またはテキスト"},
    {"trust-list", "FILE", true, false, "signed list of document signers", "信頼リスト"},
    {"authority", "FILE", true, false, "certificate of the authority that signs the list",
        "信頼リストの署名機関の証明書"},
    {"revocations", "FILE", false, false,
        "signed revocation list by the same authority; without it revocation is not checked",
        "同じ機関の署名済み失効リスト（省略時は失効を確認しない）"},
    {"at", "TIME", false, false, "verify as of this instant instead of now", "検証する日時"},
    {0},
};

static const struct vrx_option online_options[] = {
    {"", "FILE|-", true, false,
        "a PNG picture with the QR code, or the text \"HC1:...\", \"shc:/...\" or JSON",
        "QR コードの画像またはテキスト"},
    {"server", "HOST:PORT", true, false, "the service's listener for anyone",
        "一般公開の検証サービス"},
    {"ca", "FILE", true, false, "certificate of the authority that the service's own chains to",
        "サービスの証明書を発行した認証局の証明書"},
    {0},
};

static const struct vrx_option qr_options[] = {
    {"", "FILE|-", true, false, "the text \"HC1:...\", \"shc:/...\" or JSON", "証明書のテキスト"},
    {"png", "FILE", false, false, "write a picture instead of drawing here", "画像の出力先"},
    {0},
};

const struct vrx_command vrx_cli_verify_commands[] = {
    {"verify online", false,
        "have a service check a certificate, which learns what it is shown; exit as verify",
        "証明書を検証サービスで検証する（サービスに内容が伝わります）", online_options, run_online},
    {"verify", false,
        "check a certificate offline; exit 0 valid, 12 expired, 13 not yet valid, 14 issuer "
        "unknown, 15 damaged, 16 no certificate, 17 wrong signer, 18 revoked, 19 revocation "
        "unknown: the list is too old",
        "証明書をオフラインで検証する", verify_options, run_verify},
    {"qr", false, "draw a certificate as a QR code", "証明書を QR コードで表示する", qr_options,
        run_qr},
    {0},
};
