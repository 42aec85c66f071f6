/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets that are written; jose reads them in tests/system/revoked.test.mjs.
 */
#include "formats/shc/jwks.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/encode.h"
#include "formats/thumbprint.h"
#include "support/check.h"
#include "support/signers.h"

static struct vrx_public_key *key_of_type(const char *curve) {
    EVP_PKEY *pkey = curve ? EVP_EC_gen(curve) : EVP_RSA_gen(2048);
    unsigned char *der = NULL;
    struct vrx_public_key *key = NULL;
    assert_non_null(pkey);
    const int len = i2d_PUBKEY(pkey, &der);
    assert_in_range(len, 1, 1000);
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, (size_t)len), &key));
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
    return key;
}

/* The other way of naming a key, by its point. */
static void a_key_has_one_thumbprint(void **state) {
    (void)state;
    struct vrx_public_key *key = key_of_type("P-256");
    uint8_t point[VRX_P256_POINT];
    uint8_t thumbprint[VRX_THUMBPRINT];
    struct vrx_buffer text = {0};
    char kid[VRX_JWK_KID + 1];
    assert_ok(vrx_public_key_to_point(key, point));
    assert_ok(vrx_thumbprint(point, thumbprint));
    assert_ok(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(thumbprint, sizeof thumbprint), &text));
    assert_ok(vrx_jwk_kid(key, kid));
    assert_true(vrx_view_equal(vrx_view_text(kid), vrx_buffer_view(&text)));
    vrx_buffer_done(&text);
    vrx_public_key_free(&key);
}

static void what_is_written_is_read(void **state) {
    (void)state;
    struct test_signer signer = {0};
    struct vrx_buffer text = {0};
    struct vrx_arena arena;
    const struct vrx_view *points = NULL;
    size_t count = 0;
    uint8_t point[VRX_P256_POINT];
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &signer);
    const struct vrx_view der = vrx_certificate_der(signer.cert);
    const struct vrx_public_key *key = vrx_certificate_key(signer.cert);
    const struct vrx_jwk keys[] = {
        {key, der, {0}}, {key, der, {0}}, {key, {0}, vrx_view_text("https://cards.example")}};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_jwks_write(keys, 3, &text));
    assert_ok(vrx_jwks_read(vrx_buffer_view(&text), &arena, &points, &count));
    assert_int_equal(count, 2); /* a certificate stands once */
    vrx_private_key_point(signer.key, point);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(points[i].ptr, point, sizeof point);
    assert_ok(vrx_buffer_append_byte(&text, 0));
    assert_non_null(strstr((const char *)text.ptr, "\"iss\":\"https://cards.example\"}\n]}\n"));
    assert_non_null(strstr((const char *)text.ptr, "\"],\"x5t#S256\":\""));
    vrx_buffer_clear(&text);
    assert_ok(vrx_jwks_write(NULL, 0, &text));
    assert_true(vrx_view_equal(vrx_buffer_view(&text), vrx_view_text("{\"keys\":[\n]}\n")));
    vrx_arena_done(&arena);
    vrx_buffer_done(&text);
    test_signer_done(&signer);
}

static void numbers_of_each_type(void **state) {
    (void)state;
    static const struct {
        const char *curve;
        size_t first, second;
    } rows[] = {{"P-256", 32, 32}, {"P-384", 48, 48}, {"P-521", 66, 66}, {NULL, 256, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_public_key *key = key_of_type(rows[i].curve);
        struct vrx_buffer first = {0};
        struct vrx_buffer second = {0};
        assert_ok(vrx_public_key_numbers(key, &first, &second));
        assert_int_equal(first.len, rows[i].first);
        assert_int_equal(second.len, rows[i].second);
        vrx_buffer_done(&first);
        vrx_buffer_done(&second);
        vrx_public_key_free(&key);
    }
}

static void refusal_rfc_7518_6_another_key(void **state) {
    (void)state;
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    unsigned char *der = NULL;
    struct vrx_public_key *key = NULL;
    struct vrx_buffer out = {0};
    char kid[VRX_JWK_KID + 1];
    const int len = i2d_PUBKEY(pkey, &der);
    assert_in_range(len, 1, 100);
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, (size_t)len), &key));
    const struct vrx_jwk jwk = {.key = key};
    assert_reason(vrx_jwk_kid(key, kid), VRX_KEY_INVALID);
    assert_reason(vrx_jwks_write(&jwk, 1, &out), VRX_KEY_INVALID);
    vrx_buffer_done(&out);
    vrx_public_key_free(&key);
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_one_thumbprint),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(numbers_of_each_type),
        cmocka_unit_test(refusal_rfc_7518_6_another_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
