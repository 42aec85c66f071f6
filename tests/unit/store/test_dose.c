/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dose.h"

#include "fixture.h"

static enum vrx_reason record(struct fixture *fixture, const struct vrx_dose *dose) {
    struct vrx_dose recorded = {.id = -7};
    struct vrx_result result = vrx_dose_record(fixture->tenant, dose, NOW, &recorded);
    if (!vrx_is_ok(result))
        assert_int_equal(recorded.id, -7);
    return result.reason;
}

static size_t history(struct fixture *fixture, int64_t resident, enum vrx_dose_selection selection,
    struct vrx_dose **ret_doses) {
    size_t count = 0;
    assert_ok(
        vrx_dose_history(fixture->tenant, &fixture->arena, resident, selection, ret_doses, &count));
    return count;
}

static void assert_same_dose(const struct vrx_dose *a, const struct vrx_dose *b) {
    assert_int_equal(a->id, b->id);
    assert_int_equal(a->resident, b->resident);
    assert_int_equal(a->version, b->version);
    assert_int_equal(a->corrects, b->corrects);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->item.dose_number, b->item.dose_number);
    assert_int_equal(vrx_date_compare(a->item.administered_on, b->item.administered_on), 0);
    assert_int_equal(a->item.product, b->item.product);
    assert_true(vrx_view_equal(a->item.lot, b->item.lot));
    assert_true(vrx_view_equal(a->item.venue, b->item.venue));
    assert_true(vrx_view_equal(a->item.physician, b->item.physician));
    assert_true(vrx_view_equal(a->item.ticket, b->item.ticket));
    assert_true(vrx_municipality_code_equal(&a->item.administered_by, &b->item.administered_by));
    assert_true(vrx_view_equal(a->maker, b->maker));
    assert_int_equal(a->registered_at, b->registered_at);
    assert_int_equal(a->provenance.source, b->provenance.source);
    assert_string_equal(a->provenance.municipality.digits, b->provenance.municipality.digits);
    assert_memory_equal(a->provenance.digest, b->provenance.digest, VRX_DIGEST);
    assert_int_equal(a->recorded_at, b->recorded_at);
    assert_int_equal(a->ended_at, b->ended_at);
    assert_memory_equal(a->salt, b->salt, VRX_DIGEST);
    assert_int_equal(a->ledger_index, b->ledger_index);
}

static void what_was_recorded_is_read_back(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose given = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    struct vrx_dose recorded = add_dose(fixture, &given);
    assert_true(recorded.id > 0);
    assert_int_equal(recorded.version, 1);
    assert_int_equal(recorded.corrects, 0);
    assert_int_equal(recorded.state, VRX_DOSE_CURRENT);
    assert_int_equal(recorded.recorded_at, NOW);
    assert_int_equal(recorded.ledger_index, -1);

    struct vrx_dose found;
    assert_ok(vrx_dose_get(fixture->tenant, &fixture->arena, recorded.id, &found));
    assert_same_dose(&found, &recorded);
    assert_text(found.item.venue, "中央区民センター");
    assert_text(found.item.physician, "北　一郎");
    assert_text(found.maker, "ファイザー");
    assert_int_equal(found.registered_at, NOW - 86400);
    assert_reason(
        vrx_dose_get(fixture->tenant, &fixture->arena, recorded.id + 1, &found), VRX_NOT_FOUND);
}

static void a_sparse_dose_from_a_transfer_is_read_back(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose given = {
        .resident = add_resident(fixture, 1),
        .item = {.administered_by = code_of("122173"),
            .administered_on = {2021, 7, 1},
            .product = 2,
            .dose_number = 2},
        .provenance = {.source = VRX_DOSE_TRANSFER,
            .municipality = code_of("122173"),
            .digest = {1, 2, 3}},
    };
    struct vrx_dose found;
    struct vrx_dose recorded = add_dose(fixture, &given);
    assert_ok(vrx_dose_get(fixture->tenant, &fixture->arena, recorded.id, &found));
    assert_same_dose(&found, &recorded);
    assert_int_equal(found.item.lot.len, 0);
    assert_string_equal(found.provenance.municipality.digits, "122173");
}

static void salts_differ(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose first = dose_on(resident, 1, 2021, 6, 1);
    struct vrx_dose second = dose_on(resident, 2, 2021, 6, 22);
    first = add_dose(fixture, &first);
    second = add_dose(fixture, &second);
    assert_memory_not_equal(first.salt, second.salt, VRX_DIGEST);
}

static void the_fields_are_checked(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2022, 1, 2);
    assert_int_equal(record(fixture, &dose), VRX_DATE_IN_FUTURE);
    assert_int_equal(rows_in(fixture, "dose"), 0);
}

static void a_dose_of_nobody_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(99, 1, 2021, 6, 12);
    assert_int_equal(record(fixture, &dose), VRX_NOT_FOUND);
}

static void a_dose_before_birth_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct vrx_resident child = resident_called("9", "幼児");
    int64_t id = 0;
    child.birth_date = (struct vrx_date){2021, 6, 2};
    assert_ok(vrx_resident_register(fixture->tenant, &child, (struct vrx_view){0}, NOW, &id));
    struct vrx_dose dose = dose_on(id, 1, 2021, 6, 1);
    assert_int_equal(record(fixture, &dose), VRX_DATE_BEFORE_BIRTH);
    dose = dose_on(id, 1, 2021, 6, 2);
    assert_int_equal(record(fixture, &dose), VRX_OK);
}

static void the_same_dose_again_exists_already(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 1, 2021, 6, 12);
    assert_int_equal(record(fixture, &dose), VRX_OK);
    dose.item.venue = vrx_view_text("another venue");
    dose.item.dose_number = 2;
    assert_int_equal(record(fixture, &dose), VRX_ALREADY_EXISTS);
    dose.item.lot = vrx_view_text("EW4812");
    assert_int_equal(record(fixture, &dose), VRX_DOSE_INTERVAL);
    dose = dose_on(add_resident(fixture, 2), 1, 2021, 6, 12);
    assert_int_equal(record(fixture, &dose), VRX_OK);
    assert_int_equal(rows_in(fixture, "dose"), 2);
}

static void order_and_interval_are_asked_of_the_persons_current_doses(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 2, 2021, 6, 22);
    assert_int_equal(record(fixture, &dose), VRX_OK);
    dose = dose_on(resident, 3, 2021, 6, 1);
    assert_int_equal(record(fixture, &dose), VRX_DOSE_ORDER);
    dose = dose_on(resident, 3, 2021, 6, 24);
    assert_int_equal(record(fixture, &dose), VRX_DOSE_INTERVAL);
    dose = dose_on(resident, 1, 2021, 6, 1);
    assert_int_equal(record(fixture, &dose), VRX_OK);
}

static void a_dose_without_a_number_takes_the_next(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 0, 2021, 6, 1);
    assert_int_equal(add_dose(fixture, &dose).item.dose_number, 1);
    dose = dose_on(resident, 3, 2021, 12, 1);
    assert_int_equal(add_dose(fixture, &dose).item.dose_number, 3);
    dose = dose_on(resident, 0, 2021, 12, 20);
    assert_int_equal(add_dose(fixture, &dose).item.dose_number, 4);
    dose = dose_on(resident, 0, 2021, 6, 22);
    assert_int_equal(record(fixture, &dose), VRX_DOSE_ORDER);
}

static void a_person_has_at_most_so_many_doses(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 0, 2021, 2, 14);
    int32_t day = vrx_date_to_days(dose.item.administered_on);
    for (int32_t i = 0; i < VRX_LIMIT_DOSES; i++) {
        dose.item.administered_on = vrx_date_from_days(day + 7 * i);
        assert_int_equal(record(fixture, &dose), VRX_OK);
    }
    dose.item.administered_on = vrx_date_from_days(day + 7 * VRX_LIMIT_DOSES);
    assert_int_equal(record(fixture, &dose), VRX_CAP_REACHED);
}

static void a_correction_supersedes_and_keeps(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose *doses = NULL;
    struct vrx_dose old = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    old = add_dose(fixture, &old);
    struct vrx_dose change = dose_on(0, 0, 2021, 6, 13);
    struct vrx_dose corrected;
    change.item.lot = vrx_view_text("EW4812");
    assert_ok(vrx_dose_correct(fixture->tenant, old.id, 1, &change, NOW + 5, &corrected));
    assert_int_not_equal(corrected.id, old.id);
    assert_int_equal(corrected.corrects, old.id);
    assert_int_equal(corrected.version, 2);
    assert_int_equal(corrected.resident, old.resident);
    assert_int_equal(corrected.item.dose_number, 1);
    assert_memory_not_equal(corrected.salt, old.salt, VRX_DIGEST);

    assert_int_equal(history(fixture, old.resident, VRX_DOSES_CURRENT, &doses), 1);
    assert_same_dose(&doses[0], &corrected);
    assert_int_equal(history(fixture, old.resident, VRX_DOSES_ALL, &doses), 2);
    old.state = VRX_DOSE_SUPERSEDED;
    old.ended_at = NOW + 5;
    assert_same_dose(&doses[0], &old);
    assert_same_dose(&doses[1], &corrected);
}

static void a_correction_may_leave_date_product_and_lot_as_they_are(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose old = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    struct vrx_dose change = old;
    struct vrx_dose corrected;
    old = add_dose(fixture, &old);
    change.item.venue = vrx_view_text("another venue");
    assert_ok(vrx_dose_correct(fixture->tenant, old.id, 1, &change, NOW, &corrected));
    assert_text(corrected.item.venue, "another venue");
}

static void a_correction_keeps_every_rule(void **state) {
    struct fixture *fixture = *state;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose corrected = {.id = -7};
    struct vrx_dose first = dose_on(resident, 1, 2021, 6, 1);
    struct vrx_dose second = dose_on(resident, 2, 2021, 6, 22);
    first = add_dose(fixture, &first);
    second = add_dose(fixture, &second);
    const struct {
        struct vrx_dose change;
        enum vrx_reason reason;
    } cases[] = {
        {dose_on(0, 2, 2021, 6, 1), VRX_ALREADY_EXISTS},
        {dose_on(0, 2, 2021, 6, 5), VRX_DOSE_INTERVAL},
        {dose_on(0, 2, 2021, 5, 1), VRX_DOSE_ORDER},
        {dose_on(0, 2, 2022, 5, 1), VRX_DATE_IN_FUTURE},
        {dose_on(0, 2, 1985, 3, 1), VRX_DATE_BEFORE_APPROVAL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_reason(
            vrx_dose_correct(fixture->tenant, second.id, 1, &cases[i].change, NOW, &corrected),
            cases[i].reason);
    assert_int_equal(corrected.id, -7);
    assert_int_equal(rows_in(fixture, "dose WHERE state = 1"), 2);
}

static void a_dose_that_changed_since_it_was_read_is_a_conflict(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose corrected;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    struct vrx_tenant *tenant = fixture->tenant;
    dose = add_dose(fixture, &dose);
    assert_reason(vrx_dose_correct(tenant, dose.id, 2, &dose, NOW, &corrected), VRX_CONFLICT);
    assert_reason(vrx_dose_mark_entered_in_error(tenant, dose.id, 0, NOW), VRX_CONFLICT);
    assert_reason(vrx_dose_correct(tenant, 99, 1, &dose, NOW, &corrected), VRX_NOT_FOUND);
    assert_reason(vrx_dose_mark_entered_in_error(tenant, 99, 1, NOW), VRX_NOT_FOUND);
    assert_ok(vrx_dose_correct(tenant, dose.id, 1, &dose, NOW, &corrected));
    assert_reason(vrx_dose_correct(tenant, dose.id, 1, &dose, NOW, &corrected), VRX_CONFLICT);
    assert_reason(vrx_dose_mark_entered_in_error(tenant, dose.id, 1, NOW), VRX_CONFLICT);
    assert_ok(vrx_dose_mark_entered_in_error(tenant, corrected.id, 2, NOW));
    assert_reason(vrx_dose_mark_entered_in_error(tenant, corrected.id, 2, NOW), VRX_CONFLICT);
    assert_reason(vrx_dose_correct(tenant, corrected.id, 2, &dose, NOW, &corrected), VRX_CONFLICT);
}

static void a_dose_marked_as_an_error_leaves_the_history_and_is_kept(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose *doses = NULL;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    dose = add_dose(fixture, &dose);
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, dose.id, 1, NOW + 9));
    assert_int_equal(history(fixture, dose.resident, VRX_DOSES_CURRENT, &doses), 0);
    assert_int_equal(history(fixture, dose.resident, VRX_DOSES_ALL, &doses), 1);
    assert_int_equal(doses[0].state, VRX_DOSE_ENTERED_IN_ERROR);
    assert_int_equal(doses[0].ended_at, NOW + 9);
}

static void a_repeated_import_does_not_bring_back_what_a_clerk_took_out(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    dose.provenance.source = VRX_DOSE_IMPORT;
    struct vrx_dose recorded = add_dose(fixture, &dose);
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, recorded.id, 1, NOW));
    assert_int_equal(record(fixture, &dose), VRX_ALREADY_EXISTS);
    dose.provenance.source = VRX_DOSE_OWN; /* a clerk may */
    assert_int_equal(record(fixture, &dose), VRX_OK);

    dose = dose_on(add_resident(fixture, 2), 1, 2021, 6, 12);
    dose.provenance.source = VRX_DOSE_IMPORT;
    recorded = add_dose(fixture, &dose);
    struct vrx_dose change = dose_on(0, 1, 2021, 7, 12);
    assert_ok(vrx_dose_correct(fixture->tenant, recorded.id, 1, &change, NOW, &recorded));
    dose.item.dose_number = 0;
    assert_int_equal(record(fixture, &dose), VRX_ALREADY_EXISTS);
}

static void the_history_goes_by_date(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose *doses = NULL;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 3, 2021, 12, 20);
    add_dose(fixture, &dose);
    dose = dose_on(resident, 1, 2021, 6, 1);
    add_dose(fixture, &dose);
    dose = dose_on(resident, 2, 2021, 6, 22);
    add_dose(fixture, &dose);
    dose = dose_on(add_resident(fixture, 2), 1, 2021, 6, 12);
    add_dose(fixture, &dose);
    assert_int_equal(history(fixture, resident, VRX_DOSES_CURRENT, &doses), 3);
    for (uint64_t i = 0; i < 3; i++) {
        assert_int_equal(doses[i].item.dose_number, i + 1);
        assert_int_equal(doses[i].resident, resident);
    }
    assert_int_equal(history(fixture, 99, VRX_DOSES_ALL, &doses), 0);
}

static void the_ledger_index_is_set_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose found;
    int64_t resident = add_resident(fixture, 1);
    struct vrx_dose first = dose_on(resident, 1, 2021, 6, 1);
    struct vrx_dose second = dose_on(resident, 2, 2021, 6, 22);
    struct vrx_tenant *tenant = fixture->tenant;
    first = add_dose(fixture, &first);
    second = add_dose(fixture, &second);
    assert_ok(vrx_dose_set_ledger_index(tenant, first.id, 0));
    assert_ok(vrx_dose_get(tenant, &fixture->arena, first.id, &found));
    assert_int_equal(found.ledger_index, 0);
    assert_reason(vrx_dose_set_ledger_index(tenant, first.id, 1), VRX_WRONG_STATE);
    assert_reason(vrx_dose_set_ledger_index(tenant, second.id, 0), VRX_ALREADY_EXISTS);
    assert_reason(vrx_dose_set_ledger_index(tenant, 99, 5), VRX_NOT_FOUND);
    assert_reason(
        vrx_dose_set_ledger_index(tenant, second.id, (uint64_t)INT64_MAX + 1), VRX_INPUT_RANGE);
    assert_ok(vrx_dose_set_ledger_index(tenant, second.id, 1));
}

static void the_commitment_can_be_recomputed_from_what_is_read(void **state) {
    struct fixture *fixture = *state;
    uint8_t before[VRX_DIGEST];
    uint8_t after[VRX_DIGEST];
    struct vrx_dose found;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 0, 2021, 6, 12);
    dose = add_dose(fixture, &dose);
    assert_ok(vrx_dose_item_commitment(&dose.item, dose.salt, before));
    assert_ok(vrx_dose_get(fixture->tenant, &fixture->arena, dose.id, &found));
    assert_ok(vrx_dose_item_commitment(&found.item, found.salt, after));
    assert_memory_equal(before, after, VRX_DIGEST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_recorded_is_read_back),
        STORE_TEST(a_sparse_dose_from_a_transfer_is_read_back),
        STORE_TEST(salts_differ),
        STORE_TEST(the_fields_are_checked),
        STORE_TEST(a_dose_of_nobody_is_refused),
        STORE_TEST(a_dose_before_birth_is_refused),
        STORE_TEST(the_same_dose_again_exists_already),
        STORE_TEST(order_and_interval_are_asked_of_the_persons_current_doses),
        STORE_TEST(a_dose_without_a_number_takes_the_next),
        STORE_TEST(a_person_has_at_most_so_many_doses),
        STORE_TEST(a_correction_supersedes_and_keeps),
        STORE_TEST(a_correction_may_leave_date_product_and_lot_as_they_are),
        STORE_TEST(a_correction_keeps_every_rule),
        STORE_TEST(a_dose_that_changed_since_it_was_read_is_a_conflict),
        STORE_TEST(a_dose_marked_as_an_error_leaves_the_history_and_is_kept),
        STORE_TEST(a_repeated_import_does_not_bring_back_what_a_clerk_took_out),
        STORE_TEST(the_history_goes_by_date),
        STORE_TEST(the_ledger_index_is_set_once),
        STORE_TEST(the_commitment_can_be_recomputed_from_what_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
