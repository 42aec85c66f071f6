/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls as they are counted: by method and outcome, and how long each took. Not by municipality,
 * terminal or operator: in a village of some hundred people the moment at which one counter rises
 * may say who sat at the desk, and the ledger has it all for who may know.
 *
 * Threads do not meet: there are several copies of all counters, and a municipality's calls, which
 * end on its own thread, use one of them.
 */
#ifndef VRX_DISPATCH_TALLY_H
#define VRX_DISPATCH_TALLY_H

#include "base/histogram.h"
#include "base/result.h"

struct vrx_method;
struct vrx_tally;

/* One row a method, and a last one for what was refused before its method counted: path NULL.
 * Methods that are given twice have one row. Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_tally_new(
    const struct vrx_method *const *methods, size_t count, struct vrx_tally **ret_tally);
/* Accepts NULL. */
void vrx_tally_free(struct vrx_tally **tally);

/* These two may be called by any thread; a tally that is NULL counts nothing. near: what a thread's
 * calls have in common (its slot), or NULL; method: NULL, or one that is not in the tally, is the
 * last row. */
void vrx_tally_outcome(struct vrx_tally *tally, const void *near, const struct vrx_method *method,
    enum vrx_reason outcome);
/* From a complete message to the reply that was handed over, on vrx_scale_time. */
void vrx_tally_time(struct vrx_tally *tally, const void *near, const struct vrx_method *method,
    uint64_t nanoseconds);

/* Rows, the last one included; in no particular order. */
size_t vrx_tally_rows(const struct vrx_tally *tally);
const char *vrx_tally_path(const struct vrx_tally *tally, size_t row);
/* How many calls of the row ended so. */
uint64_t vrx_tally_count(const struct vrx_tally *tally, size_t row, enum vrx_reason outcome);
struct vrx_histogram_sums vrx_tally_times(const struct vrx_tally *tally, size_t row);

#endif
