/* SPDX-License-Identifier: Apache-2.0 */
#include "store/transfer_out.h"

#include "cases.h"

#include "crypto/hash.h"
#include "objects/answer.h"

static const uint8_t unknown[VRX_ID] = {0xff};

static struct vrx_transfer_out transfer_of(const struct test_case *about, uint8_t id) {
    struct vrx_transfer_out transfer = {
        .query_id = {id},
        .origin = code_of("122173"),
        .resident = about->resident,
        .has_consent = true,
        .has_evidence = true,
        .query = vrx_view_text("sealed query"),
        .query_digest = {id, 1},
        .created_at = NOW,
        .deadline = NOW + 86400,
        .next_attempt_at = NOW,
    };
    memcpy(transfer.consent_id, about->consent_id, VRX_ID);
    memcpy(transfer.evidence_id, about->evidence_id, VRX_ID);
    return transfer;
}

static struct vrx_transfer_out add_transfer(struct fixture *fixture, uint8_t id) {
    struct test_case about = add_case(fixture, id);
    struct vrx_transfer_out transfer = transfer_of(&about, id);
    assert_ok(vrx_transfer_out_put(fixture->tenant, &transfer));
    return transfer;
}

static struct vrx_transfer_out get(struct fixture *fixture, const uint8_t id[VRX_ID]) {
    struct vrx_transfer_out found;
    assert_ok(vrx_transfer_out_get(fixture->tenant, &fixture->arena, id, &found));
    return found;
}

static enum vrx_reason put(struct fixture *fixture, const struct vrx_transfer_out *transfer) {
    return vrx_transfer_out_put(fixture->tenant, transfer).reason;
}

static void what_was_put_is_requested(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_out given = add_transfer(fixture, 1);
    struct vrx_transfer_out found = get(fixture, given.query_id);
    assert_memory_equal(found.query_id, given.query_id, VRX_ID);
    assert_string_equal(found.origin.digits, "122173");
    assert_int_equal(found.resident, given.resident);
    assert_true(found.has_consent);
    assert_memory_equal(found.consent_id, given.consent_id, VRX_ID);
    assert_true(found.has_evidence);
    assert_memory_equal(found.evidence_id, given.evidence_id, VRX_ID);
    assert_text(found.query, "sealed query");
    assert_memory_equal(found.query_digest, given.query_digest, VRX_DIGEST);
    assert_int_equal(found.state, VRX_TRANSFER_REQUESTED);
    assert_int_equal(found.reason, VRX_OK);
    assert_int_equal(found.clause.len, 0);
    assert_int_equal(found.created_at, NOW);
    assert_int_equal(found.deadline, NOW + 86400);
    assert_int_equal(found.next_attempt_at, NOW);
    assert_int_equal(found.attempts, 0);
    assert_int_equal(found.answer.len, 0);
    assert_int_equal(found.receipt.len, 0);
    assert_int_equal(found.changed_at, NOW);
}

static void a_permit_may_need_no_consent(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_evidence(fixture, 1);
    struct vrx_transfer_out transfer = transfer_of(&about, 1);
    transfer.has_consent = transfer.has_evidence = false;
    assert_int_equal(put(fixture, &transfer), VRX_OK);
    struct vrx_transfer_out found = get(fixture, transfer.query_id);
    assert_false(found.has_consent);
    assert_false(found.has_evidence);
}

static void faulty_transfers_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    struct test_case about = add_case(fixture, 1);
    struct test_case other = add_case(fixture, 2);
    struct vrx_transfer_out transfer = transfer_of(&about, 1);
    transfer.query = (struct vrx_view){0};
    assert_int_equal(put(fixture, &transfer), VRX_INPUT_FIELD_MISSING);
    transfer.query = vrx_view_of(bytes, sizeof bytes);
    assert_int_equal(put(fixture, &transfer), VRX_INPUT_TOO_LARGE);
    transfer = transfer_of(&about, 1);
    transfer.deadline = NOW;
    assert_int_equal(put(fixture, &transfer), VRX_INPUT_RANGE);
    transfer = transfer_of(&about, 1);
    memcpy(transfer.evidence_id, unknown, VRX_ID);
    assert_int_equal(put(fixture, &transfer), VRX_EVIDENCE_MISSING);
    memcpy(transfer.evidence_id, other.evidence_id, VRX_ID);
    assert_int_equal(put(fixture, &transfer), VRX_EVIDENCE_SUBJECT);
    transfer = transfer_of(&about, 1);
    memcpy(transfer.consent_id, unknown, VRX_ID);
    assert_int_equal(put(fixture, &transfer), VRX_CONSENT_MISSING);
    memcpy(transfer.consent_id, other.consent_id, VRX_ID);
    assert_int_equal(put(fixture, &transfer), VRX_CONSENT_SCOPE);
    transfer = transfer_of(&about, 1);
    transfer.has_consent = transfer.has_evidence = false;
    transfer.resident = 99;
    assert_int_equal(put(fixture, &transfer), VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "transfer_out"), 0);
    transfer = transfer_of(&about, 1);
    assert_int_equal(put(fixture, &transfer), VRX_OK);
    assert_int_equal(put(fixture, &transfer), VRX_ALREADY_EXISTS);
}

static void a_transfer_goes_its_whole_way(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_transfer_out given = add_transfer(fixture, 1);
    const uint8_t *id = given.query_id;
    uint8_t digest[VRX_SHA256];
    assert_ok(vrx_transfer_out_attempted(tenant, id, NOW + 30));
    assert_ok(vrx_transfer_out_advance(tenant, id, VRX_TRANSFER_PENDING, NOW + 1));
    assert_ok(vrx_transfer_out_attempted(tenant, id, NOW + 60));
    assert_int_equal(get(fixture, id).next_attempt_at, NOW + 60);
    assert_ok(vrx_transfer_out_answer(tenant, id, vrx_view_text("signed answer"), NOW + 2));
    assert_ok(vrx_sha256(vrx_view_text("signed answer"), digest));
    struct vrx_transfer_out found = get(fixture, id);
    assert_int_equal(found.state, VRX_TRANSFER_ANSWERED);
    assert_text(found.answer, "signed answer");
    assert_memory_equal(found.answer_digest, digest, VRX_DIGEST);
    assert_int_equal(found.attempts, 2);
    assert_int_equal(found.next_attempt_at, 0);
    assert_int_equal(found.changed_at, NOW + 2);
    assert_reason(vrx_transfer_out_attempted(tenant, id, NOW + 90), VRX_WRONG_STATE);

    assert_ok(vrx_transfer_out_receive(tenant, id, NOW + 3));
    assert_ok(vrx_transfer_out_import(tenant, id, 2, 1, NOW + 4));
    found = get(fixture, id);
    assert_int_equal(found.state, VRX_TRANSFER_IMPORTED);
    assert_text(found.answer, "signed answer");
    assert_int_equal(found.doses_imported, 2);
    assert_int_equal(found.doses_known, 1);
    assert_int_equal(found.next_attempt_at, 0);
    assert_int_equal(found.changed_at, NOW + 4);
    assert_reason(vrx_transfer_out_attempted(tenant, id, NOW), VRX_WRONG_STATE);

    assert_ok(vrx_transfer_out_receipted(tenant, id, vrx_view_text("signed receipt")));
    found = get(fixture, id);
    assert_int_equal(found.state, VRX_TRANSFER_IMPORTED);
    assert_text(found.receipt, "signed receipt");
    assert_int_equal(found.changed_at, NOW + 4);
    assert_reason(
        vrx_transfer_out_receipted(tenant, id, (struct vrx_view){0}), VRX_INPUT_FIELD_MISSING);
    assert_reason(
        vrx_transfer_out_receipted(tenant, unknown, vrx_view_text("receipt")), VRX_NOT_FOUND);
}

/* The answer of a transfer without doses: kept once, and only when it has ended so. */
static void a_final_answer_without_doses_is_kept(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    uint8_t digest[VRX_SHA256];
    assert_ok(vrx_sha256(vrx_view_text("signed answer"), digest));
    for (unsigned from = 1; from <= 8; from++) {
        char sql[80];
        struct vrx_transfer_out given = add_transfer(fixture, (uint8_t)from);
        const uint8_t *id = given.query_id;
        (void)snprintf(
            sql, sizeof sql, "UPDATE transfer_out SET state = %u WHERE answer IS NULL", from);
        sql_run(vrx_tenant_db(tenant), sql);
        bool ends = from == VRX_TRANSFER_DENIED || from == VRX_TRANSFER_NO_RECORD;
        assert_reason(vrx_transfer_out_keep(tenant, id, vrx_view_text("signed answer")),
            ends ? VRX_OK : VRX_WRONG_STATE);
        if (ends) {
            assert_text(get(fixture, id).answer, "signed answer");
            assert_memory_equal(get(fixture, id).answer_digest, digest, VRX_DIGEST);
        }
        assert_reason(
            vrx_transfer_out_keep(tenant, id, vrx_view_text("signed answer")), VRX_WRONG_STATE);
    }
    assert_reason(
        vrx_transfer_out_keep(tenant, unknown, vrx_view_text("signed answer")), VRX_NOT_FOUND);
}

static void a_denied_transfer_keeps_reason_and_clause(void **state) {
    struct fixture *fixture = *state;
    static char clause[VRX_LIMIT_CLAUSE + 2];
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_transfer_out given = add_transfer(fixture, 1);
    const uint8_t *id = given.query_id;
    memset(clause, 'a', sizeof clause - 1);
    assert_reason(
        vrx_transfer_out_deny(tenant, id, VRX_OK, (struct vrx_view){0}, NOW), VRX_INPUT_RANGE);
    assert_reason(
        vrx_transfer_out_deny(tenant, id, VRX_CONSENT_REVOKED, vrx_view_text(clause), NOW),
        VRX_INPUT_TOO_LARGE);
    assert_ok(
        vrx_transfer_out_deny(tenant, id, VRX_CONSENT_REVOKED, vrx_view_text("art. 16"), NOW + 1));
    struct vrx_transfer_out found = get(fixture, id);
    assert_int_equal(found.state, VRX_TRANSFER_DENIED);
    assert_int_equal(found.reason, VRX_CONSENT_REVOKED);
    assert_text(found.clause, "art. 16");
    assert_int_equal(found.next_attempt_at, 0);
}

/* Tries every step from the present state; gives the mask of those that were taken, each rolled
 * back. */
static unsigned open_steps(struct fixture *fixture, const uint8_t id[VRX_ID]) {
    struct vrx_tenant *tenant = fixture->tenant;
    unsigned taken = 0;
    for (unsigned to = 1; to <= 8; to++) {
        struct vrx_view none = {0};
        struct vrx_result result;
        sql_run(vrx_tenant_db(tenant), "SAVEPOINT step");
        switch (to) {
        case VRX_TRANSFER_DENIED:
            result = vrx_transfer_out_deny(tenant, id, VRX_CONSENT_REVOKED, none, NOW);
            break;
        case VRX_TRANSFER_ANSWERED:
            result = vrx_transfer_out_answer(tenant, id, vrx_view_text("a"), NOW);
            break;
        case VRX_TRANSFER_RECEIVED:
            result = vrx_transfer_out_receive(tenant, id, NOW);
            break;
        case VRX_TRANSFER_IMPORTED:
            result = vrx_transfer_out_import(tenant, id, 0, 0, NOW);
            break;
        default:
            result = vrx_transfer_out_advance(tenant, id, (enum vrx_transfer_state)to, NOW);
        }
        if (vrx_is_ok(result))
            taken |= 1u << to;
        else
            assert_reason(result, VRX_WRONG_STATE);
        sql_run(vrx_tenant_db(tenant), "ROLLBACK TO step; RELEASE step");
    }
    return taken;
}

static void an_undefined_step_is_a_wrong_state(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_out given = add_transfer(fixture, 1);
    for (unsigned from = 1; from <= 8; from++) {
        char sql[64];
        unsigned expected = 0;
        (void)snprintf(sql, sizeof sql, "UPDATE transfer_out SET state = %u", from);
        sql_run(vrx_tenant_db(fixture->tenant), sql);
        for (unsigned to = 1; to <= 8; to++)
            if (vrx_transfer_step_allowed(
                    (enum vrx_transfer_state)from, (enum vrx_transfer_state)to))
                expected |= 1u << to;
        assert_int_equal(open_steps(fixture, given.query_id), expected);
    }
    sql_run(vrx_tenant_db(fixture->tenant), "UPDATE transfer_out SET state = 3");
    assert_reason(vrx_transfer_out_deny(
                      fixture->tenant, given.query_id, VRX_QUERY_EXPIRED, vrx_view_text(""), NOW),
        VRX_WRONG_STATE);
}

static void a_step_that_says_too_little_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_transfer_out given = add_transfer(fixture, 1);
    const uint8_t *id = given.query_id;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    struct vrx_view too_long = vrx_view_of(bytes, sizeof bytes);
    assert_reason(vrx_transfer_out_advance(tenant, id, VRX_TRANSFER_DENIED, NOW), VRX_WRONG_STATE);
    assert_ok(vrx_transfer_out_advance(tenant, id, VRX_TRANSFER_PENDING, NOW));
    assert_reason(
        vrx_transfer_out_advance(tenant, id, VRX_TRANSFER_ANSWERED, NOW), VRX_WRONG_STATE);
    assert_reason(
        vrx_transfer_out_answer(tenant, id, (struct vrx_view){0}, NOW), VRX_INPUT_FIELD_MISSING);
    assert_reason(vrx_transfer_out_answer(tenant, id, too_long, NOW), VRX_INPUT_TOO_LARGE);
    assert_ok(vrx_transfer_out_answer(tenant, id, vrx_view_text("a"), NOW));
}

static void what_is_not_there_is_not_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    struct vrx_transfer_out found;
    (void)add_transfer(fixture, 1);
    assert_reason(vrx_transfer_out_get(tenant, &fixture->arena, unknown, &found), VRX_NOT_FOUND);
    assert_reason(vrx_transfer_out_attempted(tenant, unknown, NOW), VRX_NOT_FOUND);
    assert_reason(
        vrx_transfer_out_advance(tenant, unknown, VRX_TRANSFER_PENDING, NOW), VRX_NOT_FOUND);
}

static void what_is_due_survives_a_restart(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_out *due = NULL;
    size_t count = 0;
    for (uint8_t i = 1; i <= 4; i++) {
        struct test_case about = add_case(fixture, i);
        struct vrx_transfer_out transfer = transfer_of(&about, i);
        transfer.next_attempt_at = i == 4 ? 0 : NOW + 10 * (4 - i);
        assert_int_equal(put(fixture, &transfer), VRX_OK);
    }
    sql_run(vrx_tenant_db(fixture->tenant), "COMMIT");
    vrx_tenant_close(&fixture->tenant);
    fixture->tenant = open_tenant(fixture->folder->vault);
    assert_ok(
        vrx_transfer_out_list_due(fixture->tenant, &fixture->arena, NOW + 20, 10, &due, &count));
    assert_int_equal(count, 2);
    assert_int_equal(due[0].query_id[0], 3);
    assert_int_equal(due[1].query_id[0], 2);
    assert_text(due[0].query, "sealed query");
    assert_ok(
        vrx_transfer_out_advance(fixture->tenant, due[0].query_id, VRX_TRANSFER_EXPIRED, NOW + 20));
    assert_ok(
        vrx_transfer_out_list_due(fixture->tenant, &fixture->arena, NOW + 1000, 1, &due, &count));
    assert_int_equal(count, 1);
    assert_int_equal(due[0].query_id[0], 2);
    assert_reason(vrx_transfer_out_list_due(fixture->tenant, &fixture->arena, NOW, 0, &due, &count),
        VRX_INPUT_RANGE);
}

static void the_next_attempt_of_all_is_known(void **state) {
    struct fixture *fixture = *state;
    struct vrx_tenant *tenant = fixture->tenant;
    int64_t at = -7;
    assert_ok(vrx_transfer_out_next_due(tenant, &at));
    assert_int_equal(at, 0);
    struct vrx_transfer_out first = add_transfer(fixture, 1);
    struct vrx_transfer_out second = add_transfer(fixture, 2);
    assert_ok(vrx_transfer_out_attempted(tenant, first.query_id, NOW + 30));
    assert_ok(vrx_transfer_out_attempted(tenant, second.query_id, NOW + 20));
    assert_ok(vrx_transfer_out_next_due(tenant, &at));
    assert_int_equal(at, NOW + 20);
    assert_ok(vrx_transfer_out_advance(tenant, second.query_id, VRX_TRANSFER_EXPIRED, NOW));
    assert_ok(vrx_transfer_out_next_due(tenant, &at));
    assert_int_equal(at, NOW + 30);
    assert_ok(vrx_transfer_out_attempted(tenant, first.query_id, 0));
    assert_ok(vrx_transfer_out_next_due(tenant, &at));
    assert_int_equal(at, 0);
}

static void the_list_has_the_newest_first(void **state) {
    struct fixture *fixture = *state;
    struct vrx_transfer_out *list = NULL;
    size_t count = 0;
    for (uint8_t i = 1; i <= 3; i++)
        (void)add_transfer(fixture, i);
    assert_ok(vrx_transfer_out_list(fixture->tenant, &fixture->arena, 0, 2, &list, &count));
    assert_int_equal(count, 2);
    assert_int_equal(list[0].query_id[0], 3);
    assert_int_equal(list[1].query_id[0], 2);
    assert_ok(vrx_transfer_out_list(fixture->tenant, &fixture->arena, 2, 2, &list, &count));
    assert_int_equal(count, 1);
    assert_int_equal(list[0].query_id[0], 1);
    assert_reason(vrx_transfer_out_list(
                      fixture->tenant, &fixture->arena, 0, VRX_LIMIT_PAGE + 1, &list, &count),
        VRX_INPUT_RANGE);
}

static void transfers_are_found_by_their_consent(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct test_case other = add_case(fixture, 2);
    struct vrx_transfer_out *found = NULL;
    struct vrx_municipality_code *asked = NULL;
    size_t count = 9;
    static const char *const origins[] = {"122173", "192015", "122173", "122173"};
    for (uint8_t id = 1; id <= 4; id++) {
        struct vrx_transfer_out transfer = transfer_of(id == 4 ? &other : &about, id);
        transfer.origin = code_of(origins[id - 1]);
        transfer.items = 1u << VRX_ITEM_LOT;
        assert_ok(vrx_transfer_out_put(fixture->tenant, &transfer));
        if (id != 2) /* never sent */
            assert_ok(vrx_transfer_out_attempted(fixture->tenant, transfer.query_id, NOW));
        if (id == 3)
            assert_ok(vrx_transfer_out_advance(
                fixture->tenant, transfer.query_id, VRX_TRANSFER_EXPIRED, NOW));
    }
    assert_ok(vrx_transfer_out_list_under(
        fixture->tenant, &fixture->arena, about.consent_id, &found, &count));
    assert_int_equal(count, 2);
    assert_int_equal(found[0].query_id[0], 1);
    assert_int_equal(found[0].items, 1u << VRX_ITEM_LOT);
    assert_int_equal(found[1].query_id[0], 2);
    assert_ok(vrx_transfer_out_asked_under(
        fixture->tenant, &fixture->arena, about.consent_id, &asked, &count));
    assert_int_equal(count, 1);
    assert_string_equal(asked[0].digits, "122173");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_is_requested),
        STORE_TEST(a_permit_may_need_no_consent),
        STORE_TEST(faulty_transfers_are_refused),
        STORE_TEST(a_transfer_goes_its_whole_way),
        STORE_TEST(a_final_answer_without_doses_is_kept),
        STORE_TEST(a_denied_transfer_keeps_reason_and_clause),
        STORE_TEST(an_undefined_step_is_a_wrong_state),
        STORE_TEST(a_step_that_says_too_little_is_refused),
        STORE_TEST(what_is_not_there_is_not_found),
        STORE_TEST(what_is_due_survives_a_restart),
        STORE_TEST(the_next_attempt_of_all_is_known),
        STORE_TEST(the_list_has_the_newest_first),
        STORE_TEST(transfers_are_found_by_their_consent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
