/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything that vrx-issuer refuses, asked over its socket with real signed objects, as a
 * taken-over vrxd would ask. After each row the same process signs the next good case, and at the
 * end its journal has the good ones and no other.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/limits.h"
#include "client/client.h"
#include "client/frame.h"
#include "support/check.h"
#include "support/issuer_fixture.h"

/* What a row may change, as it is in a good case. */
struct good {
    struct vrx_application application;
    struct vrx_identity_evidence evidence;
    struct vrx_dose_statement statement;
    struct vrx_proven_dose dose[WORLD_DOSES];
    struct vrx_directory directory;
    struct vrx_directory_entry entry[WORLD_MUNICIPALITIES];
};

static void keep(const struct issue_world *world, struct good *good) {
    good->application = world->application;
    good->evidence = world->evidence;
    good->statement = world->statement;
    memcpy(good->dose, world->dose, sizeof good->dose);
    good->directory = world->directory;
    memcpy(good->entry, world->entry, sizeof good->entry);
}

static void make_good(struct issue_world *world, const struct good *good) {
    const uint64_t version = world->directory.version;
    world->application = good->application;
    world->evidence = good->evidence;
    world->statement = good->statement;
    memcpy(world->dose, good->dose, sizeof good->dose);
    world->directory = good->directory;
    world->directory.version = version;
    memcpy(world->entry, good->entry, sizeof good->entry);
    world->application_by = world->evidence_by = WORLD_SAPPORO;
    world->statement_by = world->checkpoint_by = WORLD_SAPPORO;
    world->checkpoint_of = WORLD_SAPPORO;
    world->claims_sapporo = false;
    world->outcome = 0;
}

/* ---- what is changed, before all is signed ---- */

static void kashiwa_applies(struct issue_world *world) {
    world->application_by = WORLD_KASHIWA;
}
static void kashiwa_applies_as_sapporo(struct issue_world *world) {
    world->application_by = WORLD_KASHIWA;
    world->claims_sapporo = true;
}
static void application_is_old(struct issue_world *world) {
    world->application.applied_at = world->now - 86402;
}
static void application_is_of_tomorrow(struct issue_world *world) {
    world->application.applied_at = world->now + 3600;
}
static void name_is_kana(struct issue_world *world) {
    world->application.surname = vrx_view_text("オノ");
}
static void kashiwa_checks(struct issue_world *world) {
    world->evidence_by = WORLD_KASHIWA;
}
static void kashiwa_checks_as_sapporo(struct issue_world *world) {
    world->evidence_by = WORLD_KASHIWA;
    world->claims_sapporo = true;
}
static void evidence_is_of_another(struct issue_world *world) {
    world->evidence.subject[0] ^= 1;
}
static void evidence_has_another_id(struct issue_world *world) {
    world->evidence.id[0] ^= 1;
}
static void evidence_is_for_a_mover(struct issue_world *world) {
    world->evidence.purpose = VRX_PURPOSE_MOVER;
}
static void evidence_is_of_kashiwa(struct issue_world *world) {
    world->evidence.municipality = world->entry[WORLD_KASHIWA].code;
}
static void evidence_is_a_proxy_s(struct issue_world *world) {
    world->evidence.method = VRX_IDENTITY_PROXY;
}
static void evidence_saw_nothing(struct issue_world *world) {
    world->evidence.document_count = 0;
}
static void evidence_is_stale(struct issue_world *world) {
    world->evidence.checked_at = world->now - 86402;
}
static void evidence_is_of_tomorrow(struct issue_world *world) {
    world->evidence.checked_at = world->now + 3600;
}
static void kashiwa_states(struct issue_world *world) {
    world->statement_by = WORLD_KASHIWA;
}
static void kashiwa_states_as_sapporo(struct issue_world *world) {
    world->statement_by = WORLD_KASHIWA;
    world->claims_sapporo = true;
}
static void statement_is_for_another(struct issue_world *world) {
    world->statement.application_id[0] ^= 1;
}
static void statement_is_about_another(struct issue_world *world) {
    world->statement.person[0] ^= 1;
}
static void statement_is_old(struct issue_world *world) {
    world->statement.stated_at = world->now - 3600;
}
static void person_is_protected(struct issue_world *world) {
    world->statement.closed = true;
}
static void dose_is_foreign(struct issue_world *world) {
    world->dose[0].item.administered_by = world->entry[WORLD_KASHIWA].code;
    world_record(world);
}
static void kashiwa_signs_the_checkpoint(struct issue_world *world) {
    world->checkpoint_by = WORLD_KASHIWA;
    world_record(world);
}
static void checkpoint_is_kashiwa_s(struct issue_world *world) {
    world->checkpoint_of = WORLD_KASHIWA;
    world_record(world);
}
static void entry_records_a_refusal(struct issue_world *world) {
    world->outcome = VRX_DATE_IN_FUTURE;
    world_record(world);
}
static void dose_is_not_the_recorded_one(struct issue_world *world) {
    world->dose[1].item.administered_on.day++;
}
static void salt_is_another(struct issue_world *world) {
    world->dose[0].salt[0] ^= 1;
}
static void entry_is_about_another(struct issue_world *world) {
    world->application.person[0] ^= 1;
    world->statement.person[0] ^= 1;
}
static void proof_is_missing(struct issue_world *world) {
    world->dose[0].proof.len = 0;
}
static void proof_is_of_another_place(struct issue_world *world) {
    world->dose[0].ledger_index++;
}
static void proof_is_cut(struct issue_world *world) {
    world->dose[0].proof.len -= 1;
}
static void two_doses_on_one_day(struct issue_world *world) {
    world->dose[1].item.administered_on = world->dose[0].item.administered_on;
    world_record(world);
}
static void dose_is_of_the_future(struct issue_world *world) {
    world->dose[1].item.administered_on = (struct vrx_date){2099, 1, 1};
    world_record(world);
}

/* ---- what is changed in the request, afterwards ---- */

static void without_application(struct issue_world *world) {
    world->request.application = (struct vrx_view){0};
}
static void without_evidence(struct issue_world *world) {
    world->request.evidence = (struct vrx_view){0};
}
static void without_statement(struct issue_world *world) {
    world->request.statement = (struct vrx_view){0};
}
static void for_another_kind(struct issue_world *world) {
    world->request.kind++;
}
static void with_another_name(struct issue_world *world) {
    uint8_t *at =
        memmem(world->signed_application.ptr, world->signed_application.len, "ONO-SMITH", 9);
    assert_non_null(at);
    at[0] = 'I';
}
static void with_evidence_cut(struct issue_world *world) {
    world->request.evidence.len--;
}

static const struct row {
    const char *name;
    void (*change)(struct issue_world *world); /* NULL: nothing */
    void (*alter)(struct issue_world *world);
    enum vrx_reason reason;
} rows[] = {
    {"no application", NULL, without_application, VRX_APPLICATION_MISSING},
    {"application by another", kashiwa_applies, NULL, VRX_KEY_UNKNOWN},
    {"application forged", kashiwa_applies_as_sapporo, NULL, VRX_SIGNATURE_INVALID},
    {"application changed", NULL, with_another_name, VRX_SIGNATURE_INVALID},
    {"another kind", NULL, for_another_kind, VRX_INPUT_RANGE},
    {"application old", application_is_old, NULL, VRX_APPLICATION_EXPIRED},
    {"application of tomorrow", application_is_of_tomorrow, NULL, VRX_APPLICATION_EXPIRED},
    {"name in kana", name_is_kana, NULL, VRX_INPUT_TEXT},
    {"no evidence", NULL, without_evidence, VRX_EVIDENCE_MISSING},
    {"evidence cut", NULL, with_evidence_cut, VRX_INPUT_TRUNCATED},
    {"evidence by another", kashiwa_checks, NULL, VRX_KEY_UNKNOWN},
    {"evidence forged", kashiwa_checks_as_sapporo, NULL, VRX_SIGNATURE_INVALID},
    {"evidence of another person", evidence_is_of_another, NULL, VRX_EVIDENCE_SUBJECT},
    {"another evidence", evidence_has_another_id, NULL, VRX_EVIDENCE_SUBJECT},
    {"evidence for a mover", evidence_is_for_a_mover, NULL, VRX_EVIDENCE_SUBJECT},
    {"evidence of Kashiwa", evidence_is_of_kashiwa, NULL, VRX_EVIDENCE_SUBJECT},
    {"evidence of a proxy", evidence_is_a_proxy_s, NULL, VRX_EVIDENCE_METHOD},
    {"evidence without document", evidence_saw_nothing, NULL, VRX_EVIDENCE_METHOD},
    {"evidence stale", evidence_is_stale, NULL, VRX_EVIDENCE_STALE},
    {"evidence of tomorrow", evidence_is_of_tomorrow, NULL, VRX_EVIDENCE_STALE},
    {"no statement", NULL, without_statement, VRX_DOSE_UNPROVEN},
    {"statement by another", kashiwa_states, NULL, VRX_KEY_UNKNOWN},
    {"statement forged", kashiwa_states_as_sapporo, NULL, VRX_SIGNATURE_INVALID},
    {"statement for another application", statement_is_for_another, NULL, VRX_APPLICATION_MISSING},
    {"statement about another", statement_is_about_another, NULL, VRX_APPLICATION_MISSING},
    {"statement old", statement_is_old, NULL, VRX_DOSE_UNPROVEN},
    {"person protected", person_is_protected, NULL, VRX_DISCLOSURE_REFUSED},
    {"foreign dose", dose_is_foreign, NULL, VRX_DOSE_FOREIGN},
    {"checkpoint by another", kashiwa_signs_the_checkpoint, NULL, VRX_KEY_UNKNOWN},
    {"checkpoint of another ledger", checkpoint_is_kashiwa_s, NULL, VRX_DOSE_UNPROVEN},
    {"entry of a refused call", entry_records_a_refusal, NULL, VRX_DOSE_UNPROVEN},
    {"another dose", dose_is_not_the_recorded_one, NULL, VRX_DOSE_UNPROVEN},
    {"another salt", salt_is_another, NULL, VRX_DOSE_UNPROVEN},
    {"entry about another", entry_is_about_another, NULL, VRX_DOSE_UNPROVEN},
    {"no proof", proof_is_missing, NULL, VRX_DOSE_UNPROVEN},
    {"proof of another place", proof_is_of_another_place, NULL, VRX_DOSE_UNPROVEN},
    {"proof cut", proof_is_cut, NULL, VRX_DOSE_UNPROVEN},
    {"two doses on one day", two_doses_on_one_day, NULL, VRX_DOSE_INTERVAL},
    {"dose of the future", dose_is_of_the_future, NULL, VRX_DATE_IN_FUTURE},
};

static enum vrx_reason ask(const struct issuer_fixture *fixture) {
    struct vrx_arena arena;
    struct vrx_issue_reply reply;
    vrx_arena_init(&arena, 0);
    struct vrx_result result =
        vrx_issuer_call(fixture->socket, &fixture->world.request, &arena, &reply);
    const enum vrx_reason reason =
        vrx_is_ok(result) ? vrx_reason_from_value((unsigned)reply.reason) : result.reason;
    vrx_arena_done(&arena);
    return reason;
}

static void next_good_one_is_signed(
    struct issuer_fixture *fixture, const struct good *good, const char *after) {
    make_good(&fixture->world, good);
    world_renew(&fixture->world);
    world_record(&fixture->world);
    world_sign(&fixture->world);
    const enum vrx_reason reason = ask(fixture);
    if (reason != VRX_OK)
        fail_msg("after \"%s\": %s", after, vrx_reason_name(reason));
}

/* Lines of --list with this word. */
static size_t count_listed(const struct issuer_fixture *fixture, const char *word) {
    static char text[1 << 20];
    size_t count = 0;
    issuer_list(fixture, NULL, text, sizeof text);
    for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
        count++;
    return count;
}

static void every_refusal_and_the_next_good_one(void **state) {
    struct issuer_fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    struct good good;
    const size_t count = sizeof rows / sizeof *rows;
    keep(world, &good);
    issuer_start(fixture);
    for (size_t i = 0; i < count; i++) {
        world_renew(world);
        if (rows[i].change)
            rows[i].change(world);
        world_sign(world);
        if (rows[i].alter)
            rows[i].alter(world);
        const enum vrx_reason reason = ask(fixture);
        if (reason != rows[i].reason)
            fail_msg("%s: %s", rows[i].name, vrx_reason_name(reason));
        next_good_one_is_signed(fixture, &good, rows[i].name);
    }
    assert_int_equal(count_listed(fixture, " intent "), count);
    assert_int_equal(count_listed(fixture, " issued "), count);
    issuer_stop(fixture);
}

/* The application of a certificate that was issued, for another name. */
static void refusal_application_used(void **state) {
    struct issuer_fixture *fixture = *state;
    struct good good;
    keep(&fixture->world, &good);
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    fixture->world.application.given_name = vrx_view_text("TARO");
    world_sign(&fixture->world);
    issuer_expect(fixture, VRX_APPLICATION_USED);
    next_good_one_is_signed(fixture, &good, "application used");
    issuer_stop(fixture);
}

static void refusal_rate_exceeded_of_one_municipality(void **state) {
    struct issuer_fixture *fixture = *state;
    char *cap[] = {(char[]){"--hourly-cap"}, (char[]){"2"}};
    fixture->more[0] = cap[0];
    fixture->more[1] = cap[1];
    issuer_start(fixture);
    /* Where a clock hour begins meanwhile, the count begins anew. */
    int refused = 0;
    for (int i = 0; i < 5; i++) {
        const enum vrx_reason reason = ask(fixture);
        assert_true(reason == VRX_OK || reason == VRX_RATE_EXCEEDED);
        refused += reason == VRX_RATE_EXCEEDED;
        issuer_next_case(fixture);
    }
    assert_in_range(refused, 1, 3);
    assert_int_equal(count_listed(fixture, " intent "), 5 - refused);
    issuer_stop(fixture);
    fixture->more[0] = NULL;
    issuer_start(fixture);
    issuer_expect(fixture, VRX_OK);
    issuer_stop(fixture);
}

/* ---- the directory ---- */

static void entry_has_ended(struct issue_world *world) {
    world->entry[WORLD_SAPPORO].valid_until = world->now - 1;
}
static void entry_has_not_begun(struct issue_world *world) {
    world->entry[WORLD_SAPPORO].valid_from = world->now + 3600;
}
static void municipality_is_gone(struct issue_world *world) {
    world->entry[0] = world->entry[WORLD_KASHIWA];
    world->directory.entry_count = 1;
}
static void directory_has_ended(struct issue_world *world) {
    world->directory.expires = world->now - 1;
}

static void every_refusal_by_the_directory(void **state) {
    static const struct row directories[] = {
        {"entry ended", entry_has_ended, NULL, VRX_SENDER_NOT_CURRENT},
        {"entry not begun", entry_has_not_begun, NULL, VRX_SENDER_NOT_CURRENT},
        {"no entry", municipality_is_gone, NULL, VRX_SENDER_UNKNOWN},
        {"directory ended", directory_has_ended, NULL, VRX_DIRECTORY_EXPIRED},
    };
    struct issuer_fixture *fixture = *state;
    struct issue_world *world = &fixture->world;
    struct good good;
    keep(world, &good);
    issuer_start(fixture);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
        world_renew(world);
        world_sign(world);
        directories[i].change(world);
        world->directory.version++;
        issuer_write_directory(fixture);
        const enum vrx_reason reason = ask(fixture);
        if (reason != directories[i].reason)
            fail_msg("%s: %s", directories[i].name, vrx_reason_name(reason));
        make_good(world, &good);
        world->directory.version++;
        issuer_write_directory(fixture);
        next_good_one_is_signed(fixture, &good, directories[i].name);
    }
    issuer_stop(fixture);
}

/* ---- connections ---- */

/* A message of that length, of which so much is sent. */
static void malformed_oversized_and_half_sent(void **state) {
    static const struct {
        size_t said, sent;
        bool answered;
    } messages[] = {
        {VRX_LIMIT_ISSUER_REQUEST, VRX_LIMIT_ISSUER_REQUEST, true},
        {VRX_LIMIT_ISSUER_REQUEST + 1, VRX_LIMIT_ISSUER_REQUEST + 1, false},
        {VRX_LIMIT_ISSUER_REQUEST, VRX_LIMIT_ISSUER_REQUEST - 1, false},
        {UINT32_MAX, 100, false},
        {1, 1, true},
        {0, 0, true},
        {100, 50, false},
    };
    struct issuer_fixture *fixture = *state;
    struct good good;
    keep(&fixture->world, &good);
    issuer_start(fixture);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        uint8_t *bytes = calloc(1, 4 + messages[i].sent);
        assert_non_null(bytes);
        vrx_put_u32(bytes, (uint32_t)messages[i].said);
        memset(bytes + 4, 0xa5, messages[i].sent);
        const size_t got = issuer_send_raw(fixture, bytes, 4 + messages[i].sent);
        assert_int_equal(got > 0, messages[i].answered);
        free(bytes);
        next_good_one_is_signed(fixture, &good, "a message");
    }
    issuer_stop(fixture);
}

static void send_all(int fd, struct vrx_view bytes) {
    while (bytes.len) {
        const ssize_t put = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        assert_true(put > 0);
        bytes = vrx_view_slice(bytes, (size_t)put, bytes.len);
    }
}

/* Others are served while a request comes in bit by bit, and it is served then. */
static void slow_peer_keeps_nobody_waiting(void **state) {
    struct issuer_fixture *fixture = *state;
    struct good good;
    struct vrx_buffer frame = {0};
    struct vrx_buffer reply = {0};
    keep(&fixture->world, &good);
    issuer_start(fixture);
    issuer_frame(fixture, &frame);
    const struct vrx_view bytes = vrx_buffer_view(&frame);
    const int slow = issuer_dial(fixture);
    const size_t step = bytes.len / 5;
    for (size_t at = 0; at < bytes.len; at += step) {
        next_good_one_is_signed(fixture, &good, "a part of a slow request");
        send_all(slow, vrx_view_slice(bytes, at, step));
    }
    assert_ok(vrx_frame_read(slow, vrx_frame_deadline(10000), &reply));
    assert_true(reply.len > 0);
    close(slow);
    vrx_buffer_done(&frame);
    vrx_buffer_done(&reply);
    issuer_stop(fixture);
}

/* Goes before the answer comes. */
static void peer_that_goes_is_forgotten(void **state) {
    struct issuer_fixture *fixture = *state;
    struct good good;
    struct vrx_buffer frame = {0};
    keep(&fixture->world, &good);
    issuer_start(fixture);
    issuer_frame(fixture, &frame);
    const int fd = issuer_dial(fixture);
    send_all(fd, vrx_buffer_view(&frame));
    close(fd);
    next_good_one_is_signed(fixture, &good, "a peer that went");
    assert_int_equal(count_listed(fixture, " issued "), 2);
    vrx_buffer_done(&frame);
    issuer_stop(fixture);
}

#define HELD 300 /* connections at once; more than the issuer keeps */
#define KNOCKS 3000

static void thousands_of_connections(void **state) {
    struct issuer_fixture *fixture = *state;
    struct good good;
    int held[HELD];
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_true(files.rlim_cur > HELD + 32);
    keep(&fixture->world, &good);
    issuer_start(fixture);
    for (int i = 0; i < KNOCKS; i++)
        close(issuer_dial(fixture));
    next_good_one_is_signed(fixture, &good, "thousands of knocks");
    for (size_t i = 0; i < HELD; i++) {
        held[i] = issuer_dial(fixture);
        if (i % 2)
            (void)send(held[i], "\0\0", 2, MSG_NOSIGNAL);
    }
    next_good_one_is_signed(fixture, &good, "silent connections");
    for (size_t i = 0; i < HELD; i++)
        close(held[i]);
    next_good_one_is_signed(fixture, &good, "connections that went");
    issuer_stop(fixture);
}

/* Of a user who may not ask: each is turned away at once, whatever it sends. */
static void refusal_so_peercred_by_the_hundred(void **state) {
    struct issuer_fixture *fixture = *state;
    struct good good;
    struct vrx_buffer frame = {0};
    if (geteuid() != 0) {
        print_message("needs root to become another user\n");
        skip();
    }
    keep(&fixture->world, &good);
    issuer_start(fixture);
    issuer_frame(fixture, &frame);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        int answered = setresuid(65534, 65534, 65534) != 0;
        for (int i = 0; i < 200 && !answered; i++)
            answered = issuer_send_raw(fixture, frame.ptr, frame.len) != 0;
        _exit(answered);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(count_listed(fixture, " intent "), 0);
    next_good_one_is_signed(fixture, &good, "strangers");
    vrx_buffer_done(&frame);
    issuer_stop(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, issuer_setup, issuer_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_refusal_and_the_next_good_one),
        TEST(refusal_application_used),
        TEST(refusal_rate_exceeded_of_one_municipality),
        TEST(every_refusal_by_the_directory),
        TEST(malformed_oversized_and_half_sent),
        TEST(slow_peer_keeps_nobody_waiting),
        TEST(peer_that_goes_is_forgotten),
        TEST(thousands_of_connections),
        TEST(refusal_so_peercred_by_the_hundred),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
