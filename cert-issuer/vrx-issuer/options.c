/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of options; parsing and help come from it.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

enum kind { TEXT, TEXTS, USER, COUNT, SWITCH };
/* What it takes to serve; to list; to make certificates of a format, all or none. */
enum need { OPTIONAL, TO_SERVE, ALWAYS, FOR_SHC, FOR_VDS };

static const struct row {
    const char *name;
    const char *value; /* what stands for it in the help; NULL: a switch */
    enum kind kind;
    size_t member;
    enum need need;
    const char *en;
    const char *ja;
} rows[] = {
#define MEMBER(name) offsetof(struct vrx_issuer_options, name)
    {"config", "FILE", TEXT, MEMBER(config), OPTIONAL,
        "options of a file, a line each: name = value; an option here counts before it",
        "設定ファイル（1行1件、名前 = 値。コマンドラインが優先）"},
    {"socket", "PATH", TEXT, MEMBER(socket), TO_SERVE,
        "where to listen; an old socket there is replaced",
        "待ち受けるソケット（古いソケットは置き換える）"},
    {"state", "FOLDER", TEXT, MEMBER(state), ALWAYS,
        "where the journal is kept; must exist and be writable", "発行台帳のフォルダー"},
    {"directory", "FILE", TEXT, MEMBER(directory), TO_SERVE,
        "the signed directory of municipalities; read again when it changes, an older version is "
        "refused; all of its folder can be read",
        "署名済み自治体名簿（更新は自動で反映。古い版は拒否）"},
    {"authority-key", "FILE", TEXT, MEMBER(authority_key), TO_SERVE,
        "the platform authority's public key, PEM (PUBLIC KEY, or a CERTIFICATE that holds it)",
        "名簿に署名する機関の公開鍵または証明書"},
    {"certificate", "FILE", TEXT, MEMBER(certificate), TO_SERVE,
        "the document signer's certificate, PEM (CERTIFICATE)", "文書署名者の証明書"},
    {"key", "FILE|URI", TEXT, MEMBER(key), TO_SERVE,
        "its private key, PEM (PRIVATE KEY, P-256), mode 0600; or on a token: "
        "pkcs11:token=NAME;object=NAME?module-path=FILE (RFC 7512)",
        "文書署名者の秘密鍵のファイル、またはトークン上の鍵のURI"},
    {"pin-file", "FILE", TEXT, MEMBER(pin_file), OPTIONAL,
        "the PIN of the keys' tokens, first line, mode 0600", "トークンの暗証番号のファイル"},
    {"token-files", "PATH", TEXTS, MEMBER(token_files), OPTIONAL,
        "a file or folder that the token's module reads and writes while it signs and when the "
        "token comes back; up to 4 times",
        "トークンのモジュールが使うファイルまたはフォルダー（4回まで）"},
    {"shc-issuer", "URL", TEXT, MEMBER(shc_issuer), FOR_SHC,
        "for SMART Health Cards: the address that stands in them, under which their key is "
        "published; begins with https://, without / at the end",
        "SMART Health Card の発行者URL（https://で始まり、末尾に/なし。鍵の公開先）"},
    {"shc-key", "FILE|URI", TEXT, MEMBER(shc_key), FOR_SHC, "their key, as --key; no certificate",
        "SMART Health Card の秘密鍵のファイル"},
    {"vds-certificate", "FILE", TEXT, MEMBER(vds_certificate), FOR_VDS,
        "for VDS-NC: the signer's certificate (vrx pki vds-signer)", "VDS-NC の署名者の証明書"},
    {"vds-key", "FILE|URI", TEXT, MEMBER(vds_key), FOR_VDS, "its private key, as --key",
        "VDS-NC の秘密鍵のファイル"},
    {"vds-csca", "FILE", TEXT, MEMBER(vds_csca), FOR_VDS,
        "the certificate of the authority that issued it", "VDS-NC の署名者を認証した機関の証明書"},
    {"uid", "UID", USER, MEMBER(uid), OPTIONAL,
        "the user whose processes may ask, besides root and our own; number, default our own",
        "依頼できる利用者の番号（既定は自分）"},
    {"hourly-cap", "N", COUNT, MEMBER(hourly_cap), OPTIONAL,
        "certificates a municipality and clock hour, default 2000",
        "自治体ごとの1時間あたりの発行上限（既定2000）"},
    {"list", NULL, SWITCH, MEMBER(list), OPTIONAL,
        "show the journal, one line a record, and end; also beside a running issuer",
        "発行台帳を1行1件で表示して終了する"},
    {"unfinished", NULL, SWITCH, MEMBER(unfinished), OPTIONAL,
        "with --list: only what never became a certificate",
        "--list と併用：証明書にならなかったものだけを表示する"},
    {"json", NULL, SWITCH, MEMBER(json), OPTIONAL, "with --list: a JSON object a line",
        "--list と併用：1行1件のJSONで表示する"},
#undef MEMBER
};
#define ROWS (sizeof rows / sizeof *rows)
#define FIRST 256 /* getopt_long's code of the first row */

static const char head[] =
    "vrx-issuer - signs vaccination certificates\n"
    "             接種証明書に署名するプロセス\n"
    "\n"
    "usage: vrx-issuer --socket PATH --state FOLDER --directory FILE --authority-key FILE\n"
    "                  --certificate FILE --key FILE|URI [--OPTION VALUE ...]\n"
    "       vrx-issuer --config FILE [--OPTION VALUE ...]\n"
    "       vrx-issuer --list --state FOLDER [--unfinished] [--json]\n"
    "\n"
    "It takes one typed request over a Unix socket, checks everything from signed objects, uses\n"
    "each application once and signs with a key that no other process has. It runs in the\n"
    "foreground and ends on SIGTERM or SIGINT after the request at hand.\n"
    "ソケットで依頼を受け、署名済みの文書だけを根拠に審査し、申請1件につき1回だけ署名します。\n"
    "\n";

static const char tail[] =
    "  --help\n"
    "        show this and end\n"
    "        この説明を表示する\n"
    "  --version\n"
    "        show the version and end\n"
    "        版を表示する\n"
    "\n"
    "Without the keys for SMART Health Cards and VDS-NC the issuer makes no certificates of the\n"
    "kinds that have them, and says so.\n"
    "\n"
    "Lines of --list: time, what, municipality, application, UVCI. An intent without an issued\n"
    "line of the same UVCI is an application that was used up without a certificate.\n"
    "--list の行：時刻、種別、団体コード、申請、UVCI。同じUVCIの issued がない intent は、\n"
    "証明書にならずに終わった申請です。\n"
    "\n"
    "Status: 0 ended by a signal or listed; 1 could not start or the journal failed; 2 wrong "
    "use.\n";

static bool show_help(void) {
    bool good = fputs(head, stdout) >= 0;
    for (size_t i = 0; good && i < ROWS; i++)
        good =
            printf("  --%s%s%s\n        %s\n        %s\n", rows[i].name, rows[i].value ? " " : "",
                rows[i].value ? rows[i].value : "", rows[i].en, rows[i].ja) > 0;
    return good && fputs(tail, stdout) >= 0 && fflush(stdout) == 0;
}

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || number > max) {
        (void)fprintf(stderr, "vrx-issuer: %s is not a number in range\n", text);
        return false;
    }
    *ret_number = number;
    return true;
}

static bool add_text(const struct row *row, const char *text, const char **list) {
    for (size_t i = 0; i < VRX_ISSUER_TOKEN_FILES; i++)
        if (!list[i]) {
            list[i] = text;
            return true;
        }
    (void)fprintf(stderr, "vrx-issuer: --%s %d times at most\n", row->name, VRX_ISSUER_TOKEN_FILES);
    return false;
}

static bool take(const struct row *row, const char *text, struct vrx_issuer_options *options) {
    void *member = (char *)options + row->member;
    uint64_t number = 0;
    switch (row->kind) {
    case TEXT:
        memcpy(member, &text, sizeof text);
        return true;
    case TEXTS:
        return add_text(row, text, member);
    case SWITCH:
        *(bool *)member = true;
        return true;
    case USER:
        if (!parse_number(text, UINT32_MAX - 1, &number))
            return false;
        *(uid_t *)member = (uid_t)number;
        return true;
    case COUNT:
        if (!parse_number(text, UINT32_MAX, &number) || number == 0)
            return false;
        *(uint64_t *)member = number;
        return true;
    }
    return false;
}

static bool is_given(const struct row *row, const struct vrx_issuer_options *options) {
    const char *text = NULL;
    memcpy(&text, (const char *)options + row->member, sizeof text);
    return text != NULL;
}

static bool is_needed(const struct row *row, const struct vrx_issuer_options *options) {
    bool needed = row->need == ALWAYS || (row->need == TO_SERVE && !options->list);
    for (size_t i = 0; i < ROWS; i++)
        if (row->need >= FOR_SHC && rows[i].need == row->need)
            needed = needed || is_given(&rows[i], options);
    return needed;
}

static bool is_complete(const struct vrx_issuer_options *options) {
    for (size_t i = 0; i < ROWS; i++)
        if (is_needed(&rows[i], options) && !is_given(&rows[i], options)) {
            (void)fprintf(stderr, "vrx-issuer: --%s is missing; see --help\n", rows[i].name);
            return false;
        }
    if (options->list || (!options->unfinished && !options->json))
        return true;
    (void)fprintf(stderr, "vrx-issuer: --unfinished and --json go with --list; see --help\n");
    return false;
}

static void make_long_options(struct option long_options[ROWS + 3]) {
    for (size_t i = 0; i < ROWS; i++)
        long_options[i] = (struct option){
            rows[i].name, rows[i].value ? required_argument : no_argument, NULL, FIRST + (int)i};
    long_options[ROWS] = (struct option){"help", no_argument, NULL, 'h'};
    long_options[ROWS + 1] = (struct option){"version", no_argument, NULL, 'V'};
    long_options[ROWS + 2] = (struct option){NULL, 0, NULL, 0};
}

bool vrx_issuer_options_parse(
    int argc, char **argv, struct vrx_issuer_options *ret_options, int *ret_status) {
    struct vrx_issuer_options options = {.uid = geteuid()};
    struct option long_options[ROWS + 3];
    int code = 0;
    make_long_options(long_options);
    *ret_status = 2;
    if (!vrx_issuer_config_expand(argc, argv, &argc, &argv))
        return false;
    while ((code = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
        if (code == 'h' || code == 'V') {
            const bool shown = code == 'h'
                                   ? show_help()
                                   : puts("vrx-issuer " VRX_VERSION) >= 0 && fflush(stdout) == 0;
            *ret_status = !shown;
            return false;
        }
        /* getopt_long has said what is wrong */
        if (code < FIRST || !take(&rows[code - FIRST], optarg, &options))
            return false;
    }
    if (optind != argc) {
        (void)fprintf(stderr, "vrx-issuer: %s is no option; see --help\n", argv[optind]);
        return false;
    }
    if (!is_complete(&options))
        return false;
    *ret_options = options;
    return true;
}
