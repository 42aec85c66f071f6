/* SPDX-License-Identifier: Apache-2.0
 *
 * A vault that is whole is found so however much is written meanwhile; whatever is wrong is found
 * in the phase whose matter it is.
 */
#include "store/integrity.h"

#include <fcntl.h>
#include <unistd.h>

#include "fixture.h"

#include "vaultfs/page.h"

struct place {
    struct vault_folder *folder;
    struct vrx_tenant *tenant;
};

static void append(struct vrx_tenant *tenant, unsigned count) {
    uint64_t seq = 0;
    sql_run(vrx_tenant_db(tenant), "BEGIN IMMEDIATE");
    for (unsigned i = 0; i < count; i++)
        assert_ok(vrx_ledger_append(vrx_tenant_ledger(tenant), vrx_view_text("entry"), &seq));
    sql_run(vrx_tenant_db(tenant), "COMMIT");
}

/* Several thousand entries: more than one part of the ledger, and some hundred pages. */
static int place_setup(void **state) {
    struct place *place = test_calloc(1, sizeof *place);
    if (vault_folder_setup((void **)&place->folder) != 0)
        return -1;
    place->tenant = open_tenant(place->folder->vault);
    append(place->tenant, 4500);
    *state = place;
    return 0;
}

static int place_teardown(void **state) {
    struct place *place = *state;
    vrx_tenant_close(&place->tenant);
    void *folder = place->folder;
    test_free(place);
    return vault_folder_teardown(&folder);
}

static struct vrx_result part(struct vrx_tenant *tenant, struct vrx_integrity *check) {
    const bool outside = check->phase == VRX_INTEGRITY_PAGES;
    if (!outside)
        sql_run(vrx_tenant_db(tenant), "BEGIN IMMEDIATE");
    struct vrx_result result = vrx_integrity_part(tenant, check);
    if (!outside)
        sql_run(vrx_tenant_db(tenant), "ROLLBACK");
    return result;
}

static struct vrx_result whole(struct vrx_tenant *tenant, struct vrx_integrity *check) {
    while (check->phase != VRX_INTEGRITY_WHOLE)
        VRX_TRY(part(tenant, check));
    return vrx_ok();
}

static void a_vault_is_whole_and_counted(void **state) {
    struct place *place = *state;
    struct vrx_integrity check = {0};
    sqlite3 *db = vrx_tenant_db(place->tenant);
    assert_ok(whole(place->tenant, &check));
    assert_int_equal(check.done[VRX_INTEGRITY_PAGES], sql_number(db, "PRAGMA page_count"));
    assert_int_equal(check.done[VRX_INTEGRITY_TABLES],
        sql_number(db, "SELECT count(*) + 1 FROM sqlite_schema WHERE type = 'table'"));
    assert_int_equal(check.done[VRX_INTEGRITY_LEDGER], 4500);
    for (size_t i = 0; i < VRX_INTEGRITY_WHOLE; i++)
        assert_int_equal(check.done[i], check.total[i]);
    assert_ok(part(place->tenant, &check)); /* nothing more */
}

static void what_is_written_meanwhile_is_no_damage(void **state) {
    struct place *place = *state;
    struct vrx_integrity check = {0};
    unsigned parts = 0;
    while (check.phase != VRX_INTEGRITY_WHOLE) {
        assert_ok(part(place->tenant, &check));
        if (parts++ < 30 && check.phase != VRX_INTEGRITY_WHOLE)
            append(place->tenant, 20);
    }
    assert_int_equal(
        check.done[VRX_INTEGRITY_LEDGER], vrx_ledger_size(vrx_tenant_ledger(place->tenant)));
    assert_ok(vrx_tenant_check(place->tenant));
}

static void pages_are_not_read_inside_of_a_transaction(void **state) {
    struct place *place = *state;
    struct vrx_integrity check = {0};
    sql_run(vrx_tenant_db(place->tenant), "BEGIN IMMEDIATE");
    assert_reason(vrx_integrity_part(place->tenant, &check), VRX_WRONG_STATE);
    sql_run(vrx_tenant_db(place->tenant), "ROLLBACK");
    assert_ok(whole(place->tenant, &check));
}

/* Behind the cache's back: SQLite itself would not read that page again. */
static void a_stored_page_that_was_changed_is_found(void **state) {
    struct place *place = *state;
    struct vrx_integrity check = {0};
    assert_ok(part(place->tenant, &check)); /* empties the WAL */
    check = (struct vrx_integrity){0};
    int fd = open(place->folder->vault, O_RDWR | O_CLOEXEC);
    uint8_t byte = 0;
    assert_true(fd >= 0);
    const off_t at = lseek(fd, 0, SEEK_END) - VRX_PAGE / 2;
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    assert_int_equal(close(fd), 0);
    assert_reason(whole(place->tenant, &check), VRX_VAULT_DAMAGED);
    assert_int_equal(check.phase, VRX_INTEGRITY_PAGES);
}

static void a_reference_into_nothing_is_found(void **state) {
    struct place *place = *state;
    struct vrx_integrity check = {0};
    sqlite3 *db = vrx_tenant_db(place->tenant);
    while (check.phase == VRX_INTEGRITY_PAGES)
        assert_ok(part(place->tenant, &check));
    sql_run(db, "BEGIN; PRAGMA defer_foreign_keys = ON;"
                "INSERT INTO audit_salt VALUES (99, zeroblob(32))");
    struct vrx_result result = vrx_ok();
    while (vrx_is_ok(result) && check.phase == VRX_INTEGRITY_TABLES)
        result = vrx_integrity_part(place->tenant, &check);
    assert_reason(result, VRX_VAULT_DAMAGED);
    assert_string_equal(result.clause, "SQLite foreign_key_check");
    sql_run(db, "ROLLBACK");
}

static void an_entry_that_was_exchanged_is_found(void **state) {
    struct place *place = *state;
    static const char *const wrongs[] = {
        "UPDATE ledger_entry SET entry = CAST('other' AS BLOB) WHERE number = 1",
        "UPDATE ledger_entry SET entry = CAST('other' AS BLOB) WHERE number = 4500",
        "DELETE FROM ledger_entry WHERE number = 2700"};
    for (size_t i = 0; i < COUNT_OF(wrongs); i++) {
        struct vrx_integrity check = {0};
        while (check.phase == VRX_INTEGRITY_PAGES)
            assert_ok(part(place->tenant, &check));
        sql_run(vrx_tenant_db(place->tenant), "BEGIN IMMEDIATE");
        sql_run(vrx_tenant_db(place->tenant), wrongs[i]);
        struct vrx_result result = vrx_ok();
        while (vrx_is_ok(result) && check.phase != VRX_INTEGRITY_WHOLE)
            result = vrx_integrity_part(place->tenant, &check);
        assert_reason(result, VRX_VAULT_DAMAGED);
        assert_int_equal(check.phase, VRX_INTEGRITY_LEDGER);
        sql_run(vrx_tenant_db(place->tenant), "ROLLBACK");
    }
}

#define PLACE_TEST(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        PLACE_TEST(a_vault_is_whole_and_counted),
        PLACE_TEST(what_is_written_meanwhile_is_no_damage),
        PLACE_TEST(pages_are_not_read_inside_of_a_transaction),
        PLACE_TEST(a_stored_page_that_was_changed_is_found),
        PLACE_TEST(a_reference_into_nothing_is_found),
        PLACE_TEST(an_entry_that_was_exchanged_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
