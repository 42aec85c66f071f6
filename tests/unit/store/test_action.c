/* SPDX-License-Identifier: Apache-2.0 */
#include "store/action.h"

#include "fixture.h"

#define METHOD "/vrx.v1.Records/Export"

static struct vrx_action_person person(const char *operator_id) {
    return (struct vrx_action_person){
        vrx_view_text(operator_id), vrx_view_text("0011223344556677")};
}

static struct vrx_result try_ask(struct fixture *fixture, const char *operator_id,
    const char *request, int64_t now, uint8_t ret_id[VRX_ID]) {
    struct vrx_action_person asked = person(operator_id);
    return vrx_action_ask(
        fixture->tenant, vrx_view_text(METHOD), 5, vrx_view_text(request), &asked, now, ret_id);
}

static void ask(
    struct fixture *fixture, const char *operator_id, const char *request, uint8_t ret_id[VRX_ID]) {
    assert_ok(try_ask(fixture, operator_id, request, NOW, ret_id));
}

static struct vrx_result agree(
    struct fixture *fixture, const uint8_t id[VRX_ID], const char *operator_id, int64_t now) {
    struct vrx_action_person by = person(operator_id);
    return vrx_action_agree(fixture->tenant, id, &by, now);
}

static struct vrx_result refuse(
    struct fixture *fixture, const uint8_t id[VRX_ID], const char *operator_id, int64_t now) {
    struct vrx_action_person by = person(operator_id);
    return vrx_action_refuse(fixture->tenant, id, &by, now);
}

static bool found(struct fixture *fixture, const char *operator_id, const char *method,
    const char *request, int64_t now, struct vrx_action *ret_action) {
    bool found = false;
    assert_ok(vrx_action_find(fixture->tenant, &fixture->arena, vrx_view_text(operator_id),
        vrx_view_text(method), vrx_view_text(request), now, ret_action, &found));
    return found;
}

static struct vrx_action get(struct fixture *fixture, const uint8_t id[VRX_ID], int64_t now) {
    struct vrx_action action = {0};
    assert_ok(vrx_action_get(fixture->tenant, &fixture->arena, id, now, &action));
    return action;
}

static void what_was_asked_is_there_to_look_at(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    ask(fixture, "yamada", "request", id);
    struct vrx_action action = get(fixture, id, NOW);
    assert_text(action.method, METHOD);
    assert_text(action.request, "request");
    assert_int_equal(action.roles, 5);
    assert_int_equal(action.state, VRX_ACTION_WAITING);
    assert_text(action.asked.operator_id, "yamada");
    assert_text(action.asked.terminal_id, "0011223344556677");
    assert_int_equal(action.asked_at, NOW);
    assert_int_equal(action.expires_at, NOW + VRX_ACTION_WAIT_SECONDS);
    assert_int_equal(action.answered.operator_id.len, 0);
    assert_int_equal(action.ended_at, 0);
}

static void only_the_same_request_of_the_same_operator_is_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_action action = {0};
    uint8_t id[VRX_ID];
    ask(fixture, "yamada", "request", id);
    assert_true(found(fixture, "yamada", METHOD, "request", NOW, &action));
    assert_memory_equal(action.id, id, VRX_ID);
    assert_false(found(fixture, "suzuki", METHOD, "request", NOW, &action));
    assert_false(found(fixture, "yamada", "/vrx.v1.Records/Other", "request", NOW, &action));
    assert_false(found(fixture, "yamada", METHOD, "requesT", NOW, &action));
    assert_false(found(fixture, "yamada", METHOD, "", NOW, &action));
}

static void an_empty_request_is_one_too(void **state) {
    struct fixture *fixture = *state;
    struct vrx_action action = {0};
    uint8_t id[VRX_ID];
    ask(fixture, "yamada", "", id);
    assert_true(found(fixture, "yamada", METHOD, "", NOW, &action));
    assert_int_equal(action.request.len, 0);
    assert_false(found(fixture, "yamada", METHOD, "x", NOW, &action));
}

static void the_other_agrees_and_it_is_used_once(void **state) {
    struct fixture *fixture = *state;
    struct vrx_action action = {0};
    uint8_t id[VRX_ID];
    ask(fixture, "yamada", "request", id);
    assert_reason(vrx_action_use(fixture->tenant, id, NOW), VRX_WRONG_STATE);
    assert_ok(agree(fixture, id, "suzuki", NOW + 10));
    assert_true(found(fixture, "yamada", METHOD, "request", NOW + 10, &action));
    assert_int_equal(action.state, VRX_ACTION_AGREED);
    assert_text(action.answered.operator_id, "suzuki");
    assert_int_equal(action.expires_at, NOW + 10 + VRX_ACTION_AGREED_SECONDS);
    assert_ok(vrx_action_use(fixture->tenant, id, NOW + 20));
    assert_reason(vrx_action_use(fixture->tenant, id, NOW + 20), VRX_WRONG_STATE);
    assert_false(found(fixture, "yamada", METHOD, "request", NOW + 20, &action));
    assert_int_equal(get(fixture, id, NOW + 20).state, VRX_ACTION_USED);
    assert_int_equal(get(fixture, id, NOW + 20).ended_at, NOW + 20);
}

static void whoever_asked_does_not_agree(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    ask(fixture, "yamada", "request", id);
    assert_reason(agree(fixture, id, "yamada", NOW), VRX_SECOND_PERSON_SAME);
    assert_reason(refuse(fixture, id, "yamada", NOW), VRX_SECOND_PERSON_SAME);
    assert_int_equal(get(fixture, id, NOW).state, VRX_ACTION_WAITING);
}

static void nobody_does_not_ask_or_agree(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    assert_reason(try_ask(fixture, "", "request", NOW, id), VRX_INPUT_FIELD_MISSING);
    ask(fixture, "yamada", "request", id);
    assert_reason(agree(fixture, id, "", NOW), VRX_INPUT_FIELD_MISSING);
    assert_reason(refuse(fixture, id, "", NOW), VRX_INPUT_FIELD_MISSING);
}

static void an_answer_is_given_once(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    uint8_t other[VRX_ID];
    ask(fixture, "yamada", "request", id);
    ask(fixture, "yamada", "another", other);
    assert_ok(agree(fixture, id, "suzuki", NOW));
    assert_reason(agree(fixture, id, "tanaka", NOW), VRX_WRONG_STATE);
    assert_reason(refuse(fixture, id, "tanaka", NOW), VRX_WRONG_STATE);
    assert_ok(refuse(fixture, other, "suzuki", NOW));
    assert_reason(agree(fixture, other, "tanaka", NOW), VRX_WRONG_STATE);
    assert_reason(vrx_action_use(fixture->tenant, other, NOW), VRX_WRONG_STATE);
    assert_int_equal(get(fixture, other, NOW).state, VRX_ACTION_REFUSED);
}

static void only_whoever_asked_takes_it_back(void **state) {
    struct fixture *fixture = *state;
    uint8_t id[VRX_ID];
    ask(fixture, "yamada", "request", id);
    assert_reason(
        vrx_action_withdraw(fixture->tenant, id, vrx_view_text("suzuki"), NOW), VRX_NOT_FOUND);
    assert_ok(agree(fixture, id, "suzuki", NOW));
    assert_ok(vrx_action_withdraw(fixture->tenant, id, vrx_view_text("yamada"), NOW + 1));
    assert_reason(vrx_action_use(fixture->tenant, id, NOW + 1), VRX_WRONG_STATE);
    assert_reason(
        vrx_action_withdraw(fixture->tenant, id, vrx_view_text("yamada"), NOW), VRX_WRONG_STATE);
    assert_int_equal(get(fixture, id, NOW + 1).state, VRX_ACTION_WITHDRAWN);
}

static void a_question_expires_after_a_day(void **state) {
    struct fixture *fixture = *state;
    struct vrx_action action = {0};
    uint8_t id[VRX_ID];
    const int64_t end = NOW + VRX_ACTION_WAIT_SECONDS;
    ask(fixture, "yamada", "request", id);
    assert_true(found(fixture, "yamada", METHOD, "request", end - 1, &action));
    assert_false(found(fixture, "yamada", METHOD, "request", end, &action));
    assert_int_equal(get(fixture, id, end).state, VRX_ACTION_EXPIRED);
    assert_int_equal(get(fixture, id, end).request.len, 0);
    assert_reason(agree(fixture, id, "suzuki", end), VRX_WRONG_STATE);
}

static void an_agreement_expires_after_an_hour(void **state) {
    struct fixture *fixture = *state;
    struct vrx_action action = {0};
    uint8_t id[VRX_ID];
    const int64_t end = NOW + VRX_ACTION_AGREED_SECONDS;
    ask(fixture, "yamada", "request", id);
    assert_ok(agree(fixture, id, "suzuki", NOW));
    assert_true(found(fixture, "yamada", METHOD, "request", end - 1, &action));
    assert_false(found(fixture, "yamada", METHOD, "request", end, &action));
    assert_reason(vrx_action_use(fixture->tenant, id, end), VRX_WRONG_STATE);
}

static void an_ended_one_keeps_no_request_and_is_forgotten(void **state) {
    struct fixture *fixture = *state;
    uint8_t ids[4][VRX_ID];
    ask(fixture, "yamada", "1", ids[0]);
    ask(fixture, "yamada", "2", ids[1]);
    ask(fixture, "yamada", "3", ids[2]);
    ask(fixture, "yamada", "4", ids[3]);
    assert_ok(agree(fixture, ids[0], "suzuki", NOW));
    assert_ok(vrx_action_use(fixture->tenant, ids[0], NOW));
    assert_ok(refuse(fixture, ids[1], "suzuki", NOW));
    assert_ok(vrx_action_withdraw(fixture->tenant, ids[2], vrx_view_text("yamada"), NOW));
    assert_ok(vrx_action_sweep(fixture->tenant, NOW + VRX_ACTION_WAIT_SECONDS));
    sqlite3 *db = vrx_tenant_db(fixture->tenant);
    assert_int_equal(
        sql_number(db, "SELECT count(*) FROM action WHERE request IS NULL AND salt IS NULL"), 4);
    assert_ok(vrx_action_sweep(fixture->tenant, NOW + VRX_ACTION_KEEP_SECONDS));
    assert_int_equal(rows_in(fixture, "action"), 4);
    assert_ok(vrx_action_sweep(fixture->tenant, NOW + VRX_ACTION_KEEP_SECONDS + 1));
    assert_int_equal(rows_in(fixture, "action"), 1);
    assert_ok(vrx_action_sweep(
        fixture->tenant, NOW + VRX_ACTION_WAIT_SECONDS + VRX_ACTION_KEEP_SECONDS + 1));
    assert_int_equal(rows_in(fixture, "action"), 0);
}

static void the_next_expiry_is_that_of_the_first_to_end(void **state) {
    struct fixture *fixture = *state;
    int64_t at = 0;
    uint8_t ids[2][VRX_ID];
    assert_ok(vrx_action_next_expiry(fixture->tenant, &at));
    assert_int_equal(at, INT64_MAX);
    ask(fixture, "yamada", "1", ids[0]);
    ask(fixture, "yamada", "2", ids[1]);
    assert_ok(vrx_action_next_expiry(fixture->tenant, &at));
    assert_int_equal(at, NOW + VRX_ACTION_WAIT_SECONDS);
    assert_ok(agree(fixture, ids[1], "suzuki", NOW));
    assert_ok(vrx_action_next_expiry(fixture->tenant, &at));
    assert_int_equal(at, NOW + VRX_ACTION_AGREED_SECONDS);
}

/* Who knows the method and guesses the request cannot find out whether the guess is right. */
static void the_digest_of_the_same_request_is_another_each_time(void **state) {
    struct fixture *fixture = *state;
    uint8_t first[VRX_ID];
    uint8_t second[VRX_ID];
    ask(fixture, "yamada", "request", first);
    ask(fixture, "yamada", "request", second);
    struct vrx_action a = get(fixture, first, NOW);
    struct vrx_action b = get(fixture, second, NOW);
    assert_memory_not_equal(a.digest, b.digest, VRX_DIGEST);
}

static void one_operator_does_not_fill_it_for_the_others(void **state) {
    struct fixture *fixture = *state;
    char name[32];
    uint8_t id[VRX_ID];
    for (unsigned i = 0; i < VRX_LIMIT_OPERATOR_ACTIONS; i++)
        ask(fixture, "yamada", "request", id);
    assert_reason(try_ask(fixture, "yamada", "request", NOW, id), VRX_CAP_REACHED);
    for (unsigned i = VRX_LIMIT_OPERATOR_ACTIONS; i < VRX_LIMIT_ACTIONS; i++) {
        (void)snprintf(name, sizeof name, "operator-%u", i / VRX_LIMIT_OPERATOR_ACTIONS);
        ask(fixture, name, "request", id);
    }
    assert_reason(try_ask(fixture, "suzuki", "request", NOW, id), VRX_CAP_REACHED);
    assert_ok(try_ask(fixture, "suzuki", "request", NOW + VRX_ACTION_WAIT_SECONDS, id));
}

static void what_cannot_be_asked_is_refused(void **state) {
    struct fixture *fixture = *state;
    static uint8_t large[VRX_LIMIT_ACTION_REQUEST + 1];
    struct vrx_action_person asked = person("yamada");
    uint8_t id[VRX_ID] = {0};
    assert_reason(vrx_action_ask(fixture->tenant, vrx_view_text(METHOD), 0, vrx_view_text("x"),
                      &asked, NOW, id),
        VRX_INPUT_RANGE);
    assert_reason(vrx_action_ask(fixture->tenant, vrx_view_text(METHOD), 1,
                      vrx_view_of(large, sizeof large), &asked, NOW, id),
        VRX_INPUT_TOO_LARGE);
    assert_int_equal(rows_in(fixture, "action"), 0);
}

static void what_is_not_there_is_not_found(void **state) {
    struct fixture *fixture = *state;
    const uint8_t id[VRX_ID] = {7};
    struct vrx_action action;
    assert_reason(
        vrx_action_get(fixture->tenant, &fixture->arena, id, NOW, &action), VRX_NOT_FOUND);
    assert_reason(agree(fixture, id, "suzuki", NOW), VRX_NOT_FOUND);
    assert_reason(refuse(fixture, id, "suzuki", NOW), VRX_NOT_FOUND);
    assert_reason(vrx_action_use(fixture->tenant, id, NOW), VRX_NOT_FOUND);
    assert_reason(
        vrx_action_withdraw(fixture->tenant, id, vrx_view_text("yamada"), NOW), VRX_NOT_FOUND);
}

static void the_list_has_the_open_ones_first(void **state) {
    struct fixture *fixture = *state;
    struct vrx_action *actions = NULL;
    size_t count = 0;
    uint8_t ids[3][VRX_ID];
    for (size_t i = 0; i < 3; i++)
        assert_ok(try_ask(fixture, "yamada", "request", NOW + (int64_t)i, ids[i]));
    assert_ok(refuse(fixture, ids[2], "suzuki", NOW + 3));
    assert_ok(vrx_action_list(fixture->tenant, &fixture->arena, NOW + 4, &actions, &count));
    assert_int_equal(count, 3);
    assert_memory_equal(actions[0].id, ids[1], VRX_ID);
    assert_memory_equal(actions[1].id, ids[0], VRX_ID);
    assert_memory_equal(actions[2].id, ids[2], VRX_ID);
    assert_int_equal(actions[0].request.len, 0);
    assert_int_equal(actions[2].state, VRX_ACTION_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(what_was_asked_is_there_to_look_at),
        STORE_TEST(only_the_same_request_of_the_same_operator_is_found),
        STORE_TEST(an_empty_request_is_one_too),
        STORE_TEST(the_other_agrees_and_it_is_used_once),
        STORE_TEST(whoever_asked_does_not_agree),
        STORE_TEST(nobody_does_not_ask_or_agree),
        STORE_TEST(an_answer_is_given_once),
        STORE_TEST(only_whoever_asked_takes_it_back),
        STORE_TEST(a_question_expires_after_a_day),
        STORE_TEST(an_agreement_expires_after_an_hour),
        STORE_TEST(an_ended_one_keeps_no_request_and_is_forgotten),
        STORE_TEST(the_next_expiry_is_that_of_the_first_to_end),
        STORE_TEST(the_digest_of_the_same_request_is_another_each_time),
        STORE_TEST(one_operator_does_not_fill_it_for_the_others),
        STORE_TEST(what_cannot_be_asked_is_refused),
        STORE_TEST(what_is_not_there_is_not_found),
        STORE_TEST(the_list_has_the_open_ones_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
