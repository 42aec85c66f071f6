/* SPDX-License-Identifier: Apache-2.0
 *
 * One Immunization as the project has it: which dose, of what, when, where, for whom.
 */
#ifndef VRX_FHIR_DOSE_H
#define VRX_FHIR_DOSE_H

#include "base/date.h"
#include "codes/addressee_number.h"
#include "codes/municipality_code.h"
#include "codes/vaccine.h"

#define VRX_FHIR_DOSE_NUMBERS 99 /* the highest that a vault has */

/* Texts are UTF-8, NUL-terminated, never NULL, within the limits of base/limits.h; "" where nothing
 * is said. */
struct vrx_fhir_dose {
    size_t entry; /* read: Bundle.entry[entry], from 0 */
    uint64_t id;  /* written: tells the person's Immunizations apart, the same in every export */
    struct vrx_addressee_number addressee; /* read; the writer has the person's */
    struct vrx_date birth_date;            /* the same */
    unsigned number;                       /* from 1; written: 0 where nobody knows */
    struct vrx_date administered_on;
    int64_t registered_at; /* seconds since 1970; 0: not said */
    const struct vrx_vaccine *vaccine;
    const char *maker; /* as the source names it */
    const char *lot;
    const char *venue;
    const char *physician;
    const char *ticket;
    struct vrx_municipality_code administered_by; /* written: may be none */
    bool reported; /* written: it came from another municipality (primarySource false) */
};

#endif
