/* SPDX-License-Identifier: Apache-2.0
 *
 * That a person's identity was verified, signed by the municipality whose officer did it (Number
 * Act art. 16).
 *
 *     identity-evidence = {
 *       1: bstr .size 16,                   ; id
 *       2: municipality-code,
 *       3: bstr .size 32,                   ; subject
 *       4: identity-method,
 *       5: [* document-seen],
 *       6: time,                            ; when
 *       7: tstr,                            ; operator who looked; "vrxd": a card answered
 *       8: tstr,                            ; terminal at which
 *       9: purpose,                         ; for which it was done
 *     }
 *     document-seen = { 1: document-type,
 *                       2: bstr .size 32 }  ; SHA-256 of its number or image
 */
#ifndef VRX_OBJECTS_IDENTITY_EVIDENCE_H
#define VRX_OBJECTS_IDENTITY_EVIDENCE_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_DOCUMENTS 8

struct vrx_document_seen {
    uint64_t type; /* enum vrx_document_type */
    uint8_t digest[VRX_DIGEST];
};

struct vrx_identity_evidence {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code municipality;
    uint8_t subject[VRX_DIGEST];
    uint64_t method; /* enum vrx_identity_method */
    struct vrx_document_seen *documents;
    size_t document_count;
    int64_t checked_at;
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
    uint64_t purpose; /* enum vrx_purpose */
};

extern const struct vrx_object_schema vrx_identity_evidence_schema;

/* How many documents this method of identity check looks at, at least (terms.h says which): none
 * for the signature of a number card, 1 for the card, 2 for any other. */
size_t vrx_identity_documents(uint64_t method);

/* As many documents as its method needs. Errors: VRX_EVIDENCE_METHOD. */
struct vrx_result vrx_identity_evidence_shown(const struct vrx_identity_evidence *evidence);

/* Fresh at the time: checked_at not more than 60 s ahead and not older than max_age seconds.
 * Errors: VRX_EVIDENCE_STALE. */
struct vrx_result vrx_identity_evidence_fresh(
    const struct vrx_identity_evidence *evidence, int64_t time, uint64_t max_age);

#endif
