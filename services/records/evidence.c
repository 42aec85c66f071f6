/* SPDX-License-Identifier: Apache-2.0 */
#include "records/evidence.h"

#include "crypto/hash.h"
#include "objects/subject.h"
#include "store/resident.h"
#include "store/signer.h"

struct vrx_result vrx_evidence_begin(
    struct vrx_context *context, int64_t resident, struct vrx_evidence_record *ret_record) {
    struct vrx_evidence_record record = {.resident = resident, .recorded_at = context->now};
    VRX_TRY(vrx_random_fill(context->random, record.id, VRX_ID));
    VRX_TRY(vrx_random_fill(context->random, record.subject_salt, VRX_DIGEST));
    *ret_record = record;
    return vrx_ok();
}

struct vrx_result vrx_evidence_document(const struct vrx_evidence_record *record, uint64_t type,
    struct vrx_view number, struct vrx_document_seen *ret_document) {
    const struct vrx_view parts[] = {vrx_view_of(record->subject_salt, VRX_DIGEST), number};
    ret_document->type = type;
    return vrx_sha256_parts(parts, 2, ret_document->digest);
}

/* For a certificate the person's token serves where there is no number; no other office sees it. */
static struct vrx_result make_subject(
    struct vrx_context *context, const struct vrx_evidence_record *record, uint8_t *ret_subject) {
    struct vrx_view number = {0};
    VRX_TRY(vrx_resident_number(context->tenant, &context->arena, record->resident, &number));
    if (!number.len)
        number = vrx_view_of(context->audit.person, VRX_DIGEST);
    return vrx_subject_make(number, record->subject_salt, ret_subject);
}

struct vrx_result vrx_evidence_keep(struct vrx_context *context, struct vrx_evidence_record *record,
    struct vrx_identity_evidence *evidence) {
    struct vrx_buffer signed_object VRX_CLEANUP(vrx_buffer_done) = {0};
    memcpy(evidence->id, record->id, VRX_ID);
    evidence->municipality = context->slot->code;
    evidence->checked_at = context->now;
    evidence->terminal_id = vrx_view_text(context->terminal_id);
    VRX_TRY(make_subject(context, record, evidence->subject));
    VRX_TRY(
        vrx_signer_sign(context->tenant, &vrx_identity_evidence_schema, evidence, &signed_object));
    record->object = vrx_buffer_view(&signed_object);
    struct vrx_result result = vrx_evidence_record_put(context->tenant, record);
    record->object = (struct vrx_view){0};
    VRX_TRY(result);
    vrx_context_in_dossier(context, NULL, record->id);
    return vrx_ok();
}
