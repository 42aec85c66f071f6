/* SPDX-License-Identifier: Apache-2.0
 *
 * Entry by entry onto the end of the text, so that its size is known at any time and no tree of the
 * whole Bundle is kept. References with an identifier or a display take the place of resources that
 * would say nothing more (FHIR R4 §2.3.0.2).
 *
 * An entry's fullUrl is an object identifier below the municipality's arc (systems.h): the same in
 * every export, and of nobody else in any.
 */
#include "fhir/writer.h"

#include <jansson.h>
#include <stdio.h>

#include "base/text.h"
#include "fhir/moment.h"
#include "fhir/systems.h"

#define URL 128 /* a person's has less than 100 */

static const char head[] = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[\n";
static const char tail[] = "\n]}\n";

void vrx_fhir_writer_init(
    struct vrx_fhir_writer *writer, const struct vrx_municipality_code *municipality) {
    *writer = (struct vrx_fhir_writer){.municipality = *municipality};
}

void vrx_fhir_writer_done(struct vrx_fhir_writer *writer) {
    vrx_buffer_done(&writer->text);
}

bool vrx_fhir_writer_full(const struct vrx_fhir_writer *writer) {
    return writer->persons == VRX_FHIR_PERSONS || writer->text.len >= VRX_FHIR_ENOUGH;
}

/* The first failure stays: jansson goes on after some that it is told of. */
struct sink {
    struct vrx_buffer *buffer;
    struct vrx_result result;
};

static int append(const char *bytes, size_t len, void *context) {
    struct sink *sink = context;
    if (vrx_is_ok(sink->result))
        sink->result = vrx_buffer_append(sink->buffer, vrx_view_of(bytes, len));
    return vrx_is_ok(sink->result) ? 0 : -1;
}

static struct vrx_result dump(const json_t *entry, struct vrx_buffer *out) {
    struct sink sink = {out, vrx_ok()};
    int status = json_dump_callback(entry, append, &sink, JSON_COMPACT);
    VRX_TRY(sink.result);
    return status == 0 ? vrx_ok() : vrx_fail(VRX_OUT_OF_MEMORY);
}

/* Takes over the entry; NULL is what jansson gives for want of memory. */
static struct vrx_result put_entry(struct vrx_fhir_writer *writer, json_t *entry) {
    const char *before = writer->text.len ? ",\n" : head;
    struct vrx_result result = entry ? vrx_buffer_append(&writer->text, vrx_view_text(before))
                                     : vrx_fail(VRX_OUT_OF_MEMORY);
    if (vrx_is_ok(result))
        result = dump(entry, &writer->text);
    json_decref(entry);
    return result;
}

static json_t *name_of(const char *representation, const char *text) {
    return json_pack("{s:[{s:s,s:s}],s:s,s:s}", "extension", "url", VRX_FHIR_REPRESENTATION,
        "valueCode", representation, "use", "official", "text", text);
}

static json_t *names_of(const struct vrx_fhir_person *person) {
    json_t *names = json_pack("[o]", name_of("IDE", person->name));
    if (person->kana[0] && json_array_append_new(names, name_of("SYL", person->kana)) != 0) {
        json_decref(names);
        return NULL;
    }
    return names;
}

static json_t *patient_entry(
    const struct vrx_fhir_person *person, const char *system, const char *url) {
    static const char *const genders[] = {"unknown", "male", "female"};
    return json_pack("{s:s,s:{s:s,s:{s:[s]},s:[{s:s,s:s}],s:o,s:s,s:s}}", "fullUrl", url,
        "resource", "resourceType", "Patient", "meta", "profile", VRX_FHIR_JP_PATIENT, "identifier",
        "system", system, "value", person->addressee, "name", names_of(person), "gender",
        genders[person->sex < 3 ? person->sex : 0], "birthDate", person->birth_date);
}

static json_t *vaccine_code(const struct vrx_vaccine *vaccine) {
    json_t *codings = json_pack("[{s:s,s:s,s:s}]", "system", VRX_FHIR_CVX, "code", vaccine->cvx,
        "display", vaccine->product_en);
    if (vaccine->hot9 &&
        json_array_append_new(codings, json_pack("{s:s,s:s,s:s}", "system", VRX_FHIR_HOT9, "code",
                                           vaccine->hot9, "display", vaccine->product_ja)) != 0) {
        json_decref(codings);
        return NULL;
    }
    return json_pack("{s:o,s:s}", "coding", codings, "text", vaccine->product_ja);
}

static json_t *municipality_performer(const struct vrx_fhir_dose *dose) {
    return json_pack("{s:{s:s,s:{s:s,s:s}}}", "actor", "type", "Organization", "identifier",
        "system", VRX_FHIR_MUNICIPALITY, "value", dose->administered_by.digits);
}

static json_t *physician_performer(const struct vrx_fhir_dose *dose) {
    return json_pack("{s:{s:[{s:s,s:s}]},s:{s:s,s:s}}", "function", "coding", "system",
        VRX_FHIR_PROVIDER_ROLE, "code", VRX_FHIR_ORDERING, "actor", "type", "Practitioner",
        "display", dose->physician);
}

/* The municipality first, then the physician, as far as they are named. FHIR has no empty lists. */
static bool put_performers(json_t *immunization, const struct vrx_fhir_dose *dose) {
    json_t *list = json_array();
    if (!dose->administered_by.digits[0] && !dose->physician[0]) {
        json_decref(list);
        return true;
    }
    if ((dose->administered_by.digits[0] &&
            json_array_append_new(list, municipality_performer(dose)) != 0) ||
        (dose->physician[0] && json_array_append_new(list, physician_performer(dose)) != 0)) {
        json_decref(list);
        return false;
    }
    return json_object_set_new(immunization, "performer", list) == 0;
}

static bool put_protocol(json_t *immunization, const struct vrx_fhir_dose *dose) {
    if (!dose->number)
        return true;
    return json_object_set_new(immunization, "protocolApplied",
               json_pack("[{s:[{s:[{s:s,s:s},{s:s,s:s}]}],s:i}]", "targetDisease", "coding",
                   "system", VRX_FHIR_SNOMED, "code", dose->vaccine->disease, "system",
                   VRX_FHIR_MEDIS_DISEASE, "code", VRX_FHIR_MEDIS_COVID_19, "doseNumberPositiveInt",
                   (int)dose->number)) == 0;
}

/* A member that may say nothing. */
struct optional {
    const char *name;
    const char *text; /* "": leave it out */
    json_t *(*make)(const char *text);
};

static json_t *display_of(const char *text) {
    return json_pack("{s:s}", "display", text);
}

static json_t *ticket_of(const char *text) {
    return json_pack("[{s:s,s:s}]", "system", VRX_FHIR_TICKET, "value", text);
}

/* What dates and texts there are. False for want of memory. */
static bool put_optional(json_t *immunization, const struct vrx_fhir_dose *dose) {
    char recorded[VRX_FHIR_MOMENT_TEXT + 1] = "";
    if (dose->registered_at)
        vrx_fhir_moment_format(dose->registered_at, recorded);
    const struct optional members[] = {
        {"identifier", dose->ticket, ticket_of},
        {"recorded", recorded, json_string},
        {"location", dose->venue, display_of},
        {"manufacturer", dose->maker, display_of},
        {"lotNumber", dose->lot, json_string},
    };
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].text[0] && json_object_set_new(immunization, members[i].name,
                                      members[i].make(members[i].text)) != 0)
            return false;
    return true;
}

static json_t *immunization_of(const struct vrx_fhir_dose *dose, const char *patient) {
    char day[VRX_DATE_TEXT + 1];
    vrx_date_format(dose->administered_on, day);
    json_t *immunization = json_pack("{s:s,s:{s:[s]},s:s,s:o,s:{s:s},s:s,s:b}", "resourceType",
        "Immunization", "meta", "profile", VRX_FHIR_JP_IMMUNIZATION, "status", "completed",
        "vaccineCode", vaccine_code(dose->vaccine), "patient", "reference", patient,
        "occurrenceDateTime", day, "primarySource", !dose->reported);
    if (immunization && put_performers(immunization, dose) && put_protocol(immunization, dose) &&
        put_optional(immunization, dose))
        return immunization;
    json_decref(immunization);
    return NULL;
}

static json_t *immunization_entry(const struct vrx_fhir_dose *dose, const char *patient) {
    char url[URL];
    snprintf(url, sizeof url, "%.100s.%llu", patient, (unsigned long long)dose->id);
    return json_pack("{s:s,s:o}", "fullUrl", url, "resource", immunization_of(dose, patient));
}

static bool all_valid(const char *const *texts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!vrx_utf8_valid(vrx_view_text(texts[i])))
            return false;
    return true;
}

/* jansson takes no other text and does not say why. */
static struct vrx_result check_texts(const struct vrx_fhir_person *person) {
    const char *const own[] = {person->name, person->kana, person->addressee, person->birth_date};
    bool valid = all_valid(own, sizeof own / sizeof *own);
    for (size_t i = 0; i < person->dose_count; i++) {
        const struct vrx_fhir_dose *dose = &person->doses[i];
        const char *const texts[] = {
            dose->maker, dose->lot, dose->venue, dose->physician, dose->ticket};
        valid = valid && all_valid(texts, sizeof texts / sizeof *texts);
    }
    return valid ? vrx_ok() : vrx_fail(VRX_INPUT_TEXT);
}

struct vrx_result vrx_fhir_writer_add(
    struct vrx_fhir_writer *writer, const struct vrx_fhir_person *person) {
    char system[VRX_FHIR_ADDRESSEE_SYSTEM];
    char url[URL];
    VRX_TRY(check_texts(person));
    vrx_fhir_addressee_system(&writer->municipality, system);
    snprintf(url, sizeof url, "%s.%.20s", system, person->addressee);
    VRX_TRY(put_entry(writer, patient_entry(person, system, url)));
    for (size_t i = 0; i < person->dose_count; i++)
        VRX_TRY(put_entry(writer, immunization_entry(&person->doses[i], url)));
    writer->persons++;
    return vrx_ok();
}

struct vrx_result vrx_fhir_writer_take(struct vrx_fhir_writer *writer, struct vrx_buffer *out) {
    if (!writer->text.len)
        VRX_TRY(vrx_buffer_append(&writer->text, vrx_view_text(head)));
    VRX_TRY(vrx_buffer_append(&writer->text, vrx_view_text(tail)));
    vrx_buffer_done(out);
    *out = writer->text;
    writer->text = (struct vrx_buffer){0};
    writer->persons = 0;
    return vrx_ok();
}
