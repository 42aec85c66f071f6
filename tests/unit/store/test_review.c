/* SPDX-License-Identifier: Apache-2.0 */
#include "store/review.h"

#include "fixture.h"

static struct vrx_review review_of(int64_t resident, int64_t counterpart) {
    struct vrx_dose dose = dose_on(resident, 2, 2021, 7, 3);
    return (struct vrx_review){
        .resident = resident,
        .origin = code_of("192015"),
        .query_id = {1},
        .source_digest = {2},
        .stated_at = NOW - 5,
        .theirs = dose.item,
        .rule = 4,
        .refusal = VRX_DOSE_INTERVAL,
        .counterpart = counterpart,
    };
}

static void open_one(struct fixture *fixture, const struct vrx_review *review, int64_t at,
    struct vrx_review *ret_review) {
    uint8_t id[VRX_ID];
    assert_ok(vrx_review_open(fixture->tenant, review, at, id));
    assert_ok(vrx_review_get(fixture->tenant, &fixture->arena, id, ret_review));
}

static size_t list(struct fixture *fixture, bool ended, struct vrx_review **ret_reviews) {
    size_t count = 0;
    assert_ok(vrx_review_list(fixture->tenant, &fixture->arena, ended, ret_reviews, &count));
    return count;
}

static void what_was_opened_waits_as_it_was_given(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose ours = dose_on(add_resident(fixture, 1), 1, 2021, 7, 1);
    ours = add_dose(fixture, &ours);
    const struct vrx_review given = review_of(ours.resident, ours.id);
    struct vrx_review found;
    open_one(fixture, &given, NOW, &found);
    assert_int_equal(found.resident, ours.resident);
    assert_string_equal(found.origin.digits, "192015");
    assert_memory_equal(found.query_id, given.query_id, VRX_ID);
    assert_memory_equal(found.source_digest, given.source_digest, VRX_DIGEST);
    assert_int_equal(found.stated_at, NOW - 5);
    assert_false(found.withdrawn);
    assert_date(found.theirs.administered_on, 2021, 7, 3);
    assert_int_equal(found.theirs.dose_number, 2);
    assert_int_equal(found.theirs.product, 1);
    assert_text(found.theirs.lot, "EW4811");
    assert_text(found.theirs.venue, "中央区民センター");
    assert_text(found.theirs.physician, "北　一郎");
    assert_text(found.theirs.ticket, "1234567890");
    assert_string_equal(found.theirs.administered_by.digits, "011002");
    assert_int_equal(found.rule, 4);
    assert_int_equal(found.refusal, VRX_DOSE_INTERVAL);
    assert_int_equal(found.counterpart, ours.id);
    assert_int_equal(found.state, VRX_REVIEW_WAITING);
    assert_int_equal(found.effect, 0);
    assert_int_equal(found.dose, 0);
    assert_int_equal(found.version, 1);
    assert_int_equal(found.opened_at, NOW);
    struct vrx_review_event *events = NULL;
    size_t count = 0;
    assert_ok(vrx_review_events(fixture->tenant, &fixture->arena, found.id, &events, &count));
    assert_int_equal(count, 1);
    assert_int_equal(events[0].kind, VRX_REVIEW_OPENED);
    assert_int_equal(events[0].version, 1);
    assert_true(events[0].has_source);
    assert_memory_equal(events[0].source_digest, given.source_digest, VRX_DIGEST);
    /* It stands in no history. */
    assert_int_equal(rows_in(fixture, "dose"), 1);
}

static void a_change_keeps_what_it_made_and_who_made_it(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose ours = dose_on(add_resident(fixture, 1), 1, 2021, 7, 1);
    ours = add_dose(fixture, &ours);
    const struct vrx_review given = review_of(ours.resident, ours.id);
    struct vrx_review review;
    open_one(fixture, &given, NOW, &review);
    const struct vrx_review_event decided = {
        .kind = VRX_REVIEW_DECISION,
        .decision = VRX_REVIEW_MERGE,
        .dose = ours.id,
        .by = {vrx_view_text("sato"), vrx_view_text("0123456789abcdef")},
        .note = vrx_view_text("手帳を確認した"),
    };
    struct vrx_review changed = review;
    changed.state = VRX_REVIEW_DECIDED;
    changed.effect = VRX_REVIEW_MERGE;
    changed.dose = ours.id;
    changed.theirs.lot = vrx_view_text("FA7338");
    changed.source_digest[0] = 9;
    changed.withdrawn = true;
    changed.rule = 11;
    changed.refusal = VRX_OK;
    changed.counterpart = 0;
    assert_ok(vrx_review_change(fixture->tenant, &changed, &decided, NOW + 7));
    assert_ok(vrx_review_get(fixture->tenant, &fixture->arena, review.id, &review));
    assert_int_equal(review.state, VRX_REVIEW_DECIDED);
    assert_int_equal(review.effect, VRX_REVIEW_MERGE);
    assert_int_equal(review.dose, ours.id);
    assert_text(review.theirs.lot, "FA7338");
    assert_int_equal(review.source_digest[0], 9);
    assert_true(review.withdrawn);
    assert_int_equal(review.rule, 11);
    assert_int_equal(review.refusal, VRX_OK);
    assert_int_equal(review.counterpart, 0);
    assert_int_equal(review.version, 2);
    assert_int_equal(review.opened_at, NOW);
    assert_int_equal(review.changed_at, NOW + 7);
    struct vrx_review_event *events = NULL;
    size_t count = 0;
    assert_ok(vrx_review_events(fixture->tenant, &fixture->arena, review.id, &events, &count));
    assert_int_equal(count, 2);
    assert_int_equal(events[1].version, 2);
    assert_int_equal(events[1].kind, VRX_REVIEW_DECISION);
    assert_int_equal(events[1].decision, VRX_REVIEW_MERGE);
    assert_int_equal(events[1].dose, ours.id);
    assert_text(events[1].by.operator_id, "sato");
    assert_text(events[1].by.terminal_id, "0123456789abcdef");
    assert_text(events[1].note, "手帳を確認した");
    assert_false(events[1].has_source);
    assert_int_equal(events[1].at, NOW + 7);
}

static void who_read_an_earlier_version_is_in_conflict(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_review given = review_of(add_resident(fixture, 1), 0);
    struct vrx_review review;
    const struct vrx_review_event event = {.kind = VRX_REVIEW_CORRECTED};
    open_one(fixture, &given, NOW, &review);
    assert_ok(vrx_review_change(fixture->tenant, &review, &event, NOW));
    assert_reason(vrx_review_change(fixture->tenant, &review, &event, NOW), VRX_CONFLICT);
    review.version = 3;
    assert_reason(vrx_review_change(fixture->tenant, &review, &event, NOW), VRX_CONFLICT);
    review.version = 2;
    assert_ok(vrx_review_change(fixture->tenant, &review, &event, NOW));
    review.id[0] ^= 1;
    assert_reason(vrx_review_change(fixture->tenant, &review, &event, NOW), VRX_NOT_FOUND);
    assert_reason(
        vrx_review_get(fixture->tenant, &fixture->arena, review.id, &review), VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "review_event"), 3);
}

static void faulty_rows_are_refused(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    struct vrx_review review = review_of(99, 0);
    assert_reason(vrx_review_open(fixture->tenant, &review, NOW, id), VRX_NOT_FOUND);
    const int64_t resident = add_resident(fixture, 1);
    review = review_of(resident, 99);
    assert_reason(vrx_review_open(fixture->tenant, &review, NOW, id), VRX_NOT_FOUND);
    review = review_of(resident, 0);
    review.rule = 0;
    assert_reason(vrx_review_open(fixture->tenant, &review, NOW, id), VRX_INPUT_RANGE);
    review.rule = 4;
    open_one(fixture, &review, NOW, &review);
    char note[VRX_LIMIT_REVIEW_NOTE + 2];
    memset(note, 'a', sizeof note);
    note[sizeof note - 1] = '\0';
    struct vrx_review_event event = {.kind = VRX_REVIEW_DECISION, .note = vrx_view_text(note)};
    assert_reason(vrx_review_change(fixture->tenant, &review, &event, NOW), VRX_INPUT_TOO_LARGE);
    event.note = vrx_view_text("two\nlines");
    assert_reason(vrx_review_change(fixture->tenant, &review, &event, NOW), VRX_INPUT_TEXT);
    event.note = vrx_view_text("");
    review.state = 4;
    assert_reason(vrx_review_change(fixture->tenant, &review, &event, NOW), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "review_event"), 1);
}

static void those_that_wait_come_by_age_and_the_others_by_their_end(void **state) {
    struct fixture *fixture = *state;
    struct vrx_review reviews[3];
    struct vrx_review *found = NULL;
    uint64_t waiting = 0;
    const int64_t resident = add_resident(fixture, 1);
    for (uint8_t i = 0; i < 3; i++) {
        struct vrx_review given = review_of(i ? resident : add_resident(fixture, 2), 0);
        given.query_id[0] = i ? 7 : 8;
        open_one(fixture, &given, NOW + 3 - i, &reviews[i]);
    }
    assert_int_equal(list(fixture, false, &found), 3);
    for (uint8_t i = 0; i < 3; i++)
        assert_memory_equal(found[i].id, reviews[2 - i].id, VRX_ID);
    assert_int_equal(list(fixture, true, &found), 0);
    assert_ok(vrx_review_count(fixture->tenant, NULL, &waiting));
    assert_int_equal(waiting, 3);
    const struct vrx_review_event event = {.kind = VRX_REVIEW_DECISION, .decision = 4};
    for (uint8_t i = 1; i < 3; i++) {
        reviews[i].state = i == 1 ? VRX_REVIEW_DECIDED : VRX_REVIEW_CLOSED;
        assert_ok(vrx_review_change(fixture->tenant, &reviews[i], &event, NOW + 10 + i));
    }
    assert_int_equal(list(fixture, false, &found), 1);
    assert_memory_equal(found[0].id, reviews[0].id, VRX_ID);
    assert_int_equal(list(fixture, true, &found), 2);
    assert_memory_equal(found[0].id, reviews[2].id, VRX_ID);
    assert_memory_equal(found[1].id, reviews[1].id, VRX_ID);
    assert_ok(vrx_review_count(fixture->tenant, NULL, &waiting));
    assert_int_equal(waiting, 1);
    size_t count = 0;
    assert_ok(vrx_review_of_resident(fixture->tenant, &fixture->arena, resident, &found, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(found[0].id, reviews[2].id, VRX_ID);
}

static void it_outlives_its_doses(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose ours = dose_on(add_resident(fixture, 1), 1, 2021, 7, 1);
    ours = add_dose(fixture, &ours);
    struct vrx_review given = review_of(ours.resident, ours.id);
    struct vrx_review review;
    open_one(fixture, &given, NOW, &review);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM dose");
    assert_ok(vrx_review_get(fixture->tenant, &fixture->arena, review.id, &review));
    assert_int_equal(review.counterpart, 0);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM review");
    assert_int_equal(rows_in(fixture, "review_event"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_opened_waits_as_it_was_given),
        STORE_TEST(a_change_keeps_what_it_made_and_who_made_it),
        STORE_TEST(who_read_an_earlier_version_is_in_conflict),
        STORE_TEST(faulty_rows_are_refused),
        STORE_TEST(those_that_wait_come_by_age_and_the_others_by_their_end),
        STORE_TEST(it_outlives_its_doses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
