/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates of ICAO's profile for VDS-NC: an authority (CSCA) and signers under it, made with
 * the library, in shapes that `vrx pki` does not make.
 */
#ifndef VRX_TEST_ICAO_SIGNERS_H
#define VRX_TEST_ICAO_SIGNERS_H

#include <openssl/x509v3.h>

#include "crypto/x509.h"
#include "support/check.h"
#include "support/signers.h"

#define TEST_VDS_USAGE "2.23.136.1.1.14.2"

/* What a signer's certificate says; all zero but country and the dates is one without extensions.
 */
struct test_icao {
    const char *country;          /* NULL: none */
    const char *second_country;   /* NULL: one at most */
    const char *extensions[4][2]; /* name and value as openssl's configuration has them */
    int64_t from, until;
};

static inline EVP_PKEY *test_evp_key(const struct vrx_private_key *key) {
    struct vrx_secret *der = NULL;
    assert_ok(vrx_private_key_to_pkcs8(key, &der));
    const struct vrx_view view = vrx_secret_view(der);
    const uint8_t *at = view.ptr;
    EVP_PKEY *evp = d2i_AutoPrivateKey(NULL, &at, (long)view.len);
    vrx_secret_free(&der);
    assert_non_null(evp);
    return evp;
}

static inline void test_icao_extension(X509 *x509, const char *name, const char *value) {
    static const char generic[] = "DER:";
    X509_EXTENSION *extension = NULL;
    if (strchr(name, '.')) { /* an object identifier: its value in hexadecimal */
        uint8_t bytes[128];
        ASN1_OBJECT *oid = OBJ_txt2obj(name, 1);
        ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
        const size_t len = test_hex(value + sizeof generic - 1, bytes, sizeof bytes);
        assert_int_equal(ASN1_OCTET_STRING_set(octets, bytes, (int)len), 1);
        extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets);
        ASN1_OCTET_STRING_free(octets);
        ASN1_OBJECT_free(oid);
    } else {
        extension = X509V3_EXT_conf(NULL, NULL, name, value);
    }
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static inline void test_icao_country(X509_NAME *subject, const char *country) {
    if (country)
        assert_int_equal(X509_NAME_add_entry_by_NID(subject, NID_countryName, MBSTRING_ASC,
                             (const unsigned char *)country, -1, -1, 0),
            1);
}

/* issuer: made by test_certificate with the profile of a CSCA. The signer's key is made when it has
 * none. */
static inline void test_icao_certificate(
    const struct test_icao *icao, const struct test_signer *issuer, struct test_signer *signer) {
    const struct vrx_view issuer_der = vrx_certificate_der(issuer->cert);
    const uint8_t *at = issuer_der.ptr;
    X509 *issuer_x509 = d2i_X509(NULL, &at, (long)issuer_der.len);
    X509 *x509 = X509_new();
    if (!signer->key)
        assert_ok(vrx_private_key_new_p256(&signer->key));
    EVP_PKEY *own = test_evp_key(signer->key);
    EVP_PKEY *signing = test_evp_key(issuer->key);
    assert_int_equal(X509_set_version(x509, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7), 1);
    assert_int_equal(X509_set_pubkey(x509, own), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)icao->from));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)icao->until));
    test_icao_country(X509_get_subject_name(x509), icao->country);
    test_icao_country(X509_get_subject_name(x509), icao->second_country);
    assert_int_equal(X509_set_issuer_name(x509, X509_get_subject_name(issuer_x509)), 1);
    for (size_t i = 0; i < 4 && icao->extensions[i][0]; i++)
        test_icao_extension(x509, icao->extensions[i][0], icao->extensions[i][1]);
    assert_true(X509_sign(x509, signing, EVP_sha256()) > 0);
    uint8_t *der = NULL;
    const int len = i2d_X509(x509, &der);
    assert_true(len > 0);
    assert_ok(vrx_certificate_from_der(vrx_view_of(der, (size_t)len), &signer->cert));
    OPENSSL_free(der);
    EVP_PKEY_free(own);
    EVP_PKEY_free(signing);
    X509_free(x509);
    X509_free(issuer_x509);
}

#endif
