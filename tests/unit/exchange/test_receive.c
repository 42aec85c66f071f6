/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination and an honest origin: what an answer does to a transfer and to the record, once
 * and however often it comes.
 */
#include "crypto/hash.h"
#include "rules/match.h"
#include "store/dose_received.h"
#include "store/review.h"
#include "support/exchange_world.h"

static const uint64_t dose_and_lot[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};

static void request(struct exchange_world *world, unsigned person) {
    assert_ok(exchange_world_request(world, person, dose_and_lot, 2));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_REQUESTED);
}

static void answer_and_take(struct exchange_world *world) {
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_open_reply(world);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
}

static void test_doses_arrive_with_their_provenance(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    uint8_t digest[VRX_DIGEST];
    request(world, WORLD_HANAKO);
    answer_and_take(world);
    assert_true(world->context.audit.about_person);
    assert_true(vrx_view_equal(world->context.audit.basis, world->base.permit.id));
    assert_ok(vrx_sha256(vrx_buffer_view(&world->signed_answer), digest));
    struct vrx_transfer_out transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(transfer.doses_imported, 2);
    assert_int_equal(transfer.doses_known, 0);
    assert_int_equal(transfer.next_attempt_at, 0);
    assert_true(vrx_view_equal(transfer.answer, vrx_buffer_view(&world->signed_answer)));
    assert_memory_equal(transfer.answer_digest, digest, VRX_DIGEST);
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(doses[i].provenance.source, VRX_DOSE_TRANSFER);
        assert_string_equal(doses[i].provenance.municipality.digits, "011002");
        assert_memory_equal(doses[i].provenance.digest, digest, VRX_DIGEST);
        assert_true(doses[i].ledger_index >= 0);
        assert_true(vrx_view_equal(doses[i].item.lot, vrx_view_text("EW4811")));
        assert_int_equal(doses[i].item.venue.len, 0);
    }
}

static void test_the_same_answer_again_changes_nothing(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    request(world, WORLD_HANAKO);
    answer_and_take(world);
    for (int i = 0; i < 2; i++) {
        world->now += WORLD_DAY;
        assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
        assert_int_equal(world->changes, 0);
    }
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 2);
}

static void test_doses_that_are_there_already_are_known(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    for (uint64_t i = 0; i < 2; i++) {
        request(world, WORLD_HANAKO);
        answer_and_take(world);
        struct vrx_transfer_out transfer = exchange_world_transfer(world);
        assert_int_equal(transfer.state, VRX_TRANSFER_IMPORTED);
        assert_int_equal(transfer.doses_imported, i ? 0 : 2);
        assert_int_equal(transfer.doses_known, i ? 2 : 0);
    }
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 2);
}

static void test_pending_then_no_record(void **state) {
    struct exchange_world *world = *state;
    request(world, WORLD_TARO);
    answer_and_take(world);
    struct vrx_transfer_out transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_PENDING);
    assert_true(transfer.next_attempt_at > 0); /* asked again until the outcome comes */
    answer_and_take(world);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_PENDING);
    world->now += WORLD_PENDING_SECONDS;
    answer_and_take(world);
    transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_NO_RECORD);
    assert_int_equal(transfer.next_attempt_at, 0);
}

static void test_a_denial_brings_reason_and_clause(void **state) {
    struct exchange_world *world = *state;
    request(world, WORLD_HANAKO);
    world->base.permit.in_force_until = world->now - 1;
    daemon_world_sign_law(&world->base);
    answer_and_take(world);
    struct vrx_transfer_out transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_DENIED);
    assert_int_equal(transfer.reason, VRX_PERMIT_NOT_IN_FORCE);
    assert_true(vrx_view_equal(transfer.clause, vrx_view_text("permit.in_force_until")));
    assert_int_equal(transfer.next_attempt_at, 0);
}

/* Kashiwa has a dose of its own three days before one of the answer's. */
static void have_another_dose(struct exchange_world *world) {
    struct vrx_dose recorded;
    struct vrx_dose dose = {
        .resident = world->person[WORLD_HANAKO].resident[WORLD_KASHIWA],
        .item = {.administered_by = world->base.town[WORLD_KASHIWA].code,
            .administered_on = {2021, 11, 28},
            .product = 1,
            .dose_number = 9,
            .lot = vrx_view_text("FA1234")},
        .registered_at = world->now,
        .provenance = {.source = VRX_DOSE_OWN},
    };
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA,
        vrx_dose_record(world->tenant[WORLD_KASHIWA], &dose, world->now, &recorded)));
}

/* What disagrees waits for an officer, and the transfer is at its end. */
static void test_doses_that_disagree_wait_for_an_officer(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    have_another_dose(world);
    request(world, WORLD_HANAKO);
    answer_and_take(world);
    struct vrx_transfer_out transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(transfer.doses_imported, 1);
    assert_int_equal(transfer.doses_known, 0);
    assert_int_equal(transfer.next_attempt_at, 0);
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 2);
    assert_int_equal(doses[0].provenance.source, VRX_DOSE_TRANSFER);
    assert_int_equal(doses[1].provenance.source, VRX_DOSE_OWN);
    const int64_t ours = doses[1].id;
    assert_ok(vrx_review_list(
        world->tenant[WORLD_KASHIWA], &world->context.arena, false, &reviews, &count));
    assert_int_equal(count, 1);
    assert_int_equal(reviews->rule, VRX_MATCH_INTERVAL);
    assert_int_equal(reviews->counterpart, ours);
    assert_string_equal(reviews->origin.digits, "011002");
    assert_memory_equal(reviews->query_id, world->query.id, VRX_ID);
    assert_memory_equal(reviews->source_digest, transfer.answer_digest, VRX_DIGEST);
    assert_int_equal(reviews->theirs.dose_number, 3);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(world->changes, 0);
}

/* Asked again, the dose that waits still waits once. */
static void test_a_dose_that_waits_is_known_to_wait(void **state) {
    struct exchange_world *world = *state;
    have_another_dose(world);
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t waiting = 0;
        request(world, WORLD_HANAKO);
        answer_and_take(world);
        struct vrx_transfer_out transfer = exchange_world_transfer(world);
        assert_int_equal(transfer.state, VRX_TRANSFER_IMPORTED);
        assert_int_equal(transfer.doses_imported, i ? 0 : 1);
        assert_int_equal(transfer.doses_known, i ? 1 : 0);
        assert_ok(vrx_review_count(world->tenant[WORLD_KASHIWA], world->query.id, &waiting));
        assert_int_equal(waiting, 1);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "dose_received"), 4);
}

/* What became of each dose is kept, so that a correction finds it. */
static void test_what_became_of_each_dose_is_kept(void **state) {
    struct exchange_world *world = *state;
    struct vrx_dose *doses = NULL;
    request(world, WORLD_HANAKO);
    answer_and_take(world);
    uint8_t query_id[VRX_ID];
    memcpy(query_id, world->query.id, VRX_ID);
    assert_int_equal(exchange_world_history(world, WORLD_KASHIWA, WORLD_HANAKO, &doses), 2);
    for (size_t i = 0; i < 2; i++) {
        uint8_t as_sent[VRX_DIGEST];
        struct vrx_dose_received received;
        assert_ok(vrx_dose_item_digest(&doses[i].item, as_sent)); /* all of it came */
        assert_ok(
            vrx_dose_received_get(world->tenant[WORLD_KASHIWA], query_id, as_sent, &received));
        assert_int_equal(received.outcome, VRX_RECEIVED_NEW);
        assert_int_equal(received.dose, doses[i].id);
        assert_int_equal(received.sequence, 0);
    }
}

/* A dose that no rule of the record lets in is not lost either. */
static void test_a_dose_that_cannot_be_waits_for_an_officer(void **state) {
    struct exchange_world *world = *state;
    struct vrx_answer answer;
    struct vrx_dose_item items[2];
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    request(world, WORLD_HANAKO);
    exchange_world_answer(world, &answer, items);
    items[1].administered_on = (struct vrx_date){2020, 12, 1}; /* before its approval */
    items[1].dose_number = 1;
    items[0].dose_number = 2;
    exchange_world_seal(world, &answer, WORLD_SAPPORO, WORLD_KASHIWA);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    struct vrx_transfer_out transfer = exchange_world_transfer(world);
    assert_int_equal(transfer.state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(transfer.doses_imported, 1);
    assert_ok(vrx_review_list(
        world->tenant[WORLD_KASHIWA], &world->context.arena, false, &reviews, &count));
    assert_int_equal(count, 1);
    assert_int_equal(reviews->rule, VRX_MATCH_REFUSED);
    assert_int_equal(reviews->refusal, VRX_DATE_BEFORE_APPROVAL);
    assert_int_equal(reviews->counterpart, 0);
}

static void test_an_answer_after_the_end_changes_nothing(void **state) {
    struct exchange_world *world = *state;
    request(world, WORLD_HANAKO);
    assert_ok(exchange_world_deliver(world, vrx_buffer_view(&world->envelope)));
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA,
        vrx_transfer_out_advance(
            world->tenant[WORLD_KASHIWA], world->query.id, VRX_TRANSFER_EXPIRED, world->now)));
    assert_ok(exchange_world_take(world, vrx_buffer_view(&world->reply)));
    assert_int_equal(world->changes, 0);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_EXPIRED);
}

/* Consent alone names the person to the origin where a permit asks for no identity check. */
static void test_a_consent_without_an_identity_check_in_the_query(void **state) {
    struct exchange_world *world = *state;
    world->base.permit.method_count = 0;
    daemon_world_sign_law(&world->base);
    world->with_evidence = false;
    request(world, WORLD_HANAKO);
    answer_and_take(world);
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_doses_arrive_with_their_provenance),
        EXCHANGE_TEST(test_the_same_answer_again_changes_nothing),
        EXCHANGE_TEST(test_doses_that_are_there_already_are_known),
        EXCHANGE_TEST(test_pending_then_no_record),
        EXCHANGE_TEST(test_a_denial_brings_reason_and_clause),
        EXCHANGE_TEST(test_doses_that_disagree_wait_for_an_officer),
        EXCHANGE_TEST(test_a_dose_that_waits_is_known_to_wait),
        EXCHANGE_TEST(test_what_became_of_each_dose_is_kept),
        EXCHANGE_TEST(test_a_dose_that_cannot_be_waits_for_an_officer),
        EXCHANGE_TEST(test_an_answer_after_the_end_changes_nothing),
        EXCHANGE_TEST(test_a_consent_without_an_identity_check_in_the_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
