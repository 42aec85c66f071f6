/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to this folder: the columns that a dose has wherever one stands, in the order in which
 * they are bound and taken.
 */
#ifndef VRX_STORE_DOSE_ROW_H
#define VRX_STORE_DOSE_ROW_H

#include "objects/dose_item.h"
#include "store/sql.h"

#define VRX_DOSE_COLUMNS \
    "dose_number, administered_on, product, lot, venue, physician, ticket, administered_by"

/* Texts of item are bound without a copy. */
void vrx_bind_dose(struct vrx_statement *statement, const struct vrx_dose_item *item);
/* Its texts are copied into the arena. */
struct vrx_dose_item vrx_take_dose(struct vrx_statement *row, struct vrx_arena *arena);

#endif
