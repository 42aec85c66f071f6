/* SPDX-License-Identifier: Apache-2.0
 *
 * What a municipality of origin tells whoever received a dose from it when that dose was corrected
 * or taken out afterwards: signed by it, then sealed to the destination. It refers to one dose of
 * one answer and says of it no more than was asked for then.
 *
 *     correction-notice = {
 *       1: bstr .size 16,                   ; id
 *       2: municipality-code,               ; origin
 *       3: municipality-code,               ; destination
 *       4: bstr .size 16,                   ; of the query
 *       5: bstr .size 32,                   ; SHA-256 of the signed answer
 *       6: bstr .size 32,                   ; the dose as it was sent: vrx_dose_item_digest
 *       7: uint,                            ; of this dose's notices, from 1; ascends
 *       8: 1..3,                            ; reason
 *       9: [*1 dose-item],                  ; as it is now; none: it is withdrawn
 *       10: time,
 *     }
 */
#ifndef VRX_OBJECTS_CORRECTION_NOTICE_H
#define VRX_OBJECTS_CORRECTION_NOTICE_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/dose_item.h"
#include "objects/terms.h"

enum vrx_correction_reason {
    VRX_CORRECTION_CORRECTED = 1,        /* something of it was wrong: with the dose as it is now */
    VRX_CORRECTION_ENTERED_IN_ERROR = 2, /* there is no such dose */
    VRX_CORRECTION_NOT_OURS = 3,         /* the origin has it for reference only, from elsewhere */
    VRX_CORRECTION_LAST = VRX_CORRECTION_NOT_OURS,
};

struct vrx_correction_notice {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code origin;
    struct vrx_municipality_code destination;
    uint8_t query_id[VRX_ID];
    uint8_t answer_digest[VRX_DIGEST];
    uint8_t as_sent[VRX_DIGEST];
    uint64_t sequence;
    uint64_t reason;           /* enum vrx_correction_reason */
    struct vrx_dose_item *now; /* now_count 1 when CORRECTED, else 0 */
    size_t now_count;
    int64_t corrected_at;
};

extern const struct vrx_object_schema vrx_correction_notice_schema;

/* Whether reason and content agree, which the table cannot say. Errors: VRX_INPUT_FIELD_MISSING
 * when CORRECTED comes without the dose as it is now, VRX_INPUT_FIELD_UNKNOWN when a withdrawal
 * comes with one. */
struct vrx_result vrx_correction_notice_check(const struct vrx_correction_notice *notice);

#endif
