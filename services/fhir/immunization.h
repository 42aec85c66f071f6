/* SPDX-License-Identifier: Apache-2.0
 *
 * One Immunization to one dose.
 */
#ifndef VRX_FHIR_IMMUNIZATION_H
#define VRX_FHIR_IMMUNIZATION_H

#include "fhir/document.h"
#include "fhir/dose.h"
#include "fhir/fault.h"

/* Why an Immunization is no dose to record, though nothing is wrong with it. */
enum vrx_fhir_skip {
    VRX_FHIR_TAKEN,
    VRX_FHIR_NOT_DONE,         /* status */
    VRX_FHIR_ENTERED_IN_ERROR, /* status */
    VRX_FHIR_REPORTED,         /* primarySource false: somebody else has the record */
    VRX_FHIR_SKIPS,
};

/* *ret_skip other than VRX_FHIR_TAKEN: nothing more was looked at. Otherwise *ret_dose can be used
 * where the entry got no fault. Faults go to the list; its texts and the dose's live in the arena.
 * Errors: VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_fhir_immunization(const struct vrx_fhir_document *document,
    const json_t *resource, const char *system, struct vrx_arena *arena,
    struct vrx_fhir_faults *faults, enum vrx_fhir_skip *ret_skip, struct vrx_fhir_dose *ret_dose);

#endif
