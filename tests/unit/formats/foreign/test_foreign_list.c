/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists that somebody else could have written. The whole way, from openssl's certificates to a
 * trust list, is tests/system/trust.test.mjs.
 */
#include "formats/foreign/foreign_list.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "support/check.h"
#include "support/signers.h"

#define NOW INT64_C(1650000000)

struct fixture {
    struct test_signer csca[2];
    struct test_signer dsc[2]; /* one under each */
    struct vrx_arena arena;
    struct vrx_buffer text;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    for (uint8_t i = 0; i < 2; i++) {
        test_certificate(VRX_PROFILE_CSCA, NULL, i, TEST_FROM, TEST_UNTIL, &fixture->csca[i]);
        test_certificate(VRX_PROFILE_DSC_VACCINATION, &fixture->csca[i], (uint8_t)(i + 10),
            TEST_FROM, TEST_UNTIL, &fixture->dsc[i]);
    }
    vrx_arena_init(&fixture->arena, 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_buffer_done(&fixture->text);
    vrx_arena_done(&fixture->arena);
    for (size_t i = 0; i < 2; i++) {
        test_signer_done(&fixture->dsc[i]);
        test_signer_done(&fixture->csca[i]);
    }
    free(fixture);
    return 0;
}

static void put(struct fixture *fixture, const char *text) {
    assert_ok(vrx_buffer_append(&fixture->text, vrx_view_text(text)));
}

static void put_base64(struct fixture *fixture, struct vrx_view bytes) {
    assert_ok(vrx_base64_encode(VRX_BASE64_STANDARD, bytes, &fixture->text));
}

/* An item of the gateway's. */
static void put_item(
    struct fixture *fixture, const struct test_signer *signer, const char *type, const char *rest) {
    uint8_t digest[32];
    assert_ok(vrx_certificate_sha256(signer->cert, digest));
    put(fixture, "{\"kid\":\"");
    put_base64(fixture, vrx_view_of(digest, 8));
    put(fixture, "\",\"certificateType\":\"");
    put(fixture, type);
    put(fixture, "\",\"country\":\"JP\",\"rawData\":\"");
    put_base64(fixture, vrx_certificate_der(signer->cert));
    put(fixture, "\"}");
    put(fixture, rest);
}

static struct vrx_foreign_entry *read_all(
    struct fixture *fixture, enum vrx_foreign_format format, size_t expected) {
    struct vrx_foreign_entry *entries = NULL;
    size_t count = 0;
    assert_ok(vrx_foreign_list_read(
        format, vrx_buffer_view(&fixture->text), &fixture->arena, &entries, &count));
    assert_int_equal(count, expected);
    return entries;
}

static void put_two_authorities_and_signers(struct fixture *fixture) {
    put(fixture, " [");
    for (size_t i = 0; i < 2; i++) {
        put_item(fixture, &fixture->csca[i], "CSCA", ",");
        put_item(fixture, &fixture->dsc[i], "DSC", ",");
    }
    put(fixture, "{\"certificateType\":\"UPLOAD\"}]");
}

static void the_gateways_list_by_its_own_authorities(void **state) {
    struct fixture *fixture = *state;
    put_two_authorities_and_signers(fixture);
    struct vrx_foreign_entry *entries = read_all(fixture, VRX_FOREIGN_DCC, 4);
    assert_ok(vrx_foreign_list_judge(entries, 4, NULL, 0, NOW));
    for (size_t i = 0; i < 4; i++) {
        assert_ok(entries[i].refusal);
        assert_int_equal(entries[i].authority, i % 2 == 0);
        assert_int_equal(entries[i].name.len, 12);
    }
}

static void by_given_authorities_no_other_counts(void **state) {
    struct fixture *fixture = *state;
    put_two_authorities_and_signers(fixture);
    struct vrx_foreign_entry *entries = read_all(fixture, VRX_FOREIGN_DCC, 4);
    assert_ok(vrx_foreign_list_judge(entries, 4, &fixture->csca[1].cert, 1, NOW));
    for (size_t i = 0; i < 4; i++)
        assert_reason(entries[i].refusal, i < 2 ? VRX_CERTIFICATE_INVALID : VRX_OK);
}

static void refusal_rfc_5280_4_1_2_5_what_is_over(void **state) {
    struct fixture *fixture = *state;
    put_two_authorities_and_signers(fixture);
    struct vrx_foreign_entry *entries = read_all(fixture, VRX_FOREIGN_DCC, 4);
    assert_ok(vrx_foreign_list_judge(entries, 4, NULL, 0, TEST_UNTIL + 1));
    for (size_t i = 0; i < 4; i++)
        assert_reason(entries[i].refusal, VRX_CERTIFICATE_INVALID);
}

static void refusal_of_what_an_item_says_otherwise(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "{\"certificates\":[");
    put_item(fixture, &fixture->dsc[0], "CSCA", ",");
    put_item(fixture, &fixture->csca[0], "DSC", ",");
    put(fixture, "{\"certificateType\":\"DSC\",\"rawData\":\"AAAA\"},");
    put(fixture, "{\"certificateType\":\"DSC\",\"rawData\":7},null]}");
    static const enum vrx_reason reasons[] = {VRX_CERTIFICATE_INVALID, VRX_CERTIFICATE_INVALID,
        VRX_CERTIFICATE_INVALID, VRX_INPUT_FIELD_MISSING, VRX_INPUT_FIELD_MISSING};
    struct vrx_foreign_entry *entries = read_all(fixture, VRX_FOREIGN_DCC, 5);
    for (size_t i = 0; i < 5; i++)
        assert_reason(entries[i].refusal, reasons[i]);
    assert_ok(vrx_foreign_list_judge(entries, 5, NULL, 0, NOW));
    for (size_t i = 0; i < 5; i++)
        assert_reason(entries[i].refusal, reasons[i]); /* the first reason stays */
}

static void the_networks_document(void **state) {
    struct fixture *fixture = *state;
    const struct test_signer *const methods[] = {&fixture->csca[0], &fixture->dsc[0]};
    put(fixture, "{\"verificationMethod\":[");
    for (size_t i = 0; i < 2; i++) {
        put(fixture, "{\"id\":\"did:web:x\",\"publicKeyJwk\":{\"x5c\":[\"");
        put_base64(fixture, vrx_certificate_der(methods[i]->cert));
        put(fixture, "\"]}},");
    }
    put(fixture, "\"did:web:reference\",{\"publicKeyJwk\":{\"x5c\":[]}}]}");
    struct vrx_foreign_entry *entries = read_all(fixture, VRX_FOREIGN_DID, 4);
    assert_ok(vrx_foreign_list_judge(entries, 4, NULL, 0, NOW));
    for (size_t i = 0; i < 4; i++)
        assert_reason(entries[i].refusal, i < 2 ? VRX_OK : VRX_INPUT_FIELD_MISSING);
    assert_true(vrx_view_equal(entries[1].name, vrx_view_text("did:web:x")));
}

static void refusal_of_what_is_no_list(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        enum vrx_foreign_format format;
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {VRX_FOREIGN_DCC, "", VRX_INPUT_MALFORMED},
        {VRX_FOREIGN_DCC, "[", VRX_INPUT_MALFORMED},
        {VRX_FOREIGN_DCC, "{}", VRX_INPUT_FIELD_MISSING},
        {VRX_FOREIGN_DCC, "{\"certificates\":{}}", VRX_INPUT_TYPE},
        {VRX_FOREIGN_DID, "[]", VRX_INPUT_TYPE},
        {VRX_FOREIGN_DID, "{\"verificationMethod\":7}", VRX_INPUT_TYPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct vrx_foreign_entry *entries = NULL;
        size_t count = 99;
        assert_reason(vrx_foreign_list_read(rows[i].format, vrx_view_text(rows[i].text),
                          &fixture->arena, &entries, &count),
            rows[i].reason);
        assert_int_equal(count, 99);
    }
}

static void refusal_foreign_list_h_size(void **state) {
    struct fixture *fixture = *state;
    struct vrx_foreign_entry *entries = NULL;
    size_t count = 0;
    char *text = calloc(1, VRX_LIMIT_FOREIGN_LIST + 1);
    assert_non_null(text);
    assert_reason(
        vrx_foreign_list_read(VRX_FOREIGN_DCC, vrx_view_of(text, VRX_LIMIT_FOREIGN_LIST + 1),
            &fixture->arena, &entries, &count),
        VRX_INPUT_TOO_LARGE);
    free(text);
    put(fixture, "[0");
    for (size_t i = 0; i < VRX_LIMIT_FOREIGN_ENTRIES; i++)
        put(fixture, ",0");
    put(fixture, "]");
    assert_reason(vrx_foreign_list_read(VRX_FOREIGN_DCC, vrx_buffer_view(&fixture->text),
                      &fixture->arena, &entries, &count),
        VRX_INPUT_TOO_LARGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_gateways_list_by_its_own_authorities),
        TEST(by_given_authorities_no_other_counts),
        TEST(refusal_rfc_5280_4_1_2_5_what_is_over),
        TEST(refusal_of_what_an_item_says_otherwise),
        TEST(the_networks_document),
        TEST(refusal_of_what_is_no_list),
        TEST(refusal_foreign_list_h_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
