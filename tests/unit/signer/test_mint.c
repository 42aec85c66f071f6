/* SPDX-License-Identifier: Apache-2.0 */
#include "signer/mint.h"

#include <stdlib.h>

#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/signers.h"

struct fixture {
    struct test_signer csca;
    struct test_signer dsc;
    struct vrx_buffer certificate_pem;
    struct vrx_secret *key_pem;
};

static void write_pems(struct fixture *fixture) {
    vrx_buffer_done(&fixture->certificate_pem);
    vrx_secret_free(&fixture->key_pem);
    assert_ok(vrx_certificate_to_pem(fixture->dsc.cert, &fixture->certificate_pem));
    assert_ok(vrx_private_key_to_pem(fixture->dsc.key, &fixture->key_pem));
}

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &fixture->csca);
    test_certificate(
        VRX_PROFILE_DSC_VACCINATION, &fixture->csca, 2, TEST_FROM, TEST_UNTIL, &fixture->dsc);
    write_pems(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_buffer_done(&fixture->certificate_pem);
    vrx_secret_free(&fixture->key_pem);
    test_signer_done(&fixture->dsc);
    test_signer_done(&fixture->csca);
    free(fixture);
    return 0;
}

static struct vrx_result new_mint(const struct fixture *fixture, struct vrx_mint **ret_mint) {
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_from_pem(vrx_secret_view(fixture->key_pem), &key));
    struct vrx_result result =
        vrx_mint_new(vrx_buffer_view(&fixture->certificate_pem), &key, ret_mint);
    assert_null(key);
    return result;
}

static struct vrx_mint *mint_of(const struct fixture *fixture) {
    struct vrx_mint *mint = NULL;
    assert_ok(new_mint(fixture, &mint));
    return mint;
}

/* Of one HCERT. */
static struct vrx_issue_content content_of(const struct vrx_hcert *hcert) {
    return (struct vrx_issue_content){.formats = {{VRX_FORMAT_HCERT}, 1},
        .uvci = hcert->identifier,
        .issued = hcert->issued,
        .expires = hcert->expires,
        .hcert = *hcert};
}

static void made_certificate_verifies_with_the_signer_alone(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_mint *mint = mint_of(fixture);
    struct vrx_hcert content = test_hcert_sample();
    struct vrx_hcert read;
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_buffer text = {0};
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    const struct vrx_issue_content whole = content_of(&content);
    assert_int_equal(vrx_mint_not_after(mint, &whole.formats), TEST_UNTIL);
    assert_ok(vrx_mint_make(mint, &whole, &text));
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add(trust, vrx_certificate_der(fixture->dsc.cert)));
    assert_ok(
        vrx_hcert_verify(vrx_buffer_view(&text), trust, SAMPLE_ISSUED, &arena, &finding, &read));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_true(vrx_view_equal(read.identifier, content.identifier));
    vrx_arena_done(&arena);
    vrx_trust_list_free(&trust);
    vrx_buffer_done(&text);
    vrx_mint_free(&mint);
}

static void expect_new(const struct fixture *fixture, enum vrx_reason reason) {
    struct vrx_mint *mint = NULL;
    assert_reason(new_mint(fixture, &mint), reason);
    assert_null(mint);
}

static void refusal_key_of_another_certificate(void **state) {
    struct fixture *fixture = *state;
    vrx_secret_free(&fixture->key_pem);
    assert_ok(vrx_private_key_to_pem(fixture->csca.key, &fixture->key_pem));
    expect_new(fixture, VRX_KEY_INVALID);
}

static void refusal_rfc_5280_4_2_1_3_an_authority_does_not_sign_documents(void **state) {
    struct fixture *fixture = *state;
    vrx_buffer_done(&fixture->certificate_pem);
    vrx_secret_free(&fixture->key_pem);
    assert_ok(vrx_certificate_to_pem(fixture->csca.cert, &fixture->certificate_pem));
    assert_ok(vrx_private_key_to_pem(fixture->csca.key, &fixture->key_pem));
    expect_new(fixture, VRX_CERTIFICATE_INVALID);
}

/* A terminal's certificate has digitalSignature and is for something else. */
static void refusal_rfc_5280_4_2_1_12_not_for_vaccination_certificates(void **state) {
    struct fixture *fixture = *state;
    struct test_signer platform = {0};
    test_certificate(VRX_PROFILE_PLATFORM_CA, NULL, 3, TEST_FROM, TEST_UNTIL, &platform);
    vrx_certificate_free(&fixture->dsc.cert);
    test_certificate(VRX_PROFILE_TERMINAL, &platform, 4, TEST_FROM, TEST_UNTIL, &fixture->dsc);
    write_pems(fixture);
    expect_new(fixture, VRX_CERTIFICATE_INVALID);
    test_signer_done(&platform);
}

static void expect_make(
    const struct vrx_mint *mint, const struct vrx_hcert *content, enum vrx_reason reason) {
    struct vrx_buffer text = {0};
    const struct vrx_issue_content whole = content_of(content);
    assert_reason(vrx_mint_check(mint, &whole), reason);
    assert_reason(vrx_mint_make(mint, &whole, &text), reason);
    assert_int_equal(text.len, 0);
    vrx_buffer_done(&text);
}

static void refusal_hcert_3_3_outside_the_signer_s_validity(void **state) {
    struct vrx_mint *mint = mint_of(*state);
    struct vrx_hcert content = test_hcert_sample();
    content.expires = (int64_t)TEST_UNTIL + 1;
    expect_make(mint, &content, VRX_CERTIFICATE_INVALID);
    content = test_hcert_sample();
    content.issued = (int64_t)TEST_FROM - 1;
    expect_make(mint, &content, VRX_CERTIFICATE_INVALID);
    vrx_mint_free(&mint);
}

static void refusal_content_that_is_not_to_be_signed(void **state) {
    struct vrx_mint *mint = mint_of(*state);
    struct vrx_hcert content = test_hcert_sample();
    content.identifier = vrx_view_text("URN:UVCI:01:JP:X");
    expect_make(mint, &content, VRX_CHECK_DIGIT_WRONG);
    content = test_hcert_sample();
    content.surname = (struct vrx_view){0};
    expect_make(mint, &content, VRX_INPUT_FIELD_MISSING);
    vrx_mint_free(&mint);
}

/* ---- keys of the other formats ---- */

static void expect_shc(struct vrx_mint *mint, const char *issuer, enum vrx_reason reason) {
    struct vrx_private_key *key = NULL;
    const struct vrx_issue_formats card = vrx_issue_formats_of(VRX_CERTIFICATE_DOMESTIC);
    assert_ok(vrx_private_key_new_p256(&key));
    assert_reason(vrx_mint_add_shc(mint, vrx_view_text(issuer), &key), reason);
    assert_null(key);
    assert_reason(vrx_mint_ready(mint, &card), reason == VRX_OK ? VRX_OK : VRX_KIND_NOT_ISSUED);
}

static void refusal_shc_issuer_s_address(void **state) {
    struct vrx_mint *mint = mint_of(*state);
    expect_shc(mint, "http://cards.example", VRX_INPUT_RANGE);
    expect_shc(mint, "https://cards.example/", VRX_INPUT_RANGE);
    expect_shc(mint, "https://cards.example", VRX_OK);
    assert_true(vrx_view_equal(vrx_mint_shc_issuer(mint), vrx_view_text("https://cards.example")));
    vrx_mint_free(&mint);
}

/* signer: its key is taken. */
static void expect_vds(const struct fixture *fixture, struct test_signer *signer,
    const struct test_signer *authority, enum vrx_reason reason) {
    struct vrx_mint *mint = mint_of(fixture);
    struct vrx_buffer certificate = {0};
    struct vrx_buffer issuer = {0};
    const struct vrx_issue_formats seal = {{VRX_FORMAT_VDS_NC}, 1};
    assert_ok(vrx_certificate_to_pem(signer->cert, &certificate));
    assert_ok(vrx_certificate_to_pem(authority->cert, &issuer));
    assert_reason(vrx_mint_add_vds(
                      mint, vrx_buffer_view(&certificate), vrx_buffer_view(&issuer), &signer->key),
        reason);
    assert_reason(vrx_mint_ready(mint, &seal), reason == VRX_OK ? VRX_OK : VRX_KIND_NOT_ISSUED);
    if (reason == VRX_OK)
        assert_int_equal(vrx_mint_not_after(mint, &seal), TEST_UNTIL - 1);
    test_signer_done(signer);
    vrx_buffer_done(&certificate);
    vrx_buffer_done(&issuer);
    vrx_mint_free(&mint);
}

static void refusal_vds_nc_of_a_signer_that_verifiers_do_not_take(void **state) {
    const struct fixture *fixture = *state;
    struct test_signer signer = {0};
    struct test_signer other = {0};
    test_certificate(VRX_PROFILE_CSCA, NULL, 3, TEST_FROM, TEST_UNTIL, &other);
    test_certificate(VRX_PROFILE_VDS_SIGNER, &fixture->csca, 4, TEST_FROM, TEST_UNTIL - 1, &signer);
    expect_vds(fixture, &signer, &fixture->csca, VRX_OK);
    test_certificate(VRX_PROFILE_VDS_SIGNER, &other, 5, TEST_FROM, TEST_UNTIL, &signer);
    expect_vds(fixture, &signer, &fixture->csca, VRX_CERTIFICATE_INVALID);
    test_certificate(
        VRX_PROFILE_DSC_VACCINATION, &fixture->csca, 6, TEST_FROM, TEST_UNTIL, &signer);
    expect_vds(fixture, &signer, &fixture->csca, VRX_CERTIFICATE_INVALID);
    test_certificate(VRX_PROFILE_VDS_SIGNER, &fixture->csca, 7, TEST_FROM, TEST_UNTIL, &signer);
    vrx_private_key_free(&signer.key);
    assert_ok(vrx_private_key_new_p256(&signer.key));
    expect_vds(fixture, &signer, &fixture->csca, VRX_KEY_INVALID);
    test_signer_done(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(made_certificate_verifies_with_the_signer_alone),
        TEST(refusal_key_of_another_certificate),
        TEST(refusal_rfc_5280_4_2_1_3_an_authority_does_not_sign_documents),
        TEST(refusal_rfc_5280_4_2_1_12_not_for_vaccination_certificates),
        TEST(refusal_hcert_3_3_outside_the_signer_s_validity),
        TEST(refusal_content_that_is_not_to_be_signed),
        TEST(refusal_shc_issuer_s_address),
        TEST(refusal_vds_nc_of_a_signer_that_verifiers_do_not_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
