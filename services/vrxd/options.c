/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: one table of options, which is also the help.
 */
#include "vrxd/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { TEXT, NUMBER, PLATFORM };

struct option_row {
    const char *name;
    enum kind kind;
    size_t member;
    const char *fallback; /* NULL: required */
    const char *en;
    const char *ja;
};

#define MEMBER(name) offsetof(struct vrxd_options, name)

static const struct option_row rows[] = {
    {"state", TEXT, MEMBER(state), NULL, "folder with the municipalities' vaults",
        "保管庫のフォルダー"},
    {"backups", TEXT, MEMBER(backups), "",
        "folder for backups, best on another disk; default: STATE/backups",
        "バックアップのフォルダー（別のディスクを推奨。既定は STATE/backups）"},
    {"listen", TEXT, MEMBER(listen), "127.0.0.1:7440", "address and port; port 0: any free one",
        "待ち受けるアドレスとポート"},
    {"certificate", TEXT, MEMBER(certificate), NULL, "the daemon's TLS certificate (PEM)",
        "サーバー証明書"},
    {"key", TEXT, MEMBER(key), NULL, "its private key (PEM, mode 0600)", "サーバー証明書の秘密鍵"},
    {"client-ca", TEXT, MEMBER(client_ca), NULL, "CA of the terminals' certificates (PEM)",
        "端末証明書の認証局"},
    {"authority", TEXT, MEMBER(authority), NULL,
        "certificate of the platform authority (PEM), who signs the two files below",
        "名簿と許可表に署名する機関の証明書"},
    {"directory", TEXT, MEMBER(directory), NULL, "signed directory of municipalities",
        "署名済み自治体名簿"},
    {"permits", TEXT, MEMBER(permits), NULL, "signed permit table", "署名済み情報提供許可表"},
    {"issuer", TEXT, MEMBER(issuer), NULL, "socket of vrx-issuer", "証明書発行装置のソケット"},
    {"platform-terminal", PLATFORM, 0, "",
        "certificate of a terminal of the platform operator (PEM); may be given again",
        "運用事業者の端末証明書"},
    {"threads", NUMBER, MEMBER(threads), "2", "I/O threads", "入出力スレッド数"},
    {"idle-seal-seconds", NUMBER, MEMBER(idle_seal_seconds), "0",
        "seal a municipality's vault after so long without a call; 0: never",
        "この時間呼び出しがない保管庫を封印する（秒。0は無効）"},
    {"pending-seconds", NUMBER, MEMBER(pending_seconds), "86400",
        "how long a query pends that finds nobody, or somebody protected", "照会の保留時間（秒）"},
    {"transfer-seconds", NUMBER, MEMBER(transfer_seconds), "604800",
        "how long a query may wait for its answer", "照会の期限（秒）"},
    {"backup-wal-mebibytes", NUMBER, MEMBER(backup_wal_mebibytes), "1024",
        "a backup gives up when an open vault's log has grown so far meanwhile",
        "開封中のバックアップを中止するログの大きさ（MiB）"},
};

#define ROWS (sizeof rows / sizeof rows[0])

static void help(void) {
    printf(
        "vrxd - the daemon of the Vaccination Record eXchange\n"
        "       接種記録交換システムのデーモン\n\n"
        "usage: vrxd --state DIR --certificate FILE --key FILE --client-ca FILE \\\n"
        "            --authority FILE --directory FILE --permits FILE --issuer SOCKET [...]\n\n");
    for (size_t i = 0; i < ROWS; i++) {
        printf("  --%s%s\n        %s\n        %s\n", rows[i].name,
            rows[i].kind == NUMBER ? " N" : " TEXT", rows[i].en, rows[i].ja);
        if (rows[i].fallback && rows[i].fallback[0])
            printf("        default: %s\n", rows[i].fallback);
    }
    printf("\n  --help     this text\n  --version\n\n"
           "SIGTERM drains, seals and ends; SIGUSR1 seals every tenant. A changed directory or "
           "permit\n"
           "table is read within a second.\n"
           "Every tenant starts sealed; its custodian unseals it with `vrx unseal`.\n"
           "起動時はすべて封印されています。鍵管理者が `vrx unseal` で開封します。\n");
}

static bool set(struct vrxd_options *options, const struct option_row *row, const char *text) {
    char *member = (char *)options + row->member;
    if (row->kind == TEXT) {
        memcpy(member, &text, sizeof text);
    } else if (row->kind == PLATFORM) {
        if (!text[0])
            return true;
        if (options->platform_count == VRXD_PLATFORM_TERMINALS)
            return false;
        options->platform[options->platform_count++] = text;
    } else {
        char *end = NULL;
        long value = strtol(text, &end, 10);
        if (!text[0] || *end || value < 0 || value > 1L << 31)
            return false;
        memcpy(member, &value, sizeof value);
    }
    return true;
}

static bool complete(struct vrxd_options *options, const bool given[ROWS]) {
    for (size_t i = 0; i < ROWS; i++) {
        if (given[i])
            continue;
        if (!rows[i].fallback) {
            fprintf(stderr, "vrxd: --%s is missing; see vrxd --help\n", rows[i].name);
            return false;
        }
        set(options, &rows[i], rows[i].fallback);
    }
    return true;
}

bool vrxd_options_parse(int argc, char **argv, struct vrxd_options *ret_options, int *ret_status) {
    struct option longs[ROWS + 3] = {{0}};
    for (size_t i = 0; i < ROWS; i++)
        longs[i] = (struct option){rows[i].name, required_argument, NULL, (int)i + 1};
    longs[ROWS] = (struct option){"help", no_argument, NULL, 'h'};
    longs[ROWS + 1] = (struct option){"version", no_argument, NULL, 'v'};
    bool given[ROWS] = {false};
    *ret_status = 2;
    for (int found; (found = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (found == 'h' || found == 'v') {
            *ret_status = 0;
            if (found == 'h')
                help();
            else
                printf("vrxd %s\n", VRX_VERSION);
            return false;
        }
        if (found < 1 || found > (int)ROWS)
            return false;
        if (!set(ret_options, &rows[found - 1], optarg)) {
            fprintf(stderr, "vrxd: --%s: %s is not usable here\n", rows[found - 1].name, optarg);
            return false;
        }
        given[found - 1] = true;
    }
    if (optind != argc) {
        fprintf(stderr, "vrxd: %s: no such argument; see vrxd --help\n", argv[optind]);
        return false;
    }
    return complete(ret_options, given);
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
