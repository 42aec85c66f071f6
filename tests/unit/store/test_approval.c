/* SPDX-License-Identifier: Apache-2.0 */
#include "store/approval.h"

#include "fixture.h"
#include "store/transfer_in.h"

#define CLOSES (NOW + 5 * 86400)

static const uint8_t content[VRX_DIGEST] = {1};
static const uint8_t other_content[VRX_DIGEST] = {2};

static struct vrx_officer officer(const char *operator_id) {
    return (struct vrx_officer){vrx_view_text(operator_id), vrx_view_text("0011223344556677")};
}

static struct vrx_result try_open_one(struct fixture *fixture, uint8_t query, int64_t closes_at) {
    struct vrx_municipality_code sender = code_of("122173");
    return vrx_approval_open(fixture->tenant, &sender, (uint8_t[VRX_ID]){query}, NOW, closes_at);
}

static void put(struct fixture *fixture, uint8_t query, int64_t resident) {
    struct vrx_transfer_in transfer = {
        .sender = code_of("122173"),
        .query_id = {query},
        .query_digest = {query, 1},
        .nonce = {query, 2},
        .resident = resident,
        .query = vrx_view_text("sealed query"),
        .received_at = NOW,
        .deadline = NOW + 10 * 86400,
    };
    assert_ok(vrx_transfer_in_put(fixture->tenant, &transfer));
}

static size_t list(
    struct fixture *fixture, int64_t now, bool ended, struct vrx_approval **ret_approvals) {
    size_t count = 0;
    assert_ok(
        vrx_approval_list(fixture->tenant, &fixture->arena, now, ended, ret_approvals, &count));
    return count;
}

/* One about a resident; its id. */
static void open_one(struct fixture *fixture, uint8_t query, uint8_t ret_id[VRX_ID]) {
    struct vrx_approval *approvals = NULL;
    put(fixture, query, add_resident(fixture, query));
    assert_ok(try_open_one(fixture, query, CLOSES + query));
    size_t count = list(fixture, NOW, false, &approvals);
    for (size_t i = 0; i < count; i++)
        if (approvals[i].query_id[0] == query)
            memcpy(ret_id, approvals[i].id, VRX_ID);
}

static struct vrx_approval get(struct fixture *fixture, const uint8_t id[VRX_ID], int64_t now) {
    struct vrx_approval approval;
    assert_ok(vrx_approval_get(fixture->tenant, &fixture->arena, id, now, &approval));
    return approval;
}

static struct vrx_result agree(struct fixture *fixture, const uint8_t id[VRX_ID],
    const char *operator_id, const uint8_t digest[VRX_DIGEST], int64_t now,
    enum vrx_approval_state *ret_state) {
    struct vrx_officer by = officer(operator_id);
    return vrx_approval_agree(fixture->tenant, id, &by, digest, now, ret_state);
}

static struct vrx_result refuse(
    struct fixture *fixture, const uint8_t id[VRX_ID], const char *operator_id, int64_t now) {
    struct vrx_officer by = officer(operator_id);
    return vrx_approval_refuse(fixture->tenant, id, &by, now);
}

static void what_was_opened_waits(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    open_one(fixture, 1, id);
    struct vrx_approval approval = get(fixture, id, NOW);
    assert_string_equal(approval.sender.digits, "122173");
    assert_int_equal(approval.query_id[0], 1);
    assert_true(approval.resident > 0);
    assert_int_equal(approval.state, VRX_APPROVAL_WAITING);
    assert_int_equal(approval.opened_at, NOW);
    assert_int_equal(approval.closes_at, CLOSES + 1);
    assert_int_equal(approval.first.operator_id.len, 0);
    assert_int_equal(approval.ended.operator_id.len, 0);
    assert_int_equal(approval.first_at, 0);
    assert_int_equal(approval.ended_at, 0);
}

static void one_stands_beside_one_query(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    open_one(fixture, 1, id);
    assert_reason(try_open_one(fixture, 1, CLOSES), VRX_ALREADY_EXISTS);
    assert_reason(try_open_one(fixture, 2, CLOSES), VRX_NOT_FOUND);
}

/* The row is there, of the same cost; there is nothing to look at. */
static void where_nobody_was_found_officers_see_nothing(void **state) {
    struct fixture *fixture = *state;
    struct vrx_approval *approvals = NULL;
    struct vrx_approval approval;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    put(fixture, 1, 0);
    assert_ok(try_open_one(fixture, 1, CLOSES));
    assert_int_equal(rows_in(fixture, "approval"), 1);
    assert_int_equal(list(fixture, NOW, true, &approvals), 0);
    sqlite3_stmt *find = NULL;
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT id FROM approval", -1, &find, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(find), SQLITE_ROW);
    memcpy(id, sqlite3_column_blob(find, 0), VRX_ID);
    sqlite3_finalize(find);
    assert_reason(
        vrx_approval_get(fixture->tenant, &fixture->arena, id, NOW, &approval), VRX_NOT_FOUND);
    assert_reason(agree(fixture, id, "sato", content, NOW, &reached), VRX_NOT_FOUND);
    assert_reason(refuse(fixture, id, "sato", NOW), VRX_NOT_FOUND);
}

static void two_officers_approve(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached = VRX_APPROVAL_EXPIRED;
    open_one(fixture, 1, id);
    assert_ok(agree(fixture, id, "sato", content, NOW + 1, &reached));
    assert_int_equal(reached, VRX_APPROVAL_SECOND);
    struct vrx_approval approval = get(fixture, id, NOW + 1);
    assert_int_equal(approval.state, VRX_APPROVAL_SECOND);
    assert_text(approval.first.operator_id, "sato");
    assert_text(approval.first.terminal_id, "0011223344556677");
    assert_int_equal(approval.first_at, NOW + 1);
    assert_memory_equal(approval.digest, content, VRX_DIGEST);
    assert_int_equal(approval.ended_at, 0);
    assert_ok(agree(fixture, id, "suzuki", content, NOW + 2, &reached));
    assert_int_equal(reached, VRX_APPROVAL_APPROVED);
    approval = get(fixture, id, CLOSES + 9);
    assert_int_equal(approval.state, VRX_APPROVAL_APPROVED);
    assert_text(approval.first.operator_id, "sato");
    assert_text(approval.ended.operator_id, "suzuki");
    assert_int_equal(approval.ended_at, NOW + 2);
}

static void one_officer_is_not_two(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_ok(agree(fixture, id, "sato", content, NOW, &reached));
    assert_reason(agree(fixture, id, "sato", content, NOW, &reached), VRX_SECOND_PERSON_SAME);
    assert_int_equal(get(fixture, id, NOW).state, VRX_APPROVAL_SECOND);
    sqlite3 *db = vrx_tenant_db(fixture->tenant); /* nor by any other way */
    assert_int_equal(
        sqlite3_exec(db, "UPDATE approval SET state = 3, ended_by = first_by, ended_at = 1", NULL,
            NULL, NULL),
        SQLITE_CONSTRAINT_CHECK);
}

/* Whoever agreed to something else has agreed to nothing: both must have seen the same. */
static void other_content_asks_again(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_ok(agree(fixture, id, "sato", content, NOW, &reached));
    assert_ok(agree(fixture, id, "suzuki", other_content, NOW + 1, &reached));
    assert_int_equal(reached, VRX_APPROVAL_SECOND);
    struct vrx_approval approval = get(fixture, id, NOW + 1);
    assert_text(approval.first.operator_id, "suzuki");
    assert_int_equal(approval.first_at, NOW + 1);
    assert_memory_equal(approval.digest, other_content, VRX_DIGEST);
    assert_reason(
        agree(fixture, id, "suzuki", other_content, NOW, &reached), VRX_SECOND_PERSON_SAME);
    assert_ok(agree(fixture, id, "suzuki", content, NOW, &reached)); /* their own, anew */
    assert_int_equal(reached, VRX_APPROVAL_SECOND);
    assert_ok(agree(fixture, id, "sato", content, NOW + 2, &reached));
    assert_int_equal(reached, VRX_APPROVAL_APPROVED);
}

static void either_refuses(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_ok(refuse(fixture, id, "sato", NOW));
    assert_int_equal(get(fixture, id, NOW).state, VRX_APPROVAL_REFUSED);
    assert_text(get(fixture, id, NOW).ended.operator_id, "sato");
    assert_reason(refuse(fixture, id, "sato", NOW), VRX_WRONG_STATE);
    assert_reason(agree(fixture, id, "suzuki", content, NOW, &reached), VRX_WRONG_STATE);
    for (uint8_t query = 2; query < 4; query++) { /* the second, or the first who thinks again */
        open_one(fixture, query, id);
        assert_ok(agree(fixture, id, "sato", content, NOW, &reached));
        assert_ok(refuse(fixture, id, query == 2 ? "suzuki" : "sato", NOW));
        assert_int_equal(get(fixture, id, CLOSES + 9).state, VRX_APPROVAL_REFUSED);
    }
}

static void what_is_approved_is_not_refused_any_more(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_ok(agree(fixture, id, "sato", content, NOW, &reached));
    assert_ok(agree(fixture, id, "suzuki", content, NOW, &reached));
    assert_reason(refuse(fixture, id, "sato", NOW), VRX_WRONG_STATE);
    assert_reason(agree(fixture, id, "ito", content, NOW, &reached), VRX_WRONG_STATE);
    assert_int_equal(get(fixture, id, NOW).state, VRX_APPROVAL_APPROVED);
}

static void nobody_answers_once_it_is_closed(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_ok(agree(fixture, id, "sato", content, CLOSES, &reached)); /* the last second */
    assert_reason(agree(fixture, id, "suzuki", content, CLOSES + 1, &reached), VRX_WRONG_STATE);
    assert_reason(agree(fixture, id, "sato", content, CLOSES + 1, &reached), VRX_WRONG_STATE);
    assert_reason(refuse(fixture, id, "suzuki", CLOSES + 1), VRX_WRONG_STATE);
    struct vrx_approval approval = get(fixture, id, CLOSES + 1);
    assert_int_equal(approval.state, VRX_APPROVAL_EXPIRED);
    assert_int_equal(approval.ended_at, CLOSES + 1);
}

static void who_answers_is_known(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_reason(agree(fixture, id, "", content, NOW, &reached), VRX_INPUT_FIELD_MISSING);
    assert_reason(refuse(fixture, id, "", NOW), VRX_INPUT_FIELD_MISSING);
    struct vrx_officer nowhere = {.operator_id = vrx_view_text("sato")};
    assert_reason(vrx_approval_refuse(fixture->tenant, id, &nowhere, NOW), VRX_INPUT_FIELD_MISSING);
    assert_reason(refuse(fixture, (uint8_t[VRX_ID]){9}, "sato", NOW), VRX_NOT_FOUND);
}

static void the_querys_end_ends_what_waits_and_nothing_else(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code sender = code_of("122173");
    uint8_t id[4][VRX_ID];
    enum vrx_approval_state reached;
    for (uint8_t query = 1; query < 4; query++)
        open_one(fixture, query, id[query]);
    assert_ok(agree(fixture, id[2], "sato", content, NOW, &reached));
    assert_ok(refuse(fixture, id[3], "sato", NOW + 3));
    for (uint8_t query = 1; query < 4; query++)
        assert_ok(vrx_approval_end(fixture->tenant, &sender, (uint8_t[VRX_ID]){query}, NOW + 60));
    assert_int_equal(get(fixture, id[1], NOW).state, VRX_APPROVAL_EXPIRED);
    assert_int_equal(get(fixture, id[1], NOW).ended_at, NOW + 60);
    assert_int_equal(get(fixture, id[2], NOW).state, VRX_APPROVAL_EXPIRED);
    assert_int_equal(get(fixture, id[3], NOW).state, VRX_APPROVAL_REFUSED);
    assert_int_equal(get(fixture, id[3], NOW).ended_at, NOW + 3);
}

static void the_list_has_what_waits_first(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t expected[] = {3, 4, 2, 1};
    struct vrx_approval *approvals = NULL;
    uint8_t id[5][VRX_ID];
    for (uint8_t query = 4; query > 0; query--)
        open_one(fixture, query, id[query]);
    assert_ok(refuse(fixture, id[1], "sato", NOW + 1));
    assert_ok(refuse(fixture, id[2], "sato", NOW + 2));
    assert_int_equal(list(fixture, NOW + 3, false, &approvals), 2);
    assert_int_equal(list(fixture, NOW + 3, true, &approvals), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(approvals[i].query_id[0], expected[i]);
    assert_int_equal(list(fixture, CLOSES + 3, false, &approvals), 1);
    assert_int_equal(list(fixture, CLOSES + 3, true, &approvals), 4);
    assert_int_equal(approvals[0].query_id[0], 4);
    assert_int_equal(approvals[1].query_id[0], 3);
    assert_int_equal(approvals[1].state, VRX_APPROVAL_EXPIRED);
}

static void what_was_approved_can_be_asked_again(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    enum vrx_approval_state reached;
    open_one(fixture, 1, id);
    assert_reason(vrx_approval_reopen(fixture->tenant, id), VRX_WRONG_STATE);
    assert_ok(agree(fixture, id, "sato", content, NOW, &reached));
    assert_ok(agree(fixture, id, "suzuki", content, NOW, &reached));
    assert_ok(vrx_approval_reopen(fixture->tenant, id));
    struct vrx_approval approval = get(fixture, id, NOW);
    assert_int_equal(approval.state, VRX_APPROVAL_WAITING);
    assert_int_equal(approval.first.operator_id.len, 0);
    assert_int_equal(approval.ended_at, 0);
    assert_ok(agree(fixture, id, "sato", other_content, NOW, &reached));
    assert_int_equal(reached, VRX_APPROVAL_SECOND);
    assert_ok(refuse(fixture, id, "sato", NOW));
    assert_reason(vrx_approval_reopen(fixture->tenant, id), VRX_WRONG_STATE);
}

static void a_query_has_its_own_also_of_nobody(void **state) {
    struct fixture *fixture = *state;
    struct vrx_municipality_code sender = code_of("122173");
    struct vrx_approval approval;
    uint8_t id[VRX_ID];
    open_one(fixture, 1, id);
    put(fixture, 2, 0);
    assert_ok(try_open_one(fixture, 2, CLOSES));
    assert_ok(vrx_approval_of_query(
        fixture->tenant, &fixture->arena, &sender, (uint8_t[VRX_ID]){1}, NOW, &approval));
    assert_memory_equal(approval.id, id, VRX_ID);
    assert_ok(vrx_approval_of_query(
        fixture->tenant, &fixture->arena, &sender, (uint8_t[VRX_ID]){2}, NOW, &approval));
    assert_int_equal(approval.resident, 0);
    assert_int_equal(approval.state, VRX_APPROVAL_WAITING);
    put(fixture, 3, 0);
    assert_reason(vrx_approval_of_query(fixture->tenant, &fixture->arena, &sender,
                      (uint8_t[VRX_ID]){3}, NOW, &approval),
        VRX_NOT_FOUND);
}

static enum vrx_reason next(
    struct fixture *fixture, int64_t now, int64_t *seen, struct vrx_approval *ret_approval) {
    return vrx_approval_next(fixture->tenant, &fixture->arena, now, seen, ret_approval).reason;
}

static void who_watches_sees_each_once_as_it_comes(void **state) {
    struct fixture *fixture = *state;
    struct vrx_approval approval;
    uint8_t id[5][VRX_ID];
    int64_t seen = 0;
    assert_int_equal(next(fixture, NOW, &seen, &approval), VRX_NOT_FOUND);
    for (uint8_t query = 1; query < 4; query++)
        open_one(fixture, query, id[query]);
    assert_ok(refuse(fixture, id[2], "sato", NOW));
    assert_int_equal(next(fixture, NOW, &seen, &approval), VRX_OK);
    assert_memory_equal(approval.id, id[1], VRX_ID);
    assert_int_equal(next(fixture, NOW, &seen, &approval), VRX_OK);
    assert_memory_equal(approval.id, id[3], VRX_ID);
    assert_int_equal(next(fixture, NOW, &seen, &approval), VRX_NOT_FOUND);
    put(fixture, 9, 0); /* nobody is nothing to look at */
    assert_ok(try_open_one(fixture, 9, CLOSES));
    assert_int_equal(next(fixture, NOW, &seen, &approval), VRX_NOT_FOUND);
    const int64_t passed = seen;
    open_one(fixture, 4, id[4]);
    assert_int_equal(next(fixture, NOW, &seen, &approval), VRX_OK);
    assert_memory_equal(approval.id, id[4], VRX_ID);
    assert_true(seen > passed);
    seen = 0;
    assert_int_equal(next(fixture, CLOSES + 3, &seen, &approval), VRX_OK); /* what is not closed */
    assert_memory_equal(approval.id, id[4], VRX_ID);
}

static void it_goes_with_its_query(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    open_one(fixture, 1, id);
    sql_run(vrx_tenant_db(fixture->tenant), "DELETE FROM transfer_in");
    assert_int_equal(rows_in(fixture, "approval"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_opened_waits),
        STORE_TEST(one_stands_beside_one_query),
        STORE_TEST(where_nobody_was_found_officers_see_nothing),
        STORE_TEST(two_officers_approve),
        STORE_TEST(one_officer_is_not_two),
        STORE_TEST(other_content_asks_again),
        STORE_TEST(either_refuses),
        STORE_TEST(what_is_approved_is_not_refused_any_more),
        STORE_TEST(nobody_answers_once_it_is_closed),
        STORE_TEST(who_answers_is_known),
        STORE_TEST(the_querys_end_ends_what_waits_and_nothing_else),
        STORE_TEST(the_list_has_what_waits_first),
        STORE_TEST(what_was_approved_can_be_asked_again),
        STORE_TEST(a_query_has_its_own_also_of_nobody),
        STORE_TEST(who_watches_sees_each_once_as_it_comes),
        STORE_TEST(it_goes_with_its_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
