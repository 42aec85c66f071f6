/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/aead.c against the GCM specification's AES-256 cases, RFC 3394 and IEEE 1619.
 */
#include "crypto/aead.h"

#include "support/check.h"

#define EXAMPLE_KEY "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define EXAMPLE_NONCE "cafebabefacedbaddecaf888"
#define EXAMPLE_PLAIN \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449" \
    "a6b525b16aedf5aa0de657ba637b39"
#define EXAMPLE_CIPHER \
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056" \
    "828838c5f61e6393ba7a0abcc9f662"

static struct vrx_aead aead_of(const char *hex) {
    uint8_t key[VRX_AEAD_KEY];
    test_hex(hex, key, sizeof key);
    struct vrx_aead aead = {0};
    assert_ok(vrx_aead_init(&aead, vrx_view_of(key, sizeof key)));
    return aead;
}

static void gcm_published_cases(void **state) {
    (void)state;
    static const struct {
        const char *key, *nonce, *associated, *plain, *cipher, *tag;
    } rows[] = {
        /* The GCM specification (McGrew, Viega), test cases 13 to 16. */
        {"0000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {"0000000000000000000000000000000000000000000000000000000000000000",
            "000000000000000000000000", "", "00000000000000000000000000000000",
            "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
        {EXAMPLE_KEY, EXAMPLE_NONCE, "", EXAMPLE_PLAIN "1aafd255", EXAMPLE_CIPHER "898015ad",
            "b094dac5d93471bdec1a502270e3cc6c"},
        {EXAMPLE_KEY, EXAMPLE_NONCE, "feedfacedeadbeeffeedfacedeadbeefabaddad2", EXAMPLE_PLAIN,
            EXAMPLE_CIPHER, "76fc6ece0f4e1768cddf8853bb2d551b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct vrx_aead aead = aead_of(rows[i].key);
        uint8_t nonce[12];
        uint8_t associated[20];
        uint8_t plain[64];
        uint8_t out[64];
        uint8_t tag[16];
        test_hex(rows[i].nonce, nonce, sizeof nonce);
        size_t associated_len = test_hex(rows[i].associated, associated, sizeof associated);
        size_t len = test_hex(rows[i].plain, plain, sizeof plain);
        assert_ok(vrx_aead_seal(&aead, nonce, vrx_view_of(associated, associated_len),
            vrx_view_of(plain, len), out, tag));
        assert_hex(out, len, rows[i].cipher);
        assert_hex(tag, sizeof tag, rows[i].tag);
        assert_ok(vrx_aead_open(&aead, nonce, vrx_view_of(associated, associated_len),
            vrx_view_of(out, len), tag, out));
        assert_hex(out, len, rows[i].plain);
        vrx_aead_done(&aead);
    }
}

/* The same object, used again and again in both directions, keeps its key and forgets the rest. */
static void gcm_object_is_reusable_after_a_refusal(void **state) {
    (void)state;
    struct vrx_aead aead = aead_of(EXAMPLE_KEY);
    const struct vrx_view none = {NULL, 0};
    uint8_t nonce[12] = {0};
    uint8_t plain[48];
    uint8_t cipher[48];
    uint8_t out[48];
    uint8_t tag[16];
    for (uint8_t round = 0; round < 50; round++) {
        nonce[0] = round;
        memset(plain, round, sizeof plain);
        assert_ok(vrx_aead_seal(&aead, nonce, none, vrx_view_of(plain, sizeof plain), cipher, tag));
        tag[round % 16] ^= 1;
        assert_reason(
            vrx_aead_open(&aead, nonce, none, vrx_view_of(cipher, sizeof cipher), tag, out),
            VRX_DECRYPT_FAILED);
        tag[round % 16] ^= 1;
        assert_ok(vrx_aead_open(&aead, nonce, none, vrx_view_of(cipher, sizeof cipher), tag, out));
        assert_memory_equal(out, plain, sizeof plain);
    }
    vrx_aead_done(&aead);
    assert_null(aead.seal);
    assert_null(aead.open);
}

static void sp800_38d_7_2_every_bit_counts(void **state) {
    (void)state;
    struct vrx_aead aead = aead_of(EXAMPLE_KEY);
    uint8_t nonce[12];
    uint8_t message[20 + 60 + 16]; /* associated, cipher, tag */
    uint8_t out[60];
    test_hex(EXAMPLE_NONCE, nonce, sizeof nonce);
    test_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2" EXAMPLE_CIPHER
             "76fc6ece0f4e1768cddf8853bb2d551b",
        message, sizeof message);
    static const uint8_t wiped[60];
    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        message[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        memset(out, 0xff, sizeof out);
        struct vrx_result result = vrx_aead_open(&aead, nonce, vrx_view_of(message, 20),
            vrx_view_of(message + 20, 60), message + 80, out);
        assert_reason(result, VRX_DECRYPT_FAILED);
        assert_string_equal(result.clause, "NIST SP 800-38D §7.2: tag");
        assert_memory_equal(out, wiped, sizeof out);
        message[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    nonce[11] ^= 1;
    assert_reason(vrx_aead_open(&aead, nonce, vrx_view_of(message, 20),
                      vrx_view_of(message + 20, 60), message + 80, out),
        VRX_DECRYPT_FAILED);
    vrx_aead_done(&aead);
}

static void gcm_key_of_wrong_length(void **state) {
    (void)state;
    static const uint8_t key[33];
    struct vrx_aead aead = {0};
    assert_reason(vrx_aead_init(&aead, vrx_view_of(key, 16)), VRX_INPUT_RANGE);
    assert_reason(vrx_aead_init(&aead, vrx_view_of(key, 33)), VRX_INPUT_RANGE);
    assert_null(aead.seal);
}

#define WRAP_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void key_wrap_rfc3394_4(void **state) {
    (void)state;
    static const struct {
        const char *plain, *wrapped;
    } rows[] = {
        /* RFC 3394 §4.3, §4.5, §4.6. */
        {"00112233445566778899aabbccddeeff", "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"},
        {"00112233445566778899aabbccddeeff0001020304050607",
            "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"},
        {"00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
    };
    uint8_t key[32];
    test_hex(WRAP_KEY, key, sizeof key);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t plain[32];
        uint8_t wrapped[40];
        uint8_t again[32];
        size_t len = test_hex(rows[i].plain, plain, sizeof plain);
        assert_ok(vrx_key_wrap(vrx_view_of(key, 32), vrx_view_of(plain, len), wrapped));
        assert_hex(wrapped, len + 8, rows[i].wrapped);
        assert_ok(vrx_key_unwrap(vrx_view_of(key, 32), vrx_view_of(wrapped, len + 8), again));
        assert_memory_equal(again, plain, len);
    }
}

static void rfc3394_2_2_3_integrity(void **state) {
    (void)state;
    uint8_t key[32];
    uint8_t wrapped[40];
    uint8_t out[32];
    test_hex(WRAP_KEY, key, sizeof key);
    test_hex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
        wrapped, sizeof wrapped);
    static const uint8_t wiped[32];
    for (size_t bit = 0; bit < 8 * sizeof wrapped; bit++) {
        wrapped[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        memset(out, 0xff, sizeof out);
        assert_reason(vrx_key_unwrap(vrx_view_of(key, 32), vrx_view_of(wrapped, 40), out),
            VRX_DECRYPT_FAILED);
        assert_memory_equal(out, wiped, sizeof out);
        wrapped[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
}

static void rfc3394_2_2_lengths(void **state) {
    (void)state;
    static const uint8_t zero[144];
    static const size_t wrong[] = {0, 8, 15, 17, 129, 136};
    uint8_t out[144];
    const struct vrx_view key = vrx_view_of(zero, 32);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_reason(vrx_key_wrap(key, vrx_view_of(zero, wrong[i]), out), VRX_INPUT_RANGE);
        assert_reason(vrx_key_unwrap(key, vrx_view_of(zero, wrong[i] + 8), out), VRX_INPUT_RANGE);
    }
    assert_reason(vrx_key_wrap(vrx_view_of(zero, 16), vrx_view_of(zero, 16), out), VRX_INPUT_RANGE);
    assert_reason(
        vrx_key_unwrap(vrx_view_of(zero, 16), vrx_view_of(zero, 24), out), VRX_INPUT_RANGE);
    assert_ok(vrx_key_wrap(key, vrx_view_of(zero, 128), out));
}

#define XTS_KEYS \
    "2718281828459045235360287471352662497757247093699959574966967627" \
    "3141592653589793238462643383279502884197169399375105820974944592"

static struct vrx_xts xts_of(const char *hex) {
    uint8_t key[VRX_XTS_KEY];
    test_hex(hex, key, sizeof key);
    struct vrx_xts xts = {0};
    assert_ok(vrx_xts_init(&xts, vrx_view_of(key, sizeof key)));
    return xts;
}

static void xts_ieee1619_annex_b(void **state) {
    (void)state;
    static const struct {
        uint64_t unit;
        const char *start; /* of the cipher text of 512 bytes 00 01 02 … ff 00 01 … */
    } rows[] = {
        /* Vectors 10, 11 and 12: XTS-AES-256. */
        {0xff, "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b"},
        {0xffff, "77a31251618a15e6b92d1d66dffe7b50b50bad552305ba0217a610688eff7e11"},
        {0xffffff, "e387aaa58ba483afa7e8eb469778317ecf4cf573aa9d4eac23f2cdf914e4e200"},
    };
    struct vrx_xts xts = xts_of(XTS_KEYS);
    uint8_t plain[512];
    uint8_t data[512];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(vrx_xts_encrypt(&xts, rows[i].unit, plain, sizeof plain, data));
        assert_hex(data, 32, rows[i].start);
        assert_ok(vrx_xts_decrypt(&xts, rows[i].unit, data, sizeof data, data));
        assert_memory_equal(data, plain, sizeof plain);
    }
    vrx_xts_done(&xts);
    assert_null(xts.encrypt);
}

static void xts_tweak_has_64_bits(void **state) {
    (void)state;
    struct vrx_xts xts = xts_of(XTS_KEYS);
    static const uint8_t plain[16];
    uint8_t first[16];
    uint8_t second[16];
    assert_ok(vrx_xts_encrypt(&xts, 1, plain, sizeof plain, first));
    assert_ok(vrx_xts_encrypt(&xts, (uint64_t)1 << 56 | 1, plain, sizeof plain, second));
    assert_memory_not_equal(first, second, sizeof first);
    assert_ok(vrx_xts_decrypt(&xts, (uint64_t)1 << 56 | 1, second, sizeof second, second));
    assert_memory_equal(second, plain, sizeof plain);
    vrx_xts_done(&xts);
}

/* Appendix D.3 of the publication, CMAC-AES256: the same object, one message after the other. */
static void sp800_38b_d3(void **state) {
    (void)state;
    static const struct {
        size_t len;
        const char *mac;
    } rows[] = {
        {0, "028962f61b7bf89efc6b551f4667d983"},
        {16, "28a7023f452e8f82bd4bf28d8c37c35c"},
        {40, "aaf3d8f1de5640c232f5b169b9c911e6"},
        {64, "e1992190549f6ed5696a2c056c315410"},
    };
    uint8_t key[VRX_CMAC_KEY];
    uint8_t message[64];
    uint8_t mac[VRX_CMAC];
    struct vrx_cmac cmac = {.mac = NULL};
    test_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", key, sizeof key);
    test_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
             "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
        message, sizeof message);
    assert_reason(vrx_cmac_init(&cmac, vrx_view_of(key, 16)), VRX_INPUT_RANGE);
    assert_ok(vrx_cmac_init(&cmac, vrx_view_of(key, sizeof key)));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_ok(vrx_cmac_of(&cmac, vrx_view_of(message, rows[i].len), mac));
        assert_hex(mac, sizeof mac, rows[i].mac);
    }
    vrx_cmac_done(&cmac);
    assert_null(cmac.mac);
    vrx_cmac_done(&cmac);
}

static void ieee1619_5_1_key(void **state) {
    (void)state;
    static const uint8_t same[VRX_XTS_KEY];
    struct vrx_xts xts = {0};
    assert_reason(vrx_xts_init(&xts, vrx_view_of(same, sizeof same)), VRX_INPUT_RANGE);
    assert_reason(vrx_xts_init(&xts, vrx_view_of(same, 32)), VRX_INPUT_RANGE);
    assert_null(xts.encrypt);
}

static void ieee1619_5_1_unit_size(void **state) {
    (void)state;
    struct vrx_xts xts = xts_of(XTS_KEYS);
    uint8_t data[17] = {0};
    uint8_t before[17] = {0};
    assert_reason(vrx_xts_encrypt(&xts, 0, data, 15, data), VRX_INPUT_RANGE);
    assert_ok(vrx_xts_encrypt(&xts, 0, data, 17, data));
    assert_ok(vrx_xts_decrypt(&xts, 0, data, 17, data));
    assert_memory_equal(data, before, sizeof data);
    vrx_xts_done(&xts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm_published_cases),
        cmocka_unit_test(gcm_object_is_reusable_after_a_refusal),
        cmocka_unit_test(sp800_38d_7_2_every_bit_counts),
        cmocka_unit_test(gcm_key_of_wrong_length),
        cmocka_unit_test(key_wrap_rfc3394_4),
        cmocka_unit_test(rfc3394_2_2_3_integrity),
        cmocka_unit_test(rfc3394_2_2_lengths),
        cmocka_unit_test(xts_ieee1619_annex_b),
        cmocka_unit_test(xts_tweak_has_64_bits),
        cmocka_unit_test(sp800_38b_d3),
        cmocka_unit_test(ieee1619_5_1_key),
        cmocka_unit_test(ieee1619_5_1_unit_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
