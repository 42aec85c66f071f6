/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/hcert_verify.c and hcert_read.c: every verdict, the order of the steps, and
 * the foreign shapes that a verifier must take. Certificates of seven countries are a wire test.
 */
#include "formats/hcert.h"

#include <stdlib.h>

#include "base/limits.h"
#include "cbor/writer.h"
#include "cose/sign1.h"
#include "formats/base45.h"
#include "formats/inflate.h"
#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/signers.h"

#define NOW ((int64_t)SAMPLE_ISSUED + 86400)

struct fixture {
    struct test_signer csca;
    struct test_signer dsc;
    struct vrx_trust_list *trust;
    uint8_t kid[VRX_KID];
};

static void trust(struct fixture *fixture, const struct test_signer *signer) {
    assert_ok(vrx_trust_list_add(fixture->trust, vrx_certificate_der(signer->cert)));
}

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &fixture->csca);
    test_certificate(
        VRX_PROFILE_DSC_VACCINATION, &fixture->csca, 2, TEST_FROM, TEST_UNTIL, &fixture->dsc);
    assert_ok(vrx_trust_list_new(&fixture->trust));
    trust(fixture, &fixture->dsc);
    assert_ok(vrx_signer_kid(fixture->dsc.cert, fixture->kid));
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_trust_list_free(&fixture->trust);
    test_signer_done(&fixture->dsc);
    test_signer_done(&fixture->csca);
    free(fixture);
    return 0;
}

static struct vrx_buffer sample_payload(void) {
    struct vrx_hcert hcert = test_hcert_sample();
    struct vrx_buffer payload = {0};
    assert_ok(vrx_hcert_payload(&hcert, &payload));
    return payload;
}

static struct vrx_buffer signed_payload(const struct fixture *fixture, struct vrx_view payload) {
    struct vrx_buffer text = {0};
    assert_ok(vrx_hcert_sign(payload, fixture->dsc.key, fixture->kid, NULL, &text));
    return text;
}

static struct vrx_buffer sample_text(const struct fixture *fixture) {
    struct vrx_buffer payload = sample_payload();
    struct vrx_buffer text = signed_payload(fixture, vrx_buffer_view(&payload));
    vrx_buffer_done(&payload);
    return text;
}

/* Any bytes where the message should be. */
static struct vrx_buffer packed(struct vrx_view message) {
    struct vrx_buffer zipped = {0};
    struct vrx_buffer text = {0};
    assert_ok(vrx_deflate(NULL, message, &zipped));
    assert_ok(vrx_buffer_append(&text, vrx_view_text("HC1:")));
    assert_ok(vrx_base45_encode(vrx_buffer_view(&zipped), &text));
    vrx_buffer_done(&zipped);
    return text;
}

static struct vrx_finding verify(
    const struct fixture *fixture, struct vrx_view text, int64_t now, struct vrx_hcert *hcert) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_hcert ignored = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(
        vrx_hcert_verify(text, fixture->trust, now, &arena, &finding, hcert ? hcert : &ignored));
    vrx_arena_done(&arena);
    return finding;
}

/* clause NULL: none. Otherwise the beginning of the clause. */
static void expect(const struct fixture *fixture, struct vrx_view text, int64_t now,
    enum vrx_verdict verdict, const char *clause) {
    struct vrx_finding finding = verify(fixture, text, now, NULL);
    assert_string_equal(vrx_verdict_name(finding.verdict), vrx_verdict_name(verdict));
    if (!clause) {
        assert_null(finding.clause);
        return;
    }
    assert_non_null(finding.clause);
    if (strncmp(finding.clause, clause, strlen(clause)) != 0)
        fail_msg("clause is \"%s\", expected \"%s\"", finding.clause, clause);
}

static void expect_text(const struct fixture *fixture, struct vrx_buffer *text,
    enum vrx_verdict verdict, const char *clause) {
    expect(fixture, vrx_buffer_view(text), NOW, verdict, clause);
    vrx_buffer_done(text);
}

static void valid_certificate_is_read(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer text = sample_text(fixture);
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_hcert hcert = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(
        vrx_hcert_verify(vrx_buffer_view(&text), fixture->trust, NOW, &arena, &finding, &hcert));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(finding.readable);
    assert_null(finding.clause);
    vrx_buffer_done(&text); /* the arena keeps what was read */
    assert_true(vrx_view_equal(hcert.surname, vrx_view_text("YAMADA")));
    assert_true(vrx_view_equal(hcert.identifier, vrx_view_text(SAMPLE_UVCI)));
    assert_true(vrx_view_equal(hcert.date, vrx_view_text("2021-08-02")));
    assert_int_equal(hcert.dose, 2);
    assert_int_equal(hcert.kind, VRX_HCERT_VACCINATION);
    vrx_arena_done(&arena);
}

static void verdict_not_a_certificate(void **state) {
    const struct fixture *fixture = *state;
    static const char clause[] = "HCERT specification §4.2.2";
    struct vrx_buffer text = sample_text(fixture);
    struct vrx_view view = vrx_buffer_view(&text);
    expect(fixture, vrx_view_text(""), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, clause);
    expect(fixture, vrx_view_text("HC1"), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, clause);
    expect(fixture, vrx_view_text("shc:/5676"), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, clause);
    expect(fixture, vrx_view_slice(view, 4, view.len), NOW, VRX_VERDICT_NOT_A_CERTIFICATE, clause);
    text.ptr[2] = '2';
    expect(fixture, view, NOW, VRX_VERDICT_NOT_A_CERTIFICATE, clause);
    vrx_buffer_done(&text);
}

static void verdict_not_a_certificate_longer_than_a_qr_code(void **state) {
    const struct fixture *fixture = *state;
    char longest[VRX_LIMIT_HCERT_TEXT + 1];
    memset(longest, '0', sizeof longest);
    memcpy(longest, "HC1:", 4);
    expect(fixture, vrx_view_of(longest, sizeof longest), NOW, VRX_VERDICT_NOT_A_CERTIFICATE,
        "ISO/IEC 18004 table 7");
    expect(fixture, vrx_view_of(longest, sizeof longest - 1), NOW, VRX_VERDICT_DAMAGED,
        "RFC 1950 §2.2");
}

static void verdict_damaged_rfc_9285(void **state) {
    const struct fixture *fixture = *state;
    expect(fixture, vrx_view_text("HC1:abc"), NOW, VRX_VERDICT_DAMAGED, "RFC 9285 §6");
    expect(fixture, vrx_view_text("HC1:A"), NOW, VRX_VERDICT_DAMAGED, "RFC 9285 §6");
}

static void verdict_damaged_rfc_1950(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer payload = sample_payload();
    struct vrx_buffer text = {0};
    assert_ok(vrx_buffer_append(&text, vrx_view_text("HC1:")));
    assert_ok(vrx_base45_encode(vrx_buffer_view(&payload), &text));
    expect_text(fixture, &text, VRX_VERDICT_DAMAGED, "RFC 1950 §2.2");
    vrx_buffer_done(&payload);
}

static void verdict_damaged_bomb(void **state) {
    const struct fixture *fixture = *state;
    uint8_t *zeros = calloc(1, (size_t)1 << 20);
    assert_non_null(zeros);
    struct vrx_buffer text = packed(vrx_view_of(zeros, (size_t)1 << 20));
    free(zeros);
    assert_true(text.len < VRX_LIMIT_HCERT_TEXT);
    expect_text(fixture, &text, VRX_VERDICT_DAMAGED, "limits.h: decompressed size");
}

static void verdict_damaged_cose_structure(void **state) {
    const struct fixture *fixture = *state;
    static const uint8_t integer[] = {0x01};
    struct vrx_buffer text = packed(vrx_view_of(integer, sizeof integer));
    struct vrx_finding finding = verify(fixture, vrx_buffer_view(&text), NOW, NULL);
    assert_string_equal(vrx_verdict_name(finding.verdict), "DAMAGED");
    assert_false(finding.readable);
    vrx_buffer_done(&text);
}

/* Every byte of the message counts: whichever is changed, the certificate is not VALID. */
static void verdict_damaged_any_byte(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer text = sample_text(fixture);
    struct vrx_buffer message = {0};
    assert_ok(vrx_hcert_unpack(vrx_buffer_view(&text), &message));
    for (size_t i = 0; i < message.len; i++) {
        message.ptr[i] ^= 0x01;
        struct vrx_buffer changed = packed(vrx_buffer_view(&message));
        struct vrx_finding finding = verify(fixture, vrx_buffer_view(&changed), NOW, NULL);
        assert_true(finding.verdict == VRX_VERDICT_DAMAGED ||
                    finding.verdict == VRX_VERDICT_ISSUER_UNKNOWN);
        assert_false(finding.readable);
        vrx_buffer_done(&changed);
        message.ptr[i] ^= 0x01;
    }
    vrx_buffer_done(&message);
    vrx_buffer_done(&text);
}

/* The payload is no CBOR at all: with a wrong signature nobody looks at it. */
static void signature_comes_before_the_payload(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_view garbage = vrx_view_text("\xff\xff\xff");
    struct vrx_buffer text = signed_payload(fixture, garbage);
    struct vrx_buffer message = {0};
    assert_ok(vrx_hcert_unpack(vrx_buffer_view(&text), &message));
    struct vrx_finding finding = verify(fixture, vrx_buffer_view(&text), NOW, NULL);
    assert_string_equal(vrx_verdict_name(finding.verdict), "DAMAGED");
    assert_null(strstr(finding.clause, "RFC 9052 §4.4"));
    message.ptr[message.len - 1] ^= 0x01;
    struct vrx_buffer changed = packed(vrx_buffer_view(&message));
    finding = verify(fixture, vrx_buffer_view(&changed), NOW, NULL);
    assert_string_equal(vrx_verdict_name(finding.verdict), "DAMAGED");
    assert_non_null(strstr(finding.clause, "RFC 90")); /* the signature's clause, not CBOR's */
    vrx_buffer_done(&changed);
    vrx_buffer_done(&message);
    vrx_buffer_done(&text);
}

static void verdict_issuer_unknown(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer text = sample_text(fixture);
    vrx_trust_list_free(&fixture->trust);
    assert_ok(vrx_trust_list_new(&fixture->trust));
    expect(fixture, vrx_buffer_view(&text), NOW, VRX_VERDICT_ISSUER_UNKNOWN,
        "HCERT specification §3.3.2");
    trust(fixture, &fixture->csca);
    expect_text(fixture, &text, VRX_VERDICT_ISSUER_UNKNOWN, "HCERT specification §3.3.2");
}

/* Another key under a trusted signer's key identifier. */
static void verdict_damaged_foreign_key_under_a_trusted_kid(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_private_key *other = NULL;
    struct vrx_buffer payload = sample_payload();
    struct vrx_buffer text = {0};
    assert_ok(vrx_private_key_new_p256(&other));
    assert_ok(vrx_hcert_sign(vrx_buffer_view(&payload), other, fixture->kid, NULL, &text));
    expect_text(fixture, &text, VRX_VERDICT_DAMAGED, "RFC 90");
    vrx_buffer_done(&payload);
    vrx_private_key_free(&other);
}

static void verdict_expired_hcert_3_3_4_exp(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer text = sample_text(fixture);
    struct vrx_view view = vrx_buffer_view(&text);
    expect(fixture, view, SAMPLE_EXPIRES, VRX_VERDICT_VALID, NULL);
    expect(fixture, view, (int64_t)SAMPLE_EXPIRES + 1, VRX_VERDICT_EXPIRED,
        "HCERT specification §3.3.4");
    struct vrx_hcert hcert = {0};
    assert_true(verify(fixture, view, (int64_t)SAMPLE_EXPIRES + 1, &hcert).readable);
    assert_int_equal(hcert.expires, SAMPLE_EXPIRES);
    vrx_buffer_done(&text);
}

static void verdict_not_yet_valid_hcert_3_3_5_iat(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer text = sample_text(fixture);
    struct vrx_view view = vrx_buffer_view(&text);
    expect(fixture, view, SAMPLE_ISSUED, VRX_VERDICT_VALID, NULL);
    expect(fixture, view, (int64_t)SAMPLE_ISSUED - 1, VRX_VERDICT_NOT_YET_VALID,
        "HCERT specification §3.3.5");
    vrx_buffer_done(&text);
}

static void expect_with_signer(struct fixture *fixture, int64_t from, int64_t until,
    enum vrx_verdict verdict, const char *clause) {
    vrx_certificate_free(&fixture->dsc.cert);
    test_certificate(VRX_PROFILE_DSC_VACCINATION, &fixture->csca, 3, from, until, &fixture->dsc);
    trust(fixture, &fixture->dsc);
    assert_ok(vrx_signer_kid(fixture->dsc.cert, fixture->kid));
    struct vrx_buffer text = sample_text(fixture);
    expect_text(fixture, &text, verdict, clause);
}

static void verdict_expired_rfc_5280_4_1_2_5_signer(void **state) {
    expect_with_signer(*state, TEST_FROM, NOW - 1, VRX_VERDICT_EXPIRED, "RFC 5280 §4.1.2.5");
    expect_with_signer(*state, TEST_FROM, NOW, VRX_VERDICT_VALID, NULL);
}

static void verdict_not_yet_valid_rfc_5280_4_1_2_5_signer(void **state) {
    expect_with_signer(*state, NOW + 1, TEST_UNTIL, VRX_VERDICT_NOT_YET_VALID, "RFC 5280 §4.1.2.5");
    expect_with_signer(*state, NOW, TEST_UNTIL, VRX_VERDICT_VALID, NULL);
}

/* A CA may sign certificates, not documents. */
static void verdict_wrong_key_usage_rfc_5280_4_2_1_3(void **state) {
    struct fixture *fixture = *state;
    struct vrx_buffer payload = sample_payload();
    struct vrx_buffer text = {0};
    uint8_t kid[VRX_KID];
    trust(fixture, &fixture->csca);
    assert_ok(vrx_signer_kid(fixture->csca.cert, kid));
    assert_ok(vrx_hcert_sign(vrx_buffer_view(&payload), fixture->csca.key, kid, NULL, &text));
    expect_text(fixture, &text, VRX_VERDICT_WRONG_KEY_USAGE, "RFC 5280 §4.2.1.12");
    vrx_buffer_done(&payload);
}

/* Foreign shapes, built by hand ------------------------------------------------------------- */

static void put_header(struct vrx_cbor_writer *writer, const struct fixture *fixture) {
    vrx_cbor_put_map(writer, 2);
    vrx_cbor_put_uint(writer, 1);
    vrx_cbor_put_int(writer, VRX_ES256);
    vrx_cbor_put_uint(writer, 4);
    vrx_cbor_put_bytes(writer, vrx_view_of(fixture->kid, VRX_KID));
}

static struct vrx_buffer shaped(
    const struct fixture *fixture, const char *tags, bool unprotected, struct vrx_view payload) {
    struct vrx_buffer header = {0};
    struct vrx_buffer signed_bytes = {0};
    struct vrx_buffer message = {0};
    struct vrx_cbor_writer writer;
    uint8_t signature[VRX_P256_SIGNATURE];
    uint8_t prefix[8];
    if (!unprotected) {
        vrx_cbor_writer_init(&writer, &header);
        put_header(&writer, fixture);
        assert_ok(vrx_cbor_writer_finish(&writer));
    }
    assert_ok(vrx_sign1_to_be_signed(
        vrx_buffer_view(&header), (struct vrx_view){0}, payload, &signed_bytes));
    assert_ok(vrx_sign_es256(fixture->dsc.key, vrx_buffer_view(&signed_bytes), signature));
    size_t len = test_hex(tags, prefix, sizeof prefix);
    assert_ok(vrx_buffer_append(&message, vrx_view_of(prefix, len)));
    vrx_cbor_writer_init(&writer, &message);
    vrx_cbor_put_array(&writer, 4);
    vrx_cbor_put_bytes(&writer, vrx_buffer_view(&header));
    if (unprotected)
        put_header(&writer, fixture);
    else
        vrx_cbor_put_map(&writer, 0);
    vrx_cbor_put_bytes(&writer, payload);
    vrx_cbor_put_bytes(&writer, vrx_view_of(signature, sizeof signature));
    assert_ok(vrx_cbor_writer_finish(&writer));
    struct vrx_buffer text = packed(vrx_buffer_view(&message));
    vrx_buffer_done(&header);
    vrx_buffer_done(&signed_bytes);
    vrx_buffer_done(&message);
    return text;
}

static void accepted_tags_and_header_places(void **state) {
    const struct fixture *fixture = *state;
    static const char *const tags[] = {"", "d2", "d83dd2"};
    struct vrx_buffer payload = sample_payload();
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        for (int unprotected = 0; unprotected < 2; unprotected++) {
            struct vrx_buffer text =
                shaped(fixture, tags[i], unprotected, vrx_buffer_view(&payload));
            expect_text(fixture, &text, VRX_VERDICT_VALID, NULL);
        }
    vrx_buffer_done(&payload);
}

static void expect_payload(
    const struct fixture *fixture, const char *hex, enum vrx_verdict verdict, const char *clause) {
    uint8_t payload[1024];
    size_t len = test_hex(hex, payload, sizeof payload);
    struct vrx_buffer text = signed_payload(fixture, vrx_view_of(payload, len));
    expect_text(fixture, &text, verdict, clause);
}

#define NAME \
    "636e616da163666e7461" \
    "41" /* nam: {fnt: A} */
#define VERSION \
    "63766572" \
    "65312e332e30"
#define BIRTH \
    "63646f62" \
    "60"
#define IDENTIFIER \
    "626369" \
    "78056162632358" /* "abc#X": no valid check character */
#define DOSE \
    "62646e" \
    "01" \
    "627364" \
    "01" \
    "626474" \
    "6a323032312d30382d3032" \
    "626d70" \
    "6178"
#define HEALTH \
    "390103" \
    "a101"
#define TIMES \
    "04" \
    "1a63458360" \
    "06" \
    "1a61644fe0"

static void accepted_times_as_floats_and_extra_claims(void **state) {
    const struct fixture *fixture = *state;
    /* exp and iat as doubles, an indefinite map of claims, unknown ones among them, tagged dob,
     * null for the entries that are absent, keys in no order. */
    expect_payload(fixture,
        "bf"
        "06"
        "fb41d85913f8000000"
        "6178"
        "80"
        "f6"
        "01" HEALTH "a6" VERSION NAME "6172"
        "f6"
        "6174"
        "f6"
        "6176"
        "9f"
        "a5" IDENTIFIER DOSE "ff"
        "63646f62"
        "c060"
        "04"
        "fb41d8d160d8000000"
        "ff",
        VRX_VERDICT_VALID, NULL);
}

static void accepted_wrong_uvci_check_character(void **state) {
    expect_payload(*state,
        "a3" TIMES HEALTH "a4" VERSION NAME BIRTH "6176"
        "81"
        "a5" IDENTIFIER DOSE,
        VRX_VERDICT_VALID, NULL);
}

static void verdict_damaged_dcc_schema(void **state) {
    static const struct {
        const char *hex, *clause;
    } rows[] = {
        {"01", ""},
        {"a1"
         "06"
         "1a61644fe0",
            "HCERT specification §3.3"},
        {"a2" TIMES, "EU DCC schema 1.3: exactly one entry"},
        {"a3" TIMES HEALTH "a3" VERSION NAME BIRTH, "EU DCC schema 1.3: exactly one entry"},
        {"a3" TIMES HEALTH "a4" VERSION NAME BIRTH "6176"
         "80",
            "EU DCC schema 1.3: exactly one"},
        /* two doses, then a dose and a test */
        {"a3" TIMES HEALTH "a4" VERSION NAME BIRTH "6176"
         "82"
         "a5" IDENTIFIER DOSE "a5" IDENTIFIER DOSE,
            "EU DCC schema 1.3: exactly one"},
        {"a3" TIMES HEALTH "a5" VERSION NAME BIRTH "6176"
         "81"
         "a5" IDENTIFIER DOSE "6174"
         "81"
         "a1" IDENTIFIER,
            "EU DCC schema 1.3: exactly one"},
        {"a3" TIMES HEALTH "a3" VERSION NAME "6176"
         "81"
         "a5" IDENTIFIER DOSE,
            "EU DCC schema 1.3: ver, dob"},
        {"a3" TIMES HEALTH "a3" NAME BIRTH "6176"
         "81"
         "a5" IDENTIFIER DOSE,
            "EU DCC schema 1.3: ver, dob"},
        {"a3" TIMES HEALTH "a3" VERSION BIRTH "6176"
         "81"
         "a5" IDENTIFIER DOSE,
            "EU DCC schema 1.3: nam"},
        {"a3" TIMES HEALTH "a4" VERSION NAME BIRTH "6176"
         "81"
         "a4" DOSE,
            "EU DCC schema 1.3: ci"},
        {"a3" TIMES HEALTH "a4" VERSION NAME BIRTH "6176"
         "81"
         "a1" IDENTIFIER,
            "EU DCC schema 1.3: vaccination_entry"},
        {"a3" TIMES HEALTH "a4" VERSION NAME BIRTH "6176"
         "81"
         "a2" IDENTIFIER "62646e"
         "00",
            "EU DCC schema 1.3: dose_posint"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_payload(*state, rows[i].hex, VRX_VERDICT_DAMAGED, rows[i].clause);
}

static void verdict_damaged_hcert_3_3_1_algorithm(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer text = sample_text(fixture);
    struct vrx_buffer message = {0};
    assert_ok(vrx_hcert_unpack(vrx_buffer_view(&text), &message));
    /* d2 84 4d a2 01 26: alg is the sixth byte; 27 is EdDSA. */
    assert_int_equal(message.ptr[5], 0x26);
    message.ptr[5] = 0x27;
    struct vrx_buffer changed = packed(vrx_buffer_view(&message));
    expect_text(fixture, &changed, VRX_VERDICT_DAMAGED, "HCERT specification §3.3.1");
    vrx_buffer_done(&message);
    vrx_buffer_done(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(valid_certificate_is_read),
        TEST(verdict_not_a_certificate),
        TEST(verdict_not_a_certificate_longer_than_a_qr_code),
        TEST(verdict_damaged_rfc_9285),
        TEST(verdict_damaged_rfc_1950),
        TEST(verdict_damaged_bomb),
        TEST(verdict_damaged_cose_structure),
        TEST(verdict_damaged_any_byte),
        TEST(signature_comes_before_the_payload),
        TEST(verdict_issuer_unknown),
        TEST(verdict_damaged_foreign_key_under_a_trusted_kid),
        TEST(verdict_expired_hcert_3_3_4_exp),
        TEST(verdict_not_yet_valid_hcert_3_3_5_iat),
        TEST(verdict_expired_rfc_5280_4_1_2_5_signer),
        TEST(verdict_not_yet_valid_rfc_5280_4_1_2_5_signer),
        TEST(verdict_wrong_key_usage_rfc_5280_4_2_1_3),
        TEST(accepted_tags_and_header_places),
        TEST(accepted_times_as_floats_and_extra_claims),
        TEST(accepted_wrong_uvci_check_character),
        TEST(verdict_damaged_dcc_schema),
        TEST(verdict_damaged_hcert_3_3_1_algorithm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
