/* SPDX-License-Identifier: Apache-2.0
 *
 * cert-issuer/formats/vds/vds_nc_write.c: the data that are written are their own canonical form,
 * the seal verifies with a signer as `vrx pki vds-signer` makes it, and what ICAO's tables have no
 * room for is refused.
 */
#include <stdio.h>

#include "base/limits.h"
#include "formats/vds/vds_nc.h"
#include "support/check.h"
#include "support/vds_sample.h"

#define NOW ((int64_t)1640000000)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct vrx_vds_nc_dose sample_doses[VRX_LIMIT_DOSES];

static struct vrx_vds_nc sample(void) {
    for (size_t i = 0; i < VRX_LIMIT_DOSES; i++)
        sample_doses[i] = (struct vrx_vds_nc_dose){.prophylaxis = vrx_view_text("XM68M6"),
            .product = vrx_view_text("Comirnaty"),
            .disease = vrx_view_text("RA01.0"),
            .date = vrx_view_text(i ? "2021-07-05" : "2021-06-13"),
            .number = (uint32_t)i + 1,
            .country = vrx_view_text("JPN"),
            .centre = vrx_view_text("Sapporo City"),
            .lot = vrx_view_text(i ? "ER7449" : "EP2163")};
    return (struct vrx_vds_nc){.issuer = vrx_view_text("JPN"),
        .identifier = vrx_view_text("JP0009990038"),
        .surname = vrx_view_text("YAMADA"),
        .given = vrx_view_text("HANAKO"),
        .birth_date = vrx_view_text("1964-08-12"),
        .sex = vrx_view_text("F"),
        .document = vrx_view_text("TR1234567"),
        .doses = sample_doses,
        .dose_count = 2};
}

static void data_are_canonical(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer data = {0};
    const struct vrx_vds_nc vds = sample();
    assert_ok(vrx_vds_nc_data(&vds, &data));
    assert_true(vrx_view_equal(vrx_buffer_view(&data), vrx_view_text(SAMPLE_VDS_DATA)));
    struct vrx_buffer canonical = test_vds_canonical(SAMPLE_VDS_DATA);
    assert_true(vrx_view_equal(vrx_buffer_view(&data), vrx_buffer_view(&canonical)));
    vrx_buffer_done(&canonical);
}

static void assert_reads_back(const struct vrx_vds_nc *vds) {
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer data = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer again = {0};
    json_t *json = NULL;
    struct vrx_vds_nc read;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_vds_nc_data(vds, &data));
    assert_ok(vrx_foreign_json_read(vrx_buffer_view(&data), &json));
    assert_ok(vrx_vds_nc_read(json, &arena, &read));
    vrx_foreign_json_done(&json);
    assert_int_equal(read.dose_count, vds->dose_count);
    assert_true(vrx_view_equal(read.surname, vds->surname));
    assert_true(vrx_view_equal(read.given, vds->given));
    assert_ok(vrx_vds_nc_data(&read, &again));
    assert_true(vrx_view_equal(vrx_buffer_view(&data), vrx_buffer_view(&again)));
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    struct vrx_vds_nc vds = sample();
    assert_reads_back(&vds);
    vds.sex = (struct vrx_view){0};
    vds.given = (struct vrx_view){0};
    vds.surname = vrx_view_text("DE LA \"CRUZ\\");
    assert_reads_back(&vds);
    vds.dose_count = VRX_LIMIT_DOSES;
    assert_reads_back(&vds);
}

/* Three doses, the second of another product: two events, the doses of a vaccine together. */
static void doses_of_a_vaccine_stand_in_one_event(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer data = {0};
    json_t *json = NULL;
    struct vrx_vds_nc read;
    struct vrx_vds_nc vds = sample();
    vds.dose_count = 3;
    sample_doses[1].product = vrx_view_text("Spikevax");
    vrx_arena_init(&arena, 0);
    assert_reads_back(&vds);
    assert_ok(vrx_vds_nc_data(&vds, &data));
    assert_ok(vrx_foreign_json_read(vrx_buffer_view(&data), &json));
    const json_t *events = json_object_get(json_object_get(json, "msg"), "ve");
    assert_int_equal(json_array_size(events), 2);
    assert_int_equal(json_array_size(json_object_get(json_array_get(events, 0), "vd")), 2);
    assert_ok(vrx_vds_nc_read(json, &arena, &read));
    assert_int_equal(read.doses[0].number, 1);
    assert_int_equal(read.doses[1].number, 3);
    assert_int_equal(read.doses[2].number, 2);
    vrx_foreign_json_done(&json);
}

static void signed_seal_verifies_by_its_authority(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer data = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct test_signer csca = {0};
    struct test_signer signer = {0};
    struct vrx_trust_list *trust = NULL;
    struct vrx_finding finding;
    struct vrx_vds_nc read;
    struct vrx_vds_nc vds = sample();
    vds.dose_count = 8;
    vrx_arena_init(&arena, 0);
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &csca);
    test_certificate(VRX_PROFILE_VDS_SIGNER, &csca, 2, TEST_FROM, TEST_UNTIL, &signer);
    assert_ok(vrx_trust_list_new(&trust));
    assert_ok(vrx_trust_list_add_csca(trust, vrx_certificate_der(csca.cert)));
    assert_ok(vrx_vds_nc_data(&vds, &data));
    assert_ok(vrx_vds_nc_sign(vrx_buffer_view(&data), signer.key, signer.cert, &text));
    assert_true(vrx_vds_nc_recognise(vrx_buffer_view(&text)));
    assert_ok(vrx_vds_nc_verify(vrx_buffer_view(&text), trust, NOW, &arena, &finding, &read));
    assert_string_equal(vrx_verdict_name(finding.verdict), "VALID");
    assert_int_equal(read.dose_count, 8);
    text.ptr[50] ^= 1;
    assert_ok(vrx_vds_nc_verify(vrx_buffer_view(&text), trust, NOW, &arena, &finding, &read));
    assert_string_not_equal(vrx_verdict_name(finding.verdict), "VALID");
    vrx_trust_list_free(&trust);
    test_signer_done(&signer);
    test_signer_done(&csca);
}

static void refusal_iso_18004_longer_than_any_qr_code(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer data = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
    struct test_signer csca = {0};
    struct vrx_vds_nc vds = sample();
    vds.dose_count = VRX_LIMIT_DOSES;
    test_certificate(VRX_PROFILE_CSCA, NULL, 1, TEST_FROM, TEST_UNTIL, &csca);
    assert_ok(vrx_vds_nc_data(&vds, &data));
    assert_reason(
        vrx_vds_nc_sign(vrx_buffer_view(&data), csca.key, csca.cert, &text), VRX_INPUT_TOO_LARGE);
    assert_int_equal(text.len, 0);
    test_signer_done(&csca);
}

/* ---- refusals ---- */

static void expect(const struct vrx_vds_nc *vds, enum vrx_reason reason) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer data = {0};
    assert_reason(vrx_vds_nc_data(vds, &data), reason);
    assert_int_equal(data.len, 0);
}

static void refusal_of_a_text(void **state) {
    (void)state;
    const struct {
        size_t offset;
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {offsetof(struct vrx_vds_nc, issuer), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc, issuer), "JAPA", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc, identifier), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc, identifier), "1234567890123", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc, surname), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc, surname), "山田", VRX_INPUT_TEXT},
        {offsetof(struct vrx_vds_nc, surname), "YAMADA  X", VRX_INPUT_TEXT},
        {offsetof(struct vrx_vds_nc, surname), "YAMADA ", VRX_INPUT_TEXT},
        {offsetof(struct vrx_vds_nc, given), " HANAKO", VRX_INPUT_TEXT},
        {offsetof(struct vrx_vds_nc, given), "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF",
            VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc, document), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc, document), "TR1234567890", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc, sex), "FM", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc, birth_date), "", VRX_INPUT_MALFORMED},
        {offsetof(struct vrx_vds_nc, birth_date), "19640812", VRX_INPUT_MALFORMED},
        {offsetof(struct vrx_vds_nc, birth_date), "1964-08-32", VRX_DATE_INVALID},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vrx_vds_nc vds = sample();
        const struct vrx_view text = vrx_view_text(rows[i].text);
        memcpy((char *)&vds + rows[i].offset, &text, sizeof text);
        expect(&vds, rows[i].reason);
    }
}

static void refusal_of_a_dose(void **state) {
    (void)state;
    const struct {
        size_t offset;
        const char *text;
        enum vrx_reason reason;
    } rows[] = {
        {offsetof(struct vrx_vds_nc_dose, prophylaxis), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc_dose, prophylaxis), "XM68M6X", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc_dose, product), "コミナティ", VRX_INPUT_TEXT},
        {offsetof(struct vrx_vds_nc_dose, disease), "RA01.00", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc_dose, country), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc_dose, centre), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc_dose, centre), "A town of a long name", VRX_INPUT_TOO_LARGE},
        {offsetof(struct vrx_vds_nc_dose, lot), "", VRX_INPUT_FIELD_MISSING},
        {offsetof(struct vrx_vds_nc_dose, date), "2021-7-5", VRX_INPUT_MALFORMED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct vrx_vds_nc vds = sample();
        const struct vrx_view text = vrx_view_text(rows[i].text);
        memcpy((char *)&sample_doses[1] + rows[i].offset, &text, sizeof text);
        expect(&vds, rows[i].reason);
    }
}

static void refusal_of_numbers(void **state) {
    (void)state;
    struct vrx_vds_nc vds = sample();
    sample_doses[0].number = 0;
    expect(&vds, VRX_INPUT_RANGE);
    sample_doses[0].number = 100;
    expect(&vds, VRX_INPUT_RANGE);
    vds = sample();
    vds.dose_count = 0;
    expect(&vds, VRX_INPUT_RANGE);
    vds.dose_count = VRX_LIMIT_DOSES + 1;
    expect(&vds, VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_are_canonical),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(doses_of_a_vaccine_stand_in_one_event),
        cmocka_unit_test(signed_seal_verifies_by_its_authority),
        cmocka_unit_test(refusal_iso_18004_longer_than_any_qr_code),
        cmocka_unit_test(refusal_of_a_text),
        cmocka_unit_test(refusal_of_a_dose),
        cmocka_unit_test(refusal_of_numbers),
    };
    return cmocka_run_group_tests_name("formats/vds/vds_nc_write", tests, NULL, NULL);
}
