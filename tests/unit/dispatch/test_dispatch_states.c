/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered on the thread that has the message: streams that wait for a change of the
 * daemon's own state, also for callers of no municipality and of a sealed one, and calls both ways.
 */
#include "support/dispatch_world.h"

#define STATES "/vrx.v1.Test/States"
#define TALK "/vrx.v1.Test/Talk"

#define WATCHERS 3

static const enum dispatch_terminal watching[WATCHERS] = {AT_COUNTER, AT_SEALED, AT_PLATFORM};

static void start_watchers(struct dispatch_caller watchers[WATCHERS]) {
    for (unsigned i = 0; i < WATCHERS; i++) {
        watchers[i] = (struct dispatch_caller){
            .terminal = watching[i], .path = STATES, .server_stream = true};
        dispatch_caller_start(&watchers[i]);
    }
    for (unsigned i = 0; i < WATCHERS; i++)
        dispatch_world_await(&watchers[i].messages, 1);
}

static void test_each_change_is_told_to_all_who_may_hear(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    start_watchers(watchers);
    for (unsigned value = 1; value <= 3; value++) {
        dispatch_world_states(value);
        for (unsigned i = 0; i < WATCHERS; i++)
            dispatch_world_await(&watchers[i].messages, value + 1);
    }
    dispatch_world_states(100);
    dispatch_callers_join(watchers, WATCHERS, VRX_OK);
    for (unsigned i = 0; i < WATCHERS; i++)
        assert_string_equal(watchers[i].last, "100");
    assert_int_equal(daemon_world_last_entry(dispatch_world.slot).entries, before.entries);
}

static void test_a_change_of_records_wakes_none_of_them(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    unsigned handled = dispatch_world_read(&dispatch_world.handled);
    dispatch_world_watch(1);
    daemon_world_visit(dispatch_world.slot, NULL, NULL);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), handled);
    dispatch_world_states(100);
    dispatch_callers_join(watchers, WATCHERS, VRX_OK);
}

static void test_no_change_is_lost_between_looking_and_waiting(void **state) {
    (void)state;
    struct dispatch_caller watcher = {
        .terminal = AT_PLATFORM, .path = STATES, .server_stream = true};
    dispatch_caller_start(&watcher);
    dispatch_world_await(&watcher.messages, 1);
    dispatch_world_states(50);
    dispatch_world_await(&dispatch_world.at_gate, 1); /* it has read 50 */
    dispatch_world_states(100);
    dispatch_world_open_gate(1);
    dispatch_caller_join(&watcher);
    assert_ok(watcher.result);
    assert_string_equal(watcher.last, "100");
}

static void test_a_watcher_who_leaves_in_mid_step_is_forgotten(void **state) {
    (void)state;
    struct dispatch_caller watcher = {
        .terminal = AT_PLATFORM, .path = STATES, .server_stream = true, .take = 1, .hold = true};
    dispatch_caller_start(&watcher);
    dispatch_world_await(&watcher.messages, 1);
    dispatch_world_states(50);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    dispatch_caller_leave(&watcher);
    dispatch_caller_join(&watcher);
    dispatch_world_await(&dispatch_world.cancelled, 1);
    dispatch_world_open_gate(1);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_waiting(), 0);
}

/* Sealing closes a vault; whoever waits for that is told, not ended. */
static void test_sealing_wakes_and_ends_none_of_them(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    unsigned handled = dispatch_world_read(&dispatch_world.handled);
    vrx_actor_seal(dispatch_world.slot->actor);
    dispatch_world_await(&dispatch_world.handled, handled + WATCHERS);
    dispatch_world_states(100);
    dispatch_callers_join(watchers, WATCHERS, VRX_OK);
}

/* One message, so that the client for streams of requests can call it. */
static struct vrx_result talk(enum dispatch_terminal terminal, bool message, char reply[64]) {
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer answer VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client VRX_CLEANUP(vrx_client_free) = dispatch_client(terminal);
    dispatch_request(7, &request);
    VRX_TRY(vrx_client_stream_begin(client, TALK, 0));
    if (message)
        VRX_TRY(vrx_client_stream_send(client, vrx_buffer_view(&request)));
    VRX_TRY(vrx_client_stream_finish(client, &answer));
    dispatch_text(vrx_buffer_view(&answer), reply);
    return vrx_ok();
}

static void test_a_call_both_ways_answers_and_ends_with_its_client(void **state) {
    (void)state;
    char reply[64];
    assert_ok(talk(AT_COUNTER, true, reply));
    assert_string_equal(reply, "7");
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 1);
}

static void test_a_call_both_ways_is_refused_like_any_other(void **state) {
    (void)state;
    char reply[64];
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    for (unsigned i = 0; i < 2; i++) {
        assert_reason(talk(AT_KIOSK, i, reply), VRX_TERMINAL_KIND);
        assert_reason(talk(AT_SUSPENDED, i, reply), VRX_TERMINAL_SUSPENDED);
        assert_reason(talk(AT_SEALED, i, reply), VRX_TENANT_SEALED);
        assert_reason(talk(AT_PLATFORM, i, reply), VRX_TERMINAL_KIND);
        assert_reason(talk(AT_NOBODY, i, reply), VRX_TERMINAL_UNKNOWN);
    }
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 0);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 4); /* those of the open municipality */
}

/* Last, because a daemon does not start again. */
static void test_stopping_ends_those_that_wait(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    vrx_daemon_stop_waiting(dispatch_world.base.daemon);
    dispatch_callers_join(watchers, WATCHERS, VRX_SHUTTING_DOWN);
}

#define DISPATCH_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        DISPATCH_TEST(test_each_change_is_told_to_all_who_may_hear),
        DISPATCH_TEST(test_a_change_of_records_wakes_none_of_them),
        DISPATCH_TEST(test_no_change_is_lost_between_looking_and_waiting),
        DISPATCH_TEST(test_a_watcher_who_leaves_in_mid_step_is_forgotten),
        DISPATCH_TEST(test_a_call_both_ways_answers_and_ends_with_its_client),
        DISPATCH_TEST(test_a_call_both_ways_is_refused_like_any_other),
        DISPATCH_TEST(test_sealing_wakes_and_ends_none_of_them),
        DISPATCH_TEST(test_stopping_ends_those_that_wait),
    };
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
