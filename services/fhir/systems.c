/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/systems.h"

#include <stdio.h>

void vrx_fhir_addressee_system(
    const struct vrx_municipality_code *code, char out[VRX_FHIR_ADDRESSEE_SYSTEM]) {
    snprintf(out, VRX_FHIR_ADDRESSEE_SYSTEM, "%s.1.1%.*s", VRX_FHIR_OWN,
        VRX_MUNICIPALITY_CODE_DIGITS, code->digits);
}
