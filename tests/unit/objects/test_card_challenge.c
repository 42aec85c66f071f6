/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/card_challenge.c: the message that a card signs. Its encoding is tested with the
 * codec.
 */
#include "objects/card_challenge.h"

#include "support/check.h"
#include "unit/objects/samples.h"

static const char name[] = "vrx.card-challenge.1";

static void the_name_stands_before_the_encoding(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer encoding = {0};
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_card_challenge read;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_card_challenge_message(&sample_challenge, &message));
    assert_ok(vrx_object_encode(&vrx_card_challenge_schema, &sample_challenge, &encoding));
    assert_int_equal(message.len, sizeof name + encoding.len);
    assert_true(message.len <= VRX_LIMIT_CHALLENGE);
    assert_memory_equal(message.ptr, name, sizeof name);
    assert_memory_equal(message.ptr + sizeof name, encoding.ptr, encoding.len);
    assert_ok(vrx_card_challenge_read(vrx_buffer_view(&message), &arena, &read));
    assert_memory_equal(read.nonce, sample_challenge.nonce, sizeof read.nonce);
    assert_int_equal(read.expires_at, sample_challenge.expires_at);
}

static void without_its_name_it_is_none(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer message = {0};
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    struct vrx_card_challenge read;
    vrx_arena_init(&arena, 0);
    assert_ok(vrx_card_challenge_message(&sample_challenge, &message));
    for (size_t at = 0; at < sizeof name; at++) {
        message.ptr[at] ^= 1;
        assert_reason(
            vrx_card_challenge_read(vrx_buffer_view(&message), &arena, &read), VRX_INPUT_MALFORMED);
        message.ptr[at] ^= 1;
        assert_reason(vrx_card_challenge_read(vrx_view_of(message.ptr, at), &arena, &read),
            VRX_INPUT_MALFORMED);
    }
    assert_reason(vrx_card_challenge_read(vrx_view_of(message.ptr, sizeof name), &arena, &read),
        VRX_INPUT_TRUNCATED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_stands_before_the_encoding),
        cmocka_unit_test(without_its_name_it_is_none),
    };
    return cmocka_run_group_tests_name("objects/card_challenge", tests, NULL, NULL);
}
