/* SPDX-License-Identifier: Apache-2.0
 *
 * The municipality's standing order to erase what is past its time: whether it stands, in which
 * window of the day, and who gave it. Only the municipality gives it (security standard E4: erasing
 * is by the municipality's own act), so a new vault has none. What is erased and how is
 * erasure.h's.
 *
 * Times of the day are Japan's, which is nine hours before UTC the whole year.
 */
#ifndef VRX_STORE_SCHEDULE_H
#define VRX_STORE_SCHEDULE_H

#include "base/arena.h"
#include "store/erasure.h"

#define VRX_SCHEDULE_DAY 1440 /* minutes */

struct vrx_schedule {
    bool on;
    unsigned from; /* minutes after midnight */
    unsigned until;
    struct vrx_view operator_id; /* who set it; empty where nobody did */
    struct vrx_view terminal_id;
    int64_t changed_at; /* 0: never */
    int64_t served;     /* when the last window began whose run has ended; 0: none */
    int64_t ended_at;   /* when that run ended; 0: none */
};

/* Where nobody set one: off, 02:00 to 05:00. Texts are copied into the arena. */
struct vrx_result vrx_schedule_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_schedule *ret_schedule);

/* on, from and until of what is given; who and when are the caller's. Errors: VRX_INPUT_RANGE for
 * minutes that no day has, and for a window without length. */
struct vrx_result vrx_schedule_set(struct vrx_tenant *tenant, const struct vrx_schedule *schedule,
    const struct vrx_erasure_caller *caller, int64_t now);

/* The run of the window that began then has come to its end. */
struct vrx_result vrx_schedule_serve(struct vrx_tenant *tenant, int64_t window, int64_t now);

/* When the schedule wants attention: *ret_window is when the window of now began, or the next one
 * will begin where now is in none or its run has ended. True when that is due now. INT64_MAX where
 * the order does not stand. */
bool vrx_schedule_due(const struct vrx_schedule *schedule, int64_t now, int64_t *ret_window);

/* An erasure of a class in this state, begun first; *ret_found is false where there is none. */
struct vrx_result vrx_erasure_in_state(struct vrx_tenant *tenant, enum vrx_erasure_state state,
    uint8_t ret_id[VRX_ID], bool *ret_found);

#endif
