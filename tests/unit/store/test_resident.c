/* SPDX-License-Identifier: Apache-2.0 */
#include "store/resident.h"

#include "fixture.h"

#include "crypto/hash.h"

static void what_was_registered_is_found_three_ways(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident given = resident_called("000123", "札幌　花子");
    given.no_automatic_answer = true;
    char digits[13];
    int64_t id = 0;
    assert_ok(vrx_resident_register(fixture->tenant, &given, number_text(7, digits), NOW, &id));
    int64_t other = add_resident(fixture, 8);
    assert_int_not_equal(id, other);

    struct vrx_resident found[3];
    assert_ok(vrx_resident_get(fixture->tenant, &fixture->arena, id, &found[0]));
    assert_ok(vrx_resident_find_by_number(
        fixture->tenant, &fixture->arena, vrx_view_text(digits), &found[1]));
    assert_ok(vrx_resident_find_by_addressee(
        fixture->tenant, &fixture->arena, vrx_view_text("123"), &found[2]));
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        assert_int_equal(found[i].id, id);
        assert_int_equal(found[i].version, 1);
        assert_text(found[i].addressee, "123");
        assert_text(found[i].name, "札幌　花子");
        assert_text(found[i].kana, "サッポロ　ハナコ");
        assert_text(found[i].address, "札幌市中央区北一条西二丁目");
        assert_date(found[i].birth_date, 1985, 4, 1);
        assert_int_equal(found[i].sex, VRX_SEX_FEMALE);
        assert_int_equal(found[i].moved_out.year, 0);
        assert_true(found[i].no_automatic_answer);
        assert_false(found[i].no_self_disclosure);
        assert_int_equal(found[i].recorded_at, NOW);
    }
}

static void who_is_not_there_is_not_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident found;
    struct vrx_view number;
    uint8_t token[VRX_DIGEST];
    char digits[13];
    add_resident(fixture, 1);
    assert_reason(vrx_resident_get(fixture->tenant, &fixture->arena, 99, &found), VRX_NOT_FOUND);
    assert_reason(vrx_resident_find_by_number(
                      fixture->tenant, &fixture->arena, number_text(2, digits), &found),
        VRX_NOT_FOUND);
    assert_reason(vrx_resident_find_by_addressee(
                      fixture->tenant, &fixture->arena, vrx_view_text("2"), &found),
        VRX_NOT_FOUND);
    assert_reason(
        vrx_resident_number(fixture->tenant, &fixture->arena, 99, &number), VRX_NOT_FOUND);
    assert_reason(vrx_resident_person_token(fixture->tenant, 99, token), VRX_NOT_FOUND);
    assert_reason(vrx_resident_set_protection(fixture->tenant, 99, true, true, NOW), VRX_NOT_FOUND);
}

static void a_number_that_is_none_is_refused_before_it_is_looked_up(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident found;
    assert_reason(vrx_resident_find_by_number(
                      fixture->tenant, &fixture->arena, vrx_view_text("123456789017"), &found),
        VRX_CHECK_DIGIT_WRONG);
    assert_reason(vrx_resident_find_by_addressee(
                      fixture->tenant, &fixture->arena, vrx_view_text("12a"), &found),
        VRX_INPUT_RANGE);
}

static enum vrx_reason reason_to_refuse(
    struct fixture *fixture, const struct vrx_resident *resident, const char *number) {
    int64_t id = -7;
    struct vrx_result result =
        vrx_resident_register(fixture->tenant, resident, vrx_view_text(number), NOW, &id);
    if (!vrx_is_ok(result))
        assert_int_equal(id, -7);
    return result.reason;
}

static void faulty_fields_are_refused_and_leave_nothing(void **state) {
    struct fixture *fixture = *state;
    static char long_name[VRX_LIMIT_NAME + 2];
    static char long_address[VRX_LIMIT_ADDRESS + 2];
    memset(long_name, 'a', VRX_LIMIT_NAME + 1);
    memset(long_address, 'a', VRX_LIMIT_ADDRESS + 1);
    const struct {
        const char *addressee, *name, *kana, *address, *number;
        struct vrx_date birth, moved_out;
        unsigned sex;
        enum vrx_reason reason;
    } cases[] = {
        {"", "a", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_RANGE},
        {"0", "a", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_RANGE},
        {"12x", "a", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_RANGE},
        {"1234567890123456", "a", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_RANGE},
        {"1", "", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_FIELD_MISSING},
        {"1", long_name, "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_TOO_LARGE},
        {"1", "a", long_name, "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_TOO_LARGE},
        {"1", "a", "", long_address, "", {1985, 4, 1}, {0}, 1, VRX_INPUT_TOO_LARGE},
        {"1", "\xc3(", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_TEXT},
        {"1", "a\nb", "", "", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_TEXT},
        {"1", "a", "", "\x7f", "", {1985, 4, 1}, {0}, 1, VRX_INPUT_TEXT},
        {"1", "a", "", "", "", {1985, 4, 1}, {0}, 3, VRX_INPUT_RANGE},
        {"1", "a", "", "", "", {1985, 2, 29}, {0}, 1, VRX_DATE_INVALID},
        {"1", "a", "", "", "", {0}, {0}, 1, VRX_DATE_INVALID},
        {"1", "a", "", "", "", {2022, 1, 2}, {0}, 1, VRX_DATE_IN_FUTURE},
        {"1", "a", "", "", "", {1985, 4, 1}, {2021, 2, 29}, 1, VRX_DATE_INVALID},
        {"1", "a", "", "", "", {1985, 4, 1}, {1985, 3, 31}, 1, VRX_DATE_BEFORE_BIRTH},
        {"1", "a", "", "", "12345678901", {1985, 4, 1}, {0}, 1, VRX_INPUT_MALFORMED},
        {"1", "a", "", "", "123456789017", {1985, 4, 1}, {0}, 1, VRX_CHECK_DIGIT_WRONG},
        {"1", "a", "", "", "000000000000", {1985, 4, 1}, {0}, 1, VRX_INPUT_RANGE},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vrx_resident resident = {
            .addressee = vrx_view_text(cases[i].addressee),
            .name = vrx_view_text(cases[i].name),
            .kana = vrx_view_text(cases[i].kana),
            .address = vrx_view_text(cases[i].address),
            .birth_date = cases[i].birth,
            .moved_out = cases[i].moved_out,
            .sex = (enum vrx_sex)cases[i].sex,
        };
        enum vrx_reason reason = reason_to_refuse(fixture, &resident, cases[i].number);
        if (reason != cases[i].reason)
            fail_msg("case %zu: %s", i, vrx_reason_name(reason));
    }
    assert_int_equal(rows_in(fixture, "resident"), 0);
    assert_int_equal(rows_in(fixture, "audit_salt"), 0);
}

static void born_today_in_japan_is_not_the_future(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident child = resident_called("1", "新生児");
    child.birth_date = (struct vrx_date){2022, 1, 1};
    int64_t id = 0;
    /* 2021-12-31T15:00:00Z is midnight in Japan. */
    assert_reason(vrx_resident_register(
                      fixture->tenant, &child, (struct vrx_view){0}, NOW - 9 * 3600 - 1, &id),
        VRX_DATE_IN_FUTURE);
    assert_ok(
        vrx_resident_register(fixture->tenant, &child, (struct vrx_view){0}, NOW - 9 * 3600, &id));
}

static void a_known_addressee_number_is_refused_as_existing(void **state) {
    struct fixture *fixture = *state;
    add_resident(fixture, 5);
    struct vrx_resident again = resident_called("00005", "別人");
    assert_int_equal(reason_to_refuse(fixture, &again, ""), VRX_ALREADY_EXISTS);
    assert_int_equal(rows_in(fixture, "resident"), 1);
}

static void a_number_of_another_resident_is_a_conflict(void **state) {
    struct fixture *fixture = *state;
    char digits[13];
    add_resident(fixture, 5);
    struct vrx_resident other = resident_called("6", "別人");
    (void)number_text(5, digits);
    assert_int_equal(reason_to_refuse(fixture, &other, digits), VRX_NUMBER_CONFLICT);
    assert_int_equal(rows_in(fixture, "resident"), 1);
    assert_int_equal(rows_in(fixture, "audit_salt"), 1);
}

static void residents_without_a_number_do_not_collide(void **state) {
    struct fixture *fixture = *state;
    struct vrx_view number = vrx_view_text("unset");
    int64_t first = 0;
    int64_t second = 0;
    struct vrx_resident a = resident_called("1", "甲");
    struct vrx_resident b = resident_called("2", "乙");
    assert_ok(vrx_resident_register(fixture->tenant, &a, (struct vrx_view){0}, NOW, &first));
    assert_ok(vrx_resident_register(fixture->tenant, &b, (struct vrx_view){0}, NOW, &second));
    assert_ok(vrx_resident_number(fixture->tenant, &fixture->arena, first, &number));
    assert_int_equal(number.len, 0);
}

static void the_number_comes_back_and_stands_in_its_own_table_only(void **state) {
    struct fixture *fixture = *state;
    char digits[13];
    struct vrx_view number;
    int64_t id = add_resident(fixture, 31);
    assert_ok(vrx_resident_number(fixture->tenant, &fixture->arena, id, &number));
    assert_true(vrx_view_equal(number, number_text(31, digits)));

    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    sql_run(db, "DELETE FROM individual_number");
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer dump = {.limit = (size_t)1 << 20};
    assert_ok(database_dump(db, &dump));
    assert_null(memmem(dump.ptr, dump.len, digits, 12));
}

static void an_update_writes_a_version_and_keeps_the_last(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident resident;
    struct vrx_resident *versions = NULL;
    size_t count = 0;
    int64_t id = add_resident(fixture, 1);
    assert_ok(vrx_resident_get(fixture->tenant, &fixture->arena, id, &resident));
    resident.name = vrx_view_text("小樽　花子");
    resident.moved_out = (struct vrx_date){2021, 12, 1};
    assert_ok(vrx_resident_update(fixture->tenant, &resident, NOW + 60));

    assert_ok(vrx_resident_versions(fixture->tenant, &fixture->arena, id, &versions, &count));
    assert_int_equal(count, 2);
    assert_int_equal(versions[0].version, 1);
    assert_text(versions[0].name, "札幌　花子");
    assert_int_equal(versions[0].moved_out.year, 0);
    assert_int_equal(versions[0].recorded_at, NOW);
    assert_int_equal(versions[1].version, 2);
    assert_text(versions[1].name, "小樽　花子");
    assert_date(versions[1].moved_out, 2021, 12, 1);
    assert_int_equal(versions[1].recorded_at, NOW + 60);
    assert_text(versions[1].addressee, "1");
}

static void an_update_of_a_stale_version_is_a_conflict(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident resident;
    int64_t id = add_resident(fixture, 1);
    assert_ok(vrx_resident_get(fixture->tenant, &fixture->arena, id, &resident));
    assert_ok(vrx_resident_update(fixture->tenant, &resident, NOW));
    assert_reason(vrx_resident_update(fixture->tenant, &resident, NOW), VRX_CONFLICT);
    resident.version = 2;
    resident.name = (struct vrx_view){0};
    assert_reason(vrx_resident_update(fixture->tenant, &resident, NOW), VRX_INPUT_FIELD_MISSING);
    resident.name = vrx_view_text("a");
    resident.id = 99;
    assert_reason(vrx_resident_update(fixture->tenant, &resident, NOW), VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "resident_history"), 1);
}

static void protection_flags_are_versioned_and_idempotent(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident *versions = NULL;
    size_t count = 0;
    int64_t id = add_resident(fixture, 1);
    assert_ok(vrx_resident_set_protection(fixture->tenant, id, true, false, NOW + 1));
    assert_ok(vrx_resident_set_protection(fixture->tenant, id, true, false, NOW + 2));
    assert_ok(vrx_resident_set_protection(fixture->tenant, id, false, true, NOW + 3));
    assert_ok(vrx_resident_versions(fixture->tenant, &fixture->arena, id, &versions, &count));
    assert_int_equal(count, 3);
    assert_false(versions[0].no_automatic_answer || versions[0].no_self_disclosure);
    assert_true(versions[1].no_automatic_answer && !versions[1].no_self_disclosure);
    assert_true(!versions[2].no_automatic_answer && versions[2].no_self_disclosure);
    assert_text(versions[2].name, "札幌　花子");
    assert_int_equal(versions[2].recorded_at, NOW + 3);
}

static void near_a_number_is_its_holder_or_somebody_else(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident found;
    char number[13];
    bool exact = true;
    int64_t ids[20];
    bool seen[20] = {false};
    unsigned others = 0;
    assert_reason(vrx_resident_near_number(
                      fixture->tenant, &fixture->arena, number_text(1, number), &found, &exact),
        VRX_NOT_FOUND);
    for (unsigned i = 0; i < 20; i++)
        ids[i] = add_resident(fixture, i + 1);
    for (unsigned i = 0; i < 20; i++) {
        assert_ok(vrx_resident_near_number(
            fixture->tenant, &fixture->arena, number_text(i + 1, number), &found, &exact));
        assert_true(exact);
        assert_int_equal(found.id, ids[i]);
        assert_text(found.name, "札幌　花子");
    }
    for (unsigned i = 0; i < 100; i++) {
        assert_ok(vrx_resident_near_number(
            fixture->tenant, &fixture->arena, number_text(i + 1000, number), &found, &exact));
        assert_false(exact);
        assert_true(found.id >= ids[0] && found.id <= ids[19]);
        others += !seen[found.id - ids[0]];
        seen[found.id - ids[0]] = true;
    }
    assert_true(others > 5); /* not always the same one */
    assert_ok(vrx_resident_near_number(
        fixture->tenant, &fixture->arena, vrx_view_text("123456789010"), &found, &exact));
    assert_false(exact); /* nobody's number */
}

static void the_list_goes_by_number_and_by_pages(void **state) {
    struct fixture *fixture = *state;
    const unsigned order[] = {30, 4, 100, 7, 2};
    const char *expected[] = {"2", "4", "7", "30", "100"};
    struct vrx_resident *page = NULL;
    struct vrx_view after = {0};
    size_t count = 0;
    size_t seen = 0;
    for (size_t i = 0; i < COUNT_OF(order); i++)
        add_resident(fixture, order[i]);
    do {
        assert_ok(vrx_resident_list(fixture->tenant, &fixture->arena, after, 2, &page, &count));
        for (size_t i = 0; i < count; i++, seen++) {
            assert_true(seen < COUNT_OF(expected));
            assert_text(page[i].addressee, expected[seen]);
            after = page[i].addressee;
        }
    } while (count == 2);
    assert_int_equal(seen, COUNT_OF(expected));
    assert_reason(vrx_resident_list(fixture->tenant, &fixture->arena, after, 0, &page, &count),
        VRX_INPUT_RANGE);
    assert_reason(vrx_resident_list(
                      fixture->tenant, &fixture->arena, after, VRX_LIMIT_PAGE + 1, &page, &count),
        VRX_INPUT_RANGE);
}

static void the_person_token_is_stable_and_differs_between_persons_and_vaults(void **state) {
    struct fixture *fixture = *state;
    uint8_t tokens[4][VRX_DIGEST];
    int64_t id = add_resident(fixture, 1);
    assert_ok(vrx_resident_person_token(fixture->tenant, id, tokens[0]));
    assert_ok(vrx_resident_person_token(fixture->tenant, add_resident(fixture, 2), tokens[1]));
    sql_run(vrx_tenant_db(fixture->tenant), "COMMIT");
    vrx_tenant_close(&fixture->tenant);
    fixture->tenant = open_tenant(fixture->folder->vault);
    assert_ok(vrx_resident_person_token(fixture->tenant, id, tokens[2]));
    assert_memory_equal(tokens[0], tokens[2], VRX_DIGEST);
    assert_memory_not_equal(tokens[0], tokens[1], VRX_DIGEST);

    /* The same person with the same number, in another municipality. */
    vrx_tenant_close(&fixture->tenant);
    assert_ok(try_open(fixture->folder->copy, 2, "122173", &fixture->tenant));
    assert_ok(vrx_resident_person_token(fixture->tenant, add_resident(fixture, 1), tokens[3]));
    assert_memory_not_equal(tokens[0], tokens[3], VRX_DIGEST);
}

static void the_token_depends_on_the_ledger_key_and_not_on_the_salt_alone(void **state) {
    struct fixture *fixture = *state;
    uint8_t token[VRX_DIGEST];
    int64_t id = add_resident(fixture, 1);
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    sql_run(db, "UPDATE audit_salt SET salt = zeroblob(32)");
    assert_ok(vrx_resident_person_token(fixture->tenant, id, token));
    uint8_t expected[VRX_DIGEST];
    static const uint8_t salt[VRX_DIGEST];
    assert_ok(vrx_hmac_sha256(
        vrx_tenant_ledger_key(vrx_tenant_keys(fixture->tenant)), vrx_view_of(salt, 32), expected));
    assert_memory_equal(token, expected, VRX_DIGEST);
}

static void a_rolled_back_savepoint_takes_the_resident_with_it(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident found;
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    int64_t kept = add_resident(fixture, 1);
    sql_run(db, "SAVEPOINT call");
    int64_t gone = add_resident(fixture, 2);
    sql_run(db, "ROLLBACK TO call; RELEASE call");
    assert_ok(vrx_resident_get(fixture->tenant, &fixture->arena, kept, &found));
    assert_reason(vrx_resident_get(fixture->tenant, &fixture->arena, gone, &found), VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "individual_number"), 1);
    assert_int_equal(add_resident(fixture, 2), gone);
}

static void an_exhausted_arena_is_out_of_memory(void **state) {
    struct fixture *fixture = *state;
    struct vrx_arena small;
    struct vrx_resident found = {.id = -1};
    int64_t id = add_resident(fixture, 1);
    vrx_arena_init(&small, 16);
    assert_reason(vrx_resident_get(fixture->tenant, &small, id, &found), VRX_OUT_OF_MEMORY);
    assert_int_equal(found.id, -1);
    vrx_arena_done(&small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_registered_is_found_three_ways),
        STORE_TEST(who_is_not_there_is_not_found),
        STORE_TEST(a_number_that_is_none_is_refused_before_it_is_looked_up),
        STORE_TEST(faulty_fields_are_refused_and_leave_nothing),
        STORE_TEST(born_today_in_japan_is_not_the_future),
        STORE_TEST(a_known_addressee_number_is_refused_as_existing),
        STORE_TEST(a_number_of_another_resident_is_a_conflict),
        STORE_TEST(residents_without_a_number_do_not_collide),
        STORE_TEST(the_number_comes_back_and_stands_in_its_own_table_only),
        STORE_TEST(an_update_writes_a_version_and_keeps_the_last),
        STORE_TEST(an_update_of_a_stale_version_is_a_conflict),
        STORE_TEST(protection_flags_are_versioned_and_idempotent),
        STORE_TEST(near_a_number_is_its_holder_or_somebody_else),
        STORE_TEST(the_list_goes_by_number_and_by_pages),
        STORE_TEST(the_person_token_is_stable_and_differs_between_persons_and_vaults),
        STORE_TEST(the_token_depends_on_the_ledger_key_and_not_on_the_salt_alone),
        STORE_TEST(a_rolled_back_savepoint_takes_the_resident_with_it),
        STORE_TEST(an_exhausted_arena_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
