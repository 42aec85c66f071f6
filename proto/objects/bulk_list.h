/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of movers that a municipality handed in to have their doses asked for in bulk, signed by
 * it: what a supervisor approves, and what is run.
 *
 *     bulk-list = {
 *       1: bstr .size 16,                   ; id
 *       2: municipality-code,
 *       3: purpose,
 *       4: 1..100000,                       ; rows
 *       5: bstr .size 32,                   ; digest over the rows
 *       6: tstr,                            ; operator who handed it in
 *       7: tstr,                            ; terminal at which
 *       8: time,
 *     }
 *
 * A row stands in no message: it names the basis of one query and is digested only.
 *
 *     bulk-row = {
 *       1: uint,                            ; line in the file
 *       2: bstr .size 16,                   ; id of the query
 *       3: bstr .size 32,                   ; person, as in the ledger's entries
 *       4: municipality-code,               ; asked: origin of the move
 *       ? 5: bstr .size 16,                 ; consent
 *       ? 6: bstr .size 16,                 ; identity evidence
 *       7: [+ data-item],
 *     }
 *
 * The digest goes from row to row: before the first it is zero, and after each one it is
 * SHA-256(digest before ‖ encoded row). So it is kept while rows arrive, and looked at again in
 * parts.
 */
#ifndef VRX_OBJECTS_BULK_LIST_H
#define VRX_OBJECTS_BULK_LIST_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

/* A night's work of the largest city: 50 rows a second for half an hour. */
#define VRX_LIMIT_BULK_ROWS 100000

struct vrx_bulk_list {
    uint8_t id[VRX_ID];
    struct vrx_municipality_code municipality;
    uint64_t purpose; /* enum vrx_purpose */
    uint64_t rows;
    uint8_t digest[VRX_DIGEST];
    struct vrx_view operator_id;
    struct vrx_view terminal_id;
    int64_t submitted_at;
};

extern const struct vrx_object_schema vrx_bulk_list_schema;

struct vrx_bulk_row {
    uint64_t line;
    uint8_t query_id[VRX_ID];
    uint8_t person[VRX_DIGEST];
    struct vrx_municipality_code origin;
    struct vrx_view consent_id;  /* VRX_ID bytes; empty = absent */
    struct vrx_view evidence_id; /* the same */
    uint64_t *items;             /* enum vrx_data_item */
    size_t item_count;
};

extern const struct vrx_object_schema vrx_bulk_row_schema;

/* The digest that follows when this row does. Errors: vrx_object_encode's. */
struct vrx_result vrx_bulk_digest(const uint8_t before[VRX_DIGEST], const struct vrx_bulk_row *row,
    uint8_t ret_digest[VRX_DIGEST]);

#endif
