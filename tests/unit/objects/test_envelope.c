/* SPDX-License-Identifier: Apache-2.0
 *
 * proto/objects/envelope.c: a sealed content opens for its receiver, at its address, and nowhere
 * else.
 */
#include "support/check.h"

#include "crypto/random.h"
#include "unit/objects/samples.h"

static const char content[] = "a signed query";
static struct vrx_private_key *receiver;
static struct vrx_private_key *stranger;
static struct vrx_public_key *receiver_public;

static int make_keys(void **state) {
    (void)state;
    assert_ok(vrx_private_key_new_p256(&receiver));
    assert_ok(vrx_private_key_new_p256(&stranger));
    assert_ok(vrx_private_key_public(receiver, &receiver_public));
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    vrx_private_key_free(&receiver);
    vrx_private_key_free(&stranger);
    vrx_public_key_free(&receiver_public);
    return 0;
}

static void seal(struct vrx_arena *arena, struct vrx_envelope *ret_envelope) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    assert_ok(vrx_envelope_seal(
        &sample_envelope, vrx_view_text(content), receiver_public, vrx_random_system(), &out));
    assert_null(memmem(out.ptr, out.len, content, strlen(content)));
    assert_ok(vrx_object_decode(&vrx_envelope_schema, vrx_buffer_view(&out), arena, ret_envelope));
}

static void opens_for_its_receiver(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_envelope envelope;
    vrx_arena_init(&arena, 0);
    seal(&arena, &envelope);
    assert_int_equal(envelope.kind, VRX_ENVELOPE_QUERY);
    assert_true(vrx_municipality_code_equal(&envelope.to, &sample_envelope.to));
    assert_ok(vrx_envelope_open(&envelope, receiver, &out));
    assert_true(vrx_view_equal(vrx_buffer_view(&out), vrx_view_text(content)));
}

static void key_unknown_to_a_stranger(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_envelope envelope;
    vrx_arena_init(&arena, 0);
    seal(&arena, &envelope);
    assert_reason(vrx_envelope_open(&envelope, stranger, &out), VRX_KEY_UNKNOWN);
    assert_int_equal(out.len, 0);
}

/* Each routing field is authenticated: the platform between cannot change one. */
static void decrypt_failed_when_readdressed(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_arena_done) struct vrx_arena arena;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    struct vrx_envelope sealed;
    vrx_arena_init(&arena, 0);
    seal(&arena, &sealed);
    struct vrx_envelope changed[4] = {sealed, sealed, sealed, sealed};
    changed[0].kind = VRX_ENVELOPE_ANSWER;
    changed[1].from = (struct vrx_municipality_code)KOFU;
    changed[2].to = (struct vrx_municipality_code)KOFU;
    changed[3].query_id[VRX_ID - 1] ^= 1;
    for (size_t i = 0; i < 4; i++)
        assert_reason(vrx_envelope_open(&changed[i], receiver, &out), VRX_DECRYPT_FAILED);
    assert_int_equal(out.len, 0);
}

static void input_too_large(void **state) {
    (void)state;
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer out = {0};
    static const uint8_t large[VRX_LIMIT_SEALED];
    assert_reason(vrx_envelope_seal(&sample_envelope, vrx_view_of(large, sizeof large),
                      receiver_public, vrx_random_system(), &out),
        VRX_INPUT_TOO_LARGE);
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_for_its_receiver),
        cmocka_unit_test(key_unknown_to_a_stranger),
        cmocka_unit_test(decrypt_failed_when_readdressed),
        cmocka_unit_test(input_too_large),
    };
    return cmocka_run_group_tests_name("objects/envelope", tests, make_keys, free_keys);
}
