/* SPDX-License-Identifier: Apache-2.0
 *
 * services/cards: which certificates count, and revocation lists in a file. What a responder says
 * is in tests/unit/crypto/test_ocsp.c, the way to one in tests/system/jpki.test.mjs. The
 * certificates are made with OpenSSL, for ours have no RSA keys.
 */
#include "cards/cards.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "crypto/crl.h"
#include "crypto/random.h"
#include "files/files.h"
#include "support/check.h"

#define NOW ((int64_t)1640995200)
#define DAY ((int64_t)86400)
#define assert_refused(expression, wanted, text) \
    do { \
        struct vrx_result refused_ = (expression); \
        assert_reason(refused_, wanted); \
        assert_string_equal(refused_.clause, text); \
    } while (0)

static char folder[] = "/tmp/vrx-cards-XXXXXX";
static char anchors[64];
static char lists[64];
static struct vrx_private_key *ca_key;
static struct vrx_certificate *ca;
static struct vrx_private_key *other_key;
static struct vrx_certificate *other_ca;
static EVP_PKEY *rsa;
static EVP_PKEY *p256;

static struct vrx_certificate *authority(const struct vrx_private_key *key, const char *name) {
    struct vrx_public_key *public VRX_CLEANUP(vrx_public_key_free) = NULL;
    struct vrx_certificate *made = NULL;
    assert_ok(vrx_private_key_public(key, &public));
    const struct vrx_certificate_request request = {
        .profile = VRX_PROFILE_PLATFORM_CA,
        .subject_key = public,
        .common_name = vrx_view_text(name),
        .serial = {1},
        .not_before = NOW - DAY,
        .not_after = NOW + 300 * DAY,
    };
    assert_ok(vrx_certificate_make(&request, NULL, key, &made));
    return made;
}

static EVP_PKEY *evp_of(const struct vrx_private_key *key) {
    struct vrx_secret *der VRX_CLEANUP(vrx_secret_free) = NULL;
    assert_ok(vrx_private_key_to_pkcs8(key, &der));
    const unsigned char *at = der->ptr;
    EVP_PKEY *made = d2i_AutoPrivateKey(NULL, &at, (long)der->len);
    assert_non_null(made);
    return made;
}

static void add(X509 *card, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_int_equal(X509_add_ext(card, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* A card's certificate in words; NULL: without that extension. */
struct said {
    EVP_PKEY *key;
    const char *usage;
    const char *purposes;
    const char *constraints;
    int64_t from, until; /* relative to NOW */
    const struct vrx_certificate *issuer;
    const struct vrx_private_key *issuer_key;
};

static struct vrx_certificate *card_of(const struct said *said) {
    struct vrx_certificate *made = NULL;
    const struct vrx_view issuer = vrx_certificate_der(said->issuer);
    const unsigned char *at = issuer.ptr;
    X509 *by = d2i_X509(NULL, &at, (long)issuer.len);
    EVP_PKEY *signer = evp_of(said->issuer_key);
    X509 *card = X509_new();
    assert_int_equal(X509_set_version(card, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(card), 4711), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(card), (time_t)(NOW + said->from)));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(card), (time_t)(NOW + said->until)));
    assert_int_equal(X509_set_issuer_name(card, X509_get_subject_name(by)), 1);
    assert_int_equal(X509_set_pubkey(card, said->key), 1);
    if (said->usage)
        add(card, NID_key_usage, said->usage);
    if (said->purposes)
        add(card, NID_ext_key_usage, said->purposes);
    if (said->constraints)
        add(card, NID_basic_constraints, said->constraints);
    assert_true(X509_sign(card, signer, EVP_sha256()) > 0);
    unsigned char *der = NULL;
    const int len = i2d_X509(card, &der);
    assert_ok(vrx_certificate_from_der(vrx_view_of(der, (size_t)len), &made));
    OPENSSL_free(der);
    X509_free(card);
    X509_free(by);
    EVP_PKEY_free(signer);
    return made;
}

static struct said good(void) {
    return (struct said){
        rsa, "critical,digitalSignature", "clientAuth", NULL, -DAY, DAY, ca, ca_key};
}

static void write_pem(const char *path, struct vrx_buffer *pem) {
    assert_ok(vrx_file_replace(path, 0600, vrx_buffer_view(pem)));
    vrx_buffer_done(pem);
}

static void write_anchors(void) {
    struct vrx_buffer pem = {0};
    assert_ok(vrx_certificate_to_pem(other_ca, &pem));
    assert_ok(vrx_certificate_to_pem(ca, &pem));
    write_pem(anchors, &pem);
}

/* A list of this authority, in time from..until, which names the card or nobody. */
static void write_list(const struct vrx_certificate *issuer, const struct vrx_private_key *key,
    int64_t from, int64_t until, bool names) {
    struct vrx_crl *crl VRX_CLEANUP(vrx_crl_free) = NULL;
    struct vrx_buffer pem = {0};
    const struct vrx_revocation revoked = {.serial = {{0x12, 0x67}, 2}, .time = NOW - 60};
    const struct vrx_crl_request request = {.number = 7,
        .this_update = NOW + from,
        .next_update = NOW + until,
        .revoked = &revoked,
        .revoked_count = names};
    assert_ok(vrx_crl_make(&request, issuer, key, &crl));
    assert_ok(vrx_crl_to_pem(crl, &pem));
    write_pem(lists, &pem);
}

static int set_up(void **state) {
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(anchors, sizeof anchors, "%s/anchors.pem", folder);
    (void)snprintf(lists, sizeof lists, "%s/crl.pem", folder);
    assert_ok(vrx_private_key_new_p256(&ca_key));
    assert_ok(vrx_private_key_new_p256(&other_key));
    ca = authority(ca_key, "cards");
    other_ca = authority(other_key, "cards before");
    rsa = EVP_RSA_gen(2048);
    p256 = evp_of(other_key);
    write_anchors();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    vrx_certificate_free(&ca);
    vrx_certificate_free(&other_ca);
    vrx_private_key_free(&ca_key);
    vrx_private_key_free(&other_key);
    assert_ok(vrx_folder_remove(folder));
    return 0;
}

static struct vrx_cards_settings settings(void) {
    return (struct vrx_cards_settings){.anchors = anchors, .crl = lists, .ocsp = ""};
}

static struct vrx_cards *cards_of(void) {
    struct vrx_cards *cards = NULL;
    const struct vrx_cards_settings given = settings();
    assert_ok(vrx_cards_new(&given, &cards));
    return cards;
}

static struct vrx_result accepted(const struct said *said) {
    struct vrx_cards *cards VRX_CLEANUP(vrx_cards_free) = cards_of();
    struct vrx_certificate *card VRX_CLEANUP(vrx_certificate_free) = card_of(said);
    const struct vrx_certificate *issuer = NULL;
    VRX_TRY(vrx_cards_accept(cards, card, NOW, &issuer));
    assert_true(vrx_view_equal(vrx_certificate_der(issuer), vrx_certificate_der(said->issuer)));
    return vrx_ok();
}

static void a_card_of_any_anchor_counts(void **state) {
    (void)state;
    struct said said = good();
    assert_ok(accepted(&said));
    said.from = 0;
    said.until = 0;
    assert_ok(accepted(&said));
    said.issuer = other_ca;
    said.issuer_key = other_key;
    assert_ok(accepted(&said));
}

static void rfc5280_6_1_3_another_issuer(void **state) {
    (void)state;
    struct vrx_private_key *key VRX_CLEANUP(vrx_private_key_free) = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    struct vrx_certificate *stranger VRX_CLEANUP(vrx_certificate_free) = authority(key, "cards");
    struct said said = good();
    said.issuer = stranger;
    said.issuer_key = key;
    assert_refused(
        accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.3: issued by one of card-anchors");
}

static void rfc5280_6_1_3_a_2_validity(void **state) {
    (void)state;
    struct said said = good();
    said.until = -1;
    assert_refused(accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.3 a.2: validity");
    said.from = 1;
    said.until = DAY;
    assert_refused(accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §6.1.3 a.2: validity");
}

static void rfc5280_4_2_1_use(void **state) {
    (void)state;
    struct said said = good();
    said.usage = "critical,nonRepudiation";
    assert_refused(accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.3: digitalSignature");
    said = good();
    said.purposes = NULL;
    assert_refused(
        accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.12: id-kp-clientAuth");
    said.purposes = "serverAuth";
    assert_refused(
        accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §4.2.1.12: id-kp-clientAuth");
    said = good();
    said.key = p256;
    assert_refused(accepted(&said), VRX_CERTIFICATE_INVALID, "RFC 5280 §4.1.2.7: an RSA key");
    said = good();
    said.usage = "critical,digitalSignature,keyCertSign";
    said.constraints = "critical,CA:TRUE";
    assert_refused(accepted(&said), VRX_CERTIFICATE_INVALID,
        "RFC 5280 §4.2.1.9: a holder's certificate, no CA's");
}

/* ---- revocation lists ---- */

static struct vrx_result asked(void) {
    struct vrx_cards *cards VRX_CLEANUP(vrx_cards_free) = cards_of();
    const struct said said = good();
    struct vrx_certificate *card VRX_CLEANUP(vrx_certificate_free) = card_of(&said);
    const struct vrx_revocation_question question = {card, ca, vrx_random_system(), NOW};
    return vrx_cards_not_revoked(cards, &question);
}

static void rfc5280_6_3_3_revoked(void **state) {
    (void)state;
    write_list(ca, ca_key, -DAY, DAY, false);
    assert_ok(asked());
    write_list(ca, ca_key, -DAY, DAY, true);
    assert_refused(asked(), VRX_CARD_REVOKED, "RFC 5280 §6.3.3: revoked");
}

static void a_list_that_does_not_count_lets_nobody_in(void **state) {
    (void)state;
    write_list(ca, ca_key, -DAY, -1, false);
    assert_refused(asked(), VRX_CARD_STATUS_UNKNOWN, "RFC 5280 §5.1.2.5: nextUpdate is over");
    write_list(ca, ca_key, 1, DAY, false);
    assert_refused(asked(), VRX_CARD_STATUS_UNKNOWN, "RFC 5280 §5.1.2.4: thisUpdate");
    write_list(other_ca, other_key, -DAY, DAY, false);
    assert_refused(
        asked(), VRX_CARD_STATUS_UNKNOWN, "RFC 5280 §6.3.3 f, g: a list of the card's issuer");
    assert_ok(vrx_file_replace(lists, 0600, vrx_view_text("no list")));
    assert_refused(asked(), VRX_CARD_STATUS_UNKNOWN, "RFC 5280 §5.1: card-crl");
    assert_int_equal(remove(lists), 0);
    assert_refused(asked(), VRX_CARD_STATUS_UNKNOWN, "card-crl: the file cannot be read");
}

/* ---- settings ---- */

static struct vrx_result configured(const struct vrx_cards_settings *given) {
    struct vrx_cards *cards VRX_CLEANUP(vrx_cards_free) = NULL;
    return vrx_cards_new(given, &cards);
}

static void what_would_let_revoked_cards_in_is_refused(void **state) {
    (void)state;
    struct vrx_cards_settings given = settings();
    given.crl = "";
    assert_refused(
        configured(&given), VRX_INPUT_FIELD_MISSING, "card-anchors: with card-crl or card-ocsp");
    given.ocsp = "https://ocsp.example/";
    assert_refused(configured(&given), VRX_INPUT_MALFORMED, "card-ocsp: http://HOST:PORT/PATH");
    given.ocsp = "http://ocsp.example:80/";
    assert_ok(configured(&given));
}

static void anchors_are_authorities(void **state) {
    (void)state;
    const struct said said = good();
    struct vrx_certificate *card VRX_CLEANUP(vrx_certificate_free) = card_of(&said);
    struct vrx_cards_settings given = settings();
    struct vrx_buffer pem = {0};
    assert_ok(vrx_certificate_to_pem(card, &pem));
    write_pem(anchors, &pem);
    assert_refused(
        configured(&given), VRX_CERTIFICATE_INVALID, "card-anchors: RFC 5280 §6.1.4 k: a CA");
    assert_ok(vrx_file_replace(anchors, 0600, vrx_view_text("nobody")));
    assert_refused(configured(&given), VRX_CERTIFICATE_INVALID, "card-anchors: RFC 7468 §5");
    for (size_t i = 0; i <= VRX_CARD_ANCHORS; i++)
        assert_ok(vrx_certificate_to_pem(ca, &pem));
    write_pem(anchors, &pem);
    assert_reason(configured(&given), VRX_CAP_REACHED);
    write_anchors();
    assert_ok(configured(&given));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_of_any_anchor_counts),
        cmocka_unit_test(rfc5280_6_1_3_another_issuer),
        cmocka_unit_test(rfc5280_6_1_3_a_2_validity),
        cmocka_unit_test(rfc5280_4_2_1_use),
        cmocka_unit_test(rfc5280_6_3_3_revoked),
        cmocka_unit_test(a_list_that_does_not_count_lets_nobody_in),
        cmocka_unit_test(what_would_let_revoked_cards_in_is_refused),
        cmocka_unit_test(anchors_are_authorities),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
