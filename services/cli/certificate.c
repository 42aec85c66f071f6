/* SPDX-License-Identifier: Apache-2.0
 *
 * Vaccination certificates at the counter and the kiosk: applied for, issued, listed. An
 * application is used up when the certificate is issued, so what came back is shown before any file
 * is written: a full disk must not lose it. One in several formats is so many QR codes.
 */
#include <stdio.h>
#include <string.h>

#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/judge.h"
#include "cli/paper_file.h"
#include "cli/print.h"
#include "cli/qr_files.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "files/files.h"
#include "render/qr.h"
#include "vrx/v1/certificates.pb-c.h"

/* name: in --json and in the names of files. */
static const struct {
    Vrx__V1__CertificateFormat format;
    const char *name;
    const char *label;
} formats[] = {
    {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_HCERT, "hcert", "HCERT (EU, WHO)"},
    {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_SMART_HEALTH_CARD, "shc", "SMART Health Card"},
    {VRX__V1__CERTIFICATE_FORMAT__CERTIFICATE_FORMAT_VDS_NC, "vds-nc", "VDS-NC (ICAO)"},
};

#define FORMATS (sizeof formats / sizeof *formats)

/* At FORMATS there is none. */
static size_t format_of(const Vrx__V1__CertificatePart *part) {
    size_t at = 0;
    while (at < FORMATS && formats[at].format != part->format)
        at++;
    return at;
}

/* Of what VRX_LIMIT_ORIGINS says. */
#define ELSEWHERE 16

static int elsewhere_of(
    const struct vrx_arguments *arguments, char *codes[ELSEWHERE], size_t *ret_count) {
    size_t count = vrx_argument_count(arguments, "elsewhere");
    if (count > ELSEWHERE)
        return vrx_value_wrong("elsewhere", "16 at most", "16団体までです");
    for (size_t i = 0; i < count; i++) {
        VRX_CLI_TRY(
            vrx_value_municipality("elsewhere", vrx_argument_at(arguments, "elsewhere", i)));
        codes[i] = vrx_value_text_at(arguments, "elsewhere", i);
    }
    *ret_count = count;
    return VRX_EXIT_OK;
}

/* replaces: a certificate's identifier, or "". */
static int apply(const struct vrx_arguments *arguments, char *replaces) {
    char *elsewhere[ELSEWHERE];
    struct vrx_value_id consent;
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    struct vrx_value_id evidence;
    unsigned kind = VRX__V1__CERTIFICATE_KIND__CERTIFICATE_KIND_HCERT;
    uint64_t fee = 0;
    VRX_CLI_TRY(vrx_value_number(arguments, "fee", 0, 100000, 0, &fee));
    VRX_CLI_TRY(vrx_value_id(arguments, "evidence", &evidence));
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    if (vrx_argument_given(arguments, "kind"))
        VRX_CLI_TRY(vrx_value_choice(arguments, "kind", 0, vrx_certificate_kind_choices, &kind));
    Vrx__V1__ApplyRequest request;
    vrx__v1__apply_request__init(&request);
    request.resident = &resident.key;
    request.evidence_id = vrx_value_id_field(&evidence);
    request.kind = (Vrx__V1__CertificateKind)kind;
    request.passport_surname = vrx_value_text(arguments, "surname");
    request.passport_given_name = vrx_value_text(arguments, "given-name");
    request.passport_number = vrx_value_text(arguments, "passport-number");
    request.nationality = vrx_value_text(arguments, "nationality");
    request.by_proxy = vrx_argument_given(arguments, "proxy");
    request.fee_yen = (uint32_t)fee;
    request.replaces = replaces;
    request.elsewhere = elsewhere;
    VRX_CLI_TRY(elsewhere_of(arguments, elsewhere, &request.n_elsewhere));
    if (vrx_argument_given(arguments, "consent")) {
        VRX_CLI_TRY(vrx_value_id(arguments, "consent", &consent));
        request.consent_id = vrx_value_id_field(&consent);
    }
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Certificates", "Apply", apply), &request.base, &reply));
    const Vrx__V1__ApplyResponse *applied = (const void *)reply;
    return vrx_print_hex(arguments, "application_id", vrx_bytes_view(applied->application_id));
}

static int run_apply(const struct vrx_arguments *arguments) {
    char none[] = "";
    return apply(arguments, none);
}

static int run_reissue(const struct vrx_arguments *arguments) {
    return apply(arguments, vrx_value_text(arguments, "certificate"));
}

static const struct vrx_choice marks[] = {
    {"reissue", VRX__V1__CERTIFICATE_MARK__CERTIFICATE_MARK_REISSUE, "訂正あり・再交付が必要"},
    {"in-error", VRX__V1__CERTIFICATE_MARK__CERTIFICATE_MARK_IN_ERROR, "誤記録のため失効"},
    {0},
};

static void parts_json(const Vrx__V1__Certificate *certificate, struct vrx_json *json) {
    struct vrx_json parts;
    vrx_json_object(&parts);
    for (size_t i = 0; i < certificate->n_parts; i++) {
        const size_t at = format_of(certificate->parts[i]);
        if (at < FORMATS)
            vrx_json_text(&parts, formats[at].name, certificate->parts[i]->text);
    }
    vrx_json_put(json, "formats", &parts);
}

static void certificate_json(const Vrx__V1__Certificate *certificate, struct vrx_json *ret_json) {
    vrx_json_object(ret_json);
    vrx_json_text(ret_json, "uvci", certificate->uvci);
    if (certificate->kind)
        vrx_json_text(ret_json, "kind",
            vrx_choice_word(vrx_certificate_kind_choices, (unsigned)certificate->kind));
    vrx_json_time(ret_json, "issued_at", certificate->issued_at);
    vrx_json_time(ret_json, "expires_at", certificate->expires_at);
    if (certificate->mark) {
        vrx_json_text(ret_json, "mark", vrx_choice_word(marks, (unsigned)certificate->mark));
        vrx_json_time(ret_json, "marked_at", certificate->marked_at);
    }
    if (certificate->revoked_at)
        vrx_json_time(ret_json, "revoked_at", certificate->revoked_at);
    if (certificate->text[0])
        vrx_json_text(ret_json, "text", certificate->text);
    if (certificate->n_parts)
        parts_json(certificate, ret_json);
}

/* The QR code; its text where none can be drawn. */
static int show_part(const Vrx__V1__CertificatePart *part) {
    struct vrx_buffer drawing VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_qr qr VRX_CLEANUP(vrx_qr_done) = {0};
    const size_t at = format_of(part);
    struct vrx_result result = vrx_qr_init_certificate(&qr, vrx_view_text(part->text));
    if (vrx_is_ok(result))
        result = vrx_qr_terminal(&qr, &drawing);
    if (at < FORMATS)
        printf("%s\n", formats[at].label);
    if (vrx_is_ok(result)) {
        fwrite(drawing.ptr, 1, drawing.len, stdout);
        return VRX_EXIT_OK;
    }
    vrx_text_pad(stdout, part->text, 0, false);
    putchar('\n');
    return vrx_print_refusal("QR", result);
}

static int show_for_people(const Vrx__V1__Certificate *certificate) {
    int status = VRX_EXIT_OK;
    char issued[VRX_PRINT_TIME];
    char expires[VRX_PRINT_TIME];
    for (size_t i = 0; i < certificate->n_parts; i++) {
        const int shown = show_part(certificate->parts[i]);
        status = status == VRX_EXIT_OK ? shown : status;
    }
    vrx_print_time(certificate->issued_at, issued);
    vrx_print_time(certificate->expires_at, expires);
    vrx_text_pad(stdout, certificate->uvci, 0, false);
    printf("\nissued / 交付: %s   until / 有効期限: %s\n", issued, expires);
    return status;
}

/* "qr.png" as it is for one format; of several "qr-hcert.png", "qr-shc.png" and so on. */
static bool name_file(const char *path, const Vrx__V1__Certificate *certificate,
    const Vrx__V1__CertificatePart *part, char ret_path[VRX_CLI_PATH]) {
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    const size_t at = format_of(part);
    const int stem = (int)(dot ? (size_t)(dot - path) : strlen(path));
    const bool several = certificate->n_parts > 1;
    const int len = snprintf(ret_path, VRX_CLI_PATH, "%.*s%s%s%s", stem, path, several ? "-" : "",
        several && at < FORMATS ? formats[at].name : "", dot ? dot : "");
    return len > 0 && (size_t)len < VRX_CLI_PATH;
}

/* Where the option names a file. */
static int write_part(const struct vrx_arguments *arguments, const char *option,
    const Vrx__V1__Certificate *certificate, const Vrx__V1__CertificatePart *part,
    int (*write)(const char *path, struct vrx_view text)) {
    char path[VRX_CLI_PATH];
    if (!vrx_argument_given(arguments, option))
        return VRX_EXIT_OK;
    if (!name_file(vrx_argument(arguments, option), certificate, part, path))
        return vrx_print_refusal(vrx_argument(arguments, option), vrx_fail(VRX_INPUT_TOO_LARGE));
    return write(path, vrx_view_text(part->text));
}

static const struct {
    const char *option;
    int (*write)(const char *path, struct vrx_view text);
} writers[] = {{"out", vrx_cli_write_private}, {"png", vrx_qr_file_png}, {"svg", vrx_qr_file_svg}};

/* All formats on one paper, as of their issue where this machine's clock is behind the service's.
 */
static int write_pdf(
    const struct vrx_arguments *arguments, const Vrx__V1__Certificate *certificate) {
    struct vrx_view texts[FORMATS];
    const int64_t now = vrx_cli_now();
    const char *path = vrx_argument(arguments, "pdf");
    if (!path)
        return VRX_EXIT_OK;
    if (certificate->n_parts > FORMATS)
        return vrx_print_refusal(path, vrx_fail(VRX_INPUT_TOO_LARGE));
    for (size_t i = 0; i < certificate->n_parts; i++)
        texts[i] = vrx_view_text(certificate->parts[i]->text);
    return vrx_paper_file_write(arguments, path, texts, certificate->n_parts,
        now > certificate->issued_at ? now : certificate->issued_at);
}

/* All that was asked for, whatever fails on the way; the first failure is the exit status. */
static int deliver(const struct vrx_arguments *arguments, const Vrx__V1__Certificate *certificate) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
    int status = VRX_EXIT_OK;
    if (vrx_argument_json(arguments)) {
        certificate_json(certificate, &json);
        status = vrx_json_print(&json);
    } else {
        status = show_for_people(certificate);
    }
    fflush(stdout);
    for (size_t i = 0; i < certificate->n_parts; i++) {
        const Vrx__V1__CertificatePart *part = certificate->parts[i];
        for (size_t j = 0; j < sizeof writers / sizeof *writers; j++) {
            const int written =
                write_part(arguments, writers[j].option, certificate, part, writers[j].write);
            status = status == VRX_EXIT_OK ? written : status;
        }
    }
    const int printed = write_pdf(arguments, certificate);
    return status == VRX_EXIT_OK ? printed : status;
}

/* Everything else goes on without the issuer, and so does this later. */
static void say_what_to_do(const char *application) {
    fprintf(stderr,
        "     the application stays open; when `vrx status` says that the issuer is available:\n"
        "     申請は有効です。vrx status で証明書発行装置が利用可になったら、もう一度：\n"
        "       vrx certificate issue --application %s\n",
        application);
}

/* Before the application is used up. */
static int check_pdf(const struct vrx_arguments *arguments) {
    if (!vrx_argument_given(arguments, "pdf") ||
        (vrx_argument_given(arguments, "trust-list") && vrx_argument_given(arguments, "authority")))
        return VRX_EXIT_OK;
    return vrx_value_wrong("pdf", "needs --trust-list and --authority: what is printed is verified",
        "印刷する内容を検証するため --trust-list と --authority が必要です");
}

static int run_issue(const struct vrx_arguments *arguments) {
    struct vrx_value_id application;
    VRX_CLI_TRY(vrx_value_id(arguments, "application", &application));
    VRX_CLI_TRY(check_pdf(arguments));
    Vrx__V1__IssueRequest request;
    vrx__v1__issue_request__init(&request);
    request.application_id = vrx_value_id_field(&application);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    const int status = vrx_call_unary(
        &connection, VRX_REMOTE("Certificates", "Issue", issue), &request.base, &reply);
    if (connection.refused == VRX_ISSUER_UNAVAILABLE)
        say_what_to_do(vrx_argument(arguments, "application"));
    VRX_CLI_TRY(status);
    const Vrx__V1__IssueResponse *issued = (const void *)reply;
    if (!issued->certificate)
        return vrx_print_refusal("Certificates/Issue", vrx_fail(VRX_INPUT_FIELD_MISSING));
    return deliver(arguments, issued->certificate);
}

static const struct vrx_choice states[] = {
    {"waiting", VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_WAITING, "交付待ち"},
    {"issued", VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_ISSUED, "交付済み"},
    {"refused", VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_REFUSED, "交付不可"},
    {"no-record", VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_NO_RECORD, "該当記録なし"},
    {"expired", VRX__V1__ELSEWHERE_STATE__ELSEWHERE_STATE_EXPIRED, "期限切れ"},
    {0},
};

static int application_json(const Vrx__V1__GetApplicationResponse *application) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < application->n_parts; i++) {
        const Vrx__V1__ApplicationPart *part = application->parts[i];
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_text(&row, "municipality", part->municipality);
        vrx_json_text(&row, "state", vrx_choice_word(states, (unsigned)part->state));
        if (part->reason[0])
            vrx_json_text(&row, "reason", part->reason);
        if (part->clause[0])
            vrx_json_text(&row, "clause", part->clause);
        if (part->certificate) {
            struct vrx_json certificate;
            certificate_json(part->certificate, &certificate);
            vrx_json_put(&row, "certificate", &certificate);
        }
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int application_table(const Vrx__V1__GetApplicationResponse *application) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"municipality / 団体", "state / 状況",
                               "certificate / 証明書", "until / 有効期限", "why / 理由", NULL});
    for (size_t i = 0; i < application->n_parts; i++) {
        const Vrx__V1__ApplicationPart *part = application->parts[i];
        const Vrx__V1__Certificate *certificate = part->certificate;
        char until[VRX_PRINT_TIME] = "";
        if (certificate)
            vrx_print_time(certificate->expires_at, until);
        vrx_table_text(&table, part->municipality);
        vrx_table_format(&table, "%s %s", vrx_choice_word(states, (unsigned)part->state),
            vrx_choice_ja(states, (unsigned)part->state));
        vrx_table_text(&table, certificate ? certificate->uvci : "");
        vrx_table_text(&table, until);
        vrx_table_format(&table, part->clause[0] ? "%s (%s)" : "%s%s", part->reason, part->clause);
    }
    return vrx_print_table(&table);
}

static int run_show(const struct vrx_arguments *arguments) {
    struct vrx_value_id application;
    VRX_CLI_TRY(vrx_value_id(arguments, "application", &application));
    Vrx__V1__GetApplicationRequest request;
    vrx__v1__get_application_request__init(&request);
    request.application_id = vrx_value_id_field(&application);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Certificates", "GetApplication", get_application), &request.base, &reply));
    const Vrx__V1__GetApplicationResponse *found = (const void *)reply;
    return vrx_argument_json(arguments) ? application_json(found) : application_table(found);
}

static int list_json(const Vrx__V1__ListCertificatesResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_certificates; i++) {
        struct vrx_json row;
        certificate_json(list->certificates[i], &row);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int list_table(const Vrx__V1__ListCertificatesResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(
        &table, (const char *const[]){"certificate / 証明書", "kind / 種類", "issued / 交付",
                    "until / 有効期限", "revoked / 失効", "to do / 要対応", NULL});
    bool reissue = false;
    for (size_t i = 0; i < list->n_certificates; i++) {
        const Vrx__V1__Certificate *certificate = list->certificates[i];
        char when[VRX_PRINT_TIME];
        vrx_table_text(&table, certificate->uvci);
        vrx_table_text(
            &table, vrx_choice_word(vrx_certificate_kind_choices, (unsigned)certificate->kind));
        vrx_print_time(certificate->issued_at, when);
        vrx_table_text(&table, when);
        vrx_print_time(certificate->expires_at, when);
        vrx_table_text(&table, when);
        if (certificate->revoked_at)
            vrx_print_time(certificate->revoked_at, when);
        vrx_table_text(&table, certificate->revoked_at ? when : "");
        if (certificate->mark)
            vrx_table_format(&table, "%s %s", vrx_choice_word(marks, (unsigned)certificate->mark),
                vrx_choice_ja(marks, (unsigned)certificate->mark));
        else
            vrx_table_text(&table, "");
        reissue = reissue ||
                  (!certificate->revoked_at &&
                      certificate->mark == VRX__V1__CERTIFICATE_MARK__CERTIFICATE_MARK_REISSUE);
    }
    VRX_CLI_TRY(vrx_print_table(&table));
    if (reissue)
        puts("a dose was corrected since: revoke (vrx certificate revoke) and issue anew\n"
             "交付後に接種記録が訂正されています。失効させて再交付してください");
    return VRX_EXIT_OK;
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_value_resident resident VRX_CLEANUP(vrx_value_resident_clear) = {0};
    VRX_CLI_TRY(vrx_value_resident(arguments, &resident));
    Vrx__V1__ListCertificatesRequest request;
    vrx__v1__list_certificates_request__init(&request);
    request.resident = &resident.key;
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Certificates", "ListCertificates", list_certificates), &request.base, &reply));
    const Vrx__V1__ListCertificatesResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

static int run_revoke(const struct vrx_arguments *arguments) {
    Vrx__V1__RevokeRequest request;
    vrx__v1__revoke_request__init(&request);
    request.uvci = vrx_value_text(arguments, "certificate");
    VRX_CLI_TRY(
        vrx_call_once(arguments, VRX_REMOTE("Certificates", "Revoke", revoke), &request.base));
    return vrx_print_done(arguments, "revoked", "失効させました");
}

static int run_revocations(const struct vrx_arguments *arguments) {
    Vrx__V1__GetRevocationsRequest request;
    vrx__v1__get_revocations_request__init(&request);
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Certificates", "GetRevocations", get_revocations), &request.base, &reply));
    const Vrx__V1__GetRevocationsResponse *part = (const void *)reply;
    const char *out = vrx_argument(arguments, "out");
    struct vrx_result result = vrx_file_replace(out, 0644, vrx_bytes_view(part->revocations));
    if (!vrx_is_ok(result))
        return vrx_print_file_failure(out, result);
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
        vrx_json_object(&json);
        vrx_json_text(&json, "revocations", out);
        vrx_json_number(&json, "count", part->count);
        return vrx_json_print(&json);
    }
    printf("%s: revoked / 失効 %u\n", out, part->count);
    return VRX_EXIT_OK;
}

#define APPLY_OPTIONS \
    VRX_RESIDENT_OPTIONS, \
        {"evidence", "ID", true, false, "the identity check, done for purpose certificate", \
            "本人確認の識別子（目的は certificate）"}, \
        {"kind", "hcert|domestic|travel", false, false, \
            "hcert: of the latest dose, for travel; domestic: a SMART Health Card of all doses " \
            "with the register's name; travel: HCERT, SMART Health Card and VDS-NC; default: " \
            "hcert", \
            "種類（既定は hcert。domestic は国内用、travel は海外渡航用の3形式）"}, \
        {"surname", "NAME", false, false, "as in the passport, Latin letters; not for domestic", \
            "旅券の姓（ローマ字、国内用以外）"}, \
        {"given-name", "NAME", false, false, \
            "as in the passport, Latin letters; not for domestic", \
            "旅券の名（ローマ字、国内用以外）"}, \
        {"passport-number", "NUMBER", false, false, "for travel", "旅券番号（海外渡航用）"}, \
        {"nationality", "CODE", false, false, "for travel: three letters as in the passport, JPN", \
            "国籍（海外渡航用、旅券の3文字コード）"}, \
        {"fee", "YEN", false, false, \
            "what the applicant was told that it costs (`vrx kiosk settings`); default: 0", \
            "申請者に示した手数料（円。既定は0）"}, \
        {"proxy", NULL, false, false, "a proxy applies; the identity check is the proxy's", \
            "代理人による申請"}, \
        {"elsewhere", "CODE", false, true, \
            "another municipality that gave doses and certifies them on this application", \
            "この申請により自ら接種した分を証明する他団体のコード"}, \
    { \
        "consent", "ID", false, false, "the consent to ask them, for purpose certificate", \
            "他団体への照会の同意（目的は certificate）" \
    }

static const struct vrx_option apply_options[] = {APPLY_OPTIONS, {0}};

static const struct vrx_option reissue_options[] = {
    APPLY_OPTIONS,
    {"certificate", "UVCI", true, false,
        "the one that is replaced: URN:UVCI:…; it is revoked at the issue",
        "再交付の対象となる証明書（交付時に失効します）"},
    {0},
};

static const struct vrx_option show_options[] = {
    {"application", "ID", true, false, "the application", "交付申請の識別子"},
    {0},
};

static const struct vrx_option issue_options[] = {
    {"application", "ID", true, false, "the application; each is used once", "交付申請の識別子"},
    {"out", "FILE", false, false,
        "writes the text of the QR code here; of several formats each: NAME-hcert, -shc, -vds-nc",
        "QR コードの文字列を書き出す（複数形式では名前に -hcert 等が付く）"},
    {"png", "FILE", false, false, "writes the QR code here as a picture; likewise",
        "QR コードの画像を書き出す（同上）"},
    {"svg", "FILE", false, false, "writes the QR code here as vectors (SVG)",
        "QR コードを SVG で書き出す"},
    {"pdf", "FILE", false, false, "writes the certificate on paper here, in Japanese and English",
        "和英併記の証明書を PDF で書き出す"},
    VRX_JUDGE_OPTIONS(false),
    {0},
};

static const struct vrx_option revoke_options[] = {
    {"certificate", "UVCI", true, false, "which one, as the list says: URN:UVCI:…",
        "証明書の識別子（URN:UVCI:…）"},
    {0},
};

static const struct vrx_option revocations_options[] = {
    {"out", "FILE", true, false, "file to write; it names nobody",
        "出力先（個人情報は含まれません）"},
    {0},
};

static const struct vrx_option list_options[] = {
    VRX_RESIDENT_OPTIONS,
    {0},
};

const struct vrx_command vrx_cli_certificate_commands[] = {
    {"certificate apply", true, "take down an application for a certificate; prints the id",
        "接種証明書の交付申請を受け付け、識別子を表示する", apply_options, run_apply},
    {"certificate reissue", true,
        "take down an application for a certificate in the place of another; prints the id",
        "証明書の再交付申請を受け付け、識別子を表示する", reissue_options, run_reissue},
    {"certificate show", true, "what became of an application, at each municipality that it is for",
        "交付申請の結果を団体ごとに表示する", show_options, run_show},
    {"certificate issue", true, "issue the certificate of an application and show its QR code",
        "申請された接種証明書を交付し、QR コードを表示する", issue_options, run_issue},
    {"certificate list", true, "a resident's certificates, newest first",
        "住民に交付した接種証明書の一覧", list_options, run_list},
    {"certificate revoke", true, "revoke a certificate, for good", "接種証明書を失効させる",
        revoke_options, run_revoke},
    {"certificate revocations", true,
        "what is revoked, signed, for the platform's list: vrx pki revocation-list",
        "失効した証明書の署名済み一覧を書き出す（vrx pki revocation-list 用）", revocations_options,
        run_revocations},
    {0},
};
