/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of calls of one reply: two steps with one outside, client streams, deadlines and callers
 * who leave.
 */
#include "support/dispatch_world.h"

#define OUTSIDE "/vrx.v1.Test/Outside"
#define SUM "/vrx.v1.Test/Sum"
#define GATE "/vrx.v1.Test/Gate"

static struct vrx_client *client;

static int connect_client(void **state) {
    dispatch_world_reset(state);
    client = dispatch_client(AT_COUNTER);
    return 0;
}

static int disconnect_client(void **state) {
    (void)state;
    vrx_client_free(&client);
    return 0;
}

/* ---- two steps ---- */

static void test_the_outside_step_has_no_tenant(void **state) {
    (void)state;
    char reply[64];
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    assert_ok(dispatch_call(client, OUTSIDE, 7, reply));
    assert_string_equal(reply, "7 of 2");
    assert_int_equal(dispatch_world_read(&dispatch_world.outside), 1);
    assert_int_equal(dispatch_world_read(&dispatch_world.committed), 1);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1); /* with the last step */
    assert_int_equal(after.outcome, VRX_OK);
}

static void test_a_refusal_outside_is_told_and_audited(void **state) {
    (void)state;
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    assert_reason(dispatch_call(client, OUTSIDE, 2, NULL), VRX_ISSUER_UNAVAILABLE);
    assert_string_equal(vrx_client_outcome(client)->clause, "test: outside");
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1);
    assert_int_equal(after.outcome, VRX_ISSUER_UNAVAILABLE);
    assert_int_equal(dispatch_world_read(&dispatch_world.committed), 0);
}

/* What was done outside is recorded, though the caller has left meanwhile. */
static void test_a_caller_who_leaves_does_not_undo_what_is_done_outside(void **state) {
    (void)state;
    struct dispatch_caller caller = {
        .terminal = AT_COUNTER, .path = OUTSIDE, .number = 1, .timeout_ms = 2000};
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    dispatch_caller_start(&caller);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    dispatch_caller_join(&caller);
    assert_reason(caller.result, VRX_DEADLINE_EXCEEDED);
    dispatch_world_await(&dispatch_world.cancelled, 1);
    dispatch_world_open_gate(1);
    dispatch_world_await(&dispatch_world.freed, 1);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1);
    assert_int_equal(dispatch_world_read(&dispatch_world.outside), 1);
}

/* Nothing is begun outside for a caller who has left; that it was prepared stands in the ledger. */
static void test_nothing_is_begun_outside_for_who_has_left(void **state) {
    (void)state;
    struct dispatch_caller first = {.terminal = AT_COUNTER, .path = OUTSIDE, .number = 1};
    struct dispatch_caller second = {
        .terminal = AT_COUNTER, .path = OUTSIDE, .number = 7, .timeout_ms = 2000};
    dispatch_caller_start(&first);
    dispatch_world_await(&dispatch_world.at_gate, 1); /* the worker's thread is held */
    dispatch_caller_start(&second);
    dispatch_world_await(&dispatch_world.handled, 2);
    dispatch_caller_join(&second);
    dispatch_world_await(&dispatch_world.cancelled, 1);
    dispatch_world_open_gate(1);
    dispatch_caller_join(&first);
    assert_ok(first.result);
    dispatch_world_await(&dispatch_world.freed, 2);
    assert_int_equal(dispatch_world_read(&dispatch_world.outside), 1);
    assert_int_equal(daemon_world_last_entry(dispatch_world.slot).outcome, VRX_CANCELLED);
}

/* ---- client streams ---- */

static struct vrx_result send(uint64_t number) {
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    dispatch_request(number, &message);
    return vrx_client_stream_send(client, vrx_buffer_view(&message));
}

static struct vrx_result finish(char reply[64]) {
    struct vrx_buffer message VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_client_stream_finish(client, &message));
    dispatch_text(vrx_buffer_view(&message), reply);
    return vrx_ok();
}

/* The first message waits at the gate while all others and the end have arrived: each is handled
 * after the one before, the end after the last. */
static void test_a_slow_handler_gets_every_message_and_then_the_end(void **state) {
    (void)state;
    char reply[64];
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    assert_ok(send(0));
    dispatch_world_await(&dispatch_world.at_gate, 1);
    for (uint64_t i = 100; i < 150; i++)
        assert_ok(send(i));
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 1);
    dispatch_world_open_gate(1);
    assert_ok(finish(reply));
    assert_string_equal(reply, "6225 of 51");
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1); /* one for the call, with its end */
    assert_int_equal(dispatch_world_read(&dispatch_world.committed), 1);
}

static void test_a_stream_may_end_without_a_message(void **state) {
    (void)state;
    char reply[64];
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    assert_ok(finish(reply));
    assert_string_equal(reply, "0 of 0");
}

static void test_a_refused_message_ends_the_stream(void **state) {
    (void)state;
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    struct vrx_result result = vrx_ok();
    for (uint64_t i = 11; i < 10000 && vrx_is_ok(result); i++)
        result = send(i);
    assert_reason(result, VRX_INPUT_RANGE);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 3); /* 11, 12, 13 */
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1);
    assert_int_equal(after.outcome, VRX_INPUT_RANGE);
    assert_int_equal(dispatch_world_read(&dispatch_world.committed), 0);
    assert_ok(
        dispatch_call(client, "/vrx.v1.Test/Echo", 1, NULL)); /* the connection is as it was */
}

static void test_a_stream_of_nonsense_ends_at_the_nonsense(void **state) {
    (void)state;
    char reply[64];
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    assert_ok(send(1));
    struct vrx_result result = vrx_client_stream_send(client, vrx_view_text("\x08"));
    if (vrx_is_ok(result))
        result = finish(reply);
    assert_reason(result, VRX_INPUT_MALFORMED);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 1);
}

static void test_a_stream_that_is_cut_off_is_gone(void **state) {
    (void)state;
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    assert_ok(send(0));
    dispatch_world_await(&dispatch_world.at_gate, 1);
    assert_ok(send(5));
    vrx_client_stream_cancel(client);
    dispatch_world_await(&dispatch_world.cancelled, 1);
    dispatch_world_open_gate(1);
    dispatch_world_await(&dispatch_world.freed, 1);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 1);
}

/* ---- the queue ---- */

/* Two calls behind a third that holds the tenant's thread; one's time runs out there. */
static void test_what_nobody_awaits_any_more_is_not_done(void **state) {
    (void)state;
    struct dispatch_caller first = {.terminal = AT_COUNTER, .path = GATE};
    struct dispatch_caller late = {
        .terminal = AT_COUNTER, .path = "/vrx.v1.Test/Echo", .timeout_ms = 200};
    struct dispatch_caller watch = {.terminal = AT_COUNTER,
        .path = "/vrx.v1.Test/Watch",
        .timeout_ms = 200,
        .server_stream = true};
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    dispatch_caller_start(&first);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    dispatch_caller_start(&late);
    dispatch_caller_start(&watch);
    dispatch_caller_join(&late);
    dispatch_caller_join(&watch);
    assert_reason(late.result, VRX_DEADLINE_EXCEEDED);
    assert_reason(watch.result, VRX_DEADLINE_EXCEEDED);
    dispatch_world_await(&dispatch_world.cancelled, 2);
    dispatch_world_open_gate(1);
    dispatch_caller_join(&first);
    assert_ok(first.result);
    dispatch_world_await(&dispatch_world.freed, 3);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 1);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1);
}

/* The same for a caller who hangs up without having said how long they wait. */
static void test_a_call_that_was_cancelled_in_the_queue_is_not_done(void **state) {
    (void)state;
    struct dispatch_caller first = {.terminal = AT_COUNTER, .path = GATE};
    dispatch_caller_start(&first);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    assert_ok(send(5));
    dispatch_world_await(&dispatch_world.arrived, 2);
    vrx_client_stream_cancel(client);
    dispatch_world_await(&dispatch_world.cancelled, 1);
    dispatch_world_open_gate(1);
    dispatch_caller_join(&first);
    dispatch_world_await(&dispatch_world.freed, 2);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 1);
}

static void *seal(void *actor) {
    vrx_actor_seal(actor);
    return NULL;
}

/* Whatever was accepted before a sealing is answered; what comes after it is refused. */
static void test_sealing_answers_what_is_queued(void **state) {
    (void)state;
    pthread_t sealing;
    char reply[64];
    struct dispatch_caller callers[4];
    assert_ok(vrx_client_stream_begin(client, SUM, 0));
    for (unsigned i = 0; i < 4; i++) {
        callers[i] = (struct dispatch_caller){.terminal = AT_COUNTER, .path = GATE, .number = i};
        dispatch_caller_start(&callers[i]);
        dispatch_world_await(&dispatch_world.arrived, i + 1);
    }
    dispatch_world_await(&dispatch_world.at_gate, 1);
    assert_int_equal(pthread_create(&sealing, NULL, seal, dispatch_world.slot->actor), 0);
    dispatch_world_open_gate(4);
    for (unsigned i = 0; i < 4; i++) {
        dispatch_caller_join(&callers[i]);
        assert_ok(callers[i].result);
    }
    pthread_join(sealing, NULL);
    assert_reason(finish(reply), VRX_TENANT_SEALED);
    assert_reason(dispatch_call(client, "/vrx.v1.Test/Echo", 1, NULL), VRX_TENANT_SEALED);
}

#define DISPATCH_TEST(name) cmocka_unit_test_setup_teardown(name, connect_client, disconnect_client)

int main(void) {
    const struct CMUnitTest tests[] = {
        DISPATCH_TEST(test_the_outside_step_has_no_tenant),
        DISPATCH_TEST(test_a_refusal_outside_is_told_and_audited),
        DISPATCH_TEST(test_a_caller_who_leaves_does_not_undo_what_is_done_outside),
        DISPATCH_TEST(test_nothing_is_begun_outside_for_who_has_left),
        DISPATCH_TEST(test_a_slow_handler_gets_every_message_and_then_the_end),
        DISPATCH_TEST(test_a_stream_may_end_without_a_message),
        DISPATCH_TEST(test_a_refused_message_ends_the_stream),
        DISPATCH_TEST(test_a_stream_of_nonsense_ends_at_the_nonsense),
        DISPATCH_TEST(test_a_stream_that_is_cut_off_is_gone),
        DISPATCH_TEST(test_what_nobody_awaits_any_more_is_not_done),
        DISPATCH_TEST(test_a_call_that_was_cancelled_in_the_queue_is_not_done),
        DISPATCH_TEST(test_sealing_answers_what_is_queued),
    };
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
