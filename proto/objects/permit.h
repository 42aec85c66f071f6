/* SPDX-License-Identifier: Apache-2.0
 *
 * The permit table, signed by the platform authority: what is lawful is dated data, not code. A
 * query is answered only under a permit in force at its time for its purpose, asker, asked and
 * items.
 *
 *     permit-table = { 1: uint,             ; version, ascends
 *                      2: time, 3: time,    ; issued, expires
 *                      4: [* permit] }
 *     permit = {
 *       1: tstr,                            ; id
 *       2: purpose,
 *       3: tstr,                            ; legal basis, as the law is cited
 *       4: [* municipality-code],           ; may ask; empty: every one in the directory
 *       5: [* municipality-code],           ; may be asked; empty: every one
 *       6: [+ data-item],
 *       7: bool,                            ; consent required
 *       8: [* identity-method],             ; accepted; empty: no identity check required
 *       9: uint,                            ; an identity check is fresh for so many seconds
 *       10: time, 11: time,                 ; in force from, until (inclusive)
 *     }
 */
#ifndef VRX_OBJECTS_PERMIT_H
#define VRX_OBJECTS_PERMIT_H

#include "codes/municipality_code.h"
#include "objects/codec.h"
#include "objects/terms.h"

#define VRX_LIMIT_PERMITS 1024      /* dated entries of one table */
#define VRX_LIMIT_PERMIT_CODES 4096 /* municipalities named in one permit */
#define VRX_LIMIT_PERMIT_ID 64
#define VRX_LIMIT_LEGAL_BASIS 300

struct vrx_permit {
    struct vrx_view id;
    uint64_t purpose; /* enum vrx_purpose */
    struct vrx_view legal_basis;
    struct vrx_municipality_code *askers;
    size_t asker_count;
    struct vrx_municipality_code *asked;
    size_t asked_count;
    uint64_t *items; /* enum vrx_data_item */
    size_t item_count;
    bool consent_required;
    uint64_t *methods; /* enum vrx_identity_method */
    size_t method_count;
    uint64_t evidence_seconds;
    int64_t in_force_from;
    int64_t in_force_until;
};

struct vrx_permit_table {
    uint64_t version;
    int64_t issued;
    int64_t expires;
    struct vrx_permit *permits;
    size_t permit_count;
};

extern const struct vrx_object_schema vrx_permit_table_schema;

/* The permit with this id, whether in force or not. Errors: VRX_PERMIT_NOT_IN_FORCE when there is
 * none. */
struct vrx_result vrx_permit_by_id(
    const struct vrx_permit_table *table, struct vrx_view id, const struct vrx_permit **ret_permit);

/* The table itself may still be used at the time. Errors: VRX_PERMIT_NOT_IN_FORCE
 * ("permit_table.expires"). */
struct vrx_result vrx_permit_table_current(const struct vrx_permit_table *table, int64_t time);

/* The first permit in force at the time for this purpose between these two, of a table
 * that is current. Errors: VRX_PERMIT_NOT_IN_FORCE. */
struct vrx_result vrx_permit_find(const struct vrx_permit_table *table, enum vrx_purpose purpose,
    const struct vrx_municipality_code *asker, const struct vrx_municipality_code *asked,
    int64_t time, const struct vrx_permit **ret_permit);

/* In force at the time, for these two. Errors: VRX_PERMIT_NOT_IN_FORCE with its clause. */
struct vrx_result vrx_permit_in_force(const struct vrx_permit *permit, enum vrx_purpose purpose,
    const struct vrx_municipality_code *asker, const struct vrx_municipality_code *asked,
    int64_t time);

/* Every item is in the permit. Errors: VRX_PERMIT_ITEMS. */
struct vrx_result vrx_permit_covers(
    const struct vrx_permit *permit, const uint64_t *items, size_t item_count);
bool vrx_permit_accepts_method(const struct vrx_permit *permit, uint64_t method);

#endif
