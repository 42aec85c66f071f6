/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality's terminals: each is known by the public key of its certificate.
 */
#include <stdio.h>

#include "base/encode.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/json.h"
#include "cli/offline.h"
#include "cli/print.h"
#include "cli/table.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "pki/pki.h"
#include "vrx/v1/tenancy.pb-c.h"

int vrx_cli_terminal_digest(const char *path, uint8_t ret_digest[VRX_DIGEST]) {
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_result result = vrx_cli_certificate_key(path, &key);
    if (vrx_is_ok(result))
        result = vrx_public_key_spki_sha256(key, ret_digest);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(path, result);
}

/* A certificate's DER, as the messages want it. */
static int read_certificate(const char *path, struct vrx_certificate **ret_certificate) {
    struct vrx_result result = vrx_pki_read_certificate(path, ret_certificate);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(path, result);
}

static ProtobufCBinaryData der_of(const struct vrx_certificate *certificate) {
    const struct vrx_view der = vrx_certificate_der(certificate);
    return (ProtobufCBinaryData){der.len, (uint8_t *)(uintptr_t)der.ptr}; /* only to be read */
}

static int print_digest(const struct vrx_arguments *arguments, const uint8_t digest[VRX_DIGEST]) {
    char hex[2 * VRX_DIGEST + 1];
    vrx_hex_string(vrx_view_of(digest, VRX_DIGEST), hex);
    return vrx_print_field(arguments, "spki_sha256", hex);
}

static int run_register(const struct vrx_arguments *arguments) {
    unsigned kind = 0;
    uint8_t spki[VRX_DIGEST];
    const char *path = vrx_argument(arguments, "certificate");
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    VRX_CLI_TRY(vrx_value_choice(arguments, "kind", 0, vrx_terminal_kind_choices, &kind));
    VRX_CLI_TRY(read_certificate(path, &certificate));
    VRX_CLI_TRY(vrx_cli_terminal_digest(path, spki));
    Vrx__V1__Terminal terminal;
    vrx__v1__terminal__init(&terminal);
    terminal.spki_sha256 = (ProtobufCBinaryData){sizeof spki, spki};
    terminal.kind = (Vrx__V1__TerminalKind)kind;
    terminal.label = vrx_value_text(arguments, "label");
    Vrx__V1__RegisterTerminalRequest request;
    vrx__v1__register_terminal_request__init(&request);
    request.terminal = &terminal;
    request.certificate = der_of(certificate);
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Tenancy", "RegisterTerminal", register_terminal), &request.base));
    return print_digest(arguments, spki);
}

/* ---- one that is registered ---- */

/* --certificate or --digest: exactly one. */
static int which(const struct vrx_arguments *arguments, uint8_t ret_digest[VRX_DIGEST]) {
    const char *certificate = vrx_argument(arguments, "certificate");
    const char *text = vrx_argument(arguments, "digest");
    struct vrx_buffer digest VRX_CLEANUP(vrx_buffer_done) = {0};
    if (!certificate == !text)
        return vrx_value_wrong("certificate", "give either --certificate or --digest",
            "--certificate か --digest のどちらか一方を指定してください");
    if (certificate)
        return vrx_cli_terminal_digest(certificate, ret_digest);
    if (!vrx_is_ok(vrx_hex_decode(vrx_view_text(text), &digest)) || digest.len != VRX_DIGEST)
        return vrx_value_wrong("digest", "64 hexadecimal digits, as `vrx terminal list` shows them",
            "`vrx terminal list` が示す16進64桁です");
    memcpy(ret_digest, digest.ptr, VRX_DIGEST);
    return VRX_EXIT_OK;
}

static int run_suspend(const struct vrx_arguments *arguments) {
    uint8_t digest[VRX_DIGEST];
    VRX_CLI_TRY(which(arguments, digest));
    Vrx__V1__SuspendTerminalRequest request;
    vrx__v1__suspend_terminal_request__init(&request);
    request.spki_sha256 = (ProtobufCBinaryData){sizeof digest, digest};
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Tenancy", "SuspendTerminal", suspend_terminal), &request.base));
    return vrx_print_done(arguments, "suspended", "利用を停止しました");
}

static int run_reinstate(const struct vrx_arguments *arguments) {
    uint8_t digest[VRX_DIGEST];
    VRX_CLI_TRY(which(arguments, digest));
    Vrx__V1__ReinstateTerminalRequest request;
    vrx__v1__reinstate_terminal_request__init(&request);
    request.spki_sha256 = (ProtobufCBinaryData){sizeof digest, digest};
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Tenancy", "ReinstateTerminal", reinstate_terminal), &request.base));
    return vrx_print_done(arguments, "reinstated", "利用停止を解除しました");
}

static int run_replace(const struct vrx_arguments *arguments) {
    uint8_t digest[VRX_DIGEST];
    uint8_t fresh[VRX_DIGEST];
    const char *path = vrx_argument(arguments, "by");
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = NULL;
    VRX_CLI_TRY(which(arguments, digest));
    VRX_CLI_TRY(read_certificate(path, &certificate));
    VRX_CLI_TRY(vrx_cli_terminal_digest(path, fresh));
    Vrx__V1__ReplaceTerminalRequest request;
    vrx__v1__replace_terminal_request__init(&request);
    request.spki_sha256 = (ProtobufCBinaryData){sizeof digest, digest};
    request.certificate = der_of(certificate);
    VRX_CLI_TRY(vrx_call_once(
        arguments, VRX_REMOTE("Tenancy", "ReplaceTerminal", replace_terminal), &request.base));
    return print_digest(arguments, fresh);
}

/* ---- list ---- */

static const struct vrx_choice states[] = {
    {"active", VRX__V1__TERMINAL_STATE__TERMINAL_STATE_ACTIVE, "利用中"},
    {"suspended", VRX__V1__TERMINAL_STATE__TERMINAL_STATE_SUSPENDED, "停止中"},
    {"replaced", VRX__V1__TERMINAL_STATE__TERMINAL_STATE_REPLACED, "交換済み"},
    {0},
};

/* The certificate's end; a script takes the same from the time and the flag. */
static const char *warning_of(const Vrx__V1__Terminal *terminal) {
    if (!terminal->certificate_ends_soon)
        return "";
    return terminal->certificate_not_after < vrx_cli_now() ? " EXPIRED 期限切れ"
                                                           : " ENDS SOON 期限間近";
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
        vrx_json_text(&row, "state", vrx_choice_word(states, (unsigned)terminal->state));
        vrx_json_time(&row, "registered_at", terminal->registered_at);
        vrx_json_time(&row, "changed_at", terminal->changed_at);
        if (terminal->certificate_not_after)
            vrx_json_time(&row, "certificate_not_after", terminal->certificate_not_after);
        vrx_json_bool(&row, "certificate_ends_soon", terminal->certificate_ends_soon);
        if (terminal->successor_spki_sha256.len)
            vrx_json_hex(
                &row, "successor_spki_sha256", vrx_bytes_view(terminal->successor_spki_sha256));
        vrx_json_add(&json, &row);
    }
    return vrx_json_print(&json);
}

static void put_row(struct vrx_table *table, const Vrx__V1__Terminal *terminal) {
    unsigned kind = (unsigned)terminal->kind;
    unsigned state = (unsigned)terminal->state;
    char when[VRX_PRINT_TIME];
    vrx_table_hex(table, vrx_bytes_view(terminal->spki_sha256));
    vrx_table_format(table, "%s %s", vrx_choice_word(vrx_terminal_kind_choices, kind),
        vrx_choice_ja(vrx_terminal_kind_choices, kind));
    vrx_table_format(table, "%s %s", vrx_choice_word(states, state), vrx_choice_ja(states, state));
    vrx_print_time(terminal->certificate_not_after, when);
    vrx_table_format(
        table, "%s%s", terminal->certificate_not_after ? when : "?", warning_of(terminal));
    vrx_print_time(terminal->registered_at, when);
    vrx_table_text(table, when);
    vrx_table_text(table, terminal->label);
}

static int list_table(const Vrx__V1__ListTerminalsResponse *list) {
    struct vrx_table table VRX_CLEANUP(vrx_table_done);
    size_t ending = 0;
    vrx_table_init(
        &table, (const char *const[]){"key / 鍵", "kind / 種別", "state / 状態",
                    "certificate ends / 証明書の期限", "registered / 登録", "label", NULL});
    for (size_t i = 0; i < list->n_terminals; i++) {
        put_row(&table, list->terminals[i]);
        ending += list->terminals[i]->certificate_ends_soon ? 1 : 0;
    }
    VRX_CLI_TRY(vrx_print_table(&table));
    if (ending)
        fprintf(stderr,
            "vrx: %zu certificates end soon: renew them (vrx pki renew) or replace the terminal "
            "(vrx terminal replace)\n"
            "     証明書の期限が近い端末が%zu台あります。更新するか、端末を交換してください\n",
            ending, ending);
    return VRX_EXIT_OK;
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

#define WHICH \
    {"certificate", "CERT.pem", false, false, "the terminal's certificate", "端末の証明書"}, { \
        "digest", "HEX", false, false, "or its key, as `vrx terminal list` shows it", \
            "または `vrx terminal list` が示す鍵" \
    }

static const struct vrx_option which_options[] = {WHICH, {0}};
static const struct vrx_option replace_options[] = {
    WHICH,
    {"by", "CERT.pem", true, false, "the certificate of the terminal that takes its place",
        "代わりとなる端末の証明書"},
    {0},
};

const struct vrx_command vrx_cli_terminal_commands[] = {
    {"terminal register", true, "register one of the municipality's terminals",
        "自治体の端末を登録する", register_options, run_register},
    {"terminal list", true, "the municipality's terminals, and whose certificates end soon",
        "自治体の端末の一覧と証明書の期限", NULL, run_list},
    {"terminal suspend", true, "a lost terminal: it is refused and its connections end at once",
        "端末の利用を直ちに停止する（紛失など）", which_options, run_suspend},
    {"terminal reinstate", true, "end a suspension", "端末の利用停止を解除する", which_options,
        run_reinstate},
    {"terminal replace", true, "another terminal takes one's place, with its kind and label",
        "端末を別の端末に交換する", replace_options, run_replace},
    {0},
};
