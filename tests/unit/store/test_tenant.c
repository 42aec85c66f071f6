/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tenant.h"

#include "fixture.h"

#include "ledger/ledger.h"
#include "store/schema.h"

static struct vault_folder *folder_of(void **state) {
    return *state;
}

static void a_tenant_is_made_on_first_open_and_found_on_the_next(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    sqlite3 *db = vrx_tenant_db(tenant);
    assert_string_equal(vrx_tenant_code(tenant)->digits, "011002");
    assert_non_null(vrx_tenant_keys(tenant));
    assert_ptr_equal(vrx_tenant_random(tenant), vrx_random_system());
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(tenant)), 0);
    assert_int_equal(sql_number(db, "SELECT created_at FROM vault"), NOW);
    sql_run(db, "INSERT INTO terminal VALUES (1, randomblob(32), 2, '', 1, 0, 0, 0, 0, NULL)");
    vrx_tenant_close(&tenant);
    assert_null(tenant);
    assert_int_equal(vault_folder_count(folder), 1); /* nothing beside the vault */

    tenant = open_tenant(folder->vault);
    assert_int_equal(sql_number(vrx_tenant_db(tenant), "SELECT count(*) FROM terminal"), 1);
    assert_ok(vrx_tenant_check(tenant));
    vrx_tenant_close(&tenant);
    vrx_tenant_close(&tenant);
}

static void what_a_crash_left_of_a_new_vault_is_cleared_away(void **state) {
    struct vault_folder *folder = folder_of(state);
    char fresh[128];
    char wal[128];
    (void)snprintf(fresh, sizeof fresh, "%s.new", folder->vault);
    (void)snprintf(wal, sizeof wal, "%s.new-wal", folder->vault);
    file_write(fresh, vrx_view_text("half a vault"));
    file_write(wal, vrx_view_text("half a log"));
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    assert_ok(vrx_tenant_check(tenant));
    vrx_tenant_close(&tenant);
    assert_int_equal(vault_folder_count(folder), 1);
}

static void another_municipality_is_refused(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    vrx_tenant_close(&tenant);
    assert_reason(try_open(folder->vault, 1, "122173", &tenant), VRX_TENANT_UNKNOWN);
    assert_null(tenant);
}

static void another_key_is_refused(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    vrx_tenant_close(&tenant);
    assert_reason(try_open(folder->vault, 2, "011002", &tenant), VRX_VAULT_DAMAGED);
    assert_null(tenant);
}

static void a_vault_of_a_later_vrx_is_refused_and_untouched(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    sql_run(vrx_tenant_db(tenant), "PRAGMA user_version = 999");
    vrx_tenant_close(&tenant);
    struct vrx_buffer before = file_read(folder->vault);
    assert_reason(try_open(folder->vault, 1, "011002", &tenant), VRX_INPUT_VERSION);
    struct vrx_buffer after = file_read(folder->vault);
    assert_true(vrx_view_equal(vrx_buffer_view(&before), vrx_buffer_view(&after)));
    vrx_buffer_done(&before);
    vrx_buffer_done(&after);
}

static void a_folder_that_is_not_there_is_refused(void **state) {
    struct vrx_tenant *tenant = NULL;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/nowhere/vault.db", folder_of(state)->path);
    struct vrx_result result = try_open(path, 1, "011002", &tenant);
    assert_false(vrx_is_ok(result));
    assert_null(tenant);
}

static void a_path_too_long_is_refused(void **state) {
    (void)state;
    static char path[5000];
    struct vrx_tenant *tenant = NULL;
    memset(path, 'a', sizeof path - 1);
    path[0] = '/';
    assert_false(vrx_is_ok(try_open(path, 1, "011002", &tenant)));
    assert_null(tenant);
}

static struct vrx_result failing_fill(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static void a_failing_random_source_makes_no_vault(void **state) {
    struct vault_folder *folder = folder_of(state);
    const struct vrx_random random = {failing_fill, NULL};
    struct vrx_municipality_code code = code_of("011002");
    struct vrx_tenant_keys *keys = keys_of(1);
    struct vrx_tenant *tenant = NULL;
    assert_reason(
        vrx_tenant_open(folder->vault, &keys, &code, &random, NOW, &tenant), VRX_RANDOM_FAILED);
    assert_non_null(keys);
    assert_null(tenant);
    assert_false(file_exists(folder->vault));
    vrx_tenant_keys_free(&keys);
}

static void the_check_finds_a_reference_into_nothing(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    sqlite3 *db = vrx_tenant_db(tenant);
    sql_run(db, "BEGIN; PRAGMA defer_foreign_keys = ON;"
                "INSERT INTO audit_salt VALUES (99, zeroblob(32))");
    assert_reason(vrx_tenant_check(tenant), VRX_VAULT_DAMAGED);
    sql_run(db, "ROLLBACK");
    assert_ok(vrx_tenant_check(tenant));
    vrx_tenant_close(&tenant);
}

static void the_check_finds_a_ledger_that_was_tampered_with(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    sqlite3 *db = vrx_tenant_db(tenant);
    uint64_t seq = 0;
    sql_run(db, "BEGIN");
    for (int i = 0; i < 3; i++)
        assert_ok(vrx_ledger_append(vrx_tenant_ledger(tenant), vrx_view_text("entry"), &seq));
    sql_run(db, "COMMIT");
    assert_ok(vrx_tenant_check(tenant));
    sql_run(db, "UPDATE ledger_entry SET entry = CAST('other' AS BLOB) WHERE number = 1");
    assert_reason(vrx_tenant_check(tenant), VRX_VAULT_DAMAGED);
    vrx_tenant_close(&tenant);
}

static int bytes_of(sqlite3 *db, int kind) {
    int now = 0;
    int highest = 0;
    assert_int_equal(sqlite3_db_status(db, kind, &now, &highest, 0), SQLITE_OK);
    return now;
}

static void a_tenant_at_rest_has_given_its_memory_back_and_reads_on(void **state) {
    struct vault_folder *folder = folder_of(state);
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    sqlite3 *db = vrx_tenant_db(tenant);
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    struct vrx_resident resident = {.addressee = vrx_view_text("7"),
        .name = vrx_view_text("札幌 花子"),
        .birth_date = {1985, 4, 1}};
    int64_t id = 0;
    vrx_arena_init(&arena, 0);
    sql_run(db, "BEGIN");
    assert_ok(vrx_resident_register(tenant, &resident, vrx_view_text("123456789018"), NOW, &id));
    sql_run(db, "COMMIT");
    int statements = bytes_of(db, SQLITE_DBSTATUS_STMT_USED);
    int pages = bytes_of(db, SQLITE_DBSTATUS_CACHE_USED);
    vrx_tenant_rest(tenant);
    assert_true(bytes_of(db, SQLITE_DBSTATUS_STMT_USED) < statements);
    assert_true(bytes_of(db, SQLITE_DBSTATUS_CACHE_USED) < pages);
    struct vrx_resident found;
    sql_run(db, "BEGIN");
    assert_ok(vrx_resident_get(tenant, &arena, id, &found));
    sql_run(db, "COMMIT");
    assert_true(vrx_view_equal(found.name, resident.name));
    vrx_tenant_close(&tenant);
}

#define FOLDER_TEST(name) \
    cmocka_unit_test_setup_teardown(name, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_tenant_is_made_on_first_open_and_found_on_the_next),
        FOLDER_TEST(what_a_crash_left_of_a_new_vault_is_cleared_away),
        FOLDER_TEST(another_municipality_is_refused),
        FOLDER_TEST(another_key_is_refused),
        FOLDER_TEST(a_vault_of_a_later_vrx_is_refused_and_untouched),
        FOLDER_TEST(a_folder_that_is_not_there_is_refused),
        FOLDER_TEST(a_path_too_long_is_refused),
        FOLDER_TEST(a_failing_random_source_makes_no_vault),
        FOLDER_TEST(a_tenant_at_rest_has_given_its_memory_back_and_reads_on),
        FOLDER_TEST(the_check_finds_a_reference_into_nothing),
        FOLDER_TEST(the_check_finds_a_ledger_that_was_tampered_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
