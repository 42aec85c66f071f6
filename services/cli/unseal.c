/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx unseal`: a custodian opens the municipality's vault, or does their part in it where the
 * keyring asks for several. What is done is custody.h's; staying to do it again is watch.h's.
 */
#include <stdio.h>

#include "cli/custody.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "cli/values.h"
#include "cli/watch.h"
#include "keyring/unseal.h"

/* This custodian's share is there, others are not. */
static int print_missing(const struct vrx_arguments *arguments, uint32_t missing) {
    if (vrx_argument_json(arguments)) {
        struct vrx_json json VRX_CLEANUP(vrx_json_done);
        vrx_json_object(&json);
        vrx_json_number(&json, "missing", missing);
        return vrx_json_print(&json);
    }
    printf("your share was taken; %u more custodian(s) must run vrx unseal within %d minutes\n"
           "あなたの鍵を受け付けました。%d分以内に、あと%u人の鍵管理者の vrx unseal が必要です\n",
        missing, VRX_UNSEAL_SECONDS / 60, VRX_UNSEAL_SECONDS / 60, missing);
    return VRX_EXIT_OK;
}

static int unseal_once(const struct vrx_arguments *arguments, struct vrx_custody *custody) {
    struct vrx_connection connection VRX_CLEANUP(vrx_connection_done) = {0};
    const char *note = NULL;
    uint32_t missing = 0;
    VRX_CLI_TRY(vrx_connect_unlogged(arguments, &connection));
    VRX_CLI_TRY(vrx_custody_unseal(&connection, custody, &note, &missing));
    if (missing)
        return print_missing(arguments, missing);
    if (vrx_argument_json(arguments))
        return vrx_print_field(arguments, "checkpoint", note);
    if (!custody->held_path)
        fputs(note, stdout);
    return vrx_print_done(arguments, "open", "開封しました");
}

static int run_unseal(const struct vrx_arguments *arguments) {
    const struct vrx_custody_names names = {vrx_argument(arguments, "custodian"),
        vrx_argument(arguments, "keyring"), vrx_argument(arguments, "checkpoint")};
    struct vrx_custody custody VRX_CLEANUP(vrx_custody_done) = {0};
    if (vrx_argument_given(arguments, "watch")) {
        const struct vrx_watched watched = {vrx_argument(arguments, "terminal"), names};
        return vrx_watch(arguments, &watched, 1);
    }
    VRX_CLI_TRY(vrx_custody_load(&names, &custody));
    return unseal_once(arguments, &custody);
}

static const struct vrx_option unseal_options[] = {
    VRX_CUSTODIAN_OPTION,
    {"keyring", "FILE", true, false, "the municipality's own copy of keyring.cbor",
        "自治体が保持する鍵束"},
    {"checkpoint", "FILE", false, false,
        "the last checkpoint that the municipality holds; replaced by the new one",
        "自治体が保持する検証点。開封後に新しいものへ置き換えます"},
    {"watch", NULL, false, false,
        "stay, and open the vault whenever it is sealed (also vrx watch, for several)",
        "常駐し、封印されるたびに開封する（複数の自治体は vrx watch）"},
    {0},
};

const struct vrx_command vrx_cli_unseal_commands[] = {
    {"unseal", true, "open the municipality's vault (key custodian)",
        "保管庫を開封する（鍵管理者）", unseal_options, run_unseal},
    {0},
};
