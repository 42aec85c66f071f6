/* SPDX-License-Identifier: Apache-2.0 */
#include "grpc/frame.h"

#include "support/check.h"

static struct vrx_frame_reader reader;

static int setup(void **state) {
    (void)state;
    vrx_frame_reader_init(&reader, 10);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    vrx_frame_reader_done(&reader);
    return 0;
}

/* Feeds the bytes in pieces of the given size and counts whole messages; the last stays there. */
static unsigned feed(const uint8_t *bytes, size_t len, size_t piece) {
    unsigned messages = 0;
    for (size_t at = 0; at < len; at += piece) {
        struct vrx_view rest = vrx_view_of(bytes + at, len - at < piece ? len - at : piece);
        do {
            bool complete = false;
            if (messages && reader.message.len == reader.need && reader.head_len == VRX_FRAME_HEAD)
                vrx_frame_reader_next(&reader);
            assert_ok(vrx_frame_reader_feed(&reader, &rest, &complete));
            messages += complete;
        } while (rest.len);
    }
    return messages;
}

static void whole_message(void **state) {
    (void)state;
    const uint8_t bytes[] = {0, 0, 0, 0, 3, 'a', 'b', 'c'};
    assert_int_equal(feed(bytes, sizeof bytes, sizeof bytes), 1);
    assert_int_equal(reader.message.len, 3);
    assert_memory_equal(reader.message.ptr, "abc", 3);
}

static void every_split(void **state) {
    (void)state;
    const uint8_t bytes[] = {0, 0, 0, 0, 3, 'a', 'b', 'c', 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 'z'};
    for (size_t piece = 1; piece <= sizeof bytes; piece++) {
        vrx_frame_reader_next(&reader);
        assert_int_equal(feed(bytes, sizeof bytes, piece), 3);
        assert_int_equal(reader.message.len, 1);
        assert_int_equal(reader.message.ptr[0], 'z');
    }
}

static void empty_message_is_complete_with_its_head(void **state) {
    (void)state;
    const uint8_t bytes[] = {0, 0, 0, 0, 0};
    struct vrx_view rest = vrx_view_of(bytes, sizeof bytes);
    bool complete = false;
    assert_ok(vrx_frame_reader_feed(&reader, &rest, &complete));
    assert_true(complete);
    assert_int_equal(rest.len, 0);
    assert_false(vrx_frame_reader_idle(&reader));
    vrx_frame_reader_next(&reader);
    assert_true(vrx_frame_reader_idle(&reader));
}

static void takes_no_byte_of_the_next_message(void **state) {
    (void)state;
    const uint8_t bytes[] = {0, 0, 0, 0, 1, 'a', 0, 0};
    struct vrx_view rest = vrx_view_of(bytes, sizeof bytes);
    bool complete = false;
    assert_ok(vrx_frame_reader_feed(&reader, &rest, &complete));
    assert_true(complete);
    assert_int_equal(rest.len, 2);
}

static void compressed_flag_is_refused(void **state) {
    (void)state;
    for (unsigned flag = 1; flag < 256; flag++) {
        uint8_t bytes[] = {(uint8_t)flag, 0, 0, 0, 1, 'a'};
        struct vrx_view rest = vrx_view_of(bytes, sizeof bytes);
        bool complete = true;
        vrx_frame_reader_next(&reader);
        assert_reason(vrx_frame_reader_feed(&reader, &rest, &complete), VRX_INPUT_MALFORMED);
        assert_false(complete);
    }
}

static void message_over_the_limit_is_refused_before_it_comes(void **state) {
    (void)state;
    const uint8_t fits[] = {0, 0, 0, 0, 10};
    const uint8_t over[] = {0, 0, 0, 0, 11};
    const uint8_t huge[] = {0, 0xff, 0xff, 0xff, 0xff};
    bool complete = false;
    struct vrx_view rest = vrx_view_of(fits, sizeof fits);
    assert_ok(vrx_frame_reader_feed(&reader, &rest, &complete));
    vrx_frame_reader_next(&reader);
    rest = vrx_view_of(over, sizeof over);
    assert_reason(vrx_frame_reader_feed(&reader, &rest, &complete), VRX_INPUT_TOO_LARGE);
    vrx_frame_reader_next(&reader);
    rest = vrx_view_of(huge, sizeof huge);
    assert_reason(vrx_frame_reader_feed(&reader, &rest, &complete), VRX_INPUT_TOO_LARGE);
    assert_int_equal(reader.message.capacity, 0);
}

static void head_is_big_endian(void **state) {
    (void)state;
    uint8_t head[VRX_FRAME_HEAD];
    vrx_frame_head(0x01020304, head);
    assert_hex(head, sizeof head, "0001020304");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_message, setup, teardown),
        cmocka_unit_test_setup_teardown(every_split, setup, teardown),
        cmocka_unit_test_setup_teardown(empty_message_is_complete_with_its_head, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_no_byte_of_the_next_message, setup, teardown),
        cmocka_unit_test_setup_teardown(compressed_flag_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(
            message_over_the_limit_is_refused_before_it_comes, setup, teardown),
        cmocka_unit_test(head_is_big_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
