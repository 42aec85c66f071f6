/* SPDX-License-Identifier: Apache-2.0
 *
 * services/reviews: each decision on each kind of review, what it does to the record, and that a
 * further decision takes it back. Hanako's third dose comes to Kashiwa, which has one of its own
 * three days before (transfer_into_review), or the same day with another lot.
 */
#include "reviews/handlers.h"
#include "unit/exchange/corrections.h"

static void add_own(
    struct exchange_world *world, struct vrx_date date, uint64_t number, const char *lot) {
    struct vrx_dose recorded;
    const struct vrx_dose dose = {
        .resident = world->person[WORLD_HANAKO].resident[WORLD_KASHIWA],
        .item = {.administered_by = world->base.town[WORLD_KASHIWA].code,
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

/* Theirs is of 1 December, number 3, lot EW4811; ours of 28 November, number 9, lot 3004667. */
static void transfer_into_review(struct exchange_world *world) {
    add_own(world, (struct vrx_date){2021, 11, 28}, 9, "3004667");
    transfer(world);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review WHERE state = 1"), 1);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "dose WHERE state = 1"), 2);
}

static void only_id(struct exchange_world *world, uint8_t ret_id[VRX_ID]) {
    struct vrx_review *reviews = NULL;
    size_t count = 0;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_ok(vrx_review_of_resident(context->tenant, &context->arena,
        world->person[WORLD_HANAKO].resident[WORLD_KASHIWA], &reviews, &count));
    assert_int_equal(count, 1);
    memcpy(ret_id, reviews[0].id, VRX_ID);
}

/* By the handler; the reply lives until the next step. */
static Vrx__V1__GetReviewResponse show(struct exchange_world *world) {
    static uint8_t id[VRX_ID];
    only_id(world, id);
    Vrx__V1__GetReviewRequest in = VRX__V1__GET_REVIEW_REQUEST__INIT;
    in.review = (ProtobufCBinaryData){VRX_ID, id};
    Vrx__V1__GetReviewResponse out = VRX__V1__GET_REVIEW_RESPONSE__INIT;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA, vrx_reviews_get(context, &in, &out)));
    assert_int_equal(world->changes, 0);
    assert_true(context->audit.about_person);
    return out;
}

struct decision {
    unsigned decision;
    unsigned number;
    const char *note;
    const uint8_t *seen; /* NULL: as it is shown now */
};

static struct vrx_result decide(
    struct exchange_world *world, const struct decision *what, Vrx__V1__DecideResponse *out) {
    uint8_t id[VRX_ID];
    uint8_t seen[VRX_ID];
    const Vrx__V1__GetReviewResponse shown = show(world);
    memcpy(id, shown.summary->review.data, VRX_ID);
    memcpy(seen, what->seen ? what->seen : shown.seen.data, VRX_ID);
    Vrx__V1__DecideRequest in = VRX__V1__DECIDE_REQUEST__INIT;
    in.review = (ProtobufCBinaryData){VRX_ID, id};
    in.seen = (ProtobufCBinaryData){VRX_ID, seen};
    in.decision = (Vrx__V1__ReviewDecision)what->decision;
    in.dose_number = what->number;
    if (what->note)
        in.note = (char *)(uintptr_t)what->note;
    vrx__v1__decide_response__init(out);
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    exchange_world_begin(world, WORLD_KASHIWA);
    return exchange_world_end(world, WORLD_KASHIWA, vrx_reviews_decide(context, &in, out));
}

static void decided(struct exchange_world *world, unsigned decision, unsigned number) {
    const struct decision what = {.decision = decision, .number = number};
    Vrx__V1__DecideResponse out;
    assert_ok(decide(world, &what, &out));
    assert_int_equal(
        out.state, decision == VRX_REVIEW_REOPEN ? VRX_REVIEW_WAITING : VRX_REVIEW_DECIDED);
}

static enum vrx_reason refused(struct exchange_world *world, unsigned decision, unsigned number) {
    const struct decision what = {.decision = decision, .number = number};
    Vrx__V1__DecideResponse out;
    return decide(world, &what, &out).reason;
}

static struct vrx_review stored(struct exchange_world *world) {
    uint8_t id[VRX_ID];
    struct vrx_review review;
    only_id(world, id);
    assert_ok(vrx_review_get(world->tenant[WORLD_KASHIWA], &world->context.arena, id, &review));
    return review;
}

static int64_t doses(struct exchange_world *world, const char *where) {
    char text[80];
    (void)snprintf(text, sizeof text, "dose WHERE %s", where);
    return exchange_world_rows(world, WORLD_KASHIWA, text);
}

/* ---- both sides ---- */

static void test_both_sides_are_shown(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    const Vrx__V1__GetReviewResponse shown = show(world);
    assert_int_equal(shown.summary->rule, VRX_MATCH_INTERVAL);
    assert_int_equal(shown.summary->state, VRX_REVIEW_WAITING);
    assert_int_equal(shown.summary->effect, 0);
    assert_string_equal(shown.summary->origin, "011002");
    assert_string_equal(shown.summary->addressee_number, "101");
    assert_string_equal(shown.resident->name, "小野　花子");
    assert_string_equal(shown.theirs->administered_on, "2021-12-01");
    assert_string_equal(shown.theirs->lot, "EW4811");
    assert_int_equal(shown.theirs->dose_number, 3);
    assert_int_equal(shown.theirs->id, 0);
    assert_string_equal(shown.theirs->provenance->kind, "transfer");
    assert_string_equal(shown.ours->administered_on, "2021-11-28");
    assert_string_equal(shown.ours->lot, "3004667");
    assert_true(shown.ours->id > 0);
    assert_false(shown.ours_is_out);
    assert_int_equal(shown.n_doses, 2);
    assert_int_equal(shown.n_events, 1);
    assert_int_equal(shown.events[0]->kind, VRX_REVIEW_OPENED);
    assert_memory_equal(shown.query_id.data, world->query.id, VRX_ID);
    assert_int_equal(shown.seen.len, VRX_ID);
}

static void test_the_list_names_nobody(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    for (int ended = 0; ended < 2; ended++) {
        Vrx__V1__ListReviewsRequest in = VRX__V1__LIST_REVIEWS_REQUEST__INIT;
        Vrx__V1__ListReviewsResponse out = VRX__V1__LIST_REVIEWS_RESPONSE__INIT;
        in.ended = ended;
        struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
        assert_ok(vrx_reviews_list(context, &in, &out));
        assert_int_equal(out.waiting, 1);
        assert_int_equal(out.n_reviews, ended ? 0 : 1);
        if (!ended)
            assert_string_equal(out.reviews[0]->addressee_number, "101");
        assert_false(context->audit.about_person);
    }
}

static void test_what_is_not_there_is_not_found(void **state) {
    struct exchange_world *world = *state;
    uint8_t id[VRX_ID] = {9};
    Vrx__V1__GetReviewRequest in = VRX__V1__GET_REVIEW_REQUEST__INIT;
    Vrx__V1__GetReviewResponse out = VRX__V1__GET_REVIEW_RESPONSE__INIT;
    struct vrx_context *context = exchange_world_context(world, WORLD_KASHIWA);
    assert_reason(vrx_reviews_get(context, &in, &out), VRX_INPUT_FIELD_MISSING);
    in.review = (ProtobufCBinaryData){VRX_ID, id};
    assert_reason(vrx_reviews_get(context, &in, &out), VRX_NOT_FOUND);
}

/* ---- each decision ---- */

static void test_both_are_kept(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    assert_int_equal(refused(world, VRX_REVIEW_KEEP_BOTH, 0), VRX_DOSE_ORDER); /* 3 after 9 */
    decided(world, VRX_REVIEW_KEEP_BOTH, 10);
    const struct vrx_dose dose = dose_of(world, WORLD_KASHIWA, 10);
    assert_int_equal(dose.provenance.source, VRX_DOSE_TRANSFER); /* for reference */
    assert_string_equal(dose.provenance.municipality.digits, "011002");
    assert_memory_equal(
        dose.provenance.digest, exchange_world_transfer(world).answer_digest, VRX_DIGEST);
    assert_int_equal(dose.item.administered_on.month, 12);
    assert_true(dose.ledger_index >= 0);
    assert_int_equal(doses(world, "state = 1"), 3);
    const struct vrx_review review = stored(world);
    assert_int_equal(review.effect, VRX_REVIEW_KEEP_BOTH);
    assert_int_equal(review.dose, dose.id);
    decided(world, VRX_REVIEW_REOPEN, 0);
    assert_int_equal(doses(world, "state = 1"), 2);
    assert_int_equal(doses(world, "state = 3"), 1); /* and kept */
    assert_int_equal(stored(world).effect, 0);
    decided(world, VRX_REVIEW_KEEP_BOTH, 10); /* and once more */
    assert_int_equal(doses(world, "state = 1"), 3);
}

static void test_theirs_is_taken(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    const struct vrx_dose ours = dose_of(world, WORLD_KASHIWA, 9);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    const struct vrx_dose theirs = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(theirs.corrects, ours.id);
    assert_int_equal(theirs.version, 2);
    assert_int_equal(theirs.provenance.source, VRX_DOSE_TRANSFER);
    assert_true(vrx_view_equal(theirs.item.lot, vrx_view_text("EW4811")));
    assert_int_equal(doses(world, "state = 1"), 2);
    assert_int_equal(doses(world, "state = 2"), 1);
    decided(world, VRX_REVIEW_REOPEN, 0);
    const struct vrx_dose again = dose_of(world, WORLD_KASHIWA, 9);
    assert_int_equal(again.corrects, theirs.id);
    assert_int_equal(again.version, 3);
    assert_int_equal(again.provenance.source, VRX_DOSE_OWN);
    assert_true(vrx_view_equal(again.item.lot, vrx_view_text("3004667")));
    assert_true(vrx_view_equal(again.item.venue, vrx_view_text("柏市中央公民館")));
    assert_int_equal(stored(world).counterpart, again.id);
}

static void test_they_are_merged(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    const int64_t ours = dose_of(world, WORLD_KASHIWA, 9).id;
    decided(world, VRX_REVIEW_MERGE, 0);
    assert_int_equal(dose_of(world, WORLD_KASHIWA, 9).id, ours);
    assert_int_equal(doses(world, "state = 1"), 2);
    assert_int_equal(doses(world, "state = 2 AND source = 3"), 1);
    struct vrx_dose aside;
    assert_ok(vrx_dose_get(
        world->tenant[WORLD_KASHIWA], &world->context.arena, stored(world).dose, &aside));
    assert_int_equal(aside.state, VRX_DOSE_SUPERSEDED);
    assert_true(aside.ledger_index >= 0);
    /* Another thinks otherwise. */
    decided(world, VRX_REVIEW_KEEP_BOTH, 10);
    assert_int_equal(doses(world, "state = 1"), 3);
    assert_int_equal(stored(world).effect, VRX_REVIEW_KEEP_BOTH);
}

static void test_theirs_is_rejected(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    decided(world, VRX_REVIEW_REJECT, 0);
    assert_int_equal(doses(world, "state = 1"), 2);
    assert_int_equal(doses(world, "1"), 2);
    const struct vrx_review review = stored(world);
    assert_int_equal(review.state, VRX_REVIEW_DECIDED);
    assert_int_equal(review.effect, VRX_REVIEW_REJECT);
    assert_true(vrx_view_equal(review.theirs.lot, vrx_view_text("EW4811"))); /* not lost */
    transfer(world); /* asked again, it does not come back */
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "review"), 1);
    assert_int_equal(doses(world, "1"), 2);
}

/* Every decision after every other: what the one did is taken back before the other is done. */
static void test_a_decision_replaces_another(void **state) {
    (void)state;
    for (unsigned first = VRX_REVIEW_KEEP_BOTH; first <= VRX_REVIEW_REJECT; first++) {
        for (unsigned then = VRX_REVIEW_KEEP_BOTH; then <= VRX_REVIEW_REOPEN; then++) {
            void *own = NULL;
            assert_int_equal(exchange_world_setup(&own), 0);
            struct exchange_world *world = own;
            transfer_into_review(world);
            decided(world, first, first == VRX_REVIEW_KEEP_BOTH ? 10 : 0);
            decided(world, then, then == VRX_REVIEW_KEEP_BOTH ? 10 : 0);
            assert_int_equal(doses(world, "state = 1"), then == VRX_REVIEW_KEEP_BOTH ? 3 : 2);
            assert_int_equal(doses(world, "state = 1 AND lot = '3004667'"),
                then == VRX_REVIEW_TAKE_THEIRS ? 0 : 1);
            assert_int_equal(
                exchange_world_rows(world, WORLD_KASHIWA, "review_event WHERE kind = 2"), 2);
            exchange_world_teardown(&own);
        }
    }
}

/* ---- history ---- */

static void test_who_decided_what_and_why_is_kept(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    const struct decision merge = {.decision = VRX_REVIEW_MERGE, .note = "手帳を確認した"};
    const struct decision reopen = {.decision = VRX_REVIEW_REOPEN, .note = "取り違え"};
    Vrx__V1__DecideResponse out;
    assert_ok(decide(world, &merge, &out));
    assert_true(vrx_view_equal(world->context.audit.basis, vrx_view_text("review: merge")));
    world->now += 60;
    assert_ok(decide(world, &reopen, &out));
    const Vrx__V1__GetReviewResponse shown = show(world);
    assert_int_equal(shown.n_events, 3);
    assert_int_equal(shown.events[1]->decision, VRX_REVIEW_MERGE);
    assert_string_equal(shown.events[1]->operator_id, "tanaka");
    assert_string_equal(shown.events[1]->terminal_id, "peer");
    assert_string_equal(shown.events[1]->note, "手帳を確認した");
    assert_true(shown.events[1]->dose_id > 0);
    assert_int_equal(shown.events[2]->decision, VRX_REVIEW_REOPEN);
    assert_int_equal(shown.events[2]->at, world->now);
    assert_int_equal(shown.summary->state, VRX_REVIEW_WAITING);
}

static void test_each_version_has_its_entry(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    struct vrx_ledger *ledger = vrx_tenant_ledger(world->tenant[WORLD_KASHIWA]);
    const uint64_t before = vrx_ledger_size(ledger);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    assert_true(world->context.audit.written);
    assert_int_equal(vrx_ledger_size(ledger), before + 1);
    decided(world, VRX_REVIEW_REJECT, 0); /* ours again: a version, an entry */
    assert_int_equal(vrx_ledger_size(ledger), before + 2);
}

/* ---- who looked at something else, and what cannot be ---- */

static void test_nobody_decides_on_what_was_not_shown(void **state) {
    struct exchange_world *world = *state;
    uint8_t seen[VRX_ID];
    transfer_into_review(world);
    memcpy(seen, show(world).seen.data, VRX_ID);
    const struct decision late = {.decision = VRX_REVIEW_MERGE, .seen = seen};
    Vrx__V1__DecideResponse out;
    /* A clerk corrected ours meanwhile. */
    const struct change change = {.venue = "柏市沼南庁舎"};
    assert_ok(clerk_corrects(world, WORLD_KASHIWA, 9, &change));
    assert_reason(decide(world, &late, &out), VRX_CONFLICT);
    memcpy(seen, show(world).seen.data, VRX_ID);
    assert_ok(decide(world, &late, &out));
    assert_reason(decide(world, &late, &out), VRX_CONFLICT); /* it was decided on since */
    assert_int_equal(stored(world).version, 2);
    /* The origin corrected theirs. */
    memcpy(seen, show(world).seen.data, VRX_ID);
    struct forged forged;
    forge(world, &forged);
    assert_ok(arrive_forged(world, &forged));
    assert_reason(decide(world, &late, &out), VRX_CONFLICT);
}

static void test_what_no_decision_can_do(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    assert_int_equal(refused(world, 0, 0), VRX_INPUT_RANGE);
    assert_int_equal(refused(world, 6, 0), VRX_INPUT_RANGE);
    assert_int_equal(refused(world, VRX_REVIEW_REOPEN, 0), VRX_WRONG_STATE);
    assert_ok(clerk_marks(world, WORLD_KASHIWA, 9)); /* ours is out */
    assert_true(show(world).ours_is_out);
    assert_int_equal(refused(world, VRX_REVIEW_TAKE_THEIRS, 0), VRX_CONFLICT);
    assert_int_equal(refused(world, VRX_REVIEW_MERGE, 0), VRX_CONFLICT);
    decided(world, VRX_REVIEW_KEEP_BOTH, 0); /* nothing speaks against theirs any more */
    assert_int_equal(doses(world, "state = 1"), 2);
}

static void test_a_note_is_bounded(void **state) {
    struct exchange_world *world = *state;
    char note[VRX_LIMIT_REVIEW_NOTE + 2];
    transfer_into_review(world);
    memset(note, 'a', sizeof note);
    note[sizeof note - 1] = '\0';
    const struct decision what = {.decision = VRX_REVIEW_REJECT, .note = note};
    Vrx__V1__DecideResponse out;
    assert_reason(decide(world, &what, &out), VRX_INPUT_TOO_LARGE);
    assert_int_equal(stored(world).state, VRX_REVIEW_WAITING);
}

/* What theirs replaced was changed by a clerk: taking back would lose that. */
static void test_taking_back_keeps_a_clerks_change_in_the_chain(void **state) {
    struct exchange_world *world = *state;
    const struct change change = {.venue = "柏市沼南庁舎"};
    transfer_into_review(world);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    assert_ok(clerk_corrects(world, WORLD_KASHIWA, 3, &change));
    decided(world, VRX_REVIEW_REOPEN, 0);
    const struct vrx_dose ours = dose_of(world, WORLD_KASHIWA, 9);
    assert_int_equal(ours.version, 4);
    assert_int_equal(doses(world, "state = 2"), 3);
}

static void test_what_was_taken_out_cannot_be_taken_back(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    assert_ok(clerk_marks(world, WORLD_KASHIWA, 3));
    assert_int_equal(refused(world, VRX_REVIEW_REOPEN, 0), VRX_CONFLICT);
    assert_int_equal(stored(world).effect, VRX_REVIEW_TAKE_THEIRS);
}

/* ---- withdrawn by its origin ---- */

/* Kashiwa's own record of the dose that Sapporo says never was. */
static void withdrawal_into_review(struct exchange_world *world) {
    struct forged forged;
    struct vrx_dose recorded;
    struct vrx_dose dose = dose_of(world, WORLD_SAPPORO, 3);
    dose.resident = world->person[WORLD_HANAKO].resident[WORLD_KASHIWA];
    dose.provenance.source = VRX_DOSE_OWN;
    exchange_world_begin(world, WORLD_KASHIWA);
    assert_ok(exchange_world_end(world, WORLD_KASHIWA,
        vrx_dose_record(world->tenant[WORLD_KASHIWA], &dose, world->now, &recorded)));
    transfer(world);
    forge(world, &forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_true(stored(world).withdrawn);
    assert_int_equal(doses(world, "state = 1"), 2);
}

static void test_a_withdrawal_is_followed_and_taken_back(void **state) {
    struct exchange_world *world = *state;
    withdrawal_into_review(world);
    assert_int_equal(refused(world, VRX_REVIEW_KEEP_BOTH, 0), VRX_INPUT_RANGE);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    assert_int_equal(doses(world, "state = 1"), 1);
    assert_int_equal(doses(world, "state = 3"), 1);
    decided(world, VRX_REVIEW_REJECT, 0); /* it was given after all */
    assert_int_equal(doses(world, "state = 1"), 2);
    const struct vrx_dose again = dose_of(world, WORLD_KASHIWA, 3);
    assert_int_equal(again.provenance.source, VRX_DOSE_OWN);
    assert_int_equal(stored(world).counterpart, again.id);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    assert_int_equal(doses(world, "state = 1"), 1);
}

static void test_a_withdrawal_may_leave_ours_as_it_is(void **state) {
    struct exchange_world *world = *state;
    withdrawal_into_review(world);
    decided(world, VRX_REVIEW_MERGE, 0);
    assert_int_equal(doses(world, "1"), 2);
    decided(world, VRX_REVIEW_REJECT, 0);
    assert_int_equal(doses(world, "1"), 2);
}

static void test_nothing_is_decided_on_what_is_closed(void **state) {
    struct exchange_world *world = *state;
    struct forged forged;
    transfer_into_review(world);
    forge(world, &forged);
    withdraw(&forged);
    assert_ok(arrive_forged(world, &forged));
    assert_int_equal(stored(world).state, VRX_REVIEW_CLOSED);
    assert_int_equal(refused(world, VRX_REVIEW_REJECT, 0), VRX_WRONG_STATE);
}

/* ---- others hear of it ---- */

/* Kashiwa's own dose went to Kofu. Once theirs stands in its place Kofu is owed word. */
static void test_who_received_ours_hears_of_a_decision(void **state) {
    struct exchange_world *world = *state;
    transfer_into_review(world);
    const int64_t ours = dose_of(world, WORLD_KASHIWA, 9).id;
    char sql[512];
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO transfer_in (sender, query_id, query_digest, nonce, resident, query, state, "
        "reason, received_at, deadline, changed_at) SELECT '192015', zeroblob(16), zeroblob(32), "
        "zeroblob(16), resident, x'00', 4, 0, 1, 1, 1 FROM dose WHERE id = %lld;"
        "INSERT INTO dose_sent SELECT 1, resident, id, id, '192015', zeroblob(16), zeroblob(32), "
        "2, "
        "zeroblob(32), 1, zeroblob(32), 0, 1, 0 FROM dose WHERE id = %lld",
        (long long)ours, (long long)ours);
    exchange_world_run(world, WORLD_KASHIWA, sql);
    decided(world, VRX_REVIEW_TAKE_THEIRS, 0);
    assert_int_equal(exchange_world_rows(world, WORLD_KASHIWA, "dose_sent WHERE owed = 1"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        EXCHANGE_TEST(test_both_sides_are_shown),
        EXCHANGE_TEST(test_the_list_names_nobody),
        EXCHANGE_TEST(test_what_is_not_there_is_not_found),
        EXCHANGE_TEST(test_both_are_kept),
        EXCHANGE_TEST(test_theirs_is_taken),
        EXCHANGE_TEST(test_they_are_merged),
        EXCHANGE_TEST(test_theirs_is_rejected),
        cmocka_unit_test(test_a_decision_replaces_another),
        EXCHANGE_TEST(test_who_decided_what_and_why_is_kept),
        EXCHANGE_TEST(test_each_version_has_its_entry),
        EXCHANGE_TEST(test_nobody_decides_on_what_was_not_shown),
        EXCHANGE_TEST(test_what_no_decision_can_do),
        EXCHANGE_TEST(test_a_note_is_bounded),
        EXCHANGE_TEST(test_taking_back_keeps_a_clerks_change_in_the_chain),
        EXCHANGE_TEST(test_what_was_taken_out_cannot_be_taken_back),
        EXCHANGE_TEST(test_a_withdrawal_is_followed_and_taken_back),
        EXCHANGE_TEST(test_a_withdrawal_may_leave_ours_as_it_is),
        EXCHANGE_TEST(test_nothing_is_decided_on_what_is_closed),
        EXCHANGE_TEST(test_who_received_ours_hears_of_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
