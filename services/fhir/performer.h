/* SPDX-License-Identifier: Apache-2.0
 *
 * Immunization.performer: the municipality whose dose it was, and the physician. A record names
 * each of them once; others (a nurse, a clinic) may stand there too.
 */
#ifndef VRX_FHIR_PERFORMER_H
#define VRX_FHIR_PERFORMER_H

#include "fhir/document.h"

/* The municipality code, not looked at further: of an actor with an identifier under
 * VRX_FHIR_MUNICIPALITY, its Reference's or its resource's. Errors: VRX_INPUT_FIELD_MISSING;
 * VRX_INPUT_DUPLICATE_KEY; VRX_INPUT_TYPE. */
struct vrx_result vrx_fhir_municipality(
    const struct vrx_fhir_document *document, const json_t *immunization, const char **ret_code);

/* A person's name: of who ordered the dose, or else one who did something that is not said, or else
 * gave it. NULL where nobody is named. The name may live in the arena. Errors:
 * VRX_INPUT_DUPLICATE_KEY, VRX_NOT_FOUND, for a reference; VRX_INPUT_TYPE; VRX_OUT_OF_MEMORY. */
struct vrx_result vrx_fhir_physician(const struct vrx_fhir_document *document,
    const json_t *immunization, struct vrx_arena *arena, const char **ret_name);

#endif
