/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/reader.h"

#include <string.h>

#include "fhir/document.h"
#include "fhir/element.h"

/* One entry; what it is not about is passed over. */
static struct vrx_result read_entry(const struct vrx_fhir_document *document, const json_t *entry,
    const char *system, struct vrx_arena *arena, struct vrx_fhir_bundle *bundle) {
    const json_t *resource = json_object_get(entry, "resource");
    size_t before = bundle->faults.count;
    enum vrx_fhir_skip skip = VRX_FHIR_TAKEN;
    struct vrx_fhir_dose *dose = &bundle->doses[bundle->dose_count];
    if (!vrx_fhir_type(resource)[0]) {
        bundle->refused++;
        return vrx_fhir_take(&bundle->faults, VRX_FHIR_RULE_ENTRY,
            vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 Bundle.entry.resource"));
    }
    if (strcmp(vrx_fhir_type(resource), "Immunization") != 0)
        return vrx_ok();
    VRX_TRY(vrx_fhir_immunization(document, resource, system, arena, &bundle->faults, &skip, dose));
    if (skip != VRX_FHIR_TAKEN)
        bundle->skipped[skip]++;
    else if (bundle->faults.count > before)
        bundle->refused++;
    else
        bundle->dose_count++;
    return vrx_ok();
}

static struct vrx_result read_entries(const struct vrx_fhir_document *document, const char *system,
    struct vrx_arena *arena, struct vrx_fhir_bundle *bundle) {
    size_t count = json_array_size(document->entries);
    bundle->doses = vrx_arena_alloc_array(arena, count + 1, sizeof *bundle->doses);
    if (!bundle->doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        bundle->faults.entry = i;
        VRX_TRY(read_entry(document, json_array_get(document->entries, i), system, arena, bundle));
    }
    return vrx_ok();
}

struct vrx_result vrx_fhir_read(struct vrx_view file, const char *system, struct vrx_arena *arena,
    struct vrx_fhir_bundle *ret_bundle) {
    struct vrx_fhir_document document VRX_CLEANUP(vrx_fhir_document_done) = {0};
    *ret_bundle = (struct vrx_fhir_bundle){.faults.arena = arena};
    struct vrx_result result = vrx_fhir_document_open(file, arena, &document);
    ret_bundle->line = document.line;
    VRX_TRY(result);
    return read_entries(&document, system, arena, ret_bundle);
}
