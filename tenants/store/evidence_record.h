/* SPDX-License-Identifier: Apache-2.0
 *
 * Identity checks as they are kept: the signed object (objects/identity_evidence.h) beside whom it
 * is about. It opens a case: its subject salt makes the subject that the evidence, the consent and
 * the application of the case name (objects/subject.h).
 */
#ifndef VRX_STORE_EVIDENCE_RECORD_H
#define VRX_STORE_EVIDENCE_RECORD_H

#include "base/arena.h"
#include "objects/terms.h"
#include "store/tenant.h"

struct vrx_evidence_record {
    uint8_t id[VRX_ID];
    int64_t resident;
    uint8_t subject_salt[VRX_DIGEST];
    struct vrx_view object; /* COSE_Sign1, 1 to VRX_LIMIT_SIGNED_OBJECT bytes */
    int64_t recorded_at;
};

/* Errors: VRX_INPUT_FIELD_MISSING, VRX_INPUT_TOO_LARGE (object); VRX_ALREADY_EXISTS (id);
 * VRX_NOT_FOUND (resident). */
struct vrx_result vrx_evidence_record_put(
    struct vrx_tenant *tenant, const struct vrx_evidence_record *evidence);

/* Errors: VRX_EVIDENCE_MISSING. */
struct vrx_result vrx_evidence_record_get(struct vrx_tenant *tenant, struct vrx_arena *arena,
    const uint8_t id[VRX_ID], struct vrx_evidence_record *ret_evidence);

/* The evidence is about this resident. Errors: VRX_EVIDENCE_MISSING, VRX_EVIDENCE_SUBJECT. */
struct vrx_result vrx_evidence_record_about(
    struct vrx_tenant *tenant, const uint8_t id[VRX_ID], int64_t resident);

#endif
