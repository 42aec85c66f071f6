/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sql.h"

#include "fixture.h"

static void make_table(struct fixture *fixture) {
    sql_run(vrx_tenant_db(fixture->tenant),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, s TEXT, b BLOB, "
        "u TEXT UNIQUE, c INTEGER CHECK (c < 10), r INTEGER REFERENCES resident) STRICT");
}

static struct vrx_result insert(
    struct fixture *fixture, const char *unique, int64_t check, int64_t reference) {
    VRX_STATEMENT(row, fixture->tenant, "INSERT INTO t (u, c, r) VALUES (?, ?, ?)");
    vrx_bind_text(&row, vrx_view_text(unique));
    vrx_bind_int(&row, check);
    vrx_bind_time(&row, reference);
    return vrx_statement_run(&row);
}

static void what_is_bound_is_taken_back(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_municipality_code code = code_of("122173");
    VRX_STATEMENT(echo, fixture->tenant, "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?");
    vrx_bind_int(&echo, INT64_MIN);
    vrx_bind_text(&echo, vrx_view_text("宛名"));
    vrx_bind_bytes(&echo, vrx_view_of("\0\xff\0", 3));
    vrx_bind_date(&echo, (struct vrx_date){1900, 3, 1});
    vrx_bind_date(&echo, (struct vrx_date){0});
    vrx_bind_code(&echo, &code);
    vrx_bind_bytes_or_null(&echo, (struct vrx_view){0});
    vrx_bind_null(&echo);
    vrx_bind_text(&echo, (struct vrx_view){0});
    assert_ok(vrx_statement_one(&echo));
    assert_int_equal(vrx_take_int(&echo), INT64_MIN);
    assert_text(vrx_take_text(&echo, &fixture->arena), "宛名");
    assert_true(vrx_view_equal(vrx_take_bytes(&echo, &fixture->arena), vrx_view_of("\0\xff\0", 3)));
    assert_date(vrx_take_date(&echo), 1900, 3, 1);
    assert_int_equal(vrx_take_date(&echo).year, 0);
    assert_string_equal(vrx_take_code(&echo).digits, "122173");
    assert_int_equal(vrx_take_bytes(&echo, &fixture->arena).len, 0);
    assert_int_equal(vrx_take_int(&echo), 0);
    assert_int_equal(vrx_take_text(&echo, &fixture->arena).len, 0);
    assert_ok(echo.error);
}

static void an_empty_text_is_not_null_and_an_empty_optional_is(void **state) {
    struct fixture *fixture = *state;
    VRX_STATEMENT(ask, fixture->tenant, "SELECT ? IS NULL, ? IS NULL, ? IS NULL, ? IS NULL");
    vrx_bind_text(&ask, (struct vrx_view){0});
    vrx_bind_bytes(&ask, (struct vrx_view){0});
    vrx_bind_bytes_or_null(&ask, (struct vrx_view){0});
    vrx_bind_time(&ask, 0);
    assert_ok(vrx_statement_one(&ask));
    assert_false(vrx_take_bool(&ask));
    assert_false(vrx_take_bool(&ask));
    assert_true(vrx_take_bool(&ask));
    assert_true(vrx_take_bool(&ask));
}

static int64_t twice(struct fixture *fixture, int64_t value) {
    VRX_STATEMENT(ask, fixture->tenant, "SELECT 2 * ?");
    vrx_bind_int(&ask, value);
    assert_ok(vrx_statement_one(&ask));
    return vrx_take_int(&ask);
}

static size_t prepared_in(struct fixture *fixture) {
    const struct vrx_sql *sql = vrx_tenant_sql(fixture->tenant);
    size_t count = 0;
    for (size_t i = 0; i < VRX_SQL_SLOTS; i++)
        count += sql->slots[i].prepared != NULL;
    return count;
}

static void a_statement_is_prepared_once_and_bound_anew(void **state) {
    struct fixture *fixture = *state;
    size_t before = prepared_in(fixture);
    for (int64_t i = 0; i < 5; i++)
        assert_int_equal(twice(fixture, i), 2 * i);
    assert_int_equal(prepared_in(fixture), before + 1);
}

static void a_statement_is_reset_when_its_scope_ends(void **state) {
    struct fixture *fixture = *state;
    (void)twice(fixture, 1);
    for (sqlite3_stmt *at = NULL;
         (at = sqlite3_next_stmt(vrx_tenant_db(fixture->tenant), at)) != NULL;)
        assert_false(sqlite3_stmt_busy(at));
}

static const char one[] = "SELECT 1";

static void the_same_statement_inside_itself_is_a_defect(void **state) {
    struct fixture *fixture = *state;
    VRX_STATEMENT(outer, fixture->tenant, one);
    assert_ok(vrx_statement_one(&outer));
    VRX_STATEMENT(inner, fixture->tenant, one);
    assert_reason(vrx_statement_one(&inner), VRX_INTERNAL_ERROR);
}

static void an_error_sticks(void **state) {
    struct fixture *fixture = *state;
    VRX_STATEMENT(bad, fixture->tenant, "SELECT nothing FROM nowhere WHERE x = ?");
    vrx_bind_int(&bad, 1);
    vrx_bind_text(&bad, vrx_view_text("a"));
    assert_reason(vrx_statement_run(&bad), VRX_INTERNAL_ERROR);
    assert_int_equal(vrx_take_int(&bad), 0);
    assert_int_equal(vrx_take_date(&bad).year, 0);
    assert_int_equal(vrx_take_text(&bad, &fixture->arena).len, 0);
    assert_reason(bad.error, VRX_INTERNAL_ERROR);

    VRX_STATEMENT(extra, fixture->tenant, "SELECT ?");
    vrx_bind_int(&extra, 1);
    vrx_bind_int(&extra, 2);
    assert_reason(vrx_statement_one(&extra), VRX_INTERNAL_ERROR);
}

static void what_the_schema_refuses_comes_back_as_its_reason(void **state) {
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_ok(insert(fixture, "a", 1, 0));
    assert_reason(insert(fixture, "a", 1, 0), VRX_ALREADY_EXISTS);
    assert_reason(insert(fixture, "b", 10, 0), VRX_INPUT_RANGE);
    assert_reason(insert(fixture, "b", 1, 77), VRX_NOT_FOUND);
    assert_ok(insert(fixture, "b", 1, 0));
    VRX_STATEMENT(mistyped, fixture->tenant, "INSERT INTO t (n) VALUES (?)");
    vrx_bind_text(&mistyped, vrx_view_text("no number"));
    assert_reason(vrx_statement_run(&mistyped), VRX_INTERNAL_ERROR);
}

static void no_row_is_not_found_and_a_row_is_no_run(void **state) {
    struct fixture *fixture = *state;
    VRX_STATEMENT(none, fixture->tenant, "SELECT 1 WHERE 0");
    assert_reason(vrx_statement_one(&none), VRX_NOT_FOUND);
    VRX_STATEMENT(some, fixture->tenant, "SELECT 1 WHERE 1");
    assert_reason(vrx_statement_run(&some), VRX_INTERNAL_ERROR);
}

static void changes_are_counted(void **state) {
    struct fixture *fixture = *state;
    make_table(fixture);
    assert_ok(insert(fixture, "a", 1, 0));
    assert_ok(insert(fixture, "b", 1, 0));
    VRX_STATEMENT(update, fixture->tenant, "UPDATE t SET n = 1 WHERE u = ? OR ?");
    vrx_bind_text(&update, vrx_view_text("a"));
    vrx_bind_int(&update, 1);
    assert_ok(vrx_statement_run(&update));
    assert_int_equal(vrx_statement_changes(&update), 2);
}

static void bytes_of_the_wrong_length_and_broken_codes_are_damage(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[4] = {1, 2, 3, 4};
    VRX_STATEMENT(bytes, fixture->tenant, "SELECT x'0102', NULL, x'05060708'");
    assert_ok(vrx_statement_one(&bytes));
    vrx_take_fixed(&bytes, id, sizeof id);
    assert_reason(bytes.error, VRX_VAULT_DAMAGED);
    bytes.error = vrx_ok();
    vrx_take_fixed(&bytes, id, sizeof id);
    assert_memory_equal(id, "\0\0\0\0", 4);
    vrx_take_fixed(&bytes, id, sizeof id);
    assert_memory_equal(id, "\5\6\7\10", 4);
    assert_ok(bytes.error);

    VRX_STATEMENT(code, fixture->tenant, "SELECT '011003'");
    assert_ok(vrx_statement_one(&code));
    (void)vrx_take_code(&code);
    assert_reason(code.error, VRX_VAULT_DAMAGED);
}

static void a_full_cache_is_a_defect(void **state) {
    (void)state;
    static char texts[VRX_SQL_SLOTS + 1][16];
    struct vault_folder *folder = ((struct fixture *)*state)->folder;
    struct vrx_vault *vault = NULL;
    assert_ok(vrx_vault_open(folder->copy, vault_key(1), vrx_random_system(), true, &vault));
    struct vrx_sql *sql = test_calloc(1, sizeof *sql);
    sql->db = vrx_vault_db(vault);
    for (size_t i = 0; i <= VRX_SQL_SLOTS; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "SELECT %zu", i);
        struct vrx_statement statement = vrx_statement_begin(sql, texts[i]);
        if (i < VRX_SQL_SLOTS) {
            assert_ok(vrx_statement_one(&statement));
            assert_int_equal(vrx_take_int(&statement), i);
        } else {
            assert_reason(statement.error, VRX_INTERNAL_ERROR);
        }
        vrx_statement_end(&statement);
    }
    vrx_sql_done(sql);
    test_free(sql);
    vrx_vault_close(&vault);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_is_bound_is_taken_back),
        STORE_TEST(an_empty_text_is_not_null_and_an_empty_optional_is),
        STORE_TEST(a_statement_is_prepared_once_and_bound_anew),
        STORE_TEST(a_statement_is_reset_when_its_scope_ends),
        STORE_TEST(the_same_statement_inside_itself_is_a_defect),
        STORE_TEST(an_error_sticks),
        STORE_TEST(what_the_schema_refuses_comes_back_as_its_reason),
        STORE_TEST(no_row_is_not_found_and_a_row_is_no_run),
        STORE_TEST(changes_are_counted),
        STORE_TEST(bytes_of_the_wrong_length_and_broken_codes_are_damage),
        STORE_TEST(a_full_cache_is_a_defect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
