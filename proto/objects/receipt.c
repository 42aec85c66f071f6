/* SPDX-License-Identifier: Apache-2.0
 *
 * See receipt.h for the format, schema.h for how a table is written.
 */
#include "objects/receipt.h"

#include "objects/envelope.h"
#include "objects/permit.h"
#include "objects/schema.h"

static const struct vrx_object_field transfer_fields[] = {
    ROW_FIXED(1, receipt_transfer, query_digest),
    ROW_FIXED(2, receipt_transfer, answer_digest),
    ROW_TEXT(3, receipt_transfer, permit_id, 0, VRX_LIMIT_PERMIT_ID),
    ROW_FIXED(4, receipt_transfer, permit_table_digest),
    ROW_BOOL(5, receipt_transfer, without_consent),
};

static const struct vrx_object_schema vrx_receipt_transfer_schema =
    ROW_SCHEMA(receipt_transfer, "vrx.receipt-transfer.1", transfer_fields);

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, receipt, id),
    ROW_MUNICIPALITY(2, receipt, signer),
    ROW_MUNICIPALITY(3, receipt, sender),
    ROW_ENUM(4, receipt, kind, VRX_ENVELOPE_LAST),
    ROW_FIXED(5, receipt, digest),
    ROW_RECORDS(6, receipt, transfer, transfer_count, 0, 1, receipt_transfer),
    ROW_UINT(7, receipt, ledger_size, 0, VRX_OBJECT_UINT_MAX),
    ROW_FIXED(8, receipt, ledger_root),
    ROW_TIME(9, receipt, signed_at),
};

const struct vrx_object_schema vrx_receipt_schema =
    ROW_DATED_SCHEMA(receipt, "vrx.receipt.1", fields, signed_at);

bool vrx_receipt_transfer_equal(
    const struct vrx_receipt_transfer *a, const struct vrx_receipt_transfer *b) {
    return memcmp(a->query_digest, b->query_digest, VRX_DIGEST) == 0 &&
           memcmp(a->answer_digest, b->answer_digest, VRX_DIGEST) == 0 &&
           vrx_view_equal(a->permit_id, b->permit_id) &&
           memcmp(a->permit_table_digest, b->permit_table_digest, VRX_DIGEST) == 0 &&
           a->without_consent == b->without_consent;
}
