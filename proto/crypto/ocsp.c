/* SPDX-License-Identifier: Apache-2.0
 *
 * See ocsp.h. The library checks the responder's chain by the time that it is told, not by a clock.
 */
#include "crypto/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "crypto/algorithms.h"
#include "crypto/certificate_object.h"

static struct vrx_result unknown(const char *clause) {
    return vrx_crypto_refuse(VRX_CARD_STATUS_UNKNOWN, clause);
}

static OCSP_CERTID *name_of(
    const struct vrx_certificate *cert, const struct vrx_certificate *issuer) {
    return OCSP_cert_to_id(EVP_sha1(), cert->x509, issuer->x509);
}

/* ---- asking ---- */

static bool fill(OCSP_REQUEST *request, const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, const uint8_t nonce[VRX_OCSP_NONCE]) {
    uint8_t copy[VRX_OCSP_NONCE]; /* the library's parameter is not const */
    OCSP_CERTID *name = name_of(cert, issuer);
    if (!name)
        return false;
    if (!OCSP_request_add0_id(request, name)) {
        OCSP_CERTID_free(name);
        return false;
    }
    memcpy(copy, nonce, sizeof copy);
    return OCSP_request_add1_nonce(request, copy, sizeof copy) == 1;
}

struct vrx_result vrx_ocsp_ask(const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, const uint8_t nonce[VRX_OCSP_NONCE],
    struct vrx_buffer *out) {
    unsigned char *der = NULL;
    OCSP_REQUEST *request = OCSP_REQUEST_new();
    int len = request && fill(request, cert, issuer, nonce) ? i2d_OCSP_REQUEST(request, &der) : 0;
    OCSP_REQUEST_free(request);
    if (len <= 0)
        return vrx_crypto_failed();
    struct vrx_result result = vrx_buffer_append(out, vrx_view_of(der, (size_t)len));
    OPENSSL_free(der);
    return result;
}

/* ---- the answer ---- */

struct answer {
    OCSP_RESPONSE *response;
    OCSP_BASICRESP *basic;
    OCSP_REQUEST *question; /* with our nonce, to compare by */
    OCSP_CERTID *name;
    X509_STORE *trusted;
    STACK_OF(X509) * issuers;
};

static void answer_done(struct answer *answer) {
    OCSP_RESPONSE_free(answer->response);
    OCSP_BASICRESP_free(answer->basic);
    OCSP_REQUEST_free(answer->question);
    OCSP_CERTID_free(answer->name);
    X509_STORE_free(answer->trusted);
    sk_X509_free(answer->issuers); /* the certificate is borrowed */
}

static struct vrx_result read_answer(struct answer *answer, struct vrx_view der) {
    const unsigned char *at = der.ptr;
    if (!der.len || der.len > VRX_OCSP_MAX)
        return unknown("RFC 6960 §4.2.1: size");
    answer->response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
    if (!answer->response || at != der.ptr + der.len)
        return unknown("RFC 6960 §4.2.1: OCSPResponse");
    if (OCSP_response_status(answer->response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return unknown("RFC 6960 §4.2.2.3: responseStatus");
    answer->basic = OCSP_response_get1_basic(answer->response);
    return answer->basic ? vrx_ok() : unknown("RFC 6960 §4.2.1: id-pkix-ocsp-basic");
}

static bool is_signed_well(const OCSP_BASICRESP *basic) {
    int digest = NID_undef;
    const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);
    const ASN1_OBJECT *object = NULL;
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    return OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, NULL) &&
           (digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512);
}

/* issuer alone is trusted, at this time. */
static bool set_trust(struct answer *answer, const struct vrx_certificate *issuer, int64_t now) {
    answer->trusted = X509_STORE_new();
    answer->issuers = sk_X509_new_null();
    X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();
    bool good = answer->trusted && answer->issuers && param;
    if (good) {
        X509_VERIFY_PARAM_set_time(param, (time_t)now);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_USE_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
        good = X509_STORE_set1_param(answer->trusted, param) == 1 &&
               X509_STORE_add_cert(answer->trusted, issuer->x509) == 1 &&
               sk_X509_push(answer->issuers, issuer->x509) > 0;
    }
    X509_VERIFY_PARAM_free(param);
    return good;
}

static struct vrx_result check_signature(
    struct answer *answer, const struct vrx_certificate *issuer, int64_t now) {
    if (!is_signed_well(answer->basic))
        return unknown("RFC 6960 §4.3: signature over SHA-256 or better");
    if (!set_trust(answer, issuer, now))
        return vrx_crypto_failed();
    /* Who is trusted for anything is not trusted for this. */
    if (OCSP_basic_verify(answer->basic, answer->issuers, answer->trusted, OCSP_NOEXPLICIT) != 1)
        return unknown("RFC 6960 §3.2: signed by the issuer or its responder");
    return vrx_ok();
}

static struct vrx_result check_nonce(struct answer *answer, const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, const uint8_t nonce[VRX_OCSP_NONCE]) {
    answer->question = OCSP_REQUEST_new();
    if (!answer->question || !fill(answer->question, cert, issuer, nonce))
        return vrx_crypto_failed();
    return OCSP_check_nonce(answer->question, answer->basic) == 1
               ? vrx_ok()
               : unknown("RFC 6960 §4.4.1: nonce");
}

static bool read_time(const ASN1_GENERALIZEDTIME *from, int64_t *ret_time) {
    struct tm parts;
    if (ASN1_TIME_to_tm(from, &parts) != 1)
        return false;
    *ret_time = timegm(&parts);
    return true;
}

static struct vrx_result check_times(
    const ASN1_GENERALIZEDTIME *from, const ASN1_GENERALIZEDTIME *until, int64_t now) {
    int64_t this_update = 0;
    int64_t next_update = 0;
    if (!read_time(from, &this_update) || this_update > now + VRX_OCSP_SKEW)
        return unknown("RFC 6960 §4.2.2.1: thisUpdate");
    if (this_update < now - VRX_OCSP_AGE || (!until && this_update < now - VRX_OCSP_SKEW))
        return unknown("RFC 6960 §4.2.2.1: thisUpdate is stale");
    if (until && (!read_time(until, &next_update) || next_update < now - VRX_OCSP_SKEW))
        return unknown("RFC 6960 §4.2.2.1: nextUpdate is over");
    return vrx_ok();
}

static struct vrx_result check_status(struct answer *answer, const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, int64_t now) {
    int status = V_OCSP_CERTSTATUS_UNKNOWN;
    ASN1_GENERALIZEDTIME *from = NULL;
    ASN1_GENERALIZEDTIME *until = NULL;
    answer->name = name_of(cert, issuer);
    if (!answer->name)
        return vrx_crypto_failed();
    if (OCSP_resp_find_status(answer->basic, answer->name, &status, NULL, NULL, &from, &until) != 1)
        return unknown("RFC 6960 §3.2: about this certificate");
    VRX_TRY(check_times(from, until, now));
    if (status == V_OCSP_CERTSTATUS_REVOKED)
        return vrx_refuse(VRX_CARD_REVOKED, "RFC 6960 §2.2: revoked");
    return status == V_OCSP_CERTSTATUS_GOOD ? vrx_ok() : unknown("RFC 6960 §2.2: unknown");
}

struct vrx_result vrx_ocsp_check(struct vrx_view der, const struct vrx_certificate *cert,
    const struct vrx_certificate *issuer, const uint8_t nonce[VRX_OCSP_NONCE], int64_t now) {
    struct answer answer VRX_CLEANUP(answer_done) = {0};
    VRX_TRY(read_answer(&answer, der));
    VRX_TRY(check_signature(&answer, issuer, now));
    VRX_TRY(check_nonce(&answer, cert, issuer, nonce));
    VRX_TRY(check_status(&answer, cert, issuer, now));
    ERR_clear_error();
    return vrx_ok();
}
