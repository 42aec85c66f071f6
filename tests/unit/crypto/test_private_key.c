/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/private_key.c: the one form of private key that is accepted, agreement with the
 * published values, and what is refused.
 */
#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "support/check.h"

/* RFC 5903 §8.1. */
#define INITIATOR "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
#define INITIATOR_X "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
#define INITIATOR_Y "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
#define RESPONDER "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"
#define RESPONDER_POINT \
    "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63" \
    "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
#define SHARED "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"

/* PKCS #8 around a scalar, without and with the public point. */
#define BARE "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
#define FULL "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420"
#define FULL_POINT "a144034200"

static struct vrx_result from_hex(const char *hex, struct vrx_private_key **ret_key) {
    uint8_t der[600];
    size_t len = test_hex(hex, der, sizeof der);
    return vrx_private_key_from_pkcs8(vrx_view_of(der, len), ret_key);
}

static void ecdh_rfc5903_8_1(void **state) {
    (void)state;
    struct vrx_private_key *initiator = NULL;
    struct vrx_private_key *responder = NULL;
    struct vrx_public_key *responder_public = NULL;
    struct vrx_public_key *initiator_public = NULL;
    assert_ok(from_hex(BARE INITIATOR, &initiator));
    assert_ok(from_hex(BARE RESPONDER, &responder));
    assert_ok(vrx_private_key_public(initiator, &initiator_public));
    assert_ok(vrx_private_key_public(responder, &responder_public));
    uint8_t point[65];
    assert_ok(vrx_public_key_to_point(responder_public, point));
    assert_hex(point, sizeof point, RESPONDER_POINT);
    uint8_t shared[VRX_P256_SHARED];
    assert_ok(vrx_ecdh(initiator, responder_public, shared));
    assert_hex(shared, sizeof shared, SHARED);
    memset(shared, 0, sizeof shared);
    assert_ok(vrx_ecdh(responder, initiator_public, shared));
    assert_hex(shared, sizeof shared, SHARED);
    vrx_private_key_free(&initiator);
    vrx_private_key_free(&responder);
    vrx_public_key_free(&initiator_public);
    vrx_public_key_free(&responder_public);
}

static void sec1_3_3_1_agreement_on_p256_only(void **state) {
    (void)state;
    uint8_t der[44];
    size_t len = test_hex(
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        der, sizeof der);
    struct vrx_public_key *ed25519 = NULL;
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, len), &ed25519));
    assert_ok(vrx_private_key_new_p256(&key));
    uint8_t shared[VRX_P256_SHARED];
    assert_reason(vrx_ecdh(key, ed25519, shared), VRX_KEY_INVALID);
    vrx_private_key_free(&key);
    vrx_public_key_free(&ed25519);
}

static void pkcs8_rfc5958_and_back(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_secret *der = NULL;
    static const char full[] = FULL INITIATOR FULL_POINT "04" INITIATOR_X INITIATOR_Y;
    assert_ok(from_hex(full, &key));
    assert_ok(vrx_private_key_to_pkcs8(key, &der));
    assert_hex(der->ptr, der->len, full);
    vrx_secret_free(&der);
    vrx_private_key_free(&key);
    assert_null(key);

    /* Without the point it is computed; written, it is there. */
    assert_ok(from_hex(BARE INITIATOR, &key));
    assert_ok(vrx_private_key_to_pkcs8(key, &der));
    assert_hex(der->ptr, der->len, full);
    vrx_secret_free(&der);
    vrx_private_key_free(&key);

    /* A compressed point is understood and written uncompressed. */
    assert_ok(
        from_hex("3067020100301306072a8648ce3d020106082a8648ce3d030107044d304b0201010420" INITIATOR
                 "a12403220003" INITIATOR_X,
            &key));
    assert_ok(vrx_private_key_to_pkcs8(key, &der));
    assert_hex(der->ptr, der->len, full);
    vrx_secret_free(&der);
    vrx_private_key_free(&key);
}

static void pem_rfc7468_10_and_back(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_private_key *again = NULL;
    struct vrx_secret *pem = NULL;
    struct vrx_secret *second = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_to_pem(key, &pem));
    static const char head[] = "-----BEGIN PRIVATE KEY-----\n";
    static const char tail[] = "\n-----END PRIVATE KEY-----\n";
    assert_memory_equal(pem->ptr, head, strlen(head));
    assert_memory_equal(pem->ptr + pem->len - strlen(tail), tail, strlen(tail));
    for (size_t i = 0, column = 0; i < pem->len; i++) {
        column = pem->ptr[i] == '\n' ? 0 : column + 1;
        assert_true(column <= 64);
        assert_true(pem->ptr[i] != 0);
    }
    assert_ok(vrx_private_key_from_pem(vrx_secret_view(pem), &again));
    assert_ok(vrx_private_key_to_pem(again, &second));
    assert_int_equal(second->len, pem->len);
    assert_memory_equal(second->ptr, pem->ptr, pem->len);
    vrx_secret_free(&pem);
    vrx_secret_free(&second);
    vrx_private_key_free(&key);
    vrx_private_key_free(&again);
}

static void rfc5958_2_keys_refused(void **state) {
    (void)state;
    static const char *const refused[] = {
        "",
        "30",
        BARE "0000000000000000000000000000000000000000000000000000000000000000",
        /* the order of the curve, and more */
        BARE "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        BARE "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        BARE INITIATOR "00",
        /* another key's public point */
        FULL INITIATOR FULL_POINT RESPONDER_POINT,
        /* secp256k1 */
        "303e020100301006072a8648ce3d020106052b8104000a042730250201010420" INITIATOR,
        /* P-384 */
        "3081b6020100301006072a8648ce3d020106052b8104002204819e30819b020101043030a00ffc976a912d4b"
        "d387ef587823eb53d06049770f4880ad521490a01ad82e2fdc71624b1d81275d46d40319de77f3f9a1640362"
        "00040dc78a53ab03fc6bd6e250b6016467bf2f2ffd78c3f7f2b252c657cf2314ae342c71a4d940ed0c30ecc9"
        "b4852adfc4c300e84b68b0860bbb8310ac248c0038298e12f10605bace1dde86340b833e37aa50264ba02f83"
        "130d74537d784a75dab8",
        /* Ed25519 */
        "302e020100300506032b6570042204200e6f22547259d176629e0bb8c485070ae3f76c3a8eddb909a5fc109e"
        "af0b36d2",
        /* P-256 by explicit parameters */
        "308201790201003082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff"
        "00000001000000000000000000000000ffffffffffffffffffffffff305b0420ffffffff0000000100000000"
        "0000000000000000fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53"
        "b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247"
        "f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce3357"
        "6b315ececbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc"
        "632551020101046d306b020101042087fa38bb789b538ad24c5e44adec62cb0da38773e975863f503aa40a11"
        "ba402ea14403420004121b5aca04240b6f5815862a23dcebb82ff94e9648bea812cbde84aa54931e2a5862c5"
        "06a96a1abef39ae8bcb1b44a5252a6f80f84b577a8e03197b183ffdd44",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_private_key *key = NULL;
        struct vrx_result result = from_hex(refused[i], &key);
        assert_reason(result, VRX_KEY_INVALID);
        assert_string_equal(result.clause, "RFC 5958 §2");
        assert_null(key);
    }
}

#define BASE64 \
    "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCDIjwH1ENmsP3Ciktqi\n" \
    "MW3lROmquK/oQEnGKpxXhi0UMw==\n"

static void rfc7468_10_files_refused(void **state) {
    (void)state;
    static const char *const refused[] = {
        "",
        "no key at all\n",
        "-----BEGIN PRIVATE KEY-----\n" BASE64,
        "-----BEGIN EC PRIVATE KEY-----\n" BASE64 "-----END EC PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" BASE64 "-----END ENCRYPTED PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n" BASE64 "-----END PUBLIC KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n" BASE64
        "-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_private_key *key = NULL;
        assert_reason(vrx_private_key_from_pem(vrx_view_text(refused[i]), &key), VRX_KEY_INVALID);
        assert_null(key);
    }
    struct vrx_private_key *key = NULL;
    assert_ok(vrx_private_key_from_pem(
        vrx_view_text(
            "Text before it.\n-----BEGIN PRIVATE KEY-----\n" BASE64 "-----END PRIVATE KEY-----\n"),
        &key));
    vrx_private_key_free(&key);
    vrx_private_key_free(&key);
    vrx_private_key_free(NULL);
}

static void its_public_half_reads_the_same_with_and_without_a_key_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct vrx_private_key *key = NULL;
        struct vrx_public_key *public = NULL;
        struct vrx_buffer spki = {0};
        struct vrx_buffer same = {0};
        uint8_t point[VRX_P256_POINT];
        uint8_t same_point[VRX_P256_POINT];
        uint8_t digest[32];
        uint8_t same_digest[32];
        assert_ok(vrx_private_key_new_p256(&key));
        assert_ok(vrx_private_key_public(key, &public));
        assert_ok(vrx_public_key_to_point(public, point));
        vrx_private_key_point(key, same_point);
        assert_memory_equal(point, same_point, sizeof point);
        assert_ok(vrx_public_key_to_spki(public, &spki));
        assert_ok(vrx_private_key_to_spki(key, &same));
        assert_true(vrx_view_equal(vrx_buffer_view(&spki), vrx_buffer_view(&same)));
        assert_ok(vrx_public_key_spki_sha256(public, digest));
        assert_ok(vrx_private_key_spki_sha256(key, same_digest));
        assert_memory_equal(digest, same_digest, sizeof digest);
        vrx_buffer_done(&spki);
        vrx_buffer_done(&same);
        vrx_public_key_free(&public);
        vrx_private_key_free(&key);
    }
}

static void no_two_keys_are_the_same(void **state) {
    (void)state;
    uint8_t points[8][VRX_P256_POINT];
    for (size_t i = 0; i < 8; i++) {
        struct vrx_private_key *key = NULL;
        assert_ok(vrx_private_key_new_p256(&key));
        vrx_private_key_point(key, points[i]);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(points[i], points[k], VRX_P256_POINT);
        vrx_private_key_free(&key);
    }
}

/* A signer elsewhere, which has the key and may be broken. */
struct elsewhere {
    struct vrx_private_key *key;
    struct vrx_result broken;
    bool forges;
    unsigned asked;
};

static const char said[] = "said elsewhere";

static struct vrx_result sign_elsewhere(
    void *context, const uint8_t digest[32], uint8_t ret_signature[VRX_P256_SIGNATURE]) {
    struct elsewhere *elsewhere = context;
    uint8_t expected[VRX_SHA256];
    elsewhere->asked++;
    assert_ok(vrx_sha256(vrx_view_text(said), expected));
    assert_memory_equal(digest, expected, sizeof expected);
    VRX_TRY(elsewhere->broken);
    assert_ok(vrx_sign_es256(elsewhere->key, vrx_view_text(said), ret_signature));
    if (elsewhere->forges)
        ret_signature[VRX_P256_SIGNATURE - 1] ^= 1;
    return vrx_ok();
}

static void key_outside_signs_and_nothing_else(void **state) {
    (void)state;
    struct elsewhere elsewhere = {.broken = vrx_ok()};
    const struct vrx_outside_signer signer = {sign_elsewhere, &elsewhere};
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public = NULL;
    struct vrx_secret *secret = NULL;
    uint8_t raw[VRX_P256_SIGNATURE] = {0};
    uint8_t shared[VRX_P256_SHARED];
    uint8_t point[VRX_P256_POINT];
    uint8_t other[VRX_P256_POINT];
    assert_ok(vrx_private_key_new_p256(&elsewhere.key));
    assert_ok(vrx_private_key_public(elsewhere.key, &public));
    assert_ok(vrx_private_key_outside(public, &signer, &key));
    vrx_private_key_point(key, point);
    vrx_private_key_point(elsewhere.key, other);
    assert_memory_equal(point, other, sizeof point);
    assert_ok(vrx_sign_es256(key, vrx_view_text(said), raw));
    assert_ok(vrx_verify(VRX_ES256, public, vrx_view_text(said), vrx_view_of(raw, sizeof raw)));
    assert_int_equal(elsewhere.asked, 1);
    assert_reason(vrx_ecdh(key, public, shared), VRX_KEY_INVALID);
    assert_reason(vrx_private_key_to_pkcs8(key, &secret), VRX_KEY_INVALID);
    assert_reason(vrx_private_key_to_pem(key, &secret), VRX_KEY_INVALID);
    vrx_private_key_free(&key);
    vrx_private_key_free(&elsewhere.key);
    vrx_public_key_free(&public);
}

static void what_is_signed_outside_is_verified(void **state) {
    (void)state;
    struct elsewhere elsewhere = {.broken = vrx_ok(), .forges = true};
    const struct vrx_outside_signer signer = {sign_elsewhere, &elsewhere};
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public = NULL;
    uint8_t raw[VRX_P256_SIGNATURE] = {0};
    const uint8_t untouched[VRX_P256_SIGNATURE] = {0};
    assert_ok(vrx_private_key_new_p256(&elsewhere.key));
    assert_ok(vrx_private_key_public(elsewhere.key, &public));
    assert_ok(vrx_private_key_outside(public, &signer, &key));
    assert_reason(vrx_sign_es256(key, vrx_view_text(said), raw), VRX_TOKEN_FAILED);
    elsewhere.broken = vrx_fail(VRX_ISSUER_UNAVAILABLE);
    assert_reason(vrx_sign_es256(key, vrx_view_text(said), raw), VRX_ISSUER_UNAVAILABLE);
    assert_memory_equal(raw, untouched, sizeof raw);
    vrx_private_key_free(&key);
    vrx_private_key_free(&elsewhere.key);
    vrx_public_key_free(&public);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_public_half_reads_the_same_with_and_without_a_key_of_its_own),
        cmocka_unit_test(no_two_keys_are_the_same),
        cmocka_unit_test(ecdh_rfc5903_8_1),
        cmocka_unit_test(sec1_3_3_1_agreement_on_p256_only),
        cmocka_unit_test(pkcs8_rfc5958_and_back),
        cmocka_unit_test(pem_rfc7468_10_and_back),
        cmocka_unit_test(rfc5958_2_keys_refused),
        cmocka_unit_test(rfc7468_10_files_refused),
        cmocka_unit_test(key_outside_signs_and_nothing_else),
        cmocka_unit_test(what_is_signed_outside_is_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
