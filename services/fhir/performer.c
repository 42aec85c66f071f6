/* SPDX-License-Identifier: Apache-2.0 */
#include "fhir/performer.h"

#include <string.h>

#include "fhir/element.h"
#include "fhir/systems.h"

/* The actor's own identifiers and those of its resource: one and the same municipality. */
static struct vrx_result code_of(const struct vrx_fhir_document *document,
    const json_t *immunization, const json_t *actor, const char **ret_code) {
    const json_t *resource = NULL;
    VRX_TRY(
        vrx_fhir_identifier(json_object_get(actor, "identifier"), VRX_FHIR_MUNICIPALITY, ret_code));
    if (*ret_code)
        return vrx_ok();
    VRX_TRY(vrx_fhir_resolve(document, immunization, actor, &resource));
    return vrx_fhir_identifier(
        json_object_get(resource, "identifier"), VRX_FHIR_MUNICIPALITY, ret_code);
}

struct vrx_result vrx_fhir_municipality(
    const struct vrx_fhir_document *document, const json_t *immunization, const char **ret_code) {
    static const char clause[] = "FHIR R4 Immunization.performer: one municipality";
    const json_t *list = NULL;
    const char *code = NULL;
    size_t at;
    json_t *performer;
    VRX_TRY(vrx_fhir_list(immunization, "performer", &list));
    json_array_foreach(list, at, performer) {
        const json_t *actor = NULL;
        const char *found = NULL;
        VRX_TRY(vrx_fhir_object(performer, "actor", &actor));
        struct vrx_result result = code_of(document, immunization, actor, &found);
        /* Somebody else may stand in another file. */
        if (result.reason != VRX_NOT_FOUND)
            VRX_TRY(result);
        if (found && code && strcmp(found, code) != 0)
            return vrx_refuse(VRX_INPUT_DUPLICATE_KEY, clause);
        if (found)
            code = found;
    }
    *ret_code = code;
    return code ? vrx_ok() : vrx_refuse(VRX_INPUT_FIELD_MISSING, clause);
}

/* "山田 太郎" of a HumanName: its text, or the family name and the first given one. */
static struct vrx_result human_name(
    struct vrx_arena *arena, const json_t *resource, const char **ret_name) {
    const json_t *list = NULL;
    const char *family = NULL;
    VRX_TRY(vrx_fhir_list(resource, "name", &list));
    const json_t *name = json_array_get(list, 0);
    VRX_TRY(vrx_fhir_text(name, "text", ret_name));
    if (*ret_name)
        return vrx_ok();
    VRX_TRY(vrx_fhir_text(name, "family", &family));
    const char *given = json_string_value(json_array_get(json_object_get(name, "given"), 0));
    if (!family)
        return vrx_ok();
    char *text = NULL;
    VRX_TRY(vrx_arena_format(arena, &text, "%s%s%s", family, given ? " " : "", given ? given : ""));
    *ret_name = text;
    return vrx_ok();
}

static bool begins(const char *text, const char *start) {
    return text && strncmp(text, start, strlen(start)) == 0;
}

/* NULL for an actor that is no person. */
static struct vrx_result person_of(const struct vrx_fhir_document *document,
    const json_t *immunization, const json_t *actor, struct vrx_arena *arena,
    const char **ret_name) {
    const json_t *resource = NULL;
    const char *display = NULL;
    *ret_name = NULL;
    VRX_TRY(vrx_fhir_text(actor, "display", &display));
    struct vrx_result result = vrx_fhir_resolve(document, immunization, actor, &resource);
    if (!display || result.reason != VRX_NOT_FOUND)
        VRX_TRY(result);
    const char *reference = json_string_value(json_object_get(actor, "reference"));
    if (vrx_fhir_is(actor, "type", "Organization") || begins(reference, "Organization/") ||
        strcmp(vrx_fhir_type(resource), "Organization") == 0)
        return vrx_ok();
    *ret_name = display;
    return display || strcmp(vrx_fhir_type(resource), "Practitioner") != 0
               ? vrx_ok()
               : human_name(arena, resource, ret_name);
}

static bool has_function(const json_t *performer, const char *code) {
    const json_t *codings = json_object_get(json_object_get(performer, "function"), "coding");
    size_t at;
    json_t *coding;
    json_array_foreach(codings, at, coding) if (vrx_fhir_is(coding, "code", code)) return true;
    return false;
}

/* How well a performer answers for 医師名, the physician who examined. */
static unsigned rank_of(const json_t *performer) {
    if (has_function(performer, VRX_FHIR_ORDERING))
        return 3;
    return has_function(performer, VRX_FHIR_ADMINISTERING) ? 1 : 2;
}

struct vrx_result vrx_fhir_physician(const struct vrx_fhir_document *document,
    const json_t *immunization, struct vrx_arena *arena, const char **ret_name) {
    const json_t *list = NULL;
    const char *best = NULL;
    unsigned best_rank = 0;
    size_t at;
    json_t *performer;
    VRX_TRY(vrx_fhir_list(immunization, "performer", &list));
    json_array_foreach(list, at, performer) {
        const json_t *actor = NULL;
        const char *name = NULL;
        VRX_TRY(vrx_fhir_object(performer, "actor", &actor));
        if (actor)
            VRX_TRY(person_of(document, immunization, actor, arena, &name));
        if (name && rank_of(performer) > best_rank) {
            best = name;
            best_rank = rank_of(performer);
        }
    }
    *ret_name = best;
    return vrx_ok();
}
