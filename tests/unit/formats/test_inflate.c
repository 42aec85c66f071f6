/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/inflate.h"

#include <stdlib.h>

#include "base/limits.h"
#include "support/check.h"

/* zlib's own output for "hello" at its default level, from another implementation. */
static const uint8_t hello[] = {
    0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x06, 0x2c, 0x02, 0x15};

static void expect(const uint8_t *input, size_t len, enum vrx_reason reason) {
    struct vrx_buffer out = {0};
    assert_ok(vrx_buffer_append_byte(&out, 'x'));
    assert_reason(vrx_inflate(vrx_view_of(input, len), 100, &out), reason);
    assert_int_equal(out.len, 1);
    vrx_buffer_done(&out);
}

static void known_stream_inflates(void **state) {
    (void)state;
    struct vrx_buffer out = {0};
    assert_ok(vrx_inflate(vrx_view_of(hello, sizeof hello), 5, &out));
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_view_text("hello")));
    vrx_buffer_done(&out);
}

static void deflate_round_trips_up_to_the_bound(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 8192, VRX_LIMIT_HCERT_INFLATED};
    uint8_t *input = malloc(VRX_LIMIT_HCERT_INFLATED);
    assert_non_null(input);
    uint32_t value = 1;
    for (size_t i = 0; i < VRX_LIMIT_HCERT_INFLATED; i++) {
        value = value * 1664525 + 1013904223;
        input[i] = (uint8_t)(value >> 24);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct vrx_buffer packed = {0};
        struct vrx_buffer back = {0};
        struct vrx_view view = vrx_view_of(input, sizes[i]);
        assert_ok(vrx_deflate(NULL, view, &packed));
        assert_ok(vrx_inflate(vrx_buffer_view(&packed), sizes[i], &back));
        assert_true(vrx_view_equal(vrx_buffer_view(&back), view));
        if (sizes[i]) {
            struct vrx_buffer refused = {0};
            assert_reason(
                vrx_inflate(vrx_buffer_view(&packed), sizes[i] - 1, &refused), VRX_INPUT_TOO_LARGE);
            vrx_buffer_done(&refused);
        }
        vrx_buffer_done(&packed);
        vrx_buffer_done(&back);
        assert_ok(vrx_deflate_raw(view, &packed));
        assert_ok(vrx_inflate_raw(vrx_buffer_view(&packed), sizes[i], &back));
        assert_true(vrx_view_equal(vrx_buffer_view(&back), view));
        vrx_buffer_done(&packed);
        vrx_buffer_done(&back);
    }
    free(input);
}

/* 16 MiB of zeros in 16 KiB: refused without ever holding more than the limit. */
static void refusal_limits_bomb(void **state) {
    (void)state;
    size_t size = (size_t)15 << 20;
    uint8_t *zeros = calloc(1, size);
    assert_non_null(zeros);
    struct vrx_buffer packed = {0};
    struct vrx_buffer out = {0};
    assert_ok(vrx_deflate(NULL, vrx_view_of(zeros, size), &packed));
    assert_true(packed.len < 20000);
    assert_reason(
        vrx_inflate(vrx_buffer_view(&packed), VRX_LIMIT_HCERT_INFLATED, &out), VRX_INPUT_TOO_LARGE);
    assert_true(out.capacity <= 2 * VRX_LIMIT_HCERT_INFLATED);
    assert_int_equal(out.len, 0);
    vrx_buffer_done(&packed);
    vrx_buffer_done(&out);
    free(zeros);
}

static void refusal_rfc_1950_2_2_truncated(void **state) {
    (void)state;
    for (size_t len = 0; len < sizeof hello; len++)
        expect(hello, len, VRX_INPUT_TRUNCATED);
}

static void refusal_rfc_1950_2_2_trailing(void **state) {
    (void)state;
    uint8_t longer[sizeof hello + 1] = {0};
    memcpy(longer, hello, sizeof hello);
    expect(longer, sizeof longer, VRX_INPUT_TRAILING);
}

static void refusal_rfc_1950_2_2_checksum(void **state) {
    (void)state;
    uint8_t changed[sizeof hello];
    memcpy(changed, hello, sizeof hello);
    changed[sizeof changed - 1] ^= 1;
    expect(changed, sizeof changed, VRX_INPUT_MALFORMED);
}

static void refusal_rfc_1950_2_2_not_zlib(void **state) {
    (void)state;
    static const uint8_t gzip[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    static const uint8_t dictionary[] = {0x78, 0xbb, 0, 0, 0, 1, 0x03, 0x00, 0, 0, 0, 1};
    static const uint8_t cose[] = {0xd2, 0x84, 0x43, 0xa1, 0x01, 0x26};
    expect(gzip, sizeof gzip, VRX_INPUT_MALFORMED);
    expect(dictionary, sizeof dictionary, VRX_INPUT_MALFORMED);
    expect(cose, sizeof cose, VRX_INPUT_MALFORMED);
}

/* The same without head and checksum: what lies between them. */
static const struct {
    const uint8_t *bytes;
    size_t len;
} raw = {hello + 2, sizeof hello - 6};

static void known_raw_data_inflate(void **state) {
    (void)state;
    struct vrx_buffer out = {0};
    assert_ok(vrx_inflate_raw(vrx_view_of(raw.bytes, raw.len), 5, &out));
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_view_text("hello")));
    vrx_buffer_clear(&out);
    assert_reason(vrx_inflate_raw(vrx_view_of(raw.bytes, raw.len), 4, &out), VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 0);
    vrx_buffer_done(&out);
}

static void expect_raw(const uint8_t *input, size_t len, enum vrx_reason reason) {
    struct vrx_buffer out = {0};
    const struct vrx_result result = vrx_inflate_raw(vrx_view_of(input, len), 100, &out);
    assert_reason(result, reason);
    assert_memory_equal(result.clause, "RFC 1951 ", 9);
    assert_int_equal(out.len, 0);
    vrx_buffer_done(&out);
}

static void refusal_rfc_1951_3_2_3(void **state) {
    (void)state;
    uint8_t longer[16] = {0};
    static const uint8_t reserved_block[] = {0x07, 0, 0};
    for (size_t len = 0; len < raw.len; len++)
        expect_raw(raw.bytes, len, VRX_INPUT_TRUNCATED);
    memcpy(longer, raw.bytes, raw.len);
    expect_raw(longer, raw.len + 1, VRX_INPUT_TRAILING);
    expect_raw(hello, sizeof hello, VRX_INPUT_MALFORMED); /* with its head */
    expect_raw(reserved_block, sizeof reserved_block, VRX_INPUT_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_stream_inflates),
        cmocka_unit_test(deflate_round_trips_up_to_the_bound),
        cmocka_unit_test(refusal_limits_bomb),
        cmocka_unit_test(refusal_rfc_1950_2_2_truncated),
        cmocka_unit_test(refusal_rfc_1950_2_2_trailing),
        cmocka_unit_test(refusal_rfc_1950_2_2_checksum),
        cmocka_unit_test(refusal_rfc_1950_2_2_not_zlib),
        cmocka_unit_test(known_raw_data_inflate),
        cmocka_unit_test(refusal_rfc_1951_3_2_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
