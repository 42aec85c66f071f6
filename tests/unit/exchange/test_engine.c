/* SPDX-License-Identifier: Apache-2.0
 *
 * What moves transfers on, with both municipalities' actors running. The engine reads the wall
 * clock, so this world is at the present; whoever posts behind a step waits for it, so nothing here
 * waits for time.
 */
#include "exchange/engine.h"

#include <sqlite3.h>

#include "dispatch/dispatch.h"
#include "exchange/handlers.h"
#include "store/consent_record.h"
#include "support/exchange_world.h"
#include "vaultfs/vault.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

static struct vrx_slot *kashiwa(const struct exchange_world *world) {
    return world->base.town[WORLD_KASHIWA].slot;
}

/* Send, deliver and accept, when they are queued, have been done afterwards: each is posted by the
 * one before, on the other's thread, ahead of this visitor. */
static void settle(struct exchange_world *world) {
    daemon_world_visit(kashiwa(world), NULL, NULL);
    struct vrx_slot *sapporo = world->base.town[WORLD_SAPPORO].slot;
    if (vrx_slot_is_open(sapporo))
        daemon_world_visit(sapporo, NULL, NULL);
    daemon_world_visit(kashiwa(world), NULL, NULL);
}

/* ---- the two towns ---- */

static void unseal(struct exchange_world *world, unsigned town) {
    vrx_tenant_close(&world->tenant[town]);
    daemon_world_unseal(&world->base.town[town], world->now);
}

static void seal(struct exchange_world *world, unsigned town) {
    atomic_store(&world->base.town[town].slot->open, false);
    vrx_actor_seal(world->base.town[town].slot->actor);
}

static int setup(void **state) {
    return exchange_world_setup_at(state, vrx_clock_seconds());
}

static struct vrx_result look(struct vrx_tenant *tenant, void *arg) {
    struct vrx_transfer_out *transfer = arg;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done) = {0};
    vrx_arena_init(&arena, 0);
    uint8_t id[VRX_ID];
    memcpy(id, transfer->query_id, VRX_ID);
    return vrx_transfer_out_get(tenant, &arena, id, transfer);
}

/* Its texts are gone. */
static struct vrx_transfer_out transfer(struct exchange_world *world) {
    struct vrx_transfer_out found = {0};
    memcpy(found.query_id, world->query.id, VRX_ID);
    daemon_world_visit(kashiwa(world), look, &found);
    return found;
}

static struct vrx_result run_sql(struct vrx_tenant *tenant, void *sql) {
    sqlite3 *db = vrx_tenant_db(tenant);
    return vrx_sqlite_result(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* A query before the vaults are given to their threads. */
static void request_and_open(struct exchange_world *world, bool origin_too) {
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    unseal(world, WORLD_KASHIWA);
    if (origin_too)
        unseal(world, WORLD_SAPPORO);
}

static void test_a_transfer_goes_its_whole_way(void **state) {
    struct exchange_world *world = *state;
    request_and_open(world, true);
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    struct vrx_transfer_out found = transfer(world);
    assert_int_equal(found.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(found.doses_imported, 2);
    vrx_exchange_nudge(kashiwa(world)); /* the receipt */
    settle(world);
    vrx_exchange_nudge(kashiwa(world)); /* its next attempt was set before the reply came */
    settle(world);
    assert_true(atomic_load(&kashiwa(world)->exchange_due) == INT64_MAX);
}

/* Stored before sent, sent again until answered. */
static void test_a_sealed_origin_is_asked_again(void **state) {
    struct exchange_world *world = *state;
    request_and_open(world, false);
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    struct vrx_transfer_out found = transfer(world);
    assert_int_equal(found.state, VRX_TRANSFER_REQUESTED);
    assert_int_equal(found.attempts, 1);
    assert_true(found.next_attempt_at > world->now);
    assert_true(atomic_load(&kashiwa(world)->exchange_due) == found.next_attempt_at);
    unseal(world, WORLD_SAPPORO);
    daemon_world_visit(kashiwa(world), run_sql, "UPDATE transfer_out SET next_attempt_at = 1");
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    found = transfer(world);
    assert_int_equal(found.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(found.attempts, 2);
}

/* A full queue or a vault that closes loses the nudge, not the transfer. */
static void test_a_nudge_that_cannot_be_posted_comes_again(void **state) {
    struct exchange_world *world = *state;
    request_and_open(world, true);
    seal(world, WORLD_KASHIWA);
    vrx_exchange_nudge(kashiwa(world));
    assert_true(atomic_load(&kashiwa(world)->exchange_due) < INT64_MAX);
    unseal(world, WORLD_KASHIWA);
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    assert_int_equal(transfer(world).state, VRX_TRANSFER_IMPORTED);
}

static void check_entry(struct exchange_world *world, enum vrx_reason outcome) {
    struct world_entry last = daemon_world_last_entry(kashiwa(world));
    assert_string_equal(last.method, "exchange/end");
    assert_int_equal(last.outcome, outcome);
    assert_true(last.about_person);
}

static void test_a_deadline_ends_a_transfer(void **state) {
    struct exchange_world *world = *state;
    request_and_open(world, false);
    daemon_world_visit(
        kashiwa(world), run_sql, "UPDATE transfer_out SET deadline = 2, next_attempt_at = 1");
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    struct vrx_transfer_out found = transfer(world);
    assert_int_equal(found.state, VRX_TRANSFER_EXPIRED);
    assert_int_equal(found.next_attempt_at, 0);
    check_entry(world, VRX_QUERY_EXPIRED);
}

/* An officer still has to look at a dose of one transfer; the others do not wait for that. */
static void test_an_unsettled_transfer_holds_up_no_other(void **state) {
    struct exchange_world *world = *state;
    struct vrx_answer answer;
    struct vrx_dose_item doses[2];
    uint8_t unsettled[VRX_ID];
    uint8_t later[VRX_ID];
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    memcpy(unsettled, world->query.id, VRX_ID);
    exchange_world_answer(world, &answer, doses);
    doses[1].administered_on = doses[0].administered_on;
    doses[1].lot = vrx_view_text("FA1234"); /* two doses on one day */
    exchange_world_seal(world, &answer, WORLD_SAPPORO, WORLD_KASHIWA);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    request_and_open(world, true);
    memcpy(later, world->query.id, VRX_ID);
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    memcpy(world->query.id, unsettled, VRX_ID);
    struct vrx_transfer_out found = transfer(world);
    assert_int_equal(found.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(found.attempts, 0);
    /* Sapporo takes no receipt of an answer that it did not give. */
    daemon_world_visit(kashiwa(world), run_sql, "DELETE FROM outbox WHERE state = 1");
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    assert_true(atomic_load(&kashiwa(world)->exchange_due) == INT64_MAX);
    memcpy(world->query.id, later, VRX_ID);
    assert_int_not_equal(transfer(world).state, VRX_TRANSFER_REQUESTED);
}

static struct vrx_result revoke(struct vrx_tenant *tenant, void *arg) {
    struct exchange_world *world = arg;
    struct vrx_context context = {
        .daemon = world->base.daemon,
        .slot = kashiwa(world),
        .tenant = tenant,
        .now = world->now,
        .terminal_id = "counter",
    };
    vrx_arena_init(&context.arena, 0);
    Vrx__V1__RevokeConsentRequest in = VRX__V1__REVOKE_CONSENT_REQUEST__INIT;
    Vrx__V1__RevokeConsentResponse out = VRX__V1__REVOKE_CONSENT_RESPONSE__INIT;
    in.consent_id = (ProtobufCBinaryData){VRX_ID, world->consent.id};
    struct vrx_result result = vrx_exchange_revoke_consent(&context, &in, &out);
    vrx_arena_done(&context.arena);
    return result;
}

/* A query waits while its origin is sealed; the person says no; nothing is sent any more. */
static void test_a_revoked_consent_is_not_sent(void **state) {
    struct exchange_world *world = *state;
    request_and_open(world, true);
    daemon_world_visit(kashiwa(world), revoke, world);
    vrx_exchange_nudge(kashiwa(world));
    settle(world);
    struct vrx_transfer_out found = transfer(world);
    assert_int_equal(found.state, VRX_TRANSFER_DENIED);
    assert_int_equal(found.reason, VRX_CONSENT_REVOKED);
    assert_int_equal(found.attempts, 0);
    check_entry(world, VRX_CONSENT_REVOKED);
    seal(world, WORLD_SAPPORO);
    world->tenant[WORLD_SAPPORO] = daemon_world_open(&world->base.town[WORLD_SAPPORO], world->now);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "transfer_in"), 0);
}

#define ENGINE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, exchange_world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ENGINE_TEST(test_a_transfer_goes_its_whole_way),
        ENGINE_TEST(test_a_sealed_origin_is_asked_again),
        ENGINE_TEST(test_a_nudge_that_cannot_be_posted_comes_again),
        ENGINE_TEST(test_a_deadline_ends_a_transfer),
        ENGINE_TEST(test_an_unsettled_transfer_holds_up_no_other),
        ENGINE_TEST(test_a_revoked_consent_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
