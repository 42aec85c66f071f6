/* SPDX-License-Identifier: Apache-2.0
 *
 * How many people live here, and how many of them have had their first, second, … dose, by age:
 * what a municipality plans and reports with. Counts only; nobody is named.
 *
 * A person counts who is registered, was born on or before the day and had not moved out by then,
 * at the age that they had on it (a year is full on the birthday; 29 February's on 1 March). A dose
 * counts once a person and number, whoever administered it, when it is current now and was
 * administered on or before the day.
 */
#ifndef VRX_STORE_COVERAGE_H
#define VRX_STORE_COVERAGE_H

#include "base/date.h"
#include "store/tenant.h"

/* The age bands of the national campaign. */
#define VRX_COVERAGE_BANDS 10
#define VRX_COVERAGE_DOSES 10 /* the first to the tenth; later ones are not counted */

/* Years of age at which each band begins, ascending from 0; the last has no end. */
extern const unsigned vrx_coverage_from_age[VRX_COVERAGE_BANDS];

struct vrx_coverage {
    int64_t after;    /* the last resident counted; 0: none yet */
    uint64_t counted; /* residents looked at */
    uint64_t people[VRX_COVERAGE_BANDS];
    uint64_t vaccinated[VRX_COVERAGE_BANDS][VRX_COVERAGE_DOSES];
};

/* How many residents there are to look at. */
struct vrx_result vrx_coverage_total(struct vrx_tenant *tenant, uint64_t *ret_total);

/* Counts the next residents, at most limit, into *coverage, which is all zero at first; *ret_more
 * is false once all are in it. Errors: VRX_INPUT_RANGE (limit 0). */
struct vrx_result vrx_coverage_count(struct vrx_tenant *tenant, struct vrx_date on, size_t limit,
    struct vrx_coverage *coverage, bool *ret_more);

#endif
