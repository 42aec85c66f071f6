/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx pki …`: the keys and certificates of a platform and of the certificate signers, each in a
 * folder of its own; nothing that exists is overwritten.
 */
#include "pki/revoke.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "cli/ceremony.h"
#include "cli/folder.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "files/files.h"
#include "formats/shc/jwks.h"
#include "formats/trust_list.h"

#define SECONDS_A_DAY 86400
#define LIMIT_PEM ((size_t)65536)

/* One kind of certificate: what the commands differ in. */
struct kind {
    enum vrx_certificate_profile profile;
    uint32_t days;    /* default validity */
    const char *name; /* default common name */
    const char *country;
    const char *issuer; /* the option that names the issuer's folder; NULL: signs itself */
    bool connects;      /* gets a copy of the CA, to verify the other side */
};

static const struct kind platform_ca = {
    VRX_PROFILE_PLATFORM_CA, 3650, "VRX platform CA", "", NULL, false};
static const struct kind server = {VRX_PROFILE_SERVER, 825, "vrxd", "", "ca", true};
static const struct kind terminal = {VRX_PROFILE_TERMINAL, 825, "terminal", "", "ca", true};
static const struct kind csca = {VRX_PROFILE_CSCA, 3650, "VRX CSCA", "JP", NULL, false};
static const struct kind dsc = {
    VRX_PROFILE_DSC_VACCINATION, 730, "VRX document signer", "JP", "csca", false};
static const struct kind vds_signer = {
    VRX_PROFILE_VDS_SIGNER, 730, "VRX VDS-NC signer", "JP", "csca", false};

struct paths {
    char certificate[VRX_CLI_PATH];
    char key[VRX_CLI_PATH];
    char ca[VRX_CLI_PATH];
    char issuer_certificate[VRX_CLI_PATH];
    char issuer_key[VRX_CLI_PATH];
};

static struct vrx_result find_paths(
    const struct vrx_arguments *arguments, const struct kind *kind, struct paths *paths) {
    const char *out = vrx_argument(arguments, "out");
    VRX_TRY(vrx_folder_make(out));
    VRX_TRY(vrx_folder_path(out, "certificate.pem", paths->certificate));
    VRX_TRY(vrx_folder_path(out, "key.pem", paths->key));
    VRX_TRY(vrx_folder_path(out, "ca.pem", paths->ca));
    if (!kind->issuer)
        return vrx_ok();
    const char *issuer = vrx_argument(arguments, kind->issuer);
    VRX_TRY(vrx_folder_path(issuer, "certificate.pem", paths->issuer_certificate));
    return vrx_folder_path(issuer, "key.pem", paths->issuer_key);
}

/* The CA that the other side's certificate must chain to. */
static struct vrx_result copy_ca(const struct paths *paths) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_file_read(paths->issuer_certificate, LIMIT_PEM, &pem));
    return vrx_file_create(paths->ca, 0644, vrx_buffer_view(&pem));
}

static struct vrx_result days_of(
    const struct vrx_arguments *arguments, uint32_t fallback, uint32_t *ret_days) {
    const char *text = vrx_argument(arguments, "days");
    char *end = NULL;
    long days = text ? strtol(text, &end, 10) : (long)fallback;
    if (text && (!*text || *end || days < 1 || days > VRX_PKI_DAYS_MAX))
        return vrx_refuse(VRX_INPUT_RANGE, "--days: 1 to 10000");
    *ret_days = (uint32_t)days;
    return vrx_ok();
}

/* --hours, where it was given; then --days was not. */
static struct vrx_result hours_of(const struct vrx_arguments *arguments, uint32_t *ret_hours) {
    const char *text = vrx_argument(arguments, "hours");
    char *end = NULL;
    if (!text)
        return vrx_ok();
    if (vrx_argument_given(arguments, "days"))
        return vrx_refuse(VRX_INPUT_RANGE, "either --days or --hours");
    long hours = strtol(text, &end, 10);
    if (!*text || *end || hours < 1 || hours > 24 * VRX_PKI_DAYS_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "--hours: 1 to 240000");
    *ret_hours = (uint32_t)hours;
    return vrx_ok();
}

static struct vrx_result make(const struct vrx_arguments *arguments, const struct kind *kind) {
    struct vrx_ceremony_log *log VRX_CLEANUP(vrx_ceremony_close) = NULL;
    struct paths paths;
    const char *name = vrx_argument(arguments, "name");
    const char *ca = vrx_argument(arguments, kind->issuer ? kind->issuer : "out");
    struct vrx_pki_order order = {
        .profile = kind->profile,
        .country = vrx_view_text(kind->country),
        .common_name = vrx_view_text(name ? name : kind->name),
        .certificate = paths.certificate,
        .key = paths.key,
        .issuer_certificate = kind->issuer ? paths.issuer_certificate : NULL,
        .issuer_key = kind->issuer ? paths.issuer_key : NULL,
    };
    if (kind->profile == VRX_PROFILE_SERVER) {
        order.common_name = vrx_view_text(kind->name);
        order.alternative_names = vrx_view_text(name);
    }
    VRX_TRY(days_of(arguments, kind->days, &order.days));
    VRX_TRY(hours_of(arguments, &order.hours));
    VRX_TRY(find_paths(arguments, kind, &paths));
    VRX_TRY(vrx_ceremony_open(ca, &log));
    VRX_TRY(vrx_pki_make(&order, vrx_cli_now(), vrx_random_system()));
    VRX_TRY(vrx_cli_ceremony_certificate(arguments, log,
        kind->issuer ? VRX_CEREMONY_SIGNED : VRX_CEREMONY_MADE, ca, paths.certificate));
    return kind->connects ? copy_ca(&paths) : vrx_ok();
}

static int run(const struct vrx_arguments *arguments, const struct kind *kind) {
    const char *out = vrx_argument(arguments, "out");
    struct vrx_result result = make(arguments, kind);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(out, result);
    if (vrx_argument_json(arguments))
        printf("{\"certificate\": \"%s/certificate.pem\", \"key\": \"%s/key.pem\"}\n", out, out);
    else
        printf("made %s/certificate.pem and %s/key.pem\n", out, out);
    return VRX_EXIT_OK;
}

static int run_platform_ca(const struct vrx_arguments *arguments) {
    return run(arguments, &platform_ca);
}

static int run_server(const struct vrx_arguments *arguments) {
    return run(arguments, &server);
}

static int run_terminal(const struct vrx_arguments *arguments) {
    return run(arguments, &terminal);
}

static int run_csca(const struct vrx_arguments *arguments) {
    return run(arguments, &csca);
}

static int run_dsc(const struct vrx_arguments *arguments) {
    return run(arguments, &dsc);
}

static int run_vds_signer(const struct vrx_arguments *arguments) {
    return run(arguments, &vds_signer);
}

/* ---- renewal and revocation ---- */

static struct vrx_result renew(const struct vrx_arguments *arguments) {
    struct vrx_ceremony_log *log VRX_CLEANUP(vrx_ceremony_close) = NULL;
    uint32_t days = 0;
    uint32_t hours = 0;
    struct vrx_pki_renewal renewal = {
        .ca = vrx_argument(arguments, "ca"),
        .certificate = vrx_argument(arguments, "certificate"),
        .out = vrx_argument(arguments, "out"),
    };
    VRX_TRY(days_of(arguments, terminal.days, &days));
    VRX_TRY(hours_of(arguments, &hours));
    renewal.seconds = hours ? (int64_t)hours * 3600 : (int64_t)days * SECONDS_A_DAY;
    VRX_TRY(vrx_ceremony_open(renewal.ca, &log));
    VRX_TRY(vrx_pki_renew(&renewal, vrx_cli_now(), vrx_random_system()));
    return vrx_cli_ceremony_certificate(
        arguments, log, VRX_CEREMONY_RENEWED, renewal.ca, renewal.out);
}

static int run_renew(const struct vrx_arguments *arguments) {
    struct vrx_result result = renew(arguments);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "certificate"), result);
    return vrx_print_field(arguments, "certificate", vrx_argument(arguments, "out"));
}

static const struct vrx_choice revocation_reasons[] = {
    {"key-compromise", VRX_REVOCATION_KEY_COMPROMISE, "鍵の漏えい・紛失"},
    {"superseded", VRX_REVOCATION_SUPERSEDED, "交換"},
    {"cessation", VRX_REVOCATION_CESSATION, "使用終了"},
    {0},
};

static struct vrx_result revoke(
    const struct vrx_arguments *arguments, enum vrx_revocation_reason reason) {
    struct vrx_ceremony_log *log VRX_CLEANUP(vrx_ceremony_close) = NULL;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    const char *ca = vrx_argument(arguments, "ca");
    const char *path = vrx_argument(arguments, "certificate");
    VRX_TRY(vrx_pki_read_certificate(path, &certificate));
    VRX_TRY(vrx_ceremony_open(ca, &log));
    VRX_TRY(vrx_pki_revoke(ca, certificate, reason, vrx_cli_now()));
    return vrx_cli_ceremony_certificate(arguments, log, VRX_CEREMONY_REVOKED, ca, path);
}

static int run_revoke(const struct vrx_arguments *arguments) {
    unsigned reason = VRX_REVOCATION_UNSPECIFIED;
    if (vrx_argument_given(arguments, "reason"))
        VRX_CLI_TRY(vrx_value_choice(arguments, "reason", 0, revocation_reasons, &reason));
    struct vrx_result result = revoke(arguments, (enum vrx_revocation_reason)reason);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "certificate"), result);
    return vrx_print_done(arguments, "revoked; make the next list: vrx pki crl",
        "失効を記録しました。vrx pki crl で失効リストを作ってください");
}

/* Of the list as it was written. */
static struct vrx_result note_list(
    const struct vrx_arguments *arguments, struct vrx_ceremony_log *log, const char *ca) {
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_crls crls VRX_CLEANUP(vrx_crls_done) = {0};
    char path[VRX_CLI_PATH];
    uint8_t digest[VRX_CEREMONY_HASH];
    VRX_TRY(vrx_folder_path(ca, "crl.pem", path));
    VRX_TRY(vrx_file_read(path, 2 * VRX_CRL_MAX, &pem));
    VRX_TRY(vrx_crls_read(vrx_buffer_view(&pem), &crls));
    VRX_TRY(vrx_sha256(vrx_crl_der(crls.list[0]), digest));
    return vrx_cli_ceremony_note(arguments, log, VRX_CEREMONY_LISTED, ca, digest);
}

static struct vrx_result make_crl(
    const struct vrx_arguments *arguments, const char *ca, struct vrx_crl_made *ret_made) {
    struct vrx_ceremony_log *log VRX_CLEANUP(vrx_ceremony_close) = NULL;
    uint32_t days = 0;
    VRX_TRY(days_of(arguments, 30, &days));
    VRX_TRY(vrx_ceremony_open(ca, &log));
    VRX_TRY(vrx_pki_make_crl(ca, vrx_cli_now(), (int64_t)days * SECONDS_A_DAY, ret_made));
    return note_list(arguments, log, ca);
}

static int run_crl(const struct vrx_arguments *arguments) {
    const char *ca = vrx_argument(arguments, "ca");
    struct vrx_crl_made made = {0};
    struct vrx_result result = make_crl(arguments, ca, &made);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(ca, result);
    char when[VRX_PRINT_TIME];
    vrx_print_time(made.next_update, when);
    if (vrx_argument_json(arguments))
        printf("{\"crl\": \"%s/crl.pem\", \"number\": %llu, \"revoked\": %zu}\n", ca,
            (unsigned long long)made.number, made.count);
    else
        printf("signed %s/crl.pem: number / 番号 %llu, revoked / 失効 %zu, next by / 次回 %s\n", ca,
            (unsigned long long)made.number, made.count, when);
    return VRX_EXIT_OK;
}

/* ---- trust list ---- */

/* The certificates that an option names, in DER; freed by certificates_done. */
struct certificates {
    struct vrx_arena room;
    struct vrx_certificate **certs;
    struct vrx_view *ders;
    size_t count;
};

static void certificates_done(struct certificates *list) {
    for (size_t i = 0; i < list->count; i++)
        vrx_certificate_free(&list->certs[i]);
    vrx_arena_done(&list->room);
}

/* The files of the folder --foreign whose names begin so, in any order. */
static struct vrx_result count_foreign(
    const char *folder, const char *prefix, size_t *ret_count, DIR **ret_folder) {
    DIR *open_folder = opendir(folder);
    size_t count = 0;
    if (!open_folder)
        return vrx_refuse(VRX_NOT_FOUND, "--foreign: the folder");
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    rewinddir(open_folder);
    *ret_count = count;
    *ret_folder = open_folder;
    return vrx_ok();
}

static struct vrx_result add_certificate(struct certificates *list, const char *path) {
    VRX_TRY(vrx_pki_read_certificate(path, &list->certs[list->count]));
    list->ders[list->count] = vrx_certificate_der(list->certs[list->count]);
    list->count++;
    return vrx_ok();
}

static struct vrx_result add_foreign(struct certificates *list, const char *folder,
    const char *prefix, size_t count, DIR *open_folder) {
    struct vrx_result result = vrx_ok();
    size_t taken = 0;
    for (const struct dirent *entry = readdir(open_folder);
         entry && taken < count && vrx_is_ok(result); entry = readdir(open_folder)) {
        char path[VRX_CLI_PATH];
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        taken++;
        result = vrx_folder_path(folder, entry->d_name, path);
        if (vrx_is_ok(result))
            result = add_certificate(list, path);
    }
    return result;
}

/* Those that an option names, and those of the folder --foreign. */
static struct vrx_result certificates_read(const struct vrx_arguments *arguments,
    const char *option, const char *prefix, struct certificates *list) {
    const char *folder = vrx_argument(arguments, "foreign");
    const size_t named = vrx_argument_count(arguments, option);
    size_t foreign = 0;
    DIR *open_folder = NULL;
    vrx_arena_init(&list->room, 0);
    if (folder)
        VRX_TRY(count_foreign(folder, prefix, &foreign, &open_folder));
    struct vrx_result result = vrx_ok();
    list->certs = vrx_arena_alloc_array(&list->room, named + foreign, sizeof *list->certs);
    list->ders = vrx_arena_alloc_array(&list->room, named + foreign, sizeof *list->ders);
    if (!list->certs || !list->ders)
        result = vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < named && vrx_is_ok(result); i++)
        result = add_certificate(list, vrx_argument_at(arguments, option, i));
    if (open_folder && vrx_is_ok(result))
        result = add_foreign(list, folder, prefix, foreign, open_folder);
    if (open_folder)
        closedir(open_folder);
    return result;
}

/* Issuers of SMART Health Cards with the keys that they publish: the n-th --shc-issuer and the n-th
 * --shc-keys belong together. */
struct issuers {
    struct vrx_arena room;
    struct vrx_trust_issuer *list;
    size_t count;
};

static void issuers_done(struct issuers *issuers) {
    vrx_arena_done(&issuers->room);
}

/* Our own, which has a certificate. */
static struct vrx_result key_of_certificate(
    struct vrx_view pem, struct vrx_arena *room, struct vrx_trust_issuer *issuer) {
    struct vrx_certificate *cert VRX_CLEANUP(vrx_certificate_free) = NULL;
    uint8_t point[VRX_P256_POINT];
    struct vrx_view *keys = vrx_arena_alloc(room, sizeof *keys);
    if (!keys)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    VRX_TRY(vrx_certificate_from_pem(pem, &cert));
    VRX_TRY(vrx_public_key_to_point(vrx_certificate_key(cert), point));
    VRX_TRY(vrx_arena_copy(room, vrx_view_of(point, sizeof point), keys));
    issuer->keys = keys;
    issuer->key_count = 1;
    return vrx_ok();
}

static struct vrx_result issuer_read(const struct vrx_arguments *arguments, size_t i,
    struct vrx_arena *room, struct vrx_trust_issuer *issuer) {
    struct vrx_buffer jwks VRX_CLEANUP(vrx_buffer_done) = {0};
    issuer->url = vrx_view_text(vrx_argument_at(arguments, "shc-issuer", i));
    VRX_TRY(vrx_file_read(vrx_argument_at(arguments, "shc-keys", i), VRX_LIMIT_JWKS, &jwks));
    const struct vrx_view begin = vrx_view_text("-----BEGIN ");
    if (vrx_view_equal(vrx_view_slice(vrx_buffer_view(&jwks), 0, begin.len), begin))
        return key_of_certificate(vrx_buffer_view(&jwks), room, issuer);
    return vrx_jwks_read(vrx_buffer_view(&jwks), room, &issuer->keys, &issuer->key_count);
}

static struct vrx_result issuers_read(
    const struct vrx_arguments *arguments, struct issuers *issuers) {
    const size_t count = vrx_argument_count(arguments, "shc-issuer");
    vrx_arena_init(&issuers->room, 0);
    if (vrx_argument_count(arguments, "shc-keys") != count)
        return vrx_refuse(VRX_INPUT_RANGE, "--shc-keys: one file for each --shc-issuer");
    issuers->list = vrx_arena_alloc_array(&issuers->room, count, sizeof *issuers->list);
    if (!issuers->list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        VRX_TRY(issuer_read(arguments, i, &issuers->room, &issuers->list[issuers->count++]));
    return vrx_ok();
}

static struct vrx_result make_trust_list(const struct vrx_arguments *arguments) {
    struct certificates signers VRX_CLEANUP(certificates_done) = {0};
    struct certificates cscas VRX_CLEANUP(certificates_done) = {0};
    struct issuers issuers VRX_CLEANUP(issuers_done) = {0};
    struct vrx_cli_authority authority VRX_CLEANUP(vrx_cli_authority_done) = {0};
    struct vrx_cli_dating dating;
    VRX_TRY(vrx_cli_dating_read(arguments, &dating));
    VRX_TRY(vrx_cli_authority_read(vrx_argument(arguments, "authority"), &authority));
    VRX_TRY(certificates_read(arguments, "signer", "signer-", &signers));
    VRX_TRY(certificates_read(arguments, "csca", "csca-", &cscas));
    VRX_TRY(issuers_read(arguments, &issuers));
    struct vrx_trust_list_content content = {
        .version = dating.version,
        .issued = dating.issued,
        .expires = dating.expires,
        .signers = signers.ders,
        .signer_count = signers.count,
        .cscas = cscas.ders,
        .csca_count = cscas.count,
        .issuers = issuers.list,
        .issuer_count = issuers.count,
    };
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_trust_list_sign(
        &content, authority.key, vrx_view_of(authority.kid, sizeof authority.kid), &message));
    return vrx_file_replace(vrx_argument(arguments, "out"), 0644, vrx_buffer_view(&message));
}

static int run_trust_list(const struct vrx_arguments *arguments) {
    struct vrx_result result = make_trust_list(arguments);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "out"), result);
    printf(vrx_argument_json(arguments) ? "{\"trust_list\": \"%s\"}\n" : "signed %s\n",
        vrx_argument(arguments, "out"));
    return VRX_EXIT_OK;
}

/* ---- the table ---- */

#define OUT \
    { "out", "DIR", true, false, "folder to write to", "出力先フォルダー" }
#define DAYS \
    { "days", "N", false, false, "days of validity", "有効日数" }
#define HOURS \
    { "hours", "N", false, false, "hours, in the place of days", "有効時間（日数の代わり）" }
#define CA \
    { "ca", "DIR", true, false, "the platform CA's folder", "認証局のフォルダー" }
#define NAME \
    { "name", "TEXT", false, false, "common name", "名称" }

static const struct vrx_option ca_options[] = {OUT, NAME, DAYS, VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option server_options[] = {CA, OUT,
    {"name", "NAMES", true, false, "DNS:host,IP:address: what clients connect to", "接続先の名前"},
    DAYS, HOURS, VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option terminal_options[] = {
    CA, OUT, NAME, DAYS, HOURS, VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option renew_options[] = {CA,
    {"certificate", "FILE", true, false, "the present certificate", "現在の証明書"},
    {"out", "FILE", true, false, "file to write; may be the same", "出力先（同じファイルも可）"},
    DAYS, HOURS, VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option revoke_options[] = {CA,
    {"certificate", "FILE", true, false, "the certificate", "失効させる証明書"},
    {"reason", "key-compromise|superseded|cessation", false, false, "why", "理由"},
    VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option crl_options[] = {CA,
    {"days", "N", false, false, "the next list comes within so many days; default: 30",
        "次の失効リストまでの日数（既定は30）"},
    VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option dsc_options[] = {
    {"csca", "DIR", true, false, "the CSCA's folder", "CSCA のフォルダー"}, OUT, NAME, DAYS,
    VRX_CEREMONY_OPTION, {0}};
static const struct vrx_option trust_options[] = {
    {"authority", "DIR", true, false, "the platform authority's folder", "署名機関のフォルダー"},
    {"csca", "FILE", true, true, "a CSCA certificate", "CSCA の証明書"},
    {"signer", "FILE", true, true, "a document signer's certificate", "署名者の証明書"},
    {"shc-issuer", "URL", false, true, "an issuer of SMART Health Cards, as \"iss\" has it",
        "SMART Health Card の発行者"},
    {"shc-keys", "FILE", false, true,
        "its keys, in order: what URL/.well-known/jwks.json holds, or the certificate of our own",
        "発行者の公開鍵（jwks.json、または自組織の証明書。発行者と同じ順）"},
    {"foreign", "FOLDER", false, false, "others' authorities and signers: vrx pki import-trust",
        "取り込んだ外国の認証局と署名者"},
    {"version", "N", true, false, "ascends with every list", "版（増加する番号）"},
    {"days", "N", true, false, "days of validity", "有効日数"},
    {"out", "FILE", true, false, "file to write", "出力先"},
    {0},
};

const struct vrx_command vrx_cli_pki_commands[] = {
    {"pki platform-ca", false, "make the CA of the daemon's and the terminals' certificates",
        "端末とサーバーの認証局を作る", ca_options, run_platform_ca},
    {"pki server", false, "make the daemon's certificate", "サーバー証明書を作る", server_options,
        run_server},
    {"pki terminal", false, "make a terminal's certificate", "端末証明書を作る", terminal_options,
        run_terminal},
    {"pki renew", false, "a terminal's next certificate with the same key: its registration stays",
        "同じ鍵で端末証明書を更新する（再登録は不要）", renew_options, run_renew},
    {"pki revoke", false, "put a certificate of the platform CA's on record as revoked",
        "証明書の失効を記録する", revoke_options, run_revoke},
    {"pki crl", false, "sign the list of revoked certificates, for vrxd --client-crl",
        "失効リスト（CRL）に署名する", crl_options, run_crl},
    {"pki csca", false, "make the CA of the document signers", "署名者の認証局（CSCA）を作る",
        ca_options, run_csca},
    {"pki dsc", false, "make a document signer for vaccination certificates",
        "接種証明書の署名者（DSC）を作る", dsc_options, run_dsc},
    {"pki vds-signer", false, "make a signer of VDS-NC, ICAO's seals for travel",
        "VDS-NC（ICAO 渡航用シール）の署名者を作る", dsc_options, run_vds_signer},
    {"pki trust-list", false,
        "sign the list of document signers and card issuers that verifiers trust",
        "検証者向けの署名者一覧に署名する", trust_options, run_trust_list},
    {0},
};
