/* SPDX-License-Identifier: Apache-2.0 */
#include "auth/session.h"

#include <pthread.h>

#include "crypto/random.h"
#include "store/operator.h"
#include "support/check.h"

#define IDLE ((int64_t)900000)
#define LENGTH ((int64_t)43200000)
#define NOW ((int64_t)5000)

static struct vrx_sessions *sessions;
static int sapporo, kashiwa; /* owners are known by their address only */

static int set_up(void **state) {
    (void)state;
    return vrx_is_ok(vrx_sessions_new(IDLE, LENGTH, &sessions)) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    vrx_sessions_free(&sessions);
    return 0;
}

struct held {
    struct vrx_session_key key;
    char token[VRX_SESSION_TOKEN + 1];
};

static struct held begin_at(
    const void *owner, uint8_t terminal, const char *operator_id, int64_t now) {
    struct held held = {.key = {.owner = owner, .terminal_spki = {terminal, 7}}};
    struct vrx_session session = {.roles = VRX_ROLE_AUDITOR, .pin_change_due = true};
    memcpy(session.operator_id, operator_id, strlen(operator_id) + 1);
    assert_ok(
        vrx_session_begin(sessions, &held.key, &session, vrx_random_system(), now, held.token));
    return held;
}

static struct held begin(uint8_t terminal, const char *operator_id) {
    return begin_at(&sapporo, terminal, operator_id, NOW);
}

static enum vrx_reason find(const struct held *held, int64_t now, bool used) {
    struct vrx_session session;
    return vrx_session_find(sessions, &held->key, now, used, &session).reason;
}

#define assert_lives(held) assert_int_equal(find(&(held), NOW, false), VRX_OK)
#define assert_ended(held) assert_int_equal(find(&(held), NOW, false), VRX_SESSION_ENDED)

static void a_session_is_found_by_its_token(void **state) {
    struct held held = begin(1, "yamada");
    struct vrx_session_key key = {.owner = &sapporo, .terminal_spki = {1, 7}};
    struct vrx_session session;
    (void)state;
    assert_int_equal(strlen(held.token), VRX_SESSION_TOKEN);
    assert_ok(vrx_session_digest(vrx_view_text(held.token), key.digest));
    assert_memory_equal(key.digest, held.key.digest, VRX_SESSION_DIGEST);
    assert_ok(vrx_session_find(sessions, &key, NOW, true, &session));
    assert_string_equal(session.operator_id, "yamada");
    assert_int_equal(session.roles, VRX_ROLE_AUDITOR);
    assert_true(session.pin_change_due);
}

static void what_is_no_token_is_no_session(void **state) {
    struct held held = begin(1, "yamada");
    uint8_t digest[VRX_SESSION_DIGEST];
    (void)state;
    assert_reason(vrx_session_digest(vrx_view_text(""), digest), VRX_SESSION_ENDED);
    assert_reason(vrx_session_digest(vrx_view_of(held.token, VRX_SESSION_TOKEN - 1), digest),
        VRX_SESSION_ENDED);
    assert_reason(vrx_session_digest(vrx_view_of(held.token, VRX_SESSION_TOKEN + 1), digest),
        VRX_SESSION_ENDED);
    held.token[0] = held.token[0] == 'A' ? 'B' : 'A';
    assert_ok(vrx_session_digest(vrx_view_text(held.token), held.key.digest));
    assert_ended(held);
}

static void a_session_is_of_one_terminal_and_one_owner(void **state) {
    struct held held = begin(1, "yamada");
    struct held other = held;
    (void)state;
    other.key.terminal_spki[1] = 8; /* the same stripe */
    assert_ended(other);
    other = held;
    other.key.terminal_spki[0] = 2;
    assert_ended(other);
    other = held;
    other.key.owner = &kashiwa;
    assert_ended(other);
    assert_lives(held);
}

static void it_ends_when_it_was_idle(void **state) {
    struct held held = begin(1, "yamada");
    (void)state;
    assert_int_equal(find(&held, NOW + IDLE - 1, false), VRX_OK);
    assert_int_equal(find(&held, NOW + IDLE, false), VRX_SESSION_ENDED);
    assert_int_equal(find(&held, NOW + IDLE - 1, true), VRX_OK);
    assert_int_equal(find(&held, NOW + 2 * IDLE - 2, false), VRX_OK);
    assert_int_equal(find(&held, NOW + 2 * IDLE - 1, false), VRX_SESSION_ENDED);
}

static void it_ends_in_any_case(void **state) {
    struct held held = begin(1, "yamada");
    (void)state;
    for (int64_t now = NOW; now < NOW + LENGTH; now += IDLE / 2)
        assert_int_equal(find(&held, now, true), VRX_OK);
    assert_int_equal(find(&held, NOW + LENGTH - 1, true), VRX_OK);
    assert_int_equal(find(&held, NOW + LENGTH, true), VRX_SESSION_ENDED);
}

static void each_way_to_end_ends_what_it_says(void **state) {
    struct held one = begin(1, "yamada");
    struct held two = begin(1, "yamada");
    struct held elsewhere = begin(2, "yamada");
    struct held sato = begin(1, "sato");
    struct held away = begin_at(&kashiwa, 1, "yamada", NOW);
    (void)state;
    vrx_session_end(sessions, &one.key);
    assert_ended(one);
    assert_lives(two);
    vrx_session_end(sessions, &one.key); /* nothing is left to end */
    vrx_session_end_operator(sessions, &sapporo, "yamada", &two.key);
    assert_lives(two);
    assert_ended(elsewhere);
    assert_lives(sato);
    assert_lives(away);
    vrx_session_end_operator(sessions, &sapporo, "yamada", NULL);
    assert_ended(two);
    assert_lives(sato);
    two = begin(2, "yamada");
    vrx_session_end_terminal(sessions, &sapporo, sato.key.terminal_spki);
    assert_ended(sato);
    assert_lives(two);
    assert_lives(away);
    vrx_session_end_owner(sessions, &sapporo);
    assert_ended(two);
    assert_lives(away);
}

static void a_changed_pin_is_noted_in_its_session_only(void **state) {
    struct held one = begin(1, "yamada");
    struct held two = begin(1, "yamada");
    struct vrx_session session;
    (void)state;
    vrx_session_pin_changed(sessions, &one.key);
    assert_ok(vrx_session_find(sessions, &one.key, NOW, false, &session));
    assert_false(session.pin_change_due);
    assert_ok(vrx_session_find(sessions, &two.key, NOW, false, &session));
    assert_true(session.pin_change_due);
    vrx_session_end(sessions, &one.key);
    vrx_session_pin_changed(sessions, &one.key); /* nobody is there */
}

static void a_terminal_keeps_its_newest(void **state) {
    struct held first = begin_at(&sapporo, 1, "first", NOW);
    struct held second = begin_at(&sapporo, 1, "second", NOW + 1);
    struct held elsewhere = begin_at(&sapporo, 65, "elsewhere", NOW); /* the same stripe */
    (void)state;
    for (unsigned i = 2; i < VRX_LIMIT_TERMINAL_SESSIONS; i++)
        (void)begin_at(&sapporo, 1, "more", NOW + 2);
    assert_int_equal(find(&first, NOW + 3, true), VRX_OK);
    (void)begin_at(&sapporo, 1, "more", NOW + 4);
    assert_lives(first); /* it was used */
    assert_ended(second);
    assert_lives(elsewhere);
}

static void an_owner_has_so_many(void **state) {
    struct held held = {0};
    (void)state;
    for (unsigned i = 0; i < VRX_LIMIT_TENANT_SESSIONS; i++) {
        held = (struct held){
            .key = {.owner = &sapporo, .terminal_spki = {(uint8_t)i, (uint8_t)(i >> 8)}}};
        const struct vrx_session session = {.operator_id = "yamada"};
        assert_ok(
            vrx_session_begin(sessions, &held.key, &session, vrx_random_system(), NOW, held.token));
    }
    const struct vrx_session session = {.operator_id = "yamada"};
    assert_reason(
        vrx_session_begin(sessions, &held.key, &session, vrx_random_system(), NOW, held.token),
        VRX_CAP_REACHED);
    (void)begin_at(&kashiwa, 1, "sato", NOW);
}

static void count_owner(void *context, const void *owner) {
    unsigned *counts = context;
    counts[owner == &kashiwa]++;
}

static void a_sweep_forgets_what_is_over(void **state) {
    unsigned counts[2] = {0};
    struct held old = begin_at(&sapporo, 1, "old", NOW);
    struct held young = begin_at(&sapporo, 2, "young", NOW + 1);
    struct held away = begin_at(&kashiwa, 3, "away", NOW);
    (void)state;
    vrx_session_sweep(sessions, NOW + IDLE - 1, count_owner, counts);
    assert_int_equal(counts[0] + counts[1], 0);
    vrx_session_sweep(sessions, NOW + IDLE, count_owner, counts);
    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 1);
    assert_ended(old); /* also for a clock that would find it alive */
    assert_ended(away);
    assert_lives(young);
    vrx_session_sweep(sessions, NOW + IDLE, count_owner, counts);
    assert_int_equal(counts[0] + counts[1], 2);
}

static struct vrx_result fill_nothing(void *context, uint8_t *out, size_t len) {
    (void)context;
    (void)out;
    (void)len;
    return vrx_fail(VRX_RANDOM_FAILED);
}

static void without_randomness_there_is_no_session(void **state) {
    const struct vrx_random broken = {fill_nothing, NULL};
    const struct vrx_session session = {.operator_id = "yamada"};
    struct vrx_session_key key = {.owner = &sapporo};
    char token[VRX_SESSION_TOKEN + 1];
    (void)state;
    assert_reason(
        vrx_session_begin(sessions, &key, &session, &broken, NOW, token), VRX_RANDOM_FAILED);
}

/* For the thread sanitizer: look-ups, uses, beginnings and ends at once. */
static void *come_and_go(void *argument) {
    const uint8_t terminal = *(const uint8_t *)argument;
    for (int i = 0; i < 300; i++) {
        struct vrx_session_key key = {.owner = &sapporo, .terminal_spki = {terminal}};
        struct vrx_session session = {.operator_id = "yamada"};
        char token[VRX_SESSION_TOKEN + 1];
        struct vrx_result begun =
            vrx_session_begin(sessions, &key, &session, vrx_random_system(), NOW, token);
        struct vrx_result found = vrx_session_find(sessions, &key, NOW + i, true, &session);
        vrx_session_end(sessions, &key);
        if (!vrx_is_ok(begun) || !vrx_is_ok(found))
            return argument;
        if (i % 100 == 0)
            vrx_session_end_operator(sessions, &sapporo, "sato", NULL);
    }
    return NULL;
}

static void many_come_and_go_at_once(void **state) {
    uint8_t terminals[] = {1, 1, 2, 65};
    pthread_t threads[4];
    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &terminals[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_found_by_its_token),
        TEST(what_is_no_token_is_no_session),
        TEST(a_session_is_of_one_terminal_and_one_owner),
        TEST(it_ends_when_it_was_idle),
        TEST(it_ends_in_any_case),
        TEST(each_way_to_end_ends_what_it_says),
        TEST(a_changed_pin_is_noted_in_its_session_only),
        TEST(a_terminal_keeps_its_newest),
        TEST(an_owner_has_so_many),
        TEST(a_sweep_forgets_what_is_over),
        TEST(without_randomness_there_is_no_session),
        TEST(many_come_and_go_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
