/* SPDX-License-Identifier: Apache-2.0
 *
 * A Bundle of Immunizations to doses.
 *
 *     struct vrx_fhir_bundle bundle;
 *     vrx_arena_init(&arena, VRX_FHIR_MEMORY);
 *     struct vrx_result result = vrx_fhir_read(file, system, &arena, &bundle);
 *
 * An entry is taken whole or listed with every fault that it has; the others are taken all the
 * same. Nothing of an individual number is read, under whatever system it may stand.
 */
#ifndef VRX_FHIR_READER_H
#define VRX_FHIR_READER_H

#include "fhir/bounds.h"
#include "fhir/dose.h"
#include "fhir/fault.h"
#include "fhir/immunization.h"

/* Working memory that no Bundle within the bounds needs more of. */
#define VRX_FHIR_MEMORY ((size_t)32 << 20)

struct vrx_fhir_bundle {
    struct vrx_fhir_dose *doses; /* in the order of the entries */
    size_t dose_count;
    size_t refused;                 /* Immunizations with a fault */
    size_t skipped[VRX_FHIR_SKIPS]; /* by why; [VRX_FHIR_TAKEN] is 0 */
    struct vrx_fhir_faults faults;
    unsigned line; /* of the file, where it is no JSON; else 0 */
};

/* Reads one file. system: the URI under which a Patient.identifier is the addressee number
 * (systems.h). All that *ret_bundle points to lives in the arena. Other resources than Immunization
 * are read where one refers to them.
 * Errors, each the end of the file: vrx_fhir_document_open's; ret_bundle->line is set then. */
struct vrx_result vrx_fhir_read(struct vrx_view file, const char *system, struct vrx_arena *arena,
    struct vrx_fhir_bundle *ret_bundle);

#endif
