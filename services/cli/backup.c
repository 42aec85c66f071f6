/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking, listing and putting back backups through the daemon. No key is needed: what a backup
 * holds only the municipality's custodians see (backup_verify.c, unseal.c).
 */
#include <stdio.h>

#include "cli/backup.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/backups.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

static void backup_json(const Vrx__V1__Backup *backup, struct vrx_json *ret_json) {
    vrx_json_object(ret_json);
    vrx_json_text(ret_json, "municipality", backup->municipality);
    vrx_json_text(ret_json, "name", backup->name);
    vrx_json_time(ret_json, "begun_at", backup->begun_at);
    vrx_json_number(ret_json, "bytes", backup->bytes);
    vrx_json_bool(ret_json, "replaced", backup->replaced);
}

static int print_one(const struct vrx_arguments *arguments, const Vrx__V1__Backup *backup) {
    char time[VRX_PRINT_TIME];
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        backup_json(backup, &json);
        return vrx_json_print(&json);
    }
    vrx_print_time(backup->begun_at, time);
    printf("%s %s   %s   %llu bytes / バイト\n", backup->municipality, backup->name, time,
        (unsigned long long)backup->bytes);
    fflush(stdout);
    return VRX_EXIT_OK;
}

/* ---- backup ---- */

struct taking {
    const struct vrx_arguments *arguments;
    struct vrx_progress progress;
    bool told; /* the last message has come */
};

static int take_message(void *context, const ProtobufCMessage *reply) {
    struct taking *taking = context;
    const Vrx__V1__TakeBackupResponse *message = (const void *)reply;
    vrx_progress_show(&taking->progress, message->done, message->total);
    if (!message->backup)
        return VRX_EXIT_OK;
    taking->told = true;
    return print_one(taking->arguments, message->backup);
}

/* An end without the last message would leave open whether there is a backup. */
static int incomplete(const char *method) {
    return vrx_print_refusal(method, vrx_refuse(VRX_INPUT_TRUNCATED, "the stream's last message"));
}

static int take_one(
    const struct vrx_arguments *arguments, struct vrx_connection *connection, char *municipality) {
    struct taking taking = {.arguments = arguments};
    Vrx__V1__TakeBackupRequest request;
    vrx__v1__take_backup_request__init(&request);
    request.municipality = municipality;
    vrx_progress_init(&taking.progress, municipality);
    int status = vrx_call_replies(connection, VRX_REMOTE("Backups", "TakeBackup", take_backup),
        &request.base, take_message, &taking);
    vrx_progress_stop(&taking.progress);
    if (status == VRX_EXIT_OK && !taking.told)
        status = incomplete("TakeBackup");
    if (status != VRX_EXIT_OK)
        fprintf(stderr, "     %s: there is no backup / バックアップは作成されていません\n",
            municipality);
    return status;
}

/* One after the other; a failure does not keep the next one from its backup. */
static int take_all(const struct vrx_arguments *arguments, struct vrx_connection *connection) {
    Vrx__V1__StatusRequest request;
    vrx__v1__status_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(
        vrx_call_unary(connection, VRX_REMOTE("Tenancy", "Status", status), &request.base, &reply));
    const Vrx__V1__StatusResponse *tenants = (const void *)reply;
    int worst = VRX_EXIT_OK;
    for (size_t i = 0; i < tenants->n_tenants; i++) {
        int status = take_one(arguments, connection, tenants->tenants[i]->municipality);
        if (status > worst)
            worst = status;
    }
    return worst;
}

static int run_backup(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    char *municipality = vrx_value_text(arguments, "municipality");
    if (municipality[0])
        VRX_CLI_TRY(vrx_value_municipality("municipality", municipality));
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    return municipality[0] ? take_one(arguments, &connection, municipality)
                           : take_all(arguments, &connection);
}

/* ---- list ---- */

static int list_json(const Vrx__V1__ListBackupsResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_backups; i++) {
        struct vrx_json row;
        backup_json(list->backups[i], &row);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int list_table(const Vrx__V1__ListBackupsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"municipality / 団体", "name / 名前",
                               "begun / 開始", "bytes / バイト", "", NULL});
    for (size_t i = 0; i < list->n_backups; i++) {
        const Vrx__V1__Backup *backup = list->backups[i];
        char time[VRX_PRINT_TIME];
        vrx_print_time(backup->begun_at, time);
        vrx_table_text(&table, backup->municipality);
        vrx_table_text(&table, backup->name);
        vrx_table_text(&table, time);
        vrx_table_format(&table, "%llu", (unsigned long long)backup->bytes);
        vrx_table_text(&table, backup->replaced ? "set aside by a restore / 復元時に退避" : NULL);
    }
    return vrx_print_table(&table);
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    Vrx__V1__ListBackupsRequest request;
    vrx__v1__list_backups_request__init(&request);
    request.municipality = vrx_value_text(arguments, "municipality");
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Backups", "ListBackups", list_backups), &request.base, &reply));
    const Vrx__V1__ListBackupsResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

/* ---- inspect ---- */

/* --backup or --replaced, exactly one. */
static int read_name(const struct vrx_arguments *arguments, char **ret_name, bool *ret_replaced) {
    const bool backup = vrx_argument_given(arguments, "backup");
    *ret_replaced = vrx_argument_given(arguments, "replaced");
    if (backup == *ret_replaced)
        return vrx_value_wrong("backup", "either --backup or --replaced",
            "--backup か --replaced のどちらか一方を指定します");
    *ret_name = vrx_value_text(arguments, backup ? "backup" : "replaced");
    return VRX_EXIT_OK;
}

static int run_inspect(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    Vrx__V1__InspectBackupRequest request;
    bool replaced = false;
    vrx__v1__inspect_backup_request__init(&request);
    VRX_CLI_TRY(read_name(arguments, &request.name, &replaced));
    request.replaced = replaced;
    request.municipality = vrx_value_text(arguments, "municipality");
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    ProtobufCMessage *message = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection, VRX_REMOTE("Backups", "InspectBackup", inspect_backup),
        &request.base, &message));
    const Vrx__V1__InspectBackupResponse *reply = (const void *)message;
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        backup_json(reply->backup, &json);
        vrx_json_number(&json, "custodians", reply->custodians);
        vrx_json_number(&json, "threshold", reply->threshold);
        return vrx_json_print(&json);
    }
    VRX_CLI_TRY(print_one(arguments, reply->backup));
    printf("whole in form; %u of %u custodians open it. That its content is genuine, only they can "
           "tell: vrx backup verify\n"
           "形式は正常です。%u人中%u人の鍵管理者がそろうと開けます。内容は vrx backup verify "
           "で鍵管理者だけが確認できます\n",
        reply->threshold, reply->custodians, reply->custodians, reply->threshold);
    return VRX_EXIT_OK;
}

/* ---- restore ---- */

struct restoring {
    const struct vrx_arguments *arguments;
    struct vrx_progress progress;
    bool told;
};

static int print_restored(
    const struct vrx_arguments *arguments, const Vrx__V1__RestoreBackupResponse *message) {
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        struct vrx_json aside;
        vrx_json_object(&json);
        vrx_json_bool(&json, "restored", true);
        if (message->aside) {
            backup_json(message->aside, &aside);
            vrx_json_put(&json, "aside", &aside);
        }
        return vrx_json_print(&json);
    }
    printf("restored; its custodians unseal it now, and every page is verified then\n"
           "復元しました。鍵管理者が開封するときに、すべてのページを検証します\n");
    if (message->aside)
        printf("what was there is kept as %s; when the restored vault is open and right: "
               "vrx restore discard --replaced %s\n"
               "以前の保管庫は %s として残しています。開封して問題がなければ vrx restore discard "
               "で消去できます\n",
            message->aside->name, message->aside->name, message->aside->name);
    return VRX_EXIT_OK;
}

static int take_restored(void *context, const ProtobufCMessage *reply) {
    struct restoring *restoring = context;
    const Vrx__V1__RestoreBackupResponse *message = (const void *)reply;
    if (!message->restored) {
        vrx_progress_show(&restoring->progress, message->done, message->total);
        return VRX_EXIT_OK;
    }
    vrx_progress_show(&restoring->progress, 1, 1);
    restoring->told = true;
    return print_restored(restoring->arguments, message);
}

static int run_restore(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct restoring restoring = {.arguments = arguments};
    Vrx__V1__RestoreBackupRequest request;
    bool replaced = false;
    vrx__v1__restore_backup_request__init(&request);
    VRX_CLI_TRY(read_name(arguments, &request.name, &replaced));
    request.replaced = replaced;
    request.municipality = vrx_value_text(arguments, "municipality");
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    vrx_progress_init(&restoring.progress, "restore / 復元");
    int status =
        vrx_call_replies(&connection, VRX_REMOTE("Backups", "RestoreBackup", restore_backup),
            &request.base, take_restored, &restoring);
    vrx_progress_stop(&restoring.progress);
    return status == VRX_EXIT_OK && !restoring.told ? incomplete("RestoreBackup") : status;
}

static int run_discard(const struct vrx_arguments *arguments) {
    Vrx__V1__DiscardReplacedRequest request;
    vrx__v1__discard_replaced_request__init(&request);
    request.name = vrx_value_text(arguments, "replaced");
    request.municipality = vrx_value_text(arguments, "municipality");
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Backups", "DiscardReplaced", discard_replaced), &request.base));
    return vrx_print_done(arguments, "discarded", "消去しました");
}

#define MUNICIPALITY(en, ja) \
    { "municipality", "CODE", false, false, en, ja }
#define REPLACED(required) \
    { \
        "replaced", "NAME", required, false, \
            "what a restore has set aside, by its name in vrx backup list", \
            "復元時に退避した保管庫の名前（vrx backup list）" \
    }

static const struct vrx_option take_options[] = {
    MUNICIPALITY("of which; all that the terminal may, one after the other, where it is not given",
        "団体コード（省略時は対象のすべてを順に）"),
    {0},
};

static const struct vrx_option list_options[] = {
    MUNICIPALITY("of which; all that the terminal may see where it is not given",
        "団体コード（省略時は対象のすべて）"),
    {0},
};

static const struct vrx_option inspect_options[] = {
    {"backup", "NAME", false, false, "by its name in vrx backup list",
        "バックアップの名前（vrx backup list）"},
    REPLACED(false),
    MUNICIPALITY("of which; the terminal's own where it is not given", "団体コード"),
    {0},
};

static const struct vrx_option discard_options[] = {
    REPLACED(true),
    MUNICIPALITY("of which; the terminal's own where it is not given", "団体コード"),
    {0},
};

/* The longer words come first: the first command that fits is taken. */
const struct vrx_command vrx_cli_backup_commands[] = {
    {"backup list", true, "which backups there are, and what restores have set aside",
        "バックアップの一覧", list_options, run_list},
    {"backup inspect", true, "look at a backup's structure, without a key",
        "バックアップの形式を確認する（鍵は不要）", inspect_options, run_inspect},
    {"backup verify", false, "check a backup whole, offline, with the custodians' keys",
        "鍵管理者の鍵でバックアップの内容を検証する（オフライン）", vrx_cli_backup_verify_options,
        vrx_cli_backup_verify},
    {"backup", true, "take a backup, of an open or a sealed vault; no key is needed",
        "保管庫のバックアップを作成する（開封中も可、鍵は不要）", take_options, run_backup},
    {"restore discard", true, "delete for good what a restore has set aside",
        "復元時に退避した保管庫を完全に消去する", discard_options, run_discard},
    {"restore", true, "put a backup in the place of a sealed vault, or of one that is lost",
        "封印中の（または失われた）保管庫をバックアップから復元する", inspect_options, run_restore},
    {0},
};
