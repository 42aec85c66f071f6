/* SPDX-License-Identifier: Apache-2.0
 *
 * The origin's side of corrections: who hears of what, once, and not of more than they asked for.
 */
#include "unit/exchange/corrections.h"

static const struct change other_lot = {.lot = "FA7338"};

static struct vrx_dose_sent sent_of(struct exchange_world *world, uint64_t number) {
    struct vrx_dose_sent *sent = NULL;
    size_t count = 0;
    const int64_t id = dose_of(world, WORLD_SAPPORO, number).id;
    assert_ok(
        vrx_dose_sent_list(world->tenant[WORLD_SAPPORO], &world->context.arena, id, &sent, &count));
    assert_int_equal(count, 1);
    return sent[0];
}

static void test_a_correction_is_told_to_who_received_the_dose(void **state) {
    struct exchange_world *world = *state;
    uint8_t as_sent[VRX_DIGEST];
    transfer(world);
    digest_as_sent(world, 3, as_sent);
    atomic_store(&world->base.town[WORLD_SAPPORO].slot->exchange_due, INT64_MAX);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    assert_int_equal(atomic_load(&world->base.town[WORLD_SAPPORO].slot->exchange_due), world->now);
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    assert_string_equal(notices.to[0].digits, "122173");
    const struct vrx_correction_notice notice =
        open_notice(world, vrx_buffer_view(&notices.envelope[0]));
    assert_string_equal(notice.origin.digits, "011002");
    assert_string_equal(notice.destination.digits, "122173");
    assert_memory_equal(notice.query_id, world->query.id, VRX_ID);
    assert_memory_equal(notice.as_sent, as_sent, VRX_DIGEST);
    assert_int_equal(notice.sequence, 1);
    assert_int_equal(notice.reason, VRX_CORRECTION_CORRECTED);
    assert_int_equal(notice.now_count, 1);
    assert_true(vrx_view_equal(notice.now->lot, vrx_view_text("FA7338")));
    assert_int_equal(notice.now->venue.len, 0); /* not asked for */
    assert_int_equal(notice.corrected_at, world->now);
    const struct vrx_transfer_out asked = exchange_world_transfer(world);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent WHERE owed = 1"), 0);
    assert_int_equal(sent_of(world, 3).sequence, 1);
    assert_int_equal(asked.state, VRX_TRANSFER_IMPORTED);
}

static void test_it_has_an_entry_about_the_person(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    assert_true(world->context.audit.about_person);
    assert_true(world->context.audit.has_commitment);
    /* Nothing more is sent, and so nothing more is said. */
    struct notices again VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(again.count, 0);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "outbox WHERE kind = 5"), 1);
}

static void test_a_dose_that_never_was_is_withdrawn(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    assert_ok(clerk_marks(world, WORLD_SAPPORO, 3));
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    const struct vrx_correction_notice notice =
        open_notice(world, vrx_buffer_view(&notices.envelope[0]));
    assert_int_equal(notice.reason, VRX_CORRECTION_ENTERED_IN_ERROR);
    assert_int_equal(notice.now_count, 0);
}

/* Whoever did not ask for the venue does not learn that it was wrong. */
static void test_what_was_not_asked_for_is_no_news(void **state) {
    struct exchange_world *world = *state;
    const struct change other_venue = {.venue = "another venue"};
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_venue));
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent WHERE owed = 1"), 1);
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 0);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent WHERE owed = 1"), 0);
    assert_int_equal(sent_of(world, 3).sequence, 0);
}

/* Two corrections before anything was sent, and one that takes the first back. */
static void test_what_is_told_is_how_it_stands(void **state) {
    struct exchange_world *world = *state;
    const struct change third_lot = {.lot = "FA5715"};
    const struct change first_lot = {.lot = "EW4811"};
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &third_lot));
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    struct vrx_correction_notice notice = open_notice(world, vrx_buffer_view(&notices.envelope[0]));
    assert_true(vrx_view_equal(notice.now->lot, vrx_view_text("FA5715")));
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &third_lot));
    struct notices none VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(none.count, 0);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &first_lot));
    struct notices back VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(back.count, 1);
    notice = open_notice(world, vrx_buffer_view(&back.envelope[0]));
    assert_true(vrx_view_equal(notice.now->lot, vrx_view_text("EW4811")));
    assert_int_equal(notice.sequence, 2);
}

static void test_each_answer_that_had_it_is_told_of(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 2);
}

/* Records for reference do not go on, nor do their corrections; and a clerk's correction makes no
 * own dose of one. */
static void test_a_dose_of_another_municipality_concerns_nobody(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 1, &other_lot));
    const struct vrx_dose dose = dose_of(world, WORLD_SAPPORO, 1);
    assert_int_equal(dose.version, 2);
    assert_int_equal(dose.provenance.source, VRX_DOSE_TRANSFER);
    assert_string_equal(dose.provenance.municipality.digits, "192015");
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 0);
    ask(world);
    assert_int_equal(world->answer.dose_count, 2);
}

/* Where an officer took another municipality's word for an own dose, it is this one's no more. */
static void test_a_dose_that_is_for_reference_now_is_withdrawn(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    exchange_world_run(world, WORLD_SAPPORO,
        "UPDATE dose SET source = 3, source_municipality = '192015', source_digest = zeroblob(32) "
        "WHERE dose_number = 3");
    exchange_world_run(world, WORLD_SAPPORO, "UPDATE dose_sent SET owed = 1");
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    const struct vrx_correction_notice notice =
        open_notice(world, vrx_buffer_view(&notices.envelope[0]));
    assert_int_equal(notice.reason, VRX_CORRECTION_NOT_OURS);
    assert_int_equal(notice.now_count, 0);
}

/* Nothing can be sealed to Kashiwa: the debt stays, and others are served. */
static void test_a_receiver_without_a_key_is_owed_on(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    const int64_t until = world->base.entry[WORLD_KASHIWA].valid_until;
    world->base.entry[WORLD_KASHIWA].valid_until = world->now - 1;
    daemon_world_sign_law(&world->base);
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 0);
    assert_int_equal(notices.next, world->now + 60);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "dose_sent WHERE owed = 1"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_SAPPORO, "outbox WHERE kind = 5"), 0);
    world->base.entry[WORLD_KASHIWA].valid_until = until;
    daemon_world_sign_law(&world->base);
    world->now += 60;
    struct notices later VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(later.count, 1);
    assert_int_equal(open_notice(world, vrx_buffer_view(&later.envelope[0])).sequence, 1);
}

/* Hanako's at Sapporo, by the handler of Records.SetProtection. */
static void protect(struct exchange_world *world, bool protected) {
    Vrx__V1__ResidentKey key = VRX__V1__RESIDENT_KEY__INIT;
    Vrx__V1__SetProtectionRequest in = VRX__V1__SET_PROTECTION_REQUEST__INIT;
    key.key_case = VRX__V1__RESIDENT_KEY__KEY_INDIVIDUAL_NUMBER;
    key.individual_number = world->person[WORLD_HANAKO].number;
    in.resident = &key;
    in.no_automatic_answer = protected;
    struct vrx_context *context = exchange_world_context(world, WORLD_SAPPORO);
    exchange_world_begin(world, WORLD_SAPPORO);
    assert_ok(
        exchange_world_end(world, WORLD_SAPPORO, vrx_records_set_protection(context, &in, NULL)));
}

/* Nothing leaves about a person under protection without an officer's look; that a dose never was
 * says nothing of them. When the protection ends, what waited for that goes out, and nothing else
 * has to happen first. */
static void test_a_protected_persons_correction_waits(void **state) {
    struct exchange_world *world = *state;
    _Atomic int64_t *due = &world->base.town[WORLD_SAPPORO].slot->exchange_due;
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &other_lot));
    assert_ok(clerk_marks(world, WORLD_SAPPORO, 2));
    protect(world, true);
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 1);
    assert_int_equal(open_notice(world, vrx_buffer_view(&notices.envelope[0])).reason,
        VRX_CORRECTION_ENTERED_IN_ERROR);
    atomic_store(due, INT64_MAX); /* the notice has gone, and no other word is owed */
    protect(world, true);
    assert_true(atomic_load(due) == INT64_MAX);
    protect(world, false);
    assert_int_equal(atomic_load(due), world->now);
    struct notices later VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(later.count, 1);
    assert_int_equal(
        open_notice(world, vrx_buffer_view(&later.envelope[0])).reason, VRX_CORRECTION_CORRECTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_a_correction_is_told_to_who_received_the_dose),
        EXCHANGE_TEST(test_it_has_an_entry_about_the_person),
        EXCHANGE_TEST(test_a_dose_that_never_was_is_withdrawn),
        EXCHANGE_TEST(test_what_was_not_asked_for_is_no_news),
        EXCHANGE_TEST(test_what_is_told_is_how_it_stands),
        EXCHANGE_TEST(test_each_answer_that_had_it_is_told_of),
        EXCHANGE_TEST(test_a_dose_of_another_municipality_concerns_nobody),
        EXCHANGE_TEST(test_a_dose_that_is_for_reference_now_is_withdrawn),
        EXCHANGE_TEST(test_a_receiver_without_a_key_is_owed_on),
        EXCHANGE_TEST(test_a_protected_persons_correction_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
