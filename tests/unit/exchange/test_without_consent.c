/* SPDX-License-Identifier: Apache-2.0
 *
 * The permit without consent (Number Act art. 19(16)) beside the one that requires it: off as long
 * as its time has not come or is over, and where it was used the ledgers of both ends say so.
 */
#include "ledger/ledger.h"
#include "objects/audit_entry.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};
static struct vrx_permit permits[2]; /* tests have one thread */

/* In force from until then; from after until: switched off. */
static void second_permit(struct exchange_world *world, int64_t from, int64_t until) {
    permits[0] = permits[1] = world->base.permit;
    permits[1].id = vrx_view_text("mover-19-16");
    permits[1].legal_basis = vrx_view_text("番号法第19条第16号");
    permits[1].consent_required = false;
    permits[1].in_force_from = from;
    permits[1].in_force_until = until;
    world->base.permits.permits = permits;
    world->base.permits.permit_count = 2;
    daemon_world_sign_law(&world->base);
}

/* The last entry with this method rests on this. */
static void assert_basis(
    struct exchange_world *world, unsigned town, const char *method, const char *basis) {
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[town]);
    for (uint64_t at = vrx_ledger_size(ledger); at > 0; at--) {
        struct vrx_audit_entry entry;
        vrx_buffer_clear(&bytes);
        assert_ok(vrx_ledger_get(ledger, at - 1, &bytes));
        assert_ok(vrx_audit_entry_decode(vrx_buffer_view(&bytes), &entry));
        if (!vrx_view_equal(entry.method, vrx_view_text(method)))
            continue;
        assert_true(vrx_view_equal(entry.basis, vrx_view_text(basis)));
        return;
    }
    fail_msg("no entry %s", method);
}

static struct vrx_result ask_without(struct exchange_world *world) {
    world->without_consent = true;
    return exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2);
}

static void test_switched_off_nothing_is_asked_without_consent(void **state) {
    struct exchange_world *world = *state;
    assert_reason(ask_without(world), VRX_CONSENT_MISSING);
    second_permit(world, 1, 0);
    assert_reason(ask_without(world), VRX_CONSENT_MISSING);
    world->with_consent = false; /* a destination that asks all the same */
    world->query.permit_id = permits[1].id;
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
    assert_int_equal(world->answer.reason, VRX_PERMIT_NOT_IN_FORCE);
    exchange_world_renew(world);
    world->query.permit_id = permits[0].id;
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.reason, VRX_CONSENT_MISSING);
}

static void test_it_begins_and_ends_at_its_instants(void **state) {
    struct exchange_world *world = *state;
    int64_t from = world->now + 100;
    second_permit(world, from, from + 50);
    world->now = from - 1;
    assert_reason(ask_without(world), VRX_CONSENT_MISSING);
    world->now = from;
    assert_ok(ask_without(world));
    world->now = from + 50;
    assert_ok(ask_without(world));
    world->now = from + 51;
    assert_reason(ask_without(world), VRX_CONSENT_MISSING);
    for (int i = 0; i < 4; i++) { /* the same at the origin, by the instant of the asking */
        static const int64_t offsets[] = {-1, 0, 50, 51};
        world->now = from + 60;
        world->with_consent = false;
        world->query.asked_at = from + offsets[i];
        world->query.permit_id = permits[1].id;
        exchange_world_renew(world);
        assert_ok(exchange_world_ask(world));
        bool in_force = i == 1 || i == 2;
        assert_int_equal(world->answer.outcome, in_force ? VRX_ANSWER_DOSES : VRX_ANSWER_DENIED);
    }
}

static void test_both_ledgers_and_the_answer_say_so(void **state) {
    struct exchange_world *world = *state;
    second_permit(world, world->now - 1, world->now + 1);
    assert_ok(ask_without(world));
    assert_true(exchange_world_transfer(world).without_consent);
    for (int i = 0; i < 2; i++) { /* and of the repetition */
        assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
        assert_true(vrx_view_equal(
            world->context.audit.basis, vrx_view_text("mover-19-16; without consent")));
    }
    exchange_world_open_reply(world);
    assert_true(vrx_view_equal(world->answer.permit_id, permits[1].id));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_basis(world, WORLD_KASHIWA, "exchange/answer", "mover-19-16; without consent");
    assert_basis(world, WORLD_KASHIWA, "exchange/import", "mover-19-16; without consent");
}

static void test_with_a_consent_it_is_not_used(void **state) {
    struct exchange_world *world = *state;
    second_permit(world, world->now - 1, world->now + 1);
    struct vrx_permit requiring = permits[0];
    permits[0] = permits[1]; /* whatever comes first in the table */
    permits[1] = requiring;
    daemon_world_sign_law(&world->base);
    assert_ok(exchange_world_request(world, WORLD_HANAKO, dose_and_lot, 2));
    assert_false(exchange_world_transfer(world).without_consent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_switched_off_nothing_is_asked_without_consent),
        EXCHANGE_TEST(test_it_begins_and_ends_at_its_instants),
        EXCHANGE_TEST(test_both_ledgers_and_the_answer_say_so),
        EXCHANGE_TEST(test_with_a_consent_it_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
