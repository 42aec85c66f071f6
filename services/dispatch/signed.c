/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/signed.h"

#include "dispatch/message.h"
#include "keyring/keys.h"

struct vrx_result vrx_context_open_envelope(
    struct vrx_context *context, const struct vrx_envelope *envelope, struct vrx_buffer *out) {
    const struct vrx_tenant_keys *keys = vrx_tenant_keys(context->tenant);
    const struct vrx_previous_keys *previous = &keys->previous_exchange;
    struct vrx_result result = vrx_envelope_open(envelope, keys->exchange, out);
    for (size_t i = 0; result.reason == VRX_KEY_UNKNOWN && i < previous->count; i++)
        if (previous->key[i].private)
            result = vrx_envelope_open(envelope, previous->key[i].private, out);
    return result;
}

struct vrx_result vrx_entry_verify(const struct vrx_directory_entry *entry,
    const struct vrx_object_schema *schema, struct vrx_view message, struct vrx_arena *arena,
    void *ret_object) {
    return vrx_object_verify_by(
        schema, message, vrx_directory_signing_keys(entry), arena, ret_object);
}

struct vrx_result vrx_context_evidence(struct vrx_context *context, ProtobufCBinaryData id,
    int64_t resident, struct vrx_evidence_record *ret_record,
    struct vrx_identity_evidence *ret_evidence) {
    if (!id.len)
        return vrx_refuse(VRX_EVIDENCE_MISSING, "Number Act art. 16: identity check");
    uint8_t evidence_id[VRX_ID];
    VRX_TRY(vrx_message_fixed(id, VRX_ID, evidence_id));
    VRX_TRY(vrx_evidence_record_get(context->tenant, &context->arena, evidence_id, ret_record));
    if (ret_record->resident != resident)
        return vrx_refuse(VRX_EVIDENCE_SUBJECT, "Number Act art. 16: of this person");
    return vrx_signer_verify(context->tenant, &vrx_identity_evidence_schema, ret_record->object,
        &context->arena, ret_evidence);
}
