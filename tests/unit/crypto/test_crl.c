/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/crl.c: lists made and read back, and those that are none. What openssl thinks of
 * them is in tests/system/revocation.test.mjs.
 */
#include "crypto/crl.h"

#include <openssl/x509v3.h>

#include "crypto/random.h"
#include "support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NOW ((int64_t)1640995200)
#define DAY ((int64_t)86400)

static struct vrx_private_key *key;
static struct vrx_private_key *other_key;
static struct vrx_certificate *ca;
static struct vrx_certificate *other_ca; /* of another name */
static struct vrx_certificate *leaf[3];

static struct vrx_certificate *certificate(const struct vrx_private_key *subject,
    const struct vrx_private_key *signer, const struct vrx_certificate *issuer, const char *name) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_certificate *made = NULL;
    assert_ok(vrx_private_key_public(subject, &public));
    struct vrx_certificate_request request = {
        .profile = issuer ? VRX_PROFILE_TERMINAL : VRX_PROFILE_PLATFORM_CA,
        .subject_key = public,
        .common_name = vrx_view_text(name),
        .not_before = NOW,
        .not_after = NOW + (issuer ? 300 : 3000) * DAY,
    };
    assert_ok(vrx_random_fill(vrx_random_system(), request.serial, sizeof request.serial));
    assert_ok(vrx_certificate_make(&request, issuer, signer, &made));
    return made;
}

static int set_up(void **state) {
    (void)state;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_new_p256(&other_key));
    ca = certificate(key, key, NULL, "CA");
    other_ca = certificate(other_key, other_key, NULL, "other CA");
    for (size_t i = 0; i < 3; i++)
        leaf[i] = certificate(other_key, key, ca, "leaf");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++)
        vrx_certificate_free(&leaf[i]);
    vrx_certificate_free(&ca);
    vrx_certificate_free(&other_ca);
    vrx_private_key_free(&key);
    vrx_private_key_free(&other_key);
    return 0;
}

static struct vrx_crl *list_of(uint64_t number, size_t count) {
    struct vrx_revocation revoked[3] = {0};
    struct vrx_crl *crl = NULL;
    for (size_t i = 0; i < count; i++) {
        assert_ok(vrx_certificate_serial(leaf[i], &revoked[i].serial));
        revoked[i].time = NOW + 5;
        revoked[i].reason = i ? VRX_REVOCATION_UNSPECIFIED : VRX_REVOCATION_KEY_COMPROMISE;
    }
    struct vrx_crl_request request = {number, NOW + 10, NOW + 10 + DAY, revoked, count};
    assert_ok(vrx_crl_make(&request, ca, key, &crl));
    return crl;
}

static void a_list_names_what_is_revoked(void **state) {
    (void)state;
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = list_of(7, 2);
    assert_int_equal(vrx_crl_count(crl), 2);
    assert_true(vrx_crl_names(crl, leaf[0]));
    assert_true(vrx_crl_names(crl, leaf[1]));
    assert_false(vrx_crl_names(crl, leaf[2]));
    assert_false(vrx_crl_names(crl, ca));
    assert_int_equal(vrx_crl_this_update(crl), NOW + 10);
    assert_int_equal(vrx_crl_next_update(crl), NOW + 10 + DAY);
    struct vrx_crl *none VRX_CLEANUP(vrx_crl_free) = list_of(8, 0);
    assert_int_equal(vrx_crl_count(none), 0);
    assert_false(vrx_crl_names(none, leaf[0]));
}

/* A certificate and its line in its CA's list have one name, which no other has. */
static void a_certificate_and_its_line_have_one_name(void **state) {
    (void)state;
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = list_of(7, 2);
    uint8_t of_leaf[3][32];
    uint8_t of_line[2][32];
    for (size_t i = 0; i < 3; i++)
        assert_ok(vrx_certificate_issue_sha256(leaf[i], of_leaf[i]));
    for (size_t i = 0; i < 2; i++)
        assert_ok(vrx_crl_issue_sha256(crl, i, of_line[i]));
    /* A list is kept in the order of its serial numbers. */
    const size_t first = memcmp(of_leaf[0], of_line[0], 32) == 0 ? 0 : 1;
    assert_memory_equal(of_leaf[first], of_line[0], 32);
    assert_memory_equal(of_leaf[1 - first], of_line[1], 32);
    assert_memory_not_equal(of_leaf[0], of_leaf[1], 32);
    assert_memory_not_equal(of_leaf[2], of_leaf[1], 32);
    assert_reason(vrx_crl_issue_sha256(crl, 2, of_line[0]), VRX_NOT_FOUND);
}

/* The same serial number of another issuer is another certificate. */
static void a_list_speaks_of_its_own_issuers_certificates(void **state) {
    (void)state;
    struct vrx_crl *crl = NULL;
    struct vrx_revocation revoked = {.time = NOW};
    assert_ok(vrx_certificate_serial(leaf[0], &revoked.serial));
    struct vrx_crl_request request = {1, NOW, NOW + DAY, &revoked, 1};
    assert_ok(vrx_crl_make(&request, other_ca, other_key, &crl));
    assert_false(vrx_crl_names(crl, leaf[0]));
    vrx_crl_free(&crl);
}

static void rfc5280_5_2_3_numbers_ascend(void **state) {
    (void)state;
    struct vrx_crl *first VRX_CLEANUP(vrx_crl_free) = list_of(255, 0);
    struct vrx_crl *second VRX_CLEANUP(vrx_crl_free) = list_of(256, 0);
    assert_true(vrx_crl_is_older(first, second));
    assert_false(vrx_crl_is_older(second, first));
    assert_false(vrx_crl_is_older(first, first));
}

static void rfc5280_6_3_3_only_the_cas_own_list_counts(void **state) {
    (void)state;
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = list_of(1, 1);
    assert_ok(vrx_crl_issued_by(crl, ca));
    assert_reason(vrx_crl_issued_by(crl, other_ca), VRX_CERTIFICATE_INVALID);
    assert_reason(vrx_crl_issued_by(crl, leaf[0]), VRX_CERTIFICATE_INVALID);
    struct vrx_buffer changed VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_crl *forged VRX_CLEANUP(vrx_crl_free) = NULL;
    assert_ok(vrx_buffer_append(&changed, vrx_crl_der(crl)));
    changed.ptr[changed.len - 1] ^= 1; /* of the signature */
    struct vrx_result read = vrx_crl_from_der(vrx_buffer_view(&changed), &forged);
    if (vrx_is_ok(read))
        assert_reason(vrx_crl_issued_by(forged, ca), VRX_SIGNATURE_INVALID);
}

static void a_list_of_another_key_is_not_made(void **state) {
    (void)state;
    struct vrx_crl *crl = NULL;
    struct vrx_crl_request request = {1, NOW, NOW + DAY, NULL, 0};
    assert_reason(vrx_crl_make(&request, ca, other_key, &crl), VRX_KEY_INVALID);
    assert_reason(vrx_crl_make(&request, leaf[0], other_key, &crl), VRX_CERTIFICATE_INVALID);
    request.next_update = NOW;
    assert_reason(vrx_crl_make(&request, ca, key, &crl), VRX_INPUT_RANGE);
    assert_null(crl);
}

static void a_file_has_lists_in_pem_or_one_in_der(void **state) {
    (void)state;
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = list_of(1, 1);
    struct vrx_crl *next VRX_CLEANUP(vrx_crl_free) = list_of(2, 2);
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_crls crls VRX_CLEANUP(vrx_crls_done) = {0};
    assert_ok(vrx_crls_read(vrx_crl_der(next), &crls));
    assert_int_equal(crls.count, 1);
    vrx_crls_done(&crls);
    assert_ok(vrx_buffer_append(&pem, vrx_view_text("issued today\n")));
    assert_ok(vrx_crl_to_pem(crl, &pem));
    assert_ok(vrx_crl_to_pem(next, &pem));
    assert_ok(vrx_crls_read(vrx_buffer_view(&pem), &crls));
    assert_int_equal(crls.count, 2);
    assert_int_equal(vrx_crl_count(crls.list[1]), 2);
}

static void what_is_no_list_is_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"", "text", "-----BEGIN X509 CRL-----\nAAAA\n",
        "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n", "\x30\x03\x02\x01\x01"};
    struct vrx_crls crls = {0};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_reason(vrx_crls_read(vrx_view_text(texts[i]), &crls), VRX_CERTIFICATE_INVALID);
    struct vrx_buffer pem VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_certificate_to_pem(ca, &pem));
    assert_reason(vrx_crls_read(vrx_buffer_view(&pem), &crls), VRX_CERTIFICATE_INVALID);
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = list_of(1, 1);
    vrx_buffer_clear(&pem);
    for (size_t i = 0; i <= VRX_CRLS_MAX; i++)
        assert_ok(vrx_crl_to_pem(crl, &pem));
    assert_reason(vrx_crls_read(vrx_buffer_view(&pem), &crls), VRX_CAP_REACHED);
    vrx_buffer_clear(&pem);
    assert_ok(vrx_buffer_append(&pem, vrx_crl_der(crl)));
    assert_ok(vrx_buffer_append_byte(&pem, 0));
    assert_reason(vrx_crls_read(vrx_buffer_view(&pem), &crls), VRX_INPUT_TRAILING);
    assert_int_equal(crls.count, 0);
}

static void put_nothing(X509_CRL *crl) {
    (void)crl;
}

static void drop_number(X509_CRL *crl) {
    int at = X509_CRL_get_ext_by_NID(crl, NID_crl_number, -1);
    X509_EXTENSION_free(X509_CRL_delete_ext(crl, at));
}

static void put_delta(X509_CRL *crl) {
    ASN1_INTEGER *base = ASN1_INTEGER_new();
    ASN1_INTEGER_set(base, 1);
    assert_int_equal(X509_CRL_add1_ext_i2d(crl, NID_delta_crl, base, 1, 0), 1);
    ASN1_INTEGER_free(base);
}

static void put_unknown(X509_CRL *crl) {
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *oid = OBJ_txt2obj("1.2.3.4", 1);
    ASN1_OCTET_STRING_set(octets, (const unsigned char *)"\x05", 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, octets);
    assert_int_equal(X509_CRL_add_ext(crl, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(octets);
}

/* Extensions are read before the signature is looked at. */
static void rfc5280_5_2_partial_lists_are_refused(void **state) {
    (void)state;
    static void (*const changes[])(X509_CRL *) = {put_nothing, drop_number, put_delta, put_unknown};
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = list_of(1, 1);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        const unsigned char *at = vrx_crl_der(crl).ptr;
        struct vrx_crl *read VRX_CLEANUP(vrx_crl_free) = NULL;
        unsigned char *der = NULL;
        X509_CRL *own = d2i_X509_CRL(NULL, &at, (long)vrx_crl_der(crl).len);
        assert_non_null(own);
        changes[i](own);
        int len = i2d_re_X509_CRL_tbs(own, &der);
        assert_true(len > 0);
        OPENSSL_free(der);
        der = NULL;
        len = i2d_X509_CRL(own, &der);
        struct vrx_result result = vrx_crl_from_der(vrx_view_of(der, (size_t)len), &read);
        assert_reason(result, i ? VRX_CERTIFICATE_INVALID : VRX_OK);
        OPENSSL_free(der);
        X509_CRL_free(own);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_names_what_is_revoked),
        cmocka_unit_test(a_certificate_and_its_line_have_one_name),
        cmocka_unit_test(a_list_speaks_of_its_own_issuers_certificates),
        cmocka_unit_test(rfc5280_5_2_3_numbers_ascend),
        cmocka_unit_test(rfc5280_6_3_3_only_the_cas_own_list_counts),
        cmocka_unit_test(a_list_of_another_key_is_not_made),
        cmocka_unit_test(a_file_has_lists_in_pem_or_one_in_der),
        cmocka_unit_test(what_is_no_list_is_refused),
        cmocka_unit_test(rfc5280_5_2_partial_lists_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
