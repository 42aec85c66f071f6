/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/details.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/check.h"

static void assert_view(struct vrx_view view, const char *expected) {
    assert_int_equal(view.len, strlen(expected));
    assert_memory_equal(view.ptr, expected, view.len);
}

static void both_ways(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_details details;
    struct vrx_result outcome = vrx_refuse(VRX_CONSENT_EXPIRED, "PIPA art. 69");
    assert_ok(vrx_details_encode(VRX_GRPC_PERMISSION_DENIED, outcome, (struct vrx_view){0}, &out));
    assert_ok(vrx_details_decode(vrx_buffer_view(&out), &details));
    assert_int_equal(details.code, VRX_GRPC_PERMISSION_DENIED);
    assert_view(details.message, vrx_reason_sentence_en(VRX_CONSENT_EXPIRED));
    assert_view(details.message_ja, vrx_reason_sentence_ja(VRX_CONSENT_EXPIRED));
    assert_view(details.reason, "CONSENT_EXPIRED");
    assert_view(details.clause, "PIPA art. 69");
    assert_view(details.retry, "CORRECTED");
}

static void facts_stand_beside_the_rest(void **state) {
    (void)state;
    struct vrx_buffer facts VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_details details;
    assert_ok(vrx_details_add_fact(&facts, "other", vrx_view_text("passed over")));
    assert_ok(vrx_details_add_fact(&facts, "action", vrx_view_text("0011aabb")));
    assert_ok(vrx_details_encode(VRX_GRPC_PERMISSION_DENIED,
        vrx_refuse(VRX_CONSENT_EXPIRED, "clause"), vrx_buffer_view(&facts), &out));
    assert_ok(vrx_details_decode(vrx_buffer_view(&out), &details));
    assert_view(details.reason, "CONSENT_EXPIRED");
    assert_view(details.clause, "clause");
    assert_view(details.action, "0011aabb");
}

static void without_clause(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_details details;
    assert_ok(vrx_details_encode(
        VRX_GRPC_INTERNAL, vrx_fail(VRX_INTERNAL_ERROR), (struct vrx_view){0}, &out));
    assert_ok(vrx_details_decode(vrx_buffer_view(&out), &details));
    assert_int_equal(details.clause.len, 0);
    assert_view(details.retry, "LATER");
}

/* What protoc --decode_raw, which shares no code with us, sees. */
static void protoc_reads_it(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    char path[] = "/tmp/vrx-details-XXXXXX";
    char command[128];
    char text[2048] = "";
    struct vrx_result outcome = vrx_refuse(VRX_QUEUE_FULL, "clause 1");
    assert_ok(vrx_details_encode(VRX_GRPC_RESOURCE_EXHAUSTED, outcome, (struct vrx_view){0}, &out));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, out.ptr, out.len), out.len);
    close(fd);
    snprintf(command, sizeof command, "protoc --decode_raw <%s", path);
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): the path is ours */
    assert_non_null(pipe);
    size_t len = fread(text, 1, sizeof text - 1, pipe);
    assert_true(len > 0);
    assert_int_equal(pclose(pipe), 0);
    unlink(path);
    assert_non_null(strstr(text, "1: 8\n2: \"the municipality\\'s queue is full\"\n3 {\n"
                                 "  1: \"type.googleapis.com/google.rpc.ErrorInfo\"\n  2 {\n"
                                 "    1: \"QUEUE_FULL\"\n    2: \"vrx\"\n"
                                 "    3 {\n      1: \"clause\"\n      2: \"clause 1\"\n    }\n"
                                 "    3 {\n      1: \"retry\"\n      2: \"LATER\"\n    }\n"
                                 "    3 {\n      1: \"ja\"\n"));
}

static void advice_to_wait_goes_both_ways(void **state) {
    (void)state;
    static const uint32_t waits[] = {1, 999, 1000, 1001, 12500, 3600000, UINT32_MAX - 1};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
        struct vrx_details details;
        struct vrx_result outcome = vrx_refuse_for(VRX_RATE_EXCEEDED, "clause 1", waits[i]);
        assert_ok(
            vrx_details_encode(VRX_GRPC_RESOURCE_EXHAUSTED, outcome, (struct vrx_view){0}, &out));
        assert_ok(vrx_details_decode(vrx_buffer_view(&out), &details));
        assert_view(details.reason, "RATE_EXCEEDED");
        assert_int_equal(details.retry_ms, waits[i] > 4294966000u ? UINT32_MAX : waits[i]);
    }
}

/* Status { details: Any { RetryInfo, value } }. */
static uint32_t wait_of(const uint8_t *value, uint8_t len) {
    static const char type[] = "type.googleapis.com/google.rpc.RetryInfo";
    struct vrx_buffer any VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_details details;
    const uint8_t head[] = {0x1a, (uint8_t)(4 + sizeof type - 1 + len), 0x0a, sizeof type - 1};
    const uint8_t value_head[] = {0x12, len};
    assert_ok(vrx_buffer_append(&any, vrx_view_of(head, sizeof head)));
    assert_ok(vrx_buffer_append(&any, vrx_view_text(type)));
    assert_ok(vrx_buffer_append(&any, vrx_view_of(value_head, sizeof value_head)));
    assert_ok(vrx_buffer_append(&any, vrx_view_of(value, len)));
    assert_ok(vrx_details_decode(vrx_buffer_view(&any), &details));
    return details.retry_ms;
}

static void another_servers_advice_is_rounded_up_or_cut(void **state) {
    (void)state;
    const uint8_t a_nanosecond[] = {0x0a, 2, 0x10, 1};
    const uint8_t below_zero[] = {
        0x0a, 11, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    const uint8_t a_century[] = {0x0a, 6, 0x08, 0x80, 0xa7, 0xe4, 0xe0, 0x0b};
    const uint8_t nothing[] = {0x0a, 0};
    assert_int_equal(wait_of(a_nanosecond, sizeof a_nanosecond), 1);
    assert_int_equal(wait_of(below_zero, sizeof below_zero), 0);
    assert_int_equal(wait_of(a_century, sizeof a_century), UINT32_MAX);
    assert_int_equal(wait_of(nothing, sizeof nothing), 0);
}

static void every_truncation_is_refused_or_shorter(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_result outcome = vrx_refuse(VRX_QUEUE_FULL, "clause 1");
    assert_ok(vrx_details_encode(VRX_GRPC_RESOURCE_EXHAUSTED, outcome, (struct vrx_view){0}, &out));
    size_t accepted = 0;
    for (size_t len = 0; len < out.len; len++) {
        struct vrx_details details;
        struct vrx_result result = vrx_details_decode(vrx_view_of(out.ptr, len), &details);
        if (!vrx_is_ok(result)) {
            assert_reason(result, VRX_INPUT_TRUNCATED);
            continue;
        }
        accepted++; /* between two fields of Status: none, code, code and message */
        assert_int_equal(details.reason.len, 0);
    }
    assert_int_equal(accepted, 3);
}

static void malformed_protobuf_is_refused(void **state) {
    (void)state;
    const uint8_t long_varint[] = {
        0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    const uint8_t group[] = {0x0b};
    const uint8_t over[] = {0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 'a'};
    struct vrx_details details;
    assert_reason(vrx_details_decode(vrx_view_of(long_varint, sizeof long_varint), &details),
        VRX_INPUT_MALFORMED);
    assert_reason(
        vrx_details_decode(vrx_view_of(group, sizeof group), &details), VRX_INPUT_MALFORMED);
    assert_reason(
        vrx_details_decode(vrx_view_of(over, sizeof over), &details), VRX_INPUT_TRUNCATED);
}

static void unknown_fields_and_foreign_details_are_skipped(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    /* A fixed64, a fixed32 and a varint of unknown numbers, and an Any of another type. */
    const uint8_t foreign[] = {
        0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x78, 5, 0x1a, 4, 0x0a, 2, 'x', 'y'};
    struct vrx_details details;
    assert_ok(vrx_buffer_append(&out, vrx_view_of(foreign, sizeof foreign)));
    assert_ok(vrx_details_encode(
        VRX_GRPC_NOT_FOUND, vrx_fail(VRX_NOT_FOUND), (struct vrx_view){0}, &out));
    assert_ok(vrx_details_decode(vrx_buffer_view(&out), &details));
    assert_view(details.reason, "NOT_FOUND");
    assert_int_equal(details.code, VRX_GRPC_NOT_FOUND);
}

static void error_info_of_another_domain_is_not_ours(void **state) {
    (void)state;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_details details;
    assert_ok(vrx_details_encode(
        VRX_GRPC_NOT_FOUND, vrx_fail(VRX_NOT_FOUND), (struct vrx_view){0}, &out));
    uint8_t *domain = memmem(out.ptr, out.len, "\x12\x03vrx", 5);
    assert_non_null(domain);
    domain[2] = 'w';
    assert_ok(vrx_details_decode(vrx_buffer_view(&out), &details));
    assert_int_equal(details.reason.len, 0);
    assert_int_equal(details.retry.len, 0);
}

static void binary_fields(void **state) {
    (void)state;
    static const struct {
        const char *plain;
        const char *encoded;
    } pairs[] = {{"", ""}, {"a", "YQ"}, {"ab", "YWI"}, {"abc", "YWJj"}, {"\xff\xfe", "//4"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
        assert_ok(vrx_binary_field_encode(vrx_view_text(pairs[i].plain), &out));
        assert_view(vrx_buffer_view(&out), pairs[i].encoded);
        vrx_buffer_clear(&out);
        assert_ok(vrx_binary_field_decode(vrx_view_text(pairs[i].encoded), &out));
        assert_view(vrx_buffer_view(&out), pairs[i].plain);
    }
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_binary_field_decode(vrx_view_text("YQ=="), &out));
    assert_view(vrx_buffer_view(&out), "a");
    assert_reason(vrx_binary_field_decode(vrx_view_text("Y*"), &out), VRX_INPUT_MALFORMED);
}

static void retry_names(void **state) {
    (void)state;
    for (int retry = VRX_RETRY_NEVER; retry <= VRX_RETRY_NOW; retry++)
        assert_int_equal(
            vrx_retry_from_name(vrx_view_text(vrx_retry_name((enum vrx_retry)retry))), retry);
    assert_int_equal(vrx_retry_from_name(vrx_view_text("later")), VRX_RETRY_NEVER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways),
        cmocka_unit_test(facts_stand_beside_the_rest),
        cmocka_unit_test(without_clause),
        cmocka_unit_test(protoc_reads_it),
        cmocka_unit_test(advice_to_wait_goes_both_ways),
        cmocka_unit_test(another_servers_advice_is_rounded_up_or_cut),
        cmocka_unit_test(every_truncation_is_refused_or_shorter),
        cmocka_unit_test(malformed_protobuf_is_refused),
        cmocka_unit_test(unknown_fields_and_foreign_details_are_skipped),
        cmocka_unit_test(error_info_of_another_domain_is_not_ours),
        cmocka_unit_test(binary_fields),
        cmocka_unit_test(retry_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
