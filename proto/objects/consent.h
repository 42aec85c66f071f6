/* SPDX-License-Identifier: Apache-2.0
 *
 * A mover's consent to ask the municipality of origin, signed by the municipality of destination
 * that took it down. It changes in one direction only: narrowing signs a further object of the same
 * id with fewer origins, fewer items or an earlier end, revoking one with the later status. Whoever
 * holds two of them knows by their content which came later, whatever order they arrived in.
 *
 *     consent = {
 *       1: bstr .size 16,                   ; id
 *       2: municipality-code,               ; destination
 *       3: bstr .size 32,                   ; subject
 *       4: purpose,
 *       5: [+ municipality-code],           ; origins that may be asked
 *       6: [+ data-item],
 *       7: time, 8: time,                   ; given at, expires (inclusive)
 *       9: tstr,                            ; form number
 *       10: bstr .size 32,                  ; SHA-256 of the signed form
 *       11: bool,                           ; revocable
 *       12: bstr .size 16,                  ; id of the identity evidence
 *       13: 1 / 2,                          ; status: granted, revoked
 *       14: time,                           ; since when this status
 *     }
 */
#ifndef VRX_OBJECTS_CONSENT_H
#define VRX_OBJECTS_CONSENT_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_ORIGINS 16
#define VRX_LIMIT_FORM_NUMBER 64
/* From given to expires: a leap year. Who moved is asked about once, and nobody remembers for
 * longer what they agreed to. */
#define VRX_LIMIT_CONSENT_SECONDS ((int64_t)366 * 86400)

enum vrx_consent_status {
    VRX_CONSENT_GRANTED = 1,
    VRX_CONSENT_WITHDRAWN = 2,
};

struct vrx_consent {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code destination;
    uint8_t subject[VRX_DIGEST];
    uint64_t purpose; /* enum vrx_purpose */
    struct vrx_municipality_code *origins;
    size_t origin_count;
    uint64_t *items; /* enum vrx_data_item */
    size_t item_count;
    int64_t given_at;
    int64_t expires_at;
    struct vrx_view form_number;
    uint8_t form_digest[VRX_DIGEST];
    bool revocable;
    uint8_t evidence_id[VRX_ID];
    uint64_t status; /* enum vrx_consent_status */
    int64_t status_since;
};

extern const struct vrx_object_schema vrx_consent_schema;

/* What the consent is asked to cover. */
struct vrx_consent_use {
    const struct vrx_municipality_code *destination;
    const struct vrx_municipality_code *origin;
    const uint8_t *subject; /* VRX_DIGEST bytes */
    uint64_t purpose;
    const uint64_t *items;
    size_t item_count;
    int64_t time;
};

/* Errors, in this order: VRX_CONSENT_REVOKED; VRX_CONSENT_EXPIRED (not yet given or past its end;
 * given for longer than VRX_LIMIT_CONSENT_SECONDS; in its status since before it was given);
 * VRX_CONSENT_SCOPE (another destination, origin, subject, purpose or item), each with its clause.
 */
struct vrx_result vrx_consent_covers(
    const struct vrx_consent *consent, const struct vrx_consent_use *use);

/* Whether after can follow before: the same consent, no origin or item more, no later end, its
 * status as it was or withdrawn, not signed earlier. A consent follows itself. Errors:
 * VRX_CONSENT_SCOPE with the field that does not. */
struct vrx_result vrx_consent_follows(
    const struct vrx_consent *before, const struct vrx_consent *after);

#endif
