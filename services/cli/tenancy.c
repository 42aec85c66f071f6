/* SPDX-License-Identifier: Apache-2.0
 *
 * The daemon's tenants: which there are, taking one in, sealing one. Opening one is unseal.c.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/json.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/session.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "keyring/keyring.h"
#include "vrx/v1/tenancy.pb-c.h"

static int status_json(const Vrx__V1__StatusResponse *status) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    struct vrx_json tenants;
    vrx_json_object(&json);
    vrx_json_array(&tenants);
    for (size_t i = 0; i < status->n_tenants; i++) {
        struct vrx_json tenant;
        vrx_json_object(&tenant);
        vrx_json_text(&tenant, "municipality", status->tenants[i]->municipality);
        vrx_json_bool(&tenant, "sealed", status->tenants[i]->sealed);
        vrx_json_number(&tenant, "terminals_ending", status->tenants[i]->terminals_ending);
        vrx_json_add(&tenants, &tenant);
    }
    vrx_json_text(&json, "version", status->version);
    vrx_json_bool(&json, "issuer_available", status->issuer_available);
    vrx_json_put(&json, "tenants", &tenants);
    return vrx_json_print(&json);
}

static int status_table(const Vrx__V1__StatusResponse *status) {
    printf("vrxd %s, issuer / 証明書発行装置: %s\n", status->version,
        status->issuer_available ? "available / 利用可" : "not available / 応答なし");
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table, (const char *const[]){"municipality / 団体", "vault / 保管庫", NULL});
    for (size_t i = 0; i < status->n_tenants; i++) {
        vrx_table_text(&table, status->tenants[i]->municipality);
        vrx_table_text(&table, status->tenants[i]->sealed ? "sealed / 封印" : "open / 開封");
    }
    VRX_CLI_TRY(vrx_print_table(&table));
    for (size_t i = 0; i < status->n_tenants; i++)
        if (status->tenants[i]->terminals_ending)
            fprintf(stderr,
                "vrx: %u terminals' certificates end soon: vrx terminal list / "
                "証明書の期限が近い端末があります\n",
                status->tenants[i]->terminals_ending);
    return VRX_EXIT_OK;
}

static int run_status(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect_unlogged(arguments, &connection));
    Vrx__V1__StatusRequest request;
    vrx__v1__status_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Tenancy", "Status", status), &request.base, &reply));
    const Vrx__V1__StatusResponse *status = (const void *)reply;
    return vrx_argument_json(arguments) ? status_json(status) : status_table(status);
}

static int run_create(const struct vrx_arguments *arguments) {
    struct vrx_buffer keyring VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, "keyring"), VRX_LIMIT_KEYRING, &keyring));
    uint8_t console[VRX_DIGEST];
    VRX_CLI_TRY(vrx_cli_terminal_digest(vrx_argument(arguments, "console"), console));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__CreateTenantRequest request;
    vrx__v1__create_tenant_request__init(&request);
    request.keyring = (ProtobufCBinaryData){keyring.len, keyring.ptr};
    request.console_spki_sha256 = (ProtobufCBinaryData){sizeof console, console};
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Tenancy", "CreateTenant", create_tenant), &request.base, &reply));
    const Vrx__V1__CreateTenantResponse *created = (const void *)reply;
    return vrx_print_field(arguments, "municipality", created->municipality);
}

static int run_retire(const struct vrx_arguments *arguments) {
    VRX_CLI_TRY(vrx_value_municipality("municipality", vrx_argument(arguments, "municipality")));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__RetireTenantRequest request;
    vrx__v1__retire_tenant_request__init(&request);
    request.municipality = vrx_value_text(arguments, "municipality");
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(
        &connection, VRX_REMOTE("Tenancy", "RetireTenant", retire_tenant), &request.base, &reply));
    const Vrx__V1__RetireTenantResponse *retired = (const void *)reply;
    return vrx_print_field(arguments, "folder", retired->folder);
}

static int run_seal(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__SealRequest request;
    vrx__v1__seal_request__init(&request);
    VRX_CLI_TRY(
        vrx_call_unary(&connection, VRX_REMOTE("Tenancy", "Seal", seal), &request.base, NULL));
    if (connection.session) /* it ended with the seal */
        VRX_CLI_TRY(vrx_cli_session_forget(connection.terminal, connection.session));
    return vrx_print_done(arguments, "sealed", "封印しました");
}

static const struct vrx_option create_options[] = {
    {"keyring", "FILE", true, false, "keyring.cbor, made by vrx custodian init",
        "vrx custodian init で作った鍵束"},
    {"console", "CERT.pem", true, false, "certificate of the municipality's first console",
        "自治体の最初の管理端末の証明書"},
    {0},
};

static const struct vrx_option retire_options[] = {
    {"municipality", "CODE", true, false, "which; its own people have sealed its vault",
        "自治体コード（保管庫は自治体側で封印済みのこと）"},
    {0},
};

const struct vrx_command vrx_cli_tenancy_commands[] = {
    {"status", true, "which municipalities the service keeps, and which are sealed",
        "自治体の一覧と保管庫の状態", NULL, run_status},
    {"tenant create", true, "take in a municipality (platform operator)",
        "自治体を登録する（運営者）", create_options, run_create},
    {"tenant retire", true,
        "set aside the folder of a municipality that leaves; nothing is deleted (platform "
        "operator)",
        "利用を終える自治体のフォルダーを退避する（削除はしない。運営者）", retire_options,
        run_retire},
    {"seal", true, "seal the municipality's vault; its keys are wiped",
        "保管庫を封印し、鍵を消去する", NULL, run_seal},
    {0},
};
