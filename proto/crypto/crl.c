/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading and making revocation lists. As with certificates all that can fail fails when one is
 * read; what is made is read back before anybody gets it.
 */
#include "crypto/crl.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/algorithms.h"
#include "crypto/certificate_object.h"
#include "crypto/hash.h"
#include "crypto/key_object.h"
#include "crypto/pem.h"

#define PEM_LABEL "X509 CRL"
#define TIME_MAX ((int64_t)253402300799) /* 9999-12-31T23:59:59Z (RFC 5280 §4.1.2.5) */

struct vrx_crl {
    X509_CRL *crl;
    struct vrx_buffer der;
    int64_t this_update;
    int64_t next_update;
    ASN1_INTEGER *number;
};

static struct vrx_result invalid(const char *clause) {
    return vrx_crypto_refuse(VRX_CERTIFICATE_INVALID, clause);
}

/* ---- reading ---- */

static bool read_time(const ASN1_TIME *from, int64_t *ret_time) {
    struct tm parts;
    if (!from || ASN1_TIME_to_tm(from, &parts) != 1)
        return false;
    *ret_time = timegm(&parts);
    return true;
}

/* A whole list has none of these; the two that follow are not to be overlooked. */
static const char *fault_in_extensions(const struct vrx_crl *crl) {
    if (X509_CRL_get_ext_by_NID(crl->crl, NID_delta_crl, -1) >= 0)
        return "RFC 5280 §5.2.4: a delta list is not the whole";
    if (X509_CRL_get_ext_by_NID(crl->crl, NID_issuing_distribution_point, -1) >= 0)
        return "RFC 5280 §5.2.5: a distribution point's list is not the whole";
    for (int i = 0; i < X509_CRL_get_ext_count(crl->crl); i++)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl->crl, i)))
            return "RFC 5280 §5.2: unrecognised critical extension";
    return NULL;
}

/* An entry with an extension that must be understood may be another issuer's certificate. */
static const char *fault_in_entries(const struct vrx_crl *crl) {
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl->crl);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        const X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
        for (int j = 0; j < X509_REVOKED_get_ext_count(entry); j++)
            if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, j)))
                return "RFC 5280 §5.3: unrecognised critical extension";
    }
    return NULL;
}

static struct vrx_result read_fields(struct vrx_crl *crl) {
    const char *fault = fault_in_extensions(crl);
    if (!fault)
        fault = fault_in_entries(crl);
    if (fault)
        return invalid(fault);
    if (!read_time(X509_CRL_get0_lastUpdate(crl->crl), &crl->this_update))
        return invalid("RFC 5280 §5.1.2.4");
    if (!read_time(X509_CRL_get0_nextUpdate(crl->crl), &crl->next_update))
        return invalid("RFC 5280 §5.1.2.5: nextUpdate");
    crl->number = X509_CRL_get_ext_d2i(crl->crl, NID_crl_number, NULL, NULL);
    return crl->number ? vrx_ok() : invalid("RFC 5280 §5.2.3: CRL number");
}

static struct vrx_result read_der(struct vrx_crl *crl, struct vrx_view der) {
    const unsigned char *at = der.ptr;
    crl->crl = d2i_X509_CRL(NULL, &at, (long)der.len);
    if (!crl->crl)
        return invalid("RFC 5280 §5.1");
    if (at != der.ptr + der.len)
        return vrx_crypto_refuse(VRX_INPUT_TRAILING, "RFC 5280 §5.1");
    VRX_TRY(vrx_buffer_append(&crl->der, der));
    VRX_TRY(read_fields(crl));
    ERR_clear_error();
    return vrx_ok();
}

struct vrx_result vrx_crl_from_der(struct vrx_view der, struct vrx_crl **ret_crl) {
    if (der.len == 0 || der.len > VRX_CRL_MAX)
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 5280 §5.1");
    struct vrx_crl *crl = calloc(1, sizeof *crl);
    if (!crl)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result = read_der(crl, der);
    if (vrx_is_ok(result))
        *ret_crl = crl;
    else
        vrx_crl_free(&crl);
    return result;
}

void vrx_crl_free(struct vrx_crl **crl) {
    if (!crl || !*crl)
        return;
    X509_CRL_free((*crl)->crl);
    ASN1_INTEGER_free((*crl)->number);
    vrx_buffer_done(&(*crl)->der);
    free(*crl);
    *crl = NULL;
}

/* The next block of PEM; *ret_len 0 at the end. */
static struct vrx_result next_block(BIO *bio, unsigned char **ret_der, long *ret_len) {
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long len = 0;
    *ret_len = 0;
    if (PEM_read_bio_ex(bio, &name, &header, &der, &len, PEM_FLAG_ONLY_B64) != 1) {
        bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
        ERR_clear_error();
        return end ? vrx_ok() : vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §2");
    }
    bool good = !strcmp(name, PEM_LABEL) && !header[0] && len > 0;
    OPENSSL_free(name);
    OPENSSL_free(header);
    if (!good) {
        OPENSSL_free(der);
        return vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §6: X509 CRL");
    }
    *ret_der = der;
    *ret_len = len;
    return vrx_ok();
}

static struct vrx_result read_pem(BIO *bio, struct vrx_crls *crls) {
    for (;;) {
        unsigned char *der = NULL;
        long len = 0;
        VRX_TRY(next_block(bio, &der, &len));
        if (!len)
            break;
        struct vrx_result result =
            crls->count < VRX_CRLS_MAX ? vrx_ok() : vrx_fail(VRX_CAP_REACHED);
        if (vrx_is_ok(result))
            result = vrx_crl_from_der(vrx_view_of(der, (size_t)len), &crls->list[crls->count]);
        OPENSSL_free(der);
        VRX_TRY(result);
        crls->count++;
    }
    return crls->count ? vrx_ok() : vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §6: X509 CRL");
}

static struct vrx_result read_file(struct vrx_view file, struct vrx_crls *crls) {
    if (file.len && file.ptr[0] == 0x30) { /* SEQUENCE; no PEM begins so */
        VRX_TRY(vrx_crl_from_der(file, &crls->list[0]));
        crls->count = 1;
        return vrx_ok();
    }
    BIO *bio = file.len ? BIO_new_mem_buf(file.ptr, (int)file.len) : NULL;
    if (!bio)
        return file.len ? vrx_fail(VRX_OUT_OF_MEMORY)
                        : vrx_refuse(VRX_CERTIFICATE_INVALID, "RFC 7468 §6: X509 CRL");
    struct vrx_result result = read_pem(bio, crls);
    BIO_free(bio);
    return result;
}

struct vrx_result vrx_crls_read(struct vrx_view file, struct vrx_crls *ret_crls) {
    struct vrx_crls crls = {0};
    if (file.len > 2 * VRX_CRL_MAX || file.len > INT_MAX)
        return vrx_fail(VRX_INPUT_TOO_LARGE);
    struct vrx_result result = read_file(file, &crls);
    if (vrx_is_ok(result))
        *ret_crls = crls;
    else
        vrx_crls_done(&crls);
    return result;
}

void vrx_crls_done(struct vrx_crls *crls) {
    for (size_t i = 0; i < VRX_CRLS_MAX; i++)
        vrx_crl_free(&crls->list[i]);
    crls->count = 0;
}

struct vrx_view vrx_crl_der(const struct vrx_crl *crl) {
    return vrx_buffer_view(&crl->der);
}

int64_t vrx_crl_this_update(const struct vrx_crl *crl) {
    return crl->this_update;
}

int64_t vrx_crl_next_update(const struct vrx_crl *crl) {
    return crl->next_update;
}

size_t vrx_crl_count(const struct vrx_crl *crl) {
    int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl->crl));
    return count < 0 ? 0 : (size_t)count;
}

bool vrx_crl_names(const struct vrx_crl *crl, const struct vrx_certificate *cert) {
    X509_REVOKED *entry = NULL;
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl->crl), X509_get_issuer_name(cert->x509)) != 0)
        return false;
    return X509_CRL_get0_by_serial(crl->crl, &entry, X509_get0_serialNumber(cert->x509)) == 1;
}

bool vrx_crl_is_older(const struct vrx_crl *a, const struct vrx_crl *b) {
    return X509_NAME_cmp(X509_CRL_get_issuer(a->crl), X509_CRL_get_issuer(b->crl)) == 0 &&
           ASN1_INTEGER_cmp(a->number, b->number) < 0;
}

/* Where both say which key it is, they say the same. */
static bool key_ids_agree(const struct vrx_crl *crl, const struct vrx_certificate *issuer) {
    AUTHORITY_KEYID *id = X509_CRL_get_ext_d2i(crl->crl, NID_authority_key_identifier, NULL, NULL);
    struct vrx_view own = vrx_certificate_subject_key_id(issuer);
    bool agree = true;
    if (id && id->keyid && own.len)
        agree = vrx_view_equal(own,
            vrx_view_of(ASN1_STRING_get0_data(id->keyid), (size_t)ASN1_STRING_length(id->keyid)));
    AUTHORITY_KEYID_free(id);
    return agree;
}

static bool is_signed_well(const struct vrx_crl *crl) {
    int digest = NID_undef;
    int algorithm = X509_CRL_get_signature_nid(crl->crl);
    if (algorithm == NID_ED25519)
        return true;
    return OBJ_find_sigid_algs(algorithm, &digest, NULL) == 1 &&
           (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512);
}

struct vrx_result vrx_crl_issued_by(
    const struct vrx_crl *crl, const struct vrx_certificate *issuer) {
    if (!vrx_certificate_is_ca(issuer) || !(X509_get_key_usage(issuer->x509) & KU_CRL_SIGN))
        return invalid("RFC 5280 §6.3.3 f: issuer has cRLSign");
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl->crl), X509_get_subject_name(issuer->x509)) != 0 ||
        !key_ids_agree(crl, issuer))
        return invalid("RFC 5280 §6.3.3 f: issuer's name and key identifier");
    if (!is_signed_well(crl))
        return invalid("RFC 5280 §6.3.3 g: signature algorithm");
    if (X509_CRL_verify(crl->crl, issuer->key->pkey) != 1)
        return vrx_crypto_refuse(VRX_SIGNATURE_INVALID, "RFC 5280 §6.3.3 g");
    return vrx_ok();
}

struct vrx_result vrx_certificate_serial(
    const struct vrx_certificate *cert, struct vrx_serial *ret_serial) {
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert->x509), NULL);
    struct vrx_serial serial = {0};
    bool good = number && !BN_is_negative(number) && BN_num_bytes(number) <= VRX_SERIAL_MAX;
    if (good)
        serial.len = (size_t)BN_bn2bin(number, serial.bytes);
    BN_free(number);
    if (!good)
        return invalid("RFC 5280 §4.1.2.2: serial number");
    *ret_serial = serial;
    return vrx_ok();
}

static struct vrx_result issue_sha256(
    const X509_NAME *issuer, const ASN1_INTEGER *serial, uint8_t ret_digest[VRX_SHA256]) {
    unsigned char *name = NULL;
    const int len = i2d_X509_NAME(issuer, &name);
    if (len <= 0)
        return vrx_crypto_failed();
    const struct vrx_view parts[] = {vrx_view_of(name, (size_t)len),
        vrx_view_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial))};
    struct vrx_result result = vrx_sha256_parts(parts, 2, ret_digest);
    OPENSSL_free(name);
    return result;
}

struct vrx_result vrx_certificate_issue_sha256(
    const struct vrx_certificate *cert, uint8_t ret_digest[VRX_SHA256]) {
    return issue_sha256(
        X509_get_issuer_name(cert->x509), X509_get0_serialNumber(cert->x509), ret_digest);
}

struct vrx_result vrx_crl_issue_sha256(
    const struct vrx_crl *crl, size_t n, uint8_t ret_digest[VRX_SHA256]) {
    if (n >= vrx_crl_count(crl))
        return vrx_fail(VRX_NOT_FOUND);
    const X509_REVOKED *entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl->crl), (int)n);
    return issue_sha256(
        X509_CRL_get_issuer(crl->crl), X509_REVOKED_get0_serialNumber(entry), ret_digest);
}

/* ---- making ---- */

static bool put_entry(X509_CRL *crl, const struct vrx_revocation *revocation) {
    BIGNUM *number = BN_bin2bn(revocation->serial.bytes, (int)revocation->serial.len, NULL);
    ASN1_INTEGER *serial = number ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)revocation->time);
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    X509_REVOKED *entry = X509_REVOKED_new();
    bool good = serial && time && reason && entry &&
                X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
                X509_REVOKED_set_revocationDate(entry, time) == 1 &&
                ASN1_ENUMERATED_set(reason, (long)revocation->reason) == 1;
    if (good && revocation->reason != VRX_REVOCATION_UNSPECIFIED)
        good = X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1;
    good = good && X509_CRL_add0_revoked(crl, entry) == 1;
    if (!good)
        X509_REVOKED_free(entry);
    ASN1_ENUMERATED_free(reason);
    ASN1_TIME_free(time);
    ASN1_INTEGER_free(serial);
    BN_free(number);
    return good;
}

static bool put_number(X509_CRL *crl, uint64_t number) {
    ASN1_INTEGER *value = ASN1_INTEGER_new();
    bool good = value && ASN1_INTEGER_set_uint64(value, number) == 1 &&
                X509_CRL_add1_ext_i2d(crl, NID_crl_number, value, 0, 0) == 1;
    ASN1_INTEGER_free(value);
    return good;
}

static bool put_key_id(X509_CRL *crl, const struct vrx_certificate *issuer) {
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(issuer->x509);
    AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
    bool good = id && own && (id->keyid = ASN1_OCTET_STRING_dup(own)) != NULL &&
                X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, id, 0, 0) == 1;
    AUTHORITY_KEYID_free(id);
    return good;
}

static bool put_times(X509_CRL *crl, const struct vrx_crl_request *request) {
    ASN1_TIME *this_update = ASN1_TIME_set(NULL, (time_t)request->this_update);
    ASN1_TIME *next_update = ASN1_TIME_set(NULL, (time_t)request->next_update);
    bool good = this_update && next_update && X509_CRL_set1_lastUpdate(crl, this_update) == 1 &&
                X509_CRL_set1_nextUpdate(crl, next_update) == 1;
    ASN1_TIME_free(this_update);
    ASN1_TIME_free(next_update);
    return good;
}

static bool fill(
    X509_CRL *crl, const struct vrx_crl_request *request, const struct vrx_certificate *issuer) {
    bool good = X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
                X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) == 1 &&
                put_times(crl, request) && put_number(crl, request->number) &&
                put_key_id(crl, issuer);
    for (size_t i = 0; good && i < request->revoked_count; i++)
        good = put_entry(crl, &request->revoked[i]);
    return good && X509_CRL_sort(crl) == 1;
}

static struct vrx_result sign(X509_CRL *crl, const struct vrx_certificate *issuer,
    const struct vrx_private_key *key, struct vrx_crl **ret_crl) {
    const struct vrx_algorithms *algorithms = NULL;
    struct vrx_crl *made VRX_CLEANUP(vrx_crl_free) = NULL;
    unsigned char *der = NULL;
    VRX_TRY(vrx_algorithms_get(&algorithms));
    int len = X509_CRL_sign(crl, key->pkey, algorithms->sha256) > 0 ? i2d_X509_CRL(crl, &der) : 0;
    if (len <= 0)
        return vrx_crypto_failed();
    struct vrx_result result = vrx_crl_from_der(vrx_view_of(der, (size_t)len), &made);
    OPENSSL_free(der);
    VRX_TRY(result);
    VRX_TRY(vrx_crl_issued_by(made, issuer));
    *ret_crl = made;
    made = NULL;
    return vrx_ok();
}

struct vrx_result vrx_crl_make(const struct vrx_crl_request *request,
    const struct vrx_certificate *issuer, const struct vrx_private_key *issuer_key,
    struct vrx_crl **ret_crl) {
    if (request->this_update < 0 || request->next_update <= request->this_update ||
        request->next_update > TIME_MAX)
        return vrx_refuse(VRX_INPUT_RANGE, "RFC 5280 §5.1.2.5: nextUpdate follows thisUpdate");
    if (EVP_PKEY_eq(issuer->key->pkey, issuer_key->pkey) != 1)
        return vrx_crypto_refuse(VRX_KEY_INVALID, "RFC 5280 §5.1.1.3: key of the issuer");
    X509_CRL *crl = X509_CRL_new();
    if (!crl)
        return vrx_fail(VRX_OUT_OF_MEMORY);
    struct vrx_result result =
        fill(crl, request, issuer) ? sign(crl, issuer, issuer_key, ret_crl) : vrx_crypto_failed();
    X509_CRL_free(crl);
    return result;
}

struct vrx_result vrx_crl_to_pem(const struct vrx_crl *crl, struct vrx_buffer *out) {
    uint8_t *at = NULL;
    VRX_TRY(vrx_buffer_extend(out, vrx_pem_size(crl->der.len, PEM_LABEL), &at));
    vrx_pem_write(vrx_buffer_view(&crl->der), PEM_LABEL, at);
    return vrx_ok();
}
