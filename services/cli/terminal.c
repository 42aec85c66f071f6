/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's terminals: each is known by the public key of its certificate.
 */
#include <stdio.h>

#include "base/encode.h"
#include "cli/connect.h"
#include "cli/json.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "vrx/v1/tenancy.pb-c.h"

int vrx_cli_terminal_digest(const char *path, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_result result = vrx_cli_certificate_key(path, &key);
    if (vrx_is_ok(result))
        result = vrx_public_key_spki_sha256(key, ret_digest);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(path, result);
}

static int run_register(const struct vrx_arguments *arguments) {
    unsigned kind = 0;
    uint8_t spki[VRX_DIGEST];
    VRX_CLI_TRY(vrx_value_choice(arguments, "kind", 0, vrx_terminal_kind_choices, &kind));
    VRX_CLI_TRY(vrx_cli_terminal_digest(vrx_argument(arguments, "certificate"), spki));
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__Terminal terminal;
    vrx__v1__terminal__init(&terminal);
    terminal.spki_sha256 = (ProtobufCBinaryData){sizeof spki, spki};
    terminal.kind = (Vrx__V1__TerminalKind)kind;
    terminal.label = vrx_value_text(arguments, "label");
    Vrx__V1__RegisterTerminalRequest request;
    vrx__v1__register_terminal_request__init(&request);
    request.terminal = &terminal;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Tenancy", "RegisterTerminal", register_terminal), &request.base, NULL));
    char hex[2 * VRX_DIGEST + 1];
    vrx_hex_string(vrx_view_of(spki, sizeof spki), hex);
    return vrx_print_field(arguments, "spki_sha256", hex);
}

static int list_json(const Vrx__V1__ListTerminalsResponse *list) {
    struct vrx_json json VRX_CLEANUP(vrx_json_done);
    vrx_json_array(&json);
    for (size_t i = 0; i < list->n_terminals; i++) {
        const Vrx__V1__Terminal *terminal = list->terminals[i];
        struct vrx_json row;
        vrx_json_object(&row);
        vrx_json_hex(&row, "spki_sha256", vrx_bytes_view(terminal->spki_sha256));
        vrx_json_text(
            &row, "kind", vrx_choice_word(vrx_terminal_kind_choices, (unsigned)terminal->kind));
        vrx_json_text(&row, "label", terminal->label);
        vrx_json_time(&row, "registered_at", terminal->registered_at);
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static int list_table(const Vrx__V1__ListTerminalsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    vrx_table_init(&table,
        (const char *const[]){"key / 鍵", "kind / 種別", "registered / 登録", "label", NULL});
    for (size_t i = 0; i < list->n_terminals; i++) {
        const Vrx__V1__Terminal *terminal = list->terminals[i];
        unsigned kind = (unsigned)terminal->kind;
        char when[VRX_PRINT_TIME];
        vrx_print_time(terminal->registered_at, when);
        vrx_table_hex(&table, vrx_bytes_view(terminal->spki_sha256));
        vrx_table_format(&table, "%s %s", vrx_choice_word(vrx_terminal_kind_choices, kind),
            vrx_choice_ja(vrx_terminal_kind_choices, kind));
        vrx_table_text(&table, when);
        vrx_table_text(&table, terminal->label);
    }
    return vrx_print_table(&table);
}

static int run_list(const struct vrx_arguments *arguments) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    Vrx__V1__ListTerminalsRequest request;
    vrx__v1__list_terminals_request__init(&request);
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection, VRX_REMOTE("Tenancy", "ListTerminals", list_terminals),
        &request.base, &reply));
    const Vrx__V1__ListTerminalsResponse *list = (const void *)reply;
    return vrx_argument_json(arguments) ? list_json(list) : list_table(list);
}

static const struct vrx_option register_options[] = {
    {"certificate", "CERT.pem", true, false, "the terminal's certificate", "端末の証明書"},
    {"kind", "counter|kiosk|console|health-system", true, false, "what it is used as",
        "端末の種別"},
    {"label", "TEXT", false, false, "a name for people", "端末の名称"},
    {0},
};

const struct vrx_command vrx_cli_terminal_commands[] = {
    {"terminal register", true, "register one of the municipality's terminals",
        "自治体の端末を登録する", register_options, run_register},
    {"terminal list", true, "the municipality's terminals", "自治体の端末の一覧", NULL, run_list},
    {0},
};
