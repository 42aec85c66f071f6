/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/bounds.h"

struct vrx_result vrx_fhir_bounds(struct vrx_view text, struct vrx_json_cost *ret_cost) {
    if (text.len > VRX_FHIR_BYTES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 4 MiB");
    const struct vrx_json_cost cost = vrx_json_cost_of(text);
    if (cost.depth > VRX_FHIR_DEPTH)
        return vrx_refuse(VRX_INPUT_TOO_DEEP, "FHIR Bundle: at most 32 levels");
    if (cost.values > VRX_FHIR_VALUES)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 400,000 values");
    if (cost.string > VRX_FHIR_STRING)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR Bundle: at most 64 KiB in one string");
    *ret_cost = cost;
    return vrx_ok();
}
