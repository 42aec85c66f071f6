/* SPDX-License-Identifier: Apache-2.0
 *
 * The key ceremony log, and the change from one signer to the next.
 */
#include "cli/ceremony.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "formats/hcert.h"
#include "formats/vds/vds_nc.h"
#include "pki/pki.h"

#define SECONDS_A_DAY 86400
#define DEFAULT_DAYS 730

static const char *who_is_there(const struct vrx_arguments *arguments, char room[32]) {
    const char *given = vrx_argument(arguments, "ceremony-by");
    const char *user = given ? given : getenv("USER");
    if (user && *user)
        return user;
    (void)snprintf(room, 32, "uid %lu", (unsigned long)getuid());
    return room;
}

struct vrx_result vrx_cli_ceremony_note(const struct vrx_arguments *arguments,
    struct vrx_ceremony_log *log, enum vrx_ceremony_act act, const char *ca_folder,
    const uint8_t object[VRX_CEREMONY_HASH]) {
    struct vrx_certificate *ca VRX_CLEANUP(vrx_certificate_free) = NULL;
    char path[VRX_CLI_PATH];
    char room[32];
    VRX_TRY(vrx_folder_path(ca_folder, "certificate.pem", path));
    VRX_TRY(vrx_pki_read_certificate(path, &ca));
    struct vrx_ceremony_line line = {
        .time = vrx_cli_now(), .act = act, .who = vrx_view_text(who_is_there(arguments, room))};
    VRX_TRY(vrx_public_key_spki_sha256(vrx_certificate_key(ca), line.key));
    memcpy(line.object, object, sizeof line.object);
    return vrx_ceremony_note(log, &line);
}

struct vrx_result vrx_cli_ceremony_certificate(const struct vrx_arguments *arguments,
    struct vrx_ceremony_log *log, enum vrx_ceremony_act act, const char *ca_folder,
    const char *certificate) {
    struct vrx_certificate *cert VRX_CLEANUP(vrx_certificate_free) = NULL;
    uint8_t digest[VRX_CEREMONY_HASH];
    VRX_TRY(vrx_pki_read_certificate(certificate, &cert));
    VRX_TRY(vrx_certificate_sha256(cert, digest));
    return vrx_cli_ceremony_note(arguments, log, act, ca_folder, digest);
}

/* ---- ceremony-log ---- */

static const char *const acts_ja[VRX_CEREMONY_ACTS] = {
    [VRX_CEREMONY_MADE] = "鍵生成",
    [VRX_CEREMONY_SIGNED] = "証明書署名",
    [VRX_CEREMONY_RENEWED] = "更新",
    [VRX_CEREMONY_REVOKED] = "失効",
    [VRX_CEREMONY_LISTED] = "失効リスト",
};

static void put_json_line(struct vrx_json *list, const struct vrx_ceremony_line *line) {
    struct vrx_json row;
    char who[VRX_CEREMONY_WHO + 1];
    (void)snprintf(who, sizeof who, "%.*s", (int)line->who.len, (const char *)line->who.ptr);
    vrx_json_object(&row);
    vrx_json_time(&row, "time", line->time);
    vrx_json_text(&row, "act", vrx_ceremony_act_name(line->act));
    vrx_json_hex(&row, "key", vrx_view_of(line->key, sizeof line->key));
    vrx_json_hex(&row, "object", vrx_view_of(line->object, sizeof line->object));
    vrx_json_text(&row, "by", who);
    vrx_json_hex(&row, "chain", vrx_view_of(line->chain, sizeof line->chain));
    vrx_json_add(list, &row);
}

static int show_json(const struct vrx_ceremony_log *log) {
    struct vrx_json list VRX_CLEANUP(vrx_json_done) = {0};
    vrx_json_array(&list);
    for (size_t i = 0; i < vrx_ceremony_count(log); i++) {
        const struct vrx_ceremony_line line = vrx_ceremony_at(log, i);
        put_json_line(&list, &line);
    }
    return vrx_json_print(&list);
}

static int show_table(const struct vrx_ceremony_log *log) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    char hex[2 * VRX_CEREMONY_HASH + 1];
    vrx_table_init(&table, (const char *const[]){"time / 日時", "act / 操作", "object / 対象",
                               "by / 立会人", "chain / 連鎖", NULL});
    for (size_t i = 0; i < vrx_ceremony_count(log); i++) {
        const struct vrx_ceremony_line line = vrx_ceremony_at(log, i);
        vrx_table_time(&table, line.time);
        vrx_table_format(&table, "%s %s", vrx_ceremony_act_name(line.act), acts_ja[line.act]);
        vrx_hex_string(vrx_view_of(line.object, 8), hex);
        vrx_table_text(&table, hex);
        vrx_table_format(&table, "%.*s", (int)line.who.len, (const char *)line.who.ptr);
        vrx_hex_string(vrx_view_of(line.chain, sizeof line.chain), hex);
        vrx_table_text(&table, hex);
    }
    VRX_CLI_TRY(vrx_print_table(&table));
    printf("the chain of %zu lines is whole / %zu 行の連鎖は完全です\n", vrx_ceremony_count(log),
        vrx_ceremony_count(log));
    return VRX_EXIT_OK;
}

static int run_ceremony_log(const struct vrx_arguments *arguments) {
    struct vrx_ceremony_log *log VRX_CLEANUP(vrx_ceremony_close) = NULL;
    struct vrx_result result = vrx_ceremony_open(vrx_argument(arguments, "ca"), &log);
    if (vrx_is_ok(result) && !vrx_ceremony_count(log))
        result = vrx_refuse(VRX_NOT_FOUND, "ceremony.log");
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "ca"), result);
    return vrx_argument_json(arguments) ? show_json(log) : show_table(log);
}

/* ---- rollover ---- */

/* From one signer to the next. */
struct rollover {
    struct vrx_certificate *before;
    struct vrx_certificate *next;
    struct vrx_ceremony_log *log;
    char paths[6][VRX_CLI_PATH];
};
enum { OLD_CERTIFICATE, OLD_KEY, NEW_CERTIFICATE, NEW_KEY, CSCA_CERTIFICATE, CSCA_KEY };

static void rollover_done(struct rollover *rollover) {
    vrx_ceremony_close(&rollover->log);
    vrx_certificate_free(&rollover->next);
    vrx_certificate_free(&rollover->before);
}

static struct vrx_result find_paths(
    const struct vrx_arguments *arguments, struct rollover *rollover) {
    static const char *const options[] = {"signer", "out", "csca"};
    VRX_TRY(vrx_folder_make(vrx_argument(arguments, "out")));
    for (size_t i = 0; i < 3; i++) {
        const char *folder = vrx_argument(arguments, options[i]);
        VRX_TRY(vrx_folder_path(folder, "certificate.pem", rollover->paths[2 * i]));
        VRX_TRY(vrx_folder_path(folder, "key.pem", rollover->paths[2 * i + 1]));
    }
    return vrx_ok();
}

static struct vrx_result profile_of(
    const struct vrx_certificate *signer, enum vrx_certificate_profile *ret_profile) {
    if (!vrx_certificate_is_ca(signer) && vrx_certificate_eku(signer, VRX_HCERT_USAGE_VACCINATION))
        *ret_profile = VRX_PROFILE_DSC_VACCINATION;
    else if (!vrx_certificate_is_ca(signer) && vrx_certificate_eku(signer, VRX_VDS_NC_USAGE))
        *ret_profile = VRX_PROFILE_VDS_SIGNER;
    else
        return vrx_refuse(VRX_INPUT_RANGE, "--signer: a signer of certificates");
    return vrx_ok();
}

/* The next one begins while the present one lasts, and lasts longer. */
static struct vrx_result make_next(
    const struct vrx_arguments *arguments, struct rollover *rollover, uint32_t days) {
    struct vrx_certificate *csca VRX_CLEANUP(vrx_certificate_free) = NULL;
    struct vrx_pki_order order = {
        .days = days,
        .certificate = rollover->paths[NEW_CERTIFICATE],
        .key = rollover->paths[NEW_KEY],
        .issuer_certificate = rollover->paths[CSCA_CERTIFICATE],
        .issuer_key = rollover->paths[CSCA_KEY],
    };
    const int64_t now = vrx_cli_now();
    VRX_TRY(vrx_pki_read_certificate(rollover->paths[OLD_CERTIFICATE], &rollover->before));
    VRX_TRY(vrx_pki_read_certificate(rollover->paths[CSCA_CERTIFICATE], &csca));
    VRX_TRY(vrx_certificate_issued_by(rollover->before, csca));
    VRX_TRY(profile_of(rollover->before, &order.profile));
    if (now > vrx_certificate_not_after(rollover->before))
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 5280 §4.1.2.5: the signer's time is over");
    if (now + (int64_t)days * SECONDS_A_DAY - 1 <= vrx_certificate_not_after(rollover->before))
        return vrx_refuse(VRX_INPUT_RANGE, "--days: the next signer outlives the present one");
    order.country = vrx_certificate_country(rollover->before);
    order.common_name = vrx_certificate_common_name(rollover->before);
    VRX_TRY(vrx_ceremony_open(vrx_argument(arguments, "csca"), &rollover->log));
    VRX_TRY(vrx_pki_make(&order, now, vrx_random_system()));
    VRX_TRY(vrx_cli_ceremony_certificate(arguments, rollover->log, VRX_CEREMONY_SIGNED,
        vrx_argument(arguments, "csca"), rollover->paths[NEW_CERTIFICATE]));
    return vrx_pki_read_certificate(rollover->paths[NEW_CERTIFICATE], &rollover->next);
}

/* What it signed stays valid; it signs nothing more. Overwritten first, for disks where that
 * helps. */
static struct vrx_result end_key(const char *path) {
    static const uint8_t zeros[4096];
    struct stat status;
    const int file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return vrx_refuse(VRX_NOT_FOUND, "--end-old-key: the signer's key");
    bool good = fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
                status.st_size <= (off_t)sizeof zeros &&
                write(file, zeros, (size_t)status.st_size) == status.st_size && fsync(file) == 0;
    good = close(file) == 0 && good && unlink(path) == 0;
    return good ? vrx_ok() : vrx_fail(VRX_DISK_FAILED);
}

static int report(const struct vrx_arguments *arguments, const struct rollover *rollover) {
    char from[VRX_PRINT_TIME];
    char until[VRX_PRINT_TIME];
    const int64_t begins = vrx_certificate_not_before(rollover->next);
    const int64_t ends = vrx_certificate_not_after(rollover->before);
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done) = {0};
        vrx_json_object(&json);
        vrx_json_text(&json, "certificate", rollover->paths[NEW_CERTIFICATE]);
        vrx_json_text(&json, "key", rollover->paths[NEW_KEY]);
        vrx_json_time(&json, "both_from", begins);
        vrx_json_time(&json, "both_until", ends);
        vrx_json_bool(&json, "old_key_ended", vrx_argument_given(arguments, "end-old-key"));
        return vrx_json_print(&json);
    }
    vrx_print_time(begins, from);
    vrx_print_time(ends, until);
    printf("made %s; both are valid / 両方有効: %s - %s\n"
           "sign a trust list with both signers before the new one signs / "
           "新しい署名者が署名する前に、両方を載せた信頼リストに署名してください\n",
        rollover->paths[NEW_CERTIFICATE], from, until);
    return VRX_EXIT_OK;
}

static int run_rollover(const struct vrx_arguments *arguments) {
    struct rollover rollover VRX_CLEANUP(rollover_done) = {0};
    uint64_t days = 0;
    VRX_CLI_TRY(vrx_value_number(arguments, "days", 1, VRX_PKI_DAYS_MAX, DEFAULT_DAYS, &days));
    struct vrx_result result = find_paths(arguments, &rollover);
    if (vrx_is_ok(result))
        result = make_next(arguments, &rollover, (uint32_t)days);
    if (vrx_is_ok(result) && vrx_argument_given(arguments, "end-old-key"))
        result = end_key(rollover.paths[OLD_KEY]);
    return vrx_is_ok(result) ? report(arguments, &rollover)
                             : vrx_print_refusal(vrx_argument(arguments, "signer"), result);
}

static const struct vrx_option log_options[] = {
    {"ca", "DIR", true, false, "the folder of a CA or CSCA", "認証局のフォルダー"},
    {0},
};

static const struct vrx_option rollover_options[] = {
    {"csca", "DIR", true, false, "the CSCA's folder", "CSCA のフォルダー"},
    {"signer", "DIR", true, false, "the present signer's folder", "現在の署名者のフォルダー"},
    {"out", "DIR", true, false, "folder of the next one", "新しい署名者の出力先フォルダー"},
    {"days", "N", false, false, "days of validity; default: 730", "有効日数（既定は730）"},
    {"end-old-key", NULL, false, false,
        "removes the present signer's key: what it signed stays valid, it signs nothing more",
        "現在の署名者の秘密鍵を削除する（発行済みの証明書は有効のまま）"},
    VRX_CEREMONY_OPTION,
    {0},
};

const struct vrx_command vrx_cli_ceremony_commands[] = {
    {"pki rollover", false, "make the next signer while the present one lasts: both are valid",
        "有効期間を重ねて次の署名者を作る", rollover_options, run_rollover},
    {"pki ceremony-log", false, "verify and show what was done with a CA's key",
        "認証局の鍵の使用記録を検証して表示する", log_options, run_ceremony_log},
    {0},
};
