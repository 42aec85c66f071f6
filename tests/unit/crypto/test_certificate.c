/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/certificate.c on certificates that the openssl command made
 * (tests/support/make_certificates.sh).
 */
#include <stdio.h>

#include "crypto/hash.h"
#include "crypto/x509.h"
#include "support/check.h"

static struct vrx_view load(const char *name, uint8_t *bytes, size_t capacity) {
    char path[256];
    assert_true(snprintf(path, sizeof path, "tests/fuzz/seeds/certificate/%s.der", name) > 0);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, capacity, file);
    fclose(file);
    assert_in_range(len, 100, capacity - 1);
    return vrx_view_of(bytes, len);
}

static struct vrx_certificate *read_sample(const char *name) {
    uint8_t bytes[2048];
    struct vrx_certificate *cert = NULL;
    assert_ok(vrx_certificate_from_der(load(name, bytes, sizeof bytes), &cert));
    return cert;
}

static bool is_text(struct vrx_view view, const char *text) {
    return vrx_view_equal(view, vrx_view_text(text));
}

static void every_field_of_a_terminal_certificate(void **state) {
    (void)state;
    uint8_t bytes[2048];
    const struct vrx_view der = load("leaf", bytes, sizeof bytes);
    struct vrx_certificate *cert = NULL;
    struct vrx_certificate *ca = read_sample("ca");
    assert_ok(vrx_certificate_from_der(der, &cert));
    assert_true(vrx_view_equal(vrx_certificate_der(cert), der));
    assert_int_equal(vrx_public_key_type(vrx_certificate_key(cert)), VRX_KEY_P256);
    assert_int_equal(
        vrx_certificate_not_after(cert) - vrx_certificate_not_before(cert), 365 * 86400);
    assert_true(vrx_certificate_not_before(cert) > 1600000000);
    assert_false(vrx_certificate_is_ca(cert));
    assert_true(vrx_certificate_may_sign(cert));
    assert_true(vrx_certificate_has_eku(cert));
    assert_true(vrx_certificate_eku(cert, "1.3.6.1.5.5.7.3.2"));
    assert_true(vrx_certificate_eku(cert, "1.2.392.1.2.3"));
    assert_false(vrx_certificate_eku(cert, "1.3.6.1.5.5.7.3.1"));
    assert_false(vrx_certificate_eku(cert, "1.2.392.1.2"));
    assert_false(vrx_certificate_eku(cert, "clientAuth"));
    assert_true(is_text(vrx_certificate_common_name(cert), "窓口端末 1"));
    assert_int_equal(vrx_certificate_subject_key_id(cert).len, 20);
    assert_true(
        vrx_view_equal(vrx_certificate_authority_key_id(cert), vrx_certificate_subject_key_id(ca)));
    uint8_t digest[32];
    uint8_t expected[32];
    assert_ok(vrx_certificate_sha256(cert, digest));
    assert_ok(vrx_sha256(der, expected));
    assert_memory_equal(digest, expected, 32);
    assert_ok(vrx_certificate_issued_by(cert, ca));
    vrx_certificate_free(&cert);
    vrx_certificate_free(&ca);
    assert_null(cert);
}

static void what_is_absent_reads_as_absent(void **state) {
    (void)state;
    struct vrx_certificate *cert = read_sample("leaf-bare");
    assert_false(vrx_certificate_is_ca(cert));
    assert_true(vrx_certificate_may_sign(cert)); /* no keyUsage at all */
    assert_false(vrx_certificate_has_eku(cert));
    assert_false(vrx_certificate_eku(cert, "1.3.6.1.5.5.7.3.2"));
    assert_int_equal(vrx_certificate_common_name(cert).len, 0);
    vrx_certificate_free(&cert);

    cert = read_sample("version-1");
    assert_false(vrx_certificate_is_ca(cert));
    assert_int_equal(vrx_certificate_subject_key_id(cert).len, 0);
    assert_int_equal(vrx_certificate_authority_key_id(cert).len, 0);
    vrx_certificate_free(&cert);

    cert = read_sample("leaf-encipherment");
    assert_false(vrx_certificate_may_sign(cert));
    vrx_certificate_free(&cert);
}

static void self_signed_with_other_algorithms(void **state) {
    (void)state;
    static const struct {
        const char *name;
        enum vrx_key_type type;
    } rows[] = {
        {"ca", VRX_KEY_P256},
        {"rsa", VRX_KEY_RSA},
        {"rsa-pss", VRX_KEY_RSA},
        {"ed25519", VRX_KEY_ED25519},
        {"p384", VRX_KEY_P384},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vrx_certificate *cert = read_sample(rows[i].name);
        struct vrx_certificate *again = read_sample(rows[i].name);
        assert_int_equal(vrx_public_key_type(vrx_certificate_key(cert)), rows[i].type);
        assert_true(vrx_certificate_is_ca(cert));
        assert_ok(vrx_certificate_issued_by(cert, cert));
        assert_ok(vrx_certificate_issued_by(cert, again));
        vrx_certificate_free(&cert);
        vrx_certificate_free(&again);
    }
}

static void rfc5280_6_1_3_chains_refused(void **state) {
    (void)state;
    static const struct {
        const char *cert, *issuer;
        enum vrx_reason reason;
        const char *clause;
    } rows[] = {
        {"leaf", "ca-false", VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.4 k: issuer is a CA"},
        {"leaf", "leaf-bare", VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.4 k: issuer is a CA"},
        {"leaf", "version-1", VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.4 k: issuer is a CA"},
        {"leaf", "ca-no-cert-sign", VRX_CERTIFICATE_INVALID,
            "RFC 5280 §6.1.4 n: issuer has keyCertSign"},
        {"sub-ca", "ca", VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.4 l: issuer's pathlen"},
        {"leaf", "ca-constrained", VRX_CERTIFICATE_INVALID,
            "RFC 5280 §6.1.3 b: name constraints are not understood here"},
        {"leaf-sha1", "ca", VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.3 a.1: signature algorithm"},
        {"leaf", "ca-other-name", VRX_CERTIFICATE_INVALID,
            "RFC 5280 §6.1.3 a.4: issuer's name and key identifier"},
        {"leaf", "ca-other-id", VRX_CERTIFICATE_INVALID,
            "RFC 5280 §6.1.3 a.4: issuer's name and key identifier"},
        {"leaf", "ca-other-key", VRX_SIGNATURE_INVALID, "RFC 5280 §6.1.3 a.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vrx_certificate *cert = read_sample(rows[i].cert);
        struct vrx_certificate *issuer = read_sample(rows[i].issuer);
        struct vrx_result result = vrx_certificate_issued_by(cert, issuer);
        assert_reason(result, rows[i].reason);
        assert_string_equal(result.clause, rows[i].clause);
        vrx_certificate_free(&cert);
        vrx_certificate_free(&issuer);
    }
}

/* Whatever bit is flipped: it does not parse, or it does not verify. */
static void rfc5280_6_1_3_a_1_every_bit_counts(void **state) {
    (void)state;
    uint8_t bytes[2048];
    const struct vrx_view der = load("leaf", bytes, sizeof bytes);
    struct vrx_certificate *ca = read_sample("ca");
    unsigned parsed = 0;
    for (size_t bit = 0; bit < 8 * der.len; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        struct vrx_certificate *cert = NULL;
        if (vrx_is_ok(vrx_certificate_from_der(der, &cert))) {
            parsed++;
            if (vrx_is_ok(vrx_certificate_issued_by(cert, ca)))
                fail_msg("bit %zu does not count", bit);
        }
        vrx_certificate_free(&cert);
        bytes[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    assert_true(parsed > 1000);
    vrx_certificate_free(&ca);
}

static void rfc5280_4_2_extensions_refused(void **state) {
    (void)state;
    static const struct {
        const char *name, *clause;
    } rows[] = {
        {"critical-unknown", "RFC 5280 §4.2: unrecognised critical extension"},
        {"duplicate-extension", "RFC 5280 §4.2: extensions"},
        {"brainpool", "RFC 5280 §4.1.2.7: kind of public key"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[2048];
        struct vrx_certificate *cert = NULL;
        struct vrx_result result =
            vrx_certificate_from_der(load(rows[i].name, bytes, sizeof bytes), &cert);
        assert_reason(result, VRX_CERTIFICATE_INVALID);
        assert_string_equal(result.clause, rows[i].clause);
        assert_null(cert);
    }
}

static void rfc5280_4_1_one_certificate_exactly(void **state) {
    (void)state;
    uint8_t bytes[2048];
    const struct vrx_view der = load("leaf", bytes, sizeof bytes);
    struct vrx_certificate *cert = NULL;
    bytes[der.len] = 0;
    assert_reason(
        vrx_certificate_from_der(vrx_view_of(bytes, der.len + 1), &cert), VRX_INPUT_TRAILING);
    for (size_t len = 0; len < der.len; len++)
        assert_reason(
            vrx_certificate_from_der(vrx_view_of(bytes, len), &cert), VRX_CERTIFICATE_INVALID);
    static const uint8_t large[VRX_CERTIFICATE_MAX + 1] = {0x30, 0x82, 0x3f, 0xfd};
    assert_reason(
        vrx_certificate_from_der(vrx_view_of(large, sizeof large), &cert), VRX_CERTIFICATE_INVALID);
    assert_null(cert);
}

static void pem_rfc7468_5(void **state) {
    (void)state;
    struct vrx_certificate *cert = read_sample("leaf");
    struct vrx_certificate *again = NULL;
    struct vrx_buffer pem = {0};
    assert_ok(vrx_buffer_append(&pem, vrx_view_text("subject=a comment\n")));
    assert_ok(vrx_certificate_to_pem(cert, &pem));
    assert_ok(vrx_certificate_from_pem(vrx_buffer_view(&pem), &again));
    assert_true(vrx_view_equal(vrx_certificate_der(cert), vrx_certificate_der(again)));
    vrx_certificate_free(&again);
    pem.ptr[pem.len / 2] = '!';
    assert_reason(vrx_certificate_from_pem(vrx_buffer_view(&pem), &again), VRX_CERTIFICATE_INVALID);
    assert_reason(
        vrx_certificate_from_pem(vrx_view_text("none here"), &again), VRX_CERTIFICATE_INVALID);
    assert_null(again);
    vrx_buffer_done(&pem);
    vrx_certificate_free(&cert);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_a_terminal_certificate),
        cmocka_unit_test(what_is_absent_reads_as_absent),
        cmocka_unit_test(self_signed_with_other_algorithms),
        cmocka_unit_test(rfc5280_6_1_3_chains_refused),
        cmocka_unit_test(rfc5280_6_1_3_a_1_every_bit_counts),
        cmocka_unit_test(rfc5280_4_2_extensions_refused),
        cmocka_unit_test(rfc5280_4_1_one_certificate_exactly),
        cmocka_unit_test(pem_rfc7468_5),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
