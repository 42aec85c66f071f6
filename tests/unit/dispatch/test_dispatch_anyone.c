/* SPDX-License-Identifier: Apache-2.0
 *
 * Callers without a certificate: they reach the rows that are for anyone, and nothing else, also
 * where the listener has routes for all of them by mistake. And how many connections one terminal
 * has.
 */
#include "crypto/random.h"
#include "support/dispatch_world.h"
#include "vrx/v1/ledger.pb-c.h"

static struct vrx_tls *server_tls; /* asks for no certificate */
static struct vrx_tls *nobody;     /* has none */
static bool was_anyone;

static struct vrx_result note_caller(
    struct vrx_context *context, const void *request, void *reply) {
    (void)request;
    (void)reply;
    was_anyone = context->anyone;
    assert_int_equal(context->slot == NULL, was_anyone);
    return context->anyone ? vrx_refuse(VRX_NOT_FOUND, "test: as anyone") : vrx_ok();
}

static const struct vrx_method rows[] = {
    {VRX_RPC("Anyone", "Ask", prove_inclusion), .scope = VRX_SCOPE_DAEMON,
        .callers = VRX_CALLER_ANYONE | VRX_CALLER(VRX_TERMINAL_COUNTER), .unaudited = true,
        .purpose = "test", .handle = note_caller},
    {VRX_RPC("Anyone", "Known", prove_inclusion), .scope = VRX_SCOPE_DAEMON,
        .callers = VRX_CALLER(VRX_TERMINAL_COUNTER), .while_sealed = true, .unaudited = true,
        .purpose = "test", .handle = note_caller},
    {VRX_RPC("Anyone", "Platform", prove_inclusion), .scope = VRX_SCOPE_WORKER,
        .callers = VRX_CALLER_PLATFORM, .unaudited = true, .purpose = "test",
        .handle = note_caller},
};
#define ROWS (sizeof rows / sizeof rows[0])

static int setup(void **state) {
    const int failed = dispatch_world_setup(state);
    struct vrx_tls_identity own = test_identity_tls(&dispatch_world.server_identity);
    assert_ok(vrx_tls_server_new(&own, (struct vrx_view){0}, &server_tls));
    assert_ok(
        vrx_tls_client_new(NULL, vrx_buffer_view(&dispatch_world.pki.authority_pem), &nobody));
    return failed;
}

static int teardown(void **state) {
    vrx_tls_free(&server_tls);
    vrx_tls_free(&nobody);
    return dispatch_world_teardown(state);
}

static struct vrx_grpc_server *serve(const struct vrx_tls *tls, const struct vrx_grpc_route *routes,
    size_t count, const struct vrx_net_bounds *bounds) {
    struct vrx_grpc_server *server = NULL;
    const struct vrx_grpc_server_config config = {.address = "127.0.0.1",
        .threads = 1,
        .tls = tls,
        .routes = routes,
        .route_count = count,
        .handler = vrx_dispatch_handler(dispatch_world.base.daemon),
        .random = vrx_random_system(),
        .bounds = bounds};
    assert_ok(vrx_grpc_server_new(&config, &server));
    assert_ok(vrx_grpc_server_start(server));
    return server;
}

static struct vrx_result open_client(const struct vrx_grpc_server *server,
    const struct vrx_tls *tls, struct vrx_client **ret_client) {
    struct vrx_client_config config = {
        .host = "localhost", .port = vrx_grpc_server_port(server), .tls = tls, .connect_ms = 60000};
    return vrx_client_new(&config, ret_client);
}

static void only_rows_for_anyone_have_a_route(void **state) {
    (void)state;
    struct vrx_grpc_route routes[ROWS];
    assert_int_equal(vrx_dispatch_routes(rows, ROWS, 0, ROWS, routes), ROWS);
    assert_int_equal(vrx_dispatch_routes(rows, ROWS, 0, 2, routes), 2);
    assert_int_equal(vrx_dispatch_routes(rows, ROWS, VRX_CALLER_ANYONE, ROWS, routes), 1);
    assert_ptr_equal(routes[0].method, &rows[0]);
    struct vrx_grpc_server *server = serve(server_tls, routes, 1, NULL);
    struct vrx_client *client = NULL;
    assert_ok(open_client(server, nobody, &client));
    assert_reason(dispatch_call(client, "/vrx.v1.Anyone/Ask", 1, NULL), VRX_NOT_FOUND);
    assert_string_equal(vrx_client_outcome(client)->clause, "test: as anyone");
    assert_true(was_anyone);
    assert_reason(dispatch_call(client, "/vrx.v1.Anyone/Known", 1, NULL), VRX_METHOD_UNKNOWN);
    assert_reason(dispatch_call(client, "/vrx.v1.Test/Echo", 1, NULL), VRX_METHOD_UNKNOWN);
    vrx_client_free(&client);
    vrx_grpc_server_free(&server);
}

/* The row decides again when the call is there. */
static void a_route_too_many_is_refused_by_its_row(void **state) {
    (void)state;
    struct vrx_grpc_route routes[ROWS];
    const size_t count = vrx_dispatch_routes(rows, ROWS, 0, ROWS, routes);
    struct vrx_grpc_server *server = serve(server_tls, routes, count, NULL);
    struct vrx_client *client = NULL;
    assert_ok(open_client(server, nobody, &client));
    assert_reason(dispatch_call(client, "/vrx.v1.Anyone/Known", 1, NULL), VRX_TERMINAL_UNKNOWN);
    assert_reason(dispatch_call(client, "/vrx.v1.Anyone/Platform", 1, NULL), VRX_TERMINAL_UNKNOWN);
    vrx_client_free(&client);
    vrx_grpc_server_free(&server);
}

/* Where certificates are asked for, a row for anyone is one like all others. */
static void terminals_are_still_asked_who_they_are(void **state) {
    (void)state;
    static const struct {
        enum dispatch_terminal terminal;
        enum vrx_reason reason;
    } cases[] = {{AT_COUNTER, VRX_OK}, {AT_CONSOLE, VRX_TERMINAL_KIND},
        {AT_SUSPENDED, VRX_TERMINAL_SUSPENDED}, {AT_SEALED, VRX_TENANT_SEALED},
        {AT_PLATFORM, VRX_TERMINAL_KIND}, {AT_NOBODY, VRX_TERMINAL_UNKNOWN}};
    struct vrx_grpc_route routes[ROWS];
    const size_t count = vrx_dispatch_routes(rows, ROWS, 0, ROWS, routes);
    struct vrx_grpc_server *server = serve(dispatch_world.server_tls, routes, count, NULL);
    was_anyone = false;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vrx_client *client = NULL;
        assert_ok(open_client(server, dispatch_world.client_tls[cases[i].terminal], &client));
        assert_reason(dispatch_call(client, "/vrx.v1.Anyone/Ask", 1, NULL), cases[i].reason);
        assert_false(was_anyone);
        vrx_client_free(&client);
    }
    vrx_grpc_server_free(&server);
}

static void connections_of_one_terminal(void **state) {
    (void)state;
    const struct vrx_net_bounds bounds = {
        .connections = 8, .addresses = 8, .address.connections = 8, .terminal = 2};
    struct vrx_grpc_route routes[ROWS];
    const size_t count = vrx_dispatch_routes(rows, ROWS, 0, ROWS, routes);
    struct vrx_grpc_server *server = serve(dispatch_world.server_tls, routes, count, &bounds);
    struct vrx_client *clients[4] = {NULL};
    const struct vrx_tls *counter = dispatch_world.client_tls[AT_COUNTER];
    for (size_t i = 0; i < 2; i++) {
        assert_ok(open_client(server, counter, &clients[i]));
        assert_ok(dispatch_call(clients[i], "/vrx.v1.Anyone/Ask", 1, NULL));
    }
    struct vrx_result result = open_client(server, counter, &clients[2]);
    if (vrx_is_ok(result)) /* the end comes after the handshake */
        result = dispatch_call(clients[2], "/vrx.v1.Anyone/Ask", 1, NULL);
    assert_false(vrx_is_ok(result));
    assert_ok(open_client(server, dispatch_world.client_tls[AT_CONSOLE], &clients[3]));
    assert_reason(dispatch_call(clients[3], "/vrx.v1.Anyone/Ask", 1, NULL), VRX_TERMINAL_KIND);
    assert_ok(dispatch_call(clients[0], "/vrx.v1.Anyone/Ask", 1, NULL));
    for (size_t i = 0; i < 4; i++)
        vrx_client_free(&clients[i]);
    vrx_grpc_server_free(&server);
}

#define DISPATCH_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        DISPATCH_TEST(only_rows_for_anyone_have_a_route),
        DISPATCH_TEST(a_route_too_many_is_refused_by_its_row),
        DISPATCH_TEST(terminals_are_still_asked_who_they_are),
        DISPATCH_TEST(connections_of_one_terminal),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
