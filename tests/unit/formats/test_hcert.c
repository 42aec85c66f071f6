/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/hcert.c: the payload byte by byte, and what is not issued.
 */
#include "formats/hcert.h"

#include "base/limits.h"
#include "support/check.h"
#include "support/hcert_sample.h"
#include "support/signers.h"

/* The sample in deterministic CBOR, written by another encoder. */
static const char sample_hex[] =
    "a401624a50041a63458360061a61644fe0390103a101a4617681aa626369782b55524e3a555643493a30313a4a50"
    "3a4d5a5857365954424f4a5447363333434d465a474d3333504d492348"
    "62636f624a5062646e026264746a323032312d30382d30326269736c536170706f726f2043697479626d616d4f52"
    "472d313030303330323135626d706c45552f312f32302f3135323862736402627467693834303533393030366276"
    "706a3131313933343930303763646f626a313936342d30382d3132636e616da462666e6659414d41444162676e66"
    "48414e414b4f63666e746659414d41444163676e746648414e414b4f6376657265312e332e30";

static void payload_is_deterministic_cbor(void **state) {
    (void)state;
    struct vrx_hcert hcert = test_hcert_sample();
    struct vrx_buffer out = {0};
    assert_ok(vrx_hcert_payload(&hcert, &out));
    assert_hex(out.ptr, out.len, sample_hex);
    vrx_buffer_done(&out);
}

static void payload_reads_back(void **state) {
    (void)state;
    struct vrx_hcert hcert = test_hcert_sample();
    struct vrx_hcert back;
    struct vrx_buffer out = {0};
    struct vrx_buffer again = {0};
    assert_ok(vrx_hcert_payload(&hcert, &out));
    assert_ok(vrx_hcert_read(vrx_buffer_view(&out), &back));
    assert_ok(vrx_hcert_payload(&back, &again));
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_buffer_view(&again)));
    assert_int_equal(back.issued, SAMPLE_ISSUED);
    assert_int_equal(back.expires, SAMPLE_EXPIRES);
    vrx_buffer_done(&out);
    vrx_buffer_done(&again);
}

/* One field changed, one refusal. */
static void expect_text(size_t offset, const char *text, enum vrx_reason reason) {
    struct vrx_hcert hcert = test_hcert_sample();
    struct vrx_buffer out = {0};
    struct vrx_view view = vrx_view_text(text);
    memcpy((char *)&hcert + offset, &view, sizeof view);
    assert_reason(vrx_hcert_payload(&hcert, &out), reason);
    assert_int_equal(out.len, 0);
    vrx_buffer_done(&out);
}

#define AT(member) offsetof(struct vrx_hcert, member)

static void refusal_dcc_schema_required(void **state) {
    (void)state;
    static const size_t texts[] = {AT(issuer), AT(version), AT(surname), AT(surname_mrz), AT(given),
        AT(given_mrz), AT(birth_date), AT(disease), AT(country), AT(authority), AT(identifier),
        AT(prophylaxis), AT(product), AT(manufacturer), AT(date)};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        expect_text(texts[i], "", VRX_INPUT_FIELD_MISSING);
}

static void refusal_dcc_schema_maxlength_80(void **state) {
    (void)state;
    char longest[82];
    memset(longest, 'A', sizeof longest);
    longest[80] = 0;
    struct vrx_hcert hcert = test_hcert_sample();
    struct vrx_buffer out = {0};
    hcert.surname = vrx_view_text(longest);
    assert_ok(vrx_hcert_payload(&hcert, &out));
    vrx_buffer_done(&out);
    longest[80] = 'A';
    longest[81] = 0;
    expect_text(AT(surname), longest, VRX_INPUT_TOO_LARGE);
}

static void refusal_dcc_schema_texts(void **state) {
    (void)state;
    expect_text(AT(surname), "\xff", VRX_INPUT_TEXT);
    expect_text(AT(surname_mrz), "Yamada", VRX_INPUT_TEXT);
    expect_text(AT(given_mrz), "HANAKO MARIA", VRX_INPUT_TEXT);
    expect_text(AT(birth_date), "19640812", VRX_INPUT_MALFORMED);
    expect_text(AT(birth_date), "1964-08", VRX_INPUT_MALFORMED);
    expect_text(AT(birth_date), "1964-02-30", VRX_DATE_INVALID);
    expect_text(AT(date), "2021-13-01", VRX_DATE_INVALID);
    expect_text(AT(date), "2021/08/02", VRX_INPUT_MALFORMED);
    expect_text(AT(country), "JPN", VRX_INPUT_RANGE);
    expect_text(AT(issuer), "jp", VRX_INPUT_RANGE);
}

static void refusal_uvci_annex_2_check_character(void **state) {
    (void)state;
    expect_text(
        AT(identifier), "URN:UVCI:01:JP:MZXW6YTBOJTG633CMFZGM33PMI#G", VRX_CHECK_DIGIT_WRONG);
    expect_text(AT(identifier), "URN:UVCI:01:JP:MZXW6YTBOJTG633CMFZGM33PMI", VRX_CHECK_DIGIT_WRONG);
}

static void refusal_dcc_schema_numbers(void **state) {
    (void)state;
    struct vrx_hcert rows[5];
    for (size_t i = 0; i < 5; i++)
        rows[i] = test_hcert_sample();
    rows[0].dose = 0;
    rows[1].series = 0;
    rows[2].kind = VRX_HCERT_TEST;
    rows[3].expires = rows[3].issued;
    rows[4].issued = -1;
    for (size_t i = 0; i < 5; i++) {
        struct vrx_buffer out = {0};
        assert_reason(vrx_hcert_payload(&rows[i], &out), VRX_INPUT_RANGE);
        vrx_buffer_done(&out);
    }
}

static void refusal_iso_18004_table_7_too_long_for_a_qr_code(void **state) {
    (void)state;
    struct test_signer signer = {0};
    uint8_t kid[VRX_KID] = {0};
    uint8_t noise[6000];
    struct vrx_buffer out = {0};
    uint32_t value = 1;
    for (size_t i = 0; i < sizeof noise; i++) {
        value = value * 1664525 + 1013904223;
        noise[i] = (uint8_t)(value >> 24);
    }
    assert_ok(vrx_private_key_new_p256(&signer.key));
    assert_reason(vrx_hcert_sign(vrx_view_of(noise, sizeof noise), signer.key, kid, NULL, &out),
        VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 0);
    test_signer_done(&signer);
    vrx_buffer_done(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_is_deterministic_cbor),
        cmocka_unit_test(payload_reads_back),
        cmocka_unit_test(refusal_dcc_schema_required),
        cmocka_unit_test(refusal_dcc_schema_maxlength_80),
        cmocka_unit_test(refusal_dcc_schema_texts),
        cmocka_unit_test(refusal_uvci_annex_2_check_character),
        cmocka_unit_test(refusal_dcc_schema_numbers),
        cmocka_unit_test(refusal_iso_18004_table_7_too_long_for_a_qr_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
