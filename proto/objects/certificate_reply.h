/* SPDX-License-Identifier: Apache-2.0
 *
 * What a municipality says that was asked, by a query with an application (query.h), to certify the
 * doses that it administered: signed by it and then sealed to the municipality where the
 * application was made.
 *
 *     certificate-reply = {
 *       1: bstr .size 16,                   ; query id
 *       2: municipality-code,               ; origin: who was asked
 *       3: municipality-code,               ; destination: who asked
 *       4: 1..3,                            ; outcome
 *       5: uint,                            ; reason, base/reasons.def; 0 unless refused
 *       6: tstr,                            ; clause behind a refusal, else empty
 *       7: bstr .size 32,                   ; SHA-256 of the signed query
 *       8: time,
 *       ? 9: [1*3 issued-certificate],      ; issue_request.h
 *       ? 10: tstr,                         ; their identifier (UVCI)
 *       ? 11: time, ? 12: time,             ; issued, expires
 *     }
 *
 * Of NO_RECORD every field has one length, so that all of these are equally long.
 */
#ifndef VRX_OBJECTS_CERTIFICATE_REPLY_H
#define VRX_OBJECTS_CERTIFICATE_REPLY_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/issue_request.h"
#include "objects/terms.h"

enum vrx_certificate_outcome {
    VRX_CERTIFICATE_OUTCOME_ISSUED = 1,
    VRX_CERTIFICATE_OUTCOME_REFUSED = 2,   /* by law, or by the issuer */
    VRX_CERTIFICATE_OUTCOME_NO_RECORD = 3, /* there is nothing that it may certify */
    VRX_CERTIFICATE_OUTCOME_LAST = VRX_CERTIFICATE_OUTCOME_NO_RECORD,
};

struct vrx_certificate_reply {
    uint8_t query_id[VRX_ID];
    struct vrx_municipality_code origin;
    struct vrx_municipality_code destination;
    uint64_t outcome; /* enum vrx_certificate_outcome */
    uint64_t reason;  /* enum vrx_reason */
    struct vrx_view clause;
    uint8_t query_digest[VRX_DIGEST];
    int64_t replied_at;
    struct vrx_issued_certificate *certificates;
    size_t certificate_count;
    struct vrx_view uvci;
    int64_t issued_at;
    int64_t expires_at;
};

extern const struct vrx_object_schema vrx_certificate_reply_schema;

/* What stands in it goes with its outcome: certificates, identifier and times with ISSUED, and all
 * of them, each format once; a reason with REFUSED, a clause only beside one. Errors:
 * VRX_INPUT_RANGE with the field. */
struct vrx_result vrx_certificate_reply_check(const struct vrx_certificate_reply *reply);

#endif
