/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/trust_list.h"

#include <stdlib.h>

#include "cbor/writer.h"
#include "cose/sign1.h"
#include "support/check.h"
#include "support/signers.h"

#define NOW 1650000000

struct fixture {
    struct vrx_private_key *authority;
    struct vrx_public_key *authority_public;
    struct test_signer csca[2];
    struct test_signer dsc[3]; /* two under the first authority, one under the second */
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_ok(vrx_private_key_new_p256(&fixture->authority));
    assert_ok(vrx_private_key_public(fixture->authority, &fixture->authority_public));
    for (uint8_t i = 0; i < 2; i++)
        test_certificate(VRX_PROFILE_CSCA, NULL, i, TEST_FROM, TEST_UNTIL, &fixture->csca[i]);
    for (uint8_t i = 0; i < 3; i++)
        test_certificate(VRX_PROFILE_DSC_VACCINATION, &fixture->csca[i / 2], (uint8_t)(i + 10),
            TEST_FROM, TEST_UNTIL, &fixture->dsc[i]);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 3; i++)
        test_signer_done(&fixture->dsc[i]);
    for (size_t i = 0; i < 2; i++)
        test_signer_done(&fixture->csca[i]);
    vrx_public_key_free(&fixture->authority_public);
    vrx_private_key_free(&fixture->authority);
    free(fixture);
    return 0;
}

/* The first signers and authorities of the fixture, signed. */
static struct vrx_buffer signed_list(
    const struct fixture *fixture, size_t signer_count, size_t csca_count) {
    struct vrx_view signers[3];
    struct vrx_view cscas[2];
    struct vrx_buffer out = {0};
    for (size_t i = 0; i < 3; i++)
        signers[i] = vrx_certificate_der(fixture->dsc[i].cert);
    for (size_t i = 0; i < 2; i++)
        cscas[i] = vrx_certificate_der(fixture->csca[i].cert);
    struct vrx_trust_list_content content = {.version = 7,
        .issued = NOW - 100,
        .expires = NOW,
        .signers = signers,
        .signer_count = signer_count,
        .cscas = cscas,
        .csca_count = csca_count};
    assert_ok(vrx_trust_list_sign(&content, fixture->authority, vrx_view_text("authority"), &out));
    return out;
}

static void expect(
    const struct fixture *fixture, struct vrx_view message, int64_t now, enum vrx_reason reason) {
    struct vrx_trust_list *list = NULL;
    assert_reason(vrx_trust_list_parse(message, fixture->authority_public, now, &list), reason);
    assert_null(list);
}

static void signed_list_round_trips(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_trust_list *list = NULL;
    struct vrx_buffer message = signed_list(fixture, 3, 2);
    assert_ok(
        vrx_trust_list_parse(vrx_buffer_view(&message), fixture->authority_public, NOW, &list));
    assert_int_equal(vrx_trust_list_version(list), 7);
    assert_int_equal(vrx_trust_list_issued(list), NOW - 100);
    assert_int_equal(vrx_trust_list_expires(list), NOW);
    assert_int_equal(vrx_trust_list_count(list), 3);
    for (size_t i = 0; i < 2; i++)
        assert_true(vrx_view_equal(vrx_certificate_der(vrx_trust_list_csca(list, i)),
            vrx_certificate_der(fixture->csca[i].cert)));
    assert_null(vrx_trust_list_csca(list, 2));
    for (size_t i = 0; i < 3; i++) {
        uint8_t kid[VRX_KID];
        uint8_t digest[32];
        assert_ok(vrx_signer_kid(fixture->dsc[i].cert, kid));
        assert_ok(vrx_certificate_sha256(fixture->dsc[i].cert, digest));
        assert_memory_equal(kid, digest, VRX_KID);
        const struct vrx_certificate *found =
            vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID), 0);
        assert_non_null(found);
        assert_true(
            vrx_view_equal(vrx_certificate_der(found), vrx_certificate_der(fixture->dsc[i].cert)));
        assert_null(vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID), 1));
        assert_null(vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID - 1), 0));
        kid[VRX_KID - 1] ^= 1;
        assert_null(vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID), 0));
    }
    vrx_trust_list_free(&list);
    vrx_buffer_done(&message);
}

static void several_signers_of_one_kid(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_trust_list *list = NULL;
    uint8_t kid[VRX_KID];
    assert_ok(vrx_trust_list_new(&list));
    for (size_t i = 0; i < 4; i++)
        assert_ok(vrx_trust_list_add(list, vrx_certificate_der(fixture->dsc[i % 3].cert)));
    assert_ok(vrx_signer_kid(fixture->dsc[0].cert, kid));
    assert_non_null(vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID), 0));
    assert_non_null(vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID), 1));
    assert_null(vrx_trust_list_signer(list, vrx_view_of(kid, VRX_KID), 2));
    vrx_trust_list_free(&list);
}

static void authorities_of_ones_own_trust(void **state) {
    const struct fixture *fixture = *state;
    const struct vrx_view der = vrx_certificate_der(fixture->csca[0].cert);
    struct vrx_trust_list *list = NULL;
    assert_ok(vrx_trust_list_new(&list));
    assert_null(vrx_trust_list_csca(list, 0));
    assert_reason(
        vrx_trust_list_add_csca(list, vrx_view_slice(der, 0, 10)), VRX_CERTIFICATE_INVALID);
    assert_null(vrx_trust_list_csca(list, 0));
    for (size_t i = 0; i < VRX_LIMIT_TRUST_CSCAS; i++)
        assert_ok(vrx_trust_list_add_csca(list, der));
    assert_reason(vrx_trust_list_add_csca(list, der), VRX_INPUT_TOO_LARGE);
    assert_non_null(vrx_trust_list_csca(list, VRX_LIMIT_TRUST_CSCAS - 1));
    assert_null(vrx_trust_list_csca(list, VRX_LIMIT_TRUST_CSCAS));
    vrx_trust_list_free(&list);
}

static void refusal_rfc_5280_6_1_3_signer_of_no_authority_in_the_list(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer message = signed_list(fixture, 3, 1);
    expect(fixture, vrx_buffer_view(&message), NOW, VRX_CERTIFICATE_INVALID);
    vrx_buffer_done(&message);
}

static void refusal_trust_list_cddl_expires(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer message = signed_list(fixture, 1, 1);
    expect(fixture, vrx_buffer_view(&message), NOW + 1, VRX_TRUST_LIST_EXPIRED);
    vrx_buffer_done(&message);
}

static void refusal_rfc_9052_4_4_other_authority(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer message = signed_list(fixture, 1, 1);
    vrx_public_key_free(&fixture->authority_public);
    assert_ok(vrx_private_key_public(fixture->csca[0].key, &fixture->authority_public));
    expect(fixture, vrx_buffer_view(&message), NOW, VRX_SIGNATURE_INVALID);
    vrx_buffer_done(&message);
}

static void refusal_rfc_9052_4_4_changed_byte(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer message = signed_list(fixture, 1, 1);
    message.ptr[message.len / 2] ^= 1;
    expect(fixture, vrx_buffer_view(&message), NOW, VRX_SIGNATURE_INVALID);
    vrx_buffer_done(&message);
}

/* Payloads that the authority did sign and that are no trust list. */
static void expect_named(
    const struct fixture *fixture, const char *name, const char *hex, enum vrx_reason reason) {
    uint8_t payload[64];
    size_t len = test_hex(hex, payload, sizeof payload);
    struct vrx_buffer message = {0};
    assert_ok(vrx_sign1_make(vrx_view_of(payload, len), vrx_view_text(name), fixture->authority,
        vrx_view_text("a"), &message));
    expect(fixture, vrx_buffer_view(&message), NOW, reason);
    vrx_buffer_done(&message);
}

static void expect_payload(const struct fixture *fixture, const char *hex, enum vrx_reason reason) {
    expect_named(fixture, "vrx.trust-list.1", hex, reason);
}

static void refusal_rfc_9052_4_3_signature_on_another_kind_of_object(void **state) {
    expect_named(*state, "directory", "80", VRX_SIGNATURE_INVALID);
    expect_named(*state, "", "80", VRX_SIGNATURE_INVALID);
}

static void refusal_trust_list_cddl(void **state) {
    const struct fixture *fixture = *state;
    expect_payload(fixture, "80", VRX_INPUT_TYPE);
    expect_payload(fixture,
        "a401010200030004"
        "80",
        VRX_INPUT_FIELD_MISSING);
    expect_payload(fixture,
        "a50101020003000480"
        "0680",
        VRX_INPUT_FIELD_UNKNOWN);
    expect_payload(fixture,
        "a50101020003000480"
        "0580",
        VRX_INPUT_RANGE);
    expect_payload(fixture,
        "a50101020003000480"
        "058140",
        VRX_CERTIFICATE_INVALID);
    expect_payload(fixture,
        "a5010102000300"
        "04814101"
        "058001",
        VRX_INPUT_TRAILING);
}

static void refusal_list_without_signers_is_not_signed(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_view der = vrx_certificate_der(fixture->csca[0].cert);
    struct vrx_trust_list_content content = {
        .version = 1, .expires = NOW, .cscas = &der, .csca_count = 1};
    struct vrx_buffer out = {0};
    assert_reason(vrx_trust_list_sign(&content, fixture->authority, vrx_view_text("a"), &out),
        VRX_INPUT_FIELD_MISSING);
    assert_int_equal(out.len, 0);
}

static void refusal_added_signer_is_no_certificate(void **state) {
    (void)state;
    struct vrx_trust_list *list = NULL;
    assert_ok(vrx_trust_list_new(&list));
    assert_reason(vrx_trust_list_add(list, vrx_view_text("0")), VRX_CERTIFICATE_INVALID);
    assert_int_equal(vrx_trust_list_count(list), 0);
    vrx_trust_list_free(&list);
}

/* ---- issuers of SMART Health Cards ---- */

#define SAPPORO "https://cards.sapporo.example"
#define KASHIWA "https://cards.kashiwa.example/shc"

struct issuer_keys {
    uint8_t point[3][VRX_P256_POINT];
    uint8_t thumbprint[3][VRX_THUMBPRINT];
    struct vrx_view views[3];
};

/* Any three keys: those of the signers. */
static struct issuer_keys *issuer_keys(const struct fixture *fixture) {
    struct issuer_keys *keys = calloc(1, sizeof *keys);
    assert_non_null(keys);
    for (size_t i = 0; i < 3; i++) {
        vrx_private_key_point(fixture->dsc[i].key, keys->point[i]);
        assert_ok(vrx_thumbprint(keys->point[i], keys->thumbprint[i]));
        keys->views[i] = vrx_view_of(keys->point[i], VRX_P256_POINT);
    }
    return keys;
}

static struct vrx_result sign_with_issuers(const struct fixture *fixture,
    const struct vrx_trust_issuer *issuers, size_t count, struct vrx_buffer *out) {
    const struct vrx_view signer = vrx_certificate_der(fixture->dsc[0].cert);
    const struct vrx_view csca = vrx_certificate_der(fixture->csca[0].cert);
    const struct vrx_trust_list_content content = {.version = 7,
        .issued = NOW - 100,
        .expires = NOW,
        .signers = &signer,
        .signer_count = 1,
        .cscas = &csca,
        .csca_count = 1,
        .issuers = issuers,
        .issuer_count = count};
    return vrx_trust_list_sign(&content, fixture->authority, vrx_view_text("authority"), out);
}

static void issuers_round_trip(void **state) {
    const struct fixture *fixture = *state;
    struct issuer_keys *keys = issuer_keys(fixture);
    const struct vrx_trust_issuer issuers[] = {
        {vrx_view_text(SAPPORO), keys->views, 2}, {vrx_view_text(KASHIWA), &keys->views[1], 1}};
    struct vrx_buffer message = {0};
    struct vrx_trust_list *list = NULL;
    assert_ok(sign_with_issuers(fixture, issuers, 2, &message));
    assert_ok(
        vrx_trust_list_parse(vrx_buffer_view(&message), fixture->authority_public, NOW, &list));
    assert_int_equal(vrx_trust_list_count(list), 1);
    const struct vrx_trust_issuers *found = vrx_trust_list_issuers(list);
    static const bool expected[2][3] = {{true, true, false}, {false, true, false}};
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 3; k++)
            assert_int_equal(
                vrx_trust_issuers_own(found, keys->thumbprint[k], issuers[i].url), expected[i][k]);
    assert_false(
        vrx_trust_issuers_own(found, keys->thumbprint[0], vrx_view_text(SAPPORO "/other")));
    for (size_t k = 0; k < 3; k++) {
        const struct vrx_public_key *key = vrx_trust_issuers_key(found, keys->thumbprint[k]);
        uint8_t point[VRX_P256_POINT];
        assert_int_equal(key != NULL, k < 2);
        if (!key)
            continue;
        assert_ok(vrx_public_key_to_point(key, point));
        assert_memory_equal(point, keys->point[k], VRX_P256_POINT);
    }
    vrx_trust_list_free(&list);
    vrx_buffer_done(&message);
    free(keys);
}

/* A list without issuers has the five fields that it always had, and names none. */
static void a_list_without_issuers_is_as_before(void **state) {
    const struct fixture *fixture = *state;
    struct issuer_keys *keys = issuer_keys(fixture);
    struct vrx_buffer message = {0};
    struct vrx_sign1 parsed;
    struct vrx_trust_list *list = NULL;
    assert_ok(sign_with_issuers(fixture, NULL, 0, &message));
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&message), &parsed));
    assert_int_equal(parsed.payload.ptr[0], 0xa5);
    assert_ok(
        vrx_trust_list_parse(vrx_buffer_view(&message), fixture->authority_public, NOW, &list));
    assert_null(vrx_trust_issuers_key(vrx_trust_list_issuers(list), keys->thumbprint[0]));
    vrx_trust_list_free(&list);
    vrx_buffer_done(&message);
    free(keys);
}

static void a_key_stands_once_for_an_issuer(void **state) {
    const struct fixture *fixture = *state;
    struct issuer_keys *keys = issuer_keys(fixture);
    struct vrx_trust_list *list = NULL;
    assert_ok(vrx_trust_list_new(&list));
    for (size_t i = 0; i < 6; i++)
        assert_ok(vrx_trust_list_add_issuer(list, vrx_view_text(SAPPORO), keys->views[i % 3]));
    assert_ok(vrx_trust_list_add_issuer(list, vrx_view_text(KASHIWA), keys->views[0]));
    assert_int_equal(vrx_trust_list_issuers(list)->count, 4);
    vrx_trust_list_free(&list);
    free(keys);
}

static void refusal_shc_iss(void **state) {
    const struct fixture *fixture = *state;
    struct issuer_keys *keys = issuer_keys(fixture);
    static char longest[VRX_LIMIT_ISSUER_URL + 2] = "https://";
    memset(longest + 8, 'a', sizeof longest - 9);
    const char *const urls[] = {"", "https://", "http://cards.example", "HTTPS://cards.example",
        SAPPORO "/", "https://cards.example/a b", "https://cards.example/\n",
        "https://cards.example/\x7f", "https://\xe6\x9c\xad.example", longest};
    struct vrx_trust_list *list = NULL;
    assert_ok(vrx_trust_list_new(&list));
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        const struct vrx_trust_issuer issuer = {vrx_view_text(urls[i]), keys->views, 1};
        struct vrx_buffer out = {0};
        assert_reason(vrx_trust_list_add_issuer(list, issuer.url, keys->views[0]), VRX_INPUT_RANGE);
        assert_reason(sign_with_issuers(fixture, &issuer, 1, &out), VRX_INPUT_RANGE);
        assert_int_equal(out.len, 0);
    }
    longest[VRX_LIMIT_ISSUER_URL] = '\0';
    assert_ok(vrx_trust_list_add_issuer(list, vrx_view_text(longest), keys->views[0]));
    vrx_trust_list_free(&list);
    free(keys);
}

static void refusal_issuer_without_a_key_is_not_signed(void **state) {
    const struct vrx_trust_issuer issuer = {.url = vrx_view_text(SAPPORO)};
    struct vrx_buffer out = {0};
    assert_reason(sign_with_issuers(*state, &issuer, 1, &out), VRX_INPUT_FIELD_MISSING);
    assert_int_equal(out.len, 0);
}

/* The authority signed it, and a point of it is no key. */
static void refusal_sec_1_point_off_the_curve(void **state) {
    const struct fixture *fixture = *state;
    struct issuer_keys *keys = issuer_keys(fixture);
    const struct vrx_trust_issuer issuer = {vrx_view_text(SAPPORO), keys->views, 3};
    struct vrx_buffer message = {0};
    keys->point[2][VRX_P256_POINT - 1] ^= 1;
    assert_ok(sign_with_issuers(fixture, &issuer, 1, &message));
    expect(fixture, vrx_buffer_view(&message), NOW, VRX_KEY_INVALID);
    vrx_buffer_done(&message);
    free(keys);
}

/* A list with these bytes behind its five fields. */
static void expect_sixth(const struct fixture *fixture, const char *hex, enum vrx_reason reason) {
    struct vrx_buffer payload = {0};
    struct vrx_buffer message = {0};
    struct vrx_buffer plain = {0};
    struct vrx_sign1 parsed;
    uint8_t field[200];
    const size_t len = test_hex(hex, field, sizeof field);
    assert_ok(sign_with_issuers(fixture, NULL, 0, &plain));
    assert_ok(vrx_sign1_parse(vrx_buffer_view(&plain), &parsed));
    assert_ok(vrx_buffer_append(&payload, parsed.payload));
    payload.ptr[0] = 0xa6;
    assert_ok(vrx_buffer_append(&payload, vrx_view_of(field, len)));
    assert_ok(vrx_sign1_make(vrx_buffer_view(&payload), vrx_view_text("vrx.trust-list.1"),
        fixture->authority, vrx_view_text("a"), &message));
    expect(fixture, vrx_buffer_view(&message), NOW, reason);
    vrx_buffer_done(&message);
    vrx_buffer_done(&payload);
    vrx_buffer_done(&plain);
}

static void refusal_trust_list_cddl_issuers(void **state) {
    static const struct {
        const char *hex;
        enum vrx_reason reason;
    } rows[] = {
        {"0780", VRX_INPUT_FIELD_UNKNOWN},
        {"0600", VRX_INPUT_TYPE},
        {"0680", VRX_INPUT_RANGE},  /* no issuer */
        {"068101", VRX_INPUT_TYPE}, /* one that is a number */
        {"06818161"
         "61",
            VRX_INPUT_FIELD_MISSING}, /* without keys */
        {"068183616180"
         "00",
            VRX_INPUT_FIELD_MISSING}, /* with more */
        {"0681824061"
         "61",
            VRX_INPUT_TYPE},                 /* url as bytes */
        {"068182616180", VRX_INPUT_RANGE},   /* no key */
        {"06818261618140", VRX_INPUT_RANGE}, /* no url: "a" */
        {"06818268"
         "68747470733a2f2f"
         "8140",
            VRX_INPUT_RANGE}, /* "https://" */
        {"06818269"
         "68747470733a2f2f61"
         "8140",
            VRX_KEY_INVALID}, /* an empty key */
        {"06818269"
         "68747470733a2f2f61"
         "8161"
         "61",
            VRX_INPUT_TYPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_sixth(*state, rows[i].hex, rows[i].reason);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(signed_list_round_trips),
        TEST(several_signers_of_one_kid),
        TEST(authorities_of_ones_own_trust),
        TEST(refusal_rfc_5280_6_1_3_signer_of_no_authority_in_the_list),
        TEST(refusal_trust_list_cddl_expires),
        TEST(refusal_rfc_9052_4_4_other_authority),
        TEST(refusal_rfc_9052_4_4_changed_byte),
        TEST(refusal_rfc_9052_4_3_signature_on_another_kind_of_object),
        TEST(refusal_trust_list_cddl),
        TEST(refusal_list_without_signers_is_not_signed),
        TEST(refusal_added_signer_is_no_certificate),
        TEST(issuers_round_trip),
        TEST(a_list_without_issuers_is_as_before),
        TEST(a_key_stands_once_for_an_issuer),
        TEST(refusal_shc_iss),
        TEST(refusal_issuer_without_a_key_is_not_signed),
        TEST(refusal_sec_1_point_off_the_curve),
        TEST(refusal_trust_list_cddl_issuers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
