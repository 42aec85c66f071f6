/* SPDX-License-Identifier: Apache-2.0
 *
 * One table of settings; the command line, the file, the help and the commented file come from it.
 */
#include "vrxd/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/limits.h"

/* LIVE: a new value counts as soon as the file is read again. */
enum kind { TEXT = 1, NUMBER = 2, PLATFORM = 4, LIVE = 8 };

struct option_row {
    const char *name;
    unsigned kind;
    size_t member;
    const char *fallback; /* NULL: required */
    const char *en;
    const char *ja;
    long min; /* of a number */
    long max;
};

#define MEMBER(name) offsetof(struct vrxd_options, name)
#define NO_RANGE 0, 0
#define DAY 86400L

static const struct option_row rows[] = {
    {"state", TEXT, MEMBER(state), NULL, "folder with the municipalities' vaults",
        "保管庫のフォルダー", NO_RANGE},
    {"backups", TEXT, MEMBER(backups), "",
        "folder for backups, best on another disk; empty: STATE/backups",
        "バックアップのフォルダー（別のディスクを推奨。空なら STATE/backups）", NO_RANGE},
    {"listen", TEXT, MEMBER(listen), "127.0.0.1:7440", "address and port; port 0: any free one",
        "待ち受けるアドレスとポート", NO_RANGE},
    {"certificate", TEXT, MEMBER(certificate), NULL, "the daemon's TLS certificate (PEM)",
        "サーバー証明書", NO_RANGE},
    {"key", TEXT, MEMBER(key), NULL, "its private key (PEM, mode 0600)", "サーバー証明書の秘密鍵",
        NO_RANGE},
    {"client-ca", TEXT, MEMBER(client_ca), NULL, "CA of the terminals' certificates (PEM)",
        "端末証明書の認証局", NO_RANGE},
    {"client-crl", TEXT, MEMBER(client_crl), "",
        "revocation lists of that CA (PEM or DER), read again when the file changes; empty: none "
        "is looked at",
        "端末証明書の失効リスト（更新は自動で反映。空なら確認しない）", NO_RANGE},
    {"peer-certificate", TEXT, MEMBER(peer_certificate), "",
        "TLS certificate with which this daemon calls others (PEM), for messages to municipalities "
        "that are kept elsewhere; empty: it calls none",
        "他のデーモンに接続するときのクライアント証明書（空なら接続しない）", NO_RANGE},
    {"peer-key", TEXT, MEMBER(peer_key), "", "its private key (PEM, mode 0600)", "その秘密鍵",
        NO_RANGE},
    {"peer-ca", TEXT, MEMBER(peer_ca), "", "CA of the other daemons' server certificates (PEM)",
        "他のデーモンのサーバー証明書の認証局", NO_RANGE},
    {"authority", TEXT, MEMBER(authority), NULL,
        "certificate of the platform authority (PEM), who signs the two files below",
        "名簿と許可表に署名する機関の証明書", NO_RANGE},
    {"directory", TEXT, MEMBER(directory), NULL, "signed directory of municipalities",
        "署名済み自治体名簿", NO_RANGE},
    {"permits", TEXT, MEMBER(permits), NULL, "signed permit table", "署名済み情報提供許可表",
        NO_RANGE},
    {"law-source", TEXT, MEMBER(law_source), "",
        "HOST:PORT of a daemon's public listener to fetch newer directories and permit tables "
        "from, "
        "into the two files above; empty: they are put there by hand",
        "名簿と許可表の新しい版を取得する公開待ち受け（ホスト名:ポート。空なら取得しない）",
        NO_RANGE},
    {"law-source-ca", TEXT, MEMBER(law_source_ca), "",
        "CA of its certificate (PEM); empty: that of client-ca", "その証明書の認証局", NO_RANGE},
    {"law-fetch-seconds", NUMBER, MEMBER(law_fetch_seconds), "3600", "how often it is asked",
        "取得の間隔（秒）", 1, 7 * DAY},
    {"issuer", TEXT, MEMBER(issuer), NULL, "socket of vrx-issuer", "証明書発行装置のソケット",
        NO_RANGE},
    {"metrics", TEXT, MEMBER(metrics), "",
        "where GET /metrics is answered: a socket's path with a slash, or 127.0.0.1:PORT; empty: "
        "nowhere",
        "メトリクスを返すソケットのパス（/ を含む）、または 127.0.0.1:ポート。空なら無効",
        NO_RANGE},
    {"trust-list", TEXT, MEMBER(trust_list), "",
        "signed trust list, to verify certificates by; empty: the daemon verifies none",
        "署名済み信頼リスト（空なら証明書の検証を提供しない）", NO_RANGE},
    {"revocation-list", TEXT, MEMBER(revocation_list), "",
        "signed revocation list, to verify certificates by; empty: what is revoked is not known",
        "署名済み失効リスト（空なら失効は確認しない）", NO_RANGE},
    {"card-anchors", TEXT, MEMBER(card_anchors), "",
        "certificates of the issuers of number cards' user-authentication certificates (PEM), with "
        "card-crl or card-ocsp or both; empty: no card is taken at kiosks",
        "個人番号カードの利用者証明用認証局の証明書（空ならカードによる本人確認をしない）",
        NO_RANGE},
    {"card-crl", TEXT, MEMBER(card_crl), "",
        "revocation lists of those issuers (PEM or DER), read for each check; empty: none",
        "その失効リスト（確認のたびに読む。空なら使わない）", NO_RANGE},
    {"card-ocsp", TEXT, MEMBER(card_ocsp), "",
        "http://HOST:PORT/PATH of their OCSP responder; while it does not answer no card is taken; "
        "empty: none",
        "その OCSP レスポンダーの URL（応答がない間はカードを受け付けない。空なら使わない）",
        NO_RANGE},
    {"card-ocsp-seconds", NUMBER, MEMBER(card_ocsp_seconds), "5",
        "how long its answer is waited for", "その応答を待つ時間（秒）", 1, 60},
    {"card-tries", NUMBER, MEMBER(card_tries), "5",
        "wrong answers of one number card before the first wait",
        "カードごとの、待ち時間が始まるまでの失敗回数", 1, 1000000},
    {"card-terminal-tries", NUMBER, MEMBER(card_terminal_tries), "20",
        "wrong answers of all cards at one terminal within ten minutes before the first wait",
        "端末ごとの、待ち時間が始まるまでの10分間の失敗回数", 1, 1000000},
    {"card-wait-seconds", NUMBER, MEMBER(card_wait_seconds), "300",
        "the first wait; it doubles with each wrong answer up to 15 minutes",
        "最初の待ち時間（秒）。失敗のたびに倍になる（最長15分）", 1, 900},
    {"public-listen", TEXT, MEMBER(public_listen), "",
        "address and port for anyone, without a client certificate: verification of certificates "
        "only; empty: none",
        "一般公開の待ち受け（証明書の検証のみ。空なら公開しない）", NO_RANGE},
    {"public-certificate", TEXT, MEMBER(public_certificate), "",
        "its TLS certificate (PEM); empty: the daemon's", "一般公開用のサーバー証明書", NO_RANGE},
    {"public-key", TEXT, MEMBER(public_key), "", "its private key (PEM, mode 0600)",
        "一般公開用のサーバー証明書の秘密鍵", NO_RANGE},
    {"public-folder", TEXT, MEMBER(public_folder), "",
        "folder by vrx pki publish: what is in it is given out there by plain HTTP/2, read again "
        "when it changes; empty: nothing is",
        "vrx pki publish が書き出したフォルダー（一般公開の待ち受けで HTTP/2 "
        "により配布し、更新は自動で反映。空なら配布しない）",
        NO_RANGE},
    {"platform-terminal", PLATFORM, 0, "",
        "certificate of a terminal of the platform operator (PEM); may be given again",
        "運用事業者の端末証明書（複数指定可）", NO_RANGE},
    {"threads", NUMBER, MEMBER(threads), "2", "I/O threads", "入出力スレッド数", 1,
        VRX_NET_THREADS},
    {"connections", NUMBER, MEMBER(connections), "8192",
        "connections at once; each takes about 60 KiB and a descriptor", "同時接続数の上限", 1,
        1000000},
    {"address-connections", NUMBER, MEMBER(address_connections), "4096",
        "of those, from one address (IPv6: one /64)",
        "そのうち一つのアドレス（IPv6では/64）からの上限", 1, 1000000},
    {"terminal-connections", NUMBER, MEMBER(terminal_connections), "1024",
        "of those, with one certificate", "そのうち一つの端末証明書による上限", 1, 1000000},
    {"handshake-seconds", NUMBER, MEMBER(handshake_seconds), "10",
        "from a connection's first packet to the end of its TLS handshake",
        "TLSハンドシェイクの制限時間（秒）", 1, 600},
    {"connection-idle-seconds", NUMBER, MEMBER(connection_idle_seconds), "300",
        "a connection without a call stays so long", "呼び出しのない接続を保つ時間（秒）", 1, DAY},
    {"keepalive-seconds", NUMBER, MEMBER(keepalive_seconds), "120",
        "with a call open and nothing heard, the peer is asked for a sign of life after so long",
        "無通信の接続に生存確認を送るまでの時間（秒）", 1, DAY},
    {"stall-seconds", NUMBER, MEMBER(stall_seconds), "30",
        "a connection that takes none of what waits for it is ended after so long",
        "送信が滞った接続を切るまでの時間（秒）", 1, DAY},
    {"drain-seconds", NUMBER | LIVE, MEMBER(drain_seconds), "10",
        "at the end, calls in flight may take so long", "終了時に処理中の呼び出しを待つ時間（秒）",
        0, 3600},
    {"idle-seal-seconds", NUMBER | LIVE, MEMBER(idle_seal_seconds), "0",
        "seal a municipality's vault after so long without a call; 0: never",
        "この時間呼び出しがない保管庫を封印する（秒。0は無効）", 0, 365 * DAY},
    {"pending-seconds", NUMBER | LIVE, MEMBER(pending_seconds), "432000",
        "how long officers have to approve an answer about somebody protected; a query that finds "
        "nobody waits as long",
        "保護対象者の回答を承認できる時間。該当者のない照会も同じ時間保留する（秒）", 0, 14 * DAY},
    {"transfer-seconds", NUMBER | LIVE, MEMBER(transfer_seconds), "604800",
        "how long a query may wait for its answer", "照会の期限（秒）", 1, 14 * DAY},
    {"backup-wal-mebibytes", NUMBER | LIVE, MEMBER(backup_wal_mebibytes), "1024",
        "a backup gives up when an open vault's log has grown so far meanwhile",
        "開封中のバックアップを中止するログの大きさ（MiB）", 0, 1L << 30},
    {"cache-mebibytes", NUMBER | LIVE, MEMBER(cache_mebibytes), "2",
        "of each open vault so much is kept deciphered in memory while it is in use; counts from "
        "its next unseal",
        "使用中の保管庫ごとに復号した内容を保つメモリー（MiB。次の開封から有効）", 1, 1L << 20},
    {"session-idle-seconds", NUMBER, MEMBER(session_idle_seconds), "900",
        "an operator's session ends after so long without a call",
        "この時間呼び出しがない操作者のセッションを終了する（秒）", 1, DAY},
    {"session-seconds", NUMBER, MEMBER(session_seconds), "43200",
        "an operator's session ends so long after the log-in",
        "ログインからセッション終了までの時間（秒）", 1, 7 * DAY},
    {"log-in-tries", NUMBER, MEMBER(log_in_tries), "5",
        "failed log-ins of one operator at one terminal before the first wait",
        "端末と操作者ごとの、待ち時間が始まるまでのログイン失敗回数", 1, 1000000},
    {"log-in-terminal-tries", NUMBER, MEMBER(log_in_terminal_tries), "20",
        "failed log-ins at one terminal within ten minutes before the first wait",
        "端末ごとの、待ち時間が始まるまでの10分間のログイン失敗回数", 1, 1000000},
    {"log-in-wait-seconds", NUMBER, MEMBER(log_in_wait_seconds), "30",
        "the first wait; it doubles with each failure up to 15 minutes",
        "最初の待ち時間（秒）。失敗のたびに倍になる（最長15分）", 1, 900},
#define VRX_LIMIT(name, option, fallback, greatest, en, ja) \
    {option, NUMBER | LIVE, MEMBER(limits[VRX_LIMIT_##name]), #fallback, en "; 0: no limit", \
        ja "（0は無制限）", 0, greatest},
#include "auth/limits.def"
#undef VRX_LIMIT
};

#define ROWS (sizeof rows / sizeof rows[0])

/* What the command line says: the last value of each row, and of PLATFORM all. */
struct given {
    const char *value[ROWS];
    const char *platform[VRXD_PLATFORM_TERMINALS];
    unsigned platform_count;
    bool print;
};

enum { HELP = ROWS + 1, VERSION, CONFIG, CHECK, PRINT };

static void help(void) {
    printf(
        "vrxd - the daemon of the Vaccination Record eXchange\n"
        "       接種記録交換システムのデーモン\n\n"
        "usage: vrxd --config FILE [--NAME VALUE ...]\n"
        "       vrxd --config FILE --check-config\n"
        "       vrxd --print-config > FILE\n\n"
        "  --config FILE\n        the configuration file; an option below counts before it\n"
        "        設定ファイル（下のオプションが優先されます）\n"
        "  --check-config\n        read all that is configured, say what is wrong, do not start\n"
        "        設定を検査して終了する\n"
        "  --print-config\n        a configuration file with every setting explained\n"
        "        説明付きの設定ファイルを出力する\n");
    for (size_t i = 0; i < ROWS; i++) {
        printf("  --%s%s\n        %s\n        %s\n", rows[i].name,
            rows[i].kind & NUMBER ? " N" : " TEXT", rows[i].en, rows[i].ja);
        if (rows[i].fallback && rows[i].fallback[0])
            printf("        default: %s\n", rows[i].fallback);
    }
    printf("\n  --help     this text\n  --version\n\n"
           "SIGTERM drains, seals and ends; SIGUSR1 seals every tenant; SIGHUP reads the file "
           "again.\n"
           "A changed directory or permit table is read within a second.\n"
           "Every tenant starts sealed; its custodian unseals it with `vrx unseal`.\n"
           "起動時はすべて封印されています。鍵管理者が `vrx unseal` で開封します。\n");
}

/* The commented file: what must be set is set to nothing, the rest stands there as it is. */
static void print_config(void) {
    printf("# vrxd's configuration; check it with: vrxd --config THIS --check-config\n"
           "# vrxd の設定ファイル。検査: vrxd --config このファイル --check-config\n"
           "#\n"
           "# Values stand in single quotes: between double quotes ${NAME} is a variable of the\n"
           "# environment. \"live\": a new value counts after SIGHUP, without a restart.\n"
           "# 値は単一引用符で囲みます。\"live\" の項目は SIGHUP で再起動なしに反映されます。\n");
    for (size_t i = 0; i < ROWS; i++) {
        const struct option_row *row = &rows[i];
        printf("\n# %s\n# %s\n", row->en, row->ja);
        if (row->kind & NUMBER)
            printf("# %ld to %ld%s\n", row->min, row->max, row->kind & LIVE ? "; live" : "");
        if (row->kind & PLATFORM)
            printf("%s = {}\n", row->name);
        else if (row->kind & NUMBER)
            printf("%s = %s\n", row->name, row->fallback);
        else
            printf("%s%s = '%s'\n", row->fallback ? "" : "# required / 必須\n", row->name,
                row->fallback ? row->fallback : "");
    }
}

static bool set(struct vrxd_options *options, const struct option_row *row, const char *text,
    char wrong[VRXD_LIMIT_WRONG]) {
    char *member = (char *)options + row->member;
    if (row->kind & TEXT) {
        memcpy(member, &text, sizeof text);
        if (text[0] || row->fallback)
            return true;
        snprintf(wrong, VRXD_LIMIT_WRONG, "%s: must not be empty / 空にできません", row->name);
        return false;
    }
    char *end = NULL;
    const long value = strtol(text, &end, 10);
    if (!text[0] || *end || value < row->min || value > row->max) {
        snprintf(wrong, VRXD_LIMIT_WRONG, "%s: %.40s: a number from %ld to %ld is wanted / 範囲外",
            row->name, text, row->min, row->max);
        return false;
    }
    memcpy(member, &value, sizeof value);
    return true;
}

static bool add_platform(
    struct vrxd_options *options, const char *text, char wrong[VRXD_LIMIT_WRONG]) {
    if (options->platform_count == VRXD_PLATFORM_TERMINALS) {
        snprintf(wrong, VRXD_LIMIT_WRONG, "platform-terminal: at most %d / %d 個まで",
            VRXD_PLATFORM_TERMINALS, VRXD_PLATFORM_TERMINALS);
        return false;
    }
    options->platform[options->platform_count++] = text;
    return true;
}

static bool set_platform(struct vrxd_options *options, const struct given *given, const char *name,
    char wrong[VRXD_LIMIT_WRONG]) {
    for (unsigned i = 0; i < given->platform_count; i++)
        if (!add_platform(options, given->platform[i], wrong))
            return false;
    const unsigned count =
        given->platform_count || !options->file ? 0 : cfg_size(options->file, name);
    for (unsigned i = 0; i < count; i++)
        if (!add_platform(options, cfg_getnstr(options->file, name, i), wrong))
            return false;
    return true;
}

static bool read_file(struct vrxd_options *options, char wrong[VRXD_LIMIT_WRONG]) {
    struct vrxd_config_name names[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        names[i] = (struct vrxd_config_name){rows[i].name, rows[i].kind & PLATFORM};
    return vrxd_config_read(options->config, names, ROWS, &options->file, wrong);
}

/* Each setting from the command line, else from the file, else as it is by default. */
static bool fill(
    struct vrxd_options *options, const struct given *given, char wrong[VRXD_LIMIT_WRONG]) {
    if (options->config && !read_file(options, wrong))
        return false;
    for (size_t i = 0; i < ROWS; i++) {
        const struct option_row *row = &rows[i];
        if (row->kind & PLATFORM) {
            if (!set_platform(options, given, row->name, wrong))
                return false;
            continue;
        }
        const char *text = given->value[i];
        if (!text && options->file && cfg_size(options->file, row->name))
            text = cfg_getstr(options->file, row->name);
        if (!text)
            text = row->fallback;
        if (!text) {
            snprintf(wrong, VRXD_LIMIT_WRONG, "%s is missing; see vrxd --help / 指定が必要です",
                row->name);
            return false;
        }
        if (!set(options, row, text, wrong))
            return false;
    }
    return true;
}

/* False: exit with *ret_status. */
static bool read_arguments(struct vrxd_options *options, struct given *ret_given, int *ret_status) {
    struct option longs[ROWS + 6] = {{0}};
    for (size_t i = 0; i < ROWS; i++)
        longs[i] = (struct option){rows[i].name, required_argument, NULL, (int)i + 1};
    longs[ROWS] = (struct option){"help", no_argument, NULL, HELP};
    longs[ROWS + 1] = (struct option){"version", no_argument, NULL, VERSION};
    longs[ROWS + 2] = (struct option){"config", required_argument, NULL, CONFIG};
    longs[ROWS + 3] = (struct option){"check-config", no_argument, NULL, CHECK};
    longs[ROWS + 4] = (struct option){"print-config", no_argument, NULL, PRINT};
    *ret_status = 0;
    optind = 0; /* from the beginning, when the file is read again too */
    for (int found; (found = getopt_long(options->argc, options->argv, "", longs, NULL)) != -1;) {
        if (found == HELP || found == VERSION || found == PRINT) {
            if (found == HELP)
                help();
            else if (found == PRINT)
                print_config();
            else
                printf("vrxd %s\n", VRX_VERSION);
            return false;
        }
        if (found == CONFIG) {
            options->config = optarg;
        } else if (found == CHECK) {
            options->check = true;
        } else if (found < 1 || found > (int)ROWS) {
            *ret_status = 2;
            return false;
        } else if (rows[found - 1].kind & PLATFORM) {
            if (ret_given->platform_count < VRXD_PLATFORM_TERMINALS)
                ret_given->platform[ret_given->platform_count++] = optarg;
        } else {
            ret_given->value[found - 1] = optarg;
        }
    }
    if (optind == options->argc)
        return true;
    fprintf(stderr, "vrxd: %s: no such argument; see vrxd --help\n", options->argv[optind]);
    *ret_status = 2;
    return false;
}

bool vrxd_options_parse(int argc, char **argv, struct vrxd_options *ret_options, int *ret_status) {
    struct vrxd_options options = {.argc = argc, .argv = argv};
    struct given given = {0};
    char wrong[VRXD_LIMIT_WRONG];
    if (!read_arguments(&options, &given, ret_status))
        return false;
    if (!fill(&options, &given, wrong)) {
        fprintf(stderr, "vrxd: %s\n", wrong);
        vrxd_options_done(&options);
        *ret_status = 2;
        return false;
    }
    *ret_options = options;
    return true;
}

void vrxd_options_done(struct vrxd_options *options) {
    if (options->file)
        cfg_free(options->file);
    options->file = NULL;
}

/* Whether a setting that counts from the start only is not what it was. */
static bool differs(
    const struct vrxd_options *old, const struct vrxd_options *new, const struct option_row *row) {
    if (row->kind & LIVE)
        return false;
    if (row->kind & PLATFORM) {
        bool same = old->platform_count == new->platform_count;
        for (unsigned i = 0; same && i < old->platform_count; i++)
            same = strcmp(old->platform[i], new->platform[i]) == 0;
        return !same;
    }
    const char *before = (const char *)old + row->member;
    const char *after = (const char *)new + row->member;
    if (row->kind & NUMBER)
        return memcmp(before, after, sizeof(long)) != 0;
    const char *texts[2];
    memcpy(&texts[0], before, sizeof texts[0]);
    memcpy(&texts[1], after, sizeof texts[1]);
    return strcmp(texts[0], texts[1]) != 0;
}

bool vrxd_options_reload(struct vrxd_options *options, char wrong[VRXD_LIMIT_WRONG]) {
    struct vrxd_options fresh = {.argc = options->argc, .argv = options->argv};
    struct given given = {0};
    int status = 0;
    bool done = read_arguments(&fresh, &given, &status) && fill(&fresh, &given, wrong);
    wrong[done ? 0 : VRXD_LIMIT_WRONG - 1] = '\0';
    for (size_t i = 0; done && i < ROWS; i++) {
        if (rows[i].kind & LIVE)
            memcpy((char *)options + rows[i].member, (char *)&fresh + rows[i].member, sizeof(long));
        else if (!wrong[0] && differs(options, &fresh, &rows[i]))
            snprintf(wrong, VRXD_LIMIT_WRONG, "%s", rows[i].name);
    }
    vrxd_options_done(&fresh);
    return done;
}

bool vrxd_options_address(const char *listen, char address[64], uint16_t *ret_port) {
    const char *colon = strrchr(listen, ':');
    if (!colon)
        return false;
    size_t len = (size_t)(colon - listen);
    if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']') {
        listen++;
        len -= 2;
    }
    char *end = NULL;
    long port = strtol(colon + 1, &end, 10);
    if (!len || len >= 64 || !colon[1] || *end || port < 0 || port > UINT16_MAX)
        return false;
    memcpy(address, listen, len);
    address[len] = '\0';
    *ret_port = (uint16_t)port;
    return true;
}
