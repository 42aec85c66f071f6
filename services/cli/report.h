/* SPDX-License-Identifier: Apache-2.0
 *
 * What became of an imported file: totals, and every fault with its line and field, so that a clerk
 * can correct the rows and import the file again. Faults come from two sides, the layout (lines
 * that are no rows) and the service (rows that are wrong); the report has both in the order of the
 * file. It never carries the content of a field.
 */
#ifndef VRX_CLI_REPORT_H
#define VRX_CLI_REPORT_H

#include "base/arena.h"
#include "cli/command.h"
#include "layouts/row_error.h"
#include "vrx/v1/records.pb-c.h"

/* Faults of the layout that are listed; all are counted. As many as the service lists. */
#define VRX_REPORT_FAULTS 10000

struct vrx_report_fault {
    uint64_t line;
    unsigned dose; /* from 1; 0 where the field is none of a dose */
    const char *field;
    const char *field_en;
    const char *reason; /* a name of reasons.def, or one that only a newer service knows */
    const char *clause; /* or "" */
};

struct vrx_report {
    struct vrx_arena arena;
    uint64_t imported;
    uint64_t unchanged;
    uint64_t refused;
    uint64_t doses; /* new ones; residents have none */
    bool has_doses;
    bool is_list;            /* of movers: imported are those kept; with what follows */
    const char *list_state;  /* a word */
    struct vrx_view list_id; /* borrowed, as the next */
    struct vrx_view list_digest;
    size_t count;
    size_t capacity;
    struct vrx_report_fault *faults;
};

void vrx_report_init(struct vrx_report *report);
/* A cleanup function. */
void vrx_report_done(struct vrx_report *report);

/* A line that the layout refused; its texts are static. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_report_take_layout(
    struct vrx_report *report, const struct vrx_row_errors *errors);
/* The service's faults, whose texts must outlive the report. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_report_take_service(
    struct vrx_report *report, Vrx__V1__RowError *const *errors, size_t count);
/* In the order of the file; call it when all are taken. */
void vrx_report_sort(struct vrx_report *report);

/* On standard output, for people or as JSON. The exit status. */
int vrx_report_print(const struct vrx_report *report, bool json);
/* Tab-separated, with a row of headings: line, field, field_en, dose, reason, en, ja, clause.
 * Errors: the buffer's. */
struct vrx_result vrx_report_tsv(const struct vrx_report *report, struct vrx_buffer *out);
/* One row of such a table, of any columns; tabs and line ends in a text become spaces. Errors: the
 * buffer's. */
struct vrx_result vrx_report_tsv_row(
    const char *const *columns, size_t count, struct vrx_buffer *out);

#endif
