/* SPDX-License-Identifier: Apache-2.0
 *
 * See issue_request.h for the formats, schema.h for how a table is written.
 */
#include "objects/issue_request.h"

#include "base/limits.h"
#include "objects/answer.h"
#include "objects/schema.h"

static const struct vrx_object_field request_fields[] = {
    ROW_ENUM(1, issue_request, kind, VRX_CERTIFICATE_LAST),
    ROW_BYTES(2, issue_request, application, 0, VRX_LIMIT_SIGNED_OBJECT),
    ROW_BYTES(3, issue_request, evidence, 0, VRX_LIMIT_SIGNED_OBJECT),
    ROW_BYTES(4, issue_request, statement, 0, VRX_LIMIT_ISSUER_REQUEST),
    ROW_OPTIONAL_BYTES(5, issue_request, request_id, VRX_ID),
};

const struct vrx_object_schema vrx_issue_request_schema =
    ROW_SCHEMA(issue_request, "vrx.issue-request.1", request_fields);

/* The longest text of any format is that of a HCERT. */
static const struct vrx_object_field issued_fields[] = {
    ROW_ENUM(1, issued_certificate, format, VRX_FORMAT_LAST),
    ROW_TEXT(2, issued_certificate, text, 1, VRX_LIMIT_HCERT_TEXT),
};

const struct vrx_object_schema vrx_issued_certificate_schema =
    ROW_SCHEMA(issued_certificate, "vrx.issued-certificate.1", issued_fields);

static const struct vrx_object_field reply_fields[] = {
    ROW_UINT(1, issue_reply, reason, 0, UINT16_MAX),
    ROW_TEXT(2, issue_reply, clause, 0, VRX_LIMIT_CLAUSE),
    ROW_OPTIONAL_RECORDS(
        3, issue_reply, certificates, certificate_count, VRX_FORMAT_LAST, issued_certificate),
    ROW_OPTIONAL_TEXT(4, issue_reply, uvci, VRX_LIMIT_UVCI),
    ROW_OPTIONAL_TIME(5, issue_reply, issued_at),
    ROW_OPTIONAL_TIME(6, issue_reply, expires_at),
};

const struct vrx_object_schema vrx_issue_reply_schema =
    ROW_SCHEMA(issue_reply, "vrx.issue-reply.2", reply_fields);
