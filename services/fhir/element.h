/* SPDX-License-Identifier: Apache-2.0
 *
 * Elements of a FHIR resource in JSON, by name and type. What is absent gives NULL and ok; FHIR has
 * no empty texts, objects or lists (R4 §2.6.2.1), so those are absent too. Errors of all:
 * VRX_INPUT_TYPE where something of another type stands there.
 */
#ifndef VRX_FHIR_ELEMENT_H
#define VRX_FHIR_ELEMENT_H

#include <jansson.h>

#include "base/result.h"

struct vrx_result vrx_fhir_text(const json_t *object, const char *name, const char **ret_text);
struct vrx_result vrx_fhir_object(const json_t *object, const char *name, const json_t **ret_value);
struct vrx_result vrx_fhir_list(const json_t *object, const char *name, const json_t **ret_list);
/* *ret_value stays as it is where nothing is said. */
struct vrx_result vrx_fhir_bool(const json_t *object, const char *name, bool *ret_value);

/* The resourceType; "" where there is none. */
const char *vrx_fhir_type(const json_t *resource);
/* Whether the text stands there, as a member of the object. */
bool vrx_fhir_is(const json_t *object, const char *name, const char *text);

/* The value under this system in an Identifier, or in a list of them; NULL where there is none.
 * Errors: VRX_INPUT_DUPLICATE_KEY, two different values; VRX_INPUT_FIELD_MISSING, the system
 * without a value; VRX_INPUT_TYPE. */
struct vrx_result vrx_fhir_identifier(
    const json_t *identifiers, const char *system, const char **ret_value);

#endif
