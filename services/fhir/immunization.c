/* SPDX-License-Identifier: Apache-2.0
 *
 * Element by element through a table; each finds out all that is wrong with its own, so that
 * whoever corrects the Bundle sees everything at once. What changes the meaning of the whole
 * (status, primarySource, modifiers) is looked at first.
 */
#include "fhir/immunization.h"

#include <string.h>

#include "base/limits.h"
#include "fhir/element.h"
#include "fhir/moment.h"
#include "fhir/patient.h"
#include "fhir/performer.h"
#include "fhir/systems.h"

/* What the elements of one Immunization share. */
struct reading {
    const struct vrx_fhir_document *document;
    const json_t *resource;
    struct vrx_arena *arena;
    struct vrx_fhir_faults *faults;
    struct vrx_fhir_dose *dose;
};

static struct vrx_result modifiers(struct reading *reading) {
    return json_object_get(reading->resource, "modifierExtension")
               ? vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "FHIR R4 §2.4.1.1: modifier extensions")
               : vrx_ok();
}

static struct vrx_result implicit_rules(struct reading *reading) {
    return json_object_get(reading->resource, "implicitRules")
               ? vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, "FHIR R4 §2.27.4: implicitRules")
               : vrx_ok();
}

static struct vrx_result subpotent(struct reading *reading) {
    bool value = false;
    VRX_TRY(vrx_fhir_bool(reading->resource, "isSubpotent", &value));
    return value ? vrx_refuse(VRX_INPUT_RANGE, "FHIR R4 Immunization.isSubpotent") : vrx_ok();
}

static struct vrx_result occurrence(struct reading *reading) {
    const char *text = NULL;
    int64_t time = 0;
    VRX_TRY(vrx_fhir_text(reading->resource, "occurrenceDateTime", &text));
    if (!text)
        return json_object_get(reading->resource, "occurrenceString")
                   ? vrx_ok()
                   : vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 Immunization.occurrence[x]");
    VRX_TRY(vrx_fhir_moment(vrx_view_text(text), &time));
    reading->dose->administered_on = vrx_date_in_japan(time);
    return vrx_date_valid(reading->dose->administered_on) ? vrx_ok() : vrx_fail(VRX_DATE_INVALID);
}

static struct vrx_result occurrence_string(struct reading *reading) {
    return json_object_get(reading->resource, "occurrenceString")
               ? vrx_refuse(VRX_INPUT_TYPE, "FHIR R4 Immunization.occurrenceString: no date")
               : vrx_ok();
}

static struct vrx_result recorded(struct reading *reading) {
    const char *text = NULL;
    int64_t time = 0;
    VRX_TRY(vrx_fhir_text(reading->resource, "recorded", &text));
    if (!text)
        return vrx_ok();
    VRX_TRY(vrx_fhir_moment(vrx_view_text(text), &time));
    if (time <= 0 || !vrx_date_valid(vrx_date_in_japan(time)))
        return vrx_refuse(VRX_INPUT_RANGE, "FHIR R4 Immunization.recorded: after 1970");
    reading->dose->registered_at = time;
    return vrx_ok();
}

static struct vrx_result one_number(const json_t *applied, unsigned *number) {
    static const char clause[] = "FHIR R4 Immunization.protocolApplied.doseNumber[x]";
    const json_t *value = json_object_get(applied, "doseNumberPositiveInt");
    if (!value)
        return vrx_refuse(
            json_object_get(applied, "doseNumberString") ? VRX_INPUT_TYPE : VRX_INPUT_FIELD_MISSING,
            clause);
    if (!json_is_integer(value))
        return vrx_refuse(VRX_INPUT_TYPE, clause);
    json_int_t found = json_integer_value(value);
    if (found < 1 || found > VRX_FHIR_DOSE_NUMBERS)
        return vrx_refuse(VRX_INPUT_RANGE, clause);
    if (*number && *number != (unsigned)found)
        return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, clause);
    *number = (unsigned)found;
    return vrx_ok();
}

static struct vrx_result dose_number(struct reading *reading) {
    const json_t *list = NULL;
    size_t at;
    json_t *applied;
    VRX_TRY(vrx_fhir_list(reading->resource, "protocolApplied", &list));
    if (!list)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 Immunization.protocolApplied");
    json_array_foreach(list, at, applied) VRX_TRY(one_number(applied, &reading->dose->number));
    return vrx_ok();
}

/* A text into the arena, within its limit in bytes. NULL is "". */
static struct vrx_result keep(
    struct reading *reading, const char *text, size_t limit, const char **ret_text) {
    char *copy = NULL;
    if (text && strlen(text) > limit)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    VRX_TRY(vrx_arena_string(reading->arena, vrx_view_text(text), &copy));
    *ret_text = copy;
    return vrx_ok();
}

static struct vrx_result lot(struct reading *reading) {
    const char *text = NULL;
    VRX_TRY(vrx_fhir_text(reading->resource, "lotNumber", &text));
    return keep(reading, text, VRX_LIMIT_LOT, &reading->dose->lot);
}

static struct vrx_result ticket(struct reading *reading) {
    const json_t *list = NULL;
    const char *value = NULL;
    VRX_TRY(vrx_fhir_list(reading->resource, "identifier", &list));
    VRX_TRY(vrx_fhir_identifier(list, VRX_FHIR_TICKET, &value));
    return keep(reading, value, VRX_LIMIT_OPERATOR, &reading->dose->ticket);
}

/* The name of whom or what a Reference means: as it says itself, or as the resource does. */
static struct vrx_result named(
    struct reading *reading, const char *element, size_t limit, const char **ret_name) {
    const json_t *reference = NULL;
    const json_t *resource = NULL;
    const char *name = NULL;
    VRX_TRY(vrx_fhir_object(reading->resource, element, &reference));
    if (reference)
        VRX_TRY(vrx_fhir_text(reference, "display", &name));
    if (reference && !name) {
        VRX_TRY(vrx_fhir_resolve(reading->document, reading->resource, reference, &resource));
        VRX_TRY(vrx_fhir_text(resource, "name", &name));
    }
    return keep(reading, name, limit, ret_name);
}

static struct vrx_result maker(struct reading *reading) {
    return named(reading, "manufacturer", VRX_LIMIT_MAKER, &reading->dose->maker);
}

static struct vrx_result venue(struct reading *reading) {
    return named(reading, "location", VRX_LIMIT_VENUE, &reading->dose->venue);
}

static struct vrx_result physician(struct reading *reading) {
    const char *name = NULL;
    VRX_TRY(vrx_fhir_physician(reading->document, reading->resource, reading->arena, &name));
    return keep(reading, name, VRX_LIMIT_PHYSICIAN, &reading->dose->physician);
}

static struct vrx_result municipality(struct reading *reading) {
    const char *code = NULL;
    VRX_TRY(vrx_fhir_municipality(reading->document, reading->resource, &code));
    return vrx_municipality_code_parse(vrx_view_text(code), &reading->dose->administered_by);
}

static const struct {
    enum vrx_fhir_rule rule;
    struct vrx_result (*read)(struct reading *reading);
} elements[] = {
    {VRX_FHIR_RULE_MODIFIER, modifiers},
    {VRX_FHIR_RULE_IMPLICIT_RULES, implicit_rules},
    {VRX_FHIR_RULE_SUBPOTENT, subpotent},
    {VRX_FHIR_RULE_OCCURRENCE, occurrence},
    {VRX_FHIR_RULE_OCCURRENCE_STRING, occurrence_string},
    {VRX_FHIR_RULE_RECORDED, recorded},
    {VRX_FHIR_RULE_DOSE_NUMBER, dose_number},
    {VRX_FHIR_RULE_LOT, lot},
    {VRX_FHIR_RULE_MAKER, maker},
    {VRX_FHIR_RULE_VENUE, venue},
    {VRX_FHIR_RULE_PHYSICIAN, physician},
    {VRX_FHIR_RULE_MUNICIPALITY, municipality},
    {VRX_FHIR_RULE_TICKET, ticket},
};

static const struct {
    const char *system;
    bool complete; /* a code that is not here is of another product */
} code_systems[] = {
    {VRX_FHIR_CVX, true},
    {VRX_FHIR_HOT9, false},
    {VRX_FHIR_HOT9_OID, false},
    {VRX_FHIR_HOT9_OID_2, false},
};

static const struct vrx_vaccine *vaccine_by(bool cvx, const char *code) {
    const struct vrx_vaccine *vaccine;
    for (size_t i = 0; (vaccine = vrx_vaccine_at(i)) != NULL; i++) {
        const char *own = cvx ? vaccine->cvx : vaccine->hot9;
        if (own && strcmp(own, code) == 0)
            return vaccine;
    }
    return NULL;
}

/* One coding: *vaccine is what those before it have said. */
static struct vrx_result take_coding(const json_t *coding, const struct vrx_vaccine **vaccine) {
    const char *code = NULL;
    VRX_TRY(vrx_fhir_text(coding, "code", &code));
    for (size_t i = 0; code && i < sizeof code_systems / sizeof *code_systems; i++) {
        if (!vrx_fhir_is(coding, "system", code_systems[i].system))
            continue;
        const struct vrx_vaccine *found = vaccine_by(code_systems[i].complete, code);
        if (!found && code_systems[i].complete)
            return vrx_refuse(VRX_PRODUCT_UNKNOWN, "CVX: 207, 208, 210, 211");
        if (found && *vaccine && found != *vaccine)
            return vrx_refuse(VRX_INPUT_RANGE, "FHIR R4 Immunization.vaccineCode: one product");
        if (found)
            *vaccine = found;
    }
    return vrx_ok();
}

/* A code as people look it up, "http://hl7.org/fhir/sid/cvx|217". */
static struct vrx_result code_text(
    struct vrx_arena *arena, const json_t *coding, const char **ret_text) {
    const char *system = json_string_value(json_object_get(coding, "system"));
    const char *code = json_string_value(json_object_get(coding, "code"));
    char *text = NULL;
    VRX_TRY(vrx_arena_format(arena, &text, "%.100s|%.50s", system ? system : "", code ? code : ""));
    *ret_text = text;
    return vrx_ok();
}

/* *ret_at: the coding that is to blame. */
static struct vrx_result take_codings(
    const json_t *codings, const struct vrx_vaccine **vaccine, const json_t **ret_at) {
    size_t at;
    json_t *coding;
    json_array_foreach(codings, at, coding) {
        *ret_at = coding;
        VRX_TRY(take_coding(coding, vaccine));
    }
    *ret_at = json_array_get(codings, 0);
    return *vaccine ? vrx_ok() : vrx_fail(VRX_PRODUCT_UNKNOWN);
}

static struct vrx_result vaccine(struct reading *reading) {
    const json_t *concept = NULL;
    const json_t *codings = NULL;
    const json_t *at = NULL;
    const char *detail = NULL;
    struct vrx_result result = vrx_fhir_object(reading->resource, "vaccineCode", &concept);
    if (vrx_is_ok(result))
        result = vrx_fhir_list(concept, "coding", &codings);
    if (vrx_is_ok(result))
        result = codings ? take_codings(codings, &reading->dose->vaccine, &at)
                         : vrx_refuse(VRX_INPUT_FIELD_MISSING, "FHIR R4 vaccineCode.coding");
    if (!vrx_is_ok(result) && at)
        VRX_TRY(code_text(reading->arena, at, &detail));
    return vrx_fhir_take_detail(reading->faults, VRX_FHIR_RULE_VACCINE, detail, result);
}

/* A status that is none of the three is a fault. */
static struct vrx_result skip_by_status(const json_t *resource, enum vrx_fhir_skip *ret_skip) {
    static const char *const words[] = {
        [VRX_FHIR_TAKEN] = "completed",
        [VRX_FHIR_NOT_DONE] = "not-done",
        [VRX_FHIR_ENTERED_IN_ERROR] = "entered-in-error",
    };
    const char *status = NULL;
    VRX_TRY(vrx_fhir_text(resource, "status", &status));
    for (size_t i = 0; status && i < sizeof words / sizeof *words; i++) {
        if (strcmp(status, words[i]) == 0) {
            *ret_skip = (enum vrx_fhir_skip)i;
            return vrx_ok();
        }
    }
    return vrx_refuse(
        status ? VRX_INPUT_RANGE : VRX_INPUT_FIELD_MISSING, "FHIR R4 Immunization.status");
}

static struct vrx_result skip_by_source(const json_t *resource, enum vrx_fhir_skip *skip) {
    bool primary = true;
    VRX_TRY(vrx_fhir_bool(resource, "primarySource", &primary));
    if (!primary)
        *skip = VRX_FHIR_REPORTED;
    return vrx_ok();
}

struct vrx_result vrx_fhir_immunization(const struct vrx_fhir_document *document,
    const json_t *resource, const char *system, struct vrx_arena *arena,
    struct vrx_fhir_faults *faults, enum vrx_fhir_skip *ret_skip, struct vrx_fhir_dose *ret_dose) {
    struct vrx_fhir_dose dose = {.entry = faults->entry};
    struct reading reading = {document, resource, arena, faults, &dose};
    enum vrx_fhir_skip skip = VRX_FHIR_TAKEN;
    VRX_TRY(vrx_fhir_take(faults, VRX_FHIR_RULE_STATUS, skip_by_status(resource, &skip)));
    if (skip == VRX_FHIR_TAKEN)
        VRX_TRY(
            vrx_fhir_take(faults, VRX_FHIR_RULE_PRIMARY_SOURCE, skip_by_source(resource, &skip)));
    *ret_skip = skip;
    if (skip != VRX_FHIR_TAKEN)
        return vrx_ok();
    VRX_TRY(vrx_fhir_patient(document, resource, system, faults, &dose));
    VRX_TRY(vaccine(&reading));
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        VRX_TRY(vrx_fhir_take(faults, elements[i].rule, elements[i].read(&reading)));
    *ret_dose = dose;
    return vrx_ok();
}
