/* SPDX-License-Identifier: Apache-2.0
 *
 * See query.h for the format, schema.h for how a table is written.
 */
#include "objects/query.h"

#include "base/limits.h"
#include "codes/individual_number.h"
#include "objects/permit.h"
#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, query, id),
    ROW_MUNICIPALITY(2, query, asker),
    ROW_MUNICIPALITY(3, query, asked),
    ROW_ENUM(4, query, purpose, VRX_PURPOSE_LAST),
    ROW_TEXT(5, query, permit_id, 1, VRX_LIMIT_PERMIT_ID),
    ROW_ENUMS(6, query, items, item_count, 1, VRX_ITEM_LAST, VRX_ITEM_LAST),
    ROW_OPTIONAL_DIGITS(7, query, individual_number, VRX_INDIVIDUAL_NUMBER_DIGITS),
    ROW_DATE(8, query, birth_date),
    ROW_TEXT(9, query, name, 1, VRX_LIMIT_NAME),
    ROW_FIXED(10, query, subject_salt),
    ROW_OPTIONAL_BYTES(11, query, consent, VRX_LIMIT_SIGNED_OBJECT),
    ROW_OPTIONAL_BYTES(12, query, evidence, VRX_LIMIT_SIGNED_OBJECT),
    ROW_FIXED(13, query, nonce),
    ROW_TIME(14, query, asked_at),
    ROW_TIME(15, query, deadline),
    ROW_OPTIONAL_EXACT(16, query, linkage_code, VRX_LINKAGE_CODE),
    ROW_OPTIONAL_BYTES(17, query, application, VRX_LIMIT_SIGNED_OBJECT),
};

const struct vrx_object_schema vrx_query_schema =
    ROW_DATED_SCHEMA(query, "vrx.query.2", fields, asked_at);

struct vrx_result vrx_query_names_person(const struct vrx_query *query) {
    static const char clause[] = "query: an individual number or a linkage code";
    if (!query->individual_number.len && !query->linkage_code.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, clause);
    if (query->individual_number.len && query->linkage_code.len)
        return vrx_refuse(VRX_INPUT_RANGE, clause);
    return vrx_ok();
}
