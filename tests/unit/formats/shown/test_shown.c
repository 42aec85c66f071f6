/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/shown/shown.h"

#include <stdlib.h>

#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/shc_card.h"
#include "support/signers.h"
#include "support/vds_sample.h"

#define NOW INT64_C(1640086400) /* within both samples' time */

struct fixture {
    struct test_signer csca;
    struct test_signer signer; /* of the first two formats */
    struct test_signer sealer; /* of the third */
    struct vrx_trust_list *trust;
};

static const struct test_icao seals = {.country = "JP",
    .extensions = {{"extendedKeyUsage", "critical," TEST_VDS_USAGE}},
    .from = TEST_FROM,
    .until = TEST_UNTIL};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &fixture->csca);
    test_certificate(
        VRX_PROFILE_DSC_VACCINATION, &fixture->csca, 2, TEST_FROM, TEST_UNTIL, &fixture->signer);
    assert_ok(vrx_trust_list_new(&fixture->trust));
    assert_ok(vrx_trust_list_add(fixture->trust, vrx_certificate_der(fixture->signer.cert)));
    assert_ok(vrx_trust_list_add_csca(fixture->trust, vrx_certificate_der(fixture->csca.cert)));
    test_icao_certificate(&seals, &fixture->csca, &fixture->sealer);
    test_trust_issuer(fixture->trust, fixture->signer.key, SAMPLE_SHC_ISSUER);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    vrx_trust_list_free(&fixture->trust);
    test_signer_done(&fixture->sealer);
    test_signer_done(&fixture->signer);
    test_signer_done(&fixture->csca);
    free(fixture);
    return 0;
}

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

static void expect(const struct fixture *fixture, struct vrx_view text, const char *verdict,
    enum vrx_format format) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_shown shown = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_shown_verify(text, fixture->trust, NOW, &arena, &finding, &shown));
    assert_string_equal(vrx_verdict_name(finding.verdict), verdict);
    assert_int_equal(finding.readable, format != 0);
    assert_int_equal(shown.format, format);
    assert_int_equal(shown.hcert.dose > 0, format == VRX_FORMAT_HCERT);
    assert_int_equal(shown.shc.dose_count > 0, format == VRX_FORMAT_SHC);
    assert_int_equal(shown.vds_nc.dose_count > 0, format == VRX_FORMAT_VDS_NC);
    vrx_arena_done(&arena);
}

static void each_format_is_recognised(void **state) {
    const struct fixture *fixture = *state;
    struct vrx_buffer hcert = hcert_text(fixture);
    struct vrx_buffer card = test_shc_card(fixture->signer.key, vrx_view_text(SAMPLE_SHC_PAYLOAD));
    expect(fixture, vrx_buffer_view(&hcert), "VALID", VRX_FORMAT_HCERT);
    struct vrx_buffer seal = test_vds_seal(&fixture->sealer, SAMPLE_VDS_DATA);
    expect(fixture, vrx_buffer_view(&card), "VALID", VRX_FORMAT_SHC);
    expect(fixture, vrx_buffer_view(&seal), "VALID", VRX_FORMAT_VDS_NC);
    vrx_buffer_done(&seal);
    vrx_buffer_done(&card);
    vrx_buffer_done(&hcert);
}

static void what_is_none_of_them_is_no_certificate(void **state) {
    expect(*state, (struct vrx_view){0}, "NOT_A_CERTIFICATE", 0);
    expect(*state, vrx_view_text("hello"), "NOT_A_CERTIFICATE", 0);
    expect(*state, vrx_view_text("shc:"), "NOT_A_CERTIFICATE", 0);
    expect(*state, vrx_view_text("HC1"), "NOT_A_CERTIFICATE", 0);
    expect(*state, vrx_view_text("{\"t\":\"icao.test\"}"), "NOT_A_CERTIFICATE", 0);
    expect(*state, vrx_view_text("HC1:"), "DAMAGED", 0);
    expect(*state, vrx_view_text("{\"icao.vacc\""), "DAMAGED", 0);
    expect(*state, vrx_view_text("shc:/"), "DAMAGED", 0);
}

static void formats_have_names(void **state) {
    (void)state;
    assert_string_equal(vrx_format_name(VRX_FORMAT_HCERT), "HCERT");
    assert_string_equal(vrx_format_name(VRX_FORMAT_SHC), "SHC");
    assert_string_equal(vrx_format_name(VRX_FORMAT_VDS_NC), "VDS_NC");
    assert_string_equal(vrx_format_name((enum vrx_format)0), "UNKNOWN");
    assert_string_equal(vrx_format_name((enum vrx_format)99), "UNKNOWN");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(each_format_is_recognised),
        TEST(what_is_none_of_them_is_no_certificate),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
