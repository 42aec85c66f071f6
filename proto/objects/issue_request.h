/* SPDX-License-Identifier: Apache-2.0
 *
 * What the issuer process is asked over its socket, and what it answers. Typed, never bytes to
 * sign.
 *
 *     issue-request = { 1: certificate-kind, 2: bstr, 3: bstr, 4: bstr, ? 5: bstr }
 *                      ; application, identity evidence, dose statement: each a COSE_Sign1, or
 *                      ; empty where there is none, which the issuer refuses by the rule behind it;
 *                      ; the id of the call that asks, for both logs
 *     issue-reply = {
 *       1: uint,                            ; reason, 0 when issued
 *       2: tstr,                            ; clause behind a refusal, else empty
 *       ? 3: [1*3 issued-certificate],      ; in each format that the kind has, once
 *       ? 4: tstr,                          ; their identifier (UVCI)
 *       ? 5: time, ? 6: time,               ; issued, expires
 *     }
 *     issued-certificate = { 1: format, 2: tstr }
 *                      ; the text as a QR code has it: "HC1:…", "shc:/…", JSON
 */
#ifndef VRX_OBJECTS_ISSUE_REQUEST_H
#define VRX_OBJECTS_ISSUE_REQUEST_H

#include "codes/certificate_format.h"
#include "objects/application.h"
#include "objects/codec.h"
#include "objects/query.h"

#define VRX_LIMIT_UVCI 80 /* characters of ci in the DCC schema */

struct vrx_issue_request {
    uint64_t kind; /* enum vrx_certificate_kind */
    struct vrx_view application;
    struct vrx_view evidence;
    struct vrx_view statement;
    struct vrx_view request_id; /* VRX_ID bytes; empty: none */
};

struct vrx_issued_certificate {
    uint64_t format; /* enum vrx_format */
    struct vrx_view text;
};

struct vrx_issue_reply {
    uint64_t reason; /* enum vrx_reason */
    struct vrx_view clause;
    struct vrx_issued_certificate *certificates;
    size_t certificate_count;
    struct vrx_view uvci;
    int64_t issued_at;
    int64_t expires_at;
};

extern const struct vrx_object_schema vrx_issued_certificate_schema; /* inside others only */
extern const struct vrx_object_schema vrx_issue_request_schema;
extern const struct vrx_object_schema vrx_issue_reply_schema;

#endif
