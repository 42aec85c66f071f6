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
#include "cli/json.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "codes/vaccine.h"
#include "files/files.h"
#include "formats/hcert.h"
#include "render/qr.h"
#include "render/read/qr_read.h"
#include "vrx/v1/verification.pb-c.h"

/* Any verdict but VALID is 10 and its number, so that a gate can tell them apart. */
#define VERDICT_EXIT 10
#define QR_PIXELS 8

static const struct {
    const char *en;
    const char *ja;
} sentences[] = {
    [VRX_VERDICT_VALID] = {"the certificate is genuine and valid", "真正かつ有効な証明書です"},
    [VRX_VERDICT_EXPIRED] = {"the certificate has expired", "有効期限が切れています"},
    [VRX_VERDICT_NOT_YET_VALID] = {"the certificate is not valid yet", "まだ有効ではありません"},
    [VRX_VERDICT_ISSUER_UNKNOWN] = {"the trust list does not know who signed it",
        "署名者が信頼リストにありません"},
    [VRX_VERDICT_DAMAGED] = {"the signature does not verify: damaged or forged",
        "署名を検証できません（破損または偽造）"},
    [VRX_VERDICT_NOT_A_CERTIFICATE] = {"this is not a vaccination certificate",
        "接種証明書ではありません"},
    [VRX_VERDICT_WRONG_KEY_USAGE] = {"its signer may not sign vaccination certificates",
        "署名者に接種証明書を発行する権限がありません"},
};

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

/* The finding's content in the order in which an officer reads it. */
struct line {
    const char *name;
    const char *en;
    const char *ja;
    size_t member;
};

#define LINE(name, en, ja) \
    { #name, en, ja, offsetof(struct vrx_hcert, name) }

static const struct line lines[] = {
    LINE(surname, "surname", "姓"),
    LINE(given, "given name", "名"),
    LINE(birth_date, "born", "生年月日"),
    LINE(date, "administered on", "接種日"),
    LINE(product, "product code", "製品コード"),
    LINE(manufacturer, "manufacturer code", "製造者コード"),
    LINE(country, "country", "国"),
    LINE(authority, "issuer", "発行者"),
    LINE(identifier, "certificate id", "証明書番号"),
};

#define LINES (sizeof lines / sizeof lines[0])

static struct vrx_view field(const struct vrx_hcert *hcert, const struct line *line) {
    struct vrx_view view;
    memcpy(&view, (const char *)hcert + line->member, sizeof view);
    return view;
}

static const char *product_name(struct vrx_view code) {
    const struct vrx_vaccine *vaccine = NULL;
    for (size_t i = 0; (vaccine = vrx_vaccine_at(i)); i++)
        if (vrx_view_equal(vrx_view_text(vaccine->product), code))
            return vaccine->product_en;
    return "";
}

/* Control characters of a foreign certificate never reach the terminal. */
static void put_text(struct vrx_view text) {
    for (size_t i = 0; i < text.len; i++)
        putchar(text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
}

/* What the verdict was found by. */
struct list {
    uint64_t version;
    int64_t issued;
    size_t signers; /* 0: not known */
};

static void show(const struct vrx_finding *finding, const struct vrx_hcert *hcert,
    const struct list *trust, int64_t now) {
    printf("%s: %s / %s\n", vrx_verdict_name(finding->verdict), sentences[finding->verdict].en,
        sentences[finding->verdict].ja);
    if (finding->clause)
        printf("  %s\n", finding->clause);
    for (size_t i = 0; finding->readable && i < LINES; i++) {
        if (!field(hcert, &lines[i]).len)
            continue;
        printf("  %-18s ", lines[i].en);
        put_text(field(hcert, &lines[i]));
        printf("  (%s)\n", lines[i].ja);
    }
    if (finding->readable && hcert->kind == VRX_HCERT_VACCINATION)
        printf("  %-18s %u of %u %s  (接種回数)\n", "dose", hcert->dose, hcert->series,
            product_name(hcert->product));
    printf("  trust list %llu, %lld days old", (unsigned long long)trust->version,
        (long long)((now - trust->issued) / 86400));
    if (trust->signers)
        printf(", %zu signers", trust->signers);
    printf("  (信頼リスト)\n  revocation unknown: no lists are published yet  (失効情報なし)\n");
}

static int show_json(
    const struct vrx_finding *finding, const struct vrx_hcert *hcert, const struct list *trust) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
    vrx_json_object(&json);
    vrx_json_text(&json, "verdict", vrx_verdict_name(finding->verdict));
    if (finding->clause)
        vrx_json_text(&json, "clause", finding->clause);
    for (size_t i = 0; finding->readable && i < LINES; i++) {
        char text[4 * VRX_LIMIT_HCERT_FIELD + 1];
        struct vrx_view view = field(hcert, &lines[i]);
        snprintf(text, sizeof text, "%.*s", (int)view.len, view.ptr ? (const char *)view.ptr : "");
        vrx_json_text(&json, lines[i].name, text);
    }
    if (finding->readable) {
        vrx_json_number(&json, "dose", hcert->dose);
        vrx_json_number(&json, "series", hcert->series);
        vrx_json_time(&json, "issued", hcert->issued);
        vrx_json_time(&json, "expires", hcert->expires);
    }
    vrx_json_text(&json, "revocation", "UNKNOWN");
    vrx_json_number(&json, "trust_list_version", trust->version);
    vrx_json_time(&json, "trust_list_issued", trust->issued);
    return vrx_json_print(&json);
}

static int tell(const struct vrx_arguments *arguments, const struct vrx_finding *finding,
    const struct vrx_hcert *hcert, const struct list *trust, int64_t now) {
    if (vrx_argument_json(arguments))
        VRX_CLI_TRY(show_json(finding, hcert, trust));
    else
        show(finding, hcert, trust, now);
    return finding->verdict == VRX_VERDICT_VALID ? VRX_EXIT_OK
                                                 : VERDICT_EXIT + (int)finding->verdict;
}

static int verify(const struct vrx_arguments *arguments, struct vrx_view content, int64_t now,
    struct vrx_arena *arena) {
    struct vrx_trust_list *trust VRX_CLEANUP(vrx_trust_list_free) = NULL;
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_finding finding = {
        .verdict = VRX_VERDICT_NOT_A_CERTIFICATE, .clause = "no QR code in the picture"};
    struct vrx_hcert hcert = {0};
    struct vrx_result result = read_trust(arguments, now, &trust);
    if (!vrx_is_ok(result))
        return vrx_print_refusal("trust list", result);
    result = text_of(content, &text);
    if (vrx_is_ok(result))
        result = vrx_hcert_verify(vrx_buffer_view(&text), trust, now, arena, &finding, &hcert);
    else if (vrx_reason_category(result.reason) == VRX_CATEGORY_INPUT ||
             result.reason == VRX_NOT_FOUND)
        result = vrx_ok(); /* a picture without a certificate has its verdict already */
    if (!vrx_is_ok(result))
        return vrx_print_refusal("certificate", result);
    const struct list list = {
        vrx_trust_list_version(trust), vrx_trust_list_issued(trust), vrx_trust_list_count(trust)};
    return tell(arguments, &finding, &hcert, &list, now);
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

/* The service's answer in the words of a finding; texts live as long as the answer. */
static void take_answer(const Vrx__V1__VerifyResponse *answer, struct vrx_finding *finding,
    struct vrx_hcert *hcert, struct list *trust) {
    const Vrx__V1__VerifiedCertificate *shown = answer->certificate;
    *trust = (struct list){answer->trust_list_version, answer->trust_list_issued_at, 0};
    finding->verdict = (enum vrx_verdict)answer->verdict;
    finding->clause = answer->clause[0] ? answer->clause : NULL;
    finding->readable = shown;
    if (!shown)
        return;
    *hcert = (struct vrx_hcert){.issued = shown->issued_at,
        .expires = shown->expires_at,
        .surname = vrx_view_text(shown->surname),
        .given = vrx_view_text(shown->given_name),
        .birth_date = vrx_view_text(shown->birth_date),
        .kind = (enum vrx_hcert_kind)shown->kind,
        .country = vrx_view_text(shown->country),
        .authority = vrx_view_text(shown->authority),
        .identifier = vrx_view_text(shown->identifier),
        .product = vrx_view_text(shown->product),
        .manufacturer = vrx_view_text(shown->manufacturer),
        .dose = shown->dose,
        .series = shown->series,
        .date = vrx_view_text(shown->administered_on)};
}

/* A text from a service that names a verdict of its own, later than this program, is none. */
static bool is_known(int verdict) {
    return verdict >= VRX_VERDICT_VALID && (size_t)verdict < sizeof sentences / sizeof *sentences;
}

static int ask(const struct vrx_arguments *arguments, struct vrx_view text) {
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
    if (!is_known((int)answer->verdict))
        return vrx_print_refusal("Verification/Verify", vrx_fail(VRX_INPUT_VERSION));
    struct vrx_finding finding = {0};
    struct vrx_hcert hcert = {0};
    struct list trust;
    take_answer(answer, &finding, &hcert, &trust);
    return tell(arguments, &finding, &hcert, &trust, answer->verified_at);
}

static int run_online(const struct vrx_arguments *arguments) {
    struct vrx_buffer content VRX_CLEANUP(vrx_buffer_done) = {.limit = VRX_LIMIT_PICTURE};
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, ""), VRX_LIMIT_PICTURE, &content));
    struct vrx_result result = text_of(vrx_buffer_view(&content), &text);
    return vrx_is_ok(result) ? ask(arguments, vrx_buffer_view(&text))
                             : vrx_print_refusal("certificate", result);
}

/* ---- qr ---- */

static struct vrx_result draw(struct vrx_view text, const char *png) {
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_qr_init(&qr, text));
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
    {"", "FILE|-", true, false, "a PNG picture with the QR code, or the text \"HC1:...\"",
        "QR コードの画像またはテキスト"},
    {"trust-list", "FILE", true, false, "signed list of document signers", "信頼リスト"},
    {"authority", "FILE", true, false, "certificate of the authority that signs the list",
        "信頼リストの署名機関の証明書"},
    {"at", "TIME", false, false, "verify as of this instant instead of now", "検証する日時"},
    {0},
};

static const struct vrx_option online_options[] = {
    {"", "FILE|-", true, false, "a PNG picture with the QR code, or the text \"HC1:...\"",
        "QR コードの画像またはテキスト"},
    {"server", "HOST:PORT", true, false, "the service's listener for anyone",
        "一般公開の検証サービス"},
    {"ca", "FILE", true, false, "certificate of the authority that the service's own chains to",
        "サービスの証明書を発行した認証局の証明書"},
    {0},
};

static const struct vrx_option qr_options[] = {
    {"", "FILE|-", true, false, "the text \"HC1:...\"", "証明書のテキスト"},
    {"png", "FILE", false, false, "write a picture instead of drawing here", "画像の出力先"},
    {0},
};

const struct vrx_command vrx_cli_verify_commands[] = {
    {"verify online", false,
        "have a service check a certificate, which learns what it is shown; exit as verify",
        "証明書を検証サービスで検証する（サービスに内容が伝わります）", online_options, run_online},
    {"verify", false,
        "check a certificate offline; exit 0 valid, 12 expired, 13 not yet valid, 14 issuer "
        "unknown, 15 damaged, 16 no certificate, 17 wrong signer",
        "証明書をオフラインで検証する", verify_options, run_verify},
    {"qr", false, "draw a certificate as a QR code", "証明書を QR コードで表示する", qr_options,
        run_qr},
    {0},
};
