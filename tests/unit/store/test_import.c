/* SPDX-License-Identifier: Apache-2.0
 *
 * A municipality of 10,000 people with 25,000 doses, imported as the handlers do it: each dose in a
 * savepoint of its own with its entry in the ledger, all in one transaction; then the same file
 * again.
 */
#include "fixture.h"

#include "objects/audit_entry.h"
#include "store/savepoint.h"

#define PEOPLE 10000
#define DOSES 25000 /* two each, and a third for every other person */

static struct vrx_result append_entry(
    struct fixture *fixture, const struct vrx_dose *dose, uint64_t *ret_seq) {
    uint8_t person[VRX_DIGEST];
    uint8_t commitment[VRX_DIGEST];
    VRX_CLEANUP(vrx_buffer_done) struct vrx_buffer bytes = {0};
    VRX_TRY(vrx_resident_person_token(fixture->tenant, dose->resident, person));
    VRX_TRY(vrx_dose_item_commitment(&dose->item, dose->salt, commitment));
    const struct vrx_audit_entry entry = {
        .time = NOW,
        .method = vrx_view_text("vrx.v1.Records/ImportVaccinations"),
        .terminal = vrx_view_text("health-system-1"),
        .person = vrx_view_of(person, sizeof person),
        .commitment = vrx_view_of(commitment, sizeof commitment),
    };
    VRX_TRY(vrx_audit_entry_encode(&entry, &bytes));
    return vrx_ledger_append(vrx_tenant_ledger(fixture->tenant), vrx_buffer_view(&bytes), ret_seq);
}

static struct vrx_result import_one(struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_dose recorded;
    uint64_t seq = 0;
    VRX_TRY(vrx_dose_record(fixture->tenant, dose, NOW, &recorded));
    VRX_TRY(append_entry(fixture, &recorded, &seq));
    return vrx_dose_set_ledger_index(fixture->tenant, recorded.id, seq);
}

static enum vrx_reason import_dose(struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_savepoint row;
    assert_ok(vrx_savepoint_begin(fixture->tenant, &row));
    struct vrx_result result = import_one(fixture, dose);
    if (vrx_is_ok(result))
        assert_ok(vrx_savepoint_keep(fixture->tenant, &row));
    else
        assert_ok(vrx_savepoint_undo(fixture->tenant, &row));
    return result.reason;
}

static void import_file(struct fixture *fixture, enum vrx_reason expected) {
    static const struct vrx_date days[] = {{2021, 6, 1}, {2021, 6, 22}, {2021, 12, 20}};
    for (int64_t person = 1; person <= PEOPLE; person++) {
        for (uint64_t number = 1; number <= (person % 2 ? 3u : 2u); number++) {
            struct vrx_date day = days[number - 1];
            struct vrx_dose dose = dose_on(person, number, day.year, day.month, day.day);
            dose.provenance.source = VRX_DOSE_IMPORT;
            assert_int_equal(import_dose(fixture, &dose), expected);
        }
    }
}

static void a_municipality_is_imported_and_again_without_a_change(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose *doses = NULL;
    size_t count = 0;
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    for (unsigned person = 1; person <= PEOPLE; person++)
        assert_int_equal(add_resident(fixture, person), person);
    sql_run(db, "COMMIT; BEGIN IMMEDIATE");
    import_file(fixture, VRX_OK);
    sql_run(db, "COMMIT; BEGIN IMMEDIATE");
    assert_int_equal(rows_in(fixture, "dose"), DOSES);
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(fixture->tenant)), DOSES);
    assert_int_equal(sql_number(db, "SELECT count(*) FROM dose WHERE ledger_index <> id - 1"), 0);

    import_file(fixture, VRX_ALREADY_EXISTS);
    sql_run(db, "COMMIT");
    vrx_tenant_close(&fixture->tenant);
    fixture->tenant = open_tenant(fixture->folder->vault);
    assert_int_equal(rows_in(fixture, "dose"), DOSES);
    assert_int_equal(vrx_ledger_size(vrx_tenant_ledger(fixture->tenant)), DOSES);
    assert_ok(vrx_dose_history(
        fixture->tenant, &fixture->arena, PEOPLE - 1, VRX_DOSES_CURRENT, &doses, &count));
    assert_int_equal(count, 3);
    assert_int_equal(doses[2].ledger_index, DOSES - 3);
    assert_ok(vrx_tenant_check(fixture->tenant));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_municipality_is_imported_and_again_without_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
