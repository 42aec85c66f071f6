/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a payload whose signature verifies. Its issuer may be anyone that the trust list names,
 * so nothing is taken for granted: each member's type, one patient to whom each dose refers, and
 * no dose that the card itself says was not given. What is not read here is skipped.
 */
#include "base/date.h"
#include "base/limits.h"
#include "formats/json/foreign_json.h"
#include "formats/shc/shc.h"

#define CARD_TYPE "https://smarthealth.cards#health-card"
#define TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define RID_MAX 24                     /* characters */
#define GIVEN_MAX 16                   /* given names of one person */

/* ---- values ---- */

/* RFC 7519 §2, NumericDate, which may have a fraction. */
static struct vrx_result read_time(const json_t *claims, const char *key, const char *clause,
    int64_t fallback, int64_t *ret_time) {
    const json_t *member = json_object_get(claims, key);
    if (!member) {
        *ret_time = fallback;
        return vrx_ok();
    }
    if (!json_is_number(member))
        return vrx_refuse(VRX_INPUT_TYPE, clause);
    const double seconds = json_number_value(member);
    if (!(seconds >= 0 && seconds <= (double)TIME_MAX))
        return vrx_refuse(VRX_INPUT_RANGE, clause);
    *ret_time = json_is_integer(member) ? (int64_t)json_integer_value(member) : (int64_t)seconds;
    return vrx_ok();
}

/* "1951", "1951-01" or "1951-01-20", which must exist. */
static struct vrx_result check_day(struct vrx_view text) {
    char whole[] = "0000-01-01";
    struct vrx_date date;
    if (text.len != 4 && text.len != 7 && text.len != VRX_DATE_TEXT)
        return vrx_refuse(VRX_INPUT_MALFORMED, "FHIR R4 §2.24.0.1: date");
    memcpy(whole, text.ptr, text.len);
    return vrx_date_parse(vrx_view_text(whole), &date);
}

/* The same, or a whole one with "T", a time of day and its offset. */
static struct vrx_result check_moment(struct vrx_view text) {
    static const char alphabet[] = "0123456789:.+-Z";
    const struct vrx_view time = vrx_view_slice(text, VRX_DATE_TEXT, text.len);
    if (!time.len)
        return check_day(text);
    if (time.ptr[0] != 'T')
        return vrx_refuse(VRX_INPUT_MALFORMED, "FHIR R4 §2.24.0.1: dateTime");
    for (size_t i = 1; i < time.len; i++)
        if (!memchr(alphabet, time.ptr[i], sizeof alphabet - 1))
            return vrx_refuse(VRX_INPUT_MALFORMED, "FHIR R4 §2.24.0.1: dateTime");
    return check_day(vrx_view_slice(text, 0, VRX_DATE_TEXT));
}

static struct vrx_result needed_text(struct vrx_arena *arena, const json_t *object, const char *key,
    const char *clause, struct vrx_view *ret_text) {
    VRX_TRY(vrx_foreign_json_text(arena, object, key, clause, ret_text));
    return ret_text->len ? vrx_ok() : vrx_refuse(VRX_INPUT_FIELD_MISSING, clause);
}

/* ---- the patient ---- */

static struct vrx_result join_given(
    struct vrx_arena *arena, const json_t *given, struct vrx_view *ret_joined) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer joined = {.limit = VRX_LIMIT_JSON_FIELD};
    const size_t count = json_array_size(given);
    if (count > GIVEN_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "FHIR R4 HumanName: given names of one person");
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(given, i);
        if (!json_is_string(name))
            return vrx_refuse(VRX_INPUT_TYPE, "FHIR R4 HumanName: given is texts");
        if (i)
            VRX_TRY(vrx_buffer_append_byte(&joined, ' '));
        VRX_TRY(vrx_buffer_append(
            &joined, vrx_view_of(json_string_value(name), json_string_length(name))));
    }
    return vrx_arena_copy(arena, vrx_buffer_view(&joined), ret_joined);
}

static struct vrx_result read_name(
    const json_t *patient, struct vrx_arena *arena, struct vrx_shc *shc) {
    static const char clause[] = "FHIR R4 Patient: name";
    const json_t *names = NULL;
    const json_t *given = NULL;
    VRX_TRY(vrx_foreign_json_needed(patient, "name", JSON_ARRAY, clause, &names));
    const json_t *name = json_array_get(names, 0);
    VRX_TRY(vrx_foreign_json_text(arena, name, "family", clause, &shc->surname));
    VRX_TRY(vrx_foreign_json_member(name, "given", JSON_ARRAY, clause, &given));
    VRX_TRY(join_given(arena, given, &shc->given));
    if (!shc->surname.len && !shc->given.len)
        return needed_text(arena, name, "text", clause, &shc->surname);
    return vrx_ok();
}

static struct vrx_result read_patient(
    const json_t *patient, struct vrx_arena *arena, struct vrx_shc *shc) {
    VRX_TRY(read_name(patient, arena, shc));
    VRX_TRY(
        needed_text(arena, patient, "birthDate", "FHIR R4 Patient: birthDate", &shc->birth_date));
    return check_day(shc->birth_date);
}

/* ---- a dose ---- */

/* The CVX code, else the first of any system. */
static struct vrx_result read_code(
    const json_t *immunization, struct vrx_arena *arena, struct vrx_shc_dose *dose) {
    static const char clause[] = "FHIR R4 Immunization: vaccineCode";
    const json_t *concept = NULL;
    const json_t *codings = NULL;
    VRX_TRY(vrx_foreign_json_needed(immunization, "vaccineCode", JSON_OBJECT, clause, &concept));
    VRX_TRY(vrx_foreign_json_needed(concept, "coding", JSON_ARRAY, clause, &codings));
    const json_t *coding = json_array_get(codings, 0);
    for (size_t i = json_array_size(codings); i-- > 0;)
        if (vrx_foreign_json_is(json_array_get(codings, i), "system", VRX_SHC_CVX))
            coding = json_array_get(codings, i);
    VRX_TRY(needed_text(arena, coding, "system", clause, &dose->system));
    return needed_text(arena, coding, "code", clause, &dose->code);
}

static struct vrx_result read_performer(
    const json_t *immunization, struct vrx_arena *arena, struct vrx_shc_dose *dose) {
    static const char clause[] = "FHIR R4 Immunization: performer";
    const json_t *performers = NULL;
    const json_t *actor = NULL;
    VRX_TRY(vrx_foreign_json_member(immunization, "performer", JSON_ARRAY, clause, &performers));
    if (!json_array_size(performers))
        return vrx_ok();
    VRX_TRY(vrx_foreign_json_needed(
        json_array_get(performers, 0), "actor", JSON_OBJECT, clause, &actor));
    return vrx_foreign_json_text(arena, actor, "display", clause, &dose->performer);
}

static struct vrx_result read_dose(const json_t *immunization, const char *patient,
    struct vrx_arena *arena, struct vrx_shc_dose *dose) {
    static const char clause[] = "FHIR R4 Immunization: occurrenceDateTime";
    const json_t *subject = NULL;
    VRX_TRY(vrx_foreign_json_needed(
        immunization, "patient", JSON_OBJECT, "FHIR R4 Immunization: patient", &subject));
    if (!vrx_foreign_json_is(subject, "reference", patient))
        return vrx_refuse(
            VRX_INPUT_RANGE, "SMART Health Cards 1.4: the dose refers to the card's patient");
    VRX_TRY(read_code(immunization, arena, dose));
    VRX_TRY(needed_text(arena, immunization, "occurrenceDateTime", clause, &dose->date));
    VRX_TRY(check_moment(dose->date));
    VRX_TRY(vrx_foreign_json_text(
        arena, immunization, "lotNumber", "FHIR R4 Immunization: lotNumber", &dose->lot));
    return read_performer(immunization, arena, dose);
}

/* ---- the bundle ---- */

/* The resource of an entry, NULL where it is not of this type. */
static struct vrx_result resource_at(
    const json_t *entries, size_t i, const char *type, const json_t **ret_resource) {
    const json_t *resource = NULL;
    VRX_TRY(vrx_foreign_json_needed(json_array_get(entries, i), "resource", JSON_OBJECT,
        "FHIR R4 Bundle: entry.resource", &resource));
    *ret_resource = vrx_foreign_json_is(resource, "resourceType", type) ? resource : NULL;
    return vrx_ok();
}

/* The one patient; *ret_url is how the others refer to it, and lives with the JSON. */
static struct vrx_result find_patient(
    const json_t *entries, struct vrx_arena *arena, struct vrx_shc *shc, const char **ret_url) {
    static const char clause[] = "SMART Health Cards 1.4: exactly one Patient";
    const json_t *found = NULL;
    const json_t *url = NULL;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *patient = NULL;
        VRX_TRY(resource_at(entries, i, "Patient", &patient));
        if (!patient)
            continue;
        if (found)
            return vrx_refuse(VRX_INPUT_RANGE, clause);
        found = patient;
        VRX_TRY(vrx_foreign_json_needed(json_array_get(entries, i), "fullUrl", JSON_STRING,
            "SMART Health Cards 1.4: Bundle.entry.fullUrl", &url));
    }
    if (!found)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, clause);
    *ret_url = json_string_value(url);
    return read_patient(found, arena, shc);
}

/* "not-done" and "entered-in-error" are no doses (FHIR R4 Immunization: status). */
static struct vrx_result read_doses(
    const json_t *entries, const char *patient, struct vrx_arena *arena, struct vrx_shc *shc) {
    struct vrx_shc_dose *doses = vrx_arena_alloc_array(arena, VRX_LIMIT_DOSES, sizeof *doses);
    if (!doses)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *immunization = NULL;
        const json_t *status = NULL;
        VRX_TRY(resource_at(entries, i, "Immunization", &immunization));
        if (!immunization)
            continue;
        VRX_TRY(vrx_foreign_json_needed(
            immunization, "status", JSON_STRING, "FHIR R4 Immunization: status", &status));
        if (strcmp(json_string_value(status), "completed") != 0)
            continue;
        if (shc->dose_count == VRX_LIMIT_DOSES)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: doses of one person");
        VRX_TRY(read_dose(immunization, patient, arena, &doses[shc->dose_count]));
        shc->dose_count++;
    }
    shc->doses = doses;
    return vrx_ok();
}

static struct vrx_result read_bundle(
    const json_t *subject, struct vrx_arena *arena, struct vrx_shc *shc) {
    static const char clause[] = "SMART Health Cards 1.4: fhirBundle";
    const json_t *bundle = NULL;
    const json_t *version = NULL;
    const json_t *entries = NULL;
    const char *patient = NULL;
    VRX_TRY(vrx_foreign_json_needed(
        subject, "fhirVersion", JSON_STRING, "SMART Health Cards 1.4: fhirVersion", &version));
    if (strncmp(json_string_value(version), "4.", 2) != 0)
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: fhirVersion of R4");
    VRX_TRY(vrx_foreign_json_needed(subject, "fhirBundle", JSON_OBJECT, clause, &bundle));
    if (!vrx_foreign_json_is(bundle, "resourceType", "Bundle"))
        return vrx_refuse(VRX_INPUT_RANGE, clause);
    VRX_TRY(vrx_foreign_json_needed(bundle, "entry", JSON_ARRAY, clause, &entries));
    VRX_TRY(find_patient(entries, arena, shc, &patient));
    return read_doses(entries, patient, arena, shc);
}

/* ---- the claims ---- */

static struct vrx_result check_types(const json_t *credential) {
    static const char clause[] = "SMART Health Cards 1.4: vc.type";
    const json_t *types = NULL;
    VRX_TRY(vrx_foreign_json_needed(credential, "type", JSON_ARRAY, clause, &types));
    for (size_t i = 0; i < json_array_size(types); i++) {
        const char *type = json_string_value(json_array_get(types, i));
        if (type && strcmp(type, CARD_TYPE) == 0)
            return vrx_ok();
    }
    return vrx_refuse(VRX_INPUT_RANGE, clause);
}

/* The base64url alphabet, though it need not be base64url. */
static struct vrx_result check_rid(struct vrx_view rid) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (rid.len > RID_MAX)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "SMART Health Cards 1.4: rid of 24 characters");
    for (size_t i = 0; i < rid.len; i++)
        if (!memchr(alphabet, rid.ptr[i], sizeof alphabet - 1))
            return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: characters of a rid");
    return vrx_ok();
}

static struct vrx_result read_claims(
    const json_t *claims, struct vrx_arena *arena, struct vrx_shc *shc) {
    const json_t *credential = NULL;
    const json_t *subject = NULL;
    VRX_TRY(needed_text(arena, claims, "iss", "SMART Health Cards 1.4: iss", &shc->issuer));
    VRX_TRY(vrx_trust_issuer_check(shc->issuer));
    VRX_TRY(read_time(claims, "nbf", "RFC 7519 §4.1.5: nbf", -1, &shc->issued));
    if (shc->issued < 0)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "SMART Health Cards 1.4: nbf");
    VRX_TRY(read_time(claims, "exp", "RFC 7519 §4.1.4: exp", VRX_SHC_FOREVER, &shc->expires));
    VRX_TRY(vrx_foreign_json_needed(
        claims, "vc", JSON_OBJECT, "SMART Health Cards 1.4: vc", &credential));
    VRX_TRY(check_types(credential));
    VRX_TRY(vrx_foreign_json_text(
        arena, credential, "rid", "SMART Health Cards 1.4: rid", &shc->identifier));
    VRX_TRY(check_rid(shc->identifier));
    VRX_TRY(vrx_foreign_json_needed(credential, "credentialSubject", JSON_OBJECT,
        "SMART Health Cards 1.4: credentialSubject", &subject));
    return read_bundle(subject, arena, shc);
}

struct vrx_result vrx_shc_read(
    struct vrx_view payload, struct vrx_arena *arena, struct vrx_shc *ret_shc) {
    struct vrx_shc shc = {0};
    VRX_CLEANUP(vrx_foreign_json_done) json_t *claims = NULL;
    VRX_TRY(vrx_foreign_json_read(payload, &claims));
    VRX_TRY(read_claims(claims, arena, &shc));
    if (!shc.dose_count)
        return vrx_refuse(
            VRX_NOT_FOUND, "SMART Health Cards 1.4: a card without a completed Immunization");
    *ret_shc = shc;
    return vrx_ok();
}
