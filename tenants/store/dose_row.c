/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dose_row.h"

void vrx_bind_dose(struct vrx_statement *statement, const struct vrx_dose_item *item) {
    vrx_bind_int(statement, (int64_t)item->dose_number);
    vrx_bind_date(statement, item->administered_on);
    vrx_bind_int(statement, (int64_t)item->product);
    vrx_bind_text(statement, item->lot);
    vrx_bind_text(statement, item->venue);
    vrx_bind_text(statement, item->physician);
    vrx_bind_text(statement, item->ticket);
    vrx_bind_code(statement, &item->administered_by);
}

struct vrx_dose_item vrx_take_dose(struct vrx_statement *row, struct vrx_arena *arena) {
    struct vrx_dose_item item = {0};
    item.dose_number = (uint64_t)vrx_take_int(row);
    item.administered_on = vrx_take_date(row);
    item.product = (uint64_t)vrx_take_int(row);
    item.lot = vrx_take_text(row, arena);
    item.venue = vrx_take_text(row, arena);
    item.physician = vrx_take_text(row, arena);
    item.ticket = vrx_take_text(row, arena);
    item.administered_by = vrx_take_code(row);
    return item;
}
