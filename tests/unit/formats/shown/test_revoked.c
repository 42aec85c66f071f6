/* SPDX-License-Identifier: Apache-2.0
 *
 * Genuine certificates of the three formats, and what a list makes of them.
 */
#include "formats/shown/revoked.h"

#include <stdlib.h>

#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/shc_card.h"
#include "support/signers.h"
#include "support/vds_sample.h"

#define NOW INT64_C(1640086400) /* within all samples' time */
#define UVCI "URN:UVCI:01:JP:ABCDEFGHIJKLMNOPQRSTUVWXYZ#3"
#define RID "MKyCxh7p6uQ"        /* of the sample card */
#define SEALED_ID "JP0009990038" /* of the sample seal */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct fixture {
    struct vrx_private_key *authority;
    struct vrx_public_key *authority_public;
    struct test_signer csca;
    struct test_signer signer; /* of the first two formats */
    struct test_signer sealer; /* of the third */
    struct vrx_trust_list *trust;
    struct vrx_buffer text[3]; /* an HCERT, a card, a seal */
    struct vrx_revocation_set set;
};

static const struct test_icao seals = {.country = "JP",
    .extensions = {{"extendedKeyUsage", "critical," TEST_VDS_USAGE}},
    .from = TEST_FROM,
    .until = TEST_UNTIL};

static struct vrx_buffer hcert_text(const struct fixture *fixture) {
    const struct vrx_hcert sample = test_hcert_sample();
    struct vrx_buffer payload = {0};
    struct vrx_buffer text = {0};
    uint8_t kid[VRX_KID];
    assert_ok(vrx_signer_kid(fixture->signer.cert, kid));
    assert_ok(vrx_hcert_payload(&sample, &payload));
    assert_ok(vrx_hcert_sign(vrx_buffer_view(&payload), fixture->signer.key, kid, NULL, &text));
    vrx_buffer_done(&payload);
    return text;
}

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_ok(vrx_private_key_new_p256(&fixture->authority));
    assert_ok(vrx_private_key_public(fixture->authority, &fixture->authority_public));
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &fixture->csca);
    test_certificate(
        VRX_PROFILE_DSC_VACCINATION, &fixture->csca, 2, TEST_FROM, TEST_UNTIL, &fixture->signer);
    assert_ok(vrx_trust_list_new(&fixture->trust));
    assert_ok(vrx_trust_list_add(fixture->trust, vrx_certificate_der(fixture->signer.cert)));
    assert_ok(vrx_trust_list_add_csca(fixture->trust, vrx_certificate_der(fixture->csca.cert)));
    test_icao_certificate(&seals, &fixture->csca, &fixture->sealer);
    test_trust_issuer(fixture->trust, fixture->signer.key, SAMPLE_SHC_ISSUER);
    fixture->text[0] = hcert_text(fixture);
    fixture->text[1] = test_shc_card(fixture->signer.key, vrx_view_text(SAMPLE_SHC_PAYLOAD));
    fixture->text[2] = test_vds_seal(&fixture->sealer, SAMPLE_VDS_DATA);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_revocation_set_done(&fixture->set);
    for (size_t i = 0; i < 3; i++)
        vrx_buffer_done(&fixture->text[i]);
    vrx_trust_list_free(&fixture->trust);
    test_signer_done(&fixture->sealer);
    test_signer_done(&fixture->signer);
    test_signer_done(&fixture->csca);
    vrx_public_key_free(&fixture->authority_public);
    vrx_private_key_free(&fixture->authority);
    free(fixture);
    return 0;
}

/* Of the set as it is, good until an hour after NOW. */
static struct vrx_revocation_list *list_of(struct fixture *fixture) {
    const struct vrx_revocation_dating dating = {1, NOW, NOW + 3600};
    struct vrx_buffer message = {0};
    struct vrx_revocation_list *list = NULL;
    assert_ok(vrx_revocation_list_sign(
        &fixture->set, &dating, fixture->authority, vrx_view_text("a"), &message));
    assert_ok(
        vrx_revocation_list_parse(vrx_buffer_view(&message), fixture->authority_public, &list));
    vrx_buffer_done(&message);
    return list;
}

static void expect_at(const struct fixture *fixture, struct vrx_view text,
    const struct vrx_revocation_list *list, int64_t now, const char *verdict, const char *known) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    enum vrx_revoked revoked = VRX_REVOKED_UNKNOWN;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_shown_verify(text, fixture->trust, now, &arena, &finding, &shown));
    assert_ok(vrx_shown_revoked(&shown, list, now, &finding, &revoked));
    assert_string_equal(vrx_verdict_name(finding.verdict), verdict);
    assert_string_equal(vrx_revoked_name(revoked), known);
    assert_int_equal(finding.clause != NULL, finding.verdict != VRX_VERDICT_VALID);
    vrx_arena_done(&arena);
}

/* The three at NOW by a list of the set; the set is empty afterwards. */
static void expect_three(
    struct fixture *fixture, const char *hcert, const char *card, const char *seal) {
    const char *const known[] = {hcert, card, seal};
    struct vrx_revocation_list *list = list_of(fixture);
    for (size_t i = 0; i < 3; i++)
        expect_at(fixture, vrx_buffer_view(&fixture->text[i]), list, NOW,
            strcmp(known[i], "REVOKED") == 0 ? "REVOKED" : "VALID", known[i]);
    vrx_revocation_list_free(&list);
    vrx_revocation_set_done(&fixture->set);
}

static void speak_of(struct fixture *fixture, const struct test_signer *signer) {
    struct vrx_public_key *key = NULL;
    assert_ok(vrx_private_key_public(signer->key, &key));
    assert_ok(vrx_revocation_set_add_key(&fixture->set, key));
    vrx_public_key_free(&key);
}

static void add_text(struct fixture *fixture, const char *text) {
    uint8_t hash[VRX_REVOCATION_HASH];
    assert_ok(vrx_identifier_hash(vrx_view_text(text), hash));
    assert_ok(vrx_revocation_set_add_hashes(&fixture->set, vrx_view_of(hash, sizeof hash)));
}

static void a_list_speaks_of_its_signers_alone(void **state) {
    struct fixture *fixture = *state;
    expect_three(fixture, "UNKNOWN", "UNKNOWN", "UNKNOWN");
    speak_of(fixture, &fixture->signer);
    expect_three(fixture, "NOT_REVOKED", "NOT_REVOKED", "UNKNOWN");
    speak_of(fixture, &fixture->sealer);
    expect_three(fixture, "UNKNOWN", "UNKNOWN", "NOT_REVOKED");
}

static void without_a_list_nothing_is_known(void **state) {
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < 3; i++)
        expect_at(fixture, vrx_buffer_view(&fixture->text[i]), NULL, NOW, "VALID", "UNKNOWN");
}

/* EU DCC revocation: by any of the three hashes. */
static void an_hcert_by_each_of_its_hashes(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    uint8_t hashes[VRX_HCERT_HASHES][VRX_REVOCATION_HASH];
    add_text(fixture, SAMPLE_UVCI);
    expect_three(fixture, "REVOKED", "UNKNOWN", "UNKNOWN");
    add_text(fixture, "JP" SAMPLE_UVCI);
    expect_three(fixture, "REVOKED", "UNKNOWN", "UNKNOWN");
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_shown_verify(
        vrx_buffer_view(&fixture->text[0]), fixture->trust, NOW, &arena, &finding, &shown));
    assert_int_equal(shown.hcert.signature.len, 32);
    assert_ok(vrx_hcert_hashes(&shown.hcert, hashes));
    for (size_t i = 0; i < VRX_HCERT_HASHES; i++) {
        assert_ok(
            vrx_revocation_set_add_hashes(&fixture->set, vrx_view_of(hashes[i], sizeof hashes[i])));
        expect_three(fixture, "REVOKED", "UNKNOWN", "UNKNOWN");
    }
    vrx_arena_done(&arena);
}

static void a_card_by_its_issuers_list(void **state) {
    struct fixture *fixture = *state;
    uint8_t thumbprint[VRX_THUMBPRINT];
    test_thumbprint_of(fixture->signer.key, thumbprint);
    assert_ok(vrx_revocation_set_add_card(
        &fixture->set, thumbprint, vrx_view_text(RID), VRX_REVOKED_ALWAYS));
    expect_three(fixture, "UNKNOWN", "REVOKED", "UNKNOWN");
    assert_ok(
        vrx_revocation_set_add_card(&fixture->set, thumbprint, vrx_view_text(RID), SAMPLE_SHC_NBF));
    expect_three(fixture, "UNKNOWN", "UNKNOWN", "UNKNOWN");
    assert_ok(vrx_revocation_set_add_card(
        &fixture->set, thumbprint, vrx_view_text(RID), SAMPLE_SHC_NBF + 1));
    expect_three(fixture, "UNKNOWN", "REVOKED", "UNKNOWN");
    thumbprint[0] ^= 1;
    assert_ok(vrx_revocation_set_add_card(
        &fixture->set, thumbprint, vrx_view_text(RID), VRX_REVOKED_ALWAYS));
    expect_three(fixture, "UNKNOWN", "UNKNOWN", "UNKNOWN");
}

static void a_seal_by_its_identifier(void **state) {
    struct fixture *fixture = *state;
    add_text(fixture, SEALED_ID);
    expect_three(fixture, "UNKNOWN", "UNKNOWN", "REVOKED");
    add_text(fixture, "JPN" SEALED_ID);
    expect_three(fixture, "UNKNOWN", "UNKNOWN", "REVOKED");
}

/* Text with one text in the place of another. */
static struct vrx_buffer replaced(const char *text, const char *from, const char *to) {
    struct vrx_buffer out = {0};
    const char *at = strstr(text, from);
    assert_non_null(at);
    assert_ok(vrx_buffer_append(&out, vrx_view_of(text, (size_t)(at - text))));
    assert_ok(vrx_buffer_append(&out, vrx_view_text(to)));
    assert_ok(vrx_buffer_append(&out, vrx_view_text(at + strlen(from))));
    assert_ok(vrx_buffer_append_byte(&out, 0));
    out.len--;
    return out;
}

/* One entry stands for all certificates of an application. */
static void one_entry_for_all_of_an_application(void **state) {
    struct fixture *fixture = *state;
    char rid[VRX_RID_TEXT + 1];
    char id[VRX_VDS_ID_TEXT + 1];
    assert_ok(vrx_identifier_rid(vrx_view_text(UVCI), rid));
    assert_ok(vrx_identifier_vds(vrx_view_text(UVCI), id));
    struct vrx_buffer payload = replaced(SAMPLE_SHC_PAYLOAD, RID, rid);
    struct vrx_buffer data = replaced(SAMPLE_VDS_DATA, SEALED_ID, id);
    struct vrx_buffer card = test_shc_card(fixture->signer.key, vrx_buffer_view(&payload));
    struct vrx_buffer seal = test_vds_seal(&fixture->sealer, (const char *)data.ptr);
    speak_of(fixture, &fixture->signer);
    speak_of(fixture, &fixture->sealer);
    struct vrx_revocation_list *before = list_of(fixture);
    add_text(fixture, UVCI);
    struct vrx_revocation_list *after = list_of(fixture);
    const struct vrx_view texts[] = {vrx_buffer_view(&card), vrx_buffer_view(&seal)};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        expect_at(fixture, texts[i], before, NOW, "VALID", "NOT_REVOKED");
        expect_at(fixture, texts[i], after, NOW, "REVOKED", "REVOKED");
    }
    expect_three(fixture, "NOT_REVOKED", "NOT_REVOKED", "NOT_REVOKED");
    vrx_revocation_list_free(&before);
    vrx_revocation_list_free(&after);
    vrx_buffer_done(&payload);
    vrx_buffer_done(&data);
    vrx_buffer_done(&card);
    vrx_buffer_done(&seal);
}

/* RFC 5280 §6.3.3: what a revoked signer signed. */
static void all_of_a_revoked_signer(void **state) {
    struct fixture *fixture = *state;
    const struct test_signer *const signers[] = {&fixture->signer, &fixture->sealer};
    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        struct vrx_revocation line = {.time = NOW};
        struct vrx_crl *crl = NULL;
        assert_ok(vrx_certificate_serial(signers[i]->cert, &line.serial));
        const struct vrx_crl_request request = {1, NOW, NOW + 60, &line, 1};
        assert_ok(vrx_crl_make(&request, fixture->csca.cert, fixture->csca.key, &crl));
        assert_ok(vrx_revocation_set_add_crl(&fixture->set, crl, fixture->csca.cert));
        expect_three(fixture, i ? "UNKNOWN" : "REVOKED", "UNKNOWN", i ? "REVOKED" : "UNKNOWN");
        vrx_crl_free(&crl);
    }
}

static void a_list_that_is_over(void **state) {
    struct fixture *fixture = *state;
    speak_of(fixture, &fixture->signer);
    add_text(fixture, SAMPLE_UVCI);
    struct vrx_revocation_list *list = list_of(fixture);
    const struct vrx_view hcert = vrx_buffer_view(&fixture->text[0]);
    const struct vrx_view card = vrx_buffer_view(&fixture->text[1]);
    expect_at(fixture, card, list, NOW + 3600, "VALID", "NOT_REVOKED");
    expect_at(fixture, card, list, NOW + 3601, "REVOCATION_UNKNOWN", "STALE");
    expect_at(fixture, hcert, list, NOW + 3601, "REVOKED", "REVOKED");
    vrx_revocation_list_free(&list);
}

/* Another verdict stands, whatever a list says; and of what is not read it says nothing. */
static void other_verdicts_stand(void **state) {
    struct fixture *fixture = *state;
    add_text(fixture, SAMPLE_UVCI);
    struct vrx_revocation_list *list = list_of(fixture);
    const struct vrx_view hcert = vrx_buffer_view(&fixture->text[0]);
    expect_at(fixture, hcert, list, SAMPLE_EXPIRES + 1, "EXPIRED", "REVOKED");
    expect_at(fixture, vrx_view_text("HC1:"), list, NOW, "DAMAGED", "UNKNOWN");
    expect_at(fixture, vrx_view_text("hello"), list, NOW, "NOT_A_CERTIFICATE", "UNKNOWN");
    vrx_revocation_list_free(&list);
}

static void what_is_known_has_names(void **state) {
    (void)state;
    assert_string_equal(vrx_revoked_name(VRX_REVOKED_UNKNOWN), "UNKNOWN");
    assert_string_equal(vrx_revoked_name((enum vrx_revoked)0), "UNKNOWN");
    assert_string_equal(vrx_revoked_name((enum vrx_revoked)99), "UNKNOWN");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_list_speaks_of_its_signers_alone),
        TEST(without_a_list_nothing_is_known),
        TEST(an_hcert_by_each_of_its_hashes),
        TEST(a_card_by_its_issuers_list),
        TEST(a_seal_by_its_identifier),
        TEST(one_entry_for_all_of_an_application),
        TEST(all_of_a_revoked_signer),
        TEST(a_list_that_is_over),
        TEST(other_verdicts_stand),
        cmocka_unit_test(what_is_known_has_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
