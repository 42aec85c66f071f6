/* SPDX-License-Identifier: Apache-2.0
 *
 * Making certificates: six profiles, one row each, and nothing that a caller could add. What comes
 * out is read back by certificate.c before anybody gets it.
 */
#include <openssl/x509v3.h>

#include "crypto/algorithms.h"
#include "crypto/certificate_object.h"
#include "crypto/key_object.h"

#define TIME_MIN ((int64_t)-631152000)   /* 1950-01-01, where UTCTime begins */
#define TIME_MAX ((int64_t)253402300799) /* 9999-12-31T23:59:59Z (RFC 5280 §4.1.2.5) */
#define NAME_CHARACTERS 64               /* characters: ub-common-name, RFC 5280 appendix A.1 */
#define ALTERNATIVE_MAX 253              /* characters of a DNS name */

static const struct profile {
    bool ca;
    bool country;      /* required */
    bool alternatives; /* required, refused elsewhere */
    const char *purpose;
    bool vds; /* as ICAO Doc 9303-12 §7.1 has signers of VDS-NC */
} profiles[] = {
    [VRX_PROFILE_PLATFORM_CA] = {.ca = true},
    [VRX_PROFILE_SERVER] = {.alternatives = true, .purpose = "1.3.6.1.5.5.7.3.1"},
    [VRX_PROFILE_TERMINAL] = {.purpose = "1.3.6.1.5.5.7.3.2"},
    [VRX_PROFILE_CSCA] = {.ca = true, .country = true},
    [VRX_PROFILE_DSC_VACCINATION] = {.country = true, .purpose = "1.3.6.1.4.1.1847.2021.1.2"},
    [VRX_PROFILE_VDS_SIGNER] = {.country = true, .purpose = "2.23.136.1.1.14.2", .vds = true},
};

static bool is_country(struct vrx_view text) {
    return text.len == 2 && text.ptr[0] >= 'A' && text.ptr[0] <= 'Z' && text.ptr[1] >= 'A' &&
           text.ptr[1] <= 'Z';
}

static const char *fault_in_subject(
    const struct vrx_certificate_request *request, const struct profile *profile) {
    if (request->country.len == 0 ? profile->country : !is_country(request->country))
        return "ISO 3166-1: country";
    if (request->common_name.len == 0)
        return "RFC 5280 §4.1.2.6: common name";
    if ((request->alternative_names.len > 0) != profile->alternatives)
        return "RFC 5280 §4.2.1.6: alternative names stand in server certificates";
    return NULL;
}

static struct vrx_result check(const struct vrx_certificate_request *request,
    const struct profile *profile, const struct vrx_certificate *issuer,
    const struct vrx_private_key *issuer_key) {
    const char *fault = fault_in_subject(request, profile);
    if (fault)
        return vrx_refuse(VRX_INPUT_RANGE, fault);
    if (profile->ca != (issuer == NULL))
        return vrx_refuse(VRX_INPUT_RANGE, "ICAO 9303-12 §2: two tiers");
    if (request->not_before < TIME_MIN || request->not_after > TIME_MAX ||
        request->not_before > request->not_after ||
        (issuer &&
            (request->not_before < issuer->not_before || request->not_after > issuer->not_after)))
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 5280 §4.1.2.5: validity");
    if (issuer && !vrx_certificate_is_ca(issuer))
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.4 k: issuer is a CA");
    const struct vrx_public_key *signer = issuer ? issuer->key : request->subject_key;
    if (EVP_PKEY_eq(signer->pkey, issuer_key->pkey) != 1)
        return vrx_crypto_refuse(VRX_KEY_INVALID, "RFC 5280 §4.1.1.3: key of the issuer");
    return vrx_ok();
}

static bool put_serial(X509 *x509, const uint8_t serial[16]) {
    uint8_t positive[16];
    memcpy(positive, serial, sizeof positive);
    positive[0] = (uint8_t)((positive[0] & 0x7f) | 0x40);
    BIGNUM *number = BN_bin2bn(positive, sizeof positive, NULL);
    bool good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
    return good;
}

/* The library enforces the upper bounds and that the text is UTF-8. */
static bool put_name(X509_NAME *name, int nid, struct vrx_view text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return false;
    return text.len == 0 || (text.len <= (size_t)4 * NAME_CHARACTERS &&
                                X509_NAME_add_entry_by_NID(
                                    name, nid, MBSTRING_UTF8, text.ptr, (int)text.len, -1, 0) == 1);
}

static bool put_subject(X509 *x509, const struct vrx_certificate_request *request) {
    X509_NAME *subject = X509_get_subject_name(x509);
    return put_name(subject, NID_countryName, request->country) &&
           put_name(subject, NID_organizationName, request->organization) &&
           put_name(subject, NID_commonName, request->common_name);
}

static bool put_time(ASN1_TIME *at, int64_t time) {
    return ASN1_TIME_set(at, (time_t)time) != NULL;
}

static bool put_basic_constraints(X509 *x509) {
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    bool good = constraints && (constraints->pathlen = ASN1_INTEGER_new()) != NULL &&
                ASN1_INTEGER_set(constraints->pathlen, 0) == 1;
    if (good) {
        constraints->ca = 0xff;
        good = X509_add1_ext_i2d(x509, NID_basic_constraints, constraints, 1, 0) == 1;
    }
    BASIC_CONSTRAINTS_free(constraints);
    return good;
}

/* Bits as RFC 5280 §4.2.1.3 counts them. */
enum { DIGITAL_SIGNATURE = 0, KEY_CERT_SIGN = 5, CRL_SIGN = 6 };

static bool put_key_usage(X509 *x509, bool ca) {
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    bool good = bits && (ca ? ASN1_BIT_STRING_set_bit(bits, KEY_CERT_SIGN, 1) == 1 &&
                                    ASN1_BIT_STRING_set_bit(bits, CRL_SIGN, 1) == 1
                            : ASN1_BIT_STRING_set_bit(bits, DIGITAL_SIGNATURE, 1) == 1);
    good = good && X509_add1_ext_i2d(x509, NID_key_usage, bits, 1, 0) == 1;
    ASN1_BIT_STRING_free(bits);
    return good;
}

static bool put_purpose(X509 *x509, const char *oid, bool critical) {
    EXTENDED_KEY_USAGE *purposes = sk_ASN1_OBJECT_new_null();
    ASN1_OBJECT *purpose = OBJ_txt2obj(oid, 1);
    bool good = purposes && purpose && sk_ASN1_OBJECT_push(purposes, purpose) > 0;
    if (!good)
        ASN1_OBJECT_free(purpose);
    good = good && X509_add1_ext_i2d(x509, NID_ext_key_usage, purposes, critical, 0) == 1;
    EXTENDED_KEY_USAGE_free(purposes);
    return good;
}

/* §7.1.1.6: { version 0, docTypeList { "NV" } }, not critical. */
static bool put_document_types(X509 *x509) {
    static const uint8_t list[] = {0x30, 0x09, 0x02, 0x01, 0x00, 0x31, 0x04, 0x13, 0x02, 'N', 'V'};
    ASN1_OBJECT *oid = OBJ_txt2obj(VRX_DOCUMENT_TYPE_LIST, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    bool good = oid && octets && ASN1_OCTET_STRING_set(octets, list, sizeof list) == 1 &&
                (extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets)) != NULL &&
                X509_add_ext(x509, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(oid);
    return good;
}

static bool put_subject_key_id(X509 *x509, const EVP_MD *sha1) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    bool good = id && X509_pubkey_digest(x509, sha1, digest, &len) == 1 &&
                ASN1_OCTET_STRING_set(id, digest, (int)len) == 1 &&
                X509_add1_ext_i2d(x509, NID_subject_key_identifier, id, 0, 0) == 1;
    ASN1_OCTET_STRING_free(id);
    return good;
}

static bool put_authority_key_id(X509 *x509, const struct vrx_certificate *issuer) {
    AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
    const ASN1_OCTET_STRING *subject_key_id = X509_get0_subject_key_id(issuer->x509);
    bool good = id && subject_key_id && (id->keyid = ASN1_OCTET_STRING_dup(subject_key_id)) &&
                X509_add1_ext_i2d(x509, NID_authority_key_identifier, id, 0, 0) == 1;
    AUTHORITY_KEYID_free(id);
    return good;
}

static bool is_dns_name(const char *text) {
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.");
    return len > 0 && text[len] == '\0' && text[0] != '.' && text[0] != '-';
}

/* One "DNS:…" or "IP:…"; NULL when it is neither. */
static GENERAL_NAME *alternative(struct vrx_view text) {
    char value[ALTERNATIVE_MAX + sizeof "DNS:"];
    if (text.len >= sizeof value)
        return NULL;
    memcpy(value, text.ptr, text.len);
    value[text.len] = '\0';
    GENERAL_NAME *name = NULL;
    ASN1_STRING *string = NULL;
    if (strncmp(value, "IP:", 3) == 0) {
        string = a2i_IPADDRESS(value + 3);
    } else if (strncmp(value, "DNS:", 4) == 0 && is_dns_name(value + 4)) {
        string = ASN1_IA5STRING_new();
        if (string && ASN1_STRING_set(string, value + 4, -1) != 1) {
            ASN1_STRING_free(string);
            string = NULL;
        }
    }
    name = string ? GENERAL_NAME_new() : NULL;
    if (name)
        GENERAL_NAME_set0_value(name, value[0] == 'I' ? GEN_IPADD : GEN_DNS, string);
    else
        ASN1_STRING_free(string);
    return name;
}

static bool put_alternatives(X509 *x509, struct vrx_view text) {
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    bool good = names != NULL;
    for (size_t at = 0; good && at <= text.len;) {
        struct vrx_view rest = vrx_view_slice(text, at, text.len);
        const uint8_t *comma = rest.len ? memchr(rest.ptr, ',', rest.len) : NULL;
        size_t len = comma ? (size_t)(comma - rest.ptr) : rest.len;
        GENERAL_NAME *name = alternative(vrx_view_slice(rest, 0, len));
        good = name && sk_GENERAL_NAME_push(names, name) > 0;
        if (!good)
            GENERAL_NAME_free(name);
        at += len + 1;
    }
    good = good && X509_add1_ext_i2d(x509, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return good;
}

static bool put_extensions(X509 *x509, const struct vrx_certificate_request *request,
    const struct profile *profile, const struct vrx_certificate *issuer, const EVP_MD *sha1) {
    return (!profile->ca || put_basic_constraints(x509)) && put_key_usage(x509, profile->ca) &&
           (!profile->purpose || put_purpose(x509, profile->purpose, profile->vds)) &&
           (!profile->vds || put_document_types(x509)) && put_subject_key_id(x509, sha1) &&
           (!issuer || put_authority_key_id(x509, issuer)) &&
           (!profile->alternatives || put_alternatives(x509, request->alternative_names));
}

/* Everything but the signature. */
static struct vrx_result fill(X509 *x509, const struct vrx_certificate_request *request,
    const struct vrx_certificate *issuer) {
    const struct profile *profile = &profiles[request->profile];
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    if (X509_set_version(x509, X509_VERSION_3) != 1 || !put_serial(x509, request->serial) ||
        !put_time(X509_getm_notBefore(x509), request->not_before) ||
        !put_time(X509_getm_notAfter(x509), request->not_after) ||
        X509_set_pubkey(x509, request->subject_key->pkey) != 1)
        return vrx_crypto_failed();
    if (!put_subject(x509, request))
        return vrx_crypto_refuse(VRX_INPUT_RANGE, "RFC 5280 §4.1.2.6: subject");
    const X509 *named = issuer ? issuer->x509 : x509;
    if (X509_set_issuer_name(x509, X509_get_subject_name(named)) != 1)
        return vrx_crypto_failed();
    if (!put_extensions(x509, request, profile, issuer, algorithms->sha1))
        return vrx_crypto_refuse(VRX_INPUT_RANGE, "RFC 5280 §4.2.1: extensions");
    return vrx_ok();
}

static struct vrx_result sign(
    X509 *x509, const struct vrx_private_key *key, struct vrx_certificate **ret_cert) {
    const struct vrx_algorithms *algorithms = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    unsigned char *der = NULL;
    int len = X509_sign(x509, key->pkey, algorithms->sha256) > 0 ? i2d_X509(x509, &der) : 0;
    if (len <= 0)
        return vrx_crypto_failed();
    struct vrx_result result = vrx_certificate_from_der(vrx_view_of(der, (size_t)len), ret_cert);
    OPENSSL_free(der);
    return result;
}

struct vrx_result vrx_certificate_make(const struct vrx_certificate_request *request,
    const struct vrx_certificate *issuer, const struct vrx_private_key *issuer_key,
    struct vrx_certificate **ret_cert) {
    if ((size_t)request->profile >= sizeof profiles / sizeof profiles[0])
        return vrx_fail(VRX_INPUT_RANGE);
    VRX_TRY(check(request, &profiles[request->profile], issuer, issuer_key));
    X509 *x509 = X509_new();
    if (!x509)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = fill(x509, request, issuer);
    if (vrx_is_ok(result))
        result = sign(x509, issuer_key, ret_cert);
    X509_free(x509);
    return result;
}
