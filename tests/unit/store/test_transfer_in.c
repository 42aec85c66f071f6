/* SPDX-License-Identifier: Apache-2.0 */
#include "store/transfer_in.h"

#include "fixture.h"

static struct vrx_transfer_in transfer_of(uint8_t id) {
    return (struct vrx_transfer_in){
        .sender = code_of("122173"),
        .query_id = {id},
        .query_digest = {id, 1},
        .nonce = {id, 2},
        .query = vrx_view_text("sealed query"),
        .received_at = NOW,
        .deadline = NOW + 86400,
    };
}

static enum vrx_reason put(struct fixture *fixture, const struct vrx_transfer_in *transfer) {
    return vrx_transfer_in_put(fixture->tenant, transfer).reason;
}

static struct vrx_transfer_in get(struct fixture *fixture, const struct vrx_transfer_in *transfer) {
    struct vrx_transfer_in found;
    assert_ok(vrx_transfer_in_get(
        fixture->tenant, &fixture->arena, &transfer->sender, transfer->query_id, &found));
    return found;
}

static enum vrx_reason advance(struct fixture *fixture, const struct vrx_transfer_in *transfer,
    const struct vrx_transfer_in_step *step) {
    return vrx_transfer_in_advance(
        fixture->tenant, &transfer->sender, transfer->query_id, step, NOW + 9)
        .reason;
}

static enum vrx_reason receipted(struct fixture *fixture, const struct vrx_transfer_in *transfer) {
    return vrx_transfer_in_receipted(
        fixture->tenant, &transfer->sender, transfer->query_id, vrx_view_text("receipt"), NOW + 20)
        .reason;
}

static void what_was_put_is_requested(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in given = transfer_of(1);
    given.resident = add_resident(fixture, 1);
    given.due_at = NOW + 60;
    assert_int_equal(put(fixture, &given), VRX_OK);
    struct vrx_transfer_in found = get(fixture, &given);
    assert_string_equal(found.sender.digits, "122173");
    assert_memory_equal(found.query_id, given.query_id, VRX_ID);
    assert_memory_equal(found.query_digest, given.query_digest, VRX_DIGEST);
    assert_memory_equal(found.nonce, given.nonce, VRX_ID);
    assert_int_equal(found.resident, given.resident);
    assert_text(found.query, "sealed query");
    assert_int_equal(found.state, VRX_TRANSFER_REQUESTED);
    assert_int_equal(found.reason, VRX_OK);
    assert_int_equal(found.received_at, NOW);
    assert_int_equal(found.deadline, NOW + 86400);
    assert_int_equal(found.due_at, NOW + 60);
    assert_int_equal(found.answer.len, 0);
    assert_int_equal(found.receipt.len, 0);
    assert_int_equal(found.changed_at, NOW);
}

static void the_same_query_again_exists_already(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in given = transfer_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(put(fixture, &given), VRX_ALREADY_EXISTS);
    assert_int_equal(rows_in(fixture, "transfer_in"), 1);
}

static void an_id_or_a_nonce_for_another_query_is_a_replay(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in given = transfer_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    struct vrx_transfer_in other = given;
    other.query_digest[5] = 1;
    assert_int_equal(put(fixture, &other), VRX_QUERY_REPLAYED);
    other = given;
    other.nonce[5] = 1;
    assert_int_equal(put(fixture, &other), VRX_QUERY_REPLAYED);
    other = given;
    other.query_id[5] = 1;
    assert_int_equal(put(fixture, &other), VRX_QUERY_REPLAYED);
    other = given;
    other.sender = code_of("192015");
    assert_int_equal(put(fixture, &other), VRX_QUERY_REPLAYED);
    assert_int_equal(rows_in(fixture, "transfer_in"), 1);
}

static void the_same_id_of_another_sender_is_another_query(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in given = transfer_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    struct vrx_transfer_in other = given;
    other.sender = code_of("192015");
    other.nonce[5] = 1;
    other.query = vrx_view_text("another");
    assert_int_equal(put(fixture, &other), VRX_OK);
    assert_text(get(fixture, &given).query, "sealed query");
    assert_text(get(fixture, &other).query, "another");
}

static void faulty_queries_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    struct vrx_transfer_in given = transfer_of(1);
    given.query = (struct vrx_view){0};
    assert_int_equal(put(fixture, &given), VRX_INPUT_FIELD_MISSING);
    given.query = vrx_view_of(bytes, sizeof bytes);
    assert_int_equal(put(fixture, &given), VRX_INPUT_TOO_LARGE);
    given = transfer_of(1);
    given.resident = 99;
    assert_int_equal(put(fixture, &given), VRX_NOT_FOUND);
}

static void a_query_is_answered_and_the_answer_stays(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in given = transfer_of(1);
    const struct vrx_receipt_transfer pending = {
        .answer_digest = {7}, .permit_id = vrx_view_text("p"), .permit_table_digest = {8}};
    const struct vrx_receipt_transfer answered = {.answer_digest = {9},
        .permit_id = vrx_view_text("other"),
        .permit_table_digest = {10},
        .without_consent = true};
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(receipted(fixture, &given), VRX_WRONG_STATE); /* nothing to receive */
    struct vrx_transfer_in_step step = {.state = VRX_TRANSFER_PENDING,
        .due_at = NOW + 60,
        .answer = vrx_view_text("pending"),
        .tie = &pending};
    assert_int_equal(advance(fixture, &given, &step), VRX_OK);
    assert_text(get(fixture, &given).answer, "pending");
    assert_int_equal(get(fixture, &given).due_at, NOW + 60);
    step = (struct vrx_transfer_in_step){
        .state = VRX_TRANSFER_ANSWERED, .answer = vrx_view_text("sealed answer"), .tie = &answered};
    assert_int_equal(advance(fixture, &given, &step), VRX_OK);
    step = (struct vrx_transfer_in_step){.state = VRX_TRANSFER_RECEIVED};
    assert_int_equal(advance(fixture, &given, &step), VRX_OK);
    struct vrx_transfer_in found = get(fixture, &given);
    assert_int_equal(found.state, VRX_TRANSFER_RECEIVED);
    assert_text(found.answer, "sealed answer");
    assert_memory_equal(found.tie.query_digest, given.query_digest, VRX_DIGEST);
    assert_memory_equal(found.tie.answer_digest, answered.answer_digest, VRX_DIGEST);
    assert_memory_equal(found.tie.permit_table_digest, answered.permit_table_digest, VRX_DIGEST);
    assert_text(found.tie.permit_id, "other");
    assert_true(found.tie.without_consent);
    assert_int_equal(found.receipt.len, 0);
    assert_int_equal(found.due_at, 0);
    assert_int_equal(found.changed_at, NOW + 9);
}

/* What was ANSWERED is RECEIVED by it; every other state stays, however late it comes. */
static void a_receipt_is_kept_once_and_changes_no_final_state(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_receipt_transfer tie = {.answer_digest = {9}};
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    for (unsigned from = 1; from <= 8; from++) {
        char sql[80];
        struct vrx_transfer_in given = transfer_of((uint8_t)from);
        struct vrx_transfer_in_step step = {
            .state = VRX_TRANSFER_PENDING, .answer = vrx_view_text("a"), .tie = &tie};
        assert_int_equal(put(fixture, &given), VRX_OK);
        assert_int_equal(advance(fixture, &given, &step), VRX_OK);
        (void)snprintf(
            sql, sizeof sql, "UPDATE transfer_in SET state = %u WHERE receipt IS NULL", from);
        sql_run(vrx_tenant_db(fixture->tenant), sql);
        assert_int_equal(receipted(fixture, &given), VRX_OK);
        struct vrx_transfer_in found = get(fixture, &given);
        bool answered = from == VRX_TRANSFER_ANSWERED;
        assert_int_equal(found.state, answered ? VRX_TRANSFER_RECEIVED : from);
        assert_int_equal(found.changed_at, answered ? NOW + 20 : NOW + 9);
        assert_text(found.receipt, "receipt");
        assert_int_equal(receipted(fixture, &given), VRX_ALREADY_EXISTS);
    }
    struct vrx_transfer_in given = transfer_of(1);
    assert_reason(vrx_transfer_in_receipted(fixture->tenant, &given.sender, given.query_id,
                      vrx_view_of(bytes, sizeof bytes), NOW),
        VRX_INPUT_TOO_LARGE);
    assert_reason(vrx_transfer_in_receipted(
                      fixture->tenant, &given.sender, given.query_id, vrx_view_of(bytes, 0), NOW),
        VRX_INPUT_FIELD_MISSING);
    given.sender = code_of("192015");
    assert_int_equal(receipted(fixture, &given), VRX_NOT_FOUND);
}

static enum vrx_reason keep_denial(struct fixture *fixture, const struct vrx_transfer_in *transfer,
    const struct vrx_transfer_denial *denial) {
    return vrx_transfer_in_keep_denial(
        fixture->tenant, &transfer->sender, transfer->query_id, denial, NOW + 15)
        .reason;
}

static enum vrx_reason denied(struct fixture *fixture, const struct vrx_transfer_in *transfer) {
    return vrx_transfer_in_denied(
        fixture->tenant, &transfer->sender, transfer->query_id, vrx_view_text("receipt"), NOW + 20)
        .reason;
}

static const struct vrx_transfer_denial revoked = {
    .reason = VRX_CONSENT_REVOKED,
    .answer = {(const uint8_t *)"denial", 6},
    .tie = {.answer_digest = {11},
        .permit_id = {(const uint8_t *)"p", 1},
        .permit_table_digest = {12},
        .without_consent = true},
};

static struct vrx_transfer_in add_answered(struct fixture *fixture) {
    const struct vrx_receipt_transfer tie = {.answer_digest = {9}};
    const struct vrx_transfer_in given = transfer_of(1);
    struct vrx_transfer_in_step step = {.state = VRX_TRANSFER_PENDING};
    assert_int_equal(put(fixture, &given), VRX_OK);
    assert_int_equal(advance(fixture, &given, &step), VRX_OK);
    step = (struct vrx_transfer_in_step){
        .state = VRX_TRANSFER_ANSWERED, .answer = vrx_view_text("doses"), .tie = &tie};
    assert_int_equal(advance(fixture, &given, &step), VRX_OK);
    return given;
}

/* It stands beside the doses, and takes their place by its receipt. */
static void a_denial_in_the_place_of_doses_is_kept_and_receipted(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_denial kept;
    const struct vrx_transfer_in given = add_answered(fixture);
    assert_int_equal(denied(fixture, &given), VRX_NOT_FOUND);
    assert_int_equal(keep_denial(fixture, &given, &revoked), VRX_OK);
    assert_int_equal(keep_denial(fixture, &given, &revoked), VRX_ALREADY_EXISTS);
    assert_text(get(fixture, &given).answer, "doses");
    assert_int_equal(get(fixture, &given).state, VRX_TRANSFER_ANSWERED);
    assert_ok(vrx_transfer_in_denial(
        fixture->tenant, &fixture->arena, &given.sender, given.query_id, &kept));
    assert_int_equal(kept.reason, VRX_CONSENT_REVOKED);
    assert_text(kept.answer, "denial");
    assert_memory_equal(kept.tie.query_digest, given.query_digest, VRX_DIGEST);
    struct vrx_receipt_transfer tie = revoked.tie;
    memcpy(tie.query_digest, given.query_digest, VRX_DIGEST);
    assert_true(vrx_receipt_transfer_equal(&kept.tie, &tie));

    assert_int_equal(denied(fixture, &given), VRX_OK);
    struct vrx_transfer_in found = get(fixture, &given);
    assert_int_equal(found.state, VRX_TRANSFER_DENIED);
    assert_int_equal(found.reason, VRX_CONSENT_REVOKED);
    assert_text(found.answer, "denial");
    assert_text(found.receipt, "receipt");
    assert_int_equal(found.changed_at, NOW + 20);
    assert_true(vrx_receipt_transfer_equal(&found.tie, &tie));
    assert_int_equal(rows_in(fixture, "denial"), 0);
    assert_int_equal(denied(fixture, &given), VRX_WRONG_STATE);
    assert_int_equal(receipted(fixture, &given), VRX_ALREADY_EXISTS);
}

static void a_denial_is_kept_of_doses_only_and_for_a_consent_only(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_denial other = revoked;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    const struct vrx_transfer_in given = add_answered(fixture);
    other.reason = VRX_PERMIT_NOT_IN_FORCE;
    assert_int_equal(keep_denial(fixture, &given, &other), VRX_WRONG_STATE);
    other = revoked;
    other.answer = (struct vrx_view){0};
    assert_int_equal(keep_denial(fixture, &given, &other), VRX_INPUT_FIELD_MISSING);
    other.answer = vrx_view_of(bytes, sizeof bytes);
    assert_int_equal(keep_denial(fixture, &given, &other), VRX_INPUT_TOO_LARGE);
    assert_int_equal(rows_in(fixture, "denial"), 0);
    for (unsigned from = 1; from <= 8; from++) {
        char sql[64];
        const bool sent = from == VRX_TRANSFER_ANSWERED || from == VRX_TRANSFER_RECEIVED;
        (void)snprintf(sql, sizeof sql, "UPDATE transfer_in SET state = %u", from);
        sql_run(vrx_tenant_db(fixture->tenant), sql);
        assert_int_equal(keep_denial(fixture, &given, &revoked), sent ? VRX_OK : VRX_WRONG_STATE);
        if (from != VRX_TRANSFER_ANSWERED)
            assert_int_equal(denied(fixture, &given), VRX_WRONG_STATE);
        sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM denial");
    }
    assert_int_equal(keep_denial(fixture, &given, &revoked), VRX_WRONG_STATE);
    sql_run(vrx_tenant_db(fixture->tenant), "UPDATE transfer_in SET state = 4");
    assert_int_equal(keep_denial(fixture, &given, &revoked), VRX_OK);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM transfer_in");
    assert_int_equal(rows_in(fixture, "denial"), 0);
    assert_int_equal(keep_denial(fixture, &given, &revoked), VRX_NOT_FOUND);
}

static void a_step_that_says_too_little_or_too_much_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    struct vrx_transfer_in given = transfer_of(1);
    assert_int_equal(put(fixture, &given), VRX_OK);
    const struct vrx_receipt_transfer tie = {.answer_digest = {9}};
    struct vrx_transfer_in_step step = {
        .state = VRX_TRANSFER_DENIED, .answer = vrx_view_text("a"), .tie = &tie};
    assert_int_equal(advance(fixture, &given, &step), VRX_INPUT_FIELD_MISSING); /* reason */
    step.reason = VRX_CONSENT_REVOKED;
    step.answer = (struct vrx_view){0};
    step.tie = NULL;
    assert_int_equal(advance(fixture, &given, &step), VRX_INPUT_FIELD_MISSING); /* answer */
    step.tie = &tie;
    assert_int_equal(advance(fixture, &given, &step), VRX_INPUT_FIELD_MISSING); /* answer */
    step.answer = vrx_view_of(bytes, sizeof bytes);
    assert_int_equal(advance(fixture, &given, &step), VRX_INPUT_TOO_LARGE);
    step.answer.len = 1;
    step.tie = NULL;
    assert_int_equal(advance(fixture, &given, &step), VRX_INPUT_FIELD_MISSING); /* tie */
    step.tie = &tie;
    step.due_at = NOW;
    assert_int_equal(advance(fixture, &given, &step), VRX_INPUT_RANGE); /* final */
    step.due_at = 0;
    assert_int_equal(advance(fixture, &given, &step), VRX_OK);
    assert_int_equal(get(fixture, &given).reason, VRX_CONSENT_REVOKED);
}

static void an_undefined_step_is_a_wrong_state(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in given = transfer_of(1);
    const struct vrx_receipt_transfer tie = {.answer_digest = {9}};
    assert_int_equal(put(fixture, &given), VRX_OK);
    for (unsigned from = 1; from <= 8; from++) {
        for (unsigned to = 0; to <= 9; to++) {
            char sql[64];
            struct vrx_transfer_in_step step = {
                .state = (enum vrx_transfer_state)to,
                .reason = VRX_CONSENT_REVOKED,
                .answer = vrx_view_text("a"),
                .tie = &tie,
            };
            (void)snprintf(sql, sizeof sql, "UPDATE transfer_in SET state = %u", from);
            sql_run(vrx_tenant_db(fixture->tenant), sql);
            bool allowed = vrx_transfer_step_allowed(
                (enum vrx_transfer_state)from, (enum vrx_transfer_state)to);
            assert_int_equal(advance(fixture, &given, &step), allowed ? VRX_OK : VRX_WRONG_STATE);
        }
    }
    sql_run(vrx_tenant_db(fixture->tenant), "UPDATE transfer_in SET state = 3");
    struct vrx_transfer_in_step denied = {.state = VRX_TRANSFER_DENIED,
        .reason = VRX_QUERY_EXPIRED,
        .answer = vrx_view_text("a"),
        .tie = &tie};
    assert_int_equal(advance(fixture, &given, &denied), VRX_WRONG_STATE);
}

static void what_is_not_there_is_not_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in found;
    struct vrx_transfer_in given = transfer_of(1);
    struct vrx_transfer_in_step step = {.state = VRX_TRANSFER_PENDING};
    assert_int_equal(advance(fixture, &given, &step), VRX_NOT_FOUND);
    assert_int_equal(put(fixture, &given), VRX_OK);
    given.sender = code_of("192015");
    assert_reason(vrx_transfer_in_get(
                      fixture->tenant, &fixture->arena, &given.sender, given.query_id, &found),
        VRX_NOT_FOUND);
}

static void the_due_and_the_pending_are_listed(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_in *list = NULL;
    size_t count = 0;
    for (uint8_t i = 1; i <= 3; i++) {
        struct vrx_transfer_in transfer = transfer_of(i);
        struct vrx_transfer_in_step step = {.state = VRX_TRANSFER_PENDING, .due_at = NOW + 100 - i};
        assert_int_equal(put(fixture, &transfer), VRX_OK);
        if (i > 1)
            assert_int_equal(advance(fixture, &transfer, &step), VRX_OK);
    }
    assert_ok(
        vrx_transfer_in_list_due(fixture->tenant, &fixture->arena, NOW + 97, 9, &list, &count));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].query_id[0], 3);
    assert_ok(
        vrx_transfer_in_list_due(fixture->tenant, &fixture->arena, NOW + 98, 9, &list, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].query_id[0], 3);
    assert_ok(vrx_transfer_in_list(
        fixture->tenant, &fixture->arena, VRX_TRANSFER_PENDING, 9, &list, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].query_id[0], 2);
    assert_ok(vrx_transfer_in_list(
        fixture->tenant, &fixture->arena, VRX_TRANSFER_REQUESTED, 9, &list, &count));
    assert_int_equal(count, 1);
    assert_reason(vrx_transfer_in_list(
                      fixture->tenant, &fixture->arena, VRX_TRANSFER_REQUESTED, 0, &list, &count),
        VRX_INPUT_RANGE);
    assert_reason(
        vrx_transfer_in_list_due(fixture->tenant, &fixture->arena, NOW, 501, &list, &count),
        VRX_INPUT_RANGE);
}

static void pending_queries_are_found_by_their_consent(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t consent_id[VRX_ID] = {0xc};
    struct vrx_transfer_in *found = NULL;
    size_t count = 9;
    for (uint8_t id = 1; id <= 5; id++) {
        struct vrx_transfer_in transfer = transfer_of(id);
        struct vrx_transfer_in_step step = {.state = VRX_TRANSFER_PENDING};
        transfer.has_consent = id != 2;
        transfer.consent_id[0] = id == 3 ? 0xd : 0xc;
        transfer.sender = code_of(id == 4 ? "192015" : "122173");
        assert_int_equal(put(fixture, &transfer), VRX_OK);
        assert_int_equal(get(fixture, &transfer).has_consent, id != 2);
        if (id != 5)
            assert_int_equal(advance(fixture, &transfer, &step), VRX_OK);
    }
    struct vrx_municipality_code kashiwa = code_of("122173");
    assert_ok(vrx_transfer_in_list_under(
        fixture->tenant, &fixture->arena, &kashiwa, consent_id, &found, &count));
    assert_int_equal(count, 1);
    assert_int_equal(found[0].query_id[0], 1);
    assert_true(found[0].has_consent);
    assert_memory_equal(found[0].consent_id, consent_id, VRX_ID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_is_requested),
        STORE_TEST(the_same_query_again_exists_already),
        STORE_TEST(an_id_or_a_nonce_for_another_query_is_a_replay),
        STORE_TEST(the_same_id_of_another_sender_is_another_query),
        STORE_TEST(faulty_queries_are_refused),
        STORE_TEST(a_query_is_answered_and_the_answer_stays),
        STORE_TEST(a_receipt_is_kept_once_and_changes_no_final_state),
        STORE_TEST(a_denial_in_the_place_of_doses_is_kept_and_receipted),
        STORE_TEST(a_denial_is_kept_of_doses_only_and_for_a_consent_only),
        STORE_TEST(a_step_that_says_too_little_or_too_much_is_refused),
        STORE_TEST(an_undefined_step_is_a_wrong_state),
        STORE_TEST(what_is_not_there_is_not_found),
        STORE_TEST(the_due_and_the_pending_are_listed),
        STORE_TEST(pending_queries_are_found_by_their_consent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
