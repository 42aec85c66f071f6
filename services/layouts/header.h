/* SPDX-License-Identifier: Apache-2.0
 *
 * CSV whose first record names the columns, in any order: cut into the fields of a layout.
 */
#ifndef VRX_LAYOUTS_HEADER_H
#define VRX_LAYOUTS_HEADER_H

#include "layouts/csv.h"
#include "layouts/row_error.h"

#define VRX_HEADER_FIELDS 8

struct vrx_header_layout {
    const struct vrx_field_name *names; /* the Japanese ones stand in the header */
    size_t count;                       /* at most VRX_HEADER_FIELDS */
    const char *clause;                 /* of a refusal: "resident layout: header row" */
};

struct vrx_header {
    bool read;
    size_t column[VRX_HEADER_FIELDS]; /* the field of each column */
};

/* As vrx_csv_next. At VRX_CSV_RECORD *errors lists why the line is no row: the record's own error,
 * or VRX_INPUT_MALFORMED when it has another number of fields than the header. Where it lists
 * nothing ret_fields, one for each field of the layout, can be used until the next call, and
 * errors->line is the row's line. A header row that does not fit ends the file:
 * VRX_INPUT_FIELD_MISSING, VRX_INPUT_FIELD_UNKNOWN, VRX_INPUT_DUPLICATE_KEY, or the record's own
 * error; VRX_INPUT_FIELD_MISSING also when there is none. */
struct vrx_result vrx_header_next(struct vrx_header *header, const struct vrx_header_layout *layout,
    struct vrx_csv *csv, enum vrx_csv_step *ret_step, struct vrx_view *ret_fields,
    struct vrx_row_errors *errors);

#endif
