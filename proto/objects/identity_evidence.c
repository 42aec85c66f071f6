/* SPDX-License-Identifier: Apache-2.0
 *
 * See identity_evidence.h for the format, schema.h for how a table is written.
 */
#include "objects/identity_evidence.h"

#include "base/limits.h"
#include "objects/schema.h"

#define CLOCK_SKEW 60 /* seconds that two municipalities' clocks may differ */

static const struct vrx_object_field document_fields[] = {
    ROW_ENUM(1, document_seen, type, VRX_DOCUMENT_LAST),
    ROW_FIXED(2, document_seen, digest),
};

static const struct vrx_object_schema vrx_document_seen_schema =
    ROW_SCHEMA(document_seen, "vrx.document-seen.1", document_fields);

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, identity_evidence, id),
    ROW_MUNICIPALITY(2, identity_evidence, municipality),
    ROW_FIXED(3, identity_evidence, subject),
    ROW_ENUM(4, identity_evidence, method, VRX_IDENTITY_LAST),
    ROW_RECORDS(
        5, identity_evidence, documents, document_count, 0, VRX_LIMIT_DOCUMENTS, document_seen),
    ROW_TIME(6, identity_evidence, checked_at),
    ROW_TEXT(7, identity_evidence, operator_id, 1, VRX_LIMIT_OPERATOR),
    ROW_TEXT(8, identity_evidence, terminal_id, 1, VRX_LIMIT_OPERATOR),
    ROW_ENUM(9, identity_evidence, purpose, VRX_PURPOSE_LAST),
};

const struct vrx_object_schema vrx_identity_evidence_schema =
    ROW_DATED_SCHEMA(identity_evidence, "vrx.identity-evidence.1", fields, checked_at);

size_t vrx_identity_documents(uint64_t method) {
    switch (method) {
    case VRX_IDENTITY_CARD_SIGNATURE:
        return 0;
    case VRX_IDENTITY_CARD_SEEN:
        return 1;
    default:
        return 2;
    }
}

struct vrx_result vrx_identity_evidence_shown(const struct vrx_identity_evidence *evidence) {
    if (evidence->document_count < vrx_identity_documents(evidence->method))
        return vrx_refuse(
            VRX_EVIDENCE_METHOD, "identity_evidence.documents: as many as the method needs");
    return vrx_ok();
}

struct vrx_result vrx_identity_evidence_fresh(
    const struct vrx_identity_evidence *evidence, int64_t time, uint64_t max_age) {
    int64_t checked_at = evidence->checked_at; /* not negative: the subtractions cannot overflow */
    bool ahead = checked_at - CLOCK_SKEW > time;
    bool old = time > checked_at && (uint64_t)(time - checked_at) > max_age;
    if (ahead || old)
        return vrx_refuse(VRX_EVIDENCE_STALE, "identity_evidence.checked_at");
    return vrx_ok();
}
