/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 6: a municipality that asks too much, or for too many who are not answered at once, is to
 * ask later. That is no answer: the same query is answered then.
 */
#include "exchange/steps.h"
#include "ledger/ledger.h"
#include "store/alert.h"
#include "support/exchange_world.h"

static void set(struct exchange_world *world, enum vrx_limit which, uint32_t value) {
    atomic_store(&world->base.daemon->options.live.limits.value[which], value);
}

/* A step as the engine makes it, with its entry and its alerts. */
static struct vrx_result ask(struct exchange_world *world) {
    exchange_world_sign(world);
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    vrx_buffer_clear(&world->reply);
    exchange_world_begin(world, WORLD_SAPPORO);
    struct vrx_result result = vrx_exchange_receive(
        context, vrx_buffer_view(&world->envelope), &world->reply, &world->decision);
    assert_ok(vrx_exchange_record_receive(
        context, vrx_buffer_view(&world->envelope), result, world->decision));
    assert_ok(exchange_world_end(world, WORLD_SAPPORO, vrx_ok()));
    return result;
}

static void another(struct exchange_world *world, unsigned person) {
    exchange_world_renew(world);
    exchange_world_about(world, person);
}

static struct vrx_alert *alerts(struct exchange_world *world, size_t expected) {
    struct vrx_alert *alerts = NULL;
    size_t count = 0;
    assert_ok(vrx_alert_list(
        world->tenant[WORLD_SAPPORO], &world->context.arena, 0, true, 100, &alerts, &count));
    assert_int_equal(count, expected);
    return alerts;
}

static void test_too_many_queries(void **state) {
    struct exchange_world *world = *state;
    set(world, VRX_LIMIT_PEER_QUERIES_MINUTE, 2);
    assert_ok(ask(world));
    another(world, WORLD_HANAKO);
    assert_ok(ask(world));
    another(world, WORLD_HANAKO);
    struct vrx_result refused = ask(world);
    assert_reason(refused, VRX_RATE_EXCEEDED);
    assert_string_equal(refused.clause, "limit: queries a minute of one municipality");
    assert_true(refused.retry_ms > 0);
    assert_int_equal(world->reply.len, 0);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 2);
    struct vrx_alert *alert = alerts(world, 1);
    assert_int_equal(alert->cause.kind, VRX_ALERT_RATE);
    assert_true(vrx_view_equal(alert->cause.terminal_id, vrx_view_text("peer")));
    set(world, VRX_LIMIT_PEER_QUERIES_MINUTE, 0); /* as if a minute had passed */
    assert_ok(ask(world));
    exchange_world_open_reply(world);
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
}

/* What was asked before is no further query. */
static void test_a_repetition_is_not_counted(void **state) {
    struct exchange_world *world = *state;
    set(world, VRX_LIMIT_PEER_QUERIES_MINUTE, 1);
    assert_ok(exchange_world_ask(world));
    for (unsigned i = 0; i < 3; i++)
        assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
}

/* A refusal says what it is refused for, not that it asks too much. */
static void test_what_is_refused_before_is_not_counted(void **state) {
    struct exchange_world *world = *state;
    set(world, VRX_LIMIT_PEER_QUERIES_MINUTE, 1);
    world->with_consent = false;
    for (unsigned i = 0; i < 3; i++) {
        exchange_world_renew(world);
        assert_ok(exchange_world_ask(world));
        assert_int_equal(world->answer.reason, VRX_CONSENT_MISSING);
    }
    world->with_consent = true;
    another(world, WORLD_HANAKO);
    assert_ok(ask(world));
}

/* Somebody protected counts as somebody who is not there: the limit tells nothing. */
static void test_too_many_who_are_not_answered(void **state) {
    struct exchange_world *world = *state;
    static const unsigned tried[] = {WORLD_UNKNOWN, WORLD_HANAKO, WORLD_TARO, WORLD_HANAKO};
    set(world, VRX_LIMIT_PEER_UNANSWERED_HOUR, 2);
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        another(world, tried[i]);
        struct vrx_result result = ask(world);
        if (i < 3)
            assert_ok(result);
        else
            assert_reason(result, VRX_RATE_EXCEEDED);
    }
    assert_int_equal(alerts(world, 1)->cause.kind, VRX_ALERT_FAILED_LOOKUPS);
}

/* Of a flood one refusal a second has an entry. */
static void test_a_flood_does_not_fill_the_ledger(void **state) {
    struct exchange_world *world = *state;
    set(world, VRX_LIMIT_PEER_QUERIES_MINUTE, 1);
    assert_ok(ask(world));
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[WORLD_SAPPORO]);
    const uint64_t before = vrx_ledger_size(ledger);
    for (unsigned i = 0; i < 20; i++) {
        another(world, WORLD_HANAKO);
        assert_reason(ask(world), VRX_RATE_EXCEEDED);
    }
    assert_in_range(vrx_ledger_size(ledger) - before, 1, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_too_many_queries),
        EXCHANGE_TEST(test_a_repetition_is_not_counted),
        EXCHANGE_TEST(test_what_is_refused_before_is_not_counted),
        EXCHANGE_TEST(test_too_many_who_are_not_answered),
        EXCHANGE_TEST(test_a_flood_does_not_fill_the_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
