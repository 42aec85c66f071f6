/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/shc/shc_write.c: what is written is the form that the specification shows,
 * and reads back as the same; each thing that may not stand in a card is refused.
 */
#include <stdio.h>

#include "base/limits.h"
#include "formats/inflate.h"
#include "formats/shc/shc.h"
#include "support/check.h"
#include "support/shc_card.h"

#define NBF INT64_C(1640000000)
#define EXP INT64_C(1671536000)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct vrx_shc_dose sample_doses[VRX_LIMIT_DOSES];

static struct vrx_shc sample(void) {
    for (size_t i = 0; i < VRX_LIMIT_DOSES; i++)
        sample_doses[i] = (struct vrx_shc_dose){.system = vrx_view_text(VRX_SHC_CVX),
            .code = vrx_view_text("208"),
            .date = vrx_view_text(i ? "2021-07-13" : "2021-06-22"),
            .lot = vrx_view_text(i ? "" : "EY0779"),
            .performer = vrx_view_text(i ? "" : "Sapporo City")};
    return (struct vrx_shc){.issuer = vrx_view_text(SAMPLE_SHC_ISSUER),
        .issued = NBF,
        .expires = EXP,
        .identifier = vrx_view_text("JUEK41jvhNc8i5oqHywylA"),
        .surname = vrx_view_text("YAMADA"),
        .given = vrx_view_text("HANAKO MARIE"),
        .birth_date = vrx_view_text("1964-08-12"),
        .doses = sample_doses,
        .dose_count = 2};
}

static const char sample_payload[] =
    "{\"iss\":\"" SAMPLE_SHC_ISSUER "\",\"nbf\":1640000000,\"exp\":1671536000,\"vc\":{\"type\":["
    "\"https://smarthealth.cards#health-card\",\"https://smarthealth.cards#immunization\","
    "\"https://smarthealth.cards#covid19\"],\"credentialSubject\":{\"fhirVersion\":\"4.0.1\","
    "\"fhirBundle\":{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":"
    "\"resource:0\",\"resource\":{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"YAMADA\","
    "\"given\":[\"HANAKO\",\"MARIE\"]}],\"birthDate\":\"1964-08-12\"}},{\"fullUrl\":"
    "\"resource:1\",\"resource\":{\"resourceType\":\"Immunization\",\"status\":\"completed\","
    "\"vaccineCode\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\",\"code\":\"208\"}]},"
    "\"patient\":{\"reference\":\"resource:0\"},\"occurrenceDateTime\":\"2021-06-22\","
    "\"lotNumber\":\"EY0779\",\"performer\":[{\"actor\":{\"display\":\"Sapporo City\"}}]}},"
    "{\"fullUrl\":\"resource:2\",\"resource\":{\"resourceType\":\"Immunization\",\"status\":"
    "\"completed\",\"vaccineCode\":{\"coding\":[{\"system\":\"http://hl7.org/fhir/sid/cvx\","
    "\"code\":\"208\"}]},\"patient\":{\"reference\":\"resource:0\"},\"occurrenceDateTime\":"
    "\"2021-07-13\"}}]}},\"rid\":\"JUEK41jvhNc8i5oqHywylA\"}}";

static void payload_is_minified_fhir(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    const struct vrx_shc shc = sample();
    assert_ok(vrx_shc_payload(&shc, &payload));
    assert_int_equal(payload.len, sizeof sample_payload - 1);
    assert_memory_equal(payload.ptr, sample_payload, payload.len);
}

/* Written, read, written again. */
static void assert_reads_back(const struct vrx_shc *shc) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    struct vrx_shc read;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_shc_payload(shc, &payload));
    assert_ok(vrx_shc_read(vrx_buffer_view(&payload), &arena, &read));
    assert_true(vrx_view_equal(read.surname, shc->surname));
    assert_true(vrx_view_equal(read.given, shc->given));
    assert_int_equal(read.dose_count, shc->dose_count);
    assert_int_equal(read.expires, shc->expires);
    assert_ok(vrx_shc_payload(&read, &again));
    assert_true(vrx_view_equal(vrx_buffer_view(&payload), vrx_buffer_view(&again)));
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    struct vrx_shc shc = sample();
    assert_reads_back(&shc);
    shc.expires = VRX_SHC_FOREVER;
    assert_reads_back(&shc);
    shc.surname = vrx_view_text("山田");
    shc.given = vrx_view_text("花子");
    assert_reads_back(&shc);
    shc.surname = vrx_view_text("O'\"NEIL\\");
    shc.given = (struct vrx_view){0};
    assert_reads_back(&shc);
    shc.dose_count = VRX_LIMIT_DOSES;
    assert_reads_back(&shc);
}

static void signed_card_verifies_by_the_issuer_s_key(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct vrx_private_key *key = NULL;
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_shc read;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_trust_list_new(&trust));
    test_trust_issuer(trust, key, SAMPLE_SHC_ISSUER);
    assert_ok(vrx_shc_sign(vrx_view_text(sample_payload), key, &text));
    assert_ok(vrx_shc_verify(vrx_buffer_view(&text), trust, NBF, &arena, &finding, &read));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_int_equal(read.dose_count, 2);
    assert_ok(vrx_shc_verify(vrx_buffer_view(&text), trust, EXP + 1, &arena, &finding, &read));
    assert_string_equal(vrx_verdict_name(finding.verdict), "EXPIRED");
    struct vrx_shc_jws jws;
    assert_ok(vrx_shc_unpack(vrx_buffer_view(&text), &arena, &jws));
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    assert_ok(vrx_inflate_raw(jws.payload, sizeof sample_payload, &payload));
    assert_true(vrx_view_equal(vrx_buffer_view(&payload), vrx_view_text(sample_payload)));
    vrx_trust_list_free(&trust);
    vrx_private_key_free(&key);
}

/* Eight doses, more than anybody in Japan had when these cards were made, each of another lot. */
static void eight_doses_fit_a_code_of_version_22(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct vrx_private_key *key = NULL;
    char lots[8][8];
    char dates[8][11];
    struct vrx_shc shc = sample();
    shc.dose_count = 8;
    for (unsigned i = 0; i < 8; i++) {
        (void)snprintf(lots[i], sizeof lots[i], "F%c%04u", 'A' + i * 5 % 26, i * 7919 % 10000);
        (void)snprintf(
            dates[i], sizeof dates[i], "202%u-%02u-%02u", i / 2 + 1, i % 12 + 1, i * 3 + 1);
        sample_doses[i].lot = vrx_view_text(lots[i]);
        sample_doses[i].date = vrx_view_text(dates[i]);
        sample_doses[i].performer = vrx_view_text("Sapporo City");
    }
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_shc_payload(&shc, &payload));
    assert_ok(vrx_shc_sign(vrx_buffer_view(&payload), key, &text));
    assert_true(text.len <= VRX_LIMIT_SHC_MADE);
    vrx_private_key_free(&key);
}

static void refusal_shc_version_22(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct vrx_private_key *key = NULL;
    uint8_t *at = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_buffer_extend(&payload, 800, &at));
    for (uint32_t i = 0, x = 1; i < 800; i++, x = x * 1664525 + 1013904223)
        at[i] = (uint8_t)(x >> 24);
    assert_reason(vrx_shc_sign(vrx_buffer_view(&payload), key, &text), VRX_INPUT_TOO_LARGE);
    assert_int_equal(text.len, 0);
    vrx_private_key_free(&key);
}

/* ---- refusals ---- */

static void expect(const struct vrx_shc *shc, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer payload = {0};
    assert_reason(vrx_shc_payload(shc, &payload), reason);
    assert_int_equal(payload.len, 0);
}

static char long_text[VRX_LIMIT_JSON_FIELD + 2];

static void refusal_of_a_text(void **state) {
    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    const struct {
        size_t offset;
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {offsetof(struct vrx_shc, issuer), "http://cards.example", VRX_INPUT_RANGE},
        {offsetof(struct vrx_shc, issuer), "https://cards.example/", VRX_INPUT_RANGE},
        {offsetof(struct vrx_shc, issuer), "", VRX_INPUT_RANGE},
        {offsetof(struct vrx_shc, identifier), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_shc, identifier), "a.b", VRX_INPUT_RANGE},
        {offsetof(struct vrx_shc, identifier), "abcdefghijklmnopqrstuvwxy", VRX_INPUT_RANGE},
        {offsetof(struct vrx_shc, surname), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_shc, surname), "A\nB", VRX_INPUT_TEXT},
        {offsetof(struct vrx_shc, surname), "\xff", VRX_INPUT_TEXT},
        {offsetof(struct vrx_shc, surname), long_text, VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_shc, given), " HANAKO", VRX_INPUT_TEXT},
        {offsetof(struct vrx_shc, given), "HANAKO ", VRX_INPUT_TEXT},
        {offsetof(struct vrx_shc, given), "HANAKO  MARIE", VRX_INPUT_TEXT},
        {offsetof(struct vrx_shc, birth_date), "", VRX_INPUT_MALFORMED},
        {offsetof(struct vrx_shc, birth_date), "1964", VRX_INPUT_MALFORMED},
        {offsetof(struct vrx_shc, birth_date), "1964-02-30", VRX_DATE_INVALID},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vrx_shc shc = sample();
        const struct vrx_view text = vrx_view_text(rows[i].text);
        memcpy((char *)&shc + rows[i].offset, &text, sizeof text);
        expect(&shc, rows[i].reason);
    }
}

static void refusal_of_a_dose(void **state) {
    (void)state;
    const struct {
        size_t offset;
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {offsetof(struct vrx_shc_dose, system), "http://snomed.info/sct", VRX_INPUT_RANGE},
        {offsetof(struct vrx_shc_dose, code), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_shc_dose, date), "2021-07", VRX_INPUT_MALFORMED},
        {offsetof(struct vrx_shc_dose, date), "2021-13-01", VRX_DATE_INVALID},
        {offsetof(struct vrx_shc_dose, lot), "\x01", VRX_INPUT_TEXT},
        {offsetof(struct vrx_shc_dose, performer), "\xc3", VRX_INPUT_TEXT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vrx_shc shc = sample();
        const struct vrx_view text = vrx_view_text(rows[i].text);
        memcpy((char *)&sample_doses[1] + rows[i].offset, &text, sizeof text);
        expect(&shc, rows[i].reason);
    }
}

static void refusal_rfc_7519_4_1_times_and_limits_doses(void **state) {
    (void)state;
    struct vrx_shc shc = sample();
    shc.issued = -1;
    expect(&shc, VRX_INPUT_RANGE);
    shc.issued = shc.expires = NBF;
    expect(&shc, VRX_INPUT_RANGE);
    shc.expires = INT64_C(253402300800);
    expect(&shc, VRX_INPUT_RANGE);
    shc = sample();
    shc.dose_count = 0;
    expect(&shc, VRX_INPUT_RANGE);
    shc.dose_count = VRX_LIMIT_DOSES + 1;
    expect(&shc, VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_is_minified_fhir),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(signed_card_verifies_by_the_issuer_s_key),
        cmocka_unit_test(eight_doses_fit_a_code_of_version_22),
        cmocka_unit_test(refusal_shc_version_22),
        cmocka_unit_test(refusal_of_a_text),
        cmocka_unit_test(refusal_of_a_dose),
        cmocka_unit_test(refusal_rfc_7519_4_1_times_and_limits_doses),
    };
    return cmocka_run_group_tests_name("formats/shc/shc_write", tests, NULL, NULL);
}
