/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may call what, and that whoever is refused in an open municipality stands in its ledger.
 */
#include "base/encode.h"
#include "store/terminal.h"
#include "support/dispatch_world.h"

#define OK VRX_OK
#define KIND VRX_TERMINAL_KIND
#define SEALED VRX_TENANT_SEALED
#define OFF VRX_TERMINAL_SUSPENDED
#define WHO VRX_TERMINAL_UNKNOWN
#define PEER VRX_PEER_UNKNOWN

/* Columns in the order of enum dispatch_terminal. */
static const struct {
    const char *path;
    enum vrx_reason at[AT_TERMINALS];
} table[] = {
    {"/vrx.v1.Test/Echo", {KIND, OK, KIND, KIND, OFF, SEALED, KIND, WHO, WHO}},
    {"/vrx.v1.Test/Worker", {KIND, KIND, KIND, OK, OFF, SEALED, KIND, WHO, WHO}},
    {"/vrx.v1.Test/Open", {KIND, KIND, KIND, OK, OFF, OK, KIND, WHO, WHO}},
    {"/vrx.v1.Test/Platform", {KIND, KIND, KIND, KIND, OFF, KIND, OK, WHO, WHO}},
    {"/vrx.v1.Test/Peer", {KIND, KIND, KIND, KIND, OFF, SEALED, KIND, PEER, OK}},
};

static void terminal_text(enum dispatch_terminal terminal, char out[VRX_TERMINAL_TEXT + 1]) {
    vrx_hex_string(
        vrx_view_of(dispatch_world.terminal[terminal].spki_sha256, VRX_TERMINAL_TEXT / 2), out);
}

/* One more entry for a refusal of an open municipality's terminal, and for what a handler did,
 * wherever it ran; but for the method whose row says otherwise. */
static void check_audit(const struct world_entry *before, enum dispatch_terminal terminal,
    const char *path, enum vrx_reason reason) {
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    bool ours = terminal <= AT_SUSPENDED || (terminal == AT_DAEMON && reason == VRX_OK);
    bool unaudited = reason == VRX_OK && strcmp(path, "/vrx.v1.Test/Open") == 0;
    assert_int_equal(after.entries, before->entries + (ours && !unaudited));
    if (after.entries == before->entries)
        return;
    char text[VRX_TERMINAL_TEXT + 1];
    terminal_text(terminal, text);
    assert_string_equal(after.terminal, text);
    assert_string_equal(after.method, path);
    assert_string_equal(after.purpose, "test");
    assert_int_equal(after.outcome, reason);
    assert_false(after.about_person);
}

static void test_the_table_says_who_may_call(void **state) {
    (void)state;
    for (unsigned at = 0; at < AT_TERMINALS; at++) {
        struct vrx_client *client = dispatch_client((enum dispatch_terminal)at);
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
            struct vrx_result result = dispatch_call(client, table[i].path, 7, NULL);
            if (result.reason != table[i].at[at])
                fail_msg(
                    "%s at terminal %u: %s", table[i].path, at, vrx_reason_name(result.reason));
            check_audit(&before, (enum dispatch_terminal)at, table[i].path, result.reason);
        }
        vrx_client_free(&client);
    }
}

/* Asked anew at each call: the directory may have changed since. */
static void test_a_daemon_speaks_for_whom_the_directory_names(void **state) {
    (void)state;
    struct daemon_world *world = &dispatch_world.base;
    struct vrx_directory_entry kofu = world->entry[WORLD_KOFU];
    struct vrx_client *client = dispatch_client(AT_DAEMON);
    assert_ok(dispatch_call(client, "/vrx.v1.Test/Peer", 7, NULL));
    assert_reason(dispatch_call(client, "/vrx.v1.Test/Peer", 1, NULL), VRX_TENANT_SEALED);

    world->entry[WORLD_SAPPORO].daemons = kofu.daemons; /* Sapporo's now, and not Kofu's */
    world->entry[WORLD_SAPPORO].daemon_count = 1;
    world->entry[WORLD_KOFU].daemon_count = 0;
    daemon_world_sign_law(world);
    assert_reason(dispatch_call(client, "/vrx.v1.Test/Peer", 7, NULL), VRX_PEER_UNKNOWN);
    assert_string_equal(
        vrx_client_outcome(client)->clause, "directory_entry.daemons: of the sender");

    world->entry[WORLD_SAPPORO].valid_until = vrx_clock_seconds() - 1;
    daemon_world_sign_law(world);
    assert_reason(dispatch_call(client, "/vrx.v1.Test/Peer", 7, NULL), VRX_PEER_UNKNOWN);
    assert_string_equal(vrx_client_outcome(client)->clause, "directory_entry.daemons");

    world->entry[WORLD_SAPPORO].valid_until = kofu.valid_until;
    world->entry[WORLD_SAPPORO].daemon_count = 0;
    world->entry[WORLD_KOFU] = kofu;
    daemon_world_sign_law(world);
    assert_ok(dispatch_call(client, "/vrx.v1.Test/Peer", 7, NULL));
    vrx_client_free(&client);
}

static void test_a_reply_is_audited_once_and_committed_before(void **state) {
    (void)state;
    struct vrx_client *client = dispatch_client(AT_COUNTER);
    assert_ok(vrx_client_set_metadata(client, "vrx-operator", vrx_view_text("tanaka")));
    for (unsigned i = 1; i <= 3; i++) {
        char reply[64];
        struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
        assert_ok(dispatch_call(client, "/vrx.v1.Test/Echo", i, reply));
        assert_int_equal(reply[0], '0' + i);
        assert_int_equal(dispatch_world_read(&dispatch_world.committed), i);
        struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
        assert_int_equal(after.entries, before.entries + 1);
        assert_string_equal(after.operator_id, "tanaka");
    }
    vrx_client_free(&client);
}

static struct vrx_result count_terminals(struct vrx_tenant *tenant, void *arg) {
    return vrx_terminal_count(tenant, VRX_TERMINAL_COUNTER, arg);
}

static void test_a_refusal_leaves_its_entry_and_nothing_else(void **state) {
    (void)state;
    size_t count = 99;
    struct vrx_client *client = dispatch_client(AT_COUNTER);
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    assert_reason(dispatch_call(client, "/vrx.v1.Test/Refuse", 1, NULL), VRX_DISCLOSURE_REFUSED);
    assert_string_equal(vrx_client_outcome(client)->clause, "test: clause");
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1);
    assert_int_equal(after.outcome, VRX_DISCLOSURE_REFUSED);
    assert_string_equal(after.basis, "ground");
    daemon_world_visit(dispatch_world.slot, count_terminals, &count);
    assert_int_equal(count, 0);
    assert_int_equal(dispatch_world_read(&dispatch_world.committed), 0);
    vrx_client_free(&client);
}

static void refused_and_audited(
    struct vrx_client *client, struct vrx_view message, enum vrx_reason reason) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
    assert_reason(vrx_client_unary(client, "/vrx.v1.Test/Echo", message, 0, &reply), reason);
    struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
    assert_int_equal(after.entries, before.entries + 1);
    assert_int_equal(after.outcome, reason);
}

static void test_messages_that_are_none_are_audited(void **state) {
    (void)state;
    struct vrx_client *client = dispatch_client(AT_COUNTER);
    refused_and_audited(client, vrx_view_text("\x08"), VRX_INPUT_MALFORMED);
    refused_and_audited(client, vrx_view_text("\x78\x01"), VRX_INPUT_FIELD_UNKNOWN);
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 0);
    vrx_client_free(&client);
}

/* What a caller writes as its operator must not keep a refusal, or a call, out of the ledger. */
static void test_an_operator_that_cannot_be_written_down(void **state) {
    (void)state;
    static const char *const operators[] = {"\xff\xfe", "tanaka\xc3", "a b",
        "\xe7\x94\xb0\xe4\xb8\xad",
        "12345678901234567890123456789012345678901234567890123456789012345"};
    static const enum vrx_reason reasons[] = {
        VRX_INPUT_TEXT, VRX_INPUT_TEXT, VRX_INPUT_TEXT, VRX_INPUT_TEXT, VRX_INPUT_TOO_LARGE};
    for (unsigned kiosk = 0; kiosk < 2; kiosk++)
        for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
            struct vrx_client *client = dispatch_client(kiosk ? AT_KIOSK : AT_COUNTER);
            assert_ok(vrx_client_set_metadata(client, "vrx-operator", vrx_view_text(operators[i])));
            struct world_entry before = daemon_world_last_entry(dispatch_world.slot);
            assert_reason(dispatch_call(client, "/vrx.v1.Test/Echo", 1, NULL), reasons[i]);
            struct world_entry after = daemon_world_last_entry(dispatch_world.slot);
            assert_int_equal(after.entries, before.entries + 1);
            assert_int_equal(after.outcome, reasons[i]);
            assert_string_equal(after.operator_id, "");
            vrx_client_free(&client);
        }
    assert_int_equal(dispatch_world_read(&dispatch_world.handled), 0);
}

/* A sealed municipality answers before it looks at the message; so does who is nobody. */
static void test_sealed_comes_before_the_message(void **state) {
    (void)state;
    static const struct {
        enum dispatch_terminal terminal;
        enum vrx_reason reason;
    } rows[] = {{AT_SEALED, VRX_TENANT_SEALED}, {AT_NOBODY, VRX_TERMINAL_UNKNOWN}};
    for (size_t i = 0; i < 2; i++) {
        struct vrx_client *client = dispatch_client(rows[i].terminal);
        struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
        assert_reason(
            vrx_client_unary(client, "/vrx.v1.Test/Echo", vrx_view_text("\x08"), 0, &reply),
            rows[i].reason);
        vrx_client_free(&client);
    }
}

static void test_a_terminal_without_certificate_is_nobody(void **state) {
    (void)state;
    struct vrx_tls *tls = NULL;
    struct vrx_client *client = NULL;
    assert_ok(vrx_tls_client_new(NULL, vrx_buffer_view(&dispatch_world.pki.authority_pem), &tls));
    struct vrx_client_config config = {.host = "localhost",
        .port = vrx_grpc_server_port(dispatch_world.server),
        .tls = tls,
        .connect_ms = 60000};
    struct vrx_result result = vrx_client_new(&config, &client);
    if (vrx_is_ok(result)) /* the refusal may come with the first call */
        result = dispatch_call(client, "/vrx.v1.Test/Echo", 1, NULL);
    assert_false(vrx_is_ok(result));
    vrx_client_free(&client);
    vrx_tls_free(&tls);
}

#define DISPATCH_TEST(name) cmocka_unit_test_setup(name, dispatch_world_reset)

int main(void) {
    const struct CMUnitTest tests[] = {
        DISPATCH_TEST(test_the_table_says_who_may_call),
        DISPATCH_TEST(test_a_daemon_speaks_for_whom_the_directory_names),
        DISPATCH_TEST(test_a_reply_is_audited_once_and_committed_before),
        DISPATCH_TEST(test_a_refusal_leaves_its_entry_and_nothing_else),
        DISPATCH_TEST(test_messages_that_are_none_are_audited),
        DISPATCH_TEST(test_an_operator_that_cannot_be_written_down),
        DISPATCH_TEST(test_sealed_comes_before_the_message),
        DISPATCH_TEST(test_a_terminal_without_certificate_is_nobody),
    };
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
