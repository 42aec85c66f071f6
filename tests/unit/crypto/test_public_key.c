/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/public_key.c: the encodings that are accepted, byte for byte, and all the others.
 */
#include "base/bytes.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "rsa_samples.h"
#include "support/check.h"

/* RFC 5903 §8.1, the initiator's point. */
#define X "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
#define Y "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
#define SPKI_HEAD "3059301306072a8648ce3d020106082a8648ce3d030107034200"
#define SPKI SPKI_HEAD "04" X Y

static struct vrx_result from_spki(const char *hex, struct vrx_public_key **ret_key) {
    uint8_t der[600];
    size_t len = test_hex(hex, der, sizeof der);
    return vrx_public_key_from_spki(vrx_view_of(der, len), ret_key);
}

static void assert_spki(const struct vrx_public_key *key, const char *hex) {
    struct vrx_buffer out = {0};
    uint8_t digest[32];
    uint8_t expected[32];
    assert_ok(vrx_public_key_to_spki(key, &out));
    assert_hex(out.ptr, out.len, hex);
    assert_ok(vrx_sha256(vrx_buffer_view(&out), expected));
    assert_ok(vrx_public_key_spki_sha256(key, digest));
    assert_memory_equal(digest, expected, 32);
    vrx_buffer_done(&out);
}

static void one_p256_key_from_all_its_forms(void **state) {
    (void)state;
    uint8_t point[65];
    uint8_t again[65];
    test_hex("04" X Y, point, sizeof point);
    struct vrx_public_key *keys[3] = {NULL};
    assert_ok(vrx_public_key_from_point(vrx_view_of(point, 65), &keys[0]));
    assert_ok(vrx_public_key_from_xy(
        VRX_KEY_P256, vrx_view_of(point + 1, 32), vrx_view_of(point + 33, 32), &keys[1]));
    assert_ok(from_spki(SPKI, &keys[2]));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(vrx_public_key_type(keys[i]), VRX_KEY_P256);
        assert_spki(keys[i], SPKI);
        assert_ok(vrx_public_key_to_point(keys[i], again));
        assert_memory_equal(again, point, sizeof point);
        vrx_public_key_free(&keys[i]);
        assert_null(keys[i]);
    }
}

static void other_kinds_to_verify_with(void **state) {
    (void)state;
    static const struct {
        enum vrx_key_type type;
        const char *spki;
    } rows[] = {
        {VRX_KEY_RSA, RSA_SPKI},
        {VRX_KEY_ED25519, "302a300506032b6570032100"
                          "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"},
        {VRX_KEY_P384, "3076301006072a8648ce3d020106052b8104002203620004"
                       "ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
                       "def8f0ea9055866064a254515480bc13"
                       "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
                       "288b231c3ae0d4fe7344fd2533264720"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vrx_public_key *key = NULL;
        uint8_t point[65];
        assert_ok(from_spki(rows[i].spki, &key));
        assert_int_equal(vrx_public_key_type(key), rows[i].type);
        assert_spki(key, rows[i].spki);
        assert_reason(vrx_public_key_to_point(key, point), VRX_KEY_INVALID);
        vrx_public_key_free(&key);
    }
}

static void sec1_3_2_2_1_point_on_the_curve(void **state) {
    (void)state;
    static const char *const refused[] = {
        /* y changed in its last bit */
        "04" X "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb2",
        "040000000000000000000000000000000000000000000000000000000000000000"
        "0000000000000000000000000000000000000000000000000000000000000000",
        /* x = p + 5, the point of x = 5 written with a number that is not reduced */
        "04ffffffff00000001000000000000000000000001000000000000000000000004"
        "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
        /* a point of secp256k1 */
        "04cb5cc6771e6812790bab1df4ff44effc24b7c8d5eb0c170fdb3f6c8823d0a0d4"
        "0497ee74cc30a1dbd89d362a58b0c9e99ce9eb40d9a355518e63c0c98222fc60",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        uint8_t point[65];
        assert_int_equal(test_hex(refused[i], point, sizeof point), 65);
        struct vrx_public_key *key = NULL;
        struct vrx_result result = vrx_public_key_from_point(vrx_view_of(point, 65), &key);
        assert_reason(result, VRX_KEY_INVALID);
        assert_string_equal(result.clause, "SEC 1 §3.2.2.1: point on the curve");
        assert_null(key);
    }
}

static void sec1_2_3_4_form_of_the_point(void **state) {
    (void)state;
    static const char *const refused[] = {
        "", "00", "03" X, "02" X, "07" X Y, "06" X Y, X Y, "04" X, "04" X Y "00"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        uint8_t point[66];
        size_t len = test_hex(refused[i], point, sizeof point);
        struct vrx_public_key *key = NULL;
        assert_reason(vrx_public_key_from_point(vrx_view_of(point, len), &key), VRX_KEY_INVALID);
        assert_null(key);
    }
}

static void rfc9053_7_1_1_coordinates(void **state) {
    (void)state;
    uint8_t x[33] = {0};
    uint8_t y[33] = {0};
    test_hex(X, x, sizeof x);
    test_hex(Y, y, sizeof y);
    static const struct {
        enum vrx_key_type type;
        size_t x, y;
    } refused[] = {
        {VRX_KEY_P256, 31, 32},
        {VRX_KEY_P256, 32, 33},
        {VRX_KEY_P256, 0, 0},
        {VRX_KEY_P384, 32, 32},
        {VRX_KEY_P521, 32, 32},
        {VRX_KEY_RSA, 32, 32},
        {VRX_KEY_ED25519, 32, 32},
        {(enum vrx_key_type)0, 32, 32},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_public_key *key = NULL;
        assert_reason(vrx_public_key_from_xy(refused[i].type, vrx_view_of(x, refused[i].x),
                          vrx_view_of(y, refused[i].y), &key),
            VRX_KEY_INVALID);
        assert_null(key);
    }
    uint8_t off[96] = {1};
    struct vrx_public_key *key = NULL;
    assert_reason(
        vrx_public_key_from_xy(VRX_KEY_P384, vrx_view_of(off, 48), vrx_view_of(off + 48, 48), &key),
        VRX_KEY_INVALID);
}

/* One key, one encoding: what is known by its digest can't have two. */
static void rfc5480_2_encodings_refused(void **state) {
    (void)state;
    static const char *const refused[] = {
        "",
        SPKI "00",
        /* without its last byte */
        SPKI_HEAD "04" X "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990b",
        /* point not on the curve */
        SPKI_HEAD "04" X "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb2",
        /* BER: the outer length in two bytes */
        "308159301306072a8648ce3d020106082a8648ce3d030107034200"
        "04" X Y,
        /* compressed */
        "3039301306072a8648ce3d020106082a8648ce3d03010703220002"
        "121b5aca04240b6f5815862a23dcebb82ff94e9648bea812cbde84aa54931e2a",
        /* hybrid */
        SPKI_HEAD "06"
                  "121b5aca04240b6f5815862a23dcebb82ff94e9648bea812cbde84aa54931e2a"
                  "5862c506a96a1abef39ae8bcb1b44a5252a6f80f84b577a8e03197b183ffdd44",
        /* point at infinity */
        "3019301306072a8648ce3d020106082a8648ce3d03010703020000",
        /* explicit parameters (CVE-2020-0601) */
        "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff000000"
        "01000000000000000000000000ffffffffffffffffffffffff305b0420ffffffff0000000100000000000000"
        "0000000000fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63b"
        "ce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6"
        "e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315e"
        "cecbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
        "02010103420004121b5aca04240b6f5815862a23dcebb82ff94e9648bea812cbde84aa54931e2a5862c506a9"
        "6a1abef39ae8bcb1b44a5252a6f80f84b577a8e03197b183ffdd44",
        /* secp256k1 */
        "3056301006072a8648ce3d020106052b8104000a03420004"
        "cb5cc6771e6812790bab1df4ff44effc24b7c8d5eb0c170fdb3f6c8823d0a0d4"
        "0497ee74cc30a1dbd89d362a58b0c9e99ce9eb40d9a355518e63c0c98222fc60",
        /* X25519 */
        "302a300506032b656e032100e502c0410d4370c5e39afb623452dbf5f2887e9d6c66a27fee884f1d640b520e",
        /* RSA, 1024 bits */
        "30819f300d06092a864886f70d010101050003818d0030818902818100a0c7c2bbeab06f6a7c4d4350db354c"
        "fafd2b08d11da67af6bf70de109a2a6a7c59e8cdd71336ddc24aa49bbf2083f8c0cf5a10e6fa303fa760eec7"
        "cc75e79ae475b63df02b1b370949bcb3e52f32aee5397af5b861cae87a818de59cef82840742bd7140f98ea2"
        "f1b34f3930651c591cdfc053ca7734701d2a4bbc53b2bbf3710203010001",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_public_key *key = NULL;
        assert_reason(from_spki(refused[i], &key), VRX_KEY_INVALID);
        assert_null(key);
    }
}

static const char pem_text[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2tC2U5QiHPmwUeH+yleH0Jjf5jf8\n"
                               "kLnvlF0MN3JYEYBScaBGHNuCUtYfHEVvo+WasfRbM6zPX1g4ngV3uJkLsw==\n"
                               "-----END PUBLIC KEY-----\n";

static void rfc7468_13_pem(void **state) {
    (void)state;
    struct vrx_public_key *key = NULL;
    struct vrx_buffer out = {0};
    assert_ok(vrx_public_key_from_pem(vrx_view_text(pem_text), &key));
    assert_spki(key, SPKI);
    assert_ok(vrx_public_key_to_pem(key, &out));
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_view_text(pem_text)));
    vrx_public_key_free(&key);
    vrx_buffer_done(&out);
}

static void rfc7468_13_no_public_key_block(void **state) {
    (void)state;
    static const char *const refused[] = {"", "-----BEGIN PUBLIC KEY-----\nMFkw\n",
        "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMFkw\n-----END CERTIFICATE-----\n"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct vrx_public_key *key = NULL;
        assert_reason(vrx_public_key_from_pem(vrx_view_text(refused[i]), &key), VRX_KEY_INVALID);
        assert_null(key);
    }
}

static void spki_over_its_bound(void **state) {
    (void)state;
    static const uint8_t long_input[1 << 16] = {0x30, 0x83, 0x00, 0xff, 0xfb};
    struct vrx_public_key *key = NULL;
    assert_reason(vrx_public_key_from_spki(vrx_view_of(long_input, sizeof long_input), &key),
        VRX_KEY_INVALID);
    assert_null(key);
    vrx_public_key_free(NULL);
    vrx_public_key_free(&key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_p256_key_from_all_its_forms),
        cmocka_unit_test(other_kinds_to_verify_with),
        cmocka_unit_test(sec1_3_2_2_1_point_on_the_curve),
        cmocka_unit_test(sec1_2_3_4_form_of_the_point),
        cmocka_unit_test(rfc9053_7_1_1_coordinates),
        cmocka_unit_test(rfc5480_2_encodings_refused),
        cmocka_unit_test(rfc7468_13_pem),
        cmocka_unit_test(rfc7468_13_no_public_key_block),
        cmocka_unit_test(spki_over_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
