/* SPDX-License-Identifier: Apache-2.0
 *
 * A transfer that is under way while a municipality changes its keys: what was sealed to the old
 * exchange key is opened, what either key signed in its time is believed, and by nobody else.
 */
#include "dispatch/signed.h"
#include "exchange/decide.h"
#include "exchange/steps.h"
#include "objects/dated_key.h"
#include "support/exchange_world.h"

static const uint64_t items[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

/* The town's open vault gets a keyring with new keys. */
static void rotate(struct exchange_world *world, unsigned town, bool signing, bool exchange) {
    const struct vrx_keyring_renewal renewal = {
        .signing = signing, .exchange = exchange, .now = world->now, .overlap = 600};
    struct vrx_tenant_keys *keys = daemon_world_rotate(&world->base.town[town], &renewal);
    vrx_tenant_adopt_keys(world->tenant[town], &keys);
}

/* The change itself, as the service makes it when the directory names the new key. */
static void change(struct exchange_world *world, unsigned town) {
    struct vrx_signer_change waiting;
    bool waits = false;
    exchange_world_begin(world, town);
    assert_ok(vrx_signer_waiting(world->tenant[town], &waits, &waiting));
    assert_true(waits);
    assert_ok(vrx_signer_change(world->tenant[town], &waiting, 0, world->now));
    assert_ok(exchange_world_end(world, town, vrx_ok()));
}

/* The directory that the platform authority signs with the town's next keyring. */
static void announce(struct exchange_world *world, unsigned town, struct vrx_dated_key keys[2]) {
    struct vrx_keyring keyring;
    assert_ok(vrx_keyring_parse(vrx_buffer_view(&world->base.town[town].keyring), &keyring));
    assert_int_equal(keyring.signing.count, 2);
    assert_ok(vrx_dated_key_make(
        keyring.signing.key[0].spki, keyring.signing.key[0].from, VRX_KEY_NO_END, &keys[0]));
    assert_ok(
        vrx_dated_key_make(keyring.signing.key[1].spki, 0, keyring.signing.key[1].until, &keys[1]));
    world->base.entry[town].signing_keys = keys;
    world->base.entry[town].signing_key_count = 2;
    daemon_world_sign_law(&world->base);
}

static void request(struct exchange_world *world) {
    assert_ok(exchange_world_request(world, WORLD_HANAKO, items, 2));
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
}

static enum vrx_transfer_state state_of(struct exchange_world *world) {
    return exchange_world_transfer(world).state;
}

static void a_query_under_way_is_opened_with_the_last_exchange_key(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_request(world, WORLD_HANAKO, items, 2));
    rotate(world, WORLD_SAPPORO, false, true);
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_ok(world->decision);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(state_of(world), VRX_TRANSFER_IMPORTED);
}

static void an_answer_under_way_is_opened_with_the_last_exchange_key(void **state) {
    struct exchange_world *world = *state;
    request(world);
    rotate(world, WORLD_KASHIWA, true, true);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(state_of(world), VRX_TRANSFER_IMPORTED);
}

static void refusal_the_key_before_the_last_opens_nothing(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_request(world, WORLD_HANAKO, items, 2));
    rotate(world, WORLD_SAPPORO, false, true);
    world->now += 601;
    rotate(world, WORLD_SAPPORO, false, true);
    assert_reason(
        exchange_world_deliver(world, vrx_buffer_view(&world->envelope)), VRX_KEY_UNKNOWN);
}

/* Between the new keyring and the directory nothing that others see has changed. */
static void a_new_key_that_nobody_knows_signs_nothing(void **state) {
    struct exchange_world *world = *state;
    rotate(world, WORLD_SAPPORO, true, false);
    rotate(world, WORLD_KASHIWA, true, false);
    request(world);
    assert_ok(world->decision);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(state_of(world), VRX_TRANSFER_IMPORTED);
}

/* Evidence and consent under the old key, the query under the new one. */
static void a_case_spans_the_change(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dated_key keys[2];
    exchange_world_sign(world); /* as Kashiwa's vault would have it: all by the old key */
    const struct vrx_view evidence = vrx_buffer_view(&world->signed_evidence);
    const struct vrx_view consent = vrx_buffer_view(&world->signed_consent);
    rotate(world, WORLD_KASHIWA, true, false);
    world->now += 60;
    announce(world, WORLD_KASHIWA, keys);
    change(world, WORLD_KASHIWA);
    world->query.asked_at = world->now;
    world->query.evidence = evidence;
    world->query.consent = consent;
    struct vrx_public_key *sapporo = NULL;
    vrx_buffer_clear(&world->signed_query);
    vrx_buffer_clear(&world->envelope);
    assert_ok(vrx_signer_sign(
        world->tenant[WORLD_KASHIWA], &vrx_query_schema, &world->query, &world->signed_query));
    struct vrx_view kid;
    assert_ok(vrx_object_kid(vrx_buffer_view(&world->signed_query), &kid));
    assert_true(vrx_view_equal(kid, vrx_view_of(keys[0].kid, VRX_DATED_KID)));
    assert_ok(vrx_private_key_public(world->base.town[WORLD_SAPPORO].keys->exchange, &sapporo));
    assert_ok(vrx_envelope_seal(&world->routing, vrx_buffer_view(&world->signed_query), sapporo,
        world->context.random, &world->envelope));
    vrx_public_key_free(&sapporo);
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_ok(world->decision);
}

/* A peer whose directory is older keeps nothing and answers nothing; with the new one it does, and
 * the query that is sent again comes through. */
static void a_peer_without_the_directory_refuses_and_takes_it_later(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dated_key keys[2];
    rotate(world, WORLD_KASHIWA, true, false);
    change(world, WORLD_KASHIWA);
    assert_ok(exchange_world_request(world, WORLD_HANAKO, items, 2));
    assert_reason(
        exchange_world_deliver(world, vrx_buffer_view(&world->envelope)), VRX_KEY_UNKNOWN);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
    announce(world, WORLD_KASHIWA, keys);
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_ok(world->decision);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(state_of(world), VRX_TRANSFER_IMPORTED);
}

/* Kofu's key stands for one of Kashiwa's that Sapporo's directory does not have, under the consent,
 * the identity check or the query; and at last Kashiwa itself is not in it. */
static void what_a_later_directory_tells_ends_no_query_before(void **state) {
    struct exchange_world *world = *state;
    unsigned *const by[] = {&world->consent_by, &world->evidence_by, &world->query_by, NULL};
    struct vrx_directory_entry *kashiwa = &world->base.entry[WORLD_KASHIWA];
    struct vrx_dated_key *own = kashiwa->signing_keys;
    struct vrx_dated_key keys[] = {*own, world->base.entry[WORLD_KOFU].signing_keys[0]};
    const struct vrx_municipality_code code = kashiwa->code;
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        exchange_world_renew(world);
        if (by[i])
            *by[i] = WORLD_KOFU;
        else
            kashiwa->code = (struct vrx_municipality_code){"131016"};
        daemon_world_sign_law(&world->base);
        assert_reason(exchange_world_ask(world), by[i] ? VRX_KEY_UNKNOWN : VRX_SENDER_UNKNOWN);
        assert_int_equal(world->reply.len, 0);
        assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), i);
        kashiwa->code = code;
        kashiwa->signing_keys = keys;
        kashiwa->signing_key_count = 2;
        daemon_world_sign_law(&world->base);
        assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
        assert_ok(world->decision);
        exchange_world_open_reply(world);
        assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
        kashiwa->signing_keys = own;
        kashiwa->signing_key_count = 1;
        if (by[i])
            *by[i] = WORLD_KASHIWA;
    }
}

/* The directory never comes: the asker sends again, less and less often, and the query ends. */
static void a_query_that_nobody_can_read_expires(void **state) {
    struct exchange_world *world = *state;
    rotate(world, WORLD_KASHIWA, true, false);
    change(world, WORLD_KASHIWA);
    assert_ok(exchange_world_request(world, WORLD_HANAKO, items, 2));
    const int64_t deadline = exchange_world_transfer(world).deadline;
    unsigned sent = 0;
    while (state_of(world) == VRX_TRANSFER_REQUESTED && sent < 100000) {
        struct vrx_sendings sendings = {0};
        struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
        exchange_world_begin(world, WORLD_KASHIWA);
        assert_ok(
            exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
        for (size_t i = 0; i < sendings.count; i++, sent++)
            assert_reason(
                exchange_world_deliver(world, vrx_buffer_view(&sendings.items[i].envelope)),
                VRX_KEY_UNKNOWN);
        world->now = sendings.next ? sendings.next : world->now;
        vrx_sendings_done(&sendings);
    }
    assert_int_equal(state_of(world), VRX_TRANSFER_EXPIRED);
    assert_int_equal(world->now, deadline + 1);
    assert_in_range(sent, 10, 2000);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
}

/* Whoever stole the old key asks in Kashiwa's name, after the key's time. */
static void refusal_a_new_query_under_the_old_key(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dated_key keys[2];
    rotate(world, WORLD_KASHIWA, true, false);
    announce(world, WORLD_KASHIWA, keys);
    world->now += 601;
    world->query.asked_at = world->now;
    exchange_world_sign(world);
    assert_reason(
        exchange_world_deliver(world, vrx_buffer_view(&world->envelope)), VRX_KEY_NOT_IN_FORCE);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(a_query_under_way_is_opened_with_the_last_exchange_key),
        EXCHANGE_TEST(an_answer_under_way_is_opened_with_the_last_exchange_key),
        EXCHANGE_TEST(refusal_the_key_before_the_last_opens_nothing),
        EXCHANGE_TEST(a_new_key_that_nobody_knows_signs_nothing),
        EXCHANGE_TEST(a_case_spans_the_change),
        EXCHANGE_TEST(a_peer_without_the_directory_refuses_and_takes_it_later),
        EXCHANGE_TEST(what_a_later_directory_tells_ends_no_query_before),
        EXCHANGE_TEST(a_query_that_nobody_can_read_expires),
        EXCHANGE_TEST(refusal_a_new_query_under_the_old_key),
    };
    return cmocka_run_group_tests_name("exchange/rotation", tests, NULL, NULL);
}
