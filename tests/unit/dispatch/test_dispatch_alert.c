/* SPDX-License-Identifier: Apache-2.0
 *
 * An alert that a call raises is kept with its entry, also where the handler refused; one that no
 * call raised is kept too; each new one wakes who watches.
 */
#include "dispatch/alert.h"

#include <sched.h>

#include "support/dispatch_world.h"
#include "vrx/v1/ledger.pb-c.h"

#define RAISE "/vrx.v1.Test/Raise"

/* Index 1: refused after a row was written; 2: by a worker's handler. */
static struct vrx_result raise_alert(
    struct vrx_context *context, const void *request, void *reply) {
    const Vrx__V1__ProveInclusionRequest *in = request;
    (void)reply;
    vrx_alert_raise(context, VRX_ALERT_PERSONS);
    if (in->index != 1)
        return vrx_ok();
    const struct vrx_alert_cause undone = {.kind = VRX_ALERT_OFF_HOURS};
    VRX_TRY(vrx_alert_note(context->tenant, &undone, 1, context->now, NULL));
    return vrx_refuse_for(VRX_RATE_EXCEEDED, "test: persons", 1500);
}

#define ROW(name) \
    .path = "/vrx.v1.Test/" name, .request = &vrx__v1__prove_inclusion_request__descriptor, \
    .reply = &vrx__v1__get_checkpoint_response__descriptor, .purpose = "test", \
    .callers = VRX_CALLER(VRX_TERMINAL_COUNTER), .handle = raise_alert

static const struct vrx_method methods[] = {
    {ROW("Raise")},
    {ROW("RaiseOutside"), .scope = VRX_SCOPE_WORKER},
};

struct found {
    size_t count;
    unsigned kinds;
    uint64_t events;
};

static struct vrx_result look(struct vrx_tenant *tenant, void *arg) {
    struct found *found = arg;
    struct vrx_alert *alerts = NULL;
    struct vrx_arena arena VRX_CLEANUP(vrx_arena_done);
    vrx_arena_init(&arena, VRX_LIMIT_ARENA);
    *found = (struct found){0};
    VRX_TRY(vrx_alert_list(tenant, &arena, 0, false, SIZE_MAX, &alerts, &found->count));
    for (size_t i = 0; i < found->count; i++) {
        found->kinds |= 1u << (unsigned)alerts[i].cause.kind;
        found->events += alerts[i].events;
        VRX_TRY(vrx_alert_acknowledge(tenant, alerts[i].id, vrx_view_text("test"), 1));
    }
    return vrx_ok();
}

static struct found take_alerts(void) {
    struct found found;
    daemon_world_visit(dispatch_world.slot, look, &found);
    return found;
}

static void test_a_refusing_handler_undoes_its_rows_and_not_the_alert(void **state) {
    (void)state;
    struct vrx_client *client = dispatch_client(AT_COUNTER);
    assert_reason(dispatch_call(client, RAISE, 1, NULL), VRX_RATE_EXCEEDED);
    assert_int_equal(vrx_client_outcome(client)->retry_ms, 1500);
    assert_int_equal(vrx_client_outcome(client)->code, VRX_GRPC_RESOURCE_EXHAUSTED);
    assert_reason(dispatch_call(client, RAISE, 1, NULL), VRX_RATE_EXCEEDED);
    const struct found found = take_alerts();
    assert_int_equal(found.count, 1);
    assert_int_equal(found.kinds, 1u << VRX_ALERT_PERSONS);
    assert_int_equal(found.events, 2);
    assert_int_equal(daemon_world_last_entry(dispatch_world.slot).outcome, VRX_RATE_EXCEEDED);
    vrx_client_free(&client);
}

static void test_a_handler_outside_of_the_vault_may_raise_too(void **state) {
    (void)state;
    struct vrx_client *client = dispatch_client(AT_COUNTER);
    assert_ok(dispatch_call(client, "/vrx.v1.Test/RaiseOutside", 2, NULL));
    assert_int_equal(take_alerts().kinds, 1u << VRX_ALERT_PERSONS);
    vrx_client_free(&client);
}

static void test_a_new_alert_wakes_who_watches(void **state) {
    (void)state;
    struct dispatch_caller watcher = {
        .terminal = AT_COUNTER, .path = "/vrx.v1.Test/Watch", .server_stream = true, .take = 2};
    const struct vrx_alert_cause cause = {
        VRX_ALERT_TERMINAL_EXPIRES, vrx_view_text("0123456789abcdef"), vrx_view_text("")};
    dispatch_caller_start(&watcher);
    while (!dispatch_world_waiting())
        sched_yield();
    const unsigned handled = dispatch_world_read(&dispatch_world.handled);
    assert_ok(vrx_alert_post(dispatch_world.slot, &cause));
    dispatch_world_await(&dispatch_world.handled, handled + 1);
    assert_int_equal(take_alerts().kinds, 1u << VRX_ALERT_TERMINAL_EXPIRES);
    dispatch_world_watch(100);
    dispatch_caller_join(&watcher);
}

static void test_a_sealed_vault_keeps_no_alert(void **state) {
    (void)state;
    static char name[VRX_TERMINAL_TEXT + 2];
    memset(name, 'a', sizeof name - 1);
    struct vrx_alert_cause cause = {.kind = VRX_ALERT_TERMINAL_EXPIRES};
    struct vrx_slot *sealed = dispatch_world.base.town[WORLD_KASHIWA].slot;
    assert_reason(vrx_alert_post(sealed, &cause), VRX_TENANT_SEALED);
    cause.terminal_id = vrx_view_text(name);
    assert_reason(vrx_alert_post(dispatch_world.slot, &cause), VRX_INPUT_TOO_LARGE);
}

#define DISPATCH_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    dispatch_world_more = methods;
    dispatch_world_more_count = sizeof methods / sizeof *methods;
    const struct CMUnitTest tests[] = {
        DISPATCH_TEST(test_a_refusing_handler_undoes_its_rows_and_not_the_alert),
        DISPATCH_TEST(test_a_handler_outside_of_the_vault_may_raise_too),
        DISPATCH_TEST(test_a_new_alert_wakes_who_watches),
        DISPATCH_TEST(test_a_sealed_vault_keeps_no_alert),
    };
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
