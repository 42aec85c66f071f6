/* SPDX-License-Identifier: Apache-2.0
 *
 * See answer.h for the format, schema.h for how a table is written.
 */
#include "objects/answer.h"

#include "base/limits.h"
#include "objects/permit.h"
#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, answer, query_id),
    ROW_MUNICIPALITY(2, answer, origin),
    ROW_MUNICIPALITY(3, answer, destination),
    ROW_ENUM(4, answer, outcome, VRX_ANSWER_LAST),
    ROW_UINT(5, answer, reason, 0, UINT16_MAX),
    ROW_TEXT(6, answer, clause, 0, VRX_LIMIT_CLAUSE),
    ROW_FIXED(7, answer, query_digest),
    ROW_TEXT(8, answer, permit_id, 0, VRX_LIMIT_PERMIT_ID),
    ROW_FIXED(9, answer, permit_table_digest),
    ROW_RECORDS(10, answer, doses, dose_count, 0, VRX_LIMIT_DOSES, dose_item),
    ROW_TIME(11, answer, answered_at),
    ROW_OPTIONAL_EXACT(12, answer, linkage_code, VRX_LINKAGE_CODE),
    {ROW_BASE(13, answer, padding, struct vrx_view), .kind = VRX_FIELD_BYTES,
        .min = VRX_ANSWER_PADDING, .max = VRX_LIMIT_ANSWER_PADDING, .optional = true},
};

const struct vrx_object_schema vrx_answer_schema =
    ROW_DATED_SCHEMA(answer, "vrx.answer.2", fields, answered_at);

struct vrx_result vrx_answer_check(const struct vrx_answer *answer) {
    const bool doses = answer->outcome == VRX_ANSWER_DOSES;
    const bool denied = answer->outcome == VRX_ANSWER_DENIED;
    const struct {
        bool holds;
        const char *clause;
    } rules[] = {
        {doses || !answer->dose_count, "answer.doses: with outcome doses alone"},
        {doses || !answer->linkage_code.len, "answer.linkage_code: with outcome doses alone"},
        {!doses || answer->permit_id.len, "answer.permit_id: by which the doses left"},
        {denied == (answer->reason != 0), "answer.reason: with a denial, and with it alone"},
        {denied || !answer->clause.len, "answer.clause: beside a reason alone"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!rules[i].holds)
            return vrx_refuse(VRX_INPUT_RANGE, rules[i].clause);
    return vrx_ok();
}

/* A text of up to 23 bytes takes one byte more, up to VRX_LIMIT_PERMIT_ID two (RFC 8949 §3). */
struct vrx_view vrx_answer_padding(struct vrx_view permit_id) {
    static const uint8_t zeros[VRX_LIMIT_ANSWER_PADDING];
    const size_t taken = permit_id.len + (permit_id.len < 24 ? 1 : 2);
    return vrx_view_of(zeros, VRX_ANSWER_PADDING + VRX_LIMIT_PERMIT_ID + 2 - taken);
}
