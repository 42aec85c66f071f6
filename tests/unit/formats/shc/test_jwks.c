/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/shc/jwks.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "crypto/x509.h"
#include "formats/thumbprint.h"
#include "support/check.h"
#include "support/signers.h"

/* A key of RFC 7517 appendix A.1 with its thumbprint (RFC 7638). */
#define TYPE "\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"alg\":\"ES256\""
#define KID "\"kid\":\"cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s\""
#define X "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\""
#define Y "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""
#define KEY "{" TYPE "," KID "," X "," Y "}"
#define RSA "{\"kty\":\"RSA\",\"use\":\"sig\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":\"r\"}"
#define ENCRYPTS "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"enc\",\"x\":7}"

static struct vrx_result read_set(const char *text, size_t *ret_count) {
    struct vrx_arena arena;
    const struct vrx_view *points = NULL;
    *ret_count = 0;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_jwks_read(vrx_view_text(text), &arena, &points, ret_count);
    for (size_t i = 0; i < *ret_count; i++) {
        assert_int_equal(points[i].len, VRX_P256_POINT);
        assert_int_equal(points[i].ptr[0], 4);
        assert_int_equal(points[i].ptr[1], 0x30);
        assert_int_equal(points[i].ptr[64], 0x23);
    }
    vrx_arena_done(&arena);
    return result;
}

static void signing_keys_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t count;
    } rows[] = {
        {"{\"keys\":[" KEY "]}", 1},
        {"{\"keys\":[" RSA "," KEY "," ENCRYPTS "," KEY "],\"more\":[]}", 2},
        {"{\"keys\":[{" TYPE "," KID "," X "," Y ",\"crlVersion\":1,\"x5t\":\"a\"}]}", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = 0;
        assert_ok(read_set(rows[i].text, &count));
        assert_int_equal(count, rows[i].count);
    }
}

static void refusal_of_each_member(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {"", VRX_INPUT_MALFORMED},
        {"[]", VRX_INPUT_TYPE},
        {"{}", VRX_INPUT_FIELD_MISSING},
        {"{\"keys\":{}}", VRX_INPUT_TYPE},
        {"{\"keys\":[]}", VRX_NOT_FOUND},
        {"{\"keys\":[" RSA "," ENCRYPTS "]}", VRX_NOT_FOUND},
        {"{\"keys\":[7," KEY "]}", VRX_INPUT_TYPE},
        {"{\"keys\":[{" TYPE "," X "," Y "}]}", VRX_INPUT_FIELD_MISSING},
        {"{\"keys\":[{" TYPE "," KID "," X "}]}", VRX_INPUT_FIELD_MISSING},
        {"{\"keys\":[{" TYPE "," KID ",\"x\":7," Y "}]}", VRX_INPUT_TYPE},
        {"{\"keys\":[{" TYPE "," KID ",\"x\":\"AQAB\"," Y "}]}", VRX_KEY_INVALID},
        {"{\"keys\":[{" TYPE "," KID ",\"x\":\"!\"," Y "}]}", VRX_INPUT_MALFORMED},
        /* the point's y in the place of its x */
        {"{\"keys\":[{" TYPE "," KID "," X ",\"y\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\""
         "}]}",
            VRX_KEY_INVALID},
        /* another key's thumbprint */
        {"{\"keys\":[{" TYPE "," X "," Y
         ",\"kid\":\"3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s\"}]}",
            VRX_KEY_INVALID},
        {"{\"keys\":[{" TYPE "," KID "," X "," Y ",\"d\":\"AA\"}]}", VRX_KEY_INVALID},
        {"{\"keys\":[{" TYPE "," KID "," X "," Y ",\"x5c\":\"AA\"}]}", VRX_INPUT_TYPE},
        {"{\"keys\":[{" TYPE "," KID "," X "," Y ",\"x5c\":[]}]}", VRX_INPUT_TYPE},
        {"{\"keys\":[{" TYPE "," KID "," X "," Y ",\"x5c\":[\"AAAA\"]}]}", VRX_CERTIFICATE_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t count = 0;
        const struct vrx_result result = read_set(rows[i].text, &count);
        if (result.reason != rows[i].reason)
            fail_msg("%s: %s", rows[i].text, vrx_reason_name(result.reason));
        assert_int_equal(count, 0);
    }
}

/* A set with the key of one signer and the certificate of another, or its own. */
static struct vrx_result read_certified(
    const struct test_signer *signer, const struct test_signer *certified) {
    struct vrx_buffer text = {0};
    struct vrx_arena arena;
    const struct vrx_view *points = NULL;
    size_t count = 0;
    uint8_t point[VRX_P256_POINT];
    uint8_t kid[VRX_THUMBPRINT];
    vrx_private_key_point(signer->key, point);
    assert_ok(vrx_thumbprint(point, kid));
    assert_ok(vrx_buffer_append(&text, vrx_view_text("{\"keys\":[{" TYPE ",\"kid\":\"")));
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(kid, sizeof kid), &text));
    assert_ok(vrx_buffer_append(&text, vrx_view_text("\",\"x\":\"")));
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(point + 1, 32), &text));
    assert_ok(vrx_buffer_append(&text, vrx_view_text("\",\"y\":\"")));
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(point + 33, 32), &text));
    assert_ok(vrx_buffer_append(&text, vrx_view_text("\",\"x5c\":[\"")));
    assert_ok(vrx_base64_encode(VRX_BASE64_STANDARD, vrx_certificate_der(certified->cert), &text));
    assert_ok(vrx_buffer_append(&text, vrx_view_text("\"]}]}")));
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_jwks_read(vrx_buffer_view(&text), &arena, &points, &count);
    vrx_arena_done(&arena);
    vrx_buffer_done(&text);
    return result;
}

static void refusal_rfc_7517_4_7_certificate_of_another_key(void **state) {
    (void)state;
    struct test_signer own = {0};
    struct test_signer other = {0};
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &own);
    test_certificate(VRX_PROFILE_CSCA, NULL, 2, TEST_FROM, TEST_UNTIL, &other);
    assert_ok(read_certified(&own, &own));
    assert_reason(read_certified(&own, &other), VRX_KEY_INVALID);
    test_signer_done(&other);
    test_signer_done(&own);
}

static void refusal_limits(void **state) {
    (void)state;
    static const char *const pieces[] = {"{\"keys\":[" RSA, "," RSA, "," KEY "]}"};
    for (size_t keys = VRX_LIMIT_JWKS_KEYS; keys <= VRX_LIMIT_JWKS_KEYS + 1; keys++) {
        struct vrx_buffer text = {0};
        size_t count = 0;
        for (size_t i = 0; i < keys; i++)
            assert_ok(vrx_buffer_append(&text, vrx_view_text(pieces[i == 0          ? 0
                                                                    : i + 1 == keys ? 2
                                                                                    : 1])));
        assert_ok(vrx_buffer_append_byte(&text, '\0'));
        assert_reason(read_set((const char *)text.ptr, &count),
            keys > VRX_LIMIT_JWKS_KEYS ? VRX_INPUT_TOO_LARGE : VRX_OK);
        vrx_buffer_done(&text);
    }
    char *large = malloc(VRX_LIMIT_JWKS + 2);
    size_t count = 0;
    assert_non_null(large);
    memset(large, ' ', VRX_LIMIT_JWKS + 1);
    large[VRX_LIMIT_JWKS + 1] = '\0';
    assert_reason(read_set(large, &count), VRX_INPUT_TOO_LARGE);
    free(large);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_keys_are_read),
        cmocka_unit_test(refusal_of_each_member),
        cmocka_unit_test(refusal_rfc_7517_4_7_certificate_of_another_key),
        cmocka_unit_test(refusal_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
