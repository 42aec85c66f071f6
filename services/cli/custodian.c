/* SPDX-License-Identifier: Apache-2.0
 *
 * `vrx custodian init`: on the municipality's own machine, a custodian's key and the keyring that
 * only it opens. The platform is given keyring.cbor and never sees custodian.pem.
 */
#include <stdio.h>

#include "cli/folder.h"
#include "cli/print.h"
#include "cli/themes.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/keyring.h"
#include "pki/pki.h"

static struct vrx_result init(const char *municipality, const char *out) {
    struct vrx_municipality_code code;
    VRX_TRY(vrx_municipality_code_parse(vrx_view_text(municipality), &code));
    char key_path[VRX_CLI_PATH];
    char keyring_path[VRX_CLI_PATH];
    VRX_TRY(vrx_folder_make(out));
    VRX_TRY(vrx_folder_path(out, "custodian.pem", key_path));
    VRX_TRY(vrx_folder_path(out, "keyring.cbor", keyring_path));
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    VRX_TRY(vrx_pki_make_key(key_path, &key));
    VRX_TRY(vrx_private_key_public(key, &public));
    struct vrx_buffer keyring VRX_CLEANUP(vrx_buffer_done) = {0};
    const struct vrx_public_key *custodians[] = {public};
    VRX_TRY(vrx_keyring_make(&code, custodians, 1, vrx_random_system(), &keyring));
    return vrx_file_create(keyring_path, 0644, vrx_buffer_view(&keyring));
}

static int run_init(const struct vrx_arguments *arguments) {
    const char *out = vrx_argument(arguments, "out");
    struct vrx_result result = init(vrx_argument(arguments, "municipality"), out);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(out, result);
    if (vrx_argument_json(arguments))
        printf("{\"key\": \"%s/custodian.pem\", \"keyring\": \"%s/keyring.cbor\"}\n", out, out);
    else
        printf("made %s/custodian.pem (keep it, and a copy in a safe: without it nobody opens the "
               "vault)\n     and %s/keyring.cbor (give it to the platform)\n",
            out, out);
    return VRX_EXIT_OK;
}

static const struct vrx_option options[] = {
    {"municipality", "CODE", true, false, "6 digits", "団体コード"},
    {"out", "DIR", true, false, "folder to write to", "出力先フォルダー"},
    {0},
};

const struct vrx_command vrx_cli_custodian_commands[] = {
    {"custodian init", false, "make a custodian's key and the municipality's keyring",
        "鍵管理者の鍵と自治体の鍵束を作る", options, run_init},
    {0},
};
