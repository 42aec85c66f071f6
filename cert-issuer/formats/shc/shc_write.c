/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a card. The payload is a function of struct vrx_shc alone, so that an issuer can build it
 * twice and compare; the signature is a step of its own. Two digits are one character of the JWS,
 * 45 below its code ("SMART Health Cards 1.4: Encoding Chunks as QR Codes").
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/date.h"
#include "base/encode.h"
#include "base/limits.h"
#include "base/text.h"
#include "formats/inflate.h"
#include "formats/json/json_text.h"
#include "formats/shc/shc.h"

#define TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define RID_MAX 24                     /* characters */
#define LOWEST '-'
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- what may be written ---- */

static struct vrx_result check_text(struct vrx_view text, bool needed, const char *clause) {
    if (!text.len)
        return needed ? vrx_refuse(VRX_INPUT_FIELD_MISSING, clause) : vrx_ok();
    if (text.len > VRX_LIMIT_JSON_FIELD)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "limits.h: one text");
    if (!vrx_utf8_valid(text))
        return vrx_refuse(VRX_INPUT_TEXT, "RFC 8259 §8.1: UTF-8");
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < ' ')
            return vrx_refuse(VRX_INPUT_TEXT, "FHIR R4 §2.24.0.1: string");
    return vrx_ok();
}

/* vrx_date_parse takes the basic form too, which has no hyphens. */
static struct vrx_result check_date(struct vrx_view text) {
    struct vrx_date date;
    if (text.len != VRX_DATE_TEXT)
        return vrx_refuse(VRX_INPUT_MALFORMED, "FHIR R4 §2.24.0.1: a whole date");
    return vrx_date_parse(text, &date);
}

static struct vrx_result check_rid(struct vrx_view rid) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (!rid.len)
        return vrx_refuse(VRX_INPUT_FIELD_MISSING, "SMART Health Cards 1.4: rid");
    for (size_t i = 0; i < rid.len; i++)
        if (!memchr(alphabet, rid.ptr[i], sizeof alphabet - 1) || rid.len > RID_MAX)
            return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards 1.4: rid");
    return vrx_ok();
}

static struct vrx_result check_dose(const struct vrx_shc_dose *dose) {
    if (!vrx_view_equal(dose->system, vrx_view_text(VRX_SHC_CVX)))
        return vrx_refuse(VRX_INPUT_RANGE, "SMART Health Cards, Vaccination IG: CVX codes");
    VRX_TRY(check_text(dose->code, true, "FHIR R4 Immunization: vaccineCode"));
    VRX_TRY(check_date(dose->date));
    VRX_TRY(check_text(dose->lot, false, NULL));
    return check_text(dose->performer, false, NULL);
}

/* One space between given names, none around them: so they read back as they were. */
static struct vrx_result check_given(struct vrx_view given) {
    for (size_t i = 0; i < given.len; i++)
        if (given.ptr[i] == ' ' && (i == 0 || i + 1 == given.len || given.ptr[i - 1] == ' '))
            return vrx_refuse(VRX_INPUT_TEXT, "FHIR R4 HumanName: given, one space between two");
    return check_text(given, false, NULL);
}

static struct vrx_result check(const struct vrx_shc *shc) {
    VRX_TRY(vrx_trust_issuer_check(shc->issuer));
    if (shc->issued < 0 || shc->issued > TIME_MAX || shc->expires <= shc->issued ||
        (shc->expires > TIME_MAX && shc->expires != VRX_SHC_FOREVER))
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 7519 §4.1: nbf, and exp after it");
    VRX_TRY(check_rid(shc->identifier));
    VRX_TRY(check_text(shc->surname, true, "FHIR R4 Patient: name"));
    VRX_TRY(check_given(shc->given));
    VRX_TRY(check_date(shc->birth_date));
    if (!shc->dose_count || shc->dose_count > VRX_LIMIT_DOSES)
        return vrx_refuse(VRX_INPUT_RANGE, "limits.h: doses of one person");
    for (size_t i = 0; i < shc->dose_count; i++)
        VRX_TRY(check_dose(&shc->doses[i]));
    return vrx_ok();
}

/* ---- the payload ---- */

static struct vrx_result put_number(struct vrx_buffer *out, const char *json, int64_t number) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    VRX_TRY(vrx_json_append(out, json));
    return vrx_json_append(out, text);
}

static struct vrx_result put_given(struct vrx_buffer *out, struct vrx_view given) {
    size_t from = 0;
    if (!given.len)
        return vrx_ok();
    VRX_TRY(vrx_json_append(out, ",\"given\":["));
    for (size_t i = 0; i <= given.len; i++) {
        if (i < given.len && given.ptr[i] != ' ')
            continue;
        VRX_TRY(vrx_json_append(out, from ? "," : ""));
        VRX_TRY(vrx_json_put_text(out, vrx_view_slice(given, from, i - from)));
        from = i + 1;
    }
    return vrx_json_append(out, "]");
}

static struct vrx_result put_patient(struct vrx_buffer *out, const struct vrx_shc *shc) {
    const struct vrx_json_piece family[] = {{"{\"fullUrl\":\"resource:0\",\"resource\":{"
                                             "\"resourceType\":\"Patient\",\"name\":[{\"family\":",
        shc->surname, false}};
    const struct vrx_json_piece birth[] = {{"}],\"birthDate\":", shc->birth_date, false}};
    VRX_TRY(vrx_json_put_pieces(out, family, COUNT(family)));
    VRX_TRY(put_given(out, shc->given));
    VRX_TRY(vrx_json_put_pieces(out, birth, COUNT(birth)));
    return vrx_json_append(out, "}}");
}

static struct vrx_result put_dose(
    struct vrx_buffer *out, const struct vrx_shc_dose *dose, size_t number) {
    const struct vrx_json_piece pieces[] = {
        {",\"resource\":{\"resourceType\":\"Immunization\",\"status\":\"completed\","
         "\"vaccineCode\":{\"coding\":[{\"system\":",
            dose->system, false},
        {",\"code\":", dose->code, false},
        {"}]},\"patient\":{\"reference\":\"resource:0\"},\"occurrenceDateTime\":", dose->date,
            false},
        {",\"lotNumber\":", dose->lot, true},
        {",\"performer\":[{\"actor\":{\"display\":", dose->performer, true},
    };
    VRX_TRY(put_number(out, ",{\"fullUrl\":\"resource:", (int64_t)number));
    VRX_TRY(vrx_json_append(out, "\""));
    VRX_TRY(vrx_json_put_pieces(out, pieces, COUNT(pieces)));
    return vrx_json_append(out, dose->performer.len ? "}}]}}" : "}}");
}

static struct vrx_result put_claims(struct vrx_buffer *out, const struct vrx_shc *shc) {
    const struct vrx_json_piece issuer[] = {{"{\"iss\":", shc->issuer, false}};
    VRX_TRY(vrx_json_put_pieces(out, issuer, COUNT(issuer)));
    VRX_TRY(put_number(out, ",\"nbf\":", shc->issued));
    if (shc->expires != VRX_SHC_FOREVER)
        VRX_TRY(put_number(out, ",\"exp\":", shc->expires));
    return vrx_json_append(out,
        ",\"vc\":{\"type\":[\"https://smarthealth.cards#health-card\","
        "\"https://smarthealth.cards#immunization\",\"https://smarthealth.cards#covid19\"],"
        "\"credentialSubject\":{\"fhirVersion\":\"4.0.1\",\"fhirBundle\":{\"resourceType\":"
        "\"Bundle\",\"type\":\"collection\",\"entry\":[");
}

struct vrx_result vrx_shc_payload(const struct vrx_shc *shc, struct vrx_buffer *out) {
    const struct vrx_json_piece rid[] = {{"]}},\"rid\":", shc->identifier, false}};
    VRX_TRY(check(shc));
    VRX_TRY(put_claims(out, shc));
    VRX_TRY(put_patient(out, shc));
    for (size_t i = 0; i < shc->dose_count; i++)
        VRX_TRY(put_dose(out, &shc->doses[i], i + 1));
    VRX_TRY(vrx_json_put_pieces(out, rid, COUNT(rid)));
    return vrx_json_append(out, "}}");
}

/* ---- the signature ---- */

static struct vrx_result put_header(struct vrx_buffer *jws, const struct vrx_private_key *key) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer header = {0};
    uint8_t point[VRX_P256_POINT];
    uint8_t thumbprint[VRX_THUMBPRINT];
    vrx_private_key_point(key, point);
    VRX_TRY(vrx_thumbprint(point, thumbprint));
    VRX_TRY(vrx_json_append(&header, "{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\""));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(thumbprint, sizeof thumbprint), &header));
    VRX_TRY(vrx_json_append(&header, "\"}"));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, vrx_buffer_view(&header), jws));
    return vrx_buffer_append_byte(jws, '.');
}

static struct vrx_result put_digits(struct vrx_view jws, struct vrx_buffer *out) {
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_append(out, vrx_view_text(VRX_SHC_PREFIX)));
    VRX_TRY(vrx_buffer_extend(out, 2 * jws.len, &at));
    for (size_t i = 0; i < jws.len; i++) {
        const unsigned value = (unsigned)jws.ptr[i] - LOWEST;
        *at++ = (uint8_t)('0' + value / 10);
        *at++ = (uint8_t)('0' + value % 10);
    }
    return vrx_ok();
}

struct vrx_result vrx_shc_sign(
    struct vrx_view payload, const struct vrx_private_key *key, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer packed = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer jws = {0};
    uint8_t signature[VRX_P256_SIGNATURE];
    VRX_TRY(put_header(&jws, key));
    VRX_TRY(vrx_deflate_raw(payload, &packed));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, vrx_buffer_view(&packed), &jws));
    VRX_TRY(vrx_sign_es256(key, vrx_buffer_view(&jws), signature));
    VRX_TRY(vrx_buffer_append_byte(&jws, '.'));
    VRX_TRY(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(signature, sizeof signature), &jws));
    if (sizeof VRX_SHC_PREFIX - 1 + 2 * jws.len > VRX_LIMIT_SHC_MADE)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "SMART Health Cards 1.4: a QR code of version 22");
    return put_digits(vrx_buffer_view(&jws), out);
}
