/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries that come again: the same bytes are given the same answer, however often and whatever
 * happened meanwhile; one id or one nonce with anything else is refused.
 */
#include "support/exchange_world.h"

static struct vrx_buffer copy_of(const struct vrx_buffer *buffer) {
    struct vrx_buffer copy = {0};
    assert_ok(vrx_buffer_append(&copy, vrx_buffer_view(buffer)));
    return copy;
}

static void again(struct exchange_world *world, struct vrx_view envelope) {
    assert_ok(exchange_world_deliver(world, envelope));
    exchange_world_open_reply(world);
}

static void test_a_repeated_query_gets_the_stored_answer(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = copy_of(&world->reply);
    struct vrx_buffer envelope VRX_CLEANUP(vrx_buffer_done) = copy_of(&world->envelope);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    for (int i = 0; i < 3; i++) {
        world->now += WORLD_DAY;
        again(world, vrx_buffer_view(&envelope));
        assert_true(vrx_view_equal(vrx_buffer_view(&world->reply), vrx_buffer_view(&first)));
        assert_int_equal(world->changes, 0);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 1);
}

/* Sealed anew it is another envelope and the same signed query: the same answer. */
static void test_what_counts_is_the_signed_query(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = copy_of(&world->reply);
    struct vrx_buffer envelope VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_public_key *key VRX_CLEANUP(vrx_public_key_free) = NULL;
    assert_ok(vrx_private_key_public(world->base.town[WORLD_SAPPORO].keys->exchange, &key));
    assert_ok(vrx_envelope_seal(&world->routing, vrx_buffer_view(&world->signed_query), key,
        world->context.random, &envelope));
    again(world, vrx_buffer_view(&envelope));
    assert_true(vrx_view_equal(vrx_buffer_view(&world->reply), vrx_buffer_view(&first)));
}

/* The doses leave once more, so the ledger says once more whose and why. */
static void test_a_repetition_is_about_the_same_person(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    uint8_t person[VRX_DIGEST];
    memcpy(person, world->context.audit.person, VRX_DIGEST);
    again(world, vrx_buffer_view(&world->envelope));
    assert_true(world->context.audit.about_person);
    assert_memory_equal(world->context.audit.person, person, VRX_DIGEST);
    assert_true(vrx_view_equal(world->context.audit.basis, world->base.permit.id));
    assert_reason(world->decision, VRX_OK);
}

static void test_a_repeated_denial_is_a_denial(void **state) {
    struct exchange_world *world = *state;
    world->with_consent = false;
    assert_ok(exchange_world_ask(world));
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = copy_of(&world->reply);
    again(world, vrx_buffer_view(&world->envelope));
    assert_true(vrx_view_equal(vrx_buffer_view(&world->reply), vrx_buffer_view(&first)));
    assert_reason(world->decision, VRX_CONSENT_MISSING);
}

/* Who is not current any more is given nothing, not even what was answered before. */
static void test_a_repetition_by_who_left_the_directory_is_refused(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    world->base.entry[WORLD_KASHIWA].valid_until = world->now - 1;
    daemon_world_sign_law(&world->base);
    assert_reason(
        exchange_world_deliver(world, vrx_buffer_view(&world->envelope)), VRX_SENDER_NOT_CURRENT);
    assert_int_equal(world->reply.len, 0);
}

static void refused_as_replay(struct exchange_world *world) {
    exchange_world_sign(world);
    struct vrx_result result = exchange_world_deliver(world, vrx_buffer_view(&world->envelope));
    assert_reason(result, VRX_QUERY_REPLAYED);
    assert_non_null(result.clause);
    assert_int_equal(world->reply.len, 0);
    assert_int_equal(world->changes, 0);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 1);
}

static void test_one_id_with_other_content(void **state) {
    struct exchange_world *world = *state;
    static const uint64_t more[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT, VRX_ITEM_VENUE};
    uint8_t id[VRX_ID];
    assert_ok(exchange_world_ask(world));
    memcpy(id, world->query.id, VRX_ID);
    exchange_world_renew(world); /* a nonce of its own */
    memcpy(world->query.id, id, VRX_ID);
    memcpy(world->routing.query_id, id, VRX_ID);
    exchange_world_items(world, more, 3);
    refused_as_replay(world);
    exchange_world_about(world, WORLD_TARO);
    refused_as_replay(world);
}

static void test_one_nonce_in_two_queries(void **state) {
    struct exchange_world *world = *state;
    uint8_t nonce[VRX_ID];
    assert_ok(exchange_world_ask(world));
    memcpy(nonce, world->query.nonce, VRX_ID);
    exchange_world_renew(world);
    memcpy(world->query.nonce, nonce, VRX_ID);
    refused_as_replay(world);
    world->with_consent = false; /* also where it would be denied */
    refused_as_replay(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_a_repeated_query_gets_the_stored_answer),
        EXCHANGE_TEST(test_what_counts_is_the_signed_query),
        EXCHANGE_TEST(test_a_repetition_is_about_the_same_person),
        EXCHANGE_TEST(test_a_repeated_denial_is_a_denial),
        EXCHANGE_TEST(test_a_repetition_by_who_left_the_directory_is_refused),
        EXCHANGE_TEST(test_one_id_with_other_content),
        EXCHANGE_TEST(test_one_nonce_in_two_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
