/* SPDX-License-Identifier: Apache-2.0
 *
 * Who must be logged in, where a session is valid, and that what runs in it ends with it.
 */
#include <stdio.h>

#include "base/encode.h"
#include "crypto/random.h"
#include "store/operator.h"
#include "store/terminal.h"
#include "support/dispatch_world.h"
#include "vrx/v1/ledger.pb-c.h"

#define REGISTRAR VRX_ROLE_REGISTRAR

static struct vrx_result answer(struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    Vrx__V1__GetCheckpointResponse *out = reply;
    return vrx_arena_format(&context->arena, &out->note, "%s %s", context->operator_id,
        context->has_session ? "logged in" : "claimed");
}

static struct vrx_result endless(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    *ret_next = VRX_NEXT_WAIT;
    return answer(context, request, reply);
}

/* Sends until it is not wanted any more. */
static struct vrx_result until_unwanted(
    struct vrx_context *context, const void *request, void *reply) {
    VRX_TRY(answer(context, request, reply));
    for (;;) {
        VRX_TRY(vrx_dispatch_send(context, reply));
        for (int i = 0; i < 20; i++) {
            VRX_TRY(vrx_dispatch_go_on(context));
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        }
    }
}

#define DESKS (VRX_CALLER(VRX_TERMINAL_COUNTER) | VRX_CALLER(VRX_TERMINAL_CONSOLE))
#define ANYBODY (DESKS | VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM) | VRX_CALLER(VRX_TERMINAL_KIOSK))
#define ROW(name) \
    .path = "/vrx.v1.Test/" name, .request = &vrx__v1__prove_inclusion_request__descriptor, \
    .reply = &vrx__v1__get_checkpoint_response__descriptor, .purpose = "test"

static const struct vrx_method rows[] = {
    {ROW("Person"), .callers = ANYBODY, .roles = REGISTRAR, .handle = answer},
    {ROW("Nobody"), .callers = ANYBODY, .handle = answer},
    {ROW("First"), .callers = DESKS, .roles = REGISTRAR, .first_operator = true, .handle = answer},
    {ROW("Due"), .callers = DESKS, .roles = VRX_ROLE_ANY, .while_pin_due = true, .handle = answer},
    {ROW("Desk"), .callers = DESKS, .roles = REGISTRAR, .handle = answer},
    {ROW("Sealed"), .callers = DESKS, .roles = REGISTRAR, .while_sealed = true,
        .scope = VRX_SCOPE_WORKER, .handle = answer},
    {ROW("Endless"), .kind = VRX_CALL_SERVER_STREAM, .callers = DESKS, .roles = REGISTRAR,
        .next = endless},
    {ROW("Thread"), .kind = VRX_CALL_SERVER_STREAM, .scope = VRX_SCOPE_THREAD, .callers = DESKS,
        .roles = REGISTRAR, .handle = until_unwanted},
};

static int set_up(void **state) {
    dispatch_world_people = true;
    dispatch_world_more = rows;
    dispatch_world_more_count = sizeof rows / sizeof rows[0];
    return dispatch_world_setup(state);
}

static struct vrx_sessions *table(void) {
    return dispatch_world.base.daemon->sessions;
}

struct held {
    struct vrx_session_key key;
    char token[VRX_SESSION_TOKEN + 1];
};

static struct held log_in(enum dispatch_terminal terminal, unsigned roles, bool pin_change_due) {
    struct held held = {.key.owner = dispatch_world.slot};
    const struct vrx_session session = {
        .operator_id = "yamada", .roles = roles, .pin_change_due = pin_change_due};
    memcpy(held.key.terminal_spki, dispatch_world.terminal[terminal].spki_sha256, VRX_SPKI_DIGEST);
    assert_ok(vrx_session_begin(table(), &held.key, &session, vrx_random_system(),
        vrx_clock_monotonic_ms(NULL), held.token));
    return held;
}

/* With this token (NULL: none) and the claim to be "sato"; the reply's text. */
static enum vrx_reason call_with(
    enum dispatch_terminal terminal, const char *path, const char *token, char reply[64]) {
    struct vrx_client *client = dispatch_client(terminal);
    assert_ok(vrx_client_set_metadata(client, "vrx-operator", vrx_view_text("sato")));
    if (token)
        assert_ok(vrx_client_set_metadata(client, "vrx-session", vrx_view_text(token)));
    const enum vrx_reason reason = dispatch_call(client, path, 1, reply).reason;
    vrx_client_free(&client);
    return reason;
}

#define PERSON "/vrx.v1.Test/Person"

static void desks_need_somebody_logged_in(void **state) {
    char reply[64];
    (void)state;
    assert_int_equal(call_with(AT_COUNTER, PERSON, NULL, reply), VRX_SESSION_REQUIRED);
    const struct world_entry entry = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(entry.outcome, VRX_SESSION_REQUIRED);
    assert_string_equal(entry.operator_id, ""); /* nobody is named by a claim */
    assert_int_equal(call_with(AT_CONSOLE, PERSON, NULL, reply), VRX_SESSION_REQUIRED);
    const struct held counter = log_in(AT_COUNTER, REGISTRAR, false);
    assert_int_equal(call_with(AT_COUNTER, PERSON, counter.token, reply), VRX_OK);
    assert_string_equal(reply, "yamada logged in");
    assert_string_equal(daemon_world_last_entry(dispatch_world.slot).operator_id, "yamada");
}

static void machines_act_without_a_person(void **state) {
    char reply[64];
    (void)state;
    assert_int_equal(call_with(AT_HEALTH_SYSTEM, PERSON, NULL, reply), VRX_OK);
    assert_string_equal(reply, "sato claimed");
    assert_int_equal(call_with(AT_KIOSK, PERSON, NULL, reply), VRX_OK);
    const struct held counter = log_in(AT_COUNTER, REGISTRAR, false);
    assert_int_equal(call_with(AT_HEALTH_SYSTEM, PERSON, counter.token, reply), VRX_SESSION_ENDED);
}

static void a_session_is_not_carried_to_another_terminal(void **state) {
    char reply[64];
    const struct held counter = log_in(AT_COUNTER, REGISTRAR, false);
    (void)state;
    assert_int_equal(call_with(AT_CONSOLE, PERSON, counter.token, reply), VRX_SESSION_ENDED);
    assert_int_equal(call_with(AT_COUNTER, PERSON, "x", reply), VRX_SESSION_ENDED);
    assert_int_equal(call_with(AT_COUNTER, PERSON, counter.token, reply), VRX_OK);
}

static void a_role_is_needed(void **state) {
    char reply[64];
    const struct held auditor = log_in(AT_COUNTER, VRX_ROLE_AUDITOR, false);
    (void)state;
    assert_int_equal(call_with(AT_COUNTER, PERSON, auditor.token, reply), VRX_ROLE_MISSING);
    const struct world_entry entry = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(entry.outcome, VRX_ROLE_MISSING);
    assert_string_equal(entry.operator_id, "yamada");
    const struct held all = log_in(AT_COUNTER, VRX_ROLE_ANY, false);
    assert_int_equal(call_with(AT_COUNTER, PERSON, all.token, reply), VRX_OK);
}

static void a_pin_that_is_due_lets_nothing_else(void **state) {
    char reply[64];
    const struct held due = log_in(AT_COUNTER, VRX_ROLE_ANY, true);
    (void)state;
    assert_int_equal(call_with(AT_COUNTER, PERSON, due.token, reply), VRX_PIN_CHANGE_DUE);
    assert_int_equal(call_with(AT_COUNTER, "/vrx.v1.Test/Due", due.token, reply), VRX_OK);
    vrx_session_pin_changed(table(), &due.key);
    assert_int_equal(call_with(AT_COUNTER, PERSON, due.token, reply), VRX_OK);
}

static void a_row_without_roles_looks_at_no_session(void **state) {
    char reply[64];
    const struct held counter = log_in(AT_COUNTER, REGISTRAR, false);
    (void)state;
    assert_int_equal(call_with(AT_COUNTER, "/vrx.v1.Test/Nobody", "x", reply), VRX_OK);
    assert_int_equal(call_with(AT_COUNTER, "/vrx.v1.Test/Nobody", counter.token, reply), VRX_OK);
}

static void the_first_operator_is_registered_at_a_console(void **state) {
    char reply[64];
    (void)state;
    assert_int_equal(call_with(AT_CONSOLE, "/vrx.v1.Test/First", NULL, reply), VRX_OK);
    assert_string_equal(reply, " claimed");
    assert_int_equal(
        call_with(AT_COUNTER, "/vrx.v1.Test/First", NULL, reply), VRX_SESSION_REQUIRED);
    assert_int_equal(
        call_with(AT_CONSOLE, "/vrx.v1.Test/First", "stale", reply), VRX_SESSION_ENDED);
}

static void who_is_logged_in_is_named(void **state) {
    char reply[64];
    const struct held counter = log_in(AT_COUNTER, REGISTRAR, false);
    struct vrx_client *client = dispatch_client(AT_COUNTER);
    (void)state;
    assert_ok(vrx_client_set_metadata(client, "vrx-session", vrx_view_text(counter.token)));
    assert_ok(dispatch_call(client, "/vrx.v1.Test/Desk", 1, reply));
    assert_string_equal(reply, "yamada logged in");
    vrx_client_free(&client);
}

static void while_it_is_sealed_nobody_can_be_logged_in(void **state) {
    char reply[64];
    const struct held console = log_in(AT_CONSOLE, REGISTRAR, false);
    (void)state;
    vrx_actor_seal(dispatch_world.slot->actor);
    assert_int_equal(call_with(AT_CONSOLE, "/vrx.v1.Test/Sealed", NULL, reply), VRX_OK);
    assert_int_equal(call_with(AT_CONSOLE, "/vrx.v1.Test/Sealed", console.token, reply), VRX_OK);
    assert_int_equal(call_with(AT_CONSOLE, PERSON, console.token, reply), VRX_TENANT_SEALED);
    assert_int_equal(dispatch_world_reset(state), 0); /* unsealed again */
    assert_int_equal(call_with(AT_CONSOLE, PERSON, console.token, reply), VRX_SESSION_ENDED);
}

/* A stream on a thread of its own, with a session; it notes what came. */
struct streaming {
    pthread_t thread;
    enum dispatch_terminal terminal;
    const char *path;
    const char *token;
    unsigned messages;
    struct vrx_result result;
};

static struct vrx_result count_message(void *context, struct vrx_view message) {
    struct streaming *streaming = context;
    (void)message;
    pthread_mutex_lock(&dispatch_world.lock);
    streaming->messages++;
    pthread_cond_broadcast(&dispatch_world.changed);
    pthread_mutex_unlock(&dispatch_world.lock);
    return vrx_ok();
}

static void *stream(void *argument) {
    struct streaming *streaming = argument;
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_client *client = dispatch_client(streaming->terminal);
    dispatch_request(1, &request);
    streaming->result =
        vrx_client_set_metadata(client, "vrx-session", vrx_view_text(streaming->token));
    if (vrx_is_ok(streaming->result))
        streaming->result = vrx_client_server_stream(
            client, streaming->path, vrx_buffer_view(&request), 0, count_message, streaming);
    vrx_client_free(&client);
    return NULL;
}

static void stream_start(struct streaming *streaming) {
    assert_int_equal(pthread_create(&streaming->thread, NULL, stream, streaming), 0);
    dispatch_world_await(&streaming->messages, 1);
}

static void a_waiting_stream_ends_with_its_session(void **state) {
    const struct held console = log_in(AT_CONSOLE, REGISTRAR, false);
    const struct held counter = log_in(AT_COUNTER, REGISTRAR, false);
    struct streaming one = {
        .terminal = AT_CONSOLE, .path = "/vrx.v1.Test/Endless", .token = console.token};
    struct streaming other = {
        .terminal = AT_COUNTER, .path = "/vrx.v1.Test/Endless", .token = counter.token};
    (void)state;
    stream_start(&one);
    stream_start(&other);
    vrx_session_end(table(), &console.key);
    vrx_dispatch_wake(dispatch_world.slot);
    (void)pthread_join(one.thread, NULL);
    assert_reason(one.result, VRX_SESSION_ENDED);
    dispatch_world_await(&other.messages, 2); /* it goes on */
    vrx_session_end_owner(table(), dispatch_world.slot);
    vrx_dispatch_wake(dispatch_world.slot);
    (void)pthread_join(other.thread, NULL);
    assert_reason(other.result, VRX_SESSION_ENDED);
    const struct world_entry entry = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(entry.outcome, VRX_SESSION_ENDED);
    assert_string_equal(entry.operator_id, "yamada");
}

static void work_on_a_thread_ends_with_its_session(void **state) {
    const struct held console = log_in(AT_CONSOLE, REGISTRAR, false);
    struct streaming one = {
        .terminal = AT_CONSOLE, .path = "/vrx.v1.Test/Thread", .token = console.token};
    (void)state;
    stream_start(&one);
    vrx_session_end_terminal(table(), dispatch_world.slot, console.key.terminal_spki);
    (void)pthread_join(one.thread, NULL);
    assert_reason(one.result, VRX_SESSION_ENDED);
}

#define TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(desks_need_somebody_logged_in),
        TEST(machines_act_without_a_person),
        TEST(a_session_is_not_carried_to_another_terminal),
        TEST(a_role_is_needed),
        TEST(a_pin_that_is_due_lets_nothing_else),
        TEST(a_row_without_roles_looks_at_no_session),
        TEST(the_first_operator_is_registered_at_a_console),
        TEST(who_is_logged_in_is_named),
        TEST(while_it_is_sealed_nobody_can_be_logged_in),
        TEST(a_waiting_stream_ends_with_its_session),
        TEST(work_on_a_thread_ends_with_its_session),
    };
    return cmocka_run_group_tests(tests, set_up, dispatch_world_teardown);
}
