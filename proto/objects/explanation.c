/* SPDX-License-Identifier: Apache-2.0
 *
 * See explanation.h for the format, schema.h for how a table is written.
 */
#include "objects/explanation.h"

#include "base/limits.h"
#include "objects/answer.h"
#include "objects/dose_statement.h"
#include "objects/query.h"
#include "objects/schema.h"

static const struct vrx_object_field later_consent_fields[] = {
    ROW_BYTES(1, later_consent, object, 1, VRX_LIMIT_SIGNED_OBJECT),
    ROW_TIME(2, later_consent, known_since),
};

static const struct vrx_object_schema vrx_later_consent_schema =
    ROW_SCHEMA(later_consent, "vrx.later-consent.1", later_consent_fields);

static const struct vrx_object_field proven_entry_fields[] = {
    ROW_UINT(1, proven_entry, index, 0, VRX_OBJECT_UINT_MAX),
    ROW_BYTES(2, proven_entry, entry, 1, VRX_LIMIT_LEDGER_ENTRY),
    ROW_BYTES(3, proven_entry, proof, 0, VRX_LIMIT_PROOF),
};

static const struct vrx_object_schema vrx_proven_entry_schema =
    ROW_SCHEMA(proven_entry, "vrx.proven-entry.1", proven_entry_fields);

static const struct vrx_object_field fields[] = {
    ROW_MUNICIPALITY(1, explanation, municipality),
    ROW_ENUM(2, explanation, side, VRX_EXPLAINED_SIDE_LAST),
    ROW_MUNICIPALITY(3, explanation, other),
    ROW_FIXED(4, explanation, query_id),
    ROW_TIME(5, explanation, made_at),
    ROW_ENUM(6, explanation, state, VRX_TRANSFER_STATE_LAST),
    ROW_UINT(7, explanation, reason, 0, UINT16_MAX),
    ROW_TEXT(8, explanation, clause, 0, VRX_LIMIT_CLAUSE),
    ROW_TIME(9, explanation, begun_at),
    ROW_TIME(10, explanation, deadline),
    ROW_TIME(11, explanation, changed_at),
    ROW_UINT(12, explanation, person, 0, VRX_EXPLAINED_FOUND),
    ROW_BOOL(13, explanation, held),
    ROW_BYTES(14, explanation, directory, 1, VRX_LIMIT_SIGNED_DIRECTORY),
    ROW_BYTES_LIST(15, explanation, permits, permits_count, VRX_LIMIT_EXPLAINED_TABLES,
        VRX_LIMIT_SIGNED_PERMITS),
    ROW_FIXED(16, explanation, judged_by),
    ROW_OPTIONAL_BYTES(17, explanation, query, VRX_LIMIT_EXPLAINED_MESSAGE),
    ROW_OPTIONAL_BYTES(18, explanation, answer, VRX_LIMIT_EXPLAINED_MESSAGE),
    ROW_RECORDS(
        19, explanation, consents, consent_count, 0, VRX_LIMIT_EXPLAINED_CONSENTS, later_consent),
    ROW_BYTES_LIST(20, explanation, receipts, receipt_count, VRX_LIMIT_EXPLAINED_RECEIPTS,
        VRX_LIMIT_SIGNED_OBJECT),
    ROW_RECORDS(
        21, explanation, entries, entry_count, 0, VRX_LIMIT_EXPLAINED_ENTRIES, proven_entry),
    ROW_UINT(22, explanation, left_out, 0, VRX_OBJECT_UINT_MAX),
    ROW_TEXT(23, explanation, checkpoint, 1, VRX_LIMIT_CHECKPOINT),
};

const struct vrx_object_schema vrx_explanation_schema =
    ROW_DATED_SCHEMA(explanation, "vrx.explanation.1", fields, made_at);
