/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/fault.h"

const struct vrx_fhir_rule_text vrx_fhir_rules[VRX_FHIR_RULES] = {
#define VRX_FHIR_RULE(name, path, en, ja) {path, en, ja},
#include "fhir/rules.def"
#undef VRX_FHIR_RULE
};

struct vrx_result vrx_fhir_take_detail(struct vrx_fhir_faults *faults, enum vrx_fhir_rule rule,
    const char *detail, struct vrx_result result) {
    enum vrx_category category = vrx_reason_category(result.reason);
    if (vrx_is_ok(result) || (category != VRX_CATEGORY_INPUT && category != VRX_CATEGORY_STATE))
        return result;
    faults->count++;
    if (faults->kept == VRX_FHIR_FAULTS)
        return vrx_ok();
    struct vrx_fhir_fault *list =
        vrx_arena_grow(faults->arena, faults->list, faults->kept, sizeof *list, &faults->capacity);
    if (!list)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    faults->list = list;
    faults->list[faults->kept++] = (struct vrx_fhir_fault){
        .entry = faults->entry,
        .rule = rule,
        .reason = result.reason,
        .clause = result.clause,
        .detail = detail,
    };
    return vrx_ok();
}

struct vrx_result vrx_fhir_take(
    struct vrx_fhir_faults *faults, enum vrx_fhir_rule rule, struct vrx_result result) {
    return vrx_fhir_take_detail(faults, rule, NULL, result);
}

enum vrx_fhir_rule vrx_fhir_rule_of_field(const char *field) {
    static const struct {
        const char *field;
        enum vrx_fhir_rule rule;
    } fields[] = {
        {"addressee_number", VRX_FHIR_RULE_ADDRESSEE},
        {"birth_date", VRX_FHIR_RULE_BIRTH_DATE},
        {"dose_number", VRX_FHIR_RULE_DOSE_NUMBER},
        {"product", VRX_FHIR_RULE_VACCINE},
        {"registered_at", VRX_FHIR_RULE_RECORDED},
        {"administered_on", VRX_FHIR_RULE_OCCURRENCE},
        {"ticket_number", VRX_FHIR_RULE_TICKET},
        {"municipality_code", VRX_FHIR_RULE_MUNICIPALITY},
        {"venue", VRX_FHIR_RULE_VENUE},
        {"physician", VRX_FHIR_RULE_PHYSICIAN},
        {"manufacturer", VRX_FHIR_RULE_MAKER},
        {"lot", VRX_FHIR_RULE_LOT},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i].field, field) == 0)
            return fields[i].rule;
    return VRX_FHIR_RULE_ENTRY;
}
