/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/signature.c: known signatures of every algorithm, round trips, and the negatives
 * that Project Wycheproof taught everybody to try.
 */
#include <pthread.h>

#include "base/bytes.h"
#include "crypto/key.h"
#include "rsa_samples.h"
#include "support/check.h"

#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" /* of P-256 */
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

/* RFC 6979 §A.2.5, SHA-256, "sample". */
#define P256_X "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define P256_Y "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
#define P256_R "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define P256_S "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"

static const struct sample {
    enum vrx_signature_algorithm algorithm;
    enum vrx_key_type type;
    const char *x, *y, *signature;
} ecdsa[] = {
    {VRX_ES256, VRX_KEY_P256, P256_X, P256_Y, P256_R P256_S},
    /* RFC 6979 §A.2.6, SHA-384, "sample". */
    {VRX_ES384, VRX_KEY_P384,
        "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
        "def8f0ea9055866064a254515480bc13",
        "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
        "288b231c3ae0d4fe7344fd2533264720",
        "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
        "81a648152e44acf96e36dd1e80fabe46"
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
        "a329c145786e679e7b82c71a38628ac8"},
    /* RFC 6979 §A.2.7, SHA-512, "sample". */
    {VRX_ES512, VRX_KEY_P521,
        "01894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd3711"
        "23d46e45db6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a4",
        "00493101c962cd4d2fddf782285e64584139c2f91b47f87ff82354d6630f746a28a0"
        "db25741b5b34a828008b22acc23f924faafbd4d33f81ea66956dfeaa2bfdfcf5",
        "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e"
        "25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa"
        "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af2826"
        "23eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a"},
};

static struct vrx_public_key *key_of(const struct sample *sample) {
    uint8_t x[66];
    uint8_t y[66];
    size_t len = test_hex(sample->x, x, sizeof x);
    test_hex(sample->y, y, sizeof y);
    struct vrx_public_key *key = NULL;
    assert_ok(vrx_public_key_from_xy(sample->type, vrx_view_of(x, len), vrx_view_of(y, len), &key));
    return key;
}

static struct vrx_public_key *key_of_spki(const char *hex) {
    uint8_t der[600];
    size_t len = test_hex(hex, der, sizeof der);
    struct vrx_public_key *key = NULL;
    assert_ok(vrx_public_key_from_spki(vrx_view_of(der, len), &key));
    return key;
}

static struct vrx_result verify_hex(enum vrx_signature_algorithm algorithm,
    const struct vrx_public_key *key, const char *message, const char *signature) {
    uint8_t bytes[600];
    size_t len = test_hex(signature, bytes, sizeof bytes);
    return vrx_verify(algorithm, key, vrx_view_text(message), vrx_view_of(bytes, len));
}

static void ecdsa_rfc6979_appendix_a(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ecdsa / sizeof ecdsa[0]; i++) {
        struct vrx_public_key *key = key_of(&ecdsa[i]);
        assert_ok(verify_hex(ecdsa[i].algorithm, key, "sample", ecdsa[i].signature));
        assert_reason(verify_hex(ecdsa[i].algorithm, key, "sampled", ecdsa[i].signature),
            VRX_SIGNATURE_INVALID);
        vrx_public_key_free(&key);
    }
}

/* RFC 8032 §7.1, tests 1 (empty message) and 2. */
static void eddsa_rfc8032_7_1(void **state) {
    (void)state;
    struct vrx_public_key *key = key_of_spki(
        "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    static const char signature[] =
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b";
    assert_ok(verify_hex(VRX_EDDSA, key, "", signature));
    assert_reason(verify_hex(VRX_EDDSA, key, "r", signature), VRX_SIGNATURE_INVALID);
    vrx_public_key_free(&key);

    key = key_of_spki(
        "302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    static const char second[] =
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb4302aeeb00d291612bb0c00";
    assert_ok(verify_hex(VRX_EDDSA, key, "r", second));
    assert_reason(verify_hex(VRX_EDDSA, key, "r", signature), VRX_SIGNATURE_INVALID);
    assert_reason(verify_hex(VRX_EDDSA, key, "r", "92a0"), VRX_SIGNATURE_INVALID);
    vrx_public_key_free(&key);
}

static void ps256_rfc8230_2(void **state) {
    (void)state;
    struct vrx_public_key *key = key_of_spki(RSA_SPKI);
    assert_ok(verify_hex(VRX_PS256, key, RSA_MESSAGE, RSA_PSS));
    static const char *const refused[] = {RSA_PSS_SALT_20, RSA_PSS_MGF1_SHA1, RSA_PKCS1, "00", ""};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_result result = verify_hex(VRX_PS256, key, RSA_MESSAGE, refused[i]);
        assert_reason(result, VRX_SIGNATURE_INVALID);
        assert_string_equal(result.clause, "RFC 8230 §2");
    }
    assert_reason(verify_hex(VRX_PS256, key, "Another message.", RSA_PSS), VRX_SIGNATURE_INVALID);
    vrx_public_key_free(&key);
}

static struct vrx_result pkcs1_hex(
    const struct vrx_public_key *key, const char *message, const char *signature) {
    uint8_t bytes[256];
    size_t len = test_hex(signature, bytes, sizeof bytes);
    return vrx_verify_pkcs1(key, vrx_view_text(message), vrx_view_of(bytes, len));
}

static void rfc8017_8_2_2_pkcs1(void **state) {
    (void)state;
    struct vrx_public_key *key = key_of_spki(RSA_SPKI);
    struct vrx_private_key *p256 = NULL;
    struct vrx_public_key *other = NULL;
    assert_ok(pkcs1_hex(key, RSA_MESSAGE, RSA_PKCS1));
    assert_reason(pkcs1_hex(key, "Another message.", RSA_PKCS1), VRX_SIGNATURE_INVALID);
    assert_reason(pkcs1_hex(key, RSA_MESSAGE, RSA_PSS), VRX_SIGNATURE_INVALID);
    assert_reason(pkcs1_hex(key, RSA_MESSAGE, "00"), VRX_SIGNATURE_INVALID);
    assert_reason(pkcs1_hex(key, RSA_MESSAGE, ""), VRX_SIGNATURE_INVALID);
    assert_ok(verify_hex(VRX_PS256, key, RSA_MESSAGE, RSA_PSS));
    assert_ok(vrx_private_key_new_p256(&p256));
    assert_ok(vrx_private_key_public(p256, &other));
    assert_reason(pkcs1_hex(other, RSA_MESSAGE, RSA_PKCS1), VRX_ALGORITHM_REFUSED);
    vrx_public_key_free(&other);
    vrx_private_key_free(&p256);
    vrx_public_key_free(&key);
}

static void rfc9053_2_algorithm_fits_key(void **state) {
    (void)state;
    static const enum vrx_signature_algorithm all[] = {
        VRX_ES256, VRX_ES384, VRX_ES512, VRX_PS256, VRX_EDDSA};
    static const uint8_t signature[64] = {1};
    for (size_t i = 0; i < sizeof ecdsa / sizeof ecdsa[0]; i++) {
        struct vrx_public_key *key = key_of(&ecdsa[i]);
        for (size_t j = 0; j < sizeof all / sizeof all[0]; j++) {
            if (all[j] != ecdsa[i].algorithm)
                assert_reason(
                    vrx_verify(all[j], key, vrx_view_text("sample"), vrx_view_of(signature, 64)),
                    VRX_ALGORITHM_REFUSED);
        }
        vrx_public_key_free(&key);
    }
    struct vrx_public_key *rsa = key_of_spki(RSA_SPKI);
    assert_reason(verify_hex(VRX_ES256, rsa, RSA_MESSAGE, RSA_PSS), VRX_ALGORITHM_REFUSED);
    assert_reason(verify_hex((enum vrx_signature_algorithm)0, rsa, RSA_MESSAGE, RSA_PSS),
        VRX_ALGORITHM_REFUSED);
    /* RS256: known to COSE (RFC 8812), not accepted here. */
    assert_reason(verify_hex((enum vrx_signature_algorithm) - 257, rsa, RSA_MESSAGE, RSA_PKCS1),
        VRX_ALGORITHM_REFUSED);
    vrx_public_key_free(&rsa);
}

/* FIPS 186-4 §6.4.2: r and s lie between 1 and n - 1; RFC 9053 §2.1: both in full length. */
static void rfc9053_2_1_signature_values(void **state) {
    (void)state;
    static const char *const refused[] = {
        ZERO P256_S,
        P256_R ZERO,
        ZERO ZERO,
        ORDER P256_S,
        P256_R ORDER,
        ORDER ORDER,
        ONES P256_S,
        P256_R ONES,
        P256_S P256_R,
        /* r and s of one: the classic of a verifier that forgot to check anything */
        "0000000000000000000000000000000000000000000000000000000000000001"
        "0000000000000000000000000000000000000000000000000000000000000001",
        "",
        P256_R,
        P256_R P256_S "00",
        "00" P256_R P256_S,
        /* the same signature in DER */
        "3046022100" P256_R "022100" P256_S,
    };
    struct vrx_public_key *key = key_of(&ecdsa[0]);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_result result = verify_hex(VRX_ES256, key, "sample", refused[i]);
        assert_reason(result, VRX_SIGNATURE_INVALID);
        assert_string_equal(result.clause, "RFC 9053 §2.1");
    }
    vrx_public_key_free(&key);
}

static void every_bit_of_a_signature_counts(void **state) {
    (void)state;
    struct vrx_public_key *key = key_of(&ecdsa[0]);
    uint8_t signature[64];
    test_hex(P256_R P256_S, signature, sizeof signature);
    for (size_t bit = 0; bit < 512; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        assert_reason(
            vrx_verify(VRX_ES256, key, vrx_view_text("sample"), vrx_view_of(signature, 64)),
            VRX_SIGNATURE_INVALID);
        signature[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    vrx_public_key_free(&key);
}

/* Many rounds, so that r and s of every length pass through both translations. */
static void es256_round_trip(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public = NULL;
    struct vrx_private_key *stranger = NULL;
    struct vrx_public_key *other = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_public(key, &public));
    assert_ok(vrx_private_key_new_p256(&stranger));
    assert_ok(vrx_private_key_public(stranger, &other));
    uint8_t signature[VRX_P256_SIGNATURE];
    uint8_t before[VRX_P256_SIGNATURE] = {0};
    unsigned short_values = 0;
    for (uint32_t i = 0; i < 2000; i++) {
        const struct vrx_view message = vrx_view_of(&i, i % 5); /* the empty one too */
        assert_ok(vrx_sign_es256(key, message, signature));
        assert_ok(vrx_verify(VRX_ES256, public, message, vrx_view_of(signature, 64)));
        assert_memory_not_equal(signature, before, sizeof signature);
        memcpy(before, signature, sizeof before);
        short_values += signature[0] == 0 || signature[32] == 0;
    }
    assert_true(short_values > 0); /* 2000 rounds without one: e^-16 */
    assert_reason(vrx_verify(VRX_ES256, other, vrx_view_text("x"), vrx_view_of(signature, 64)),
        VRX_SIGNATURE_INVALID);
    vrx_private_key_free(&key);
    vrx_private_key_free(&stranger);
    vrx_public_key_free(&public);
    vrx_public_key_free(&other);
}

struct shared {
    const struct vrx_private_key *key;
    const struct vrx_public_key *public;
    unsigned good; /* of one thread */
};

static void *sign_and_verify(void *argument) {
    struct shared *shared = argument;
    for (uint32_t i = 0; i < 200; i++) {
        uint8_t signature[VRX_P256_SIGNATURE];
        const struct vrx_view message = vrx_view_of(&i, sizeof i);
        if (vrx_is_ok(vrx_sign_es256(shared->key, message, signature)) &&
            vrx_is_ok(vrx_verify(VRX_ES256, shared->public, message, vrx_view_of(signature, 64))))
            shared->good++;
    }
    return NULL;
}

static void one_key_serves_many_threads(void **state) {
    (void)state;
    struct vrx_private_key *key = NULL;
    struct vrx_public_key *public = NULL;
    assert_ok(vrx_private_key_new_p256(&key));
    assert_ok(vrx_private_key_public(key, &public));
    pthread_t threads[4];
    struct shared shared[4];
    for (size_t i = 0; i < 4; i++) {
        shared[i] = (struct shared){key, public, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, sign_and_verify, &shared[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(shared[i].good, 200);
    }
    vrx_private_key_free(&key);
    vrx_public_key_free(&public);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa_rfc6979_appendix_a),
        cmocka_unit_test(eddsa_rfc8032_7_1),
        cmocka_unit_test(ps256_rfc8230_2),
        cmocka_unit_test(rfc8017_8_2_2_pkcs1),
        cmocka_unit_test(rfc9053_2_algorithm_fits_key),
        cmocka_unit_test(rfc9053_2_1_signature_values),
        cmocka_unit_test(every_bit_of_a_signature_counts),
        cmocka_unit_test(es256_round_trip),
        cmocka_unit_test(one_key_serves_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
