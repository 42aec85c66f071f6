/* SPDX-License-Identifier: Apache-2.0
 *
 * See bulk_list.h for the meaning, objects.cddl for the format, schema.h for how a table is
 * written.
 */
#include "objects/bulk_list.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "objects/schema.h"

static const struct vrx_object_field list_fields[] = {
    ROW_FIXED(1, bulk_list, id),
    ROW_MUNICIPALITY(2, bulk_list, municipality),
    ROW_ENUM(3, bulk_list, purpose, VRX_PURPOSE_LAST),
    ROW_UINT(4, bulk_list, rows, 1, VRX_LIMIT_BULK_ROWS),
    ROW_FIXED(5, bulk_list, digest),
    ROW_TEXT(6, bulk_list, operator_id, 1, VRX_LIMIT_OPERATOR),
    ROW_TEXT(7, bulk_list, terminal_id, 1, VRX_LIMIT_OPERATOR),
    ROW_TIME(8, bulk_list, submitted_at),
};

const struct vrx_object_schema vrx_bulk_list_schema =
    ROW_DATED_SCHEMA(bulk_list, "vrx.bulk-list.1", list_fields, submitted_at);

static const struct vrx_object_field row_fields[] = {
    ROW_UINT(1, bulk_row, line, 1, VRX_OBJECT_UINT_MAX),
    ROW_FIXED(2, bulk_row, query_id),
    ROW_FIXED(3, bulk_row, person),
    ROW_MUNICIPALITY(4, bulk_row, origin),
    ROW_OPTIONAL_EXACT(5, bulk_row, consent_id, VRX_ID),
    ROW_OPTIONAL_EXACT(6, bulk_row, evidence_id, VRX_ID),
    ROW_ENUMS(7, bulk_row, items, item_count, 1, VRX_ITEM_LAST, VRX_ITEM_LAST),
};

const struct vrx_object_schema vrx_bulk_row_schema =
    ROW_SCHEMA(bulk_row, "vrx.bulk-row.1", row_fields);

struct vrx_result vrx_bulk_digest(const uint8_t before[VRX_DIGEST], const struct vrx_bulk_row *row,
    uint8_t ret_digest[VRX_DIGEST]) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer encoded = {0};
    VRX_TRY(vrx_object_encode(&vrx_bulk_row_schema, row, &encoded));
    struct vrx_view parts[] = {vrx_view_of(before, VRX_DIGEST), vrx_buffer_view(&encoded)};
    return vrx_sha256_parts(parts, 2, ret_digest);
}
