/* SPDX-License-Identifier: Apache-2.0 */
#include "dispatch/message.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "vrx/v1/records.pb-c.h"

static struct vrx_arena arena;

static int set_up(void **state) {
    (void)state;
    vrx_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    vrx_arena_done(&arena);
    return 0;
}

static enum vrx_reason decode(const char *bytes, size_t len, ProtobufCMessage **ret_message) {
    return vrx_message_decode(
        &vrx__v1__get_history_request__descriptor, vrx_view_of(bytes, len), &arena, ret_message)
        .reason;
}

/* GetHistoryRequest {resident: {addressee_number: "42"}} */
static const char good[] = "\x0a\x04\x12\x02"
                           "42";

static void test_decodes_into_the_arena(void **state) {
    (void)state;
    ProtobufCMessage *message = NULL;
    assert_int_equal(decode(good, sizeof good - 1, &message), VRX_OK);
    const Vrx__V1__GetHistoryRequest *request = (const Vrx__V1__GetHistoryRequest *)message;
    assert_string_equal(request->resident->addressee_number, "42");
}

static void test_every_shorter_message_is_refused_or_empty(void **state) {
    (void)state;
    for (size_t len = 1; len < sizeof good - 1; len++) {
        ProtobufCMessage *message = NULL;
        assert_int_equal(decode(good, len, &message), VRX_INPUT_MALFORMED);
        assert_null(message);
    }
}

static void test_an_unknown_field_is_refused_at_any_depth(void **state) {
    (void)state;
    ProtobufCMessage *message = NULL;
    /* field 7 of the request */
    assert_int_equal(decode("\x38\x01", 2, &message), VRX_INPUT_FIELD_UNKNOWN);
    /* field 9 of the resident key */
    assert_int_equal(decode("\x0a\x02\x48\x01", 4, &message), VRX_INPUT_FIELD_UNKNOWN);
}

static void test_text_that_is_not_utf8_is_refused_at_any_depth(void **state) {
    (void)state;
    ProtobufCMessage *message = NULL;
    assert_int_equal(decode("\x0a\x04\x12\x02\xc3\x28", 6, &message), VRX_INPUT_TEXT);
}

static void test_a_nul_within_text_is_refused(void **state) {
    (void)state;
    ProtobufCMessage *message = NULL;
    assert_int_equal(decode("\x0a\x05\x12\x03\x34\x00\x32", 7, &message), VRX_INPUT_TEXT);
    assert_null(message);
}

static void test_numbers_and_lengths_that_do_not_end_are_refused(void **state) {
    (void)state;
    ProtobufCMessage *message = NULL;
    assert_int_equal(
        decode("\x8a\x8a\x8a\x8a\x8a\x8a\x8a\x8a\x8a\x8a\x8a", 11, &message), VRX_INPUT_MALFORMED);
    assert_int_equal(
        decode("\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, &message), VRX_INPUT_MALFORMED);
    assert_int_equal(decode("\x0b", 1, &message), VRX_INPUT_MALFORMED); /* a group */
}

static void test_a_reply_encodes_to_what_decodes(void **state) {
    (void)state;
    Vrx__V1__GetHistoryRequest request = VRX__V1__GET_HISTORY_REQUEST__INIT;
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    char number[] = "42";
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_ADDRESSEE_NUMBER;
    key.addressee_number = number;
    request.resident = &key;
    struct vrx_buffer out VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_int_equal(vrx_message_encode(&request.base, &out).reason, VRX_OK);
    assert_int_equal(out.len, sizeof good - 1);
    assert_memory_equal(out.ptr, good, out.len);
}

static void test_fixed_bytes_have_exactly_their_length(void **state) {
    (void)state;
    uint8_t bytes[17] = {0};
    uint8_t id[16];
    assert_int_equal(vrx_message_fixed((ProtobufCBinaryData){16, bytes}, 16, id).reason, VRX_OK);
    assert_int_equal(
        vrx_message_fixed((ProtobufCBinaryData){17, bytes}, 16, id).reason, VRX_INPUT_RANGE);
    assert_int_equal(
        vrx_message_fixed((ProtobufCBinaryData){0, NULL}, 16, id).reason, VRX_INPUT_FIELD_MISSING);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_decodes_into_the_arena, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_every_shorter_message_is_refused_or_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_an_unknown_field_is_refused_at_any_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_text_that_is_not_utf8_is_refused_at_any_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_nul_within_text_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_numbers_and_lengths_that_do_not_end_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reply_encodes_to_what_decodes, set_up, tear_down),
        cmocka_unit_test(test_fixed_bytes_have_exactly_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
