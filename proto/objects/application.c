/* SPDX-License-Identifier: Apache-2.0
 *
 * See application.h for the format, schema.h for how a table is written.
 */
#include "objects/application.h"

#include "base/limits.h"
#include "codes/country.h"
#include "crypto/hash.h"
#include "objects/consent.h"
#include "objects/schema.h"

static const struct vrx_object_field fields[] = {
    ROW_FIXED(1, application, id),
    ROW_MUNICIPALITY(2, application, municipality),
    ROW_FIXED(3, application, subject),
    ROW_FIXED(4, application, person),
    ROW_ENUM(5, application, kind, VRX_CERTIFICATE_LAST),
    ROW_TEXT(6, application, surname, 0, VRX_LIMIT_ROMAN_NAME),
    ROW_TEXT(7, application, given_name, 0, VRX_LIMIT_ROMAN_NAME),
    ROW_DATE(8, application, birth_date),
    ROW_FIXED(9, application, evidence_id),
    ROW_ENUM(10, application, applicant, VRX_APPLICANT_PROXY),
    ROW_TIME(11, application, applied_at),
    ROW_OPTIONAL_TEXT(12, application, passport_number, VRX_LIMIT_PASSPORT_NUMBER),
    ROW_OPTIONAL_TEXT(13, application, nationality, VRX_LIMIT_NATIONALITY),
    ROW_OPTIONAL_TEXT(14, application, name, VRX_LIMIT_NAME),
    ROW_OPTIONAL_MUNICIPALITIES(15, application, elsewhere, elsewhere_count, VRX_LIMIT_ORIGINS),
};

const struct vrx_object_schema vrx_application_schema =
    ROW_DATED_SCHEMA(application, "vrx.application.1", fields, applied_at);

/* ---- for whom it is ---- */

bool vrx_application_is_for(
    const struct vrx_application *application, const struct vrx_municipality_code *municipality) {
    for (size_t i = 0; i < application->elsewhere_count; i++)
        if (vrx_municipality_code_equal(&application->elsewhere[i], municipality))
            return true;
    return vrx_municipality_code_equal(&application->municipality, municipality);
}

struct vrx_result vrx_application_use(const struct vrx_application *application,
    const struct vrx_municipality_code *municipality, uint8_t ret_use[VRX_ID]) {
    uint8_t digest[VRX_DIGEST];
    const struct vrx_view parts[] = {vrx_view_text("vrx.elsewhere.1"),
        vrx_view_of(application->id, VRX_ID),
        vrx_view_of(municipality->digits, VRX_MUNICIPALITY_CODE_DIGITS)};
    memcpy(digest, application->id, VRX_ID);
    if (!vrx_municipality_code_equal(&application->municipality, municipality))
        VRX_TRY(vrx_sha256_parts(parts, sizeof parts / sizeof *parts, digest));
    memcpy(ret_use, digest, VRX_ID);
    return vrx_ok();
}

/* ---- what each kind has ---- */

#define KIND(kind) (1u << VRX_CERTIFICATE_##kind)

/* The texts, and which kinds have them. */
static const struct {
    const char *field;
    size_t offset;
    unsigned kinds;
} texts[] = {
    {"application.surname", offsetof(struct vrx_application, surname), KIND(HCERT) | KIND(TRAVEL)},
    {"application.given_name", offsetof(struct vrx_application, given_name),
        KIND(HCERT) | KIND(TRAVEL)},
    {"application.passport_number", offsetof(struct vrx_application, passport_number),
        KIND(TRAVEL)},
    {"application.nationality", offsetof(struct vrx_application, nationality), KIND(TRAVEL)},
    {"application.name", offsetof(struct vrx_application, name), KIND(DOMESTIC)},
};

static bool is_number_character(uint8_t byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
}

/* Fillers stand for what the printed number has between its characters. */
static bool is_passport_number(struct vrx_view number) {
    for (size_t i = 0; i < number.len; i++) {
        const bool inside = i > 0 && i + 1 < number.len;
        if (!is_number_character(number.ptr[i]) && !(inside && number.ptr[i] == '<'))
            return false;
    }
    return true;
}

struct vrx_result vrx_application_check(const struct vrx_application *application) {
    if (application->kind < VRX_CERTIFICATE_HCERT || application->kind > VRX_CERTIFICATE_LAST)
        return vrx_refuse(VRX_INPUT_RANGE, "application.kind");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const bool needed = texts[i].kinds >> application->kind & 1;
        struct vrx_view text;
        memcpy(&text, (const char *)application + texts[i].offset, sizeof text);
        if (needed && !text.len)
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, texts[i].field);
        if (!needed && text.len)
            return vrx_refuse(VRX_INPUT_FIELD_UNKNOWN, texts[i].field);
    }
    for (size_t i = 0; i < application->elsewhere_count; i++) {
        const struct vrx_municipality_code *one = &application->elsewhere[i];
        bool again = vrx_municipality_code_equal(one, &application->municipality);
        for (size_t j = 0; j < i; j++)
            again = again || vrx_municipality_code_equal(one, &application->elsewhere[j]);
        if (again)
            return vrx_refuse(VRX_INPUT_RANGE, "application.elsewhere: each once, and others");
    }
    if (!is_passport_number(application->passport_number))
        return vrx_refuse(VRX_INPUT_MALFORMED, "application.passport_number");
    if (application->nationality.len && !vrx_country_is_nationality(application->nationality))
        return vrx_refuse(VRX_INPUT_MALFORMED, "application.nationality");
    return vrx_ok();
}
