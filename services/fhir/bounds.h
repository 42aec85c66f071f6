/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file may cost before anything is made of it. The JSON library nests and allocates as the
 * input says; these bounds are looked at on the bytes.
 */
#ifndef VRX_FHIR_BOUNDS_H
#define VRX_FHIR_BOUNDS_H

#include "base/json_cost.h"

/* A Bundle of 100 persons with four doses each, as vrx writes it, has about 600 KiB. */
#define VRX_FHIR_BYTES ((size_t)4 << 20)
/* Bundle.entry.resource.protocolApplied.targetDisease.coding.extension is at 12. */
#define VRX_FHIR_DEPTH 32
/* Members and elements. An Immunization has about 60. */
#define VRX_FHIR_VALUES ((size_t)400000)
/* One string as it stands in the file; narratives are the longest. */
#define VRX_FHIR_STRING ((size_t)65536)
#define VRX_FHIR_ENTRIES ((size_t)10000)

/* Whether the text keeps them, be it JSON or not. Errors: VRX_INPUT_TOO_LARGE, VRX_INPUT_TOO_DEEP.
 */
struct vrx_result vrx_fhir_bounds(struct vrx_view text, struct vrx_json_cost *ret_cost);

#endif
