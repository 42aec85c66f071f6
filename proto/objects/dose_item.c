/* SPDX-License-Identifier: Apache-2.0
 *
 * See dose_item.h for the format, schema.h for how a table is written.
 */
#include "objects/dose_item.h"

#include "base/limits.h"
#include "crypto/hash.h"
#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_MUNICIPALITY(1, dose_item, administered_by),
    ROW_DATE(2, dose_item, administered_on),
    ROW_UINT(3, dose_item, product, 1, VRX_OBJECT_UINT_MAX),
    ROW_UINT(4, dose_item, dose_number, 1, 99),
    ROW_OPTIONAL_TEXT(5, dose_item, lot, VRX_LIMIT_LOT),
    ROW_OPTIONAL_TEXT(6, dose_item, venue, VRX_LIMIT_VENUE),
    ROW_OPTIONAL_TEXT(7, dose_item, physician, VRX_LIMIT_PHYSICIAN),
    ROW_OPTIONAL_DIGITS(8, dose_item, ticket, VRX_LIMIT_TICKET),
};

const struct vrx_object_schema vrx_dose_item_schema =
    ROW_SCHEMA(dose_item, "vrx.dose-item.1", fields);

struct vrx_result vrx_dose_item_commitment(const struct vrx_dose_item *item,
    const uint8_t salt[VRX_DIGEST], uint8_t ret_commitment[VRX_DIGEST]) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer encoded = {0};
    VRX_TRY(vrx_object_encode(&vrx_dose_item_schema, item, &encoded));
    const struct vrx_view parts[] = {vrx_view_of(salt, VRX_DIGEST), vrx_buffer_view(&encoded)};
    return vrx_sha256_parts(parts, 2, ret_commitment);
}

struct vrx_result vrx_dose_item_digest(
    const struct vrx_dose_item *item, uint8_t ret_digest[VRX_DIGEST]) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer encoded = {0};
    VRX_TRY(vrx_object_encode(&vrx_dose_item_schema, item, &encoded));
    return vrx_sha256(vrx_buffer_view(&encoded), ret_digest);
}
