/* SPDX-License-Identifier: Apache-2.0 */
#include "base/encode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_buffer(const struct vrx_buffer *buffer, const char *text) {
    assert_int_equal(buffer->len, strlen(text));
    assert_true(vrx_view_equal(vrx_buffer_view(buffer), vrx_view_text(text)));
}

static void hex_both_ways(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    const uint8_t bytes[] = {0x00, 0x1f, 0xa9, 0xff};
    assert_true(vrx_is_ok(vrx_buffer_append_byte(&out, '>')));
    assert_true(vrx_is_ok(vrx_hex_encode(vrx_view_of(bytes, 4), &out)));
    assert_buffer(&out, ">001fa9ff");
    char string[9];
    vrx_hex_string(vrx_view_of(bytes, 4), string);
    assert_string_equal(string, "001fa9ff");
    vrx_buffer_clear(&out);
    assert_true(vrx_is_ok(vrx_hex_decode(vrx_view_text("001FA9ff"), &out)));
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.ptr, bytes, 4);
}

static void rfc_4648_8_what_is_not_hex_is_malformed(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0", "0g", "g0", "00 1", "0x00", "00\n", "/0", ":0", "@0", "`0"};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(vrx_hex_decode(vrx_view_text(texts[i]), &out).reason, VRX_INPUT_MALFORMED);
    assert_int_equal(out.len, 0);
}

/* RFC 4648 §10, and one pair that shows the two alphabets. */
static const struct {
    const char *plain;
    const char *encoded[3];
} vectors[] = {
    {"", {"", "", ""}},
    {"f", {"Zg==", "Zg", "Zg=="}},
    {"fo", {"Zm8=", "Zm8", "Zm8="}},
    {"foo", {"Zm9v", "Zm9v", "Zm9v"}},
    {"foob", {"Zm9vYg==", "Zm9vYg", "Zm9vYg=="}},
    {"fooba", {"Zm9vYmE=", "Zm9vYmE", "Zm9vYmE="}},
    {"foobar", {"Zm9vYmFy", "Zm9vYmFy", "Zm9vYmFy"}},
    {"\xfb\xff\xbe", {"+/++", "-_--", "-_--"}},
};

static void rfc_4648_10_vectors(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        for (int variant = 0; variant < 3; variant++) {
            VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
            const char *encoded = vectors[i].encoded[variant];
            assert_true(vrx_is_ok(vrx_base64_encode(
                (enum vrx_base64)variant, vrx_view_text(vectors[i].plain), &out)));
            assert_buffer(&out, encoded);
            vrx_buffer_clear(&out);
            assert_true(vrx_is_ok(
                vrx_base64_decode((enum vrx_base64)variant, vrx_view_text(encoded), &out)));
            assert_buffer(&out, vectors[i].plain);
        }
    }
}

static void every_byte_survives(void **state) {
    (void)state;
    uint8_t bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31);
    for (size_t len = 250; len <= 256; len++) {
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer text = {0};
        VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer back = {0};
        assert_true(vrx_is_ok(vrx_base64_encode(VRX_BASE64_URL, vrx_view_of(bytes, len), &text)));
        assert_true(vrx_is_ok(vrx_base64_decode(VRX_BASE64_URL, vrx_buffer_view(&text), &back)));
        assert_true(vrx_view_equal(vrx_buffer_view(&back), vrx_view_of(bytes, len)));
    }
}

static void refused(enum vrx_base64 variant, const char *text, const char *clause) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_result result = vrx_base64_decode(variant, vrx_view_text(text), &out);
    assert_int_equal(result.reason, VRX_INPUT_MALFORMED);
    assert_memory_equal(result.clause, clause, strlen(clause));
    assert_int_equal(out.len, 0);
}

static void rfc_4648_3_2_padding(void **state) {
    (void)state;
    refused(VRX_BASE64_STANDARD, "Zg", "RFC 4648 §3.2");
    refused(VRX_BASE64_STANDARD, "Zg=", "RFC 4648 §3.2");
    refused(VRX_BASE64_URL_PADDED, "Zg", "RFC 4648 §3.2");
    refused(VRX_BASE64_URL, "Z", "RFC 4648 §3.2");
    refused(VRX_BASE64_URL, "Zm9vY", "RFC 4648 §3.2");
}

static void rfc_4648_3_3_characters_outside_the_alphabet(void **state) {
    (void)state;
    refused(VRX_BASE64_URL, "Zg==", "RFC 4648 §3.3");
    refused(VRX_BASE64_STANDARD, "Z===", "RFC 4648 §3.3");
    refused(VRX_BASE64_STANDARD, "Zg==Zg==", "RFC 4648 §3.3");
    refused(VRX_BASE64_STANDARD, "-_--", "RFC 4648 §3.3");
    refused(VRX_BASE64_URL, "+/++", "RFC 4648 §3.3");
    refused(VRX_BASE64_STANDARD, "Zm9\n", "RFC 4648 §3.3");
    refused(VRX_BASE64_STANDARD, "Zm 9", "RFC 4648 §3.3");
    refused(VRX_BASE64_STANDARD, "Zm9\xc3", "RFC 4648 §3.3");
}

static void rfc_4648_3_5_unused_bits(void **state) {
    (void)state;
    refused(VRX_BASE64_STANDARD, "Zh==", "RFC 4648 §3.5");
    refused(VRX_BASE64_STANDARD, "Zm9=", "RFC 4648 §3.5");
    refused(VRX_BASE64_URL, "Zh", "RFC 4648 §3.5");
}

static void the_buffers_limit_is_kept(void **state) {
    (void)state;
    struct vrx_buffer out = {.limit = 5};
    assert_int_equal(vrx_hex_encode(vrx_view_text("abc"), &out).reason, VRX_INPUT_TOO_LARGE);
    assert_int_equal(vrx_base64_encode(VRX_BASE64_URL, vrx_view_text("abcde"), &out).reason,
        VRX_INPUT_TOO_LARGE);
    assert_int_equal(
        vrx_hex_decode(vrx_view_text("001122334455"), &out).reason, VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_both_ways),
        cmocka_unit_test(rfc_4648_8_what_is_not_hex_is_malformed),
        cmocka_unit_test(rfc_4648_10_vectors),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(rfc_4648_3_2_padding),
        cmocka_unit_test(rfc_4648_3_3_characters_outside_the_alphabet),
        cmocka_unit_test(rfc_4648_3_5_unused_bits),
        cmocka_unit_test(the_buffers_limit_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
