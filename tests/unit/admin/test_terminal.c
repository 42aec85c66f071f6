/* SPDX-License-Identifier: Apache-2.0
 *
 * Terminals through the service: registered with their certificate, suspended with what they are
 * doing, reinstated, replaced; what the routes say meanwhile.
 */
#include <stdio.h>
#include <unistd.h>

#include "admin/handlers.h"
#include "base/encode.h"
#include "crypto/random.h"
#include "dispatch/message.h"
#include "files/files.h"
#include "store/terminal.h"
#include "support/dispatch_world.h"
#include "vrx/v1/tenancy.pb-c.h"

#define TENANCY "/vrx.v1.Tenancy/"
#define ECHO "/vrx.v1.Test/Echo"
#define WATCH "/vrx.v1.Test/Watch"

/* The one under test, and who may take its place; nobody's before each test. */
static struct test_identity lost;
static struct test_identity spare;
static struct vrx_client *console;

static struct vrx_result call(
    const char *path, const ProtobufCMessage *message, struct vrx_buffer *reply) {
    struct vrx_buffer request VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer unread VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_message_encode(message, &request));
    return vrx_client_unary(console, path, vrx_buffer_view(&request), 0, reply ? reply : &unread);
}

static ProtobufCBinaryData digest_of(const struct test_identity *identity) {
    return (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)identity->spki_sha256};
}

static struct vrx_result register_with(const struct test_identity *identity, unsigned kind,
    const struct vrx_certificate *certificate) {
    Vrx__V1__RegisterTerminalRequest request = VRX__V1__REGISTER_TERMINAL_REQUEST__INIT;
    Vrx__V1__Terminal terminal = VRX__V1__TERMINAL__INIT;
    struct vrx_view der = certificate ? vrx_certificate_der(certificate) : (struct vrx_view){0};
    if (identity)
        terminal.spki_sha256 = digest_of(identity);
    terminal.kind = (Vrx__V1__TerminalKind)kind;
    terminal.label = (char *)(uintptr_t) "3番窓口";
    request.terminal = &terminal;
    request.certificate = (ProtobufCBinaryData){der.len, (uint8_t *)(uintptr_t)der.ptr};
    return call(TENANCY "RegisterTerminal", &request.base, NULL);
}

static struct vrx_certificate *certificate_of(const struct test_identity *identity) {
    struct vrx_certificate *certificate = NULL;
    assert_ok(vrx_certificate_from_pem(vrx_buffer_view(&identity->certificate_pem), &certificate));
    return certificate;
}

static struct vrx_result suspend(const struct test_identity *identity) {
    Vrx__V1__SuspendTerminalRequest request = VRX__V1__SUSPEND_TERMINAL_REQUEST__INIT;
    request.spki_sha256 = digest_of(identity);
    return call(TENANCY "SuspendTerminal", &request.base, NULL);
}

static struct vrx_result reinstate(const struct test_identity *identity) {
    Vrx__V1__ReinstateTerminalRequest request = VRX__V1__REINSTATE_TERMINAL_REQUEST__INIT;
    request.spki_sha256 = digest_of(identity);
    return call(TENANCY "ReinstateTerminal", &request.base, NULL);
}

static struct vrx_result replace(const struct test_identity *old, const struct test_identity *by) {
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = certificate_of(by);
    struct vrx_view der = vrx_certificate_der(certificate);
    Vrx__V1__ReplaceTerminalRequest request = VRX__V1__REPLACE_TERMINAL_REQUEST__INIT;
    request.spki_sha256 = digest_of(old);
    request.certificate = (ProtobufCBinaryData){der.len, (uint8_t *)(uintptr_t)der.ptr};
    return call(TENANCY "ReplaceTerminal", &request.base, NULL);
}

/* The vault's row. */
static struct vrx_terminal row;
static char label[VRX_LIMIT_LABEL + 1];

static struct vrx_result read_row(struct vrx_tenant *tenant, void *digest) {
    struct vrx_arena arena;
    vrx_arena_init(&arena, 0);
    struct vrx_result result = vrx_terminal_find(tenant, &arena, digest, &row);
    assert_ok(result);
    (void)snprintf(label, sizeof label, "%.*s", (int)row.label.len, (const char *)row.label.ptr);
    vrx_arena_done(&arena);
    return result;
}

static const struct vrx_terminal *row_of(struct test_identity *identity) {
    daemon_world_visit(dispatch_world.slot, read_row, identity->spki_sha256);
    return &row;
}

/* What the routes file says behind the digest; NULL: it is not there. */
static const char *route_of(const struct test_identity *identity) {
    static char rest[64];
    struct vrx_buffer text VRX_CLEANUP(vrx_buffer_done) = {0};
    char path[4096];
    char hex[65];
    (void)snprintf(path, sizeof path, "%s/terminals", dispatch_world.slot->folder);
    assert_ok(vrx_file_read(path, VRX_LIMIT_ROUTES, &text));
    assert_ok(vrx_buffer_append_byte(&text, '\0'));
    vrx_hex_string(vrx_view_of(identity->spki_sha256, 32), hex);
    const char *line = strstr((const char *)text.ptr, hex);
    if (!line)
        return NULL;
    (void)snprintf(rest, sizeof rest, "%.*s", (int)strcspn(line + 64, "\n"), line + 64);
    return rest;
}

/* Its calls come as this terminal's of the world's table, which is nobody's. */
static enum vrx_reason echo(void) {
    struct vrx_client *client = dispatch_client(AT_NOBODY);
    struct vrx_result result = dispatch_call(client, ECHO, 1, NULL);
    vrx_client_free(&client);
    return result.reason;
}

static struct test_identity *nobody(void) {
    return &dispatch_world.terminal[AT_NOBODY];
}

/* ---- tests ---- */

static void test_a_certificate_says_key_and_validity(void **state) {
    (void)state;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) = certificate_of(&lost);
    assert_reason(
        register_with(&spare, VRX_TERMINAL_COUNTER, certificate), VRX_INPUT_RANGE); /* another's */
    assert_ok(register_with(NULL, VRX_TERMINAL_COUNTER, certificate));
    assert_int_equal(row_of(&lost)->certificate_until, vrx_certificate_not_after(certificate));
    assert_int_equal(row_of(&lost)->certificate_from, vrx_certificate_not_before(certificate));
    assert_reason(register_with(&lost, VRX_TERMINAL_COUNTER, certificate), VRX_ALREADY_EXISTS);
    assert_string_equal(route_of(&lost), "");
}

static void test_a_servers_certificate_is_no_terminals(void **state) {
    (void)state;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) =
        certificate_of(&dispatch_world.server_identity);
    assert_reason(register_with(NULL, VRX_TERMINAL_COUNTER, certificate), VRX_CERTIFICATE_INVALID);
}

static void test_a_terminals_call_tells_its_certificate(void **state) {
    (void)state;
    struct vrx_certificate *certificate VRX_CLEANUP(vrx_certificate_free) =
        certificate_of(nobody());
    assert_ok(register_with(nobody(), VRX_TERMINAL_COUNTER, NULL));
    assert_int_equal(row_of(nobody())->certificate_until, 0);
    assert_int_equal(echo(), VRX_OK);
    assert_int_equal(row_of(nobody())->certificate_until, vrx_certificate_not_after(certificate));
}

/* Somebody logs in there; the key finds the session. */
static struct vrx_session_key log_in(const struct test_identity *identity) {
    struct vrx_session_key key = {.owner = dispatch_world.slot};
    const struct vrx_session session = {.operator_id = "tanaka"};
    char token[VRX_SESSION_TOKEN + 1];
    memcpy(key.terminal_spki, identity->spki_sha256, sizeof key.terminal_spki);
    assert_ok(vrx_session_begin(dispatch_world.base.daemon->sessions, &key, &session,
        vrx_random_system(), vrx_clock_monotonic_ms(NULL), token));
    return key;
}

static enum vrx_reason logged_in(const struct vrx_session_key *key) {
    struct vrx_session session;
    return vrx_session_find(
        dispatch_world.base.daemon->sessions, key, vrx_clock_monotonic_ms(NULL), false, &session)
        .reason;
}

/* Goes on with AT_NOBODY as a counter. */
static void test_a_suspended_terminal_does_nothing_more(void **state) {
    (void)state;
    struct dispatch_caller watcher = {.terminal = AT_NOBODY, .path = WATCH, .server_stream = true};
    char basis[64];
    char hex[VRX_TERMINAL_TEXT + 1];
    dispatch_caller_start(&watcher);
    dispatch_world_await(&watcher.messages, 1);
    const struct vrx_session_key here = log_in(nobody());
    const struct vrx_session_key elsewhere = log_in(&dispatch_world.terminal[AT_COUNTER]);
    assert_ok(suspend(nobody()));
    assert_int_equal(logged_in(&here), VRX_SESSION_ENDED);
    assert_int_equal(logged_in(&elsewhere), VRX_OK);
    struct world_entry entry = daemon_world_last_entry(dispatch_world.slot);
    vrx_hex_string(vrx_view_of(nobody()->spki_sha256, VRX_TERMINAL_TEXT / 2), hex);
    (void)snprintf(basis, sizeof basis, "terminal %s", hex);
    assert_string_equal(entry.basis, basis);
    dispatch_caller_join(&watcher);
    assert_int_not_equal(watcher.result.reason, VRX_OK);
    while (dispatch_world_waiting())
        usleep(1000);
    assert_int_equal(echo(), VRX_TERMINAL_SUSPENDED);
    assert_int_equal(row_of(nobody())->state, VRX_TERMINAL_STATE_SUSPENDED);
    assert_string_equal(route_of(nobody()), " suspended");
    assert_reason(suspend(nobody()), VRX_WRONG_STATE);
    assert_ok(reinstate(nobody()));
    assert_int_equal(echo(), VRX_OK);
    assert_string_equal(route_of(nobody()), "");
    assert_reason(reinstate(nobody()), VRX_WRONG_STATE);
}

/* A call that had been let in and waits for its turn is refused when it comes. */
static void test_what_waits_is_looked_at_again(void **state) {
    (void)state;
    struct dispatch_caller gate = {.terminal = AT_COUNTER, .path = "/vrx.v1.Test/Gate"};
    struct dispatch_caller late = {.terminal = AT_NOBODY, .path = ECHO, .number = 1};
    struct vrx_registered entry;
    dispatch_caller_start(&gate);
    dispatch_world_await(&dispatch_world.at_gate, 1);
    dispatch_caller_start(&late);
    dispatch_world_await(&dispatch_world.arrived, 2);
    assert_ok(
        vrx_registry_find(dispatch_world.base.daemon->registry, nobody()->spki_sha256, &entry));
    entry.suspended = true;
    assert_ok(
        vrx_registry_put(dispatch_world.base.daemon->registry, nobody()->spki_sha256, &entry));
    atomic_fetch_add(&dispatch_world.base.daemon->suspensions, 1);
    dispatch_world_open_gate(1);
    dispatch_caller_join(&gate);
    dispatch_caller_join(&late);
    assert_ok(gate.result);
    assert_reason(late.result, VRX_TERMINAL_SUSPENDED);
    entry.suspended = false;
    assert_ok(
        vrx_registry_put(dispatch_world.base.daemon->registry, nobody()->spki_sha256, &entry));
}

static void test_only_a_registered_terminal_is_suspended(void **state) {
    (void)state;
    assert_reason(suspend(&spare), VRX_TERMINAL_UNKNOWN);
    assert_reason(reinstate(&spare), VRX_TERMINAL_UNKNOWN);
    assert_reason(replace(&spare, &lost), VRX_ALREADY_EXISTS);
    assert_reason(suspend(&dispatch_world.terminal[AT_SEALED]), VRX_TERMINAL_UNKNOWN);
}

/* The first test's terminal gives its place to another. */
static void test_another_takes_its_place(void **state) {
    (void)state;
    assert_ok(replace(&lost, &spare));
    assert_int_equal(row_of(&spare)->kind, VRX_TERMINAL_COUNTER);
    assert_string_equal(label, "3番窓口");
    assert_true(row_of(&lost)->replaced);
    assert_string_equal(route_of(&lost), " suspended");
    assert_string_equal(route_of(&spare), "");
    assert_reason(reinstate(&lost), VRX_WRONG_STATE);
    struct vrx_registered entry;
    assert_ok(vrx_registry_find(dispatch_world.base.daemon->registry, lost.spki_sha256, &entry));
    assert_true(entry.suspended);
}

static void test_the_last_console_stays(void **state) {
    (void)state;
    struct test_identity first;
    struct test_identity second;
    test_identity_init(&first, &dispatch_world.pki, VRX_PROFILE_TERMINAL);
    test_identity_init(&second, &dispatch_world.pki, VRX_PROFILE_TERMINAL);
    assert_ok(register_with(&first, VRX_TERMINAL_CONSOLE, NULL));
    assert_reason(suspend(&first), VRX_LAST_CONSOLE);
    assert_string_equal(route_of(&first), " console");
    assert_ok(replace(&first, &second)); /* its place is never empty */
    assert_string_equal(route_of(&first), " console suspended");
    assert_string_equal(route_of(&second), " console");
    test_identity_done(&first);
    test_identity_done(&second);
}

static void test_the_list_says_all_of_it(void **state) {
    (void)state;
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    Vrx__V1__ListTerminalsRequest request = VRX__V1__LIST_TERMINALS_REQUEST__INIT;
    assert_ok(call(TENANCY "ListTerminals", &request.base, &reply));
    Vrx__V1__ListTerminalsResponse *list =
        vrx__v1__list_terminals_response__unpack(NULL, reply.len, reply.ptr);
    assert_non_null(list);
    size_t replaced = 0;
    for (size_t i = 0; i < list->n_terminals; i++) {
        const Vrx__V1__Terminal *one = list->terminals[i];
        bool was = one->state == VRX__V1__TERMINAL_STATE__TERMINAL_STATE_REPLACED;
        assert_int_equal(one->successor_spki_sha256.len, was ? 32 : 0);
        /* The tests' certificates live for two days, of which one is left. */
        assert_false(one->certificate_ends_soon);
        replaced += was;
    }
    assert_int_equal(replaced, 2);
    vrx__v1__list_terminals_response__free_unpacked(list, NULL);
}

static int set_up(void **state) {
    if (dispatch_world_setup(state))
        return -1;
    test_identity_init(&lost, &dispatch_world.pki, VRX_PROFILE_TERMINAL);
    test_identity_init(&spare, &dispatch_world.pki, VRX_PROFILE_TERMINAL);
    console = dispatch_client(AT_CONSOLE);
    return vrx_is_ok(vrx_client_set_metadata(console, "vrx-operator", vrx_view_text("tanaka")))
               ? 0
               : -1;
}

static int tear_down(void **state) {
    vrx_client_free(&console);
    test_identity_done(&lost);
    test_identity_done(&spare);
    return dispatch_world_teardown(state);
}

#define TERMINAL_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        TERMINAL_TEST(test_a_certificate_says_key_and_validity),
        TERMINAL_TEST(test_a_servers_certificate_is_no_terminals),
        TERMINAL_TEST(test_a_terminals_call_tells_its_certificate),
        TERMINAL_TEST(test_a_suspended_terminal_does_nothing_more),
        TERMINAL_TEST(test_what_waits_is_looked_at_again),
        TERMINAL_TEST(test_only_a_registered_terminal_is_suspended),
        TERMINAL_TEST(test_another_takes_its_place),
        TERMINAL_TEST(test_the_last_console_stays),
        TERMINAL_TEST(test_the_list_says_all_of_it),
    };
    dispatch_world_more = vrx_tenancy_methods;
    dispatch_world_more_count = VRX_TENANCY_METHODS;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
