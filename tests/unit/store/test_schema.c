/* SPDX-License-Identifier: Apache-2.0 */
#include "store/schema.h"

#include "fixture.h"

#include "ledger/ledger.h"
#include "objects/audit_entry.h"

static const struct vrx_migration steps[] = {
    {1, "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7);"},
    {2, "ALTER TABLE a ADD COLUMN y TEXT; UPDATE a SET y = 'seven';"},
    {3, "CREATE TABLE b (z INTEGER, w TEXT) STRICT; INSERT INTO b SELECT x, y FROM a;"},
};

static sqlite3 *new_vault(void **state, struct vrx_vault **ret_vault) {
    struct vault_folder *folder = *state;
    vault_folder_empty(folder);
    assert_ok(vrx_vault_open(folder->vault, vault_key(1), vrx_random_system(), true, ret_vault));
    return vrx_vault_db(*ret_vault);
}

static int version_of(sqlite3 *db) {
    int version = -1;
    assert_ok(vrx_schema_version(db, &version));
    return version;
}

static void migrations_are_applied_once_and_in_order(void **state) {
    struct vrx_vault *vault = NULL;
    sqlite3 *db = new_vault(state, &vault);
    assert_int_equal(version_of(db), 0);
    for (size_t count = 0; count <= COUNT_OF(steps); count++) {
        assert_ok(vrx_schema_migrate(db, steps, count));
        assert_int_equal(version_of(db), count);
    }
    assert_ok(vrx_schema_migrate(db, steps, COUNT_OF(steps)));
    assert_int_equal(sql_number(db, "SELECT z FROM b"), 7);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM b"), 1);
    vrx_vault_close(&vault);
}

static void every_start_leads_to_the_same_schema(void **state) {
    struct vrx_buffer expected = {0};
    for (size_t start = 0; start <= COUNT_OF(steps); start++) {
        struct vrx_vault *vault = NULL;
        struct vrx_buffer dump = {0};
        sqlite3 *db = new_vault(state, &vault);
        assert_ok(vrx_schema_migrate(db, steps, start));
        assert_ok(vrx_schema_migrate(db, steps, COUNT_OF(steps)));
        assert_ok(database_dump(db, &dump));
        if (start == 0)
            assert_ok(vrx_buffer_append(&expected, vrx_buffer_view(&dump)));
        assert_true(vrx_view_equal(vrx_buffer_view(&dump), vrx_buffer_view(&expected)));
        vrx_buffer_done(&dump);
        vrx_vault_close(&vault);
    }
    vrx_buffer_done(&expected);
}

/* Moved on, with an entry that says so; as it is, with none. */
static void check_entry(struct vrx_tenant *tenant, size_t version) {
    struct vrx_ledger *ledger = vrx_tenant_ledger(tenant);
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_audit_entry entry;
    char basis[64];
    const bool moved = version < vrx_schema_migration_count;
    assert_int_equal(vrx_ledger_size(ledger), moved);
    if (!moved)
        return;
    (void)snprintf(basis, sizeof basis, "schema %zu to %zu", version, vrx_schema_migration_count);
    assert_ok(vrx_ledger_get(ledger, 0, &bytes));
    assert_ok(vrx_audit_entry_decode(vrx_buffer_view(&bytes), &entry));
    assert_text(entry.method, "vault/migrate");
    assert_text(entry.terminal, "vrxd");
    assert_text(entry.basis, basis);
    assert_int_equal(entry.time, NOW);
}

/* The vault as each landed version left it, with something in it, comes to the present one. */
static void a_vault_of_every_landed_version_opens(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant_keys *keys = keys_of(1);
    assert_true(vrx_schema_migration_count >= 1);
    for (size_t version = 1; version <= vrx_schema_migration_count; version++) {
        struct vrx_vault *vault = NULL;
        vault_folder_empty(folder);
        assert_ok(vrx_vault_open(
            folder->vault, vrx_tenant_data_key(keys), vrx_random_system(), true, &vault));
        sqlite3 *db = vrx_vault_db(vault);
        sql_run(db, "BEGIN");
        assert_ok(vrx_schema_migrate(db, vrx_schema_migrations, version));
        assert_ok(vrx_ledger_create(db));
        sql_run(db, "INSERT INTO vault VALUES (1, '011002', 0);"
                    "INSERT INTO resident (id, version, addressee, name, kana, birth_date, sex, "
                    "address, no_automatic_answer, no_self_disclosure, recorded_at) "
                    "VALUES (1, 1, 5, 'a', '', 0, 1, '', 0, 0, 0); COMMIT");
        vrx_vault_close(&vault);

        struct vrx_arena arena;
        struct vrx_resident resident;
        struct vrx_tenant *tenant = open_tenant(folder->vault);
        vrx_arena_init(&arena, 0);
        assert_int_equal(version_of(vrx_tenant_db(tenant)), vrx_schema_migration_count);
        assert_ok(vrx_resident_find_by_addressee(tenant, &arena, vrx_view_text("5"), &resident));
        assert_ok(vrx_tenant_check(tenant));
        check_entry(tenant, version);
        vrx_arena_done(&arena);
        vrx_tenant_close(&tenant);
    }
    vrx_tenant_keys_free(&keys);
}

/* 24: the text moves to where all formats stand, and goes with its certificate as before. */
static void a_certificate_of_before_keeps_its_text(void **state) {
    struct vrx_vault *vault = NULL;
    sqlite3 *db = new_vault(state, &vault);
    assert_ok(vrx_schema_migrate(db, vrx_schema_migrations, 23));
    sql_run(db, "PRAGMA foreign_keys = OFF;"
                "INSERT INTO certificate (uvci, application, resident, text, state, issued_at, "
                "expires_at) VALUES ('URN:UVCI:01:JP:OLD', x'01', 1, 'HC1:OLD', 1, 5, 6);");
    assert_ok(vrx_schema_migrate(db, vrx_schema_migrations, 24));
    assert_int_equal(sql_number(db, "SELECT count(*) FROM certificate WHERE kind = 1"), 1);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM certificate_text WHERE format = 1 AND "
                                    "certificate = 'URN:UVCI:01:JP:OLD' AND text = 'HC1:OLD'"),
        1);
    sql_run(db, "PRAGMA foreign_keys = ON; DELETE FROM certificate;");
    assert_int_equal(sql_number(db, "SELECT count(*) FROM certificate_text"), 0);
    vrx_vault_close(&vault);
}

static void a_failing_migration_is_undone_with_its_transaction(void **state) {
    static const struct vrx_migration faulty[] = {
        {1, "CREATE TABLE a (x INTEGER) STRICT;"},
        {2, "CREATE TABLE b (x INTEGER) STRICT; INSERT INTO a VALUES ('not a number');"},
    };
    struct vrx_vault *vault = NULL;
    sqlite3 *db = new_vault(state, &vault);
    sql_run(db, "BEGIN");
    assert_false(vrx_is_ok(vrx_schema_migrate(db, faulty, COUNT_OF(faulty))));
    sql_run(db, "ROLLBACK");
    assert_int_equal(version_of(db), 0);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM sqlite_schema"), 0);
    vrx_vault_close(&vault);
}

static void a_vault_that_is_further_is_refused(void **state) {
    struct vrx_vault *vault = NULL;
    sqlite3 *db = new_vault(state, &vault);
    assert_ok(vrx_schema_migrate(db, steps, COUNT_OF(steps)));
    assert_reason(vrx_schema_migrate(db, steps, COUNT_OF(steps) - 1), VRX_INPUT_VERSION);
    sql_run(db, "PRAGMA user_version = -1");
    assert_reason(vrx_schema_migrate(db, steps, COUNT_OF(steps)), VRX_INPUT_VERSION);
    vrx_vault_close(&vault);
}

static void landed_migrations_are_numbered_without_a_gap(void **state) {
    (void)state;
    for (size_t i = 0; i < vrx_schema_migration_count; i++)
        assert_int_equal(vrx_schema_migrations[i].version, i + 1);
}

static void every_table_is_strict(void **state) {
    struct vault_folder *folder = *state;
    struct vrx_tenant *tenant = open_tenant(folder->vault);
    sqlite3 *db = vrx_tenant_db(tenant);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' "
                                    "AND type = 'table' AND name NOT LIKE 'sqlite_%' "
                                    "AND NOT strict"),
        0);
    assert_true(sql_number(db, "SELECT count(*) FROM pragma_table_list WHERE strict") > 10);
    assert_int_equal(sql_number(db, "PRAGMA foreign_keys"), 1);
    vrx_tenant_close(&tenant);
}

#define FOLDER_TEST(name) \
    cmocka_unit_test_setup_teardown(name, vault_folder_setup, vault_folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(migrations_are_applied_once_and_in_order),
        FOLDER_TEST(every_start_leads_to_the_same_schema),
        FOLDER_TEST(a_vault_of_every_landed_version_opens),
        FOLDER_TEST(a_certificate_of_before_keeps_its_text),
        FOLDER_TEST(a_failing_migration_is_undone_with_its_transaction),
        FOLDER_TEST(a_vault_that_is_further_is_refused),
        FOLDER_TEST(landed_migrations_are_numbered_without_a_gap),
        FOLDER_TEST(every_table_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
