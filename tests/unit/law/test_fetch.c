/* SPDX-License-Identifier: Apache-2.0
 *
 * The law of a daemon over its public listener, and another one that fetches it from there: what is
 * newer, signed by the authority and not over takes the place of its files, and nothing else does.
 */
#include "law/fetch.h"

#include <stdio.h>
#include <unistd.h>

#include "crypto/random.h"
#include "law/handlers.h"
#include "rules/law_version.h"
#include "support/dispatch_world.h"
#include "support/sign_pinned.h"
#include "support/vault_files.h"

static struct vrx_tls *server_tls; /* asks for no certificate */
static struct vrx_tls *nobody;     /* has none */
static struct vrx_grpc_server *server;
static struct vrx_grpc_route routes[VRX_LAW_METHODS];
static char directory_file[4096];
static char permits_file[4096];
static struct vrx_law_source source;

static int setup(void **state) {
    struct dispatch_world *world = &dispatch_world;
    const int failed = dispatch_world_setup(state);
    struct vrx_tls_identity own = test_identity_tls(&world->server_identity);
    assert_ok(vrx_tls_server_new(&own, (struct vrx_view){0}, &server_tls));
    assert_ok(vrx_tls_client_new(NULL, vrx_buffer_view(&world->pki.authority_pem), &nobody));
    assert_int_equal(vrx_dispatch_routes(vrx_law_methods, VRX_LAW_METHODS, VRX_CALLER_ANYONE,
                         VRX_LAW_METHODS, routes),
        VRX_LAW_METHODS);
    const struct vrx_grpc_server_config config = {.address = "127.0.0.1",
        .threads = 1,
        .tls = server_tls,
        .routes = routes,
        .route_count = VRX_LAW_METHODS,
        .handler = vrx_dispatch_handler(world->base.daemon),
        .random = vrx_random_system()};
    assert_ok(vrx_grpc_server_new(&config, &server));
    assert_ok(vrx_grpc_server_start(server));
    (void)snprintf(directory_file, sizeof directory_file, "%s/fetched-d", world->base.folder);
    (void)snprintf(permits_file, sizeof permits_file, "%s/fetched-p", world->base.folder);
    return failed;
}

static int teardown(void **state) {
    vrx_grpc_server_free(&server);
    vrx_tls_free(&server_tls);
    vrx_tls_free(&nobody);
    return dispatch_world_teardown(state);
}

/* Before each test: nothing was fetched yet. */
static int start(void **state) {
    (void)state;
    source = (struct vrx_law_source){.host = "localhost",
        .port = vrx_grpc_server_port(server),
        .tls = nobody,
        .authority = dispatch_world.base.authority_public,
        .directory_file = directory_file,
        .permits_file = permits_file,
        .every = 1};
    (void)unlink(directory_file);
    (void)unlink(permits_file);
    return 0;
}

static void assert_same_file(const char *a, const char *b) {
    struct vrx_buffer first VRX_CLEANUP(vrx_buffer_done) = file_read(a);
    struct vrx_buffer second VRX_CLEANUP(vrx_buffer_done) = file_read(b);
    assert_true(first.len > 0);
    assert_true(vrx_view_equal(vrx_buffer_view(&first), vrx_buffer_view(&second)));
}

static struct vrx_result fetch(size_t expected) {
    size_t taken = 9;
    struct vrx_result result = vrx_law_fetch(&source, WORLD_NOW, &taken);
    assert_int_equal(taken, expected);
    return result;
}

static void what_is_newer_is_put_into_the_files(void **state) {
    (void)state;
    const struct daemon_world *base = &dispatch_world.base;
    assert_ok(fetch(2));
    assert_same_file(directory_file, base->directory_file);
    assert_same_file(permits_file, base->permits_file);
    assert_ok(fetch(0)); /* the source knows that we have it */
    daemon_world_sign_law(&dispatch_world.base);
    assert_ok(fetch(2));
    assert_same_file(directory_file, base->directory_file);
    assert_same_file(permits_file, base->permits_file);
}

/* A source that has gone back, or never had more. */
static void what_is_older_is_refused(void **state) {
    (void)state;
    struct daemon_world *base = &dispatch_world.base;
    struct vrx_buffer ahead VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_permit_table table = base->permits;
    table.version += 5;
    test_sign_pinned(&vrx_permit_table_schema, &table, base->authority, &ahead);
    file_write(permits_file, vrx_buffer_view(&ahead));
    struct vrx_result result = fetch(1); /* the directory all the same */
    assert_reason(result, VRX_DIRECTORY_STALE);
    assert_string_equal(result.clause, "permit_table.version ascends");
    struct vrx_buffer kept VRX_CLEANUP(vrx_buffer_done) = file_read(permits_file);
    assert_true(vrx_view_equal(vrx_buffer_view(&kept), vrx_buffer_view(&ahead)));
}

static void what_another_signed_is_refused(void **state) {
    (void)state;
    struct vrx_private_key *other = NULL;
    struct vrx_public_key *public = NULL;
    assert_ok(vrx_private_key_new_p256(&other));
    assert_ok(vrx_private_key_public(other, &public));
    source.authority = public;
    assert_reason(fetch(0), VRX_KEY_UNKNOWN);
    assert_int_equal(access(directory_file, F_OK), -1);
    assert_int_equal(access(permits_file, F_OK), -1);
    vrx_public_key_free(&public);
    vrx_private_key_free(&other);
}

/* What we hold is nobody's to replace, if it is not the authority's: somebody must look. */
static void a_file_that_is_no_law_stays(void **state) {
    (void)state;
    file_write(directory_file, vrx_view_text("no directory"));
    assert_int_not_equal(fetch(1).reason, VRX_OK);
    struct vrx_buffer kept VRX_CLEANUP(vrx_buffer_done) = file_read(directory_file);
    assert_true(vrx_view_equal(vrx_buffer_view(&kept), vrx_view_text("no directory")));
}

static void what_is_over_is_refused(void **state) {
    (void)state;
    struct daemon_world *base = &dispatch_world.base;
    const int64_t end = base->directory.expires;
    base->directory.expires = WORLD_NOW - 1;
    daemon_world_sign_law(base);
    struct vrx_result result = fetch(1);
    assert_reason(result, VRX_DIRECTORY_EXPIRED);
    assert_string_equal(result.clause, "directory.expires");
    base->directory.expires = end;
    daemon_world_sign_law(base);
    assert_ok(fetch(2));
}

static void a_source_that_is_not_there(void **state) {
    (void)state;
    source.port = 1;
    assert_reason(fetch(0), VRX_NETWORK_FAILED);
}

static void run_to_end(struct vrx_law_fetcher *fetcher) {
    vrx_law_fetcher_tick(fetcher, dispatch_world.base.daemon->worker, vrx_clock_seconds());
    for (int i = 0; atomic_load(&fetcher->running) && i < 30000; i++)
        usleep(1000);
    assert_false(atomic_load(&fetcher->running));
}

static int64_t next_in(const struct vrx_law_fetcher *fetcher) {
    return atomic_load(&fetcher->due) - vrx_clock_seconds();
}

/* One asking at a time, and the next when its time has come; sooner after a failure. */
static void a_fetcher_asks_when_it_is_due(void **state) {
    (void)state;
    static struct vrx_law_fetcher fetcher; /* it outlives the worker */
    fetcher.source = source;
    fetcher.source.every = 3600;
    run_to_end(&fetcher);
    assert_in_range(next_in(&fetcher), 3570, 3600);
    assert_int_equal(access(permits_file, F_OK), 0);
    assert_int_equal(unlink(permits_file), 0);
    run_to_end(&fetcher); /* not due */
    assert_int_equal(access(permits_file, F_OK), -1);
    fetcher.source.port = 1;
    atomic_store(&fetcher.due, 0);
    run_to_end(&fetcher);
    assert_in_range(next_in(&fetcher), 30, 60);
    fetcher.source.every = 2;
    atomic_store(&fetcher.due, 0);
    run_to_end(&fetcher);
    assert_true(next_in(&fetcher) <= 2);
}

/* ---- the rule ---- */

static void versions_follow(void **state) {
    (void)state;
    const struct vrx_law_version held = {.version = 5, .expires = 100};
    struct vrx_law_version fresh = {.version = 6, .expires = 100};
    bool newer = false;
    assert_ok(vrx_law_version_follows(VRX_LAW_PERMITS, &held, &fresh, 100, &newer));
    assert_true(newer);
    assert_reason(vrx_law_version_follows(VRX_LAW_PERMITS, &held, &fresh, 101, &newer),
        VRX_DIRECTORY_EXPIRED);
    assert_ok(vrx_law_version_follows(VRX_LAW_PERMITS, NULL, &fresh, 100, &newer));
    assert_true(newer);
    fresh.version = 5; /* the same, over or not */
    assert_ok(vrx_law_version_follows(VRX_LAW_PERMITS, &held, &fresh, 101, &newer));
    assert_false(newer);
    fresh.version = 4;
    struct vrx_result result = vrx_law_version_follows(VRX_LAW_DIRECTORY, &held, &fresh, 1, &newer);
    assert_reason(result, VRX_DIRECTORY_STALE);
    assert_string_equal(result.clause, "directory.version ascends");
}

#define FETCH_TEST(name) cmocka_unit_test_setup(name, start)

int main(void) {
    const struct CMUnitTest tests[] = {
        FETCH_TEST(what_is_newer_is_put_into_the_files),
        FETCH_TEST(what_is_older_is_refused),
        FETCH_TEST(what_another_signed_is_refused),
        FETCH_TEST(a_file_that_is_no_law_stays),
        FETCH_TEST(what_is_over_is_refused),
        FETCH_TEST(a_source_that_is_not_there),
        FETCH_TEST(a_fetcher_asks_when_it_is_due),
        cmocka_unit_test(versions_follow),
    };
    return cmocka_run_group_tests_name("law/fetch", tests, setup, teardown);
}
