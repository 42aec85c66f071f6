/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dose_doubt.h"

#include "fixture.h"

#define MANY 8

/* One dose of one more resident each; a row of nothing ends the list. The first is the one that is
 * asked about. */
struct row {
    struct vrx_date on;
    uint64_t product;
    const char *lot;    /* NULL: EW4811 */
    const char *ticket; /* NULL: one of its own */
    const char *by;     /* NULL: 011002 */
    enum vrx_dose_source source;
};

#define DAY_1 \
    { 2021, 6, 1 }
#define FIRST \
    { DAY_1, 1, NULL, NULL, NULL, 0 }
#define SPIKEVAX \
    { DAY_1, 3, NULL, NULL, NULL, 0 }
#define ON(...) \
    { {__VA_ARGS__}, 1, NULL, NULL, NULL, 0 }
#define TICKET(digits, by, source) \
    { DAY_1, 1, NULL, digits, by, source }

static struct vrx_dose put(struct fixture *fixture, unsigned person, const struct row *row) {
    char ticket[24];
    (void)snprintf(ticket, sizeof ticket, "%010u", person);
    struct vrx_dose dose = dose_on(add_resident(fixture, person), 1, 2021, 6, 1);
    dose.item.administered_on = row->on;
    dose.item.product = row->product;
    dose.item.ticket = vrx_view_text(row->ticket ? row->ticket : ticket);
    if (row->lot)
        dose.item.lot = vrx_view_text(row->lot);
    if (row->by)
        dose.item.administered_by = code_of(row->by);
    if (row->source) {
        dose.provenance.source = row->source;
        dose.provenance.municipality = code_of("122173");
        dose.provenance.digest[0] = 1;
    }
    struct vrx_dose recorded = {0};
    assert_ok(vrx_dose_record(fixture->tenant, &dose, NOW + INT64_C(86400) * 1500, &recorded));
    recorded.item.lot = vrx_view_text(row->lot ? row->lot : "EW4811");
    recorded.item.ticket = vrx_view_text(row->ticket ? row->ticket : "0000000001");
    return recorded;
}

static void assert_doubt(
    struct fixture *fixture, const struct vrx_dose *dose, enum vrx_dose_doubt expected) {
    enum vrx_dose_doubt doubt = VRX_DOUBT_NONE;
    assert_ok(vrx_dose_doubt(fixture->tenant, dose, &doubt));
    assert_int_equal(doubt, expected);
}

static const struct {
    const char *what;
    struct row rows[MANY];
    enum vrx_dose_doubt expected;
} cases[] = {
    {"alone", {FIRST}, VRX_DOUBT_NONE},
    {"among its like", {FIRST, FIRST, FIRST, FIRST}, VRX_DOUBT_NONE},
    {"two of another product", {FIRST, SPIKEVAX, SPIKEVAX}, VRX_DOUBT_NONE},
    {"three", {FIRST, SPIKEVAX, SPIKEVAX, SPIKEVAX}, VRX_DOUBT_LOT_PRODUCT},
    {"and of either side", {{DAY_1, 2, 0, 0, 0, 0}, FIRST, SPIKEVAX, SPIKEVAX},
        VRX_DOUBT_LOT_PRODUCT},
    {"five against two", {FIRST, FIRST, SPIKEVAX, SPIKEVAX, SPIKEVAX, SPIKEVAX, SPIKEVAX},
        VRX_DOUBT_NONE},
    {"six against two", {FIRST, FIRST, SPIKEVAX, SPIKEVAX, SPIKEVAX, SPIKEVAX, SPIKEVAX, SPIKEVAX},
        VRX_DOUBT_LOT_PRODUCT},
    {"another lot", {{DAY_1, 1, "FA7338", 0, 0, 0}, SPIKEVAX, SPIKEVAX, SPIKEVAX}, VRX_DOUBT_NONE},
    {"no lot",
        {{DAY_1, 1, "", 0, 0, 0}, {DAY_1, 3, "", 0, 0, 0}, {DAY_1, 3, "", 0, 0, 0},
            {DAY_1, 3, "", 0, 0, 0}},
        VRX_DOUBT_NONE},
    {"what others answered is not asked",
        {FIRST, SPIKEVAX, SPIKEVAX, {DAY_1, 3, NULL, NULL, NULL, VRX_DOSE_TRANSFER}},
        VRX_DOUBT_NONE},
    {"a file is", {FIRST, SPIKEVAX, SPIKEVAX, {DAY_1, 3, NULL, NULL, NULL, VRX_DOSE_IMPORT}},
        VRX_DOUBT_LOT_PRODUCT},
    {"550 days later", {FIRST, ON(2022, 12, 3), ON(2022, 12, 3), ON(2022, 12, 3)}, VRX_DOUBT_NONE},
    {"551", {FIRST, ON(2022, 12, 4), ON(2022, 12, 4), ON(2022, 12, 4)}, VRX_DOUBT_LOT_DATE},
    {"and sooner", {ON(2022, 12, 4), FIRST, FIRST, FIRST}, VRX_DOUBT_LOT_DATE},
    {"550 days sooner", {ON(2022, 12, 3), FIRST, FIRST, FIRST}, VRX_DOUBT_NONE},
    {"two far away", {FIRST, ON(2023, 1, 1), ON(2023, 1, 1)}, VRX_DOUBT_NONE},
    {"one that agrees", {FIRST, FIRST, ON(2023, 1, 1), ON(2023, 1, 1), ON(2023, 1, 1)},
        VRX_DOUBT_NONE},
    {"a ticket twice", {TICKET("1234567890", NULL, 0), TICKET("1234567890", NULL, 0)},
        VRX_DOUBT_TICKET},
    {"of another municipality", {TICKET("1234567890", NULL, 0), TICKET("1234567890", "122173", 0)},
        VRX_DOUBT_NONE},
    {"in an answer", {TICKET("1234567890", NULL, 0), TICKET("1234567890", NULL, VRX_DOSE_TRANSFER)},
        VRX_DOUBT_NONE},
    {"none twice", {TICKET("", NULL, 0), TICKET("", NULL, 0)}, VRX_DOUBT_NONE},
};

static void what_other_records_say(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct vrx_dose asked = {0};
        sql_run(vrx_tenant_db(fixture->tenant), "SAVEPOINT one");
        for (unsigned n = 0; n < MANY && cases[i].rows[n].on.year; n++) {
            const struct vrx_dose dose = put(fixture, n + 1, &cases[i].rows[n]);
            if (n == 0)
                asked = dose;
        }
        enum vrx_dose_doubt doubt = VRX_DOUBT_NONE;
        assert_ok(vrx_dose_doubt(fixture->tenant, &asked, &doubt));
        if (doubt != cases[i].expected)
            fail_msg("%s: %d", cases[i].what, (int)doubt);
        sql_run(vrx_tenant_db(fixture->tenant), "ROLLBACK TO one; RELEASE one");
    }
}

/* The same person's doses share a ticket, and one pen. */
static void own_doses_are_not_asked(void **state) {
    struct fixture *fixture = *state;
    const int64_t resident = add_resident(fixture, 1);
    struct vrx_dose dose = dose_on(resident, 1, 2021, 3, 1);
    const struct vrx_dose first = add_dose(fixture, &dose);
    for (uint64_t number = 2; number <= 4; number++) {
        dose = dose_on(resident, number, 2021, (uint8_t)(4 + number), 1);
        dose.item.product = 3;
        (void)add_dose(fixture, &dose);
    }
    assert_doubt(fixture, &first, VRX_DOUBT_NONE);
}

static void what_was_taken_out_says_nothing(void **state) {
    struct fixture *fixture = *state;
    static const struct row row = TICKET("1234567890", NULL, 0);
    const struct vrx_dose asked = put(fixture, 1, &row);
    const struct vrx_dose other = put(fixture, 2, &row);
    assert_doubt(fixture, &asked, VRX_DOUBT_TICKET);
    assert_doubt(fixture, &other, VRX_DOUBT_TICKET);
    assert_ok(vrx_dose_mark_entered_in_error(fixture->tenant, other.id, other.version, NOW));
    assert_doubt(fixture, &asked, VRX_DOUBT_NONE);
}

/* However large a lot is, no dose is read; of a ticket's there are a few. */
static void every_question_has_its_index(void **state) {
    struct fixture *fixture = *state;
    static const struct row rows[] = {
        FIRST, FIRST, SPIKEVAX, SPIKEVAX, SPIKEVAX, ON(2023, 1, 1), ON(2023, 1, 1), ON(2023, 1, 1)};
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    unsigned questions = 0;
    struct vrx_dose asked = put(fixture, 1, &rows[0]);
    for (unsigned n = 1; n < COUNT_OF(rows); n++)
        (void)put(fixture, n + 1, &rows[n]);
    assert_doubt(fixture, &asked, VRX_DOUBT_NONE);
    for (sqlite3_stmt *one = sqlite3_next_stmt(db, NULL); one; one = sqlite3_next_stmt(db, one)) {
        char text[1024] = "EXPLAIN QUERY PLAN ";
        sqlite3_stmt *plan = NULL;
        if (!strstr(sqlite3_sql(one), "resident <> ? AND state = 1 AND source <> 3"))
            continue;
        questions++;
        (void)strncat(text, sqlite3_sql(one), sizeof text - strlen(text) - 1);
        assert_int_equal(sqlite3_prepare_v2(db, text, -1, &plan, NULL), SQLITE_OK);
        while (sqlite3_step(plan) == SQLITE_ROW) {
            const char *step = (const char *)sqlite3_column_text(plan, 3);
            if (strstr(step, " dose "))
                assert_true(strstr(step, "SEARCH dose USING COVERING INDEX dose_of_lot (lot=? ") ||
                            strstr(step, "SEARCH dose USING INDEX dose_of_ticket (ticket=? "));
        }
        assert_int_equal(sqlite3_finalize(plan), SQLITE_OK);
    }
    assert_int_equal(questions, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_other_records_say),
        STORE_TEST(own_doses_are_not_asked),
        STORE_TEST(what_was_taken_out_says_nothing),
        STORE_TEST(every_question_has_its_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
