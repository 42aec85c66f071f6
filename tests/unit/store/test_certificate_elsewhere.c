/* SPDX-License-Identifier: Apache-2.0
 *
 * store/certificate_out.c and certificate_in.c: what was asked of others on an application, and
 * what others asked.
 */
#include "cases.h"
#include "store/application_record.h"
#include "store/certificate_in.h"
#include "store/certificate_out.h"

static const uint8_t unknown[VRX_ID] = {0xff};

/* ---- where the application was made ---- */

static struct vrx_certificate_out asked_of(struct fixture *fixture, const struct test_case *about,
    uint8_t id, const char *origin, uint8_t application) {
    struct vrx_application_record record = {
        .id = {0xa, application},
        .resident = about->resident,
        .object = vrx_view_text("signed application"),
        .recorded_at = NOW,
    };
    struct vrx_application_record found;
    memcpy(record.evidence_id, about->evidence_id, VRX_ID);
    if (!vrx_is_ok(vrx_application_record_get(fixture->tenant, &fixture->arena, record.id, &found)))
        assert_ok(vrx_application_record_put(fixture->tenant, &record));
    struct vrx_certificate_out asked = {
        .query_id = {0xb, id},
        .application_id = {0xa, application},
        .resident = about->resident,
        .origin = code_of(origin),
        .has_consent = true,
        .query_digest = {0xd, id},
        .created_at = NOW,
        .deadline = NOW + 1000 + id,
    };
    memcpy(asked.consent_id, about->consent_id, VRX_ID);
    return asked;
}

static enum vrx_reason put_out(struct fixture *fixture, const struct vrx_certificate_out *asked) {
    return vrx_certificate_out_put(fixture->tenant, asked).reason;
}

static struct vrx_certificate_out get_out(struct fixture *fixture, const uint8_t id[VRX_ID]) {
    struct vrx_certificate_out found;
    assert_ok(vrx_certificate_out_get(fixture->tenant, &fixture->arena, id, &found));
    return found;
}

static int64_t next_out(struct fixture *fixture) {
    int64_t at = -1;
    assert_ok(vrx_certificate_out_next_due(fixture->tenant, &at));
    return at;
}

static void what_was_asked_waits_until_its_deadline(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_certificate_out *list = NULL;
    size_t count = 0;
    struct vrx_certificate_out given = asked_of(fixture, &about, 1, "122173", 1);
    assert_int_equal(next_out(fixture), 0);
    assert_int_equal(put_out(fixture, &given), VRX_OK);
    struct vrx_certificate_out found = get_out(fixture, given.query_id);
    assert_memory_equal(found.application_id, given.application_id, VRX_ID);
    assert_int_equal(found.resident, about.resident);
    assert_string_equal(found.origin.digits, "122173");
    assert_true(found.has_consent);
    assert_memory_equal(found.consent_id, about.consent_id, VRX_ID);
    assert_memory_equal(found.query_digest, given.query_digest, VRX_DIGEST);
    assert_int_equal(found.state, VRX_ELSEWHERE_WAITING);
    assert_int_equal(found.deadline, given.deadline);
    assert_int_equal(found.reply.len, 0);
    assert_int_equal(next_out(fixture), given.deadline + 1);
    assert_ok(vrx_certificate_out_list_overdue(
        fixture->tenant, &fixture->arena, given.deadline, 9, &list, &count));
    assert_int_equal(count, 0);
    assert_ok(vrx_certificate_out_list_overdue(
        fixture->tenant, &fixture->arena, given.deadline + 1, 9, &list, &count));
    assert_int_equal(count, 1);
    assert_reason(
        vrx_certificate_out_list_overdue(fixture->tenant, &fixture->arena, NOW, 0, &list, &count),
        VRX_INPUT_RANGE);
}

static void each_municipality_is_asked_once_for_an_application(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_certificate_out *list = NULL;
    size_t count = 0;
    struct vrx_certificate_out given = asked_of(fixture, &about, 1, "192015", 1);
    assert_int_equal(put_out(fixture, &given), VRX_OK);
    given.query_id[5] = 1;
    assert_int_equal(put_out(fixture, &given), VRX_ALREADY_EXISTS);
    given.origin = code_of("122173");
    given.has_consent = false;
    assert_int_equal(put_out(fixture, &given), VRX_OK);
    given = asked_of(fixture, &about, 3, "192015", 2);
    assert_int_equal(put_out(fixture, &given), VRX_OK);
    given.query_id[5] = 2;
    memcpy(given.application_id, unknown, VRX_ID);
    assert_int_equal(put_out(fixture, &given), VRX_NOT_FOUND);
    const uint8_t first[VRX_ID] = {0xa, 1};
    assert_ok(vrx_certificate_out_list(fixture->tenant, &fixture->arena, first, &list, &count));
    assert_int_equal(count, 2);
    assert_string_equal(list[0].origin.digits, "122173");
    assert_false(list[0].has_consent);
    assert_string_equal(list[1].origin.digits, "192015");
    assert_ok(vrx_certificate_out_list_under(
        fixture->tenant, &fixture->arena, about.consent_id, &list, &count));
    assert_int_equal(count, 2);
}

static void an_end_is_one_of_the_table_s_and_has_its_fields(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        struct vrx_certificate_end end;
        enum vrx_reason reason;
    } rows[] = {
        {{.state = VRX_ELSEWHERE_ISSUED}, VRX_INPUT_RANGE},
        {{.state = VRX_ELSEWHERE_ISSUED, .expires_at = NOW + 5}, VRX_INPUT_RANGE},
        {{.state = VRX_ELSEWHERE_REFUSED}, VRX_INPUT_RANGE},
        {{.state = VRX_ELSEWHERE_NO_RECORD, .reason = VRX_CONSENT_REVOKED}, VRX_INPUT_RANGE},
        {{.state = VRX_ELSEWHERE_NO_RECORD, .expires_at = NOW}, VRX_INPUT_RANGE},
        {{.state = VRX_ELSEWHERE_WAITING}, VRX_INPUT_RANGE},
        {{.state = (enum vrx_elsewhere_state)6}, VRX_INPUT_RANGE},
        {{.state = VRX_ELSEWHERE_EXPIRED}, VRX_OK},
        {{.state = VRX_ELSEWHERE_NO_RECORD}, VRX_WRONG_STATE},
        {{.state = VRX_ELSEWHERE_ISSUED, .expires_at = NOW + 5, .reply = {(const uint8_t *)"r", 1}},
            VRX_OK},
        {{.state = VRX_ELSEWHERE_EXPIRED}, VRX_WRONG_STATE},
    };
    struct test_case about = add_case(fixture, 1);
    struct vrx_certificate_out given = asked_of(fixture, &about, 1, "122173", 1);
    assert_int_equal(put_out(fixture, &given), VRX_OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_reason(vrx_certificate_out_end(
                          fixture->tenant, given.query_id, &rows[i].end, NOW + (int64_t)i),
            rows[i].reason);
    assert_reason(
        vrx_certificate_out_end(fixture->tenant, unknown, &rows[7].end, NOW), VRX_NOT_FOUND);
    struct vrx_certificate_out found = get_out(fixture, given.query_id);
    assert_int_equal(found.state, VRX_ELSEWHERE_ISSUED);
    assert_text(found.reply, "r");
    assert_int_equal(found.expires_at, NOW + 5);
    assert_int_equal(next_out(fixture), 0);
}

static void a_refusal_says_why(void **state) {
    struct fixture *fixture = *state;
    struct test_case about = add_case(fixture, 1);
    struct vrx_certificate_out given = asked_of(fixture, &about, 1, "122173", 1);
    const struct vrx_certificate_end end = {.state = VRX_ELSEWHERE_REFUSED,
        .reason = VRX_CONSENT_REVOKED,
        .clause = vrx_view_text("consent.status")};
    assert_int_equal(put_out(fixture, &given), VRX_OK);
    assert_ok(vrx_certificate_out_end(fixture->tenant, given.query_id, &end, NOW));
    struct vrx_certificate_out found = get_out(fixture, given.query_id);
    assert_int_equal(found.reason, VRX_CONSENT_REVOKED);
    assert_text(found.clause, "consent.status");
}

/* ---- who is asked ---- */

static struct vrx_certificate_in came(uint8_t id, int64_t resident) {
    return (struct vrx_certificate_in){
        .sender = code_of("122173"),
        .query_id = {0xb, id},
        .nonce = {0xc, id},
        .application_id = {0xa, id},
        .resident = resident,
        .may_issue = resident != 0,
        .has_consent = true,
        .consent_id = {0xd},
        .query = vrx_view_text("sealed query"),
        .received_at = NOW,
        .deadline = NOW + 1000,
        .tell_at = NOW + 20,
        .due_at = resident ? NOW : NOW + 20,
    };
}

static enum vrx_reason put_in(struct fixture *fixture, const struct vrx_certificate_in *asked) {
    return vrx_certificate_in_put(fixture->tenant, asked).reason;
}

static size_t due_in(struct fixture *fixture, int64_t now, struct vrx_certificate_in **ret_list) {
    size_t count = 0;
    assert_ok(
        vrx_certificate_in_list_due(fixture->tenant, &fixture->arena, now, 9, ret_list, &count));
    return count;
}

static int64_t next_in(struct fixture *fixture) {
    int64_t at = -1;
    assert_ok(vrx_certificate_in_next_due(fixture->tenant, &at));
    return at;
}

static void what_came_waits_until_it_is_due(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_in *list = NULL;
    struct vrx_certificate_in found;
    struct vrx_certificate_in nobody = came(1, 0);
    struct vrx_certificate_in somebody = came(2, add_resident(fixture, 1));
    assert_int_equal(next_in(fixture), 0);
    assert_int_equal(put_in(fixture, &nobody), VRX_OK);
    assert_int_equal(next_in(fixture), NOW + 20);
    assert_int_equal(put_in(fixture, &somebody), VRX_OK);
    assert_int_equal(next_in(fixture), NOW);
    assert_int_equal(due_in(fixture, NOW, &list), 1);
    assert_memory_equal(list[0].query_id, somebody.query_id, VRX_ID);
    assert_true(list[0].may_issue);
    assert_int_equal(list[0].resident, somebody.resident);
    assert_int_equal(due_in(fixture, NOW + 20, &list), 2);
    assert_ok(vrx_certificate_in_get(
        fixture->tenant, &fixture->arena, &nobody.sender, nobody.query_id, &found));
    assert_int_equal(found.resident, 0);
    assert_false(found.may_issue);
    assert_text(found.query, "sealed query");
    assert_memory_equal(found.nonce, nobody.nonce, VRX_ID);
    assert_memory_equal(found.application_id, nobody.application_id, VRX_ID);
    assert_memory_equal(found.consent_id, nobody.consent_id, VRX_ID);
    assert_int_equal(found.state, VRX_ELSEWHERE_WAITING);
    assert_int_equal(found.tell_at, NOW + 20);
    assert_int_equal(found.due_at, NOW + 20);
    assert_int_equal(found.received_at, NOW);
    assert_int_equal(found.deadline, NOW + 1000);
    assert_reason(
        vrx_certificate_in_get(fixture->tenant, &fixture->arena, &nobody.sender, unknown, &found),
        VRX_NOT_FOUND);
}

static void an_id_a_nonce_and_an_application_come_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_in given = came(1, 0);
    assert_int_equal(put_in(fixture, &given), VRX_OK);
    given.query_id[9] = 1;
    assert_int_equal(put_in(fixture, &given), VRX_QUERY_REPLAYED);
    given.nonce[9] = 1;
    assert_int_equal(put_in(fixture, &given), VRX_QUERY_REPLAYED);
    given.application_id[9] = 1;
    assert_int_equal(put_in(fixture, &given), VRX_OK);
    given = came(1, 0);
    given.sender = code_of("192015");
    assert_int_equal(put_in(fixture, &given), VRX_QUERY_REPLAYED);
    given.nonce[9] = 2;
    assert_int_equal(put_in(fixture, &given), VRX_OK);
    given = came(9, 0);
    given.may_issue = true;
    assert_int_equal(put_in(fixture, &given), VRX_INPUT_RANGE);
}

static void what_ended_waits_no_more(void **state) {
    struct fixture *fixture = *state;
    struct vrx_certificate_in given = came(1, add_resident(fixture, 1));
    struct vrx_certificate_in found;
    const struct vrx_municipality_code *from = &given.sender;
    assert_int_equal(put_in(fixture, &given), VRX_OK);
    assert_ok(vrx_certificate_in_postpone(fixture->tenant, from, given.query_id, NOW + 60));
    assert_int_equal(next_in(fixture), NOW + 60);
    assert_ok(vrx_certificate_in_hasten(fixture->tenant, from, unknown, NOW + 5));
    assert_int_equal(next_in(fixture), NOW + 60);
    assert_ok(vrx_certificate_in_hasten(fixture->tenant, from, given.consent_id, NOW + 5));
    assert_int_equal(next_in(fixture), NOW + 5);
    assert_reason(vrx_certificate_in_end(
                      fixture->tenant, from, given.query_id, VRX_ELSEWHERE_WAITING, VRX_OK, NOW),
        VRX_INPUT_RANGE);
    assert_reason(vrx_certificate_in_end(
                      fixture->tenant, from, given.query_id, VRX_ELSEWHERE_REFUSED, VRX_OK, NOW),
        VRX_INPUT_RANGE);
    assert_ok(vrx_certificate_in_end(
        fixture->tenant, from, given.query_id, VRX_ELSEWHERE_REFUSED, VRX_DOSE_INTERVAL, NOW + 9));
    assert_int_equal(next_in(fixture), 0);
    assert_reason(vrx_certificate_in_end(
                      fixture->tenant, from, given.query_id, VRX_ELSEWHERE_ISSUED, VRX_OK, NOW),
        VRX_WRONG_STATE);
    assert_reason(
        vrx_certificate_in_postpone(fixture->tenant, from, given.query_id, NOW), VRX_WRONG_STATE);
    assert_reason(vrx_certificate_in_postpone(fixture->tenant, from, unknown, NOW), VRX_NOT_FOUND);
    assert_ok(vrx_certificate_in_hasten(fixture->tenant, from, given.consent_id, NOW + 5));
    assert_int_equal(next_in(fixture), 0);
    assert_ok(
        vrx_certificate_in_get(fixture->tenant, &fixture->arena, from, given.query_id, &found));
    assert_int_equal(found.reason, VRX_DOSE_INTERVAL);
    assert_int_equal(found.changed_at, NOW + 9);
    assert_int_equal(found.due_at, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_asked_waits_until_its_deadline),
        STORE_TEST(each_municipality_is_asked_once_for_an_application),
        STORE_TEST(an_end_is_one_of_the_table_s_and_has_its_fields),
        STORE_TEST(a_refusal_says_why),
        STORE_TEST(what_came_waits_until_it_is_due),
        STORE_TEST(an_id_a_nonce_and_an_application_come_once),
        STORE_TEST(what_ended_waits_no_more),
    };
    return cmocka_run_group_tests_name("store/certificate_elsewhere", tests, NULL, NULL);
}
