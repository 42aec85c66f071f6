/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation as others published it: the EU's sample of hashes (VRX_VECTORS/dcc-revocation), and
 * the list of Australia's passport authority (VRX_VECTORS/vds-nc), which is verified by its
 * certificate.
 */
#include <stdio.h>

#include "cose/sign1.h"
#include "formats/shown/revoked.h"
#include "support/check.h"
#include "support/vectors.h"

static const char *const expected[VRX_HCERT_HASHES] = {
    "expUCI", "expCOUNTRYCODEUCI", "expSIGNATURE"};

/* The three hashes of one barcode, whoever signed it. */
static bool hashes_agree(const json_t *sample) {
    struct vrx_buffer message = {0};
    struct vrx_sign1 parsed;
    struct vrx_hcert hcert;
    uint8_t hashes[VRX_HCERT_HASHES][VRX_REVOCATION_HASH];
    const char *text = vrx_vector_text(sample, "barcodeData");
    bool agree = text != NULL;
    assert_true(agree);
    assert_ok(vrx_hcert_unpack(vrx_view_text(text), &message));
    assert_ok(vrx_sign1_parse_foreign(vrx_buffer_view(&message), &parsed));
    assert_ok(vrx_hcert_read(parsed.payload, &hcert));
    hcert.signature = vrx_hcert_revocable(&parsed);
    assert_ok(vrx_hcert_hashes(&hcert, hashes));
    for (size_t i = 0; i < VRX_HCERT_HASHES; i++) {
        char hex[2 * VRX_REVOCATION_HASH + 1];
        vrx_hex_string(vrx_view_of(hashes[i], sizeof hashes[i]), hex);
        const char *wanted = vrx_vector_text(sample, expected[i]);
        agree = agree && wanted && strcmp(wanted, hex) == 0;
    }
    vrx_buffer_done(&message);
    return agree;
}

static enum vrx_vector_outcome check_file(const json_t *file, const char **ret_why) {
    size_t at = 0;
    const json_t *sample = NULL;
    size_t passed = 0;
    json_array_foreach(file, at, sample) passed += hashes_agree(sample);
    print_message("  samples: %zu of %zu passed\n", passed, json_array_size(file));
    if (passed && passed == json_array_size(file))
        return VRX_VECTOR_PASSED;
    *ret_why = "a hash is another";
    return VRX_VECTOR_FAILED;
}

static void dcc_revocation(void **state) {
    (void)state;
    vrx_vectors_run("dcc-revocation", check_file);
}

/* Skips the test where the folder is absent. */
static struct vrx_buffer load(const char *name) {
    struct vrx_buffer out = {0};
    uint8_t bytes[VRX_CERTIFICATE_MAX];
    char path[4096];
    assert_true((size_t)snprintf(path, sizeof path, "%s/vds-nc/%s", vrx_vectors_folder(), name) <
                sizeof path);
    FILE *file = fopen(path, "rb");
    if (!file) {
        print_message("vectors vds-nc: absent\n");
        skip();
    }
    const size_t len = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    assert_ok(vrx_buffer_append(&out, vrx_view_of(bytes, len)));
    return out;
}

static void list_of_australias_authority(void **state) {
    (void)state;
    struct vrx_buffer list = load("app-crlData.der");
    struct vrx_buffer authority = load("app-cscaCertData.der");
    struct vrx_crl *crl = NULL;
    struct vrx_certificate *csca = NULL;
    struct vrx_revocation_set set = {0};
    assert_ok(vrx_crl_from_der(vrx_buffer_view(&list), &crl));
    assert_ok(vrx_certificate_from_der(vrx_buffer_view(&authority), &csca));
    assert_ok(vrx_revocation_set_add_crl(&set, crl, csca));
    assert_int_equal(set.table[VRX_REVOKED_SIGNERS].len, 0); /* it names nobody */
    assert_int_equal(vrx_crl_next_update(crl), 1637121415);  /* 2021-11-17T03:56:55Z */
    list.ptr[list.len - 1] ^= 1;
    vrx_crl_free(&crl);
    assert_ok(vrx_crl_from_der(vrx_buffer_view(&list), &crl));
    assert_reason(vrx_revocation_set_add_crl(&set, crl, csca), VRX_SIGNATURE_INVALID);
    print_message("vectors vds-nc: 1 revocation list passed, 0 failed, 0 skipped\n");
    vrx_revocation_set_done(&set);
    vrx_certificate_free(&csca);
    vrx_crl_free(&crl);
    vrx_buffer_done(&authority);
    vrx_buffer_done(&list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dcc_revocation),
        cmocka_unit_test(list_of_australias_authority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
