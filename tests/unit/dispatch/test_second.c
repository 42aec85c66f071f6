/* SPDX-License-Identifier: Apache-2.0
 *
 * Four eyes: what is asked once is done once, after somebody else has agreed to exactly that.
 */
#include <stdio.h>

#include "base/encode.h"
#include "dispatch/second.h"
#include "store/action.h"
#include "store/operator.h"
#include "store/sql.h"
#include "store/terminal.h"
#include "support/dispatch_world.h"
#include "support/vault_files.h"
#include "vrx/v1/ledger.pb-c.h"

#define ONE "/vrx.v1.Test/One"
#define OUTSIDE "/vrx.v1.Test/TwoSteps"
#define STREAM "/vrx.v1.Test/Streamed"
#define ROLES (VRX_ROLE_APPROVER | VRX_ROLE_ADMINISTRATOR)
#define HARMLESS 1000 /* a request of so much needs nobody */
#define REFUSED 13
#define WAITS 7

/* ---- methods: each run leaves one row, so that what was done can be counted ---- */

static struct vrx_result leave_row(struct vrx_context *context) {
    struct vrx_terminal terminal = {.kind = VRX_TERMINAL_KIOSK, .registered_at = context->now};
    VRX_TRY(vrx_random_fill(context->random, terminal.spki_sha256, VRX_DIGEST));
    return vrx_terminal_register(context->tenant, &terminal);
}

static uint64_t number_of(const void *request) {
    return ((const Vrx__V1__ProveInclusionRequest *)request)->index;
}

static struct vrx_result one(struct vrx_context *context, const void *request, void *reply) {
    Vrx__V1__GetCheckpointResponse *out = reply;
    VRX_TRY(leave_row(context));
    if (number_of(request) == REFUSED || dispatch_world_read(&dispatch_world.watched) == REFUSED)
        return vrx_refuse(VRX_DISCLOSURE_REFUSED, "test");
    return vrx_arena_format(&context->arena, &out->note, "done");
}

static struct vrx_result begin(struct vrx_context *context, const void *request, void *reply) {
    (void)context;
    (void)request;
    (void)reply;
    return vrx_ok();
}

/* The first one through waits here, so that another can be let through as well. */
static struct vrx_result between(struct vrx_context *context) {
    (void)context;
    pthread_mutex_lock(&dispatch_world.lock);
    dispatch_world.outside++;
    pthread_cond_broadcast(&dispatch_world.changed);
    while (!dispatch_world.gate_open)
        pthread_cond_wait(&dispatch_world.changed, &dispatch_world.lock);
    pthread_mutex_unlock(&dispatch_world.lock);
    return vrx_ok();
}

static struct vrx_result end(struct vrx_context *context, void *reply) {
    Vrx__V1__GetCheckpointResponse *out = reply;
    VRX_TRY(leave_row(context));
    return vrx_arena_format(&context->arena, &out->note, "done");
}

struct stream_state {
    unsigned count;
};

static struct vrx_result next(
    struct vrx_context *context, const void *request, void *reply, enum vrx_next *ret_next) {
    struct stream_state *state = context->state;
    Vrx__V1__GetCheckpointResponse *out = reply;
    (void)request;
    VRX_TRY(leave_row(context));
    *ret_next = ++state->count == 3 ? VRX_NEXT_LAST : VRX_NEXT_MORE;
    return vrx_arena_format(&context->arena, &out->note, "%u", state->count);
}

static struct vrx_result unless_harmless(
    struct vrx_context *context, const void *request, bool *ret_needed) {
    (void)context;
    if (number_of(request) == HARMLESS + 1)
        return vrx_fail(VRX_NOT_FOUND);
    *ret_needed = number_of(request) != HARMLESS;
    return vrx_ok();
}

#define TEST_ROW(name) \
    .path = (name), .request = &vrx__v1__prove_inclusion_request__descriptor, \
    .reply = &vrx__v1__get_checkpoint_response__descriptor, .purpose = "test", \
    .callers = VRX_CALLER(VRX_TERMINAL_HEALTH_SYSTEM), .second = ROLES, \
    .second_when = unless_harmless

static const struct vrx_method rows[] = {
    {TEST_ROW(ONE), .handle = one},
    {TEST_ROW(OUTSIDE), .handle = begin, .outside = between, .finish = end},
    {TEST_ROW(STREAM), .kind = VRX_CALL_SERVER_STREAM, .next = next, .one_a_step = true,
        .state_size = sizeof(struct stream_state)},
};

/* ---- what is in the vault ---- */

static struct vrx_result count_rows(struct vrx_tenant *tenant, void *arg) {
    return vrx_terminal_count(tenant, VRX_TERMINAL_KIOSK, arg);
}

/* Runs that left their row. */
static size_t runs(void) {
    size_t count = 0;
    daemon_world_visit(dispatch_world.slot, count_rows, &count);
    return count;
}

static struct vrx_result clear(struct vrx_tenant *tenant, void *arg) {
    (void)arg;
    const struct vrx_operator suzuki = {
        .id = vrx_view_text("suzuki"), .roles = VRX_ROLE_APPROVER, .registered_at = 1};
    const struct vrx_credentials credentials = {.pin_verifier = "none"};
    sql_run(
        vrx_tenant_db(tenant), "DELETE FROM action; DELETE FROM terminal; DELETE FROM operator");
    return vrx_operator_register(tenant, &suzuki, &credentials);
}

static struct vrx_result count_actions(struct vrx_tenant *tenant, void *arg) {
    *(int64_t *)arg = sql_number(vrx_tenant_db(tenant), "SELECT count(*) FROM action");
    return vrx_ok();
}

static int64_t actions(void) {
    int64_t count = 0;
    daemon_world_visit(dispatch_world.slot, count_actions, &count);
    return count;
}

struct answer {
    uint8_t id[VRX_ID];
    const char *operator_id;
    bool refuse;
    struct vrx_result result;
};

static struct vrx_result answer(struct vrx_tenant *tenant, void *arg) {
    struct answer *given = arg;
    const struct vrx_action_person by = {
        vrx_view_text(given->operator_id), vrx_view_text("0011223344556677")};
    given->result = given->refuse ? vrx_action_refuse(tenant, given->id, &by, vrx_clock_seconds())
                                  : vrx_action_agree(tenant, given->id, &by, vrx_clock_seconds());
    return vrx_ok();
}

static void id_of(const char *hex, uint8_t ret_id[VRX_ID]) {
    struct vrx_buffer bytes VRX_CLEANUP(vrx_buffer_done) = {0};
    assert_ok(vrx_hex_decode(vrx_view_text(hex), &bytes));
    assert_int_equal(bytes.len, VRX_ID);
    memcpy(ret_id, bytes.ptr, VRX_ID);
}

static void agree(const char *action) {
    struct answer given = {.operator_id = "suzuki"};
    id_of(action, given.id);
    daemon_world_visit(dispatch_world.slot, answer, &given);
    assert_ok(given.result);
}

static struct vrx_result expire(struct vrx_tenant *tenant, void *arg) {
    (void)arg;
    sql_run(vrx_tenant_db(tenant), "UPDATE action SET expires_at = 1 WHERE state <= 2");
    return vrx_ok();
}

static int reset(void **state) {
    if (dispatch_world_reset(state) != 0)
        return -1;
    daemon_world_visit(dispatch_world.slot, clear, NULL);
    return 0;
}

/* ---- callers ---- */

static struct vrx_client *as(const char *operator_id) {
    struct vrx_client *client = dispatch_client(AT_HEALTH_SYSTEM);
    if (operator_id)
        assert_ok(vrx_client_set_metadata(client, "vrx-operator", vrx_view_text(operator_id)));
    return client;
}

static struct vrx_result take_nothing(void *context, struct vrx_view message) {
    (void)message;
    ++*(unsigned *)context;
    return vrx_ok();
}

static struct vrx_result call(struct vrx_client *client, const char *path, uint64_t number) {
    unsigned messages = 0;
    if (strcmp(path, STREAM) != 0)
        return dispatch_call(client, path, number, NULL);
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    dispatch_request(number, &request);
    struct vrx_result result = vrx_client_server_stream(
        client, path, vrx_buffer_view(&request), 0, take_nothing, &messages);
    assert_int_equal(messages, vrx_is_ok(result) ? 3 : 0);
    return result;
}

/* Asks, and gives what waits. */
static void ask(struct vrx_client *client, const char *path, uint64_t number,
    char action[VRX_ACTION_TEXT + 1]) {
    assert_reason(call(client, path, number), VRX_SECOND_PERSON_NEEDED);
    const char *told = vrx_client_outcome(client)->action;
    assert_int_equal(strlen(told), VRX_ACTION_TEXT);
    memcpy(action, told, VRX_ACTION_TEXT + 1);
}

static const char *const paths[] = {ONE, OUTSIDE, STREAM};
#define PATHS (sizeof paths / sizeof *paths)

static size_t rows_of(size_t path) {
    return path == 2 ? 3 : 1; /* a stream leaves one with each message */
}

/* ---- tests ---- */

static void what_is_agreed_to_runs_once(void **state) {
    (void)state;
    char action[VRX_ACTION_TEXT + 1];
    struct vrx_client *client = as("yamada");
    dispatch_world_open_gate(1);
    for (size_t i = 0; i < PATHS; i++) {
        size_t before = runs();
        ask(client, paths[i], 1, action);
        assert_int_equal(runs(), before);
        agree(action);
        assert_ok(call(client, paths[i], 1));
        assert_int_equal(runs(), before + rows_of(i));
        assert_reason(call(client, paths[i], 1), VRX_SECOND_PERSON_NEEDED);
        assert_string_not_equal(vrx_client_outcome(client)->action, action);
        assert_int_equal(runs(), before + rows_of(i));
    }
    vrx_client_free(&client);
}

static void asking_again_is_the_same_question(void **state) {
    (void)state;
    char first[VRX_ACTION_TEXT + 1];
    char again[VRX_ACTION_TEXT + 1];
    struct vrx_client *client = as("yamada");
    ask(client, ONE, 1, first);
    ask(client, ONE, 1, again);
    assert_string_equal(first, again);
    assert_int_equal(actions(), 1);
    vrx_client_free(&client);
}

static void another_request_or_operator_or_method_needs_its_own(void **state) {
    (void)state;
    char action[VRX_ACTION_TEXT + 1];
    struct vrx_client *client = as("yamada");
    struct vrx_client *other = as("tanaka");
    ask(client, ONE, 1, action);
    agree(action);
    assert_reason(call(client, ONE, 2), VRX_SECOND_PERSON_NEEDED);
    assert_reason(call(client, STREAM, 1), VRX_SECOND_PERSON_NEEDED);
    assert_reason(call(other, ONE, 1), VRX_SECOND_PERSON_NEEDED);
    assert_int_equal(runs(), 0);
    assert_ok(call(client, ONE, 1));
    assert_int_equal(runs(), 1);
    vrx_client_free(&client);
    vrx_client_free(&other);
}

static void a_refused_or_expired_one_does_nothing(void **state) {
    (void)state;
    char action[VRX_ACTION_TEXT + 1];
    struct vrx_client *client = as("yamada");
    struct answer given = {.operator_id = "suzuki", .refuse = true};
    ask(client, ONE, 1, action);
    id_of(action, given.id);
    daemon_world_visit(dispatch_world.slot, answer, &given);
    assert_ok(given.result);
    assert_reason(call(client, ONE, 1), VRX_SECOND_PERSON_NEEDED);
    ask(client, ONE, 2, action);
    agree(action);
    daemon_world_visit(dispatch_world.slot, expire, NULL);
    assert_reason(call(client, ONE, 2), VRX_SECOND_PERSON_NEEDED);
    assert_string_not_equal(vrx_client_outcome(client)->action, action);
    assert_int_equal(runs(), 0);
    vrx_client_free(&client);
}

static struct vrx_result suspend(struct vrx_tenant *tenant, void *arg) {
    (void)arg;
    return vrx_operator_set_state(
        tenant, vrx_view_text("suzuki"), VRX_OPERATOR_STATE_SUSPENDED, vrx_clock_seconds());
}

static struct vrx_result demote(struct vrx_tenant *tenant, void *arg) {
    (void)arg;
    return vrx_operator_set_roles(
        tenant, vrx_view_text("suzuki"), VRX_ROLE_AUDITOR, vrx_clock_seconds());
}

static struct vrx_result forget(struct vrx_tenant *tenant, void *arg) {
    (void)arg;
    sql_run(vrx_tenant_db(tenant), "DELETE FROM operator");
    return vrx_ok();
}

/* One question each time, and not one more with every try. */
static void an_agreement_stands_as_long_as_who_gave_it(void **state) {
    (void)state;
    struct vrx_result (*const ends[])(struct vrx_tenant *, void *) = {suspend, demote, forget};
    struct vrx_client *client = as("yamada");
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char action[VRX_ACTION_TEXT + 1];
        char again[VRX_ACTION_TEXT + 1];
        daemon_world_visit(dispatch_world.slot, clear, NULL);
        ask(client, ONE, 1, action);
        agree(action);
        daemon_world_visit(dispatch_world.slot, ends[i], NULL);
        ask(client, ONE, 1, again);
        assert_string_not_equal(again, action);
        ask(client, ONE, 1, action);
        assert_string_equal(again, action);
        assert_int_equal(actions(), 2);
        assert_int_equal(runs(), 0);
    }
    vrx_client_free(&client);
}

static void nobody_cannot_ask(void **state) {
    (void)state;
    struct vrx_client *client = as(NULL);
    assert_reason(call(client, ONE, 1), VRX_INPUT_FIELD_MISSING);
    assert_int_equal(actions(), 0);
    vrx_client_free(&client);
}

static void what_needs_nobody_runs(void **state) {
    (void)state;
    struct vrx_client *client = as("yamada");
    dispatch_world_open_gate(1);
    for (size_t i = 0; i < PATHS; i++) {
        assert_ok(call(client, paths[i], HARMLESS));
        assert_reason(call(client, paths[i], HARMLESS + 1), VRX_NOT_FOUND);
    }
    assert_int_equal(runs(), 5);
    assert_int_equal(actions(), 0);
    vrx_client_free(&client);
}

/* A run that was refused has not used the agreement up. */
static void a_refused_run_leaves_the_agreement(void **state) {
    (void)state;
    char action[VRX_ACTION_TEXT + 1];
    struct vrx_client *client = as("yamada");
    ask(client, ONE, 1, action);
    agree(action);
    dispatch_world_watch(REFUSED);
    assert_reason(call(client, ONE, 1), VRX_DISCLOSURE_REFUSED);
    assert_int_equal(runs(), 0);
    dispatch_world_watch(0);
    assert_ok(call(client, ONE, 1));
    assert_int_equal(runs(), 1);
    vrx_client_free(&client);
}

static void nobody_is_asked_for_what_is_refused_anyway(void **state) {
    (void)state;
    struct vrx_client *client = as("yamada");
    assert_reason(call(client, ONE, REFUSED), VRX_DISCLOSURE_REFUSED);
    assert_int_equal(runs(), 0);
    assert_int_equal(actions(), 0);
    struct world_entry entry = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(entry.outcome, VRX_DISCLOSURE_REFUSED);
    assert_string_equal(entry.basis, "");
    vrx_client_free(&client);
}

/* Both are past the look; only one gets to use it. */
static void two_runs_do_not_share_one_agreement(void **state) {
    (void)state;
    char action[VRX_ACTION_TEXT + 1];
    struct vrx_client *client = as("yamada");
    struct dispatch_caller callers[2];
    for (size_t i = 0; i < 2; i++)
        callers[i] = (struct dispatch_caller){.terminal = AT_HEALTH_SYSTEM,
            .path = OUTSIDE,
            .number = WAITS,
            .operator_id = "yamada"};
    ask(client, OUTSIDE, WAITS, action);
    agree(action);
    for (size_t i = 0; i < 2; i++)
        dispatch_caller_start(&callers[i]);
    dispatch_world_await(&dispatch_world.outside, 1);
    dispatch_world_await(&dispatch_world.arrived, 3);
    dispatch_world_open_gate(1);
    for (size_t i = 0; i < 2; i++)
        dispatch_caller_join(&callers[i]);
    bool first = vrx_is_ok(callers[0].result);
    assert_ok(callers[!first].result);
    assert_reason(callers[first].result, VRX_SECOND_PERSON_NEEDED);
    assert_int_equal(runs(), 1);
    vrx_client_free(&client);
}

static struct vrx_result count_open(struct vrx_tenant *tenant, void *arg) {
    *(int64_t *)arg =
        sql_number(vrx_tenant_db(tenant), "SELECT count(*) FROM action WHERE request IS NOT NULL");
    return vrx_ok();
}

static void the_ledger_names_the_action(void **state) {
    (void)state;
    char action[VRX_ACTION_TEXT + 1];
    char basis[64];
    int64_t open = 99;
    struct vrx_client *client = as("yamada");
    ask(client, ONE, 1, action);
    (void)snprintf(basis, sizeof basis, "action %s", action);
    struct world_entry asked = daemon_world_last_entry(dispatch_world.slot);
    assert_string_equal(asked.method, ONE);
    assert_int_equal(asked.outcome, VRX_SECOND_PERSON_NEEDED);
    assert_string_equal(asked.basis, basis);
    assert_string_equal(asked.operator_id, "yamada");
    agree(action);
    assert_ok(call(client, ONE, 1));
    struct world_entry done = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(done.entries, asked.entries + 2);
    struct world_entry used = daemon_world_entry(dispatch_world.slot, asked.entries);
    assert_string_equal(used.method, ONE);
    assert_string_equal(used.purpose, VRX_SECOND_PURPOSE);
    assert_string_equal(used.basis, basis);
    assert_string_equal(used.operator_id, "yamada");
    daemon_world_visit(dispatch_world.slot, count_open, &open);
    assert_int_equal(open, 0);
    vrx_client_free(&client);
}

static void one_operator_does_not_ask_without_end(void **state) {
    (void)state;
    struct vrx_client *client = as("yamada");
    for (unsigned i = 0; i < VRX_LIMIT_OPERATOR_ACTIONS; i++)
        assert_reason(call(client, ONE, 100 + i), VRX_SECOND_PERSON_NEEDED);
    assert_reason(call(client, ONE, 1), VRX_CAP_REACHED);
    struct world_entry entry = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(entry.outcome, VRX_CAP_REACHED);
    assert_int_equal(actions(), VRX_LIMIT_OPERATOR_ACTIONS);
    vrx_client_free(&client);
}

#define SECOND_TEST(name) cmocka_unit_test_setup(name, reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        SECOND_TEST(what_is_agreed_to_runs_once),
        SECOND_TEST(asking_again_is_the_same_question),
        SECOND_TEST(another_request_or_operator_or_method_needs_its_own),
        SECOND_TEST(a_refused_or_expired_one_does_nothing),
        SECOND_TEST(an_agreement_stands_as_long_as_who_gave_it),
        SECOND_TEST(nobody_cannot_ask),
        SECOND_TEST(what_needs_nobody_runs),
        SECOND_TEST(a_refused_run_leaves_the_agreement),
        SECOND_TEST(nobody_is_asked_for_what_is_refused_anyway),
        SECOND_TEST(two_runs_do_not_share_one_agreement),
        SECOND_TEST(the_ledger_names_the_action),
        SECOND_TEST(one_operator_does_not_ask_without_end),
    };
    dispatch_world_more = rows;
    dispatch_world_more_count = sizeof rows / sizeof *rows;
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
