/* SPDX-License-Identifier: Apache-2.0 */
#include "store/operator.h"

#include "fixture.h"

static const struct vrx_credentials first = {
    .pin_verifier = "$argon2id$first", .totp_secret = {1, 2, 3}};
static const struct vrx_credentials second = {
    .pin_verifier = "$argon2id$second", .totp_secret = {9}};

static struct vrx_result try_register(struct fixture *fixture, const char *id, unsigned roles) {
    const struct vrx_operator registered = {.id = vrx_view_text(id),
        .name = vrx_view_text("山田 花子"),
        .roles = roles,
        .registered_at = NOW};
    return vrx_operator_register(fixture->tenant, &registered, &first);
}

static void put(struct fixture *fixture, const char *id, unsigned roles) {
    assert_ok(try_register(fixture, id, roles));
}

static struct vrx_credentials credentials_of(struct fixture *fixture, const char *id) {
    struct vrx_credentials credentials;
    assert_ok(vrx_operator_credentials(fixture->tenant, vrx_view_text(id), &credentials));
    return credentials;
}

static struct vrx_operator listed(struct fixture *fixture, size_t index, size_t expected) {
    struct vrx_operator *operators = NULL;
    size_t count = 0;
    assert_ok(vrx_operator_list(fixture->tenant, &fixture->arena, &operators, &count));
    assert_int_equal(count, expected);
    return operators[index];
}

static struct vrx_result set_roles(struct fixture *fixture, const char *id, unsigned roles) {
    return vrx_operator_set_roles(fixture->tenant, vrx_view_text(id), roles, NOW + 1);
}

static struct vrx_result set_state(
    struct fixture *fixture, const char *id, enum vrx_operator_state state) {
    return vrx_operator_set_state(fixture->tenant, vrx_view_text(id), state, NOW + 1);
}

static void a_registered_operator_is_listed(void **state) {
    struct fixture *fixture = *state;
    size_t count = 9;
    assert_ok(vrx_operator_count(fixture->tenant, &count));
    assert_int_equal(count, 0);
    put(fixture, "yamada", VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR);
    put(fixture, "abe", VRX_ROLE_REGISTRAR);
    const struct vrx_operator found = listed(fixture, 0, 2);
    assert_text(found.id, "yamada");
    assert_text(found.name, "山田 花子");
    assert_int_equal(found.roles, VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR);
    assert_int_equal(found.state, VRX_OPERATOR_STATE_ACTIVE);
    assert_true(found.pin_change_due);
    assert_int_equal(found.registered_at, NOW);
    assert_int_equal(found.log_ins, 0);
    assert_int_equal(found.last_log_in_at, 0);
    assert_text(listed(fixture, 1, 2).id, "abe");
}

static void credentials_are_as_they_were_given(void **state) {
    struct fixture *fixture = *state;
    struct vrx_credentials none;
    put(fixture, "yamada", VRX_ROLE_AUDITOR);
    const struct vrx_credentials found = credentials_of(fixture, "yamada");
    assert_string_equal(found.pin_verifier, first.pin_verifier);
    assert_memory_equal(found.totp_secret, first.totp_secret, VRX_TOTP_SECRET);
    assert_int_equal(found.state, VRX_OPERATOR_STATE_ACTIVE);
    assert_int_equal(found.roles, VRX_ROLE_AUDITOR);
    assert_true(found.pin_change_due);
    assert_int_equal(found.used_step, 0);
    assert_reason(
        vrx_operator_credentials(fixture->tenant, vrx_view_text("abe"), &none), VRX_NOT_FOUND);
}

static void ids_names_and_roles_are_checked(void **state) {
    struct fixture *fixture = *state;
    char id[VRX_LIMIT_OPERATOR + 2];
    char name[VRX_LIMIT_OPERATOR_NAME + 2];
    memset(id, 'a', sizeof id);
    memset(name, 'a', sizeof name);
    id[VRX_LIMIT_OPERATOR + 1] = '\0';
    name[VRX_LIMIT_OPERATOR_NAME + 1] = '\0';
    assert_reason(try_register(fixture, "", VRX_ROLE_AUDITOR), VRX_INPUT_FIELD_MISSING);
    assert_reason(try_register(fixture, id, VRX_ROLE_AUDITOR), VRX_INPUT_TOO_LARGE);
    assert_reason(try_register(fixture, "a b", VRX_ROLE_AUDITOR), VRX_INPUT_TEXT);
    assert_reason(try_register(fixture, "山田", VRX_ROLE_AUDITOR), VRX_INPUT_TEXT);
    assert_reason(try_register(fixture, "yamada", 0), VRX_INPUT_RANGE);
    assert_reason(try_register(fixture, "yamada", 1), VRX_INPUT_RANGE);
    assert_reason(try_register(fixture, "yamada", VRX_ROLE_ANY + 2), VRX_INPUT_RANGE);
    struct vrx_operator registered = {.id = vrx_view_text("yamada"),
        .name = vrx_view_text(name),
        .roles = VRX_ROLE_AUDITOR,
        .registered_at = NOW};
    assert_reason(vrx_operator_register(fixture->tenant, &registered, &first), VRX_INPUT_TOO_LARGE);
    registered.name = vrx_view_text("a\nb");
    assert_reason(vrx_operator_register(fixture->tenant, &registered, &first), VRX_INPUT_TEXT);
    id[VRX_LIMIT_OPERATOR] = '\0';
    put(fixture, id, VRX_ROLE_ANY);
}

static void an_operator_is_registered_once(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "yamada", VRX_ROLE_AUDITOR);
    assert_reason(try_register(fixture, "yamada", VRX_ROLE_REGISTRAR), VRX_ALREADY_EXISTS);
    put(fixture, "Yamada", VRX_ROLE_REGISTRAR); /* ids are what they are */
}

static void there_are_so_many_operators(void **state) {
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < VRX_LIMIT_OPERATORS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "operator%u", i);
        put(fixture, id, VRX_ROLE_AUDITOR);
    }
    assert_reason(try_register(fixture, "another", VRX_ROLE_AUDITOR), VRX_CAP_REACHED);
}

static void a_step_is_used_once(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_view yamada = vrx_view_text("yamada");
    put(fixture, "yamada", VRX_ROLE_AUDITOR);
    const int64_t version = credentials_of(fixture, "yamada").version;
    assert_ok(vrx_operator_logged_in(fixture->tenant, yamada, 100, NOW + 5));
    assert_reason(vrx_operator_logged_in(fixture->tenant, yamada, 100, NOW + 6), VRX_CONFLICT);
    assert_reason(vrx_operator_logged_in(fixture->tenant, yamada, 99, NOW + 6), VRX_CONFLICT);
    assert_reason(
        vrx_operator_logged_in(fixture->tenant, vrx_view_text("abe"), 101, NOW), VRX_CONFLICT);
    assert_int_equal(credentials_of(fixture, "yamada").used_step, 100);
    assert_int_equal(credentials_of(fixture, "yamada").version, version);
    assert_int_equal(listed(fixture, 0, 1).log_ins, 1);
    assert_int_equal(listed(fixture, 0, 1).last_log_in_at, NOW + 5);
    assert_ok(vrx_operator_logged_in(fixture->tenant, yamada, 101, NOW + 7));
    assert_int_equal(listed(fixture, 0, 1).log_ins, 2);
}

static void each_change_is_another_version(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_view yamada = vrx_view_text("yamada");
    put(fixture, "abe", VRX_ROLE_ADMINISTRATOR);
    put(fixture, "yamada", VRX_ROLE_AUDITOR);
    const int64_t version = credentials_of(fixture, "yamada").version;
    assert_ok(set_roles(fixture, "yamada", VRX_ROLE_APPROVER));
    assert_int_equal(credentials_of(fixture, "yamada").roles, VRX_ROLE_APPROVER);
    assert_int_equal(credentials_of(fixture, "yamada").version, version + 1);
    assert_ok(set_state(fixture, "yamada", VRX_OPERATOR_STATE_SUSPENDED));
    assert_int_equal(credentials_of(fixture, "yamada").state, VRX_OPERATOR_STATE_SUSPENDED);
    assert_int_equal(credentials_of(fixture, "yamada").version, version + 2);
    assert_ok(set_state(fixture, "yamada", VRX_OPERATOR_STATE_ACTIVE));
    assert_int_equal(credentials_of(fixture, "yamada").version, version + 3);
    assert_ok(vrx_operator_set_pin(fixture->tenant, yamada, second.pin_verifier, NOW + 1));
    assert_string_equal(credentials_of(fixture, "yamada").pin_verifier, second.pin_verifier);
    assert_false(credentials_of(fixture, "yamada").pin_change_due);
    assert_int_equal(credentials_of(fixture, "yamada").version, version + 4);
    assert_ok(vrx_operator_logged_in(fixture->tenant, yamada, 100, NOW));
    assert_ok(vrx_operator_reset(fixture->tenant, yamada, &second, NOW + 1));
    const struct vrx_credentials found = credentials_of(fixture, "yamada");
    assert_memory_equal(found.totp_secret, second.totp_secret, VRX_TOTP_SECRET);
    assert_true(found.pin_change_due);
    assert_int_equal(found.used_step, 0);
    assert_int_equal(found.version, version + 5);
    assert_int_equal(credentials_of(fixture, "abe").version, version); /* nobody else's */
}

static void who_is_not_there_is_not_changed(void **state) {
    struct fixture *fixture = *state;
    const struct vrx_view abe = vrx_view_text("abe");
    put(fixture, "yamada", VRX_ROLE_ADMINISTRATOR);
    assert_reason(set_roles(fixture, "abe", VRX_ROLE_AUDITOR), VRX_NOT_FOUND);
    assert_reason(set_state(fixture, "abe", VRX_OPERATOR_STATE_SUSPENDED), VRX_NOT_FOUND);
    assert_reason(
        vrx_operator_set_pin(fixture->tenant, abe, second.pin_verifier, NOW), VRX_NOT_FOUND);
    assert_reason(vrx_operator_reset(fixture->tenant, abe, &second, NOW), VRX_NOT_FOUND);
}

static void a_state_is_not_set_twice(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "abe", VRX_ROLE_ADMINISTRATOR);
    put(fixture, "yamada", VRX_ROLE_AUDITOR);
    assert_reason(set_state(fixture, "yamada", VRX_OPERATOR_STATE_ACTIVE), VRX_WRONG_STATE);
    assert_ok(set_state(fixture, "yamada", VRX_OPERATOR_STATE_SUSPENDED));
    assert_reason(set_state(fixture, "yamada", VRX_OPERATOR_STATE_SUSPENDED), VRX_WRONG_STATE);
}

static void an_active_administrator_is_always_left(void **state) {
    struct fixture *fixture = *state;
    put(fixture, "abe", VRX_ROLE_ADMINISTRATOR);
    put(fixture, "yamada", VRX_ROLE_AUDITOR);
    assert_reason(set_state(fixture, "abe", VRX_OPERATOR_STATE_SUSPENDED), VRX_LAST_ADMINISTRATOR);
    assert_reason(set_roles(fixture, "abe", VRX_ROLE_AUDITOR), VRX_LAST_ADMINISTRATOR);
    assert_ok(set_roles(fixture, "abe", VRX_ROLE_ADMINISTRATOR | VRX_ROLE_AUDITOR));
    assert_ok(set_roles(fixture, "yamada", VRX_ROLE_ADMINISTRATOR));
    assert_ok(set_state(fixture, "yamada", VRX_OPERATOR_STATE_SUSPENDED));
    /* One who is suspended is none. */
    assert_reason(set_roles(fixture, "abe", VRX_ROLE_AUDITOR), VRX_LAST_ADMINISTRATOR);
    assert_ok(set_roles(fixture, "yamada", VRX_ROLE_AUDITOR));
    assert_ok(set_roles(fixture, "yamada", VRX_ROLE_ADMINISTRATOR));
    assert_ok(set_state(fixture, "yamada", VRX_OPERATOR_STATE_ACTIVE));
    assert_ok(set_state(fixture, "abe", VRX_OPERATOR_STATE_SUSPENDED));
    assert_reason(
        set_state(fixture, "yamada", VRX_OPERATOR_STATE_SUSPENDED), VRX_LAST_ADMINISTRATOR);
}

static void attempts_are_kept_and_forgotten(void **state) {
    struct fixture *fixture = *state;
    const uint8_t one[32] = {1};
    const uint8_t other[32] = {2};
    static const struct vrx_attempts none;
    const struct vrx_attempts five = {5, NOW, NOW + 30};
    const struct vrx_attempts six = {6, NOW, NOW + 60};
    struct vrx_attempts found = {9, 9, 9};
    assert_ok(vrx_attempts_get(fixture->tenant, one, &found));
    assert_memory_equal(&found, &none, sizeof none);
    assert_ok(vrx_attempts_put(fixture->tenant, one, &five, NOW));
    assert_ok(vrx_attempts_put(fixture->tenant, one, &six, NOW));
    assert_ok(vrx_attempts_put(fixture->tenant, other, &five, NOW));
    assert_ok(vrx_attempts_get(fixture->tenant, one, &found));
    assert_memory_equal(&found, &six, sizeof six);
    assert_ok(vrx_attempts_put(fixture->tenant, one, &none, NOW));
    assert_ok(vrx_attempts_get(fixture->tenant, one, &found));
    assert_memory_equal(&found, &none, sizeof none);
    assert_ok(vrx_attempts_get(fixture->tenant, other, &found));
    assert_memory_equal(&found, &five, sizeof five);
}

static void attempts_of_long_ago_are_forgotten(void **state) {
    struct fixture *fixture = *state;
    const uint8_t one[32] = {1};
    const uint8_t other[32] = {2};
    const struct vrx_attempts five = {5, NOW, NOW + 30};
    struct vrx_attempts found;
    assert_ok(vrx_attempts_put(fixture->tenant, one, &five, NOW));
    assert_ok(vrx_attempts_put(fixture->tenant, other, &five, NOW + 7 * 86400));
    assert_ok(vrx_attempts_get(fixture->tenant, one, &found));
    assert_int_equal(found.failures, 5);
    assert_ok(vrx_attempts_put(fixture->tenant, other, &five, NOW + 7 * 86400 + 1));
    assert_ok(vrx_attempts_get(fixture->tenant, one, &found));
    assert_int_equal(found.failures, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_registered_operator_is_listed),
        TEST(credentials_are_as_they_were_given),
        TEST(ids_names_and_roles_are_checked),
        TEST(an_operator_is_registered_once),
        TEST(there_are_so_many_operators),
        TEST(a_step_is_used_once),
        TEST(each_change_is_another_version),
        TEST(who_is_not_there_is_not_changed),
        TEST(a_state_is_not_set_twice),
        TEST(an_active_administrator_is_always_left),
        TEST(attempts_are_kept_and_forgotten),
        TEST(attempts_of_long_ago_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
