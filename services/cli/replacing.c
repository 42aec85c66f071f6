/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replacing.h"

#include <stdio.h>
#include <string.h>

#include "cli/custody.h"
#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"
#include "crypto/random.h"
#include "files/files.h"
#include "keyring/unseal.h"
#include "vrx/v1/tenancy.pb-c.h"

int vrx_cli_replacing_answer(struct vrx_connection *connection, const struct vrx_buffer *keyring,
    const struct vrx_custodian_key *key, ProtobufCBinaryData *ret_session,
    struct vrx_buffer *ret_answer) {
    Vrx__V1__BeginReplaceKeyringRequest request;
    vrx__v1__begin_replace_keyring_request__init(&request);
    request.keyring = (ProtobufCBinaryData){keyring->len, keyring->ptr};
    ProtobufCMessage *reply = NULL;
    VRX_CLI_TRY(vrx_call_unary(connection,
        VRX_REMOTE("Tenancy", "BeginReplaceKeyring", begin_replace_keyring), &request.base,
        &reply));
    const Vrx__V1__BeginReplaceKeyringResponse *begun = (const void *)reply;
    const struct vrx_unseal_challenge challenge = {
        .keyring = vrx_buffer_view(keyring),
        .ephemeral_point = vrx_bytes_view(begun->ephemeral_point),
        .session_id = vrx_bytes_view(begun->session_id),
    };
    uint8_t exporter[VRX_TLS_EXPORTER];
    vrx_client_exporter(connection->client, exporter);
    *ret_session = begun->session_id;
    struct vrx_result result = vrx_unseal_answer(
        vrx_buffer_view(keyring), key, &challenge, exporter, vrx_random_system(), ret_answer);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal("keyring / 鍵束", result);
}

void vrx_cli_next_done(struct vrx_cli_next *next) {
    vrx_buffer_done(&next->old_bytes);
    vrx_buffer_done(&next->bytes);
}

static struct vrx_result read_keyring(
    const char *path, struct vrx_buffer *bytes, struct vrx_keyring *ret_keyring) {
    VRX_TRY(vrx_file_read(path, VRX_LIMIT_KEYRING, bytes));
    return vrx_keyring_parse(vrx_buffer_view(bytes), ret_keyring);
}

int vrx_cli_next_load(const char *path, struct vrx_cli_next *ret_next, bool *ret_begun) {
    struct vrx_cli_next *next = ret_next;
    next->path = path;
    if ((size_t)snprintf(next->next_path, sizeof next->next_path, "%s" VRX_KEYRING_NEXT, path) >=
        sizeof next->next_path)
        return vrx_print_refusal("--keyring", vrx_fail(VRX_INPUT_TOO_LARGE));
    struct vrx_result result = read_keyring(path, &next->old_bytes, &next->old);
    if (!vrx_is_ok(result))
        return vrx_print_refusal(path, result);
    result = read_keyring(next->next_path, &next->bytes, &next->keyring);
    *ret_begun = vrx_is_ok(result);
    return *ret_begun || result.reason == VRX_NOT_FOUND
               ? VRX_EXIT_OK
               : vrx_print_refusal(next->next_path, result);
}

int vrx_cli_next_make(struct vrx_cli_next *next, const struct vrx_secret *root,
    const struct vrx_keyring_renewal *renewal) {
    struct vrx_result result =
        vrx_keyring_remake(&next->old, root, NULL, renewal, vrx_random_system(), &next->bytes);
    if (vrx_is_ok(result))
        result = vrx_file_create(next->next_path, 0644, vrx_buffer_view(&next->bytes));
    if (vrx_is_ok(result))
        result = vrx_keyring_parse(vrx_buffer_view(&next->bytes), &next->keyring);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_refusal(next->next_path, result);
}

int vrx_cli_next_take_place(const struct vrx_cli_next *next) {
    char folder[VRX_CLI_PATH];
    const char *slash = strrchr(next->path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - next->path) : 1,
        slash ? next->path : ".");
    struct vrx_result result = vrx_ok();
    if (rename(next->next_path, next->path) != 0)
        result = vrx_fail(VRX_DISK_FAILED);
    if (vrx_is_ok(result))
        result = vrx_folder_sync(slash == next->path ? "/" : folder);
    return vrx_is_ok(result) ? VRX_EXIT_OK : vrx_print_file_failure(next->path, result);
}
