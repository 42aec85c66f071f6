/* SPDX-License-Identifier: Apache-2.0
 *
 * Every request of every service as it comes off the wire: the first byte picks the message, the
 * rest is its protobuf encoding. What is accepted encodes again and decodes to the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>

#include "dispatch/message.h"
#include "vrx/v1/certificates.pb-c.h"
#include "vrx/v1/exchange.pb-c.h"
#include "vrx/v1/ledger.pb-c.h"
#include "vrx/v1/records.pb-c.h"
#include "vrx/v1/tenancy.pb-c.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ProtobufCMessageDescriptor *const descriptors[] = {
    &vrx__v1__register_resident_request__descriptor,
    &vrx__v1__get_history_request__descriptor,
    &vrx__v1__record_vaccination_request__descriptor,
    &vrx__v1__correct_vaccination_request__descriptor,
    &vrx__v1__mark_entered_in_error_request__descriptor,
    &vrx__v1__set_protection_request__descriptor,
    &vrx__v1__import_residents_request__descriptor,
    &vrx__v1__import_vaccinations_request__descriptor,
    &vrx__v1__export_request__descriptor,
    &vrx__v1__record_identity_evidence_request__descriptor,
    &vrx__v1__grant_consent_request__descriptor,
    &vrx__v1__revoke_consent_request__descriptor,
    &vrx__v1__request_transfer_request__descriptor,
    &vrx__v1__get_transfer_request__descriptor,
    &vrx__v1__watch_transfer_request__descriptor,
    &vrx__v1__apply_request__descriptor,
    &vrx__v1__issue_request__descriptor,
    &vrx__v1__list_certificates_request__descriptor,
    &vrx__v1__get_checkpoint_request__descriptor,
    &vrx__v1__prove_inclusion_request__descriptor,
    &vrx__v1__prove_consistency_request__descriptor,
    &vrx__v1__export_entries_request__descriptor,
    &vrx__v1__create_tenant_request__descriptor,
    &vrx__v1__begin_unseal_request__descriptor,
    &vrx__v1__unseal_request__descriptor,
    &vrx__v1__seal_request__descriptor,
    &vrx__v1__register_terminal_request__descriptor,
    &vrx__v1__list_terminals_request__descriptor,
    &vrx__v1__status_request__descriptor,
};

#define DESCRIPTORS (sizeof descriptors / sizeof descriptors[0])

/* Once encoded by us a message must come back the same. */
static void encode_again(const ProtobufCMessage *message, struct vrx_arena *arena) {
    struct vrx_buffer once VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer twice VRX_CLEANUP(vrx_buffer_done) = {0};
    ProtobufCMessage *again = NULL;
    if (!vrx_is_ok(vrx_message_encode(message, &once)))
        return;
    struct vrx_result result =
        vrx_message_decode(message->descriptor, vrx_buffer_view(&once), arena, &again);
    if (result.reason == VRX_OUT_OF_MEMORY)
        return;
    if (!vrx_is_ok(result) || !vrx_is_ok(vrx_message_encode(again, &twice)) ||
        !vrx_view_equal(vrx_buffer_view(&once), vrx_buffer_view(&twice)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size)
        return 0;
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    ProtobufCMessage *message = NULL;
    if (vrx_is_ok(vrx_message_decode(
            descriptors[data[0] % DESCRIPTORS], vrx_view_of(data + 1, size - 1), &arena, &message)))
        encode_again(message, &arena);
    vrx_arena_done(&arena);
    return 0;
}
