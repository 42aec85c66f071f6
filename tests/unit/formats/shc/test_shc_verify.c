/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/shc/shc_unpack.c and shc_verify.c: every verdict and the order of the steps.
 * What a payload may be is test_shc_read.c.
 */
#include "base/limits.h"
#include "formats/shc/shc.h"
#include "support/check.h"
#include "support/shc_card.h"

#define NOW ((int64_t)SAMPLE_SHC_NBF + 86400)

static struct vrx_private_key *key;
static struct vrx_trust_list *trust;

static int setup(void **state) {
    (void)state;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_trust_list_new(&trust));
    test_trust_issuer(trust, key, SAMPLE_SHC_ISSUER);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_trust_list_free(&trust);
    vrx_private_key_free(&key);
    return 0;
}

static struct vrx_finding verify(struct vrx_view text, int64_t now) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_shc_verify(text, trust, now, &arena, &finding, &shc));
    assert_int_equal(finding.readable, shc.dose_count > 0);
    vrx_arena_done(&arena);
    return finding;
}

/* clause NULL: none. Otherwise the beginning of the clause. */
static void expect_at(
    struct vrx_view text, int64_t now, enum vrx_verdict verdict, const char *clause) {
    const struct vrx_finding finding = verify(text, now);
    assert_string_equal(vrx_verdict_name(finding.verdict), vrx_verdict_name(verdict));
    if (!clause) {
        assert_null(finding.clause);
        return;
    }
    assert_non_null(finding.clause);
    if (strncmp(finding.clause, clause, strlen(clause)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", finding.clause, clause);
}

/* Frees the text. */
static void expect(struct vrx_buffer text, enum vrx_verdict verdict, const char *clause) {
    expect_at(vrx_buffer_view(&text), NOW, verdict, clause);
    vrx_buffer_done(&text);
}

static struct vrx_buffer sample(void) {
    return test_shc_card(key, vrx_view_text(SAMPLE_SHC_PAYLOAD));
}

/* A card with this header. */
static struct vrx_buffer headed(const char *header) {
    struct vrx_buffer packed = {0};
    test_deflate_raw(vrx_view_text(SAMPLE_SHC_PAYLOAD), &packed);
    struct vrx_buffer text = test_shc_packed(key, vrx_view_text(header), vrx_buffer_view(&packed));
    vrx_buffer_done(&packed);
    return text;
}

static void valid_card_is_read(void **state) {
    (void)state;
    struct vrx_buffer text = sample();
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shc shc = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_shc_verify(vrx_buffer_view(&text), trust, NOW, &arena, &finding, &shc));
    vrx_buffer_done(&text); /* what was read lives in the arena */
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(finding.readable);
    assert_true(vrx_view_equal(shc.issuer, vrx_view_text(SAMPLE_SHC_ISSUER)));
    assert_true(vrx_view_equal(shc.surname, vrx_view_text("YAMADA")));
    assert_true(vrx_view_equal(shc.given, vrx_view_text("HANAKO MARIE")));
    assert_int_equal(shc.dose_count, 2);
    assert_true(vrx_view_equal(shc.doses[0].lot, vrx_view_text("EY0779")));
    vrx_arena_done(&arena);
}

static void verdict_not_a_certificate(void **state) {
    (void)state;
    static const char *const texts[] = {"", "shc:", "SHC:/5676", "HC1:NCF", "hello", "shc;/56"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_at(vrx_view_text(texts[i]), NOW, VRX_VERDICT_NOT_A_CERTIFICATE,
            "SMART Health Cards 1.4: prefix");
    static char large[VRX_LIMIT_SHC_TEXT + 2];
    memset(large, '5', sizeof large);
    memcpy(large, "shc:/", 5);
    expect_at(vrx_view_of(large, sizeof large - 1), NOW, VRX_VERDICT_NOT_A_CERTIFICATE,
        "limits.h: longer");
    expect_at(vrx_view_of(large, VRX_LIMIT_SHC_TEXT - 1), NOW, VRX_VERDICT_DAMAGED, "RFC 7515");
}

static void verdict_damaged_text(void **state) {
    (void)state;
    static const struct {
        const char *text, *clause;
    } rows[] = {
        {"shc:/1/2/5676", "SMART Health Cards 1.4: cards in several QR codes"},
        {"shc:/1/1/5676", "SMART Health Cards 1.4: cards in several QR codes"},
        {"shc:/", "RFC 7515 §7.1"},
        {"shc:/567", "SMART Health Cards 1.4: two digits"},
        {"shc:/5a", "SMART Health Cards 1.4: numeric"},
        {"shc:/ 5", "SMART Health Cards 1.4: numeric"},
        {"shc:/56", "RFC 7515 §7.1"},
        {"shc:/0101", "SMART Health Cards 1.4: a header"}, /* ".." */
        {"shc:/010101", "RFC 7515"},                       /* "..." */
        {"shc:/990101", "RFC 4648"},                       /* no base64url */
        {"shc:/000000000101", "SMART Health Cards 1.4: a header"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_at(vrx_view_text(rows[i].text), NOW, VRX_VERDICT_DAMAGED, rows[i].clause);
}

static void verdict_damaged_header(void **state) {
    (void)state;
    static const char kid[] = "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s";
    static const struct {
        const char *form, *clause;
    } rows[] = {
        {"[\"%s\"]", "SMART Health Cards 1.4: a header"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"%s\"", "SMART Health Cards 1.4: a header"},
        {"{\"zip\":\"DEF\",\"alg\":\"none\",\"kid\":\"%s\"}", "SMART Health Cards 1.4: alg"},
        {"{\"zip\":\"DEF\",\"alg\":\"HS256\",\"kid\":\"%s\"}", "SMART Health Cards 1.4: alg"},
        {"{\"zip\":\"DEF\",\"alg\":[\"ES256\"],\"kid\":\"%s\"}",
            "SMART Health Cards 1.4: a header"},
        {"{\"zip\":\"DEF\",\"kid\":\"%s\"}", "SMART Health Cards 1.4: alg"},
        {"{\"alg\":\"ES256\",\"kid\":\"%s\"}", "SMART Health Cards 1.4: zip"},
        {"{\"zip\":\"GZIP\",\"alg\":\"ES256\",\"kid\":\"%s\"}", "SMART Health Cards 1.4: zip"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"%s=\"}", "RFC 4648"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"%sA\"}", "SMART Health Cards 1.4: kid"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"\"}", "SMART Health Cards 1.4: kid"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":7}", "SMART Health Cards 1.4: a header"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\"}", "SMART Health Cards 1.4: kid"},
        {"{\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"%s\",\"crit\":[\"b64\"]}",
            "RFC 7515 §4.1.11"},
        {"{\"zip\":\"DEF\",\"zip\":\"DEF\",\"alg\":\"ES256\",\"kid\":\"%s\"}",
            "RFC 7515 §4: names"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char header[200];
        const char *at = strstr(rows[i].form, "%s");
        const int before = at ? (int)(at - rows[i].form) : (int)strlen(rows[i].form);
        (void)snprintf(header, sizeof header, "%.*s%s%s", before, rows[i].form, at ? kid : "",
            at ? at + 2 : "");
        expect(headed(header), VRX_VERDICT_DAMAGED, rows[i].clause);
    }
}

/* An unknown member of the header is no reason (RFC 7515 §4). */
static void accepted_more_in_the_header(void **state) {
    (void)state;
    struct vrx_buffer header = test_shc_header(key);
    header.len--;
    assert_ok(vrx_buffer_append(&header, vrx_view_text(",\"typ\":\"JWT\"}")));
    assert_ok(vrx_buffer_append_byte(&header, '\0'));
    expect(headed((const char *)header.ptr), VRX_VERDICT_VALID, NULL);
    vrx_buffer_done(&header);
}

static void verdict_issuer_unknown_key(void **state) {
    (void)state;
    struct vrx_private_key *other = NULL;
    assert_ok(vrx_private_key_new_p256(&other));
    expect(test_shc_card(other, vrx_view_text(SAMPLE_SHC_PAYLOAD)), VRX_VERDICT_ISSUER_UNKNOWN,
        "SMART Health Cards 1.4: no trusted issuer");
    vrx_private_key_free(&other);
}

/* A trusted issuer signs in another's name, which may be a trusted one's. */
static void verdict_issuer_unknown_key_of_another(void **state) {
    (void)state;
    struct vrx_private_key *other = NULL;
    assert_ok(vrx_private_key_new_p256(&other));
    test_trust_issuer(trust, other, "https://cards.kashiwa.example");
    struct vrx_buffer text = test_shc_card(other, vrx_view_text(SAMPLE_SHC_PAYLOAD));
    expect_at(vrx_buffer_view(&text), NOW, VRX_VERDICT_ISSUER_UNKNOWN,
        "SMART Health Cards 1.4: the key is another issuer's");
    test_trust_issuer(trust, other, SAMPLE_SHC_ISSUER); /* one key, two addresses */
    expect(text, VRX_VERDICT_VALID, NULL);
    vrx_private_key_free(&other);
}

/* Another key under a trusted one's thumbprint. */
static void verdict_damaged_rfc_7515_5_2(void **state) {
    (void)state;
    struct vrx_private_key *other = NULL;
    struct vrx_buffer header = test_shc_header(key);
    struct vrx_buffer packed = {0};
    assert_ok(vrx_private_key_new_p256(&other));
    test_deflate_raw(vrx_view_text(SAMPLE_SHC_PAYLOAD), &packed);
    expect(test_shc_packed(other, vrx_buffer_view(&header), vrx_buffer_view(&packed)),
        VRX_VERDICT_DAMAGED, "RFC 7515 §5.2");
    vrx_buffer_done(&packed);
    vrx_buffer_done(&header);
    vrx_private_key_free(&other);
}

/* Whatever is no payload: with a wrong signature nobody looks at it. */
static void signature_comes_before_the_payload(void **state) {
    (void)state;
    struct vrx_buffer header = test_shc_header(key);
    struct vrx_buffer text =
        test_shc_packed(key, vrx_buffer_view(&header), vrx_view_text("\xff\xff\xff"));
    expect_at(vrx_buffer_view(&text), NOW, VRX_VERDICT_DAMAGED, "RFC 1951");
    text.ptr[text.len - 40] = text.ptr[text.len - 40] == '1' ? '2' : '1';
    const struct vrx_finding finding = verify(vrx_buffer_view(&text), NOW);
    assert_string_equal(vrx_verdict_name(finding.verdict), "DAMAGED");
    assert_null(strstr(finding.clause, "RFC 1951"));
    vrx_buffer_done(&text);
    vrx_buffer_done(&header);
}

static void verdict_damaged_payload(void **state) {
    (void)state;
    struct vrx_buffer header = test_shc_header(key);
    struct vrx_buffer packed = {0};
    const struct vrx_view head = vrx_buffer_view(&header);
    /* as HCERT has it: with a zlib head */
    static const uint8_t zlib[] = {
        0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x06, 0x2c, 0x02, 0x15};
    expect(test_shc_packed(key, head, vrx_view_of(zlib, sizeof zlib)), VRX_VERDICT_DAMAGED,
        "RFC 1951");
    expect(test_shc_packed(key, head, (struct vrx_view){0}), VRX_VERDICT_DAMAGED, "RFC 1951");
    test_deflate_raw(vrx_view_text(SAMPLE_SHC_PAYLOAD), &packed);
    expect(test_shc_packed(key, head, vrx_view_of(packed.ptr, packed.len - 1)), VRX_VERDICT_DAMAGED,
        "RFC 1951");
    assert_ok(vrx_buffer_append_byte(&packed, 0));
    expect(test_shc_packed(key, head, vrx_buffer_view(&packed)), VRX_VERDICT_DAMAGED, "RFC 1951");
    expect(test_shc_card(key, vrx_view_text("hello")), VRX_VERDICT_DAMAGED, "RFC 8259");
    vrx_buffer_done(&packed);
    vrx_buffer_done(&header);
}

static void verdict_damaged_bomb(void **state) {
    (void)state;
    const size_t size = (size_t)1 << 20;
    uint8_t *spaces = malloc(size);
    assert_non_null(spaces);
    memset(spaces, ' ', size);
    struct vrx_buffer text = test_shc_card(key, vrx_view_of(spaces, size));
    free(spaces);
    assert_true(text.len < VRX_LIMIT_SHC_TEXT);
    expect(text, VRX_VERDICT_DAMAGED, "limits.h: decompressed size");
}

/* A payload of so many brackets. */
static void verdict_damaged_depth(void **state) {
    (void)state;
    char *payload = malloc(60001);
    assert_non_null(payload);
    memset(payload, '[', 60000);
    payload[60000] = '\0';
    memcpy(payload, "{\"a\":", 5);
    expect(test_shc_card(key, vrx_view_text(payload)), VRX_VERDICT_DAMAGED,
        "limits.h: nesting of JSON");
    free(payload);
}

/* Whichever digit is changed to whichever other: never a word about the content. */
static void verdict_damaged_any_digit(void **state) {
    (void)state;
    struct vrx_buffer text = sample();
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t was = text.ptr[i];
        for (uint8_t digit = '0'; digit <= '9'; digit = (uint8_t)(digit + 3)) {
            if (digit == was)
                continue;
            text.ptr[i] = digit;
            const struct vrx_finding finding = verify(vrx_buffer_view(&text), NOW);
            assert_int_not_equal(finding.verdict, VRX_VERDICT_VALID);
            assert_false(finding.readable);
        }
        text.ptr[i] = was;
    }
    expect(text, VRX_VERDICT_VALID, NULL);
}

/* The same of the characters of the JWS, each changed by one bit. */
static void verdict_damaged_any_character(void **state) {
    (void)state;
    struct vrx_buffer text = sample();
    struct vrx_buffer jws = {0};
    for (size_t i = 5; i < text.len; i += 2)
        assert_ok(vrx_buffer_append_byte(
            &jws, (uint8_t)((text.ptr[i] - '0') * 10 + text.ptr[i + 1] - '0' + 45)));
    for (size_t i = 0; i < jws.len; i++) {
        static const char others[] = "A.-_z";
        const uint8_t was = jws.ptr[i];
        for (size_t o = 0; o < sizeof others - 1; o++) {
            if ((uint8_t)others[o] == was)
                continue;
            jws.ptr[i] = (uint8_t)others[o];
            struct vrx_buffer changed = test_shc_digits(vrx_buffer_view(&jws));
            const struct vrx_finding finding = verify(vrx_buffer_view(&changed), NOW);
            assert_true(finding.verdict == VRX_VERDICT_DAMAGED ||
                        finding.verdict == VRX_VERDICT_ISSUER_UNKNOWN);
            assert_false(finding.readable);
            vrx_buffer_done(&changed);
        }
        jws.ptr[i] = was;
    }
    vrx_buffer_done(&jws);
    vrx_buffer_done(&text);
}

/* Every length, and more than there is: an even number of digits and an odd one. */
static void verdict_damaged_every_length(void **state) {
    (void)state;
    struct vrx_buffer text = sample();
    for (size_t len = 0; len < text.len; len++) {
        const struct vrx_finding finding =
            verify(vrx_view_slice(vrx_buffer_view(&text), 0, len), NOW);
        assert_int_not_equal(finding.verdict, VRX_VERDICT_VALID);
        assert_false(finding.readable);
        assert_non_null(finding.clause);
    }
    for (size_t more = 0; more < 4; more++) {
        assert_ok(vrx_buffer_append_byte(&text, '5'));
        const struct vrx_finding finding = verify(vrx_buffer_view(&text), NOW);
        assert_int_equal(finding.verdict, VRX_VERDICT_DAMAGED);
        assert_false(finding.readable);
    }
    vrx_buffer_done(&text);
}

/* A name twice in any object that is read, at the end of each as at its beginning. */
static void verdict_damaged_duplicate_names(void **state) {
    (void)state;
    static const char *const names[] = {"iss", "nbf", "vc", "type", "fhirBundle", "entry", "family",
        "birthDate", "status", "vaccineCode", "code", "occurrenceDateTime", "lotNumber", "rid"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char member[32];
        char payload[2048];
        (void)snprintf(member, sizeof member, "\"%s\":", names[i]);
        const char *at = strstr(SAMPLE_SHC_PAYLOAD, member);
        assert_non_null(at);
        (void)snprintf(payload, sizeof payload, "%.*s%snull,%s", (int)(at - SAMPLE_SHC_PAYLOAD),
            SAMPLE_SHC_PAYLOAD, member, at);
        expect(test_shc_card(key, vrx_view_text(payload)), VRX_VERDICT_DAMAGED, "RFC 8259 §4");
    }
}

/* The sample with other times. */
static struct vrx_buffer timed(const char *times) {
    static const char nbf[] = "\"nbf\":1640000000";
    const char *at = strstr(SAMPLE_SHC_PAYLOAD, nbf);
    char payload[2048];
    assert_non_null(at);
    (void)snprintf(payload, sizeof payload, "%.*s%s%s", (int)(at - SAMPLE_SHC_PAYLOAD),
        SAMPLE_SHC_PAYLOAD, times, at + sizeof nbf - 1);
    return test_shc_card(key, vrx_view_text(payload));
}

static void verdict_by_time(void **state) {
    (void)state;
    static const struct {
        const char *times;
        int64_t now;
        enum vrx_verdict verdict;
        const char *clause;
    } rows[] = {
        {"\"nbf\":1640000000", 1640000000, VRX_VERDICT_VALID, NULL},
        {"\"nbf\":1640000000", 1639999999, VRX_VERDICT_NOT_YET_VALID, "RFC 7519 §4.1.5"},
        {"\"nbf\":1640000000.656", 1640000000, VRX_VERDICT_VALID, NULL},
        {"\"nbf\":1640000000.656", 1639999999, VRX_VERDICT_NOT_YET_VALID, "RFC 7519 §4.1.5"},
        {"\"nbf\":1.64e9", 1640000000, VRX_VERDICT_VALID, NULL},
        {"\"nbf\":1640000000,\"exp\":1650000000", 1650000000, VRX_VERDICT_VALID, NULL},
        {"\"nbf\":1640000000,\"exp\":1650000000", 1650000001, VRX_VERDICT_EXPIRED,
            "RFC 7519 §4.1.4"},
        {"\"nbf\":1640000000,\"exp\":1650000000.5", 1650000001, VRX_VERDICT_EXPIRED,
            "RFC 7519 §4.1.4"},
        {"\"nbf\":1640000000", INT64_C(253402300799), VRX_VERDICT_VALID, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_buffer text = timed(rows[i].times);
        expect_at(vrx_buffer_view(&text), rows[i].now, rows[i].verdict, rows[i].clause);
        assert_true(verify(vrx_buffer_view(&text), rows[i].now).readable);
        vrx_buffer_done(&text);
    }
}

/* A genuine card of something else. */
static void verdict_not_a_certificate_without_vaccination(void **state) {
    (void)state;
    char payload[] = SAMPLE_SHC_PAYLOAD;
    for (char *at = payload; (at = strstr(at, "\"Immunization\"")); at++)
        memcpy(at, "\"Immunizatiom\"", 14);
    expect(test_shc_card(key, vrx_view_text(payload)), VRX_VERDICT_NOT_A_CERTIFICATE,
        "SMART Health Cards 1.4: a card without");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(valid_card_is_read),
        TEST(verdict_not_a_certificate),
        TEST(verdict_damaged_text),
        TEST(verdict_damaged_header),
        TEST(accepted_more_in_the_header),
        TEST(verdict_issuer_unknown_key),
        TEST(verdict_issuer_unknown_key_of_another),
        TEST(verdict_damaged_rfc_7515_5_2),
        TEST(signature_comes_before_the_payload),
        TEST(verdict_damaged_payload),
        TEST(verdict_damaged_bomb),
        TEST(verdict_damaged_depth),
        TEST(verdict_damaged_any_digit),
        TEST(verdict_damaged_any_character),
        TEST(verdict_damaged_every_length),
        TEST(verdict_damaged_duplicate_names),
        TEST(verdict_by_time),
        TEST(verdict_not_a_certificate_without_vaccination),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
