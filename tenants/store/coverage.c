/* SPDX-License-Identifier: Apache-2.0 */
#include "store/coverage.h"

#include "store/sql.h"

const unsigned vrx_coverage_from_age[VRX_COVERAGE_BANDS] = {0, 5, 12, 18, 30, 40, 50, 60, 65, 75};

static unsigned age_on(struct vrx_date born, struct vrx_date on) {
    const bool birthday = on.month > born.month || (on.month == born.month && on.day >= born.day);
    return (unsigned)(on.year - born.year) - (birthday ? 0U : 1U);
}

static size_t band_of(unsigned age) {
    size_t band = 0;
    while (band + 1 < VRX_COVERAGE_BANDS && age >= vrx_coverage_from_age[band + 1])
        band++;
    return band;
}

/* A person's doses follow each other, so that the numbers seen of one are a set. */
struct person {
    int64_t id;
    bool counts;
    size_t band;
    uint64_t seen; /* bit n: dose n + 1 */
};

static void begin_person(
    struct person *person, struct vrx_statement *rows, int64_t id, struct vrx_date on) {
    const struct vrx_date born = vrx_take_date(rows);
    const bool here = vrx_take_bool(rows);
    *person = (struct person){.id = id, .counts = here && vrx_date_compare(born, on) <= 0};
    if (person->counts)
        person->band = band_of(age_on(born, on));
}

static void count_dose(struct vrx_coverage *coverage, struct person *person, int64_t number) {
    if (!person->counts || number < 1 || number > VRX_COVERAGE_DOSES)
        return;
    const uint64_t bit = UINT64_C(1) << (number - 1);
    if (!(person->seen & bit))
        coverage->vaccinated[person->band][number - 1]++;
    person->seen |= bit;
}

static struct vrx_result count_rows(struct vrx_statement *rows, struct vrx_date on,
    struct vrx_coverage *coverage, size_t *ret_people) {
    struct person person = {0};
    bool more = false;
    *ret_people = 0;
    VRX_TRY(vrx_statement_row(rows, &more));
    while (more) {
        const int64_t number = vrx_take_int(rows);
        const int64_t id = vrx_take_int(rows);
        if (id != person.id) {
            begin_person(&person, rows, id, on);
            coverage->people[person.band] += person.counts;
            ++*ret_people;
        }
        count_dose(coverage, &person, number);
        VRX_TRY(vrx_statement_row(rows, &more));
    }
    if (person.id)
        coverage->after = person.id;
    return vrx_ok();
}

struct vrx_result vrx_coverage_total(struct vrx_tenant *tenant, uint64_t *ret_total) {
    VRX_STATEMENT(count, tenant, "SELECT count(*) FROM resident");
    VRX_TRY(vrx_statement_one(&count));
    const int64_t total = vrx_take_int(&count);
    VRX_TRY(count.error);
    *ret_total = (uint64_t)total;
    return vrx_ok();
}

struct vrx_result vrx_coverage_count(struct vrx_tenant *tenant, struct vrx_date on, size_t limit,
    struct vrx_coverage *coverage, bool *ret_more) {
    if (!limit)
        return vrx_fail(VRX_INPUT_RANGE);
    struct vrx_coverage next = *coverage;
    size_t people = 0;
    VRX_STATEMENT(rows, tenant,
        "SELECT coalesce(d.dose_number, 0), r.id, r.birth_date, r.moved_out IS NULL OR r.moved_out "
        "> ? "
        "FROM (SELECT id, birth_date, moved_out FROM resident WHERE id > ? ORDER BY id LIMIT ?) r "
        "LEFT JOIN dose d ON d.resident = r.id AND d.state = 1 AND d.administered_on <= ? "
        "ORDER BY r.id");
    vrx_bind_date(&rows, on);
    vrx_bind_int(&rows, next.after);
    vrx_bind_int(&rows, (int64_t)limit);
    vrx_bind_date(&rows, on);
    VRX_TRY(count_rows(&rows, on, &next, &people));
    next.counted += people;
    *coverage = next;
    *ret_more = people == limit;
    return vrx_ok();
}
