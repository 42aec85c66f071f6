/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/gunzip.h"

#include <stdlib.h>
#include <zlib.h>

#include "support/check.h"

#define LIMIT 100000

static uint8_t member[65536];
static struct vrx_buffer out;

static int teardown(void **state) {
    (void)state;
    vrx_buffer_done(&out);
    return 0;
}

/* window: 31 gzip, 15 zlib, -15 raw deflate. */
static struct vrx_view deflated(int window, size_t len) {
    z_stream stream = {0};
    uint8_t *bytes = malloc(len + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = bytes;
    stream.avail_in = (uInt)len;
    stream.next_out = member;
    stream.avail_out = sizeof member;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t size = stream.total_out;
    deflateEnd(&stream);
    free(bytes);
    return vrx_view_of(member, size);
}

static void every_length_comes_back(void **state) {
    (void)state;
    static const size_t lengths[] = {0, 1, 16383, 16384, 16385, 32768, LIMIT};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        vrx_buffer_clear(&out);
        assert_ok(vrx_gunzip(deflated(31, lengths[i]), LIMIT, &out));
        assert_int_equal(out.len, lengths[i]);
        for (size_t j = 0; j < out.len; j++)
            assert_int_equal(out.ptr[j], (uint8_t)(j * 31 + (j >> 8)));
    }
}

static void more_than_the_limit(void **state) {
    (void)state;
    assert_ok(vrx_buffer_append(&out, vrx_view_text("before")));
    assert_reason(vrx_gunzip(deflated(31, LIMIT + 1), LIMIT, &out), VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 6);
}

/* 64 MiB of zeroes in 64 KiB: no more is taken than the limit. */
static void bomb(void **state) {
    (void)state;
    size_t size = (size_t)64 << 20;
    z_stream stream = {0};
    uint8_t *zeroes = calloc(1, size);
    assert_non_null(zeroes);
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = zeroes;
    stream.avail_in = (uInt)size;
    stream.next_out = member;
    stream.avail_out = sizeof member;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    struct vrx_view gzip = vrx_view_of(member, stream.total_out);
    deflateEnd(&stream);
    free(zeroes);
    assert_reason(vrx_gunzip(gzip, LIMIT, &out), VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_true(out.capacity <= 2 * LIMIT);
}

static void every_truncation(void **state) {
    (void)state;
    struct vrx_view gzip = deflated(31, 300);
    for (size_t len = 0; len < gzip.len; len++) {
        assert_reason(vrx_gunzip(vrx_view_slice(gzip, 0, len), LIMIT, &out), VRX_INPUT_MALFORMED);
        assert_int_equal(out.len, 0);
    }
}

static void bytes_after_the_member(void **state) {
    (void)state;
    struct vrx_view gzip = deflated(31, 300);
    member[gzip.len++] = 0;
    assert_reason(vrx_gunzip(gzip, LIMIT, &out), VRX_INPUT_MALFORMED);
}

/* RFC 1952 §2.3.1: CRC32 and ISIZE are the last eight bytes. */
static void every_wrong_check_byte(void **state) {
    (void)state;
    struct vrx_view gzip = deflated(31, 300);
    for (size_t i = 1; i <= 8; i++) {
        member[gzip.len - i] ^= 1;
        assert_reason(vrx_gunzip(gzip, LIMIT, &out), VRX_INPUT_MALFORMED);
        member[gzip.len - i] ^= 1;
    }
}

static void other_wrappers(void **state) {
    (void)state;
    assert_reason(vrx_gunzip(deflated(15, 300), LIMIT, &out), VRX_INPUT_MALFORMED);
    assert_reason(vrx_gunzip(deflated(-15, 300), LIMIT, &out), VRX_INPUT_MALFORMED);
    assert_reason(vrx_gunzip(vrx_view_text("plain text"), LIMIT, &out), VRX_INPUT_MALFORMED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_length_comes_back, teardown),
        cmocka_unit_test_teardown(more_than_the_limit, teardown),
        cmocka_unit_test_teardown(bomb, teardown),
        cmocka_unit_test_teardown(every_truncation, teardown),
        cmocka_unit_test_teardown(bytes_after_the_member, teardown),
        cmocka_unit_test_teardown(every_wrong_check_byte, teardown),
        cmocka_unit_test_teardown(other_wrappers, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
