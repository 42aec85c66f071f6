/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages in one transaction, each for itself. The code reads the wall clock, so this world is at
 * the present.
 */
#include "exchange/batch.h"

#include "ledger/ledger.h"
#include "store/outbox.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

static int setup(void **state) {
    return exchange_world_setup_at(state, vrx_clock_seconds());
}

static uint64_t entries(struct exchange_world *world, unsigned town) {
    return vrx_ledger_size(vrx_tenant_ledger(world->tenant[town]));
}

static struct vrx_result receive(
    struct exchange_world *world, unsigned from, struct vrx_delivery *deliveries, size_t count) {
    struct vrx_raised raised = {0};
    struct world_town *sapporo = &world->base.town[WORLD_SAPPORO];
    exchange_world_begin(world, WORLD_SAPPORO);
    return exchange_world_end(world, WORLD_SAPPORO,
        vrx_exchange_receive_all(sapporo->slot, world->tenant[WORLD_SAPPORO],
            &world->base.town[from].code, deliveries, count, &raised));
}

static struct vrx_result accept(struct exchange_world *world, const struct vrx_sending *sent,
    const struct vrx_delivery *deliveries, size_t count) {
    struct world_town *kashiwa = &world->base.town[WORLD_KASHIWA];
    exchange_world_begin(world, WORLD_KASHIWA);
    return exchange_world_end(world, WORLD_KASHIWA,
        vrx_exchange_accept_all(
            kashiwa->slot, world->tenant[WORLD_KASHIWA], sent, deliveries, count));
}

/* Hanako's query, with its name; the envelope is the world's. */
static struct vrx_sending request(struct exchange_world *world) {
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    struct vrx_sending sent = {
        .to = world->base.town[WORLD_SAPPORO].code, .kind = VRX_ENVELOPE_QUERY};
    memcpy(sent.query_id, world->query.id, VRX_ID);
    return sent;
}

static void what_is_refused_takes_nothing_from_the_others(void **state) {
    struct exchange_world *world = *state;
    struct vrx_sending sent = request(world);
    struct vrx_buffer altered VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer other VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_view query = vrx_buffer_view(&world->envelope);
    assert_ok(vrx_buffer_append(&altered, query));
    altered.ptr[altered.len - 1] ^= 1;
    struct vrx_envelope routing = {.kind = VRX_ENVELOPE_QUERY,
        .from = world->base.town[WORLD_KOFU].code,
        .to = world->base.town[WORLD_SAPPORO].code,
        .sealed = vrx_view_text("of another municipality")};
    assert_ok(vrx_object_encode(&vrx_envelope_schema, &routing, &other));
    struct vrx_delivery deliveries[5] = {
        {.envelope = vrx_view_text("no envelope")},
        {.envelope = vrx_buffer_view(&altered)},
        {.envelope = query},
        {.envelope = vrx_buffer_view(&other)},
        {.envelope = query},
    };
    uint64_t before = entries(world, WORLD_SAPPORO);
    assert_ok(receive(world, WORLD_KASHIWA, deliveries, 5));
    assert_int_equal(vrx_reason_category(deliveries[0].outcome.reason), VRX_CATEGORY_INPUT);
    assert_reason(deliveries[1].outcome, VRX_DECRYPT_FAILED);
    assert_ok(deliveries[2].outcome);
    assert_reason(deliveries[3].outcome, VRX_PEER_UNKNOWN);
    assert_string_equal(deliveries[3].outcome.clause, "envelope.from: who delivers it");
    assert_ok(deliveries[4].outcome);
    assert_true(deliveries[2].reply.len > 0);
    assert_true(vrx_view_equal(
        vrx_buffer_view(&deliveries[2].reply), vrx_buffer_view(&deliveries[4].reply)));
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(deliveries[i].reply.len > 0, i == 2 || i == 4);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 1);
    assert_int_equal(entries(world, WORLD_SAPPORO), before + 5); /* one each */

    assert_ok(accept(world, &sent, &deliveries[2], 1));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    for (unsigned i = 0; i < 5; i++)
        vrx_buffer_done(&deliveries[i].reply);
}

static struct vrx_result no_random(void *context, uint8_t *out, size_t len) {
    (void)context;
    memset(out, 0, len);
    return vrx_fail(VRX_RANDOM_FAILED);
}

/* Nobody's fault: nothing of the batch is done, nor refused. */
static void our_own_trouble_takes_all_of_it_back(void **state) {
    struct exchange_world *world = *state;
    static const struct vrx_random failing = {.fill = no_random};
    struct vrx_daemon *daemon = world->base.daemon;
    const struct vrx_random *good = daemon->random;
    (void)request(world);
    struct vrx_delivery deliveries[2] = {
        {.envelope = vrx_view_text("no envelope")},
        {.envelope = vrx_buffer_view(&world->envelope)},
    };
    uint64_t before = entries(world, WORLD_SAPPORO);
    daemon->random = &failing; /* with which the answer would be sealed */
    assert_reason(receive(world, WORLD_KASHIWA, deliveries, 2), VRX_RANDOM_FAILED);
    daemon->random = good;
    assert_int_equal(entries(world, WORLD_SAPPORO), before);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
    vrx_buffer_clear(&deliveries[0].reply);
    vrx_buffer_clear(&deliveries[1].reply);
    assert_ok(receive(world, WORLD_KASHIWA, deliveries, 2));
    assert_ok(deliveries[1].outcome);
    assert_int_equal(entries(world, WORLD_SAPPORO), before + 2);
    for (unsigned i = 0; i < 2; i++)
        vrx_buffer_done(&deliveries[i].reply);
}

static struct vrx_outbox_message message(
    struct exchange_world *world, const struct vrx_sending *sent) {
    struct vrx_outbox_message found;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    struct vrx_outbox_key key = {.to = sent->to, .kind = sent->kind};
    memcpy(key.id, sent->query_id, VRX_ID);
    assert_ok(vrx_outbox_get(context->tenant, &context->arena, &key, &found));
    return found;
}

/* What was refused stays due, and not before the other side advises. */
static void retry_advice_is_followed(void **state) {
    struct exchange_world *world = *state;
    struct vrx_sending sent[2] = {request(world)};
    struct vrx_delivery refused[2] = {{.outcome = vrx_fail(VRX_TENANT_SEALED)}};
    struct vrx_delivery delivery = {.envelope = vrx_buffer_view(&world->envelope)};
    int64_t due = exchange_world_transfer(world).next_attempt_at;
    uint64_t before = entries(world, WORLD_KASHIWA);
    assert_ok(accept(world, sent, refused, 1));
    assert_int_equal(exchange_world_transfer(world).next_attempt_at, due);
    refused[0].outcome = vrx_refuse_for(VRX_RATE_EXCEEDED, "test", 100500);
    assert_ok(accept(world, sent, refused, 1));
    due = exchange_world_transfer(world).next_attempt_at;
    assert_in_range(due, vrx_clock_seconds() + 100, vrx_clock_seconds() + 101);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_REQUESTED);

    assert_ok(receive(world, WORLD_KASHIWA, &delivery, 1));
    assert_ok(accept(world, sent, &delivery, 1));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_ok(accept(world, sent, refused, 1)); /* too late to wait */
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(exchange_world_transfer(world).next_attempt_at, 0);

    sent[1] = sent[0]; /* its receipt */
    sent[1].kind = VRX_ENVELOPE_RECEIPT;
    refused[1].outcome = vrx_fail(VRX_PEER_UNKNOWN);
    assert_ok(accept(world, sent, refused, 2));
    assert_int_equal(message(world, &sent[1]).reason, VRX_PEER_UNKNOWN);
    assert_int_equal(message(world, &sent[1]).state, VRX_OUTBOX_WAITING);
    refused[1].outcome = vrx_refuse_for(VRX_QUEUE_FULL, "test", 50000);
    assert_ok(accept(world, sent, refused, 2));
    assert_in_range(message(world, &sent[1]).next_attempt_at, vrx_clock_seconds() + 49,
        vrx_clock_seconds() + 50);
    assert_true(entries(world, WORLD_KASHIWA) > before);
    vrx_buffer_done(&delivery.reply);
}

/* A reply that is none leaves its entry, and the transfer as it was. */
static void a_reply_that_is_none_is_noted(void **state) {
    struct exchange_world *world = *state;
    struct vrx_sending sent = request(world);
    struct vrx_delivery delivery = {0};
    uint64_t before = entries(world, WORLD_KASHIWA);
    assert_ok(vrx_buffer_append(&delivery.reply, vrx_view_text("no envelope")));
    assert_ok(accept(world, &sent, &delivery, 1));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_REQUESTED);
    assert_int_equal(entries(world, WORLD_KASHIWA), before + 1);
    vrx_buffer_done(&delivery.reply);
}

/* Nobody acknowledged a message in time: it ends, with an entry, and is sent no more. */
static void a_message_ends_at_its_deadline(void **state) {
    struct exchange_world *world = *state;
    struct vrx_sending sent = request(world);
    struct vrx_delivery delivery = {.envelope = vrx_buffer_view(&world->envelope)};
    struct vrx_sendings sendings = {0};
    assert_ok(receive(world, WORLD_KASHIWA, &delivery, 1));
    assert_ok(accept(world, &sent, &delivery, 1));
    vrx_buffer_done(&delivery.reply);
    sent.kind = VRX_ENVELOPE_RECEIPT;
    int64_t deadline = message(world, &sent).deadline;
    for (int64_t i = 0; i < 2; i++) {
        world->now = deadline + i;
        struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
        exchange_world_begin(world, WORLD_KASHIWA);
        assert_ok(
            exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
        assert_int_equal(sendings.count, 1 - i);
        vrx_sendings_done(&sendings);
    }
    assert_int_equal(message(world, &sent).state, VRX_OUTBOX_EXPIRED);
}

/* A day of attempts that end like this; the seconds to the next one. */
static int64_t wait_after(
    struct exchange_world *world, const struct vrx_sending *sent, enum vrx_reason reason) {
    const struct vrx_delivery refused = {.outcome = vrx_fail(reason)};
    for (const int64_t end = world->now + WORLD_DAY; world->now < end;) {
        struct vrx_sendings sendings = {0};
        struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
        exchange_world_begin(world, WORLD_KASHIWA);
        assert_ok(
            exchange_world_end(world, WORLD_KASHIWA, vrx_exchange_send_due(context, &sendings)));
        assert_int_equal(sendings.count, 1);
        vrx_sendings_done(&sendings);
        assert_ok(accept(world, sent, &refused, 1));
        const int64_t next = message(world, sent).next_attempt_at;
        if (next >= end)
            return next - world->now;
        world->now = next;
    }
    fail();
    return 0;
}

/* What waiting may mend is tried four times an hour as long as it may; what it does not, four times
 * a day, until it is refused no more. */
static void a_message_that_is_refused_for_good_is_sent_seldom(void **state) {
    struct exchange_world *world = *state;
    struct vrx_sending sent = request(world);
    struct vrx_delivery delivery = {.envelope = vrx_buffer_view(&world->envelope)};
    assert_ok(receive(world, WORLD_KASHIWA, &delivery, 1));
    assert_ok(accept(world, &sent, &delivery, 1));
    vrx_buffer_done(&delivery.reply);
    sent.kind = VRX_ENVELOPE_RECEIPT;
    world->now = message(world, &sent).next_attempt_at;
    assert_in_range(wait_after(world, &sent, VRX_NETWORK_FAILED), 1024, 1536);
    world->now = message(world, &sent).next_attempt_at;
    assert_in_range(wait_after(world, &sent, VRX_RECEIPT_MISMATCH), 16384, 24576);
    world->now = message(world, &sent).next_attempt_at;
    assert_in_range(wait_after(world, &sent, VRX_TENANT_SEALED), 1024, 1536);
    assert_int_equal(message(world, &sent).state, VRX_OUTBOX_WAITING);
}

#define BATCH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, exchange_world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        BATCH_TEST(what_is_refused_takes_nothing_from_the_others),
        BATCH_TEST(our_own_trouble_takes_all_of_it_back),
        BATCH_TEST(retry_advice_is_followed),
        BATCH_TEST(a_reply_that_is_none_is_noted),
        BATCH_TEST(a_message_ends_at_its_deadline),
        BATCH_TEST(a_message_that_is_refused_for_good_is_sent_seldom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
