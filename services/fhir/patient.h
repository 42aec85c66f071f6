/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose dose it is: the addressee number and the date of birth that the service compares.
 */
#ifndef VRX_FHIR_PATIENT_H
#define VRX_FHIR_PATIENT_H

#include "fhir/document.h"
#include "fhir/dose.h"
#include "fhir/fault.h"

/* Of the Patient that the Immunization refers to. system: of the addressee numbers. Puts addressee
 * and birth_date into *dose and every fault into the list; nothing else of the Patient is read. */
struct vrx_result vrx_fhir_patient(const struct vrx_fhir_document *document,
    const json_t *immunization, const char *system, struct vrx_fhir_faults *faults,
    struct vrx_fhir_dose *dose);

#endif
