/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/ocsp.c: answers by the library's own responder half, good ones and every way in
 * which one is none.
 */
#include "crypto/ocsp.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "crypto/certificate_object.h"
#include "crypto/key_object.h"
#include "crypto/random.h"
#include "support/check.h"

#define assert_refused(expression, wanted, text) \
    do { \
        struct vrx_result refused_ = (expression); \
        assert_reason(refused_, wanted); \
        assert_string_equal(refused_.clause, text); \
    } while (0)

#define NOW ((int64_t)1640995200)
#define DAY ((int64_t)86400)

static struct vrx_private_key *key;
static struct vrx_private_key *other_key;
static struct vrx_certificate *ca;
static struct vrx_certificate *other_ca;
static struct vrx_certificate *card;
static struct vrx_certificate *other_card;
static uint8_t nonce[VRX_OCSP_NONCE];

static struct vrx_certificate *certificate(const struct vrx_private_key *subject,
    const struct vrx_private_key *signer, const struct vrx_certificate *issuer, const char *name) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_certificate *made = NULL;
    assert_ok(vrx_private_key_public(subject, &public));
    struct vrx_certificate_request request = {
        .profile = issuer ? VRX_PROFILE_TERMINAL : VRX_PROFILE_PLATFORM_CA,
        .subject_key = public,
        .common_name = vrx_view_text(name),
        .not_before = NOW - DAY,
        .not_after = NOW + 300 * DAY,
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
    card = certificate(other_key, key, ca, "card");
    other_card = certificate(other_key, key, ca, "another");
    assert_ok(vrx_random_fill(vrx_random_system(), nonce, sizeof nonce));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vrx_certificate_free(&card);
    vrx_certificate_free(&other_card);
    vrx_certificate_free(&ca);
    vrx_certificate_free(&other_ca);
    vrx_private_key_free(&key);
    vrx_private_key_free(&other_key);
    return 0;
}

/* An answer in words. */
struct said {
    int status;          /* V_OCSP_CERTSTATUS_… */
    int64_t this_update; /* relative to NOW */
    int64_t next_update; /* the same; 0: none */
    bool without_nonce;
    bool other_nonce;
    bool about_another;
    const EVP_MD *digest; /* NULL: SHA-256 */
    X509 *signer;         /* NULL: the CA */
    EVP_PKEY *signer_key;
    bool alone; /* the signer's certificate stays out of the answer */
};

static struct vrx_buffer answer(const struct said *said) {
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *name =
        OCSP_cert_to_id(EVP_sha1(), said->about_another ? other_card->x509 : card->x509, ca->x509);
    ASN1_TIME *revoked = ASN1_TIME_set(NULL, (time_t)(NOW - 60));
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(NOW + said->this_update));
    ASN1_TIME *until =
        said->next_update ? ASN1_TIME_set(NULL, (time_t)(NOW + said->next_update)) : NULL;
    assert_non_null(
        OCSP_basic_add1_status(basic, name, said->status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
            said->status == V_OCSP_CERTSTATUS_REVOKED ? revoked : NULL, from, until));
    uint8_t sent[VRX_OCSP_NONCE];
    memcpy(sent, nonce, sizeof sent);
    sent[0] ^= said->other_nonce;
    if (!said->without_nonce)
        assert_int_equal(OCSP_basic_add1_nonce(basic, sent, sizeof sent), 1);
    assert_int_equal(
        OCSP_basic_sign(basic, said->signer ? said->signer : ca->x509,
            said->signer_key ? said->signer_key : key->pkey,
            said->digest ? said->digest : EVP_sha256(), NULL, said->alone ? OCSP_NOCERTS : 0),
        1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    unsigned char *der = NULL;
    int len = i2d_OCSP_RESPONSE(response, &der);
    assert_true(len > 0);
    struct vrx_buffer out = {0};
    assert_ok(vrx_buffer_append(&out, vrx_view_of(der, (size_t)len)));
    OPENSSL_free(der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(name);
    ASN1_TIME_free(revoked);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return out;
}

static struct vrx_result heard(const struct said *said) {
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = answer(said);
    return vrx_ocsp_check(vrx_buffer_view(&der), card, ca, nonce, NOW);
}

static void good_by_the_ca_itself(void **state) {
    (void)state;
    assert_ok(heard(&(struct said){.next_update = DAY}));
    assert_ok(heard(&(struct said){.alone = true}));
    assert_ok(heard(&(struct said){.this_update = -DAY, .next_update = DAY}));
}

static void rfc6960_2_2_revoked(void **state) {
    (void)state;
    assert_refused(heard(&(struct said){.status = V_OCSP_CERTSTATUS_REVOKED}), VRX_CARD_REVOKED,
        "RFC 6960 §2.2: revoked");
}

static void rfc6960_2_2_unknown(void **state) {
    (void)state;
    assert_refused(heard(&(struct said){.status = V_OCSP_CERTSTATUS_UNKNOWN}),
        VRX_CARD_STATUS_UNKNOWN, "RFC 6960 §2.2: unknown");
}

static void rfc6960_4_4_1_nonce(void **state) {
    (void)state;
    assert_refused(heard(&(struct said){.without_nonce = true}), VRX_CARD_STATUS_UNKNOWN,
        "RFC 6960 §4.4.1: nonce");
    assert_refused(heard(&(struct said){.other_nonce = true}), VRX_CARD_STATUS_UNKNOWN,
        "RFC 6960 §4.4.1: nonce");
}

static void rfc6960_4_2_2_1_times(void **state) {
    (void)state;
    static const struct {
        struct said said;
        const char *clause;
    } cases[] = {
        {{.this_update = VRX_OCSP_SKEW + 1}, "RFC 6960 §4.2.2.1: thisUpdate"},
        {{.this_update = -VRX_OCSP_SKEW - 1}, "RFC 6960 §4.2.2.1: thisUpdate is stale"},
        {{.this_update = -VRX_OCSP_AGE - 1, .next_update = DAY},
            "RFC 6960 §4.2.2.1: thisUpdate is stale"},
        {{.this_update = -DAY, .next_update = -VRX_OCSP_SKEW - 1},
            "RFC 6960 §4.2.2.1: nextUpdate is over"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(heard(&cases[i].said), VRX_CARD_STATUS_UNKNOWN, cases[i].clause);
}

static void rfc6960_3_2_about_another_certificate(void **state) {
    (void)state;
    assert_refused(heard(&(struct said){.about_another = true}), VRX_CARD_STATUS_UNKNOWN,
        "RFC 6960 §3.2: about this certificate");
}

static void rfc6960_4_3_weak_digest(void **state) {
    (void)state;
    assert_refused(heard(&(struct said){.digest = EVP_sha1()}), VRX_CARD_STATUS_UNKNOWN,
        "RFC 6960 §4.3: signature over SHA-256 or better");
}

/* ---- who may sign ---- */

static X509 *responder(
    const char *usage, const struct vrx_certificate *issuer, EVP_PKEY *by, int64_t until) {
    X509 *made = X509_new();
    X509V3_CTX context;
    assert_int_equal(X509_set_version(made, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made), 4711), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(made), (time_t)(NOW - DAY)));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(made), (time_t)until));
    assert_int_equal(X509_set_issuer_name(made, X509_get_subject_name(issuer->x509)), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                         (const unsigned char *)"responder", -1, -1, 0),
        1);
    assert_int_equal(X509_set_pubkey(made, other_key->pkey), 1);
    X509V3_set_ctx(&context, issuer->x509, made, NULL, NULL, 0);
    if (usage) {
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, NID_ext_key_usage, usage);
        assert_int_equal(X509_add_ext(made, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
    assert_true(X509_sign(made, by, EVP_sha256()) > 0);
    return made;
}

static struct vrx_result heard_from(X509 *signer) {
    struct vrx_result result =
        heard(&(struct said){.signer = signer, .signer_key = other_key->pkey});
    X509_free(signer);
    return result;
}

static void rfc6960_4_2_2_2_delegated(void **state) {
    (void)state;
    static const char clause[] = "RFC 6960 §3.2: signed by the issuer or its responder";
    assert_ok(heard_from(responder("OCSPSigning", ca, key->pkey, NOW + DAY)));
    assert_refused(
        heard_from(responder(NULL, ca, key->pkey, NOW + DAY)), VRX_CARD_STATUS_UNKNOWN, clause);
    assert_refused(heard_from(responder("clientAuth", ca, key->pkey, NOW + DAY)),
        VRX_CARD_STATUS_UNKNOWN, clause);
    assert_refused(heard_from(responder("OCSPSigning", ca, key->pkey, NOW - 60)),
        VRX_CARD_STATUS_UNKNOWN, clause);
    assert_refused(heard_from(responder("OCSPSigning", other_ca, other_key->pkey, NOW + DAY)),
        VRX_CARD_STATUS_UNKNOWN, clause);
    assert_refused(heard(&(struct said){.signer = other_ca->x509, .signer_key = other_key->pkey}),
        VRX_CARD_STATUS_UNKNOWN, clause);
}

static void every_changed_byte_is_no_answer(void **state) {
    (void)state;
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = answer(&(struct said){.alone = true});
    for (size_t at = 0; at < der.len; at++) {
        der.ptr[at] ^= 1;
        struct vrx_result result = vrx_ocsp_check(vrx_buffer_view(&der), card, ca, nonce, NOW);
        assert_int_equal(result.reason, VRX_CARD_STATUS_UNKNOWN);
        der.ptr[at] ^= 1;
    }
    for (size_t len = 0; len < der.len; len++)
        assert_int_equal(vrx_ocsp_check(vrx_view_of(der.ptr, len), card, ca, nonce, NOW).reason,
            VRX_CARD_STATUS_UNKNOWN);
    assert_ok(vrx_buffer_append_byte(&der, 0));
    assert_refused(vrx_ocsp_check(vrx_buffer_view(&der), card, ca, nonce, NOW),
        VRX_CARD_STATUS_UNKNOWN, "RFC 6960 §4.2.1: OCSPResponse");
}

static void rfc6960_4_2_2_3_try_later(void **state) {
    (void)state;
    static const uint8_t try_later[] = {0x30, 0x03, 0x0a, 0x01, 0x03};
    assert_refused(vrx_ocsp_check(vrx_view_of(try_later, sizeof try_later), card, ca, nonce, NOW),
        VRX_CARD_STATUS_UNKNOWN, "RFC 6960 §4.2.2.3: responseStatus");
}

static void the_question_is_one(void **state) {
    (void)state;
    struct vrx_buffer der VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_ocsp_ask(card, ca, nonce, &der));
    const unsigned char *at = der.ptr;
    OCSP_REQUEST *question = d2i_OCSP_REQUEST(NULL, &at, (long)der.len);
    assert_non_null(question);
    assert_ptr_equal(at, der.ptr + der.len);
    assert_int_equal(OCSP_request_onereq_count(question), 1);
    OCSP_CERTID *expected = OCSP_cert_to_id(EVP_sha1(), card->x509, ca->x509);
    assert_int_equal(
        OCSP_id_cmp(OCSP_onereq_get0_id(OCSP_request_onereq_get0(question, 0)), expected), 0);
    assert_non_null(memmem(der.ptr, der.len, nonce, sizeof nonce));
    OCSP_CERTID_free(expected);
    OCSP_REQUEST_free(question);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_by_the_ca_itself),
        cmocka_unit_test(rfc6960_2_2_revoked),
        cmocka_unit_test(rfc6960_2_2_unknown),
        cmocka_unit_test(rfc6960_4_4_1_nonce),
        cmocka_unit_test(rfc6960_4_2_2_1_times),
        cmocka_unit_test(rfc6960_3_2_about_another_certificate),
        cmocka_unit_test(rfc6960_4_3_weak_digest),
        cmocka_unit_test(rfc6960_4_2_2_2_delegated),
        cmocka_unit_test(every_changed_byte_is_no_answer),
        cmocka_unit_test(rfc6960_4_2_2_3_try_later),
        cmocka_unit_test(the_question_is_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
