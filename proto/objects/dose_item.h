/* SPDX-License-Identifier: Apache-2.0
 *
 * One dose as it is committed to in the ledger, handed over in an answer and shown to the issuer.
 *
 * The commitment of a dose is SHA-256(salt ‖ deterministic CBOR of its complete item), with a salt
 * of VRX_DIGEST random bytes a dose: the ledger shows that the dose was recorded and says nothing
 * of it.
 *
 *     dose-item = {
 *       1: municipality-code,          ; who administered it
 *       2: full-date,                  ; administered on
 *       3: uint,                       ; product, proto/codes/vaccine.h
 *       4: 1..99,                      ; dose number
 *       ? 5: tstr,                     ; lot
 *       ? 6: tstr,                     ; venue
 *       ? 7: tstr,                     ; physician
 *       ? 8: tstr,                     ; ticket number, 10 digits
 *     }
 */
#ifndef VRX_OBJECTS_DOSE_ITEM_H
#define VRX_OBJECTS_DOSE_ITEM_H

#include "base/date.h"
#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_TICKET 10 /* digits */

struct vrx_dose_item {
    struct vrx_municipality_code administered_by;
    struct vrx_date administered_on;
    uint64_t product;
    uint64_t dose_number;
    struct vrx_view lot; /* empty = absent, as for the three below */
    struct vrx_view venue;
    struct vrx_view physician;
    struct vrx_view ticket;
};

extern const struct vrx_object_schema vrx_dose_item_schema;

/* SHA-256 of the item's encoding: names a dose of an answer to somebody who has the answer. Without
 * a salt, so it is nothing to show to anyone else. Errors: as for the commitment. */
struct vrx_result vrx_dose_item_digest(
    const struct vrx_dose_item *item, uint8_t ret_digest[VRX_DIGEST]);

/* Errors: VRX_OUT_OF_MEMORY, VRX_CRYPTO_FAILED, and the codec's when the item is not valid. */
struct vrx_result vrx_dose_item_commitment(const struct vrx_dose_item *item,
    const uint8_t salt[VRX_DIGEST], uint8_t ret_commitment[VRX_DIGEST]);

#endif
