/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/metadata.h"

#include "support/check.h"

static void assert_text(const struct vrx_buffer *buffer, const char *expected) {
    assert_int_equal(buffer->len, strlen(expected));
    assert_memory_equal(buffer->ptr, expected, buffer->len);
}

static const struct {
    const char *plain;
    const char *encoded;
} pairs[] = {
    {"the consent was revoked", "the consent was revoked"},
    {"100% of ~", "100%25 of ~"},
    {"line\nend\x7f", "line%0Aend%7F"},
    {"第七条", "%E7%AC%AC%E4%B8%83%E6%9D%A1"},
};

static void percent_encoding_both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
        assert_ok(vrx_percent_encode(vrx_view_text(pairs[i].plain), &out));
        assert_text(&out, pairs[i].encoded);
        vrx_buffer_clear(&out);
        assert_ok(vrx_percent_decode(vrx_view_text(pairs[i].encoded), &out));
        assert_text(&out, pairs[i].plain);
    }
}

static void every_byte_survives(void **state) {
    (void)state;
    uint8_t all[256];
    struct vrx_buffer encoded VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer decoded VRX_CLEANUP(vrx_buffer_done) = {0};
    for (unsigned i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    assert_ok(vrx_percent_encode(vrx_view_of(all, sizeof all), &encoded));
    for (size_t i = 0; i < encoded.len; i++)
        assert_in_range(encoded.ptr[i], 0x20, 0x7e);
    assert_ok(vrx_percent_decode(vrx_buffer_view(&encoded), &decoded));
    assert_int_equal(decoded.len, sizeof all);
    assert_memory_equal(decoded.ptr, all, sizeof all);
}

/* PROTOCOL-HTTP2: "If a decoding error occurs, the raw value is kept". */
static void broken_escapes_are_kept(void **state) {
    (void)state;
    static const char *const broken[] = {"%", "%4", "%zz", "a%4", "%%41", "%g1", "%1g"};
    static const char *const kept[] = {"%", "%4", "%zz", "a%4", "%A", "%g1", "%1g"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
        assert_ok(vrx_percent_decode(vrx_view_text(broken[i]), &out));
        assert_text(&out, kept[i]);
    }
}

static void timeouts_in_every_unit(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } timeouts[] = {{"1H", 3600000}, {"2M", 120000}, {"3S", 3000}, {"4m", 4}, {"5000u", 5},
        {"6000000n", 6}, {"1n", 1}, {"1001u", 2}, {"0S", 0}, {"99999999H", 359999996400000},
        {"00000001S", 1000}};
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        int64_t ms = -1;
        assert_ok(vrx_timeout_parse(vrx_view_text(timeouts[i].text), &ms));
        assert_true(ms == timeouts[i].ms);
    }
}

static void malformed_timeouts_are_refused(void **state) {
    (void)state;
    static const char *const malformed[] = {
        "", "S", "1", "10", "-1S", "+1S", " 1S", "1 S", "1s", "1h", "1.5S", "123456789S", "1SS"};
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        int64_t ms = -7;
        assert_reason(vrx_timeout_parse(vrx_view_text(malformed[i]), &ms), VRX_INPUT_MALFORMED);
        assert_true(ms == -7);
    }
}

static void formatted_timeouts_never_shorten(void **state) {
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } timeouts[] = {{-5, "0m"}, {0, "0m"}, {1500, "1500m"}, {99999999, "99999999m"},
        {100000000, "100000S"}, {100000001, "100001S"}, {99999999000, "99999999S"},
        {99999999001, "1666667M"}, {INT64_MAX, "99999999H"}};
    for (size_t i = 0; i < sizeof timeouts / sizeof *timeouts; i++) {
        char text[VRX_TIMEOUT_TEXT];
        vrx_timeout_format(timeouts[i].ms, text);
        assert_string_equal(text, timeouts[i].text);
    }
}

static void ids_of_requests(void **state) {
    (void)state;
    static const char *const good[] = {"0123456789abcdeffedcba9876543210",
        "0123456789ABCDEFFEDCBA9876543210", "01234567-89ab-cdef-fedc-ba9876543210"};
    static const uint8_t bytes[VRX_REQUEST_ID] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
        0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        uint8_t id[VRX_REQUEST_ID] = {0};
        assert_true(vrx_request_id_parse(vrx_view_text(good[i]), id));
        assert_memory_equal(id, bytes, sizeof id);
    }
}

static void what_is_no_id_of_a_request(void **state) {
    (void)state;
    static const char *const bad[] = {"", "1", "0123456789abcdeffedcba987654321",
        "0123456789abcdeffedcba98765432100", "0123456789abcdeffedcba987654321g",
        "00000000000000000000000000000000", "00000000-0000-0000-0000-000000000000",
        "01234567-89ab-cdef-fedc-ba987654321-", "0123456789ab-cdef-fedc-ba9876543210-0",
        "01234567089ab-cdef-fedc-ba9876543210", "{1234567-89ab-cdef-fedc-ba987654321}",
        "0123456789abcdef fedcba987654321", "１２３４５６７８９０"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t id[VRX_REQUEST_ID] = {7};
        assert_false(vrx_request_id_parse(vrx_view_text(bad[i]), id));
        assert_int_equal(id[0], 7);
    }
}

static void content_types(void **state) {
    (void)state;
    static const char *const good[] = {"application/grpc", "application/grpc+proto",
        "application/grpc;charset=utf-8", "application/grpc+proto ; x=y"};
    static const char *const bad[] = {"", "application/grp", "application/grpcx",
        "application/grpc-web", "application/grpc-web+proto", "application/grpc+json",
        "application/json", ";application/grpc"};
    static const char *const web[] = {
        "application/grpc-web", "application/grpc-web+proto", "application/grpc-web;charset=utf-8"};
    static const char *const not_web[] = {"", "application/grpc", "application/grpc-web-text",
        "application/grpc-web-text+proto", "application/grpc-web+json"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(vrx_content_type_is_grpc(vrx_view_text(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(vrx_content_type_is_grpc(vrx_view_text(bad[i])));
    for (size_t i = 0; i < sizeof web / sizeof *web; i++)
        assert_true(vrx_content_type_is_grpc_web(vrx_view_text(web[i])));
    for (size_t i = 0; i < sizeof not_web / sizeof *not_web; i++)
        assert_false(vrx_content_type_is_grpc_web(vrx_view_text(not_web[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_encoding_both_ways),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(broken_escapes_are_kept),
        cmocka_unit_test(timeouts_in_every_unit),
        cmocka_unit_test(malformed_timeouts_are_refused),
        cmocka_unit_test(formatted_timeouts_never_shorten),
        cmocka_unit_test(ids_of_requests),
        cmocka_unit_test(what_is_no_id_of_a_request),
        cmocka_unit_test(content_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
