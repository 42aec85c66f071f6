/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a certificate. The payload is a function of struct vrx_hcert alone, so that an issuer can
 * build it twice and compare; the signature is a step of its own. Map keys stand in the order of
 * their encodings (RFC 8949 §4.2.1), which for these keys is: shorter first, then alphabetical.
 */
#include "formats/hcert.h"

#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "cbor/writer.h"
#include "cose/sign1.h"
#include "formats/base45.h"
#include "formats/inflate.h"
#include "formats/mrz.h"
#include "formats/uvci.h"

#define USUAL 512 /* bytes that nearly every payload and every text fits in */

static struct vrx_result check_texts(const struct vrx_hcert *hcert) {
    const struct vrx_view required[] = {hcert->version, hcert->surname, hcert->surname_mrz,
        hcert->given, hcert->given_mrz, hcert->birth_date, hcert->disease, hcert->country,
        hcert->authority, hcert->identifier, hcert->prophylaxis, hcert->product,
        hcert->manufacturer, hcert->date, hcert->issuer};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        if (!required[i].len)
            return vrx_refuse(VRX_INPUT_FIELD_MISSING, "EU DCC schema 1.3: required");
        if (!vrx_utf8_valid(required[i]))
            return vrx_refuse(VRX_INPUT_TEXT, "RFC 8949 §3.1: text is UTF-8");
        if (vrx_utf8_length(required[i]) > VRX_LIMIT_HCERT_FIELD)
            return vrx_refuse(VRX_INPUT_TOO_LARGE, "EU DCC schema 1.3: maxLength 80");
    }
    return vrx_ok();
}

static bool is_country(struct vrx_view text) {
    return text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[1] >= 'A' &&
           text.ptr[1] <= 'Z';
}

/* vrx_date_parse takes the basic form too, which has no hyphens. */
static struct vrx_result check_date(struct vrx_view text) {
    struct vrx_date date;
    if (text.len != VRX_DATE_TEXT)
        return vrx_refuse(VRX_INPUT_MALFORMED, "EU DCC schema 1.3: ISO 8601 extended date");
    return vrx_date_parse(text, &date);
}

static struct vrx_result check(const struct vrx_hcert *hcert) {
    if (hcert->kind != VRX_HCERT_VACCINATION)
        return vrx_refuse(VRX_INPUT_RANGE, "EU DCC schema 1.3: v is the only kind issued here");
    VRX_TRY(check_texts(hcert));
    if (!vrx_mrz_is_name(hcert->surname_mrz) || !vrx_mrz_is_name(hcert->given_mrz))
        return vrx_refuse(VRX_INPUT_TEXT, "EU DCC schema 1.3: person_name, ^[A-Z<]*$");
    if (!is_country(hcert->issuer) || !is_country(hcert->country))
        return vrx_refuse(VRX_INPUT_RANGE, "ISO 3166-1: two capital letters");
    VRX_TRY(check_date(hcert->birth_date));
    VRX_TRY(check_date(hcert->date));
    if (!hcert->dose || !hcert->series)
        return vrx_refuse(VRX_INPUT_RANGE, "EU DCC schema 1.3: dose_posint, minimum 1");
    if (hcert->issued < 0 || hcert->expires <= hcert->issued)
        return vrx_refuse(VRX_INPUT_RANGE, "HCERT specification §3.3.4: exp after iat");
    if (!vrx_uvci_is_checked(hcert->identifier))
        return vrx_refuse(VRX_CHECK_DIGIT_WRONG, "UVCI annex 2: Luhn mod N");
    return vrx_ok();
}

static void put_pair(struct vrx_cbor_writer *writer, const char *key, struct vrx_view text) {
    vrx_cbor_put_text(writer, vrx_view_text(key));
    vrx_cbor_put_text(writer, text);
}

static void put_count(struct vrx_cbor_writer *writer, const char *key, uint32_t count) {
    vrx_cbor_put_text(writer, vrx_view_text(key));
    vrx_cbor_put_uint(writer, count);
}

static void put_vaccination(struct vrx_cbor_writer *writer, const struct vrx_hcert *hcert) {
    vrx_cbor_put_map(writer, 10);
    put_pair(writer, "ci", hcert->identifier);
    put_pair(writer, "co", hcert->country);
    put_count(writer, "dn", hcert->dose);
    put_pair(writer, "dt", hcert->date);
    put_pair(writer, "is", hcert->authority);
    put_pair(writer, "ma", hcert->manufacturer);
    put_pair(writer, "mp", hcert->product);
    put_count(writer, "sd", hcert->series);
    put_pair(writer, "tg", hcert->disease);
    put_pair(writer, "vp", hcert->prophylaxis);
}

static void put_dcc(struct vrx_cbor_writer *writer, const struct vrx_hcert *hcert) {
    vrx_cbor_put_map(writer, 4);
    vrx_cbor_put_text(writer, vrx_view_text("v"));
    vrx_cbor_put_array(writer, 1);
    put_vaccination(writer, hcert);
    put_pair(writer, "dob", hcert->birth_date);
    vrx_cbor_put_text(writer, vrx_view_text("nam"));
    vrx_cbor_put_map(writer, 4);
    put_pair(writer, "fn", hcert->surname);
    put_pair(writer, "gn", hcert->given);
    put_pair(writer, "fnt", hcert->surname_mrz);
    put_pair(writer, "gnt", hcert->given_mrz);
    put_pair(writer, "ver", hcert->version);
}

struct vrx_result vrx_hcert_payload(const struct vrx_hcert *hcert, struct vrx_buffer *out) {
    VRX_TRY(check(hcert));
    VRX_TRY(vrx_buffer_reserve(out, USUAL));
    struct vrx_cbor_writer writer;
    vrx_cbor_writer_init(&writer, out);
    vrx_cbor_put_map(&writer, 4);
    vrx_cbor_put_uint(&writer, 1);
    vrx_cbor_put_text(&writer, hcert->issuer);
    vrx_cbor_put_uint(&writer, 4);
    vrx_cbor_put_int(&writer, hcert->expires);
    vrx_cbor_put_uint(&writer, 6);
    vrx_cbor_put_int(&writer, hcert->issued);
    vrx_cbor_put_int(&writer, -260);
    vrx_cbor_put_map(&writer, 1);
    vrx_cbor_put_uint(&writer, 1);
    put_dcc(&writer, hcert);
    return vrx_cbor_writer_finish(&writer);
}

struct vrx_result vrx_hcert_sign(struct vrx_view payload, const struct vrx_private_key *key,
    const uint8_t kid[VRX_KID], struct vrx_deflater *deflater, struct vrx_buffer *out) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer packed = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    VRX_TRY(
        vrx_sign1_make(payload, (struct vrx_view){0}, key, vrx_view_of(kid, VRX_KID), &message));
    VRX_TRY(vrx_deflate(deflater, vrx_buffer_view(&message), &packed));
    VRX_TRY(vrx_buffer_reserve(&text, USUAL + packed.len));
    VRX_TRY(vrx_buffer_append(&text, vrx_view_text(VRX_HCERT_PREFIX)));
    VRX_TRY(vrx_base45_encode(vrx_buffer_view(&packed), &text));
    if (text.len > VRX_LIMIT_HCERT_TEXT)
        return vrx_refuse(VRX_INPUT_TOO_LARGE, "ISO/IEC 18004 table 7: version 40, alphanumeric");
    return vrx_buffer_append(out, vrx_buffer_view(&text));
}
