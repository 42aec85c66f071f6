/* SPDX-License-Identifier: Apache-2.0
 *
 * A SMART Health Card's payload, complete and valid, and cards of any payload, written here by zlib
 * and base64url alone. Link zlib.
 */
#ifndef VRX_TEST_SHC_CARD_H
#define VRX_TEST_SHC_CARD_H

#include <stdio.h>
#include <stdlib.h>
#define ZLIB_CONST
#include <zlib.h>

#include "base/encode.h"
#include "crypto/key.h"
#include "formats/trust_list.h"
#include "support/check.h"

#define SAMPLE_SHC_ISSUER "https://cards.sapporo.example/shc"
#define SAMPLE_SHC_NBF 1640000000 /* 2021-12-20 */
#define SAMPLE_SHC_PAYLOAD \
    "{\"iss\":\"" SAMPLE_SHC_ISSUER "\",\"nbf\":1640000000,\"vc\":{\"type\":[" \
    "\"https://smarthealth.cards#health-card\",\"https://smarthealth.cards#immunization\"]," \
    "\"credentialSubject\":{\"fhirVersion\":\"4.0.1\",\"fhirBundle\":{\"resourceType\":" \
    "\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"resource:0\",\"resource\":{" \
    "\"resourceType\":\"Patient\",\"name\":[{\"family\":\"YAMADA\",\"given\":[\"HANAKO\"," \
    "\"MARIE\"]}],\"birthDate\":\"1964-08-12\"}},{\"fullUrl\":\"resource:1\",\"resource\":{" \
    "\"resourceType\":\"Immunization\",\"status\":\"completed\",\"vaccineCode\":{\"coding\":[{" \
    "\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"}]},\"patient\":{\"reference\":" \
    "\"resource:0\"},\"occurrenceDateTime\":\"2021-06-22\",\"performer\":[{\"actor\":{" \
    "\"display\":\"Sapporo City\"}}],\"lotNumber\":\"EY0779\"}},{\"fullUrl\":\"resource:2\"," \
    "\"resource\":{\"resourceType\":\"Immunization\",\"status\":\"completed\",\"vaccineCode\":{" \
    "\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"}]},\"patient\":{" \
    "\"reference\":\"resource:0\"},\"occurrenceDateTime\":\"2021-07-13\"}}]}},\"rid\":" \
    "\"MKyCxh7p6uQ\"}}"

/* DEFLATE data without head and checksum, appended. */
static inline void test_deflate_raw(struct vrx_view input, struct vrx_buffer *out) {
    z_stream stream = {.next_in = input.ptr, .avail_in = (uInt)input.len};
    uint8_t *at = NULL;
    assert_int_equal(
        deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
        Z_OK);
    const size_t bound = deflateBound(&stream, (uLong)input.len);
    const size_t before = out->len;
    assert_ok(vrx_buffer_extend(out, bound, &at));
    stream.next_out = at;
    stream.avail_out = (uInt)bound;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->len = before + bound - stream.avail_out;
    deflateEnd(&stream);
}

/* The QR code's text of any JWS. */
static inline struct vrx_buffer test_shc_digits(struct vrx_view jws) {
    struct vrx_buffer text = {0};
    assert_ok(vrx_buffer_append(&text, vrx_view_text("shc:/")));
    for (size_t i = 0; i < jws.len; i++) {
        const unsigned value = (unsigned)jws.ptr[i] - 45;
        assert_true(value < 100);
        assert_ok(vrx_buffer_append_byte(&text, (uint8_t)('0' + value / 10)));
        assert_ok(vrx_buffer_append_byte(&text, (uint8_t)('0' + value % 10)));
    }
    return text;
}

static inline void test_thumbprint_of(
    const struct vrx_private_key *key, uint8_t ret_thumbprint[VRX_THUMBPRINT]) {
    uint8_t point[VRX_P256_POINT];
    vrx_private_key_point(key, point);
    assert_ok(vrx_thumbprint(point, ret_thumbprint));
}

/* {"zip":"DEF","alg":"ES256","kid":…} as key has it. */
static inline struct vrx_buffer test_shc_header(const struct vrx_private_key *key) {
    struct vrx_buffer header = {0};
    uint8_t thumbprint[VRX_THUMBPRINT];
    test_thumbprint_of(key, thumbprint);
    assert_ok(
        vrx_buffer_append(&header, vrx_view_text("{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"")));
    assert_ok(
        vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(thumbprint, sizeof thumbprint), &header));
    assert_ok(vrx_buffer_append(&header, vrx_view_text("\"}")));
    return header;
}

/* A JWS with this header over these bytes as they are. */
static inline struct vrx_buffer test_jws(
    const struct vrx_private_key *key, struct vrx_view header, struct vrx_view packed) {
    struct vrx_buffer jws = {0};
    uint8_t signature[VRX_P256_SIGNATURE];
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, header, &jws));
    assert_ok(vrx_buffer_append_byte(&jws, '.'));
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, packed, &jws));
    assert_ok(vrx_sign_es256(key, vrx_buffer_view(&jws), signature));
    assert_ok(vrx_buffer_append_byte(&jws, '.'));
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(signature, sizeof signature), &jws));
    return jws;
}

/* The same as a card's text. */
static inline struct vrx_buffer test_shc_packed(
    const struct vrx_private_key *key, struct vrx_view header, struct vrx_view packed) {
    struct vrx_buffer jws = test_jws(key, header, packed);
    struct vrx_buffer text = test_shc_digits(vrx_buffer_view(&jws));
    vrx_buffer_done(&jws);
    return text;
}

/* A card of any payload. */
static inline struct vrx_buffer test_shc_card(
    const struct vrx_private_key *key, struct vrx_view payload) {
    struct vrx_buffer header = test_shc_header(key);
    struct vrx_buffer packed = {0};
    test_deflate_raw(payload, &packed);
    struct vrx_buffer text =
        test_shc_packed(key, vrx_buffer_view(&header), vrx_buffer_view(&packed));
    vrx_buffer_done(&packed);
    vrx_buffer_done(&header);
    return text;
}

/* Its key for its issuer, or for another. */
static inline void test_trust_issuer(
    struct vrx_trust_list *trust, const struct vrx_private_key *key, const char *url) {
    uint8_t point[VRX_P256_POINT];
    vrx_private_key_point(key, point);
    assert_ok(
        vrx_trust_list_add_issuer(trust, vrx_view_text(url), vrx_view_of(point, sizeof point)));
}

#endif
