/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with one row of a file, for the clerk who corrects it: every fault at once, each
 * with its line and field. No error carries the field's content.
 */
#ifndef VRX_LAYOUTS_ROW_ERROR_H
#define VRX_LAYOUTS_ROW_ERROR_H

#include "base/bytes.h"

/* Faults of one row that are listed; the row is refused for the first already. */
#define VRX_ROW_ERRORS 16

struct vrx_field_name {
    const char *ja; /* as the layout has it */
    const char *en; /* as proto/vrx/v1 has it */
};

/* The row itself, where a fault belongs to no field. */
extern const struct vrx_field_name vrx_row_field;

struct vrx_row_error {
    uint64_t line;                      /* from 1 */
    unsigned dose;                      /* from 1; 0 where the field is none of a dose */
    const struct vrx_field_name *field; /* static storage */
    enum vrx_reason reason;             /* of category INPUT */
    const char *clause;                 /* static storage, or NULL */
};

struct vrx_row_errors {
    uint64_t line;
    size_t count;
    struct vrx_row_error item[VRX_ROW_ERRORS];
};

void vrx_row_errors_init(struct vrx_row_errors *errors, uint64_t line);

/* Notes a refusal of category INPUT and returns ok, so that the next field can be looked at; hands
 * up every other failure, such as VRX_OUT_OF_MEMORY. ok is ok. */
struct vrx_result vrx_row_errors_take(struct vrx_row_errors *errors, unsigned dose,
    const struct vrx_field_name *field, struct vrx_result result);

#endif
