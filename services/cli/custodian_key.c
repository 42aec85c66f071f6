/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/custodian_key.h"

#include <stdio.h>

#include "cli/ask.h"
#include "cli/print.h"
#include "cli/values.h"
#include "pki/pki.h"

static struct vrx_result ask_pin(void *context, const char *label, struct vrx_secret **ret_pin) {
    (void)context;
    char question[VRX_PKCS11_TEXT + 32];
    (void)snprintf(question, sizeof question, "PIN / 暗証番号 (%s)", label);
    struct vrx_result result = vrx_ask_terminal(question, VRX_ASK_HIDDEN, ret_pin);
    if (result.reason == VRX_INPUT_TRUNCATED)
        return vrx_refuse(VRX_TOKEN_PIN, "no PIN was given");
    if (result.reason == VRX_FILE_REFUSED)
        return vrx_refuse(VRX_TOKEN_PIN, "without a terminal, pin-source names the PIN's file");
    return result;
}

static struct vrx_result open_token(const char *name, struct vrx_cli_custodian *custodian) {
    static const struct vrx_token_pin pin = {ask_pin, NULL};
    struct vrx_pkcs11_uri uri;
    struct vrx_buffer spki VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_pkcs11_uri_parse(vrx_view_text(name), &uri));
    VRX_TRY(vrx_token_open(&uri, &pin, &custodian->token));
    VRX_TRY(vrx_public_key_to_spki(vrx_token_public(custodian->token), &spki));
    VRX_TRY(vrx_public_key_from_spki(vrx_buffer_view(&spki), &custodian->public));
    custodian->key.ecdh = vrx_token_private(custodian->token);
    return vrx_public_key_kid(custodian->public, custodian->key.kid);
}

static struct vrx_result open_file(const char *name, struct vrx_cli_custodian *custodian) {
    VRX_TRY(vrx_pki_read_key(name, &custodian->file));
    VRX_TRY(vrx_private_key_public(custodian->file, &custodian->public));
    return vrx_custodian_key_here(custodian->file, &custodian->key);
}

int vrx_cli_custodian_open(const char *name, struct vrx_cli_custodian *ret_custodian) {
    const bool token = vrx_pkcs11_is_uri(name);
    struct vrx_result result =
        token ? open_token(name, ret_custodian) : open_file(name, ret_custodian);
    return vrx_is_ok(result) ? VRX_EXIT_OK
                             : vrx_print_refusal(token ? "token / トークン" : name, result);
}

void vrx_cli_custodian_done(struct vrx_cli_custodian *custodian) {
    vrx_private_key_free(&custodian->file);
    vrx_token_close(&custodian->token);
    vrx_public_key_free(&custodian->public);
}

static int open_shares(const struct vrx_arguments *arguments, const struct vrx_keyring *keyring,
    size_t count, struct vrx_share shares[VRX_LIMIT_RECIPIENTS]) {
    for (size_t i = 0; i < count; i++) {
        struct vrx_cli_custodian custodian VRX_CLEANUP(vrx_cli_custodian_done) = {0};
        const char *name = vrx_argument_at(arguments, "custodian", i);
        VRX_CLI_TRY(vrx_cli_custodian_open(name, &custodian));
        struct vrx_result result = vrx_keyring_open_share(keyring, &custodian.key, &shares[i]);
        if (!vrx_is_ok(result))
            return vrx_print_refusal(name, result);
    }
    return VRX_EXIT_OK;
}

int vrx_cli_custodian_root(const struct vrx_arguments *arguments, const struct vrx_keyring *keyring,
    struct vrx_secret **ret_root) {
    struct vrx_share shares[VRX_LIMIT_RECIPIENTS] = {0};
    const size_t count = vrx_argument_count(arguments, "custodian");
    if (count != keyring->threshold)
        return vrx_value_wrong("custodian", "as many custodians as the present keyring asks for",
            "現在の鍵束が求める人数の鍵管理者を指定します");
    int status = open_shares(arguments, keyring, count, shares);
    if (status == VRX_EXIT_OK) {
        struct vrx_result result = vrx_keyring_join(keyring, shares, count, ret_root);
        if (!vrx_is_ok(result))
            status = vrx_print_refusal("--custodian", result);
    }
    for (size_t i = 0; i < count; i++)
        vrx_share_done(&shares[i]);
    return status;
}
