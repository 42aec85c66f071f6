/* SPDX-License-Identifier: Apache-2.0
 *
 * The seals that Australia's passport office published (VRX_VECTORS/vds-nc): a genuine one, the
 * same with a name changed, JSON that is no seal; judged by the country's real authority, with RSA.
 * app-crlData.der is read in tests/wire/revocation.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "formats/vds/vds_nc.h"
#include "support/check.h"

#define NOW ((int64_t)1640000000)         /* 2021-12-20 */
#define SIGNER_ENDS ((int64_t)1948543199) /* 2031-09-30T13:59:59Z */
#define SEALS 3

static const struct {
    const char *file;
    enum vrx_verdict verdict;
    enum vrx_verdict without_authority;
    const char *clause; /* its beginning; NULL: none */
} rows[SEALS] = {
    {"app-validVDSJson.json", VRX_VERDICT_VALID, VRX_VERDICT_ISSUER_UNKNOWN, NULL},
    {"app-invalidVDSJson.json", VRX_VERDICT_DAMAGED, VRX_VERDICT_ISSUER_UNKNOWN, "RFC 9053 §2.1"},
    {"app-nonVDSJson.json", VRX_VERDICT_NOT_A_CERTIFICATE, VRX_VERDICT_NOT_A_CERTIFICATE,
        "VDS-NC 1.1: JSON"},
};

/* Skips the test where the folder is absent. */
static struct vrx_buffer load(const char *name) {
    const char *vectors = getenv("VRX_VECTORS");
    struct vrx_buffer out = {0};
    uint8_t bytes[VRX_LIMIT_VDS_TEXT];
    char path[4096];
    assert_true((size_t)snprintf(path, sizeof path, "%s/vds-nc/%s",
                    vectors ? vectors : "../shared/vectors", name) < sizeof path);
    FILE *file = fopen(path, "rb");
    if (!file) {
        print_message("vectors vds-nc: absent\n");
        skip();
    }
    const size_t len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    assert_in_range(len, 1, sizeof bytes - 1);
    assert_ok(vrx_buffer_append(&out, vrx_view_of(bytes, len)));
    return out;
}

static int setup(void **state) {
    struct vrx_trust_list *trust = NULL;
    assert_ok(vrx_trust_list_new(&trust));
    *state = trust;
    return 0;
}

static int teardown(void **state) {
    struct vrx_trust_list *trust = *state;
    vrx_trust_list_free(&trust);
    return 0;
}

static void trust_australia(struct vrx_trust_list *trust) {
    struct vrx_buffer csca = load("app-cscaCertData.der");
    assert_ok(vrx_trust_list_add_csca(trust, vrx_buffer_view(&csca)));
    vrx_buffer_done(&csca);
}

static struct vrx_finding judge(
    struct vrx_view text, const struct vrx_trust_list *trust, int64_t now) {
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_vds_nc vds = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_vds_nc_verify(text, trust, now, &arena, &finding, &vds));
    vrx_arena_done(&arena);
    return finding;
}

static void published_seals(void **state) {
    struct vrx_trust_list *trust = *state;
    size_t passed = 0;
    for (size_t i = 0; i < SEALS; i++) {
        struct vrx_buffer text = load(rows[i].file);
        const struct vrx_finding finding = judge(vrx_buffer_view(&text), trust, NOW);
        assert_string_equal(
            vrx_verdict_name(finding.verdict), vrx_verdict_name(rows[i].without_authority));
        vrx_buffer_done(&text);
    }
    trust_australia(trust);
    for (size_t i = 0; i < SEALS; i++) {
        struct vrx_buffer text = load(rows[i].file);
        const struct vrx_finding finding = judge(vrx_buffer_view(&text), trust, NOW);
        assert_string_equal(vrx_verdict_name(finding.verdict), vrx_verdict_name(rows[i].verdict));
        if (rows[i].clause)
            assert_memory_equal(finding.clause, rows[i].clause, strlen(rows[i].clause));
        vrx_buffer_done(&text);
        passed++;
    }
    print_message("vectors vds-nc: %zu passed, 0 failed, 0 skipped\n", passed);
}

static void content_of_the_genuine_one(void **state) {
    struct vrx_trust_list *trust = *state;
    trust_australia(trust);
    struct vrx_buffer text = load(rows[0].file);
    struct vrx_arena arena;
    struct vrx_finding finding = {0};
    struct vrx_vds_nc vds = {0};
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_vds_nc_verify(vrx_buffer_view(&text), trust, NOW, &arena, &finding, &vds));
    assert_true(finding.readable);
    assert_true(vrx_view_equal(vds.surname, vrx_view_text("CITIZEN")));
    assert_true(vrx_view_equal(vds.given, vrx_view_text("JANE CATHERINE")));
    assert_int_equal(vds.expires, SIGNER_ENDS);
    assert_true(vrx_view_equal(vds.issuer, vrx_view_text("AUS")));
    assert_int_equal(vds.dose_count, 2);
    assert_true(vrx_view_equal(vds.doses[1].lot, vrx_view_text("ER7449")));
    vrx_arena_done(&arena);
    vrx_buffer_done(&text);
}

static void it_ends_with_its_signer(void **state) {
    struct vrx_trust_list *trust = *state;
    trust_australia(trust);
    struct vrx_buffer text = load(rows[0].file);
    const struct vrx_view view = vrx_buffer_view(&text);
    assert_int_equal(judge(view, trust, SIGNER_ENDS).verdict, VRX_VERDICT_VALID);
    assert_int_equal(judge(view, trust, SIGNER_ENDS + 1).verdict, VRX_VERDICT_EXPIRED);
    vrx_buffer_done(&text);
}

static void any_byte_of_the_genuine_one_changed(void **state) {
    struct vrx_trust_list *trust = *state;
    trust_australia(trust);
    struct vrx_buffer text = load(rows[0].file);
    for (size_t i = 0; i < text.len; i++) {
        text.ptr[i] ^= 0x01;
        const struct vrx_finding finding = judge(vrx_buffer_view(&text), trust, NOW);
        if (finding.verdict == VRX_VERDICT_VALID || finding.readable)
            fail_msg("byte %zu: %s", i, vrx_verdict_name(finding.verdict));
        text.ptr[i] ^= 0x01;
    }
    vrx_buffer_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(published_seals, setup, teardown),
        cmocka_unit_test_setup_teardown(content_of_the_genuine_one, setup, teardown),
        cmocka_unit_test_setup_teardown(it_ends_with_its_signer, setup, teardown),
        cmocka_unit_test_setup_teardown(any_byte_of_the_genuine_one_changed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
