/* SPDX-License-Identifier: Apache-2.0
 *
 * What all imports share: a stream of messages of rows that says at its end how many there were,
 * and the report of those that were not taken.
 */
#ifndef VRX_RECORDS_IMPORT_STATE_H
#define VRX_RECORDS_IMPORT_STATE_H

#include "layouts/row_error.h"
#include "records/handlers.h"
#include "store/savepoint.h"

/* For each message, before its rows. end: the message's, or NULL. Errors: VRX_INPUT_TOO_LARGE, more
 * than VRX_LIMIT_ROWS rows; VRX_INPUT_MALFORMED, a message after the end; VRX_INPUT_TRUNCATED,
 * other rows than the end says. */
struct vrx_result vrx_import_begin(
    struct vrx_context *context, size_t rows, const Vrx__V1__ImportEnd *end);
/* At the end of the stream. Errors: VRX_INPUT_TRUNCATED, its end was not said. */
struct vrx_result vrx_import_is_whole(const struct vrx_import_state *state);

/* A row that is not taken for what stands in it, with all its faults: counted, and reported as long
 * as there is room. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_import_refuse(
    struct vrx_import_state *state, const struct vrx_row_errors *errors);

/* What was done for a row since point, and where in the row it failed if it did. */
struct vrx_import_done {
    struct vrx_result result;
    bool unchanged; /* all of it was here already */
    uint64_t line;
    unsigned dose;
    const struct vrx_field_name *field;
};
/* Keeps it and counts the row; or undoes it and, where the fault is the row's own, reports it and
 * lets the file go on. Errors: the result, where the fault is not the row's; the store's;
 * VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_import_settle(
    struct vrx_context *context, struct vrx_savepoint *point, const struct vrx_import_done *done);

#endif
