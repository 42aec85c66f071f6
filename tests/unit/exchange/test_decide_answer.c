/* SPDX-License-Identifier: Apache-2.0
 *
 * Step 9: of the doses that were given at the origin, what was asked for and nothing else.
 */
#include "crypto/hash.h"
#include "store/dose_sent.h"
#include "store/resident.h"
#include "support/exchange_world.h"

static void ask_for(struct exchange_world *world, const uint64_t *items, size_t count) {
    exchange_world_renew(world);
    exchange_world_items(world, items, count);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DOSES);
    assert_int_equal(world->answer.dose_count, 2);
}

static bool among(uint64_t item, const uint64_t *items, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (items[i] == item)
            return true;
    return false;
}

static void check_field(struct vrx_view field, bool asked, const char *text) {
    assert_true(vrx_view_equal(field, vrx_view_text(asked ? text : "")));
}

/* Every selection of the four optional items. */
static void test_each_item_travels_only_when_asked_for(void **state) {
    struct exchange_world *world = *state;
    world->base.permit.item_count = VRX_ITEM_LAST;
    daemon_world_sign_law(&world->base);
    for (unsigned choice = 0; choice < 16; choice++) {
        uint64_t items[VRX_ITEM_LAST] = {VRX_ITEM_DOSE};
        size_t count = 1;
        for (unsigned i = 0; i < 4; i++)
            if (choice & 1u << i)
                items[count++] = VRX_ITEM_LOT + i;
        ask_for(world, items, count);
        for (size_t i = 0; i < world->answer.dose_count; i++) {
            const struct vrx_dose_item *dose = &world->answer.doses[i];
            check_field(dose->lot, among(VRX_ITEM_LOT, items, count), "EW4811");
            check_field(dose->venue, among(VRX_ITEM_VENUE, items, count), "中央区民センター");
            check_field(dose->physician, among(VRX_ITEM_PHYSICIAN, items, count), "北　一郎");
            check_field(dose->ticket, among(VRX_ITEM_TICKET, items, count), "1234567890");
        }
    }
}

static void test_doses_that_came_by_transfer_do_not_travel_on(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    assert_int_equal(exchange_world_history(world, WORLD_SAPPORO, WORLD_HANAKO, &doses), 3);
    assert_int_equal(doses[0].provenance.source, VRX_DOSE_TRANSFER);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.dose_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(world->answer.doses[i].dose_number, i + 2);
        assert_string_equal(world->answer.doses[i].administered_by.digits, "011002");
    }
}

static void test_corrected_and_withdrawn_doses_stay(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    assert_int_equal(exchange_world_history(world, WORLD_SAPPORO, WORLD_HANAKO, &doses), 3);
    int64_t id = doses[2].id;
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(exchange_world_end(world, WORLD_SAPPORO,
        vrx_dose_mark_entered_in_error(world->tenant[WORLD_SAPPORO], id, 1, world->now)));
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.dose_count, 1);
    assert_int_equal(world->answer.doses[0].dose_number, 2);
}

/* The query is kept as it came, sealed: the number stands in its own table only. */
static void test_the_individual_number_is_not_kept_with_the_query(void **state) {
    struct exchange_world *world = *state;
    struct vrx_transfer_in transfer;
    assert_ok(exchange_world_ask(world));
    assert_ok(vrx_transfer_in_get(world->tenant[WORLD_SAPPORO], &world->context.arena,
        &world->query.asker, world->query.id, &transfer));
    assert_true(vrx_view_equal(transfer.query, vrx_buffer_view(&world->envelope)));
    const char *number = world->person[WORLD_HANAKO].number;
    const struct vrx_view stored[] = {transfer.query, transfer.answer};
    for (size_t i = 0; i < 2; i++)
        assert_null(memmem(stored[i].ptr, stored[i].len, number, 12));
    /* the control: it does stand in what was signed */
    assert_non_null(memmem(world->signed_query.ptr, world->signed_query.len, number, 12));
}

/* What left is remembered dose by dose, as it left. */
static void test_who_got_which_dose_is_remembered(void **state) {
    struct exchange_world *world = *state;
    struct vrx_tenant *sapporo = world->tenant[WORLD_SAPPORO];
    struct vrx_dose *doses = NULL;
    uint8_t answer_digest[VRX_DIGEST];
    assert_ok(exchange_world_ask(world));
    struct vrx_answer answer = world->answer;
    struct vrx_dose_item told[2] = {answer.doses[0], answer.doses[1]};
    uint8_t as_sent[2][VRX_DIGEST];
    for (size_t i = 0; i < 2; i++)
        assert_ok(vrx_dose_item_digest(&told[i], as_sent[i]));
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_answer), answer_digest));
    assert_int_equal(exchange_world_history(world, WORLD_SAPPORO, WORLD_HANAKO, &doses), 3);
    for (size_t i = 0; i < 2; i++) {
        struct vrx_dose_sent *sent = NULL;
        size_t count = 0;
        assert_ok(
            vrx_dose_sent_list(sapporo, &world->context.arena, doses[i + 1].id, &sent, &count));
        assert_int_equal(count, 1);
        assert_string_equal(sent->destination.digits, "122173");
        assert_memory_equal(sent->query_id, world->query.id, VRX_ID);
        assert_memory_equal(sent->answer_digest, answer_digest, VRX_DIGEST);
        assert_memory_equal(sent->as_sent, as_sent[i], VRX_DIGEST);
        assert_int_equal(sent->items, 1u << VRX_ITEM_DOSE | 1u << VRX_ITEM_LOT);
        assert_int_equal(sent->resident, doses[i + 1].resident);
        assert_int_equal(sent->sent_at, world->now);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent"), 2);
    /* The same query again is no further sending, another query is. */
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent"), 2);
    exchange_world_renew(world);
    assert_ok(exchange_world_ask(world));
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent"), 4);
}

static void test_what_did_not_leave_is_not_remembered_as_sent(void **state) {
    struct exchange_world *world = *state;
    exchange_world_about(world, WORLD_TARO); /* pending */
    assert_ok(exchange_world_ask(world));
    exchange_world_renew(world);
    exchange_world_about(world, WORLD_HANAKO);
    world->with_consent = false; /* denied */
    assert_ok(exchange_world_ask(world));
    assert_int_equal(world->answer.outcome, VRX_ANSWER_DENIED);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_each_item_travels_only_when_asked_for),
        EXCHANGE_TEST(test_doses_that_came_by_transfer_do_not_travel_on),
        EXCHANGE_TEST(test_corrected_and_withdrawn_doses_stay),
        EXCHANGE_TEST(test_the_individual_number_is_not_kept_with_the_query),
        EXCHANGE_TEST(test_who_got_which_dose_is_remembered),
        EXCHANGE_TEST(test_what_did_not_leave_is_not_remembered_as_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
