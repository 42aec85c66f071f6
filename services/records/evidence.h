/* SPDX-License-Identifier: Apache-2.0
 *
 * An identity check made and kept, for all who record one: by an officer at a counter
 * (services/exchange/evidence.c), or by a number card at a kiosk (services/kiosk).
 */
#ifndef VRX_RECORDS_EVIDENCE_H
#define VRX_RECORDS_EVIDENCE_H

#include "dispatch/context.h"
#include "objects/identity_evidence.h"
#include "store/evidence_record.h"

/* Draws the identifier and the case's salt. */
struct vrx_result vrx_evidence_begin(
    struct vrx_context *context, int64_t resident, struct vrx_evidence_record *ret_record);

/* A document as the evidence has it: only a salted digest of its number is kept, enough to tell
 * that the same was shown. */
struct vrx_result vrx_evidence_document(const struct vrx_evidence_record *record, uint64_t type,
    struct vrx_view number, struct vrx_document_seen *ret_document);

/* Signs and keeps it: method, purpose, documents and operator are the caller's, the rest is filled
 * in. The call's entry belongs to the case from then on; vrx_context_about was called before.
 * Errors: the store's, vrx_signer_sign's. */
struct vrx_result vrx_evidence_keep(struct vrx_context *context, struct vrx_evidence_record *record,
    struct vrx_identity_evidence *evidence);

#endif
