/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/patient.h"

#include <string.h>

#include "fhir/element.h"
#include "fhir/moment.h"

static struct vrx_result find(const struct vrx_fhir_document *document, const json_t *immunization,
    const json_t **ret_patient) {
    const json_t *reference = NULL;
    const json_t *patient = NULL;
    VRX_TRY(vrx_fhir_object(immunization, "patient", &reference));
    if (reference)
        VRX_TRY(vrx_fhir_resolve(document, immunization, reference, &patient));
    if (!patient)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 Immunization.patient");
    if (strcmp(vrx_fhir_type(patient), "Patient") != 0)
        return vrx_refuse(VRX_INPUT_TYPE, "FHIR R4 Immunization.patient: a Patient");
    *ret_patient = patient;
    return vrx_ok();
}

/* active and link are modifier elements: they can say that this is not the record to go by. */
static struct vrx_result in_use(const json_t *patient) {
    bool active = true;
    const json_t *links = NULL;
    size_t at;
    json_t *link;
    VRX_TRY(vrx_fhir_bool(patient, "active", &active));
    VRX_TRY(vrx_fhir_list(patient, "link", &links));
    json_array_foreach(links, at, link) active &= !vrx_fhir_is(link, "type", "replaced-by");
    return active ? vrx_ok()
                  : vrx_refuse(VRX_INPUT_RANGE, "FHIR R4 Patient.active, Patient.link.type");
}

static struct vrx_result no_modifiers(const json_t *patient) {
    if (json_object_get(patient, "modifierExtension") || json_object_get(patient, "implicitRules"))
        return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "FHIR R4 §2.4.1.1: modifier extensions");
    return vrx_ok();
}

static struct vrx_result addressee(
    const json_t *patient, const char *system, struct vrx_addressee_number *ret_number) {
    const json_t *list = NULL;
    const char *value = NULL;
    VRX_TRY(vrx_fhir_list(patient, "identifier", &list));
    VRX_TRY(vrx_fhir_identifier(list, system, &value));
    if (!value)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "JP Core JP_Patient.identifier");
    return vrx_addressee_number_parse(vrx_view_text(value), ret_number);
}

static struct vrx_result birth_date(const json_t *patient, struct vrx_date *ret_date) {
    const char *text = NULL;
    VRX_TRY(vrx_fhir_text(patient, "birthDate", &text));
    if (!text)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 Patient.birthDate");
    return vrx_fhir_date(vrx_view_text(text), ret_date);
}

struct vrx_result vrx_fhir_patient(const struct vrx_fhir_document *document,
    const json_t *immunization, const char *system, struct vrx_fhir_faults *faults,
    struct vrx_fhir_dose *dose) {
    const json_t *patient = NULL;
    VRX_TRY(vrx_fhir_take(faults, VRX_FHIR_RULE_PATIENT, find(document, immunization, &patient)));
    if (!patient)
        return vrx_ok();
    VRX_TRY(vrx_fhir_take(faults, VRX_FHIR_RULE_PATIENT_MODIFIER, no_modifiers(patient)));
    VRX_TRY(vrx_fhir_take(faults, VRX_FHIR_RULE_PATIENT_IN_USE, in_use(patient)));
    VRX_TRY(vrx_fhir_take(
        faults, VRX_FHIR_RULE_ADDRESSEE, addressee(patient, system, &dose->addressee)));
    return vrx_fhir_take(faults, VRX_FHIR_RULE_BIRTH_DATE, birth_date(patient, &dose->birth_date));
}
