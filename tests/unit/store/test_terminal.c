/* SPDX-License-Identifier: Apache-2.0 */
#include "store/terminal.h"

#include "fixture.h"

static struct vrx_terminal terminal_of(uint8_t spki, enum vrx_terminal_kind kind) {
    return (struct vrx_terminal){
        .spki_sha256 = {spki},
        .kind = kind,
        .label = vrx_view_text("市民課窓口"),
        .registered_at = NOW + spki,
    };
}

static void register_terminal(struct fixture *fixture, uint8_t spki, enum vrx_terminal_kind kind) {
    struct vrx_terminal terminal = terminal_of(spki, kind);
    assert_ok(vrx_terminal_register(fixture->tenant, &terminal));
}

static size_t active(struct fixture *fixture, enum vrx_terminal_kind kind) {
    size_t count = 99;
    assert_ok(vrx_terminal_count(fixture->tenant, kind, &count));
    return count;
}

static void a_registered_terminal_is_found(void **state) {
    struct fixture *fixture = *state;
    struct vrx_terminal found;
    struct vrx_terminal given = terminal_of(3, VRX_TERMINAL_KIOSK);
    assert_ok(vrx_terminal_register(fixture->tenant, &given));
    assert_ok(vrx_terminal_find(fixture->tenant, &fixture->arena, given.spki_sha256, &found));
    assert_memory_equal(found.spki_sha256, given.spki_sha256, VRX_DIGEST);
    assert_int_equal(found.kind, VRX_TERMINAL_KIOSK);
    assert_text(found.label, "市民課窓口");
    assert_int_equal(found.state, VRX_TERMINAL_STATE_ACTIVE);
    assert_int_equal(found.registered_at, NOW + 3);
}

static void an_unknown_terminal_is_unknown(void **state) {
    struct fixture *fixture = *state;
    struct vrx_terminal found;
    const uint8_t spki[VRX_DIGEST] = {9};
    assert_reason(
        vrx_terminal_find(fixture->tenant, &fixture->arena, spki, &found), VRX_TERMINAL_UNKNOWN);
    assert_reason(vrx_terminal_suspend(fixture->tenant, spki, NOW), VRX_TERMINAL_UNKNOWN);
}

static void the_same_terminal_again_exists_already(void **state) {
    struct fixture *fixture = *state;
    struct vrx_terminal again = terminal_of(1, VRX_TERMINAL_CONSOLE);
    register_terminal(fixture, 1, VRX_TERMINAL_COUNTER);
    assert_reason(vrx_terminal_register(fixture->tenant, &again), VRX_ALREADY_EXISTS);
}

static void kinds_and_labels_are_checked(void **state) {
    struct fixture *fixture = *state;
    static char label[VRX_LIMIT_LABEL + 2];
    memset(label, 'a', sizeof label - 1);
    struct vrx_terminal terminal = terminal_of(1, (enum vrx_terminal_kind)0);
    assert_reason(vrx_terminal_register(fixture->tenant, &terminal), VRX_INPUT_RANGE);
    terminal.kind = (enum vrx_terminal_kind)6;
    assert_reason(vrx_terminal_register(fixture->tenant, &terminal), VRX_INPUT_RANGE);
    terminal.kind = VRX_TERMINAL_PEER;
    terminal.label = vrx_view_text(label);
    assert_reason(vrx_terminal_register(fixture->tenant, &terminal), VRX_INPUT_TOO_LARGE);
    terminal.label = vrx_view_text("a\x1b[2J");
    assert_reason(vrx_terminal_register(fixture->tenant, &terminal), VRX_INPUT_TEXT);
    terminal.label = (struct vrx_view){0};
    assert_ok(vrx_terminal_register(fixture->tenant, &terminal));
}

static void the_list_is_in_order_of_registration(void **state) {
    struct fixture *fixture = *state;
    const uint8_t order[] = {7, 2, 5};
    struct vrx_terminal *list = NULL;
    size_t count = 9;
    assert_ok(vrx_terminal_list(fixture->tenant, &fixture->arena, &list, &count));
    assert_int_equal(count, 0);
    for (size_t i = 0; i < COUNT_OF(order); i++)
        register_terminal(fixture, order[i], VRX_TERMINAL_COUNTER);
    assert_ok(vrx_terminal_list(fixture->tenant, &fixture->arena, &list, &count));
    assert_int_equal(count, COUNT_OF(order));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list[i].spki_sha256[0], order[i]);
}

static void suspending_is_for_once_and_leaves_the_count(void **state) {
    struct fixture *fixture = *state;
    struct vrx_terminal found;
    const uint8_t spki[VRX_DIGEST] = {1};
    register_terminal(fixture, 1, VRX_TERMINAL_CONSOLE);
    register_terminal(fixture, 2, VRX_TERMINAL_CONSOLE);
    register_terminal(fixture, 3, VRX_TERMINAL_COUNTER);
    assert_int_equal(active(fixture, VRX_TERMINAL_CONSOLE), 2);
    assert_ok(vrx_terminal_suspend(fixture->tenant, spki, NOW));
    assert_int_equal(active(fixture, VRX_TERMINAL_CONSOLE), 1);
    assert_int_equal(active(fixture, VRX_TERMINAL_COUNTER), 1);
    assert_int_equal(active(fixture, VRX_TERMINAL_KIOSK), 0);
    assert_ok(vrx_terminal_find(fixture->tenant, &fixture->arena, spki, &found));
    assert_int_equal(found.state, VRX_TERMINAL_STATE_SUSPENDED);
    assert_reason(vrx_terminal_suspend(fixture->tenant, spki, NOW), VRX_WRONG_STATE);
}

static struct vrx_terminal find(struct fixture *fixture, uint8_t spki) {
    struct vrx_terminal found = {0};
    const uint8_t digest[VRX_DIGEST] = {spki};
    assert_ok(vrx_terminal_find(fixture->tenant, &fixture->arena, digest, &found));
    return found;
}

static void the_last_active_console_is_not_suspended(void **state) {
    struct fixture *fixture = *state;
    const uint8_t first[VRX_DIGEST] = {1};
    const uint8_t second[VRX_DIGEST] = {2};
    register_terminal(fixture, 1, VRX_TERMINAL_CONSOLE);
    register_terminal(fixture, 3, VRX_TERMINAL_COUNTER);
    assert_reason(vrx_terminal_suspend(fixture->tenant, first, NOW), VRX_LAST_CONSOLE);
    register_terminal(fixture, 2, VRX_TERMINAL_CONSOLE);
    assert_ok(vrx_terminal_suspend(fixture->tenant, first, NOW));
    assert_reason(vrx_terminal_suspend(fixture->tenant, second, NOW), VRX_LAST_CONSOLE);
    assert_int_equal(find(fixture, 2).state, VRX_TERMINAL_STATE_ACTIVE);
}

static void a_suspended_terminal_is_reinstated(void **state) {
    struct fixture *fixture = *state;
    const uint8_t spki[VRX_DIGEST] = {3};
    const uint8_t nobody[VRX_DIGEST] = {9};
    register_terminal(fixture, 3, VRX_TERMINAL_COUNTER);
    assert_reason(vrx_terminal_reinstate(fixture->tenant, spki, NOW), VRX_WRONG_STATE);
    assert_reason(vrx_terminal_reinstate(fixture->tenant, nobody, NOW), VRX_TERMINAL_UNKNOWN);
    assert_ok(vrx_terminal_suspend(fixture->tenant, spki, NOW + 10));
    assert_ok(vrx_terminal_reinstate(fixture->tenant, spki, NOW + 20));
    assert_int_equal(find(fixture, 3).state, VRX_TERMINAL_STATE_ACTIVE);
    assert_int_equal(find(fixture, 3).changed_at, NOW + 20);
    assert_int_equal(find(fixture, 3).registered_at, NOW + 3);
}

static void a_replacement_has_kind_and_label_and_ends_the_one_before(void **state) {
    struct fixture *fixture = *state;
    const uint8_t old[VRX_DIGEST] = {1};
    const struct vrx_terminal fresh = {
        .spki_sha256 = {2}, .registered_at = NOW + 50, .certificate_until = NOW + 99};
    enum vrx_terminal_kind kind = VRX_TERMINAL_KIOSK;
    register_terminal(
        fixture, 1, VRX_TERMINAL_CONSOLE); /* the only one: its place is never empty */
    assert_ok(vrx_terminal_replace(fixture->tenant, old, &fresh, &kind));
    assert_int_equal(kind, VRX_TERMINAL_CONSOLE);
    struct vrx_terminal after = find(fixture, 2);
    assert_int_equal(after.kind, VRX_TERMINAL_CONSOLE);
    assert_text(after.label, "市民課窓口");
    assert_int_equal(after.state, VRX_TERMINAL_STATE_ACTIVE);
    assert_int_equal(after.certificate_until, NOW + 99);
    assert_false(after.replaced);
    struct vrx_terminal before = find(fixture, 1);
    assert_int_equal(before.state, VRX_TERMINAL_STATE_SUSPENDED);
    assert_true(before.replaced);
    assert_memory_equal(before.successor, fresh.spki_sha256, VRX_DIGEST);
    assert_int_equal(before.changed_at, NOW + 50);
    assert_int_equal(active(fixture, VRX_TERMINAL_CONSOLE), 1);
    assert_reason(vrx_terminal_reinstate(fixture->tenant, old, NOW), VRX_WRONG_STATE);
    assert_reason(vrx_terminal_replace(fixture->tenant, old, &fresh, &kind), VRX_WRONG_STATE);
}

static void a_suspended_terminal_is_replaced_too(void **state) {
    struct fixture *fixture = *state;
    const uint8_t old[VRX_DIGEST] = {1};
    const uint8_t nobody[VRX_DIGEST] = {9};
    const struct vrx_terminal fresh = {.spki_sha256 = {2}, .registered_at = NOW};
    const struct vrx_terminal taken = {.spki_sha256 = {3}, .registered_at = NOW};
    enum vrx_terminal_kind kind = VRX_TERMINAL_KIOSK;
    register_terminal(fixture, 1, VRX_TERMINAL_COUNTER);
    register_terminal(fixture, 3, VRX_TERMINAL_COUNTER);
    assert_ok(vrx_terminal_suspend(fixture->tenant, old, NOW));
    assert_reason(vrx_terminal_replace(fixture->tenant, old, &taken, &kind), VRX_ALREADY_EXISTS);
    assert_reason(
        vrx_terminal_replace(fixture->tenant, nobody, &fresh, &kind), VRX_TERMINAL_UNKNOWN);
    assert_int_equal(kind, VRX_TERMINAL_KIOSK);
    assert_ok(vrx_terminal_replace(fixture->tenant, old, &fresh, &kind));
    assert_int_equal(find(fixture, 2).state, VRX_TERMINAL_STATE_ACTIVE);
}

static void the_certificate_that_was_seen_last_is_known(void **state) {
    struct fixture *fixture = *state;
    const uint8_t spki[VRX_DIGEST] = {1};
    const uint8_t nobody[VRX_DIGEST] = {9};
    register_terminal(fixture, 1, VRX_TERMINAL_COUNTER);
    assert_int_equal(find(fixture, 1).certificate_until, 0);
    assert_ok(vrx_terminal_seen(fixture->tenant, spki, NOW - 5, NOW + 5));
    assert_ok(vrx_terminal_seen(fixture->tenant, nobody, NOW - 5, NOW + 5));
    assert_int_equal(find(fixture, 1).certificate_from, NOW - 5);
    assert_int_equal(find(fixture, 1).certificate_until, NOW + 5);
}

static void a_municipality_has_at_most_so_many_terminals(void **state) {
    struct fixture *fixture = *state;
    char sql[256];
    (void)snprintf(sql, sizeof sql,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
        "INSERT INTO terminal SELECT i, randomblob(32), 2, '', 1, 0, 0, 0, 0, NULL FROM n",
        VRX_LIMIT_TERMINALS - 1);
    sql_run(vrx_tenant_db(fixture->tenant), sql);
    register_terminal(fixture, 1, VRX_TERMINAL_COUNTER);
    struct vrx_terminal one_more = terminal_of(2, VRX_TERMINAL_COUNTER);
    assert_reason(vrx_terminal_register(fixture->tenant, &one_more), VRX_CAP_REACHED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE_TEST(a_registered_terminal_is_found),
        STORE_TEST(an_unknown_terminal_is_unknown),
        STORE_TEST(the_same_terminal_again_exists_already),
        STORE_TEST(kinds_and_labels_are_checked),
        STORE_TEST(the_list_is_in_order_of_registration),
        STORE_TEST(suspending_is_for_once_and_leaves_the_count),
        STORE_TEST(the_last_active_console_is_not_suspended),
        STORE_TEST(a_suspended_terminal_is_reinstated),
        STORE_TEST(a_replacement_has_kind_and_label_and_ends_the_one_before),
        STORE_TEST(a_suspended_terminal_is_replaced_too),
        STORE_TEST(the_certificate_that_was_seen_last_is_known),
        STORE_TEST(a_municipality_has_at_most_so_many_terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
