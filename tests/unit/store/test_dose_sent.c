/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dose_sent.h"

#include "fixture.h"
#include "store/transfer_in.h"

static void add_query(struct fixture *fixture, const char *sender, uint8_t id, int64_t resident) {
    struct vrx_transfer_in transfer = {
        .sender = code_of(sender),
        .query_id = {id},
        .query_digest = {id, 1},
        .nonce = {id, 2},
        .resident = resident,
        .query = vrx_view_text("sealed query"),
        .received_at = NOW,
        .deadline = NOW + 86400,
    };
    assert_ok(vrx_transfer_in_put(fixture->tenant, &transfer));
}

static struct vrx_dose_sent sent_of(const struct vrx_dose *dose, const char *to, uint8_t query) {
    struct vrx_dose_sent sent = {
        .resident = dose->resident,
        .dose = dose->id,
        .destination = code_of(to),
        .query_id = {query},
        .answer_digest = {query, 3},
        .items = 1u << VRX_ITEM_DOSE | 1u << VRX_ITEM_LOT,
        .sent_at = NOW,
    };
    assert_ok(vrx_dose_item_digest(&dose->item, sent.as_sent));
    return sent;
}

/* A dose that went to Kashiwa. */
static struct vrx_dose add_sent(struct fixture *fixture, struct vrx_dose_sent *ret_sent) {
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2021, 7, 1);
    dose = add_dose(fixture, &dose);
    add_query(fixture, "122173", 1, dose.resident);
    *ret_sent = sent_of(&dose, "122173", 1);
    assert_ok(vrx_dose_sent_put(fixture->tenant, ret_sent));
    return dose;
}

static struct vrx_dose_sent only_one_of(struct fixture *fixture, int64_t head) {
    struct vrx_dose_sent *list = NULL;
    size_t count = 0;
    assert_ok(vrx_dose_sent_list(fixture->tenant, &fixture->arena, head, &list, &count));
    assert_int_equal(count, 1);
    return list[0];
}

static size_t owed(struct fixture *fixture) {
    struct vrx_dose_sent *list = NULL;
    size_t count = 0;
    assert_ok(vrx_dose_sent_list_owed(fixture->tenant, &fixture->arena, 10, &list, &count));
    return count;
}

static struct vrx_dose corrected(struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_dose right = *dose;
    right.item.lot = vrx_view_text("FA7338");
    assert_ok(vrx_dose_correct(fixture->tenant, dose->id, dose->version, &right, NOW, &right));
    return right;
}

static void what_was_put_reads_back_and_nothing_is_owed(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    struct vrx_dose_sent found = only_one_of(fixture, dose.id);
    assert_int_equal(found.resident, dose.resident);
    assert_int_equal(found.dose, dose.id);
    assert_int_equal(found.head, dose.id);
    assert_string_equal(found.destination.digits, "122173");
    assert_memory_equal(found.query_id, given.query_id, VRX_ID);
    assert_memory_equal(found.answer_digest, given.answer_digest, VRX_DIGEST);
    assert_int_equal(found.items, given.items);
    assert_memory_equal(found.as_sent, given.as_sent, VRX_DIGEST);
    assert_memory_equal(found.told, given.as_sent, VRX_DIGEST);
    assert_false(found.withdrawn);
    assert_int_equal(found.sequence, 0);
    assert_int_equal(found.sent_at, NOW);
    assert_int_equal(found.told_at, NOW);
    assert_int_equal(owed(fixture), 0);
}

static void faulty_rows_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    add_sent(fixture, &given);
    assert_reason(vrx_dose_sent_put(fixture->tenant, &given), VRX_ALREADY_EXISTS);
    struct vrx_dose_sent other = given;
    other.as_sent[0] ^= 1;
    other.query_id[0] = 9; /* no such query */
    assert_reason(vrx_dose_sent_put(fixture->tenant, &other), VRX_NOT_FOUND);
    other = given;
    other.as_sent[0] ^= 1;
    other.dose = 99;
    assert_reason(vrx_dose_sent_put(fixture->tenant, &other), VRX_NOT_FOUND);
    other.dose = given.dose;
    other.resident = 99;
    assert_reason(vrx_dose_sent_put(fixture->tenant, &other), VRX_NOT_FOUND);
    other.resident = given.resident;
    other.items = 0;
    assert_reason(vrx_dose_sent_put(fixture->tenant, &other), VRX_INPUT_RANGE);
    assert_int_equal(rows_in(fixture, "dose_sent"), 1);
}

static void whoever_has_a_dose_is_owed_word_of_its_correction(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    add_query(fixture, "192015", 2, dose.resident);
    struct vrx_dose_sent kofu = sent_of(&dose, "192015", 2);
    assert_ok(vrx_dose_sent_put(fixture->tenant, &kofu));
    size_t count = 0;
    struct vrx_dose right = corrected(fixture, &dose);
    assert_ok(vrx_dose_sent_follow(fixture->tenant, dose.id, right.id, &count));
    assert_int_equal(count, 2);
    assert_int_equal(owed(fixture), 2);
    /* The second correction finds them by the first. */
    right = corrected(fixture, &right);
    assert_ok(vrx_dose_sent_follow(fixture->tenant, right.corrects, right.id, &count));
    assert_int_equal(count, 2);
    assert_int_equal(owed(fixture), 2);
    struct vrx_dose_sent *list = NULL;
    assert_ok(vrx_dose_sent_list(fixture->tenant, &fixture->arena, right.id, &list, &count));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].dose, dose.id);
        assert_int_equal(list[i].head, right.id);
    }
    /* A dose that went to nobody. */
    assert_ok(vrx_dose_sent_follow(fixture->tenant, 99, 99, &count));
    assert_int_equal(count, 0);
}

static void a_notice_counts_up_and_settles_the_debt(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    size_t count = 0;
    uint64_t sequence = 0;
    const uint8_t digest[VRX_DIGEST] = {7};
    const int64_t id = only_one_of(fixture, dose.id).id;
    assert_ok(vrx_dose_sent_follow(fixture->tenant, dose.id, dose.id, &count));
    assert_int_equal(owed(fixture), 1);
    assert_ok(vrx_dose_sent_told(fixture->tenant, id, digest, NOW + 5, &sequence));
    assert_int_equal(sequence, 1);
    assert_int_equal(owed(fixture), 0);
    struct vrx_dose_sent found = only_one_of(fixture, dose.id);
    assert_memory_equal(found.told, digest, VRX_DIGEST);
    assert_memory_equal(found.as_sent, given.as_sent, VRX_DIGEST);
    assert_int_equal(found.told_at, NOW + 5);
    assert_ok(vrx_dose_sent_told(fixture->tenant, id, NULL, NOW + 6, &sequence));
    assert_int_equal(sequence, 2);
    assert_true(only_one_of(fixture, dose.id).withdrawn);
    assert_reason(vrx_dose_sent_told(fixture->tenant, 99, digest, NOW, &sequence), VRX_NOT_FOUND);
}

static void what_does_not_concern_the_receiver_is_settled_without_a_notice(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    size_t count = 0;
    assert_ok(vrx_dose_sent_follow(fixture->tenant, dose.id, dose.id, &count));
    assert_ok(vrx_dose_sent_settle(fixture->tenant, only_one_of(fixture, dose.id).id));
    assert_int_equal(owed(fixture), 0);
    assert_int_equal(only_one_of(fixture, dose.id).sequence, 0);
    assert_reason(vrx_dose_sent_settle(fixture->tenant, 99), VRX_NOT_FOUND);
}

static void a_list_of_what_is_owed_is_bounded(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent *list = NULL;
    size_t count = 0;
    assert_reason(vrx_dose_sent_list_owed(fixture->tenant, &fixture->arena, 0, &list, &count),
        VRX_INPUT_RANGE);
    assert_reason(vrx_dose_sent_list_owed(
                      fixture->tenant, &fixture->arena, VRX_LIMIT_PAGE + 1, &list, &count),
        VRX_INPUT_RANGE);
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    for (uint8_t query = 2; query < 6; query++) {
        add_query(fixture, "192015", query, dose.resident);
        struct vrx_dose_sent sent = sent_of(&dose, "192015", query);
        assert_ok(vrx_dose_sent_put(fixture->tenant, &sent));
    }
    assert_ok(vrx_dose_sent_follow(fixture->tenant, dose.id, dose.id, &count));
    assert_int_equal(count, 5);
    assert_ok(vrx_dose_sent_list_owed(fixture->tenant, &fixture->arena, 3, &list, &count));
    assert_int_equal(count, 3);
    assert_string_equal(list[0].destination.digits, "122173");
}

static void nothing_new_is_told_of_a_protected_person(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    size_t count = 0;
    struct vrx_dose right = corrected(fixture, &dose);
    assert_ok(vrx_dose_sent_follow(fixture->tenant, dose.id, right.id, &count));
    assert_int_equal(owed(fixture), 1);
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    sql_run(db, "UPDATE resident SET no_automatic_answer = 1");
    assert_int_equal(owed(fixture), 0);
    sql_run(db, "UPDATE resident SET no_automatic_answer = 0");
    assert_int_equal(owed(fixture), 1);
    sql_run(db, "UPDATE resident SET no_automatic_answer = 1");
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, right.id, right.version, NOW));
    assert_int_equal(owed(fixture), 1); /* that there is none says nothing of the person */
}

static void it_goes_with_its_query_and_with_its_dose(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent given;
    struct vrx_dose dose = add_sent(fixture, &given);
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    sql_run(db, "SAVEPOINT erase; DELETE FROM transfer_in");
    assert_int_equal(rows_in(fixture, "dose_sent"), 0);
    sql_run(db, "ROLLBACK TO erase");
    assert_int_equal(only_one_of(fixture, dose.id).dose, dose.id);
    sql_run(db, "DELETE FROM dose");
    assert_int_equal(rows_in(fixture, "dose_sent"), 0);
    assert_int_equal(rows_in(fixture, "transfer_in"), 1);
}

/* Another answer's are told on. */
static void what_did_not_get_there_is_forgotten(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose_sent sent;
    struct vrx_dose dose = add_sent(fixture, &sent);
    add_query(fixture, "122173", 2, dose.resident);
    add_query(fixture, "192015", 3, dose.resident);
    struct vrx_dose_sent others[] = {sent_of(&dose, "122173", 2), sent_of(&dose, "192015", 3)};
    for (size_t i = 0; i < 2; i++)
        assert_ok(vrx_dose_sent_put(fixture->tenant, &others[i]));
    struct vrx_dose now = corrected(fixture, &dose);
    size_t count = 0;
    assert_ok(vrx_dose_sent_follow(fixture->tenant, dose.id, now.id, &count));
    assert_int_equal(owed(fixture), 3);
    assert_ok(vrx_dose_sent_forget(fixture->tenant, &sent.destination, sent.query_id));
    assert_int_equal(owed(fixture), 2);
    assert_ok(vrx_dose_sent_forget(fixture->tenant, &sent.destination, sent.query_id));
    assert_int_equal(rows_in(fixture, "dose_sent"), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_reads_back_and_nothing_is_owed),
        STORE_TEST(faulty_rows_are_refused),
        STORE_TEST(whoever_has_a_dose_is_owed_word_of_its_correction),
        STORE_TEST(a_notice_counts_up_and_settles_the_debt),
        STORE_TEST(what_does_not_concern_the_receiver_is_settled_without_a_notice),
        STORE_TEST(a_list_of_what_is_owed_is_bounded),
        STORE_TEST(nothing_new_is_told_of_a_protected_person),
        STORE_TEST(it_goes_with_its_query_and_with_its_dose),
        STORE_TEST(what_did_not_get_there_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
