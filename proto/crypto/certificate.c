/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading certificates. All that can fail fails when the certificate is read; the getters
 * afterwards can't. A chain here has two certificates, so issued_by is the whole of path validation
 * except for the dates, which are the caller's because the clock is. Making them:
 * certificate_make.c.
 */
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/algorithms.h"
#include "crypto/certificate_object.h"
#include "crypto/hash.h"
#include "crypto/key_object.h"
#include "crypto/pem.h"

#define PEM_LABEL "CERTIFICATE"
#define OID_TEXT 128 /* characters of a dotted object identifier that can be one of ours */

static struct vrx_result invalid(const char *clause) {
    return vrx_crypto_refuse(VRX_CERTIFICATE_INVALID, clause);
}

static struct vrx_result read_key(struct vrx_certificate *cert) {
    unsigned char *spki = NULL;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert->x509), &spki);
    if (len <= 0)
        return invalid("RFC 5280 §4.1.2.7");
    struct vrx_result result = vrx_public_key_from_spki(vrx_view_of(spki, (size_t)len), &cert->key);
    OPENSSL_free(spki);
    if (result.reason == VRX_KEY_INVALID)
        return invalid("RFC 5280 §4.1.2.7: kind of public key");
    return result;
}

static bool read_time(const ASN1_TIME *from, int64_t *ret_time) {
    struct tm parts;
    if (ASN1_TIME_to_tm(from, &parts) != 1)
        return false;
    *ret_time = timegm(&parts);
    return true;
}

static struct vrx_result read_common_name(struct vrx_certificate *cert) {
    const X509_NAME *subject = X509_get_subject_name(cert->x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at < 0)
        return vrx_ok();
    unsigned char *text = NULL;
    int len =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (len < 0)
        return invalid("RFC 5280 §4.1.2.6");
    struct vrx_result result =
        vrx_buffer_append(&cert->common_name, vrx_view_of(text, (size_t)len));
    OPENSSL_free(text);
    return result;
}

/* Kept as texts: who verifies asks for several of them each time. One that is longer than any of
 * ours is left out. */
static struct vrx_result read_purposes(struct vrx_certificate *cert) {
    EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(cert->x509, NID_ext_key_usage, NULL, NULL);
    struct vrx_result result = vrx_ok();
    for (int i = 0; vrx_is_ok(result) && i < sk_ASN1_OBJECT_num(purposes); i++) {
        char text[OID_TEXT];
        const int len = OBJ_obj2txt(text, sizeof text, sk_ASN1_OBJECT_value(purposes, i), 1);
        if (len > 0 && (size_t)len < sizeof text)
            result = vrx_buffer_append(&cert->purposes, vrx_view_of(text, (size_t)len + 1));
    }
    EXTENDED_KEY_USAGE_free(purposes);
    return result;
}

static struct vrx_result read_fields(struct vrx_certificate *cert) {
    if (X509_check_purpose(cert->x509, -1, 0) != 1)
        return invalid("RFC 5280 §4.2: extensions");
    if (X509_get_extension_flags(cert->x509) & EXFLAG_CRITICAL)
        return invalid("RFC 5280 §4.2: unrecognised critical extension");
    if (!read_time(X509_get0_notBefore(cert->x509), &cert->not_before) ||
        !read_time(X509_get0_notAfter(cert->x509), &cert->not_after))
        return invalid("RFC 5280 §4.1.2.5");
    VRX_TRY(read_key(cert));
    VRX_TRY(read_purposes(cert));
    return read_common_name(cert);
}

static struct vrx_result read_der(struct vrx_certificate *cert, struct vrx_view der) {
    const unsigned char *at = der.ptr;
    cert->x509 = d2i_X509(NULL, &at, (long)der.len);
    if (!cert->x509)
        return invalid("RFC 5280 §4.1");
    if (at != der.ptr + der.len)
        return vrx_crypto_refuse(VRX_INPUT_TRAILING, "RFC 5280 §4.1");
    VRX_TRY(vrx_buffer_append(&cert->der, der));
    VRX_TRY(read_fields(cert));
    ERR_clear_error(); /* extensions that are absent leave notes there */
    return vrx_ok();
}

struct vrx_result vrx_certificate_from_der(struct vrx_view der, struct vrx_certificate **ret_cert) {
    if (der.len == 0 || der.len > VRX_CERTIFICATE_MAX)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1");
    struct vrx_certificate *cert = calloc(1, sizeof *cert);
    if (!cert)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = read_der(cert, der);
    if (!vrx_is_ok(result)) {
        vrx_certificate_free(&cert);
        return result;
    }
    *ret_cert = cert;
    return vrx_ok();
}

struct vrx_result vrx_certificate_from_pem(struct vrx_view pem, struct vrx_certificate **ret_cert) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer der = {0};
    VRX_TRY(vrx_pem_read(pem, PEM_LABEL, VRX_CERTIFICATE_INVALID, &der));
    return vrx_certificate_from_der(vrx_buffer_view(&der), ret_cert);
}

struct vrx_result vrx_certificate_to_pem(
    const struct vrx_certificate *cert, struct vrx_buffer *out) {
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(out, vrx_pem_size(cert->der.len, PEM_LABEL), &at));
    vrx_pem_write(vrx_buffer_view(&cert->der), PEM_LABEL, at);
    return vrx_ok();
}

void vrx_certificate_free(struct vrx_certificate **cert) {
    if (!cert || !*cert)
        return;
    X509_free((*cert)->x509);
    vrx_public_key_free(&(*cert)->key);
    vrx_buffer_done(&(*cert)->der);
    vrx_buffer_done(&(*cert)->common_name);
    vrx_buffer_done(&(*cert)->purposes);
    free(*cert);
    *cert = NULL;
}

struct vrx_view vrx_certificate_der(const struct vrx_certificate *cert) {
    return vrx_buffer_view(&cert->der);
}

const struct vrx_public_key *vrx_certificate_key(const struct vrx_certificate *cert) {
    return cert->key;
}

int64_t vrx_certificate_not_before(const struct vrx_certificate *cert) {
    return cert->not_before;
}

int64_t vrx_certificate_not_after(const struct vrx_certificate *cert) {
    return cert->not_after;
}

bool vrx_certificate_is_ca(const struct vrx_certificate *cert) {
    return (X509_get_extension_flags(cert->x509) & EXFLAG_CA) != 0;
}

bool vrx_certificate_may_sign(const struct vrx_certificate *cert) {
    /* All bits are set where the extension is absent. */
    return (X509_get_key_usage(cert->x509) & KU_DIGITAL_SIGNATURE) != 0;
}

bool vrx_certificate_has_eku(const struct vrx_certificate *cert) {
    return (X509_get_extension_flags(cert->x509) & EXFLAG_XKUSAGE) != 0;
}

bool vrx_certificate_eku(const struct vrx_certificate *cert, const char *oid) {
    const struct vrx_view wanted = vrx_view_of(oid, strlen(oid) + 1);
    struct vrx_view rest = vrx_buffer_view(&cert->purposes);
    while (rest.len) {
        const struct vrx_view one = vrx_view_of(rest.ptr, strlen((const char *)rest.ptr) + 1);
        if (vrx_view_equal(one, wanted))
            return true;
        rest = vrx_view_slice(rest, one.len, rest.len);
    }
    return false;
}

static struct vrx_view octets(const ASN1_OCTET_STRING *string) {
    if (!string)
        return (struct vrx_view){NULL, 0};
    return vrx_view_of(ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string));
}

struct vrx_view vrx_certificate_subject_key_id(const struct vrx_certificate *cert) {
    return octets(X509_get0_subject_key_id(cert->x509));
}

struct vrx_view vrx_certificate_authority_key_id(const struct vrx_certificate *cert) {
    return octets(X509_get0_authority_key_id(cert->x509));
}

struct vrx_view vrx_certificate_common_name(const struct vrx_certificate *cert) {
    return vrx_buffer_view(&cert->common_name);
}

struct vrx_result vrx_certificate_sha256(
    const struct vrx_certificate *cert, uint8_t ret_digest[32]) {
    return vrx_sha256(vrx_buffer_view(&cert->der), ret_digest);
}

/* SHA-1 and MD5 signatures can be forged. */
static bool is_signed_well(const struct vrx_certificate *cert) {
    int digest = NID_undef;
    int key = NID_undef;
    if (X509_get_signature_info(cert->x509, &digest, &key, NULL, NULL) != 1)
        return false;
    return key == NID_ED25519 || digest == NID_sha256 || digest == NID_sha384 ||
           digest == NID_sha512;
}

/* The issuer's own extensions: whether it may sign this certificate at all. */
static const char *objection(
    const struct vrx_certificate *cert, const struct vrx_certificate *issuer) {
    if (!vrx_certificate_is_ca(issuer))
        return "RFC 5280 §6.1.4 k: issuer is a CA";
    if (!(X509_get_key_usage(issuer->x509) & KU_KEY_CERT_SIGN))
        return "RFC 5280 §6.1.4 n: issuer has keyCertSign";
    if (X509_get_pathlen(issuer->x509) == 0 && vrx_certificate_is_ca(cert) &&
        !(X509_get_extension_flags(cert->x509) & EXFLAG_SI))
        return "RFC 5280 §6.1.4 l: issuer's pathlen";
    if (X509_get_ext_by_NID(issuer->x509, NID_name_constraints, -1) >= 0)
        return "RFC 5280 §6.1.3 b: name constraints are not understood here";
    if (!is_signed_well(cert))
        return "RFC 5280 §6.1.3 a.1: signature algorithm";
    return NULL;
}

struct vrx_result vrx_certificate_issued_by(
    const struct vrx_certificate *cert, const struct vrx_certificate *issuer) {
    const char *clause = objection(cert, issuer);
    if (clause)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, clause);
    if (X509_check_issued(issuer->x509, cert->x509) != X509_V_OK)
        return invalid("RFC 5280 §6.1.3 a.4: issuer's name and key identifier");
    if (X509_verify(cert->x509, issuer->key->pkey) != 1)
        return vrx_crypto_refuse(VRX_SIGNATURE_INVALID, "RFC 5280 §6.1.3 a.1");
    return vrx_ok();
}
