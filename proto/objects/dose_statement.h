/* SPDX-License-Identifier: Apache-2.0
 *
 * The doses that a municipality asks the issuer to certify for one application, each with the proof
 * that it stands in the municipality's ledger. Signed by the municipality.
 *
 *     dose-statement = {
 *       1: bstr .size 16,                   ; application id
 *       2: municipality-code,
 *       3: bstr .size 32,                   ; person, as in the ledger entries
 *       4: bool,                            ; closed: a protection flag forbids disclosure
 *       5: [+ proven-dose],
 *       6: tstr,                            ; checkpoint of the ledger, a signed note
 *       7: time,
 *       ? 8: bstr .size 32,                 ; subject, as in an application that was made elsewhere
 *     }
 *     proven-dose = {
 *       1: dose-item,
 *       2: bstr .size 32,                   ; salt of the commitment
 *       3: uint,                            ; ledger index
 *       4: bstr,                            ; ledger entry
 *       5: bstr,                            ; inclusion proof: its hashes, 32 bytes each
 *     }
 */
#ifndef VRX_OBJECTS_DOSE_STATEMENT_H
#define VRX_OBJECTS_DOSE_STATEMENT_H

#include "base/limits.h"
#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/dose_item.h"
#include "objects/terms.h"

#define VRX_LIMIT_PROOF ((size_t)64 * 32) /* hashes of a path in a tree of 2^64 leaves */

struct vrx_proven_dose {
    struct vrx_dose_item item;
    uint8_t salt[VRX_DIGEST];
    uint64_t ledger_index;
    struct vrx_view entry;
    struct vrx_view proof;
};

struct vrx_dose_statement {
    uint8_t application_id[VRX_ID];
    struct vrx_municipality_code municipality;
    uint8_t person[VRX_DIGEST];
    bool closed;
    struct vrx_proven_dose *doses;
    size_t dose_count;
    struct vrx_view checkpoint;
    int64_t stated_at;
    struct vrx_view subject; /* VRX_DIGEST bytes, by the number that this municipality has: persons
                              * are the same by it across ledgers; empty = absent */
};

extern const struct vrx_object_schema vrx_dose_statement_schema;

#endif
