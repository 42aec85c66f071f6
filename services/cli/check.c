/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx check`: is the municipality's open vault whole? Nothing is changed.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/tenancy.pb-c.h"

#define BARS 3 /* pages, tables, entries of the ledger */

struct checking {
    bool json;
    size_t bar; /* that is drawn */
    struct vrx_progress progress;
    bool whole;
};

static int print_whole(const struct checking *checking, const Vrx__V1__CheckVaultResponse *at) {
    if (checking->json) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_json_bool(&json, "whole", true);
        vrx_json_number(&json, "pages", at->pages);
        vrx_json_number(&json, "tables", at->tables);
        vrx_json_number(&json, "entries", at->entries);
        return vrx_json_print(&json);
    }
    printf("whole: %llu pages, %llu tables, %llu entries of the ledger\n"
           "異常なし: ページ %llu、表 %llu、台帳の記録 %llu\n",
        (unsigned long long)at->pages, (unsigned long long)at->tables,
        (unsigned long long)at->entries, (unsigned long long)at->pages,
        (unsigned long long)at->tables, (unsigned long long)at->entries);
    return VRX_EXIT_OK;
}

static int take(void *context, const ProtobufCMessage *reply) {
    static const char *const names[BARS] = {"pages", "tables", "ledger"};
    struct checking *checking = context;
    const Vrx__V1__CheckVaultResponse *at = (const void *)reply;
    const uint64_t done[BARS] = {at->pages, at->tables, at->entries};
    const uint64_t total[BARS] = {at->pages_total, at->tables_total, at->entries_total};
    size_t bar = (size_t)at->phase - VRX__V1__CHECK_PHASE__CHECK_PHASE_PAGES;
    if (bar > BARS || checking->whole)
        return VRX_EXIT_OK; /* of a newer service, or after the last */
    checking->whole = bar == BARS;
    if (checking->bar != bar) {
        vrx_progress_show(&checking->progress, total[checking->bar], total[checking->bar]);
        checking->bar = bar;
        if (bar < BARS)
            vrx_progress_init(&checking->progress, names[bar]);
    }
    if (bar == BARS)
        return print_whole(checking, at);
    if (total[bar])
        vrx_progress_show(&checking->progress, done[bar], total[bar]);
    return VRX_EXIT_OK;
}

static void explain_damage(void) {
    fputs(
        "\n"
        "The vault is damaged and has sealed itself: the disk is failing, or somebody changed the\n"
        "file. Keep a copy of vault.db and vault.db-wal for the investigation, have the operator\n"
        "restore the newest backup, and unseal with the checkpoint that you hold.\n"
        "保管庫が破損しているため、自動的に封印されました。ディスクの故障か、ファイルの改変です。\n"
        "調査のため vault.db と vault.db-wal の写しを保全し、運営者に最新のバックアップの復元を\n"
        "求め、保持している検証点で開封してください。\n",
        stderr);
}

static int run_check(const struct vrx_arguments *arguments) {
    struct checking checking = {.json = vrx_argument_json(arguments)};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    Vrx__V1__CheckVaultRequest request;
    vrx__v1__check_vault_request__init(&request);
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    vrx_progress_init(&checking.progress, "pages");
    int status = vrx_call_replies(&connection, VRX_REMOTE("Tenancy", "CheckVault", check_vault),
        &request.base, take, &checking);
    if (status != VRX_EXIT_OK && !checking.whole)
        vrx_progress_stop(&checking.progress);
    if (connection.refused == VRX_VAULT_DAMAGED)
        explain_damage();
    return status;
}

const struct vrx_command vrx_cli_check_commands[] = {
    {"check", true, "is the municipality's vault whole: pages, tables, ledger",
        "保管庫の完全性を検査する（ページ、表、台帳）", NULL, run_check},
    {0},
};
