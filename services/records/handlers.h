/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Records, one file a theme; methods.c is their table. What each does, who
 * may call it and every reason stands in proto/vrx/v1/records.proto.
 */
#ifndef VRX_RECORDS_HANDLERS_H
#define VRX_RECORDS_HANDLERS_H

#include "dispatch/method.h"
#include "records/row_report.h"
#include "store/coverage.h"
#include "store/resident.h"
#include "vrx/v1/records.pb-c.h"

#define VRX_HANDLER(name) \
    struct vrx_result vrx_records_##name( \
        struct vrx_context *context, const void *request, void *reply)

VRX_HANDLER(register_resident);
VRX_HANDLER(update_resident);
VRX_HANDLER(get_history);
VRX_HANDLER(record_vaccination);
VRX_HANDLER(correct_vaccination);
VRX_HANDLER(mark_entered_in_error);
VRX_HANDLER(set_protection);
/* Whether it takes protection away. */
struct vrx_result vrx_records_protection_needs_second(
    struct vrx_context *context, const void *request, bool *ret_needed);
VRX_HANDLER(import_residents);
VRX_HANDLER(import_vaccinations);
VRX_HANDLER(import_doses);

#undef VRX_HANDLER

/* An import counts and collects between messages; vrx_import_state_done frees what it collected. */
#define VRX_LIMIT_ROWS 500 /* in one message: one transaction of about 50 ms */
struct vrx_import_state {
    struct vrx_arena arena; /* of the errors */
    bool begun;
    bool ended;    /* the client has said how many rows there were */
    uint64_t rows; /* that came */
    uint64_t imported;
    uint64_t unchanged;
    uint64_t refused;
    uint64_t doses;
    struct vrx_row_report report;
};
void vrx_import_state_done(void *state);
struct vrx_result vrx_records_import_residents_end(struct vrx_context *context, void *reply);
struct vrx_result vrx_records_import_vaccinations_end(struct vrx_context *context, void *reply);
struct vrx_result vrx_records_import_doses_end(struct vrx_context *context, void *reply);

/* Where an export stands: residents are read in order of addressee number. */
struct vrx_export_state {
    char after[VRX_LIMIT_ADDRESSEE + 1];
};
struct vrx_result vrx_records_export_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);

/* Where a count stands; the day is fixed by its first step. */
struct vrx_coverage_state {
    struct vrx_date on;
    uint64_t total;
    struct vrx_coverage coverage;
};
struct vrx_result vrx_records_coverage_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);

#define VRX_RECORDS_METHODS 12
extern const struct vrx_method vrx_records_methods[VRX_RECORDS_METHODS];

#endif
