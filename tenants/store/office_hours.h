/* SPDX-License-Identifier: Apache-2.0
 *
 * When the municipality's office works: whoever opens somebody's record at a counter or a console
 * at another time is rung for, or refused where the municipality wants that. A new vault has no
 * hours: its office is always open. Public holidays are not known here.
 *
 * Times of the day are Japan's, which is nine hours before UTC the whole year.
 */
#ifndef VRX_STORE_OFFICE_HOURS_H
#define VRX_STORE_OFFICE_HOURS_H

#include "base/arena.h"
#include "store/tenant.h"

#define VRX_OFFICE_DAY 1440     /* minutes */
#define VRX_OFFICE_DAYS_ALL 127 /* bits: 1 Monday, 2 Tuesday … 64 Sunday */

struct vrx_office_hours {
    bool on;
    bool refuse;    /* records stay closed outside of them; otherwise an alert is all */
    unsigned days;  /* at least one */
    unsigned from;  /* minutes after midnight */
    unsigned until; /* after from; 1440 is midnight */
    struct vrx_view operator_id; /* who set them; empty where nobody did */
    struct vrx_view terminal_id;
    int64_t changed_at; /* 0: never */
};

/* Where nobody set any: off, Monday to Friday, 08:30 to 17:15. Texts are copied into the arena. */
struct vrx_result vrx_office_hours_get(
    struct vrx_tenant *tenant, struct vrx_arena *arena, struct vrx_office_hours *ret_hours);

/* That they are hours. Errors: VRX_INPUT_RANGE for days and minutes that are none;
 * VRX_INPUT_TOO_LARGE (a name). */
struct vrx_result vrx_office_hours_check(const struct vrx_office_hours *hours);

/* All but changed_at, which is now. Errors: vrx_office_hours_check's. */
struct vrx_result vrx_office_hours_set(
    struct vrx_tenant *tenant, const struct vrx_office_hours *hours, int64_t now);

/* Seconds until the office opens; 0: it is open, or has no hours. */
int64_t vrx_office_hours_wait(const struct vrx_office_hours *hours, int64_t now);

#endif
