/* SPDX-License-Identifier: Apache-2.0
 *
 * See correction_notice.h for the format, schema.h for how a table is written.
 */
#include "objects/correction_notice.h"

#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, correction_notice, id),
    ROW_MUNICIPALITY(2, correction_notice, origin),
    ROW_MUNICIPALITY(3, correction_notice, destination),
    ROW_FIXED(4, correction_notice, query_id),
    ROW_FIXED(5, correction_notice, answer_digest),
    ROW_FIXED(6, correction_notice, as_sent),
    ROW_UINT(7, correction_notice, sequence, 1, VRX_OBJECT_UINT_MAX),
    ROW_ENUM(8, correction_notice, reason, VRX_CORRECTION_LAST),
    ROW_RECORDS(9, correction_notice, now, now_count, 0, 1, dose_item),
    ROW_TIME(10, correction_notice, corrected_at),
};

const struct vrx_object_schema vrx_correction_notice_schema =
    ROW_DATED_SCHEMA(correction_notice, "vrx.correction-notice.1", fields, corrected_at);

struct vrx_result vrx_correction_notice_check(const struct vrx_correction_notice *notice) {
    const bool corrected = notice->reason == VRX_CORRECTION_CORRECTED;
    if (corrected && !notice->now_count)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "correction_notice.now");
    if (!corrected && notice->now_count)
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "correction_notice.now");
    return vrx_ok();
}
