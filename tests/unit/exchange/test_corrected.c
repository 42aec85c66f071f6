/* SPDX-License-Identifier: Apache-2.0
 *
 * The destination's side of corrections: what a notice does, by what became of the dose; that it
 * does so once and in order; and who may not correct what.
 */
#include "exchange/import.h"
#include "unit/exchange/corrections.h"

static struct vrx_review only_review(struct exchange_world *world) {
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(vrx_review_of_resident(context->tenant, &context->arena,
        world->person[WORLD_HANAKO].resident[WORLD_KASHIWA], &reviews, &count));
    assert_int_equal(count, 1);
    return reviews[0];
}

static struct vrx_review_event last_event(struct exchange_world *world, const uint8_t id[VRX_ID]) {
    struct vrx_review_event *events = NULL;
    size_t count = 0;
    assert_ok(vrx_review_events(
        world->tenant[WORLD_KASHIWA], &world->context.arena, id, &events, &count));
    return events[count - 1];
}

static int64_t current_doses(struct exchange_world *world) {
    return exchange_world_rows(world, WORLD_KASHIWA, "dose WHERE state = 1");
}

/* ---- the whole way ---- */

static void test_a_correction_becomes_the_next_version(void **state) {
    struct exchange_world *world = *state;
    const struct change change = {.lot = "FA7338", .date = {2021, 12, 2}};
    transfer(world);
    const struct vrx_dose before = dose_of(world, WORLD_KASHIWA, 3);
    const int64_t entries =
        (int64_t)vrx_ledger_size(vrx_tenant_ledger(world->tenant[WORLD_KASHIWA]));
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &change));
    send_and_arrive(world);
    const struct vrx_dose after = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(after.corrects, before.id);
    assert_int_equal(after.version, 2);
    assert_true(vrx_view_equal(after.item.lot, vrx_view_text("FA7338")));
    assert_int_equal(after.item.administered_on.day, 2);
    assert_int_equal(after.provenance.source, VRX_DOSE_TRANSFER);
    assert_string_equal(after.provenance.municipality.digits, "011002");
    assert_memory_equal(after.provenance.digest, before.provenance.digest, VRX_DIGEST);
    assert_true(after.ledger_index >= 0);
    assert_int_equal(current_doses(world), 2);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "dose WHERE state = 2"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 2"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review"), 0);
    /* The dose's entry and the notice's. */
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(world->tenant[WORLD_KASHIWA])), entries + 2);
}

static void test_a_withdrawal_takes_the_dose_out(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    const struct vrx_dose before = dose_of(world, WORLD_KASHIWA, 3);
    assert_ok(clerk_marks(world, WORLD_SAPPORO, 3));
    send_and_arrive(world);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).id, 0);
    struct vrx_dose kept;
    assert_ok(vrx_dose_get(world->tenant[WORLD_KASHIWA], &world->context.arena, before.id, &kept));
    assert_int_equal(kept.state, VRX_DOSE_ENTERED_IN_ERROR);
}

static void test_one_correction_follows_another(void **state) {
    struct exchange_world *world = *state;
    const char *const lots[] = {"FA7338", "FA5715", "EW4811"};
    transfer(world);
    for (size_t i = 0; i < 3; i++) {
        const struct change change = {.lot = lots[i]};
        assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &change));
        send_and_arrive(world);
        const struct vrx_dose dose = dose_of(world, WORLD_KASHIWA, 3);
        assert_int_equal(dose.version, i + 2);
        assert_true(vrx_view_equal(dose.item.lot, vrx_view_text(lots[i])));
    }
    assert_ok(clerk_marks(world, WORLD_SAPPORO, 3));
    send_and_arrive(world);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).id, 0);
}

/* A reference record does not go on, nor does its correction. */
static void test_a_notice_goes_no_further(void **state) {
    struct exchange_world *world = *state;
    const struct change change = {.lot = "FA7338"};
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &change));
    send_and_arrive(world);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "outbox WHERE kind = 5"), 0);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "dose_sent"), 0);
}

/* ---- once, and in order ---- */

static void test_a_notice_that_comes_twice_acts_once(void **state) {
    struct exchange_world *world = *state;
    const struct change change = {.lot = "FA7338"};
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &change));
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer first = {0};
    for (int i = 0; i < 3; i++) {
        assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&notices.envelope[0])));
        if (!i)
            assert_ok(vrx_buffer_append(&first, vrx_buffer_view(&world->reply)));
        assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&world->reply)));
        assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).version, 2);
    }
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction"), 1);
}

static void test_an_earlier_notice_that_comes_later_has_no_effect(void **state) {
    struct exchange_world *world = *state;
    transfer(world);
    const struct change first = {.lot = "FA7338"};
    const struct change second = {.lot = "FA5715"};
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &first));
    struct notices one VRX_CLEANUP(notices_done) = send_notices(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &second));
    struct notices two VRX_CLEANUP(notices_done) = send_notices(world);
    assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&two.envelope[0])));
    assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&one.envelope[0])));
    const struct vrx_dose dose = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(dose.version, 2);
    assert_true(vrx_view_equal(dose.item.lot, vrx_view_text("FA5715")));
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 4"), 1);
}

/* Everything before the answer itself. */
static void test_notices_before_their_answer_wait_for_it(void **state) {
    struct exchange_world *world = *state;
    const struct change first = {.lot = "FA7338"};
    const struct change second = {.lot = "FA5715"};
    ask(world);
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer answer = {0};
    assert_ok(vrx_buffer_append(&answer, vrx_buffer_view(&world->reply)));
    assert_ok(clerk_marks(world, WORLD_SAPPORO, 2));
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &first));
    struct notices one VRX_CLEANUP(notices_done) = send_notices(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &second));
    struct notices two VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(one.count, 2);
    assert_int_equal(two.count, 1);
    assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&two.envelope[0])));
    for (size_t i = 0; i < 2; i++)
        assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&one.envelope[i])));
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 1"), 3);
    assert_int_equal(current_doses(world), 0);
    assert_ok(exchange_world_take(world, vrx_buffer_view(&answer)));
    assert_int_equal(exchange_world_transfer(world).state, VRX_TRANSFER_IMPORTED);
    assert_int_equal(current_doses(world), 1);
    const struct vrx_dose dose = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(dose.version, 2);
    assert_true(vrx_view_equal(dose.item.lot, vrx_view_text("FA5715")));
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 1"), 0);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 2"), 2);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 4"), 1);
}

/* The query was answered, and the answer never came: the deadline passed, or the consent was
 * withdrawn meanwhile. There is nothing to correct, and the origin need not say so again. */
static void test_a_notice_about_doses_that_never_came(void **state) {
    struct exchange_world *world = *state;
    static const char *const ends[] = {
        "UPDATE transfer_out SET state = 6",
        "UPDATE transfer_out SET state = 5",
        "UPDATE transfer_out SET state = 2, reason = 251",
    };
    struct forged forged;
    ask(world);
    for (size_t i = 0; i < 3; i++) {
        exchange_world_run(world, WORLD_KASHIWA, ends[i]);
        forge(world, &forged);
        assert_ok(arrive_forged(world, &forged));
        assert_int_equal(state_of(world, &forged), VRX_CORRECTION_VAIN);
    }
    assert_int_equal(current_doses(world), 0);
}

/* One dose, two answers: each has its notice, and the dose one new version. */
static void test_a_dose_of_two_answers_is_corrected_once(void **state) {
    struct exchange_world *world = *state;
    const struct change change = {.lot = "FA7338"};
    transfer(world);
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_SAPPORO, 3, &change));
    struct notices notices VRX_CLEANUP(notices_done) = send_notices(world);
    assert_int_equal(notices.count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_ok(arrive(world, WORLD_KASHIWA, vrx_buffer_view(&notices.envelope[i])));
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).version, 2);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 2"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction WHERE state = 5"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review"), 0);
}

/* ---- who may not ---- */

static void by_another(struct exchange_world *world, struct forged *forged) {
    forged->notice.origin = forged->routing.from = world->base.town[WORLD_KOFU].code;
    forged->signed_by = WORLD_KOFU;
}

static void signed_by_another(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->signed_by = WORLD_KOFU;
}

static void in_the_name_of_another(struct exchange_world *world, struct forged *forged) {
    forged->notice.origin = world->base.town[WORLD_KOFU].code;
}

static void to_another(struct exchange_world *world, struct forged *forged) {
    forged->notice.destination = world->base.town[WORLD_KOFU].code;
}

static void under_another_id(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->routing.query_id[0] ^= 1;
}

static void of_no_query(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->notice.query_id[0] ^= 1;
}

static void of_another_answer(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->notice.answer_digest[0] ^= 1;
}

static void of_no_dose(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->notice.as_sent[0] ^= 1;
}

static void without_the_dose(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->notice.now_count = 0;
}

static void a_withdrawal_with_a_dose(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->notice.reason = VRX_CORRECTION_NOT_OURS;
}

static void of_a_time_before_the_query(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->notice.corrected_at -= 2 * 86400;
}

static void with_more_than_was_asked_for(struct exchange_world *world, struct forged *forged) {
    (void)world;
    forged->now.venue = vrx_view_text("a venue");
}

static void test_who_may_not_correct_what(void **state) {
    static const struct {
        void (*change)(struct exchange_world *world, struct forged *forged);
        enum vrx_reason reason;
    } cases[] = {
        {by_another, VRX_CORRECTION_UNFOUNDED},
        {signed_by_another, VRX_KEY_UNKNOWN},
        {in_the_name_of_another, VRX_QUERY_NOT_FOR_US},
        {to_another, VRX_QUERY_NOT_FOR_US},
        {under_another_id, VRX_QUERY_NOT_FOR_US},
        {of_no_query, VRX_CORRECTION_UNFOUNDED},
        {of_another_answer, VRX_CORRECTION_UNFOUNDED},
        {of_no_dose, VRX_CORRECTION_UNFOUNDED},
        {of_a_time_before_the_query, VRX_INPUT_RANGE},
        {without_the_dose, VRX_INPUT_FIELD_MISSING},
        {a_withdrawal_with_a_dose, VRX_INPUT_FIELD_UNKNOWN},
        {with_more_than_was_asked_for, VRX_PERMIT_ITEMS},
    };
    struct exchange_world *world = *state;
    struct forged forged;
    transfer(world);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        forge(world, &forged);
        cases[i].change(world, &forged);
        const struct vrx_result result = arrive_forged(world, &forged);
        if (result.reason != cases[i].reason)
            fail_msg("case %zu: %s", i, vrx_reason_name(result.reason));
    }
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "correction"), 0);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).version, 1);
    forge(world, &forged); /* the control */
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).version, 2);
    forged.now.lot = vrx_view_text("FA5715"); /* the same id for other content */
    forged.notice.sequence = 2;
    assert_reason(arrive_forged(world, &forged), VRX_QUERY_REPLAYED);
}

/* A notice that waits is bounded too: so many about one answer and no more. */
static void test_so_many_notices_wait_for_one_answer(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    ask(world);
    forge(world, &forged);
    for (unsigned i = 0; i < VRX_LIMIT_DOSES; i++) {
        assert_ok(arrive_forged(world, &forged));
        forge_next(&forged);
    }
    assert_reason(arrive_forged(world, &forged), VRX_CAP_REACHED);
}

/* ---- an officer looks ---- */

static void add_dose(struct exchange_world *world, struct vrx_date date, uint64_t number,
    const char *lot, struct vrx_municipality_code by) {
    struct vrx_dose recorded;
    const struct vrx_dose dose = {
        .resident = world->person[WORLD_HANAKO].resident[WORLD_KASHIWA],
        .item = {.administered_by = by,
            .administered_on = date,
            .product = 1,
            .dose_number = number,
            .lot = vrx_view_text(lot),
            .venue = vrx_view_text("柏市中央公民館")},
        .registered_at = world->now,
        .provenance = {.source = VRX_DOSE_OWN},
    };
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA,
        vrx_dose_record(world->tenant[WORLD_KASHIWA], &dose, world->now, &recorded)));
}

static void assert_waits(struct exchange_world *world, const struct forged *forged,
    int64_t counterpart, const char *their_lot) {
    assert_int_equal(state_of(world, forged), VRX_CORRECTION_REVIEWED);
    const struct vrx_review review = only_review(world);
    assert_int_equal(review.state, VRX_REVIEW_WAITING);
    assert_int_equal(review.rule, VRX_MATCH_CORRECTION);
    assert_int_equal(review.counterpart, counterpart);
    assert_int_equal(review.withdrawn, !forged->notice.now_count);
    assert_true(vrx_view_equal(review.theirs.lot, vrx_view_text(their_lot)));
}

/* Kashiwa has the dose in a record of its own, which no other municipality changes. */
static void test_an_own_record_is_not_changed_from_outside(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    add_dose(
        world, (struct vrx_date){2021, 12, 1}, 3, "EW4811", world->base.town[WORLD_SAPPORO].code);
    const int64_t ours = dose_of(world, WORLD_KASHIWA, 3).id;
    transfer(world);
    assert_int_equal(exchange_world_transfer(world).doses_known, 1);
    forge(world, &forged);
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, ours, "FA7338");
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).id, ours);
    forge_next(&forged); /* it is as ours is after all: nothing to look at any more */
    forged.now.lot = vrx_view_text("EW4811");
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(only_review(world).state, VRX_REVIEW_CLOSED);
    assert_int_equal(last_event(world, only_review(world).id).kind, VRX_REVIEW_SETTLED);
}

static void test_a_withdrawal_of_an_own_record_waits(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    add_dose(
        world, (struct vrx_date){2021, 12, 1}, 3, "EW4811", world->base.town[WORLD_SAPPORO].code);
    const int64_t ours = dose_of(world, WORLD_KASHIWA, 3).id;
    transfer(world);
    forge(world, &forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, ours, "EW4811");
    assert_int_equal(last_event(world, only_review(world).id).kind, VRX_REVIEW_WITHDRAWN);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).id, ours);
}

static void test_a_correction_to_what_is_here_already(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    const struct change change = {.lot = "FA7338"};
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_KASHIWA, 3, &change)); /* whoever asked at the counter */
    forge(world, &forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(state_of(world, &forged), VRX_CORRECTION_VAIN);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).version, 2);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review"), 0);
}

static void test_what_a_clerk_changed_is_not_changed_from_outside(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    const struct change change = {.lot = "FA5715"};
    transfer(world);
    assert_ok(clerk_corrects(world, WORLD_KASHIWA, 3, &change));
    const int64_t ours = dose_of(world, WORLD_KASHIWA, 3).id;
    forge(world, &forged);
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, ours, "FA7338");
}

static void test_what_a_clerk_took_out_stays_out(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer(world);
    assert_ok(clerk_marks(world, WORLD_KASHIWA, 3));
    forge(world, &forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(state_of(world, &forged), VRX_CORRECTION_VAIN);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review"), 0);
    forge_next(&forged);
    forged.notice.reason = VRX_CORRECTION_CORRECTED;
    forged.notice.now_count = 1;
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, 0, "FA7338");
    assert_int_equal(current_doses(world), 1);
}

/* The corrected date is one of Kashiwa's own doses. */
static void test_what_the_records_rules_refuse_waits(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer(world);
    add_dose(
        world, (struct vrx_date){2021, 12, 20}, 4, "3004667", world->base.town[WORLD_KASHIWA].code);
    const int64_t came = dose_of(world, WORLD_KASHIWA, 3).id;
    forge(world, &forged);
    forged.now.administered_on = (struct vrx_date){2021, 12, 18};
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, came, "FA7338");
    assert_int_equal(only_review(world).refusal, VRX_DOSE_INTERVAL);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 3).id, came);
}

/* ---- a dose that waits already ---- */

/* Kashiwa's own dose three days before the one that comes. */
static void transfer_into_review(struct exchange_world *world) {
    add_dose(
        world, (struct vrx_date){2021, 11, 28}, 9, "3004667", world->base.town[WORLD_KASHIWA].code);
    transfer(world);
    assert_int_equal(only_review(world).rule, VRX_MATCH_INTERVAL);
    assert_int_equal(current_doses(world), 2);
}

static void test_what_waits_waits_corrected(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    const struct vrx_review before = only_review(world);
    forge(world, &forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(state_of(world, &forged), VRX_CORRECTION_REVIEWED);
    struct vrx_review review = only_review(world);
    assert_int_equal(review.state, VRX_REVIEW_WAITING);
    assert_int_equal(review.rule, VRX_MATCH_INTERVAL);
    assert_int_equal(review.version, before.version + 1);
    assert_true(vrx_view_equal(review.theirs.lot, vrx_view_text("FA7338")));
    assert_int_equal(last_event(world, review.id).kind, VRX_REVIEW_CORRECTED);
    assert_true(last_event(world, review.id).has_source);
    forge_next(&forged); /* one that disagrees in another way */
    forged.now.administered_on.day = 20;
    forged.now.dose_number = 9;
    assert_ok(arrive_forged(world, &forged));
    review = only_review(world);
    assert_int_equal(review.state, VRX_REVIEW_WAITING);
    assert_int_equal(review.rule, VRX_MATCH_SAME_NUMBER);
}

static void test_what_waits_and_fits_after_all_is_put_down(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    forge(world, &forged);
    forged.now.administered_on = (struct vrx_date){2021, 8, 1};
    forged.now.dose_number = 3;
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(state_of(world, &forged), VRX_CORRECTION_APPLIED);
    assert_int_equal(only_review(world).state, VRX_REVIEW_CLOSED);
    assert_int_equal(current_doses(world), 3);
    struct vrx_dose dose = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(dose.item.administered_on.month, 8);
    assert_int_equal(received_of(world, forged.notice.as_sent).outcome, VRX_RECEIVED_NEW);
    forge_next(&forged); /* from here on it is a dose like others */
    forged.now.lot = vrx_view_text("FA5715");
    assert_ok(arrive_forged(world, &forged));
    dose = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(dose.version, 2);
    assert_true(vrx_view_equal(dose.item.lot, vrx_view_text("FA5715")));
}

static void test_what_waits_and_cannot_be_waits_for_that(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    forge(world, &forged);
    forged.now.administered_on = (struct vrx_date){2022, 6, 1}; /* in the future */
    forged.now.dose_number = 10;
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(only_review(world).state, VRX_REVIEW_WAITING);
    assert_int_equal(only_review(world).rule, VRX_MATCH_REFUSED);
    assert_int_equal(only_review(world).refusal, VRX_DATE_IN_FUTURE);
}

static void test_what_waits_and_is_withdrawn_waits_no_more(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    forge(world, &forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(state_of(world, &forged), VRX_CORRECTION_APPLIED);
    assert_int_equal(only_review(world).state, VRX_REVIEW_CLOSED);
    assert_true(only_review(world).withdrawn);
    assert_int_equal(last_event(world, only_review(world).id).kind, VRX_REVIEW_WITHDRAWN);
    assert_int_equal(current_doses(world), 2);
    forge_next(&forged); /* and comes back: an officer looks */
    forged.notice.reason = VRX_CORRECTION_CORRECTED;
    forged.notice.now_count = 1;
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(only_review(world).state, VRX_REVIEW_WAITING);
    assert_false(only_review(world).withdrawn);
    assert_int_equal(current_doses(world), 2);
}

/* ---- a dose that an officer decided on ---- */

/* As services/reviews does; with keep the dose is put down beside Kashiwa's. */
static void officer_decides(struct exchange_world *world, unsigned decision, bool keep) {
    struct vrx_review review = only_review(world); /* in the context of this step */
    struct vrx_context *context = &world->context;
    const struct vrx_review_event event = {
        .kind = VRX_REVIEW_DECISION, .decision = decision, .by = {vrx_view_text("sato"), {0}}};
    exchange_world_begin(world, WORLD_KASHIWA);
    review.state = VRX_REVIEW_DECIDED;
    review.effect = decision;
    if (keep) {
        struct vrx_import_source source = {
            .resident = review.resident, .origin = review.origin, .stated_at = review.stated_at};
        memcpy(source.answer_digest, review.source_digest, VRX_DIGEST);
        struct vrx_dose dose = vrx_import_dose(&source, &review.theirs);
        dose.item.dose_number = 10;
        assert_ok(vrx_dose_record_decided(context->tenant, &dose, world->now, &dose));
        review.dose = dose.id;
    }
    assert_ok(vrx_review_change(context->tenant, &review, &event, world->now));
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_ok()));
}

static void test_what_an_officer_let_stand_is_corrected(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    officer_decides(world, VRX_REVIEW_KEEP_BOTH, true);
    forge(world, &forged);
    forged.now.dose_number = 10; /* Sapporo counts so now: the day stays, and is not judged again */
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(state_of(world, &forged), VRX_CORRECTION_APPLIED);
    const struct vrx_dose dose = dose_of(world, WORLD_KASHIWA, 10);
    assert_int_equal(dose.version, 2);
    assert_true(vrx_view_equal(dose.item.lot, vrx_view_text("FA7338")));
    const struct vrx_review review = only_review(world);
    assert_int_equal(review.state, VRX_REVIEW_DECIDED);
    assert_int_equal(review.effect, VRX_REVIEW_KEEP_BOTH);
    assert_int_equal(review.dose, dose.id);
    assert_int_equal(last_event(world, review.id).kind, VRX_REVIEW_FOLLOWED);
}

static void test_what_an_officer_let_stand_is_taken_out(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    officer_decides(world, VRX_REVIEW_KEEP_BOTH, true);
    assert_int_equal(current_doses(world), 3);
    forge(world, &forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(current_doses(world), 2);
    assert_int_equal(only_review(world).state, VRX_REVIEW_CLOSED);
}

static void test_what_an_officer_let_stand_and_a_rule_refuses_waits(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    officer_decides(world, VRX_REVIEW_KEEP_BOTH, true);
    forge(world, &forged); /* its number is 3, which does not ascend with the day */
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(only_review(world).state, VRX_REVIEW_WAITING);
    assert_int_equal(only_review(world).refusal, VRX_DOSE_ORDER);
    assert_int_equal(only_review(world).effect, VRX_REVIEW_KEEP_BOTH);
    assert_int_equal(current_doses(world), 3);
}

static void test_what_was_merged_waits_again(void **state) {
    static const bool withdrawals[] = {false, true};
    for (size_t i = 0; i < 2; i++) {
        void *own = NULL;
        assert_int_equal(exchange_world_setup(&own), 0);
        struct exchange_world *world = own;
        struct forged forged;
        (void)state;
        transfer_into_review(world);
        const int64_t counterpart = only_review(world).counterpart;
        officer_decides(world, VRX_REVIEW_MERGE, false);
        forge(world, &forged);
        if (withdrawals[i])
            withdraw(&forged);
        assert_ok(arrive_forged(world, &forged));
        assert_waits(world, &forged, counterpart, withdrawals[i] ? "EW4811" : "FA7338");
        assert_int_equal(only_review(world).effect, VRX_REVIEW_MERGE);
        assert_int_equal(current_doses(world), 2);
        exchange_world_teardown(&own);
    }
}

static void test_what_was_rejected_waits_when_corrected_and_not_when_withdrawn(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    const int64_t counterpart = only_review(world).counterpart;
    officer_decides(world, VRX_REVIEW_REJECT, false);
    forge(world, &forged);
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, counterpart, "FA7338");
    officer_decides(world, VRX_REVIEW_REJECT, false);
    forge_next(&forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(only_review(world).state, VRX_REVIEW_CLOSED);
}

/* Theirs stands in place of one of Kashiwa's: without it, an officer must say what ours is. */
static void test_what_replaced_an_own_dose_and_is_withdrawn_waits(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    officer_decides(world, VRX_REVIEW_TAKE_THEIRS, true);
    forge(world, &forged);
    forged.now.dose_number = 10;
    assert_ok(arrive_forged(world, &forged)); /* a correction follows */
    assert_int_equal(only_review(world).state, VRX_REVIEW_DECIDED);
    const int64_t theirs = dose_of(world, WORLD_KASHIWA, 10).id;
    forge_next(&forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_waits(world, &forged, theirs, "FA7338");
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 10).id, theirs);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_a_correction_becomes_the_next_version),
        EXCHANGE_TEST(test_a_withdrawal_takes_the_dose_out),
        EXCHANGE_TEST(test_one_correction_follows_another),
        EXCHANGE_TEST(test_a_notice_goes_no_further),
        EXCHANGE_TEST(test_a_notice_that_comes_twice_acts_once),
        EXCHANGE_TEST(test_an_earlier_notice_that_comes_later_has_no_effect),
        EXCHANGE_TEST(test_notices_before_their_answer_wait_for_it),
        EXCHANGE_TEST(test_a_notice_about_doses_that_never_came),
        EXCHANGE_TEST(test_a_dose_of_two_answers_is_corrected_once),
        EXCHANGE_TEST(test_who_may_not_correct_what),
        EXCHANGE_TEST(test_so_many_notices_wait_for_one_answer),
        EXCHANGE_TEST(test_an_own_record_is_not_changed_from_outside),
        EXCHANGE_TEST(test_a_withdrawal_of_an_own_record_waits),
        EXCHANGE_TEST(test_a_correction_to_what_is_here_already),
        EXCHANGE_TEST(test_what_a_clerk_changed_is_not_changed_from_outside),
        EXCHANGE_TEST(test_what_a_clerk_took_out_stays_out),
        EXCHANGE_TEST(test_what_the_records_rules_refuse_waits),
        EXCHANGE_TEST(test_what_waits_waits_corrected),
        EXCHANGE_TEST(test_what_waits_and_fits_after_all_is_put_down),
        EXCHANGE_TEST(test_what_waits_and_cannot_be_waits_for_that),
        EXCHANGE_TEST(test_what_waits_and_is_withdrawn_waits_no_more),
        EXCHANGE_TEST(test_what_an_officer_let_stand_is_corrected),
        EXCHANGE_TEST(test_what_an_officer_let_stand_is_taken_out),
        EXCHANGE_TEST(test_what_an_officer_let_stand_and_a_rule_refuses_waits),
        cmocka_unit_test(test_what_was_merged_waits_again),
        EXCHANGE_TEST(test_what_was_rejected_waits_when_corrected_and_not_when_withdrawn),
        EXCHANGE_TEST(test_what_replaced_an_own_dose_and_is_withdrawn_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
