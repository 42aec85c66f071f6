/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "crypto/hash.h"
#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "dispatch/signed.h"
#include "exchange/handlers.h"
#include "objects/identity_evidence.h"
#include "objects/subject.h"
#include "store/evidence_record.h"

/* Only a salted digest of a document's number is kept: enough to tell that the same was shown. */
static struct vrx_result documents_of(struct vrx_context *context,
    const Vrx__V1__RecordIdentityEvidenceRequest *in, const uint8_t salt[VRX_DIGEST],
    struct vrx_identity_evidence *evidence) {
    if (in->n_documents < vrx_identity_documents(evidence->method))
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "Number Act art. 16: documents shown");
    if (in->n_documents > VRX_LIMIT_DOCUMENTS)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    evidence->documents =
        vrx_arena_alloc_array(&context->arena, in->n_documents, sizeof *evidence->documents);
    if (!evidence->documents)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < in->n_documents; i++) {
        const Vrx__V1__DocumentSeen *seen = in->documents[i];
        if (seen->type < 1 || (uint64_t)seen->type > VRX_DOCUMENT_LAST)
            return vrx_fail(VRX_INPUT_RANGE);
        struct vrx_view number = {0};
        VRX_TRY(vrx_message_text(seen->number, VRX_LIMIT_NOTE, &number));
        struct vrx_view parts[] = {vrx_view_of(salt, VRX_DIGEST), number};
        evidence->documents[i].type = (uint64_t)seen->type;
        VRX_TRY(vrx_sha256_parts(parts, 2, evidence->documents[i].digest));
    }
    evidence->document_count = in->n_documents;
    return vrx_ok();
}

struct vrx_result vrx_exchange_record_evidence(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__RecordIdentityEvidenceRequest *in = request;
    Vrx__V1__RecordIdentityEvidenceResponse *out = reply;
    struct vrx_resident resident;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    uint64_t method = (uint64_t)in->method;
    uint64_t purpose = (uint64_t)in->purpose;
    if (method < VRX_IDENTITY_CARD_SEEN || method > VRX_IDENTITY_LAST ||
        purpose < VRX_PURPOSE_MOVER || purpose > VRX_PURPOSE_LAST)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_evidence_record record = {.resident = resident.id, .recorded_at = context->now};
    VRX_TRY(vrx_random_fill(context->random, record.id, VRX_ID));
    VRX_TRY(vrx_random_fill(context->random, record.subject_salt, VRX_DIGEST));
    struct vrx_identity_evidence evidence = {
        .municipality = context->slot->code,
        .method = method,
        .checked_at = context->now,
        .operator_id = vrx_view_text(context->operator_id),
        .terminal_id = vrx_view_text(context->terminal_id),
        .purpose = purpose,
    };
    memcpy(evidence.id, record.id, VRX_ID);
    struct vrx_view number = {0};
    VRX_TRY(vrx_resident_number(context->tenant, &context->arena, resident.id, &number));
    if (!number.len) /* for a certificate the person's token serves; no other office sees it */
        number = vrx_view_of(context->audit.person, VRX_DIGEST);
    VRX_TRY(vrx_subject_make(number, record.subject_salt, evidence.subject));
    VRX_TRY(documents_of(context, in, record.subject_salt, &evidence));
    struct vrx_buffer signed_object VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(
        vrx_signer_sign(context->tenant, &vrx_identity_evidence_schema, &evidence, &signed_object));
    record.object = vrx_buffer_view(&signed_object);
    VRX_TRY(vrx_evidence_record_put(context->tenant, &record));
    VRX_TRY(
        vrx_message_put_bytes(&context->arena, vrx_view_of(record.id, VRX_ID), &out->evidence_id));
    vrx_context_in_dossier(context, NULL, record.id);
    return vrx_ok();
}
