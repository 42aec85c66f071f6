/* SPDX-License-Identifier: Apache-2.0
 *
 * The authorisation matrix as data: every method of vrxd, called by every kind of caller over real
 * connections, with a message that no method takes. Who may not call is refused before the message
 * is looked at; who may is told that it is none (which counts as ALLOWED here). So the reasons are
 * those of the daemon's own code, and nothing is done.
 *
 * authorisation.tsv beside this file has them as reviewed; the test fails where it differs. After a
 * change that is meant, write it anew and review the difference:
 *
 *     build/dev/tests/test_authorisation__unit_vrxd --write && git diff tests/unit/vrxd
 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "files/files.h"
#include "support/dispatch_world.h"
#include "vrxd/services.h"

#define REVIEWED "tests/unit/vrxd/authorisation.tsv"
#define LIMIT_FILE ((size_t)1 << 20)
#define METHOD_WIDTH 55
#define ANSWER_WIDTH 18
#define NO_MESSAGE "\x78\x01" /* field 15: no request has one */

/* ---- who calls ---- */

enum shown {
    SHOWN_NOTHING,
    SHOWN_SESSION,   /* in force, of this very terminal */
    SHOWN_PIN_DUE,   /* the same, of an operator whose PIN is to be changed */
    SHOWN_IDLE,      /* not used for too long */
    SHOWN_OVER,      /* past its end */
    SHOWN_SUSPENDED, /* of an operator who was suspended since */
    SHOWN_ELSEWHERE, /* begun at another terminal of the municipality */
    SHOWN_FOREIGN,   /* of another municipality */
    SHOWN_UNKNOWN,   /* a token that nobody gave out */
};

struct caller {
    const char *name;
    enum dispatch_terminal at;
    struct vrx_registered as; /* what the terminal is registered as */
    enum shown shown;
    unsigned roles;
};

#define AT(which) \
    AT_COUNTER, { \
        .kind = VRX_TERMINAL_##which \
    }
#define PERSONS(name, which) \
    {name "/no-session", AT(which), SHOWN_NOTHING, 0}, \
        {name "/REGISTRAR", AT(which), SHOWN_SESSION, VRX_ROLE_REGISTRAR}, \
        {name "/MOVERS_DESK", AT(which), SHOWN_SESSION, VRX_ROLE_MOVERS_DESK}, \
        {name "/APPROVER", AT(which), SHOWN_SESSION, VRX_ROLE_APPROVER}, \
        {name "/CERTIFICATE_CLERK", AT(which), SHOWN_SESSION, VRX_ROLE_CERTIFICATE_CLERK}, \
        {name "/AUDITOR", AT(which), SHOWN_SESSION, VRX_ROLE_AUDITOR}, \
        {name "/KEY_CUSTODIAN", AT(which), SHOWN_SESSION, VRX_ROLE_KEY_CUSTODIAN}, \
        {name "/ADMINISTRATOR", AT(which), SHOWN_SESSION, VRX_ROLE_ADMINISTRATOR}, \
        {name "/pin-due", AT(which), SHOWN_PIN_DUE, VRX_ROLE_ANY}, \
        {name "/session-idle", AT(which), SHOWN_IDLE, VRX_ROLE_ANY}, \
        {name "/session-over", AT(which), SHOWN_OVER, VRX_ROLE_ANY}, \
        {name "/operator-suspended", AT(which), SHOWN_SUSPENDED, VRX_ROLE_ANY}, \
        {name "/session-of-other-terminal", AT(which), SHOWN_ELSEWHERE, VRX_ROLE_ANY}, \
        {name "/session-of-other-town", AT(which), SHOWN_FOREIGN, VRX_ROLE_ANY}, { \
        name "/token-unknown", AT(which), SHOWN_UNKNOWN, VRX_ROLE_ANY \
    }

static const struct caller callers[] = {
    {"nobody", AT_NOBODY, {0}, SHOWN_NOTHING, 0},
    {"daemon", AT_DAEMON, {0}, SHOWN_NOTHING, 0},
    {"platform", AT_PLATFORM, {.platform = true}, SHOWN_NOTHING, 0},
    {"sealed/console", AT_SEALED, {.was_console = true}, SHOWN_NOTHING, 0},
    {"sealed/other", AT_SEALED, {0}, SHOWN_NOTHING, 0},
    {"suspended/console", AT_COUNTER, {.kind = VRX_TERMINAL_CONSOLE, .suspended = true},
        SHOWN_NOTHING, 0},
    {"suspended/console/ADMINISTRATOR", AT_COUNTER,
        {.kind = VRX_TERMINAL_CONSOLE, .suspended = true}, SHOWN_SESSION, VRX_ROLE_ADMINISTRATOR},
    {"peer", AT(PEER), SHOWN_NOTHING, 0},
    {"kiosk", AT(KIOSK), SHOWN_NOTHING, 0},
    {"health-system", AT(HEALTH_SYSTEM), SHOWN_NOTHING, 0},
    {"health-system/token-unknown", AT(HEALTH_SYSTEM), SHOWN_UNKNOWN, 0},
    PERSONS("counter", COUNTER),
    PERSONS("console", CONSOLE),
};
#define CALLERS (sizeof callers / sizeof *callers)

/* The session that a caller shows; "" for none. */
static void make_session(const struct caller *caller, char token[VRX_SESSION_TOKEN + 1]) {
    struct vrx_daemon *daemon = dispatch_world.base.daemon;
    const int64_t now = vrx_clock_monotonic_ms(NULL);
    struct vrx_session_key key = {.owner = caller->shown == SHOWN_FOREIGN
                                               ? dispatch_world.base.town[WORLD_KASHIWA].slot
                                               : dispatch_world.slot};
    struct vrx_session session = {
        .operator_id = "tanaka", .roles = caller->roles, .pin_change_due = false};
    int64_t begun = now;
    token[0] = '\0';
    if (caller->shown == SHOWN_NOTHING)
        return;
    memcpy(key.terminal_spki, dispatch_world.terminal[caller->at].spki_sha256, VRX_SPKI_DIGEST);
    if (caller->shown == SHOWN_ELSEWHERE)
        memcpy(key.terminal_spki, dispatch_world.terminal[AT_KIOSK].spki_sha256, VRX_SPKI_DIGEST);
    if (caller->shown == SHOWN_IDLE)
        begun -= daemon->options.session_idle_seconds * 1000;
    if (caller->shown == SHOWN_OVER)
        begun -= daemon->options.session_seconds * 1000;
    session.pin_change_due = caller->shown == SHOWN_PIN_DUE;
    assert_ok(
        vrx_session_begin(daemon->sessions, &key, &session, vrx_random_system(), begun, token));
    if (caller->shown == SHOWN_SUSPENDED)
        vrx_session_end_operator(daemon->sessions, key.owner, session.operator_id, NULL);
    if (caller->shown == SHOWN_UNKNOWN)
        token[0] = token[0] == 'A' ? 'B' : 'A';
}

/* A client that calls as this caller. */
static struct vrx_client *client_of(const struct caller *caller) {
    struct dispatch_world *world = &dispatch_world;
    struct vrx_registered entry = caller->as;
    char token[VRX_SESSION_TOKEN + 1];
    if (!entry.platform)
        entry.owner = caller->at == AT_SEALED ? world->base.town[WORLD_KASHIWA].slot : world->slot;
    if (caller->at != AT_NOBODY && caller->at != AT_DAEMON)
        assert_ok(vrx_registry_put(
            world->base.daemon->registry, world->terminal[caller->at].spki_sha256, &entry));
    make_session(caller, token);
    struct vrx_client *client = dispatch_client(caller->at);
    assert_ok(vrx_client_set_metadata(client, "vrx-operator", vrx_view_text("yamada")));
    if (token[0])
        assert_ok(vrx_client_set_metadata(client, "vrx-session", vrx_view_text(token)));
    return client;
}

/* ---- what they hear ---- */

static struct vrx_result take_none(void *context, struct vrx_view message) {
    (void)context;
    (void)message;
    return vrx_ok();
}

static struct vrx_result upload(struct vrx_client *client, const char *path) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    VRX_TRY(vrx_client_stream_begin(client, path, 0));
    VRX_TRY(vrx_client_stream_send(client, vrx_view_text(NO_MESSAGE)));
    return vrx_client_stream_finish(client, &reply);
}

static struct vrx_result call(struct vrx_client *client, const struct vrx_method *method) {
    struct vrx_buffer reply VRX_CLEANUP(vrx_buffer_done) = {0};
    if (vrx_call_kind_takes_many(method->kind))
        return upload(client, method->path);
    if (vrx_call_kind_sends_many(method->kind))
        return vrx_client_server_stream(
            client, method->path, vrx_view_text(NO_MESSAGE), 0, take_none, NULL);
    return vrx_client_unary(client, method->path, vrx_view_text(NO_MESSAGE), 0, &reply);
}

static struct vrx_method methods[VRXD_METHODS];
static enum vrx_reason reasons[VRXD_METHODS][CALLERS];

static void ask_all(void) {
    for (size_t i = 0; i < CALLERS; i++) {
        struct vrx_client *client = client_of(&callers[i]);
        for (size_t j = 0; j < VRXD_METHODS; j++) {
            enum vrx_reason reason = call(client, &methods[j]).reason;
            if (reason == VRX_OK)
                fail_msg("%s took a message that is none", methods[j].path);
            reasons[j][i] = reason;
        }
        vrx_client_free(&client);
    }
}

/* ---- as a file ---- */

static const char *word_of(enum vrx_reason reason) {
    return reason == VRX_INPUT_FIELD_UNKNOWN ? "ALLOWED" : vrx_reason_name(reason);
}

static int by_path(const void *a, const void *b) {
    const struct vrx_method *left = a;
    const struct vrx_method *right = b;
    return strcmp(left->path, right->path);
}

static int by_word(const void *a, const void *b) {
    const char *const *left = a;
    const char *const *right = b;
    const int allowed = !strcmp(*right, "ALLOWED") - !strcmp(*left, "ALLOWED");
    return allowed ? allowed : strcmp(*left, *right);
}

static void put(struct vrx_buffer *out, const char *text) {
    assert_ok(vrx_buffer_append(out, vrx_view_text(text)));
}

/* A cell that is as wide as the others of its column. */
static void put_cell(struct vrx_buffer *out, const char *text, size_t width) {
    put(out, text);
    for (size_t len = strlen(text); len < width; len++)
        put(out, " ");
    put(out, "\t");
}

/* All callers at this kind of terminal who have one role each, from here on? */
static bool is_every_role(const enum vrx_reason *row, size_t first, const char *word) {
    for (size_t i = first; i < first + VRX_ROLE_COUNT; i++)
        if (i == CALLERS || callers[i].shown != SHOWN_SESSION || callers[i].as.suspended ||
            callers[i].as.kind != callers[first].as.kind || strcmp(word_of(row[i]), word) != 0)
            return false;
    return true;
}

static void put_caller(struct vrx_buffer *out, const struct caller *caller, bool every_role) {
    const char *slash = strchr(caller->name, '/');
    const size_t len = every_role ? (size_t)(slash - caller->name) : strlen(caller->name);
    put(out, " ");
    assert_ok(vrx_buffer_append(out, vrx_view_of(caller->name, len)));
    put(out, every_role ? "/every-role" : "");
}

static void put_line(
    struct vrx_buffer *out, const char *path, const enum vrx_reason *row, const char *word) {
    put_cell(out, path + 1, METHOD_WIDTH);
    put_cell(out, word, ANSWER_WIDTH);
    for (size_t i = 0; i < CALLERS; i++) {
        if (strcmp(word_of(row[i]), word) != 0)
            continue;
        const bool every_role = is_every_role(row, i, word);
        put_caller(out, &callers[i], every_role);
        i += every_role ? VRX_ROLE_COUNT - 1 : 0;
    }
    put(out, "\n");
}

static void put_method(struct vrx_buffer *out, const char *path, const enum vrx_reason *row) {
    const char *words[CALLERS];
    size_t count = 0;
    for (size_t i = 0; i < CALLERS; i++) {
        size_t j = 0;
        while (j < count && strcmp(words[j], word_of(row[i])) != 0)
            j++;
        if (j == count)
            words[count++] = word_of(row[i]);
    }
    qsort(words, count, sizeof *words, by_word);
    for (size_t i = 0; i < count; i++)
        put_line(out, path, row, words[i]);
}

static const char head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "#\n"
    "# Who may call what: for every method, how each kind of caller is answered before its "
    "message\n"
    "# is looked at. Made by test_authorisation.c from calls; a test compares, another one asks "
    "the\n"
    "# daemon itself (tests/system/authorisation.test.mjs). After a change that is meant:\n"
    "#\n"
    "#     build/dev/tests/test_authorisation__unit_vrxd --write && git diff tests/unit/vrxd\n"
    "#\n"
    "# How to review: read the ALLOWED lines. Is each caller there one who needs this method for\n"
    "# their work, and is nobody missing? Then look at what changed in the other lines: a reason\n"
    "# there tells a caller something, and should tell no more than they may know.\n"
    "#\n"
    "# Callers, in this order: nobody (a good certificate that no municipality registered); "
    "another\n"
    "# municipality's daemon, by the directory; the platform operator; terminals of a sealed "
    "municipality; suspended terminals; those that act\n"
    "# without a person; counters and consoles by who is logged in: with exactly one role, with "
    "all\n"
    "# roles but a PIN that is due for change, or with a session that is none any more or here. A\n"
    "# caller without any certificate gets no connection. A municipality's terminal acts in its "
    "own\n"
    "# municipality only: no method takes another one's name.\n"
    "#\n"
    "# ALLOWED is not yet done: SECOND_PERSON_NEEDED, what a method looks at in its own handler\n"
    "# (Backups of a sealed municipality: consoles of before; RegisterOperator without a session:\n"
    "# the first operator only) and the request itself come after it.\n"
    "#\n";

static void make_file(struct vrx_buffer *out) {
    qsort(methods, VRXD_METHODS, sizeof *methods, by_path);
    ask_all();
    put(out, head);
    put_cell(out, "# method", METHOD_WIDTH);
    put_cell(out, "answer", ANSWER_WIDTH);
    put(out, " callers\n");
    for (size_t i = 0; i < VRXD_METHODS; i++)
        put_method(out, methods[i].path, reasons[i]);
}

/* ---- against the reviewed one ---- */

static struct vrx_view take_line(struct vrx_view *rest) {
    const uint8_t *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
    const size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
    const struct vrx_view line = vrx_view_slice(*rest, 0, len);
    *rest = vrx_view_slice(*rest, len + 1, SIZE_MAX);
    return line;
}

static bool has_line(struct vrx_view text, struct vrx_view line) {
    while (text.len)
        if (vrx_view_equal(take_line(&text), line))
            return true;
    return false;
}

/* The lines of one that the other does not have. */
static unsigned print_missing(char sign, struct vrx_view of, struct vrx_view in) {
    unsigned count = 0;
    while (of.len) {
        const struct vrx_view line = take_line(&of);
        if (has_line(in, line))
            continue;
        print_message("%c %.*s\n", sign, (int)line.len, line.len ? (const char *)line.ptr : "");
        count++;
    }
    return count;
}

static bool write_anew;

static void test_everyone_is_answered_as_reviewed(void **state) {
    (void)state;
    struct vrx_buffer found VRX_CLEANUP(vrx_buffer_done) = {0};
    struct vrx_buffer reviewed VRX_CLEANUP(vrx_buffer_done) = {0};
    make_file(&found);
    if (write_anew)
        assert_ok(vrx_file_replace(REVIEWED, 0644, vrx_buffer_view(&found)));
    assert_ok(vrx_file_read(REVIEWED, LIMIT_FILE, &reviewed));
    const struct vrx_view is = vrx_buffer_view(&found);
    const struct vrx_view should = vrx_buffer_view(&reviewed);
    const unsigned differences = print_missing('-', should, is) + print_missing('+', is, should);
    if (differences || !vrx_view_equal(is, should))
        fail_msg("%s was reviewed (-), and the daemon answers otherwise (+)", REVIEWED);
}

/* Nobody has an agreement to look for where there is no transaction to use it up in. */
static void test_second_persons_stand_in_rows_that_can_have_them(void **state) {
    (void)state;
    for (size_t i = 0; i < VRXD_METHODS; i++) {
        const struct vrx_method *method = &methods[i];
        if (!method->second)
            assert_null(method->second_when);
        else if (method->scope != VRX_SCOPE_TENANT || method->reads ||
                 vrx_call_kind_takes_many(method->kind))
            fail_msg("%s cannot have a second person", method->path);
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everyone_is_answered_as_reviewed),
        cmocka_unit_test(test_second_persons_stand_in_rows_that_can_have_them),
    };
    write_anew = argc == 2 && strcmp(argv[1], "--write") == 0;
    for (size_t i = 0; i < VRXD_SERVICES; i++)
        for (size_t j = 0; j < vrxd_services[i].count; j++)
            methods[dispatch_world_more_count++] = vrxd_services[i].methods[j];
    dispatch_world_more = methods;
    dispatch_world_people = true;
    return cmocka_run_group_tests(tests, dispatch_world_setup, dispatch_world_teardown);
}
