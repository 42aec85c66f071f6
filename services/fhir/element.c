/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/element.h"

#include <string.h>

#define CLAUSE "FHIR R4 §2.6.2: JSON of an element"

struct vrx_result vrx_fhir_text(const json_t *object, const char *name, const char **ret_text) {
    const json_t *value = json_object_get(object, name);
    *ret_text = NULL;
    if (!value)
        return vrx_ok();
    if (!json_is_string(value))
        return vrx_refuse(VRX_INPUT_TYPE, CLAUSE);
    if (json_string_length(value))
        *ret_text = json_string_value(value);
    return vrx_ok();
}

struct vrx_result vrx_fhir_object(
    const json_t *object, const char *name, const json_t **ret_value) {
    const json_t *value = json_object_get(object, name);
    *ret_value = NULL;
    if (value && !json_is_object(value))
        return vrx_refuse(VRX_INPUT_TYPE, CLAUSE);
    if (json_object_size(value))
        *ret_value = value;
    return vrx_ok();
}

struct vrx_result vrx_fhir_list(const json_t *object, const char *name, const json_t **ret_list) {
    const json_t *value = json_object_get(object, name);
    *ret_list = NULL;
    if (value && !json_is_array(value))
        return vrx_refuse(VRX_INPUT_TYPE, CLAUSE);
    if (json_array_size(value))
        *ret_list = value;
    return vrx_ok();
}

struct vrx_result vrx_fhir_bool(const json_t *object, const char *name, bool *ret_value) {
    const json_t *value = json_object_get(object, name);
    if (!value)
        return vrx_ok();
    if (!json_is_boolean(value))
        return vrx_refuse(VRX_INPUT_TYPE, CLAUSE);
    *ret_value = json_is_true(value);
    return vrx_ok();
}

const char *vrx_fhir_type(const json_t *resource) {
    const char *type = json_string_value(json_object_get(resource, "resourceType"));
    return type ? type : "";
}

bool vrx_fhir_is(const json_t *object, const char *name, const char *text) {
    const char *value = json_string_value(json_object_get(object, name));
    return value && strcmp(value, text) == 0;
}

static struct vrx_result one_identifier(
    const json_t *identifier, const char *system, const char **value) {
    const char *found = NULL;
    if (!json_is_object(identifier))
        return vrx_refuse(VRX_INPUT_TYPE, CLAUSE);
    if (!vrx_fhir_is(identifier, "system", system))
        return vrx_ok();
    VRX_TRY(vrx_fhir_text(identifier, "value", &found));
    if (!found)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 Identifier.value");
    if (*value && strcmp(*value, found) != 0)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, "FHIR R4 Identifier.value: one of a system");
    *value = found;
    return vrx_ok();
}

struct vrx_result vrx_fhir_identifier(
    const json_t *identifiers, const char *system, const char **ret_value) {
    const char *value = NULL;
    size_t at;
    json_t *identifier;
    if (json_is_object(identifiers))
        VRX_TRY(one_identifier(identifiers, system, &value));
    json_array_foreach(identifiers, at, identifier)
        VRX_TRY(one_identifier(identifier, system, &value));
    *ret_value = value;
    return vrx_ok();
}
