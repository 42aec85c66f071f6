/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replacing.h"

#include "cli/json.h"
#include "cli/print.h"
#include "cli/values.h"
#include "crypto/random.h"
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
