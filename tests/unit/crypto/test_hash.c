/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/crypto/hash.c against FIPS 180-4, RFC 4231 and RFC 5869.
 */
#include "crypto/hash.h"

#include "support/check.h"

static struct vrx_view text(const char *string) {
    return vrx_view_text(string);
}

static void sha256_of_known_messages(void **state) {
    (void)state;
    uint8_t digest[VRX_SHA256];
    assert_ok(vrx_sha256(text("abc"), digest));
    assert_hex(
        digest, sizeof digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_ok(vrx_sha256((struct vrx_view){NULL, 0}, digest));
    assert_hex(
        digest, sizeof digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha256_of_parts_is_that_of_their_concatenation(void **state) {
    (void)state;
    const struct vrx_view parts[] = {
        text("abcdbcdecdefdefgefgh"), text(""), text("fghighijhijkijkljklmklmnlmnomnopnopq")};
    uint8_t digest[VRX_SHA256];
    assert_ok(vrx_sha256_parts(parts, 3, digest));
    assert_hex(
        digest, sizeof digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void hmac_rfc4231(void **state) {
    (void)state;
    static const struct {
        uint8_t byte; /* repeated len times, or the text */
        size_t len;
        const char *key;
        const char *data;
        const char *mac;
    } rows[] = {
        {0x0b, 20, NULL, "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {0, 0, "Jefe", "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {0xaa, 131, NULL, "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t key[131];
        memset(key, rows[i].byte, sizeof key);
        uint8_t mac[VRX_SHA256];
        assert_ok(vrx_hmac_sha256(rows[i].key ? text(rows[i].key) : vrx_view_of(key, rows[i].len),
            text(rows[i].data), mac));
        assert_hex(mac, sizeof mac, rows[i].mac);
    }
}

static void hmac_with_empty_key_and_message(void **state) {
    (void)state;
    uint8_t mac[VRX_SHA256];
    assert_ok(vrx_hmac_sha256((struct vrx_view){NULL, 0}, (struct vrx_view){NULL, 0}, mac));
    assert_hex(mac, sizeof mac, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void hkdf_rfc5869(void **state) {
    (void)state;
    uint8_t key[80];
    uint8_t salt[80];
    uint8_t info[80];
    uint8_t out[82];

    memset(key, 0x0b, 22);
    size_t salt_len = test_hex("000102030405060708090a0b0c", salt, sizeof salt);
    size_t info_len = test_hex("f0f1f2f3f4f5f6f7f8f9", info, sizeof info);
    assert_ok(vrx_hkdf_sha256(
        vrx_view_of(key, 22), vrx_view_of(salt, salt_len), vrx_view_of(info, info_len), out, 42));
    assert_hex(out, 42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");

    for (size_t i = 0; i < 80; i++) {
        key[i] = (uint8_t)i;
        salt[i] = (uint8_t)(0x60 + i);
        info[i] = (uint8_t)(0xb0 + i);
    }
    assert_ok(vrx_hkdf_sha256(
        vrx_view_of(key, 80), vrx_view_of(salt, 80), vrx_view_of(info, 80), out, 82));
    assert_hex(out, 82,
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
        "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");

    memset(key, 0x0b, 22);
    assert_ok(vrx_hkdf_sha256(
        vrx_view_of(key, 22), (struct vrx_view){NULL, 0}, (struct vrx_view){NULL, 0}, out, 42));
    assert_hex(out, 42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

static void hkdf_rfc5869_2_3_length(void **state) {
    (void)state;
    static uint8_t out[255 * VRX_SHA256 + 1];
    const struct vrx_view key = text("key");
    assert_ok(vrx_hkdf_sha256(key, text(""), text(""), out, sizeof out - 1));
    assert_reason(vrx_hkdf_sha256(key, text(""), text(""), out, sizeof out), VRX_INPUT_RANGE);
    assert_reason(vrx_hkdf_sha256(key, text(""), text(""), out, 0), VRX_INPUT_RANGE);
}

static void hkdf_info_up_to_its_bound(void **state) {
    (void)state;
    static const uint8_t info[VRX_HKDF_INFO + 1];
    uint8_t out[32];
    const struct vrx_view key = text("key");
    assert_ok(vrx_hkdf_sha256(key, text(""), vrx_view_of(info, VRX_HKDF_INFO), out, sizeof out));
    assert_reason(vrx_hkdf_sha256(key, text(""), vrx_view_of(info, sizeof info), out, sizeof out),
        VRX_INPUT_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_messages),
        cmocka_unit_test(sha256_of_parts_is_that_of_their_concatenation),
        cmocka_unit_test(hmac_rfc4231),
        cmocka_unit_test(hmac_with_empty_key_and_message),
        cmocka_unit_test(hkdf_rfc5869),
        cmocka_unit_test(hkdf_rfc5869_2_3_length),
        cmocka_unit_test(hkdf_info_up_to_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
