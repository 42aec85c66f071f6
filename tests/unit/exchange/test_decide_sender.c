/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 1 at the origin: who cannot be answered safely is not answered, and nothing of what arrived
 * is kept.
 */
#include "support/exchange_world.h"

static void from_nobody(struct exchange_world *world) {
    assert_ok(vrx_municipality_code_parse(vrx_view_text("131016"), &world->routing.from));
    world->query.asker = world->routing.from;
}

static void entry_ended(struct exchange_world *world) {
    world->base.entry[WORLD_KASHIWA].valid_until = world->now - 1;
    daemon_world_sign_law(&world->base);
}

static void entry_not_begun(struct exchange_world *world) {
    world->base.entry[WORLD_KASHIWA].valid_from = world->now + 1;
    daemon_world_sign_law(&world->base);
}

static void directory_ended(struct exchange_world *world) {
    world->base.directory.expires = world->now - 1;
    daemon_world_sign_law(&world->base);
}

static void to_another(struct exchange_world *world) {
    world->routing.to = world->base.town[WORLD_KOFU].code;
}

static void not_a_query(struct exchange_world *world) {
    world->routing.kind = VRX_ENVELOPE_ANSWER;
}

static void sealed_to_another(struct exchange_world *world) {
    world->sealed_to = WORLD_KOFU;
}

static void signed_by_another(struct exchange_world *world) {
    world->query_by = WORLD_KOFU;
}

/* The municipality that signs names the sender's key as its own. */
static void signed_by_another_under_our_kid(struct exchange_world *world) {
    world->query_by = WORLD_KOFU;
    memcpy(world->base.town[WORLD_KOFU].keys->signing_kid,
        world->base.town[WORLD_KASHIWA].keys->signing_kid, VRX_KID);
}

static void key_ended(struct exchange_world *world) {
    world->base.town[WORLD_KASHIWA].signing_key.until = world->query.asked_at - 1;
    daemon_world_sign_law(&world->base);
}

static void key_begins_later(struct exchange_world *world) {
    world->base.town[WORLD_KASHIWA].signing_key.from = world->query.asked_at + 1;
    daemon_world_sign_law(&world->base);
}

static void asked_in_anothers_name(struct exchange_world *world) {
    world->query.asker = world->base.town[WORLD_KOFU].code;
}

static void asked_of_another(struct exchange_world *world) {
    world->query.asked = world->base.town[WORLD_KOFU].code;
}

static void under_another_id(struct exchange_world *world) {
    world->query.id[0] ^= 1;
}

static const struct {
    const char *name;
    void (*change)(struct exchange_world *world);
    enum vrx_reason reason;
} rows[] = {
    {"a sender in no directory", from_nobody, VRX_SENDER_UNKNOWN},
    {"a sender whose entry ended", entry_ended, VRX_SENDER_NOT_CURRENT},
    {"a sender whose entry begins later", entry_not_begun, VRX_SENDER_NOT_CURRENT},
    {"an expired directory", directory_ended, VRX_DIRECTORY_EXPIRED},
    {"for another municipality", to_another, VRX_QUERY_NOT_FOR_US},
    {"an answer", not_a_query, VRX_QUERY_NOT_FOR_US},
    {"sealed to another", sealed_to_another, VRX_KEY_UNKNOWN},
    {"signed by another", signed_by_another, VRX_KEY_UNKNOWN},
    {"signed by another under our kid", signed_by_another_under_our_kid, VRX_SIGNATURE_INVALID},
    {"under a key that ended before", key_ended, VRX_KEY_NOT_IN_FORCE},
    {"under a key that begins later", key_begins_later, VRX_KEY_NOT_IN_FORCE},
    {"asked in another's name", asked_in_anothers_name, VRX_QUERY_NOT_FOR_US},
    {"asked of another", asked_of_another, VRX_QUERY_NOT_FOR_US},
    {"under another id", under_another_id, VRX_QUERY_NOT_FOR_US},
};

static void unanswered(struct exchange_world *world, const char *name, struct vrx_result result,
    enum vrx_reason reason) {
    if (result.reason != reason)
        fail_msg(
            "%s: %s instead of %s", name, vrx_reason_name(result.reason), vrx_reason_name(reason));
    assert_int_equal(world->reply.len, 0);
    assert_int_equal(world->changes, 0);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
    assert_false(world->context.audit.about_person);
}

static void test_each_refusal_has_its_reason(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        void *own = NULL;
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        rows[i].change(world);
        exchange_world_sign(world);
        unanswered(world, rows[i].name,
            exchange_world_deliver(world, vrx_buffer_view(&world->envelope)), rows[i].reason);
        exchange_world_teardown(&own);
    }
}

/* The routing is authenticated with the content: the platform in between cannot pass a query off
 * as another municipality's. */
static void test_a_re_addressed_envelope_does_not_open(void **state) {
    struct exchange_world *world = *state;
    struct vrx_envelope envelope;
    struct vrx_buffer changed VRX_CLEANUP(vrx_buffer_done) = {0};
    exchange_world_sign(world);
    exchange_world_context(world, WORLD_SAPPORO);
    assert_ok(vrx_object_decode(
        &vrx_envelope_schema, vrx_buffer_view(&world->envelope), &world->context.arena, &envelope));
    envelope.from = world->base.town[WORLD_KOFU].code;
    assert_ok(vrx_object_encode(&vrx_envelope_schema, &envelope, &changed));
    unanswered(world, "re-addressed", exchange_world_deliver(world, vrx_buffer_view(&changed)),
        VRX_DECRYPT_FAILED);
}

static void test_every_altered_byte_is_refused(void **state) {
    struct exchange_world *world = *state;
    exchange_world_sign(world);
    for (size_t i = 0; i < world->envelope.len; i++) {
        world->envelope.ptr[i] ^= (uint8_t)(1 << i % 8);
        struct vrx_result result = exchange_world_deliver(world, vrx_buffer_view(&world->envelope));
        world->envelope.ptr[i] ^= (uint8_t)(1 << i % 8);
        if (vrx_is_ok(result) || world->reply.len || world->changes)
            fail_msg("byte %zu of %zu passed", i, world->envelope.len);
    }
    for (size_t len = 0; len < world->envelope.len; len += 7)
        assert_false(
            vrx_is_ok(exchange_world_deliver(world, vrx_view_of(world->envelope.ptr, len))));
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
}

/* The control: with nothing changed the same steps bring an answer. */
static void test_an_honest_query_is_answered(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    assert_reason(world->decision, VRX_OK);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.dose_count, 2);
    assert_true(world->context.audit.about_person);
    assert_true(vrx_view_equal(world->context.audit.basis, world->base.permit.id));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_refusal_has_its_reason),
        EXCHANGE_TEST(test_a_re_addressed_envelope_does_not_open),
        EXCHANGE_TEST(test_every_altered_byte_is_refused),
        EXCHANGE_TEST(test_an_honest_query_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
