/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dossier.h"

#include "cases.h"
#include "store/transfer_in.h"
#include "store/transfer_out.h"

static const uint8_t query_id[VRX_ID] = {7, 7};
static const uint8_t permits[VRX_DIGEST] = {5};
static const char number[] = "123456789018";

static struct vrx_dossier got(
    struct fixture *fixture, const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID]) {
    struct vrx_dossier dossier;
    assert_ok(vrx_dossier_get(fixture->tenant, &fixture->arena, sender, id, &dossier));
    return dossier;
}

static struct vrx_result look(
    struct fixture *fixture, const struct vrx_municipality_code *sender, const uint8_t id[VRX_ID]) {
    struct vrx_dossier dossier;
    return vrx_dossier_get(fixture->tenant, &fixture->arena, sender, id, &dossier);
}

static void what_was_put_is_got(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_municipality_code kashiwa = code_of("122173");
    const struct vrx_municipality_code kofu = code_of("192015");
    struct vrx_tenant *tenant = fixture->tenant;
    assert_ok(vrx_dossier_open(tenant, NULL, query_id, vrx_view_text("own"), permits));
    assert_ok(vrx_dossier_open(tenant, &kashiwa, query_id, vrx_view_text("theirs"), permits));
    assert_text(got(fixture, NULL, query_id).query, "own");
    assert_text(got(fixture, &kashiwa, query_id).query, "theirs");
    assert_int_equal(got(fixture, &kashiwa, query_id).answer.len, 0);
    assert_memory_equal(got(fixture, &kashiwa, query_id).permits, permits, VRX_DIGEST);
    assert_reason(look(fixture, &kofu, query_id), VRX_NOT_FOUND);
    assert_ok(vrx_dossier_answer(tenant, &kashiwa, query_id, vrx_view_text("pending")));
    assert_ok(vrx_dossier_answer(tenant, &kashiwa, query_id, vrx_view_text("doses")));
    assert_text(got(fixture, &kashiwa, query_id).answer, "doses");
    assert_int_equal(got(fixture, NULL, query_id).answer.len, 0);
    assert_reason(vrx_dossier_open(tenant, NULL, query_id, vrx_view_text("again"), permits),
        VRX_ALREADY_EXISTS);
}

/* Beside the answer at first. */
static void a_denial_takes_the_place_of_doses_when_it_is_the_answer(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_municipality_code kashiwa = code_of("122173");
    struct vrx_tenant *tenant = fixture->tenant;
    assert_ok(vrx_dossier_open(tenant, &kashiwa, query_id, vrx_view_text("theirs"), permits));
    assert_ok(vrx_dossier_answer(tenant, &kashiwa, query_id, vrx_view_text("doses")));
    assert_ok(vrx_dossier_denied(tenant, &kashiwa, query_id)); /* there is none */
    assert_text(got(fixture, &kashiwa, query_id).answer, "doses");
    assert_ok(vrx_dossier_denial(tenant, &kashiwa, query_id, vrx_view_text("denial")));
    assert_text(got(fixture, &kashiwa, query_id).answer, "doses");
    assert_ok(vrx_dossier_denied(tenant, &kashiwa, query_id));
    assert_text(got(fixture, &kashiwa, query_id).answer, "denial");
    assert_int_equal(rows_in(fixture, "dossier WHERE denial IS NOT NULL"), 0);
}

static void no_text_and_too_much_are_refused(void **state) {
    struct fixture *fixture = *state;
    static const uint8_t bytes[VRX_LIMIT_TRANSFER + 1];
    const struct vrx_view nothing = {0};
    struct vrx_view much = vrx_view_of(bytes, sizeof bytes);
    assert_reason(vrx_dossier_open(fixture->tenant, NULL, query_id, nothing, permits),
        VRX_INPUT_FIELD_MISSING);
    assert_reason(
        vrx_dossier_open(fixture->tenant, NULL, query_id, much, permits), VRX_INPUT_TOO_LARGE);
    much.len--;
    assert_ok(vrx_dossier_open(fixture->tenant, NULL, query_id, much, permits));
    assert_int_equal(got(fixture, NULL, query_id).query.len, much.len);
    assert_reason(
        vrx_dossier_answer(fixture->tenant, NULL, query_id, nothing), VRX_INPUT_FIELD_MISSING);
    much.len++;
    assert_reason(vrx_dossier_answer(fixture->tenant, NULL, query_id, much), VRX_INPUT_TOO_LARGE);
}

/* A transfer of before there were dossiers. */
static void an_answer_without_a_dossier_is_left(void **state) {
    struct fixture *fixture = *state;
    assert_ok(vrx_dossier_answer(fixture->tenant, NULL, query_id, vrx_view_text("answer")));
    assert_int_equal(rows_in(fixture, "dossier"), 0);
}

static void no_text_of_it_stands_in_the_table(void **state) {
    struct fixture *fixture = *state;
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    assert_ok(vrx_dossier_open(fixture->tenant, NULL, query_id, vrx_view_text(number), permits));
    assert_ok(vrx_dossier_answer(fixture->tenant, NULL, query_id, vrx_view_text(number)));
    assert_int_equal(sql_number(db, "SELECT instr(query, CAST('123456789018' AS BLOB)) + "
                                    "instr(answer, CAST('123456789018' AS BLOB)) FROM dossier"),
        0);
    assert_int_equal(sql_number(db, "SELECT length(query) FROM dossier"), sizeof number - 1 + 28);
}

/* Each closed text opens in its own place only. */
static void a_text_in_anothers_place_is_damage(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_municipality_code kashiwa = code_of("122173");
    static const uint8_t other[VRX_ID] = {8};
    static const char *const swaps[] = {
        "UPDATE dossier SET query = answer WHERE sender = ''",
        "UPDATE dossier SET answer = query WHERE sender = ''",
        "UPDATE dossier SET query_id = zeroblob(16) WHERE sender = ''",
        "UPDATE dossier SET sender = '192015' WHERE sender = ''",
        "UPDATE dossier SET query = zeroblob(27) WHERE sender = ''",
        "UPDATE dossier AS d SET query = o.query FROM dossier AS o WHERE d.sender < o.sender",
    };
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    assert_ok(vrx_dossier_open(fixture->tenant, NULL, query_id, vrx_view_text("a"), permits));
    assert_ok(vrx_dossier_answer(fixture->tenant, NULL, query_id, vrx_view_text("b")));
    assert_ok(vrx_dossier_open(fixture->tenant, &kashiwa, other, vrx_view_text("c"), permits));
    for (size_t i = 0; i < COUNT_OF(swaps); i++) {
        static const uint8_t zero[VRX_ID] = {0};
        const struct vrx_municipality_code kofu = code_of("192015");
        sql_run(db, "SAVEPOINT swap");
        sql_run(db, swaps[i]);
        assert_reason(
            look(fixture, i == 3 ? &kofu : NULL, i == 2 ? zero : query_id), VRX_VAULT_DAMAGED);
        sql_run(db, "ROLLBACK TO swap");
        sql_run(db, "RELEASE swap");
        assert_ok(look(fixture, NULL, query_id));
    }
}

static void entries_are_noted_and_counted(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_municipality_code kashiwa = code_of("122173");
    uint64_t *entries = NULL;
    size_t count = 9;
    uint64_t all = 9;
    assert_ok(vrx_dossier_entries(
        fixture->tenant, &fixture->arena, NULL, query_id, 3, &entries, &count, &all));
    assert_int_equal(count, 0);
    assert_int_equal(all, 0);
    for (uint64_t i = 5; i > 0; i--)
        assert_ok(vrx_dossier_note(fixture->tenant, NULL, query_id, 10 * i));
    assert_ok(vrx_dossier_note(fixture->tenant, &kashiwa, query_id, 7));
    assert_ok(vrx_dossier_entries(
        fixture->tenant, &fixture->arena, NULL, query_id, 3, &entries, &count, &all));
    assert_int_equal(count, 3);
    assert_int_equal(all, 5);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(entries[i], 10 * (i + 1));
    assert_reason(vrx_dossier_entries(
                      fixture->tenant, &fixture->arena, NULL, query_id, 0, &entries, &count, &all),
        VRX_INPUT_RANGE);
}

/* Somebody's transfers both ways, consent and identity check; what their dossiers hold. */
static int64_t add_all(struct fixture *fixture) {
    struct test_case about = add_case(fixture, 1);
    struct vrx_tenant *tenant = fixture->tenant;
    const struct vrx_municipality_code kashiwa = code_of("122173");
    struct vrx_transfer_out out = {.origin = kashiwa,
        .resident = about.resident,
        .has_consent = true,
        .has_evidence = true,
        .query = vrx_view_text("sealed"),
        .created_at = NOW,
        .deadline = NOW + 60,
        .next_attempt_at = NOW};
    struct vrx_transfer_in in = {.sender = kashiwa,
        .resident = about.resident,
        .query = vrx_view_text("sealed"),
        .received_at = NOW,
        .deadline = NOW + 60};
    memcpy(out.query_id, query_id, VRX_ID);
    memcpy(out.consent_id, about.consent_id, VRX_ID);
    memcpy(out.evidence_id, about.evidence_id, VRX_ID);
    memcpy(in.query_id, query_id, VRX_ID);
    assert_ok(vrx_transfer_out_put(tenant, &out));
    assert_ok(vrx_transfer_in_put(tenant, &in));
    assert_ok(vrx_dossier_open(tenant, NULL, query_id, vrx_view_text("own"), permits));
    assert_ok(vrx_dossier_open(tenant, &kashiwa, query_id, vrx_view_text("theirs"), permits));
    assert_ok(vrx_dossier_note(tenant, NULL, query_id, 1));
    assert_ok(vrx_dossier_note(tenant, &kashiwa, query_id, 2));
    assert_ok(vrx_dossier_note(tenant, NULL, about.consent_id, 3));
    assert_ok(vrx_dossier_note(tenant, NULL, about.evidence_id, 4));
    return about.resident;
}

/* What refers to a person goes with them; a trigger of the schema sees to it, so that it does not
 * matter who erases. */
static void an_erasure_takes_it_along(void **state) {
    struct fixture *fixture = *state;
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    static const uint8_t other[VRX_ID] = {8};
    add_all(fixture);
    assert_ok(vrx_dossier_open(fixture->tenant, NULL, other, vrx_view_text("else"), permits));
    assert_ok(vrx_dossier_note(fixture->tenant, NULL, other, 9));
    assert_int_equal(rows_in(fixture, "dossier"), 3);
    assert_int_equal(rows_in(fixture, "dossier_entry"), 5);
    sql_run(db, "DELETE FROM transfer_out");
    assert_reason(look(fixture, NULL, query_id), VRX_NOT_FOUND);
    assert_int_equal(rows_in(fixture, "dossier_entry"), 4);
    sql_run(db, "DELETE FROM transfer_in");
    assert_int_equal(rows_in(fixture, "dossier"), 1);
    assert_int_equal(rows_in(fixture, "dossier_entry"), 3);
    sql_run(db, "DELETE FROM consent");
    assert_int_equal(rows_in(fixture, "dossier_entry"), 2);
    sql_run(db, "DELETE FROM evidence");
    assert_int_equal(rows_in(fixture, "dossier_entry"), 1);
    assert_text(got(fixture, NULL, other).query, "else");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_put_is_got),
        STORE_TEST(a_denial_takes_the_place_of_doses_when_it_is_the_answer),
        STORE_TEST(no_text_and_too_much_are_refused),
        STORE_TEST(an_answer_without_a_dossier_is_left),
        STORE_TEST(no_text_of_it_stands_in_the_table),
        STORE_TEST(a_text_in_anothers_place_is_damage),
        STORE_TEST(entries_are_noted_and_counted),
        STORE_TEST(an_erasure_takes_it_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
