/* SPDX-License-Identifier: Apache-2.0
 *
 * Server streams: those that send all they have, and those that wait for a change and end when
 * their caller leaves, the vault is sealed or the daemon stops. None is left behind.
 */
#include <stdlib.h>

#include "support/dispatch_world.h"

#define COUNT "/vrx.v1.Test/Count"
#define WATCH "/vrx.v1.Test/Watch"

static struct dispatch_caller stream_of(const char *path, uint64_t number) {
    return (struct dispatch_caller){
        .terminal = AT_COUNTER, .path = path, .number = number, .server_stream = true};
}

static void run(struct dispatch_caller *caller) {
    dispatch_caller_start(caller);
    dispatch_caller_join(caller);
}

/* 200 messages of 4 KiB: several steps, each only after the one before has left. */
static void test_every_message_comes_in_order(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(COUNT, 200);
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    run(&caller);
    assert_ok(caller.result);
    assert_int_equal(caller.messages, 200);
    assert_int_equal(strtol(caller.last, NULL, 10), 200);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1); /* one for the call, before it all */
    assert_int_equal(after.outcome, VRX_OK);
}

static void test_a_stream_may_have_nothing_to_send(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(COUNT, 0);
    run(&caller);
    assert_ok(caller.result);
    assert_int_equal(caller.messages, 0);
}

static void test_a_refusal_in_mid_stream_is_told_and_audited(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(COUNT, 13);
    run(&caller);
    assert_reason(caller.result, VRX_INPUT_RANGE);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.outcome, VRX_INPUT_RANGE);
}

static void test_a_reader_who_leaves_ends_a_long_stream(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(COUNT, UINT64_MAX);
    caller.take = 100;
    run(&caller);
    assert_reason(caller.result, VRX_CANCELLED);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_read(&dispatch_world.cancelled), 1);
}

/* ---- waiting ---- */

static void test_each_change_is_told_until_the_last(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(WATCH, 0);
    dispatch_caller_start(&caller);
    for (unsigned i = 1; i <= 5; i++) {
        dispatch_world_await(&caller.messages, i);
        dispatch_world_watch(i);
    }
    dispatch_world_await(&caller.messages, 6);
    dispatch_world_watch(100);
    dispatch_caller_join(&caller);
    assert_ok(caller.result);
    assert_string_equal(caller.last, "100");
    assert_int_equal(caller.messages, 7);
    assert_int_equal(dispatch_world_waiting(), 0);
}

/* A change while the step is under way is not missed, whether the step has seen it or not. */
static void test_no_change_is_lost_between_looking_and_waiting(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(WATCH, 0);
    dispatch_caller_start(&caller);
    dispatch_world_await(&caller.messages, 1);
    dispatch_world_watch(50);
    dispatch_world_await(&dispatch_world.at_gate, 1); /* it has read 50 */
    dispatch_world_watch(100);
    dispatch_world_open_gate(1);
    dispatch_caller_join(&caller);
    assert_ok(caller.result);
    assert_string_equal(caller.last, "100");
    assert_int_equal(caller.messages, 3);
}

static void test_a_watcher_who_leaves_is_forgotten(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(WATCH, 0);
    caller.take = 1;
    run(&caller);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_waiting(), 0);
    unsigned handled = dispatch_world_read(&dispatch_world.handled);
    dispatch_world_watch(1);
    daemon_world_visit(dispatch_world.slot, NULL, NULL);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), handled);
}

/* The same, but they leave while a step is under way: it must not wait for a change afterwards. */
static void test_a_watcher_who_leaves_in_mid_step_is_forgotten(void **state) {
    (void)state;
    struct dispatch_caller caller = stream_of(WATCH, 0);
    caller.take = 1;
    caller.hold = true;
    dispatch_caller_start(&caller);
    dispatch_world_await(&caller.messages, 1);
    dispatch_world_watch(50);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    dispatch_caller_leave(&caller);
    dispatch_caller_join(&caller);
    dispatch_world_await(&dispatch_world.cancelled, 1);
    dispatch_world_open_gate(1);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_waiting(), 0);
}

#define WATCHERS 8

static void start_watchers(struct dispatch_caller watchers[WATCHERS]) {
    for (unsigned i = 0; i < WATCHERS; i++) {
        watchers[i] = stream_of(WATCH, 0);
        dispatch_caller_start(&watchers[i]);
    }
    for (unsigned i = 0; i < WATCHERS; i++)
        dispatch_world_await(&watchers[i].messages, 1);
}

static void test_one_change_is_told_to_all(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    dispatch_world_watch(100);
    dispatch_callers_join(watchers, WATCHERS, VRX_OK);
}

static void test_sealing_ends_those_that_wait(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    vrx_actor_seal(dispatch_world.slot->actor);
    dispatch_callers_join(watchers, WATCHERS, VRX_TENANT_SEALED);
}

static struct vrx_result damage(struct vrx_job *job, struct vrx_tenant *tenant) {
    (void)job;
    (void)tenant;
    return vrx_fail(VRX_VAULT_DAMAGED);
}

static void damage_done(struct vrx_job *job, struct vrx_result outcome) {
    (void)job;
    (void)outcome;
}

/* Nobody called Seal: the vault closed by itself. */
static void test_damage_ends_those_that_wait(void **state) {
    (void)state;
    struct vrx_job job = {.run = damage, .done = damage_done};
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    assert_ok(vrx_actor_post(dispatch_world.slot->actor, &job));
    dispatch_callers_join(watchers, WATCHERS, VRX_TENANT_SEALED);
    vrx_actor_seal(dispatch_world.slot->actor); /* waits until it is */
    assert_false(atomic_load(&dispatch_world.slot->open));
}

/* Last, because a daemon does not start again. */
static void test_stopping_ends_those_that_wait(void **state) {
    (void)state;
    struct dispatch_caller watchers[WATCHERS];
    start_watchers(watchers);
    vrx_daemon_stop_waiting(dispatch_world.base.daemon);
    dispatch_callers_join(watchers, WATCHERS, VRX_SHUTTING_DOWN);
    struct dispatch_caller late = stream_of(WATCH, 0);
    run(&late);
    assert_reason(late.result, VRX_SHUTTING_DOWN);
}

#define DISPATCH_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        DISPATCH_TEST(test_every_message_comes_in_order),
        DISPATCH_TEST(test_a_stream_may_have_nothing_to_send),
        DISPATCH_TEST(test_a_refusal_in_mid_stream_is_told_and_audited),
        DISPATCH_TEST(test_a_reader_who_leaves_ends_a_long_stream),
        DISPATCH_TEST(test_each_change_is_told_until_the_last),
        DISPATCH_TEST(test_no_change_is_lost_between_looking_and_waiting),
        DISPATCH_TEST(test_a_watcher_who_leaves_is_forgotten),
        DISPATCH_TEST(test_a_watcher_who_leaves_in_mid_step_is_forgotten),
        DISPATCH_TEST(test_one_change_is_told_to_all),
        DISPATCH_TEST(test_sealing_ends_those_that_wait),
        DISPATCH_TEST(test_damage_ends_those_that_wait),
        DISPATCH_TEST(test_stopping_ends_those_that_wait),
    };
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
