/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/certificate_icao.c; lists that are wrong in every way are in
 * tests/unit/formats/test_vds_nc.c, where they decide something.
 */
#include "crypto/x509.h"
#include "support/check.h"
#include "support/icao_signers.h"

static struct test_signer csca;

static int setup(void **state) {
    (void)state;
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &csca);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_signer_done(&csca);
    return 0;
}

static void expect(const struct test_icao *icao, const char *country, const char *type,
    enum vrx_document_types expected) {
    struct test_signer signer = {0};
    enum vrx_document_types types = VRX_DOCUMENT_TYPES_ABSENT;
    test_icao_certificate(icao, &csca, &signer);
    assert_true(vrx_view_equal(vrx_certificate_country(signer.cert), vrx_view_text(country)));
    assert_ok(vrx_certificate_document_type(signer.cert, type, &types));
    assert_int_equal(types, expected);
    test_signer_done(&signer);
}

static void country_of_the_subject(void **state) {
    (void)state;
    struct test_icao icao = {.country = "AU", .from = TEST_FROM, .until = TEST_UNTIL};
    expect(&icao, "AU", "NV", VRX_DOCUMENT_TYPES_ABSENT);
    icao.second_country = "JP";
    expect(&icao, "", "NV", VRX_DOCUMENT_TYPES_ABSENT);
    icao.country = NULL;
    icao.second_country = NULL;
    expect(&icao, "", "NV", VRX_DOCUMENT_TYPES_ABSENT);
    assert_true(vrx_view_equal(vrx_certificate_country(csca.cert), vrx_view_text("JP")));
}

static void icao_9303_12_7_1_1_6_document_types(void **state) {
    (void)state;
    struct test_icao icao = {.country = "JP",
        .extensions = {{"2.23.136.1.1.6.2", "DER:300d020100310813024e5413024e56"}},
        .from = TEST_FROM,
        .until = TEST_UNTIL};
    expect(&icao, "JP", "NV", VRX_DOCUMENT_TYPES_NAMED);
    expect(&icao, "JP", "NT", VRX_DOCUMENT_TYPES_NAMED);
    expect(&icao, "JP", "N", VRX_DOCUMENT_TYPES_OTHERS);
    expect(&icao, "JP", "P", VRX_DOCUMENT_TYPES_OTHERS);
    icao.extensions[0][1] = "DER:0500";
    expect(&icao, "JP", "NV", VRX_DOCUMENT_TYPES_OTHERS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(country_of_the_subject),
        cmocka_unit_test(icao_9303_12_7_1_1_6_document_types),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
