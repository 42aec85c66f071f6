/* SPDX-License-Identifier: Apache-2.0
 *
 * A list from the first row to its end, what each state refuses, and what an erasure takes.
 */
#include "store/bulk.h"

#include "cases.h"

#include "store/erase_rows.h"
#include "store/transfer_out.h"

static uint64_t items[] = {VRX_ITEM_DOSE, VRX_ITEM_LOT};
static const uint8_t unknown[VRX_ID] = {0xff};

struct list {
    struct fixture *fixture;
    uint8_t id[VRX_ID];
};

static struct list begin(struct fixture *fixture, int64_t now) {
    struct list list = {.fixture = fixture};
    assert_ok(vrx_bulk_begin(
        fixture->tenant, vrx_view_text("desk.1"), vrx_view_text("0123456789abcdef"), now, list.id));
    return list;
}

static struct vrx_bulk get(const struct list *list) {
    struct vrx_bulk bulk;
    assert_ok(vrx_bulk_get(list->fixture->tenant, &list->fixture->arena, list->id, &bulk));
    return bulk;
}

static struct vrx_bulk_entry entry_of(const struct test_case *about, uint8_t query) {
    return (struct vrx_bulk_entry){
        .line = query + 1u,
        .query_id = {query, 0xb},
        .resident = about->resident,
        .origin = code_of("122173"),
        .consent_id = vrx_view_of(about->consent_id, VRX_ID),
        .evidence_id = vrx_view_of(about->evidence_id, VRX_ID),
        .items = items,
        .item_count = 2,
    };
}

static int64_t add(const struct list *list, uint8_t person) {
    struct test_case about = add_case(list->fixture, person);
    struct vrx_bulk_entry entry = entry_of(&about, person);
    assert_ok(vrx_bulk_add(list->fixture->tenant, list->id, &entry));
    return about.resident;
}

static void submit(const struct list *list) {
    assert_ok(
        vrx_bulk_submit(list->fixture->tenant, list->id, vrx_view_text("signed list"), NOW + 1));
}

static struct list submitted(struct fixture *fixture, uint8_t rows) {
    struct list list = begin(fixture, NOW);
    for (uint8_t person = 1; person <= rows; person++)
        add(&list, person);
    submit(&list);
    return list;
}

static struct list running(struct fixture *fixture, uint8_t rows) {
    struct list list = submitted(fixture, rows);
    assert_ok(vrx_bulk_start(fixture->tenant, list.id, NOW + 2));
    while (get(&list).state == VRX_BULK_CHECKING)
        assert_ok(vrx_bulk_check(fixture->tenant, list.id, get(&list).digest, 2, NOW + 3));
    assert_int_equal(get(&list).state, VRX_BULK_RUNNING);
    return list;
}

static struct vrx_bulk_entry next_of(const struct list *list) {
    struct vrx_bulk bulk = get(list);
    struct vrx_bulk_entry *entries = NULL;
    size_t count = 0;
    assert_ok(
        vrx_bulk_next(list->fixture->tenant, &list->fixture->arena, &bulk, 1, &entries, &count));
    assert_int_equal(count, 1);
    return entries[0];
}

static void put_query(struct fixture *fixture, const struct vrx_bulk_entry *entry) {
    struct vrx_transfer_out transfer = {
        .origin = entry->origin,
        .resident = entry->resident,
        .query = vrx_view_text("sealed query"),
        .created_at = NOW,
        .deadline = NOW + 86400,
        .next_attempt_at = NOW,
    };
    memcpy(transfer.query_id, entry->query_id, VRX_ID);
    assert_ok(vrx_transfer_out_put(fixture->tenant, &transfer));
}

static struct vrx_bulk_entry ask_next(const struct list *list) {
    struct vrx_bulk bulk = get(list);
    struct vrx_bulk_entry entry = next_of(list);
    put_query(list->fixture, &entry);
    assert_ok(vrx_bulk_asked(list->fixture->tenant, &bulk, &entry));
    return entry;
}

/* Whether the list is found to be at its end, and ends. */
static bool finish(const struct list *list) {
    struct vrx_bulk bulk = get(list);
    struct vrx_bulk found_bulk;
    bool found = false;
    bool waiting = false;
    assert_ok(vrx_bulk_finished(
        list->fixture->tenant, &list->fixture->arena, &found_bulk, &found, &waiting));
    assert_true(waiting);
    assert_reason(
        vrx_bulk_finish(list->fixture->tenant, &bulk, NOW + 9), found ? VRX_OK : VRX_WRONG_STATE);
    return found;
}

static void rows_are_counted_and_digested_as_they_come(void **state) {
    struct fixture *fixture = *state;
    struct list list = begin(fixture, NOW);
    uint8_t none[VRX_DIGEST] = {0};
    struct vrx_bulk bulk = get(&list);
    assert_int_equal(bulk.state, VRX_BULK_OPEN);
    assert_memory_equal(bulk.digest, none, VRX_DIGEST);
    int64_t resident = add(&list, 1);
    assert_ok(
        vrx_bulk_add_refused(fixture->tenant, list.id, 7, VRX_CONSENT_MISSING, "permit: consent"));
    struct vrx_bulk_row row = {.line = 2,
        .query_id = {1, 0xb},
        .origin = code_of("122173"),
        .items = items,
        .item_count = 2};
    struct test_case about = {.evidence_id = {0xe, 1}, .consent_id = {0xc, 1}};
    row.consent_id = vrx_view_of(about.consent_id, VRX_ID);
    row.evidence_id = vrx_view_of(about.evidence_id, VRX_ID);
    assert_ok(vrx_resident_person_token(fixture->tenant, resident, row.person));
    uint8_t expected[VRX_DIGEST];
    assert_ok(vrx_bulk_digest(none, &row, expected));
    bulk = get(&list);
    assert_int_equal(bulk.rows, 1);
    assert_int_equal(bulk.refused, 1);
    assert_memory_equal(bulk.digest, expected, VRX_DIGEST);
    assert_text(bulk.operator_id, "desk.1");
    assert_text(bulk.terminal_id, "0123456789abcdef");
    submit(&list);
    bulk = get(&list);
    assert_int_equal(bulk.state, VRX_BULK_SUBMITTED);
    assert_text(bulk.object, "signed list");
    assert_int_equal(bulk.changed_at, NOW + 1);
}

static void refusal_of_rows(void **state) {
    struct fixture *fixture = *state;
    struct list list = begin(fixture, NOW);
    struct test_case about = add_case(fixture, 1);
    struct vrx_bulk_entry entry = entry_of(&about, 1);
    assert_reason(vrx_bulk_add(fixture->tenant, unknown, &entry), VRX_NOT_FOUND);
    assert_reason(vrx_bulk_submit(fixture->tenant, list.id, vrx_view_text("x"), NOW),
        VRX_INPUT_FIELD_MISSING);
    assert_ok(vrx_bulk_add(fixture->tenant, list.id, &entry));
    assert_reason(vrx_bulk_add(fixture->tenant, list.id, &entry), VRX_ALREADY_EXISTS);
    entry.query_id[0] = 2;
    assert_reason(vrx_bulk_add(fixture->tenant, list.id, &entry), VRX_ALREADY_EXISTS);
    struct test_case other = add_case(fixture, 2);
    struct vrx_bulk_entry used = entry_of(&other, 1);
    assert_reason(vrx_bulk_add(fixture->tenant, list.id, &used), VRX_ALREADY_EXISTS);
    entry.resident = 12345;
    assert_reason(vrx_bulk_add(fixture->tenant, list.id, &entry), VRX_NOT_FOUND);
    assert_reason(vrx_bulk_add_refused(fixture->tenant, list.id, 3, VRX_OK, NULL), VRX_INPUT_RANGE);
    assert_int_equal(get(&list).rows, 1);
    submit(&list);
    entry.resident = other.resident;
    assert_reason(vrx_bulk_add(fixture->tenant, list.id, &entry), VRX_WRONG_STATE);
    assert_reason(
        vrx_bulk_add_refused(fixture->tenant, list.id, 3, VRX_NOT_FOUND, NULL), VRX_WRONG_STATE);
    assert_reason(
        vrx_bulk_submit(fixture->tenant, list.id, vrx_view_text("x"), NOW), VRX_WRONG_STATE);
}

static void what_was_cut_off_gives_way_to_the_next(void **state) {
    struct fixture *fixture = *state;
    struct list cut_off = begin(fixture, NOW);
    add(&cut_off, 1);
    struct list second = begin(fixture, NOW);
    struct vrx_bulk gone;
    assert_reason(vrx_bulk_get(fixture->tenant, &fixture->arena, cut_off.id, &gone), VRX_NOT_FOUND);
    assert_ok(vrx_bulk_add_refused(fixture->tenant, second.id, 1, VRX_NOT_FOUND, NULL));
    (void)begin(fixture, NOW);
    assert_int_equal(get(&second).refused, 1); /* of which nothing was left: it counts */
}

static void refusal_of_the_row_after_the_last(void **state) {
    struct fixture *fixture = *state;
    struct list list = begin(fixture, NOW);
    struct test_case about = add_case(fixture, 1);
    struct vrx_bulk_entry entry = entry_of(&about, 1);
    sql_run(
        vrx_tenant_db(fixture->tenant), "UPDATE bulk_list SET row_count = 60000, refused = 39999");
    assert_ok(vrx_bulk_add(fixture->tenant, list.id, &entry));
    entry.query_id[0] = 2;
    assert_reason(vrx_bulk_add(fixture->tenant, list.id, &entry), VRX_INPUT_TOO_LARGE);
    assert_reason(vrx_bulk_add_refused(fixture->tenant, list.id, 9, VRX_NOT_FOUND, NULL),
        VRX_INPUT_TOO_LARGE);
}

/* Rows are looked at in parts of any size; a gap, a change and a row more are found. */
static void what_runs_is_what_was_signed(void **state) {
    struct fixture *fixture = *state;
    static const char *const changes[] = {
        "UPDATE bulk_row SET origin = '011002' WHERE number = 3",
        "UPDATE bulk_row SET items = 6 + 8 WHERE number = 5",
        "DELETE FROM bulk_row WHERE number = 5",
        "UPDATE bulk_row SET line = 1 WHERE number = 1",
        "UPDATE bulk_row SET consent = NULL WHERE number = 2",
        "UPDATE bulk_row SET resident = b.resident FROM bulk_row AS b WHERE b.number = 2",
    };
    struct list list = submitted(fixture, 5);
    assert_ok(vrx_bulk_start(fixture->tenant, list.id, NOW + 2));
    for (size_t part = 1; part <= 6; part++)
        for (size_t i = 0; i <= COUNT_OF(changes); i++) {
            sql_run(vrx_tenant_db(fixture->tenant), "SAVEPOINT change");
            if (i < COUNT_OF(changes))
                sql_run(vrx_tenant_db(fixture->tenant), changes[i]);
            while (get(&list).state == VRX_BULK_CHECKING)
                assert_ok(
                    vrx_bulk_check(fixture->tenant, list.id, get(&list).digest, part, NOW + 3));
            struct vrx_bulk bulk = get(&list);
            assert_int_equal(
                bulk.state, i < COUNT_OF(changes) ? VRX_BULK_REJECTED : VRX_BULK_RUNNING);
            assert_int_equal(bulk.at, 0);
            assert_int_equal(bulk.ended_at, i < COUNT_OF(changes) ? NOW + 3 : 0);
            sql_run(vrx_tenant_db(fixture->tenant), "ROLLBACK TO change");
            sql_run(vrx_tenant_db(fixture->tenant), "RELEASE change");
        }
}

static void each_row_is_asked_once(void **state) {
    struct fixture *fixture = *state;
    struct list list = running(fixture, 3);
    struct vrx_bulk before = get(&list);
    struct vrx_bulk_entry first = ask_next(&list);
    assert_int_equal(first.number, 1);
    assert_int_equal(first.line, 2);
    assert_string_equal(first.origin.digits, "122173");
    assert_int_equal(first.item_count, 2);
    assert_int_equal(first.items[1], VRX_ITEM_LOT);
    assert_reason(vrx_bulk_asked(fixture->tenant, &before, &first), VRX_WRONG_STATE);
    assert_reason(vrx_bulk_turn_down(fixture->tenant, &before, &first, VRX_CONSENT_REVOKED, NULL),
        VRX_WRONG_STATE);
    struct vrx_bulk_entry second = next_of(&list);
    assert_int_equal(second.number, 2);
    struct vrx_bulk bulk = get(&list);
    assert_reason(vrx_bulk_asked(fixture->tenant, &bulk, &second), VRX_NOT_FOUND);
}

static void a_list_ends_when_every_query_has(void **state) {
    struct fixture *fixture = *state;
    struct list list = running(fixture, 3);
    struct vrx_bulk_entry first = ask_next(&list);
    struct vrx_bulk bulk = get(&list);
    struct vrx_bulk_entry second = next_of(&list);
    assert_ok(
        vrx_bulk_turn_down(fixture->tenant, &bulk, &second, VRX_CONSENT_REVOKED, "consent.status"));
    assert_false(finish(&list));
    struct vrx_bulk_entry third = ask_next(&list);
    assert_false(finish(&list));
    bool asks = true;
    assert_ok(vrx_bulk_current(fixture->tenant, &fixture->arena, &bulk, &asks));
    assert_false(asks);
    uint64_t backlog = 0;
    assert_ok(vrx_bulk_backlog(fixture->tenant, NOW - 1, 9, &backlog));
    assert_int_equal(backlog, 0);
    assert_ok(vrx_bulk_backlog(fixture->tenant, NOW, 9, &backlog));
    assert_int_equal(backlog, 2);
    assert_ok(vrx_bulk_backlog(fixture->tenant, NOW, 1, &backlog));
    assert_int_equal(backlog, 1);
    assert_ok(vrx_transfer_out_deny(
        fixture->tenant, first.query_id, VRX_PERMIT_ITEMS, vrx_view_text("permit.items"), NOW + 5));
    assert_ok(
        vrx_transfer_out_advance(fixture->tenant, third.query_id, VRX_TRANSFER_PENDING, NOW + 5));
    assert_false(finish(&list));
    assert_ok(
        vrx_transfer_out_advance(fixture->tenant, third.query_id, VRX_TRANSFER_NO_RECORD, NOW + 6));
    assert_true(finish(&list));
    bulk = get(&list);
    assert_int_equal(bulk.state, VRX_BULK_DONE);
    assert_int_equal(bulk.asked, 2);
    assert_int_equal(bulk.turned_down, 1);
    assert_int_equal(bulk.ended_at, NOW + 9);
    struct vrx_bulk_counts counts;
    bool waiting = true;
    assert_ok(vrx_bulk_count(fixture->tenant, bulk.key, &counts));
    assert_ok(vrx_bulk_is_waiting(fixture->tenant, bulk.key, &waiting));
    assert_false(waiting);
    assert_int_equal(counts.transfers[VRX_TRANSFER_DENIED], 1);
    assert_int_equal(counts.transfers[VRX_TRANSFER_NO_RECORD], 1);
    struct vrx_bulk_result *results = NULL;
    size_t count = 0;
    assert_ok(
        vrx_bulk_results(fixture->tenant, &fixture->arena, bulk.key, 0, 10, &results, &count));
    assert_int_equal(count, 3);
    assert_int_equal(results[0].transfer, VRX_TRANSFER_DENIED);
    assert_int_equal(results[0].reason, VRX_PERMIT_ITEMS);
    assert_text(results[0].clause, "permit.items");
    assert_int_equal(results[1].state, VRX_BULK_ROW_REFUSED);
    assert_int_equal(results[1].reason, VRX_CONSENT_REVOKED);
    assert_text(results[1].clause, "consent.status");
    assert_int_equal(results[2].line, 4);
    assert_int_equal(results[2].transfer, VRX_TRANSFER_NO_RECORD);
    assert_int_equal(results[2].reason, VRX_OK);
    assert_ok(
        vrx_bulk_results(fixture->tenant, &fixture->arena, bulk.key, 2, 10, &results, &count));
    assert_int_equal(count, 1);
}

static void what_is_stopped_asks_nothing_more(void **state) {
    struct fixture *fixture = *state;
    struct list list = running(fixture, 2);
    ask_next(&list);
    struct vrx_bulk before = get(&list);
    struct vrx_bulk_entry second = next_of(&list);
    assert_ok(vrx_bulk_stop(fixture->tenant, list.id, NOW + 4));
    put_query(fixture, &second);
    assert_reason(vrx_bulk_asked(fixture->tenant, &before, &second), VRX_WRONG_STATE);
    bool found = true;
    assert_ok(vrx_bulk_current(fixture->tenant, &fixture->arena, &before, &found));
    assert_false(found);
    assert_reason(vrx_bulk_stop(fixture->tenant, list.id, NOW + 4), VRX_WRONG_STATE);
    assert_reason(vrx_bulk_start(fixture->tenant, list.id, NOW + 4), VRX_WRONG_STATE);
    assert_reason(vrx_bulk_stop(fixture->tenant, unknown, NOW), VRX_NOT_FOUND);
    assert_reason(vrx_bulk_start(fixture->tenant, unknown, NOW), VRX_NOT_FOUND);
    uint8_t digest[VRX_DIGEST] = {0};
    assert_reason(vrx_bulk_check(fixture->tenant, list.id, digest, 1, NOW), VRX_WRONG_STATE);
}

static void lists_run_in_the_order_of_their_start(void **state) {
    struct fixture *fixture = *state;
    struct list first = submitted(fixture, 1);
    struct list second = begin(fixture, NOW);
    add(&second, 9);
    submit(&second);
    assert_ok(vrx_bulk_start(fixture->tenant, second.id, NOW + 2));
    assert_ok(vrx_bulk_start(fixture->tenant, first.id, NOW + 3));
    struct vrx_bulk bulk;
    bool found = false;
    assert_ok(vrx_bulk_current(fixture->tenant, &fixture->arena, &bulk, &found));
    assert_true(found);
    assert_memory_equal(bulk.id, second.id, VRX_ID);
    struct vrx_bulk *all = NULL;
    size_t count = 0;
    assert_ok(vrx_bulk_list_all(fixture->tenant, &fixture->arena, 10, &all, &count));
    assert_int_equal(count, 2);
    assert_memory_equal(all[0].id, second.id, VRX_ID);
}

static void what_nobody_goes_on_with_ends(void **state) {
    struct fixture *fixture = *state;
    struct list whole = submitted(fixture, 1);
    struct list open = begin(fixture, NOW);
    add(&open, 8);
    uint64_t rows = 0;
    assert_ok(vrx_bulk_rows_since(fixture->tenant, NOW, &rows));
    assert_int_equal(rows, 2);
    assert_ok(vrx_bulk_rows_since(fixture->tenant, NOW + 1, &rows));
    assert_int_equal(rows, 0);
    assert_ok(vrx_bulk_sweep(fixture->tenant, NOW + VRX_BULK_OPEN_SECONDS));
    assert_int_equal(get(&open).state, VRX_BULK_OPEN);
    assert_ok(vrx_bulk_sweep(fixture->tenant, NOW + VRX_BULK_OPEN_SECONDS + 1));
    struct vrx_bulk gone;
    assert_reason(vrx_bulk_get(fixture->tenant, &fixture->arena, open.id, &gone), VRX_NOT_FOUND);
    assert_int_equal(
        sql_number(vrx_tenant_db(fixture->tenant), "SELECT count(*) FROM bulk_row"), 1);
    assert_ok(vrx_bulk_sweep(fixture->tenant, NOW + 1 + VRX_BULK_WAIT_SECONDS));
    assert_int_equal(get(&whole).state, VRX_BULK_SUBMITTED);
    assert_ok(vrx_bulk_sweep(fixture->tenant, NOW + 2 + VRX_BULK_WAIT_SECONDS));
    assert_int_equal(get(&whole).state, VRX_BULK_EXPIRED);
}

static int64_t row_count(struct fixture *fixture, const char *table) {
    char text[64];
    (void)snprintf(text, sizeof text, "SELECT count(*) FROM %s", table);
    return sql_number(vrx_tenant_db(fixture->tenant), text);
}

static void an_erasure_takes_the_rows_and_then_the_list(void **state) {
    struct fixture *fixture = *state;
    struct list list = running(fixture, 2);
    ask_next(&list);
    int64_t first = next_of(&list).resident;
    struct vrx_erased_counts counts = {0};
    assert_ok(vrx_erase_resident(fixture->tenant, first, &counts));
    assert_int_equal(row_count(fixture, "bulk_row"), 1);
    assert_ok(vrx_bulk_stop(fixture->tenant, list.id, NOW + 4));
    int64_t walked = 0;
    bool done = false;
    while (!done)
        assert_ok(vrx_erase_step(
            fixture->tenant, VRX_RETENTION_TRANSFER, NOW + 4, NOW, &walked, &counts, &done));
    assert_int_equal(row_count(fixture, "bulk_row"), 1);
    walked = 0;
    for (done = false; !done;)
        assert_ok(vrx_erase_step(fixture->tenant, VRX_RETENTION_TRANSFER, NOW + 5 + 86400, NOW,
            &walked, &counts, &done));
    assert_int_equal(row_count(fixture, "bulk_row"), 0);
    assert_int_equal(row_count(fixture, "bulk_list"), 0);
    assert_int_equal(row_count(fixture, "transfer_out"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(rows_are_counted_and_digested_as_they_come),
        STORE_TEST(refusal_of_rows),
        STORE_TEST(what_was_cut_off_gives_way_to_the_next),
        STORE_TEST(refusal_of_the_row_after_the_last),
        STORE_TEST(what_runs_is_what_was_signed),
        STORE_TEST(each_row_is_asked_once),
        STORE_TEST(a_list_ends_when_every_query_has),
        STORE_TEST(what_is_stopped_asks_nothing_more),
        STORE_TEST(lists_run_in_the_order_of_their_start),
        STORE_TEST(what_nobody_goes_on_with_ends),
        STORE_TEST(an_erasure_takes_the_rows_and_then_the_list),
    };
    return cmocka_run_group_tests_name("store/bulk", tests, NULL, NULL);
}
