/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx keyring replace`: puts a keyring that `vrx custodian rotate` made in the place of the one
 * that the daemon keeps, and moves the vault to its data key where that is a new one. Its own
 * custodians do so, each at a console, as they would unseal with it: what they cannot open never
 * comes into force.
 */
#include <stdio.h>

#include "cli/connect.h"
#include "cli/custodian_key.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/replacing.h"
#include "cli/rotate_data.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "keyring/unseal.h"
#include "vrx/v1/tenancy.pb-c.h"

/* moved: NULL unless there was a data key to be moved to. */
static int print_missing(
    const struct vrx_arguments *arguments, uint32_t missing, const struct vrx_cli_moved *moved) {
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_json_number(&json, "missing", missing);
        if (moved)
            vrx_cli_moved_json(moved, &json);
        return vrx_json_print(&json);
    }
    if (moved)
        vrx_cli_moved_print(moved);
    if (!missing)
        return vrx_print_done(arguments, "the new keyring is in force; give each custodian a copy",
            "新しい鍵束が有効になりました。鍵管理者全員に写しを渡してください");
    printf("your share was taken; %u more of the new custodians must run this within %d minutes\n"
           "あなたの鍵を受け付けました。%d分以内に、新しい鍵管理者があと%u人必要です\n",
        missing, VRX_UNSEAL_SECONDS / 60, VRX_UNSEAL_SECONDS / 60, missing);
    return VRX_EXIT_OK;
}

static int run_replace(const struct vrx_arguments *arguments) {
    struct vrx_cli_custodian custodian VRX_CLEANUP(vrx_cli_custodian_done) = {0};
    struct vrx_buffer keyring VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    struct vrx_keyring parsed;
    struct vrx_cli_moved moved;
    Vrx__V1__ReplaceKeyringRequest request;
    vrx__v1__replace_keyring_request__init(&request);
    VRX_CLI_TRY(vrx_value_file(vrx_argument(arguments, "keyring"), VRX_LIMIT_KEYRING, &keyring));
    struct vrx_result result = vrx_keyring_parse(vrx_buffer_view(&keyring), &parsed);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(vrx_argument(arguments, "keyring"), result);
    if (parsed.data_number > 1 && !vrx_argument(arguments, "operator"))
        return vrx_value_wrong("operator",
            "a person must be named: the vault may be moved to a new data key",
            "データ鍵の変更を伴うことがあるため、操作者の指定が必要です");
    VRX_CLI_TRY(vrx_cli_custodian_open(vrx_argument(arguments, "custodian"), &custodian));
    VRX_CLI_TRY(vrx_connect(arguments, &connection));
    VRX_CLI_TRY(vrx_cli_replacing_answer(
        &connection, &keyring, &custodian.key, &request.session_id, &answer));
    request.wrapped_root = (ProtobufCBinaryData){answer.len, answer.ptr};
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(&connection,
        VRX_REMOTE("Tenancy", "ReplaceKeyring", replace_keyring), &request.base, &reply));
    const uint32_t missing =
        ((const Vrx__V1__ReplaceKeyringResponse *)(const void *)reply)->missing;
    if (missing || parsed.data_number == 1)
        return print_missing(arguments, missing, NULL);
    VRX_CLI_TRY(vrx_cli_move_pages(&connection, parsed.data_number, true, &moved));
    return print_missing(arguments, 0, moved.moved ? &moved : NULL);
}

static const struct vrx_option replace_options[] = {
    VRX_CUSTODIAN_OPTION,
    {"keyring", "FILE", true, false, "the new keyring, made by vrx custodian rotate",
        "vrx custodian rotate で作った新しい鍵束"},
    {0},
};

const struct vrx_command vrx_cli_keyring_commands[] = {
    {"keyring replace", true, "put a keyring for other custodians in force (new custodian)",
        "鍵管理者を入れ替えた鍵束を有効にする（新しい鍵管理者）", replace_options, run_replace},
    {0},
};
