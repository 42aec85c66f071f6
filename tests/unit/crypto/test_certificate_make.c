/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/certificate_make.c: each profile field by field, read with the library and not with
 * the code under test.
 */
#include <openssl/x509v3.h>

#include "crypto/x509.h"
#include "support/check.h"

#define NOT_BEFORE ((int64_t)1640000000) /* 2021-12-20 */
#define DAY ((int64_t)86400)

struct pki {
    struct vrx_private_key *ca_key, *leaf_key;
    struct vrx_public_key *ca_public, *leaf_public;
    struct vrx_certificate *ca;
};

static struct vrx_certificate_request request_for(
    enum vrx_certificate_profile profile, const struct vrx_public_key *key) {
    struct vrx_certificate_request request = {
        .profile = profile,
        .subject_key = key,
        .country = vrx_view_text("JP"),
        .organization = vrx_view_text("札幌市"),
        .common_name = vrx_view_text("試験"),
        .serial = {0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        .not_before = NOT_BEFORE,
        .not_after = NOT_BEFORE + 365 * DAY,
    };
    if (profile == VRX_PROFILE_SERVER)
        request.alternative_names = vrx_view_text("DNS:localhost,IP:127.0.0.1,IP:::1");
    return request;
}

static int set_up(void **state) {
    static struct pki pki;
    pki = (struct pki){0};
    assert_ok(vrx_private_key_new_p256(&pki.ca_key));
    assert_ok(vrx_private_key_new_p256(&pki.leaf_key));
    assert_ok(vrx_private_key_public(pki.ca_key, &pki.ca_public));
    assert_ok(vrx_private_key_public(pki.leaf_key, &pki.leaf_public));
    struct vrx_certificate_request request = request_for(VRX_PROFILE_CSCA, pki.ca_public);
    request.not_after = NOT_BEFORE + 3650 * DAY;
    assert_ok(vrx_certificate_make(&request, NULL, pki.ca_key, &pki.ca));
    *state = &pki;
    return 0;
}

static int tear_down(void **state) {
    struct pki *pki = *state;
    vrx_private_key_free(&pki->ca_key);
    vrx_private_key_free(&pki->leaf_key);
    vrx_public_key_free(&pki->ca_public);
    vrx_public_key_free(&pki->leaf_public);
    vrx_certificate_free(&pki->ca);
    return 0;
}

static X509 *parse(const struct vrx_certificate *cert) {
    const struct vrx_view der = vrx_certificate_der(cert);
    const unsigned char *at = der.ptr;
    X509 *x509 = d2i_X509(NULL, &at, (long)der.len);
    assert_non_null(x509);
    return x509;
}

/* The names of the extensions in their order, critical ones with a "!". */
static void assert_extensions(const X509 *x509, const char *expected) {
    char names[400] = "";
    for (int i = 0; i < X509_get_ext_count(x509); i++) {
        X509_EXTENSION *extension = X509_get_ext(x509, i);
        size_t len = strlen(names);
        assert_true(snprintf(names + len, sizeof names - len, "%s%s%s", i ? " " : "",
                        OBJ_nid2sn(OBJ_obj2nid(X509_EXTENSION_get_object(extension))),
                        X509_EXTENSION_get_critical(extension) ? "!" : "") > 0);
    }
    assert_string_equal(names, expected);
}

static void assert_name(X509_NAME *name, const char *expected) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    X509_NAME_print_ex(bio, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    long len = BIO_get_mem_data(bio, &text);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(text, expected, strlen(expected));
    BIO_free(bio);
}

static void assert_time(const ASN1_TIME *time, int64_t expected) {
    assert_int_equal(ASN1_TIME_cmp_time_t(time, (time_t)expected), 0);
}

/* What all profiles share. */
static void assert_common(X509 *x509, int64_t not_after) {
    static const uint8_t serial[16] = {0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    assert_int_equal(X509_get_version(x509), X509_VERSION_3);
    const ASN1_INTEGER *number = X509_get0_serialNumber(x509);
    assert_int_equal(ASN1_STRING_length(number), 16);
    assert_int_equal(ASN1_STRING_type(number), V_ASN1_INTEGER); /* not the negative kind */
    assert_memory_equal(ASN1_STRING_get0_data(number), serial, 16);
    assert_int_equal(X509_get_signature_nid(x509), NID_ecdsa_with_SHA256);
    assert_name(X509_get_subject_name(x509), "C = JP, O = 札幌市, CN = 試験");
    assert_name(X509_get_issuer_name(x509), "C = JP, O = 札幌市, CN = 試験");
    assert_time(X509_get0_notBefore(x509), NOT_BEFORE);
    assert_time(X509_get0_notAfter(x509), not_after);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    assert_int_equal(X509_pubkey_digest(x509, EVP_sha1(), digest, &len), 1);
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x509);
    assert_non_null(id);
    assert_int_equal(ASN1_STRING_length(id), 20);
    assert_memory_equal(ASN1_STRING_get0_data(id), digest, 20);
}

static void ca_profiles(void **state) {
    struct pki *pki = *state;
    static const enum vrx_certificate_profile cas[] = {VRX_PROFILE_PLATFORM_CA, VRX_PROFILE_CSCA};
    for (size_t i = 0; i < 2; i++) {
        struct vrx_certificate_request request = request_for(cas[i], pki->ca_public);
        request.not_after = NOT_BEFORE + 3650 * DAY;
        struct vrx_certificate *cert = NULL;
        assert_ok(vrx_certificate_make(&request, NULL, pki->ca_key, &cert));
        assert_ok(vrx_certificate_issued_by(cert, cert));
        X509 *x509 = parse(cert);
        assert_common(x509, NOT_BEFORE + 3650 * DAY);
        assert_extensions(x509, "basicConstraints! keyUsage! subjectKeyIdentifier");
        assert_int_equal(X509_get_key_usage(x509), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
        assert_int_equal(X509_get_pathlen(x509), 0);
        assert_int_equal(X509_check_ca(x509), 1);
        assert_true(vrx_certificate_is_ca(cert));
        assert_false(vrx_certificate_may_sign(cert));
        X509_free(x509);
        vrx_certificate_free(&cert);
    }
}

/* ICAO Doc 9303-12 §7.1.1.6 */
static void signer_of_vds_nc_is_for_their_document_type(void **state) {
    struct pki *pki = *state;
    struct vrx_certificate_request request = request_for(VRX_PROFILE_VDS_SIGNER, pki->leaf_public);
    struct vrx_certificate *cert = NULL;
    enum vrx_document_types types = VRX_DOCUMENT_TYPES_ABSENT;
    assert_ok(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert));
    assert_ok(vrx_certificate_document_type(cert, "NV", &types));
    assert_int_equal(types, VRX_DOCUMENT_TYPES_NAMED);
    assert_ok(vrx_certificate_document_type(cert, "NT", &types));
    assert_int_equal(types, VRX_DOCUMENT_TYPES_OTHERS);
    vrx_certificate_free(&cert);
}

static void leaf_profiles(void **state) {
    struct pki *pki = *state;
    static const struct {
        enum vrx_certificate_profile profile;
        const char *purpose, *extensions;
    } rows[] = {
        {VRX_PROFILE_SERVER, "1.3.6.1.5.5.7.3.1",
            "keyUsage! extendedKeyUsage subjectKeyIdentifier authorityKeyIdentifier "
            "subjectAltName"},
        {VRX_PROFILE_TERMINAL, "1.3.6.1.5.5.7.3.2",
            "keyUsage! extendedKeyUsage subjectKeyIdentifier authorityKeyIdentifier"},
        {VRX_PROFILE_DSC_VACCINATION, "1.3.6.1.4.1.1847.2021.1.2",
            "keyUsage! extendedKeyUsage subjectKeyIdentifier authorityKeyIdentifier"},
        {VRX_PROFILE_VDS_SIGNER, "2.23.136.1.1.14.2",
            "keyUsage! extendedKeyUsage! UNDEF subjectKeyIdentifier authorityKeyIdentifier"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vrx_certificate_request request = request_for(rows[i].profile, pki->leaf_public);
        struct vrx_certificate *cert = NULL;
        assert_ok(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert));
        assert_ok(vrx_certificate_issued_by(cert, pki->ca));
        X509 *x509 = parse(cert);
        assert_common(x509, NOT_BEFORE + 365 * DAY);
        assert_extensions(x509, rows[i].extensions);
        assert_int_equal(X509_get_key_usage(x509), KU_DIGITAL_SIGNATURE);
        EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
        assert_int_equal(sk_ASN1_OBJECT_num(purposes), 1);
        char oid[64];
        assert_true(OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(purposes, 0), 1) > 0);
        assert_string_equal(oid, rows[i].purpose);
        EXTENDED_KEY_USAGE_free(purposes);
        const struct vrx_view id = vrx_certificate_subject_key_id(pki->ca);
        const ASN1_OCTET_STRING *authority = X509_get0_authority_key_id(x509);
        assert_int_equal(ASN1_STRING_length(authority), id.len);
        assert_memory_equal(ASN1_STRING_get0_data(authority), id.ptr, id.len);
        X509_free(x509);
        vrx_certificate_free(&cert);
    }
}

static void server_alternative_names(void **state) {
    struct pki *pki = *state;
    struct vrx_certificate_request request = request_for(VRX_PROFILE_SERVER, pki->leaf_public);
    struct vrx_certificate *cert = NULL;
    assert_ok(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert));
    X509 *x509 = parse(cert);
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(names), 3);
    GENERAL_NAMES_free(names);
    assert_int_equal(X509_check_host(x509, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, "example.jp", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(x509, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(x509, "127.0.0.2", 0), 0);
    X509_free(x509);
    vrx_certificate_free(&cert);
}

static void rfc5280_4_2_1_6_alternative_names_refused(void **state) {
    struct pki *pki = *state;
    static const char *const refused[] = {"", ",", "localhost", "DNS:", "DNS:a,", ",DNS:a",
        "IP:", "IP:127.0.0", "IP:localhost", "DNS:.a", "DNS:-a", "DNS:a b", "DNS:LOCALHOST",
        "DNS:*", "email:a@example.jp", "dirName:section", "URI:https://example.jp", "DNS:a,,DNS:b",
        "IP:127.0.0.1/8"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_certificate_request request = request_for(VRX_PROFILE_SERVER, pki->leaf_public);
        request.alternative_names = vrx_view_text(refused[i]);
        struct vrx_certificate *cert = NULL;
        assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), VRX_INPUT_RANGE);
        assert_null(cert);
    }
    char name[300] = "DNS:";
    memset(name + 4, 'a', 254);
    struct vrx_certificate_request request = request_for(VRX_PROFILE_SERVER, pki->leaf_public);
    request.alternative_names = vrx_view_text(name);
    struct vrx_certificate *cert = NULL;
    assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), VRX_INPUT_RANGE);
    /* In any other profile there are none. */
    request = request_for(VRX_PROFILE_TERMINAL, pki->leaf_public);
    request.alternative_names = vrx_view_text("DNS:localhost");
    assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), VRX_INPUT_RANGE);
    assert_null(cert);
}

static void rfc5280_4_1_2_6_subjects_refused(void **state) {
    struct pki *pki = *state;
    static const char long_name[] =
        "12345678901234567890123456789012345678901234567890123456789012345"; /* 65 */
    static const struct {
        enum vrx_certificate_profile profile;
        const char *country, *organization, *common_name;
    } refused[] = {
        {VRX_PROFILE_DSC_VACCINATION, "", "o", "c"},
        {VRX_PROFILE_TERMINAL, "J", "o", "c"},
        {VRX_PROFILE_TERMINAL, "jp", "o", "c"},
        {VRX_PROFILE_TERMINAL, "JPN", "o", "c"},
        {VRX_PROFILE_TERMINAL, "JP", "o", ""},
        {VRX_PROFILE_TERMINAL, "JP", "o", long_name},
        {VRX_PROFILE_TERMINAL, "JP", long_name, "c"},
        {VRX_PROFILE_TERMINAL, "JP", "o", "a\nb"},
        {VRX_PROFILE_TERMINAL, "JP", "o", "\xff\xfe"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_certificate_request request = request_for(refused[i].profile, pki->leaf_public);
        request.country = vrx_view_text(refused[i].country);
        request.organization = vrx_view_text(refused[i].organization);
        request.common_name = vrx_view_text(refused[i].common_name);
        struct vrx_certificate *cert = NULL;
        assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), VRX_INPUT_RANGE);
        assert_null(cert);
    }
    struct vrx_certificate_request request = request_for(VRX_PROFILE_CSCA, pki->ca_public);
    request.country = vrx_view_text("");
    struct vrx_certificate *cert = NULL;
    assert_reason(vrx_certificate_make(&request, NULL, pki->ca_key, &cert), VRX_INPUT_RANGE);
    request.profile = VRX_PROFILE_PLATFORM_CA;
    request.organization = vrx_view_text("");
    assert_ok(vrx_certificate_make(&request, NULL, pki->ca_key, &cert));
    vrx_certificate_free(&cert);
}

static void icao9303_12_2_two_tiers(void **state) {
    struct pki *pki = *state;
    struct vrx_certificate *cert = NULL;
    struct vrx_certificate *leaf = NULL;
    struct vrx_certificate_request request = request_for(VRX_PROFILE_CSCA, pki->leaf_public);
    assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), VRX_INPUT_RANGE);
    request = request_for(VRX_PROFILE_TERMINAL, pki->leaf_public);
    assert_reason(vrx_certificate_make(&request, NULL, pki->leaf_key, &cert), VRX_INPUT_RANGE);
    assert_ok(vrx_certificate_make(&request, pki->ca, pki->ca_key, &leaf));
    assert_reason(
        vrx_certificate_make(&request, leaf, pki->leaf_key, &cert), VRX_CERTIFICATE_INVALID);
    assert_null(cert);
    vrx_certificate_free(&leaf);
}

static void rfc5280_4_1_1_3_key_of_the_issuer(void **state) {
    struct pki *pki = *state;
    struct vrx_certificate *cert = NULL;
    struct vrx_certificate_request request = request_for(VRX_PROFILE_TERMINAL, pki->leaf_public);
    assert_reason(vrx_certificate_make(&request, pki->ca, pki->leaf_key, &cert), VRX_KEY_INVALID);
    request = request_for(VRX_PROFILE_PLATFORM_CA, pki->ca_public);
    assert_reason(vrx_certificate_make(&request, NULL, pki->leaf_key, &cert), VRX_KEY_INVALID);
    assert_null(cert);
}

static void rfc5280_4_1_2_5_validity(void **state) {
    struct pki *pki = *state;
    static const struct {
        int64_t not_before, not_after;
        enum vrx_reason reason;
    } rows[] = {
        {NOT_BEFORE, NOT_BEFORE - 1, VRX_INPUT_RANGE},
        {NOT_BEFORE - 1, NOT_BEFORE + DAY, VRX_INPUT_RANGE},        /* before the issuer's */
        {NOT_BEFORE, NOT_BEFORE + 3650 * DAY + 1, VRX_INPUT_RANGE}, /* after the issuer's */
        {NOT_BEFORE, NOT_BEFORE + 3650 * DAY, VRX_OK},
        {INT64_MIN, INT64_MAX, VRX_INPUT_RANGE},
    };
    struct vrx_certificate *cert = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vrx_certificate_request request =
            request_for(VRX_PROFILE_TERMINAL, pki->leaf_public);
        request.not_before = rows[i].not_before;
        request.not_after = rows[i].not_after;
        assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), rows[i].reason);
        vrx_certificate_free(&cert);
    }
    /* UTCTime ends with 2049, GeneralizedTime takes over; both ends of what X.509 can say. */
    static const int64_t times[] = {-631152000, 0, 2524607999, 2524608000, 253402300799};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct vrx_certificate_request request =
            request_for(VRX_PROFILE_PLATFORM_CA, pki->ca_public);
        request.not_before = times[i];
        request.not_after = times[i];
        assert_ok(vrx_certificate_make(&request, NULL, pki->ca_key, &cert));
        assert_int_equal(vrx_certificate_not_before(cert), times[i]);
        assert_int_equal(vrx_certificate_not_after(cert), times[i]);
        X509 *x509 = parse(cert);
        assert_int_equal(ASN1_STRING_type(X509_get0_notAfter(x509)),
            times[i] < 2524608000 ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME);
        X509_free(x509);
        vrx_certificate_free(&cert);
    }
}

static void profile_unknown(void **state) {
    struct pki *pki = *state;
    struct vrx_certificate *cert = NULL;
    struct vrx_certificate_request request = request_for(VRX_PROFILE_TERMINAL, pki->leaf_public);
    request.profile = (enum vrx_certificate_profile)99;
    assert_reason(vrx_certificate_make(&request, pki->ca, pki->ca_key, &cert), VRX_INPUT_RANGE);
    assert_null(cert);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ca_profiles),
        cmocka_unit_test(leaf_profiles),
        cmocka_unit_test(signer_of_vds_nc_is_for_their_document_type),
        cmocka_unit_test(server_alternative_names),
        cmocka_unit_test(rfc5280_4_2_1_6_alternative_names_refused),
        cmocka_unit_test(rfc5280_4_1_2_6_subjects_refused),
        cmocka_unit_test(icao9303_12_2_two_tiers),
        cmocka_unit_test(rfc5280_4_1_1_3_key_of_the_issuer),
        cmocka_unit_test(rfc5280_4_1_2_5_validity),
        cmocka_unit_test(profile_unknown),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
