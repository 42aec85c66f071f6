/* SPDX-License-Identifier: Apache-2.0
 *
 * See certificate_reply.h for the format, schema.h for how a table is written.
 */
#include "objects/certificate_reply.h"

#include "objects/answer.h"
#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, certificate_reply, query_id),
    ROW_MUNICIPALITY(2, certificate_reply, origin),
    ROW_MUNICIPALITY(3, certificate_reply, destination),
    ROW_ENUM(4, certificate_reply, outcome, VRX_CERTIFICATE_OUTCOME_LAST),
    ROW_UINT(5, certificate_reply, reason, 0, UINT16_MAX),
    ROW_TEXT(6, certificate_reply, clause, 0, VRX_LIMIT_CLAUSE),
    ROW_FIXED(7, certificate_reply, query_digest),
    ROW_TIME(8, certificate_reply, replied_at),
    ROW_OPTIONAL_RECORDS(
        9, certificate_reply, certificates, certificate_count, VRX_FORMAT_LAST, issued_certificate),
    ROW_OPTIONAL_TEXT(10, certificate_reply, uvci, VRX_LIMIT_UVCI),
    ROW_OPTIONAL_TIME(11, certificate_reply, issued_at),
    ROW_OPTIONAL_TIME(12, certificate_reply, expires_at),
};

const struct vrx_object_schema vrx_certificate_reply_schema =
    ROW_DATED_SCHEMA(certificate_reply, "vrx.certificate-reply.1", fields, replied_at);

static bool has_each_format_once(const struct vrx_certificate_reply *reply) {
    unsigned seen = 0;
    for (size_t i = 0; i < reply->certificate_count; i++) {
        const unsigned bit = 1u << reply->certificates[i].format;
        if (seen & bit)
            return false;
        seen |= bit;
    }
    return true;
}

struct vrx_result vrx_certificate_reply_check(const struct vrx_certificate_reply *reply) {
    const bool issued = reply->outcome == VRX_CERTIFICATE_OUTCOME_ISSUED;
    const bool refused = reply->outcome == VRX_CERTIFICATE_OUTCOME_REFUSED;
    const struct {
        bool holds;
        const char *clause;
    } rules[] = {
        {issued == (reply->certificate_count != 0),
            "certificate_reply.certificates: where issued, and there alone"},
        {has_each_format_once(reply), "certificate_reply.certificates: each format once"},
        {issued == (reply->uvci.len != 0), "certificate_reply.uvci: of what was issued"},
        {issued == (reply->issued_at != 0), "certificate_reply.issued_at: of what was issued"},
        {issued == (reply->expires_at != 0), "certificate_reply.expires_at: of what was issued"},
        {refused == (reply->reason != 0),
            "certificate_reply.reason: with a refusal, and with it alone"},
        {refused || !reply->clause.len, "certificate_reply.clause: beside a reason alone"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!rules[i].holds)
            return vrx_refuse(VRX_INPUT_RANGE, rules[i].clause);
    return vrx_ok();
}
