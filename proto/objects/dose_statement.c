/* SPDX-License-Identifier: Apache-2.0
 *
 * See dose_statement.h for the format, schema.h for how a table is written.
 */
#include "objects/dose_statement.h"

#include "base/limits.h"
#include "objects/schema.h"

static const struct vrx_object_field proven_fields[] = {
    ROW_RECORD(1, proven_dose, item, dose_item),
    ROW_FIXED(2, proven_dose, salt),
    ROW_UINT(3, proven_dose, ledger_index, 0, VRX_OBJECT_UINT_MAX),
    ROW_BYTES(4, proven_dose, entry, 1, VRX_LIMIT_LEDGER_ENTRY),
    ROW_BYTES(5, proven_dose, proof, 0, VRX_LIMIT_PROOF),
};

static const struct vrx_object_schema vrx_proven_dose_schema =
    ROW_SCHEMA(proven_dose, "vrx.proven-dose.1", proven_fields);

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, dose_statement, application_id),
    ROW_MUNICIPALITY(2, dose_statement, municipality),
    ROW_FIXED(3, dose_statement, person),
    ROW_BOOL(4, dose_statement, closed),
    ROW_RECORDS(5, dose_statement, doses, dose_count, 1, VRX_LIMIT_DOSES, proven_dose),
    ROW_TEXT(6, dose_statement, checkpoint, 1, VRX_LIMIT_CHECKPOINT),
    ROW_TIME(7, dose_statement, stated_at),
    ROW_OPTIONAL_EXACT(8, dose_statement, subject, VRX_DIGEST),
};

const struct vrx_object_schema vrx_dose_statement_schema =
    ROW_DATED_SCHEMA(dose_statement, "vrx.dose-statement.1", fields, stated_at);
