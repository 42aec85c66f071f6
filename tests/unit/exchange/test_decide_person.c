/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps 7 and 8: whoever asks cannot tell a protected person from one who is not there, neither by
 * what comes, nor by its length, nor by when.
 */
#include "store/resident.h"
#include "support/exchange_world.h"

static void unknown_person(struct exchange_world *world) {
    exchange_world_about(world, WORLD_UNKNOWN);
}
static void protected_person(struct exchange_world *world) {
    exchange_world_about(world, WORLD_TARO);
}
static void other_birth_date(struct exchange_world *world) {
    world->query.birth_date.day++;
}
static void other_name(struct exchange_world *world) {
    world->query.name = vrx_view_text("大野　花子");
}
static void protected_with_other_birth_date(struct exchange_world *world) {
    exchange_world_about(world, WORLD_TARO);
    world->query.birth_date.year--;
}
/* Twelve digits that are nobody's number are nobody's. */
static void wrong_check_digit(struct exchange_world *world) {
    world->query.individual_number = vrx_view_text("123456789010");
    world->base.permit.consent_required = false; /* their subject would be another */
    world->base.permit.method_count = 0;
    daemon_world_sign_law(&world->base);
}

static void (*const cases[])(struct exchange_world *world) = {
    unknown_person,
    protected_person,
    other_birth_date,
    other_name,
    protected_with_other_birth_date,
    wrong_check_digit,
};

#define CASES (sizeof cases / sizeof *cases)

/* What the asker sees of one query: envelopes at three moments, and what is in them. */
struct seen {
    size_t length[3];
    uint64_t outcome[3];
    size_t signed_length[3];
    int64_t answered_at[3];
};

static void look(struct exchange_world *world, struct seen *seen) {
    static const int64_t moments[3] = {0, WORLD_PENDING_SECONDS - 1, WORLD_PENDING_SECONDS};
    int64_t start = world->now;
    exchange_world_sign(world);
    for (size_t i = 0; i < 3; i++) {
        world->now = start + moments[i];
        assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
        exchange_world_open_reply(world);
        seen->length[i] = world->reply.len;
        seen->signed_length[i] = world->signed_answer.len;
        seen->outcome[i] = world->answer.outcome;
        seen->answered_at[i] = world->answer.answered_at - start;
        assert_int_equal(world->answer.reason, VRX_OK);
        assert_int_equal(world->answer.clause.len, 0);
        assert_int_equal(world->answer.dose_count, 0);
    }
}

static void look_at_case(size_t which, struct seen *seen) {
    void *own = NULL;
    assert_int_equal(exchange_world_setup(&own), 0);
    cases[which](own);
    look(own, seen);
    exchange_world_teardown(&own);
}

static void test_all_look_the_same(void **state) {
    (void)state;
    struct seen first = {0};
    look_at_case(0, &first);
    assert_int_equal(first.outcome[0], VRX_ANSWER_PENDING);
    assert_int_equal(first.outcome[1], VRX_ANSWER_PENDING);
    assert_int_equal(first.outcome[2], VRX_ANSWER_NO_RECORD);
    for (size_t i = 1; i < CASES; i++) {
        struct seen seen = {0};
        look_at_case(i, &seen);
        if (memcmp(&seen, &first, sizeof seen) != 0)
            fail_msg("case %zu can be told from an unknown person", i);
    }
}

/* The control: a person who is found and not protected looks different at once. */
static void test_a_found_person_differs(void **state) {
    struct exchange_world *world = *state;
    assert_ok(exchange_world_ask(world));
    size_t found = world->reply.len;
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    exchange_world_renew(world);
    exchange_world_about(world, WORLD_UNKNOWN);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_PENDING);
    assert_int_not_equal(world->reply.len, found);
}

/* Names are compared as people write them: without spaces of any width. */
static void test_a_name_is_the_same_with_other_spaces(void **state) {
    struct exchange_world *world = *state;
    world->query.name = vrx_view_text("小野花子");
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
}

/* Sapporo's own ledger and records do say who was asked for. */
static void test_the_origin_knows_whom_it_kept_back(void **state) {
    struct exchange_world *world = *state;
    struct vrx_transfer_in transfer;
    exchange_world_about(world, WORLD_TARO);
    assert_ok(exchange_world_ask(world));
    assert_true(world->context.audit.about_person);
    assert_ok(vrx_transfer_in_get(world->tenant[WORLD_SAPPORO], &world->context.arena,
        &world->query.asker, world->query.id, &transfer));
    assert_int_equal(transfer.resident, world->person[WORLD_TARO].resident[WORLD_SAPPORO]);
    assert_int_equal(transfer.due_at, world->now + WORLD_PENDING_SECONDS);
    world->now = transfer.due_at;
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_true(world->context.audit.about_person);
}

/* When the time has come, the outcome is settled: what changes later changes nothing of it. */
static void test_a_person_who_comes_later_is_not_handed_out(void **state) {
    struct exchange_world *world = *state;
    exchange_world_about(world, WORLD_TARO);
    assert_ok(exchange_world_ask(world));
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO,
        vrx_resident_set_protection(world->tenant[WORLD_SAPPORO],
            world->person[WORLD_TARO].resident[WORLD_SAPPORO], false, false, world->now)));
    world->now += WORLD_PENDING_SECONDS;
    for (int i = 0; i < 2; i++) {
        assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
        exchange_world_open_reply(world);
        assert_int_equal(world->answer.outcome, VRX_ANSWER_NO_RECORD);
        world->now += WORLD_DAY;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_look_the_same),
        EXCHANGE_TEST(test_a_found_person_differs),
        EXCHANGE_TEST(test_a_name_is_the_same_with_other_spaces),
        EXCHANGE_TEST(test_the_origin_knows_whom_it_kept_back),
        EXCHANGE_TEST(test_a_person_who_comes_later_is_not_handed_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
