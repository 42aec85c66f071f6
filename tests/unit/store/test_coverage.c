/* SPDX-License-Identifier: Apache-2.0 */
#include "store/coverage.h"

#include "fixture.h"

#define BAND_30 4 /* 30 to 39: whom add_resident registers */

static const struct vrx_date today = {2022, 1, 1};

static struct vrx_coverage count_on(struct fixture *fixture, struct vrx_date on, size_t limit) {
    struct vrx_coverage coverage = {0};
    bool more = true;
    while (more)
        assert_ok(vrx_coverage_count(fixture->tenant, on, limit, &coverage, &more));
    return coverage;
}

static int64_t born_on(struct fixture *fixture, const char *addressee, struct vrx_date birth_date) {
    struct vrx_resident resident = resident_called(addressee, "札幌　太郎");
    int64_t id = 0;
    resident.birth_date = birth_date;
    assert_ok(vrx_resident_register(fixture->tenant, &resident, (struct vrx_view){0}, NOW, &id));
    return id;
}

static void nobody_is_counted_in_an_empty_vault(void **state) {
    const struct vrx_coverage none = {0};
    const struct vrx_coverage coverage = count_on(*state, today, 10);
    uint64_t total = 7;
    assert_memory_equal(&coverage, &none, sizeof none);
    assert_ok(vrx_coverage_total(((struct fixture *)*state)->tenant, &total));
    assert_int_equal(total, 0);
}

static void each_person_and_each_number_counts_once(void **state) {
    struct fixture *fixture = *state;
    for (unsigned person = 1; person <= 7; person++) {
        const int64_t id = add_resident(fixture, person);
        for (uint64_t number = 1; number <= person % 4; number++) {
            const struct vrx_dose dose = dose_on(id, number, 2021, (uint8_t)(3 * number), 10);
            (void)add_dose(fixture, &dose);
        }
    }
    uint64_t total = 0;
    assert_ok(vrx_coverage_total(fixture->tenant, &total));
    assert_int_equal(total, 7);
    for (size_t limit = 1; limit <= 10; limit++) { /* pieces of any size give the same */
        const struct vrx_coverage coverage = count_on(fixture, today, limit);
        assert_int_equal(coverage.counted, 7);
        assert_int_equal(coverage.people[BAND_30], 7);
        assert_int_equal(coverage.vaccinated[BAND_30][0], 6);
        assert_int_equal(coverage.vaccinated[BAND_30][1], 4);
        assert_int_equal(coverage.vaccinated[BAND_30][2], 2);
        assert_int_equal(coverage.vaccinated[BAND_30][3], 0);
    }
}

static void what_was_taken_out_or_came_later_does_not_count(void **state) {
    struct fixture *fixture = *state;
    struct vrx_dose dose = dose_on(add_resident(fixture, 1), 1, 2021, 6, 12);
    const struct vrx_dose recorded = add_dose(fixture, &dose);
    assert_int_equal(
        count_on(fixture, (struct vrx_date){2021, 6, 12}, 9).vaccinated[BAND_30][0], 1);
    assert_int_equal(
        count_on(fixture, (struct vrx_date){2021, 6, 11}, 9).vaccinated[BAND_30][0], 0);
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, recorded.id, recorded.version, NOW));
    assert_int_equal(count_on(fixture, today, 9).vaccinated[BAND_30][0], 0);
    assert_int_equal(count_on(fixture, today, 9).people[BAND_30], 1);
}

/* Born, here, gone: who counts on a day, and in which band. */
static void people_count_where_and_when_they_live(void **state) {
    struct fixture *fixture = *state;
    (void)born_on(fixture, "1", (struct vrx_date){2017, 1, 1}); /* five today */
    (void)born_on(fixture, "2", (struct vrx_date){2017, 1, 2}); /* not yet */
    (void)born_on(fixture, "3", (struct vrx_date){1947, 1, 1}); /* 75 */
    (void)born_on(fixture, "4", (struct vrx_date){1900, 1, 1});
    struct vrx_coverage coverage = count_on(fixture, today, 9);
    assert_int_equal(coverage.people[0], 1);
    assert_int_equal(coverage.people[1], 1);
    assert_int_equal(coverage.people[VRX_COVERAGE_BANDS - 1], 2);
    coverage = count_on(fixture, (struct vrx_date){2017, 1, 1}, 9);
    assert_int_equal(coverage.people[0], 1); /* the other is not born */
    assert_int_equal(coverage.people[VRX_COVERAGE_BANDS - 2], 1);
    sql_run(vrx_tenant_db(fixture->tenant),
        "UPDATE resident SET moved_out = 18992 WHERE addressee = 4"); /* 2021-12-31 */
    assert_int_equal(count_on(fixture, today, 9).people[VRX_COVERAGE_BANDS - 1], 1);
    assert_int_equal(
        count_on(fixture, (struct vrx_date){2021, 12, 30}, 9).people[VRX_COVERAGE_BANDS - 1], 1);
}

/* 29 February's year is full on 1 March. */
static void who_was_born_on_a_leap_day_has_a_birthday_each_year(void **state) {
    struct fixture *fixture = *state;
    (void)born_on(fixture, "1", (struct vrx_date){2016, 2, 29});
    assert_int_equal(count_on(fixture, (struct vrx_date){2021, 2, 28}, 9).people[0], 1);
    assert_int_equal(count_on(fixture, (struct vrx_date){2021, 3, 1}, 9).people[1], 1);
}

static void input_range(void **state) {
    struct fixture *fixture = *state;
    struct vrx_coverage coverage = {0};
    bool more = true;
    assert_reason(vrx_coverage_count(fixture->tenant, today, 0, &coverage, &more), VRX_INPUT_RANGE);
    assert_true(more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(nobody_is_counted_in_an_empty_vault),
        STORE_TEST(each_person_and_each_number_counts_once),
        STORE_TEST(what_was_taken_out_or_came_later_does_not_count),
        STORE_TEST(people_count_where_and_when_they_live),
        STORE_TEST(who_was_born_on_a_leap_day_has_a_birthday_each_year),
        STORE_TEST(input_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
