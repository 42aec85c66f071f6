/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dose_received.h"

#include "fixture.h"
#include "objects/query.h"
#include "store/review.h"
#include "store/transfer_out.h"

static int64_t add_transfer(struct fixture *fixture, uint8_t id) {
    const struct vrx_transfer_out transfer = {
        .query_id = {id},
        .origin = code_of("192015"),
        .resident = add_resident(fixture, id),
        .query = vrx_view_text("sealed query"),
        .created_at = NOW,
        .deadline = NOW + 86400,
        .next_attempt_at = NOW,
    };
    assert_ok(vrx_transfer_out_put(fixture->tenant, &transfer));
    return transfer.resident;
}

static struct vrx_dose_received get(
    struct fixture *fixture, const struct vrx_dose_received *received) {
    struct vrx_dose_received found;
    assert_ok(
        vrx_dose_received_get(fixture->tenant, received->query_id, received->as_sent, &found));
    return found;
}

static void what_became_of_a_dose_is_kept_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(add_transfer(fixture, 1), 1, 2021, 7, 1);
    dose = add_dose(fixture, &dose);
    struct vrx_dose_received received = {
        .query_id = {1},
        .as_sent = {2},
        .resident = dose.resident,
        .outcome = VRX_RECEIVED_NEW,
        .dose = dose.id,
    };
    assert_ok(vrx_dose_received_put(fixture->tenant, &received));
    struct vrx_dose_received again = received;
    again.outcome = VRX_RECEIVED_KNOWN;
    assert_ok(vrx_dose_received_put(fixture->tenant, &again));
    struct vrx_dose_received found = get(fixture, &received);
    assert_int_equal(found.outcome, VRX_RECEIVED_NEW);
    assert_int_equal(found.dose, dose.id);
    assert_int_equal(found.resident, dose.resident);
    assert_false(found.has_review);
    assert_int_equal(found.sequence, 0);

    struct vrx_review review = {
        .resident = dose.resident,
        .origin = code_of("192015"),
        .theirs = dose.item,
        .rule = 4,
    };
    assert_ok(vrx_review_open(fixture->tenant, &review, NOW, received.review));
    received.has_review = true;
    received.outcome = VRX_RECEIVED_REVIEW;
    received.dose = 0;
    received.sequence = 3;
    assert_ok(vrx_dose_received_change(fixture->tenant, &received));
    found = get(fixture, &received);
    assert_int_equal(found.outcome, VRX_RECEIVED_REVIEW);
    assert_int_equal(found.dose, 0);
    assert_true(found.has_review);
    assert_memory_equal(found.review, received.review, VRX_ID);
    assert_int_equal(found.sequence, 3);

    /* What waits of this transfer, and of no other. */
    uint64_t waiting = 0;
    const uint8_t other[VRX_ID] = {2};
    assert_ok(vrx_review_count(fixture->tenant, received.query_id, &waiting));
    assert_int_equal(waiting, 1);
    assert_ok(vrx_review_count(fixture->tenant, other, &waiting));
    assert_int_equal(waiting, 0);
    assert_ok(vrx_review_get(fixture->tenant, &fixture->arena, received.review, &review));
    review.state = VRX_REVIEW_CLOSED;
    const struct vrx_review_event event = {.kind = VRX_REVIEW_WITHDRAWN};
    assert_ok(vrx_review_change(fixture->tenant, &review, &event, NOW));
    assert_ok(vrx_review_count(fixture->tenant, received.query_id, &waiting));
    assert_int_equal(waiting, 0);
}

static void what_is_not_there_is_not_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_received received = {
        .query_id = {1}, .as_sent = {2}, .resident = 1, .outcome = VRX_RECEIVED_KNOWN};
    assert_reason(vrx_dose_received_put(fixture->tenant, &received), VRX_NOT_FOUND);
    assert_reason(vrx_dose_received_change(fixture->tenant, &received), VRX_NOT_FOUND);
    received.resident = add_transfer(fixture, 1);
    received.dose = 99;
    assert_reason(vrx_dose_received_put(fixture->tenant, &received), VRX_NOT_FOUND);
    received.dose = 0;
    assert_ok(vrx_dose_received_put(fixture->tenant, &received));
    assert_int_equal(get(fixture, &received).dose, 0);
    received.as_sent[0] = 3;
    assert_reason(
        vrx_dose_received_get(fixture->tenant, received.query_id, received.as_sent, &received),
        VRX_NOT_FOUND);
}

static void every_answer_that_brought_a_dose_follows_it(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(add_transfer(fixture, 1), 1, 2021, 7, 1);
    struct vrx_dose change = dose;
    dose = add_dose(fixture, &dose);
    (void)add_transfer(fixture, 2);
    struct vrx_dose_received received[2];
    for (uint8_t i = 0; i < 2; i++) {
        received[i] = (struct vrx_dose_received){.query_id = {(uint8_t)(i + 1)},
            .as_sent = {2},
            .resident = dose.resident,
            .outcome = i ? VRX_RECEIVED_KNOWN : VRX_RECEIVED_NEW,
            .dose = dose.id};
        assert_ok(vrx_dose_received_put(fixture->tenant, &received[i]));
    }
    change.item.lot = vrx_view_text("FA7338");
    struct vrx_dose right;
    assert_ok(vrx_dose_correct(fixture->tenant, dose.id, 1, &change, NOW, &right));
    assert_ok(vrx_dose_received_follow(fixture->tenant, dose.id, right.id));
    for (uint8_t i = 0; i < 2; i++)
        assert_int_equal(get(fixture, &received[i]).dose, right.id);
}

static struct vrx_correction notice(int64_t resident, uint8_t id, uint64_t sequence) {
    return (struct vrx_correction){
        .origin = code_of("192015"),
        .notice_id = {id},
        .query_id = {1},
        .as_sent = {2},
        .sequence = sequence,
        .resident = resident,
        .object = vrx_view_text("signed notice"),
        .state = VRX_CORRECTION_WAITING,
        .received_at = NOW,
    };
}

static void a_notice_reads_back_and_takes_steps(void **state) {
    struct fixture *fixture = *state;
    struct vrx_correction found;
    const struct vrx_correction given = notice(add_transfer(fixture, 1), 5, 2);
    assert_ok(vrx_correction_put(fixture->tenant, &given));
    assert_reason(vrx_correction_put(fixture->tenant, &given), VRX_ALREADY_EXISTS);
    assert_ok(vrx_correction_get(
        fixture->tenant, &fixture->arena, &given.origin, given.notice_id, &found));
    assert_string_equal(found.origin.digits, "192015");
    assert_memory_equal(found.notice_id, given.notice_id, VRX_ID);
    assert_memory_equal(found.query_id, given.query_id, VRX_ID);
    assert_memory_equal(found.as_sent, given.as_sent, VRX_DIGEST);
    assert_int_equal(found.sequence, 2);
    assert_int_equal(found.resident, given.resident);
    assert_text(found.object, "signed notice");
    assert_int_equal(found.state, VRX_CORRECTION_WAITING);
    assert_int_equal(found.received_at, NOW);
    assert_int_equal(found.changed_at, NOW);
    assert_ok(vrx_correction_step(
        fixture->tenant, &given.origin, given.notice_id, VRX_CORRECTION_APPLIED, NOW + 4));
    assert_ok(vrx_correction_get(
        fixture->tenant, &fixture->arena, &given.origin, given.notice_id, &found));
    assert_int_equal(found.state, VRX_CORRECTION_APPLIED);
    assert_int_equal(found.changed_at, NOW + 4);
    const uint8_t other[VRX_ID] = {6};
    assert_reason(
        vrx_correction_step(fixture->tenant, &given.origin, other, VRX_CORRECTION_APPLIED, NOW),
        VRX_NOT_FOUND);
    assert_reason(
        vrx_correction_get(fixture->tenant, &fixture->arena, &given.origin, other, &found),
        VRX_NOT_FOUND);
}

static void faulty_notices_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_correction given = notice(1, 5, 1);
    assert_reason(vrx_correction_put(fixture->tenant, &given), VRX_NOT_FOUND);
    given.resident = add_transfer(fixture, 1);
    given.object = vrx_view_text("");
    assert_reason(vrx_correction_put(fixture->tenant, &given), VRX_INPUT_FIELD_MISSING);
    static const uint8_t large[VRX_LIMIT_SIGNED_OBJECT + 1];
    given.object = vrx_view_of(large, sizeof large);
    assert_reason(vrx_correction_put(fixture->tenant, &given), VRX_INPUT_TOO_LARGE);
    given.object = vrx_view_text("signed notice");
    given.sequence = 0;
    assert_reason(vrx_correction_put(fixture->tenant, &given), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "correction"), 0);
}

static void so_many_wait_for_one_answer_and_no_more(void **state) {
    struct fixture *fixture = *state;
    struct vrx_correction *waiting = NULL;
    size_t count = 0;
    const int64_t resident = add_transfer(fixture, 1);
    for (uint8_t i = 0; i < VRX_LIMIT_DOSES; i++) {
        struct vrx_correction given = notice(resident, i, (uint64_t)(VRX_LIMIT_DOSES - i));
        assert_ok(vrx_correction_put(fixture->tenant, &given));
    }
    struct vrx_correction given = notice(resident, VRX_LIMIT_DOSES, 40);
    assert_reason(vrx_correction_put(fixture->tenant, &given), VRX_CAP_REACHED);
    given.state = VRX_CORRECTION_LATE; /* does not wait */
    assert_ok(vrx_correction_put(fixture->tenant, &given));
    assert_ok(
        vrx_correction_waiting(fixture->tenant, &fixture->arena, given.query_id, &waiting, &count));
    assert_int_equal(count, VRX_LIMIT_DOSES);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(waiting[i].sequence, i + 1);
    const uint8_t other[VRX_ID] = {9};
    assert_ok(vrx_correction_waiting(fixture->tenant, &fixture->arena, other, &waiting, &count));
    assert_int_equal(count, 0);
}

static void both_go_with_their_query(void **state) {
    struct fixture *fixture = *state;
    const int64_t resident = add_transfer(fixture, 1);
    const struct vrx_correction given = notice(resident, 5, 1);
    assert_ok(vrx_correction_put(fixture->tenant, &given));
    const struct vrx_dose_received received = {
        .query_id = {1}, .as_sent = {2}, .resident = resident, .outcome = VRX_RECEIVED_KNOWN};
    assert_ok(vrx_dose_received_put(fixture->tenant, &received));
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM transfer_out");
    assert_int_equal(rows_in(fixture, "correction"), 0);
    assert_int_equal(rows_in(fixture, "dose_received"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_became_of_a_dose_is_kept_once),
        STORE_TEST(what_is_not_there_is_not_found),
        STORE_TEST(every_answer_that_brought_a_dose_follows_it),
        STORE_TEST(a_notice_reads_back_and_takes_steps),
        STORE_TEST(faulty_notices_are_refused),
        STORE_TEST(so_many_wait_for_one_answer_and_no_more),
        STORE_TEST(both_go_with_their_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
