/* SPDX-License-Identifier: Apache-2.0
 *
 * What the municipality of origin answers, signed by it and then sealed to the destination.
 *
 *     answer = {
 *       1: bstr .size 16,                   ; query id
 *       2: municipality-code,               ; origin
 *       3: municipality-code,               ; destination
 *       4: 1..4,                            ; outcome
 *       5: uint,                            ; reason, base/reasons.def; 0 unless denied
 *       6: tstr,                            ; clause behind a denial, else empty
 *       7: bstr .size 32,                   ; SHA-256 of the signed query
 *       8: tstr,                            ; permit applied, empty when none was reached
 *       9: bstr .size 32,                   ; SHA-256 of the signed permit table
 *       10: [* dose-item],
 *       11: time,
 *       ? 12: bstr .size 16,                ; linkage code of the person, with doses
 *       ? 13: bstr .size 24..89,            ; zeros, so that all answers without reason and doses
 *                                           ; are of one length
 *     }
 */
#ifndef VRX_OBJECTS_ANSWER_H
#define VRX_OBJECTS_ANSWER_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/dose_item.h"
#include "objects/terms.h"

#define VRX_LIMIT_CLAUSE 200
#define VRX_ANSWER_PADDING 24 /* at least: from here on the length of a byte string is one byte */
#define VRX_LIMIT_ANSWER_PADDING 89

enum vrx_answer_outcome {
    VRX_ANSWER_DENIED = 1,
    VRX_ANSWER_PENDING = 2,
    VRX_ANSWER_DOSES = 3,
    VRX_ANSWER_NO_RECORD = 4,
    VRX_ANSWER_LAST = VRX_ANSWER_NO_RECORD,
};

struct vrx_answer {
    uint8_t query_id[VRX_ID];
    struct vrx_municipality_code origin;
    struct vrx_municipality_code destination;
    uint64_t outcome; /* enum vrx_answer_outcome */
    uint64_t reason;  /* enum vrx_reason */
    struct vrx_view clause;
    uint8_t query_digest[VRX_DIGEST];
    struct vrx_view permit_id;
    uint8_t permit_table_digest[VRX_DIGEST];
    struct vrx_dose_item *doses;
    size_t dose_count;
    int64_t answered_at;
    struct vrx_view linkage_code; /* VRX_LINKAGE_CODE bytes; empty = absent */
    struct vrx_view padding;      /* vrx_answer_padding's; empty = absent */
};

/* What makes the encodings of answers equally long that have neither clause nor doses, whatever
 * their permit. */
struct vrx_view vrx_answer_padding(struct vrx_view permit_id);

extern const struct vrx_object_schema vrx_answer_schema;

/* What stands in it goes with its outcome: doses and a linkage code with VRX_ANSWER_DOSES alone,
 * which also names the permit by which they left; a reason with VRX_ANSWER_DENIED and with nothing
 * else, and a clause only beside one. The table lets each of them stand anywhere. Errors:
 * VRX_INPUT_RANGE with the field. */
struct vrx_result vrx_answer_check(const struct vrx_answer *answer);

#endif
