/* SPDX-License-Identifier: Apache-2.0 */
#include "records/evidence.h"

#include "base/limits.h"
#include "dispatch/message.h"
#include "dispatch/resident_key.h"
#include "exchange/handlers.h"

static struct vrx_result documents_of(struct vrx_context *context,
    const Vrx__V1__RecordIdentityEvidenceRequest *in, const struct vrx_evidence_record *record,
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
        VRX_TRY(
            vrx_evidence_document(record, (uint64_t)seen->type, number, &evidence->documents[i]));
    }
    evidence->document_count = in->n_documents;
    return vrx_ok();
}

struct vrx_result vrx_exchange_record_evidence(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__RecordIdentityEvidenceRequest *in = request;
    Vrx__V1__RecordIdentityEvidenceResponse *out = reply;
    struct vrx_resident resident;
    struct vrx_evidence_record record;
    VRX_TRY(vrx_context_resident(context, in->resident, &resident));
    struct vrx_identity_evidence evidence = {
        .method = (uint64_t)in->method,
        .operator_id = vrx_view_text(context->operator_id),
        .purpose = (uint64_t)in->purpose,
    };
    if (evidence.method < VRX_IDENTITY_CARD_SEEN || evidence.method > VRX_IDENTITY_LAST ||
        evidence.purpose < VRX_PURPOSE_MOVER || evidence.purpose > VRX_PURPOSE_LAST)
        return vrx_fail(VRX_INPUT_RANGE);
    VRX_TRY(vrx_evidence_begin(context, resident.id, &record));
    VRX_TRY(documents_of(context, in, &record, &evidence));
    VRX_TRY(vrx_evidence_keep(context, &record, &evidence));
    return vrx_message_put_bytes(
        &context->arena, vrx_view_of(record.id, VRX_ID), &out->evidence_id);
}
