/* SPDX-License-Identifier: Apache-2.0
 *
 * The handlers of vrx.v1.Retention; proto/vrx/v1/retention.proto says what each does.
 */
#ifndef VRX_RETENTION_HANDLERS_H
#define VRX_RETENTION_HANDLERS_H

#include "dispatch/method.h"
#include "store/schedule.h"
#include "vrx/v1/retention.pb-c.h"

#define VRX_RETENTION_METHODS 7
extern const struct vrx_method vrx_retention_methods[VRX_RETENTION_METHODS];

#define VRX_RETENTION_PURPOSE "retention and erasure"
#define VRX_RETENTION_ERASE "/vrx.v1.Retention/Erase"

struct vrx_result vrx_retention_get_classes(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_retention_set_class(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_retention_list_erasures(
    struct vrx_context *context, const void *request, void *reply);

struct vrx_plan_state {
    bool begun;
    struct vrx_erasure_plan plan;
};
struct vrx_result vrx_retention_plan_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);

struct vrx_erase_state {
    bool begun;
    uint8_t id[VRX_ID];
    bool scrub;               /* due after this step's commit */
    struct vrx_result failed; /* how that went */
};
struct vrx_result vrx_retention_erase_next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next);
/* Whether it begins an erasure: one that was interrupted goes on without asking again. */
struct vrx_result vrx_retention_erase_needs_second(
    struct vrx_context *context, const void *request, bool *ret_needed);
void vrx_retention_erase_committed(struct vrx_context *context);

struct vrx_result vrx_retention_get_schedule(
    struct vrx_context *context, const void *request, void *reply);
struct vrx_result vrx_retention_set_schedule(
    struct vrx_context *context, const void *request, void *reply);
void vrx_retention_schedule_committed(struct vrx_context *context);

/* Starts the daemon's own run (keeper.c) in each open municipality whose order is due. On the
 * worker's tick, once a second. */
void vrx_retention_tick(struct vrx_daemon *daemon);

/* erase.c: the ledger's entry of rows taken out, none where there were none; the certificate of a
 * CLEAN erasure and its entry. Both append basis and count as the call's own entry. */
struct vrx_result vrx_retention_record_rows(struct vrx_context *context, const uint8_t id[VRX_ID],
    const struct vrx_erased_counts *counts, const char *basis);
struct vrx_result vrx_retention_finish(
    struct vrx_context *context, const uint8_t id[VRX_ID], const char *basis, bool *ret_certified);

/* convert.c; what they make lives in the context's arena. */
struct vrx_result vrx_retention_rows(struct vrx_context *context,
    const struct vrx_erased_counts *counts, size_t *ret_count, Vrx__V1__ErasedRows ***ret_rows);
struct vrx_result vrx_retention_message(
    struct vrx_context *context, const struct vrx_erasure *erasure, Vrx__V1__Erasure **ret_message);

#endif
