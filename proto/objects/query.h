/* SPDX-License-Identifier: Apache-2.0
 *
 * What the municipality of destination asks, signed by it and then sealed to the municipality of
 * origin (envelope.h). The individual number stands here and nowhere else on the wire between
 * municipalities; and not here either once the origin has answered about the person: the linkage
 * code that came with the doses stands in its place.
 *
 *     query = {
 *       1: bstr .size 16,                   ; id
 *       2: municipality-code,               ; asker: destination of the move
 *       3: municipality-code,               ; asked: origin of the move
 *       4: purpose,
 *       5: tstr,                            ; permit id
 *       6: [+ data-item],
 *       ? 7: tstr,                          ; individual number
 *       8: full-date,                       ; birth date
 *       9: tstr,                            ; name
 *       10: bstr .size 32,                  ; salt of the subject
 *       ? 11: bstr,                         ; consent, COSE_Sign1
 *       ? 12: bstr,                         ; identity evidence, COSE_Sign1
 *       13: bstr .size 16,                  ; nonce
 *       14: time, 15: time,                 ; asked at, deadline
 *       ? 16: bstr .size 16,                ; linkage code, where 7 is absent
 *       ? 17: bstr,                         ; application, COSE_Sign1: not doses are asked for but
 * a ; certificate of them (VRX_ENVELOPE_CERTIFICATE_QUERY)
 *     }
 */
#ifndef VRX_OBJECTS_QUERY_H
#define VRX_OBJECTS_QUERY_H

#include "base/date.h"
#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_SIGNED_OBJECT 4096 /* a consent or evidence inside another object */
/* From asked at to deadline: a peer that is down for a week is asked for another one. Not longer,
 * because permit, consent and identity check are judged as of the instant that the asker names. */
#define VRX_LIMIT_QUERY_SECONDS (14 * 86400)

struct vrx_query {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code asker;
    struct vrx_municipality_code asked;
    uint64_t purpose; /* enum vrx_purpose */
    struct vrx_view permit_id;
    uint64_t *items; /* enum vrx_data_item */
    size_t item_count;
    struct vrx_view individual_number; /* 12 digits; empty = absent */
    struct vrx_date birth_date;
    struct vrx_view name;
    uint8_t subject_salt[VRX_DIGEST];
    struct vrx_view consent;  /* empty = absent */
    struct vrx_view evidence; /* empty = absent */
    uint8_t nonce[VRX_ID];
    int64_t asked_at;
    int64_t deadline;
    struct vrx_view linkage_code; /* VRX_LINKAGE_CODE bytes; empty = absent */
    struct vrx_view application;  /* empty = absent */
};

extern const struct vrx_object_schema vrx_query_schema;

/* Either an individual number or a linkage code says whom it is about. Errors:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_RANGE for both at once. */
struct vrx_result vrx_query_names_person(const struct vrx_query *query);

#endif
